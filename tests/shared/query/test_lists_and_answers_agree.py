"""Whatever can be asked: a plan, the list behind its link, SQLite and PostgreSQL all mean the same rows.

Plans are made up by Hypothesis from the tables of fields, relations and metrics, so a new field is asked here from the
day it exists.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import tests.conftest
from shared import clock, query
from shared.database import Database
from shared.errors import Invalid
from shared.models import Role, User, Workspace
from shared.query import Plan, Result, compiler, conditions, lists
from shared.query.comparing import NUMBERS
from shared.query.fields import ENTITIES
from shared.query.linking import PATHS
from shared.query.metrics import METRICS, metric_of
from shared.query.plan import MAX_DEPTH, Measure
from shared.query.relations import RELATIONS
from shared.query.types import Field, FieldType
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from tests.shared.query.ground import NOW, found

BOUNDED = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
ZONE = ZoneInfo("America/New_York")
ME = 1


# ------------------------------------------------------------------------------------------------------------- ground


@pytest.fixture(scope="module")
def databases(
    sqlite_template: Path, postgresql: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Database]]:
    """The same business in both."""
    path = tmp_path_factory.mktemp("agree") / "afterword.db"
    shutil.copyfile(sqlite_template, path)
    tests.conftest._empty(postgresql.connection)
    both = [Database(f"sqlite:///{path}"), Database(postgresql.url)]
    for database in both:
        _fill(database)
    yield both
    for database in both:
        database.dispose()


def _fill(database: Database) -> None:
    clock.configure(NOW)
    with database.scope(EVERY_WORKSPACE) as session:
        workspace = Workspace(name="Acme", own_domains=[], timezone="Europe/Berlin", week_start=6, fiscal_year_start=4)
        session.add(workspace)
        session.flush()
        people = [
            User(workspace_id=workspace.id, name=n, email=f"{n}@a.example", role=Role.ADMIN) for n in ("Al", "Bo")
        ]
        for person in people:  # one by one: ids in this order on every database
            session.add(person)
            session.flush()
        ids = [person.id for person in people]
    with database.session(workspace.id) as session:
        found(session, *ids)
    clock.configure(None)


@pytest.fixture
def sessions(databases: list[Database]) -> Iterator[list[TenantSession]]:
    clock.configure(NOW)
    with databases[0].session(1, read_only=True) as one, databases[1].session(1, read_only=True) as other:
        yield [one, other]


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Whether the next answer treats its rows as too many to look up one by one."""
    return lambda are: monkeypatch.setattr(compiler, "FEW", 0 if are else 2000)


# -------------------------------------------------------------------------------------------------------------- plans

_NUMBERS = ["0", "1", "3", "12", "60", "100", "120", "1000", "25000.5", "-1", "2.5"]
_TIMES = [
    "today", "yesterday", "this_week", "last_month", "next_quarter", "this_year", "last_7_days", "last_60_days",
    "last_3_months", "next_2_weeks", "overdue", "2026-10-31", "2026-11-01", "2026-11-20", "2026-11-08T11:00:00Z",
    "2026-10-31T23:30",
]  # fmt: skip
_TEXTS = [
    "Berlin", "Borealis", "Jane", "Delta, Sons & Co", "roe", "e", " ", "%", "Proposal", "Food", "EUR", "null", "me",
    "it's", 'a "b"', "Ü", "1,2",
]  # fmt: skip


def _values(field: Field, op: str) -> st.SearchStrategy[str]:
    if op == "is":
        return st.sampled_from(["null", "set"])
    if field.type is FieldType.TEXT:
        return st.sampled_from(_TEXTS)
    if field.type in (FieldType.NUMBER, FieldType.MONEY):
        return st.sampled_from(_NUMBERS)
    if field.type is FieldType.DATE:
        return st.sampled_from([value for value in _TIMES if "T" not in value])
    if field.type is FieldType.DATETIME:
        return st.sampled_from(_TIMES)
    if field.type is FieldType.REF:
        return st.sampled_from(["1", "2", "3", "99", *(["me"] if field.target == "user" else [])])
    return st.sampled_from(field.choices or ["true", "false"])


@st.composite
def compared(draw: st.DrawFn, entity: str) -> dict[str, Any]:
    field = draw(st.sampled_from(list(ENTITIES[entity].fields.values())))
    op = draw(st.sampled_from(sorted(conditions.OPERATORS[field.type])))
    several = op in ("in", "not_in")
    values = draw(st.lists(_values(field, op), min_size=1, max_size=3 if several else 1))
    return {"type": "cmp", "field": field.name, "op": op, "values": values}


@st.composite
def counts(draw: st.DrawFn, target: str) -> dict[str, Any]:
    """How many related records there are to be, or nothing of it."""
    least, most = draw(st.none() | st.integers(0, 3)), draw(st.none() | st.integers(0, 3))
    bounds = sorted(n for n in (least, most) if n is not None)
    found: dict[str, Any] = {}
    if least is not None:
        found["at_least"] = bounds[0]
    if most is not None:
        found["at_most"] = bounds[-1]
    single = [field.name for field in ENTITIES[target].fields.values() if field.expression is not None]
    if found and draw(st.booleans()):
        found["distinct"] = draw(st.sampled_from(single))
    return found


