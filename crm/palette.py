"""What the palette shows: the records that a text finds, and, before anything is typed, what is near at hand.

Everything is data (JSON): the script draws it beside the actions it finds on the open page itself. A place or a form is
offered to whom its own view lets in, so the one table of permissions decides here, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import current_app, url_for
from sqlalchemy import select
from sqlalchemy.orm import raiseload

from crm import record_names, web
from crm.localization import lazy_gettext as _l
from crm.record_labels import ONE_NAMES
from crm.record_names import Reference
from shared import search
from shared.accounts.permissions import Scope
from shared.events import Target
from shared.models import Company, Contact, ContactPhone, Deal
from shared.records import favourites, keys
from shared.search import Hit, Part
from shared.tenancy import TenantSession

Item = dict[str, Any]
_Marked = list[tuple[str, bool]]

FOUND = 12
#: Hits that are put in order, so that among a thousand notes with a word the person of that name is seen.
_WEIGHED = 40
_BEARERS = 6
_SOME_WORDS = 0.4  # of `shared.search`: above it every word was found, if with a slip
_WEIGHTS = {"contact": 0.1, "company": 0.1, "deal": 0.08, "meeting": 0.05, "task": 0.02}
_RECENT = 8
_LONGEST_LINE = 110


#: Places that the sidebar of every page does not show: (words, endpoint, icon).
_PLACES = (
    (_l("Board of deals"), "deals.board", "layout-kanban"),
    (_l("Forecast"), "forecast.show", "chart-bar"),
    (_l("Time in stages"), "forecast.stages", "clock"),
    (_l("Notes"), "notes.list_", "note"),
    (_l("Tasks by person"), "day.people", "users"),
    (_l("Calendar feed"), "calendar.index", "calendar"),
    (_l("Import"), "imports.list_", "upload"),
    (_l("Duplicates"), "duplicates.list_", "git-merge"),
    (_l("Merges"), "duplicates.merges", "git-merge"),
    (_l("Bin"), "bin.list_", "trash"),
    (_l("Assistant"), "chat.index", "message-circle"),
    (_l("Profile"), "settings.profile", "user-circle"),
    (_l("Signing in"), "settings.signing_in", "lock"),
    (_l("API tokens"), "settings.list_tokens", "key"),
    (_l("Workspace settings"), "settings.workspace", "settings"),
    (_l("Branding"), "settings.branding", "flag"),
    (_l("People and invitations"), "settings.people", "users"),
    (_l("Roles"), "settings.roles", "list-check"),
    (_l("Custom fields"), "settings.list_fields", "list-details"),
    (_l("Tags"), "settings.list_tags", "tag"),
    (_l("Pipelines"), "settings.list_pipelines", "git-branch"),
    (_l("Review quality"), "settings.review_quality", "target"),
    (_l("Models"), "models.show", "cpu"),
    (_l("Webhooks"), "settings.list_webhooks", "plug-connected"),
    (_l("Audit log"), "settings.audit", "history"),
    (_l("Backup"), "settings.backup", "database"),
)

#: Other words by which places are looked for.
_ALSO = {
    "calendar.index": _l("ics subscribe"),
    "imports.list_": _l("csv excel vcard upload"),
    "bin.list_": _l("trash deleted restore"),
    "settings.profile": _l("language time zone account"),
    "settings.signing_in": _l(
        "two-factor 2fa second factor authenticator password logins sessions sign out everywhere"
    ),
    "settings.list_tokens": _l("keys rest"),
    "settings.workspace": _l("currency time zone language fiscal year"),
    "settings.branding": _l("logo color colour"),
    "settings.people": _l("invite users colleagues team"),
    "settings.roles": _l("permissions rights"),
    "settings.list_tags": _l("labels"),
    "settings.list_pipelines": _l("stages lost reasons"),
    "models.show": _l("ollama language model"),
    "settings.list_webhooks": _l("integrations events"),
    "settings.audit": _l("security changes exports"),
    "settings.backup": _l("download restore archive everything"),
}

#: Forms that begin with what was typed: (words around it, endpoint, its fields, icon). Of two fields the last takes the
#: last word.
_MAKES = (
    (_l("New contact “{q}”"), "contacts.new", ("first_name", "last_name"), "user-plus"),
    (_l("New company “{q}”"), "companies.new", ("name",), "building"),
    (_l("New deal “{q}”"), "deals.new", ("name",), "currency-dollar"),
    (_l("New task “{q}”"), "tasks.new", ("title",), "checkbox"),
)


def at_hand(session: TenantSession, user_id: int) -> Item:
    """Before anything is typed: what one looked at last, one's favourites, places, and forms to begin."""
    seen, starred = favourites.recent(session, user_id, limit=_RECENT), favourites.starred(session, user_id)
    known = record_names.references(session, {*seen, *starred})
    employers = _companies(session, known)
    return {
        "recent": _items(seen, known, employers),
        "favourites": _items(starred, known, employers),
        "places": [
            {"text": str(text), "url": url_for(endpoint), "icon": icon, "also": str(_ALSO.get(endpoint, ""))}
            for text, endpoint, icon in _PLACES
            if _may_see(endpoint)
        ],
        "makes": [
            {"text": str(text), "url": url_for(endpoint), "fields": fields, "icon": icon}
            for text, endpoint, fields, icon in _MAKES
            if _may_see(endpoint)
        ],
    }


