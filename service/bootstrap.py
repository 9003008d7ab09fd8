"""The composition root: Settings -> adapters -> one service."""

import dataclasses
import gc
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from service import __version__
from service.domain.assembly import Assembly
from service.domain.case import Case, CaseRequest
from service.domain.findings import Findings
from service.domain.release import UNSIGNED, ReleaseState
from service.domain.variant import Interval, MolecularDescription, Variant
from service.errors import GenomewardError, InvalidOption
from service.findings_document import document_bytes
from service.knowledge.guidance import overlays_in, release_with
from service.knowledge.imports import Imports
from service.knowledge.repository import Knowledge, open_knowledge
from service.pipeline import Interpreter
from service.settings import Settings

if TYPE_CHECKING:
    from service.domain.frequency_sources import Canary
    from service.domain.transcript import Transcript
    from service.fhir.identity import ResourceIds
    from service.frequency.federation import Federation
    from service.pgx.room import PharmacogenomicsRoom
    from service.ranked_case import VariantFile
    from service.raredisease.classifier import Classifier
    from service.raredisease.classify_lines import Named
    from service.raredisease.exome import ExomeReader
    from service.raredisease.room import RareDiseaseRoom
    from service.store.frequency_memory import FrequencyMemory
    from service.variants.case_reader import CaseReader
    from service.variants.describe import Describer
    from service.variants.liftover import Liftover
    from service.variants.reference import ReferenceSequence
    from service.variants.resolve import Lookup


def now() -> datetime:
    """The clock of the service."""
    return datetime.now(UTC)


def today() -> date:
    """The day that medications are judged by."""
    return datetime.now(UTC).date()


def with_nodes(settings: Settings, nodes: str | None) -> Settings:
    """Settings with another nodes.toml, whose answers stay apart from those of the configured nodes."""
    if nodes is None:
        return settings
    return dataclasses.replace(settings, nodes=Path(nodes), share_answers=False)


def prepare_knowledge(settings: Settings) -> str:
    """Build the knowledge base where it is missing; its release."""
    return open_knowledge(settings.knowledge, settings.imports).release


@dataclass(frozen=True, slots=True)
class NomenclatureRoom:
    """Reference, liftover and describer over one set of sequences."""

    reference: "ReferenceSequence"
    liftover: "Liftover"
    describer: "Describer"
    parse: Callable[..., Variant]


def open_nomenclature(settings: Settings, knowledge: Knowledge) -> NomenclatureRoom:
    """Names from shipped sequence, or from the configured FASTA."""
    from service.variants.describe import Describer
    from service.variants.liftover import Liftover
    from service.variants.reference import open_reference

    transcripts = knowledge.part("transcripts")
    fasta = settings.reference_fasta or Imports(settings.imports).reference()
    reference = open_reference(transcripts.regions, fasta)
    liftover = Liftover(knowledge.part("liftover"), reference)
    describer = Describer(transcripts, reference, liftover)

    def parse(text: str, lookup: "Lookup | None" = None, assembly: Assembly = Assembly.GRCH38) -> Variant:
        from service.variants.notation import parse_notation
        from service.variants.resolve import Resolver, lift_or_raise

        resolver = Resolver(describer.models, reference, liftover, lookup)
        resolved = resolver.resolve(parse_notation(text), assembly).variant
        variant = lift_or_raise(liftover, resolved, Assembly.GRCH38)
        return describer.describe_variant(variant).variant

    return NomenclatureRoom(reference, liftover, describer, parse)


def open_reader(knowledge: Knowledge, nomenclature: NomenclatureRoom) -> "CaseReader":
    """The streaming pass over the compiled screening index."""
    from service.variants.case_reader import CaseReader

    return CaseReader(knowledge.part("screen"), nomenclature.liftover, nomenclature.reference)


def open_pharmacogenomics(settings: Settings, knowledge: Knowledge) -> "PharmacogenomicsRoom":
    """The pharmacogene definitions and the guidance, a hospital's imported guidance included."""
    from service.pgx.call import PharmacogeneCaller
    from service.pgx.room import PharmacogenomicsRoom

    definitions = knowledge.part("pharmacogenes")
    return PharmacogenomicsRoom(
        PharmacogeneCaller(definitions),
        definitions,
        knowledge.part("guidance", overlays=overlays_in(settings.state)),
        knowledge.part("phenoconversion"),
        today,
    )


