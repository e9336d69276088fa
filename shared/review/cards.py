"""Actions as they are shown: the card that waits for a yes, and what became of it; on the wire and as stored."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from shared.models import ActionState, ChatAction
from shared.records import TYPES
from shared.review import actions as gate
from shared.review import list_actions
from shared.review.action_words import clipped, name_of
from shared.review.tools import CHANGE_LIST, TOOLS, risk_of
from shared.schemas.chat import ActionResult
from shared.tenancy import TenantSession

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
    `decide` takes as edits. `record.id` is None for one that is not made yet. An action on a list has `many`:
    {count, conditions, names, href, notes, progress?: {done, total, is_under_way, href}}.
    """
    tool = TOOLS[action.tool]
    return {
        "id": action.public_id,
        "tool": action.tool,
        "summary": action.summary,
        "record": _record(action),
        "args": _short({name: value for name, value in action.args.items() if name != "plan"}),
        "before": {} if action.tool == CHANGE_LIST else _short(action.before),
        "changes": _short(action.changes),
        "editable": list(tool.editable),
        "risk": "high" if action.args.get("action") == "delete" else risk_of(tool, action.changes),
        "expires_at": action.expires_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "state": state(action).value,
        "detail": action.detail,
        **_many(action),
    }


def _many(action: ChatAction) -> dict[str, Any]:
    """Of an action on a list: how many of which conditions, and how far it is."""
    if action.tool != CHANGE_LIST:
        return {}
    return {"many": list_actions.shown(action), "detail": list_actions.told(action) or action.detail}


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
        **_many(action),
    }


def decided(session: TenantSession, action: ChatAction) -> dict[str, Any]:
    """The answer to a decision: what became of it, and the card that asks `again` where a list has changed since."""
    asking = gate.again(session, action)
    return (result(action) or {}) | ({"again": card(asking)} if asking is not None else {})


def _record(action: ChatAction) -> dict[str, Any]:
    kind = TYPES[action.record_type or ""]
    if action.tool == CHANGE_LIST:
        return {"type": kind.name, "id": None, "name": action.before["conditions"], "href": action.before["href"]}
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
