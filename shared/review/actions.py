"""The gate of the assistant: what it proposes is shown, waits for a yes, runs once as that person, can be taken back.

    propose ─▶ proposed ─┬─ decide yes ─▶ done ── undo ─▶ undone
                         │               conflict: what the card showed is no longer so
                         │               failed:   it could not be done; nothing was
                         ├─ decide no ──▶ rejected
                         ├─ another question ─▶ skipped
                         └─ a quarter of an hour ─▶ expired

A proposal is carried out once for trial, inside a savepoint that is rolled back: the card shows what the verbs would
do, and whatever they would refuse is refused before anybody is asked. Deciding claims the row in the database, so of
two tabs that say yes together one runs it and both see the same end; what is claimed and not committed is proposed
again after a crash.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import select, update
from sqlalchemy.orm.exc import StaleDataError

from shared import clock, events, records
from shared.accounts.permissions import allows
from shared.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from shared.events import Actor
from shared.models import ActionState, ChatAction, ChatConversation, User
from shared.review import changes, list_actions, steps
from shared.review.action_words import Words, clipped, language_of, name_of
from shared.review.tools import CHANGE_LIST, TOOLS, Tool
from shared.schemas.checking import check
from shared.tenancy import TenantSession

Decision = Literal["approve", "reject"]

_NOTHING_DONE = {"en": "Nothing was done.", "de": "Es wurde nichts getan."}
#: How long a card may be answered, by the wall clock.
EXPIRES_AFTER = timedelta(minutes=15)

#: Follow from other fields: no news on a card, and nothing of its own to compare.
_DERIVED = frozenset({
    "id", "version", "created_at", "updated_at", "deleted_at", "stage_type", "stage_id", "pipeline_id", "closed_at",
    "completed_at", "custom", "external_id", "author_id", "created_by_id",
})  # fmt: skip
#: The fields by which a card names its record: a record of another name is not the one that was shown.
_NAMES = {"contact": ("first_name", "last_name"), "note": ("body",), "task": ("title",)}
#: What a new record has unless somebody says otherwise.
_USUAL = {"priority": "normal", "status": "open", "lifecycle": "lead"}


def propose(
    session: TenantSession,
    tool_name: str,
    arguments: dict[str, Any],
    *,
    user: User,
    conversation_id: int,
    turn: str,
    language: str = "en",
) -> ChatAction:
    """Put an action before its person. Nothing is done yet.

    Raises Forbidden if their role does not allow it, Invalid naming arguments that are wrong, NotFound for a record
    or conversation that is not theirs to see, Conflict if there is nothing to change or it is there already.
    """
    tool = _tool(tool_name)
    _check_allowed(user, tool)
    conversation = session.get(ChatConversation, conversation_id)
    if conversation is None or conversation.user_id != user.id:
        raise NotFound("There is no such conversation.")
    action = ChatAction(
        public_id=f"a_{secrets.token_urlsafe(18)}",
        conversation_id=conversation_id,
        user_id=user.id,
        turn=turn,
        tool=tool.name,
        expires_at=clock.wall() + EXPIRES_AFTER,
    )
    _describe(session, action, tool, arguments, user, language)
    session.add(action)
    session.flush()
    return action


def find(session: TenantSession, public_id: str, *, user: User) -> ChatAction:
    """One's own action. Raises NotFound, for other people's too."""
    query = select(ChatAction).where(ChatAction.public_id == public_id, ChatAction.user_id == user.id)
    action = session.scalar(query)
    if action is None:
        raise NotFound("There is no such action.")
    return action


def is_open(action: ChatAction) -> bool:
    """Whether it still waits for an answer."""
    return action.state is ActionState.PROPOSED and clock.wall() < action.expires_at


def decide(
    session: TenantSession,
    action: ChatAction,
    decision: Decision,
    *,
    user: User,
    key: str,
    edits: dict[str, Any] | None = None,
) -> ChatAction:
    """Answer a card once; its state then says what came of it. Every later answer gets the first one's result.

    `edits` replace arguments that the tool lets people edit. Raises Invalid, and the card stays open, if they do not
    fit; NotFound if it is another person's.
    """
    _check_own(action, user)
    tool = _tool(action.tool)
    arguments = _edited(tool, action.args, edits) if edits and decision == "approve" else None
    if not _claim(session, action, ActionState.PROPOSED, _answered(action, decision), key):
        return action
    if action.state is not ActionState.DONE:
        return action
    try:
        with session.begin_nested():
            present = _expect_allowed(session, user, tool)
            steps.expect_as_shown(session, action)
            if arguments is not None:
                _describe(session, action, tool, arguments, present, language_of(action.summary))
            _run(session, action, tool, present)
    except StaleDataError:
        _end(session, action, ActionState.CONFLICT, "The record was changed in the same moment. Nothing was done.")
    except list_actions.ListChanged as error:
        _end(session, action, ActionState.CONFLICT, error.detail)
        _ask_again(session, action, user)
    except Conflict as error:
        _end(session, action, ActionState.CONFLICT, error.detail)
        _show_current(session, action, user)
    except AppError as error:
        _end(session, action, ActionState.FAILED, f"{error.detail} {_NOTHING_DONE[_language(action)]}")
    session.flush()
    return action


def _language(action: ChatAction) -> str:
    """The language the card speaks."""
    return str(action.args.get("language") or language_of(action.summary))


def _ask_again(session: TenantSession, action: ChatAction, user: User) -> None:
    """Another card about the list as it is now; a yes is always to what one card said."""
    try:
        again = propose(
            session, action.tool, action.args, user=user, conversation_id=action.conversation_id, turn=action.turn
        )
    except AppError as error:
        action.detail = clipped(f"{action.detail} {error.detail}", 500)
    else:
        action.applied = {"again": again.public_id}


def again(session: TenantSession, action: ChatAction) -> ChatAction | None:
    """The card that asks instead of one whose list has changed."""
    public_id = (action.applied or {}).get("again")
    if public_id is None:
        return None
    return session.scalar(select(ChatAction).where(ChatAction.public_id == public_id))


def _answered(action: ChatAction, decision: Decision) -> ActionState:
    if clock.wall() >= action.expires_at:
        return ActionState.EXPIRED
    return ActionState.DONE if decision == "approve" else ActionState.REJECTED


def _claim(session: TenantSession, action: ChatAction, was: ActionState, becomes: ActionState, key: str | None) -> bool:
    """Whether this transaction is the one that moves the action on; reads the row as it then is.

    Others wait here for our end: with our commit they find it moved, with our rollback one of them takes its place.
    """
    session.flush()
    claim = update(ChatAction).where(ChatAction.id == action.id, ChatAction.state == was)
    moved = {"state": becomes, "decided_at": clock.wall()} | ({"decision_key": key} if key else {})
    result = session.execute(claim.values(moved).execution_options(synchronize_session=False))
    session.refresh(action)
    return int(result.rowcount) == 1  # type: ignore[attr-defined]


def skip_pending(session: TenantSession, conversation_id: int) -> list[ChatAction]:
    """Another question was asked: open cards of the conversation are no longer for answering. Returns those."""
    waiting = select(ChatAction).where(
        ChatAction.conversation_id == conversation_id, ChatAction.state == ActionState.PROPOSED
    )
    skipped = []
    for action in session.scalars(waiting.order_by(ChatAction.id)):
        over = ActionState.SKIPPED if is_open(action) else ActionState.EXPIRED
        if _claim(session, action, ActionState.PROPOSED, over, None):
            skipped.append(action)
    return skipped


def undo(session: TenantSession, action: ChatAction, *, user: User) -> ChatAction:
    """Take a done action back: what it made is deleted, what it changed is as before. Undoing twice does nothing.

    Raises Conflict, and nothing is taken back, if it was not done or somebody changed the same since; Forbidden if the
    person's role allows it no longer; NotFound if it is another person's.
    """
    _check_own(action, user)
    try:
        with session.begin_nested():
            present = _expect_allowed(session, user, _tool(action.tool))
            if _claim(session, action, ActionState.DONE, ActionState.UNDONE, None):
                _take_back(session, action, by=Actor("assistant", present.id))
            elif action.state is not ActionState.UNDONE:
                raise Conflict("There is nothing to undo here.")
    except StaleDataError:
        session.refresh(action)
        raise Conflict("The record was changed in the same moment. Nothing was taken back.") from None
    except AppError:
        session.refresh(action)  # what the savepoint took back, the object still says
        raise
    return action


def _take_back(session: TenantSession, action: ChatAction, *, by: Actor) -> None:
    if action.tool == CHANGE_LIST:
        list_actions.take_back(session, action, session.get_one(User, by.user_id))
    for applied in reversed((action.applied or {}).get("steps", ())):
        steps.lock(session, applied["type"], applied["id"])
        changes.revert(session, applied, by=by)
    session.flush()
    _record(session, "assistant.action_undone", action, by=by)


def _tool(name: str) -> Tool:
    if name not in TOOLS:
        raise Invalid.field("tool", f"There is no tool “{clipped(name, 40)}”.")
    return TOOLS[name]


def _check_own(action: ChatAction, user: User) -> None:
    if action.user_id != user.id or action.workspace_id != user.workspace_id:
        raise NotFound("There is no such action.")


def _check_allowed(user: User, tool: Tool) -> None:
    if not user.is_active or not allows(user.role, tool.scope):
        raise Forbidden("Your role does not allow this.")


def _expect_allowed(session: TenantSession, user: User, tool: Tool) -> User:
    """The person as they are in the database by now."""
    present = session.get(User, user.id, populate_existing=True)
    if present is None:
        raise Forbidden("This account is gone.")
    _check_allowed(present, tool)
    return present


def _edited(tool: Tool, arguments: dict[str, Any], edits: dict[str, Any]) -> dict[str, Any]:
    for name in edits:
        if name not in tool.editable:
            raise Invalid.field(clipped(str(name), 40), "This cannot be changed on the card.")
    merged = {**arguments, **edits}
    check(tool.args, merged)
    return merged


def _describe(
    session: TenantSession,
    action: ChatAction,
    tool: Tool,
    arguments: dict[str, Any],
    user: User,
    language: str,
) -> None:
    """Fill in what the card shows: arguments, record, before and after, summary. What it showed before, stays."""
    given: Any = check(tool.args, arguments)
    if tool.name == CHANGE_LIST:
        list_actions.describe(session, action, given, user)
        return
    done = steps.rehearse(session, tool.steps(session, given, user), by=Actor("assistant", user.id))
    main = _main(tool, done)
    words = Words.for_user(session, user, language)
    action.args = given.model_dump(mode="json", exclude_unset=True)
    action.record_type = tool.about
    if tool.target is None:
        name = name_of(tool.about, _after(main))
        action.before = {}
    else:
        shown = changes.flat(records.show(session, records.get(session, tool.about, main["id"])))
        if not main["fields"]:
            raise Conflict(f"There is nothing to change: that is how “{name_of(tool.about, shown)}” is already.")
        is_new = action.record_id is None
        action.record_id, action.base_version = main["id"], shown["version"] if is_new else action.base_version
        action.before = _before(tool.about, shown, main["fields"]) | (action.before or {})
        name = name_of(tool.about, action.before)
    action.changes = _changes(words, tool, main, done)
    action.summary = words.sentence(action.tool, name, _after(main), action.changes, user=user)


def _main(tool: Tool, done: list[dict[str, Any]]) -> dict[str, Any]:
    """Of the steps, the one that the card is about."""
    return next(applied for applied in done if applied["type"] == tool.about)


def _after(applied: dict[str, Any]) -> dict[str, Any]:
    return {name: values[1] for name, values in applied["fields"].items()}


def _before(type_: str, shown: dict[str, Any], fields: dict[str, list[Any]]) -> dict[str, Any]:
    """What the card says is so: the record's name, and the fields it is about to change."""
    told = (*_NAMES.get(type_, ("name",)), *(name for name in fields if name not in _DERIVED))
    return {name: shown.get(name) for name in told}


