"""Questions that pages ask again and again, written as SQL once in a process.

SQLAlchemy finds what it compiled by a key that it makes of the statement each time, and wraps what the driver gives:
several times what SQLite takes to answer by an index, and a record's page asks a dozen such questions.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, Dialect

from shared.database import told
from shared.tenancy import TenantSession, WorkspaceParameter, within

_Convert = Callable[[Any], Any] | None


class Prepared:
    """A SELECT of columns, with `bindparam` for what differs; the workspace is the session's, as in each ORM select.

    A module makes it once. Lists are bound where `IN` asks for one of an expanding parameter's values.
    """

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._written: dict[tuple[str, bool, int], Written] = {}

    def rows(self, session: TenantSession, /, **values: Any) -> list[Any]:
        """Named tuples of the columns. Raises KeyError for a value that is missing."""
        if session.autoflush and not session.info["read_only"]:
            session.flush()
        connection = session.connection()
        written = self._written_for(session, connection.dialect, _room(values))
        return written.ask(connection, written.bind(session.info["workspace"], values))

    def first(self, session: TenantSession, /, **values: Any) -> Any:
        """The first row; None if there is none."""
        return next(iter(self.rows(session, **values)), None)

    def value(self, session: TenantSession, /, **values: Any) -> Any:
        """The first column of the first row; None if there is none."""
        row = self.first(session, **values)
        return None if row is None else row[0]

    def _written_for(self, session: TenantSession, dialect: Dialect, room: int) -> Written:
        key = (dialect.name, session.is_scoped, room)
        if key not in self._written:
            statement = within(self._statement, session.workspace_id) if session.is_scoped else self._statement
            self._written[key] = Written(statement, self._statement.selected_columns, dialect, room)
        return self._written[key]


def _room(values: Mapping[str, Any]) -> int:
    """How many values each list has room for: a power of two, so that statements are few; 0 without a list."""
    longest = max((len(value) for value in values.values() if isinstance(value, list)), default=None)
    return 0 if longest is None else 1 << max(longest - 1, 0).bit_length()


class Written:
    """A statement as one kind of database takes it, and how its driver takes and gives values."""

    def __init__(self, statement: Any, columns: Any, dialect: Dialect, room: int) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        empty = {bind.key: [None] * room if bind.expanding else None for bind in binds.values() if bind.required}
        expanded = compiled.construct_expanded_state(empty)
        converts = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
        converts |= expanded.processors
        self.sql: str = expanded.statement
        self._places = expanded.positiontup  # None: the driver takes names
        differing = [(name, bind) for name, bind in binds.items() if bind.required]
        self._single = [(name, bind.key, converts[name]) for name, bind in differing if not bind.expanding]
        self._lists = [(expanded.parameter_expansion[name], bind.key) for name, bind in differing if bind.expanding]
        self._workspaces = [name for name, bind in binds.items() if isinstance(bind, WorkspaceParameter)]
        self._fixed = {name: _converted(converts.get(name), value) for name, value in expanded.parameters.items()}
        self._row = _row_of([str(column.key) for column in columns])
        self._types = [(place, column.type.dialect_impl(dialect)) for place, column in enumerate(columns)]
        self._dialect = dialect
        self._error: type[Exception] = dialect.loaded_dbapi.Error
        self._reads: list[tuple[int, Callable[[Any], Any]]] | None = None

    def bind(self, workspace: object, values: Mapping[str, Any]) -> Any:
        """The driver's parameters."""
        bound = self._fixed.copy()
        for name in self._workspaces:
            bound[name] = workspace
        for name, key, convert in self._single:
            bound[name] = _converted(convert, values[key])
        for names, key in self._lists:
            bound.update(zip(names, values[key], strict=False))  # the rest stays NULL, which nothing equals
        return bound if self._places is None else tuple([bound[place] for place in self._places])

    def ask(self, connection: Connection, bound: Any) -> list[Any]:
        """All rows, of the driver itself: SQLAlchemy's way to it takes longer than either database's answer."""
        try:
            with closing(connection.connection.cursor()) as cursor:
                cursor.execute(self.sql, bound)
                return self._read(cursor)
        except self._error as error:
            raise told(error, connection, self.sql) from error

    def _read(self, cursor: Any) -> list[Any]:
        make = self._row._make
        reads = self._reads
        if reads is None:
            reads = self._reads = [
                (place, convert)
                for place, type_ in self._types
                if (convert := type_.result_processor(self._dialect, cursor.description[place][1])) is not None
            ]
        if not reads:
            return [make(row) for row in cursor.fetchall()]
        found = []
        for row in cursor.fetchall():
            values = list(row)
            for place, convert in reads:
                values[place] = convert(values[place])
            found.append(make(values))
        return found


def _row_of(names: list[str]) -> Any:
    return namedtuple("Row", names, rename=True)


def _converted(convert: _Convert, value: Any) -> Any:
    return value if convert is None else convert(value)
