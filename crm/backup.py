"""Everything in one file, for either database: a tar archive of all tables as JSON lines, and the uploaded files.

A logical copy, so that what was saved from SQLite can be restored on PostgreSQL and the other way. It is read in one
snapshot, row by row, and written to a draft that takes the file's name when it is whole. Restoring is one transaction.

    manifest.json            format, schema revision, rows of each table
    tables/workspace.jsonl   one row a line, parents before children
    uploads/1/ab/abcd…       named by their SHA-256, which is checked

The secret key is not in it: it signs cookies and links, and a new one only signs people out. Nor is what is made from
the records for search by meaning: after a restore all of them are marked, and the worker makes it again.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import secrets
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Column, ColumnElement, Connection, Date, Table, false, func, select, true
from sqlalchemy.exc import IntegrityError

from shared import clock, migration, search
from shared.database import Database
from shared.errors import AppError, Conflict, Invalid
from shared.models import Backup, Base, Chunk, ChunkMark, ChunkRemoval, ChunkState, Workspace
from shared.models.base import UtcDateTime
from shared.records import uploads
from shared.tenancy import TenantSession

FORMAT = 1
BATCH_ROWS = 1000
#: Made from the records, large, and bound to one version of a model; and what says which archives lie here.
DERIVED = frozenset(model.__tablename__ for model in (Backup, Chunk, ChunkMark, ChunkRemoval, ChunkState))
_UPLOAD = re.compile(r"uploads/(\d{1,18})/[0-9a-f]{2}/([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Contents:
    """What went into an archive or came out of it."""

    rows: int
    files: int


def tables() -> list[Table]:
    """The tables of an archive, each after those it refers to."""
    return [table for table in Base.metadata.sorted_tables if table.name not in DERIVED]


# --- Saving


def save(
    database: Database,
    upload_dir: Path,
    target: Path,
    *,
    workspace_id: int | None = None,
    on_progress: Callable[[float], None] = lambda _share: None,
) -> Contents:
    """Write an archive, readable by its owner alone: of everything, or of one workspace.

    `on_progress` is told a share from 0 to 1 now and then. Raises Invalid where the archive cannot be written.
    """
    _demand_current(database)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        draft.touch(mode=0o600, exist_ok=False)
        with tarfile.open(draft, "w:gz", compresslevel=6) as archive, database.snapshot.connect() as connection:
            contents = _save(connection, archive, upload_dir, _Part(workspace_id, on_progress))
        draft.replace(target)
    except OSError as error:
        raise Invalid(f"The backup cannot be written to {target}: {error.strerror or error}.") from error
    finally:
        draft.unlink(missing_ok=True)
    return contents


@dataclass(frozen=True, slots=True)
class _Part:
    """What of the installation an archive holds: all of it, or the rows and files of one workspace."""

    workspace_id: int | None
    on_progress: Callable[[float], None]

    def of(self, table: Table) -> ColumnElement[bool]:
        """Which rows."""
        if self.workspace_id is None:
            return true()
        if table.name == Workspace.__tablename__:
            return table.c.id == self.workspace_id
        return table.c.workspace_id == self.workspace_id if "workspace_id" in table.c else false()

    def files(self, upload_dir: Path) -> list[Path]:
        """Which uploads."""
        folders = "*" if self.workspace_id is None else str(self.workspace_id)
        return sorted(path for path in upload_dir.glob(f"{folders}/*/*") if not path.name.startswith("."))


def _save(connection: Connection, archive: tarfile.TarFile, upload_dir: Path, part: _Part) -> Contents:
    counts = {t.name: connection.scalar(select(func.count()).select_from(t).where(part.of(t))) or 0 for t in tables()}
    files = part.files(upload_dir)
    steps, done = sum(counts.values()) + 50 * len(files) or 1, 0  # reading a file takes as long as some rows
    manifest = {
        "format": FORMAT,
        "revision": migration.head_revision(),
        "created_at": clock.wall().isoformat(),
        "rows": counts,
    }
    _add(archive, "manifest.json", io.BytesIO(json.dumps(manifest, indent=1).encode()))
    for table in tables():
        with tempfile.TemporaryFile() as spool:  # a tar entry says its length before its bytes
            for written in _dump(connection, table, spool, part.of(table)):
                part.on_progress((done + written) / steps)
            done += counts[table.name]
            _add(archive, f"tables/{table.name}.jsonl", spool)
    for number, path in enumerate(files, 1):
        archive.add(path, f"uploads/{path.relative_to(upload_dir).as_posix()}")
        part.on_progress((done + 50 * number) / steps)
    return Contents(sum(counts.values()), len(files))


def _dump(connection: Connection, table: Table, out: IO[bytes], which: ColumnElement[bool]) -> Iterator[int]:
    """Write the rows, one a line; says how many it has written now and then."""
    query = select(table).where(which).order_by(table.c.id)
    rows = connection.execution_options(yield_per=BATCH_ROWS).execute(query)
    for number, row in enumerate(rows.mappings(), 1):
        if number % BATCH_ROWS == 0:
            yield number
        out.write(json.dumps(dict(row), ensure_ascii=False, default=_plain, separators=(",", ":")).encode() + b"\n")


def _plain(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"A backup cannot hold a {type(value).__name__}.")


def _add(archive: tarfile.TarFile, name: str, content: IO[bytes]) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = content.seek(0, io.SEEK_END)
    entry.mtime = int(clock.wall().timestamp())
    content.seek(0)
    archive.addfile(entry, content)


# --- Restoring


def restore(database: Database, upload_dir: Path, source: Path, *, force: bool = False) -> Contents:
    """Read an archive into an empty database; with `force` into any, replacing what is there. All or nothing.

    Raises Invalid for what is no whole archive of ours, Conflict for another schema or a database that is not empty.
    """
    migration.upgrade(database)
    staged = Path(tempfile.mkdtemp(prefix=uploads.UNPACKING, dir=_made(upload_dir.parent)))
    try:
        with tarfile.open(source, "r:gz") as archive, database.engine.begin() as connection:
            contents = _restore(connection, archive, staged, force=force)
            # Before the commit: files that no row names are harmless, rows without their files are not.
            _adopt(staged, upload_dir)
    except (tarfile.TarError, EOFError, OSError, ValueError, KeyError, IntegrityError) as error:
        raise Invalid(f"{source} is not a whole backup of Afterword; nothing was changed ({error}).") from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return contents


def _restore(connection: Connection, archive: tarfile.TarFile, staged: Path, *, force: bool) -> Contents:
    entries = iter(archive)
    manifest = _manifest(archive, next(entries, None))
    seen = connection.scalar(select(func.max(ChunkState.change))) or 0
    _empty(connection, force=force)
    rows = 0
    for table in tables():
        entry = next(entries, None)
        if entry is None or entry.name != f"tables/{table.name}.jsonl":
            raise ValueError(f"table {table.name} is missing")
        found = _load(connection, table, _opened(archive, entry))
        if found != manifest["rows"][table.name]:
            raise ValueError(f"{found} of {manifest['rows'][table.name]} rows of {table.name}")
        rows += found
    files = sum(_stage(archive, entry, staged) for entry in entries)
    _mark_all(connection, seen + 1)
    return Contents(rows, files)


def _mark_all(connection: Connection, change: int) -> None:
    """Have every record indexed again. A service that runs meanwhile sees by the counter that what it holds is past."""
    for workspace_id in connection.scalars(select(Workspace.id)).all():
        with TenantSession(bind=connection, workspace=workspace_id) as session:
            session.add(ChunkState(change=change, forgotten=change))
            search.mark_everything(session)
            session.commit()  # into the transaction of the restore


def _manifest(archive: tarfile.TarFile, entry: tarfile.TarInfo | None) -> dict[str, Any]:
    if entry is None or entry.name != "manifest.json":
        raise ValueError("it does not begin with a manifest")
    manifest: dict[str, Any] = json.load(_opened(archive, entry))
    if manifest["format"] != FORMAT or manifest["revision"] != migration.head_revision():
        raise Conflict(
            f"This backup was made by another version of Afterword (schema {manifest['revision']}, here "
            f"{migration.head_revision()}). Restore it with that version, then update."
        )
    return manifest


def _empty(connection: Connection, *, force: bool) -> None:
    if connection.scalar(select(func.count()).select_from(Workspace.__table__)) and not force:
        raise Conflict("The database is not empty. With --force everything in it is replaced by the backup.")
    for table in reversed(Base.metadata.sorted_tables):
        connection.execute(table.delete())


def _load(connection: Connection, table: Table, lines: Iterable[bytes]) -> int:
    count = 0
    readers = {column.name: _reader(column) for column in table.columns}
    rows = ({name: readers[name](value) for name, value in json.loads(line).items()} for line in lines)
    for batch in _batches(rows):
        connection.execute(table.insert(), batch)
        count += len(batch)
    if count and connection.dialect.name == "postgresql":
        _advance(connection, table)
    return count


def _advance(connection: Connection, table: Table) -> None:
    """Let PostgreSQL give ids that are free. Never lower ones than it would have: a sequence does not go back with the
    transaction, and after a restore that was cut off, ids of rows that are there would be given again."""
    sequence = func.pg_get_serial_sequence(f'"{table.name}"', "id")
    last = select(func.max(table.c.id)).scalar_subquery()
    connection.execute(select(func.setval(sequence, func.greatest(last, func.pg_sequence_last_value(sequence)))))


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    """From JSON to what the column takes."""
    if isinstance(column.type, UtcDateTime):
        return lambda value: None if value is None else datetime.fromisoformat(value)
    if isinstance(column.type, Date):
        return lambda value: None if value is None else date.fromisoformat(value)
    return lambda value: value


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(rows, BATCH_ROWS)):
        yield batch


def _opened(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    content = archive.extractfile(entry)
    if content is None:
        raise ValueError(f"{entry.name} is no file")
    return content


def _stage(archive: tarfile.TarFile, entry: tarfile.TarInfo, staged: Path) -> int:
    """Unpack one uploaded file, if that is what it is: an archive from elsewhere may name any path."""
    named = _UPLOAD.fullmatch(entry.name)
    if named is None or not entry.isfile():
        raise ValueError(f"unexpected entry {entry.name!r}")
    data = _opened(archive, entry).read()
    if hashlib.sha256(data).hexdigest() != named[2]:
        raise ValueError(f"{entry.name} is damaged")
    uploads.save(staged, int(named[1]), data)
    return 1


def _adopt(staged: Path, upload_dir: Path) -> None:
    for path in staged.glob("*/*/*"):
        target = upload_dir / path.relative_to(staged)
        _made(target.parent)
        path.replace(target)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _demand_current(database: Database) -> None:
    if not migration.is_current(database):
        raise AppError("The database's schema is not this version's. Run: flask --app main prepare")
