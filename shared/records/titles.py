"""What records are called, and what tells namesakes apart: of many, of all types, in one question.

A page names dozens of records and shows nothing else of them: it says first which (`expect`), and all come along with
whichever is asked for first. The rules are those of `RecordType.title`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, String, bindparam, cast, func, literal, null, select, union_all

from shared.events import Target
from shared.models import Company, Contact, ContactEmail, Deal, Meeting, Note, Task, User
from shared.prepared import Prepared
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


def expect(session: TenantSession, targets: Iterable[Target]) -> None:
    """Say that a session that only reads will ask for the titles of these."""
    session.once("expected titles", set[Target]).update(targets)


def titles(session: TenantSession, targets: Iterable[Target]) -> dict[Target, Title]:
    """The titles of records, deleted ones too. What is not in this workspace, or has no page, is left out."""
    wanted = set(targets)
    known: dict[Target, Title | None] = session.once("titles", dict)
    if not wanted <= known.keys():
        expected = session.once("expected titles", set[Target])
        unknown = (wanted | expected) - known.keys()
        known |= dict.fromkeys(unknown) | _find(session, unknown)
        expected.clear()
    return {target: title for target in wanted if (title := known[target]) is not None}


def _find(session: TenantSession, targets: Iterable[Target]) -> dict[Target, Title]:
    ids: dict[str, set[int]] = defaultdict(set)
    for type_, id in targets:
        ids[type_].add(id)
    wanted = {f"{name}_ids": sorted(ids[name]) for name in MODELS}
    if not any(wanted.values()):
        return {}
    return {(row.type, row.id): _title(row) for row in _NAMED.rows(session, **wanted)}


def _title(row: Any) -> Title:
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


MODELS: Mapping[str, Any] = {
    "company": Company, "contact": Contact, "deal": Deal, "task": Task, "note": Note, "meeting": Meeting,
}  # fmt: skip
#: The main e-mail address of the contact at hand.
PRIMARY_EMAIL = (
    select(ContactEmail.email)
    .where(ContactEmail.contact_id == Contact.id, ContactEmail.is_primary)
    .order_by(ContactEmail.position)
    .limit(1)
    .correlate(Contact)
    .scalar_subquery()
)


def _texts(name: str, *columns: Any) -> Select[Any]:
    model = MODELS[name]
    texts = [*columns, *[null()] * (4 - len(columns))]
    labelled = [cast(text, String).label(f"text_{i}") for i, text in enumerate(texts)]
    found = select(literal(name).label("type"), model.id, model.deleted_at, *labelled)
    return found.where(model.id.in_(bindparam(f"{name}_ids", expanding=True)))


_NAMED = Prepared(
    union_all(
        _texts("company", Company.name, Company.domain, Company.city),
        _texts("contact", Contact.first_name, Contact.last_name, Contact.title, PRIMARY_EMAIL),
        _texts("deal", Deal.name),
        _texts("task", Task.title),
        _texts("note", func.substr(Note.body, 1, _NOTE_CHARS), Note.kind),
        _texts("meeting", Meeting.title),
    )
)


_PEOPLE = Prepared(select(User.id, User.name, User.is_active).order_by(User.name, User.id))


def people(session: TenantSession) -> Sequence[Row[int, str, bool]]:
    """(id, name, is_active) of the workspace's users, in alphabetical order."""
    return session.cached("people", lambda: _PEOPLE.rows(session))
