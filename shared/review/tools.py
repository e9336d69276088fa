"""What the assistant may be asked to do: a table of typed tools, each no more than writes through the record verbs.

A tool says which arguments it takes, who may use it, how much is at stake, and which `Step`s it comes to. One touches
more records than a card can name: `change_list` is carried out by `list_actions`, and alone may delete.

A call, an e-mail or a meeting that somebody logs becomes a note on the records it was about, headed by what it was and
when: it is the person's own words, findable, editable and undoable like every note, and counts as contact. A meeting
in this CRM is a transcript waiting to be read, which a sentence is not. For the same reason a drafted e-mail is a note.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from shared import records
from shared.accounts.permissions import Scope, allows
from shared.errors import Invalid
from shared.models import Role, Stage, StageType, User
from shared.records.tags import key_of
from shared.review.letters import draft_note
from shared.schemas import actions as given
from shared.tenancy import TenantSession

Risk = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Step:
    """One write: a new record, or with `id` a change. `takes` is the field that gets the id the step before made."""

    type: str
    values: dict[str, Any]
    id: int | None = None
    takes: str | None = None


Steps = Callable[[TenantSession, Any, User], list[Step]]


@dataclass(frozen=True, slots=True)
class Tool:
    """`about` is the type of record it makes or changes, `target` the argument that names an existing one, `editable`

    what the person may still change on the card. `risk` is the least; see `risk_of`.
    """

    name: str
    about: str
    args: type[given.Arguments]
    steps: Steps
    risk: Risk
    target: str | None = None
    editable: tuple[str, ...] = ()
    scope: Scope = Scope.RECORDS_WRITE


def _links(links: list[given.Link]) -> list[dict[str, Any]]:
    return [{"type": link.type, "id": link.id} for link in links]


def _due(args: given.CreateTask | given.ScheduleFollowUp | given.UpdateTask) -> dict[str, Any]:
    """A time says the day too; a day alone takes an earlier time away."""
    if args.due_at is not None:
        return {"due_at": args.due_at}
    if "due_date" in args.model_fields_set or "due_at" in args.model_fields_set:
        return {"due_at": None, "due_date": args.due_date} if args.due_date is None else {"due_date": args.due_date}
    return {}


def _create_task(_session: TenantSession, args: given.CreateTask | given.ScheduleFollowUp, user: User) -> list[Step]:
    values = args.given("due_date", "due_at", "links") | _due(args) | {"links": _links(args.links)}
    return [Step("task", {"assignee_id": user.id} | values)]


def _update_task(session: TenantSession, args: given.UpdateTask, _user: User) -> list[Step]:
    values = args.given("task_id", "due_date", "due_at", *_OWN) | _due(args)
    return [Step("task", values | _own(session, "task", args.task_id, args), id=args.task_id)]


_OWN = ("custom", "add_tags", "remove_tags")
_Changed = given.UpdateTask | given.UpdateContact | given.UpdateCompany | given.UpdateDeal


def _own(session: TenantSession, type_: str, id: int, args: _Changed) -> dict[str, Any]:
    """What a workspace adds to its records: its own fields, and the tags as they will be."""
    values: dict[str, Any] = {"custom": args.custom} if args.custom else {}
    if args.add_tags or args.remove_tags:
        carried = records.show(session, records.get(session, type_, id))["tags"]
        dropped = {key_of(name) for name in args.remove_tags}
        kept = {key_of(name): name for name in carried if key_of(name) not in dropped}
        added = {key_of(name): name for name in args.add_tags if key_of(name) not in kept}
        values["tags"] = [*kept.values(), *added.values()]
    return values


def _create_note(_session: TenantSession, args: given.CreateNote, _user: User) -> list[Step]:
    return [Step("note", {"body": args.body, "links": _links(args.links)})]


def _update_note(session: TenantSession, args: given.UpdateNote, _user: User) -> list[Step]:
    body = args.body
    if args.append:
        body = f"{records.get(session, 'note', args.note_id).body}\n\n{body}"
    return [Step("note", {"body": body}, id=args.note_id)]


_LOGGED = {
    "en": {"call": "Call", "email": "E-mail", "meeting": "Meeting"},
    "de": {"call": "Anruf", "email": "E-Mail", "meeting": "Treffen"},
}
_WITH = {"en": "with", "de": "mit"}


def _log_activity(_session: TenantSession, args: given.LogActivity, _user: User) -> list[Step]:
    what = _LOGGED[args.language][args.kind]
    head = f"{what} {_WITH[args.language]} {args.who}" if args.who else what
    head += f", {args.on.isoformat()}"
    body = f"{head}\n\n{args.text}" if args.text else head
    return [Step("note", {"body": body, "links": _links(args.links)})]


def _draft_email(session: TenantSession, args: given.DraftEmail, _user: User) -> list[Step]:
    contact = records.get(session, "contact", args.contact_id)
    to = f"{contact.name} <{contact.email}>" if contact.email else contact.name
    body = draft_note(language=args.language, subject=args.subject, to=to, body=args.body)
    return [Step("note", {"body": body, "links": [{"type": "contact", "id": contact.id}]})]


def _create_contact(_session: TenantSession, args: given.CreateContact, user: User) -> list[Step]:
    values = args.given("email", "phone", "company") | {"owner_id": user.id}
    if args.email:
        values["emails"] = [{"email": args.email}]
    if args.phone:
        values["phones"] = [{"phone": args.phone}]
    if args.company and args.company_id is None:
        values.pop("company_id", None)
        return [
            Step("company", {"name": args.company, "owner_id": user.id}),
            Step("contact", values, takes="company_id"),
        ]
    return [Step("contact", values)]


def _update_contact(session: TenantSession, args: given.UpdateContact, _user: User) -> list[Step]:
    values = args.given("contact_id", "email", "phone", "add_email", "add_phone", *_OWN)
    values |= _own(session, "contact", args.contact_id, args)
    shown = records.show(session, records.get(session, "contact", args.contact_id))
    for one, many in (("email", "emails"), ("phone", "phones")):
        entries = shown[many]
        if primary := getattr(args, one):
            entries = _with_primary(entries, one, primary)
        if another := getattr(args, f"add_{one}"):
            entries = [*entries, {one: another}]
        if entries != shown[many]:
            values[many] = entries
    return [Step("contact", values, id=args.contact_id)]


def _with_primary(entries: list[dict[str, Any]], one: str, value: str) -> list[dict[str, Any]]:
    """The same entries with another primary one; its label stays."""
    if not entries:
        return [{one: value, "primary": True}]
    return [{**entry, one: value} if entry["primary"] else entry for entry in entries]


def _create_company(_session: TenantSession, args: given.CreateCompany, user: User) -> list[Step]:
    return [Step("company", args.given() | {"owner_id": user.id})]


def _update_company(session: TenantSession, args: given.UpdateCompany, _user: User) -> list[Step]:
    values = args.given("company_id", *_OWN) | _own(session, "company", args.company_id, args)
    return [Step("company", values, id=args.company_id)]


def _every(_session: TenantSession, _args: given.ChangeList, _user: User) -> list[Step]:
    """A list's records are changed as a whole (`list_actions`)."""
    return []


