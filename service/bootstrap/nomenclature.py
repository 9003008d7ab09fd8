"""Names, sequences and the readers of variant files."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from service.domain.assembly import Assembly
from service.domain.sequence import AssemblyAlignment, SequenceRegions
from service.domain.variant import Variant
from service.knowledge.imports import Imports
from service.knowledge.repository import Knowledge, open_knowledge
from service.settings import Settings

if TYPE_CHECKING:
    from service.domain.assessment import FrequencyAssessment
    from service.raredisease.exome import ExomeReader
    from service.variants.case_reader import CaseReader
    from service.variants.describe import Describer
    from service.variants.liftover import Liftover
    from service.variants.reference import ReferenceSequence
    from service.variants.resolve import Lookup
    from service.variants.seqrepo import SeqRepoSequences


@dataclass(frozen=True, slots=True)
class NomenclatureRoom:
    """Reference, liftover and describer over one set of sequences; the alignment that liftover goes by."""

    reference: "ReferenceSequence"
    liftover: "Liftover"
    describer: "Describer"
    parse: Callable[..., Variant]
    alignment: AssemblyAlignment


def open_nomenclature(settings: Settings, knowledge: Knowledge) -> NomenclatureRoom:
    """Names from shipped sequence, or from the configured FASTA."""
    from service.variants.describe import Describer
    from service.variants.liftover import Liftover

    transcripts = knowledge.part("transcripts")
    sequences = _open_sequences(settings)
    reference = _open_reference(settings, transcripts.regions, sequences)
    alignment = open_alignment(settings, knowledge)
    liftover = Liftover(alignment, reference)
    if settings.uta_url:
        from service.variants.uta import UtaTranscripts

        transcripts.catalogue.sources = (UtaTranscripts(settings.uta_url),)
    describer = Describer(transcripts, reference, liftover, sequences.bases if sequences else None)

    def parse(text: str, lookup: "Lookup | None" = None, assembly: Assembly = Assembly.GRCH38) -> Variant:
        from service.variants.parse_notation import parse_notation
        from service.variants.resolve import Resolver, lift_or_raise

        resolver = Resolver(describer.models, reference, liftover, lookup)
        resolved = resolver.resolve(parse_notation(text), assembly).variant
        variant = lift_or_raise(liftover, resolved, Assembly.GRCH38)
        return describer.describe_variant(variant).variant

    return NomenclatureRoom(reference, liftover, describer, parse, alignment)


def open_alignment(settings: Settings, knowledge: Knowledge) -> AssemblyAlignment:
    """The shipped blocks between the assemblies, or those of the configured chain files."""
    shipped: AssemblyAlignment = knowledge.part("liftover")
    if not settings.chains:
        return shipped
    from service.variants.chain_file import with_chains

    return with_chains(shipped, settings.chains)


def with_chains_named(release: str, settings: Settings) -> str:
    """The release's name with the configured chains: `+chain37-` leads from GRCh37, `+chain38-` back, and
    `+chains-` names both in this order. What follows is the beginning of each file's SHA-256.
    """
    found = {
        source.removeprefix("GRCh"): hashlib.sha256(path.read_bytes()).hexdigest()[:6]
        for source, (_, path) in sorted(settings.chains.items())
    }
    if not found:
        return release
    which = "chains" if len(found) > 1 else f"chain{next(iter(found))}"
    return f"{release}+{which}-{'-'.join(found.values())}"


def _open_sequences(settings: Settings) -> "SeqRepoSequences | None":
    if settings.seqrepo is None:
        return None
    from service.variants.seqrepo import SeqRepoSequences

    return SeqRepoSequences(settings.seqrepo)


def _open_reference(
    settings: Settings, regions: SequenceRegions, sequences: "SeqRepoSequences | None"
) -> "ReferenceSequence":
    """Bases from SeqRepo, the configured or imported FASTA, and what is shipped, in this order."""
    from service.variants.reference import open_reference

    fasta = settings.reference_fasta or Imports(settings.imports).reference()
    return open_reference(regions, fasta, sequences.genome if sequences else None)


def open_reader(
    knowledge: Knowledge, nomenclature: NomenclatureRoom, *, every_gene: bool = False
) -> "CaseReader":
    """The streaming pass over the compiled screening index: disease genes, or every gene where asked for."""
    from service.variants.case_reader import CaseReader

    index = knowledge.part("screen")
    if nomenclature.alignment is not knowledge.part("liftover"):
        from service.knowledge.lifted_screen import under_alignment

        index = under_alignment(index, nomenclature.alignment)
    return CaseReader(
        index.of_every_gene() if every_gene else index, nomenclature.liftover, nomenclature.reference
    )


def open_exome_reader(
    knowledge: Knowledge,
    nomenclature: NomenclatureRoom,
    frequencies: "Callable[[Sequence[Variant]], FrequencyAssessment] | None" = None,
) -> "ExomeReader":
    """Candidates by gene, over the shipped models and assertions, and what frequency sources say."""
    from service.raredisease.exome import ExomeReader
    from service.variants.annotated import annotated

    catalogue = knowledge.part("transcripts").catalogue

    @lru_cache(maxsize=8192)
    def coding_bases(gene: str) -> int:
        models = catalogue.of_gene(gene)
        return sum(end - start for start, end in models[0].coding_exons) if models else 0

    def hgnc(gene: str) -> str | None:
        models = catalogue.of_gene(gene)
        return models[0].hgnc_id if models else None

    return ExomeReader(
        catalogue.near,
        nomenclature.describer.describe_variant,
        knowledge.part("assertions"),
        knowledge.part("diseases"),
        catalogue.genes(),
        coding_bases,
        frequencies,
        hgnc,
        annotated,
    )


def reference_bases(settings: Settings, assembly: Assembly) -> Callable[[str, int, int], str | None]:
    """Bases of an interbase interval, None where not all are known; opened with the first question."""

    @lru_cache(maxsize=1)
    def opened() -> "ReferenceSequence":
        regions = open_knowledge(settings.knowledge, settings.imports).part("transcripts").regions
        return _open_reference(settings, regions, _open_sequences(settings))

    def bases(chrom: str, start: int, end: int) -> str | None:
        found = opened().bases(assembly, chrom, start, end)
        return None if "N" in found else found

    return bases
