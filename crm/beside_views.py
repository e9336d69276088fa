"""What stands beside a record's fields: its files and its links to other records; shown, added, taken away.

Every answer is the card as it is then, so that a page, a side panel and two people at once agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString

from crm import record_names, web
from crm.localization import lazy_gettext as _l
from crm.record_names import Reference
from crm.web import requires
from shared.accounts.permissions import Scope
from shared.errors import Invalid, NotFound
from shared.events import Target
from shared.records import attachments, favourites, links, related
from shared.records.links import Linked
from shared.schemas.ids import target_of

if TYPE_CHECKING:
    from crm.record_views import Screen

#: Words for `links.RELATIONS`: what the other record is.
RELATION_NAMES: dict[str, LazyString] = {
    "parent": _l("Parent company"),
    "subsidiary": _l("Subsidiary"),
    "referred_by": _l("Referred by"),
    "referred": _l("Referred"),
    "partner": _l("Partner"),
    "supplier": _l("Supplier"),
    "customer": _l("Customer"),
    "reports_to": _l("Reports to"),
    "manages": _l("Manages"),
    "replaces": _l("Replaces"),
    "replaced_by": _l("Replaced by"),
    "related": _l("Related"),
}

_LONGEST_NAME = 200
#: Records that a search for one to link with shows.
_MOST_FOUND = 25


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A linked record, and what it is to the one whose page this is."""

    id: int
    label: str
    other: Reference


def mentioned(target: Target) -> Iterator[Target]:
    """The records that are named in those cards and in the sidebar."""
    yield from (found.other for found in _linked(target))
    yield from favourites.starred(web.session(), web.current_user.id)


def _linked(target: Target) -> Sequence[Linked]:
    def find() -> Sequence[Linked]:
        return links.of(session, target) if related.counts(session, target)["link"] else ()

    session = web.session()
    return session.once(("linked", target), find)


def beside(target: Target) -> dict[str, Any]:
    """What the cards beside a record show."""
    session, settings = web.session(), web.settings()
    linked = _linked(target)
    known = record_names.references(session, [found.other for found in linked])
    return {
        "files": attachments.of(session, target) if related.counts(session, target)["file"] else (),
        "inline_types": attachments.INLINE,
        "most_bytes": settings.attachment_max_mb * 2**20,
        "neighbours": [
            Neighbour(found.id, str(RELATION_NAMES.get(found.label, found.label)), known[found.other])
            for found in linked
            if found.other in known
        ],
        "relations": [str(name) for name in RELATION_NAMES.values()],
        "is_starred": favourites.is_starred(session, web.current_user.id, target),
    }


def add_routes(bp: Blueprint, screen: Screen) -> None:
    """The routes of files and links of a screen."""
    views = _BesideViews(screen)
    for method, path, name, scope, view in (
        ("GET", "files", "files", Scope.RECORDS_READ, views.files),
        ("POST", "files", "attach", Scope.RECORDS_WRITE, views.attach),
        ("GET", "links", "choose_link", Scope.RECORDS_WRITE, views.choose_link),
        ("POST", "links", "link", Scope.RECORDS_WRITE, views.link),
        ("POST", "unlink", "unlink", Scope.RECORDS_WRITE, views.unlink),
    ):
        bp.add_url_rule(f"/<int:id>/{path}", name, requires(scope)(view), methods=[method])


class _BesideViews:
    """The views of a screen's files and links."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen

    def files(self, id: int) -> ResponseReturnValue:
        """The list of files, as a fragment, and how many they are."""
        row = web.get_or_404(self.screen.model, id)
        shown = beside((self.screen.type, id))
        return web.page("records/_file_list.html", screen=self.screen, row=row, is_anew=True, **shown)

    def attach(self, id: int) -> ResponseReturnValue:
        """Store what was sent; a script sends one file a request, a form without scripts as many as it likes."""
        web.get_or_404(self.screen.model, id)
        sent = [file for file in request.files.getlist("file") if file.filename]
        if not sent:
            raise Invalid.field("file", _("Choose a file."))
        settings = web.settings()
        for file in sent:
            attachments.receive(
                web.session(), (self.screen.type, id), file.filename or "", file.read(),
                upload_dir=settings.upload_dir, most_bytes=settings.attachment_max_mb * 2**20,
                quota_bytes=settings.attachment_quota_mb * 2**20, by=web.actor(),
            )  # fmt: skip
        if web.is_htmx():
            return "", 200, {"X-Uploaded": "1"}
        return web.go(self.screen.url("show", id=id))

    def link(self, id: int) -> ResponseReturnValue:
        """Link it with another record. Without scripts nothing was chosen yet, but its name typed: that is searched."""
        web.get_or_404(self.screen.model, id)
        other = target_of(request.values.get("other", ""), links.LINKED)
        if other is None and not web.is_htmx() and "other_text" in request.form:
            typed, label = request.form["other_text"][:_LONGEST_NAME], request.form.get("label", "")[:_LONGEST_NAME]
            return web.go(self.screen.url("choose_link", id=id, q=typed.strip() or None, label=label.strip() or None))
        if other is None:
            raise Invalid.field("other", _("Choose one from the list."))
        label = _label(request.values.get("label", ""))
        made = links.link(web.session(), (self.screen.type, id), other, label, by=web.actor())
        undo = self.screen.url("unlink", id=id, link=made.id)
        return self._links(id, other, _("Linked."), undo)

    def choose_link(self, id: int) -> ResponseReturnValue:
        """A search for the record to link with, as a page."""
        row = web.get_or_404(self.screen.model, id)
        q = request.args.get("q", "").strip()[:_LONGEST_NAME]
        hits = record_names.like(web.session(), q, links.LINKED, _MOST_FOUND) if q else []
        return web.page(
            "records/link.html",
            screen=self.screen,
            row=row,
            name=record_names.reference(row).name,
            q=q,
            label=request.args.get("label", "").strip()[:_LONGEST_NAME],
            found=[ref for ref in hits if (ref.type, ref.id) != (self.screen.type, id)],
        )

    def unlink(self, id: int) -> ResponseReturnValue:
        """Take a link away; the message makes it again. One that somebody took away before is what was asked for."""
        web.get_or_404(self.screen.model, id)
        link = request.args.get("link", type=web.whole)
        try:
            gone = links.unlink(web.session(), (self.screen.type, id), link or 0, by=web.actor())
        except NotFound:
            return self._links(id, None, _("The link was gone already."), None)
        again = {"other": f"{gone.other[0]}:{gone.other[1]}", "label": gone.label}
        return self._links(id, gone.other, _("The link is gone."), self.screen.url("link", id=id, **again))

    def _links(self, id: int, other: Target | None, text: str, undo_url: str | None) -> ResponseReturnValue:
        """The card as it is now. What was said of a link to `other` before goes: its undo has nothing to take back."""
        row = web.get_or_404(self.screen.model, id)
        shown = beside((self.screen.type, id))
        is_undo = "X-Undo" in request.headers  # a message asks, which stands elsewhere than the card
        card = web.render("records/_links.html", screen=self.screen, row=row, is_changed=True, is_undo=is_undo, **shown)
        if not web.is_htmx():
            web.flash_message(text, undo_url=undo_url)
            return web.go(self.screen.url("show", id=id))
        key = "-".join(map(str, ("link", *other))) if other else None
        return web.toast(card, text, undo_url=undo_url, key=key)


def _label(said: str) -> str:
    """The key of a known label, whatever language it was chosen in; else the words themselves."""
    said = said.strip()
    return next((key for key, name in RELATION_NAMES.items() if str(name).casefold() == said.casefold()), said)
