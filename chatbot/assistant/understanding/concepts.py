"""What words mean for each record type: the fields behind "value" and "owner", what is "open", which times count.

The lexicon turns words of both languages into the concept names used here; everything that knows the CRM's schema
stands in this table, so a new field is a line here and a word there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from shared.query.plan import And, Cmp, Node, Or


def cmp(field: str, op: str, *values: str) -> Cmp:
    return Cmp(field=field, op=op, values=values)


def both(*nodes: Node) -> Node:
    return nodes[0] if len(nodes) == 1 else And(of=nodes)


def either(*nodes: Node) -> Node:
    return nodes[0] if len(nodes) == 1 else Or(of=nodes)


_CUSTOM = "custom/"


def custom_concept(kind: str, fields: Mapping[str, str]) -> str:
    """A field that a workspace defined, as a concept of its own: it says what the tables say of the others."""
    return f"{_CUSTOM}{kind}/" + ",".join(f"{type_}={name}" for type_, name in fields.items())


def custom_kind(concept: str) -> str:
    """What kind of values such a field has; "" for the CRM's own concepts."""
    return concept.split("/")[1] if concept.startswith(_CUSTOM) else ""


@lru_cache(maxsize=512)
def _custom_fields(concept: str) -> Mapping[str, str]:
    return dict(pair.split("=") for pair in concept.rsplit("/", 1)[1].split(","))


class _Fields(dict[str, Mapping[str, str]]):
    """The table below, which also knows a workspace's own concepts by what they say of themselves."""

    def __missing__(self, concept: str) -> Mapping[str, str]:
        if not concept.startswith(_CUSTOM):
            raise KeyError(concept)
        return _custom_fields(concept)

    def get(self, concept: str, default: Any = None) -> Any:
        return _custom_fields(concept) if concept.startswith(_CUSTOM) else super().get(concept, default)

    def __contains__(self, concept: object) -> bool:
        return super().__contains__(concept) or (isinstance(concept, str) and concept.startswith(_CUSTOM))


#: concept → record type → its field. Records are asked about these, lists filtered, grouped and sorted by them.
FIELDS: Mapping[str, Mapping[str, str]] = _Fields({
    "name": {"company": "name", "contact": "name", "deal": "name", "user": "name"},
    "amount": {"deal": "amount"},
    "weighted": {"deal": "weighted_amount"},
    "probability": {"deal": "probability"},
    "currency": {"deal": "currency"},
    "stage": {"deal": "stage"},
    "state": {"deal": "stage_type", "task": "status", "meeting": "status", "contact": "lifecycle"},
    "close_date": {"deal": "expected_close"},
    "closed_at": {"deal": "closed_at"},
    "lost_reason": {"deal": "lost_reason"},
    "pipeline": {"deal": "pipeline"},
    "age": {"deal": "age_days"},
    "cycle": {"deal": "cycle_days"},
    "in_stage": {"deal": "days_in_stage"},
    "stale": {"deal": "stale_days"},
    "last_activity": {"deal": "last_activity_at", "company": "last_contact_at", "contact": "last_contact_at"},
    "email": {"contact": "email", "user": "email"},
    "phone": {"contact": "phone", "company": "phone"},
    "title": {"employment": "title", "contact": "title", "task": "title", "meeting": "title", "user": "role"},
    "lifecycle": {"contact": "lifecycle"},
    "source": {"contact": "source"},
    "company": {"contact": "company", "deal": "company", "meeting": "company", "insight": "company",
                "employment": "company"},
    "contact": {"insight": "contact"},
    "meeting": {"insight": "meeting_id"},
    "deal": {"insight": "deal"},
    "owner": {
        "company": "owner", "contact": "owner", "deal": "owner", "task": "assignee", "note": "author",
        "meeting": "owner", "move": "user",
    },
    "part": {"role": "role"},
    "assignee": {"task": "assignee", "deal": "owner", "company": "owner", "contact": "owner"},
    "author": {"note": "author"},
    "domain": {"company": "domain"},
    "website": {"company": "website"},
    "industry": {"company": "industry"},
    "employees": {"company": "employees"},
    "street": {"company": "street"},
    "city": {"company": "city"},
    "region": {"company": "region"},
    "postcode": {"company": "postcode"},
    "country": {"company": "country"},
    "address": {"company": "street"},
    "open_deals": {"company": "open_deals"},
    "last_meeting": {"company": "last_meeting_at", "contact": "last_meeting_at", "deal": "last_meeting_at"},
    "stage_since": {"deal": "stage_since"},
    "last_contact": {"company": "last_contact_at", "contact": "last_contact_at", "deal": "last_activity_at"},
    "due": {"task": "due_date", "deal": "expected_close"},
    "priority": {"task": "priority"},
    "completed": {"task": "completed_at"},
    "promised_by": {"task": "promised_by"},
    "date": {"meeting": "occurred_at", "task": "due_date", "note": "created_at", "insight": "occurred_at",
             "deal": "expected_close"},
    "duration": {"meeting": "duration_s", "note": "duration_s"},
    "language": {"meeting": "language"},
    "kind": {"insight": "kind"},
    "confidence": {"insight": "confidence"},
    "text": {"insight": "text"},
    "created": dict.fromkeys(("company", "contact", "deal", "task", "note", "meeting"), "created_at"),
    "updated": dict.fromkeys(("company", "contact", "deal", "task", "note", "meeting"), "updated_at"),
    "role": {"user": "role"},
    "first_name": {"contact": "first_name"},
    "last_name": {"contact": "last_name"},
})  # fmt: skip

