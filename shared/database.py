"""Engines and sessions, the same on SQLite and PostgreSQL.

Two facades over one pool: `write` sessions take SQLite's write lock when they begin (a transaction that reads first and
writes later is refused at once when another writes, whatever the timeout), `read` sessions never wait and cannot
write. Waiting for the lock is our own jittered retry: SQLite's own is unfair and can starve one writer for seconds.

A process connects once (`connect`); jobs and scripts then use `session_scope(workspace_id)`.
"""

from __future__ import annotations

import gc
import random
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, Insert, Table, Update, create_engine, event, func, insert, make_url, select
from sqlalchemy.engine import Engine, ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.types import TypeEngine

from shared.config import Settings
from shared.errors import Unavailable
from shared.tenancy import TenantSession, type_of_scope

T = TypeVar("T")

#: Longest wait for another writer, seconds, before the request is refused with "busy, try again".
LOCK_WAIT_S = 10.0

#: Of each index so many rows are looked at: more than a query that names hundreds of ids would read by them.
_COUNTED = 10_000

BUSY = "The database is busy. Nothing was changed; try again in a moment."
AWAY = "The database does not answer. Nothing was changed; try again in a moment."

#: How the drivers say that waiting would have helped.
_BUSY_SIGNS = (
    "database is locked", "database table is locked", "lock timeout", "deadlock detected", "statement timeout",
)  # fmt: skip

_SQLITE_AWAY = ("SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY")
#: Classes of SQLSTATE: connection, resources, shutting down or starting.
_POSTGRESQL_AWAY = ("08", "53", "57P")


class Database:
    """One engine and its sessions."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgresql_engine(url)
        self._reader = self.engine.execution_options(
            **({"afterword_begin": "BEGIN"} if self.is_sqlite else {"postgresql_readonly": True})
        )

        #: Sees one moment, however long somebody reads: on SQLite every transaction does.
        self.snapshot = (
            self._reader if self.is_sqlite else self._reader.execution_options(isolation_level="REPEATABLE READ")
        )

    def session(
        self, workspace: type_of_scope, *, read_only: bool = False, of_one_moment: bool = False
    ) -> TenantSession:
        """A new session; the caller closes it. Read-only sessions never take the write lock; one `of_one_moment` sees
        nothing that is committed after it has begun."""
        reader = self.snapshot if of_one_moment else self._reader
        return TenantSession(
            bind=reader if read_only else self.engine,
            workspace=workspace,
            read_only=read_only,
            expire_on_commit=False,
        )

    @contextmanager
    def scope(self, workspace: type_of_scope, *, read_only: bool = False) -> Iterator[TenantSession]:
        """A session that commits at the end of the block and rolls back if it raises."""
        with self.session(workspace, read_only=read_only) as session:
            yield session
            session.commit()

    def refresh_statistics(self) -> None:
        """Count anew how alike the values of each index are, of which the database thinks when it plans a query.

        Without it SQLite takes "of this workspace" for the sharpest condition of all and reads a whole table: 30 ms at
        a hundred thousand rows instead of 1. Takes 0.1 s then, and a write lock. PostgreSQL counts by itself, but
        later than a bulk of rows is asked for.
        """
        with self.engine.begin() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql(f"PRAGMA analysis_limit={_COUNTED}")
                # Made anew, so that the connections of other processes notice.
                connection.exec_driver_sql("DROP TABLE IF EXISTS sqlite_stat1")
            connection.exec_driver_sql("ANALYZE")

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


_current: Database | None = None


def connect(settings: Settings) -> Database:
    """Connect this process; later `session_scope` calls use it."""
    global _current
    if _current is None or _current.url != settings.effective_database_url:
        _current = Database(settings.effective_database_url)
    return _current


def current() -> Database:
    """The database this process is connected to. Raises RuntimeError before `connect`."""
    if _current is None:
        raise RuntimeError("This process has not called shared.database.connect.")
    return _current


@contextmanager
def session_scope(workspace: type_of_scope, *, read_only: bool = False) -> Iterator[TenantSession]:
    """A short session on the process's database: commits at the end, rolls back on error."""
    with current().scope(workspace, read_only=read_only) as session:
        yield session


