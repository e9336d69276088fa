"""Let people keep lists as views, and take back what they did to many records."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261127_0450"
down_revision = "20261127_0430"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_TIME = sa.DateTime(timezone=True)


def _tenant(table: str) -> list[sa.Column]:
    name = f"fk_{table}_workspace_id"
    return [
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("workspace_id", sa.Integer(), sa.ForeignKey("workspace.id", ondelete="CASCADE", name=name), nullable=False, index=True),
    ]


def _user(table: str, ondelete: str, **more: bool) -> sa.Column:
    return sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id", ondelete=ondelete, name=f"fk_{table}_user_id"), **more)


def upgrade() -> None:
    op.create_table(
        "saved_view",
        *_tenant("saved_view"),
        sa.Column("record_type", sa.String(20), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        _user("saved_view", "CASCADE", index=True),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("is_team_default", sa.Boolean(), nullable=False),
        sa.Column("state", _JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
    )
    op.create_index("ix_saved_view_type", "saved_view", ["workspace_id", "record_type"])
    op.create_table(
        "view_choice",
        *_tenant("view_choice"),
        _user("view_choice", "CASCADE", nullable=False),
        sa.Column("view_id", sa.Integer(), sa.ForeignKey("saved_view.id", ondelete="CASCADE", name="fk_view_choice_view_id"), nullable=False, index=True),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("user_id", "view_id", name="uq_view_choice_user_id_view_id"),
    )
    op.create_table(
        "bulk_change",
        *_tenant("bulk_change"),
        _user("bulk_change", "SET NULL", index=True),
        sa.Column("record_type", sa.String(20), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("data", _JSON, nullable=False),
        sa.Column("ids", _JSON, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("total", "position", "changed", "skipped", "failed")),
        sa.Column("reason", sa.String(300)),
        sa.Column("undone_at", _TIME),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
    )
    op.create_table(
        "bulk_item",
        *_tenant("bulk_item"),
        sa.Column("change_id", sa.Integer(), sa.ForeignKey("bulk_change.id", ondelete="CASCADE", name="fk_bulk_item_change_id"), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("before", _JSON, nullable=False),
        sa.Column("after", _JSON, nullable=False),
        sa.UniqueConstraint("change_id", "record_id", name="uq_bulk_item_change_id_record_id"),
    )


def downgrade() -> None:
    for table in ("bulk_item", "bulk_change", "view_choice", "saved_view"):
        op.drop_table(table)