#: Concepts shown as several fields of the record they are asked of.
SHOWN_AS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("company", "address"): ("street", "postcode", "city", "country"),
    ("company", "place"): ("city", "country"),
    ("contact", "details"): ("email", "phone", "title", "company"),
    ("company", "details"): ("phone", "website", "street", "postcode", "city", "country"),
    ("contact", "work"): ("company", "title"),
    ("deal", "state"): ("stage",),
}

#: What a field's group is called by: reference columns group by record, so that each group can be opened.
GROUPS: Mapping[tuple[str, str], str] = {
    ("deal", "company"): "company_id", ("deal", "owner"): "owner_id", ("contact", "company"): "company_id",
    ("contact", "owner"): "owner_id", ("company", "owner"): "owner_id", ("task", "owner"): "assignee_id",
    ("task", "assignee"): "assignee_id", ("note", "owner"): "author_id", ("note", "author"): "author_id",
    ("meeting", "company"): "company_id", ("meeting", "owner"): "user_id", ("deal", "pipeline"): "pipeline_id",
    ("insight", "company"): "company_id", ("insight", "deal"): "deal_id", ("deal", "assignee"): "owner_id",
    ("deal", "contact"): "contact_id", ("meeting", "deal"): "deal_id", ("contact", "assignee"): "owner_id",
    ("company", "assignee"): "owner_id", ("insight", "contact"): "contact_id",
    ("insight", "meeting"): "meeting_id", ("task", "meeting"): "meeting_id",
    **{(kind, of): f"{of}_id" for kind in ("task", "note") for of in ("company", "contact", "deal")},
    ("meeting", "contact"): "contact_id", ("role", "deal"): "deal_id", ("role", "contact"): "contact_id",
    **{(kind, place): place for kind in ("deal", "contact", "meeting") for place in ("country", "city", "industry")},
}  # fmt: skip

#: Who a record belongs to.
PEOPLE: Mapping[str, str] = {
    "company": "owner_id", "contact": "owner_id", "deal": "owner_id", "task": "assignee_id", "note": "author_id",
    "meeting": "user_id", "move": "user_id",
}  # fmt: skip

_OPEN = cmp("stage_type", "eq", "open")
_WON = cmp("stage_type", "eq", "won")
_LOST = cmp("stage_type", "eq", "lost")

#: A deal nobody has touched for so many days is called stale.
STALE_DAYS = 30

