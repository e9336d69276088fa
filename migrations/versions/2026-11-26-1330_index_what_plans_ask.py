"""Indexes for what plans ask: how many live records, whose, in which state; who was met; when something happened."""

from alembic import op

revision = "20261126_1330"
down_revision = "20261126_1312"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_attendee_user", "attendee", ["workspace_id", "user_id"]),
    ("ix_company_live", "company", ["workspace_id", "deleted_at", "owner_id"]),
    ("ix_contact_live", "contact", ["workspace_id", "deleted_at", "lifecycle", "owner_id"]),
    ("ix_deal_closed", "deal", ["workspace_id", "closed_at"]),
    ("ix_deal_live", "deal", ["workspace_id", "deleted_at", "stage_id", "owner_id"]),
    ("ix_insight_kind", "insight", ["workspace_id", "kind", "status"]),
    ("ix_note_created", "note", ["workspace_id", "created_at"]),
)


def upgrade() -> None:
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _columns in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
