"""The OpenAPI 3.1 document, made from the table of operations and the pydantic schemas.

Own code, because the routes are Flask views without annotations a library could read, and because defaults must not
stand in request schemas: a generated client would send them, and a PATCH would reset every field it did not name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from crm.api.idempotency import MAX_KEY_CHARS
from crm.api.operations import Operation
from shared import query
from shared.schemas.answers import Problem

VERSION = "1.0"
_REF = "#/components/schemas/{model}"
_DESCRIPTION = """\
Everything the CRM's pages do with records, for scripts. Send a token (`flask --app main create-token --email …`, or
*Settings → API tokens*) as `Authorization: Bearer aw_…`.

* **Lists** take `limit`, `cursor`, `q`, `sort`, `total=1`, `deleted=1`, filters by field, and `where`.
* **`POST /query`** counts, measures, groups and follows relations.
* **POST** with a known `external_id` updates that record (200) instead of making another (201).
* **PATCH** needs the version you read, in `If-Match` or as `version`; a stale one is 409 with the `current` record.
* **`Idempotency-Key`** on a POST makes sending it twice harmless for 24 hours.
* **Errors** are `application/problem+json` and name every wrong field.
"""
_OPERATORS = (
    "`field=value`, `field[ne]=`, `field[gte]=`, `field[gt]=`, `field[lte]=`, `field[lt]=`, `field[in]=a,b`, "
    "`field[not_in]=a,b`, `field[contains]=`, `field[begins]=`, `field[ends]=`, `field[is]=null|set`"
)
_WHERE = "A condition that filters cannot say, as compact JSON: a `where` of `POST /query`."
_EVERY = (400, 401, 403, 422)
_WITH_BODY = (413, 415)


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The whole document, ready for JSON."""
    models = _models(operations)
    _, definitions = models_json_schema(sorted(models, key=lambda pair: pair[0].__name__), ref_template=_REF)
    schemas = {name: _cleaned(schema) for name, schema in sorted(definitions["$defs"].items())}
    for upload in {operation.upload for operation in operations if operation.upload}:
        fields = schemas[upload.__name__]["properties"]
        fields |= {name: _without_null(entry) for name, entry in fields.items()}  # a form has no null
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(f"/api/v1{operation.path}", {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Afterword", "version": VERSION, "description": _DESCRIPTION},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in operations)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {_response_name(status): _problem(status) for status in _statuses(operations)},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "description": "A token of a user."}},
        },
    }


def _models(operations: Iterable[Operation]) -> set[tuple[type[BaseModel], JsonSchemaMode]]:
    found: set[tuple[type[BaseModel], JsonSchemaMode]] = {(Problem, "serialization")}
    for operation in operations:
        found |= {(model, "validation") for model in (operation.body, operation.upload) if model}
        found |= {(model, "serialization") for model in operation.answers.values() if model}
    return found


