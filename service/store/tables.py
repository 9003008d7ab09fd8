"""The tables. Genomic content is in one opaque column; keys are ids, never names."""

from datetime import datetime

from sqlalchemy import Column, DateTime, LargeBinary
from sqlmodel import Field, SQLModel


class StoredResult(SQLModel, table=True):
    """One interpretation, never changed once written. An amendment is a new row that names the old."""

    __tablename__ = "result"

    id: str = Field(primary_key=True, max_length=64)
    subject: str = Field(index=True, max_length=256)
    sample: str = Field(max_length=256)
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
    input_digest: str = Field(max_length=64)
    knowledge_release: str = Field(max_length=64)
    replaces: str | None = Field(default=None, index=True, max_length=64)
    # From 1; stays when earlier versions are deleted.
    version: int = Field(default=1)
    # An earlier version was released and is no longer stored.
    released_before: bool = Field(default=False)
    findings: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class StoredResource(SQLModel, table=True):
    """Which result a FHIR resource id belongs to."""

    __tablename__ = "resource"

    resource_type: str = Field(primary_key=True, max_length=64)
    id: str = Field(primary_key=True, max_length=64)
    result_id: str = Field(index=True, max_length=64, foreign_key="result.id", ondelete="CASCADE")


class StoredRelease(SQLModel, table=True):
    """Who released a result, and when: one row a version, never changed."""

    __tablename__ = "release"

    result_id: str = Field(primary_key=True, max_length=64, foreign_key="result.id", ondelete="CASCADE")
    name: str = Field(max_length=256)
    role: str = Field(max_length=256)
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    reason: str | None = Field(default=None, max_length=2048)


class AuditEntry(SQLModel, table=True):
    """Who did what to which resource, and what was asked of which node. Holds no genotype."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
    actor: str = Field(max_length=128)
    action: str = Field(max_length=64)
    target: str | None = Field(default=None, max_length=256)
    outcome: str = Field(max_length=32)
    detail: str | None = Field(default=None, max_length=2048)


class CachedAnswer(SQLModel, table=True):
    """A frequency answer shared between workers; the key is a digest, failures are never stored."""

    __tablename__ = "frequency_cache"

    key: str = Field(primary_key=True, max_length=64)
    answer: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    stored_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
