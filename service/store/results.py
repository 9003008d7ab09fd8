"""Results: written once, amended by a new one that names the old, deleted by retention or on request."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

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
    """A stored interpretation. `findings` is the archive form; `replaced_by` names an amendment.

    `version` counts from 1 and stays when earlier versions are deleted; `released_before` says that one of
    these was released.
    """

    id: str
    subject: str
    sample: str
    created_at: datetime
    input_digest: str
    knowledge_release: str
    findings: bytes
    replaces: str | None = None
    replaced_by: str | None = None
    version: int = 1
    released_before: bool = False


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
                one_at_a_time(session, _chain(result.subject, result.sample))
                if recorded is not None:
                    session.add(recorded.row())
                if (known := session.get(StoredResult, result.id)) is not None:
                    session.commit()
                    return _result(known, None)
                newer = aliased(StoredResult)
                newest = session.exec(
                    select(StoredResult.id, StoredResult.version)
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
                    replaces=newest[0] if newest else None,
                    version=newest[1] + 1 if newest else 1,
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
        self._delete([result_id])

    def expire(self, keep: timedelta, now: datetime) -> int:
        """Delete what is older than `keep`; how many there were. Later versions keep their number."""
        try:
            with Session(self._engine) as session:
                ids = session.exec(
                    select(StoredResult.id).where(col(StoredResult.created_at) < now - keep)
                ).all()
        except SQLAlchemyError as error:
            raise storage_trouble("the database did not answer", error) from error
        return self._delete(list(ids))

    def _delete(self, ids: list[str]) -> int:
        """Delete results, each in a transaction of its own that nobody adds a version beside; how many."""
        deleted = 0
        try:
            for result_id in ids:
                with Session(self._engine) as session:
                    deleted += _delete_one(session, result_id)
                    session.commit()
        except SQLAlchemyError as error:
            done = f"{deleted} of {len(ids)} were deleted" if deleted else "nothing was deleted"
            raise storage_trouble(done, error) from error
        return deleted


def _chain(subject: str, sample: str) -> str:
    """What the versions of one sample are added and deleted under, one at a time."""
    return f"{subject}\n{sample}"


def _delete_one(session: Session, result_id: str) -> bool:
    """Delete one version; what replaced it now replaces the one before it, and knows of its release."""
    with Session(session.get_bind()) as before:
        known = before.get(StoredResult, result_id)
    if known is None:
        return False  # deleted by another meanwhile
    one_at_a_time(session, _chain(known.subject, known.sample))
    gone = session.get(StoredResult, result_id)
    if gone is None:
        return False
    following: dict[str, Any] = {"replaces": gone.replaces}
    if gone.released_before or session.get(StoredRelease, result_id) is not None:
        following["released_before"] = True
    session.exec(update(StoredResult).where(col(StoredResult.replaces) == result_id).values(following))
    session.exec(delete(StoredRelease).where(col(StoredRelease.result_id) == result_id))
    session.exec(delete(StoredResource).where(col(StoredResource.result_id) == result_id))
    session.exec(delete(StoredResult).where(col(StoredResult.id) == result_id))
    return True


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
        row.version,
        row.released_before,
    )
