"""Meetings over the API: a transcript in, what was said and what was found out.

text or file ─▶ stored and queued: 202        the same bytes again: 200, duplicate
utterances   ─▶ stored: 201                    analysed only if asked
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from sqlalchemy import select

from crm import web
from crm.api import http
from crm.api.http import Reply
from crm.api.operations import Api
from crm.api.permissions import check_history, check_write
from crm.api.records import present
from shared import records
from shared.accounts.permissions import Scope
from shared.errors import Conflict, Forbidden, Invalid
from shared.models import Meeting, Utterance
from shared.records import analysis, meetings
from shared.records.references import resolve
from shared.records.verbs import by_external_id, validated
from shared.schemas import answers, record_answers
from shared.schemas import api as schemas
from shared.schemas.records import MeetingFields
from shared.transcripts import Utterance as Spoken

_LISTS = frozenset({"participants"})
#: Said about a transcript, and not taken by `receive`.
_AFTERWARDS = frozenset({"external_id", "created_at", "duration_s", "user_ids", "contact_ids"})


def register(api: Api) -> None:
    """What meetings have beside what every record has."""
    _register_create(api)
    _register_transcript(api)


def _register_create(api: Api) -> None:
    @api.operation(
        "POST", "/meetings", tag="meetings", scope=Scope.MEETINGS_UPLOAD,
        summary="Take in a transcript, or store a meeting",
        description="`text` or a file is stored, queued and analysed (202; the same bytes again: 200). `utterances` are"
        " stored (201) and analysed only with `analyze`. A known external_id updates its meeting (200).",
        body=schemas.MeetingCreate, upload=schemas.MeetingFile,
        answers=dict.fromkeys((202, 201, 200), record_answers.MeetingReceived),
        errors=(409, 413, 503),
    )  # fmt: skip
    def create_meeting() -> Reply:
        if request.mimetype == "multipart/form-data":
            data, file = _form()
        else:
            data, file = http.json_object(), None
        meeting, result = upsert(data, file=file)
        shown = {**present([meeting])[0], "duplicate": result != "created"}
        if result != "created":
            return http.versioned(shown)
        is_queued_by_text = file is not None or data.get("text") is not None
        address = url_for("api.get_meeting", id=meeting.id)
        return http.versioned(shown, status=202 if is_queued_by_text else 201, location=address)

    @api.operation(
        "POST", "/meetings/{id}/analyze", tag="meetings", scope=Scope.MEETINGS_UPLOAD,
        summary="Analyse a meeting again", body=schemas.Analyze, is_body_optional=True,
        answers={202: record_answers.MeetingOut}, errors=(404, 409),
    )  # fmt: skip
    def analyze_meeting(id: int) -> Reply:
        meeting = records.get(web.session(), "meeting", id)
        wish = http.parsed(schemas.Analyze, optional=True)
        _queue(meeting, wish.engine)
        return http.versioned(present([meeting])[0], status=202)


def _register_transcript(api: Api) -> None:
    @api.operation(
        "GET", "/meetings/{id}/utterances", tag="meetings", scope=Scope.RECORDS_READ,
        summary="What was said, in order", query=schemas.UtterancePaging,
        answers={200: answers.page_of(answers.UtteranceOut, "Utterance")}, errors=(404,),
    )  # fmt: skip
    def list_utterances(id: int) -> Reply:
        paging = http.query(schemas.UtterancePaging)
        meeting = records.get(web.session(), "meeting", id)
        after = http.decode_cursor("utterance", paging.cursor)
        wanted = select(Utterance).where(Utterance.meeting_id == meeting.id).order_by(Utterance.position)
        if after is not None:
            wanted = wanted.where(Utterance.position > after)
        rows = list(web.session().scalars(wanted.limit(paging.limit + 1)))
        shown = rows[: paging.limit]
        more = http.encode_cursor("utterance", shown[-1].position) if len(rows) > paging.limit else None
        return Reply({"items": [_show_utterance(row) for row in shown], "next_cursor": more})


def _show_utterance(row: Utterance) -> dict[str, Any]:
    return {
        "index": row.position,
        "speaker": row.speaker,
        "start_s": row.start_s,
        "end_s": row.end_s,
        "text": row.text,
    }


def _form() -> tuple[dict[str, Any], meetings.Upload]:
    """A multipart form's fields and file. `participants` may be repeated, comma-separated or a JSON list."""
    for name, values in request.form.lists():
        if len(values) > 1 and name not in _LISTS:
            raise Invalid.field(http.printable(name), "This field is given twice.")
    unknown = set(request.files) - {"file"}
    if unknown:
        raise Invalid.field(http.printable(min(unknown)), "The transcript belongs into the field “file”.")
    files = request.files.getlist("file")
    if len(files) != 1 or "file" in request.form:
        raise Invalid.field("file", "Send exactly one file in the field “file”.")
    data: dict[str, Any] = {name: value for name, value in request.form.items() if value.strip()}
    data["participants"] = _names(request.form.getlist("participants"))
    if "text" in data or "utterances" in data:
        raise Invalid.field("text" if "text" in data else "utterances", "Send either a file or this, not both.")
    return data, meetings.Upload(data=files[0].stream.read(), file_name=files[0].filename or None)


