"""Backups that an admin asks for on a page: made by a job, with progress, and downloaded from there.

An archive holds one workspace, whoever else shares the installation, in the form `flask restore` reads. One is kept:
the next takes its place. A job whose worker died is known by its silence, and is sent again (`shared.records.backups`):
it removes what the other has left half-written, and begins anew, since an archive is of one moment.
"""

from __future__ import annotations

import errno
import threading
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from crm import backup
from shared import clock
from shared.config import Settings
from shared.database import Database
from shared.errors import AppError, NotFound, Unavailable
from shared.models import Backup, BackupState
from shared.records.backups import BEAT_S, NO_ROOM, drafts, finish, folder


def file_of(settings: Settings, row: Backup) -> Path:
    """The archive of a finished backup. Raises NotFound if there is none."""
    path = folder(settings.data_dir, row.workspace_id) / row.file_name
    if row.state is not BackupState.READY or not path.is_file():
        raise NotFound("This backup is no longer there. Make another.")
    return path


def make(connected: Database, settings: Settings, workspace_id: int, id: int) -> None:
    """The job. Run twice, it makes the same archive again."""
    with connected.scope(workspace_id) as session:
        row = session.get(Backup, id)
        if row is None or row.state in (BackupState.READY, BackupState.FAILED):
            return
        row.state, row.beat_at, name = BackupState.RUNNING, clock.wall(), row.file_name
    place = folder(settings.data_dir, workspace_id)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    for draft in drafts(place):
        draft.unlink(missing_ok=True)
    try:
        with _Beat(connected, workspace_id, id) as beat:
            contents = backup.save(
                connected, settings.upload_dir, place / name, workspace_id=workspace_id, on_progress=beat
            )
    except AppError as error:
        _finish(connected, workspace_id, id, state=BackupState.FAILED, error=_why(error))
        return
    size = (place / name).stat().st_size
    _finish(
        connected, workspace_id, id, state=BackupState.READY, progress=1.0, size=size, rows=contents.rows,
        files=contents.files,
    )  # fmt: skip
    for path in place.iterdir():
        if path.name != name:
            path.unlink(missing_ok=True)


def _why(error: AppError) -> str:
    cause = error.__cause__
    is_full = isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT)
    return NO_ROOM if is_full else error.detail[:300]


class _Beat:
    """Writes the progress down each second, and with it that its worker lives, also while one file takes long; not
    while others keep the database busy."""

    def __init__(self, connected: Database, workspace_id: int, id: int) -> None:
        self._database, self._workspace_id, self._id = connected, workspace_id, id
        self._share = 0.0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="beat", daemon=True)

    def __call__(self, share: float) -> None:
        self._share = min(share, 1.0)

    def __enter__(self) -> _Beat:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join(timeout=5)

    def _beat(self) -> None:
        while not self._is_over.wait(BEAT_S):
            with suppress(Unavailable, OperationalError), self._database.scope(self._workspace_id) as session:
                row = session.get(Backup, self._id)
                if row is not None:
                    row.progress, row.beat_at = self._share, clock.wall()


def _finish(connected: Database, workspace_id: int, id: int, **values: object) -> None:
    with connected.scope(workspace_id) as session:
        row = session.scalar(select(Backup).where(Backup.id == id).with_for_update())
        if row is None or row.state is BackupState.READY:  # another has made it meanwhile, who took this one for dead
            return
        for name, value in values.items():
            setattr(row, name, value)
        finish(session, row)
