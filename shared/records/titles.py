"""What records are called, and what tells namesakes apart: of many, of all types, in one question.

A page names dozens of records and shows nothing else of them. The rules are those of `RecordType.title`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, String, func, literal, null, select, union_all

from shared.events import Target
from shared.models import Company, Contact, ContactEmail, Deal, Meeting, Note, Task
from shared.models.base import Base, table_of
from shared.prepared import here, prepared, several
from shared.records import work
from shared.tenancy import TenantSession

#: So much of a note is read for its first line.
_NOTE_CHARS = 1000


@dataclass(frozen=True, slots=True)
class Title:
    """`name` is empty for who has none; `sub` is a second line; `kind` is a note's."""

    name: str
    sub: str = ""
    kind: str = ""
    is_deleted: bool = False


def titles(session: TenantSession, targets: Iterable[Target]) -> dict[Target, Title]:
    """The titles of records, deleted ones too. What is not in this workspace, or has no page, is left out."""
    ids: dict[str, set[int]] = defaultdict(set)
    for type_, id in targets:
        ids[type_].add(id)
    wanted = {f"{name}_ids": sorted(ids[name]) for name in _MODELS}
    if not any(wanted.values()):
        return {}
    return {(row.type, row.id): _title(row) for row in _NAMED.ask(session, **wanted)}


def _title(row: Row[Any]) -> Title:
    """(type, id, deleted_at, up to four texts) of a record."""
    texts: list[str | None] = list(row[3:])
    one, two, three, four = (text or "" for text in texts)
    is_deleted = row.deleted_at is not None
    if row.type == "company":
        return Title(one, two or three, is_deleted=is_deleted)
    if row.type == "contact":
        return Title(f"{one} {two}".strip() or four, three or four, is_deleted=is_deleted)
    if row.type == "note":
        return Title(work.first_line(one), kind=two, is_deleted=is_deleted)
    return Title(one, is_deleted=is_deleted)


_MODELS: Mapping[str, type[Base]] = {
    "company": Company, "contact": Contact, "deal": Deal, "task": Task, "note": Note, "meeting": Meeting,
}  # fmt: skip
_CONTACT, _EMAIL = table_of(Contact), table_of(ContactEmail)
#: The main e-mail address of the contact at hand.
PRIMARY_EMAIL = (
    select(_EMAIL.c.email)
    .where(here(_EMAIL), _EMAIL.c.contact_id == _CONTACT.c.id, _EMAIL.c.is_primary)
    .order_by(_EMAIL.c.position)
    .limit(1)
    .correlate(_CONTACT)
    .scalar_subquery()
)


def _texts(name: str, *columns: Any) -> Select[Any]:
    table = table_of(_MODELS[name])
    texts = [*columns, *[null()] * (4 - len(columns))]
    labelled = [text.cast(String).label(f"text_{i}") for i, text in enumerate(texts)]
    found = select(literal(name).label("type"), table.c.id, table.c.deleted_at, *labelled)
    return found.where(here(table), table.c.id.in_(several(f"{name}_ids")))


_NAMED = prepared(
    union_all(
        _texts("company", *(table_of(Company).c[name] for name in ("name", "domain", "city"))),
        _texts("contact", *(_CONTACT.c[name] for name in ("first_name", "last_name", "title")), PRIMARY_EMAIL),
        _texts("deal", table_of(Deal).c.name),
        _texts("task", table_of(Task).c.title),
        _texts("note", func.substr(table_of(Note).c.body, 1, _NOTE_CHARS), table_of(Note).c.kind),
        _texts("meeting", table_of(Meeting).c.title),
    )
)
