"""The routes that every record type has: list, create or upsert, read, change, delete, restore."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from flask import request, url_for
from sqlalchemy.orm.exc import StaleDataError

from crm import web
from crm.api import http
from crm.api.http import Reply
from crm.api.operations import Api
from crm.api.permissions import check_delete, check_history, write_scope
from shared import query, records
from shared.accounts.permissions import Scope
from shared.errors import Conflict
from shared.records import RecordType, stages, tombstones
from shared.records.contacts import employments_of
from shared.records.types import jsonable
from shared.schemas import answers, record_answers
from shared.schemas import api as schemas


def register(api: Api) -> None:
    """The routes of all types. A meeting is created in `crm.api.meetings`."""
    for kind in records.TYPES.values():
        _register_reading(api, kind)
        if kind.name in schemas.CREATES:
            _register_create(api, kind)
        _register_changing(api, kind)


def _register_reading(api: Api, kind: RecordType) -> None:
    out = record_answers.OUTPUTS[kind.name]

    @api.operation(
        "GET", f"/{kind.plural}", id=f"list_{kind.plural}", tag=kind.plural, scope=Scope.RECORDS_READ,
        summary=f"List {kind.plural}", filters=kind.name,
        answers={200: answers.page_of(out, kind.name.capitalize())},
    )  # fmt: skip
    def list_() -> Reply:
        session = web.session()
        page = query.run(
            session,
            query.parse(kind.name, request.args.to_dict(flat=False), query.catalog(session)),
            user_id=web.current_user.id,
        )
        found: dict[str, Any] = {"items": present(page.items), "next_cursor": page.next_cursor}
        return Reply(found if page.total is None else {**found, "total": page.total})

    @api.operation(
        "GET", f"/{kind.plural}/{{id}}", id=f"get_{kind.name}", tag=kind.plural, scope=Scope.RECORDS_READ,
        summary=f"Read one {kind.name}", answers={200: out}, errors=(404,),
    )  # fmt: skip
    def get(id: int) -> Reply:
        id = tombstones.winner_of(web.session(), kind.name, id) or id  # of one that was merged, where it is now
        return http.versioned(present([records.get(web.session(), kind.name, id)])[0])


def _register_create(api: Api, kind: RecordType) -> None:
    out = record_answers.OUTPUTS[kind.name]

    @api.operation(
        "POST", f"/{kind.plural}", id=f"create_{kind.name}", tag=kind.plural, scope=write_scope(kind.name),
        summary=f"Create a {kind.name}, or update the one with this external_id",
        body=schemas.CREATES[kind.name], answers={201: out, 200: out}, errors=(409,),
    )  # fmt: skip
    def create() -> Reply:
        row, result = upsert(kind.name, http.json_object())
        return stored(row, result)


def _register_changing(api: Api, kind: RecordType) -> None:
    out = record_answers.OUTPUTS[kind.name]

    @api.operation(
        "PATCH", f"/{kind.plural}/{{id}}", id=f"update_{kind.name}", tag=kind.plural, scope=write_scope(kind.name),
        summary=f"Change fields of a {kind.name}", body=schemas.PATCHES[kind.name],
        answers={200: out}, errors=(404,), is_versioned=True,
    )  # fmt: skip
    def update(id: int) -> Reply:
        return change(kind.name, id, http.json_object())

    @api.operation(
        "DELETE", f"/{kind.plural}/{{id}}", id=f"delete_{kind.name}", tag=kind.plural, scope=_delete_scope(kind.name),
        summary=f"Delete a {kind.name}; it can be restored", answers={204: None}, errors=(404, 409),
    )  # fmt: skip
    def delete(id: int) -> Reply:
        row = records.get(web.session(), kind.name, id)
        check_delete(row)
        if kind.name == "pipeline":
            stages.check_deletable(web.session(), row)
        records.delete(web.session(), row, by=web.actor(), expecting=http.header_version())
        return Reply(None, 204)

    @api.operation(
        "POST", f"/{kind.plural}/{{id}}/restore", id=f"restore_{kind.name}", tag=kind.plural,
        scope=_delete_scope(kind.name), summary=f"Take the deletion of a {kind.name} back",
        answers={200: out}, errors=(404,),
    )  # fmt: skip
    def restore(id: int) -> Reply:
        row = records.get(web.session(), kind.name, id, deleted=True)
        check_delete(row)
        records.restore(web.session(), row, by=web.actor())
        return http.versioned(present([row])[0])


def _delete_scope(type_name: str) -> Scope:
    return Scope.WORKSPACE_MANAGE if type_name == "pipeline" else Scope.RECORDS_DELETE


def upsert(type_name: str, data: dict[str, Any]) -> tuple[Any, str]:
    """Create or update by external id. Returns (row, "created" | "updated" | "unchanged")."""
    check_history(data)
    data = dict(data)
    if isinstance(data.get("external_id"), str):
        data["external_id"] = data["external_id"].strip()
    return records.upsert(web.session(), type_name, data, by=web.actor())


def change(type_name: str, id: int, body: dict[str, Any]) -> Reply:
    """A PATCH against a version. Raises Conflict with the current record if it is stale."""
    session = web.session()
    row = records.get(session, type_name, id)
    expecting = http.take_version(body)
    body = _without_echo(body, present([row])[0], schemas.PATCHES[type_name].model_fields)
    check_history(body)
    try:
        records.update(session, row, body, by=web.actor(), expecting=expecting)
    except StaleDataError:  # changed between our look and our write, by another process
        session.rollback()
        row = records.get(session, type_name, id)
        raise Conflict("This was changed in the meantime.", current=present([row])[0]) from None
    return http.versioned(present([row])[0])


def _without_echo(body: dict[str, Any], shown: dict[str, Any], writable: Container[str]) -> dict[str, Any]:
    """A record may be read, changed and sent back whole: what cannot be written is ignored where it says what is."""
    return {k: v for k, v in body.items() if k in writable or k not in shown or shown[k] != v}


def stored(row: Any, result: str) -> Reply:
    """The answer to a POST: 201 with the new record's address, or 200."""
    shown = present([row])[0]
    if result != "created":
        return http.versioned(shown)
    kind = records.type_of(row)
    return http.versioned(shown, status=201, location=url_for(f"api.get_{kind.name}", id=row.id))


def present(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Records of one type as the API answers them, with a fixed number of queries however many they are."""
    session = web.session()
    shown = records.show_all(session, rows)
    if rows and records.type_of(rows[0]).name == "contact":
        history = employments_of(session, [row.id for row in rows])
        shown = [{**contact, "employments": jsonable(history[contact["id"]])} for contact in shown]
    return shown
