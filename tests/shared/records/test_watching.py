"""Files in the watch folder become meetings, each exactly once, whatever happens in between."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from shared import worker
from shared.config import MAX_UPLOAD_BYTES, Settings
from shared.database import Database
from shared.models import Meeting, MeetingStatus
from shared.records import watching
from shared.records.watching import Watch
from tests.conftest import Cast

TALK = b"Ana: Hello.\nBo: Hi.\nAna: Bye.\n"


@pytest.fixture
def inbox(tmp_path: Path, cast: Cast) -> Path:
    """The folder of the workspace acme: there are two workspaces."""
    folder = tmp_path / "inbox" / str(cast.acme)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    made = Watch(tmp_path / "inbox", tmp_path / "uploads", settled_s=0)
    yield made
    made.close()


def rounds(watch: Watch, database: Database, count: int = 2) -> int:
    return sum(watch.scan(database) for _ in range(count))


def titles(database: Database, workspace_id: int) -> list[str]:
    with database.scope(workspace_id, read_only=True) as session:
        return list(session.scalars(select(Meeting.title).order_by(Meeting.id)))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_file_becomes_a_meeting_and_lies_in_done(watch: Watch, database: Database, inbox: Path, cast: Cast) -> None:
    (inbox / "call_acme.txt").write_bytes(TALK)
    assert rounds(watch, database, 4) == 1
    assert titles(database, cast.acme) == ["call acme"]
    assert titles(database, cast.globex) == []
    assert names(inbox) == ["done"]
    assert (inbox / "done" / "call_acme.txt").read_bytes() == TALK
    with database.scope(cast.acme, read_only=True) as session:
        meeting = session.scalars(select(Meeting)).one()
        assert (meeting.status, meeting.actor, meeting.created_by_id) == (MeetingStatus.QUEUED, "system", None)


def test_known_bytes_make_no_second_meeting(watch: Watch, database: Database, inbox: Path, cast: Cast) -> None:
    for name in ("a.txt", "b.txt"):
        (inbox / name).write_bytes(TALK)
    rounds(watch, database)
    (inbox / "a.txt").write_bytes(TALK)
    rounds(watch, database)
    assert len(titles(database, cast.acme)) == 1
    assert names(inbox / "done") == ["a (2).txt", "a.txt", "b.txt"]


def test_what_cannot_be_read_is_refused_with_a_reason(
    watch: Watch, database: Database, inbox: Path, cast: Cast
) -> None:
    (inbox / "song.mp3").write_bytes(b"ID3" + bytes(100))
    (inbox / "good.txt").write_bytes(TALK)
    rounds(watch, database)
    assert len(titles(database, cast.acme)) == 1
    assert names(inbox / "refused") == ["song.mp3", "song.mp3.txt"]
    assert "audio file" in (inbox / "refused" / "song.mp3.txt").read_text()
    assert watching.refused_in(inbox) == 1
    assert rounds(watch, database) == 0


def test_a_file_over_the_limit_is_refused_without_reading_it_whole(
    watch: Watch, database: Database, inbox: Path, cast: Cast
) -> None:
    with (inbox / "huge.txt").open("wb") as file:
        file.truncate(MAX_UPLOAD_BYTES * 50)  # a hole: the disk holds nothing of it
    rounds(watch, database)
    assert titles(database, cast.acme) == []
    assert "at most 20 MB" in (inbox / "refused" / "huge.txt.txt").read_text()


def test_a_file_that_is_still_written_is_waited_for(watch: Watch, database: Database, inbox: Path, cast: Cast) -> None:
    path = inbox / "slow.txt"
    for part in (TALK[:10], TALK[10:20], TALK[20:]):
        with path.open("ab") as file:
            file.write(part)
        assert watch.scan(database) == 0
    assert watch.scan(database) == 1
    watch.settled_s = 60
    path.write_bytes(TALK + b"Bo: New.\n")
    assert rounds(watch, database, 3) == 0


def test_an_empty_file_may_be_the_beginning_of_one(watch: Watch, database: Database, inbox: Path) -> None:
    (inbox / "new.txt").touch()
    assert rounds(watch, database, 3) == 0
    assert names(inbox) == ["new.txt"]


def test_links_folders_hidden_and_unfinished_files_are_left_alone(
    watch: Watch, database: Database, inbox: Path, tmp_path: Path, cast: Cast
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_bytes(TALK)
    (inbox / "link.txt").symlink_to(secret)
    (inbox / "folder").mkdir()
    (inbox / "folder" / "deep.txt").write_bytes(TALK)
    for name in (".hidden.txt", "a.crdownload", "b.txt.part", "~$c.docx", "d.txt~", "e.tmp", "Thumbs.db"):
        (inbox / name).write_bytes(TALK)
    os.mkfifo(inbox / "pipe.txt")
    before = names(inbox)
    assert rounds(watch, database, 3) == 0
    assert names(inbox) == before
    assert titles(database, cast.acme) == []


def test_a_folder_belongs_to_its_workspace_by_number_or_name(
    watch: Watch, database: Database, tmp_path: Path, cast: Cast
) -> None:
    for name in ("globex", "nobody", str(cast.acme)):
        (tmp_path / "inbox" / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "inbox" / name / f"{name}.txt").write_bytes(TALK)
    (tmp_path / "inbox" / "whose.txt").write_bytes(TALK)  # with two workspaces nobody knows
    rounds(watch, database)
    assert titles(database, cast.globex) == ["globex"]
    assert titles(database, cast.acme) == [str(cast.acme)]
    assert names(tmp_path / "inbox" / "nobody") == ["nobody.txt"]
    assert (tmp_path / "inbox" / "whose.txt").exists()


def test_a_link_in_place_of_a_workspaces_folder_is_not_followed(
    watch: Watch, database: Database, tmp_path: Path, cast: Cast
) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "a.txt").write_bytes(TALK)
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / str(cast.acme)).symlink_to(tmp_path / "private")
    assert rounds(watch, database, 3) == 0


def test_with_one_workspace_the_folder_itself_is_watched(
    watch: Watch, database: Database, tmp_path: Path, cast: Cast
) -> None:
    from shared.models import User, Workspace

    with database.scope(cast.globex) as session:
        session.delete(session.get_one(User, cast.mallory))
        session.flush()
        session.delete(session.get_one(Workspace, cast.globex))
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.txt").write_bytes(TALK)
    rounds(watch, database)
    assert titles(database, cast.acme) == ["a"]
    assert "done" in names(tmp_path / "inbox")


def test_one_process_watches_at_a_time(watch: Watch, database: Database, inbox: Path, tmp_path: Path) -> None:
    watch.scan(database)
    (inbox / "a.txt").write_bytes(TALK)
    other = Watch(tmp_path / "inbox", tmp_path / "uploads", settled_s=0)
    assert rounds(other, database, 3) == 0
    watch.close()
    assert rounds(other, database, 3) == 1
    other.close()


def test_a_file_that_breaks_something_does_not_hold_up_the_others(
    watch: Watch, database: Database, inbox: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = watching._receive

    def breaks(session, data, name, upload_dir):  # type: ignore[no-untyped-def]
        if name == "bad.txt":
            raise RuntimeError("a bug")
        return receive(session, data, name, upload_dir)

    monkeypatch.setattr(watching, "_receive", breaks)
    (inbox / "bad.txt").write_bytes(TALK + b"Bo: What?\n")
    (inbox / "good.txt").write_bytes(TALK)
    rounds(watch, database, 4)
    assert titles(database, cast.acme) == ["good"]
    assert names(inbox) == ["bad.txt", "done"]


def test_a_file_that_cannot_be_moved_makes_one_meeting_and_is_left(
    watch: Watch, database: Database, inbox: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def move(path: Path, where: str) -> Path:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(watching, "_move", move)
    (inbox / "a.txt").write_bytes(TALK)
    assert rounds(watch, database, 4) == 1
    assert len(titles(database, cast.acme)) == 1


def test_a_name_of_any_bytes_is_taken(watch: Watch, database: Database, inbox: Path, cast: Cast) -> None:
    (inbox / os.fsdecode(b"b\xff\xfead\n.txt")).write_bytes(TALK)
    rounds(watch, database)
    assert len(titles(database, cast.acme)) == 1


def test_killed_between_store_and_move_there_is_still_one_meeting(
    watch: Watch, database: Database, database_url: str, inbox: Path, tmp_path: Path, cast: Cast
) -> None:
    (inbox / "a.txt").write_bytes(TALK)
    script = textwrap.dedent(
        """
        import sys, time
        from pathlib import Path
        from shared.database import Database
        from shared.records import watching

        def move(path, where):
            print("stored", flush=True)
            time.sleep(60)

        watching._move = move
        watch = watching.Watch(Path(sys.argv[2]), Path(sys.argv[3]), settled_s=0)
        database = Database(sys.argv[1])
        while True:
            watch.scan(database)
        """
    )
    command = [sys.executable, "-c", script, database_url, str(tmp_path / "inbox"), str(tmp_path / "uploads")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"stored"
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert names(inbox) == ["a.txt"]
    assert len(titles(database, cast.acme)) == 1
    deadline = time.monotonic() + 10
    while names(inbox) != ["done"] and time.monotonic() < deadline:
        watch.scan(database)
    assert names(inbox) == ["done"]
    assert len(titles(database, cast.acme)) == 1


def test_the_worker_watches(
    database: Database, settings: Settings, inbox: Path, tmp_path: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inbox / "a.txt").write_bytes(TALK)
    swept = []

    def sweep(*_: object) -> None:
        swept.append(1)
        if len(swept) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(worker, "sweep", sweep)
    monkeypatch.setattr(worker, "SWEEP_EVERY_S", 0)
    watch = Watch(tmp_path / "inbox", tmp_path / "uploads", settled_s=0)
    with contextlib.suppress(KeyboardInterrupt):
        worker.sweep_forever(database, settings, watch)
    watch.close()
    with database.scope(cast.acme, read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(Meeting)) == 1
