"""Backups that an admin asks for on a page: made by a job, with progress, and downloaded from there.

An archive holds one workspace, whoever else shares the installation, in the form `flask restore` reads. One is kept:
the next takes its place. A job whose worker died is known by its silence; another can be asked for then.
"""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from crm import backup
from shared import clock, events
from shared.config import Settings
from shared.database import Database
from shared.errors import AppError, Conflict, NotFound, Unavailable
from shared.events import Actor, Work
from shared.models import Backup, BackupState
from shared.queue import MAKE_BACKUP
from shared.tenancy import TenantSession

#: A backup not heard of for this long is not being made any more.
SILENCE = timedelta(minutes=2)
_BEAT_S = 1.0
_UNDER_WAY = (BackupState.WAITING, BackupState.RUNNING)


def latest(session: TenantSession) -> Backup | None:
    """The newest, whatever became of it."""
    return session.scalar(select(Backup).order_by(Backup.id.desc()).limit(1))


def is_under_way(row: Backup) -> bool:
    """Whether it will still be finished. One that waits for a broker counts until its time is over, too."""
    return row.state in _UNDER_WAY and clock.wall() - row.beat_at < SILENCE


def request(session: TenantSession, *, by: Actor) -> Backup:
    """Have one made. Raises Conflict while one is under way."""
    row = latest(session)
    if row is not None and is_under_way(row):
        raise Conflict("A backup is being made already.")
    now = clock.wall()
    made = Backup(created_at=now, beat_at=now, created_by_id=by.user_id, file_name=f"{secrets.token_hex(16)}.tar.gz")
    session.add(made)
    session.flush()
    work = Work(MAKE_BACKUP, (session.workspace_id, made.id), job_id=f"backup-{made.id}")
    events.record(session, "backup.requested", by=by, subject=("backup", made.id), work=work)
    return made


def file_of(settings: Settings, row: Backup) -> Path:
    """The archive of a finished backup. Raises NotFound if there is none."""
    path = folder(settings, row.workspace_id) / row.file_name
    if row.state is not BackupState.READY or not path.is_file():
        raise NotFound("This backup is no longer there. Make another.")
    return path


def folder(settings: Settings, workspace_id: int) -> Path:
    return settings.data_dir / "backups" / str(workspace_id)


def make(connected: Database, settings: Settings, workspace_id: int, id: int) -> None:
    """The job. Run twice, it makes the same archive again."""
    with connected.scope(workspace_id) as session:
        row = session.get(Backup, id)
        if row is None or row.state in (BackupState.READY, BackupState.FAILED):
            return
        row.state, row.beat_at, name = BackupState.RUNNING, clock.wall(), row.file_name
    place = folder(settings, workspace_id)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    beat = _Beat(connected, workspace_id, id)
    try:
        contents = backup.save(
            connected, settings.upload_dir, place / name, workspace_id=workspace_id, on_progress=beat
        )
    except AppError as error:
        _finish(connected, workspace_id, id, state=BackupState.FAILED, error=error.detail[:300])
        return
    size = (place / name).stat().st_size
    _finish(
        connected, workspace_id, id, state=BackupState.READY, progress=1.0, size=size, rows=contents.rows,
        files=contents.files,
    )  # fmt: skip
    for path in place.iterdir():
        if path.name != name:
            path.unlink(missing_ok=True)


class _Beat:
    """Writes the progress down, at most once a second; not while others keep the database busy."""

    def __init__(self, connected: Database, workspace_id: int, id: int) -> None:
        self._database, self._workspace_id, self._id = connected, workspace_id, id
        self._at = float("-inf")

    def __call__(self, share: float) -> None:
        if time.monotonic() - self._at < _BEAT_S:
            return
        self._at = time.monotonic()
        with suppress(Unavailable), self._database.scope(self._workspace_id) as session:
            row = session.get(Backup, self._id)
            if row is not None:
                row.progress, row.beat_at = min(share, 1.0), clock.wall()


def _finish(connected: Database, workspace_id: int, id: int, **values: object) -> None:
    with connected.scope(workspace_id) as session:
        row = session.get(Backup, id)
        if row is None:
            return
        for name, value in values.items():
            setattr(row, name, value)
        row.finished_at = row.beat_at = clock.wall()
        session.flush()
        kind = "backup.made" if row.state is BackupState.READY else "backup.failed"
        events.record(session, kind, by=events.SYSTEM, subject=("backup", row.id))
