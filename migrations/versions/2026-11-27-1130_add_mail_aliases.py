"""Let people name the other addresses they write from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261127_1130"
down_revision = "20261127_1110"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("user", sa.Column("mail_aliases", json, server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("user", "mail_aliases")
