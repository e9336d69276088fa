"""A deleted conversation can be restored for an hour."""

import sqlalchemy as sa
from alembic import op

import shared.models.base

revision = "20261126_1350"
down_revision = "20261126_1340"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("chat_conversation", sa.Column("deleted_at", shared.models.base.UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("chat_conversation", "deleted_at")
