"""A file on its way into Alice's workspace, without a worker: each stage is run when a test says so."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from shared import imports
from shared.config import Settings
from shared.database import Database
from shared.events import Actor
from shared.imports import jobs, running
from shared.models import ImportJob, ImportRow
from tests.conftest import Cast
from tests.shared.imports.seen import Run


class Import(Run):
    """One import. `go` does all of it."""

    def receive(self, data: bytes | str, name: str = "people.csv", **options: Any) -> ImportJob:
        raw = data.encode() if isinstance(data, str) else data
        with self.database.scope(self.workspace_id) as session:
            upload_dir = self.settings.upload_dir
            job = imports.receive(session, BytesIO(raw), name, upload_dir=upload_dir, by=self.by, **options)
            self.id = job.id
        return self.job

    def check(self, **options: Any) -> ImportJob:
        self._want(lambda session, job: (jobs.set_options(job, **options), imports.check(session, job, by=self.by)))
        return self.run()

    def start(self) -> ImportJob:
        self._want(lambda session, job: imports.start(session, job, by=self.by))
        return self.run()

    def revert(self) -> ImportJob:
        self._want(lambda session, job: imports.revert(session, job, by=self.by))
        return self.run()

    def run(self) -> ImportJob:
        """What a worker would do."""
        running.run(self.settings, self.workspace_id, self.id, self.job.run)
        return self.job

    def go(self, data: bytes | str, name: str = "people.csv", *, duplicates: str = "update", **more: Any) -> ImportJob:
        self.receive(data, name, **more)
        self.check(duplicates=duplicates)
        return self.start()

    def choose(self, number: int, choice: str) -> None:
        with self.database.scope(self.workspace_id) as session:
            self._row(session, number).choice = choice

    def _row(self, session: Any, number: int) -> ImportRow:
        found: ImportRow = session.scalars(
            select(ImportRow).where(ImportRow.job_id == self.id, ImportRow.number == number)
        ).one()
        return found

    def _want(self, say: Callable[[Any, ImportJob], object]) -> None:
        with self.database.scope(self.workspace_id) as session:
            say(session, session.get_one(ImportJob, self.id))


@pytest.fixture
def importing(database: Database, settings: Settings, cast: Cast) -> Import:
    """An import by Alice."""
    return Import(database, settings, cast.acme, Actor("user", cast.alice))
