"""What a reference shows: the name behind (type, id) and where it leads, many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from crm import markdown
from shared import search
from shared.events import Target
from shared.models import Company, Contact, Note
from shared.records import TYPES, titles
from shared.records.titles import Title
from shared.tenancy import TenantSession

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


def like(session: TenantSession, text: str, types: Sequence[str], limit: int) -> list[Reference]:
    """The records of these types that a text finds, best first."""
    targets = [(hit.type, hit.id) for hit in search.find(session, text, types=types, limit=limit)]
    known = references(session, targets)
    return [known[target] for target in targets if target in known]


def references(session: TenantSession, targets: Iterable[Target]) -> dict[Target, Reference]:
    """Name them, with one question at most (`titles.expect`). What is not in this workspace is left out."""
    return {target: _reference(target, title) for target, title in titles.titles(session, targets).items()}


def _reference(target: Target, title: Title) -> Reference:
    type_, id = target
    name = title.name
    if type_ == "note":
        name = markdown.plain(name) + (" …" if len(name) >= _NOTE_TITLE else "")
    url = None if title.is_deleted else url_for(f"{TYPES[type_].plural}.show", id=id)
    return Reference(type_, id, name or _("Without a name"), url, title.sub, title.kind)


def reference(row: Any) -> Reference:
    """One loaded record."""
    kind = row.kind.value if isinstance(row, Note) else ""
    title = Title(TYPES[row.__tablename__].title(row), _sub(row), kind, row.deleted_at is not None)
    return _reference((row.__tablename__, row.id), title)


def _sub(row: Any) -> str:
    """The second line that tells namesakes apart."""
    if isinstance(row, Company):
        return row.domain or row.city or ""
    if isinstance(row, Contact):
        return row.title or row.email or ""
    return ""


def people(session: TenantSession, *, active_only: bool = False) -> dict[int, str]:
    """Names of the workspace's users by id, in alphabetical order."""
    return {id: name for id, name, is_active in titles.people(session) if is_active or not active_only}


def choosable(session: TenantSession, held: Iterable[str]) -> dict[int, str]:
    """Whom a field may be given: who works here, and who stands in it, so that saving a form takes nobody out."""
    kept = {int(id) for id in held if id.isdecimal()}
    return {id: name for id, name, is_active in titles.people(session) if is_active or id in kept}


def asked_for(session: TenantSession) -> dict[int, str]:
    """Whom a filter may name: at the end also who has left, since their records are to be found and handed over."""
    everybody = titles.people(session)
    left = {id: _("%(name)s (deactivated)", name=name) for id, name, is_active in everybody if not is_active}
    return people(session, active_only=True) | left
