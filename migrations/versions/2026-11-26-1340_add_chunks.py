"""Chunks of records with their words and vectors, and a mark on every record there is: the job makes its chunks."""

import sqlalchemy as sa
from alembic import op

import shared.models.base

revision = "20261126_1340"
down_revision = "20261126_1330"
branch_labels = None
depends_on = None

SQLITE_SEARCH = (
    """CREATE VIRTUAL TABLE search_index_chunk USING fts5(
        scope, folded, content='chunk', content_rowid='id', tokenize='unicode61 remove_diacritics 0')""",
    """CREATE TRIGGER search_index_chunk_insert AFTER INSERT ON chunk BEGIN
        INSERT INTO search_index_chunk (rowid, scope, folded) VALUES (new.id, new.scope, new.folded); END""",
    """CREATE TRIGGER search_index_chunk_delete AFTER DELETE ON chunk BEGIN
        INSERT INTO search_index_chunk (search_index_chunk, rowid, scope, folded)
        VALUES ('delete', old.id, old.scope, old.folded); END""",
    """CREATE TRIGGER search_index_chunk_update AFTER UPDATE OF scope, folded ON chunk BEGIN
        INSERT INTO search_index_chunk (search_index_chunk, rowid, scope, folded)
        VALUES ('delete', old.id, old.scope, old.folded);
        INSERT INTO search_index_chunk (rowid, scope, folded) VALUES (new.id, new.scope, new.folded); END""",
)

POSTGRESQL_SEARCH = (
    """ALTER TABLE chunk ADD COLUMN search_index_words tsvector
        GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, folded)) STORED""",
    "CREATE INDEX search_index_chunk_words ON chunk USING gin (search_index_words)",
)

#: Without the extension, or the right to create it, vectors are found in memory as on SQLite.
POSTGRESQL_VECTORS = """DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'vector') THEN
        CREATE EXTENSION IF NOT EXISTS vector;
        CREATE TABLE search_index_vector (
            chunk_id INTEGER PRIMARY KEY REFERENCES chunk (id) ON DELETE CASCADE,
            workspace_id INTEGER NOT NULL, v vector NOT NULL);
        CREATE INDEX search_index_vector_workspace ON search_index_vector (workspace_id);
    END IF;
EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_file THEN
    RAISE NOTICE 'pgvector cannot be used: %', SQLERRM;
END $$"""

#: One statement each, whatever the number of records: a start does not wait for chunks.
MARKS = (
    """INSERT INTO chunk_mark (workspace_id, record_type, record_id, seq, marked_at)
        SELECT workspace_id, record_type, record_id, 1, CURRENT_TIMESTAMP FROM search_document""",
    """INSERT INTO chunk_mark (workspace_id, record_type, record_id, seq, marked_at)
        SELECT i.workspace_id, 'insight', i.id, 1, CURRENT_TIMESTAMP FROM insight i
        JOIN meeting m ON m.id = i.meeting_id
        WHERE i.status IN ('accepted', 'edited', 'auto_accepted') AND m.deleted_at IS NULL""",
)


def _tenant(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f(f"fk_{table}_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def upgrade() -> None:
    op.create_table(
        "chunk",
        sa.Column("record_type", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=8), nullable=False),
        sa.Column("first", sa.Integer(), nullable=True),
        sa.Column("last", sa.Integer(), nullable=True),
        sa.Column("start_s", sa.Float(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=80), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=True),
        sa.Column("vector", sa.LargeBinary(), nullable=True),
        sa.Column("change", sa.BigInteger(), nullable=False),
        *_tenant("chunk"),
        sa.UniqueConstraint(
            "record_type", "record_id", "position", name=op.f("uq_chunk_record_type_record_id_position")
        ),
    )
    op.create_index("ix_chunk_change", "chunk", ["workspace_id", "change"])
    waiting = sa.text("model IS NULL")
    op.create_index("ix_chunk_waiting", "chunk", ["id"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index(op.f("ix_chunk_workspace_id"), "chunk", ["workspace_id"])

    op.create_table(
        "chunk_mark",
        sa.Column("record_type", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("marked_at", shared.models.base.UtcDateTime(), nullable=False),
        *_tenant("chunk_mark"),
        sa.UniqueConstraint("record_type", "record_id", name=op.f("uq_chunk_mark_record_type_record_id")),
    )
    op.create_index("ix_chunk_mark_marked_at", "chunk_mark", ["marked_at"])
    op.create_index(op.f("ix_chunk_mark_workspace_id"), "chunk_mark", ["workspace_id"])

    op.create_table(
        "chunk_removal",
        sa.Column("chunk_id", sa.Integer(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=True),
        *_tenant("chunk_removal"),
    )
    op.create_index("ix_chunk_removal_change", "chunk_removal", ["workspace_id", "change"])
    op.create_index(op.f("ix_chunk_removal_workspace_id"), "chunk_removal", ["workspace_id"])

    op.create_table(
        "chunk_state",
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("forgotten", sa.BigInteger(), nullable=False),
        *_tenant("chunk_state"),
        sa.UniqueConstraint("workspace_id", name=op.f("uq_chunk_state_workspace_id")),
    )
    op.create_index(op.f("ix_chunk_state_workspace_id"), "chunk_state", ["workspace_id"])

    is_sqlite = op.get_context().dialect.name == "sqlite"
    for statement in SQLITE_SEARCH if is_sqlite else (*POSTGRESQL_SEARCH, POSTGRESQL_VECTORS):
        op.execute(statement)
    for statement in MARKS:
        op.execute(statement)


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP TABLE search_index_chunk")  # its triggers go with chunk
    else:
        op.execute("DROP TABLE IF EXISTS search_index_vector")
    for table in ("chunk_state", "chunk_removal", "chunk_mark", "chunk"):
        op.drop_table(table)
