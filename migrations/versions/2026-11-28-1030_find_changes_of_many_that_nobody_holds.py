"""Hold changes of many records with a lease, so that one whose worker died goes on by itself.

One that stands still since an earlier version goes on when somebody says so, as it was told then.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261128_1030"
down_revision = "20261128_0320"
branch_labels = None
depends_on = None

_TABLE, _INDEX = "bulk_change", "ix_bulk_change_working"
_COLUMNS = ("run", "attempts", "queued_at", "lease_token", "lease_until")


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("run", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(_TABLE, sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(_TABLE, sa.Column("queued_at", sa.DateTime(timezone=True)))
    op.add_column(_TABLE, sa.Column("lease_token", sa.String(32)))
    op.add_column(_TABLE, sa.Column("lease_until", sa.DateTime(timezone=True)))
    op.create_index(_INDEX, _TABLE, ["status", "lease_until"])


def downgrade() -> None:
    op.drop_index(_INDEX, table_name=_TABLE)
    for name in reversed(_COLUMNS):
        op.drop_column(_TABLE, name)
