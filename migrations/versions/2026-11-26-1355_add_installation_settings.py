"""Settings of the installation that can be changed on a page."""

import sqlalchemy as sa
from alembic import op

import shared.models.base

revision = "20261126_1355"
down_revision = "20261126_1350"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "installation_setting",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.String(length=300), nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation_setting")),
        sa.UniqueConstraint("name", name=op.f("uq_installation_setting_name")),
    )


def downgrade() -> None:
    op.drop_table("installation_setting")
