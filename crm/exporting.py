"""Any list as rows of a file, a page of them at a time; never held in memory whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request
from flask_babel import gettext as _
from sqlalchemy import select

from crm import downloads, list_columns, listing, localization, seats, web
from crm.downloads import Cell
from crm.record_labels import (
    DIRECTIONS,
    FIELD_LABELS,
    LIFECYCLES,
    MEETING_STATUSES,
    NOTE_KINDS,
    PRIORITIES,
    TASK_STATUSES,
)
from shared import clock, records
from shared.database import Database
from shared.errors import Invalid, Unavailable
from shared.imports.tag_cells import tag_cell
from shared.models import Company, Contact, CustomType, Deal, FieldDefinition, Pipeline, User
from shared.query import ListQuery, catalog, lists, neighbours
from shared.query.catalog import PREFIX
from shared.query.columns import values_of
from shared.query.conditions import Viewpoint
from shared.query.naming import Naming
from shared.query.results import Money
from shared.query.types import Entity, Field
from shared.records import companies, custom, tags
from shared.records.deals import to_major
from shared.records.keys import fold
from shared.tenancy import TenantSession

Names = dict[tuple[str, int], str]  # of the records that are referred to, by type and id
TYPES = ("company", "contact", "deal", "task", "note", "meeting")
FORMATS = ("csv", "xlsx")
_BATCH = 200

_COLUMNS: dict[str, tuple[str, ...]] = {
    "company": companies.FIELDS,
    "contact": (
        "first_name", "last_name", "emails", "phones", "company_id", "title", "lifecycle", "source", "description",
        "owner_id",
    ),
    "deal": (
        "name", "company_id", "contact_id", "amount", "currency", "stage", "pipeline_id", "probability",
        "expected_close", "closed_at", "lost_reason", "description", "owner_id",
    ),
    "task": (
        "title", "body", "due_date", "due_at", "priority", "status", "completed_at", "assignee_id", "company_id",
        "contact_id", "deal_id",
    ),
    "note": ("body", "kind", "happened_at", "direction", "author_id", "company_id", "contact_id", "deal_id"),
    "meeting": ("title", "occurred_at", "duration_s", "company_id", "deal_id", "participants", "status", "summary"),
}  # fmt: skip
#: What the head of a list's row says, which no choice of columns takes away; the first names are what it is called by.
_HEAD: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "company": (("name",), ("domain",)), "contact": (("first_name", "last_name"), ("emails",)),
    "deal": (("name",), ("company_id",)), "task": (("title",), ()), "note": (("body",), ()),
    "meeting": (("title",), ()),
}  # fmt: skip
_COMMON = ("external_id", "id", "created_at", "updated_at")
_REFERENCES: dict[str, type[Any]] = {
    "company_id": Company, "contact_id": Contact, "deal_id": Deal, "pipeline_id": Pipeline,
}  # fmt: skip
_USERS = ("owner_id", "assignee_id", "author_id")
#: Codes that people read as words; a file with them is read back in every language.
_WORDS = {"lifecycle": LIFECYCLES, "priority": PRIORITIES, "kind": NOTE_KINDS, "direction": DIRECTIONS}
_WORDS_OF = {"task": {"status": TASK_STATUSES}, "meeting": {"status": MEETING_STATUSES}}


@dataclass(frozen=True, slots=True)
class Export:
    """A list to be written. It opens its own session: the answer goes on after the request's is closed."""

    query: ListQuery
    columns: tuple[str, ...]
    titles: tuple[str, ...]
    computed: tuple[str, ...]  # of the columns, those that the record itself does not hold
    own: dict[str, FieldDefinition]  # of the columns, the custom fields
    words: dict[str, dict[str, str]]  # of the columns, what their codes are called
    database: Database
    workspace_id: int
    user_id: int
    zone: ZoneInfo

    def rows(self) -> Iterator[list[Cell]]:
        """The head line, then a line for each record, as they are at this moment: between two pages of them, one that
        is renamed would move and be left out, or stand there twice."""
        yield list(self.titles)
        query = replace(self.query, limit=_BATCH, cursor=None, with_total=False)
        with self.database.session(self.workspace_id, read_only=True, of_one_moment=True) as session:
            users = _users(session)
            while True:
                page = lists.run(session, query, user_id=self.user_id, zone=self.zone)
                yield from self._lines(session, page.items, users)
                session.expunge_all()
                if page.next_cursor is None:
                    return
                query = replace(query, cursor=page.next_cursor)

    def _lines(self, session: TenantSession, rows: Sequence[Any], users: dict[int, str]) -> Iterator[list[Cell]]:
        shown = records.show_all(session, rows)
        names = _names(session, shown)
        entity = catalog(session)[self.query.type]
        fields = [entity.fields[name] for name in self.computed]
        viewpoint = Viewpoint.of(session, user_id=self.user_id, zone=self.zone)
        values = values_of(session, entity, [row.id for row in rows], fields, viewpoint) if fields else {}
        for name, cells in _beside(session, entity, [row.id for row in rows], self.columns, viewpoint).items():
            for id, value in cells.items():
                values.setdefault(id, {})[name] = value
        for record in shown:
            found = values.get(record["id"], {})
            yield [_plain(found[n]) if n in found else self._cell(n, record, names, users) for n in self.columns]

    def _cell(self, name: str, record: dict[str, Any], names: Names, users: dict[int, str]) -> Cell:
        if name in self.words and record.get(name) is not None:
            return self.words[name].get(record[name], str(record[name]))
        if name not in self.own:
            return _cell(name, record, names, users)
        definition = self.own[name]
        value = record["custom"].get(definition.key)
        if value is not None and definition.type.is_chosen:
            chosen = value if isinstance(value, list) else [value]
            return "; ".join(custom.label_of(definition, one) for one in chosen)
        return users.get(value, "") if definition.type is CustomType.PERSON else _of_value(value, names)


