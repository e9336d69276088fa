"""What an event says on a timeline: who did what to which record, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import bindparam, select

from crm import record_names
from crm.localization import lazy_gettext as _l
from shared.models import Event
from shared.tenancy import TenantSession, standing

#: By the second half of an event's kind: what happened, its icon, its tone.
_HAPPENED: dict[str, tuple[Any, str, str]] = {
    "created": (_l("added"), "plus", "blue"),
    "updated": (_l("changed"), "pencil", "neutral"),
    "deleted": (_l("deleted"), "trash", "red"),
    "restored": (_l("restored"), "restore", "teal"),
    "merged": (_l("merged"), "git-merge", "neutral"),
    "completed": (_l("finished"), "check", "green"),
    "analyzed": (_l("read"), "sparkles", "blue"),
    "queued": (_l("sent for reading"), "clock", "neutral"),
    "failed": (_l("could not read"), "alert-triangle", "red"),
    "accepted": (_l("accepted a finding of"), "check", "green"),
    "rejected": (_l("rejected a finding of"), "x", "neutral"),
    "undone": (_l("took back a finding of"), "arrow-back-up", "neutral"),
    "action_undone": (_l("took back:"), "arrow-back-up", "neutral"),
    "locked_out": (_l("locked out for now:"), "lock", "red"),
    "signed_in": (_l("signed in as"), "user", "neutral"),
    "login_ended": (_l("signed out:"), "logout", "neutral"),
    "password_changed": (_l("changed the password of"), "lock", "neutral"),
    "role_changed": (_l("changed the role of"), "user", "amber"),
    "link_made": (_l("made a link for"), "link", "neutral"),
    "link_withdrawn": (_l("withdrew the link of"), "x", "neutral"),
    "deactivated": (_l("ended the access of"), "lock", "red"),
    "reactivated": (_l("let in again:"), "user", "green"),
    "second_factor_added": (_l("set up a second factor for"), "lock", "green"),
    "second_factor_removed": (_l("turned off the second factor of"), "lock", "amber"),
    "revoked": (_l("revoked"), "x", "red"),
    "purged": (_l("deleted for good"), "trash", "red"),
    "speaker_named": (_l("named a speaker of"), "user", "neutral"),
    "moved": (_l("moved a finding of"), "arrow-right", "neutral"),
    "assigned": (_l("gave somebody a finding of"), "user", "neutral"),
    "second_factor_reset": (_l("reset the second factor of"), "lock", "amber"),
    "recovery_code_used": (_l("used a recovery code of"), "key", "amber"),
    "recovery_codes_renewed": (_l("made new recovery codes for"), "key", "neutral"),
    "attached": (_l("attached"), "paperclip", "neutral"),
    "detached": (_l("took away the file"), "paperclip", "neutral"),
    "linked": (_l("linked"), "link", "neutral"),
    "unlinked": (_l("took a link from"), "link", "neutral"),
    "told_apart": (_l("said that these are not the same:"), "x", "neutral"),
    "told_together": (_l("said that these may be the same after all:"), "arrow-back-up", "neutral"),
    "resent": (_l("sent for reading again"), "clock", "neutral"),
    "speaker_unnamed": (_l("took back the name of a speaker of"), "user", "neutral"),
    "tested": (_l("tested"), "player-play", "neutral"),
    "replayed": (_l("sent messages again to"), "refresh", "neutral"),
    "secret_rotated": (_l("made a new secret for"), "key", "amber"),
    "disabled": (_l("turned off"), "alert-circle", "red"),
}
#: By the whole kind, where the second half alone would mislead; these need no title.
_WHOLE: dict[str, tuple[Any, str, str]] = {
    "token.created": (_l("made the API token"), "key", "blue"),
    "token.revoked": (_l("revoked the API token"), "x", "red"),
    "field.created": (_l("added the field"), "plus", "blue"),
    "field.updated": (_l("changed the field"), "pencil", "neutral"),
    "field.deleted": (_l("deleted the field"), "trash", "red"),
    "field.restored": (_l("brought back the field"), "arrow-back-up", "green"),
    "field.purged": (_l("deleted for good the field"), "trash", "red"),
    "bin.emptying": (_l("began to empty the bin"), "trash", "red"),
    "calendar.shared": (_l("made a calendar address for"), "calendar", "neutral"),
    "calendar.revoked": (_l("revoked the calendar address of"), "calendar", "neutral"),
    "backup.requested": (_l("asked for a backup"), "database", "neutral"),
    "backup.resumed": (_l("began again a backup that was interrupted"), "refresh", "amber"),
    "backup.made": (_l("made a backup"), "database", "green"),
    "backup.failed": (_l("could not make a backup"), "alert-triangle", "red"),
    "backup.downloaded": (_l("downloaded a backup"), "download", "amber"),
    "duplicates.requested": (_l("looked for duplicates:"), "search", "neutral"),
    "export.downloaded": (_l("downloaded as a file:"), "download", "amber"),
    "import.queued": (_l("sent a file to be imported:"), "upload", "neutral"),
    "import.started": (_l("started an import:"), "upload", "neutral"),
    "import.finished": (_l("imported"), "upload", "green"),
    "import.cancelled": (_l("cancelled an import:"), "upload", "neutral"),
    "import.reverted": (_l("took an import back:"), "arrow-back-up", "neutral"),
    "import.superseded": (_l("put another file in the place of"), "upload", "neutral"),
    "import.resent": (_l("sent an import again:"), "upload", "neutral"),
}
_DOERS = {
    "meeting": _l("Afterword"),
    "assistant": _l("The assistant"),
    "import": _l("An import"),
    "system": _l("Afterword"),
    "api": _l("A script"),
    "user": _l("Somebody"),
}
_SCREENS = {
    "company": "companies.show",
    "contact": "contacts.show",
    "deal": "deals.show",
    "meeting": "meetings.show",
    "task": "tasks.show",
    "note": "notes.show",
}
#: What the assistant did, the record's own event says.
_UNTOLD = "assistant.action_done"


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a timeline; `href` is None where there is no screen or the record is gone."""

    who: str
    what: str
    title: str
    href: str | None
    icon: str
    tone: str
    at: datetime


