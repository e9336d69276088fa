"""What a form says, as data for the verbs; and what the verbs refuse, beside the inputs it was said in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import NumberFormatError, parse_decimal
from flask_babel import gettext as _

from crm import due_reading, localization, record_names, repeat_words, web
from crm.record_fields import HANGS_ON, ROW_KINDS, Form, FormField, Kind, row_texts
from shared.errors import FieldError, Invalid
from shared.events import Target
from shared.query.catalog import PREFIX
from shared.schemas.ids import id_of, target_of

#: Of those a name finds, so many are looked at for one that is called exactly so.
_NAMESAKES = 20


def read(fields: Sequence[FormField], form: Form) -> dict[str, Any]:
    """What the form says, ready for a verb: only the fields it has. Raises Invalid naming what cannot be read."""
    data: dict[str, Any] = {}
    wrong: list[FieldError] = []
    for asked in fields:
        try:
            _put(data, _READERS.get(asked.kind, _plain)(asked, form))
        except Invalid as error:
            wrong.extend(error.errors)
    if wrong:
        raise Invalid(wrong[0].message, errors=wrong)
    return data


def _put(data: dict[str, Any], found: dict[str, Any]) -> None:
    """Add what was read; custom fields stand together under `custom`."""
    for name, value in found.items():
        if name.startswith(PREFIX):
            data.setdefault("custom", {})[name.removeprefix(PREFIX)] = value
        else:
            data[name] = value


def _plain(asked: FormField, form: Form) -> dict[str, Any]:
    if asked.name not in form:
        return {}
    text = form[asked.name].strip()
    if not text and asked.required:
        raise Invalid.field(asked.name, _("This is needed."))
    return {asked.name: text or None}


def _number(asked: FormField, form: Form) -> dict[str, Any]:
    if not (text := form.get(asked.name, "").strip()):
        return {asked.name: None} if asked.name in form else {}
    value = _decimal(asked.name, text)
    if value != value.to_integral_value():
        raise Invalid.field(asked.name, _("This has to be a whole number."))
    return {asked.name: int(value)}


def _minutes(asked: FormField, form: Form) -> dict[str, Any]:
    found = _number(asked, form)
    return {name: value and value * 60 for name, value in found.items()}


def _fraction(asked: FormField, form: Form) -> dict[str, Any]:
    if asked.name not in form:
        return {}
    text = form[asked.name].strip()
    return {asked.name: _decimal(asked.name, text) if text else None}


def _money(asked: FormField, form: Form) -> dict[str, Any]:
    if asked.name not in form:
        return {}
    currency = form.get(asked.currency_name)
    text = form[asked.name].strip()
    value = _decimal(asked.name, text) if text else None
    if value is not None and value < 0:
        raise Invalid.field(asked.name, _("An amount cannot be negative."))
    if value is not None:
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -4:
            raise Invalid.field(asked.name, _("An amount has at most four decimals."))
    if asked.is_custom:
        return {asked.name: None if value is None else {"amount": value, "currency": currency or ""}}
    return ({"currency": currency} if currency else {}) | {asked.name: value}


def _decimal(path: str, text: str) -> Decimal:
    """A number as people of this language write it, else as programmers do."""
    wrong = Invalid.field(path, _("“%(text)s” is not a number.", text=text[:40]))
    text = re.sub(r"[\s\u00a0\u202f'’]", "", text)
    if not re.fullmatch(r"[+-]?[\d.,٠-٩]{1,24}", text):
        raise wrong
    try:
        value = parse_decimal(text, locale=localization.locale(), strict=True)
    except NumberFormatError:
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise wrong from None
    if not value.is_finite() or abs(value) > 10**13:
        raise Invalid.field(path, _("This number is too large."))
    return value


def _record(asked: FormField, form: Form) -> dict[str, Any]:
    return {asked.name: _picked(asked, form)} if _was_sent(form, asked.name) else {}


def _was_sent(form: Form, name: str) -> bool:
    return name in form or f"{name}_text" in form


def _picked(asked: FormField, form: Form) -> int | None:
    """The record chosen in a picker. Text that names none is an error, not silently nothing."""
    name = asked.name
    text = form.get(f"{name}_text")
    if text is not None and not text.strip():
        return None
    given = form.get(name, "").strip()
    if given and not (text and _is_another(asked.target, given, text)):
        return _id(name, given)
    return _called(name, asked.target, text)[1] if text else None


def _person(path: str, given: str, text: str) -> int:
    if given and not (text and _is_another("contact", given, text)):
        return _id(path, given)
    return _called(path, "contact", text)[1]


def _is_another(type_: str, given: str, text: str) -> bool:
    """Whether a name was typed over that of the record chosen before: without scripts nothing forgets that one."""
    id = id_of(given)
    known = record_names.references(web.session(), [(type_, id)] if id is not None else [])
    return bool(known) and all(_folded(ref.name) != _folded(text) for ref in known.values())


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _called(path: str, types: str, text: str) -> Target:
    """The one record of a name that was typed out: quicker than its list came, or where no script brings one."""
    name = " ".join(text.split())
    found = record_names.like(web.session(), name[:200], types.split(","), _NAMESAKES)
    called = [(ref.type, ref.id) for ref in found if ref.name.casefold() == name.casefold()]
    if len(called) == 1:
        return called[0]
    if called:
        raise Invalid.field(path, _("Several are called “%(name)s”. Choose one from the list.", name=name[:60]))
    raise Invalid.field(path, _("Nothing is called “%(name)s”. Choose one from the list.", name=name[:60]))


def _id(path: str, text: str) -> int:
    id = id_of(text)
    if id is None:
        raise Invalid.field(path, _("There is no such record."))
    return id


def _user(asked: FormField, form: Form) -> dict[str, Any]:
    if asked.name not in form:
        return {}
    return {asked.name: _id(asked.name, form[asked.name]) if form[asked.name] else None}


def _time(asked: FormField, form: Form) -> dict[str, Any]:
    """What `datetime-local` sends, in the user's zone."""
    if asked.name not in form:
        return {}
    text = form[asked.name].strip()
    if not text:
        if asked.required:
            raise Invalid.field(asked.name, _("This is needed."))
        return {asked.name: None}
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid.field(asked.name, _("“%(text)s” is no date.", text=text[:30])) from None
    return {asked.name: (value if value.tzinfo else value.replace(tzinfo=localization.zone())).isoformat()}