@st.composite
def nodes(draw: st.DrawFn, entity: str, depth: int = 1) -> dict[str, Any]:
    kinds = ["cmp", "cmp"] if depth == MAX_DEPTH else ["cmp", "cmp", "and", "or", "not", "related", "search"]
    kind = draw(st.sampled_from(kinds))
    if kind == "cmp" or (kind == "related" and not RELATIONS[entity]):
        return draw(compared(entity))
    if kind == "search":
        return {"type": "search", "q": draw(st.sampled_from(_TEXTS))}
    if kind == "not":
        return {"type": "not", "node": draw(nodes(entity, depth + 1))}
    if kind == "related":
        relation = draw(st.sampled_from(list(RELATIONS[entity].values())))
        where = draw(st.none() | nodes(relation.target, depth + 1))
        found = {"type": "related", "relation": relation.name, "where": where}
        count = draw(counts(relation.target))
        return {**found, **count} if count else {**found, "absent": draw(st.booleans())}
    return {"type": kind, "of": draw(st.lists(nodes(entity, depth + 1), min_size=1, max_size=3))}


@st.composite
def row_plans(draw: st.DrawFn, entities: tuple[str, ...] = tuple(ENTITIES)) -> dict[str, Any]:
    entity = draw(st.sampled_from(entities))
    sortable = [field.name for field in ENTITIES[entity].fields.values() if field.sort is not None]
    order = draw(st.none() | st.sampled_from(sortable))
    shown = [field.name for field in ENTITIES[entity].fields.values() if field.selected is not None]
    return {
        "from": entity,
        "where": draw(st.none() | nodes(entity)),
        "fields": draw(st.lists(st.sampled_from(shown), max_size=4)),
        "order": [{"by": order, "descending": draw(st.booleans())}] if order else [],
        "limit": draw(st.sampled_from([3, 50, 200])),
        "skip": draw(st.sampled_from([0, 0, 1, 4])),
    }


@st.composite
def measured_plans(draw: st.DrawFn) -> dict[str, Any]:
    entity = draw(st.sampled_from(sorted(ENTITIES)))
    fields = ENTITIES[entity].fields.values()
    measure = draw(
        st.sampled_from([{"metric": m.name} for m in METRICS.values() if m.entity in ("", entity)])
        | st.builds(
            lambda aggregate, field: {"aggregate": aggregate, "field": field},
            st.sampled_from(["sum", "avg", "min", "max", "count"]),
            st.sampled_from([f.name for f in fields if f.type in (FieldType.NUMBER, FieldType.MONEY)] or ["id"]),
        )
    )
    if measure.get("field") == "id":
        measure["aggregate"] = "count"
    if draw(st.integers(0, 3)) == 0:
        told_apart = [f.name for f in fields if f.type is not FieldType.MONEY]
        measure = {"aggregate": "distinct", "field": draw(st.sampled_from(told_apart))}
    field = draw(st.none() | st.sampled_from(list(fields)))
    granularity = None
    if field is not None and field.type in (FieldType.DATE, FieldType.DATETIME):
        granularity = draw(st.sampled_from([None, "day", "week", "month", "quarter", "year"]))
    group = [{"field": field.name, "granularity": granularity}] if field is not None else []
    plan = {"from": entity, "where": draw(st.none() | nodes(entity)), "measures": [measure], "group": group}
    return {**plan, **draw(_compared(entity, Measure.model_validate(measure), is_grouped=bool(group)))}


@st.composite
def _compared(draw: st.DrawFn, entity: str, measure: Measure, *, is_grouped: bool) -> dict[str, Any]:
    """A bound of the groups' figures and a place to begin at, or another figure to compare with."""
    if metric_of(ENTITIES[entity], measure).unit not in NUMBERS or draw(st.booleans()):
        return {}
    if not is_grouped:
        kind, where = draw(st.sampled_from(["ratio", "difference"])), draw(st.none() | nodes(entity))
        return {"versus": {"kind": kind, "where": where}}
    op, value = draw(st.sampled_from(["eq", "gt", "gte", "lt", "lte"])), draw(st.sampled_from([0, 1, 2.5, 9000]))
    return {"having": [{"by": measure.name, "op": op, "value": value}], "skip": draw(st.integers(0, 2))}


def answer(session: TenantSession, plan: dict[str, Any]) -> Result:
    return query.ask(session, Plan.model_validate(plan), user_id=ME, zone=ZONE)


def both_ways(sessions: list[TenantSession], plan: dict[str, Any], many: Any, *, are: bool) -> Iterator[Result]:
    """By each database, one of them as if there were many rows."""
    for session, large in zip(sessions, (are, not are), strict=True):
        many(large)
        yield answer(session, plan)


# -------------------------------------------------------------------------------------------------------------- tests


