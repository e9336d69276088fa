"""The fields of a record's screen, said once: the form, what it sends, the property list and the conflict page follow.

form ─ read ─▶ data for the verbs ─(Invalid)─▶ errors_of ─▶ the form again, with state_of_form
row  ─ state_of_record ─▶ the form as it stands
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from babel.numbers import NumberFormatError, format_decimal, parse_decimal
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from werkzeug.datastructures import MultiDict

from crm import localization
from crm.record_names import Reference, references
from shared.errors import FieldError, Invalid
from shared.records.deals import to_major
from shared.tenancy import TenantSession

Form = MultiDict[str, str]

#: More than the schema takes, so that it can say so.
_MOST_ROWS = 200
_LARGEST_ID = 2**53


class Kind(StrEnum):
    """How a field is asked for and shown."""

    TEXT = "text"
    LONG = "long"
    NUMBER = "number"
    DATE = "date"
    MONEY = "money"
    CHOICE = "choice"
    USER = "user"
    RECORD = "record"
    LINKS = "links"  # several records of several types
    EMAILS = "emails"
    PHONES = "phones"
    PEOPLE = "people"  # contacts with a role


@dataclass(frozen=True, slots=True)
class FormField:
    """`choices` are (value, label) pairs; `target` the record types a picker offers; `wide` fills the whole row."""

    name: str
    label: LazyString
    kind: Kind = Kind.TEXT
    required: bool = False
    wide: bool = False
    hint: LazyString | None = None
    choices: tuple[tuple[str, LazyString], ...] = ()
    target: str = ""
    rows: int = 4
    input_type: str = "text"
    max_length: int | None = None


@dataclass(frozen=True, slots=True)
class RowKind:
    """A field of several rows: the parts of a row, the one that makes it count, whether one row is the main one."""

    parts: tuple[str, ...]
    needed: str
    has_primary: bool = True


ROW_KINDS = {
    Kind.EMAILS: RowKind(("email", "label"), "email"),
    Kind.PHONES: RowKind(("phone", "label"), "phone"),
    Kind.PEOPLE: RowKind(("contact_id", "contact_id_text", "role"), "contact_id", has_primary=False),
}


@dataclass(frozen=True, slots=True)
class FormState:
    """What stands in a form: plain texts, references by field, rows by field, and what is wrong where."""

    texts: Mapping[str, str]
    refs: Mapping[str, Reference | None] = field(default_factory=dict)
    links: Mapping[str, Sequence[Reference]] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def error(self, path: str) -> list[str]:
        return list(self.errors.get(path, ()))


# --- From a form to data


def read(fields: Sequence[FormField], form: Form) -> dict[str, Any]:
    """What the form says, ready for a verb: only the fields it has. Raises Invalid naming what cannot be read."""
    data: dict[str, Any] = {}
    wrong: list[FieldError] = []
    for asked in fields:
        try:
            data |= _READERS.get(asked.kind, _plain)(asked, form)
        except Invalid as error:
            wrong.extend(error.errors)
    if wrong:
        raise Invalid(wrong[0].message, errors=wrong)
    return data


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


def _money(asked: FormField, form: Form) -> dict[str, Any]:
    if asked.name not in form:
        return {}
    data: dict[str, Any] = {"currency": form["currency"]} if form.get("currency") else {}
    text = form[asked.name].strip()
    value = _decimal(asked.name, text) if text else None
    if value is not None and value < 0:
        raise Invalid.field(asked.name, _("An amount cannot be negative."))
    if value is not None:
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -4:
            raise Invalid.field(asked.name, _("An amount has at most four decimals."))
    return data | {asked.name: value}


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
    return {asked.name: _picked(form, asked.name)} if _was_sent(form, asked.name) else {}


def _was_sent(form: Form, name: str) -> bool:
    return name in form or f"{name}_text" in form


def _picked(form: Form, name: str) -> int | None:
    """The record chosen in a picker. Text that is no choice is an error, not silently nothing."""
    text = form.get(f"{name}_text")
    if text is not None and not text.strip():
        return None
    given = form.get(name, "").strip()
    if given:
        return _id(name, given)
    if text:
        raise Invalid.field(name, _("Choose one from the list."))
    return None


def _id(path: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:17]) <= _LARGEST_ID:
        raise Invalid.field(path, _("There is no such record."))
    return int(text)


def _user(asked: FormField, form: Form) -> dict[str, Any]:
    if asked.name not in form:
        return {}
    return {asked.name: _id(asked.name, form[asked.name]) if form[asked.name] else None}


def _links(asked: FormField, form: Form) -> dict[str, Any]:
    if asked.name not in form:
        return {}
    links = []
    for value in filter(None, form.getlist(asked.name)):
        type_, _colon, id = value.partition(":")
        if type_ not in ("company", "contact", "deal", "meeting"):
            raise Invalid.field(asked.name, _("There is no such record."))
        links.append({"type": type_, "id": _id(asked.name, id)})
    if form.get(f"{asked.name}_text", "").strip():
        raise Invalid.field(asked.name, _("Choose one from the list."))
    return {asked.name: links}


def _rows(asked: FormField, form: Form) -> dict[str, Any]:
    if asked.name not in form:
        return {}
    kind = ROW_KINDS[asked.kind]
    read_rows = []
    for index, row in enumerate(row_texts(asked, form)):
        entry: dict[str, Any] = {part: row[part] or None for part in kind.parts if not part.endswith("_text")}
        if kind.needed == "contact_id":
            if not row["contact_id"]:
                raise Invalid.field(f"{asked.name}.{index}.contact_id", _("Choose one from the list."))
            entry["contact_id"] = _id(f"{asked.name}.{index}.contact_id", row["contact_id"])
        if kind.has_primary:
            entry["primary"] = bool(row["primary"])
        read_rows.append(entry)
    return {asked.name: read_rows}


def row_texts(asked: FormField, form: Form) -> list[dict[str, str]]:
    """The rows of a field as typed, in order, without the empty ones; `emails.3.label` is a part of row 3."""
    kind = ROW_KINDS[asked.kind]
    pattern = re.compile(rf"^{asked.name}\.(\d{{1,6}})\.({'|'.join(kind.parts)})$")
    rows: dict[int, dict[str, str]] = {}
    for name in form:
        if match := pattern.match(name):
            rows.setdefault(int(match[1]), dict.fromkeys(kind.parts, ""))[match[2]] = form[name].strip()
    primary = form.get(f"{asked.name}.primary", "")
    # The list of labels starts with one chosen: a label alone is no row.
    given = [
        (i, row) for i, row in sorted(rows.items()) if any(v for k, v in row.items() if k not in ("label", "role"))
    ]
    return [row | {"primary": "1" if str(i) == primary else ""} for i, row in given[:_MOST_ROWS]]


_READERS: dict[Kind, Callable[[FormField, Form], dict[str, Any]]] = {
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.RECORD: _record,
    Kind.USER: _user,
    Kind.LINKS: _links,
    Kind.EMAILS: _rows,
    Kind.PHONES: _rows,
    Kind.PEOPLE: _rows,
}


def errors_of(error: Invalid, fields: Sequence[FormField]) -> dict[str, list[str]]:
    """Messages by the input they stand beside; under "" those that are about the whole form."""
    kinds = {asked.name: asked.kind for asked in fields}
    found: dict[str, list[str]] = {}
    for problem in error.errors:
        head = problem.path.partition(".")[0]
        head = "amount" if head == "currency" and "amount" in kinds else head
        path = problem.path if kinds.get(head) in ROW_KINDS else head
        text = _said(problem)
        if path not in found:  # a union of types complains once for each
            found[path] = [text]
        known = path.partition(".")[0] in kinds
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
    if part in ("due_date", "expected_close"):
        return str(_("This is not a date."))
    return problem.message[:1].upper() + problem.message[1:]


# --- What stands in a form


def state_of_form(
    session: TenantSession, fields: Sequence[FormField], form: Form, errors: Mapping[str, Sequence[str]] | None = None
) -> FormState:
    """A form as it was sent, or a new one from the address (`/tasks/new?links=company:5`)."""
    wanted: dict[str, tuple[str, int]] = {}
    links: dict[str, list[tuple[str, int]]] = {}
    rows: dict[str, list[dict[str, Any]]] = {}
    for asked in fields:
        if asked.kind is Kind.RECORD and (id := form.get(asked.name, "")).isdigit() and len(id) < 16:
            wanted[asked.name] = (asked.target, int(id))
        elif asked.kind is Kind.LINKS:
            links[asked.name] = [_target(value) for value in form.getlist(asked.name) if _is_target(value)]
        elif asked.kind in ROW_KINDS:
            rows[asked.name] = [dict(row) for row in row_texts(asked, form)]
    known = references(session, [*wanted.values(), *(link for many in links.values() for link in many)])
    return FormState(
        texts={name: form[name] for name in form},
        refs={name: known.get(target) for name, target in wanted.items()},
        links={name: [known[link] for link in many if link in known] for name, many in links.items()},
        rows=rows,
        errors=errors or {},
    )


def _is_target(value: str) -> bool:
    return re.fullmatch(r"(company|contact|deal|meeting):\d{1,15}", value) is not None


def _target(value: str) -> tuple[str, int]:
    type_, _colon, id = value.partition(":")
    return type_, int(id)


def state_of_record(session: TenantSession, fields: Sequence[FormField], shown: Mapping[str, Any]) -> FormState:
    """The form of a record as REST shows it, with its version."""
    texts: dict[str, str] = {"version": str(shown["version"])}
    wanted: dict[str, tuple[str, int]] = {}
    links: dict[str, list[tuple[str, int]]] = {}
    rows: dict[str, list[dict[str, Any]]] = {}
    for asked in fields:
        value = shown.get(asked.name)
        if asked.kind is Kind.RECORD:
            if value is not None:
                wanted[asked.name] = (asked.target, value)
        elif asked.kind is Kind.LINKS:
            links[asked.name] = [(link["type"], link["id"]) for link in value or ()]
        elif asked.kind in ROW_KINDS:
            rows[asked.name] = [{k: v if v is not None else "" for k, v in row.items()} for row in value or ()]
        elif asked.kind is Kind.MONEY:
            texts |= _money_texts(asked.name, value, shown.get("currency"))
        else:
            texts[asked.name] = "" if value is None else str(value)
    contacts = [("contact", row["contact_id"]) for many in rows.values() for row in many if "contact_id" in row]
    known = references(session, [*wanted.values(), *contacts, *(link for many in links.values() for link in many)])
    for many in rows.values():
        for row in many:
            if "contact_id" in row and (person := known.get(("contact", row["contact_id"]))):
                row["contact_id_text"] = person.name
    return FormState(
        texts=texts,
        refs={name: known.get(target) for name, target in wanted.items()},
        links={name: [known[link] for link in many if link in known] for name, many in links.items()},
        rows=rows,
    )


def _money_texts(name: str, value: Mapping[str, Any] | None, currency: str | None) -> dict[str, str]:
    if value is None:
        return {name: "", "currency": currency or ""}
    major = to_major(value["minor"], value["currency"])
    text = str(format_decimal(major, locale=localization.locale(), decimal_quantization=False))
    return {name: text, "currency": value["currency"]}
