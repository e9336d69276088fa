"""After a review: minutes to read and download, the follow-up letter, and what changed since the last meeting."""

from __future__ import annotations

import io
from pathlib import Path

from flask import Blueprint, Response, current_app, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import assets, localization, minutes, web
from crm.minutes import letter, mail
from crm.web import requires
from shared import records
from shared.accounts.permissions import Scope
from shared.errors import FieldError, Invalid, NotFound
from shared.models import Meeting
from shared.review.letters import draft_note
from shared.review.settling import task_links
from shared.review.since import Since, since_last, since_latest

bp = Blueprint("minutes", __name__, url_prefix="/meetings/<int:id>")


@bp.app_template_global("since_last")
def _since_last(meeting: Meeting) -> Since | None:
    return since_last(web.session(), meeting, today=localization.today())


@bp.app_template_global("since_latest")
def _since_latest(deal_id: int) -> Since | None:
    return since_latest(web.session(), deal_id, today=localization.today())


# --- Minutes


@bp.get("/minutes")
@requires(Scope.RECORDS_READ)
def show(id: int) -> ResponseReturnValue:
    """The minutes as a page, made to be printed; `?open=0` leaves out what is not reviewed."""
    meeting = web.get_or_404(Meeting, id)
    return web.page("minutes/show.html", meeting=meeting, minutes=_collected(meeting), with_open=_with_open())


@bp.get("/minutes.<ending>")
@requires(Scope.RECORDS_READ)
def download(id: int, ending: str) -> ResponseReturnValue:
    """The minutes as a file."""
    meeting = web.get_or_404(Meeting, id)
    if ending not in minutes.MIMETYPES:
        raise NotFound(_("Minutes come as Markdown, Word or PDF."))
    return as_file(_collected(meeting), ending)


def _collected(meeting: Meeting) -> minutes.Minutes:
    return minutes.collect(web.session(), meeting, zone=localization.zone(), with_open=_with_open())


def _with_open() -> bool:
    return request.args.get("open") != "0"


def as_file(collected: minutes.Minutes, ending: str) -> Response:
    """Minutes as a download, named after day and title."""
    static = Path(current_app.root_path) / "static"
    data = minutes.write(collected, ending, font=lambda name: assets.built_file(static, name))
    return _file(data, collected.file_name(ending), minutes.MIMETYPES[ending])


def _file(data: bytes, name: str, mimetype: str) -> Response:
    return send_file(io.BytesIO(data), mimetype=mimetype, as_attachment=True, download_name=name)


# --- The follow-up letter


@bp.get("/follow-up")
@requires(Scope.RECORDS_READ)
def follow_up(id: int) -> ResponseReturnValue:
    """A draft to change, copy, open in a mail program, download or keep as a note. Nothing is sent from here."""
    meeting = web.get_or_404(Meeting, id)
    return _form(meeting)


@bp.post("/follow-up.eml")
@requires(Scope.RECORDS_READ)
def follow_up_file(id: int) -> ResponseReturnValue:
    """The letter as a file that mail programs open as a draft."""
    web.only_read()
    meeting = web.get_or_404(Meeting, id)
    try:
        data = mail.as_eml(mail.read(request.form), sender=(web.current_user.name, web.current_user.email))
    except Invalid as error:
        return _form(meeting, error=error)
    day = meeting.occurred_at.astimezone(localization.zone()).date()
    return _file(data, f"{day.isoformat()}-follow-up.eml", "message/rfc822")


@bp.post("/follow-up/note")
@requires(Scope.RECORDS_WRITE)
def keep(id: int) -> ResponseReturnValue:
    """Keep the letter as a note on the meeting, its company and its deal."""
    meeting = web.get_or_404(Meeting, id)
    try:
        text = mail.read(request.form)
        language = letter.language_of(meeting)
        body = draft_note(language=language, subject=text.subject, to=text.to, body=text.body)
        links = task_links(web.session(), meeting)
        note = records.create(web.session(), "note", {"body": body, "links": links}, by=web.actor())
    except Invalid as error:
        web.abandon()
        return _form(web.get_or_404(Meeting, id), error=error)
    web.flash_message(_("Kept as a note."))
    return web.go(url_for("notes.show", id=note.id))


def _form(meeting: Meeting, *, error: Invalid | None = None) -> Response:
    """The letter's form: as drafted, or as it was sent back with what is wrong."""
    draft = letter.draft(web.session(), meeting, by=web.current_user, zone=localization.zone())
    shown = mail.Mail(", ".join(draft.to), draft.subject, draft.body)
    errors: dict[str, list[str]] = {}
    if error is not None:
        shown = mail.Mail(**{name: request.form.get(name, "") for name in mail.LONGEST})
        for problem in error.errors or (FieldError("body", error.detail),):
            errors.setdefault(problem.path if problem.path in mail.LONGEST else "body", []).append(problem.message)
    return web.page(
        "minutes/follow_up.html",
        status=422 if errors else 200,
        meeting=meeting,
        draft=draft,
        mail=shown,
        errors=errors,
        mailto=mail.mailto(shown),
        longest_mailto=mail.LONGEST_MAILTO,
    )
