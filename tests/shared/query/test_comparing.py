"""Groups chosen by their measure, places further down, and one figure beside another, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from shared import query
from shared.errors import Invalid
from shared.query import Money, Plan
from shared.query.linking import MAX_ROWS
from tests.shared.query.test_ask import OPEN, Ask, ask, both, business, cmp, euros, related

__all__ = ["ask", "business"]  # fixtures

COUNT = [{"metric": "count"}]
BY_STAGE = [{"field": "stage"}]
BY_OWNER = [{"field": "owner_id"}]
BY_AMOUNT = [{"by": "amount", "descending": True}]


def groups(ask: Ask, measure: str, group: Any, **having: Any) -> set[str]:
    found = ask("deal", measures=[measure], group=group, having=[{"by": measure, **having}])
    assert found.total == len(found.groups)
    return {group.name for group in found.groups}


def test_groups_are_chosen_by_how_many_there_are(ask: Ask) -> None:
    assert groups(ask, "count", BY_STAGE, op="gt", value=1) == {"Qualification", "Proposal", "Won"}
    assert groups(ask, "count", BY_STAGE, op="lte", value=1) == {"Lost"}
    assert groups(ask, "count", BY_STAGE, op="eq", value=2.0) == {"Qualification", "Proposal", "Won"}
    assert groups(ask, "count", BY_STAGE, value=3) == set()


def test_groups_are_chosen_by_money_of_one_currency(ask: Ask) -> None:
    assert groups(ask, "open_pipeline", BY_OWNER, op="gte", value=9000) == {"Alice Archer", "Bob Baker"}
    assert groups(ask, "open_pipeline", BY_OWNER, op="gt", value=9000, currency="EUR") == {"Alice Archer"}
    assert groups(ask, "open_pipeline", BY_OWNER, op="gt", value=26000.5, currency="EUR") == set()
    assert groups(ask, "open_pipeline", BY_OWNER, op="lt", value=1, currency="USD") == {"Alice Archer", "none"}


def test_what_was_not_measured_is_within_no_bound(ask: Ask) -> None:
    assert "Qualification" not in groups(ask, "win_rate", BY_STAGE, op="lt", value=101)
    assert groups(ask, "win_rate", BY_STAGE, op="gt", value=99.5) == {"Won"}


def test_the_second_largest_is_a_place_further_down(ask: Ask) -> None:
    second = ask("deal", where=OPEN, order=BY_AMOUNT, limit=1, skip=1)
    assert [row.name for row in second.rows] == ["Export"]
    assert (second.total, second.is_truncated) == (4, True)
    assert second.href.endswith("sort=-amount&limit=2")
    rest = ask("deal", where=OPEN, order=BY_AMOUNT, limit=10, skip=2)
    assert ([row.name for row in rest.rows], rest.total, rest.is_truncated) == (["Pilot", "Unpriced"], 4, False)
    beyond = ask("deal", where=OPEN, order=BY_AMOUNT, skip=10)
    assert (beyond.rows, beyond.total, beyond.is_truncated) == ([], 4, False)
    assert f"limit={MAX_ROWS}" in ask("deal", skip=9_999).href


def test_places_of_groups(ask: Ask) -> None:
    found = ask(
        "deal", measures=["count"], group=BY_OWNER, order=[{"by": "count", "descending": True}], limit=1, skip=1
    )
    assert [group.name for group in found.groups] == ["Bob Baker"]
    assert (found.total, found.is_truncated) == (3, True)


def test_a_share_is_one_figure_in_percent_of_another(ask: Ask) -> None:
    in_proposal = both(OPEN, cmp("stage", "Proposal"))
    found = ask("deal", measures=["count"], where=in_proposal, versus={"kind": "ratio", "where": OPEN})
    assert (found.value, found.figures, found.columns[0].type) == (50, (2, 4), "percent")
    euro = cmp("currency", "EUR")
    money = ask(
        "deal", measures=["open_pipeline"], where=both(euro, cmp("stage", "Proposal")),
        versus={"kind": "ratio", "where": euro},
    )  # fmt: skip
    assert money.value == pytest.approx(100 * 25_000_50 / 26_000_50)
    assert money.figures == (euros(25_000_50), euros(26_000_50))


def test_amounts_in_several_currencies_have_no_share(ask: Ask) -> None:
    found = ask("deal", measures=["open_pipeline"], where=cmp("currency", "EUR"), versus={"kind": "ratio"})
    assert (found.value, found.figures[1]) == (None, [euros(26_000_50), Money(9_000_00, "USD")])
    other = ask("deal", measures=["open_pipeline"], where=cmp("currency", "EUR"),
                versus={"kind": "ratio", "where": cmp("currency", "USD")})  # fmt: skip
    assert other.value is None
    none = ask("deal", measures=["won_amount"], where=cmp("name", "Nothing"),
               versus={"kind": "ratio", "where": cmp("currency", "USD")})  # fmt: skip
    assert none.value == 0
    assert ask("deal", measures=["count"], versus={"kind": "ratio", "where": cmp("name", "Nothing")}).value is None


def test_a_difference_is_taken_within_each_currency(ask: Ask) -> None:
    won, lost = cmp("stage_type", "won"), cmp("stage_type", "lost")
    count = ask("deal", measures=["count"], where=lost, versus={"kind": "difference", "where": won})
    assert (count.value, count.figures, count.columns[0].type) == (-1, (1, 2), "count")
    money = ask("deal", measures=["total_amount"], where=won, versus={"kind": "difference", "where": lost})
    assert money.value == [euros(3_000_01), Money(3_000_00, "USD")]
    assert ask("deal", measures=["total_amount"], where=won, versus={"kind": "difference", "where": won}).value == [
        euros(0), Money(0, "USD")
    ]  # fmt: skip
    nothing = cmp("name", "Nothing")
    zero = ask("deal", measures=["won_amount"], where=nothing, versus={"kind": "difference", "where": nothing})
    assert zero.value == euros(0)
    unknown = ask("deal", measures=["average_deal"], where=nothing, versus={"kind": "difference"})
    assert unknown.value is None


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("having.0", {"measures": COUNT, "having": [{"by": "count", "value": 1}]}),
        ("having.0.by", {"measures": COUNT, "group": BY_STAGE, "having": [{"by": "amount", "value": 1}]}),
        ("having.0.currency", {"measures": COUNT, "group": BY_STAGE,
                               "having": [{"by": "count", "value": 1, "currency": "EUR"}]}),
        ("having.0.by", {"measures": [{"aggregate": "max", "field": "closed_at"}], "group": BY_STAGE,
                         "having": [{"by": "max_closed_at", "value": 1}]}),
        ("skip", {"measures": COUNT, "skip": 1}),
        ("versus", {"versus": {"kind": "ratio"}}),
        ("versus", {"measures": COUNT, "group": BY_STAGE, "versus": {"kind": "ratio"}}),
        ("versus", {"measures": [{"aggregate": "max", "field": "closed_at"}], "versus": {"kind": "difference"}}),
        ("versus.where.field", {"measures": COUNT, "versus": {"kind": "ratio", "where": cmp("moon", "1")}}),
        ("versus.where.relation", {"measures": COUNT, "versus": {"kind": "ratio", "where": related("moons")}}),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_named(path: str, more: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        query.check_plan(Plan.model_validate({"from": "deal", **more}))
    assert [error.path for error in refused.value.errors] == [path]


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("skip", {"skip": -1}), ("skip", {"skip": 10**400}), ("skip", {"skip": 1.5}), ("skip", {"skip": True}),
        *(("value", {"measures": COUNT, "group": BY_STAGE, "having": [{"by": "count", "value": value}]})
          for value in (10**400, 10**16, float("nan"), float("inf"), "5", True)),
    ],
)  # fmt: skip
def test_numbers_that_are_none_or_too_large_are_refused(name: str, more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        Plan.model_validate({"from": "deal", **more})
    assert refused.value.errors()[0]["loc"][-1] == name