def _due(asked: FormField, form: Form) -> dict[str, Any]:
    """Words such as “next friday 3pm”."""
    if asked.name not in form:
        return {}
    text = form[asked.name].strip()
    return due_reading.read(text, asked.name).as_values() if text else {"due_date": None, "due_at": None}


def _repeat(asked: FormField, form: Form) -> dict[str, Any]:
    return {asked.name: repeat_words.read(form[asked.name].strip())} if asked.name in form else {}


def _check(asked: FormField, form: Form) -> dict[str, Any]:
    """A box sends nothing when it is empty, so a hidden input beside it says that it was there, and whether it was set.

    One that nobody has set stays so: a form that is saved for something else says nothing of it.
    """
    given = form.getlist(asked.name)
    if not any(given):
        return {asked.name: None} if given else {}
    return {asked.name: "1" in given}


def _several(asked: FormField, form: Form) -> dict[str, Any]:
    return {asked.name: [value for value in form.getlist(asked.name) if value]} if asked.name in form else {}


def _tags(asked: FormField, form: Form) -> dict[str, Any]:
    """The chips, and what was typed after them: words that are not there yet become tags."""
    if asked.name not in form:
        return {}
    typed = [word.strip() for word in form.get(f"{asked.name}_text", "").split(",")]
    return {asked.name: [name for name in [*form.getlist(asked.name), *typed] if name]}


