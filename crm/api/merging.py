"""Merging over the API, undoing it, and what may be duplicates."""

from __future__ import annotations

from crm import web
from crm.api import http
from crm.api.http import Reply
from crm.api.operations import Api
from crm.api.records import present
from shared import records
from shared.accounts.permissions import Scope
from shared.errors import Invalid
from shared.records import apart, duplicates, merging, pointers
from shared.records.duplicates import Candidates
from shared.records.types import TYPES, jsonable
from shared.schemas import answers, merging_answers, record_answers
from shared.schemas import merging as schemas


def register(api: Api) -> None:
    """`/contacts/{id}/merge`, `/companies/{id}/merge`, `/merges/{id}/undo`, `/duplicates`."""
    for type_name in pointers.MERGEABLE:
        _register_merge(api, type_name)
    _register_undo(api)
    _register_duplicates(api)


def _register_merge(api: Api, type_name: str) -> None:
    plural = TYPES[type_name].plural

    @api.operation(
        "POST", f"/{plural}/{{id}}/merge", id=f"merge_{type_name}", tag=plural, scope=Scope.RECORDS_MANAGE,
        summary=f"Merge other {plural} into this one",
        description="Everything that points at the others moves here; their addresses and external ids lead here from"
        " now on. `fields` says whose value a field takes (`{\"title\": 17}`); of the rest the better one is taken"
        " (set, newer, longer). `Location` names the merge: POST to its `/undo` gives everything back.",
        body=schemas.MergeIn, answers={200: record_answers.OUTPUTS[type_name]}, errors=(404, 409),
    )  # fmt: skip
    def merge(id: int) -> Reply:
        session = web.session()
        records.get(session, type_name, id)
        wish = http.parsed(schemas.MergeIn)
        merged = merging.merge(
            session, type_name, id, wish.ids, by=web.actor(), picks=wish.fields, versions=wish.versions
        )
        shown = present([records.get(session, type_name, merged.winner_id)])[0]
        return http.versioned(shown, location=f"/api/v1/merges/{merged.id}")


def _register_undo(api: Api) -> None:
    @api.operation(
        "POST", "/merges/{id}/undo", tag="merges", scope=Scope.RECORDS_MANAGE,
        summary="Undo a merge: every row as it was",
        description="`kept` counts later changes that were left as they are. Refused with 409 where the record was"
        " merged again since: undo that merge first.",
        answers={200: merging_answers.MergeOut}, errors=(404, 409),
    )  # fmt: skip
    def undo_merge(id: int) -> Reply:
        undone = merging.undo(web.session(), id, by=web.actor())
        merge = undone.merge
        shown = {
            "id": merge.id,
            "type": merge.record_type,
            "winner_id": merge.winner_id,
            "others": merge.names,
            "at": merge.at,
            "undone_at": merge.undone_at,
            "kept": undone.kept,
        }
        return Reply(jsonable(shown))


def _register_duplicates(api: Api) -> None:
    @api.operation(
        "GET", "/duplicates", tag="merges", scope=Scope.RECORDS_MANAGE,
        summary="Groups of records that may be one, surest first", query=schemas.DuplicatesQuery,
        answers={200: answers.page_of(merging_answers.DuplicatesOut, "Duplicates")}, errors=(404,),
    )  # fmt: skip
    def list_duplicates() -> Reply:
        asked = http.query(schemas.DuplicatesQuery)
        session = web.session()
        after = http.decode_cursor("duplicates", asked.cursor)
        start = duplicates.group(session, after)[1] if after is not None else None
        found = duplicates.groups(session, asked.type, after=start, limit=asked.limit + 1)
        more = found[asked.limit - 1].id if len(found) > asked.limit else None
        cursor = http.encode_cursor("duplicates", more) if more is not None else None
        items = [_show(asked.type, group) for group in found[: asked.limit]]
        return Reply({"items": items, "next_cursor": cursor})

    @api.operation(
        "POST", "/duplicates/search", tag="merges", scope=Scope.RECORDS_MANAGE,
        summary="Look for duplicates in everything; asked again while it runs, it says how far it is",
        body=schemas.SearchIn, answers={202: merging_answers.DuplicateSearchOut},
    )  # fmt: skip
    def search_duplicates() -> Reply:
        scan = duplicates.request(web.session(), http.parsed(schemas.SearchIn).type, by=web.actor())
        return Reply(
            {"type": scan.record_type, "status": scan.status.value, "done": scan.done, "total": scan.total}, 202
        )

    @api.operation(
        "POST", "/duplicates/apart", tag="merges", scope=Scope.RECORDS_MANAGE,
        summary="Say for good that these records are all different", body=schemas.ApartIn,
        answers={204: None}, errors=(404,),
    )  # fmt: skip
    def tell_apart() -> Reply:
        wish = http.parsed(schemas.ApartIn)
        if len(set(wish.ids)) < 2:
            raise Invalid.field("ids", "Name at least two records that are not the same.")
        apart.tell(web.session(), wish.type, wish.ids, by=web.actor())
        return Reply(None, 204)


def _show(type_name: str, group: Candidates) -> dict[str, object]:
    kind = TYPES[type_name]
    return {
        "type": type_name,
        "score": group.score,
        "reasons": [{"kind": reason.kind, "value": reason.value or None} for reason in group.reasons],
        "records": [{"id": row.id, "external_id": row.external_id, "name": kind.title(row)} for row in group.rows],
    }
