"""Signatures under results."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "release",
        sa.Column(
            "result_id", sa.String(64), sa.ForeignKey("result.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("role", sa.String(256), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(2048), nullable=True),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("release")