def _links(asked: FormField, form: Form) -> dict[str, Any]:
    if asked.name not in form:
        return {}
    links = []
    for value in filter(None, form.getlist(asked.name)):
        target = target_of(value, HANGS_ON)
        if target is None:
            raise Invalid.field(asked.name, _("There is no such record."))
        links.append({"type": target[0], "id": target[1]})
    if text := form.get(f"{asked.name}_text", "").strip():
        type_, number = _called(asked.name, asked.target, text)
        links.append({"type": type_, "id": number})
    return {asked.name: links}


def _records(asked: FormField, form: Form) -> dict[str, Any]:
    """The ids of records of one type, picked as links are."""
    links = _links(asked, form).get(asked.name)
    if links is None:
        return {}
    if any(link["type"] != asked.target for link in links):
        raise Invalid.field(asked.name, _("There is no such record."))
    return {asked.name: [link["id"] for link in links]}


def _users(asked: FormField, form: Form) -> dict[str, Any]:
    return {name: [_id(name, value) for value in values] for name, values in _several(asked, form).items()}


def _rows(asked: FormField, form: Form) -> dict[str, Any]:
    if asked.name not in form:
        return {}
    kind = ROW_KINDS[asked.kind]
    read_rows = []
    for index, row in enumerate(row_texts(asked, form)):
        entry: dict[str, Any] = {part: row[part] or None for part in kind.parts if not part.endswith("_text")}
        if kind.needed == "contact_id":
            entry["contact_id"] = _person(f"{asked.name}.{index}.contact_id", row["contact_id"], row["contact_id_text"])
        if kind.has_primary:
            entry["primary"] = bool(row["primary"])
        read_rows.append(entry)
    return {asked.name: read_rows}


_READERS: dict[Kind, Callable[[FormField, Form], dict[str, Any]]] = {
    Kind.NUMBER: _number,
    Kind.DECIMAL: _fraction,
    Kind.MINUTES: _minutes,
    Kind.MONEY: _money,
    Kind.TIME: _time,
    Kind.DUE: _due,
    Kind.REPEAT: _repeat,
    Kind.CHECK: _check,
    Kind.MULTI: _several,
    Kind.TAGS: _tags,
    Kind.RECORD: _record,
    Kind.USER: _user,
    Kind.LINKS: _links,
    Kind.EMAILS: _rows,
    Kind.PHONES: _rows,
    Kind.PEOPLE: _rows,
    Kind.RECORDS: _records,
    Kind.USERS: _users,
}


def errors_of(error: Invalid, fields: Sequence[FormField]) -> dict[str, list[str]]:
    """Messages by the input they stand beside; under "" those that are about the whole form."""
    kinds = {asked.name: asked.kind for asked in fields}
    found: dict[str, list[str]] = {}
    for problem in error.errors:
        head = problem.path if problem.path.startswith(PREFIX) else problem.path.partition(".")[0]
        head = "amount" if head == "currency" and "amount" in kinds else head
        path = problem.path if kinds.get(head) in ROW_KINDS else head
        text = _said(problem)
        if path not in found:  # a union of types complains once for each
            found[path] = [text]
        known = head in kinds
        if not known:
            found.setdefault("", []).append(text if not path else f"{path}: {text}")
    return found if error.errors else {"": [error.detail]}


def _said(problem: FieldError) -> str:
    """The complaint in words, where the schema's own would be about patterns."""
    part = problem.path.rpartition(".")[2]
    if part == "email":
        return str(_("This is not an e-mail address."))
    if problem.path.startswith("phones.") and part == "phone":
        return str(_("This is not a phone number."))
    if problem.path == "domain":
        return str(_("This is not a domain; one looks like example.com."))
    if part == "expected_close":
        return str(_("This is not a date."))
    return problem.message[:1].upper() + problem.message[1:]