#: state → record type → condition.
STATES: Mapping[str, Mapping[str, Node]] = {
    "open": {"deal": _OPEN, "task": cmp("status", "eq", "open")},
    "won": {"deal": _WON},
    "lost": {"deal": _LOST},
    "closed": {"deal": cmp("stage_type", "in", "won", "lost"), "task": cmp("status", "eq", "done")},
    "done": {"task": cmp("status", "eq", "done")},
    "overdue": {
        "task": cmp("is_overdue", "eq", "true"),
        "deal": cmp("expected_close", "eq", "overdue"),
    },
    "high": {"task": cmp("priority", "eq", "high")},
    "normal": {"task": cmp("priority", "eq", "normal")},
    "low": {"task": cmp("priority", "eq", "low")},
    "unassigned": {
        "task": cmp("assignee_id", "is", "null"), "deal": cmp("owner_id", "is", "null"),
        "company": cmp("owner_id", "is", "null"), "contact": cmp("owner_id", "is", "null"),
    },
    "stale": {"deal": both(_OPEN, cmp("stale_days", "gte", str(STALE_DAYS)))},
    "lead": {"contact": cmp("lifecycle", "eq", "lead")},
    "qualified": {"contact": cmp("lifecycle", "eq", "qualified")},
    "opportunity": {"contact": cmp("lifecycle", "eq", "opportunity")},
    "customer": {"contact": cmp("lifecycle", "eq", "customer")},
    "partner": {"contact": cmp("lifecycle", "eq", "partner")},
    "former": {"contact": cmp("lifecycle", "eq", "former")},
    "logged_call": {"note": cmp("kind", "eq", "call")},
    "logged_email": {"note": cmp("kind", "eq", "email")},
    "logged_meeting": {"note": cmp("kind", "eq", "meeting")},
    "incoming": {"note": cmp("direction", "eq", "in")},
    "outgoing": {"note": cmp("direction", "eq", "out")},
    "ready": {"meeting": cmp("status", "eq", "ready")},
    "failed": {"meeting": cmp("status", "eq", "failed")},
    "queued": {"meeting": cmp("status", "in", "queued", "analyzing")},
    "active": {"user": cmp("is_active", "eq", "true")},
    "inactive": {"user": cmp("is_active", "eq", "false")},
    "admin": {"user": cmp("role", "eq", "admin")},
    "manager": {"user": cmp("role", "eq", "manager")},
    "member": {"user": cmp("role", "eq", "member")},
    "viewer": {"user": cmp("role", "eq", "viewer")},
}  # fmt: skip

#: The field that says whether a state holds: the answer to "is it …?".
STATE_FIELDS: Mapping[str, Mapping[str, str]] = {
    "deal": {"open": "stage", "won": "stage", "lost": "stage", "closed": "stage",
             "overdue": "expected_close", "stale": "stale_days", "unassigned": "owner"},
    "task": {"open": "status", "done": "status", "closed": "status", "overdue": "is_overdue", "high": "priority",
             "low": "priority", "normal": "priority", "unassigned": "assignee"},
    "contact": dict.fromkeys(("lead", "qualified", "opportunity", "customer", "partner", "former"), "lifecycle")
    | {"unassigned": "owner"},
    "company": {"unassigned": "owner"},
    "meeting": {"ready": "status", "failed": "status", "queued": "status"},
    "user": {"active": "is_active", "inactive": "is_active", "admin": "role", "manager": "role", "member": "role",
             "viewer": "role"},
}  # fmt: skip

#: record type → related record type → the relation's name.
RELATIONS: Mapping[str, Mapping[str, str]] = {
    "company": {"contact": "contacts", "deal": "deals", "task": "tasks", "note": "notes", "meeting": "meetings",
                "insight": "insights", "employment": "employments"},
    "contact": {"company": "company", "deal": "deals", "task": "tasks", "note": "notes", "meeting": "meetings",
                "insight": "insights", "role": "roles", "employment": "employments"},
    "deal": {"company": "company", "contact": "contacts", "task": "tasks", "note": "notes", "meeting": "meetings",
             "insight": "insights", "role": "roles", "move": "moves"},
    "task": {"company": "company", "contact": "contact", "deal": "deal", "meeting": "meeting"},
    "note": {"company": "company", "contact": "contact", "deal": "deal", "meeting": "meeting"},
    "meeting": {"company": "company", "deal": "deal", "contact": "contacts", "task": "tasks", "note": "notes",
                "insight": "insights"},
    "insight": {"meeting": "meeting", "company": "company", "deal": "deal", "contact": "contact"},
    "user": {"company": "companies", "contact": "contacts", "deal": "deals", "task": "tasks", "note": "notes",
             "meeting": "meetings", "move": "moves"},
    "role": {"contact": "contact", "deal": "deal"},
    "move": {"deal": "deal"},
    "employment": {"contact": "contact", "company": "company"},
}  # fmt: skip

#: record type → type of a named record → the reference field that names it directly.
REFERENCES: Mapping[str, Mapping[str, str]] = {
    "company": {"company": "id"},
    "contact": {"contact": "id", "company": "company_id"},
    "deal": {"deal": "id", "company": "company_id", "contact": "contact_id"},
    "task": {"task": "id", "company": "company_id", "contact": "contact_id", "deal": "deal_id",
             "meeting": "meeting_id"},
    "note": {"note": "id", "company": "company_id", "contact": "contact_id", "deal": "deal_id",
             "meeting": "meeting_id"},
    "meeting": {"meeting": "id", "company": "company_id", "contact": "contact_id", "deal": "deal_id"},
    "insight": {"company": "company_id", "contact": "contact_id", "deal": "deal_id", "meeting": "meeting_id"},
    "user": {"user": "id"},
    "role": {"contact": "contact_id", "deal": "deal_id"},
    "move": {"deal": "deal_id"},
    "employment": {"contact": "contact_id", "company": "company_id"},
}  # fmt: skip

