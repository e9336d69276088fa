"""Plans answered, on both databases: which rows, which numbers, and nothing of anybody else's."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import reduce
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from shared import query
from shared.errors import Invalid, Unavailable
from shared.models import User, Workspace
from shared.query import Money, Plan, Result, compiler, drilling
from shared.query.plan import MAX_DEPTH
from shared.query.relations import RELATIONS
from shared.tenancy import TenantSession
from tests.factories import make_contact, make_meeting, make_note, make_task
from tests.shared.query.ground import NOW, Business, ago, found

Ask = Callable[..., Result]


def cmp(field: str, *values: str, op: str = "eq") -> dict[str, Any]:
    return {"type": "cmp", "field": field, "op": op, "values": list(values)}


def both(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"type": "and", "of": list(nodes)}


def either(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"type": "or", "of": list(nodes)}


def not_(node: dict[str, Any]) -> dict[str, Any]:
    return {"type": "not", "node": node}


def related(relation: str, where: dict[str, Any] | None = None, *, absent: bool = False) -> dict[str, Any]:
    return {"type": "related", "relation": relation, "absent": absent, "where": where}


OPEN = cmp("stage_type", "open")
TOO_DEEP = reduce(lambda node, _: not_(node), range(MAX_DEPTH), OPEN)


@pytest.fixture
def business(session: TenantSession, acme: Workspace, alice: User, bob: User) -> Business:
    acme.timezone = "Europe/Berlin"
    session.commit()
    return found(session, alice.id, bob.id)


@pytest.fixture
def ask(session: TenantSession, business: Business, alice: User) -> Ask:
    """`ask("deal", where=…)` as Alice."""

    def answer(entity: str, **plan: Any) -> Result:
        measures = [{"metric": m} if isinstance(m, str) else m for m in plan.pop("measures", ())]
        whole = {"from": entity, **plan, **({"measures": measures} if measures else {})}
        return query.ask(session, Plan.model_validate(whole), user_id=alice.id)

    return answer


def names(result: Result) -> set[str]:
    return {row.name for row in result.rows}


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


# --------------------------------------------------------------------------------------------------------------- rows


def test_rows_come_with_their_names_columns_and_how_many_there_are(ask: Ask, business: Business) -> None:
    found = ask("deal", where=OPEN, order=[{"by": "amount", "descending": True}], limit=2)
    assert [row.name for row in found.rows] == ["Rollout", "Export"]
    assert (found.total, found.is_truncated, found.entity) == (4, True, "deal")
    assert [column.name for column in found.columns] == [
        "name",
        "company",
        "stage",
        "amount",
        "expected_close",
        "owner",
    ]
    row = found.rows[0]
    assert (row.type, row.id) == ("deal", business.deals["Rollout"].id)
    assert row.values == {
        "name": "Rollout", "company": "Borealis", "stage": "Proposal", "amount": euros(25_000_50),
        "expected_close": date(2026, 12, 15), "owner": "Alice Archer",
    }  # fmt: skip


def test_rows_without_a_value_come_last_either_way(ask: Ask) -> None:
    up, down = (ask("deal", where=OPEN, order=[{"by": "expected_close", "descending": d}]).rows for d in (False, True))
    assert [row.name for row in up] == ["Export", "Pilot", "Rollout", "Unpriced"]
    assert [row.name for row in down] == ["Rollout", "Pilot", "Export", "Unpriced"]


def test_notes_are_called_by_their_first_line_and_contacts_without_a_name_by_their_address(
    ask: Ask, session: TenantSession
) -> None:
    make_contact(session, first_name="", last_name="", email="info@x.example")
    assert "Call" in names(ask("note"))
    assert names(ask("contact", where=cmp("first_name", "Jane", op="ne"))) >= {"info@x.example", "Karl Roe"}
    found = ask("contact", where=cmp("first_name", "Jane"), fields=["email", "phone", "company"])
    assert found.rows[0].values == {
        "name": "Jane Roe", "email": "jane@borealis.example", "phone": None, "company": "Borealis"
    }  # fmt: skip


def test_what_was_deleted_is_neither_there_nor_named(ask: Ask) -> None:
    assert "Bin" not in names(ask("deal"))
    assert ask("contact", where=cmp("first_name", "Nils"), fields=["company"]).rows[0].values["company"] is None
    assert ask("contact", where=cmp("company", "Gone")).rows == []
    assert names(ask("contact", where=related("company", cmp("city", "Berlin")))) == {"Jane Roe", "Karl Roe"}


def test_only_what_was_accepted_in_meetings_that_are_still_there_is_known(ask: Ask) -> None:
    assert names(ask("insight", where=cmp("kind", "objection"))) == {"It is too dear."}
    found = ask("insight", where=cmp("company", "Borealis"), order=[{"by": "kind"}], fields=["kind", "contact", "deal"])
    assert [row.values["kind"] for row in found.rows] == ["decision", "objection"]
    assert found.rows[1].values["contact"] == "Jane Roe"
    assert names(ask("insight", q="dear")) == {"It is too dear."}
    assert names(ask("meeting", where=related("insights", cmp("kind", "objection")))) == {"Review"}


# --------------------------------------------------------------------------------------------------------- conditions


def test_a_condition_and_its_opposite_share_all_rows_between_them(ask: Ask) -> None:
    everybody = {row.id for row in ask("company").rows}
    for node in (
        cmp("city", "Berlin"), cmp("employees", "20", op="lt"), cmp("industry", "Food", "Energy", op="in"),
        cmp("owner_id", "me"), cmp("last_contact_at", "last_30_days", op="gte"), cmp("owner", "Alice Archer"),
        cmp("open_deals", "1", op="gte"), related("deals", OPEN), cmp("city", "null", op="is"),
        either(cmp("city", "Ulm"), cmp("employees", "3")), both(cmp("country", "Germany"), related("meetings")),
    ):  # fmt: skip
        yes, no = ({row.id for row in ask("company", where=asked).rows} for asked in (node, not_(node)))
        assert (yes & no, yes | no) == (set(), everybody), node


def test_not_in_berlin_includes_those_whose_city_nobody_knows(ask: Ask) -> None:
    assert names(ask("company", where=cmp("city", "Berlin", op="ne"))) == {"Cedar Foods", "Delta, Sons & Co", "Elm"}
    assert names(ask("company", where=cmp("city", "Berlin", "Ulm", op="not_in"))) == {"Delta, Sons & Co", "Elm"}


def test_relations_are_followed_and_missed(ask: Ask) -> None:
    assert names(ask("company", where=related("deals", OPEN, absent=True))) == {"Delta, Sons & Co", "Elm"}
    assert names(ask("company", where=related("contacts", related("meetings")))) == {"Borealis", "Cedar Foods"}
    assert names(ask("deal", where=related("contacts", cmp("first_name", "Karl")))) == {"Pilot"}
    assert names(ask("contact", where=related("deals", OPEN))) == {"Jane Roe", "Karl Roe", "Mona Roe"}
    assert names(ask("contact", where=related("meetings", absent=True))) == {"Nils Roe"}
    assert names(ask("task", where=related("deal", cmp("name", "Pilot")))) == {"Today"}
    assert names(ask("meeting", where=related("tasks"))) == {"Review"}
    assert names(ask("deal", where=related("notes"))) == {"Unpriced"}
    assert names(ask("user", where=related("deals", OPEN))) == {"Alice Archer", "Bob Baker"}
    assert names(ask("company", where=related("deals", related("company", related("contacts"))))) == {
        "Borealis", "Cedar Foods"
    }  # fmt: skip


def test_last_contact_is_the_latest_meeting_or_note_that_has_been(ask: Ask) -> None:
    rows = ask("company", fields=["last_contact_at", "last_meeting_at", "open_deals"]).rows
    last = {row.name: row.values["last_contact_at"] for row in rows}
    assert last == {"Borealis": ago(12), "Cedar Foods": ago(61), "Delta, Sons & Co": ago(1), "Elm": None}
    assert {row.name: row.values["last_meeting_at"] for row in rows}["Delta, Sons & Co"] is None
    assert {row.name: row.values["open_deals"] for row in rows} == {
        "Borealis": 2, "Cedar Foods": 1, "Delta, Sons & Co": 0, "Elm": 0
    }  # fmt: skip
    people = {row.name: row.values["last_contact_at"] for row in ask("contact", fields=["last_contact_at"]).rows}
    assert people["Karl Roe"] == ago(40)


def test_last_contact_can_be_asked_as_any_time(ask: Ask) -> None:
    everybody = {"Borealis", "Cedar Foods", "Delta, Sons & Co"}
    for op, value, expected in (
        ("gte", "last_30_days", everybody - {"Cedar Foods"}),
        ("lt", "last_30_days", {"Cedar Foods"}),
        ("lte", "2026-11-08", everybody - {"Delta, Sons & Co"}),
        ("lt", "2026-11-08", {"Cedar Foods"}),
        ("gt", "2026-11-08", {"Delta, Sons & Co"}),
        ("eq", "this_month", everybody - {"Cedar Foods"}),
        ("eq", "last_3_months", everybody),
        ("is", "null", {"Elm"}),
        ("is", "set", everybody),
        ("gt", "next_week", set()),
    ):
        assert names(ask("company", where=cmp("last_contact_at", value, op=op))) == expected, (op, value)


def test_days_without_activity_are_counted_for_open_deals(ask: Ask) -> None:
    rows = {row.name: row.values for row in ask("deal", fields=["stale_days", "days_in_stage", "age_days"]).rows}
    assert {name: values["stale_days"] for name, values in rows.items()} == {
        "Pilot": 75, "Rollout": 12, "Export": 3, "Unpriced": 4, "First": None, "Second": None, "Missed": None
    }  # fmt: skip
    assert (rows["Rollout"]["days_in_stage"], rows["Pilot"]["days_in_stage"]) == (45, 100)
    assert rows["First"]["age_days"] == 120


def test_days_are_compared_as_they_are_shown(ask: Ask) -> None:
    everything = {"Pilot", "Rollout", "Export", "Unpriced"}
    for op, value, expected in (
        ("gte", "12", {"Pilot", "Rollout"}), ("gt", "12", {"Pilot"}), ("lte", "4", {"Export", "Unpriced"}),
        ("lt", "4", {"Export"}), ("eq", "12", {"Rollout"}), ("gte", "11.5", {"Pilot", "Rollout"}),
        ("eq", "11.5", set()), ("lt", "0", set()), ("gte", "0", everything), ("gte", "9999999", set()),
        ("ne", "12", everything - {"Rollout"} | {"First", "Second", "Missed"}),
    ):  # fmt: skip
        assert names(ask("deal", where=cmp("stale_days", value, op=op))) == expected, (op, value)


def test_mine_are_those_of_whoever_asks(ask: Ask, session: TenantSession, bob: User, alice: User) -> None:
    assert names(ask("deal", where=both(OPEN, cmp("owner_id", "me")))) == {"Pilot", "Rollout"}
    plan = Plan.model_validate({"from": "deal", "where": both(OPEN, cmp("owner_id", "me"))})
    assert names(query.ask(session, plan, user_id=bob.id)) == {"Export"}
    with pytest.raises(Invalid):
        query.ask(session, plan, user_id=None)
    assert ask("company", where=cmp("name", "me", op="contains")).rows == []  # a word among others elsewhere
    assert ask("company", where=cmp("city", "me")).rows == []


def test_overdue_is_what_is_open_and_was_due_before_today(ask: Ask) -> None:
    assert names(ask("task", where=cmp("is_overdue", "true"))) == {"Late"}
    assert names(ask("task", where=cmp("due_date", "overdue"))) == {"Late"}
    assert ask("task", where=cmp("is_overdue", "false"), measures=["count"]).value == 4


def test_days_begin_where_the_asker_is(ask: Ask, session: TenantSession, alice: User) -> None:
    plan = Plan.model_validate({"from": "meeting", "where": cmp("occurred_at", "2026-11-01")})
    assert names(query.ask(session, plan, user_id=alice.id)) == {"Night call"}
    assert names(query.ask(session, plan, user_id=alice.id, zone=ZoneInfo("UTC"))) == set()
    assert names(query.ask(session, plan, user_id=alice.id, zone=ZoneInfo("Asia/Tokyo"))) == {"Late call", "Night call"}


# ----------------------------------------------------------------------------------------------------------- measures


def test_money_is_never_added_up_across_currencies(ask: Ask) -> None:
    assert ask("deal", measures=["open_pipeline"]).value == [euros(26_000_50), Money(9_000_00, "USD")]
    assert ask("deal", measures=["open_pipeline"], where=cmp("currency", "EUR")).value == euros(26_000_50)
    assert ask("deal", measures=["won_amount"]).value == [euros(7_000_01), Money(3_000_00, "USD")]
    assert ask("deal", measures=["lost_amount"]).value == euros(4_000_00)
    # 10 % of 1,000.00 and 50 % of 25,000.50; half a cent goes up
    assert ask("deal", measures=["weighted_pipeline"]).value == [euros(12_600_25), Money(4_500_00, "USD")]
    assert ask("deal", measures=["average_deal"], where=OPEN).value == [euros(13_000_25), Money(9_000_00, "USD")]
    assert ask("deal", measures=[{"aggregate": "max", "field": "amount"}]).value == [
        euros(25_000_50), Money(9_000_00, "USD")
    ]  # fmt: skip


def test_of_nothing_sums_are_zero_and_averages_unknown(ask: Ask) -> None:
    nothing = cmp("name", "No such deal")
    for metric in ("open_pipeline", "won_amount", "total_amount", "weighted_pipeline"):
        assert ask("deal", measures=[metric], where=nothing).value == euros(0)
    for metric in ("average_deal", "win_rate", "average_cycle_days", "average_stale_days"):
        assert ask("deal", measures=[metric], where=nothing).value is None
    assert ask("deal", measures=["count"], where=nothing).value == 0


def test_rates_and_averages(ask: Ask) -> None:
    assert ask("deal", measures=["win_rate"]).value == pytest.approx(66.666667)
    assert ask("deal", measures=["average_cycle_days"]).value == 80  # 60 and 100 days
    assert ask("deal", measures=["average_stale_days"]).value == pytest.approx((75 + 12 + 3 + 4) / 4)
    assert ask("meeting", measures=["total_duration_s"]).value == 2820.5
    assert ask("company", measures=[{"aggregate": "avg", "field": "employees"}]).value == 46
    assert ask("meeting", measures=[{"aggregate": "max", "field": "occurred_at"}]).value > NOW
    assert ask("company", measures=[{"aggregate": "count", "field": "city"}]).value == 3


def test_several_measures_answer_by_name_and_total_says_of_how_many(ask: Ask) -> None:
    found = ask("deal", measures=["count", "win_rate"])
    assert found.value == {"count": 7, "win_rate": pytest.approx(66.666667)}
    assert found.total == 7
    assert [column.type for column in found.columns] == ["count", "percent"]


def test_groups_are_named_and_the_largest_comes_first(ask: Ask, alice: User) -> None:
    found = ask("deal", measures=["count", "open_pipeline"], group=[{"field": "owner_id"}])
    assert [(group.name, group.values["count"]) for group in found.groups] == [
        ("Alice Archer", 3), ("Bob Baker", 2), ("none", 2)
    ]  # fmt: skip
    assert found.groups[0].key == alice.id
    assert [group.values["open_pipeline"] for group in found.groups] == [
        euros(26_000_50), Money(9_000_00, "USD"), euros(0)
    ]  # fmt: skip
    largest = {"order": [{"by": "open_pipeline", "descending": True}], "limit": 1}
    by_amount = ask("deal", measures=["open_pipeline"], group=[{"field": "stage"}], **largest)
    assert [group.name for group in by_amount.groups] == ["Proposal"]
    assert (by_amount.total, by_amount.is_truncated) == (2, True)


@pytest.mark.parametrize("field", ["stage", "stage_id"])
def test_stages_come_in_the_order_in_which_deals_go_through_them(ask: Ask, field: str) -> None:
    found = ask("deal", measures=["count"], group=[{"field": field}])
    assert [group.name for group in found.groups] == ["Qualification", "Proposal", "Won", "Lost"]


def test_groups_can_be_ordered_by_name(ask: Ask) -> None:
    found = ask("company", measures=["count"], group=[{"field": "industry"}], order=[{"by": "industry"}])
    assert [group.name for group in found.groups] == ["Energy", "Food", "none"]


def test_records_stand_in_each_group_they_belong_to(ask: Ask) -> None:
    found = ask("meeting", measures=["count"], group=[{"field": "contact_id"}])
    assert {group.name: group.values["count"] for group in found.groups} == {
        "Jane Roe": 2, "Karl Roe": 1, "Lena Roe": 1, "Mona Roe": 1, "none": 2
    }  # fmt: skip


def test_two_groups_make_a_table(ask: Ask) -> None:
    found = ask("deal", measures=["count"], group=[{"field": "stage_type"}, {"field": "currency"}])
    assert {tuple(group.key): group.values["count"] for group in found.groups} == {
        ("open", "EUR"): 2, ("open", "USD"): 1, ("open", None): 1, ("won", "EUR"): 1, ("won", "USD"): 1,
        ("lost", "EUR"): 1,
    }  # fmt: skip
    assert found.groups[0].name == "open · EUR"


def test_months_are_those_of_the_askers_zone(ask: Ask, session: TenantSession, alice: User) -> None:
    group = [{"field": "occurred_at", "granularity": "month"}]
    found = ask("meeting", measures=["count"], group=group)
    assert [(row.name, row.values["count"]) for row in found.groups] == [
        ("September 2026", 2), ("October 2026", 1), ("November 2026", 3)
    ]  # fmt: skip
    assert found.groups[0].key == date(2026, 9, 1)
    plan = Plan.model_validate({"from": "meeting", "measures": [{"metric": "count"}], "group": group})
    in_utc = query.ask(session, plan, user_id=alice.id, zone=ZoneInfo("UTC"))
    assert [row.values["count"] for row in in_utc.groups] == [2, 2, 2]


def test_a_day_with_a_time_is_the_askers_day_in_the_group_as_in_its_list(
    session: TenantSession, alice: User, acme: Workspace
) -> None:
    at = datetime(2026, 11, 2, 12, 30, tzinfo=UTC)  # the third in Auckland
    for due in ({"due_at": at, "due_date": at.date()}, {"due_date": at.date()}):
        make_task(session, **due)
    group = [{"field": "due_date", "granularity": "day"}]
    wish = {"from": "task", "measures": [{"metric": "count"}], "group": group}
    plan, zone = Plan.model_validate(wish), ZoneInfo("Pacific/Auckland")
    found = query.ask(session, plan, user_id=alice.id, zone=zone)
    assert [(row.key, row.values["count"]) for row in found.groups] == [(date(2026, 11, 2), 1), (date(2026, 11, 3), 1)]
    for row in found.groups:
        path = drilling.href(found.plan, row.key)
        asked = query.parse("task", parse_qs(urlsplit(path).query))
        assert len(query.run(session, asked, user_id=alice.id, zone=zone).items) == 1


def _behind(of: str, metric: str, group: dict[str, str], key: object, *where: tuple[str, str, str]) -> dict[str, str]:
    conditions = [{"type": "cmp", "field": field, "op": op, "values": [value]} for field, op, value in where]
    wish = {"from": of, "measures": [{"metric": metric}], "group": [group], "where": {"type": "and", "of": conditions}}
    return dict(parse_qsl(urlsplit(drilling.href(Plan.model_validate(wish), key)).query))


def test_the_list_behind_a_group_is_asked_for_in_as_few_conditions_as_say_it() -> None:
    month = {"field": "closed_at", "granularity": "month"}
    year = [("stage_type", "eq", "won"), ("closed_at", "gte", "2026-01-01"), ("closed_at", "lt", "2027-01-01")]
    behind = {"stage_type": "won", "closed_at[gte]": "2026-03-01", "closed_at[lt]": "2026-04-01"}
    assert _behind("deal", "won_amount", month, date(2026, 3, 1), *year) == behind
    assert _behind("contact", "count", {"field": "source"}, "Fair", ("source", "is", "set")) == {"source": "Fair"}
    # What says more than the group stays: half a month, a day in words, that none is set.
    late = _behind("deal", "won_amount", month, date(2026, 3, 1), ("closed_at", "gte", "2026-03-16"))
    assert "2026-03-16" in str(late) and "2026-03-01" in str(late)
    assert "this_week" in str(_behind("deal", "won_amount", month, date(2026, 3, 1), ("closed_at", "gte", "this_week")))
    none = _behind("contact", "count", {"field": "source"}, None, ("source", "is", "set"))
    assert "set" in str(none)


def test_weeks_and_years_begin_where_the_workspace_says(ask: Ask, session: TenantSession, acme: Workspace) -> None:
    acme.week_start, acme.fiscal_year_start = 6, 10
    session.commit()
    weeks = ask("meeting", measures=["count"], group=[{"field": "occurred_at", "granularity": "week"}]).groups
    assert {group.key.weekday() for group in weeks} == {6}
    years = ask("meeting", measures=["count"], group=[{"field": "occurred_at", "granularity": "year"}]).groups
    assert [(group.name, group.key, group.values["count"]) for group in years] == [
        ("2025/26", date(2025, 10, 1), 2), ("2026/27", date(2026, 10, 1), 4)
    ]  # fmt: skip
    quarters = ask("deal", measures=["won_amount"], group=[{"field": "closed_at", "granularity": "quarter"}]).groups
    assert [group.key for group in quarters] == [date(2026, 7, 1), date(2026, 10, 1)]


# ------------------------------------------------------------------------------------------------------ what is wrong


@pytest.mark.parametrize(
    ("path", "plan"),
    [
        ("from", {"from": "workspace"}),
        ("fields.1", {"from": "deal", "fields": ["name", "password_hash"]}),
        ("fields.0", {"from": "task", "fields": ["company_id"]}),
        ("where.field", {"from": "deal", "where": cmp("workspace_id", "1")}),
        ("where.of.1.values", {"from": "deal", "where": both(OPEN, cmp("amount", "lots", op="gt"))}),
        ("where.op", {"from": "deal", "where": cmp("amount", "1", op="contains")}),
        ("where.values", {"from": "deal", "where": cmp("amount", "1", "2")}),
        ("where.values", {"from": "deal", "where": cmp("company_id", "me")}),
        ("where.values", {"from": "company", "where": cmp("created_at", "last_0_days")}),
        ("where.relation", {"from": "deal", "where": related("pipelines")}),
        ("where.where.field", {"from": "deal", "where": related("company", cmp("amount", "1"))}),
        ("where" + ".node" * MAX_DEPTH, {"from": "deal", "where": TOO_DEEP}),
        ("group", {"from": "deal", "group": [{"field": "stage"}]}),
        ("group.0.field", {"from": "deal", "group": [{"field": "moon"}], "measures": [{"metric": "count"}]}),
        ("group.0.granularity", {"from": "deal", "group": [{"field": "stage", "granularity": "month"}],
                                 "measures": [{"metric": "count"}]}),
        ("group.1.field", {"from": "deal", "group": [{"field": "stage"}] * 2, "measures": [{"metric": "count"}]}),
        ("measures.0", {"from": "deal", "measures": [{"metric": "profit"}]}),
        ("measures.0", {"from": "contact", "measures": [{"metric": "win_rate"}]}),
        ("measures.0", {"from": "deal", "measures": [{"aggregate": "sum", "field": "name"}]}),
        ("measures.0", {"from": "deal", "measures": [{"aggregate": "sum"}]}),
        ("measures.0", {"from": "deal", "measures": [{}]}),
        ("measures", {"from": "deal", "measures": [{"metric": "count"}, {"aggregate": "count"}]}),
        ("order.0.by", {"from": "deal", "order": [{"by": "moon"}]}),
        ("order.0.by", {"from": "note", "order": [{"by": "body"}]}),
        ("order.0.by", {"from": "deal", "measures": [{"metric": "count"}], "order": [{"by": "amount"}]}),
        ("q", {"from": "deal", "q": "a\0b"}),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_named(path: str, plan: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        query.check_plan(Plan.model_validate(plan))
    assert [error.path for error in refused.value.errors] == [path]


def test_a_question_that_takes_too_long_is_given_up_and_the_session_goes_on(ask: Ask, session: TenantSession) -> None:
    began = time.monotonic()
    with pytest.raises(Unavailable) as given_up, compiler.limited(session, 0.2):
        session.execute(text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"))
    assert time.monotonic() - began < 5
    assert "too long" in given_up.value.detail
    assert ask("company", measures=["count"]).value == 4


def test_after_an_answer_the_limit_is_gone(ask: Ask, session: TenantSession) -> None:
    before = None if session.get_bind().dialect.name == "sqlite" else session.scalar(text("SHOW statement_timeout"))
    ask("company")
    if before is not None:
        assert session.scalar(text("SHOW statement_timeout")) == before
    steps = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT count(*) FROM n"
    assert session.scalar(text(steps)) == 200_000


# ------------------------------------------------------------------------------------------------------------ Mallory


def test_mallory_is_answered_from_her_own_workspace(
    business: Business, mallory_session: TenantSession, mallory: User
) -> None:
    for entity in query.ENTITIES.values():
        mine = ["Mallory Marsh"] if entity.name == "user" else []

        def answer(name: str = entity.name, **plan: Any) -> Result:
            return query.ask(mallory_session, Plan.model_validate({"from": name, **plan}), user_id=mallory.id)

        assert [row.name for row in answer().rows] == mine
        assert answer(measures=[{"metric": "count"}]).value == len(mine)
        assert answer(where=cmp("id", "1")).rows == []
        for relation in RELATIONS[entity.name]:
            assert answer(where=related(relation)).rows == [], relation
        for field in entity.fields.values():
            assert len(answer(measures=[{"metric": "count"}], group=[{"field": field.name}]).groups) == len(mine)


def test_nothing_leaks_through_a_row_that_points_at_another_workspace(
    business: Business, session: TenantSession, mallory_session: TenantSession, mallory: User
) -> None:
    jane, pilot = business.contacts["Jane"], business.deals["Pilot"]
    stray = make_contact(mallory_session, first_name="Stray")
    stray.company_id = business.companies["Borealis"].id
    meeting = make_meeting(mallory_session, title="Hers", deal_id=None)
    meeting.deal_id, meeting.company_id = pilot.id, business.companies["Borealis"].id
    mallory_session.commit()

    def answer(entity: str, **plan: Any) -> Result:
        return query.ask(mallory_session, Plan.model_validate({"from": entity, **plan}), user_id=mallory.id)

    row = answer("contact", fields=["company", "last_contact_at"]).rows[0]
    assert row.values == {"name": row.name, "company": None, "last_contact_at": None}
    assert answer("contact", where=related("company")).rows == []
    assert answer("contact", where=cmp("company", "bor", op="contains")).rows == []
    assert answer("meeting", where=related("deal")).rows == []
    groups = answer("meeting", measures=[{"metric": "count"}], group=[{"field": "deal_id"}]).groups
    assert [group.name for group in groups] == [f"no. {pilot.id}"]
    by_name = answer("meeting", measures=[{"metric": "count"}], group=[{"field": "company"}]).groups
    assert [group.name for group in by_name] == ["none"]
    plan = Plan.model_validate({"from": "deal", "where": both(cmp("company_id", str(jane.company_id)), OPEN)})
    assert query.sentence(mallory_session, plan, user_id=mallory.id) == f"Open deals of no. {jane.company_id}"
    assert query.ask(mallory_session, plan, user_id=mallory.id).rows == []
    # and what she has does not count in Alice's answers
    make_note(mallory_session)
    make_task(mallory_session)
    mine = query.ask(session, Plan.model_validate({"from": "company", "fields": ["last_meeting_at"]}), user_id=None)
    assert {r.name: r.values["last_meeting_at"] for r in mine.rows}["Borealis"] == ago(12)
