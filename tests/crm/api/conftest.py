"""Scripts with tokens. Every answer they get is held against the OpenAPI document, so the document cannot drift."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from crm.api import api
from crm.api.openapi import document
from shared.accounts import tokens
from shared.database import Database
from shared.events import SYSTEM
from shared.models import Base, User
from shared.tenancy import EVERY_WORKSPACE, TenantSession


@cache
def openapi() -> dict[str, Any]:
    """The document that is served."""
    return json.loads(json.dumps(document(api.operations)))


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(schema), "components": openapi()["components"]})


def check_answer(rule: str, method: str, response: TestResponse) -> None:
    """Raise unless the document allows this answer to this operation."""
    operation = openapi()["paths"][rule][method.lower()]
    answer = operation["responses"].get(str(response.status_code))
    assert answer is not None, f"{operation['operationId']} does not document {response.status_code}: {response.text}"
    if "$ref" in answer:
        answer = openapi()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    if "content" not in answer:
        assert response.data == b""
        return
    assert response.mimetype in answer["content"]
    content = answer["content"][response.mimetype]
    if not response.is_json and response.mimetype != "application/problem+json":
        return  # a file
    errors = list(_validator(json.dumps(content["schema"])).iter_errors(response.json))
    assert not errors, f"{operation['operationId']}: {errors[0].json_path}: {errors[0].message}"


@dataclass
class Script:
    """A program with a token. `get("/companies/1")`, `post("/companies", {...})`."""

    app: Flask
    token: str | None

    def ask(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= kwargs.pop("headers", {})
        url = path if path.startswith("/api") else f"/api/v1{path}"
        response = self.app.test_client().open(url, method=method, headers=headers, **kwargs)
        with self.app.test_request_context(url, method=method) as context:
            rule = context.request.url_rule
        if rule is not None and rule.endpoint.startswith("api.") and rule.endpoint != "api.openapi":
            check_answer(rule.rule.replace("<", "{").replace(">", "}"), method, response)
        return response

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.ask("GET", path, query_string=query)

    def post(self, path: str, body: Any = None, **kwargs: Any) -> TestResponse:
        return self.ask("POST", path, **({"json": body} if body is not None else {}), **kwargs)

    def patch(self, path: str, body: Any, *, version: int | None = None) -> TestResponse:
        headers = {"If-Match": f'"{version}"'} if version is not None else {}
        return self.ask("PATCH", path, json=body, headers=headers)

    def delete(self, path: str, **kwargs: Any) -> TestResponse:
        return self.ask("DELETE", path, **kwargs)

    def upload(self, data: bytes, name: str = "call.txt", **fields: Any) -> TestResponse:
        headers = fields.pop("headers", {})
        boundary, body = encode_multipart({"file": FileStorage(BytesIO(data), name), **fields})
        kind = f"multipart/form-data; boundary={boundary}"
        return self.ask("POST", "/meetings", data=body, content_type=kind, headers=headers)

    def made(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A new record."""
        response = self.post(path, body)
        assert response.status_code in (201, 202), response.text
        found: dict[str, Any] = response.json
        return found


@pytest.fixture
def script(app: Flask, database: Database) -> Callable[[int | None], Script]:
    """`script(cast.alice)`: a program with a token of that user; `script(None)`: without one."""

    def with_token(user_id: int | None) -> Script:
        if user_id is None:
            return Script(app, None)
        with database.scope(EVERY_WORKSPACE) as session:
            user = session.get_one(User, user_id)
            session.enter(user.workspace_id)
            _, secret = tokens.create(session, user, "test", by=SYSTEM)
        return Script(app, secret)

    return with_token


@pytest.fixture
def alice_api(script: Callable[[int | None], Script], cast: Any) -> Iterator[Script]:
    """Alice's program: an admin's token."""
    yield script(cast.alice)


def fields_of(response: TestResponse) -> set[str]:
    """The paths a problem names."""
    assert response.mimetype == "application/problem+json", response.text
    return {error["path"] for error in response.json["errors"]}


@pytest.fixture
def count(session: TenantSession) -> Callable[..., int]:
    """`count(Company)`: how many rows there are, optionally only those that meet conditions."""

    def counted(model: type[Base], *where: Any) -> int:
        found = session.scalar(select(func.count()).select_from(model).where(*where))
        session.commit()  # lets SQLite's write lock go
        return found or 0

    return counted
