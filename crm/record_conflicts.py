"""A form that comes too late: what both sides changed differently is chosen field by field, all else comes together.

    what it began with ─┬─ what stands now ─┐   only theirs differs: stays, and is told
       (`form_base`)    └─ what was typed ──┴   only mine: saved        both, and not the same: chosen on the page

Nothing that was typed is lost: the page holds the inputs of all fields that were changed in the form, and sends them
with the version that it shows, so that a third person who is faster still is met in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from babel.lists import format_list
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from crm import field_views, form_base, localization, record_fields, record_names, record_values, web
from crm.form_base import Base
from crm.record_fields import Form, FormField, Kind
from shared import records
from shared.models import Event
from shared.records import undoing
from shared.records.deals import nearest_minor
from shared.tenancy import TenantSession

if TYPE_CHECKING:
    from crm.record_views import Screen

_SIDE = "side."  # and the field's name: "now" keeps what stands, "yours" is saved


def base_of(screen: Screen, row: Any) -> Base:
    """The marks of a record's form as it would be drawn now."""
    session, fields = web.session(), screen.all_fields()
    state = record_fields.state_of_record(session, fields, records.show(session, row))
    form = form_base.drawn(fields, state, screen.form_more().get("choices"), web.workspace().currency)
    return Base(form_base.marks(fields, form), undoing.latest_event(session, row) or 0)


def touched(fields: Sequence[FormField], form: Form) -> list[FormField]:
    """The fields that a form is to change: not those that it left alone, nor those whose present value was chosen on
    the page of a conflict."""
    began, sent = form_base.of(form).marks, form_base.marks(fields, form)
    changed = {name for name, mark in sent.items() if mark == form_base.UNREADABLE or began.get(name) != mark}
    return [asked for asked in fields if asked.name in changed and form.get(_SIDE + asked.name) != "now"]


@dataclass(frozen=True, slots=True)
class Sides:
    """What became of the fields of a form whose record changed meanwhile.

    `mine` are to be saved; of those, `disputed` were changed to something else meanwhile; `theirs` were changed by
    others alone. `now` is what a form drawn now would begin with.
    """

    mine: Sequence[FormField]
    disputed: Sequence[FormField]
    theirs: Sequence[FormField]
    began: Base
    now: Base

    def told(self, row: Any) -> str:
        """What others changed and what therefore stays, by whom."""
        by_names: dict[tuple[str, ...], list[str]] = {}
        people = _changed_by(web.session(), row, self.began.event)
        for asked in self.theirs:
            names = {name for told in field_views.told_as(asked) for name in people.get(told, ())}
            by_names.setdefault(tuple(sorted(names)), []).append(str(asked.label))
        return " ".join(
            _("Changes by %(names)s to %(fields)s are kept.", names=_listed(names), fields=_listed(labels))
            if names
            else _("What changed meanwhile in %(fields)s is kept.", fields=_listed(labels))
            for names, labels in by_names.items()
        )


def sides_of(screen: Screen, row: Any, form: Form, mine: Sequence[FormField]) -> Sides:
    """What was typed (`mine`, the touched fields) beside what stands now."""
    began, now = form_base.of(form), base_of(screen, row)
    fields, sent = screen.all_fields(), form_base.marks(mine, form)
    differ = [asked for asked in mine if sent[asked.name] != now.marks.get(asked.name)]
    moved = {name for name, mark in now.marks.items() if began.marks.get(name) != mark}
    names = {asked.name for asked in mine}
    return Sides(
        mine=differ,
        disputed=[asked for asked in differ if asked.name in moved],
        theirs=[a for a in fields if a.name in moved and a.name in began.marks and a.name not in names],
        began=began,
        now=now,
    )


def _changed_by(session: TenantSession, row: Any, since: int) -> dict[str, set[str]]:
    """Who changed which field of a record after an event, by name; automations and imports have none."""
    if not since:
        return {}
    found = select(Event.user_id, Event.data).where(
        Event.record_type == row.__tablename__, Event.record_id == row.id, Event.id > since, Event.user_id.is_not(None)
    )
    people, names = record_names.people(session), dict[str, set[str]]()
    for user_id, data in session.execute(found):
        for name in data.get("changes", {}):
            if user_id in people:
                names.setdefault(name, set()).add(people[user_id])
    return names


def _listed(words: Iterable[str]) -> str:
    return format_list(list(words), locale=localization.locale())


# --- Pages


