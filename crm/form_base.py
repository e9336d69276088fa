"""What a form began with, so that saving it writes only what was changed in it.

A form carries a mark of each of its fields (`marks`): a digest of what is read from the inputs as they were drawn.
Where what is sent reads the same, nobody touched the field, however a browser spells line ends or a person a number.
Marks rather than values: a long text does not cross the line twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from crm import record_fields, record_reading
from crm.record_fields import SEVERAL, Form, FormField, FormState, Kind
from shared.errors import Invalid

#: The input that carries it.
NAME = "base"
_DIGITS = 16
#: The mark of what cannot be read, which is like nothing, not even itself.
UNREADABLE = "?"


@dataclass(frozen=True, slots=True)
class Base:
    """Marks by field, and the newest event about the record when the form was drawn."""

    marks: Mapping[str, str]
    event: int = 0

    def as_text(self) -> str:
        return json.dumps({"event": self.event, "marks": self.marks}, separators=(",", ":"))


def of(form: Form) -> Base:
    """What a form says that it began with. One that says nothing readable counts as touched in every field."""
    try:
        said = json.loads(form.get(NAME, ""))
        marks = {str(name): str(mark) for name, mark in said["marks"].items()}
        return Base(marks, int(said["event"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        return Base({})


def marks(fields: Sequence[FormField], form: Form) -> dict[str, str]:
    """A mark of each field that a form has."""
    return {asked.name: mark for asked in fields if (mark := _mark(asked, form)) is not None}


def _mark(asked: FormField, form: Form) -> str | None:
    try:
        data = record_reading.read((asked,), form)
    except Invalid:
        return UNREADABLE
    text = json.dumps(_plain(data), sort_keys=True) if data else ""
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS] if data else None


def _plain(value: Any) -> Any:
    """What says the same in one spelling: 10 and 10.00, the line ends of all browsers, several choices in any order."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        parts = [_plain(part) for part in value]
        return parts if any(isinstance(part, dict) for part in parts) else sorted(parts, key=str)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, str):
        return value.replace("\r\n", "\n")
    return value if isinstance(value, bool | int | None) else str(value)


def drawn(fields: Sequence[FormField], state: FormState, choices: Mapping[str, Any] | None, currency: str) -> Form:
    """What the form of a state sends where nobody touches it. `choices` and `currency` are the form's own."""
    form: Form = MultiDict()
    for asked in fields:
        for name, value in _inputs(asked, state, (choices or {}).get(asked.name, asked.choices), currency):
            form.add(name, value)
    return form


def _inputs(asked: FormField, state: FormState, choices: Any, currency: str) -> list[tuple[str, str]]:
    name, text = asked.name, state.texts.get(asked.name, "")
    if asked.kind is Kind.RECORD:
        ref = state.refs.get(name)
        return [(name, str(ref.id) if ref else ""), (f"{name}_text", ref.name if ref else "")]
    if asked.kind in (Kind.LINKS, Kind.RECORDS):
        return [(name, ""), *((name, ref.value) for ref in state.links.get(name, ()))]
    if asked.kind in record_fields.ROW_KINDS:
        return [(name, "1"), *_rows(asked, state)]
    if asked.kind in SEVERAL:
        return [(name, ""), *((name, value) for value in state.several.get(name, ()))]
    if asked.kind is Kind.CHECK:
        return [(name, "0" if text else ""), *([(name, "1")] if text == "1" else [])]
    if asked.kind is Kind.MONEY:
        return [(name, text), (asked.currency_name, state.texts.get(asked.currency_name) or currency)]
    if asked.kind is Kind.CHOICE:
        return _chosen(name, text, [str(value) for value, _label in choices])
    return [(name, text)]


def _chosen(name: str, text: str, values: Sequence[str]) -> list[tuple[str, str]]:
    """A list shows its first choice where it does not have the present one; an empty list is not drawn."""
    return [(name, text if text in values else values[0])] if values else []


def _rows(asked: FormField, state: FormState) -> list[tuple[str, str]]:
    parts = record_fields.ROW_KINDS[asked.kind].parts
    found = []
    for i, row in enumerate(state.rows.get(asked.name, ())):
        found += [(f"{asked.name}.{i}.{part}", str(row.get(part) or "")) for part in parts]
        if row.get("primary"):
            found.append((f"{asked.name}.primary", str(i)))
    return found