def open_rare_disease(knowledge: Knowledge, nomenclature: NomenclatureRoom) -> "RareDiseaseRoom":
    """Published assertions and gene-disease knowledge."""
    from service.knowledge.gene_regions import coding_intervals
    from service.raredisease.phenotype_genes import PhenotypeMatch, match_phenotypes
    from service.raredisease.phenotype_ranking import PhenotypeRanker
    from service.raredisease.room import RareDiseaseRoom

    def coding(gene: str, assembly: Assembly) -> Sequence[Interval]:
        return coding_intervals(
            knowledge.part("transcripts").catalogue, knowledge.part("liftover"), gene, assembly
        )

    @lru_cache(maxsize=1)
    def ranker() -> PhenotypeRanker:
        return PhenotypeRanker(knowledge.part("ontology"))

    def phenotypes(observed: Sequence[str], excluded: Sequence[str]) -> PhenotypeMatch:
        return match_phenotypes(ranker(), observed, excluded)

    classifier = open_classifier(knowledge, nomenclature)
    return RareDiseaseRoom(
        knowledge.part("assertions"), knowledge.part("diseases"), coding, phenotypes, classifier
    )


@dataclass(frozen=True, slots=True)
class TranscriptSequences:
    """Transcript models and proteins, as the classifier asks for them."""

    describer: "Describer"

    def transcript(self, description: MolecularDescription) -> "Transcript | None":
        """The model that a description rests on; mitochondrial genes have one without accession."""
        catalogue = self.describer.models.catalogue
        if description.transcript:
            return catalogue.get(description.transcript)
        if description.variant.chrom == "MT" and description.gene:
            return next(iter(catalogue.of_gene(description.gene)), None)
        return None

    def protein(self, transcript: "Transcript") -> str | None:
        """Amino acids in one-letter code; None where the sequence is not configured."""
        coding = self.describer.models.coding(transcript)
        return None if coding is None else coding.residues.rstrip("*")


def open_classifier(
    knowledge: Knowledge,
    nomenclature: NomenclatureRoom,
    *,
    scheme: str = "points",
    likely_benign_at: int = -2,
) -> "Classifier":
    """ACMG/AMP classification over knowledge, models and the BA1 exception list."""
    from service.frequency.criteria import exception_of
    from service.frequency.statistics import filtering_allele_frequency
    from service.raredisease.classifier import Classifier
    from service.raredisease.combine import Scheme

    exceptions = knowledge.part("frequency").ba1_exceptions

    def excepted(variant: Variant) -> str | None:
        entry = exception_of(variant, exceptions)
        return None if entry is None else f"{entry.gene} {entry.hgvs}"

    return Classifier(
        knowledge.part("diseases"),
        knowledge.part("assertions"),
        TranscriptSequences(nomenclature.describer),
        filtering_allele_frequency,
        excepted,
        Scheme(scheme, likely_benign_at),
    )


def open_frequency_memory(settings: Settings) -> "FrequencyMemory":
    """Audit record and shared answers of frequency questions; the database opens with the first question."""
    from service.store.frequency_memory import FrequencyMemory

    url = settings.database_url or f"sqlite:///{settings.state / 'genomeward.sqlite'}"
    return FrequencyMemory(url, settings.id_key, share=settings.share_answers)


def open_frequencies(
    settings: Settings, knowledge: Knowledge, nomenclature: NomenclatureRoom, memory: "FrequencyMemory"
) -> "Federation":
    """The configured nodes: those of nodes.toml, else what the knowledge base carries as snapshots."""
    from service.frequency.federation import FederationConfig, build_federation
    from service.frequency.nodes import load_gnomad, load_nodes

    shipped = knowledge.part("frequency")
    # The bundled entries are local snapshots: their addresses are the demo's and are not asked.
    bundled = tuple(dataclasses.replace(node, url="") for node in shipped.nodes if node.snapshot)
    config = FederationConfig(
        nodes=bundled if settings.nodes is None else load_nodes(settings.nodes, settings.node_secrets),
        gnomad=None if settings.nodes is None else load_gnomad(settings.nodes),
        canaries=shipped.canaries,
        ba1_exceptions=shipped.ba1_exceptions,
        synced=settings.state / "synced",
        deadline_s=settings.frequency_deadline_s,
    )

    def lifted(variant: Variant, assembly: Assembly) -> Variant | None:
        found = nomenclature.liftover.lift(variant, assembly)
        return found if isinstance(found, Variant) else None

    return build_federation(
        config, liftover=lifted, audit=memory.questions.add, shared_answers=memory.answers
    )