def page(screen: Screen, row: Any, form: Form, sides: Sides, data: Mapping[str, Any]) -> ResponseReturnValue:
    """Both sides of each field in dispute. `data` is what the form was read as."""
    detail = _("This record changed after you opened it. Choose for each field what is to stand.")
    return _ask(screen, row, form, sides, data, detail=detail, told=sides.told(row))


def merged(
    screen: Screen, winner: Any, form: Form, mine: Sequence[FormField], data: Mapping[str, Any]
) -> ResponseReturnValue:
    """Of a record that was merged meanwhile: what was typed for it, beside what the record says that it is now."""
    sides = sides_of(screen, winner, form, mine)
    sides = replace(sides, disputed=sides.mine)
    detail = _(
        "This record was merged into “%(name)s” after you opened it. Choose for each field what is to stand there.",
        name=record_names.reference(winner).name,
    )
    return _ask(screen, winner, form, sides, data, detail=detail, told="")


def deleted(
    screen: Screen, row: Any, form: Form, mine: Sequence[FormField], data: Mapping[str, Any], *, may_restore: bool
) -> ResponseReturnValue:
    """Of a record that was deleted meanwhile: what was typed, and the way to have both back."""
    yours = _yours(mine, data)
    names = record_values.names_for(web.session(), {asked.name: value for asked, value in yours})
    return web.page(
        "errors/deleted_meanwhile.html",
        status=409,
        name=record_names.reference(row).name,
        typed=[(str(asked.label), _shown(asked, value, names) or "–") for asked, value in yours],
        sent=[(name, value) for name, value in form.items(multi=True) if name != "csrf_token"],
        may_restore=may_restore,
        save_url=screen.url("update", id=row.id),
        current_url=screen.url("show", id=row.id),
    )


def _ask(
    screen: Screen, row: Any, form: Form, sides: Sides, data: Mapping[str, Any], *, detail: str, told: str
) -> ResponseReturnValue:
    current = records.show(web.session(), row)
    theirs = [asked.value_of(current) for asked in sides.disputed]
    yours = _yours(sides.disputed, data)
    named = zip(sides.disputed, theirs, strict=True)
    names = record_values.names_for(web.session(), {a.name: v for a, v in named}, {a.name: v for a, v in yours})
    changes = [
        {
            "name": _SIDE + asked.name,
            "label": str(asked.label),
            "current": _shown(asked, now, names) or "–",
            "yours": _shown(asked, mine, names) or "–",
        }
        for now, (asked, mine) in zip(theirs, yours, strict=True)
    ]
    saved = _listed(str(asked.label) for asked in sides.mine if asked not in sides.disputed)
    return web.page(
        "errors/409.html",
        status=409,
        detail=detail,
        told=[told, _("Your changes to %(fields)s are saved with it.", fields=saved) if saved else ""],
        changes=changes,
        current_url=screen.url("show", id=row.id),
        save_url=screen.url("update", id=row.id),
        version=current["version"],
        typed=[(form_base.NAME, sides.now.as_text()), *_inputs(sides.mine, form)],
    )


def _inputs(fields: Sequence[FormField], form: Form) -> list[tuple[str, str]]:
    """The inputs of these fields as they were sent; a field may have several (`emails.0.email`, `company_id_text`)."""
    names = {name for asked in fields for name in (asked.name, asked.currency_name)}
    starts = tuple(f"{asked.name}{mark}" for asked in fields for mark in "._")
    return [(name, value) for name in form for value in form.getlist(name) if name in names or name.startswith(starts)]


def _yours(fields: Sequence[FormField], data: Mapping[str, Any]) -> list[tuple[FormField, Any]]:
    """What was typed in these fields, as values that can be shown."""
    sent = {"custom": {}, **data}
    return [(asked, _amount(asked, sent) if asked.kind is Kind.MONEY else asked.value_of(sent)) for asked in fields]


def _amount(asked: FormField, sent: Mapping[str, Any]) -> dict[str, Any] | None:
    """Money as REST shows it."""
    value, currency = asked.value_of(sent), sent.get("currency")
    if isinstance(value, dict):
        value, currency = value["amount"], value["currency"]
    return None if value is None else {"minor": nearest_minor(value, currency or ""), "currency": currency}


def _shown(asked: FormField, value: Any, names: record_values.Names) -> str:
    if asked.kind is Kind.LONG:  # where two long texts differ may be anywhere in them
        return str(value or "")
    return record_values.shown_value(asked.name, value, names, asked)
