"""Meetings: drop a transcript, watch it being read, review what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug import Response
from werkzeug.datastructures import FileStorage

from crm import list_page, localization, review_view, transcript_view, web
from crm.routes import speakers
from crm.web import requires
from shared import records
from shared.accounts.permissions import Scope, may_delete
from shared.errors import Forbidden, Invalid
from shared.models import Company, Deal, InsightStatus, Meeting, MeetingStatus
from shared.records import analysis, meetings, watching

bp = Blueprint("meetings", __name__, url_prefix="/meetings")

#: What the file chooser offers; `shared.transcripts` decides by content what it can read.
ACCEPT = (".txt", ".md", ".vtt", ".srt", ".sbv", ".ttml", ".json", ".docx", ".pdf", ".eml")

_OPEN = (InsightStatus.PENDING, InsightStatus.UNDONE)


@bp.get("")
@requires(Scope.RECORDS_READ)
def list_() -> ResponseReturnValue:
    """All meetings, newest first, each with what waits for review."""
    asked = list_page.read("meeting")
    if isinstance(asked, Response):
        return asked
    query = replace(asked.query, with_total=asked.query.cursor is None)
    found = list_page.run(asked, query)
    context = {"found": found, "query": query, "accept": ACCEPT, **list_page.context(asked, query, found)}
    return web.page("records/_list_rows.html" if asked.is_piece else "meetings/list.html", **context)


@bp.get("/new")
@requires(Scope.MEETINGS_UPLOAD)
def new() -> ResponseReturnValue:
    """The upload page, with what may be said about the meeting beforehand."""
    return web.page("meetings/new.html", accept=ACCEPT, values=request.args, errors={}, **_inbox(), **_choices())


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
        return {"data": file.read(), "file_name": file.filename}
    text = request.form.get("text", "")
    if not text.strip():
        raise Invalid.field("file", _("Choose a file or paste the text of a transcript."))
    return {"data": text.encode()}


def _about() -> dict[str, Any]:
    form = request.form
    names = tuple(name for name in form.get("participants", "").replace("\n", ",").split(",") if name.strip())
    return {
        "title": form.get("title") or None,
        "occurred_at": _local_time(form.get("occurred_at")),
        "company_id": form.get("company_id", type=int),
        "deal_id": form.get("deal_id", type=int),
        "participants": names,
        "engine": form.get("engine") or "auto",
    }


def _local_time(text: str | None) -> datetime | None:
    """What `datetime-local` sends, in the user's zone."""
    if not text:
        return None
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid.field("occurred_at", _("“%(text)s” is no date.", text=text[:30])) from None
    return value if value.tzinfo else value.replace(tzinfo=localization.zone())


def _choices() -> dict[str, Any]:
    session = web.session()
    companies = session.execute(
        select(Company.id, Company.name).where(Company.deleted_at.is_(None)).order_by(Company.name_key).limit(500)
    )
    deals = session.execute(select(Deal.id, Deal.name).where(Deal.deleted_at.is_(None)).order_by(Deal.name).limit(500))
    return {"companies": [tuple(row) for row in companies], "deals": [tuple(row) for row in deals]}


@bp.get("/<int:id>")
@requires(Scope.RECORDS_READ)
def show(id: int) -> ResponseReturnValue:
    """The meeting: how far the reading is, or the transcript beside what it proposes."""
    meeting = web.get_or_404(Meeting, id)
    return web.page("meetings/show.html", **_page_of(meeting))


@bp.get("/<int:id>/status")
@requires(Scope.RECORDS_READ)
def status(id: int) -> ResponseReturnValue:
    """The progress card, asked for every second; a finished analysis reloads the page."""
    meeting = web.get_or_404(Meeting, id)
    if meeting.status not in (MeetingStatus.QUEUED, MeetingStatus.ANALYZING):
        return web.go(url_for("meetings.show", id=id))
    return web.render("meetings/_progress.html", meeting=meeting, waits=_waits(meeting))


def _page_of(meeting: Meeting) -> dict[str, Any]:
    session = web.session()
    shown = review_view.page_of(session, meeting)
    insights = [insight for section in shown["sections"] for insight in section.insights]
    lines = transcript_view.lines(meetings.utterances_of(session, meeting.id), insights)
    return {
        **shown,
        "company": session.get(Company, meeting.company_id) if meeting.company_id else None,
        "deal": session.get(Deal, meeting.deal_id) if meeting.deal_id else None,
        "citations": transcript_view.citations(session, meeting),
        "lines": lines,
        "speakers": transcript_view.speakers(lines),
        **speakers.strip(meeting),
        "focus": transcript_view.position_at(lines, request.args.get("t", type=float)),
        "waits": _waits(meeting),
        "may_delete": may_delete(web.current_user, meeting),
    }


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


@bp.get("/<int:id>/edit")
@requires(Scope.RECORDS_WRITE)
def edit(id: int) -> ResponseReturnValue:
    """The form for title, time, company and deal."""
    meeting = web.get_or_404(Meeting, id)
    values = {
        "title": meeting.title,
        "occurred_at": meeting.occurred_at.astimezone(localization.zone()),
        "company_id": meeting.company_id,
        "deal_id": meeting.deal_id,
        "version": meeting.version,
    }
    return web.page("meetings/edit.html", meeting=meeting, values=values, errors={}, **_choices())


@bp.post("/<int:id>")
@requires(Scope.RECORDS_WRITE)
def update(id: int) -> ResponseReturnValue:
    """Change title, time, company and deal."""
    meeting = web.get_or_404(Meeting, id)
    form = request.form
    try:
        when = _local_time(form.get("occurred_at"))
        data = {
            "title": form.get("title", ""),
            "company_id": form.get("company_id", type=int),
            "deal_id": form.get("deal_id", type=int),
            **({"occurred_at": when.isoformat()} if when else {}),
        }
        records.update(web.session(), meeting, data, by=web.actor(), expecting=form.get("version", type=int))
    except Invalid as error:
        web.abandon()
        errors = {problem.path: [problem.message] for problem in error.errors}
        meeting = web.get_or_404(Meeting, id)
        return web.page("meetings/edit.html", status=422, meeting=meeting, values=form, errors=errors, **_choices())
    web.flash_message(_("Saved."))
    return web.go(url_for("meetings.show", id=id))


@bp.post("/<int:id>/delete")
@requires(Scope.RECORDS_DELETE)
def delete(id: int) -> ResponseReturnValue:
    """Delete the meeting; the records that came from it stay."""
    meeting = web.get_or_404(Meeting, id)
    if not may_delete(web.current_user, meeting):
        raise Forbidden(_("Only who added this meeting, or a manager, can delete it."))
    records.delete(web.session(), meeting, by=web.actor())
    web.flash_message(_("“%(title)s” was deleted.", title=meeting.title), undo_url=url_for("meetings.restore", id=id))
    return web.go(url_for("meetings.list_"))


@bp.post("/<int:id>/restore")
@requires(Scope.RECORDS_DELETE)
def restore(id: int) -> ResponseReturnValue:
    """Take a deletion back."""
    meeting = web.get_or_404(Meeting, id, deleted=True)
    if not may_delete(web.current_user, meeting):
        raise Forbidden(_("Only who added this meeting, or a manager, can restore it."))
    records.restore(web.session(), meeting, by=web.actor())
    return web.go(url_for("meetings.show", id=id))
