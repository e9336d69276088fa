"""Who spoke: naming the speakers of a meeting, for the whole transcript at once."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import bindparam, select

from crm import web
from crm.web import requires
from shared.accounts.permissions import Scope
from shared.errors import Invalid
from shared.models import Event, EventTarget, Meeting, MeetingStatus
from shared.prepared import Prepared
from shared.records import speakers
from shared.records.speakers import Person
from shared.review import naming
from shared.transcripts import is_generic

bp = Blueprint("speakers", __name__, url_prefix="/meetings")


#: How often speakers of a meeting were named, and names taken back, since a moment.
_NAMED_SINCE = Prepared(
    select(Event.kind)
    .join(EventTarget, EventTarget.event_id == Event.id)
    .where(EventTarget.target_type == "meeting", EventTarget.target_id == bindparam("id"))
    .where(Event.kind.in_((naming.NAMED, naming.TAKEN_BACK)), Event.at > bindparam("since"))
)


def strip(meeting: Meeting) -> dict[str, Any]:
    """What `meetings/_speakers.html` shows; `reread`: somebody was named since the meeting was read."""
    session = web.session()
    kinds: list[str] = []
    if meeting.status is MeetingStatus.READY and meeting.analyzed_at is not None:
        named = _NAMED_SINCE.rows(session, id=meeting.id, since=meeting.analyzed_at)
        kinds = [kind for [kind] in named]
    return {
        "voices": speakers.voices(session, meeting),
        "reread": kinds.count(naming.NAMED) != kinds.count(naming.TAKEN_BACK),
    }


@bp.get("/<int:id>/speakers/edit")
@requires(Scope.RECORDS_WRITE)
def edit(id: int) -> ResponseReturnValue:
    """The dialog that asks who a speaker is."""
    meeting = web.get_or_404(Meeting, id)
    label = _label()
    return _dialog(meeting, label, name="" if is_generic(label) else label or "")


@bp.get("/<int:id>/speakers/people")
@requires(Scope.RECORDS_WRITE)
def people(id: int) -> ResponseReturnValue:
    """Choices for the dialog's field: those of the meeting and its company first."""
    meeting = web.get_or_404(Meeting, id)
    q = request.args.get("q", "").strip()[:200]
    return web.page("meetings/_people.html", people=speakers.suggestions(web.session(), meeting, q), q=q)


@bp.post("/<int:id>/speakers")
@requires(Scope.RECORDS_WRITE)
def name(id: int) -> ResponseReturnValue:
    """Name a speaker. A name that somebody in the meeting has already is asked about first: the two become one."""
    meeting = web.get_or_404(Meeting, id)
    session, form = web.session(), request.form
    label = _label()
    person = speakers.get_person(session, form.get("person", ""))
    typed = person.name if person else form.get("person_text", "").replace("\0", "").strip()
    if form.get("person") and person is None:
        return _dialog(meeting, label, name=typed, errors=[_("This person is no longer there.")], status=422)
    if typed and typed not in (label, form.get("merge")) and speakers.has_label(session, meeting, typed):
        return _dialog(meeting, label, name=typed, person=person, merges=True)
    try:
        event = naming.name_speaker(session, meeting, label, typed, person=person, by=web.actor())
    except Invalid as error:
        web.abandon()
        meeting = web.get_or_404(Meeting, id)
        return _dialog(meeting, label, name=typed, errors=[e.message for e in error.errors], status=422)
    web.flash_message(
        _("“%(label)s” is %(name)s now.", label=label or _("Unnamed"), name=event.data["to"]),
        undo_url=url_for("speakers.undo", id=event.id),
    )
    return web.go(url_for("meetings.show", id=id))


@bp.post("/speakers/<int:id>/undo")
@requires(Scope.RECORDS_WRITE)
def undo(id: int) -> ResponseReturnValue:
    """Take a name back."""
    event = web.get_or_404(Event, id)
    meeting = naming.take_back(web.session(), event, by=web.actor())
    web.flash_message(_("“%(label)s” has its old name again.", label=event.data["from"] or _("Unnamed")))
    return web.go(url_for("meetings.show", id=meeting.id))


def _label() -> str | None:
    """Who is named, as the transcript calls them; it holds no character that cannot be stored."""
    return request.values.get("label", "").replace("\0", "") or None


def _dialog(
    meeting: Meeting,
    label: str | None,
    *,
    name: str,
    person: Person | None = None,
    errors: list[str] | None = None,
    merges: bool = False,
    status: int = 200,
) -> ResponseReturnValue:
    session = web.session()
    voice = next((voice for voice in speakers.voices(session, meeting) if voice.label == label), None)
    return web.page(
        "meetings/_name_speaker.html",
        status=status,
        meeting=meeting,
        label=label,
        voice=voice,
        samples=speakers.samples(session, meeting, label),
        name=name,
        person=person,
        errors=errors or [],
        merges=merges,
    )
