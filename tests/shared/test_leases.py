"""What becomes of a leased run: done, taken over, postponed, refused, or broken by a bug."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from shared.config import Settings
from shared.database import Database
from shared.errors import Conflict, Unavailable
from shared.leases import LeasedRun, LeaseLost
from shared.tenancy import TenantSession
from tests.conftest import Cast


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@dataclass(slots=True)
class Run(LeasedRun):
    log_name = "test"
    bug_message = "It broke ({reference})."

    error: Exception | None = None
    renewed: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def log_fields(self) -> dict[str, int]:
        return {"run": 1}

    def work(self) -> None:
        if self.error is not None:
            raise self.error

    def renew(self, session: TenantSession, *, lease_s: float) -> None:
        self.renewed.append(lease_s)

    def fail(self, session: TenantSession, reason: str) -> None:
        self.failures.append(reason)


@pytest.fixture
def run(database: Database, settings: Settings, cast: Cast) -> Run:
    return Run(settings, cast.acme)


@pytest.mark.parametrize("error", [None, LeaseLost()], ids=["done", "taken over"])
def test_what_is_done_or_another_workers_is_left_alone(run: Run, error: Exception | None) -> None:
    run.error = error
    run.carry_out()
    assert (run.renewed, run.failures) == ([], [])


def test_a_bad_moment_of_the_machine_gives_the_lease_back_at_once(run: Run) -> None:
    run.error = Unavailable("The disk is full.")
    with pytest.raises(Unavailable):
        run.carry_out()
    assert (run.renewed, run.failures) == ([0], [])


def test_what_a_person_can_understand_fails_the_run_with_it(run: Run) -> None:
    run.error = Conflict("The file is gone.")
    run.carry_out()
    assert run.failures == ["The file is gone."]


def test_a_bug_fails_the_run_with_a_reference_and_is_passed_on(run: Run) -> None:
    run.error = KeyError("x")
    with pytest.raises(KeyError):
        run.carry_out()
    [reason] = run.failures
    assert len(reason) == len("It broke (12345678).") and "{" not in reason
