"""What a reference shows: the name behind (type, id) and where it leads, many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select

from crm import markdown
from shared.events import Target
from shared.models import Company, Contact, Deal, Meeting, Note, Task, User
from shared.records import TYPES
from shared.tenancy import TenantSession

_MODELS: dict[str, type[Any]] = {
    "company": Company,
    "contact": Contact,
    "deal": Deal,
    "task": Task,
    "note": Note,
    "meeting": Meeting,
}

ICONS = {
    "company": "building",
    "contact": "user",
    "deal": "currency-dollar",
    "task": "checkbox",
    "note": "note",
    "meeting": "microphone",
}


NOTE_ICONS = {"call": "phone", "meeting": "users", "email": "mail"}

#: Where the title of a note is cut off.
_NOTE_TITLE = 120


@dataclass(frozen=True, slots=True)
class Reference:
    """A record as others mention it. `url` is None for one that was deleted: it can be named, not opened."""

    type: str
    id: int
    name: str
    url: str | None
    sub: str = ""
    kind: str = ""  # of a note: what it tells of

    @property
    def value(self) -> str:
        """How forms send it: `company:5`."""
        return f"{self.type}:{self.id}"

    @property
    def icon(self) -> str:
        return NOTE_ICONS.get(self.kind) or ICONS[self.type]


def references(session: TenantSession, targets: Iterable[Target]) -> dict[Target, Reference]:
    """Name them with one query a type. What is not in this workspace is left out."""
    by_type: dict[str, set[int]] = defaultdict(set)
    for type_, id in targets:
        if type_ in _MODELS:
            by_type[type_].add(id)
    found: dict[Target, Reference] = {}
    for type_, ids in by_type.items():
        model = _MODELS[type_]
        for row in session.scalars(select(model).where(model.id.in_(sorted(ids)))):
            found[type_, row.id] = reference(row)
    return found


def reference(row: Any) -> Reference:
    """One loaded record."""
    type_ = row.__tablename__
    name = TYPES[type_].title(row)
    if isinstance(row, Note):
        name = markdown.plain(name) + (" …" if len(name) >= _NOTE_TITLE else "")
    name = name or _("Without a name")
    url = None if row.deleted_at else url_for(f"{TYPES[type_].plural}.show", id=row.id)
    kind = row.kind.value if isinstance(row, Note) else ""
    return Reference(type_, row.id, name, url, _sub(row), kind)


def _sub(row: Any) -> str:
    """The second line that tells namesakes apart."""
    if isinstance(row, Company):
        return row.domain or row.city or ""
    if isinstance(row, Contact):
        return row.title or row.email or ""
    return ""


def people(session: TenantSession, *, active_only: bool = False) -> dict[int, str]:
    """Names of the workspace's users by id, in alphabetical order."""
    query = select(User.id, User.name, User.is_active).order_by(User.name, User.id)
    everybody = session.once("people", lambda: session.execute(query).all())
    return {id: name for id, name, is_active in everybody if is_active or not active_only}
