"""Numbers of versions, and releases of versions that are no longer stored."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; number what is stored along its chain, and forget predecessors that are gone."""
    with op.batch_alter_table("result") as table:
        table.add_column(sa.Column("version", sa.Integer, nullable=False, server_default="1"))
        table.add_column(sa.Column("released_before", sa.Boolean, nullable=False, server_default=sa.false()))
    result = sa.table("result", sa.column("id"), sa.column("replaces"), sa.column("version"))
    connection = op.get_bind()
    before = {row.id: row.replaces for row in connection.execute(sa.select(result.c.id, result.c.replaces))}
    for identifier, replaces in before.items():
        if replaces is None:
            continue
        changed = {
            "replaces": replaces if replaces in before else None,
            "version": _version(identifier, before),
        }
        connection.execute(sa.update(result).where(result.c.id == identifier).values(changed))


def _version(identifier: str, before: dict[str, str | None]) -> int:
    number, earlier = 1, before[identifier]
    while earlier in before:
        number, earlier = number + 1, before[earlier]
    return number


def downgrade() -> None:
    """Drop the columns."""
    with op.batch_alter_table("result") as table:
        table.drop_column("released_before")
        table.drop_column("version")
