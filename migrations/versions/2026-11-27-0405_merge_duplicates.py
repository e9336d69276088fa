"""Merge records, find duplicates, empty the bin."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

import shared.models.base

revision = "20261127_0405"
down_revision = "20261127_0402"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON().with_variant(JSONB(), "postgresql")
    op.create_table(
        "duplicate_group",
        sa.Column("record_type", sa.String(length=20), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reasons", json, nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_duplicate_group_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_group")),
    )
    op.create_index("ix_duplicate_group_score", "duplicate_group", ["workspace_id", "record_type", "score", "id"])
    op.create_index(op.f("ix_duplicate_group_workspace_id"), "duplicate_group", ["workspace_id"])
    op.create_table(
        "duplicate_scan",
        sa.Column("record_type", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("started_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("finished_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("touched_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_duplicate_scan_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_scan")),
        sa.UniqueConstraint("workspace_id", "record_type", name=op.f("uq_duplicate_scan_workspace_id_record_type")),
    )
    op.create_index("ix_duplicate_scan_status", "duplicate_scan", ["status"])
    op.create_index(op.f("ix_duplicate_scan_workspace_id"), "duplicate_scan", ["workspace_id"])
    op.create_table(
        "distinct_pair",
        sa.Column("record_type", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_distinct_pair_user_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_distinct_pair_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_distinct_pair")),
        sa.UniqueConstraint(
            "record_type", "record_id", "other_id", name=op.f("uq_distinct_pair_record_type_record_id_other_id")
        ),
    )
    op.create_index(op.f("ix_distinct_pair_other_id"), "distinct_pair", ["other_id"])
    op.create_index(op.f("ix_distinct_pair_workspace_id"), "distinct_pair", ["workspace_id"])
    op.create_table(
        "duplicate_member",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["duplicate_group.id"], name=op.f("fk_duplicate_member_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_duplicate_member_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_member")),
        sa.UniqueConstraint("group_id", "record_id", name=op.f("uq_duplicate_member_group_id_record_id")),
    )
    op.create_index("ix_duplicate_member_record", "duplicate_member", ["workspace_id", "record_type", "record_id"])
    op.create_index(op.f("ix_duplicate_member_workspace_id"), "duplicate_member", ["workspace_id"])
    op.create_table(
        "merge",
        sa.Column("record_type", sa.String(length=20), nullable=False),
        sa.Column("winner_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("names", json, nullable=False),
        sa.Column("at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("journal", json, nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_merge_user_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_merge_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    op.create_index("ix_merge_recent", "merge", ["workspace_id", "id"])
    op.create_index("ix_merge_winner", "merge", ["workspace_id", "record_type", "winner_id", "id"])
    op.create_index(op.f("ix_merge_workspace_id"), "merge", ["workspace_id"])
    op.create_table(
        "former_name",
        sa.Column("record_type", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=201), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("merge_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["merge_id"], ["merge.id"], name=op.f("fk_former_name_merge_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_former_name_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_name")),
    )
    op.create_index("ix_former_name_key", "former_name", ["workspace_id", "record_type", "name_key"])
    op.create_index(op.f("ix_former_name_merge_id"), "former_name", ["merge_id"])
    op.create_index("ix_former_name_record", "former_name", ["workspace_id", "record_type", "record_id"])
    op.create_index(op.f("ix_former_name_workspace_id"), "former_name", ["workspace_id"])
    op.create_table(
        "merged_record",
        sa.Column("record_type", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("winner_id", sa.Integer(), nullable=False),
        sa.Column("merge_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["merge_id"], ["merge.id"], name=op.f("fk_merged_record_merge_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_merged_record_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merged_record")),
        sa.UniqueConstraint("record_type", "record_id", name=op.f("uq_merged_record_record_type_record_id")),
    )
    op.create_index(op.f("ix_merged_record_merge_id"), "merged_record", ["merge_id"])
    op.create_index("ix_merged_record_winner", "merged_record", ["workspace_id", "record_type", "winner_id"])
    op.create_index(op.f("ix_merged_record_workspace_id"), "merged_record", ["workspace_id"])
    op.create_index("ix_task_deleted", "task", ["workspace_id", "deleted_at"])
    op.add_column("workspace", sa.Column("bin_days", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("workspace", "bin_days")
    op.drop_index("ix_task_deleted", table_name="task")
    op.drop_table("merged_record")
    op.drop_table("former_name")
    op.drop_table("merge")
    op.drop_table("duplicate_member")
    op.drop_table("distinct_pair")
    op.drop_table("duplicate_scan")
    op.drop_table("duplicate_group")
