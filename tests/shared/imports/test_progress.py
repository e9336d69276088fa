"""How far an import is, how long it will take, and what it waits for when nobody works on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared import clock
from shared.imports import showing
from shared.models import ImportJob, ImportStatus

LEASE_S = 15.0


def job(seconds: float | None, *, before: int = 0, lease_left_s: float | None = 15, **values: Any) -> ImportJob:
    """An import of 1,000 rows whose worker began so many seconds ago, when others had done `before` of them."""
    now = clock.wall()
    values = {
        "status": ImportStatus.IMPORTING,
        "done": 0,
        "created": 0,
        "updated": 0,
        "reverted": 0,
        "kept": 0,
    } | values
    return ImportJob(
        total=1000,
        options={"done_before": before},
        started_at=None if seconds is None else now - timedelta(seconds=seconds),
        lease_until=None if lease_left_s is None else now + timedelta(seconds=lease_left_s),
        **values,
    )


def left_s(one: ImportJob) -> float | None:
    found = showing.time_left(one, lease_s=LEASE_S)
    return None if found is None else found.total_seconds()


def test_time_left_is_told_from_the_rows_of_the_present_worker() -> None:
    assert left_s(job(10, done=500)) == pytest.approx(10, abs=0.5)
    gone_on = job(10, done=600, before=500)  # 100 rows in 10 s
    assert (showing.progress(gone_on), left_s(gone_on)) == (0.6, pytest.approx(40, abs=0.5))
    back = {"status": ImportStatus.REVERTING, "created": 1000, "reverted": 500, "kept": 100}
    assert left_s(job(10, before=500, **back)) == pytest.approx(40, abs=0.5)


def test_there_is_no_time_left_to_tell_before_some_rows_are_done() -> None:
    assert left_s(job(10, done=510, before=500)) is None
    assert left_s(job(None)) is None
    assert left_s(job(10, done=0, status=ImportStatus.DONE)) is None


def test_an_import_that_waits_says_for_what() -> None:
    def waits(one: ImportJob) -> str | None:
        return showing.waits_for(one, lease_s=LEASE_S)

    assert waits(job(None, lease_left_s=None)) == "turn"
    assert waits(job(10)) is None
    assert waits(job(10, lease_left_s=9)) is None  # it is renewed every 5 seconds
    assert waits(job(10, lease_left_s=4)) == "worker"
    assert waits(job(10, lease_left_s=None)) == "worker"
    assert left_s(job(10, done=500, lease_left_s=4)) is None
    assert waits(job(10, lease_left_s=None, status=ImportStatus.DONE)) is None