def _changes(words: Words, tool: Tool, main: dict[str, Any], done: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines of the card: {field, label, before, after, before_text, after_text}."""
    fields = {name: values for name, values in main["fields"].items() if _is_told(name, values, main)}
    for other in (applied for applied in done if applied is not main):
        if other["type"] == "company":  # its id was for trial only
            del fields["company_id"]
            fields["company"] = [None, other["fields"]["name"][1]]
        else:
            fields["note"] = [None, other["fields"]["body"][1]]
    lines = [_line(words, tool.about, name, before, after) for name, (before, after) in fields.items()]
    for line in lines:
        if line["field"] == "stage":
            line["stage_type"] = _after(main).get("stage_type")
    return lines


def _is_told(name: str, values: list[Any], main: dict[str, Any]) -> bool:
    if name in _DERIVED or (main["created"] and values[1] in (None, [], "")):
        return False
    if main["created"] and values[1] == _USUAL.get(name):
        return False
    other = {"due_date": "due_at", "currency": "amount"}.get(name)  # a time says its day, an amount its currency
    if other is not None and main["fields"].get(other, [None, None])[1] is not None:
        return False
    return not (name == "due_at" and values[1] is None)


def _line(words: Words, type_: str, name: str, before: Any, after: Any) -> dict[str, Any]:
    return {
        "field": name,
        "label": words.label(type_, name),
        "before": before,
        "after": after,
        "before_text": words.value(name, before, type_),
        "after_text": words.value(name, after, type_),
    }


def _run(session: TenantSession, action: ChatAction, tool: Tool, user: User) -> None:
    """Do it, as this person, and keep what undoing needs."""
    by = Actor("assistant", user.id)
    given: Any = check(tool.args, action.args)
    if tool.name == CHANGE_LIST:
        list_actions.run(session, action, given, user)
    else:
        done = steps.carry_out(session, tool.steps(session, given, user), by=by)
        action.record_id = _main(tool, done)["id"]
        action.applied = {"steps": done}
    _record(session, "assistant.action_done", action, by=by)


def _record(session: TenantSession, kind: str, action: ChatAction, *, by: Actor) -> None:
    events.record(
        session,
        kind,
        by=by,
        subject=(action.record_type or "", action.record_id or 0),
        title=action.summary,
        data={"action": action.public_id, "tool": action.tool, "turn": action.turn},
    )


def _end(session: TenantSession, action: ChatAction, state: ActionState, detail: str) -> None:
    """It was claimed and not done: say why."""
    session.refresh(action)
    action.state, action.detail = state, clipped(detail, 500)


def _show_current(session: TenantSession, action: ChatAction, user: User) -> None:
    """Beside what the card showed, what is so now."""
    words = Words.for_user(session, user, language_of(action.summary))
    now = steps.current(session, action)
    action.changes = [
        {
            **line,
            "current": now[line["field"]],
            "current_text": words.value(line["field"], now[line["field"]], action.record_type or ""),
        }
        if line["field"] in now
        else line
        for line in action.changes
    ]
