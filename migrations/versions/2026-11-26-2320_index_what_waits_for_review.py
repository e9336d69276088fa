"""Find what waits for review without reading what was decided."""

from alembic import op

revision = "20261126_2320"
down_revision = "20261126_2315"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_insight_status", "insight", ["workspace_id", "status", "meeting_id"])


def downgrade() -> None:
    op.drop_index("ix_insight_status", table_name="insight")
