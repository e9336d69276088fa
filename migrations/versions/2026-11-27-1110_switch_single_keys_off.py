"""People may switch single-letter shortcuts off: who dictates says letters without meaning keys (WCAG 2.1.4)."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_1110"
down_revision = "20261127_1100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user", sa.Column("single_keys", sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    op.drop_column("user", "single_keys")
