"""Actions as they are shown: the card that waits for a yes, and what became of it; on the wire and as stored."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from shared.models import ActionState, ChatAction
from shared.records import TYPES
from shared.review import actions as gate
from shared.review.action_words import clipped, name_of
from shared.review.tools import TOOLS, risk_of
from shared.schemas.chat import ActionResult

#: A card is a frame, and a frame is small: longer texts are shown by their beginning.
_CARD_CHARS = 4000

_RESULTS: dict[ActionState, ActionResult] = {
    ActionState.DONE: "approved",
    ActionState.UNDONE: "approved",
    ActionState.REJECTED: "rejected",
    ActionState.CONFLICT: "conflict",
    ActionState.FAILED: "failed",
    ActionState.SKIPPED: "skipped",
    ActionState.EXPIRED: "expired",
}


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