def _names(given: Sequence[str]) -> list[Any]:
    if len(given) != 1:
        return list(given)
    if given[0].lstrip().startswith("["):
        found = http.parse_part("participants", given[0])
        return found if isinstance(found, list) else [found]
    return [name for name in given[0].split(",") if name.strip()]


def upsert(data: dict[str, Any], *, file: meetings.Upload | None = None) -> tuple[Meeting, str]:
    """Create a meeting from text, file or utterances, or update the one with this external id.

    Returns (meeting, "created" | "updated" | "unchanged"); the same bytes again are "unchanged".
    """
    check_write("meeting")
    check_history(data)
    data = {name: value for name, value in data.items() if value is not None}
    wish = web.parse(schemas.MeetingCreate, data)
    if wish.text is not None and wish.utterances is not None:
        raise Invalid.field("text", "Send either text or utterances, not both.")
    fields = {name: value for name, value in data.items() if name in MeetingFields.model_fields}
    if isinstance(fields.get("external_id"), str):
        fields["external_id"] = fields["external_id"].strip()
    external_id = fields.get("external_id")
    known = by_external_id(web.session(), records.TYPES["meeting"], external_id) if external_id else None
    if known is not None:
        return _update(known, wish, fields, file)
    if file is None and wish.text is None:
        return _store(wish, fields)
    return _receive(wish, fields, file)


def _receive(wish: schemas.MeetingCreate, fields: dict[str, Any], file: meetings.Upload | None) -> tuple[Meeting, str]:
    """A transcript to parse: store it, queue it, and set what else was said about it."""
    session, by = web.session(), web.actor()
    if wish.analyze is False:
        raise Invalid.field("analyze", "A text or file is always analysed. Send utterances to store only.")
    values = resolve(session, validated(MeetingFields, fields))
    upload = meetings.Upload(
        data=file.data if file else (wish.text or "").encode("utf-8"),
        file_name=file.file_name if file else wish.file_name,
        title=values.get("title"),
        occurred_at=values.get("occurred_at"),
        company_id=values.get("company_id"),
        deal_id=values.get("deal_id"),
        participants=tuple(wish.participants),
        engine=wish.engine,
    )
    meeting, is_duplicate = meetings.receive(session, upload, upload_dir=web.settings().upload_dir, by=by)
    if is_duplicate:
        return meeting, "unchanged"
    rest = {name: value for name, value in fields.items() if name in _AFTERWARDS}
    if rest:
        records.update(session, meeting, rest, by=by)
    return meeting, "created"


def _store(wish: schemas.MeetingCreate, fields: dict[str, Any]) -> tuple[Meeting, str]:
    """A meeting that needs no parsing."""
    session, by = web.session(), web.actor()
    if wish.utterances is None and not wish.title:
        raise Invalid.field("text", "Send text, a file, utterances, or at least a title.")
    values = resolve(session, validated(MeetingFields, fields))
    meeting = meetings.add_utterances(session, values, _spoken(wish), by=by)
    meeting.participants = [name for name in wish.participants if name.strip()]
    session.flush()
    if wish.analyze:
        _queue(meeting, wish.engine)
    return meeting, "created"


def _update(
    meeting: Meeting, wish: schemas.MeetingCreate, fields: dict[str, Any], file: meetings.Upload | None
) -> tuple[Meeting, str]:
    """The same meeting again. Its transcript stays: evidence points into it."""
    session, by = web.session(), web.actor()
    if file is not None or wish.text is not None:
        data = file.data if file else (wish.text or "").encode("utf-8")
        if hashlib.sha256(data).hexdigest() != meeting.file_sha256:
            raise Conflict(
                f"The meeting with external_id “{meeting.external_id}” has another transcript. Send this one under"
                " another external_id.",
                current=present([meeting])[0],
            )
    restored = meeting.deleted_at is not None
    if restored:
        records.restore(session, meeting, by=by)
    added = _add_missing_transcript(meeting, wish)
    changes = records.update(session, meeting, fields, by=by)
    if wish.analyze and added:
        _queue(meeting, wish.engine)
    return meeting, "updated" if changes or restored or added else "unchanged"


def _add_missing_transcript(meeting: Meeting, wish: schemas.MeetingCreate) -> bool:
    if not wish.utterances:
        return False
    spoken = _spoken(wish)
    present_ones = meetings.utterances_of(web.session(), meeting.id)
    if not present_ones and meeting.file_sha256 is None:
        meetings.store_utterances(web.session(), meeting, spoken)
        return True
    if [(u.speaker, u.start_s, u.text) for u in present_ones] != [(u.speaker, u.start_s, u.text) for u in spoken]:
        raise Conflict("This meeting has other utterances. A transcript cannot be replaced: evidence points into it.")
    return False


def _spoken(wish: schemas.MeetingCreate) -> list[Spoken]:
    return [
        Spoken(index=i, speaker=u.speaker, text=u.text, start_s=u.start_s, end_s=u.end_s)
        for i, u in enumerate(wish.utterances or ())
    ]


def _queue(meeting: Meeting, engine: str) -> None:
    if not web.can(Scope.MEETINGS_UPLOAD):
        raise Forbidden("Your role does not allow analysing meetings.")
    spoken = select(Utterance.id).where(Utterance.meeting_id == meeting.id).limit(1)
    if meeting.file_sha256 is None and web.session().scalar(spoken) is None:
        raise Invalid("This meeting has no transcript to analyse.")
    analysis.queue(web.session(), meeting, engine=engine, by=web.actor())
