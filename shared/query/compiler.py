"""From a checked plan to SQL, for lists and answers alike: one place decides which rows are meant, and in which order.

The compiler adds what no plan can say: the workspace, that records are not deleted (insights: accepted), and a limit of
time. A session's own tenant filter stands on top of that, also in every set a relation follows.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, func, not_, or_, select, true
from sqlalchemy.exc import DBAPIError

from shared import search
from shared.errors import Unavailable
from shared.query import conditions, metrics, neighbours
from shared.query.conditions import Viewpoint
from shared.query.fields import ENTITIES
from shared.query.following import followed
from shared.query.plan import And, Cmp, Node, Not, Or, Search
from shared.query.relations import RELATIONS, Counted
from shared.query.types import Entity, Field
from shared.tenancy import TenantSession

TOO_SLOW = "This question takes too long to answer. Ask for less: a shorter time, fewer records, or simpler conditions."

#: So many rows are looked up one by one, or counted as they are found.
FEW = 2000

#: SQLite asks after so many steps of its machine whether to go on: about a millisecond.
_STEPS = 20_000
#: Whether a limit holds, in what a session knows of itself.
_LIMITED = "limited"


def rows_of(
    session: TenantSession,
    entity: Entity,
    nodes: Sequence[Node],
    viewpoint: Viewpoint,
    *,
    q: str = "",
    deleted: bool = False,
) -> list[ColumnElement[bool]]:
    """The conditions under which a record of the session's workspace is meant. `nodes` were checked before."""
    where: list[ColumnElement[bool]] = [entity.model.workspace_id == session.workspace_id]
    if deleted and entity.bin is not None:
        where.append(entity.bin)
    else:
        where += entity.live
    where += [_node(session, entity, node, viewpoint) for node in nodes]
    if q.strip():
        where.append(_words(session, entity, q, deleted=deleted))
    return where


def _node(
    session: TenantSession, entity: Entity, node: Node, viewpoint: Viewpoint, *, wanted: bool = True
) -> ColumnElement[bool]:
    """A condition, or that it is not met: `not` moves inwards to where it can be said without doubt or detour."""
    if isinstance(node, Cmp):
        field = entity.fields[node.field]
        return conditions.condition(field, node.op, followed(session, field, node.values), viewpoint, wanted=wanted)
    if isinstance(node, And | Or):
        parts = [_node(session, entity, part, viewpoint, wanted=wanted) for part in node.of]
        return and_(*parts) if isinstance(node, And) is wanted else or_(*parts)
    if isinstance(node, Not):
        return _node(session, entity, node.node, viewpoint, wanted=not wanted)
    if isinstance(node, Search):
        found = _words(session, entity, node.q, deleted=False)
        return found if wanted else not_(found)
    relation = RELATIONS[entity.name][node.relation]
    inner = [] if node.where is None else [node.where]
    target = (entity.beside or ENTITIES)[relation.target]
    where = rows_of(session, target, inner, viewpoint)
    if node.is_counted:
        value = metrics.different(target.fields[node.distinct or "id"])
        return relation.counted(where, Counted(value, node.at_least, node.at_most), wanted=wanted)
    return relation.condition(where, wanted=node.absent is not wanted)


def _words(session: TenantSession, entity: Entity, q: str, *, deleted: bool) -> ColumnElement[bool]:
    """The search index, where records are in it: not users, not pipelines, and nothing that is deleted."""
    words = entity.words or ((entity.title,) if deleted else ())
    if not words:
        return search.matches(session, entity.name, entity.model.id, q)
    written = q.strip().replace("\0", "")
    return or_(*(column.icontains(written, autoescape=True) for column in words)) if written else true()


def order_of(entity: Entity, orders: Sequence[tuple[Field, bool]]) -> list[ColumnElement[Any]]:
    """ORDER BY for (field, descending) pairs: rows without a value last in both directions, ties by id in the
    direction of the first."""
    found: list[ColumnElement[Any]] = []
    for field, descending in orders:
        assert field.sort is not None
        key = field.sort.desc() if descending else field.sort.asc()
        found.append(key.nulls_last() if field.is_nullable else key)
    id_ = entity.model.id
    return [*found, id_.desc() if orders and orders[0][1] else id_.asc()]


def over_all(
    session: TenantSession,
    entity: Entity,
    field: Field,
    where: Sequence[ColumnElement[bool]],
    viewpoint: Viewpoint,
) -> Subquery | None:
    """The table of a field's moments, to be joined where so many rows are meant that looking each up would be slower.

    None where there are few rows, or nothing to look up.
    """
    if field.moments is None or not are_many(session, entity, where, viewpoint):
        return None
    return field.moments.table()


def are_many(
    session: TenantSession, entity: Entity, where: Sequence[ColumnElement[bool]], viewpoint: Viewpoint
) -> bool:
    """Whether so many rows are meant that looking something up for each is the slowest way."""
    some = select(entity.model.id).where(*where).limit(FEW + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some), viewpoint.parameters) or 0) > FEW


def orders_of(entity: Entity, sort: str) -> tuple[Field, bool]:
    """`-name` as a field and whether it goes down. Raises ValueError with a sentence."""
    name = sort.removeprefix("-")
    by = entity.fields.get(name) or neighbours.sort_of(entity, name)
    if by is None or by.sort is None:
        names = sorted(field.name for field in entity.fields.values() if field.sort is not None)
        raise ValueError(f"Cannot sort by “{sort}”; it takes one of {', '.join(names)}.")
    return by, sort.startswith("-")


@contextmanager
def limited(session: TenantSession, seconds: float) -> Iterator[None]:
    """Let what is asked inside the block take so long together. Raises Unavailable when it takes longer.

    The session is as good as before in either case: on PostgreSQL, where a timeout ends the transaction, the block
    stands in a savepoint. Inside another such block that one's limit holds.
    """
    if session.info.get(_LIMITED):
        yield
        return
    session.info[_LIMITED] = True
    try:
        with _limited(session, seconds):
            yield
    finally:
        session.info[_LIMITED] = False


def _limited(session: TenantSession, seconds: float) -> AbstractContextManager[None]:
    if session.get_bind().dialect.name == "sqlite":
        return _watched(session, seconds)
    return _timed(session, seconds)


@contextmanager
def _watched(session: TenantSession, seconds: float) -> Iterator[None]:
    connection: Any = session.connection().connection.driver_connection
    give_up = time.monotonic() + seconds
    connection.set_progress_handler(lambda: int(time.monotonic() > give_up), _STEPS)
    try:
        yield
    except DBAPIError as error:
        if "interrupted" in str(error.orig):
            raise Unavailable(TOO_SLOW) from error
        raise
    finally:
        connection.set_progress_handler(None, 0)


@contextmanager
def _timed(session: TenantSession, seconds: float) -> Iterator[None]:
    setting = func.set_config("statement_timeout", f"{max(1, int(seconds * 1000))}ms", True)
    try:
        with session.begin_nested():
            before = session.execute(select(func.current_setting("statement_timeout"), setting)).scalar()
            yield
            session.execute(func.set_config("statement_timeout", before, True).select())
    except Unavailable as error:
        if "statement timeout" in str(error.__cause__) or "statement timeout" in str(error.__context__):
            raise Unavailable(TOO_SLOW) from error
        raise
