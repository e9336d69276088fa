"""Conversations as their owner keeps them: listed, searched, renamed, deleted, restored.

Only the owner sees one; for everybody else, colleagues and admins too, it does not exist. A deleted one can be restored
for an hour, time enough to notice a mistake; then it is gone for good: who deletes what they asked wants it gone.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select

from shared import clock
from shared.database import Database
from shared.errors import Invalid, NotFound
from shared.models import ChatAction, ChatConversation, ChatMessage, Workspace
from shared.schemas.ids import LARGEST_ID
from shared.tenancy import EVERY_WORKSPACE, TenantSession

MAX_LIMIT = 100
#: How long a deleted conversation can be restored.
REMORSE = timedelta(hours=1)
#: More words narrow nothing down.
MAX_WORDS = 8


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of conversations, the one last spoken in first. `next_cursor` is None on the last page."""

    items: list[ChatConversation]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages in the order they were written; `earlier` is what to ask with for those before, or None."""

    items: list[ChatMessage]
    actions: dict[str, list[ChatAction]]  # by turn
    earlier: int | None


def get(
    session: TenantSession, user_id: int, public_id: str, *, lock: bool = False, deleted: bool = False
) -> ChatConversation:
    """One of the user's own; with `deleted` also one that can be restored. Raises NotFound."""
    query = select(ChatConversation).where(ChatConversation.public_id == public_id, ChatConversation.user_id == user_id)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None or not (deleted or found.deleted_at is None):
        raise NotFound("There is no such conversation, or it was deleted.")
    return found


def listing(session: TenantSession, user_id: int, *, q: str = "", cursor: str | None = None, limit: int = 30) -> Listed:
    """The user's conversations; with `q`, those whose title or texts hold each of its words."""
    mine = (ChatConversation.user_id == user_id, ChatConversation.deleted_at.is_(None))
    query = select(ChatConversation).where(*mine)
    for word in q.split()[:MAX_WORDS]:
        query = query.where(_mentions(word))
    if cursor:
        query = query.where(_after(cursor))
    limit = max(1, min(limit, MAX_LIMIT))
    newest = query.order_by(ChatConversation.updated_at.desc(), ChatConversation.id.desc())
    rows = list(session.scalars(newest.limit(limit + 1)))
    shown = rows[:limit]
    return Listed(shown, _cursor(shown[-1]) if len(rows) > limit else None)


def messages(
    session: TenantSession, conversation: ChatConversation, *, before: int | None = None, limit: int | None = 100
) -> Messages:
    """The last `limit` messages (all of them with None), or the last before an id of a message."""
    query = select(ChatMessage).where(ChatMessage.conversation_id == conversation.id)
    if before is not None:
        query = query.where(ChatMessage.id < before)
    query = query.order_by(ChatMessage.id.desc())
    rows = list(session.scalars(query if limit is None else query.limit(limit + 1)))
    shown = rows if limit is None else rows[:limit]
    by_turn: dict[str, list[ChatAction]] = {}
    turns = {row.turn for row in shown}
    if turns:
        found = select(ChatAction).where(ChatAction.conversation_id == conversation.id).order_by(ChatAction.id)
        for action in session.scalars(found):
            if action.turn in turns:
                by_turn.setdefault(action.turn, []).append(action)
    return Messages(shown[::-1], by_turn, shown[-1].id if len(rows) > len(shown) else None)


def rename(session: TenantSession, conversation: ChatConversation, title: str) -> None:
    """Give it another title. Raises Invalid for an empty one or one of more than 200 characters."""
    line = " ".join(title.replace("\0", " ").split())
    if not 1 <= len(line) <= 200:
        raise Invalid.field("title", "A title has 1 to 200 characters.")
    conversation.title = line
    session.flush()


def remove(session: TenantSession, conversation: ChatConversation) -> None:
    """Delete it; a turn still running in it is stopped by the chatbot within a second."""
    conversation.deleted_at = clock.wall()
    session.flush()


def restore(session: TenantSession, conversation: ChatConversation) -> None:
    """Take the deletion back."""
    conversation.deleted_at = None
    session.flush()


def sweep(database: Database) -> int:
    """Delete for good what was deleted an hour ago, and what is older than its workspace keeps conversations
    (`chat_retention_days` since the last word). Returns how many.
    """
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        discarded = select(ChatConversation.id).where(ChatConversation.deleted_at < clock.wall() - REMORSE)
        old = set(session.scalars(discarded.limit(500)))
        kept = session.execute(
            select(Workspace.id, Workspace.chat_retention_days).where(Workspace.chat_retention_days.is_not(None))
        )
        old |= {id for workspace, days in kept.all() if days for id in _older(session, workspace, days)}
    if old:
        with database.scope(EVERY_WORKSPACE) as session:
            session.execute(delete(ChatConversation).where(ChatConversation.id.in_(old)))
    return len(old)


def count_older(session: TenantSession, days: int) -> int:
    """How many conversations of the session's workspace had their last word longer ago than that."""
    found = select(func.count()).select_from(ChatConversation)
    return session.scalar(found.where(_is_older(days))) or 0


def _older(session: TenantSession, workspace_id: int, days: int) -> list[int]:
    mine = select(ChatConversation.id).where(ChatConversation.workspace_id == workspace_id, _is_older(days))
    return list(session.scalars(mine.limit(500)))


def _is_older(days: int) -> ColumnElement[bool]:
    return ChatConversation.updated_at < clock.now() - timedelta(days=days)


def _mentions(word: str) -> ColumnElement[bool]:
    """Title or a message holds the word, in any case. SQLite folds ASCII alone, so the usual spellings are tried."""
    patterns = {_pattern(form) for form in (word, word.lower(), word.capitalize(), word.upper())}
    said = and_(
        ChatMessage.conversation_id == ChatConversation.id,
        or_(*(ChatMessage.text.ilike(pattern, escape="\\") for pattern in patterns)),
    )
    return or_(*(ChatConversation.title.ilike(pattern, escape="\\") for pattern in patterns), exists().where(said))


def _pattern(word: str) -> str:
    for special in ("\\", "%", "_"):
        word = word.replace(special, "\\" + special)
    return f"%{word}%"


def _cursor(row: ChatConversation) -> str:
    place = f"{row.updated_at.astimezone(UTC).isoformat()}|{row.id}"
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _after(cursor: str) -> ColumnElement[bool]:
    try:
        place = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        moment, _, id = place.partition("|")
        at, last = datetime.fromisoformat(moment), int(id)
        if at.tzinfo is None or not 0 < last <= LARGEST_ID:
            raise ValueError
    except (binascii.Error, ValueError, OverflowError):
        raise Invalid.field("cursor", "This is not a cursor of this list. Start again without one.") from None
    older = ChatConversation.updated_at < at
    return or_(older, and_(ChatConversation.updated_at == at, ChatConversation.id < last))
