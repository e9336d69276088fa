"""`POST /query`, and the same conditions in the address of a list."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from shared.database import Database
from shared.models import Company, User
from tests.crm.api.conftest import Script, fields_of
from tests.factories import make_company, make_deal, make_pipeline

OPEN = {"type": "cmp", "field": "stage_type", "values": ["open"]}
TWO_DEALS = {"type": "related", "relation": "deals", "at_least": 2}
COUNTED = {"from": "deal", "measures": [{"metric": "count"}], "group": [{"field": "stage"}]}
WITHOUT_OPEN = {"type": "related", "relation": "deals", "absent": True, "where": OPEN}


@pytest.fixture
def sales(session: Any, alice: User) -> dict[str, int]:
    """Borealis with two open deals in two currencies, Cedar with one that was won."""
    stages = make_pipeline(session).stages
    borealis, cedar = make_company(session, name="Borealis", external_id="b-1"), make_company(session, name="Cedar")
    pilot = make_deal(session, name="Pilot", stage=stages[0], amount_minor=1_234_56, company_id=borealis.id)
    make_deal(session, name="Export", stage=stages[0], amount_minor=500, currency="JPY", company_id=borealis.id)
    make_deal(session, name="Won", stage=stages[2], amount_minor=9_00, company_id=cedar.id, owner_id=alice.id)
    return {"borealis": borealis.id, "cedar": cedar.id, "pilot": pilot.id}


def test_a_plan_is_answered_with_rows_a_sentence_and_a_link(alice_api: Script, sales: dict[str, int]) -> None:
    plan = {"from": "company", "where": WITHOUT_OPEN, "fields": ["city", "last_contact_at"]}
    answer = alice_api.post("/query", plan).json
    assert answer["rows"] == [
        {"type": "company", "id": sales["cedar"], "external_id": None, "name": "Cedar",
         "values": {"name": "Cedar", "city": None, "last_contact_at": None}}
    ]  # fmt: skip
    assert [column["name"] for column in answer["columns"]] == ["name", "city", "last_contact_at"]
    assert (answer["total"], answer["sentence"]) == (1, "Companies without open deals")
    assert answer["href"].startswith("/companies?where=")
    assert "value" not in answer and "groups" not in answer


def test_numbers_and_groups(alice_api: Script, sales: dict[str, int], alice: User) -> None:
    value = alice_api.post("/query", {"from": "deal", "measures": [{"metric": "open_pipeline"}]}).json["value"]
    assert value == [
        {"amount": 1234.56, "currency": "EUR", "minor": 123456}, {"amount": 500.0, "currency": "JPY", "minor": 500}
    ]  # fmt: skip
    grouped = {"from": "deal", "measures": [{"metric": "count"}], "group": [{"field": "owner_id"}]}
    assert alice_api.post("/query", grouped).json["groups"] == [
        {"name": "none", "key": None, "values": {"count": 2}},
        {"name": "Alice Archer", "key": alice.id, "values": {"count": 1}},
    ]
    mine = {"from": "deal", "where": {"type": "cmp", "field": "owner_id", "values": ["me"]}, "fields": ["amount"]}
    assert [row["values"]["amount"]["amount"] for row in alice_api.post("/query", mine).json["rows"]] == [9.0]


def test_counted_relations_stand_in_plans_and_in_lists(alice_api: Script, sales: dict[str, int]) -> None:
    answer = alice_api.post("/query", {"from": "company", "where": TWO_DEALS}).json
    assert ([row["name"] for row in answer["rows"]], answer["sentence"]) == (
        ["Borealis"], "Companies with at least 2 deals"
    )  # fmt: skip
    listed = alice_api.get("/companies", where=json.dumps(TWO_DEALS)).json["items"]
    assert [row["name"] for row in listed] == ["Borealis"]
    assert alice_api.get("/companies", where=json.dumps({**TWO_DEALS, "at_least": 2**70})).status_code == 422


def test_ties_and_figures_side_by_side(alice_api: Script, sales: dict[str, int]) -> None:
    found = alice_api.post("/query", {"from": "move", "measures": [{"metric": "count"}]}).json
    assert (found["value"], "figures" in found) == (0, False)
    share = {"from": "deal", "where": OPEN, "measures": [{"metric": "count"}], "versus": {"kind": "ratio"}}
    found = alice_api.post("/query", share).json
    assert (found["value"], found["figures"]) == (pytest.approx(66.666667), [2, 3])
    few = alice_api.post("/query", {**COUNTED, "having": [{"by": "count", "op": "lt", "value": 2}]}).json
    assert [(group["name"], group["values"]) for group in few["groups"]] == [("Won", {"count": 1})]


@pytest.mark.parametrize(
    ("path", "plan"),
    [
        ("from", {}),
        ("from", {"from": "workspace"}),
        ("where.of.1.field", {"from": "deal", "where": {"type": "and", "of": [OPEN, {**OPEN, "field": "secret"}]}}),
        ("where.values", {"from": "deal", "where": {**OPEN, "values": ["ajar"]}}),
        ("limit", {"from": "deal", "limit": 100_000}),
        ("surprise", {"from": "deal", "surprise": 1}),
        ("where.at_most", {"from": "company", "where": {**TWO_DEALS, "at_most": 1}}),
        ("where.at_least", {"from": "company", "where": {**TWO_DEALS, "at_least": 10**7}}),
        ("where.node.at_least", {"from": "company",
                                     "where": {"type": "not", "node": {**TWO_DEALS, "at_least": 10**18}}}),
        ("skip", {"from": "deal", "skip": 10**18}),
        ("having.0.value", {**COUNTED, "having": [{"by": "count", "value": 10**18}]}),
        ("having.0.by", {**COUNTED, "having": [{"by": "moons", "value": 1}]}),
        ("versus.kind", {"from": "deal", "measures": [{"metric": "count"}], "versus": {"kind": "sum"}}),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_plan_is_named(alice_api: Script, path: str, plan: dict[str, Any]) -> None:
    refused = alice_api.post("/query", plan)
    assert refused.status_code == 422
    assert fields_of(refused) == {path}


def test_a_plan_nested_without_end_is_refused(alice_api: Script) -> None:
    for levels in (10, 300, 20_000):
        deep = '{"type":"not","node":' * levels + json.dumps(OPEN) + "}" * levels
        body = f'{{"from":"deal","where":{deep}}}'
        assert alice_api.post("/query", data=body, content_type="application/json").status_code in (400, 422)


def test_mallory_asks_of_her_own(script: Any, cast: Any, sales: dict[str, int]) -> None:
    mallory = script(cast.mallory)
    for plan in (
        {"from": "deal"},
        {"from": "company", "where": {"type": "cmp", "field": "id", "values": [str(sales["borealis"])]}},
        {"from": "company", "where": WITHOUT_OPEN},
    ):
        answer = mallory.post("/query", plan).json
        assert (answer["rows"], answer["total"]) == ([], 0)
    asked = {"from": "deal", "where": {"type": "cmp", "field": "company_id", "values": [str(sales["borealis"])]}}
    assert "Borealis" not in mallory.post("/query", asked).text
    assert mallory.get("/companies", where=json.dumps(WITHOUT_OPEN)).json["items"] == []


def test_a_viewer_may_ask(script: Any, cast: Any, sales: dict[str, int]) -> None:
    assert script(cast.vera).post("/query", {"from": "deal"}).json["total"] == 3


def test_asking_waits_for_no_writer_and_keeps_no_key(
    alice_api: Script, database: Database, cast: Any, sales: dict[str, int]
) -> None:
    with database.session(cast.acme) as writer:
        writer.add(Company(name="Being written", name_key="being written", custom={}))
        writer.flush()  # on SQLite this holds the only write lock
        key = {"Idempotency-Key": "k"}
        assert alice_api.post("/query", {"from": "deal"}, headers=key).json["total"] == 3
        assert alice_api.post("/query", {"from": "company"}, headers=key).json["total"] == 2


def test_lists_take_the_same_conditions(alice_api: Script, sales: dict[str, int]) -> None:
    found = alice_api.get("/companies", where=json.dumps(WITHOUT_OPEN), total=1).json
    assert ([item["name"] for item in found["items"]], found["total"]) == (["Cedar"], 1)
    assert alice_api.get("/deals", **{"amount[gt]": "1000", "owner_id[ne]": "me"}).json["items"][0]["name"] == "Pilot"
    for nonsense in ("{", "[]", "null", '{"type":"cmp","field":"secret","values":["1"]}', "x" * 7000):
        refused = alice_api.get("/companies", where=nonsense)
        assert refused.status_code == 422
        assert fields_of(refused) == {"where"}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_who_reads_german_is_told_what_is_wrong_in_german_alone(alice_api: Script, session: Any, alice: User) -> None:
    alice.locale = "de"
    session.commit()

    def cmp(field: str, value: Any, op: str = "eq") -> dict[str, Any]:
        return {"from": "deal", "where": {"type": "cmp", "field": field, "op": op, "values": [value]}}

    asked: list[Any] = [
        cmp("expected_close", "soonish"), cmp("nofield", "x"), cmp("name", "x", "gt"), cmp("amount", 5, "between"),
        cmp("lost_reason", None), {"from": "planet"}, {"from": "deal", "where": {"type": "nope"}}, [], {},
        {"from": "deal", "measures": [{"metric": "nometric"}]}, {"from": "deal", "order": [{"field": "x"}]},
        {"from": "deal", "measures": [{"metric": "count"}], "group": [{"field": "stage"}] * 4},
        {"from": "deal", "measures": [{"aggregate": "sum", "field": "name"}]}, {"from": "deal", "limit": 10**9},
    ]  # fmt: skip
    answers = [alice_api.post("/query", plan) for plan in asked]
    answers += [
        alice_api.get("/companies", **{name: "zz"}) for name in ("limit", "sort", "cursor", "employees", "nothing")
    ]
    answers += [alice_api.post("/tasks", {"title": "A", "due_date": "x"}), alice_api.get("/audit", since="x")]
    answers += [alice_api.post("/deals", {"name": "A", "amount": "1.234567", "currency": "EUR"})]
    english = re.compile(r"\b(is|are|of|or|the|there|should|must|no|not|and|it|takes|input|valid)\b")
    for answer in answers:
        assert answer.status_code in (400, 422)
        for said in [answer.json["detail"], *(error["message"] for error in answer.json["errors"])]:
            assert not english.search(re.sub(r"'[^']*'|\[[^]]*\]|(: |sind )[\w, ]+\.$", "", said)), said
