"""Backups asked for on a page, and a workspace's colour and logo."""

import sqlalchemy as sa
from alembic import op

import shared.models.base

revision = "20261127_0510"
down_revision = "20261127_0505"
branch_labels = None
depends_on = None

_TIME = shared.models.base.UtcDateTime


def upgrade() -> None:
    op.add_column("workspace", sa.Column("accent", sa.String(length=20), nullable=True))
    op.add_column("workspace", sa.Column("logo", sa.String(length=64), nullable=True))
    op.create_table(
        "backup",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("created_at", _TIME(), nullable=False),
        sa.Column("beat_at", _TIME(), nullable=False),
        sa.Column("finished_at", _TIME(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(length=80), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("files", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_backup_workspace_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_backup_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup")),
    )
    op.create_index(op.f("ix_backup_workspace_id"), "backup", ["workspace_id"])


def downgrade() -> None:
    op.drop_table("backup")
    op.drop_column("workspace", "logo")
    op.drop_column("workspace", "accent")