@BOUNDED
@given(plan=row_plans(tuple(PATHS)), are_many=st.booleans())
def test_the_list_behind_the_link_shows_the_rows_of_the_answer(
    sessions: list[TenantSession], many: Any, plan: Any, are_many: bool
) -> None:
    session = sessions[0]
    many(are_many)
    result = answer(session, plan)
    many(not are_many)
    assert result.href, plan
    parts = urlsplit(result.href)
    entity = next(name for name, path in PATHS.items() if path == parts.path)
    asked = query.parse(entity, parse_qs(parts.query, keep_blank_values=True))
    page = lists.run(session, replace(asked, with_total=True), user_id=None, zone=ZONE)  # links name their user
    assert [row.id for row in page.items][plan["skip"] :] == [row.id for row in result.rows]
    assert page.total == result.total
    again = query.parse(entity, {name: [value] for name, value in asked.args().items()})
    assert again == asked


@BOUNDED
@given(plan=row_plans(), are_many=st.booleans())
def test_both_databases_answer_with_the_same_rows(
    sessions: list[TenantSession], many: Any, plan: Any, are_many: bool
) -> None:
    one, other = both_ways(sessions, plan, many, are=are_many)
    assert (one.total, one.sentence, one.href) == (other.total, other.sentence, other.href)
    by_text = plan["order"] and ENTITIES[plan["from"]].fields[plan["order"][0]["by"]].type is FieldType.TEXT
    if not by_text:  # texts stand in the order of the database's language
        assert [row.id for row in one.rows] == [row.id for row in other.rows]
    values = {row.id: row.values for row in other.rows}
    for row in one.rows:
        assert row.id not in values or values[row.id] == row.values


@BOUNDED
@given(plan=measured_plans(), are_many=st.booleans())
def test_both_databases_measure_the_same(sessions: list[TenantSession], many: Any, plan: Any, are_many: bool) -> None:
    one, other = both_ways(sessions, plan, many, are=are_many)
    assert (one.total, one.value, one.figures) == (other.total, other.value, other.figures)
    assert [(g.name, g.key, g.values) for g in one.groups] == [(g.name, g.key, g.values) for g in other.groups]
    listed = answer(sessions[0], {"from": plan["from"], "where": plan["where"]})
    if plan["measures"] == [{"metric": "count"}] and not plan["group"]:
        assert (one.figures[0] if one.figures else one.value) == listed.total


_WORDS = st.sampled_from(
    ["from", "where", "type", "cmp", "and", "or", "not", "related", "of", "node", "field", "op", "values", "relation",
     "deal", "company", "amount", "eq", "gt", "in", "is", "null", "open", "measures", "metric", "count", "group",
     "order", "by", "limit", "skip", "having", "versus", "ratio", "kind", "value",
     "at_least", "distinct", "fields", "q", "absent", "1", "me", "\0", "\ud800", "x" * 600, "'; DROP TABLE deal; --"]
)  # fmt: skip
_LEAVES = _WORDS | st.integers() | st.booleans() | st.none() | st.floats()
_BRANCHES = st.lists(_LEAVES, max_size=3) | st.dictionaries(_WORDS, _LEAVES, max_size=5)
_JUNK = _LEAVES | _BRANCHES | st.dictionaries(_WORDS, _LEAVES | _BRANCHES | st.lists(_BRANCHES, max_size=3), max_size=5)


@BOUNDED
@given(
    junk=_JUNK,
    plan=row_plans(),
    at=st.sampled_from(["from", "where", "fields", "order", "limit", "group", "q", "skip", "having", "versus"]),
)
def test_nonsense_is_refused_and_never_breaks_anything(
    sessions: list[TenantSession], junk: Any, plan: Any, at: str
) -> None:
    for session in sessions:
        with suppress(Invalid, ValidationError):
            answer(session, {**plan, at: junk})
    for text in (json.dumps(junk), str(junk), json.dumps({"type": "not", "node": junk})):
        try:
            query.run(sessions[0], query.parse("deal", {"where": [text]}), user_id=ME)
        except Invalid as refused:
            assert [error.path for error in refused.errors] == ["where"]


def test_conditions_nested_without_end_are_refused() -> None:
    for deep in ('{"type":"not","node":' * 60, '{"type":"and","of":[' * 60, "[" * 5000):
        with pytest.raises(Invalid):
            query.parse("deal", {"where": [deep]})
        closed = (
            deep
            + '{"type":"cmp","field":"name","values":["x"]}'
            + "".join({"{": "}", "[": "]"}[c] for c in reversed(deep) if c in "{[")
        )
        with pytest.raises(Invalid):
            query.parse("deal", {"where": [closed]})


def test_a_plan_too_long_for_an_address_has_no_link() -> None:
    values = [f"{i:0100}" for i in range(150)]
    plan = Plan.model_validate(
        {"from": "deal", "where": {"type": "cmp", "field": "name", "op": "in", "values": values}}
    )
    assert query.href(plan) == ""
    assert query.href(Plan.model_validate({"from": "user"})) == ""