def rank_phenopackets(
    settings: Settings,
    inputs: Iterable[tuple[str, bytes | GenomewardError]],
    file: "VariantFile | None" = None,
) -> Iterator[dict[str, Any]]:
    """One ranking per phenopacket, in order, errors in place; by the variants of a file or packet too."""
    from service.ranked_case import PatientReader
    from service.raredisease.phenotype_ranking import PhenotypeRanker
    from service.raredisease.rank_lines import rank_lines

    knowledge = open_knowledge(settings.knowledge, settings.imports)
    nomenclature = lru_cache(1)(partial(open_nomenclature, settings, knowledge))

    def resolve(text: str, assembly: Assembly) -> Variant:
        return nomenclature().parse(text, assembly=assembly)

    patients = PatientReader(
        lru_cache(1)(lambda: open_exome_reader(knowledge, nomenclature())),
        lambda path, request: open_reader(knowledge, nomenclature()).read(path, request),
        resolve,
        file,
    )
    return rank_lines(inputs, PhenotypeRanker(knowledge.part("ontology")), patients)


def open_exome_reader(knowledge: Knowledge, nomenclature: NomenclatureRoom) -> "ExomeReader":
    """Candidates by disease gene, over the shipped models and assertions."""
    from service.raredisease.exome import ExomeReader

    ontology, catalogue = knowledge.part("ontology"), knowledge.part("transcripts").catalogue
    genes = frozenset(ontology.genes[n] for n in range(len(ontology.genes)))

    @lru_cache(maxsize=8192)
    def coding_bases(gene: str) -> int:
        models = catalogue.of_gene(gene)
        return sum(end - start for start, end in models[0].coding_exons) if models else 0

    return ExomeReader(
        catalogue.near,
        nomenclature.describer.describe_variant,
        knowledge.part("assertions"),
        knowledge.part("diseases"),
        genes,
        coding_bases,
    )


def reference_bases(settings: Settings, assembly: Assembly) -> Callable[[str, int, int], str | None]:
    """Bases of an interbase interval, None where not all are known; opened with the first question."""

    @lru_cache(maxsize=1)
    def opened() -> "ReferenceSequence":
        from service.variants.reference import open_reference

        regions = open_knowledge(settings.knowledge, settings.imports).part("transcripts").regions
        return open_reference(regions, settings.reference_fasta if assembly is Assembly.GRCH38 else None)

    def bases(chrom: str, start: int, end: int) -> str | None:
        found = opened().bases(assembly, chrom, start, end)
        return None if "N" in found else found

    return bases


def shipped_canaries(settings: Settings) -> "tuple[Canary, ...]":
    """Known variants that nodes are tried with."""
    canaries: tuple[Canary, ...] = (
        open_knowledge(settings.knowledge, settings.imports).part("frequency").canaries
    )
    return canaries