def _beside(
    session: TenantSession, entity: Entity, ids: Sequence[int], columns: Sequence[str], viewpoint: Viewpoint
) -> dict[str, dict[int, Any]]:
    """`{column name: {id: value}}` of the columns that stand in related records."""
    asked = [each for name in columns if (each := neighbours.find(entity, name)) is not None]
    naming = Naming(session, viewpoint)
    found: dict[str, dict[int, Any]] = {}
    for relation in dict.fromkeys(each.relation for each in asked):
        here = [each for each in asked if each.relation == relation]
        ends = neighbours.ends(session, entity, relation, ids, viewpoint)
        fields = [each.field for each in here]
        values = values_of(session, here[0].target, sorted(set(ends.values())), fields, viewpoint)
        for field in fields:
            if field.target is not None:
                naming.look_up(field, [row[field.name] for row in values.values() if row[field.name] is not None])
        for each in here:
            found[each.name] = {
                id: _worded(naming, each.field, values[end][each.field.name]) for id, end in ends.items()
            }
    return found


def _worded(naming: Naming, field: Field, value: Any) -> Any:
    """What a reference or a choice is called; other values as they are."""
    if value is not None and field.target is not None:
        return naming.name_of(field, str(value))
    return (field.labels or {}).get(value, value) if isinstance(value, str) else value


def _plain(value: Any) -> Cell:
    """What a computed column holds, for a cell."""
    if value is None or isinstance(value, (int, float)):
        return "" if value is None else int(value) if isinstance(value, bool) else value
    if isinstance(value, Money):
        return f"{value.amount} {value.currency}"
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def of_list(query: ListQuery, *, columns: str = "", for_people: bool) -> Export:
    """The list of this address, asked for by the signed-in user. `columns`: only these, comma-separated; a record's own
    and those that lists are made of. Pages leave out what is only counted for them."""
    own = {f"{PREFIX}{one.key}": one for one in custom.definitions(web.session(), query.type)}
    known = (*_COLUMNS[query.type], *(["tags"] if query.type in tags.TAGGED else []), *own, *_COMMON)
    entity = catalog(web.session())[query.type]
    fields, beside = entity.fields, {n for n in columns.split(",") if neighbours.find(entity, n) is not None}
    asked = [f"{name}_id" if f"{name}_id" in known else name for name in columns.split(",") if name]
    if asked and for_people:
        asked = [*_unsaid(query.type, asked), *asked]
    chosen = (
        tuple(
            dict.fromkeys(name for name in asked if name in known or name in fields or name in beside or not for_people)
        )
        or known
    )
    unknown = [name for name in chosen if name not in known and name not in fields and name not in beside]
    if unknown:
        raise Invalid.field("columns", f"There is no column “{unknown[0][:50]}”. There are: {', '.join(known)}.")
    titles, words = chosen, {}
    if for_people:
        known_words = {**_WORDS, **_WORDS_OF.get(query.type, {})}
        words = {name: {c: str(w) for c, w in known_words[name].items()} for name in chosen if name in known_words}
        naming = Naming(web.session(), listing.viewpoint(), localization.locale().language, str(localization.locale()))
        headed = {name: list_columns.column(entity, name, naming).label for name in beside}
        headed |= {name: definition.label for name, definition in own.items()}
        titles = tuple(headed.get(name) or str(_title(name, query.type)) for name in chosen)
    computed = tuple(name for name in chosen if name not in known and name not in beside)
    person = web.current_user
    return Export(
        query, chosen, titles, computed, own, words, web.database(), person.workspace_id, person.id, localization.zone()
    )  # fmt: skip


