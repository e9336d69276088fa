"""Let teams add tags and fields of their own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261127_0402"
down_revision = "20261127_0400"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_TIME = sa.DateTime(timezone=True)


def _tenant(table: str) -> list[sa.Column | sa.Constraint]:
    name = f"fk_{table}_workspace_id"
    return [
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("workspace_id", sa.Integer(), sa.ForeignKey("workspace.id", ondelete="CASCADE", name=name), nullable=False, index=True),
    ]


def upgrade() -> None:
    op.create_table(
        "field_definition",
        *_tenant("field_definition"),
        sa.Column("record_type", sa.String(20), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("label", sa.String(100), nullable=False),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("options", _JSON, nullable=False),
        sa.Column("hint", sa.String(300)),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.UniqueConstraint("workspace_id", "record_type", "key", name="uq_field_definition_workspace_id_record_type_key"),
    )
    op.create_table(
        "custom_value",
        *_tenant("custom_value"),
        sa.Column("definition_id", sa.Integer(), sa.ForeignKey("field_definition.id", ondelete="CASCADE", name="fk_custom_value_definition_id"), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(500)),
        sa.Column("text_key", sa.String(500)),
        sa.Column("number", sa.Float()),
        sa.Column("minor", sa.BigInteger()),
        sa.Column("currency", sa.String(3)),
        sa.Column("day", sa.Date()),
        sa.Column("flag", sa.Boolean()),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id", ondelete="CASCADE", name="fk_custom_value_user_id"), index=True),
        sa.Column("position", sa.Integer(), nullable=False),
    )
    for name, columns in (
        ("record", ["definition_id", "record_id"]),
        ("text", ["definition_id", "text_key", "record_id"]),
        ("number", ["definition_id", "number", "record_id"]),
        ("day", ["definition_id", "day", "record_id"]),
    ):
        op.create_index(f"ix_custom_value_{name}", "custom_value", columns)
    op.create_table(
        "tag",
        *_tenant("tag"),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("name_key", sa.String(50), nullable=False),
        sa.Column("color", sa.String(20), nullable=False),
        sa.Column("external_id", sa.String(200)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", _TIME),
        sa.Column("actor", sa.String(20), nullable=False),
        sa.Column("custom", _JSON, nullable=False),
        sa.Column("created_by_id", sa.Integer(), sa.ForeignKey("user.id", ondelete="SET NULL", name="fk_tag_created_by_id")),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.UniqueConstraint("workspace_id", "external_id", name="uq_tag_workspace_id_external_id"),
    )
    op.create_index("ix_tag_recent", "tag", ["workspace_id", "updated_at", "id"])
    op.create_index("ix_tag_name", "tag", ["workspace_id", "name_key"])
    op.create_table(
        "tagging",
        *_tenant("tagging"),
        sa.Column("tag_id", sa.Integer(), sa.ForeignKey("tag.id", ondelete="CASCADE", name="fk_tagging_tag_id"), nullable=False),
        sa.Column("target_type", sa.String(20), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.UniqueConstraint("tag_id", "target_type", "target_id", name="uq_tagging_tag_id_target_type_target_id"),
    )
    op.create_index("ix_tagging_target", "tagging", ["workspace_id", "target_type", "target_id"])


def downgrade() -> None:
    for table in ("tagging", "tag", "custom_value", "field_definition"):
        op.drop_table(table)
