"""Cards of the board as HTML. Two hundred of them stand on it, so no template draws them.

They are moved by frontend/src/board; without scripts by their menu.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from urllib.parse import urlencode

from flask import url_for
from flask_babel import ngettext
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from crm import localization, web
from crm.deal_board import Card
from crm.drawing import avatar, escaped, html, icon
from crm.localization import gettext as _
from shared.accounts.permissions import Scope
from shared.models import Stage, StageType

#: A longer name is cut off, and shown whole where the mouse rests.
_LONG_NAME = 60


def drawn(cards: Sequence[Card], stage: Stage, stages: Sequence[Stage], filters: Mapping[str, str]) -> Markup:
    """The cards of one column; a template global. `stages` are those a card may be moved to, `filters` the list's."""
    column = _Column(stage, stages, filters)
    return html("".join(column.card(card) for card in cards))


class _Column:
    """What the cards of a column have in common."""

    def __init__(self, stage: Stage, stages: Sequence[Stage], filters: Mapping[str, str]) -> None:
        self._stage, self._home, self._today = stage, url_for("deals.list_"), localization.today()
        self._move = _("Move %(deal)s")
        self._menu = self._menu_of(stages, filters) if web.can(Scope.RECORDS_WRITE) else None
        self._days_here = cache(_days_here)

    def _menu_of(self, stages: Sequence[Stage], filters: Mapping[str, str]) -> tuple[str, str, str]:
        """The menu that moves a card, as what stands between its name and its address, and what follows them."""
        others = "".join(
            f'<button class="menu-item" name="stage_id" value="{other.id}">{escaped(other.name)}</button>'
            for other in stages
            if other.id != self._stage.id
        )
        query = escaped(f"?{urlencode(filters)}") if filters else ""
        token = f'<input type="hidden" name="csrf_token" value="{generate_csrf()}">'
        return (
            '\n  <details class="menu menu-end board-menu">'
            '<summary class="btn btn-quiet btn-sm btn-square" aria-label="',
            f'" title="{escaped(_("Move to …"))}">{icon("dots")}</summary>\n'
            f'    <form class="menu-list" method="post" action="{self._home}/',
            f'/move{query}">{token}{others}</form></details>',
        )

    def card(self, card: Card) -> str:
        name = escaped(card.name)
        title = f' title="{name}"' if len(card.name) > _LONG_NAME else ""
        keys, menu = "", ""
        if self._menu is not None:
            opened, before, after = self._menu
            keys = ' aria-describedby="board-keys"'
            menu = f"{opened}{escaped(self._move % {'deal': card.name})}{before}{card.id}{after}"
        company = (
            f'<span class="board-company text-2 small clip">{escaped(card.company)}</span>' if card.company else ""
        )
        amount = localization.money(card.amount_minor, card.currency)
        sum_ = f'<strong class="num">{escaped(amount)}</strong>' if amount else ""
        return (
            f'<li class="board-card{" is-stale" if card.is_stale else ""}" data-deal="{card.id}"'
            f' data-version="{card.version}" data-name="{name}">\n'
            f'  <a class="board-title" href="{self._home}/{card.id}" draggable="false"{title}{keys}>{name}</a>\n'
            f'  {company}\n  <span class="board-facts">{sum_}{self._when(card)}</span>\n'
            f'  <span class="board-foot text-3">{self._foot(card)}{_owner(card.owner)}</span>{menu}\n</li>'
        )

    def _when(self, card: Card) -> str:
        """The day it is expected to close, or closed on."""
        if self._stage.type is not StageType.OPEN:
            return _day("text-2", card.closed_at, _("Closed")) if card.closed_at else ""
        if card.expected_close is None:
            return ""
        if card.expected_close < self._today:
            sign = icon("alert-circle", "icon-sm", _("Overdue"))
            return _day("due-late", card.expected_close, _("Expected close"), sign)
        return _day("text-2", card.expected_close, _("Expected close"))

    def _foot(self, card: Card) -> str:
        """Why it was lost, or how long it has been here."""
        if self._stage.type is StageType.LOST and card.lost_reason:
            reason = escaped(card.lost_reason)
            return f'<span class="clip" title="{reason}">{reason}</span>'
        if card.is_stale:
            title = escaped(_("Longer in this stage than usual"))
            sign = icon("clock-exclamation", "icon-sm")
            return f'<span class="board-stale" title="{title}">{sign}{self._days_here(card.days)}</span>'
        return f"<span>{self._days_here(card.days) if self._stage.type is StageType.OPEN else ''}</span>"


def _day(classes: str, when: date, title: str, sign: str = "") -> str:
    said = escaped(localization.day(when))
    return f'<time class="{classes}" datetime="{when.isoformat()}" title="{escaped(title)}">{sign}{said}</time>'


def _days_here(days: int) -> str:
    return escaped(ngettext("%(num)s day here", "%(num)s days here", days) if days else _("new here today"))


def _owner(name: str | None) -> str:
    if not name:
        return ""
    text = escaped(name)
    face = f'{avatar(name, "xs")}<span class="visually-hidden">{text}</span>'
    return f'<span class="board-owner" title="{text}">{face}</span>'
