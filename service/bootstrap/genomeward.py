"""The one service over the adapters that the settings choose."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from service.bootstrap.disease import open_classifier, open_rare_disease
from service.bootstrap.environment import environment_of
from service.bootstrap.frequency import open_frequencies, open_frequency_memory
from service.bootstrap.nomenclature import open_nomenclature, open_reader, with_chains_named
from service.bootstrap.pharmacogenomics import open_pharmacogenomics
from service.domain.assembly import Assembly
from service.domain.case import Case, CaseRequest
from service.domain.findings import Findings
from service.domain.release import UNSIGNED, ReleaseState
from service.domain.variant import Variant
from service.errors import InvalidOption
from service.findings_document import document_bytes
from service.knowledge.guidance import overlays_in, release_with
from service.knowledge.repository import open_knowledge
from service.pipeline import Interpreter
from service.settings import Settings

if TYPE_CHECKING:
    from service.fhir.identity import ResourceIds


def now() -> datetime:
    """The clock of the service."""
    return datetime.now(UTC)


class Genomeward:
    """The service: files or FHIR in, Findings out, and every projection of them. Close it, or use `with`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._knowledge = open_knowledge(settings.knowledge, settings.imports)
        self._nomenclature = open_nomenclature(settings, self._knowledge)
        self._release = with_chains_named(
            release_with(self._knowledge.release, overlays_in(settings.state)), settings
        )
        memory = open_frequency_memory(settings)
        self._frequencies = open_frequencies(settings, self._knowledge, self._nomenclature, memory)
        self._interpreter = Interpreter(
            nomenclature=self._nomenclature.describer,
            pharmacogenomics=open_pharmacogenomics(settings, self._knowledge),
            frequencies=self._frequencies,
            disease=open_rare_disease(self._knowledge, self._nomenclature, settings.score_names),
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
        """The exact knowledge release of the answers, imported guidance and configured chains included."""
        return self._release

    @property
    def environment(self) -> tuple[str, ...]:
        """What a result depends on beside its input: service, knowledge, sources, and what the page says."""
        return environment_of(self._settings, self._knowledge.release)

    def interpret_path(self, path: Path, request: CaseRequest) -> Findings:
        """Findings of one variant file."""
        return self.interpret(self._with_criteria(self._reader.read(path, request), request))

    def interpret_stream(self, stream: BinaryIO, request: CaseRequest) -> Findings:
        """Findings of a variant file that comes as a stream."""
        return self.interpret(self._with_criteria(self._reader.read(stream, request), request))

    def interpret_fhir(self, body: bytes, options: Mapping[str, str]) -> Findings:
        """Findings of variants posted as FHIR resources; `options` as texts, before those in Parameters."""
        from service.fhir.inbound import read_inbound
        from service.posted_case import asked_in, case_of

        inbound = read_inbound(body)
        request = inbound.completing(asked_in(inbound, options))
        case = case_of(inbound, request, self._nomenclature.parse)
        return self.interpret(self._with_criteria(case, request))

    def _with_criteria(self, case: Case, request: CaseRequest) -> Case:
        """The case with what people applied to its variants."""
        from service.raredisease.attached_criteria import attach_criteria

        def place(text: str, assembly: Assembly) -> Variant:
            return self._nomenclature.parse(text, lookup=self._known, assembly=assembly)

        return attach_criteria(case, request.criteria, place)

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
        from service.bootstrap.naming import naming
        from service.raredisease.classify_lines import classify_lines

        classifier = open_classifier(
            self._knowledge, self._nomenclature, scheme=scheme, likely_benign_at=likely_benign_at
        )
        return classify_lines(inputs, classifier, naming(self._nomenclature, self._known))

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
            self._nomenclature.alignment,
        )
        wanted = [gene for gene in ranges if not genes or gene.gene in genes]
        unknown = sorted(set(genes) - {gene.gene for gene in wanted})
        if unknown:
            raise InvalidOption(f"not genes of the knowledge base: {', '.join(unknown)}", where="--genes")
        return sync_lines(self._frequencies, names, wanted, again=again, progress=progress)

    def _known(self, kind: str, value: str) -> Sequence[Variant]:
        """Variants of an rsID or a ClinVar variation, from the knowledge base."""
        from service.bootstrap.known_variants import known_variants

        genes = self._knowledge.part("pharmacogenes").values()
        return known_variants(kind, value, self._knowledge.part("assertions"), genes)

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
