"""Results: written once, amended by a new one that names the old, deleted by retention or on request."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, exists
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, delete, select, update

from service.errors import NotFound
from service.store.audit import Entry
from service.store.database import one_at_a_time
from service.store.tables import StoredRelease, StoredResource, StoredResult
from service.store.trouble import storage_trouble


@dataclass(frozen=True, slots=True)
class Result:
    """A stored interpretation. `findings` is the archive form; `replaced_by` names an amendment."""

    id: str
    subject: str
    sample: str
    created_at: datetime
    input_digest: str
    knowledge_release: str
    findings: bytes
    replaces: str | None = None
    replaced_by: str | None = None


class ResultStore:
    """Results in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self, result: Result, resources: Mapping[str, Iterable[str]], recorded: Entry | None = None
    ) -> Result:
        """Keep a result, the ids of its resources by type, and the audit entry of its making: all or nothing.

        The same id again keeps the first. An earlier result of the same subject and sample stays as it is and
        is named in `replaces`; results of one sample are added one after another, so that each is replaced
        by at most one.
        """
        try:
            with Session(self._engine) as session:
                one_at_a_time(session, f"{result.subject}\n{result.sample}")
                if recorded is not None:
                    session.add(recorded.row())
                if (known := session.get(StoredResult, result.id)) is not None:
                    session.commit()
                    return _result(known, None)
                newer = aliased(StoredResult)
                newest = session.exec(
                    select(StoredResult.id)
                    .where(StoredResult.subject == result.subject, StoredResult.sample == result.sample)
                    .where(~exists().where(col(newer.replaces) == StoredResult.id))
                    .order_by(col(StoredResult.created_at).desc(), col(StoredResult.id))
                ).first()
                row = StoredResult(
                    id=result.id,
                    subject=result.subject,
                    sample=result.sample,
                    created_at=result.created_at,
                    input_digest=result.input_digest,
                    knowledge_release=result.knowledge_release,
                    replaces=newest,
                    findings=result.findings,
                )
                session.add(row)
                session.flush()
                session.add_all(
                    StoredResource(resource_type=kind, id=identifier, result_id=result.id)
                    for kind, identifiers in resources.items()
                    for identifier in identifiers
                )
                session.commit()
                return _result(row, None)
        except SQLAlchemyError as error:
            raise storage_trouble("the result could not be stored", error) from error

    def get(self, result_id: str) -> Result:
        """A result by its id. Raises NotFound."""
        try:
            with Session(self._engine) as session:
                row = session.get(StoredResult, result_id)
                if row is None:
                    raise NotFound("no result with this id is stored")
                newer = session.exec(
                    select(StoredResult.id).where(StoredResult.replaces == result_id)
                ).first()
                return _result(row, newer)
        except SQLAlchemyError as error:
            raise storage_trouble("the database did not answer", error) from error

    def find(self, result_id: str) -> Result | None:
        """A result by its id; None where it was deleted or never stored."""
        try:
            return self.get(result_id)
        except NotFound:
            return None

    def owner(self, resource_type: str, resource_id: str) -> Result:
        """The result that a FHIR resource belongs to. Raises NotFound."""
        try:
            with Session(self._engine) as session:
                found = session.get(StoredResource, (resource_type, resource_id))
        except SQLAlchemyError as error:
            raise storage_trouble("the database did not answer", error) from error
        if found is None:
            raise NotFound(f"no {resource_type} with this id is stored")
        return self.get(found.result_id)

    def of_subject(self, subject: str) -> list[Result]:
        """All results of a subject, newest first; empty when none is stored."""
        try:
            with Session(self._engine) as session:
                rows = session.exec(
                    select(StoredResult)
                    .where(StoredResult.subject == subject)
                    .order_by(col(StoredResult.created_at).desc(), col(StoredResult.id))
                ).all()
                replaced = {row.replaces: row.id for row in rows if row.replaces}
                return [_result(row, replaced.get(row.id)) for row in rows]
        except SQLAlchemyError as error:
            raise storage_trouble("the database did not answer", error) from error

    def delete_subject(self, subject: str) -> int:
        """Delete every result of a subject; how many there were."""
        return self._delete([result.id for result in self.of_subject(subject)])

    def delete(self, result_id: str) -> None:
        """Delete one result; what replaced it replaces the one before. Raises NotFound."""
        self.get(result_id)
        self._delete([result_id], joining=True)

    def expire(self, keep: timedelta, now: datetime) -> int:
        """Delete what is older than `keep`; how many there were."""
        try:
            with Session(self._engine) as session:
                ids = session.exec(
                    select(StoredResult.id).where(col(StoredResult.created_at) < now - keep)
                ).all()
        except SQLAlchemyError as error:
            raise storage_trouble("the database did not answer", error) from error
        return self._delete(list(ids))

    def _delete(self, ids: list[str], *, joining: bool = False) -> int:
        try:
            with Session(self._engine) as session:
                if joining:
                    _join_around(session, ids[0])
                session.exec(delete(StoredRelease).where(col(StoredRelease.result_id).in_(ids)))
                session.exec(delete(StoredResource).where(col(StoredResource.result_id).in_(ids)))
                session.exec(delete(StoredResult).where(col(StoredResult.id).in_(ids)))
                session.commit()
        except SQLAlchemyError as error:
            raise storage_trouble("nothing was deleted", error) from error
        return len(ids)


def _join_around(session: Session, gone: str) -> None:
    """What replaced a version now replaces the one before it."""
    before = session.exec(select(StoredResult.replaces).where(StoredResult.id == gone)).first()
    session.exec(update(StoredResult).where(col(StoredResult.replaces) == gone).values(replaces=before))


def _result(row: StoredResult, replaced_by: str | None) -> Result:
    created = row.created_at if row.created_at.tzinfo else row.created_at.replace(tzinfo=UTC)
    return Result(
        row.id,
        row.subject,
        row.sample,
        created,
        row.input_digest,
        row.knowledge_release,
        row.findings,
        row.replaces,
        replaced_by,
    )
