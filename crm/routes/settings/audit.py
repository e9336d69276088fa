"""The audit log: who did what to which record, when, and through which door; as a page and as CSV."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from crm import activity, downloads, localization, web
from crm.localization import lazy_gettext as _l
from crm.routes.settings import audit_words
from crm.routes.settings.base import bp
from crm.web import requires
from shared import records
from shared.accounts import audit
from shared.accounts.audit import Filter
from shared.accounts.permissions import Scope
from shared.errors import Invalid
from shared.events import Target
from shared.models import Event, User

PAGE = 50
#: Who reads on gets more at a time, up to this: 3,000 events are there after a dozen times, not after sixty.
MORE = 250
#: What was loaded by and by is there again on the way back, as far as this.
MOST = 500
#: So many changes stand there at once; more are behind a line.
SEEN = 2
#: What can be asked for: a name in the address, words, kinds and groups of kinds.
WHAT: dict[str, tuple[Any, tuple[str, ...]]] = {
    "companies": (_l("Companies"), ("company.",)),
    "contacts": (_l("Contacts"), ("contact.",)),
    "deals": (_l("Deals"), ("deal.",)),
    "tasks": (_l("Tasks"), ("task.",)),
    "notes": (_l("Notes"), ("note.",)),
    "meetings": (_l("Meetings and findings"), ("meeting.", "insight.", "batch.")),
    "access": (_l("Signing in and access"), ("user.", "token.")),
    "settings": (
        _l("Settings"),
        ("workspace.", "webhook.", "installation.", "pipeline.", "tag.", "field.", "backup."),
    ),
    "imports": (_l("Imports"), ("import.",)),
    "exports": (_l("Exports"), ("export.", "backup.downloaded")),
    "bin": (_l("Deleted for good"), ("bin.",)),
    "assistant": (_l("The assistant"), ("assistant.",)),
}
DOORS = {
    "user": _l("Browser"),
    "api": _l("API"),
    "import": _l("Import"),
    "meeting": _l("A meeting's findings"),
    "assistant": _l("Assistant"),
    "system": _l("Afterword itself"),
}


@bp.get("/audit", endpoint="audit")
@requires(Scope.AUDIT_READ)
def show_audit() -> ResponseReturnValue:
    """Newest first, page by page. A filter that cannot be meant is said; it finds nothing."""
    asked, problem = _asked()
    before, limit = request.args.get("before", type=web.whole), request.args.get("limit", PAGE, type=web.whole)
    rows = max(PAGE, min(limit, MOST if before is None else MORE))
    found = audit.page(web.session(), asked, before=before, limit=rows + 1) if problem is None else []
    shown = found[:rows]
    return web.page(
        "settings/audit.html",
        block="rows",
        rows=list(
            zip(
                shown,
                activity.describe(web.session(), shown),
                audit_words.changes_of(web.session(), shown),
                strict=True,
            )
        ),
        more=_address("settings.audit", before=shown[-1].id, limit=min(2 * rows, MORE)) if len(found) > rows else None,
        csv=_address("settings.audit_csv"),
        problem=problem,
        people=_people(),
        what={name: text for name, (text, _kinds) in WHAT.items()},
        doors=DOORS,
        is_filtered=asked != Filter() or problem is not None,
        seen=SEEN,
    )


@bp.get("/audit.csv")
@requires(Scope.AUDIT_READ)
def audit_csv() -> ResponseReturnValue:
    """All that the filters find."""
    asked, problem = _asked()
    if problem is not None:
        raise Invalid(problem)
    downloads.note_taken("audit.csv")
    events = audit.everything(web.database(), web.workspace().id, asked)
    return downloads.csv_response(_lines(events, _people()), "audit.csv")


def _lines(events: Iterator[Event], people: dict[int, str]) -> Iterator[list[downloads.Cell]]:
    yield ["id", "at", "kind", "door", "user_id", "user", "type", "record_id", "title", "data"]
    for event in events:
        yield [
            event.id,
            event.at.isoformat().replace("+00:00", "Z"),
            event.kind,
            event.actor,
            event.user_id or "",
            people.get(event.user_id or 0, ""),
            event.record_type or "",
            event.record_id or "",
            event.title,
            json.dumps(event.data, ensure_ascii=False) if event.data else "",
        ]


def _people() -> dict[int, str]:
    rows = web.session().execute(select(User.id, User.name).order_by(User.name, User.id))
    return {int(id): str(name) for id, name in rows}


def _address(endpoint: str, **more: Any) -> str:
    kept = {name: value for name, value in request.args.items() if value and name not in ("before", "limit")}
    return url_for(endpoint, **{**kept, **more})


def _asked() -> tuple[Filter, str | None]:
    """The filter of the address, and what is wrong with it."""
    given = {name: value.strip() for name, value in request.args.items()}
    record = given.get("record", "")
    try:
        target = _record(record) if record else None
        since, until = _day(given.get("since", "")), _day(given.get("until", ""))
    except ValueError as error:
        return Filter(), str(error)
    asked = Filter(
        user_id=request.args.get("user", type=web.whole),
        kinds=WHAT[given["what"]][1] if given.get("what") in WHAT else (),
        record=target,
        door=given["door"] if given.get("door") in DOORS else None,
        since=_midnight(since) if since else None,
        until=_midnight(until + timedelta(days=1)) if until else None,
    )
    return asked, None


def _record(text: str) -> Target:
    """`/contacts/12`, a whole address, or `contact 12`. Raises ValueError."""
    named = re.search(r"(?:^|/)([a-z]+)[/ #]+(\d{1,9})/?(?:[?#].*)?$", text.casefold())
    kinds = {name: kind.name for kind in records.TYPES.values() for name in (kind.name, kind.plural)}
    if named is None or named[1] not in kinds:
        raise ValueError(_("Paste the address of a record, or write for example “contact 12”."))
    return kinds[named[1]], int(named[2])


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(_("A day is written as 2026-11-27.")) from None
    if not 1800 <= day.year <= 2400:  # a year that is half typed; at the calendar's ends a zone overflows
        raise ValueError(_("Must lie between 1800 and 2400."))
    return day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), localization.zone())
