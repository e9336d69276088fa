"""Keep files, links, stars and looks beside records, and say what kind of note a note is."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_0505"
down_revision = "20261127_0455"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def _tenant(table: str) -> list[sa.Column | sa.Constraint]:
    name = f"fk_{table}_workspace_id"
    return [
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("workspace_id", sa.Integer(), sa.ForeignKey("workspace.id", ondelete="CASCADE", name=name), nullable=False, index=True),
    ]


def _record(prefix: str = "record") -> list[sa.Column]:
    return [
        sa.Column(f"{prefix}_type", sa.String(20), nullable=False),
        sa.Column(f"{prefix}_id", sa.Integer(), nullable=False),
    ]


def _user(table: str, column: str, *, ondelete: str, nullable: bool) -> sa.Column:
    return sa.Column(column, sa.Integer(), sa.ForeignKey("user.id", ondelete=ondelete, name=f"fk_{table}_{column}"), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "attachment",
        *_tenant("attachment"),
        *_record(),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        _user("attachment", "created_by_id", ondelete="SET NULL", nullable=True),
        sa.Column("deleted_at", _TIME),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
    )
    op.create_index("ix_attachment_record", "attachment", ["workspace_id", "record_type", "record_id", "id"])
    op.create_index("ix_attachment_file", "attachment", ["workspace_id", "sha256"])
    op.create_table(
        "record_link",
        *_tenant("record_link"),
        *_record("from"),
        *_record("to"),
        sa.Column("label", sa.String(100), nullable=False),
        _user("record_link", "created_by_id", ondelete="SET NULL", nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.UniqueConstraint("from_type", "from_id", "to_type", "to_id", "label", name="uq_record_link_from_type_from_id_to_type_to_id_label"),
    )
    for side in ("from", "to"):
        op.create_index(f"ix_record_link_{side}", "record_link", ["workspace_id", f"{side}_type", f"{side}_id"])
    for table in ("favourite", "recent_view"):
        op.create_table(
            table,
            *_tenant(table),
            _user(table, "user_id", ondelete="CASCADE", nullable=False),
            *_record(),
            sa.Column("at", _TIME, nullable=False),
            sa.UniqueConstraint("user_id", "record_type", "record_id", name=f"uq_{table}_user_id_record_type_record_id"),
        )
    op.create_index("ix_recent_view_at", "recent_view", ["user_id", "at"])
    op.add_column("note", sa.Column("kind", sa.String(10), nullable=False, server_default="note"))
    op.add_column("note", sa.Column("happened_at", _TIME))
    op.add_column("note", sa.Column("duration_s", sa.Integer()))
    op.add_column("note", sa.Column("direction", sa.String(10)))


def downgrade() -> None:
    with op.batch_alter_table("note") as note:
        for column in ("direction", "duration_s", "happened_at", "kind"):
            note.drop_column(column)
    for table in ("recent_view", "favourite", "record_link", "attachment"):
        op.drop_table(table)
