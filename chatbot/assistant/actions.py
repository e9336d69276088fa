"""Actions in a turn: what a request comes to as a card, and what an answer to a card comes to as a frame.

What is done, by whom and how it is taken back is `shared.review.actions`; nothing here writes a record.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

from chatbot.assistant.types import ActionRequest, Asker, Question
from shared.models import ActionState, ChatAction, User
from shared.records import TYPES
from shared.review import actions as gate
from shared.review.action_words import clipped, name_of
from shared.review.tools import TOOLS, risk_of, tools_for
from shared.schemas.chat import ActionResult
from shared.tenancy import TenantSession

#: A card is a frame, and a frame is small: longer texts are shown by their beginning.
_CARD_CHARS = 4000

_NOT_ALLOWED = {
    "en": "Your role does not allow this: you may read, but not change records.",
    "de": "Ihre Rolle erlaubt das nicht: Sie dürfen lesen, aber nichts ändern.",
}
_RESULTS: dict[ActionState, ActionResult] = {
    ActionState.DONE: "approved",
    ActionState.UNDONE: "approved",
    ActionState.REJECTED: "rejected",
    ActionState.CONFLICT: "conflict",
    ActionState.FAILED: "failed",
    ActionState.SKIPPED: "skipped",
    ActionState.EXPIRED: "expired",
}


def allowed_tools(asker: Asker) -> tuple[str, ...]:
    """Names of the tools this person may use; none for those who may only read."""
    return tools_for(asker.role)


def refusal(language: str) -> str:
    """What somebody hears who asks for something their role does not allow."""
    return _NOT_ALLOWED["de" if language == "de" else "en"]


def propose(
    session: TenantSession, request: ActionRequest, *, question: Question, conversation_id: int, turn: str
) -> ChatAction:
    """Put a request before the person who made it. Nothing is done yet.

    Raises AppError whose `detail` is to be said instead: the role does not allow it, an argument does not fit, the
    record is gone, or it is so already.
    """
    return gate.propose(
        session,
        request.tool,
        request.args,
        user=session.get_one(User, question.asker.user_id),
        conversation_id=conversation_id,
        turn=turn,
        language=request.language,
    )


def card(action: ChatAction) -> dict[str, Any]:
    """The data of an `action` frame; also what a stored conversation shows in its place.

    `changes` are [{field, label, before, after, before_text, after_text, current_text?}], `editable` the arguments that
    `decide` takes as edits. `record.id` is None for one that is not made yet.
    """
    tool = TOOLS[action.tool]
    return {
        "id": action.public_id,
        "tool": action.tool,
        "summary": action.summary,
        "record": _record(action),
        "args": _short(action.args),
        "before": _short(action.before),
        "changes": _short(action.changes),
        "editable": list(tool.editable),
        "risk": risk_of(tool, action.changes),
        "expires_at": action.expires_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "state": state(action).value,
        "detail": action.detail,
    }


def state(action: ChatAction) -> ActionState:
    """Its state, also of one that nobody answered in time."""
    waits = action.state is ActionState.PROPOSED
    return ActionState.EXPIRED if waits and not gate.is_open(action) else action.state


def result(action: ChatAction) -> dict[str, Any] | None:
    """The data of an `action.result` frame; None while it waits for an answer."""
    status = _RESULTS.get(state(action))
    if status is None:
        return None
    return {
        "id": action.public_id,
        "status": status,
        "summary": action.summary,
        "detail": action.detail,
        "record": _record(action),
        "changes": _short(action.changes),
        "can_undo": action.state is ActionState.DONE,
        "is_undone": action.state is ActionState.UNDONE,
    }


def _record(action: ChatAction) -> dict[str, Any]:
    kind = TYPES[action.record_type or ""]
    after = {change["field"]: change["after"] for change in action.changes}
    is_there = action.record_id is not None and (action.base_version is not None or action.state is ActionState.DONE)
    return {
        "type": kind.name,
        "id": action.record_id,
        "name": clipped(name_of(kind.name, action.before or after), 200),
        "href": f"/{kind.plural}/{action.record_id}" if is_there else None,
    }


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return clipped(value, _CARD_CHARS)
    if isinstance(value, dict):
        return {k: _short(v) for k, v in value.items()}
    return [_short(v) for v in value] if isinstance(value, list) else value
