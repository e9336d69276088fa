"""Archive pipelines, say when a deal is stale and why deals are lost, keep reports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

import shared.models.base

revision = "20261127_0455"
down_revision = "20261127_0450"
branch_labels = None
depends_on = None

_TIME = shared.models.base.UtcDateTime


def upgrade() -> None:
    json = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("pipeline", sa.Column("archived_at", _TIME(), nullable=True))
    op.add_column("stage", sa.Column("stale_days", sa.Integer(), nullable=True))
    op.add_column("workspace", sa.Column("stale_days", sa.Integer(), nullable=False, server_default="30"))
    op.add_column("workspace", sa.Column("lost_reasons", json, nullable=False, server_default="[]"))
    op.create_table(
        "report",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("chart", sa.String(length=10), nullable=False),
        sa.Column("plan", json, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _TIME(), nullable=False),
        sa.Column("updated_at", _TIME(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_report_owner_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_report_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    op.create_index(op.f("ix_report_workspace_id"), "report", ["workspace_id"])


def downgrade() -> None:
    op.drop_table("report")
    for table, column in (
        ("workspace", "lost_reasons"),
        ("workspace", "stale_days"),
        ("stage", "stale_days"),
        ("pipeline", "archived_at"),
    ):
        op.drop_column(table, column)
