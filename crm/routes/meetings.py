"""Meetings: drop a transcript, watch it being read, review what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage, MultiDict

from crm import record_fields, record_reading, review_page, transcript_page, web
from crm.localization import lazy_gettext as _l
from crm.record_fields import FormField, Kind
from crm.record_labels import FIELD_LABELS
from crm.record_views import Context, Screen, Words, blueprint
from crm.routes import speakers
from crm.web import requires
from shared.accounts.permissions import Scope
from shared.errors import Invalid
from shared.events import Target
from shared.models import Meeting, MeetingStatus
from shared.records import analysis, meetings, watching

#: What the file chooser offers; `shared.transcripts` decides by content what it can read.
ACCEPT = (".txt", ".md", ".vtt", ".srt", ".sbv", ".ttml", ".json", ".docx", ".pdf", ".eml")

_ABOUT = (
    FormField("title", FIELD_LABELS["title"], required=True, wide=True),
    FormField(
        "occurred_at", FIELD_LABELS["occurred_at"], Kind.TIME, required=True,
        hint=_l("Relative dates in the transcript count from this day."),
    ),
    FormField("company_id", FIELD_LABELS["company_id"], Kind.RECORD, target="company"),
    FormField("deal_id", FIELD_LABELS["deal_id"], Kind.RECORD, target="deal"),
)  # fmt: skip
FIELDS = (
    *_ABOUT,
    FormField("contact_ids", FIELD_LABELS["contact_ids"], Kind.RECORDS, target="contact", wide=True),
    FormField("user_ids", FIELD_LABELS["user_ids"], Kind.USERS, wide=True),
)
#: Before the transcript is read nothing has to be said.
_BEFOREHAND = tuple(replace(asked, required=False) for asked in _ABOUT)


def _show_more(meeting: Meeting) -> Context:
    return {"meeting": meeting, "waits": _waits(meeting)}


def _panel_more(meeting: Meeting) -> Context:
    return {"counts": review_page.counts(web.session(), meeting), "is_beside": True}


def _page_names(meeting: Meeting) -> Iterator[Target]:
    yield from review_page.mentioned(review_page.insights_of(web.session(), meeting))


def _page_more(meeting: Meeting) -> Context:
    """How far the reading is, or the transcript, where it is looked at first, beside what it proposes.

    With `whole` nothing is left to be fetched: for browsers without scripts.
    """
    session = web.session()
    shown = review_page.page_of(session, meeting)
    strip = speakers.strip(meeting)
    second = request.args.get("t", type=float)
    focus = None if second is None else meetings.position_at(session, meeting.id, second)
    if "whole" in request.args:
        transcript = transcript_page.whole(session, meeting, review_page.on_page(shown))
    else:
        shown = review_page.beginning(shown)
        at = review_page.first_said(shown["sections"]) if focus is None and web.can(Scope.REVIEW) else focus
        voices = [voice.label for voice in strip["voices"]]
        transcript = transcript_page.excerpt(session, meeting, voices, at, review_page.on_page(shown))
    return {
        **shown,
        **strip,
        "citations": transcript_page.citations(meeting, review_page.insights_of(session, meeting)),
        "transcript": transcript,
        "focus": focus,
    }


SCREEN = Screen(
    type="meeting",
    icon="microphone",
    fields=FIELDS,
    words=Words(
        many=_l("Meetings"),
        new=_l("Add meeting"),
        edit=_l("Edit meeting"),
        filter=_l("Filter meetings"),
        none_title=_l("No meetings yet"),
        none_text=_l(
            "Drop the transcript of a call here. Afterword reads it on this machine and proposes people, deals and "
            "tasks, each with the sentence that proves it."
        ),
    ),
    related=(),
    list_more=lambda _query, _page: {"accept": ACCEPT},
    show_more=_show_more,
    panel_more=_panel_more,
    page_names=_page_names,
    page_more=_page_more,
    own=frozenset({"new", "create"}),
)
bp = blueprint(SCREEN)


@bp.get("/new")
@requires(Scope.MEETINGS_UPLOAD)
def new() -> ResponseReturnValue:
    """The upload page, with what may be said about the meeting beforehand."""
    state = record_fields.state_of_form(web.session(), _BEFOREHAND, request.args)
    return web.page("meetings/new.html", accept=ACCEPT, fields=_BEFOREHAND, state=state, **_inbox())


def _inbox() -> dict[str, Any]:
    """The watch folder of this workspace, and how many files of it were refused."""
    if not web.settings().watch_inbox:
        return {"inbox": None}
    folder = watching.folder_of(web.session(), web.settings().inbox_dir)
    return {"inbox": str(folder), "refused": watching.refused_in(folder)}


@bp.post("")
@requires(Scope.MEETINGS_UPLOAD)
def create() -> ResponseReturnValue:
    """Store one transcript, from a file or pasted, and queue its analysis."""
    upload = meetings.Upload(**_transcript(), **_about())
    meeting, is_duplicate = meetings.receive(
        web.session(), upload, upload_dir=web.settings().upload_dir, by=web.actor()
    )
    url = url_for("meetings.show", id=meeting.id)
    if is_duplicate:
        if web.is_htmx():
            return web.page("meetings/_duplicate.html", meeting=meeting)
        web.flash_message(_("This file is here already; this is the meeting made from it."), tone="info")
    return web.go(url)


def _transcript() -> dict[str, Any]:
    file: FileStorage | None = request.files.get("file")
    if file is not None and file.filename:
        return {"data": file.read(), "file_name": file.filename.replace("\0", "")}
    text = request.form.get("text", "")
    if not text.strip():
        raise Invalid.field("file", _("Choose a file or paste the text of a transcript."))
    return {"data": text.encode()}


def _about() -> dict[str, Any]:
    form = MultiDict((name, value.replace("\0", "")) for name, value in request.form.items(multi=True))
    names = tuple(name for name in form.get("participants", "").replace("\n", ",").split(",") if name.strip())
    said = {name: value for name, value in record_reading.read(_BEFOREHAND, form).items() if value is not None}
    if "occurred_at" in said:
        said["occurred_at"] = datetime.fromisoformat(said["occurred_at"])
    return {**said, "participants": names, "engine": form.get("engine") or "auto"}


@bp.get("/<int:id>/transcript")
@requires(Scope.RECORDS_READ)
def transcript(id: int) -> ResponseReturnValue:
    """All that was said, as lines without a page around them; the browser keeps them."""
    meeting = web.get_or_404(Meeting, id)
    return web.revalidated(make_response(transcript_page.whole(web.session(), meeting).html))


@bp.get("/<int:id>/status")
@requires(Scope.RECORDS_READ)
def status(id: int) -> ResponseReturnValue:
    """The progress card, asked for every second; a finished analysis reloads the page."""
    meeting = web.get_or_404(Meeting, id)
    if meeting.status not in (MeetingStatus.QUEUED, MeetingStatus.ANALYZING):
        return web.go(url_for("meetings.show", id=id))
    return web.render("meetings/_progress.html", meeting=meeting, waits=_waits(meeting))


def _waits(meeting: Meeting) -> bool:
    """Whether it waits suspiciously long: no worker, or no broker."""
    from shared import clock

    is_old = meeting.queued_at is not None and (clock.wall() - meeting.queued_at).total_seconds() > 15
    return meeting.status == MeetingStatus.QUEUED and is_old


@bp.post("/<int:id>/analyze")
@requires(Scope.MEETINGS_UPLOAD)
def analyze(id: int) -> ResponseReturnValue:
    """Read it again."""
    meeting = web.get_or_404(Meeting, id)
    analysis.queue(web.session(), meeting, engine=request.form.get("engine") or "auto", by=web.actor())
    return web.go(url_for("meetings.show", id=id))
