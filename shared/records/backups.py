"""The state of a backup that somebody asked for: made by a job of the CRM (`crm.backups`), and begun anew if that dies.

request ─▶ waiting ─make─▶ running ─▶ ready | failed
              ▲ not heard of: sweep │
              └─────────────────────┘ at most MAX_TRIES times, then failed
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, and_, func, select

from shared import clock, events, leases
from shared.database import Database
from shared.errors import Conflict
from shared.events import Actor, Work
from shared.models import Backup, BackupState, Event
from shared.queue import MAKE_BACKUP
from shared.telemetry import get_logger
from shared.tenancy import EVERY_WORKSPACE, TenantSession

log = get_logger(__name__)

#: Whoever makes one says so more often than this by far, seconds.
BEAT_S = 1.0
SILENCE = timedelta(seconds=30)
MAX_TRIES = 3
NO_ROOM = "There was no room for it on the disk. Make room, then make another."
_UNDER_WAY = (BackupState.WAITING, BackupState.RUNNING)
_RESUMED = "backup.resumed"


def latest(session: TenantSession) -> Backup | None:
    """The newest, whatever became of it."""
    return session.scalar(select(Backup).order_by(Backup.id.desc()).limit(1))


def is_under_way(row: Backup) -> bool:
    """Whether it will still be finished."""
    return row.state in _UNDER_WAY


def is_silent(row: Backup) -> bool:
    """Whether its worker has died, most likely; the sweep has it begun anew."""
    return row.state is BackupState.RUNNING and clock.wall() - row.beat_at > SILENCE / 2


def request(session: TenantSession, *, by: Actor) -> Backup:
    """Have one made. Raises Conflict while one is under way."""
    row = latest(session)
    if row is not None and is_under_way(row):
        raise Conflict("A backup is being made already.")
    now = clock.wall()
    made = Backup(created_at=now, beat_at=now, created_by_id=by.user_id, file_name=f"{secrets.token_hex(16)}.tar.gz")
    session.add(made)
    session.flush()
    events.record(session, "backup.requested", by=by, subject=("backup", made.id), work=_work(made, 0))
    return made


def _work(row: Backup, tries: int) -> Work:
    return Work(MAKE_BACKUP, (row.workspace_id, row.id), job_id=f"backup-{row.id}-{tries}")


def finish(session: TenantSession, row: Backup) -> None:
    """Write down that it is over, one way or the other."""
    row.finished_at = row.beat_at = clock.wall()
    session.flush()
    kind = "backup.made" if row.state is BackupState.READY else "backup.failed"
    events.record(session, kind, by=events.SYSTEM, subject=("backup", row.id))


def folder(data_dir: Path, workspace_id: int) -> Path:
    """Where the archives of a workspace lie."""
    return data_dir / "backups" / str(workspace_id)


def drafts(place: Path) -> list[Path]:
    """What is half-written there."""
    return [path for path in place.glob(".*") if path.is_file()]


def sweep(database: Database, data_dir: Path) -> None:
    """Have those begun anew whose worker died, and send again those that wait, should the broker have lost them."""
    is_lost = and_(Backup.state.in_(_UNDER_WAY), Backup.beat_at < clock.wall() - SILENCE)
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        found = session.execute(select(Backup.workspace_id, Backup.id).where(is_lost).limit(100)).all()
    for workspace_id, id in found:
        with database.scope(workspace_id) as session:
            _go_on(session, id, is_lost, folder(data_dir, workspace_id))


def _go_on(session: TenantSession, id: int, is_lost: ColumnElement[bool], place: Path) -> None:
    row = session.scalar(select(Backup).where(Backup.id == id, is_lost).with_for_update())
    if row is None:
        return
    resumed = select(func.count()).where(
        Event.kind == _RESUMED, Event.record_type == "backup", Event.record_id == row.id
    )
    tries = session.scalar(resumed) or 0
    newer = session.scalar(select(Backup.id).where(Backup.id > row.id).limit(1))
    if newer is not None or (row.state is BackupState.RUNNING and tries + 1 >= MAX_TRIES):
        log.warning("backup.given_up", backup_id=row.id, tries=tries + 1)
        row.state = BackupState.FAILED
        row.error = f"It was interrupted {tries + 1} times and given up. Make another."
        finish(session, row)
        for draft in [] if newer else drafts(place):
            draft.unlink(missing_ok=True)
        return
    row.beat_at = clock.wall()
    if row.state is BackupState.WAITING and leases.sent_again(session, MAKE_BACKUP, _work(row, tries).job_id):
        return
    row.state, row.progress = BackupState.WAITING, 0.0
    session.flush()
    log.info("backup.resumed", backup_id=row.id, tries=tries + 1)
    events.record(session, _RESUMED, by=events.SYSTEM, subject=("backup", row.id), work=_work(row, tries + 1))
