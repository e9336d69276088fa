"""The backup page: one workspace in a file that can be restored, for its admins alone."""

from __future__ import annotations

import errno
import io
import tarfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from crm import backup
from crm import backups as making
from shared import clock, records, security
from shared.config import Settings
from shared.database import Database
from shared.errors import Invalid
from shared.events import Actor
from shared.models import Backup, BackupState, Company, Event, User, Workspace
from shared.records import backups, uploads
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from tests.conftest import Cast

from .conftest import Browser

Browse = Callable[[int], Browser]
PASSWORD = "correct horse battery"


@pytest.fixture
def admin(browse: Browse, session: TenantSession, alice: User) -> Browser:
    alice.password_hash = security.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    session.commit()
    return browse(alice.id)


def ask(browser: Browser, session: TenantSession, password: str = PASSWORD) -> tuple[int, Backup | None]:
    status = browser.post("/settings/backup", {"current_password": password}).status_code
    row = backups.latest(session)
    session.commit()
    return status, row


def test_it_holds_this_workspace_alone_and_restores_elsewhere(
    admin: Browser,
    database: Database,
    session: TenantSession,
    mallory_session: TenantSession,
    settings: Settings,
    cast: Cast,
    tmp_path: Path,
) -> None:
    records.create(session, "company", {"name": "Ours"}, by=Actor("user", cast.alice))
    session.commit()
    records.create(mallory_session, "company", {"name": "Theirs"}, by=Actor("user", cast.mallory))
    mallory_session.commit()
    uploads.save(settings.upload_dir, cast.acme, b"our words")
    uploads.save(settings.upload_dir, cast.globex, b"their words")
    assert ask(admin, session, "wrong") == (422, None)
    status, row = ask(admin, session)
    assert status == 303 and row is not None
    assert "Waiting for the worker" in admin.get("/settings/backup").text
    assert ask(admin, session)[0] == 409
    making.make(database, settings, cast.acme, row.id)
    page = admin.get("/settings/backup").text
    assert "Ready" in page
    assert f'action="/settings/backup/{row.id}/download" novalidate data-download>' in page  # to be used again
    for wrong in ({}, {"current_password": "wrong"}):  # a browser left open gives nobody's hash away
        refused = admin.post(f"/settings/backup/{row.id}/download", wrong)
        assert refused.status_code == 422 and "This is not your present password." in refused.text
    answer = admin.post(f"/settings/backup/{row.id}/download", {"current_password": PASSWORD})
    archive = tmp_path / "downloaded.tar.gz"
    archive.write_bytes(answer.data)
    answer.close()
    with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as opened:
        everything = b"".join(file.read() for entry in opened if (file := opened.extractfile(entry)))
    assert b"Ours" in everything and b"our words" in everything
    assert b"Theirs" not in everything and b"their words" not in everything and b"mallory" not in everything
    elsewhere = Database(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    backup.restore(elsewhere, tmp_path / "elsewhere", archive)
    with elsewhere.scope(EVERY_WORKSPACE, read_only=True) as restored:
        assert restored.scalars(select(Workspace.name)).all() == ["Acme"]
        assert restored.scalars(select(Company.name)).all() == ["Ours"]
    elsewhere.dispose()
    kinds = set(session.scalars(select(Event.kind).where(Event.kind.startswith("backup."))))
    assert kinds == {"backup.requested", "backup.made", "backup.downloaded"}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_busy_database_holds_its_progress_up_and_not_the_backup(
    admin: Browser, database: Database, session: TenantSession, settings: Settings, cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    _, asked = ask(admin, session)
    assert asked is not None
    save = backup.save

    def with_the_lock_held(*args: Any, on_progress: Callable[[float], None], **more: Any) -> backup.Contents:
        monkeypatch.setattr("shared.database.LOCK_WAIT_S", 0.05)
        with database.session(cast.acme) as writing:
            writing.get(User, cast.alice)
            on_progress(0.5)
            time.sleep(0.2)  # the beat comes meanwhile
        return save(*args, on_progress=on_progress, **more)

    monkeypatch.setattr(making, "BEAT_S", 0.02)
    monkeypatch.setattr(backup, "save", with_the_lock_held)
    making.make(database, settings, cast.acme, asked.id)
    session.expire_all()
    assert asked.state is BackupState.READY, asked.error


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_next_takes_the_place_of_the_last(
    admin: Browser, database: Database, session: TenantSession, settings: Settings, cast: Cast
) -> None:
    _, first = ask(admin, session)
    assert first is not None
    making.make(database, settings, cast.acme, first.id)
    making.make(database, settings, cast.acme, first.id)
    _, second = ask(admin, session)
    assert second is not None and second.id != first.id
    making.make(database, settings, cast.acme, second.id)
    assert [path.name for path in backups.folder(settings.data_dir, cast.acme).iterdir()] == [second.file_name]
    assert admin.post(f"/settings/backup/{first.id}/download", {"current_password": PASSWORD}).status_code == 404


def silent(session: TenantSession, row: Backup, state: BackupState) -> None:
    """Its worker has died, or the broker has lost it, a while ago."""
    ago = clock.wall() - timedelta(minutes=1)
    session.execute(update(Backup).where(Backup.id == row.id).values(state=state, beat_at=ago))
    session.commit()


def jobs_sent(session: TenantSession) -> list[str]:
    session.commit()
    waiting = select(Event.job_id).where(Event.job == "crm.jobs.make_backup", Event.sent_at.is_(None))
    return [str(job) for job in session.scalars(waiting.order_by(Event.id))]


def test_one_whose_worker_died_is_begun_anew_and_given_up_after_three_tries(
    admin: Browser, database: Database, session: TenantSession, settings: Settings, cast: Cast
) -> None:
    _, row = ask(admin, session)
    assert row is not None
    place = backups.folder(settings.data_dir, cast.acme)
    place.mkdir(parents=True)
    for tries in (1, 2):
        silent(session, row, BackupState.RUNNING)
        assert "It begins anew by itself within half a minute." in admin.get("/settings/backup").text
        assert ask(admin, session)[0] == 409
        session.execute(update(Event).values(sent_at=clock.wall()))
        session.commit()
        for _ in range(2):  # the second time there is nothing to do
            backups.sweep(database, settings.data_dir)
        assert jobs_sent(session) == [f"backup-{row.id}-{tries}"]
        assert "Waiting for the worker" in admin.get("/settings/backup").text
    (place / f".{row.file_name}.half").write_bytes(b"half")
    silent(session, row, BackupState.RUNNING)
    backups.sweep(database, settings.data_dir)
    assert "It was interrupted 3 times and given up. Make another." in admin.get("/settings/backup").text
    assert list(place.iterdir()) == []
    assert ask(admin, session)[0] == 303


def test_one_that_waits_is_sent_again_and_nothing_is_written_down(
    admin: Browser, database: Database, session: TenantSession, settings: Settings
) -> None:
    _, row = ask(admin, session)
    assert row is not None
    for _ in range(5):  # it may wait behind others for long
        silent(session, row, BackupState.WAITING)
        session.execute(update(Event).values(sent_at=clock.wall()))
        session.commit()
        backups.sweep(database, settings.data_dir)
        assert jobs_sent(session) == [f"backup-{row.id}-0"]
    assert "Waiting for the worker" in admin.get("/settings/backup").text


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_one_taken_for_dead_does_not_spoil_what_another_has_made_meanwhile(
    admin: Browser, database: Database, session: TenantSession, settings: Settings, cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    _, row = ask(admin, session)
    assert row is not None
    save = backup.save

    def overtaken(*args: Any, **more: Any) -> backup.Contents:
        monkeypatch.setattr(backup, "save", save)
        making.make(database, settings, cast.acme, row.id)
        raise Invalid("The backup cannot be written: its draft is gone.")

    monkeypatch.setattr(backup, "save", overtaken)
    making.make(database, settings, cast.acme, row.id)
    session.expire_all()
    assert (row.state, row.error) == (BackupState.READY, None)
    assert [path.name for path in backups.folder(settings.data_dir, cast.acme).iterdir()] == [row.file_name]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_full_disk_is_said_and_leaves_nothing_half_written(
    admin: Browser, database: Database, session: TenantSession, settings: Settings, cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    _, row = ask(admin, session)
    assert row is not None

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tarfile.TarFile.addfile", full)
    making.make(database, settings, cast.acme, row.id)
    page = admin.get("/settings/backup").text
    assert "There was no room for it on the disk. Make room, then make another." in page
    assert list(backups.folder(settings.data_dir, cast.acme).iterdir()) == []


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_only_admins_make_one_and_nobody_takes_another_tenants(
    admin: Browser,
    browse: Browse,
    database: Database,
    session: TenantSession,
    settings: Settings,
    cast: Cast,
) -> None:
    _, row = ask(admin, session)
    assert row is not None
    making.make(database, settings, cast.acme, row.id)
    member, intruder = browse(cast.bob), browse(cast.mallory)
    assert member.get("/settings/backup").status_code == 403
    assert member.post("/settings/backup").status_code == 403
    assert member.post(f"/settings/backup/{row.id}/download").status_code == 403
    assert intruder.post(f"/settings/backup/{row.id}/download").status_code == 404
    assert "Latest backup" not in intruder.get("/settings/backup").text
