"""Search, timelines and the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from crm import web
from crm.api import http, hybrid
from crm.api.http import Reply
from crm.api.operations import Api
from shared import events, records, search
from shared.accounts import audit
from shared.accounts.permissions import Scope
from shared.errors import Invalid
from shared.events import Told
from shared.models import Event, User
from shared.records.types import jsonable
from shared.schemas import answers
from shared.schemas import api as schemas

_SEARCHED = tuple(name for name, kind in records.TYPES.items() if kind.text is not None)


def register(api: Api) -> None:
    """`/search`, `/timeline`, `/audit`."""

    @api.operation(
        "GET", "/search", tag="finding", scope=Scope.RECORDS_READ, summary="Find records by words",
        query=schemas.SearchQuery, answers={200: answers.SearchOut},
    )  # fmt: skip
    def search_records() -> Reply:
        asked = http.query(schemas.SearchQuery)
        if asked.mode == "hybrid" and (found := hybrid.search(asked.q, _types(asked.types), asked.limit)):
            return Reply(found)
        hits = search.find(web.session(), asked.q, types=_types(asked.types), limit=asked.limit)
        shown = [
            {"type": h.type, "id": h.id, "title": h.title, "snippet": h.snippet_text, "score": round(h.score, 4)}
            for h in hits
        ]
        return Reply({"items": shown, "mode": "keyword"})

    @api.operation(
        "GET", "/timeline", tag="finding", scope=Scope.RECORDS_READ, summary="What happened to a record, newest first",
        query=schemas.TimelineQuery, answers={200: answers.page_of(answers.EventOut, "Timeline")}, errors=(404,),
    )  # fmt: skip
    def get_timeline() -> Reply:
        asked = http.query(schemas.TimelineQuery)
        records.get(web.session(), asked.type, asked.id, deleted=True)
        before = http.decode_cursor("event", asked.cursor)
        rows = events.timeline(web.session(), (asked.type, asked.id), before=before, limit=asked.limit + 1)
        return _page(rows, asked.limit)

    @api.operation(
        "GET", "/audit", tag="finding", scope=Scope.AUDIT_READ, summary="What happened in the workspace, newest first",
        query=schemas.AuditQuery, answers={200: answers.page_of(answers.EventOut, "Audit")},
    )  # fmt: skip
    def get_audit() -> Reply:
        asked = http.query(schemas.AuditQuery)
        before = http.decode_cursor("event", asked.cursor)
        wanted = audit.Filter(
            user_id=asked.user_id,
            kinds=(asked.kind,) if asked.kind is not None else (),
            record=(asked.type, asked.record_id) if asked.type and asked.record_id is not None else None,
            door=asked.door,
            since=asked.since,
            until=asked.until,
        )
        return _page(audit.page(web.session(), wanted, before=before, limit=asked.limit + 1), asked.limit)


def _types(text: str | None) -> list[str] | None:
    if text is None:
        return None
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in _SEARCHED:
            raise Invalid.field(
                "types", f"“{http.printable(name)}” cannot be searched. There are: {', '.join(_SEARCHED)}."
            )
    return names or None


def _page(rows: Sequence[Event | Told], limit: int) -> Reply:
    shown = rows[:limit]
    more = http.encode_cursor("event", shown[-1].id) if len(rows) > limit else None
    ids = {row.user_id for row in shown if row.user_id is not None}
    names = dict(web.session().execute(select(User.id, User.name).where(User.id.in_(ids))).all())
    return Reply({"items": [_show(row, names) for row in shown], "next_cursor": more})


def _show(row: Event | Told, names: dict[int, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "at": jsonable(row.at),
        "by": {
            "kind": row.actor,
            "user_id": row.user_id,
            "name": names.get(row.user_id) if row.user_id is not None else None,
            "meeting_id": row.meeting_id,
        },
        "type": row.record_type,
        "record_id": row.record_id,
        "title": row.title,
        "data": row.data,
    }
