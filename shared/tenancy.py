"""A tenant never sees another's data: the session enforces it, not each query's author.

A `TenantSession` is made for one workspace. Every ORM select, update and delete gets `workspace_id = …` for every
`Tenanted` entity in it, joins and eager loads included; new rows are stamped; a row of another workspace cannot be
flushed. A session made for `EVERY_WORKSPACE` (login, sweeps, the command line) says so by name, so a reader can find
them all. Raw SQL is not covered: it lives in `shared.search` and `shared.query` alone and binds the workspace itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from typing import Any, Final, TypeVar

from sqlalchemy import BindParameter, Executable, ForeignKey, column, event, table, update
from sqlalchemy.orm import LoaderCriteriaOption, Mapped, ORMExecuteState, Session, mapped_column, with_loader_criteria
from sqlalchemy.orm.attributes import get_history


class Unscoped(Enum):
    """The type of `EVERY_WORKSPACE`."""

    EVERY_WORKSPACE = "every workspace"


EVERY_WORKSPACE: Final = Unscoped.EVERY_WORKSPACE
type_of_scope = int | Unscoped
T = TypeVar("T")
S = TypeVar("S", bound=Executable)


class Tenanted:
    """Mixin: the row belongs to one workspace."""

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspace.id", ondelete="CASCADE"), index=True)


class Cached:
    """Mixin: rows that pages read and hardly anybody changes. `TenantSession.cached` holds what was found of them.

    A transaction that changes one gives its workspace another `stamp`, whoever changed it and in whichever process.
    """


class TenantSession(Session):
    """A session of one workspace, or by name of all of them."""

    def __init__(self, *args: Any, workspace: type_of_scope, read_only: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.info["workspace"] = workspace
        self.info["read_only"] = read_only

    @property
    def workspace_id(self) -> int:
        """The workspace of this session. Raises RuntimeError in a session of every workspace."""
        workspace = self.info["workspace"]
        if not isinstance(workspace, int):
            raise RuntimeError("This session belongs to no single workspace.")
        return workspace

    @property
    def is_scoped(self) -> bool:
        return isinstance(self.info["workspace"], int)

    def once(self, key: object, find: Callable[[], T]) -> T:
        """What `find` gives, looked up only once in each transaction of a session that cannot write."""
        transaction = self.get_transaction()
        if transaction is None or not self.info["read_only"]:
            return find()
        began, found = self.info.get("found", (None, {}))
        if began is not transaction:
            found = {}
            self.info["found"] = (transaction, found)
        if key not in found:
            found[key] = find()
        value: T = found[key]
        return value

    def cached(self, key: object, find: Callable[[], list[T]]) -> list[T]:
        """What `find` gives, looked up once in a process until the workspace's stamp changes; not to be changed.

        `find` reads `Cached` rows alone. Rows are given away from the session that found them. A session that can
        write, or does not know the stamp (`enter`), finds them each time as `once` does.
        """
        stamp = self.info.get("stamp")
        if stamp is None or not self.info["read_only"]:
            return self.once(key, find)
        held = (self.workspace_id, stamp, key)
        if held not in _cache:
            if len(_cache) >= _MOST_CACHED:
                _cache.clear()
            rows = find()
            for found in rows:
                for part in found if isinstance(found, tuple) else (found,):
                    if isinstance(part, Cached) and part in self:
                        self.expunge(part)
            _cache[held] = rows
        cached: list[T] = _cache[held]
        return cached

    def enter(self, workspace_id: int, *, stamp: str | None = None) -> None:
        """Narrow a session of every workspace to one, once the caller is known (login, bearer token).

        `stamp` is the workspace's as this session's transaction sees it.
        """
        if self.is_scoped and self.workspace_id != workspace_id:
            raise RuntimeError("A session cannot change its workspace.")
        self.info["workspace"] = workspace_id
        self.info["stamp"] = stamp


#: What `TenantSession.cached` found, by workspace, stamp and key.
_cache: dict[tuple[int, str, object], list[Any]] = {}
_MOST_CACHED = 4096


@event.listens_for(TenantSession, "do_orm_execute")
def _filter(state: ORMExecuteState) -> None:
    if state.session.info["read_only"] and (state.is_insert or state.is_update or state.is_delete):
        raise RuntimeError("A read-only session was asked to write.")
    workspace = state.session.info["workspace"]
    if (state.is_update or state.is_delete or state.is_insert) and _is_cached(state):
        _changed(state.session, workspace if isinstance(workspace, int) else None)
    if workspace is EVERY_WORKSPACE or state.is_column_load:
        return
    if state.is_update and isinstance(state.parameters, list):
        raise RuntimeError("Bulk updates by primary key look at no workspace; use update(…).where(…).")
    if state.is_insert:
        _stamp_bulk(state, workspace)
        return
    scope = _standing_within if state.execution_options.get("standing") else within
    state.statement = scope(state.statement, workspace)


def standing(statement: S) -> S:
    """A SELECT of entities that a module writes once, with `bindparam` for what differs, because each page asks it.

    It is kept with the filter of each workspace in it: half the time of a small question goes into writing it. Where
    columns are enough, `shared.prepared` asks in half the time again.
    """
    return statement.execution_options(standing=True)


def within(statement: S, workspace: int) -> S:
    """A statement with the filter of a workspace for each `Tenanted` entity in it."""
    return statement.options(_only(workspace))


_standing_within = lru_cache(maxsize=4096)(within)


class WorkspaceParameter(BindParameter[int]):
    """The workspace as a parameter, of which a statement has one copy for each table.

    SQLAlchemy marks the copies as belonging to the filter, and tells marked ones apart only by writing `one == other`
    out as SQL, each time the statement runs: longer than SQLite takes to answer most. Nobody asks a value for its mark.
    """

    inherit_cache = True

    def _annotate(self, _values: object) -> WorkspaceParameter:
        return self


@lru_cache(maxsize=1024)
def _only(workspace: int) -> LoaderCriteriaOption:
    """The filter of a workspace. Kept, because making it takes longer than the database does for most questions."""
    parameter = WorkspaceParameter("workspace", workspace, unique=True)
    return with_loader_criteria(Tenanted, lambda cls: cls.workspace_id == parameter, include_aliases=True)


def _stamp_bulk(state: ORMExecuteState, workspace: int) -> None:
    mapper = state.bind_mapper
    if mapper is None or not issubclass(mapper.class_, Tenanted):
        return
    rows: list[Any] = state.parameters if isinstance(state.parameters, list) else [state.parameters]
    for row in rows:
        if row is None or row.setdefault("workspace_id", workspace) != workspace:
            raise RuntimeError(f"Bulk insert into {mapper.class_.__name__} outside the session's workspace.")


@event.listens_for(TenantSession, "before_flush")
def _stamp(session: TenantSession, _context: object, _instances: object) -> None:
    touched = [*session.new, *session.dirty, *session.deleted]
    if session.info["read_only"] and any(session.is_modified(row) or row in session.deleted for row in touched):
        raise RuntimeError("A read-only session was asked to write.")
    for row in touched:
        if isinstance(row, Cached) and (row not in session.dirty or session.is_modified(row)):
            _changed(session, session.workspace_id if session.is_scoped else getattr(row, "workspace_id", None))
    if not session.is_scoped:
        return
    for row in touched:
        if not isinstance(row, Tenanted):
            continue
        if row in session.new and row.workspace_id is None:
            row.workspace_id = session.workspace_id
        moved = row not in session.new and get_history(row, "workspace_id").has_changes()
        if row.workspace_id != session.workspace_id or moved:
            raise RuntimeError(f"{type(row).__name__} of another workspace reached a flush.")


# --- What is cached


def _is_cached(state: ORMExecuteState) -> bool:
    return state.bind_mapper is not None and issubclass(state.bind_mapper.class_, Cached)


def _changed(session: Session, workspace: int | None) -> None:
    """Remember that this transaction changes what processes may have cached, of a workspace or (None) of any."""
    session.info.setdefault("changed", set()).add(workspace)


_workspaces = table("workspace", column("id"), column("stamp"))


@event.listens_for(TenantSession, "before_commit")
def _stamp_anew(session: TenantSession) -> None:
    """Last of all, since whoever else changes something of the workspace waits for it.

    Stamps are drawn at random: one that was cached under is never come back to, whatever is restored from where.
    """
    session.flush()
    if session.in_nested_transaction():
        return
    for workspace in session.info.pop("changed", ()):
        anew = update(_workspaces).values(stamp=new_stamp())
        if workspace is not None:
            anew = anew.where(_workspaces.c.id == workspace)
        session.connection().execute(anew)


def new_stamp() -> str:
    """One that no workspace has had."""
    return secrets.token_hex(8)
