"""One page of a list: the shortest way to its rows, and on some of them to how many there are in all.

    Wanted ─┬─ few meant ──────────▶ one pass finds and counts them       (`_narrow`)
            ├─ words, many of them ▶ the list is walked until a page had them  (`_of_words`)
            ├─ an index in order ──▶ followed from where the page before ended (`_in_order`)
            └─ else ───────────────▶ ids are sorted, and their rows fetched    (`_sorted`)

The key of a row is (sort value, id). Rows without a value come last in both directions, as a second stretch with a key
of its own, so that the first can use an index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, null, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from shared import search
from shared.query import compiler
from shared.query.conditions import Viewpoint
from shared.query.cursors import Position
from shared.query.spelling import unindexed
from shared.query.types import Entity, Field, FieldType
from shared.tenancy import TenantSession


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page of the rows of which `where` holds, after a position in the order of `by`.

    `q`: words they must have; `has_words_only`: nothing else is asked of those that are there. `may_be_few`: filters
    may leave so few that one pass is the shortest. `is_counted`: how many there are in all is asked too. `shown`: the
    columns that are wanted of a row, its `id` among them, where that is not the record itself.
    """

    entity: Entity
    where: Sequence[ColumnElement[bool]]
    by: Field
    is_down: bool
    limit: int
    viewpoint: Viewpoint
    after: Position | None = None
    q: str = ""
    has_words_only: bool = False
    may_be_few: bool = False
    is_counted: bool = False
    shown: Select[*tuple[Any, ...]] | None = None
    #: `where` as it is asked of rows that are met in order: of a list that is known to be longer than a page
    walked: Sequence[ColumnElement[bool]] | None = None

    @property
    def id(self) -> Any:
        return self.entity.model.id

    @property
    def key(self) -> Any:
        assert self.by.sort is not None
        return self.by.sort


@dataclass(frozen=True, slots=True)
class Found:
    """(row, sort value) in order, one more than the page holds; `total` where it was met with on the way."""

    rows: list[tuple[Any, Any]]
    total: int | None = None


def find(session: TenantSession, wanted: Wanted) -> Found:
    """The rows of a page."""
    is_plain = isinstance(wanted.by.sort, InstrumentedAttribute)
    # Words are looked up in an index that hands over all it finds, so that counting apart would ask it again.
    counts_words = bool(wanted.q) and wanted.is_counted and not wanted.by.is_nullable
    found = None
    if is_plain and counts_words and wanted.has_words_only:
        found = _of_words(session, wanted)
    elif is_plain and wanted.may_be_few and wanted.after is None and not counts_words:
        # What is looked up beside the rows is asked twice, if many have it, so that the first rows need not be sorted.
        found = _narrow(session, wanted) if wanted.is_counted or wanted.walked is not None else None
    if found is not None:
        return found
    if wanted.walked is not None and is_plain and (wanted.may_be_few or wanted.after is not None):
        wanted = replace(wanted, where=wanted.walked)
    if counts_words or not is_plain:
        return _sorted(session, wanted, is_counted=counts_words)
    if wanted.shown is not None:
        keys = select(wanted.id, wanted.key.label("sort_key")).where(*wanted.where)
        return _found(_in_order(session, keys, wanted, _rows))
    base = select(wanted.entity.model, wanted.key.label("sort_key")).options(*wanted.entity.load).where(*wanted.where)
    return _found(_in_order(session, base, wanted, _records))


def _found(rows: Sequence[Any]) -> Found:
    """(row, sort value) or, where they were counted, (row, sort value, how many there are in all)."""
    return Found([(row[0], row[1]) for row in rows], rows[0][2] if rows and len(rows[0]) > 2 else None)


def is_indexed(model: Any, equal: Sequence[Field], by: Field) -> bool:
    """Whether an index has the rows with given values of some fields, and nothing else before the order's column."""
    names = {getattr(field.expression, "key", None) for field in equal} | {"workspace_id"}
    key = getattr(by.sort, "key", None)
    for index in model.__table__.indexes:
        columns = index.columns.keys()
        if key in columns and set(columns[: columns.index(key)]) - {"deleted_at"} == names:
            return True
    return False


def _narrow(session: TenantSession, wanted: Wanted) -> Found | None:
    """A narrow list, found and counted in one pass; None for one that is not narrow.

    Of many rows the first fifty are soon met with in order, and the pass was a short one.
    """
    some = select(wanted.id, wanted.key.label("sort_key")).where(*wanted.where).limit(compiler.FEW + 1).subquery()
    id_, key = some.c.id, some.c.sort_key
    order = (key.desc().nulls_last(), id_.desc()) if wanted.is_down else (key.nulls_last(), id_)
    ordered = select(id_, key, func.count().over().label("total")).order_by(*order).limit(wanted.limit + 1)
    found = _found(_rows(session, wanted, ordered))
    total = found.total or 0
    return replace(found, total=total) if total <= compiler.FEW else None