def _stage(session: TenantSession, stage_id: int) -> Stage:
    stage = session.get(Stage, stage_id)
    if stage is None:
        raise Invalid.field("stage_id", "There is no such stage.")
    return stage


def _move_deal_stage(session: TenantSession, args: given.MoveDealStage, _user: User) -> list[Step]:
    stage = _stage(session, args.stage_id)
    values: dict[str, Any] = {"stage_id": stage.id}
    if stage.type is StageType.LOST and args.reason:
        values["lost_reason"] = args.reason
    move = Step("deal", values, id=args.deal_id)
    if args.reason and stage.type is not StageType.LOST:
        body = f"{stage.name}: {args.reason}"
        return [move, Step("note", {"body": body, "links": [{"type": "deal", "id": args.deal_id}]})]
    return [move]


def _update_deal(session: TenantSession, args: given.UpdateDeal, _user: User) -> list[Step]:
    values = args.given("deal_id", *_OWN) | _own(session, "deal", args.deal_id, args)
    return [Step("deal", values, id=args.deal_id)]


_TASK = ("title", "body", "due_date", "due_at", "priority", "assignee_id")
_FOLLOW_UP = ("title", "due_date", "due_at", "assignee_id")
_PERSON = ("first_name", "last_name", "email", "phone", "title")
_COMPANY = ("name", "domain", "website", "industry", "employees", "phone", "city", "country")
_DEAL = ("name", "amount", "expected_close", "probability")

CHANGE_LIST = "change_list"
TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool("create_task", "task", given.CreateTask, _create_task, "low", None, _TASK),
        Tool("update_task", "task", given.UpdateTask, _update_task, "medium", "task_id", (*_TASK, "status")),
        Tool("schedule_follow_up", "task", given.ScheduleFollowUp, _create_task, "low", None, _FOLLOW_UP),
        Tool("create_note", "note", given.CreateNote, _create_note, "low", None, ("body",)),
        Tool("update_note", "note", given.UpdateNote, _update_note, "medium", "note_id", ("body",)),
        Tool("log_activity", "note", given.LogActivity, _log_activity, "low", None, ("text", "on")),
        Tool("draft_email", "note", given.DraftEmail, _draft_email, "low", None, ("subject", "body")),
        Tool("create_contact", "contact", given.CreateContact, _create_contact, "medium", None, _PERSON),
        Tool("update_contact", "contact", given.UpdateContact, _update_contact, "medium", "contact_id",
             (*_PERSON, "add_email", "add_phone")),
        Tool("create_company", "company", given.CreateCompany, _create_company, "medium", None, _COMPANY),
        Tool("update_company", "company", given.UpdateCompany, _update_company, "medium", "company_id", _COMPANY),
        Tool("move_deal_stage", "deal", given.MoveDealStage, _move_deal_stage, "medium", "deal_id", ("reason",)),
        Tool("update_deal", "deal", given.UpdateDeal, _update_deal, "medium", "deal_id", _DEAL),
        Tool(CHANGE_LIST, "", given.ChangeList, _every, "medium"),
    )
}  # fmt: skip


def risk_of(tool: Tool, changes: Sequence[Mapping[str, Any]]) -> Risk:
    """How much is at stake in these changes: money, and the end of a deal, count most."""
    closes = any(change.get("stage_type") in (StageType.WON, StageType.LOST) for change in changes)
    return "high" if closes or any(change["field"] == "amount" for change in changes) else tool.risk


def tools_for(role: Role) -> tuple[str, ...]:
    """Names of the tools that somebody of this role may use; viewers none."""
    return tuple(name for name, tool in TOOLS.items() if allows(role, tool.scope))
