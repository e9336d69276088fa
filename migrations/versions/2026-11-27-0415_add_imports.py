"""Imports: a file, its rows, and what became of each."""

import sqlalchemy as sa
from alembic import op

import shared.models.base

revision = "20261127_0415"
down_revision = "20261127_0405"
branch_labels = None
depends_on = None


def _json() -> sa.types.TypeEngine:
    from sqlalchemy.dialects import postgresql

    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    time = shared.models.base.UtcDateTime()
    op.create_table(
        "import_job",
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.String(length=300), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_bytes", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        *(sa.Column(name, _json(), nullable=False) for name in ("layout", "mapping", "options", "plan", "notes")),
        sa.Column("error", sa.String(length=1000), nullable=True),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("total", "done", "created", "updated", "skipped", "failed", "reverted", "kept")
        ),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *(sa.Column(name, time, nullable=True) for name in ("queued_at", "started_at", "finished_at")),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", time, nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.Column("updated_at", time, nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_import_job_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_import_job_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_job")),
    )
    op.create_index("ix_import_job_recent", "import_job", ["workspace_id", "id"])
    op.create_index("ix_import_job_working", "import_job", ["status", "lease_until"])
    op.create_index(op.f("ix_import_job_workspace_id"), "import_job", ["workspace_id"])

    op.create_table(
        "import_row",
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("values", _json(), nullable=False),
        sa.Column("cells", _json(), nullable=True),
        sa.Column("problems", _json(), nullable=True),
        sa.Column("match", sa.String(length=10), nullable=True),
        sa.Column("why", sa.String(length=60), nullable=True),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("leader", sa.Integer(), nullable=True),
        sa.Column("choice", sa.String(length=10), nullable=True),
        sa.Column("result", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("before", _json(), nullable=True),
        sa.Column("made", _json(), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["import_job.id"], name=op.f("fk_import_row_job_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_import_row_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
        sa.UniqueConstraint("job_id", "number", name=op.f("uq_import_row_job_id_number")),
    )
    op.create_index("ix_import_row_state", "import_row", ["job_id", "state", "number"])
    op.create_index("ix_import_row_match", "import_row", ["job_id", "match", "number"])
    op.create_index("ix_import_row_record", "import_row", ["job_id", "record_id"])
    op.create_index(op.f("ix_import_row_workspace_id"), "import_row", ["workspace_id"])


def downgrade() -> None:
    op.drop_table("import_row")
    op.drop_table("import_job")
