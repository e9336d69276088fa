"""One table of the API's operations: each is a route, its permission and its documentation, said once.

    @api.operation("POST", "/batch", scope=Scope.RECORDS_WRITE, summary="…", body=Batch, answers={200: BatchOut})
    def run_batch() -> Reply: ...

The function's name is the operationId. Names in braces in the path reach the view as ids. OpenAPI is made from the
same table, so a route cannot be missing from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError

from crm import web
from crm.api import http
from crm.api.http import Reply
from crm.api.idempotency import once, relayed_once
from shared.accounts.permissions import Scope
from shared.errors import Conflict

View = Callable[..., Reply]


@dataclass(frozen=True, slots=True)
class Operation:
    """`body` is the JSON body's schema, `upload` the multipart one's; `answers` the good answers by status.

    `query` describes the query string; `filters` names the record type whose list filters apply. `is_relayed`: the view
    waits for the chatbot, so nothing may be locked meanwhile. `has_public_id`: `{id}` is a text such as `a_…`.
    `files` are media types in which the answer comes when it is not JSON.
    `is_reading`: it changes nothing whatever its method, so nothing is locked and no idempotency key is kept.
    """

    id: str
    method: str
    path: str
    scope: Scope
    summary: str
    tag: str
    answers: Mapping[int, type[BaseModel] | None]
    description: str = ""
    body: type[BaseModel] | None = None
    is_body_optional: bool = False
    upload: type[BaseModel] | None = None
    upload_bytes: int = http.UPLOAD_BYTES
    query: type[BaseModel] | None = None
    filters: str | None = None
    is_versioned: bool = False  # takes If-Match, may answer 409
    is_relayed: bool = False
    has_public_id: bool = False
    is_reading: bool = False
    files: tuple[str, ...] = ()
    errors: tuple[int, ...] = ()  # beside those every operation can give


class Api:
    """The operations registered on one blueprint."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self.operations: list[Operation] = []

    def operation(
        self, method: str, path: str, *, scope: Scope, summary: str, tag: str, id: str | None = None, **more: Any
    ) -> Callable[[View], View]:
        """Register a view; `more` are the further fields of `Operation`."""

        def decorate(view: View) -> View:
            operation = Operation(id or view.__name__, method, path, scope, summary, tag, **more)
            self.operations.append(operation)
            rule = path.replace("{", "<").replace("}", ">")
            guarded = web.requires(scope)(_endpoint(view, operation))
            self.blueprint.add_url_rule(rule, operation.id, guarded, methods=[method])
            return view

        return decorate


def _endpoint(view: View, operation: Operation) -> Callable[..., ResponseReturnValue]:
    limit = operation.upload_bytes if operation.upload else http.JSON_BYTES

    @wraps(view)
    def endpoint(**path: str) -> ResponseReturnValue:
        http.limit_body(limit)
        read_id = http.public_id if operation.has_public_id else http.path_id
        ids = {name: read_id(text) for name, text in path.items()}
        if operation.is_reading:
            web.only_read()
            return view(**ids).response()
        if operation.is_relayed:
            return relayed_once(lambda: view(**ids)).response()
        return _run(lambda: view(**ids)).response()

    return endpoint


def _run(view: Callable[[], Reply]) -> Reply:
    """Run a view, once more if another request took a unique value (an external id) between look and write."""
    try:
        return _once(view)
    except IntegrityError:
        _start_over()
    try:
        return _once(view)
    except IntegrityError as error:
        _start_over()
        raise Conflict("This clashes with another record: its external_id or another unique value is taken.") from error


def _once(view: Callable[[], Reply]) -> Reply:
    return once(view) if request.method == "POST" else view()


def _start_over() -> None:
    session = web.session()
    session.rollback()
    session.info.pop("outbox", None)  # jobs of what was rolled back
