"""Records side by side as the merge page shows them: fields as people call them, values as they read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from crm import record_names, record_values
from crm.localization import lazy_gettext as _l
from crm.record_labels import FIELD_LABELS
from shared.errors import Invalid
from shared.models import CustomType, FieldDefinition
from shared.records import comparing, custom
from shared.records.comparing import ALL, FieldChoice, Pick
from shared.records.pairing import Reason
from shared.records.pointers import POINTERS
from shared.records.types import jsonable
from shared.tenancy import TenantSession

REASONS = {
    "email": _l("Same e-mail"),
    "phone": _l("Same phone"),
    "phone_end": _l("Phone ends alike"),  # a country's code is missing
    "domain": _l("Same domain"),
    "name": _l("Same name"),
    "similar": _l("Similar name"),
}
REASON_TONES = {
    "email": "green",
    "domain": "green",
    "phone": "green",
    "name": "blue",
    "similar": "amber",
    "phone_end": "amber",
}

#: What goes along, by the place that points at the record.
_ALONG = {
    "deal.company_id": _l("Deals"),
    "deal.contact_id": _l("Deals"),
    "deal_contact.contact_id": _l("Roles in deals"),
    "meeting.company_id": _l("Meetings"),
    "attendee.contact_id": _l("Meetings"),
    "contact.company_id": _l("People"),
    "contact_email.contact_id": _l("E-mails"),
    "contact_phone.contact_id": _l("Phones"),
    "link.target_id": _l("Notes and tasks"),
    "attachment.record_id": _l("Files"),
    "tagging.target_id": _l("Tags"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    value: str  # of the radio button
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One field. `joined` is the cell for both values together, where that is possible."""

    key: str
    label: str
    cells: tuple[Cell, ...]
    joined: Cell | None
    differs: bool


@dataclass(frozen=True, slots=True)
class Sides:
    """The page: `rows` are the records from left to right, `lines` what differs, `same` what does not."""

    rows: tuple[Any, ...]
    winner_id: int
    lines: tuple[Line, ...]
    same: tuple[Line, ...]
    along: tuple[tuple[str, tuple[int, ...]], ...]


def sides(session: TenantSession, type_name: str, rows: Sequence[Any], winner_id: int) -> Sides:
    """The comparison of records of one type."""
    fields = [field for field in comparing.compare(type_name, rows, winner_id) if not field.is_empty]
    names = _names(session, fields)
    own = {definition.key: definition for definition in custom.definitions(session, type_name)}
    lines = [_line(field, rows, names, own) for field in fields]
    return Sides(
        rows=tuple(rows),
        winner_id=winner_id,
        lines=tuple(line for line in lines if line.differs),
        same=tuple(line for line in lines if not line.differs),
        along=tuple(_along(session, type_name, [row.id for row in rows])),
    )


def picks(form: MultiDict[str, str]) -> dict[str, Pick]:
    """What was chosen: `pick.title=17`, `pick.description=all`. Raises Invalid."""
    found: dict[str, Pick] = {}
    for name, value in form.items():
        if name.startswith("pick."):
            if value != ALL and not (value.isdecimal() and len(value) < 10):
                raise Invalid.field(name, _("Choose one of the records."))
            found[name.removeprefix("pick.")] = ALL if value == ALL else int(value)
    return found


def reason_text(reason: Reason) -> str:
    """Why two records may be one."""
    name = str(REASONS.get(reason.kind, reason.kind))
    return f"{name}: {reason.value}" if reason.value else name


def _line(
    field: FieldChoice, rows: Sequence[Any], names: record_values.Names, own: Mapping[str, FieldDefinition]
) -> Line:
    definition = own.get(field.name) if field.custom else None

    def text(value: Any) -> str:
        return _own_text(definition, value, names) if field.custom else _text(field, value, names)

    cells = tuple(Cell(str(row.id), text(field.values[row.id]), field.pick == row.id) for row in rows)
    joined = None
    if field.can_join and field.differs:
        joined = Cell(ALL, text(field.result(ALL)), field.pick == ALL)
    label = definition.label if definition else str(FIELD_LABELS.get(field.name, field.name))
    return Line(field.key, label, cells, joined, field.differs)


def _own_text(definition: FieldDefinition | None, value: Any, names: record_values.Names) -> str:
    """The value of a field of the team's own."""
    if definition is None or value is None:
        return "" if value is None else str(value)
    if definition.type.is_chosen:
        return ", ".join(custom.label_of(definition, one) for one in (value if isinstance(value, list) else [value]))
    if definition.type is CustomType.CHECKBOX:
        return str(_("Yes") if value else _("No"))
    shown_as = {CustomType.PERSON: "owner_id", CustomType.DATE: "due_date"}
    return record_values.shown_value(shown_as.get(definition.type, definition.key), value, names)


def _text(field: FieldChoice, value: Any, names: record_values.Names) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " ".join(part for part in value if part)
    return str(value) if field.name == "description" else record_values.shown_value(field.name, jsonable(value), names)


def _names(session: TenantSession, fields: Sequence[FieldChoice]) -> record_values.Names:
    companies = [("company", id) for f in fields if f.name == "company_id" for id in f.values.values() if id]
    return record_values.Names(record_names.people(session), record_names.references(session, companies))


def _along(session: TenantSession, type_name: str, ids: Sequence[int]) -> list[tuple[str, tuple[int, ...]]]:
    """(what, how many of it each record has), for what at least one has."""
    found: dict[str, dict[int, int]] = {}
    for pointer in POINTERS:
        if pointer.place in _ALONG and pointer.about(type_name):
            column = pointer.table.c[pointer.column]
            query = select(column, func.count()).where(
                pointer.table.c.workspace_id == session.workspace_id, column.in_(ids)
            )
            if pointer.kind:
                query = query.where(pointer.table.c[pointer.kind] == type_name)
            for id, n in session.execute(query.group_by(column)):
                of: Mapping[int, int] = found.setdefault(str(_ALONG[pointer.place]), {})
                found[str(_ALONG[pointer.place])] = {**of, id: of.get(id, 0) + n}
    return [(label, tuple(counts.get(id, 0) for id in ids)) for label, counts in found.items()]
