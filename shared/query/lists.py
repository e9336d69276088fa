"""Lists: parsed from an address, answered a page at a time; `compiler` says which rows are meant, as for answers.

Pages are found by key, not by counting: page 2,000 costs what page 1 does (`paging`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select

from shared.errors import FieldError, Invalid
from shared.query import compiler, conditions, cursors, linking, paging
from shared.query.catalog import catalog
from shared.query.conditions import Viewpoint
from shared.query.fields import ENTITIES, Entity, Field
from shared.query.following import followed
from shared.query.plan import And, Cmp, Node, Order, Plan, Search
from shared.tenancy import TenantSession

DEFAULT_LIMIT = linking.DEFAULT_LIMIT
MAX_LIMIT = 200
#: For lists whose conditions somebody may have nested as deep as they go.
TIME_LIMIT_S = 10.0

_PARAMETER = re.compile(r"^([a-z_]+|custom\.[a-z][a-z0-9_]*)(?:\[([a-z_]+)\])?$")
_LONGEST_Q = 500


@dataclass(frozen=True, slots=True)
class Filter:
    """`field[op]=value`; the values as they stand in an address, several only for `in` and `not_in`."""

    field: str
    op: str
    values: tuple[str, ...]

    @property
    def parameter(self) -> str:
        """Its name in an address."""
        return self.field if self.op == "eq" else f"{self.field}[{self.op}]"


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A list to look at, bookmark or send to a colleague. `sort` is a field, with `-` before it to go down; `where`
    says what filters cannot."""

    type: str
    filters: tuple[Filter, ...] = ()
    q: str = ""
    sort: str = ""
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    with_total: bool = False
    deleted: bool = False
    where: Node | None = None

    @property
    def order(self) -> str:
        """`sort`, or the type's own order."""
        return self.sort or ENTITIES[self.type].default_sort

    def with_filter(self, name: str, value: object, op: str = "eq") -> ListQuery:
        """The same list, narrowed; what was asked of the field with this operator before is replaced."""
        kept = tuple(f for f in self.filters if (f.field, f.op) != (name, op))
        values = tuple(str(v) for v in value) if isinstance(value, (list, tuple)) else (str(value),)
        return replace(self, filters=(*kept, Filter(name, op, values)), cursor=None)

    def args(self) -> dict[str, str]:
        """As URL parameters; what is at its default is left out. `parse` gives the same list again."""
        given = {asked.parameter: ",".join(asked.values) for asked in self.filters}
        rest = {
            "where": linking.dump(self.where) if self.where is not None else "",
            "q": self.q,
            "sort": self.sort,
            "limit": "" if self.limit == DEFAULT_LIMIT else str(self.limit),
            "cursor": self.cursor or "",
            "total": "1" if self.with_total else "",
            "deleted": "1" if self.deleted else "",
        }
        return given | {name: value for name, value in rest.items() if value}