def next_ids(session: TenantSession, table: Any, count: int) -> list[int]:
    """Ids for rows that this transaction is about to insert, so that they need not be asked for one by one.

    On SQLite the highest and one, as it would itself: nobody else writes before our commit. PostgreSQL has a sequence.
    """
    if session.get_bind().dialect.name == "sqlite":
        last = session.connection().scalar(select(func.max(table.c.id))) or 0
        return list(range(last + 1, last + 1 + count))
    sequence = func.nextval(func.pg_get_serial_sequence(func.quote_ident(table.name), "id"))
    return list(session.connection().scalars(select(sequence).select_from(func.generate_series(1, count).alias())))


_FEW = 8


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most `size`, as `itertools.batched` of Python 3.12 has them: for statements that name many ids."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def write_many(session: TenantSession, statement: Insert | Update, rows: Sequence[dict[str, Any]]) -> None:
    """Run an INSERT or UPDATE of a table for many rows that name the same columns.

    As executing the statement with the rows, which takes longer over the parameters of each row than the database over
    the row. Columns with a default of our own must be named: none is filled in. Raises ValueError for one that is not.
    """
    if len(rows) < _FEW:  # its compiled form is kept there, and ours is made anew each time
        if rows:
            session.connection().execute(statement, list(rows))
        return
    dialect = session.get_bind().dialect
    compiled = _compiled(statement, dialect, tuple(rows[0]))
    own = {name: bind for name, bind in compiled.binds.items() if name not in rows[0]}
    if missing := [name for name, bind in own.items() if bind.required or bind.value is None]:
        raise ValueError(f"{', '.join(missing)} must be given for each row.")
    columns = {
        name: _converted([own[name].value if name in own else row[name] for row in rows], bind.type, dialect)
        for name, bind in compiled.binds.items()
    }
    names = compiled.positiontup
    if names is not None:
        values: Any = list(zip(*[columns[name] for name in names], strict=True))
    else:
        values = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    session.connection().exec_driver_sql(compiled.string, values)


@lru_cache(maxsize=64)  # found again where a caller keeps its statement, as `insert_into` does
def _compiled(statement: Insert | Update, dialect: Dialect, names: tuple[str, ...]) -> Any:
    return statement.compile(dialect=dialect, column_keys=list(names), for_executemany=True)


@cache
def insert_into(table: Table) -> Insert:
    """INSERT of a table's rows, for `write_many`."""
    return insert(table)


def _converted(values: list[Any], type_: TypeEngine[Any], dialect: Dialect) -> list[Any]:
    """A column as the driver takes it; a value that all rows share is converted once."""
    convert = type_.dialect_impl(dialect).bind_processor(dialect)
    if convert is None:
        return values
    first = values[0]
    return [convert(first)] * len(values) if all(v is first for v in values) else [convert(v) for v in values]


def is_busy(error: BaseException) -> bool:
    """Whether an error only says that somebody else holds the lock, or too much is going on."""
    text = str(error)
    return isinstance(error, (OperationalError, sqlite3.OperationalError)) and any(s in text for s in _BUSY_SIGNS)


def is_away(error: BaseException) -> bool:
    """Whether the database itself is not there for us: server gone or starting, no connection or disk left."""
    cause = getattr(error, "orig", error)
    if isinstance(cause, sqlite3.OperationalError):
        return (getattr(cause, "sqlite_errorname", None) or "").startswith(_SQLITE_AWAY)
    if not isinstance(error, OperationalError):
        return False
    state = getattr(cause, "sqlstate", None)
    return state is None or state.startswith(_POSTGRESQL_AWAY)  # without a state, no server has answered


