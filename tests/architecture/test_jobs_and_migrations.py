"""Names that the language does not check: jobs called by dotted string, migrations chained by revision."""

from __future__ import annotations

import importlib

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from shared import migration, queue


@pytest.mark.parametrize("job", queue.JOBS.values(), ids=lambda job: job.path)
def test_every_job_name_leads_to_a_function(job: queue.Job) -> None:
    module, _, name = job.path.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("job", queue.JOBS.values(), ids=lambda job: job.path)
def test_every_job_has_a_worker_that_carries_it(job: queue.Job) -> None:
    assert job.queue in queue.QUEUES


def test_migrations_form_one_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(migration.FOLDER))
    assert ScriptDirectory.from_config(config).get_heads() == [migration.head_revision()]
