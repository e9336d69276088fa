"""Index what the first page and filtered contacts ask, so that no row is looked at only to be counted."""

from alembic import op

revision = "20261127_1100"
down_revision = "20261127_0900"
branch_labels = None
depends_on = None

_NEW = (
    ("ix_insight_waiting", "insight", ["workspace_id", "status", "meeting_id", "kind"]),
    ("ix_task_mine", "task", ["workspace_id", "assignee_id", "deleted_at", "status", "due_date"]),
    ("ix_deal_age", "deal", ["workspace_id", "deleted_at", "stage_id", "created_at"]),
    ("ix_stage_change_recent", "stage_change", ["workspace_id", "at", "deal_id"]),
)
#: Each less than one of the new.
_OLD = (
    ("ix_insight_status", "insight", ["workspace_id", "status", "meeting_id"]),
    ("ix_task_assignee", "task", ["workspace_id", "assignee_id", "status"]),
)
_WIDER = (
    (
        "ix_contact_company",
        "contact",
        ["workspace_id", "company_id", "deleted_at"],
        ["lifecycle", "source", "owner_id", "updated_at"],
    ),
    ("ix_stage_change_deal", "stage_change", ["deal_id", "at"], ["workspace_id"]),
)


def upgrade() -> None:
    for name, table, columns in _NEW:
        op.create_index(name, table, columns)
    for name, table, _columns in _OLD:
        op.drop_index(name, table_name=table)
    for name, table, columns, more in _WIDER:
        op.drop_index(name, table_name=table)
        op.create_index(name, table, [*columns, *more])


def downgrade() -> None:
    for name, table, columns, _more in _WIDER:
        op.drop_index(name, table_name=table)
        op.create_index(name, table, columns)
    for name, table, columns in _OLD:
        op.create_index(name, table, columns)
    for name, table, _columns in _NEW:
        op.drop_index(name, table_name=table)
