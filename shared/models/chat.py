"""Conversations with the assistant: what was asked, what was answered from which sources, what it was allowed to do."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Choice, Timestamped
from shared.tenancy import Tenanted


class TurnState(StrEnum):
    """Of an assistant's message. `interrupted`: the service died while it was answering; the text is what was saved."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    LENGTH = "length"
    ERROR = "error"
    INTERRUPTED = "interrupted"


class ActionState(StrEnum):
    """Of something the assistant proposed to do."""

    PROPOSED = "proposed"
    DONE = "done"
    REJECTED = "rejected"
    CONFLICT = "conflict"
    FAILED = "failed"
    SKIPPED = "skipped"  # another question was asked instead
    EXPIRED = "expired"
    UNDONE = "undone"


class ChatConversation(Tenanted, Timestamped, Base):
    """One person's conversation; nobody else sees it. `public_id` (`c_…`) is what crosses the wire.

    `deleted_at`, by the wall clock: an hour later the row is gone too.
    """

    __tablename__ = "chat_conversation"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index("ix_chat_conversation_recent", "workspace_id", "user_id", "updated_at", "id"),
    )

    public_id: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(200), default="")
    deleted_at: Mapped[datetime | None]


class ChatMessage(Tenanted, Timestamped, Base):
    """A question or its answer; both carry the turn (`t_…`) they belong to.

    `client_id` makes asking twice harmless. Of an answer: `route` and `plan` say how it was found, `sentence` the plan
    in words, `table` the rows as shown, `citations` its numbered sources, `usage` tokens, `timings` milliseconds by
    stage, `frames` how many the turn has sent. `rating` is -1 or 1.
    """

    __tablename__ = "chat_message"
    __table_args__ = (
        UniqueConstraint("turn", "role"),
        UniqueConstraint("workspace_id", "user_id", "client_id"),
        Index("ix_chat_message_conversation", "conversation_id", "id"),
        Index("ix_chat_message_state", "state"),
    )

    conversation_id: Mapped[int] = mapped_column(ForeignKey("chat_conversation.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    turn: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(10))  # user | assistant
    client_id: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[TurnState] = mapped_column(Choice(TurnState, 12), default=TurnState.DONE)
    page: Mapped[dict[str, Any] | None]
    route: Mapped[str | None] = mapped_column(String(20))
    plan: Mapped[dict[str, Any] | None]
    sentence: Mapped[str | None] = mapped_column(Text)
    table: Mapped[dict[str, Any] | None]
    citations: Mapped[list[Any]] = mapped_column(default=list)
    focus: Mapped[dict[str, Any] | None]  # what a follow-up is about: {"record": …, "choices": [what was offered]}
    engine: Mapped[str | None] = mapped_column(String(200))
    error: Mapped[dict[str, Any] | None]
    usage: Mapped[dict[str, Any]] = mapped_column(default=dict)
    timings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    frames: Mapped[int] = mapped_column(default=0)
    rating: Mapped[int | None]
    rating_reason: Mapped[str | None] = mapped_column(String(500))


class ChatAction(Tenanted, Timestamped, Base):
    """What the assistant proposed to do, once, as this user, if they say yes.

    `args` are the tool's arguments, `before` the fields of the record as the card showed them, `base_version` its
    version then; `applied` is what undoing needs. `decision_key` makes deciding twice harmless.
    """

    __tablename__ = "chat_action"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index("ix_chat_action_turn", "turn"),
        Index("ix_chat_action_state", "state", "expires_at"),
    )

    public_id: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("chat_conversation.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    turn: Mapped[str] = mapped_column(String(40))
    tool: Mapped[str] = mapped_column(String(40))
    summary: Mapped[str] = mapped_column(String(500))
    args: Mapped[dict[str, Any]]
    record_type: Mapped[str | None] = mapped_column(String(20))
    record_id: Mapped[int | None]
    base_version: Mapped[int | None]
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    changes: Mapped[list[Any]] = mapped_column(default=list)  # [{field, before, after}], as the card shows them
    state: Mapped[ActionState] = mapped_column(Choice(ActionState, 12), default=ActionState.PROPOSED)
    detail: Mapped[str | None] = mapped_column(String(500))  # why it failed
    decision_key: Mapped[str | None] = mapped_column(String(64))
    applied: Mapped[dict[str, Any] | None]
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]


class ChatTicket(Tenanted, Base):
    """Lets a browser that is signed in to the CRM open one socket to the chatbot, once, within a minute."""

    __tablename__ = "chat_ticket"
    __table_args__ = (UniqueConstraint("token_hash"),)

    token_hash: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    login_id: Mapped[int | None] = mapped_column(ForeignKey("login.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
