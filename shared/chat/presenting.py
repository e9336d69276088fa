"""Conversations as JSON for the page, and whole, as a file to take along."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from shared.chat.conversations import Messages
from shared.models import ChatAction, ChatConversation, ChatMessage, TurnState

Card = Callable[[ChatAction], dict[str, Any]]

_STATES = {
    TurnState.RUNNING: "still being written",
    TurnState.STOPPED: "stopped",
    TurnState.LENGTH: "cut off at the model's limit",
    TurnState.ERROR: "failed",
    TurnState.INTERRUPTED: "interrupted",
}


def summary(conversation: ChatConversation) -> dict[str, Any]:
    """A line of the list."""
    return {
        "id": conversation.public_id,
        "title": conversation.title,
        "created_at": _iso(conversation.created_at),
        "updated_at": _iso(conversation.updated_at),
    }


def whole(conversation: ChatConversation, found: Messages, *, card: Card) -> dict[str, Any]:
    """A conversation with its messages; of an answer also how it was found, and what it proposed to do.

    `card` shows an action.
    """
    items = [message(row, [card(one) for one in found.actions.get(row.turn, [])]) for row in found.items]
    return {**summary(conversation), "messages": items, "earlier": found.earlier}


def message(row: ChatMessage, actions: list[dict[str, Any]]) -> dict[str, Any]:
    """One message; actions belong to the answer."""
    common = {
        "id": row.id, "turn": row.turn, "role": row.role, "text": row.text, "created_at": _iso(row.created_at),
    }  # fmt: skip
    if row.role == "user":
        page = row.page if row.page and "id" in row.page else None
        return {
            **common, "client_id": row.client_id, "page": page and {"type": page["type"], "id": page["id"]},
            "list": (row.page or {}).get("list"),
        }  # fmt: skip
    return {
        **common,
        "state": row.state.value,
        "route": row.route,
        "plan": row.plan,
        "sentence": row.sentence,
        "table": row.table,
        "citations": row.citations,
        "choices": (row.focus or {}).get("choices", []),
        "actions": actions,
        "engine": row.engine,
        "error": row.error,
        "usage": row.usage,
        "timings": row.timings,
        "frames": row.frames,
        "rating": row.rating,
        "rating_reason": row.rating_reason,
    }


def as_markdown(conversation: ChatConversation, found: Messages, *, name: str) -> str:
    """The conversation to read: questions as headings, answers with their sources. `name` is the owner's."""
    lines = [f"# {conversation.title}", "", f"{name}, {_iso(conversation.created_at)}", ""]
    for row in found.items:
        lines += _question(row) if row.role == "user" else _answer(row, found.actions.get(row.turn, []))
    return "\n".join(lines).rstrip() + "\n"


def _question(row: ChatMessage) -> list[str]:
    """Quoted, so that nothing a person typed becomes a heading or a list of the file."""
    return ["## " + _iso(row.created_at), "", *(f"> {line}".rstrip() for line in row.text.splitlines() or [""]), ""]


def _answer(row: ChatMessage, actions: list[ChatAction]) -> list[str]:
    lines = [row.text, ""] if row.text else []
    if row.state in _STATES:
        lines += [f"*({_STATES[row.state]})*", ""]
    if row.sentence:
        lines += [f"*{row.sentence}*", ""]
    lines += [f"- {one.summary} ({one.state.value})" for one in actions] + ([""] if actions else [])
    sources = [f"[{c.get('n')}] {c.get('title', '')}: {c.get('quote', '')}" for c in row.citations]
    return lines + ([*(f"- {source}" for source in sources), ""] if sources else [])


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
