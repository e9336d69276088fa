"""One turn: a question and its answer, from the commit that begins it to the one that finishes it.

    begin ─▶ question + running answer, one commit ─ save, each second ─▶ finish
                                                   └ the service died ─▶ interrupt_running, at its next start

Nothing here is an event of the timeline: a conversation is its owner's alone, and managers read the audit log. What the
assistant *does* is audited where it is done.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from shared import clock
from shared.chat import conversations
from shared.errors import Conflict, NotFound
from shared.models import ChatConversation, ChatMessage, TurnState
from shared.tenancy import TenantSession

MAX_TITLE_CHARS = 80
#: A follow-up may lean on so many earlier questions.
HISTORY = 10


class Busy(Conflict):
    """The conversation's last question is still being answered; `turn` names it."""

    def __init__(self, turn: str) -> None:
        super().__init__("The last question is still being answered. Wait for it, or stop it.")
        self.turn = turn


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it came in. `client_id` makes asking twice harmless; `page` is {type, id} or nothing."""

    text: str
    client_id: str | None = None
    conversation: str | None = None
    page: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """`is_new` is false where this `client_id` had asked before: then `answer` is the first one's."""

    conversation: ChatConversation
    answer: ChatMessage
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What is kept of a finished answer; fields as in `ChatMessage`."""

    state: TurnState
    text: str
    frames: int = 0
    route: str | None = None
    plan: dict[str, Any] | None = None
    sentence: str | None = None
    table: dict[str, Any] | None = None
    citations: list[Any] = field(default_factory=list)
    focus: dict[str, Any] | None = None
    engine: str | None = None
    error: dict[str, Any] | None = None
    usage: dict[str, Any] = field(default_factory=dict)
    timings: dict[str, Any] = field(default_factory=dict)


def begin(session: TenantSession, user_id: int, asked: Asked, *, turn: str) -> Begun:
    """Store the question and a running answer, as `turn` (a `new_id("t")`) unless this `client_id` has one already.

    Raises Busy, or NotFound for a conversation that is not this user's.
    """
    known = _known(session, user_id, asked.client_id)
    if known is not None:
        return known
    try:
        with session.begin_nested():
            conversation = _conversation(session, user_id, asked)
            answer = _store(session, conversation, turn, asked)
    except (IntegrityError, Busy):  # perhaps the same client_id, a moment ago, in another transaction
        known = _known(session, user_id, asked.client_id)
        if known is None:
            raise
        return known
    return Begun(conversation, answer)


def save(session: TenantSession, texts: Mapping[str, tuple[str, int]]) -> set[str]:
    """Keep {turn: (text so far, frames sent)} of running answers. Returns the turns whose conversation was deleted.

    In a session of every workspace: turns of all workspaces are saved in one transaction.
    """
    gone = set()
    there = select(ChatConversation.id).where(ChatConversation.deleted_at.is_(None))
    for turn, (text, frames) in texts.items():
        mine = (ChatMessage.turn == turn, ChatMessage.role == "assistant", ChatMessage.state == TurnState.RUNNING)
        saved = session.execute(
            update(ChatMessage).where(*mine, ChatMessage.conversation_id.in_(there)).values(text=text, frames=frames),
            execution_options={"synchronize_session": False},
        )
        if getattr(saved, "rowcount", 0) == 0:
            gone.add(turn)
    return gone


def finish(session: TenantSession, turn: str, answer: Answer) -> bool:
    """Keep the whole answer. False if the conversation was deleted meanwhile."""
    row = _answer(session, turn)
    if row is None:
        return False
    for name in Answer.__slots__:
        setattr(row, name, getattr(answer, name))
    session.execute(
        update(ChatConversation).where(ChatConversation.id == row.conversation_id).values(updated_at=clock.now())
    )
    session.flush()
    return True


def interrupt_running(session: TenantSession, turn: str | None = None) -> int:
    """Mark running answers, or one, as broken off by the end of the service. Returns how many. What was saved stays."""
    orphans = update(ChatMessage).where(ChatMessage.state == TurnState.RUNNING)
    if turn is not None:
        orphans = orphans.where(ChatMessage.turn == turn)
    error = {"code": "interrupted", "message": "The service was restarted while it was answering.", "retryable": True}
    marked = session.execute(
        orphans.values(state=TurnState.INTERRUPTED, error=error), execution_options={"synchronize_session": False}
    )
    return int(getattr(marked, "rowcount", 0))


def of_user(session: TenantSession, user_id: int, turn: str) -> tuple[ChatMessage, ChatConversation]:
    """The answer of a turn with its conversation. Raises NotFound if it is another's, or nobody's."""
    row = session.execute(
        select(ChatMessage, ChatConversation)
        .join(ChatConversation, ChatConversation.id == ChatMessage.conversation_id)
        .where(ChatMessage.turn == turn, ChatMessage.role == "assistant")
        .where(ChatConversation.user_id == user_id, ChatConversation.deleted_at.is_(None))
    ).first()
    if row is None:
        raise NotFound("There is no such answer.")
    return row[0], row[1]


def rate(session: TenantSession, user_id: int, turn: str, score: int, why: str | None = None) -> ChatMessage:
    """Keep what the person thought of an answer: 1, -1, or 0 to take it back. Raises NotFound."""
    answer, _ = of_user(session, user_id, turn)
    answer.rating = score or None
    answer.rating_reason = why if score else None
    session.flush()
    return answer


def history(session: TenantSession, conversation: ChatConversation) -> list[tuple[ChatMessage, ChatMessage]]:
    """The last finished (question, answer) pairs, oldest first."""
    recent = (
        select(ChatMessage)
        .where(ChatMessage.conversation_id == conversation.id, ChatMessage.state != TurnState.RUNNING)
        .order_by(ChatMessage.id.desc())
        .limit(2 * HISTORY + 1)
    )
    by_turn: dict[str, dict[str, ChatMessage]] = {}
    for row in session.scalars(recent):
        by_turn.setdefault(row.turn, {})[row.role] = row
    pairs = [(found["user"], found["assistant"]) for found in by_turn.values() if len(found) == 2]
    return pairs[:HISTORY][::-1]


def new_id(prefix: str) -> str:
    """A public id: `c_…` of a conversation, `t_…` of a turn. 96 random bits."""
    return f"{prefix}_{secrets.token_urlsafe(12)}"


def title_of(question: str) -> str:
    """The first question in a line of at most 80 characters, cut between words."""
    line = " ".join(question.split())
    if len(line) <= MAX_TITLE_CHARS:
        return line
    cut = line[: MAX_TITLE_CHARS - 1]
    return (cut.rpartition(" ")[0] if " " in cut[MAX_TITLE_CHARS // 2 :] else cut) + "…"


def _known(session: TenantSession, user_id: int, client_id: str | None) -> Begun | None:
    if client_id is None:
        return None
    asked = select(ChatMessage.turn).where(ChatMessage.user_id == user_id, ChatMessage.client_id == client_id)
    turn = session.scalar(asked)
    if turn is None:
        return None
    answer, conversation = of_user(session, user_id, turn)  # NotFound: it was asked, and deleted since
    return Begun(conversation, answer, is_new=False)


def _conversation(session: TenantSession, user_id: int, asked: Asked) -> ChatConversation:
    """The conversation, locked until the commit, so that two questions at once cannot both find it idle."""
    if asked.conversation is None:
        fresh = ChatConversation(public_id=new_id("c"), user_id=user_id, title=title_of(asked.text))
        session.add(fresh)
        session.flush()
        return fresh
    found = conversations.get(session, user_id, asked.conversation, lock=True)
    running = select(ChatMessage.turn).where(
        ChatMessage.conversation_id == found.id, ChatMessage.state == TurnState.RUNNING
    )
    turn = session.scalar(running.limit(1))
    if turn is not None:
        raise Busy(turn)
    found.title = found.title or title_of(asked.text)
    found.updated_at = clock.now()
    return found


def _store(session: TenantSession, conversation: ChatConversation, turn: str, asked: Asked) -> ChatMessage:
    both = {"conversation_id": conversation.id, "user_id": conversation.user_id, "turn": turn}
    question = ChatMessage(**both, role="user", text=asked.text, client_id=asked.client_id, page=asked.page)
    answer = ChatMessage(**both, role="assistant", state=TurnState.RUNNING)
    session.add(question)
    session.flush()  # its id comes before the answer's
    session.add(answer)
    session.flush()
    return answer


def _answer(session: TenantSession, turn: str) -> ChatMessage | None:
    return session.scalar(select(ChatMessage).where(ChatMessage.turn == turn, ChatMessage.role == "assistant"))
