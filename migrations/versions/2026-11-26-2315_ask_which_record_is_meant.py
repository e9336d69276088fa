"""Ask which record is meant; know what an earlier meeting said already."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261126_2315"
down_revision = "20261126_2310"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("proposal", sa.Column("candidates", json, nullable=False, server_default="[]"))
    op.add_column("insight", sa.Column("again_of_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("insight", "again_of_id")
    op.drop_column("proposal", "candidates")
