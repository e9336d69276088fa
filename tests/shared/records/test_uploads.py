"""Files on disk: whole or not there, and nothing half-written stays for ever."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from shared import worker
from shared.config import Settings
from shared.database import Database
from shared.records import uploads


def test_drafts_of_killed_processes_are_removed_a_day_later(tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    kept = uploads.path_of(folder, 1, uploads.save(folder, 1, b"words"))
    drafts = [folder / "1" / ".upload.0a", kept.with_name(".abc.0b"), tmp_path / ".restore-x" / "1" / "ab" / "abc"]
    for draft in drafts:
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(b"half of it")
    uploads.tidy(folder)
    assert all(draft.exists() for draft in drafts), "somebody may be at it"
    long_ago = time.time() - 25 * 60 * 60
    for path in (*drafts[:2], tmp_path / ".restore-x", kept):
        os.utime(path, (long_ago, long_ago))
    uploads.tidy(folder)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [kept]
    assert not (tmp_path / ".restore-x").exists()
    uploads.tidy(tmp_path / "nothing here yet")


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_worker_tidies_when_it_starts(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    tidied: list[int] = []

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(worker, "sweep", end)
    with pytest.raises(KeyboardInterrupt):
        worker.sweep_forever(database, settings, tidy=lambda: tidied.append(1))
    assert tidied == [1]
