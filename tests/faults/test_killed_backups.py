"""A backup whose worker is killed is begun anew by the next, and leaves nothing half-written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crm import backup
from shared.database import Database
from shared.models import Backup, BackupState
from shared.records import backups, uploads
from tests.faults.conftest import Stack, kill, wait_until

pytestmark = pytest.mark.faults

FILES = 60
_WORKER = (
    "from datetime import timedelta; from shared import worker; from shared.records import backups;"
    " backups.SILENCE, worker.SWEEP_EVERY_S = timedelta(seconds=1.5), 0.5; worker.main(['crm'])"
)


def begin(stack: Stack) -> int:
    for _ in range(FILES):
        uploads.save(stack.settings.upload_dir, stack.cast.acme, os.urandom(2**20))
    return stack.begin(lambda session, by: backups.request(session, by=by))


def row_of(stack: Stack, id: int) -> Backup:
    with stack.database.scope(stack.cast.acme, read_only=True) as session:
        return session.get_one(Backup, id)


def was_killed_in_the_middle(stack: Stack, place: Path, id: int) -> bool:
    """A worker that has written a part of an archive, and dies; False where it has given the backup up."""
    worker = stack.run_python(_WORKER)
    before = set(backups.drafts(place))

    def has_begun() -> bool:
        return any(path.stat().st_size > 2**20 for path in set(backups.drafts(place)) - before)

    def is_given_up() -> bool:
        return row_of(stack, id).state is BackupState.FAILED

    wait_until(lambda: has_begun() or is_given_up(), "a draft, or the end", explain=stack.logs)
    kill(worker)
    return not is_given_up()


def test_a_killed_one_is_begun_anew_and_given_up_after_three_tries(stack: Stack, tmp_path: Path) -> None:
    id = begin(stack)
    place = backups.folder(stack.settings.data_dir, stack.cast.acme)
    assert was_killed_in_the_middle(stack, place, id)
    assert row_of(stack, id).state is BackupState.RUNNING
    stack.run_python(_WORKER)
    wait_until(lambda: row_of(stack, id).state is BackupState.READY, "the archive", explain=stack.logs)
    made = place / row_of(stack, id).file_name
    assert list(place.iterdir()) == [made]
    elsewhere = Database(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    assert backup.restore(elsewhere, tmp_path / "uploads", made).files == FILES
    elsewhere.dispose()
    kill(stack.processes[-1])
    again = begin(stack)
    kills = 0
    while was_killed_in_the_middle(stack, place, again):
        kills += 1  # the sweep counts those that it resumed: not one whose job the next worker still found waiting
        assert kills <= 2 * backups.MAX_TRIES
    assert kills >= backups.MAX_TRIES
    assert row_of(stack, again).error == "It was interrupted 3 times and given up. Make another."
    wait_until(lambda: list(place.iterdir()) == [made], "no draft any more")  # and the last one stays