def found(session: TenantSession, query: str, user_id: int) -> Item:
    """The records that a text finds, best first, each with what of it was meant; `sure` if the best has all words."""
    hits = search.find(session, query, limit=_WEIGHED)
    if len(hits) == _WEIGHED:  # among thousands of notes that begin with a name its bearer would be passed over
        hits += _bearers(session, query)
    hits = _nearest({(hit.type, hit.id): hit for hit in hits}.values(), query, favourites.recent(session, user_id))
    known = record_names.references(session, [(hit.type, hit.id) for hit in hits])
    employers = _companies(session, known)
    phones = _phones(session, known, query)
    shown = [(hit, known[hit.type, hit.id]) for hit in hits if (hit.type, hit.id) in known]
    items = [_hit(hit, ref, query, employers, phones) for hit, ref in shown if ref.url]
    return {"found": items, "sure": any(hit.score > _SOME_WORDS for hit in hits)}


def _bearers(session: TenantSession, query: str) -> list[Hit]:
    """People and companies whose name begins so, from the index of names."""
    asked = keys.fold(query)
    found: list[Hit] = []
    models: tuple[Any, ...] = (Contact, Company)
    for model in models:
        key = model.name_key
        is_ordered = session.get_bind().dialect.name == "sqlite"  # by bytes; elsewhere by somebody's alphabet
        begins = key.between(asked, asked + "\uffff") if is_ordered else key.startswith(asked, autoescape=True)
        rows = select(model).where(begins, model.deleted_at.is_(None)).order_by(key).limit(_BEARERS)
        named = session.scalars(rows.options(raiseload("*")))
        found += [Hit(model.__tablename__, row.id, row.name, (), 1.0) for row in named]
    return found


def _nearest(hits: Iterable[Hit], query: str, seen: Sequence[Target]) -> list[Hit]:
    """Of records that fit as well come first those one looked at lately, whose name begins so, people before notes."""
    asked, recent = search.fold(query), set(seen)

    def weight(hit: Hit) -> float:
        begins = search.fold(hit.title).startswith(asked)
        return hit.score + 0.2 * ((hit.type, hit.id) in recent) + 0.1 * begins + _WEIGHTS.get(hit.type, 0.0)

    return sorted(hits, key=weight, reverse=True)[:FOUND]


def _may_see(endpoint: str) -> bool:
    view = current_app.view_functions.get(endpoint)
    access = getattr(view, "access", None)
    return isinstance(access, Scope) and web.can(access)


def _items(targets: Iterable[Target], known: dict[Target, Reference], employers: dict[Target, str]) -> list[Item]:
    openable = (known[target] for target in targets if target in known)
    return [_item(ref, [(ref.name, False)], [(_sub(ref, employers), False)]) for ref in openable if ref.url]


def _hit(hit: Hit, ref: Reference, query: str, employers: dict[Target, str], phones: dict[int, str]) -> Item:
    """The name where the words are in it; below it the number or the passage that was meant, else what tells apart."""
    name = _marked(search.highlighted(ref.name, query))
    sub = [(_sub(ref, employers), False)]
    if ref.type == "contact" and ref.id in phones:
        sub = [(phones[ref.id], True)]
    elif not any(is_match for _, is_match in name) and any(part.is_match for part in hit.snippet):
        sub = _marked(hit.snippet)
    return _item(ref, name, sub)


def _item(ref: Reference, name: _Marked, sub: _Marked) -> Item:
    return {
        "id": f"{ref.type}-{ref.id}",
        "kind": str(ONE_NAMES[ref.type]),
        "name": name,
        "sub": [(text[:_LONGEST_LINE], is_match) for text, is_match in sub if text],
        "url": ref.url,
        "icon": ref.icon,
    }


def _marked(parts: Sequence[Part]) -> _Marked:
    return [(part.text, part.is_match) for part in parts]


def _sub(ref: Reference, employers: dict[Target, str]) -> str:
    """What tells namesakes apart: what they do and where."""
    return " · ".join(part for part in (ref.sub, employers.get((ref.type, ref.id), "")) if part)


def _companies(session: TenantSession, known: Iterable[Target]) -> dict[Target, str]:
    """The company of each contact and deal that has one."""
    names: dict[Target, str] = {}
    for type_, model in (("contact", Contact), ("deal", Deal)):
        ids = [id for kind, id in known if kind == type_]
        if not ids:
            continue
        rows = select(model.id, Company.name).join(Company, Company.id == model.company_id)
        names |= {(type_, id): name for id, name in session.execute(rows.where(model.id.in_(ids)))}
    return names


def _phones(session: TenantSession, known: Iterable[Target], query: str) -> dict[int, str]:
    """Of the contacts that a number found: that number, as it is written there."""
    ids = [id for kind, id in known if kind == "contact"]
    if not ids or not search.phones(query):
        return {}
    rows = session.execute(select(ContactPhone.contact_id, ContactPhone.phone).where(ContactPhone.contact_id.in_(ids)))
    return {id: phone for id, phone in rows if search.is_same_phone(phone, query)}
