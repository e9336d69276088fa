"""Know which e-mail or calendar entry a note or a task was made of."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_0750"
down_revision = "20261127_0530"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity_source",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("record_type", sa.String(20), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.DateTime(timezone=True)),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_activity_source_workspace_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_activity_source_workspace_id_key")),
    )
    op.create_index(op.f("ix_activity_source_workspace_id"), "activity_source", ["workspace_id"])
    op.create_index("ix_activity_source_record", "activity_source", ["record_type", "record_id"])


def downgrade() -> None:
    op.drop_table("activity_source")
