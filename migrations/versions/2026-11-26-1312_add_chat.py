"""Conversations with the assistant, what it proposed to do, and tickets for its socket."""

import sqlalchemy as sa
from alembic import op

import shared.models.base

revision = "20261126_1312"
down_revision = "20261120_2110"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat_conversation",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_chat_conversation_user_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_chat_conversation_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_conversation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_chat_conversation_public_id")),
    )
    op.create_index("ix_chat_conversation_recent", "chat_conversation", ["workspace_id", "user_id", "updated_at", "id"])
    op.create_index(op.f("ix_chat_conversation_workspace_id"), "chat_conversation", ["workspace_id"])

    op.create_table(
        "chat_action",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.String(length=40), nullable=False),
        sa.Column("tool", sa.String(length=40), nullable=False),
        sa.Column("summary", sa.String(length=500), nullable=False),
        sa.Column("args", shared.models.base.Json, nullable=False),
        sa.Column("record_type", sa.String(length=20), nullable=True),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column("before", shared.models.base.Json, nullable=False),
        sa.Column("changes", shared.models.base.Json, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=True),
        sa.Column("decision_key", sa.String(length=64), nullable=True),
        sa.Column("applied", shared.models.base.Json, nullable=True),
        sa.Column("expires_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("decided_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["chat_conversation.id"],
            name=op.f("fk_chat_action_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_chat_action_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_chat_action_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_action")),
        sa.UniqueConstraint("public_id", name=op.f("uq_chat_action_public_id")),
    )
    op.create_index(op.f("ix_chat_action_conversation_id"), "chat_action", ["conversation_id"])
    op.create_index("ix_chat_action_state", "chat_action", ["state", "expires_at"])
    op.create_index("ix_chat_action_turn", "chat_action", ["turn"])
    op.create_index(op.f("ix_chat_action_workspace_id"), "chat_action", ["workspace_id"])

    op.create_table(
        "chat_message",
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("page", shared.models.base.Json, nullable=True),
        sa.Column("route", sa.String(length=20), nullable=True),
        sa.Column("plan", shared.models.base.Json, nullable=True),
        sa.Column("sentence", sa.Text(), nullable=True),
        sa.Column("table", shared.models.base.Json, nullable=True),
        sa.Column("citations", shared.models.base.Json, nullable=False),
        sa.Column("focus", shared.models.base.Json, nullable=True),
        sa.Column("engine", sa.String(length=200), nullable=True),
        sa.Column("error", shared.models.base.Json, nullable=True),
        sa.Column("usage", shared.models.base.Json, nullable=False),
        sa.Column("timings", shared.models.base.Json, nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("rating_reason", sa.String(length=500), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["chat_conversation.id"],
            name=op.f("fk_chat_message_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_chat_message_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_chat_message_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_message")),
        sa.UniqueConstraint("turn", "role", name=op.f("uq_chat_message_turn_role")),
        sa.UniqueConstraint(
            "workspace_id", "user_id", "client_id", name=op.f("uq_chat_message_workspace_id_user_id_client_id")
        ),
    )
    op.create_index("ix_chat_message_conversation", "chat_message", ["conversation_id", "id"])
    op.create_index("ix_chat_message_state", "chat_message", ["state"])
    op.create_index(op.f("ix_chat_message_workspace_id"), "chat_message", ["workspace_id"])

    op.create_table(
        "chat_ticket",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("login_id", sa.Integer(), nullable=True),
        sa.Column("created_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("expires_at", shared.models.base.UtcDateTime(), nullable=False),
        sa.Column("used_at", shared.models.base.UtcDateTime(), nullable=True),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["login_id"], ["login.id"], name=op.f("fk_chat_ticket_login_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_chat_ticket_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_chat_ticket_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_ticket")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_chat_ticket_token_hash")),
    )
    op.create_index(op.f("ix_chat_ticket_expires_at"), "chat_ticket", ["expires_at"])
    op.create_index(op.f("ix_chat_ticket_workspace_id"), "chat_ticket", ["workspace_id"])

    op.add_column("llm_call", sa.Column("turn", sa.String(length=40), nullable=True))
    op.create_index(op.f("ix_llm_call_turn"), "llm_call", ["turn"])

    op.add_column("workspace", sa.Column("chat_retention_days", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("workspace", "chat_retention_days")

    op.drop_index(op.f("ix_llm_call_turn"), table_name="llm_call")
    op.drop_column("llm_call", "turn")

    op.drop_index(op.f("ix_chat_ticket_workspace_id"), table_name="chat_ticket")
    op.drop_index(op.f("ix_chat_ticket_expires_at"), table_name="chat_ticket")

    op.drop_table("chat_ticket")
    op.drop_index(op.f("ix_chat_message_workspace_id"), table_name="chat_message")
    op.drop_index("ix_chat_message_state", table_name="chat_message")
    op.drop_index("ix_chat_message_conversation", table_name="chat_message")

    op.drop_table("chat_message")
    op.drop_index(op.f("ix_chat_action_workspace_id"), table_name="chat_action")
    op.drop_index("ix_chat_action_turn", table_name="chat_action")
    op.drop_index("ix_chat_action_state", table_name="chat_action")
    op.drop_index(op.f("ix_chat_action_conversation_id"), table_name="chat_action")

    op.drop_table("chat_action")
    op.drop_index(op.f("ix_chat_conversation_workspace_id"), table_name="chat_conversation")
    op.drop_index("ix_chat_conversation_recent", table_name="chat_conversation")

    op.drop_table("chat_conversation")
