"""The fields of a record as they stand on its page: what each says, and the cell it is changed in.

A click on a cell, or Enter on its button, asks `GET …/field/NAME` for the control (frontend/src/record/inline.js).
Fifteen and more of them stand on a page, so no template draws them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from flask_babel import ngettext
from markupsafe import Markup, escape

from crm import localization, note_text, repeat_words, web
from crm.drawing import html, icon, person, pill, reference
from crm.localization import gettext as _
from crm.record_fields import FormField, FormState, Kind
from shared.accounts.permissions import Scope
from shared.query.linking import PATHS
from shared.schemas.values import is_web_address

if TYPE_CHECKING:
    from crm.record_views import Screen

Choices = Mapping[str, Sequence[tuple[Any, Any]]]


def properties(
    screen: Screen,
    row: Any,
    fields: Iterable[FormField],
    values: Mapping[str, Any],
    state: FormState,
    people: Mapping[int, str],
    *,
    skip: Collection[str] = (),
    choices: Choices | None = None,
    writes: bool | None = None,
) -> Markup:
    """Every field, to be changed in place; what is empty is folded away, except what the team asks for. Who may not
    write sees what is filled. `skip` are shown elsewhere on the page."""
    writes = web.can(Scope.RECORDS_WRITE) if writes is None else writes
    shown: list[str] = []
    folded: list[str] = []
    around = _Around(f"{PATHS[screen.type]}/{row.id}/field/", _("Edit %(field)s"), icon("pencil", "icon-sm"))
    for field in fields:
        if field.name in skip:
            continue
        value = values[field.name]
        is_asked_for = writes and (field.is_custom or field.name == "tags")
        place = folded if is_empty(field, value) and not is_asked_for else shown
        said: str = _said(field, value, state, people, choices)
        if writes:
            said = _cell(around, field, value, said)
        wide = " prop-wide" if field.kind is Kind.LONG else ""
        place.append(f'<div class="prop{wide}"><dt>{escape(field.label)}</dt><dd>{said}</dd></div>')
    all_of_it = f'<dl class="props">{"".join(shown)}</dl>'
    if writes and folded:
        count = escape(ngettext("%(num)s empty field", "%(num)s empty fields", len(folded)))
        rest = f'<dl class="props">{"".join(folded)}</dl>'
        all_of_it += f'\n<details class="props-empty"><summary>{count}</summary>\n{rest}</details>'
    return html(all_of_it)


def is_empty(field: FormField, value: Any) -> bool:
    """Whether a field says nothing; a box that is not ticked does not either."""
    return value is None or value in ("", []) or (field.kind is Kind.CHECK and not value)


def field_cell(
    screen: Screen,
    id: int,
    field: FormField,
    value: Any,
    state: FormState,
    people: Mapping[int, str],
    choices: Choices | None = None,
) -> Markup:
    """A field of a record with what it says, to be changed in place by whoever may. `value` is as
    `FormField.value_of` gives it; `state` has the records and tags it names."""
    said = _said(field, value, state, people, choices)
    around = _Around(f"{PATHS[screen.type]}/{id}/field/", _("Edit %(field)s"), icon("pencil", "icon-sm"))
    return html(_cell(around if web.can(Scope.RECORDS_WRITE) else None, field, value, said))


class _Around(NamedTuple):
    """What cells of one record have in common: how their addresses begin, what their buttons say, and show."""

    home: str
    edit: str
    sign: str


def _cell(around: _Around | None, field: FormField, value: Any, said: str) -> str:
    """A field with what it says; None `around` for who may not change it."""
    if is_empty(field, value):
        said = f'<span class="prop-none">{escape(_("Empty"))}</span>'
    if around is None:
        return f'<div class="cell"><div class="cell-value">{said}</div></div>'
    return (
        f'<div class="cell" data-cell="{around.home}{escape(field.name)}"><div class="cell-value">{said}</div>'
        f'<button type="button" class="cell-edit" aria-label="{escape(around.edit % {"field": field.label})}">'
        f"{around.sign}</button></div>"
    )


def _said(field: FormField, value: Any, state: FormState, people: Mapping[int, str], choices: Choices | None) -> Markup:
    """What a field says; nothing for nothing."""
    if is_empty(field, value):
        return Markup()
    if field.kind is Kind.USER:
        return person(people[value]) if value in people else Markup()
    if field.kind is Kind.USERS:
        return _lines(person(people[id]) for id in value if id in people)
    if field.kind is Kind.CHOICE:
        return _choice(field, value, choices)
    if field.kind in _KINDS:
        return _KINDS[field.kind](field, value, state)
    return _text(field, value)


def _lines(lines: Iterable[str]) -> Markup:
    return html(f'<span class="stack-lines">{"".join(lines)}</span>')


def _choice(field: FormField, value: Any, choices: Choices | None) -> Markup:
    label = dict((choices or {}).get(field.name) or field.choices).get(value, value)
    return pill(label, field.tones.get(value, "neutral")) if field.tones else escape(label)


def _emails(_field: FormField, value: Any, _state: FormState) -> Markup:
    return _lines(_labelled(_address(entry["email"]), entry) for entry in value)


def _address(email: str) -> Markup:
    """Broken before its domain, if it has to be."""
    return html(f'<a href="mailto:{escape(email)}">{escape(email).replace("@", Markup("<wbr>@"))}</a>')


def _phones(_field: FormField, value: Any, _state: FormState) -> Markup:
    return _lines(_labelled(_phone(entry["phone"]), entry) for entry in value)


def _labelled(link: Markup, entry: Mapping[str, Any]) -> str:
    label = f' <span class="text-3">{escape(entry["label"])}</span>' if entry["label"] else ""
    return f"<span>{link}{label}</span>"


def _record(field: FormField, _value: Any, state: FormState) -> Markup:
    known = state.refs.get(field.name)
    if known is None:
        return Markup()
    return _link(known.url, known.name) if known.url else html(f'<span class="text-3">{escape(known.name)}</span>')


def _links(field: FormField, _value: Any, state: FormState) -> Markup:
    return _lines(reference(known) for known in state.links.get(field.name, ()))


def _tags(_field: FormField, value: Any, state: FormState) -> Markup:
    return _chips((f"tag tag-{escape(state.colors.get(name, 'gray'))}", name) for name in value)


def _multi(field: FormField, value: Any, _state: FormState) -> Markup:
    labels = dict(field.choices)
    return _chips(("tag", labels.get(one, one)) for one in value)


def _chips(chips: Iterable[tuple[str, Any]]) -> Markup:
    said = "".join(f'<span class="{classes}">{escape(text)}</span>' for classes, text in chips)
    return html(f'<span class="tags">{said}</span>')


def _day(_field: FormField, value: Any, _state: FormState) -> Markup:
    clock = f", {localization.clock_time(value)}" if isinstance(value, datetime) else ""
    return _time(value, localization.day(value) + clock)


def _time(value: Any, words: str) -> Markup:
    return html(f'<time datetime="{value.isoformat()}">{escape(words)}</time>')


def _number(words: str) -> Markup:
    return html(f'<span class="num">{escape(words)}</span>')


def _link(href: str, text: str, more: str = "") -> Markup:
    return html(f'<a{more} href="{escape(href)}">{escape(text)}</a>')


def _phone(number: str) -> Markup:
    return _link(f"tel:{number.replace(' ', '')}", number, ' class="num"')


def _text(field: FormField, value: Any) -> Markup:
    if field.name == "body":
        return html(f'<div class="rich-text">{note_text.render(value)}</div>')
    if field.kind is Kind.LONG:
        return html(f'<span class="pre-line wrap-anywhere">{escape(value)}</span>')
    if field.name == "domain":
        return _outside(f"https://{value}", value)
    if (field.name == "website" or field.input_type == "url") and is_web_address(value):
        is_whole = value.startswith(("https://", "http://"))
        return _outside(value if is_whole else f"https://{value}", value.split("://", 1)[-1].rstrip("/"))
    return _phone(value) if field.input_type == "tel" else escape(value)


def _outside(href: str, text: str) -> Markup:
    return html(f'<a href="{escape(href)}" rel="noopener noreferrer" target="_blank">{escape(text)}</a>')


_KINDS: dict[Kind, Callable[[FormField, Any, FormState], Markup]] = {
    Kind.CHECK: lambda _field, _value, _state: icon("check", "icon-sm", _("Yes")),
    Kind.EMAILS: _emails,
    Kind.PHONES: _phones,
    Kind.RECORD: _record,
    Kind.LINKS: _links,
    Kind.PEOPLE: _links,
    Kind.RECORDS: _links,
    Kind.REPEAT: lambda _field, value, _state: escape(repeat_words.describe(value)),
    Kind.TAGS: _tags,
    Kind.MULTI: _multi,
    Kind.DATE: _day,
    Kind.DUE: _day,
    Kind.TIME: lambda _field, value, _state: _time(value, localization.moment(value)),
    Kind.MONEY: lambda _field, value, _state: _number(localization.money(value["minor"], value["currency"])),
    Kind.MINUTES: lambda _field, value, _state: _number(_("%(n)s min", n=round(value / 60))),
    Kind.NUMBER: lambda _field, value, _state: _number(localization.number(value)),
    Kind.DECIMAL: lambda _field, value, _state: _number(localization.number(value)),
}
