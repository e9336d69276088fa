"""Tasks that come again, and the secret addresses of calendar feeds."""

import sqlalchemy as sa
from alembic import op

import shared.models.base

revision = "20261127_0530"
down_revision = "20261127_0510"
branch_labels = None
depends_on = None


def upgrade() -> None:
    time = shared.models.base.UtcDateTime()
    with op.batch_alter_table("task") as batch:
        batch.add_column(sa.Column("repeat", sa.String(length=200), nullable=True))
        batch.add_column(sa.Column("repeat_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("repeats_from_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_task_repeats_from_id"), "task", ["repeats_from_id"], ["id"], ondelete="SET NULL"
        )
        batch.create_unique_constraint(op.f("uq_task_repeats_from_id"), ["repeats_from_id"])
    op.create_table(
        "calendar_feed",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=16), nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.Column("last_used_at", time, nullable=True),
        sa.Column("revoked_at", time, nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_calendar_feed_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_calendar_feed_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    op.create_index(op.f("ix_calendar_feed_user_id"), "calendar_feed", ["user_id"])
    op.create_index(op.f("ix_calendar_feed_workspace_id"), "calendar_feed", ["workspace_id"])


def downgrade() -> None:
    op.drop_table("calendar_feed")
    with op.batch_alter_table("task") as batch:
        batch.drop_constraint(op.f("uq_task_repeats_from_id"), type_="unique")
        batch.drop_constraint(op.f("fk_task_repeats_from_id"), type_="foreignkey")
        for name in ("repeats_from_id", "repeat_on", "repeat"):
            batch.drop_column(name)
