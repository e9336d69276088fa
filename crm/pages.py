"""What every template may use: who is signed in, where they can go, what to tell them about this installation."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from crm import (
    board_cards,
    due_reading,
    headers,
    list_page,
    listing,
    localization,
    record_cells,
    related_rows,
    repeat_words,
    task_rows,
    timeline_rows,
    web,
)
from crm.drawing import html
from shared import clock, health
from shared.accounts.permissions import Scope
from shared.config import Settings
from shared.query.linking import LONGEST_WHERE
from shared.schemas.accounts import LOCALES
from shared.webhooks import managing


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about this installation that whoever looks at a page should know."""

    text: str
    place: str = "banner"  # or "sidebar"
    tone: str = "neutral"
    icon: str = "info-circle"
    href: str | None = None
    link_text: str | None = None


class LanguageModel:
    """Whether Ollama has a model, asked beside the requests: no page waits for a machine that does not answer."""

    ASK_EVERY_S = 15.0

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._asking = threading.Lock()
        self._asked_at = float("-inf")
        self._is_there: bool | None = None

    def is_there(self) -> bool | None:
        """What was last known; None until the first answer."""
        if time.monotonic() - self._asked_at > self.ASK_EVERY_S and self._asking.acquire(blocking=False):
            threading.Thread(target=self._ask, daemon=True).start()
        return self._is_there

    def _ask(self) -> None:
        try:
            self._is_there = bool(health.ollama_models(self._settings))
            self._asked_at = time.monotonic()
        finally:
            self._asking.release()


def init_app(app: Flask) -> None:
    """Install the template globals."""
    app.extensions["language_model"] = LanguageModel(app.extensions["settings"])
    app.jinja_env.filters |= {"condition": listing.condition}
    app.jinja_env.globals |= {
        "Scope": Scope,
        "can": web.can,
        "current_mark": current_mark,
        "is_htmx": web.is_htmx,
        "url_with": web.url_with,
        "notices": notices,
        "pinned_views": list_page.pinned,
        "now": clock.now,
        "today": localization.today,
        "due_day": due_reading.day_of,
        "due_words": due_reading.in_short,
        "repeat_words": repeat_words.describe,
        "task_row": task_rows.task_row,
        "task_rows": task_rows.task_rows,
        "related_card": related_rows.related_card,
        "timeline_rows": timeline_rows.timeline_rows,
        "board_cards": board_cards.drawn,
        "properties": record_cells.properties,
        "field_cell": record_cells.field_cell,
        "locale_direction": localization.direction,
        "LOCALES": LOCALES,
        "LONGEST_WHERE": LONGEST_WHERE,
    }
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    """Evaluated once a rendered template; nothing here asks the network."""
    user = web.find_user()
    settings = web.settings()
    return {
        "current_user": user,
        "current_workspace": web.workspace() if user else None,
        "clock_frozen_at": clock.frozen(),
        "current_locale": str(localization.locale()),
        "current_zone": str(localization.zone()),
        "page_direction": localization.direction(),
        "chatbot_origin": headers.chatbot_origins(settings)[0],
    }


#: Screens of a blueprint of their own, and the one whose link leads to them.
_UNDER = {
    "minutes": "meetings",
    "speakers": "meetings",
    "forecast": "deals",
    "models": "settings",
    "bin": "settings",
    "imports": "settings",
    "duplicates": "settings",
    "second_factor": "settings",
    "calendar": "day",
}


def current_mark(endpoint: str, here: str | None) -> Markup:
    """What a link of the navigation to `endpoint` says of itself where the page `here` is there or under it."""
    screen = (here or "").partition(".")[0]
    if _UNDER.get(screen, screen) != endpoint.partition(".")[0]:
        return html("")
    return html(f' aria-current="{"page" if here == endpoint else "true"}"')


def notices() -> list[Notice]:
    """What stands above or beside every page."""
    found = []
    frozen = clock.frozen()
    if frozen is not None:
        text = _("The clock is set to %(time)s by the CLOCK setting.", time=localization.moment(frozen))
        found.append(Notice(text, tone="warning", icon="clock"))
    model: LanguageModel = current_app.extensions["language_model"]
    if model.is_there() is False:
        text = _("No language model: the built-in analyzer is used.")
        found.append(Notice(text, place="sidebar", icon="cpu"))
    if _is_webhook_off():
        text, href = _("A webhook was turned off because its messages failed."), url_for("settings.list_webhooks")
        found.append(Notice(text, tone="warning", icon="alert-triangle", href=href, link_text=_("Look at it")))
    if web.find_user() is not None and web.workspace().is_demo:
        found.append(Notice(_("Demonstration data"), place="sidebar"))
    return found


def _is_webhook_off() -> bool:
    """Whether a webhook was turned off by itself, for those who can do something about it."""
    return web.can(Scope.WORKSPACE_MANAGE) and managing.is_one_turned_off(web.session())
