"""First tables: results, resource index, audit, cached frequency answers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "result",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("subject", sa.String(256), nullable=False, index=True),
        sa.Column("sample", sa.String(256), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("input_digest", sa.String(64), nullable=False),
        sa.Column("knowledge_release", sa.String(64), nullable=False),
        sa.Column("replaces", sa.String(64), nullable=True, index=True),
        sa.Column("findings", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "resource",
        sa.Column("resource_type", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column(
            "result_id",
            sa.String(64),
            sa.ForeignKey("result.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("target", sa.String(256), nullable=True),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("detail", sa.String(2048), nullable=True),
    )
    op.create_table(
        "frequency_cache",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("frequency_cache", "audit", "resource", "result"):
        op.drop_table(name)
