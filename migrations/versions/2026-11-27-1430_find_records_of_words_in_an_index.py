"""Find the records that have some words in an index, which held no more than where to look for them."""

from alembic import op

revision = "20261127_1430"
down_revision = "20261127_1400"
branch_labels = None
depends_on = None

_NAME, _TABLE = "ix_search_document_workspace", "search_document"
_OF_TYPE = ["workspace_id", "record_type"]


def upgrade() -> None:
    op.drop_index(_NAME, table_name=_TABLE)
    op.create_index(_NAME, _TABLE, [*_OF_TYPE, "id", "record_id"])


def downgrade() -> None:
    op.drop_index(_NAME, table_name=_TABLE)
    op.create_index(_NAME, _TABLE, _OF_TYPE)