class Genomeward:
    """The service: files or FHIR in, Findings out, and every projection of them. Close it, or use `with`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._knowledge = open_knowledge(settings.knowledge, settings.imports)
        self._release = release_with(self._knowledge.release, overlays_in(settings.state))
        self._nomenclature = open_nomenclature(settings, self._knowledge)
        memory = open_frequency_memory(settings)
        self._frequencies = open_frequencies(settings, self._knowledge, self._nomenclature, memory)
        self._interpreter = Interpreter(
            nomenclature=self._nomenclature.describer,
            pharmacogenomics=open_pharmacogenomics(settings, self._knowledge),
            frequencies=self._frequencies,
            disease=open_rare_disease(self._knowledge, self._nomenclature),
            knowledge_release=self._release,
            clock=now,
        )
        self._reader = open_reader(self._knowledge, self._nomenclature)
        self._close: list[Callable[[], None]] = [self._frequencies.close, memory.close]
        self._projections: dict[str, Callable[[Findings, ReleaseState], bytes]] = {
            "findings": _document,
            "bundle": self._bundle,
            "report": self._report,
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop every connection and thread."""
        for close in self._close:
            close()

    @property
    def knowledge_release(self) -> str:
        """The exact knowledge release that answers rest on, imported guidance included."""
        return self._release

    @property
    def environment(self) -> tuple[str, ...]:
        """What a result depends on beside its input: service, knowledge, sources, and what the page says."""
        settings = self._settings
        files = [
            *([settings.nodes] if settings.nodes else ()),
            *sorted((settings.state / "guidance").glob("*.json")),
            *sorted((settings.state / "synced").glob("*/manifest.json")),
        ]
        local = hashlib.sha256()
        for path in files:
            local.update(hashlib.sha256(path.read_bytes()).digest())
        fasta = settings.reference_fasta
        return (
            __version__,
            self._knowledge.release,
            local.hexdigest(),
            f"{fasta.name} {fasta.stat().st_size}" if fasta else "shipped sequence",
            settings.regulatory_status,
            settings.laboratory,
        )

    def interpret_path(self, path: Path, request: CaseRequest) -> Findings:
        """Findings of one variant file."""
        return self.interpret(self._reader.read(path, request))

    def interpret_stream(self, stream: BinaryIO, request: CaseRequest) -> Findings:
        """Findings of a variant file that comes as a stream."""
        return self.interpret(self._reader.read(stream, request))

    def interpret_fhir(self, body: bytes, options: Mapping[str, str]) -> Findings:
        """Findings of variants posted as FHIR resources; `options` as texts, before those in Parameters."""
        from service.fhir.inbound import read_inbound
        from service.posted_case import asked_in, case_of

        inbound = read_inbound(body)
        request = inbound.completing(asked_in(inbound, options))
        return self.interpret(case_of(inbound, request, self._nomenclature.parse))

    def describe_lines(self, inputs: Iterable[str], assembly: Assembly) -> Iterator[dict[str, Any]]:
        """One row per notation, in order, errors in place."""
        from service.variants.describe_lines import describe_lines

        return describe_lines(inputs, self._nomenclature.describer, assembly=assembly, lookup=self._known)

    def frequency_lines(self, inputs: Iterable[str]) -> Iterator[dict[str, Any]]:
        """What every source says of each notation, in order, errors in place."""
        from service.frequency.lines import frequency_lines

        return frequency_lines(
            inputs, self._frequencies, partial(self._nomenclature.parse, lookup=self._known)
        )

    def classify_lines(
        self, inputs: Iterable[str], *, scheme: str = "points", likely_benign_at: int = -2
    ) -> Iterator[dict[str, Any]]:
        """Class and criteria of each variant, in order, errors in place."""
        from service.raredisease.classify_lines import classify_lines

        classifier = open_classifier(
            self._knowledge, self._nomenclature, scheme=scheme, likely_benign_at=likely_benign_at
        )
        return classify_lines(inputs, classifier, self._named)

    def _named(self, text: str, assembly: Assembly, gene: str | None) -> "Named":
        """The description of a notation; what has no place on GRCh38 keeps a name without a transcript."""
        from service.raredisease.classify_lines import Named
        from service.raredisease.effect import BESIDE_CODING
        from service.variants.notation import parse_notation
        from service.variants.resolve import Resolver

        describer = self._nomenclature.describer
        resolver = Resolver(describer.models, describer.reference, self._nomenclature.liftover, self._known)
        resolved = resolver.resolve(parse_notation(text), assembly)
        named = describer.describe_variant(resolved.variant, gene or resolved.gene)
        if gene and named.consequence in BESIDE_CODING:
            # Beside one gene's coding sequence a variant may lie within another's: that one is judged.
            other = describer.describe_variant(resolved.variant)
            if other.gene != named.gene and other.consequence not in BESIDE_CODING:
                return Named(other, (f"judged in {other.gene}: beside the coding sequence of {gene}",))
        return Named(named)

    def watch_sources(self) -> None:
        """See the canaries of nodes that may be asked exactly, now and from time to time, until closed."""
        self._frequencies.watch()

    def sync_nodes(
        self,
        names: Sequence[str] = (),
        genes: Sequence[str] = (),
        *,
        again: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Fetch gene ranges of the named nodes, or of all: one row per node, failures in place."""
        from service.frequency.lines import sync_lines
        from service.knowledge.gene_ranges import gene_ranges

        ranges = gene_ranges(
            self._knowledge.part("pharmacogenes"),
            self._knowledge.part("diseases"),
            self._knowledge.part("transcripts").catalogue,
            self._knowledge.part("liftover"),
        )
        wanted = [gene for gene in ranges if not genes or gene.gene in genes]
        unknown = sorted(set(genes) - {gene.gene for gene in wanted})
        if unknown:
            raise InvalidOption(f"not genes of the knowledge base: {', '.join(unknown)}", where="--genes")
        return sync_lines(self._frequencies, names, wanted, again=again, progress=progress)

    def _known(self, kind: str, value: str) -> Sequence[Variant]:
        """Variants of an rsID or a ClinVar variation, from the knowledge base."""
        assertions = self._knowledge.part("assertions")
        if kind == "rsid":
            found = list(assertions.of_rsid(value))
        else:
            asserted = assertions.of_accession(f"VCV{int(value):09d}")
            found = [] if asserted is None else [asserted]
        sites = {
            Variant(Assembly.GRCH38, site.chrom, site.start, site.ref, alt)
            for definition in self._knowledge.part("pharmacogenes").values()
            for site in definition.sites
            if kind == "rsid" and site.rsid == value
            for alt in site.alts
        }
        return [
            *(Variant(Assembly.GRCH38, v.chrom, v.start, v.ref, v.alt) for v in found if v.start is not None),
            *sites,
        ]

    def interpret(self, case: Case) -> Findings:
        """Findings of a Case."""
        return self._interpreter.interpret(case)

    def project(self, output: str, findings: Findings, state: ReleaseState = UNSIGNED) -> bytes:
        """`bundle`, `findings` or `report` of the same Findings, as somebody signed them."""
        return self._projections[output](findings, state)

    def resources(
        self, findings: Findings, base_url: str | None = None, state: ReleaseState = UNSIGNED
    ) -> dict[str, dict[str, Any]]:
        """Every FHIR resource of the answer by `Type/id`: the DiagnosticReport first, the Bundle last.

        With the address of the FHIR endpoint references are relative to it, else they are `urn:uuid:`.
        """
        from service.fhir.bundle import resources_of

        return resources_of(findings, self._ids(findings, base_url), state=state)

    def report_id(self, findings: Findings) -> str:
        """Id of the answer's DiagnosticReport."""
        return next(iter(self.resources(findings))).partition("/")[2]

    def _ids(self, findings: Findings, base_url: str | None = None) -> "ResourceIds":
        from service.fhir.identity import ResourceIds

        return ResourceIds(
            self._settings.id_key,
            findings.subject,
            findings.question_digest,
            knowledge=findings.knowledge_release,
            base_url=base_url,
        )

    def _bundle(self, findings: Findings, state: ReleaseState) -> bytes:
        from service.fhir.bundle import bundle_bytes

        return bundle_bytes(findings, self._ids(findings), state=state)

    def _report(self, findings: Findings, state: ReleaseState) -> bytes:
        from service.report.html import render_html
        from service.report.status import Deployment, Laboratory, report_status

        status = report_status(
            state,
            deployment=Deployment(self._settings.regulatory_status),
            report_id=self.report_id(findings),
            laboratory=Laboratory(name=self._settings.laboratory),
        )
        return render_html(findings, status=status).encode()


def _document(findings: Findings, _state: ReleaseState) -> bytes:
    return document_bytes(findings)


def open_genomeward(settings: Settings) -> Genomeward:
    """The service with the adapters that the settings choose."""
    genomeward = Genomeward(settings)
    # What is loaded now stays: the garbage collector need not walk the knowledge for every answer.
    gc.freeze()
    return genomeward
