"""The first schema, with the full-text index over search_document."""

import sqlalchemy as sa
from alembic import op

import shared.models.base

revision = "20261120_2110"
down_revision = None
branch_labels = None
depends_on = None

#: Full text on SQLite: an FTS5 index that keeps no text of its own (it reads search_document) and is kept true by
#: triggers. The text is folded before it is stored, so the tokenizer has nothing to strip.
SQLITE_SEARCH = (
    """CREATE VIRTUAL TABLE search_index USING fts5(
        title_key, folded, grams, content='search_document', content_rowid='id',
        tokenize='unicode61 remove_diacritics 0', prefix='2 3')""",
    """CREATE TRIGGER search_index_insert AFTER INSERT ON search_document BEGIN
        INSERT INTO search_index (rowid, title_key, folded, grams)
        VALUES (new.id, new.title_key, new.folded, new.grams); END""",
    """CREATE TRIGGER search_index_delete AFTER DELETE ON search_document BEGIN
        INSERT INTO search_index (search_index, rowid, title_key, folded, grams)
        VALUES ('delete', old.id, old.title_key, old.folded, old.grams); END""",
    """CREATE TRIGGER search_index_update AFTER UPDATE OF title_key, folded, grams ON search_document BEGIN
        INSERT INTO search_index (search_index, rowid, title_key, folded, grams)
        VALUES ('delete', old.id, old.title_key, old.folded, old.grams);
        INSERT INTO search_index (rowid, title_key, folded, grams)
        VALUES (new.id, new.title_key, new.folded, new.grams); END""",
)

#: Full text on PostgreSQL: columns the server computes. 'simple' neither stems nor drops words: names are not English.
POSTGRESQL_SEARCH = (
    """ALTER TABLE search_document ADD COLUMN search_index_words tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple'::regconfig, title_key), 'A') || to_tsvector('simple'::regconfig, folded)
    ) STORED""",
    """ALTER TABLE search_document ADD COLUMN search_index_grams tsvector GENERATED ALWAYS AS (
        array_to_tsvector(string_to_array(grams, ' '))) STORED""",
    "CREATE INDEX search_index_words ON search_document USING gin (search_index_words)",
    "CREATE INDEX search_index_grams ON search_document USING gin (search_index_grams)",
)


