"""Index what lists, the board and the first page count and add up."""

from alembic import op

revision = "20261127_0810"
down_revision = "20261127_0750"
branch_labels = None
depends_on = None

_NEW = (
    ("ix_task_live", "task", ["workspace_id", "deleted_at", "status", "due_date", "assignee_id"]),
    ("ix_task_done", "task", ["workspace_id", "deleted_at", "completed_at"]),
    ("ix_contact_source", "contact", ["workspace_id", "deleted_at", "source", "lifecycle"]),
    (
        "ix_deal_forecast",
        "deal",
        ["workspace_id", "deleted_at", "expected_close", "stage_id", "currency", "amount_minor", "probability"],
    ),
    ("ix_deal_sums", "deal", ["workspace_id", "deleted_at", "stage_id", "currency", "amount_minor"]),
)
#: Each the beginning of a new one, or less than one.
_OLD = (
    ("ix_task_deleted", "task", ["workspace_id", "deleted_at"]),
    ("ix_deal_close", "deal", ["workspace_id", "expected_close"]),
)


def upgrade() -> None:
    for name, table, columns in _NEW:
        op.create_index(name, table, columns)
    for name, table, _columns in _OLD:
        op.drop_index(name, table_name=table)


def downgrade() -> None:
    for name, table, columns in _OLD:
        op.create_index(name, table, columns)
    for name, table, _columns in _NEW:
        op.drop_index(name, table_name=table)
