"""Signatures under results: one a version, never changed."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlmodel import Session

from service.errors import UnsupportedOperation
from service.store.tables import StoredRelease
from service.store.trouble import storage_trouble


@dataclass(frozen=True, slots=True)
class StoredSignature:
    """Name and role as given, when it was signed, and what changed since the version before."""

    name: str
    role: str
    at: datetime
    reason: str | None = None


class ReleaseStore:
    """Signatures in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, result_id: str, signature: StoredSignature) -> None:
        """Keep a signature. Raises UnsupportedOperation when the version is signed already."""
        row = StoredRelease(
            result_id=result_id,
            name=signature.name,
            role=signature.role,
            at=signature.at,
            reason=signature.reason,
        )
        try:
            with Session(self._engine) as session:
                session.add(row)
                session.commit()
        except IntegrityError as error:
            raise UnsupportedOperation(
                "this version is released already; a change is a new version", where="release"
            ) from error
        except SQLAlchemyError as error:
            raise storage_trouble("the release could not be stored", error) from error

    def of(self, result_id: str) -> StoredSignature | None:
        """The signature under a result; None while it is preliminary."""
        try:
            with Session(self._engine) as session:
                row = session.get(StoredRelease, result_id)
        except SQLAlchemyError as error:
            raise storage_trouble("the database did not answer", error) from error
        if row is None:
            return None
        at = row.at if row.at.tzinfo else row.at.replace(tzinfo=UTC)
        return StoredSignature(row.name, row.role, at, row.reason)
