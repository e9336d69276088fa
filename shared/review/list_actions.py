"""An action on every record of a list: the set is fixed on its card, and changed as the list's own bulk bar does it.

The card keeps the conditions, how many records they meant, and a fingerprint of which. Whoever says yes says it to
those: where others have come in or left since, nothing is done and another card asks. What is done is one change of
`shared.records.changing`, now or by its job, and its undo is that change's.
"""

from __future__ import annotations

import hashlib
from typing import Any, cast

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import object_session

from shared import records
from shared.accounts.permissions import Scope, allows
from shared.errors import Conflict, Forbidden, Invalid, Unavailable
from shared.events import Actor
from shared.models import BulkChange, BulkStatus, ChatAction, Stage, User
from shared.query import Plan, ask, catalog, href, ids_of
from shared.query.catalog import PREFIX
from shared.query.conditions import Viewpoint
from shared.query.plan import And, Cmp, Group, Measure, Node, Or
from shared.query.results import GroupRow, Result
from shared.query.types import FieldType
from shared.query.wording import Words as PlanWords
from shared.records import changing
from shared.records.shifting import DAYS, Shift
from shared.review.action_words import Words
from shared.review.list_words import say
from shared.schemas.actions import ChangeList
from shared.tenancy import TenantSession

_SHOWN_NAMES, _SHOWN_VALUES = 5, 3
_GROUPED = (FieldType.ENUM, FieldType.REF, FieldType.TEXT, FieldType.BOOL)


class ListChanged(Conflict):
    """Other records are meant by now than the card was about."""


def describe(session: TenantSession, action: ChatAction, given: ChangeList, user: User) -> None:
    """Fill in what the card shows.

    Raises Invalid where there are none, too many, or a value does not fit; Conflict where all are so already;
    Forbidden where none is the person's to change.
    """
    card = _Card(session, given, user)
    action.args = given.model_dump(mode="json")
    action.record_type = card.type
    action.before, action.changes, action.summary = card.before(), card.changes, card.summary()