def _of_words(session: TenantSession, wanted: Wanted) -> Found | None:
    """Many rows that have the words: the list is walked in its order until a page of them was met with, where else each
    would be fetched to be sorted. None where that is not the shortest way."""
    entity = wanted.entity
    ids = None if entity.words else search.many(session, entity.name, wanted.q, than=compiler.FEW)
    if ids is None:
        return None
    known = ids.cte("known").prefix_with("NOT MATERIALIZED", dialect="postgresql")
    is_known = unindexed(wanted.id).in_(select(known.c.record_id))
    gone = select(func.count()).select_from(entity.model).where(not_(and_(*entity.live)), is_known).correlate(None)
    total = select(func.count()).select_from(known).scalar_subquery() - gone.scalar_subquery()
    order = (wanted.key.desc(), wanted.id.desc()) if wanted.is_down else (wanted.key, wanted.id)
    page = select(wanted.id, wanted.key.label("sort_key"), total.label("total")).where(*entity.live, is_known)
    found = _found(_rows(session, wanted, page.order_by(*order).limit(wanted.limit + 1)))
    return replace(found, total=found.total or 0)


def _sorted(session: TenantSession, wanted: Wanted, *, is_counted: bool) -> Found:
    """What has to be sorted is kept narrow: the rows themselves are fetched when it is known which they are."""
    entity, by = wanted.entity, wanted.by
    table = compiler.over_all(session, entity, by, wanted.where, wanted.viewpoint)
    key = wanted.key if table is None else by.over(table)
    if by.order is not None:
        if compiler.are_many(session, entity, wanted.where, wanted.viewpoint):
            key = by.order.key
        else:
            by = replace(by, order=None)
    more = [func.count().over().label("total")] if is_counted else []
    base = select(wanted.id, key.label("sort_key"), *more).where(*wanted.where)
    if table is not None:
        base = base.outerjoin(table, table.c.owner == wanted.id)
    return _found(_in_order(session, base, replace(wanted, by=replace(by, sort=key)), _rows))


def _records(session: TenantSession, wanted: Wanted, page: Select[Any, Any]) -> Sequence[Any]:
    """What a page of (record, sort value) holds."""
    return session.execute(page, wanted.viewpoint.parameters).all()


def _rows(session: TenantSession, wanted: Wanted, page: Select[Any, Any]) -> Sequence[Any]:
    """(row, sort value, …) for a page of (id, sort value, …), in one question that computes what is shown last."""
    if wanted.shown is None:
        return _loaded(session, wanted, session.execute(page, wanted.viewpoint.parameters).all())
    of_page = page.subquery()
    id_, key = of_page.c.id, of_page.c.sort_key
    order = (key.desc().nulls_last(), id_.desc()) if wanted.is_down else (key.nulls_last(), id_)
    beside = [column for column in of_page.c if column is not id_]
    shown: Any = wanted.shown.join(of_page, id_ == wanted.id).add_columns(*beside).order_by(*order)
    return [(row, *row[-len(beside) :]) for row in session.execute(shown, wanted.viewpoint.parameters)]


def _loaded(session: TenantSession, wanted: Wanted, found: Sequence[Any]) -> Sequence[Any]:
    """The same with records; one may be deleted for good in between."""
    entity = wanted.entity
    loaded = select(entity.model).options(*entity.load).where(entity.model.id.in_([row[0] for row in found]))
    records = {record.id: record for record in session.scalars(loaded)} if found else {}
    return [(records[id], *rest) for id, *rest in found if id in records]


Ask = Callable[[TenantSession, Wanted, Select[Any, Any]], Sequence[Any]]


def _in_order(session: TenantSession, base: Select[Any, Any], wanted: Wanted, ask: Ask) -> Sequence[Any]:
    rows: list[Any] = []
    after = wanted.after
    for is_null in (False, True) if wanted.by.is_nullable else (False,):
        if after is not None and after.is_null and not is_null:
            continue
        stretch = _without_value if is_null else _with_value
        statement = stretch(base, wanted, after, session.workspace_id).limit(wanted.limit + 1 - len(rows))
        rows += ask(session, wanted, statement)
        if len(rows) > wanted.limit:
            break
        after = None
    return rows


def _with_value(base: Select[Any, Any], wanted: Wanted, after: Position | None, _workspace_id: int) -> Select[Any, Any]:
    """The rows with a sort value, after a position."""
    sort, id_, by = wanted.key, wanted.id, wanted.by
    if by.order is not None:
        model = by.order.model
        # SQLite, which knows no sizes, would else go through the rows and sort them.
        base = base.join(model, by.order.column == unindexed(model.id)).where(by.order.is_there)
    elif by.is_nullable:
        base = base.where(sort.is_not(None))
    if after is not None:
        key = tuple_(sort, id_)
        if by.order is not None or (by.type is FieldType.TEXT and not isinstance(sort, InstrumentedAttribute)):
            # A pair that is not of two columns of a table is nothing an index can be entered at.
            base = base.where(sort <= after.value if wanted.is_down else sort >= after.value)
        base = base.where(key < (after.value, after.id) if wanted.is_down else key > (after.value, after.id))
    return base.order_by(sort.desc(), id_.desc()) if wanted.is_down else base.order_by(sort, id_)


def _without_value(
    base: Select[Any, Any], wanted: Wanted, after: Position | None, workspace_id: int
) -> Select[Any, Any]:
    """The rows without a sort value, after a position."""
    id_, by = wanted.id, wanted.by
    if by.order is not None:
        base = base.with_only_columns(id_, null().label("sort_key")).where(by.order.is_missing(workspace_id))
    else:
        base = base.where(wanted.key.is_(None))
    if after is not None:
        base = base.where(id_ < after.id if wanted.is_down else id_ > after.id)
    return base.order_by(id_.desc() if wanted.is_down else id_)
