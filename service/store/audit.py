"""The audit record: append only."""

from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from service.errors import StorageUnavailable
from service.store.tables import AuditEntry


class AuditLog:
    """Who did what, and what was asked of whom. Entries carry no genotype."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self,
        at: datetime,
        actor: str,
        action: str,
        target: str | None,
        outcome: str,
        detail: str | None = None,
    ) -> None:
        """Append one entry. Raises StorageUnavailable: an unrecorded access must not pass."""
        entry = AuditEntry(at=at, actor=actor, action=action, target=target, outcome=outcome, detail=detail)
        try:
            with Session(self._engine) as session:
                session.add(entry)
                session.commit()
        except SQLAlchemyError as error:
            raise StorageUnavailable(f"the audit record cannot be kept: {type(error).__name__}") from error

    def entries(self, target: str | None = None) -> list[AuditEntry]:
        """Entries in order, all or those about one target."""
        with Session(self._engine) as session:
            query = select(AuditEntry).order_by(col(AuditEntry.id))
            if target is not None:
                query = query.where(AuditEntry.target == target)
            return list(session.exec(query).all())
