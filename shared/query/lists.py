"""Lists: parsed from an address, answered a page at a time; `compiler` says which rows are meant, as for answers.

Pages are found by key, not by counting: page 2,000 costs what page 1 does. The key is (sort value, id); rows without a
value come last in both directions, as a second stretch with a key of its own, so that the first can use an index.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, not_, null, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from shared import search
from shared.errors import FieldError, Invalid
from shared.models import User
from shared.query import compiler, conditions, cursors, linking
from shared.query.catalog import catalog
from shared.query.conditions import Viewpoint
from shared.query.fields import ENTITIES, Entity, Field
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
    """Rows in order. `total` counts the whole list, if asked for; `people` names the users the rows refer to."""

    items: list[Any]
    next_cursor: str | None
    total: int | None = None
    people: dict[int, str] = field(default_factory=dict)


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
        raise Invalid(" ".join(f"{error.path}: {error.message}" for error in wrong), errors=wrong)
    return ListQuery(type, tuple(filters), **plain)


#: Parameters that are no filters, and where they go.
_PLAIN = {
    "q": "q", "sort": "sort", "limit": "limit", "cursor": "cursor", "total": "with_total", "deleted": "deleted",
    "where": "where",
}  # fmt: skip


def _plain_value(entity: Entity, name: str, value: str) -> object:
    if name == "limit":
        if not value.isascii() or not value.isdigit() or not 1 <= int(value[:6]) <= MAX_LIMIT:
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


def run(session: TenantSession, query: ListQuery, *, user_id: int | None = None, zone: ZoneInfo | None = None) -> Page:
    """One page of a list of the session's workspace, as a user (`me`) in a zone (else the workspace's) sees it.

    Raises Invalid for a cursor that is not of this list's order, Unavailable when it takes too long.
    """
    entity = catalog(session)[query.type]
    viewpoint = Viewpoint.of(session, user_id=user_id, zone=zone)
    if query.where is None:
        return _page(session, entity, query, viewpoint)
    with compiler.limited(session, TIME_LIMIT_S):
        return _page(session, entity, query, viewpoint)


def conditions_of(session: TenantSession, query: ListQuery, viewpoint: Viewpoint) -> list[ColumnElement[bool]]:
    """The conditions under which a record is in a list; statements with them need `viewpoint.parameters`."""
    entity = catalog(session)[query.type]
    nodes = [] if query.where is None else [query.where]
    where = compiler.rows_of(session, entity, nodes, viewpoint, q=query.q, deleted=query.deleted)
    asked = (conditions.condition(entity.fields[f.field], f.op, f.values, viewpoint) for f in query.filters)
    return [*where, *asked]


def _page(session: TenantSession, entity: Entity, query: ListQuery, viewpoint: Viewpoint) -> Page:
    where = conditions_of(session, query, viewpoint)
    try:
        by, _descending = compiler.orders_of(entity, query.order)
    except ValueError as error:
        raise Invalid.field("sort", str(error)) from None
    rows, counted = _rows(session, entity, where, by, query, viewpoint)
    page, more = rows[: query.limit], len(rows) > query.limit
    last = page[-1] if more else None
    total = None
    if query.with_total:
        is_whole = query.cursor is None and not more
        total = len(page) if is_whole else counted or _count(session, entity, where, viewpoint)
    return Page(
        items=[row for row, _ in page],
        next_cursor=cursors.encode(query.order, last[1], last[0].id) if last else None,
        total=total,
        people=_people(session, entity, [row for row, _ in page]),
    )


def count(session: TenantSession, query: ListQuery) -> int:
    """How many records a list has, for whoever shows none of them."""
    viewpoint = Viewpoint.of(session)
    return _count(session, catalog(session)[query.type], conditions_of(session, query, viewpoint), viewpoint)


def _count(session: TenantSession, entity: Entity, where: list[ColumnElement[bool]], viewpoint: Viewpoint) -> int:
    counted = select(func.count()).select_from(entity.model).where(*where)
    return session.scalar(counted, viewpoint.parameters) or 0


def _rows(
    session: TenantSession,
    entity: Entity,
    where: list[ColumnElement[bool]],
    by: Field,
    query: ListQuery,
    viewpoint: Viewpoint,
) -> tuple[list[tuple[Any, Any]], int | None]:
    """(row, sort value), one more than the page holds; and how many there are where that was found on the way."""
    assert by.sort is not None
    after = _position(query, by)
    # Words are looked up in an index that hands over all it finds, so that counting apart would ask it again.
    is_counted = bool(query.q.strip()) and query.with_total and after is None and not by.is_nullable
    is_plain = isinstance(by.sort, InstrumentedAttribute)
    # Records of one other are few: their page is mostly the whole list, and nothing is left to count.
    is_of_one = any(asked.op == "eq" and asked.field.endswith("_id") for asked in query.filters)
    if is_plain and not is_counted and query.filters and not is_of_one and query.with_total and after is None:
        few = _few(session, entity, where, by, query, viewpoint)
        if few is not None:
            return few
    if is_plain and is_counted and not query.filters and query.where is None and not query.deleted:
        many = _of_words(session, entity, by, query)
        if many is not None:
            return many
    if is_plain and not is_counted:
        base = select(entity.model, by.sort.label("sort_key")).options(*entity.load).where(*where)
        found = _in_order(session, base, entity, by, query, viewpoint, after)
        return [(row, value) for row, value in found], None
    # What has to be sorted is kept narrow: the rows themselves are fetched when it is known which they are.
    table = compiler.over_all(session, entity, by, where, viewpoint)
    key = by.sort if table is None else by.over(table)
    if by.order is not None:
        if compiler.are_many(session, entity, where, viewpoint):
            key = by.order.key
        else:
            by = replace(by, order=None)
    more = [func.count().over()] if is_counted else []
    base = select(entity.model.id, key.label("sort_key"), *more).where(*where)
    if table is not None:
        base = base.outerjoin(table, table.c.owner == entity.model.id)
    found = _in_order(session, base, entity, replace(by, sort=key), query, viewpoint, after)
    return _fetched(session, entity, found), found[0][2] if found and is_counted else None


def _few(
    session: TenantSession,
    entity: Entity,
    where: list[ColumnElement[bool]],
    by: Field,
    query: ListQuery,
    viewpoint: Viewpoint,
) -> tuple[list[tuple[Any, Any]], int] | None:
    """The same of a narrow list, found and counted in one pass; None for one that is not narrow.

    Of many rows the first fifty are soon met with in order, and the pass was a short one.
    """
    assert by.sort is not None
    some = select(entity.model.id, by.sort.label("sort_key")).where(*where).limit(compiler.FEW + 1).subquery()
    id_, key = some.c.id, some.c.sort_key
    order = (key.desc().nulls_last(), id_.desc()) if query.order.startswith("-") else (key.nulls_last(), id_)
    ordered = select(id_, key, func.count().over()).order_by(*order).limit(query.limit + 1)
    found = session.execute(ordered, viewpoint.parameters).all()
    if found and found[0][2] > compiler.FEW:
        return None
    return _fetched(session, entity, found), found[0][2] if found else 0


def _of_words(
    session: TenantSession, entity: Entity, by: Field, query: ListQuery
) -> tuple[list[tuple[Any, Any]], int] | None:
    """The same of many rows that have the words: the list is walked in its order until a page of them was met with,
    where else each would be fetched to be sorted. None where that is not the shortest way."""
    ids = None if entity.words else search.many(session, entity.name, query.q, than=compiler.FEW)
    if ids is None or by.sort is None:
        return None
    known = ids.cte("known")
    id_ = entity.model.id
    is_known = (id_ + 0).in_(select(known.c.record_id))  # a sum, or SQLite would look each up by its id
    gone = select(func.count()).select_from(entity.model).where(not_(and_(*entity.live)), is_known).correlate(None)
    total = select(func.count()).select_from(known).scalar_subquery() - gone.scalar_subquery()
    order = (by.sort.desc(), id_.desc()) if query.order.startswith("-") else (by.sort, id_)
    page = select(id_, by.sort.label("sort_key"), total).where(*entity.live, is_known)
    found = session.execute(page.order_by(*order).limit(query.limit + 1)).all()
    return _fetched(session, entity, found), found[0][2] if found else 0


def _fetched(session: TenantSession, entity: Entity, found: Sequence[Any]) -> list[tuple[Any, Any]]:
    """(row, sort value) for (id, sort value, …); one may be deleted for good in between."""
    wanted = select(entity.model).options(*entity.load).where(entity.model.id.in_([row[0] for row in found]))
    rows = {row.id: row for row in session.scalars(wanted)} if found else {}
    return [(rows[row[0]], row[1]) for row in found if row[0] in rows]


def _in_order(
    session: TenantSession,
    base: Select[Any, Any],
    entity: Entity,
    by: Field,
    query: ListQuery,
    viewpoint: Viewpoint,
    after: cursors.Position | None,
) -> list[Any]:
    rows: list[Any] = []
    for is_null in (False, True) if by.is_nullable else (False,):
        if after is not None and after.is_null and not is_null:
            continue
        statement = _stretch(base, entity, by, query, is_null=is_null, after=after, workspace_id=session.workspace_id)
        statement = statement.limit(query.limit + 1 - len(rows))
        rows += session.execute(statement, viewpoint.parameters).all()
        if len(rows) > query.limit:
            break
        after = None
    return rows


def _stretch(
    base: Select[Any, Any],
    entity: Entity,
    by: Field,
    query: ListQuery,
    *,
    is_null: bool,
    after: cursors.Position | None,
    workspace_id: int,
) -> Select[Any, Any]:
    """The rows with a sort value, or those without one, after a position."""
    descending = query.order.startswith("-")
    id_, sort = entity.model.id, by.sort
    assert sort is not None
    if is_null and by.order is not None:
        base = base.with_only_columns(id_, null().label("sort_key")).where(by.order.is_missing(workspace_id))
    elif is_null:
        base = base.where(sort.is_(None))
    if is_null:
        if after is not None:
            base = base.where(id_ < after.id if descending else id_ > after.id)
        return base.order_by(id_.desc() if descending else id_)
    if by.order is not None:
        model = by.order.model
        # A sum cannot be looked up by key: SQLite, which knows no sizes, would else go through the rows and sort them.
        base = base.join(model, by.order.column == model.id + 0).where(model.deleted_at.is_(None))
    elif by.is_nullable:
        base = base.where(sort.is_not(None))
    if after is not None:
        key = tuple_(sort, id_)
        if by.order is not None:  # a pair of two tables' columns is nothing an index can be entered at
            base = base.where(sort <= after.value if descending else sort >= after.value)
        base = base.where(key < (after.value, after.id) if descending else key > (after.value, after.id))
    return base.order_by(sort.desc(), id_.desc()) if descending else base.order_by(sort, id_)


def _position(query: ListQuery, by: Field) -> cursors.Position | None:
    if query.cursor is None:
        return None
    assert by.sort is not None
    try:
        return cursors.decode(query.cursor, query.order, by.sort.type)
    except ValueError:
        _bad_cursor()


def _bad_cursor() -> NoReturn:
    raise Invalid.field("cursor", "This cursor does not belong to this list in this order; start again without one.")


def _people(session: TenantSession, entity: Entity, rows: list[Any]) -> dict[int, str]:
    ids = {getattr(row, column) for row in rows for column in entity.people} - {None}
    if not ids:
        return {}
    return dict(session.execute(select(User.id, User.name).where(User.id.in_(ids))).all())