def plan_of(query: ListQuery) -> Plan:
    """The list's rows, all of them and in its order, as a plan that more conditions can be put to.

    Raises Invalid for the bin: plans mean what is there.
    """
    if query.deleted:
        raise Invalid("What was deleted cannot be asked about. Restore it first.")
    asked: list[Node] = [Cmp.model_validate({"field": f.field, "op": f.op, "values": f.values}) for f in query.filters]
    asked += query.where.of if isinstance(query.where, And) else () if query.where is None else (query.where,)
    if query.q.strip():
        asked.append(Search(q=query.q.strip()))
    where = None if not asked else asked[0] if len(asked) == 1 else And(of=tuple(asked))
    order = (Order(by=query.sort.removeprefix("-"), descending=query.sort.startswith("-")),) if query.sort else ()
    return Plan(from_=query.type, where=where, order=order)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in order. `total` counts the whole list, if asked for."""

    items: list[Any]
    next_cursor: str | None
    total: int | None = None


def parse(
    type: str,
    args: Mapping[str, Sequence[str]],
    entities: Mapping[str, Entity] = ENTITIES,
    *,
    ignore: Collection[str] = (),
) -> ListQuery:
    """URL parameters (each name with its values) to a query. Raises Invalid naming every parameter that is wrong.

    `entities` is the workspace's `catalog`.
    `ignore` are parameters the caller reads itself. Empty values mean nothing was asked: a form sends them.
    """
    entity = entities[type]
    wrong: list[FieldError] = []
    filters: list[Filter] = []
    plain: dict[str, Any] = {}
    for name, given in args.items():
        values = tuple(value for value in given if value != "")
        if name in ignore or not values:
            continue
        try:
            if name in _PLAIN:
                plain[_PLAIN[name]] = _plain_value(entity, name, values[-1])
            else:
                filters.append(_filter(entity, name, values))
        except ValueError as error:
            wrong.append(FieldError(name, str(error)))
    if wrong:
        raise Invalid(" ".join(_said(error) for error in wrong), errors=wrong)
    return ListQuery(type, tuple(filters), **plain)


def _said(error: FieldError) -> str:
    """What is wrong with a parameter; conditions say of themselves that they are meant."""
    return error.message if error.path == "where" else f"{error.path}: {error.message}"


#: Parameters that are no filters, and where they go.
_PLAIN = {
    "q": "q", "sort": "sort", "limit": "limit", "cursor": "cursor", "total": "with_total", "deleted": "deleted",
    "where": "where",
}  # fmt: skip


def _plain_value(entity: Entity, name: str, value: str) -> object:
    if name == "limit":
        if not value.isascii() or not value.isdecimal() or not 1 <= int(value[:6]) <= MAX_LIMIT:
            raise ValueError(f"Must be a number from 1 to {MAX_LIMIT}.")
        return int(value)
    if name == "where":
        return linking.load(entity, value)
    if name == "sort":
        compiler.orders_of(entity, value)
    if name == "q" and len(value) > _LONGEST_Q:
        raise ValueError(f"Must be at most {_LONGEST_Q} characters.")
    if name in ("total", "deleted"):
        if value not in ("0", "1"):
            raise ValueError("Must be 1 or 0.")
        return value == "1"
    return value


def _filter(entity: Entity, name: str, values: tuple[str, ...]) -> Filter:
    match = _PARAMETER.match(name)
    asked = entity.fields.get(match[1]) if match else None
    if match is None or asked is None:
        raise ValueError(f"There is nothing of this name to filter a list of type {entity.name} by.")
    op = match[2] or "eq"
    if op in ("in", "not_in"):
        values = tuple(part.strip() for value in values for part in value.split(",") if part.strip())
    elif len(values) > 1:
        raise ValueError("Was given more than once; use [in] for one of several values.")
    conditions.check(asked, op, values)
    return Filter(asked.name, op, values)


def run(
    session: TenantSession,
    query: ListQuery,
    *,
    user_id: int | None = None,
    zone: ZoneInfo | None = None,
    shown: Select[*tuple[Any, ...]] | None = None,
) -> Page:
    """One page of a list of the session's workspace, as a user (`me`) in a zone (else the workspace's) sees it.

    `shown` selects columns, the record's `id` among them: the page then has rows of these instead of records.
    Raises Invalid for a cursor that is not of this list's order, Unavailable when it takes too long.
    """
    entity = catalog(session)[query.type]
    viewpoint = Viewpoint.of(session, user_id=user_id, zone=zone)
    if query.where is None:
        return _page(session, entity, query, viewpoint, shown)
    with compiler.limited(session, TIME_LIMIT_S):
        return _page(session, entity, query, viewpoint, shown)


def conditions_of(session: TenantSession, query: ListQuery, viewpoint: Viewpoint) -> list[ColumnElement[bool]]:
    """The conditions under which a record is in a list; statements with them need `viewpoint.parameters`."""
    entity = catalog(session)[query.type]
    nodes = [] if query.where is None else [query.where]
    where = compiler.rows_of(session, entity, nodes, viewpoint, q=query.q, deleted=query.deleted)
    asked = [(entity.fields[f.field], f.op, f.values) for f in query.filters]
    return [*where, *(conditions.condition(f, op, followed(session, f, said), viewpoint) for f, op, said in asked)]


def _page(
    session: TenantSession,
    entity: Entity,
    query: ListQuery,
    viewpoint: Viewpoint,
    shown: Select[*tuple[Any, ...]] | None,
) -> Page:
    where = conditions_of(session, query, viewpoint)
    try:
        by, is_down = compiler.orders_of(entity, query.order)
    except ValueError as error:
        raise Invalid.field("sort", str(error)) from None
    after = _position(query, by)
    wanted = paging.Wanted(
        entity, where, by, is_down, query.limit, viewpoint, after, q=query.q.strip(),
        has_words_only=not query.filters and query.where is None and not query.deleted,
        may_be_few=bool(query.filters) and not _is_short_anyway(entity, query, by),
        is_counted=query.with_total and after is None, shown=shown,
    )  # fmt: skip
    if any(entity.fields[f.field].via is not None for f in query.filters):
        wanted = replace(wanted, walked=conditions_of(session, query, replace(viewpoint, is_walked=True)))
    found = paging.find(session, wanted)
    page, more = found.rows[: query.limit], len(found.rows) > query.limit
    last = page[-1] if more else None
    total = None
    if query.with_total:
        is_whole = query.cursor is None and not more
        total = len(page) if is_whole else found.total or _count(session, entity, where, viewpoint)
    return Page(
        items=[row for row, _ in page],
        next_cursor=cursors.encode(query.order, last[1], last[0].id) if last else None,
        total=total,
    )


def _is_short_anyway(entity: Entity, query: ListQuery, by: Field) -> bool:
    """Whether the way to a page is short however many records there are: those of one other are few, and the page is
    mostly the whole list; or an index has those with the values asked for in the list's order."""
    equal = {f.field for f in query.filters if f.op == "eq"}
    if any(name.endswith("_id") for name in equal):
        return True
    return len(equal) == len(query.filters) and paging.is_indexed(entity.model, [entity.fields[n] for n in equal], by)


def count(session: TenantSession, query: ListQuery) -> int:
    """How many records a list has, for whoever shows none of them."""
    viewpoint = Viewpoint.of(session)
    return _count(session, catalog(session)[query.type], conditions_of(session, query, viewpoint), viewpoint)


def _count(session: TenantSession, entity: Entity, where: list[ColumnElement[bool]], viewpoint: Viewpoint) -> int:
    counted = select(func.count()).select_from(entity.model).where(*where)
    return session.scalar(counted, viewpoint.parameters) or 0


def _position(query: ListQuery, by: Field) -> cursors.Position | None:
    if query.cursor is None:
        return None
    assert by.sort is not None
    try:
        return cursors.decode(query.cursor, query.order, by.sort.type)
    except ValueError:
        raise Invalid.field(
            "cursor", "This cursor does not belong to this list in this order; start again without one."
        ) from None
