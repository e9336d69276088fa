"""Indexes for what plans ask: how many live records, whose, in which state; who was met; when something happened.

Those of attendees, links, meetings and notes hold all columns that "last contact" reads, so that it reads no rows.
"""

from alembic import op

revision = "20261126_1330"
down_revision = "20261126_1312"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_attendee_contact", "attendee", ["workspace_id", "contact_id", "meeting_id"]),
    ("ix_attendee_meeting", "attendee", ["meeting_id", "workspace_id", "contact_id", "user_id"]),
    ("ix_attendee_user", "attendee", ["workspace_id", "user_id", "meeting_id"]),
    ("ix_company_live", "company", ["workspace_id", "deleted_at", "owner_id"]),
    ("ix_contact_live", "contact", ["workspace_id", "deleted_at", "lifecycle", "owner_id"]),
    ("ix_deal_closed", "deal", ["workspace_id", "closed_at"]),
    ("ix_deal_live", "deal", ["workspace_id", "deleted_at", "stage_id", "owner_id"]),
    ("ix_insight_kind", "insight", ["workspace_id", "kind", "status"]),
    ("ix_link_target", "link", ["workspace_id", "target_type", "target_id", "owner_type", "owner_id"]),
    ("ix_meeting_live", "meeting", ["workspace_id", "deleted_at", "occurred_at", "company_id", "deal_id"]),
    ("ix_note_live", "note", ["workspace_id", "deleted_at", "created_at"]),
)
_REPLACED = (
    ("ix_attendee_contact", "attendee", ["workspace_id", "contact_id"]),
    ("ix_attendee_meeting_id", "attendee", ["meeting_id"]),
    ("ix_link_target", "link", ["workspace_id", "target_type", "target_id"]),
)


def upgrade() -> None:
    for name, table, _columns in _REPLACED:
        op.drop_index(name, table_name=table)
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _columns in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
    for name, table, columns in _REPLACED:
        op.create_index(name, table, columns)
