"""Users over the API. Reading is everybody's (records name their owners); the rest is an admin's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import request, url_for

from crm import web
from crm.api import http
from crm.api.http import Reply
from crm.api.operations import Api
from shared import query
from shared.accounts import directory, users
from shared.accounts.permissions import Scope
from shared.models import User
from shared.schemas import answers, record_answers
from shared.schemas import api as schemas
from shared.schemas.accounts import UserInput


def register(api: Api) -> None:
    """`/users`."""
    _register_reading(api)
    _register_writing(api)


def _register_reading(api: Api) -> None:
    @api.operation(
        "GET", "/users", tag="users", scope=Scope.RECORDS_READ, summary="List users", filters="user",
        answers={200: answers.page_of(record_answers.UserOut, "User")},
    )  # fmt: skip
    def list_users() -> Reply:
        page = query.run(web.session(), _asked(), user_id=web.current_user.id)
        found: dict[str, Any] = {"items": [directory.show(u) for u in page.items], "next_cursor": page.next_cursor}
        return Reply(found if page.total is None else {**found, "total": page.total})

    @api.operation(
        "GET", "/users/{id}", tag="users", scope=Scope.RECORDS_READ, summary="Read one user",
        answers={200: record_answers.UserOut}, errors=(404,),
    )  # fmt: skip
    def get_user(id: int) -> Reply:
        return http.versioned(directory.show(directory.get(web.session(), id)))


def _asked() -> query.ListQuery:
    """The list asked for; `deleted=1` means the deactivated users, as it means the deleted of other types."""
    asked = query.parse("user", request.args.to_dict(flat=False))
    if any(wanted.field == "is_active" for wanted in asked.filters):
        return asked
    return replace(asked.with_filter("is_active", "0" if asked.deleted else "1"), cursor=asked.cursor)


def _register_writing(api: Api) -> None:
    @api.operation(
        "POST", "/users", tag="users", scope=Scope.USERS_MANAGE,
        summary="Create a user, or update the one with this external_id",
        body=schemas.UserCreate, answers={201: record_answers.UserOut, 200: record_answers.UserOut}, errors=(409,),
    )  # fmt: skip
    def create_user() -> Reply:
        user, result = upsert(http.json_object())
        if result != "created":
            return http.versioned(directory.show(user))
        return http.versioned(directory.show(user), status=201, location=url_for("api.get_user", id=user.id))

    @api.operation(
        "PATCH", "/users/{id}", tag="users", scope=Scope.USERS_MANAGE, summary="Change a user",
        body=schemas.UserPatch, answers={200: record_answers.UserOut}, errors=(404,), is_versioned=True,
    )  # fmt: skip
    def update_user(id: int) -> Reply:
        user = directory.get(web.session(), id)
        body = http.json_object()
        expecting = http.take_version(body)
        values = web.parse(schemas.UserPatch, body).model_dump(exclude_unset=True)
        directory.update(web.session(), user, _kept(values), by=web.actor(), expecting=expecting)
        return http.versioned(directory.show(user))

    @api.operation(
        "DELETE", "/users/{id}", tag="users", scope=Scope.USERS_MANAGE,
        summary="Deactivate a user: their access ends at once, what they did stays", answers={204: None},
        errors=(404, 409),
    )  # fmt: skip
    def delete_user(id: int) -> Reply:
        user = directory.get(web.session(), id)
        directory.expect(user, http.header_version())
        users.deactivate(web.session(), user, by=web.actor())
        return Reply(None, 204)

    @api.operation(
        "POST", "/users/{id}/restore", tag="users", scope=Scope.USERS_MANAGE, summary="Let a user in again",
        answers={200: record_answers.UserOut}, errors=(404,),
    )  # fmt: skip
    def restore_user(id: int) -> Reply:
        user = directory.get(web.session(), id, deleted=True)
        users.reactivate(web.session(), user, by=web.actor())
        return http.versioned(directory.show(user))


def upsert(data: dict[str, Any]) -> tuple[User, str]:
    """Create or update by external id. Returns (user, "created" | "updated" | "unchanged")."""
    session, by = web.session(), web.actor()
    external_id = data.get("external_id")
    known = directory.by_external_id(session, external_id.strip()) if isinstance(external_id, str) else None
    if known is None:
        new = web.parse(schemas.UserCreate, data)
        person = UserInput(email=new.email, name=new.name or "", role=new.role)
        return directory.create(session, person, external_id=new.external_id, by=by), "created"
    values = web.parse(schemas.UserPatch, data).model_dump(exclude_unset=True)
    was_active = known.is_active
    users.reactivate(session, known, by=by)
    changes = directory.update(session, known, _kept(values), by=by)
    return known, "updated" if changes or not was_active else "unchanged"


def _kept(values: dict[str, Any]) -> dict[str, Any]:
    """What may be set: a null leaves everything but the external id as it is."""
    return {k: v for k, v in values.items() if k not in ("version", "custom") and (v is not None or k == "external_id")}
