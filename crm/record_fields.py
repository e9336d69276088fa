"""The fields of a record's screen, said once: the form, what it sends, the property list and the conflict page follow.

form ─ record_reading.read ─▶ data for the verbs ─(Invalid)─▶ errors_of ─▶ the form again, with state_of_form
row  ─ state_of_record ─▶ the form as it stands

A custom field is a `FormField` like any other, called `custom.KEY` (`record_custom`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from babel.numbers import format_decimal
from flask_babel.speaklater import LazyString
from werkzeug.datastructures import MultiDict

from crm import due_reading, localization, repeat_words
from crm.record_names import Reference, references
from shared.query.catalog import PREFIX
from shared.records import tags
from shared.records.deals import to_major
from shared.schemas.ids import id_of, target_of
from shared.tenancy import TenantSession

Form = MultiDict[str, str]

#: What tasks and notes hang on.
HANGS_ON = ("company", "contact", "deal", "meeting")
#: More rows of a field than the schema takes, so that it can say so.
_MOST_ROWS = 200


class Kind(StrEnum):
    """How a field is asked for and shown."""

    TEXT = "text"
    LONG = "long"
    NUMBER = "number"  # whole
    DECIMAL = "decimal"
    DATE = "date"
    REPEAT = "repeat"  # a rule of a recurring task, in words
    DUE = "due"  # a day, and a time if any, typed as people say it; the time is in the field `due_at`
    TIME = "time"  # a moment, typed in the user's zone
    MINUTES = "minutes"  # kept in seconds
    MONEY = "money"
    CHOICE = "choice"
    USER = "user"
    RECORD = "record"
    LINKS = "links"  # several records of several types
    EMAILS = "emails"
    PHONES = "phones"
    PEOPLE = "people"  # contacts with a role
    RECORDS = "records"  # several records of one type
    USERS = "users"  # several colleagues
    TAGS = "tags"
    MULTI = "multi"  # several of `choices`
    CHECK = "check"


#: Of these, several words or numbers are chosen.
SEVERAL = (Kind.TAGS, Kind.MULTI, Kind.USERS)


@dataclass(frozen=True, slots=True)
class FormField:
    """`choices` are (value, label) pairs; `target` the record types a picker offers; `wide` fills the whole row."""

    name: str
    label: LazyString | str
    kind: Kind = Kind.TEXT
    required: bool = False
    wide: bool = False
    hint: LazyString | str | None = None
    choices: tuple[tuple[str, LazyString | str], ...] = ()
    target: str = ""
    rows: int = 4
    input_type: str = "text"
    tones: Mapping[str, str] | None = None  # of the pills its choices are shown as

    @property
    def is_custom(self) -> bool:
        """Whether the team defined it."""
        return self.name.startswith(PREFIX)

    @property
    def currency_name(self) -> str:
        """The control of the currency of an amount."""
        return f"{self.name}_currency" if self.is_custom else "currency"

    def value_of(self, shown: Mapping[str, Any]) -> Any:
        """Its value in a record as REST shows it; days and times as such."""
        value = shown["custom"].get(self.name.removeprefix(PREFIX)) if self.is_custom else shown.get(self.name)
        if self.kind is Kind.DUE and (at := shown.get("due_at")):
            return datetime.fromisoformat(at)
        if value and self.kind in (Kind.DATE, Kind.DUE):
            return date.fromisoformat(value)
        return datetime.fromisoformat(value) if value and self.kind is Kind.TIME else value


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
    """What stands in a form: plain texts, references, several choices and rows by field, and what is wrong where.

    `colors` are those of the tags.
    """

    texts: Mapping[str, str]
    refs: Mapping[str, Reference | None] = field(default_factory=dict)
    links: Mapping[str, Sequence[Reference]] = field(default_factory=dict)
    several: Mapping[str, Sequence[str]] = field(default_factory=dict)
    colors: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def error(self, path: str) -> list[str]:
        return list(self.errors.get(path, ()))

    def named(self, fields: Sequence[FormField]) -> list[str]:
        """The ids of the colleagues that stand in these fields."""
        several = (id for f in fields if f.kind is Kind.USERS for id in self.several.get(f.name, ()))
        return [*(self.texts.get(f.name, "") for f in fields if f.kind is Kind.USER), *several]


def row_texts(asked: FormField, form: Form) -> list[dict[str, str]]:
    """The rows of a field as typed, in order, without the empty ones; `emails.3.label` is a part of row 3."""
    kind = ROW_KINDS[asked.kind]
    pattern = re.compile(rf"^{asked.name}\.(\d{{1,6}})\.({'|'.join(kind.parts)})$")
    rows: dict[int, dict[str, str]] = {}
    for name in form:
        if match := pattern.match(name):
            rows.setdefault(int(match[1]), dict.fromkeys(kind.parts, ""))[match[2]] = form[name].strip()
    primary = form.get(f"{asked.name}.primary", "")
    # The list of labels starts with one chosen: a label alone is no row. Nor is a record whose name was emptied.
    given = [
        (i, row)
        for i, row in sorted(rows.items())
        if any(v for k, v in row.items() if k not in ("label", "role"))
        and form.get(f"{asked.name}.{i}.{kind.needed}_text", "-").strip()
    ]
    return [row | {"primary": "1" if str(i) == primary else ""} for i, row in given[:_MOST_ROWS]]


# --- What stands in a form


def state_of_form(
    session: TenantSession, fields: Sequence[FormField], form: Form, errors: Mapping[str, Sequence[str]] | None = None
) -> FormState:
    """A form as it was sent, or a new one from the address (`/tasks/new?links=company:5`)."""
    wanted: dict[str, tuple[str, int]] = {}
    links: dict[str, list[tuple[str, int]]] = {}
    rows: dict[str, list[dict[str, Any]]] = {}
    several: dict[str, list[str]] = {}
    for asked in fields:
        if asked.kind is Kind.RECORD and (id := id_of(form.get(asked.name, ""))):
            wanted[asked.name] = (asked.target, id)
        elif asked.kind in (Kind.LINKS, Kind.RECORDS):
            links[asked.name] = [link for value in form.getlist(asked.name) if (link := target_of(value, HANGS_ON))]
        elif asked.kind in ROW_KINDS:
            rows[asked.name] = [dict(row) for row in row_texts(asked, form)]
        elif asked.kind in SEVERAL:
            several[asked.name] = [value for value in form.getlist(asked.name) if value]
    known = references(session, [*wanted.values(), *(link for many in links.values() for link in many)])
    return FormState(
        texts={name: form[name] for name in form},
        refs={name: known.get(target) for name, target in wanted.items()},
        links={name: [known[link] for link in many if link in known] for name, many in links.items()},
        rows=rows,
        several=several,
        colors=tags.colors(session, several.get("tags", ())),
        errors=errors or {},
    )


def state_of_record(session: TenantSession, fields: Sequence[FormField], shown: Mapping[str, Any]) -> FormState:
    """The form of a record as REST shows it, with its version."""
    texts: dict[str, str] = {"version": str(shown["version"])}
    wanted: dict[str, tuple[str, int]] = {}
    links: dict[str, list[tuple[str, int]]] = {}
    rows: dict[str, list[dict[str, Any]]] = {}
    several: dict[str, list[str]] = {}
    for asked in fields:
        value = asked.value_of(shown)
        if asked.kind is Kind.RECORD:
            if value is not None:
                wanted[asked.name] = (asked.target, value)
        elif asked.kind is Kind.LINKS:
            links[asked.name] = [(link["type"], link["id"]) for link in value or ()]
        elif asked.kind in ROW_KINDS:
            rows[asked.name] = [{k: v if v is not None else "" for k, v in row.items()} for row in value or ()]
            links[asked.name] = [("contact", row["contact_id"]) for row in value or () if "contact_id" in row]
        elif asked.kind is Kind.RECORDS:
            links[asked.name] = [(asked.target, id) for id in value or ()]
        elif asked.kind in SEVERAL:
            several[asked.name] = [str(one) for one in value or ()]
        else:
            texts |= _texts(asked, value, shown)
    known = references(session, [*wanted.values(), *(link for many in links.values() for link in many)])
    for many in rows.values():
        for row in many:
            if "contact_id" in row and (person := known.get(("contact", row["contact_id"]))):
                row["contact_id_text"] = person.name
    return FormState(
        texts=texts,
        refs={name: known.get(target) for name, target in wanted.items()},
        links={name: [known[link] for link in many if link in known] for name, many in links.items()},
        rows=rows,
        several=several,
        colors=tags.colors(session, several.get("tags", ())),
    )


def _texts(asked: FormField, value: Any, shown: Mapping[str, Any]) -> dict[str, str]:
    """What the controls of a field hold."""
    if asked.kind is Kind.MONEY:
        if value is None:
            return {asked.name: "", asked.currency_name: shown.get("currency") or "" if not asked.is_custom else ""}
        major = to_major(value["minor"], value["currency"])
        return {asked.name: _plain_number(major), asked.currency_name: value["currency"]}
    if value is None:
        return {asked.name: ""}
    if asked.kind is Kind.DECIMAL:
        return {asked.name: _plain_number(value)}
    if asked.kind is Kind.DUE:
        return {asked.name: due_reading.as_typed(value)}
    if asked.kind is Kind.REPEAT:
        return {asked.name: repeat_words.as_typed(value)}
    if asked.kind is Kind.TIME:
        return {asked.name: value.astimezone(localization.zone()).strftime("%Y-%m-%dT%H:%M")}
    if asked.kind is Kind.CHECK:
        return {asked.name: "1" if value else "0"}
    if asked.kind is Kind.MINUTES:
        return {asked.name: str(round(value / 60))}
    return {asked.name: str(value)}


def _plain_number(value: Any) -> str:
    return str(format_decimal(value, locale=localization.locale(), decimal_quantization=False))
