"""Have the contacts of a company by id again, as a list by company goes through them, and what narrows them beside it."""

from alembic import op

revision = "20261127_1145"
down_revision = "20261127_1130"
branch_labels = None
depends_on = None

_OF_COMPANY = ["workspace_id", "company_id", "deleted_at"]
_NARROWED = [*_OF_COMPANY, "lifecycle", "source", "owner_id", "updated_at"]


def upgrade() -> None:
    op.drop_index("ix_contact_company", table_name="contact")
    op.create_index("ix_contact_company", "contact", _OF_COMPANY)
    op.create_index("ix_contact_narrowed", "contact", _NARROWED)


def downgrade() -> None:
    op.drop_index("ix_contact_narrowed", table_name="contact")
    op.drop_index("ix_contact_company", table_name="contact")
    op.create_index("ix_contact_company", "contact", _NARROWED)
