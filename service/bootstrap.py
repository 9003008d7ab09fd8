"""The composition root: Settings -> adapters -> one service."""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from service import __version__
from service.domain.case import Case, CaseRequest
from service.domain.findings import Findings
from service.findings_document import document_bytes
from service.knowledge.repository import Knowledge, open_knowledge
from service.pipeline import Interpreter
from service.settings import Settings

if TYPE_CHECKING:
    from service.fhir.identity import ResourceIds


def now() -> datetime:
    """The clock of the service."""
    return datetime.now(UTC)


def today() -> date:
    """The day that medications are judged by."""
    return datetime.now(UTC).date()


def with_nodes(settings: Settings, nodes: str | None) -> Settings:
    """Settings with another nodes.toml."""
    return settings if nodes is None else dataclasses.replace(settings, nodes=Path(nodes))


def prepare_knowledge(settings: Settings) -> str:
    """Build the knowledge base where it is missing; its release."""
    return open_knowledge(settings.knowledge).release


class Genomeward:
    """The service: files or FHIR in, Findings out, and every projection of them. Close it, or use `with`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._knowledge = open_knowledge(settings.knowledge)
        self._nomenclature = open_nomenclature(settings, self._knowledge)
        self._frequencies = open_frequencies(settings, self._knowledge, self._nomenclature)
        self._interpreter = Interpreter(
            nomenclature=self._nomenclature.describer,
            pharmacogenomics=open_pharmacogenomics(settings, self._knowledge),
            frequencies=self._frequencies,
            disease=open_rare_disease(self._knowledge),
            knowledge_release=self._knowledge.release,
            clock=now,
        )
        self._reader = open_reader(self._knowledge, self._nomenclature)
        self._close: list[Callable[[], None]] = [self._frequencies.close]
        self._projections: dict[str, Callable[[Findings], bytes]] = {
            "findings": document_bytes,
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
        """The exact knowledge release that answers rest on."""
        return self._knowledge.release

    @property
    def environment(self) -> tuple[str, ...]:
        """What a result depends on beside its input: service, knowledge, sources."""
        return (__version__, self._knowledge.release, self._frequencies.fingerprint)

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

    def interpret(self, case: Case) -> Findings:
        """Findings of a Case."""
        return self._interpreter.interpret(case)

    def project(self, output: str, findings: Findings) -> bytes:
        """`bundle`, `findings` or `report` of the same Findings."""
        return self._projections[output](findings)

    def resources(self, findings: Findings, base_url: str | None = None) -> dict[str, dict[str, Any]]:
        """Every FHIR resource of the answer by `Type/id`: the DiagnosticReport first, the Bundle last.

        With the address of the FHIR endpoint, references are relative to it; without one they are `urn:uuid:`.
        """
        from service.fhir.bundle import resources_of

        return resources_of(findings, self._ids(findings, base_url))

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

    def _bundle(self, findings: Findings) -> bytes:
        from service.fhir.bundle import bundle_bytes

        return bundle_bytes(findings, self._ids(findings))

    def _report(self, findings: Findings) -> bytes:
        from service.report.html import render_html
        from service.report.status import Deployment, Laboratory, ReportStatus

        status = ReportStatus(
            deployment=Deployment(self._settings.regulatory_status),
            report_id=self.report_id(findings),
            laboratory=Laboratory(name=self._settings.laboratory),
        )
        return render_html(findings, status=status).encode()


def open_genomeward(settings: Settings) -> Genomeward:
    """The service with the adapters that the settings choose."""
    return Genomeward(settings)