def _unsaid(type_: str, asked: Sequence[str]) -> tuple[str, ...]:
    """What comes before the chosen columns so that a line says whose it is."""
    names, beside = _HEAD[type_]
    if not set(names).isdisjoint(asked):
        return ()
    return *names, *(name for name in beside if name.removesuffix("s") not in asked)


def _title(name: str, type_: str) -> Any:
    if name == "contact_id" and type_ in ("task", "note"):
        return _("Contact")
    if name == "title" and type_ == "contact":
        return _("Job title")
    more = {
        "external_id": _("External ID"), "id": _("Number"), "created_at": _("Created"), "updated_at": _("Changed"),
        "participants": _("Who took part"), "summary": _("Summary"), "pipeline_id": _("Pipeline"),
        "tags": _("Tags"),
    }  # fmt: skip
    return FIELD_LABELS.get(name) or more.get(name) or name.replace("_", " ").capitalize()


def _names(session: TenantSession, shown: Sequence[dict[str, Any]]) -> Names:
    """What the records that these refer to are called."""
    wanted: dict[str, set[int]] = {}
    for record in shown:
        for field in _REFERENCES:
            if record.get(field):
                wanted.setdefault(field.removesuffix("_id"), set()).add(record[field])
        for link in record.get("links") or ():
            wanted.setdefault(link["type"], set()).add(link["id"])
    found: Names = {}
    for type_, ids in wanted.items():
        kind = records.TYPES[type_]
        for row in session.scalars(select(kind.model).where(kind.model.id.in_(sorted(ids)))):
            found[type_, row.id] = kind.title(row)
    return found


def _users(session: TenantSession) -> dict[int, str]:
    """What people are called; by their address where two share a name, so that the file says who is meant."""
    people = session.execute(select(User.id, User.name, User.email)).all()
    times = Counter(fold(name) for _, name, _ in people)
    return {int(id_): str(name if times[fold(name)] == 1 else email) for id_, name, email in people}


def _cell(name: str, record: dict[str, Any], names: Names, users: dict[int, str]) -> Cell:
    value = record.get(name)
    if name in _REFERENCES and "links" in record:
        about = name.removesuffix("_id")
        return "; ".join(names.get((about, one["id"]), "") for one in record["links"] if one["type"] == about)
    if name == "currency":
        amount = record.get("amount")
        return str(amount["currency"]) if amount else ""
    if value is None:
        return ""
    if name in _REFERENCES:
        return names.get((name.removesuffix("_id"), value), "")
    if name in _USERS:
        return users.get(value, "")
    if name == "tags":
        return tag_cell(value)
    if name == "amount":
        return str(to_major(value["minor"], value["currency"]))
    return _of_value(value, names)


def _of_value(value: Any, names: Names) -> Cell:
    if value is None:
        return ""
    if isinstance(value, dict):  # money of a custom field
        return f"{to_major(value['minor'], value['currency'])} {value['currency']}" if "minor" in value else ""
    if isinstance(value, list):
        parts = (_part(entry, names) for entry in value)
        return "; ".join(part for part in parts if part)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, (int, float)) else str(value)


def _part(entry: Any, names: Names) -> str:
    if not isinstance(entry, dict):
        return str(entry)
    if "type" in entry:
        return names.get((entry["type"], entry["id"]), "")
    return str(entry.get("email") or entry.get("phone") or entry.get("text") or "")


def response(export: Export, format_: str) -> Response:
    """The list as a file of that format. Raises Unavailable while half of the processes make such files: a hundred
    thousand rows take one of them for ten seconds and more, and the pages need the others."""
    settings = web.settings()
    seat = seats.take(settings.data_dir / "exporting", settings.web_processes // 2)
    if seat is None:
        raise Unavailable(_("Other lists are being made into files just now. Try again in a minute."), retry_after_s=20)
    with seat as until_made:
        plural = records.TYPES[export.query.type].plural
        downloads.note_taken(f"{plural}.{format_}")
        name = f"{plural}-{clock.today():%Y-%m-%d}.{format_}"
        if format_ == "xlsx":
            return downloads.xlsx_response(export.rows(), name)
        if request.method == "HEAD":
            return downloads.csv_response((), name)
        until_sent = until_made.pop_all()
        answer = downloads.csv_response(_seated(export.rows(), until_sent), name)
        answer.call_on_close(until_sent.close)  # where nobody asks for the first row
    return answer


def _seated(rows: Iterable[Sequence[Cell]], seat: ExitStack) -> Iterator[Sequence[Cell]]:
    with seat:
        yield from rows
