"""A question about records as data: what is asked, of which rows, grouped and measured how, in which order.

Lists, dashboards and the assistant speak this one language; `compiler` turns it into SQL within the session's
workspace, so a plan can neither name another tenant nor write. It is small enough to constrain a language model to: no
recursion deeper than `MAX_DEPTH`, every name checked against `fields` and `metrics` before the database is asked.

    {"from": "company",                              companies …
     "where": {"type": "related", "relation": "deals", "absent": true,          … without …
               "where": {"type": "cmp", "field": "stage_type", "op": "eq", "values": ["open"]}},   … an open deal
     "order": [{"by": "name"}], "limit": 50}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_DEPTH = 6
MAX_ROWS = 200

#: `ne` and `not_in` keep rows without a value: "not in Berlin" includes those whose city nobody knows.
Operator = Literal["eq", "ne", "in", "not_in", "gte", "gt", "lte", "lt", "contains", "begins", "ends", "is"]
Granularity = Literal["day", "week", "month", "quarter", "year"]
#: `distinct` counts the different values of a field.
Aggregate = Literal["count", "distinct", "sum", "avg", "min", "max"]

Name = Annotated[str, Field(pattern=r"^(custom\.)?[a-z][a-z0-9_]{0,49}$")]
Value = Annotated[str, Field(max_length=500)]
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Cmp(_Part):
    """`field op values`, as in an address: text values, dates ISO or a relative token; several only for `in`.

    `is` takes `null` or `set`. A reference may be `me`: whoever asks.
    """

    type: Literal["cmp"] = "cmp"
    field: Name
    op: Operator = "eq"
    values: Annotated[tuple[Value, ...], Field(min_length=1, max_length=200)]


class And(_Part):
    type: Literal["and"] = "and"
    of: Annotated[tuple[Node, ...], Field(min_length=1, max_length=20)]


class Or(_Part):
    type: Literal["or"] = "or"
    of: Annotated[tuple[Node, ...], Field(min_length=1, max_length=20)]


class Not(_Part):
    type: Literal["not"] = "not"
    node: Node


class Related(_Part):
    """Rows that have a related row of this description; `absent`: that have none.

    `at_least` and `at_most` ask for so many of them; with `distinct`, for so many different values of that field of
    theirs: "met people of at least two companies".
    """

    type: Literal["related"] = "related"
    relation: Name
    absent: bool = False
    where: Node | None = None
    at_least: Count | None = None
    at_most: Count | None = None
    distinct: Name | None = None

    @property
    def is_counted(self) -> bool:
        return self.at_least is not None or self.at_most is not None


class Search(_Part):
    """Rows that have all of these words, found as the search box of a list finds them."""

    type: Literal["search"] = "search"
    q: Annotated[str, Field(min_length=1, max_length=500)]


Node = Annotated[Cmp | And | Or | Not | Related | Search, Field(discriminator="type")]


class Group(_Part):
    """One group for each value; `granularity` for dates and times only."""

    field: Name
    granularity: Granularity | None = None


class Measure(_Part):
    """A named metric of `shared.query.metrics`, or an aggregate of a field. Money is always measured per currency."""

    metric: Name | None = None
    aggregate: Aggregate | None = None
    field: Name | None = None

    @property
    def name(self) -> str:
        """The column it answers in, and what `order` calls it."""
        if self.metric:
            return self.metric
        return f"{self.aggregate}_{self.field}" if self.field else str(self.aggregate)


class Order(_Part):
    """By a field, or in a measured plan by a group's field or a measure's name."""

    by: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]{0,99}$")]
    descending: bool = False


class Having(_Part):
    """Only groups whose measure, by its name, is so: "stages with more than 5 deals".

    Money is in major units; of several currencies one suffices, unless `currency` says which.
    """

    by: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]{0,99}$")]
    op: Literal["eq", "gte", "gt", "lte", "lt"] = "gte"
    value: Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1e15, le=1e15)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None


class Versus(_Part):
    """The plan's figure beside the same measure of other records of its type.

    `ratio` is the first in percent of the second, `difference` the first less the second, each within one currency.
    """

    kind: Literal["ratio", "difference"]
    where: Node | None = None


#: Fewer rows than that in an order are the point of a question ("the five biggest"), and not a page of its answer.
RANKED_BELOW = 20


class Plan(_Part):
    """Without measures a plan answers rows; with them one row of values, or one for each group."""

    from_: Annotated[Name, Field(alias="from")]
    where: Node | None = None
    q: Annotated[str, Field(max_length=500)] = ""
    fields: Annotated[tuple[Name, ...], Field(max_length=12)] = ()
    group: Annotated[tuple[Group, ...], Field(max_length=2)] = ()
    measures: Annotated[tuple[Measure, ...], Field(max_length=3)] = ()
    order: Annotated[tuple[Order, ...], Field(max_length=3)] = ()
    limit: Annotated[int, Field(ge=1, le=MAX_ROWS)] = 50
    skip: Annotated[int, Field(strict=True, ge=0, le=10_000)] = 0
    having: Annotated[tuple[Having, ...], Field(max_length=3)] = ()
    versus: Versus | None = None

    @property
    def is_measured(self) -> bool:
        return bool(self.measures)

    @property
    def is_ranked(self) -> bool:
        """Whether it means the first few of an order, and not all that its conditions do."""
        return not self.is_measured and bool(self.skip or (self.order and self.limit < RANKED_BELOW))

    @property
    def of_rows(self) -> Plan:
        """The records themselves, whatever is measured or shown of them, in no order."""
        return Plan(from_=self.from_, where=self.where, q=self.q)


for _model in (And, Or, Not, Related, Versus, Plan):
    _model.model_rebuild()


def parts_of(node: Node | None) -> tuple[Node, ...]:
    """The conditions that all have to hold."""
    return node.of if isinstance(node, And) else () if node is None else (node,)


def joined(parts: Sequence[Node]) -> Node | None:
    """One condition: that all of these hold."""
    return None if not parts else parts[0] if len(parts) == 1 else And(of=tuple(parts))


def within(node: Node | None) -> Iterator[Node]:
    """A condition and every condition inside it, the outer one first."""
    if node is None:
        return
    yield node
    if isinstance(node, Related):
        yield from within(node.where)
    elif isinstance(node, Not):
        yield from within(node.node)
    elif isinstance(node, And | Or):
        for part in node.of:
            yield from within(part)
