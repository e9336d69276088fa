"""Remember how a reviewer put a finding right: merged, moved, owned by somebody else."""

import sqlalchemy as sa
from alembic import op

import shared.models.base

revision = "20261126_2310"
down_revision = "20261126_1355"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("insight") as table:
        table.add_column(sa.Column("correction", shared.models.base.Json, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("insight") as table:
        table.drop_column("correction")