def told(error: Any, connection: Connection, statement: str) -> Exception:
    """What SQLAlchemy raises for an error of the driver, of which this statement was asked past it; a connection that
    broke is given up as it would be."""
    dialect = connection.dialect
    is_cut = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
    if is_cut:
        connection.invalidate(error)
    found = DBAPIError.instance(
        statement, None, error, dialect.loaded_dbapi.Error, True, connection_invalidated=is_cut, dialect=dialect
    )
    return (dialect.name == "postgresql" and _refusal(found, is_cut=is_cut)) or found


def _refusal(error: BaseException, *, is_cut: bool) -> Unavailable | None:
    """What a server's error means to who asked: a job is then sent again, not given up."""
    if is_busy(error):
        return Unavailable(BUSY)
    return Unavailable(AWAY) if is_cut else None


def _sqlite_engine(url: str) -> Engine:
    path = make_url(url).database
    # Parameters are what people said and who they are: they stay out of error messages, and so out of the log.
    engine = create_engine(url, connect_args={"timeout": 0.02, "check_same_thread": False}, hide_parameters=True)

    @event.listens_for(engine, "do_connect")
    def _make_folder(*_: object) -> None:
        if path and path != ":memory:":
            with suppress(OSError):  # then SQLite says that it cannot open the file
                Path(path).parent.mkdir(parents=True, exist_ok=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we emit BEGIN ourselves, below
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "cache_size=-16000"):
            _retry_while_busy(lambda pragma=pragma: connection.execute(f"PRAGMA {pragma}"))

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        statement = connection.get_execution_options().get("afterword_begin", "BEGIN IMMEDIATE")
        _retry_while_busy(lambda: connection.exec_driver_sql(statement))

    return engine


def _retry_while_busy(action: Any) -> None:
    give_up, is_free = time.monotonic() + LOCK_WAIT_S, False
    while True:
        try:
            action()
        except (OperationalError, sqlite3.OperationalError) as error:
            if not is_busy(error):
                raise
            if not is_free and _reads_what_was(error):
                gc.collect()
                is_free = True
            elif time.monotonic() > give_up:
                raise Unavailable(BUSY) from error
            else:
                time.sleep(random.uniform(0.0005, 0.002))  # noqa: S311 (jitter, not a secret)
        else:
            return


def _reads_what_was(error: BaseException) -> bool:
    """Whether a result that nobody read to its end still holds this connection where the database was then: as long as
    it lives, no waiting helps. One that an error left behind lives until its cycle is found."""
    return getattr(getattr(error, "orig", error), "sqlite_errorname", "") == "SQLITE_BUSY_SNAPSHOT"


def _postgresql_engine(url: str) -> Engine:
    options = f"-c lock_timeout={int(LOCK_WAIT_S * 1000)} -c statement_timeout=60000 -c timezone=UTC"
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=10,
        hide_parameters=True,  # as above
        connect_args={"options": options, "connect_timeout": 5},
    )

    _keep_prepared(engine.dialect)

    @event.listens_for(engine, "handle_error")
    def _refuse(context: ExceptionContext) -> BaseException | None:
        is_cut = context.is_disconnect and not context.is_pre_ping
        return context.sqlalchemy_exception and _refusal(context.sqlalchemy_exception, is_cut=is_cut)

    return engine


def _keep_prepared(dialect: Any) -> None:
    """Let the server plan once what is asked by each page (`tenancy.standing`), and each time whatever else is.

    A plan that must fit all values is as good where a few rows are looked up by their ids, and ten times worse where
    words are searched for. What only read ends by COMMIT: after a ROLLBACK psycopg has all statements prepared anew,
    and planning those of a record's page takes longer than answering them.
    """
    import psycopg

    roll_back = dialect.do_rollback

    def execute(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        is_standing = context is not None and context.execution_options.get("standing")
        if is_standing or isinstance(cursor, psycopg.ServerCursor):  # which reads by the piece, and prepares nothing
            cursor.execute(statement, parameters)
        else:
            cursor.execute(statement, parameters, prepare=False)

    dialect.do_execute = execute
    dialect.do_rollback = lambda held: held.commit() if held.read_only else roll_back(held)
