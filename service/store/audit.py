"""The audit record: append only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from service.store.tables import AuditEntry
from service.store.trouble import storage_trouble


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the record."""

    at: datetime
    actor: str
    action: str
    target: str | None
    outcome: str
    detail: str | None = None

    def row(self) -> AuditEntry:
        """As it is stored."""
        return AuditEntry(
            at=self.at,
            actor=self.actor,
            action=self.action,
            target=self.target,
            outcome=self.outcome,
            detail=self.detail,
        )


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
        self.add_all([Entry(at, actor, action, target, outcome, detail)])

    def add_all(self, entries: Sequence[Entry]) -> None:
        """Append entries, all or none. Raises StorageUnavailable."""
        try:
            with Session(self._engine) as session:
                session.add_all([entry.row() for entry in entries])
                session.commit()
        except SQLAlchemyError as error:
            raise storage_trouble("the audit record cannot be kept", error) from error

    def entries(self, target: str | None = None) -> list[AuditEntry]:
        """Entries in order, all or those about one target."""
        with Session(self._engine) as session:
            query = select(AuditEntry).order_by(col(AuditEntry.id))
            if target is not None:
                query = query.where(AuditEntry.target == target)
            return list(session.exec(query).all())
