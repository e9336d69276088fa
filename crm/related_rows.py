"""The people, deals and meetings of a record, as its page lists them: without a template, like all that stands on a
page in rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flask import url_for
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from crm import localization, web
from crm.drawing import button, card, escaped, icon, icon_button, meeting_pill, named, stage_pill
from crm.localization import gettext as _
from crm.localization import lazy_gettext as _l
from shared.accounts.permissions import Scope
from shared.query.linking import PATHS
from shared.records import TYPES
from shared.records.related import Related


def related_card(type_: str, found: Related, of: Mapping[str, Any], beside: Mapping[str, Any] | None = None) -> Markup:
    """The card of the records of a type that belong to another. `of` says to which, to their list and to the form of a
    new one, which is begun with what is `beside`, too. A template global."""
    kind = _KINDS[type_]
    plural = TYPES[type_].plural
    add = ""
    if kind.is_added_here and web.can(Scope.RECORDS_WRITE):
        url = url_for(f"{plural}.new", **of, **(beside or {}))
        add = button(_("Add"), href=url, kind="quiet", small=True, icon_name="plus")
    return card(kind.title, add, found.total or None, flush=True, caller=lambda: _body(kind, found, plural, of))


def _body(kind: _Kind, found: Related, plural: str, of: Mapping[str, Any]) -> str:
    if not found.items:
        return f'<p class="card-none">{escaped(str(kind.none))}</p>'
    rest = ""
    if found.total > len(found.items):
        url, said = url_for(f"{plural}.list_", **of), _("All %(n)s", n=found.total)
        rest = f'<li class="list-more"><a href="{escaped(url)}">{escaped(said)}</a></li>'
    return f'<ul class="list">{"".join(map(kind.row, found.items))}{rest}</ul>'


def _contact(one: Any) -> str:
    called = f"{one.first_name} {one.last_name}".strip() or one.email or _("Without a name")
    said = named(called, f"{PATHS['contact']}/{one.id}", one.title or one.email)
    if not one.email:
        return f"<li>{said}</li>"
    more: dict[str, Any] = {"class": "push-end btn-quiet", "title": one.email}
    write = icon_button("mail", _("Write to %(name)s", name=called), href=f"mailto:{one.email}", **more)
    return f"<li>{said}{write}</li>"


def _deal(one: Any) -> str:
    facts = []
    if one.amount_minor is not None:
        facts.append(f'<span class="num">{escaped(localization.money(one.amount_minor, one.currency))}</span>')
    if one.stage_type == "open" and one.expected_close:
        facts.append(escaped(_("closes %(when)s", when=localization.day(one.expected_close))))
    elif one.closed_at:
        facts.append(escaped(_("closed %(when)s", when=localization.day(one.closed_at))))
    return (
        f'<li><span class="list-main"><a class="link-plain" href="{PATHS["deal"]}/{one.id}">{escaped(one.name)}</a>'
        f"<small>{' · '.join(facts)}</small></span>{stage_pill(one.stage, one.stage_type.value)}</li>"
    )


def _meeting(one: Any) -> str:
    at = f'<time datetime="{one.occurred_at.isoformat()}">{escaped(localization.day(one.occurred_at))}</time>'
    state = "" if one.status == "ready" else meeting_pill(one.status.value)
    return (
        f'<li>{icon("microphone", "text-3")}<span class="list-main"><a class="link-plain"'
        f' href="{PATHS["meeting"]}/{one.id}">{escaped(one.title)}</a><small>{at}</small></span>{state}</li>'
    )


class _Kind(NamedTuple):
    title: LazyString
    none: LazyString
    row: Callable[[Any], str]
    is_added_here: bool = True


_KINDS = {
    "contact": _Kind(_l("People"), _l("Nobody is known here yet."), _contact),
    "deal": _Kind(_l("Deals"), _l("No deals yet."), _deal),
    "meeting": _Kind(_l("Meetings"), _l("No meetings yet."), _meeting, is_added_here=False),
}
