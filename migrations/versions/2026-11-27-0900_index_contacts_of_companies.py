"""Index the contacts of a company by all that lists ask: SQLite takes the index with the most equal columns."""

from alembic import op

revision = "20261127_0900"
down_revision = "20261127_0810"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_contact_company", "contact", ["workspace_id", "company_id", "deleted_at"])


def downgrade() -> None:
    op.drop_index("ix_contact_company", table_name="contact")
