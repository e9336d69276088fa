"""The document is valid, complete, and says what the routes do; the page shows it without any script of its own."""

from __future__ import annotations

from typing import Any

from flask import Flask
from openapi_spec_validator import validate

from crm.api import api
from shared.schemas.record_answers import OUTPUTS


def test_the_document_is_valid_openapi_3_1(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json["openapi"].startswith("3.1")
    validate(answer.json)


def test_every_route_and_method_is_in_the_document_and_nothing_else(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").json
    documented = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    routed = {
        (rule.rule.replace("<", "{").replace(">", "}"), method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.openapi"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert documented == routed
    assert len(documented) == len(api.operations)


def test_operation_ids_are_unique_and_every_operation_names_its_errors(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").json
    operations = [op for methods in document["paths"].values() for op in methods.values()]
    ids = [op["operationId"] for op in operations]
    assert len(set(ids)) == len(ids)
    for operation in operations:
        assert {"401", "403", "422"} <= set(operation["responses"]), operation["operationId"]
    assert document["security"] == [{"bearer": []}]


def test_request_schemas_have_no_defaults_that_a_client_would_send(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").json
    for name, schema in document["components"]["schemas"].items():
        for field, entry in schema.get("properties", {}).items():
            assert "default" not in entry, f"{name}.{field}"


def test_every_type_of_the_contract_has_its_six_operations() -> None:
    ids = {operation.id for operation in api.operations}
    plurals = {"company": "companies", **{name: f"{name}s" for name in OUTPUTS if name != "company"}}
    for name, plural in plurals.items():
        wanted = {f"list_{plural}", *(f"{verb}_{name}" for verb in ("create", "get", "update", "delete", "restore"))}
        assert wanted <= ids


def test_the_page_for_people_shows_every_operation_to_everybody(stranger: Any) -> None:
    page = stranger.get("/api/docs")
    assert page.status_code == 200
    for operation in api.operations:
        assert f'id="{operation.id}"' in page.text
    assert "<script>" not in page.text
    assert "style=" not in page.text


def test_links_inside_the_page_lead_somewhere(stranger: Any) -> None:
    import re

    text = stranger.get("/api/docs").text
    ids = set(re.findall(r'id="([^"]+)"', text))
    assert {target for target in re.findall(r'href="#([^"]+)"', text) if target} <= ids


def test_head_and_options_need_no_surprise(alice_api: Any, app: Flask) -> None:
    head = app.test_client().head("/api/v1/companies", headers={"Authorization": f"Bearer {alice_api.token}"})
    assert (head.status_code, head.data) == (200, b"")
    assert "POST" in app.test_client().options("/api/v1/companies").headers["Allow"]
