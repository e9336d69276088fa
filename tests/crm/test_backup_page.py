"""The backup page: one workspace in a file that can be restored, for its admins alone."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from crm import backup, backups
from shared import clock, records, security
from shared.config import Settings
from shared.database import Database
from shared.events import Actor
from shared.models import Backup, BackupState, Company, Event, User, Workspace
from shared.records import uploads
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
    backups.make(database, settings, cast.acme, row.id)
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
        return save(*args, on_progress=on_progress, **more)

    monkeypatch.setattr(backup, "save", with_the_lock_held)
    backups.make(database, settings, cast.acme, asked.id)
    session.expire_all()
    assert asked.state is BackupState.READY, asked.error


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_next_takes_its_place_and_one_whose_worker_died_does_not_stand_in_the_way(
    admin: Browser, database: Database, session: TenantSession, settings: Settings, cast: Cast
) -> None:
    _, first = ask(admin, session)
    assert first is not None
    backups.make(database, settings, cast.acme, first.id)
    backups.make(database, settings, cast.acme, first.id)
    _, dead = ask(admin, session)
    assert dead is not None
    session.execute(
        update(Backup).where(Backup.id == dead.id).values(
            state=BackupState.RUNNING, beat_at=clock.wall() - timedelta(minutes=3)
        )
    )  # fmt: skip
    session.commit()
    assert "It was interrupted" in admin.get("/settings/backup").text
    _, third = ask(admin, session)
    assert third is not None and third.id != dead.id
    backups.make(database, settings, cast.acme, third.id)
    assert [path.name for path in backups.folder(settings, cast.acme).iterdir()] == [third.file_name]
    assert admin.post(f"/settings/backup/{first.id}/download", {"current_password": PASSWORD}).status_code == 404


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
    backups.make(database, settings, cast.acme, row.id)
    member, intruder = browse(cast.bob), browse(cast.mallory)
    assert member.get("/settings/backup").status_code == 403
    assert member.post("/settings/backup").status_code == 403
    assert member.post(f"/settings/backup/{row.id}/download").status_code == 403
    assert intruder.post(f"/settings/backup/{row.id}/download").status_code == 404
    assert "Latest backup" not in intruder.get("/settings/backup").text
