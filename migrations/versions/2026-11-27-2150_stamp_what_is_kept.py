"""Stamp each workspace anew when what every page reads of it changes, so that processes can keep it meanwhile."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "20261127_2150"
down_revision = "20261127_1430"
branch_labels = None
depends_on = None

_workspaces = sa.table("workspace", sa.column("id"), sa.column("stamp"))


def upgrade() -> None:
    # SQLite adds no column that is never empty without a default; each workspace gets its own at once.
    op.add_column("workspace", sa.Column("stamp", sa.String(16), nullable=False, server_default=""))
    op.execute(_workspaces.update().values(stamp=secrets.token_hex(8)))


def downgrade() -> None:
    op.drop_column("workspace", "stamp")