#: record type → what is said to have happened → its date field. "" is a date with no such word.
TIMES: Mapping[str, Mapping[str, str]] = {
    "deal": {"created": "created_at", "closed": "closed_at", "won": "closed_at", "lost": "closed_at",
             "closing": "expected_close", "due": "expected_close", "updated": "updated_at", "moved": "stage_since",
             "staying": "stage_since",
             "activity": "last_activity_at", "overdue": "expected_close"},
    "task": {"": "due_date", "due": "due_date", "overdue": "due_date", "done": "completed_at", "closed": "completed_at",
             "created": "created_at", "updated": "updated_at"},
    "note": {"": "created_at", "created": "created_at", "updated": "updated_at", "happened": "happened_at"},
    "meeting": {"": "occurred_at", "created": "created_at", "met": "occurred_at", "updated": "updated_at"},
    "insight": {"": "occurred_at", "met": "occurred_at", "created": "occurred_at"},
    "contact": {"": "created_at", "created": "created_at", "updated": "updated_at"},
    "company": {"": "created_at", "created": "created_at", "updated": "updated_at"},
    "user": {"created": "created_at", "": "created_at"},
    "move": {"": "moved_at", "moved": "moved_at"},
    "employment": {"": "ended_on", "left": "ended_on", "joined": "started_on"},
}  # fmt: skip

#: superlative → record type → (field, descending).
SUPERLATIVES: Mapping[str, Mapping[str, tuple[str, bool]]] = {
    "most": {"deal": ("amount", True), "company": ("employees", True), "meeting": ("duration_s", True)},
    "least": {"deal": ("amount", False), "company": ("employees", False), "meeting": ("duration_s", False)},
    "newest": {"deal": ("created_at", True), "company": ("created_at", True), "contact": ("created_at", True),
               "task": ("created_at", True), "note": ("created_at", True), "meeting": ("occurred_at", True),
               "insight": ("occurred_at", True)},
    "oldest": {"deal": ("created_at", False), "company": ("created_at", False), "contact": ("created_at", False),
               "task": ("due_date", False), "note": ("created_at", False), "meeting": ("occurred_at", False),
               "insight": ("occurred_at", False)},
    "soonest": {"deal": ("expected_close", False), "task": ("due_date", False), "meeting": ("occurred_at", False)},
    "longest": {"meeting": ("duration_s", True), "deal": ("age_days", True)},
    "shortest": {"meeting": ("duration_s", False), "deal": ("age_days", False)},
    "stalest": {"deal": ("stale_days", True)},
    "likeliest": {"deal": ("probability", True)},
    "unlikeliest": {"deal": ("probability", False)},
}  # fmt: skip

#: Fields that hold a magnitude, with the word for more of it.
NUMERIC = frozenset(
    ("amount", "weighted_amount", "probability", "employees", "open_deals", "stale_days", "days_in_stage", "age_days",
     "cycle_days", "duration_s", "confidence", "amount_minor")
)  # fmt: skip
DATED = frozenset(
    ("expected_close", "closed_at", "created_at", "updated_at", "due_date", "due_at", "completed_at", "occurred_at",
     "happened_at", "last_contact_at", "last_meeting_at", "last_activity_at", "stage_since", "moved_at", "started_on",
     "ended_on")
)  # fmt: skip


def is_magnitude(concept: str, names: Iterable[str]) -> bool:
    """Whether a concept's fields, by name, hold numbers or days: more and less, earlier and later."""
    return custom_kind(concept) in ("number", "money", "date") or bool(set(names) & (NUMERIC | DATED))


def is_number(concept: str, name: str) -> bool:
    return name in NUMERIC or custom_kind(concept) in ("number", "money")


def is_date(concept: str, name: str) -> bool:
    return name in DATED or custom_kind(concept) == "date"


#: Metrics of `shared.query.metrics` by the word for them, and the deals they speak of (None: the metric's own choice).
METRICS: Mapping[str, tuple[str, str, Node | None]] = {
    "open_pipeline": ("deal", "open_pipeline", _OPEN),
    "weighted_pipeline": ("deal", "weighted_pipeline", _OPEN),
    "won_amount": ("deal", "won_amount", _WON),
    "lost_amount": ("deal", "lost_amount", _LOST),
    "average_deal": ("deal", "average_deal", None),
    "win_rate": ("deal", "win_rate", None),
    "average_cycle_days": ("deal", "average_cycle_days", None),
    "average_stale_days": ("deal", "average_stale_days", _OPEN),
    "total_duration_s": ("meeting", "total_duration_s", None),
}
