"""The store as the API uses it: keep Findings, record who saw them."""

from datetime import UTC, datetime

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from service.bootstrap import Genomeward
from service.domain.findings import Findings
from service.findings_document import archive_bytes
from service.store.audit import AuditLog, Entry
from service.store.results import Result, ResultStore
from service.store.sign_off import SignOffDesk


class Memory:
    """Results and audit in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.results = ResultStore(engine)
        self.desk = SignOffDesk.over(engine)
        self._audit = AuditLog(engine)

    def keep(self, genomeward: Genomeward, findings: Findings, actor: str) -> str:
        """Store Findings with the ids of their resources and who asked; the id of the DiagnosticReport."""
        identifiers: dict[str, list[str]] = {}
        for resource in genomeward.resources(findings).values():
            identifiers.setdefault(resource["resourceType"], []).append(resource["id"])
        report_id = identifiers["DiagnosticReport"][0]
        result = Result(
            id=report_id,
            subject=findings.subject,
            sample=findings.sample,
            created_at=datetime.fromisoformat(findings.generated_at),
            input_digest=findings.input_digest,
            knowledge_release=findings.knowledge_release,
            findings=archive_bytes(findings),
        )
        # Patients and requests are the EHR's own: their ids are not ours to answer for.
        ours = {k: v for k, v in identifiers.items() if k not in {"Patient", "ServiceRequest", "Specimen"}}
        entry = Entry(datetime.now(UTC), actor, "interpret", report_id, "success")
        self.results.add(result, ours, entry)
        return report_id

    def record(self, actor: str, action: str, target: str, outcome: str) -> None:
        """Append to the audit record."""
        self._audit.add(datetime.now(UTC), actor, action, target, outcome)

    def answers_queries(self) -> bool:
        """Whether the database answers."""
        try:
            with self._engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True
