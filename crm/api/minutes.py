"""Minutes over the API: as data, or as the file that people get."""

from __future__ import annotations

from typing import Any

from crm import localization, web
from crm import minutes as writing
from crm.api import http
from crm.api.http import Reply
from crm.api.operations import Api
from crm.minutes.content import Minutes, Person, Point, Source
from crm.routes.minutes import as_file
from shared import records
from shared.accounts.permissions import Scope
from shared.schemas import api as schemas
from shared.schemas import meeting_answers


def register(api: Api) -> None:
    """One operation."""

    @api.operation(
        "GET", "/meetings/{id}/minutes", tag="meetings", scope=Scope.RECORDS_READ,
        summary="Minutes of a meeting",
        description="In the language of the meeting, times in the zone of the token's user. `format` json (default),"
        " md, docx or pdf; `open=0` leaves out what nobody has reviewed yet, which is marked otherwise.",
        query=schemas.MinutesQuery, answers={200: meeting_answers.MinutesOut}, errors=(404,),
        files=tuple(kind.partition(";")[0] for kind in writing.MIMETYPES.values()),
    )  # fmt: skip
    def get_minutes(id: int) -> Reply:
        asked = http.query(schemas.MinutesQuery)
        meeting = records.get(web.session(), "meeting", id)
        found = writing.collect(web.session(), meeting, zone=localization.zone(), with_open=bool(asked.open))
        if asked.format != "json":
            return Reply(None, file=as_file(found, asked.format))
        return Reply(_show(found))


def _show(minutes: Minutes) -> dict[str, Any]:
    return {
        "meeting_id": minutes.meeting_id,
        "language": minutes.words.locale,
        "title": minutes.title,
        "when": minutes.when,
        "company": minutes.company or None,
        "deal": minutes.deal or None,
        "attendees": [_person(person) for person in minutes.people],
        "summary": [{"label": label or None, "points": list(points)} for label, points in minutes.summary],
        "sections": [
            {
                "kind": section.kind.value,
                "heading": section.heading,
                "points": [_point(point) for point in section.points],
            }
            for section in minutes.sections
        ],
    }


def _person(person: Person) -> dict[str, Any]:
    return {"name": person.name, "about": person.about or None, "reviewed": not person.is_open}


def _point(point: Point) -> dict[str, Any]:
    return {
        "text": point.text,
        "who": point.who or None,
        "due_date": point.due_date,
        "said": [_source(source) for source in point.sources],
        "reviewed": not point.is_open,
    }


def _source(source: Source) -> dict[str, Any]:
    return {"speaker": source.speaker or None, "time": source.time or None, "utterance": source.utterance}
