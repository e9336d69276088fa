"""Keep custom fields that were deleted, with their values, so that they can be restored."""

import sqlalchemy as sa
from alembic import op

revision = "20261128_0320"
down_revision = "20261128_0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("field_definition", sa.Column("deleted_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """What is deleted goes for good: an earlier version would show it, without its values."""
    op.execute(
        "DELETE FROM custom_value WHERE definition_id IN "
        "(SELECT id FROM field_definition WHERE deleted_at IS NOT NULL)"
    )
    op.execute("DELETE FROM field_definition WHERE deleted_at IS NOT NULL")
    op.drop_column("field_definition", "deleted_at")
