"""Anything at all, at every route: an answer the document allows, never an error of ours."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.api import api
from crm.api.operations import Operation
from shared import query
from shared.schemas.api import CREATES, PATCHES

BOUNDED = settings(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

_numbers = st.one_of(
    st.integers(-5, 5), st.sampled_from([0, 2**31 - 1, 2**31, 2**53, 2**63 - 1, -(2**63), 1e300, -0.0, 0.1])
)
_odd = ["", " ", "\0", "a\0b", "null", "1", "-1", "%", "'", '"', "\u202e", "x" * 5000, "a@b.example", "2026-02-30"]
_odd += ["2026-11-20T09:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31", "99999999999"]
_texts = st.one_of(st.text(max_size=12), st.sampled_from(_odd))
_values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), _numbers, _texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_texts, inner, max_size=3)),
    max_leaves=6,
)


def _names(operation: Operation) -> list[str]:
    """Field names this operation knows, so that values get past the front door."""
    model = operation.body
    return sorted(model.model_fields) if model else ["x"]


@pytest.fixture
def seeded(alice_api: Any) -> Any:
    """Something to hit: ids 1 exist for most types."""
    items = [
        {"type": "company", "data": {"name": "A", "external_id": "a"}},
        {"type": "contact", "data": {"last_name": "R", "company_external_id": "a"}},
        {"type": "deal", "data": {"name": "D", "company_external_id": "a"}},
        {"type": "task", "data": {"title": "T"}},
        {"type": "note", "data": {"body": "N"}},
        {"type": "meeting", "data": {"title": "M", "utterances": [{"speaker": "Jane", "text": "Hello."}]}},
    ]
    assert alice_api.post("/batch", {"items": items}).status_code == 200
    return alice_api


#: What is relayed waits for a service that is not there, and says so with a 503.
WRITING = [op for op in api.operations if op.body and not op.is_relayed]


@BOUNDED
@given(data=st.data())
def test_any_body_is_answered(seeded: Any, data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(WRITING))
    fields = st.sampled_from(_names(operation))
    body = data.draw(st.one_of(st.dictionaries(fields, _values, max_size=4), _values))
    path = operation.path.replace("{id}", "1")
    answer = seeded.ask(
        operation.method, path, data=json.dumps(body), content_type="application/json", headers={"If-Match": "*"}
    )
    assert answer.status_code < 500


@BOUNDED
@given(data=st.data())
def test_any_field_of_a_good_record_may_go_bad(seeded: Any, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(CREATES)))
    plural = "companies" if name == "company" else f"{name}s"
    good = {"name": "x"} if name in ("company", "deal", "pipeline") else {"last_name": "x"}
    good = {"task": {"title": "x"}, "note": {"body": "x"}}.get(name, good)
    field = data.draw(st.sampled_from(sorted(PATCHES[name].model_fields)))
    body = {**good, field: data.draw(_values)}
    assert seeded.post(f"/{plural}", body).status_code < 500
    assert seeded.ask("PATCH", f"/{plural}/1", json=body, headers={"If-Match": "*"}).status_code < 500


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
@BOUNDED
@given(data=st.data())
def test_any_query_is_answered(seeded: Any, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(query.ENTITIES)))
    plural = {"company": "companies"}.get(name, f"{name}s")
    operators = st.sampled_from(["", "[gte]", "[lte]", "[in]", "[contains]", "[is]", "[eq]", "[x]", "["])
    fields = st.sampled_from([*sorted(query.ENTITIES[name].fields), "q", "sort", "cursor", "limit", "total", "deleted"])
    values = st.one_of(_texts, _numbers.map(str), st.sampled_from(["today", "this_week", "me", "set", "null", "1,2"]))
    asked = data.draw(st.dictionaries(st.tuples(fields, operators).map("".join), values, max_size=3))
    assert seeded.get(f"/{plural}", **asked).status_code < 500
    for path in ("/search", "/timeline", "/audit", "/meetings/1/utterances", "/meetings/1/insights"):
        assert seeded.get(path, **asked).status_code < 500
    assert seeded.get("/search", q=data.draw(_texts)).status_code < 500


@BOUNDED
@given(
    raw=st.binary(max_size=40),
    key=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
    seed=st.integers(0, 10_000),
)
def test_any_bytes_are_answered(seeded: Any, raw: bytes, key: str, seed: int) -> None:
    operation = random.Random(seed).choice(WRITING)
    headers = {"If-Match": "*", "Idempotency-Key": key}
    path = operation.path.replace("{id}", "1")
    for kind in ("application/json", "multipart/form-data; boundary=b", "text/plain"):
        answer = seeded.ask(operation.method, path, data=raw, content_type=kind, headers=headers)
        assert 400 <= answer.status_code < 500 or operation.is_body_optional