def _cleaned(schema: Any) -> Any:
    """Without defaults, which a client would send, and without titles that only repeat the name."""
    if isinstance(schema, list):
        return [_cleaned(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    cleaned = {key: _cleaned(value) for key, value in schema.items() if key != "default"}
    for name, entry in cleaned.get("properties", {}).items():
        if isinstance(entry, dict) and entry.get("title", "").replace(" ", "_").lower() == name:
            del entry["title"]
    return cleaned


def _operation(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": _parameters(operation),
        "responses": _responses(operation),
        "x-scope": operation.scope.value,
    }
    if operation.description:
        found["description"] = operation.description
    content = {"application/json": operation.body, "multipart/form-data": operation.upload}
    if any(content.values()):
        found["requestBody"] = {
            "required": not operation.is_body_optional,
            "content": {kind: _schema(model) for kind, model in content.items() if model},
        }
    return found


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if "{id}" in operation.path:
        kind = {"type": "string"} if operation.has_public_id else {"type": "integer", "minimum": 1}
        found.append({"name": "id", "in": "path", "required": True, "schema": kind})
    if operation.filters:
        found += _list_parameters(operation.filters)
    if operation.query:
        found += _query_parameters(operation.query)
    if operation.is_versioned or operation.method == "DELETE":
        found.append(_header("If-Match", 'The version that was read, in quotes: `"3"`.'))
    if operation.method == "POST" and not operation.is_reading:
        about = "Any text of your choice; the same request sent again under it gets the first answer for 24 hours."
        found.append(_header("Idempotency-Key", about, maxLength=MAX_KEY_CHARS))
    return found


def _header(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string", **schema}}


def _query_parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    required = schema.get("required", [])
    found = []
    for name, entry in schema["properties"].items():
        description = entry.pop("description", None)
        entry.pop("title", None)
        parameter = {"name": name, "in": "query", "required": name in required, "schema": _without_null(entry)}
        found.append({**parameter, "description": description} if description else parameter)
    return found


def _without_null(entry: dict[str, Any]) -> dict[str, Any]:
    """A parameter that is not sent is not null."""
    choices = [choice for choice in entry.get("anyOf", []) if choice.get("type") != "null"]
    return choices[0] if len(choices) == 1 else entry


def _list_parameters(type_name: str) -> list[dict[str, Any]]:
    fields = query.ENTITIES[type_name].fields.values()
    sortable = ", ".join(f"`{field.name}`" for field in fields if field.sort is not None)
    filterable = ", ".join(f"`{field.name}`" for field in fields)
    flag = {"type": "integer", "minimum": 0, "maximum": 1, "default": 0}
    parameters = [
        ("limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
        ("cursor", "`next_cursor` of the page before.", {"type": "string"}),
        ("q", "Words to find.", {"type": "string", "maxLength": 500}),
        ("where", _WHERE, {"type": "string", "maxLength": query.linking.LONGEST_WHERE}),
        ("sort", f"A field, with `-` before it to go down: {sortable}.", {"type": "string"}),
        ("total", "1: count the whole list.", flag),
        ("deleted", "1: what was deleted instead.", flag),
    ]
    found = [{"name": n, "in": "query", "description": d, "schema": s} for n, d, s in parameters]
    filters = {
        "name": "filter",
        "in": "query",
        "description": f"Filters stand in the address by their own names: {_OPERATORS}. Fields: {filterable}.",
        "style": "form",
        "explode": True,
        "schema": {"type": "object", "additionalProperties": {"type": "string"}},
    }
    return [*found, filters]


def _responses(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, model in operation.answers.items():
        answer: dict[str, Any] = {"description": HTTPStatus(status).phrase}
        if model is not None:
            answer["content"] = {"application/json": _schema(model)}
            answer["content"] |= _files(operation)
        elif operation.files:
            answer["content"] = _files(operation)
        if model is not None and "version" in model.model_fields:
            answer["headers"] = {"ETag": {"description": "The version, in quotes.", "schema": {"type": "string"}}}
        found[str(status)] = answer
    for status in _problems(operation):
        found[str(status)] = {"$ref": f"#/components/responses/{_response_name(status)}"}
    return found


def _files(operation: Operation) -> dict[str, Any]:
    return {kind: {"schema": {"type": "string", "format": "binary"}} for kind in operation.files}


def _problems(operation: Operation) -> list[int]:
    statuses = {*_EVERY, *operation.errors}
    if operation.body or operation.upload:
        statuses |= set(_WITH_BODY)
    if operation.method == "POST" and not operation.is_reading:
        statuses.add(409)  # a unique value was taken meanwhile
    if operation.is_versioned:
        statuses |= {409, 428}
    if operation.method != "GET" or operation.filters:
        statuses.add(503)
    return sorted(statuses)


def _statuses(operations: Iterable[Operation]) -> list[int]:
    return sorted({status for operation in operations for status in _problems(operation)})


def _response_name(status: int) -> str:
    return "".join(word.capitalize() for word in HTTPStatus(status).phrase.replace("-", " ").split())


def _problem(status: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}}
    return {"description": HTTPStatus(status).phrase, "content": content}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return {"schema": {"$ref": _REF.format(model=model.__name__)}}