class _Card:
    """What one card says."""

    def __init__(self, session: TenantSession, given: ChangeList, user: User) -> None:
        self.session, self.given, self.user = session, given, user
        self.plan, self.language = _plan(given), given.language
        self.type = self.plan.from_
        self.words = Words.for_user(session, user, given.language)
        viewpoint = Viewpoint.of(session, user_id=user.id, zone=self.words.zone)
        self.plan_words = PlanWords(session, viewpoint, given.language, given.language)
        self.sentence = self.plan_words.sentence(self.plan)
        self.ids = _ids(session, given, user)
        self.own = self._expect_some()
        self.same = 0  # that are so already
        self.notes: list[str] = []
        self.changes = self._changes()
        if self.same >= len(self.ids):
            raise Conflict(say(self.language, "all_so", n=len(self.ids)))

    def _expect_some(self) -> int:
        """How many of them are the person's to change."""
        _expect_allowed(self.given, self.user)
        if not self.ids:
            raise Invalid(say(self.language, "none", what=self.sentence))
        if len(self.ids) > changing.MOST:
            raise Invalid(say(self.language, "too_many", most=changing.MOST))
        if allows(self.user.role, Scope.RECORDS_MANAGE):
            return len(self.ids)
        own = changing.own(self.session, self.type, self.ids, self.user.id)
        if not own:
            raise Forbidden(say(self.language, "not_yours"))
        return own

    def before(self) -> dict[str, Any]:
        few = self.plan.model_copy(update={"limit": min(_SHOWN_NAMES, self.plan.limit)})
        notes = [*self.notes, *([say(self.language, "same", n=self.same)] if self.same else [])]
        if left := len(self.ids) - self.own:
            notes.append(say(self.language, "others", n=left))
        return {
            "count": len(self.ids),
            "fingerprint": _fingerprint(self.ids),
            "conditions": self.sentence,
            "names": [row.name for row in self._ask(few).rows],
            "href": href(self.plan, catalog(self.session), user_id=self.user.id) or None,
            "notes": notes,
        }  # fmt: skip

    def summary(self) -> str:
        """The action in one sentence."""
        action, values = self.given.action, self.given.values
        if action == "edit" and values.get("status") in ("done", "open"):
            action = values["status"]
        text = "; ".join(f"{line['label']} → {line['after_text'] or '–'}" for line in self.changes)
        tags = ", ".join(f"“{name}”" if self.language == "en" else f"„{name}“" for name in values.get("tags", ()))
        action = "edit" if action == "shift" else action
        return say(self.language, f"do_{action}", what=self._counted(), changes=text, tags=tags)[:500]

    def _counted(self) -> str:
        entity = catalog(self.session)[self.type]
        noun = self.plan_words.noun_phrase(entity, None, is_one=len(self.ids) == 1)
        return say(self.language, "counted", n=len(self.ids), noun=noun)

    # --- What changes from what to what

    def _changes(self) -> list[dict[str, Any]]:
        action, values = self.given.action, self.given.values
        if action == "delete":
            return []
        if action == "shift":
            return [self._shift(Shift.read(self.session, self.type, values))]
        if action != "edit":
            return [self._tags(list(values["tags"]), is_added=action == "tag")]
        if not values or any(changing.is_alone(self.type, name) for name in values):
            raise Invalid(say(self.language, "alone"))
        by = Actor("assistant", self.user.id)
        told = changing.try_one(self.session, self.type, self.ids, values, by=by)
        flat = {name: value for name, value in values.items() if name != "custom"}
        flat |= {f"{PREFIX}{key}": value for key, value in values.get("custom", {}).items()}
        return [self._line(name, told.get(name, [None, value])[1]) for name, value in flat.items()]

    def _line(self, name: str, after: Any) -> dict[str, Any]:
        after_text = self.words.value(name, after, self.type) if not isinstance(after, dict) or "minor" in after else (
            f"{after.get('amount')} {after.get('currency') or ''}".strip()
        )  # fmt: skip
        line = {
            "field": name,
            "label": self.words.label(self.type, name),
            "before": None,
            "after": after,
            "before_text": self._now(name, after),
            "after_text": after_text,
        }
        if name == "stage":
            named = select(Stage.type).where(func.lower(Stage.name) == str(after).lower()).limit(1)
            line["stage_type"] = self.session.scalar(named)
        return line

    def _now(self, name: str, after: Any) -> str:
        """“Ben Ahlers 12, none 3”: what the records say now, the most frequent first."""
        field = catalog(self.session)[self.type].fields.get(name)
        if field is None or field.type not in _GROUPED:
            return ""
        counted = Plan(from_=self.type, where=self._where(), group=(Group(field=name),), measures=(_COUNT,))
        try:
            groups = self._ask(counted).groups
        except (Invalid, Unavailable):
            return ""
        self.same += sum(group.values["count"] for group in groups if group.key is not None and group.key == after)
        ranked = sorted(groups, key=lambda group: -group.values["count"])
        shown = [
            f"{self._value(name, group)} {say(self.language, 'n', n=group.values['count'])}"
            for group in ranked[:_SHOWN_VALUES]
        ]
        return ", ".join([*shown, *(["…"] if len(ranked) > _SHOWN_VALUES else [])])

    def _value(self, name: str, group: GroupRow) -> str:
        return self.words.value(name, group.key, self.type) or group.name

    def _shift(self, shift: Shift) -> dict[str, Any]:
        """How far a day moves; who has none, and what is put off from today, is noted."""
        name, delay = shift.field, shift.delay
        without = self._count(Cmp(field=name, op="is", values=("null",)))
        if without == len(self.ids):
            raise Invalid(say(self.language, "no_days"))
        past = 0
        if name in DAYS.values() and not delay.is_earlier:
            past = self._count(Cmp(field=name, op="lt", values=("today",)))
        noted = (("without", without), ("from_today", past))
        self.notes += [say(self.language, key, n=n) for key, n in noted if n]
        unit, n = ("months", delay.months) if delay.months else ("weeks", delay.days // 7)
        unit, n = (unit, n) if delay.months or delay.days % 7 == 0 else ("days", delay.days)
        unit, n = ("working_days", delay.days) if delay.is_working else (unit, n)
        way = "earlier" if delay.is_earlier else "later"
        return {
            "field": name, "label": self.words.label(self.type, name), "before": None,
            "after": delay.as_values(), "before_text": "",
            "after_text": say(self.language, f"{unit}_{way}", n=abs(n)),
        }  # fmt: skip

    def _count(self, node: Node) -> int:
        return int(self._ask(Plan(from_=self.type, where=_both(self._where(), node), measures=(_COUNT,))).value or 0)

    def _tags(self, names: list[str], *, is_added: bool) -> dict[str, Any]:
        carried = tuple(Cmp(field="tags", values=(name,)) for name in names)
        parts: Node = carried[0] if len(carried) == 1 else And(of=carried) if is_added else Or(of=carried)
        n = self._count(parts)
        self.same = n if is_added else len(self.ids) - n
        sign = "+" if is_added else "−"
        return {
            "field": "tags", "label": self.words.label(self.type, "tags"), "before": None, "after": names,
            "before_text": "", "after_text": ", ".join(f"{sign} {name}" for name in names),
        }  # fmt: skip

    def _where(self) -> Node | None:
        """The records' conditions; of ranked ones, which they are."""
        if self.plan.is_ranked:
            return Cmp(field="id", op="in", values=tuple(str(id) for id in self.ids))
        return self.plan.where

    def _ask(self, plan: Plan) -> Result:
        return ask(
            self.session, plan, user_id=self.user.id, zone=self.words.zone, language=self.language,
            locale=self.language,
        )  # fmt: skip


_COUNT = Measure(metric="count")


def _both(one: Node | None, other: Node) -> Node:
    return other if one is None else And(of=(*(one.of if isinstance(one, And) else (one,)), other))


def _expect_allowed(given: ChangeList, user: User) -> None:
    if given.action == "delete" and not allows(user.role, Scope.RECORDS_DELETE):
        raise Forbidden(say(given.language, "not_allowed"))


def _plan(given: ChangeList) -> Plan:
    """Raises Invalid for what is no plan of records."""
    try:
        plan = Plan.model_validate(given.plan)
    except ValidationError as error:
        raise Invalid.field("plan", "This is no plan.") from error
    if plan.is_measured or plan.from_ not in records.TYPES:
        raise Invalid.field("plan", "This is no plan.")
    return plan


def _ids(session: TenantSession, given: ChangeList, user: User) -> list[int]:
    zone = Words.for_user(session, user, given.language).zone
    return ids_of(session, _plan(given), user_id=user.id, zone=zone, most=changing.MOST + 1)


def _fingerprint(ids: list[int]) -> str:
    return hashlib.sha256(",".join(map(str, sorted(ids))).encode()).hexdigest()[:16]


# --- Doing it


def run(session: TenantSession, action: ChatAction, given: ChangeList, user: User) -> None:
    """Change them, as this person. Raises ListChanged, and Forbidden for who may not any more."""
    _expect_allowed(given, user)
    ids = _ids(session, given, user)
    if _fingerprint(ids) != action.before["fingerprint"]:
        was, now = action.before["count"], len(ids)
        raise ListChanged(say(given.language, "changed" if was != now else "others_now", was=was, n=now))
    only_own = not allows(user.role, Scope.RECORDS_MANAGE)
    change = changing.start(
        session,
        action.record_type or "",
        ids,
        given.action,
        given.values,
        by=Actor("assistant", user.id),
        only_own=only_own,
    )
    action.applied = {"change": change.id}


def take_back(session: TenantSession, action: ChatAction, user: User) -> None:
    """All of it. Raises Conflict while it is under way, or where it was taken back already."""
    change = changing.get(session, (action.applied or {})["change"], by=Actor("assistant", user.id))
    changing.undo(session, change)


def shown(action: ChatAction) -> dict[str, Any]:
    """What a card shows of its list: {count, conditions, names, href, notes, progress?}."""
    found = {name: value for name, value in action.before.items() if name != "fingerprint"}
    change = _change(action)
    if change is not None:
        is_back = change.status in (BulkStatus.UNDOING, BulkStatus.UNDONE)
        total = change.changed if is_back else change.total
        is_under_way = change.status in (BulkStatus.RUNNING, BulkStatus.UNDOING)
        found["progress"] = {
            "done": change.position, "total": total, "is_under_way": is_under_way, "href": f"/bulk/{change.id}",
        }  # fmt: skip
    return found


def told(action: ChatAction) -> str | None:
    """What became of it so far; None where it was not done."""
    change = _change(action)
    if change is None:
        return None
    language = "de" if action.args.get("language") == "de" else "en"
    if change.status in (BulkStatus.UNDOING, BulkStatus.UNDONE):
        parts = [("back", change.position - change.failed), ("kept", change.failed)]
    else:
        same = change.position - change.changed - change.skipped - change.failed
        first = "deleted" if change.action == "delete" else "done"
        parts = [(first, change.changed), ("was_so", same), ("not_own", change.skipped), ("failed", change.failed)]
    texts = [say(language, key, n=n) for at, (key, n) in enumerate(parts) if n or not at]
    return " ".join([*texts, *([change.reason] if change.failed and change.reason else [])])


def _change(action: ChatAction) -> BulkChange | None:
    id, session = (action.applied or {}).get("change"), object_session(action)
    return cast("TenantSession", session).get(BulkChange, id) if id is not None and session is not None else None