def upgrade() -> None:
    op.create_table(
        "login_attempt",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("blocked_until", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempt")),
        sa.UniqueConstraint("key", name=op.f("uq_login_attempt_key")),
    )
    op.create_table(
        "workspace",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("week_start", sa.Integer(), nullable=False),
        sa.Column("fiscal_year_start", sa.Integer(), nullable=False),
        sa.Column("own_name", sa.String(length=200), nullable=True),
        sa.Column("own_domains", shared.models.base.Json, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace")),
    )
    op.create_table(
        "link",
        sa.Column("owner_type", sa.String(length=20), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("target_type", sa.String(length=20), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_link_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint(
            "owner_type",
            "owner_id",
            "target_type",
            "target_id",
            name=op.f("uq_link_owner_type_owner_id_target_type_target_id"),
        ),
    )
    op.create_index("ix_link_target", "link", ["workspace_id", "target_type", "target_id"], unique=False)
    op.create_index(op.f("ix_link_workspace_id"), "link", ["workspace_id"], unique=False)

    op.create_table(
        "search_document",
        sa.Column("record_type", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("title_key", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("grams", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_search_document_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_document")),
        sa.UniqueConstraint("record_type", "record_id", name=op.f("uq_search_document_record_type_record_id")),
    )
    op.create_index("ix_search_document_workspace", "search_document", ["workspace_id", "record_type"], unique=False)
    op.create_index(op.f("ix_search_document_workspace_id"), "search_document", ["workspace_id"], unique=False)

    op.create_table(
        "user",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.Column("locale", sa.String(length=16), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_user_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
        sa.UniqueConstraint("workspace_id", "external_id", name=op.f("uq_user_workspace_id_external_id")),
    )
    op.create_index(op.f("ix_user_workspace_id"), "user", ["workspace_id"], unique=False)

    op.create_table(
        "api_token",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=16), nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("last_used_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("expires_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("revoked_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_api_token_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_api_token_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_index(op.f("ix_api_token_user_id"), "api_token", ["user_id"], unique=False)
    op.create_index(op.f("ix_api_token_workspace_id"), "api_token", ["workspace_id"], unique=False)

    op.create_table(
        "company",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=True),
        sa.Column("website", sa.String(length=500), nullable=True),
        sa.Column("industry", sa.String(length=200), nullable=True),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("phone", sa.String(length=50), nullable=True),
        sa.Column("street", sa.String(length=300), nullable=True),
        sa.Column("city", sa.String(length=200), nullable=True),
        sa.Column("region", sa.String(length=200), nullable=True),
        sa.Column("postcode", sa.String(length=20), nullable=True),
        sa.Column("country", sa.String(length=100), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("actor", sa.String(length=20), nullable=False),
        sa.Column("custom", shared.models.base.Json, nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_company_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_company_owner_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_company_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
        sa.UniqueConstraint("workspace_id", "external_id", name="uq_company_workspace_id_external_id"),
    )
    op.create_index(op.f("ix_company_domain"), "company", ["domain"], unique=False)
    op.create_index("ix_company_name", "company", ["workspace_id", "name_key"], unique=False)
    op.create_index("ix_company_recent", "company", ["workspace_id", "updated_at", "id"], unique=False)
    op.create_index(op.f("ix_company_workspace_id"), "company", ["workspace_id"], unique=False)

    op.create_table(
        "idempotency_key",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", shared.models.base.Json, nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_idempotency_key_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_idempotency_key_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_key")),
        sa.UniqueConstraint("workspace_id", "user_id", "key", name=op.f("uq_idempotency_key_workspace_id_user_id_key")),
    )
    op.create_index(op.f("ix_idempotency_key_created_at"), "idempotency_key", ["created_at"], unique=False)
    op.create_index(op.f("ix_idempotency_key_workspace_id"), "idempotency_key", ["workspace_id"], unique=False)

    op.create_table(
        "login",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("expires_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("revoked_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("user_agent", sa.String(length=300), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_login_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_login_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_token_hash")),
    )
    op.create_index(op.f("ix_login_user_id"), "login", ["user_id"], unique=False)
    op.create_index(op.f("ix_login_workspace_id"), "login", ["workspace_id"], unique=False)

    op.create_table(
        "note",
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("actor", sa.String(length=20), nullable=False),
        sa.Column("custom", shared.models.base.Json, nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_note_author_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_note_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_note_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sa.UniqueConstraint("workspace_id", "external_id", name="uq_note_workspace_id_external_id"),
    )
    op.create_index("ix_note_recent", "note", ["workspace_id", "updated_at", "id"], unique=False)
    op.create_index(op.f("ix_note_workspace_id"), "note", ["workspace_id"], unique=False)

    op.create_table(
        "pipeline",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("actor", sa.String(length=20), nullable=False),
        sa.Column("custom", shared.models.base.Json, nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_pipeline_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_pipeline_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipeline")),
        sa.UniqueConstraint("workspace_id", "external_id", name="uq_pipeline_workspace_id_external_id"),
    )
    op.create_index("ix_pipeline_recent", "pipeline", ["workspace_id", "updated_at", "id"], unique=False)
    op.create_index(op.f("ix_pipeline_workspace_id"), "pipeline", ["workspace_id"], unique=False)

    op.create_table(
        "contact",
        sa.Column("first_name", sa.String(length=100), nullable=False),
        sa.Column("last_name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("lifecycle", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("actor", sa.String(length=20), nullable=False),
        sa.Column("custom", shared.models.base.Json, nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_contact_company_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_contact_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_contact_owner_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_contact_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("workspace_id", "external_id", name="uq_contact_workspace_id_external_id"),
    )
    op.create_index(op.f("ix_contact_company_id"), "contact", ["company_id"], unique=False)
    op.create_index("ix_contact_last_name", "contact", ["workspace_id", "last_name", "id"], unique=False)
    op.create_index("ix_contact_name", "contact", ["workspace_id", "name_key"], unique=False)
    op.create_index("ix_contact_recent", "contact", ["workspace_id", "updated_at", "id"], unique=False)
    op.create_index(op.f("ix_contact_workspace_id"), "contact", ["workspace_id"], unique=False)

    op.create_table(
        "stage",
        sa.Column("pipeline_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("type", sa.String(length=10), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("probability BETWEEN 0 AND 100", name=op.f("ck_stage_probability")),
        sa.ForeignKeyConstraint(
            ["pipeline_id"], ["pipeline.id"], name=op.f("fk_stage_pipeline_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_stage_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
        sa.UniqueConstraint("pipeline_id", "name", name=op.f("uq_stage_pipeline_id_name")),
    )
    op.create_index(op.f("ix_stage_pipeline_id"), "stage", ["pipeline_id"], unique=False)
    op.create_index(op.f("ix_stage_workspace_id"), "stage", ["workspace_id"], unique=False)

    op.create_table(
        "contact_email",
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("label", sa.String(length=50), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_contact_email_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_contact_email_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_email")),
    )
    op.create_index(op.f("ix_contact_email_contact_id"), "contact_email", ["contact_id"], unique=False)
    op.create_index("ix_contact_email_key", "contact_email", ["workspace_id", "email_key"], unique=False)
    op.create_index(op.f("ix_contact_email_workspace_id"), "contact_email", ["workspace_id"], unique=False)

    op.create_table(
        "contact_phone",
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(length=50), nullable=False),
        sa.Column("phone_key", sa.String(length=50), nullable=False),
        sa.Column("label", sa.String(length=50), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_contact_phone_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_contact_phone_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_phone")),
    )
    op.create_index(op.f("ix_contact_phone_contact_id"), "contact_phone", ["contact_id"], unique=False)
    op.create_index("ix_contact_phone_key", "contact_phone", ["workspace_id", "phone_key"], unique=False)
    op.create_index(op.f("ix_contact_phone_workspace_id"), "contact_phone", ["workspace_id"], unique=False)

    op.create_table(
        "deal",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("pipeline_id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("probability", sa.Integer(), nullable=True),
        sa.Column("expected_close", sa.Date(), nullable=True),
        sa.Column("closed_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("lost_reason", sa.String(length=500), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("rank", sa.Float(), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("actor", sa.String(length=20), nullable=False),
        sa.Column("custom", shared.models.base.Json, nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_deal_company_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_deal_contact_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_deal_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_deal_owner_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipeline.id"], name=op.f("fk_deal_pipeline_id")),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_deal_stage_id")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_deal_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal")),
        sa.UniqueConstraint("workspace_id", "external_id", name="uq_deal_workspace_id_external_id"),
    )
    op.create_index("ix_deal_close", "deal", ["workspace_id", "expected_close"], unique=False)
    op.create_index(op.f("ix_deal_company_id"), "deal", ["company_id"], unique=False)
    op.create_index(op.f("ix_deal_contact_id"), "deal", ["contact_id"], unique=False)
    op.create_index("ix_deal_recent", "deal", ["workspace_id", "updated_at", "id"], unique=False)
    op.create_index("ix_deal_stage", "deal", ["workspace_id", "stage_id", "rank"], unique=False)
    op.create_index(op.f("ix_deal_workspace_id"), "deal", ["workspace_id"], unique=False)

    op.create_table(
        "employment",
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_employment_company_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_employment_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_employment_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employment")),
    )
    op.create_index(op.f("ix_employment_company_id"), "employment", ["company_id"], unique=False)
    op.create_index(op.f("ix_employment_contact_id"), "employment", ["contact_id"], unique=False)
    op.create_index(op.f("ix_employment_workspace_id"), "employment", ["workspace_id"], unique=False)

    op.create_table(
        "deal_contact",
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=100), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_deal_contact_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_deal_contact_deal_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_deal_contact_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_contact")),
        sa.UniqueConstraint("deal_id", "contact_id", name=op.f("uq_deal_contact_deal_id_contact_id")),
    )
    op.create_index(op.f("ix_deal_contact_contact_id"), "deal_contact", ["contact_id"], unique=False)
    op.create_index(op.f("ix_deal_contact_workspace_id"), "deal_contact", ["workspace_id"], unique=False)

    op.create_table(
        "meeting",
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("occurred_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("duration_s", sa.Float(), nullable=True),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("deal_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("participants", shared.models.base.Json, nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("file_bytes", sa.Integer(), nullable=True),
        sa.Column("format", sa.String(length=20), nullable=True),
        sa.Column("cues_kept", sa.Integer(), nullable=True),
        sa.Column("cues_found", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("engine", sa.String(length=50), nullable=True),
        sa.Column("engine_note", sa.String(length=500), nullable=True),
        sa.Column("error", sa.String(length=1000), nullable=True),
        sa.Column("queued_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("analyzed_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("analysis_ms", sa.Integer(), nullable=True),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("actor", sa.String(length=20), nullable=False),
        sa.Column("custom", shared.models.base.Json, nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_meeting_company_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_meeting_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_meeting_deal_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_meeting_owner_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_meeting_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("workspace_id", "external_id", name="uq_meeting_workspace_id_external_id"),
    )
    op.create_index(op.f("ix_meeting_company_id"), "meeting", ["company_id"], unique=False)
    op.create_index(op.f("ix_meeting_deal_id"), "meeting", ["deal_id"], unique=False)
    op.create_index("ix_meeting_occurred", "meeting", ["workspace_id", "occurred_at", "id"], unique=False)
    op.create_index("ix_meeting_recent", "meeting", ["workspace_id", "updated_at", "id"], unique=False)
    op.create_index("ix_meeting_sha", "meeting", ["workspace_id", "file_sha256"], unique=False)
    op.create_index("ix_meeting_status", "meeting", ["status", "lease_until"], unique=False)
    op.create_index(op.f("ix_meeting_workspace_id"), "meeting", ["workspace_id"], unique=False)

    op.create_table(
        "stage_change",
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("from_stage_id", sa.Integer(), nullable=True),
        sa.Column("to_stage_id", sa.Integer(), nullable=True),
        sa.Column("at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_stage_change_deal_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["from_stage_id"], ["stage.id"], name=op.f("fk_stage_change_from_stage_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["to_stage_id"], ["stage.id"], name=op.f("fk_stage_change_to_stage_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_stage_change_user_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_stage_change_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_change")),
    )
    op.create_index("ix_stage_change_deal", "stage_change", ["deal_id", "at"], unique=False)
    op.create_index(op.f("ix_stage_change_workspace_id"), "stage_change", ["workspace_id"], unique=False)

    op.create_table(
        "analysis_segment",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("engine", sa.String(length=50), nullable=False),
        sa.Column("drafts", shared.models.base.Json, nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_analysis_segment_meeting_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_analysis_segment_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analysis_segment")),
        sa.UniqueConstraint("meeting_id", "run", "position", name=op.f("uq_analysis_segment_meeting_id_run_position")),
    )
    op.create_index(op.f("ix_analysis_segment_workspace_id"), "analysis_segment", ["workspace_id"], unique=False)

    op.create_table(
        "attendee",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("speaker", sa.String(length=200), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_attendee_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_attendee_meeting_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_attendee_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_attendee_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendee")),
    )
    op.create_index("ix_attendee_contact", "attendee", ["workspace_id", "contact_id"], unique=False)
    op.create_index(op.f("ix_attendee_meeting_id"), "attendee", ["meeting_id"], unique=False)
    op.create_index(op.f("ix_attendee_workspace_id"), "attendee", ["workspace_id"], unique=False)

    op.create_table(
        "event",
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("record_type", sa.String(length=20), nullable=True),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("data", shared.models.base.Json, nullable=False),
        sa.Column("job", sa.String(length=100), nullable=True),
        sa.Column("job_args", shared.models.base.Json, nullable=True),
        sa.Column("job_id", sa.String(length=100), nullable=True),
        sa.Column("sent_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_event_meeting_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_event_user_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_event_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index("ix_event_outbox", "event", ["job", "sent_at"], unique=False)
    op.create_index("ix_event_recent", "event", ["workspace_id", "id"], unique=False)
    op.create_index(op.f("ix_event_workspace_id"), "event", ["workspace_id"], unique=False)

    op.create_table(
        "llm_call",
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.String(length=50), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("prompt_version", sa.String(length=50), nullable=True),
        sa.Column("prompt_tokens", sa.Integer(), nullable=False),
        sa.Column("output_tokens", sa.Integer(), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_llm_call_meeting_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_llm_call_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_llm_call")),
    )
    op.create_index(op.f("ix_llm_call_meeting_id"), "llm_call", ["meeting_id"], unique=False)
    op.create_index(op.f("ix_llm_call_workspace_id"), "llm_call", ["workspace_id"], unique=False)

    op.create_table(
        "review_batch",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("undone_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_review_batch_meeting_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_review_batch_user_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_review_batch_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_batch")),
    )
    op.create_index(op.f("ix_review_batch_meeting_id"), "review_batch", ["meeting_id"], unique=False)
    op.create_index(op.f("ix_review_batch_workspace_id"), "review_batch", ["workspace_id"], unique=False)

    op.create_table(
        "task",
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("due_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("priority", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("completed_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("promised_by", sa.String(length=200), nullable=True),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("meeting_s", sa.Float(), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("actor", sa.String(length=20), nullable=False),
        sa.Column("custom", shared.models.base.Json, nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["assignee_id"], ["user.id"], name=op.f("fk_task_assignee_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_task_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_task_meeting_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_task_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("workspace_id", "external_id", name="uq_task_workspace_id_external_id"),
    )
    op.create_index("ix_task_assignee", "task", ["workspace_id", "assignee_id", "status"], unique=False)
    op.create_index("ix_task_due", "task", ["workspace_id", "status", "due_date"], unique=False)
    op.create_index(op.f("ix_task_meeting_id"), "task", ["meeting_id"], unique=False)
    op.create_index("ix_task_recent", "task", ["workspace_id", "updated_at", "id"], unique=False)
    op.create_index(op.f("ix_task_workspace_id"), "task", ["workspace_id"], unique=False)

    op.create_table(
        "utterance",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("speaker", sa.String(length=200), nullable=True),
        sa.Column("start_s", sa.Float(), nullable=True),
        sa.Column("end_s", sa.Float(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_utterance_meeting_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_utterance_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_utterance")),
        sa.UniqueConstraint("meeting_id", "position", name=op.f("uq_utterance_meeting_id_position")),
    )
    op.create_index(op.f("ix_utterance_workspace_id"), "utterance", ["workspace_id"], unique=False)

    op.create_table(
        "event_target",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("target_type", sa.String(length=20), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_target_event_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_event_target_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_target")),
    )
    op.create_index(
        "ix_event_target", "event_target", ["workspace_id", "target_type", "target_id", "event_id"], unique=False
    )
    op.create_index(op.f("ix_event_target_event_id"), "event_target", ["event_id"], unique=False)
    op.create_index(op.f("ix_event_target_workspace_id"), "event_target", ["workspace_id"], unique=False)

    op.create_table(
        "insight",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("data", shared.models.base.Json, nullable=False),
        sa.Column("found", shared.models.base.Json, nullable=False),
        sa.Column("evidence", shared.models.base.Json, nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("deal_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["review_batch.id"], name=op.f("fk_insight_batch_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_insight_company_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_insight_contact_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_insight_deal_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user.id"], name=op.f("fk_insight_decided_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_insight_meeting_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_insight_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insight")),
    )
    op.create_index(op.f("ix_insight_batch_id"), "insight", ["batch_id"], unique=False)
    op.create_index("ix_insight_company", "insight", ["workspace_id", "company_id", "status"], unique=False)
    op.create_index("ix_insight_contact", "insight", ["workspace_id", "contact_id", "status"], unique=False)
    op.create_index("ix_insight_deal", "insight", ["workspace_id", "deal_id", "status"], unique=False)
    op.create_index("ix_insight_meeting", "insight", ["meeting_id", "position"], unique=False)
    op.create_index(op.f("ix_insight_workspace_id"), "insight", ["workspace_id"], unique=False)

    op.create_table(
        "proposal",
        sa.Column("insight_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("record_type", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column("changes", shared.models.base.Json, nullable=False),
        sa.Column("applied", shared.models.base.Json, nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["insight_id"], ["insight.id"], name=op.f("fk_proposal_insight_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_proposal_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("insight_id", name=op.f("uq_proposal_insight_id")),
    )
    op.create_index(op.f("ix_proposal_workspace_id"), "proposal", ["workspace_id"], unique=False)

    if op.get_context().dialect.name == "sqlite":
        for statement in SQLITE_SEARCH:
            op.execute(statement)
    else:
        for statement in POSTGRESQL_SEARCH:
            op.execute(statement)


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP TABLE search_index")  # its triggers go with search_document
    op.drop_table("proposal")
    op.drop_table("insight")
    op.drop_table("event_target")
    op.drop_table("utterance")
    op.drop_table("task")
    op.drop_table("review_batch")
    op.drop_table("llm_call")
    op.drop_table("event")
    op.drop_table("attendee")
    op.drop_table("analysis_segment")
    op.drop_table("stage_change")
    op.drop_table("meeting")
    op.drop_table("deal_contact")
    op.drop_table("employment")
    op.drop_table("deal")
    op.drop_table("contact_phone")
    op.drop_table("contact_email")
    op.drop_table("stage")
    op.drop_table("contact")
    op.drop_table("pipeline")
    op.drop_table("note")
    op.drop_table("login")
    op.drop_table("idempotency_key")
    op.drop_table("company")
    op.drop_table("api_token")
    op.drop_table("user")
    op.drop_table("search_document")
    op.drop_table("link")
    op.drop_table("workspace")
    op.drop_table("login_attempt")