_RECENT = standing(
    select(Event)
    .where(Event.record_type.in_(list(_SCREENS)), Event.kind != _UNTOLD)
    .order_by(Event.id.desc())
    .limit(bindparam("limit"))
)


def recent(session: TenantSession, *, limit: int = 12) -> list[Moment]:
    """The workspace's latest business, newest first."""
    return describe(session, session.scalars(_RECENT, {"limit": limit}).all())


def describe(session: TenantSession, events: Sequence[Event]) -> list[Moment]:
    """Events as lines, in the order given."""
    names = record_names.people(session)
    return [_moment(event, names) for event in events]


def _moment(event: Event, names: dict[int, str]) -> Moment:
    subject, _dot, happened = event.kind.partition(".")
    is_whole = event.kind in _WHOLE
    usual = _HAPPENED.get(happened, (happened.replace("_", " "), "history", "neutral"))
    what, icon, tone = _WHOLE.get(event.kind, usual)
    named = _named(event)
    return Moment(
        who=_who(event, names),
        what=str(what),
        title=named or ("" if is_whole else _("a %(kind)s", kind=event.record_type or subject)),
        href=None if happened == "deleted" else _href(event.record_type, event.record_id),
        icon=icon,
        tone=tone,
        at=event.at,
    )


def _named(event: Event) -> str | None:
    """What it happened to; of what is gone for good only how much."""
    if event.kind == "bin.purged":
        gone = sum(event.data.get("counts", {}).values())
        return str(ngettext("%(num)s record from the bin", "%(num)s records from the bin", gone))
    if event.kind == "user.locked_out":
        return _locked_out(event)
    named: str | None = event.data.get("name") if event.kind.startswith("token.") else event.title
    return named


def _locked_out(event: Event) -> str:
    """Whom or what wrong passwords and codes locked out, and from where they came."""
    said = {
        "name": event.title,
        "count": event.data["failures"],
        "address": event.data["address"] or _("an unknown address"),
    }
    if event.data["of"] == "address":
        return str(_("%(address)s, after %(count)s failed attempts, the last for %(name)s", **said))
    if event.data["asked"] == "code":
        return str(_("%(name)s, after %(count)s wrong codes, the last from %(address)s", **said))
    return str(_("%(name)s, after %(count)s wrong passwords, the last from %(address)s", **said))


def _who(event: Event, names: dict[int, str]) -> str:
    name = names.get(event.user_id or 0)
    if name is not None and event.actor == "assistant":
        return str(_("%(name)s, through the assistant,", name=name))
    return name or str(_DOERS.get(event.actor, event.actor))


def _href(record_type: str | None, record_id: int | None) -> str | None:
    endpoint = _SCREENS.get(record_type or "")
    if endpoint is None or record_id is None or endpoint not in current_app.view_functions:
        return None
    return url_for(endpoint, id=record_id)
