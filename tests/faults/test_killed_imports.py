"""An import whose worker is killed goes on where it was: each row and each message once, whenever it happens."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from io import BytesIO

import pytest
from sqlalchemy import func, select

from shared import events, imports
from shared.events import Actor
from shared.imports import dropped, jobs
from shared.models import ActivitySource, Attachment, Company, Contact, Event, ImportJob, ImportRow, Note
from shared.tenancy import TenantSession
from tests.faults.conftest import Stack, kill, wait_until
from tests.shared.activities.conftest import letter

pytestmark = pytest.mark.faults

ROWS = 2500
PEOPLE = "First name,Last name,Email,Company\n" + "".join(
    f"Jane,Roe{i},p{i}@x.example,Company {i % 40}\n" for i in range(ROWS)
)


def begin(stack: Stack, file: str = PEOPLE) -> int:
    def ask(session: TenantSession, by: Actor) -> ImportJob:
        folder = stack.settings.upload_dir
        job = imports.receive(session, BytesIO(file.encode()), "people.csv", upload_dir=folder, by=by)
        jobs.set_options(job, auto_start=True)
        imports.check(session, job, by=by)
        return job

    return stack.begin(ask)


def job_of(stack: Stack, id: int) -> ImportJob:
    with stack.database.scope(stack.cast.acme, read_only=True) as session:
        return session.get_one(ImportJob, id)


def staged(stack: Stack, id: int) -> int:
    with stack.database.scope(stack.cast.acme, read_only=True) as session:
        return session.scalar(select(func.count()).where(ImportRow.job_id == id)) or 0


def killed_twice(stack: Stack, id: int, rows: int, *, after_the_look: Callable[[], None] = lambda: None) -> None:
    """The worker dies while it looks and while it imports; a third one comes to the end, with each row created."""
    worker = stack.start_worker("crm")
    wait_until(lambda: staged(stack, id) > 0, "staged rows", explain=stack.logs)
    kill(worker)
    assert job_of(stack, id).created == 0
    worker = stack.start_worker("crm")
    after_the_look()
    wait_until(lambda: job_of(stack, id).created > 0, "records", explain=stack.logs)
    kill(worker)
    assert 0 < job_of(stack, id).created < rows
    stack.start_worker("crm")
    wait_until(lambda: job_of(stack, id).status.value == "done", "the end", explain=stack.logs)
    job = job_of(stack, id)
    assert (job.created, job.updated, job.skipped, job.failed) == (rows, 0, 0, 0)


def test_a_worker_killed_while_it_checks_and_while_it_imports(stack: Stack) -> None:
    killed_twice(stack, begin(stack), ROWS)
    with stack.database.scope(stack.cast.acme, read_only=True) as session:
        names = Counter(session.scalars(select(Contact.last_name)))
        assert len(names) == ROWS and set(names.values()) == {1}
        assert session.scalar(select(func.count()).select_from(Company)) == 40
        made = select(func.count()).where(Event.kind == "contact.created")
        assert session.scalar(made) == ROWS


MAILS = 300
ATTACHED = """Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

Hello
--b
Content-Type: text/csv
Content-Disposition: attachment; filename="offer.csv"

a,b
--b--"""


def mailbox() -> bytes:
    mails = (letter(id=f"<m{n}@roe.example>", subject=f"Offer {n}", text="", more=ATTACHED) for n in range(MAILS))
    return b"".join(b"From x@x Tue Nov 10 09:30:00 2026\n" + mail + b"\n" for mail in mails)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_worker_killed_in_the_middle_of_a_mailbox(stack: Stack) -> None:
    by = Actor("user", stack.cast.alice)
    with stack.database.scope(stack.cast.acme) as session:
        sent = [(BytesIO(mailbox()), "all.mbox")]
        id = dropped.receive(session, sent, stack.settings, by=by, at_once=False).id
    events.sweep(stack.database, stack.redis_url)

    def begin_it() -> None:
        wait_until(lambda: job_of(stack, id).status.value == "checked", "the look", explain=stack.logs)
        with stack.database.scope(stack.cast.acme) as session:
            job = session.get_one(ImportJob, id)
            dropped.start(session, job, stack.settings, by=by, contacts=["jane@roe.example"], files=True)
        events.sweep(stack.database, stack.redis_url)

    killed_twice(stack, id, MAILS, after_the_look=begin_it)
    with stack.database.scope(stack.cast.acme, read_only=True) as session:
        subjects = Counter(note.body.partition("\n")[0] for note in session.scalars(select(Note)))
        assert len(subjects) == MAILS and set(subjects.values()) == {1}
        for model, count in ((ActivitySource, MAILS), (Attachment, MAILS), (Contact, 1)):
            assert session.scalar(select(func.count()).select_from(model)) == count


_SHORT_TURNS = "from shared import leases, worker; leases.TURN_S = leases._LOOK_AGAIN_S = 0.2; worker.main(['crm'])"


def test_two_long_imports_share_a_worker_that_is_killed_again_and_again(stack: Stack) -> None:
    first, second = begin(stack), begin(stack, PEOPLE.replace("Roe", "Doe").replace(",p", ",q"))
    seen_together = False
    worker = stack.run_python(_SHORT_TURNS)
    give_up = time.monotonic() + 120
    kills, next_at = 0, 1
    while any(job_of(stack, id).status.is_working for id in (first, second)):
        assert time.monotonic() < give_up, stack.logs()
        here = [job_of(stack, id) for id in (first, second)]
        seen_together |= all(job.done and job.status.is_working for job in here)
        created = sum(job.created for job in here)
        if kills < 3 and created >= next_at:
            kill(worker)
            worker = stack.run_python(_SHORT_TURNS)
            kills, next_at = kills + 1, created + 1000
        time.sleep(0.02)
    assert kills == 3 and seen_together, "one has waited for the other to end"
    for id in (first, second):
        job = job_of(stack, id)
        assert (job.status.value, job.created, job.updated, job.failed) == ("done", ROWS, 0, 0)
    with stack.database.scope(stack.cast.acme, read_only=True) as session:
        names = Counter(session.scalars(select(Contact.last_name)))
        assert len(names) == 2 * ROWS and set(names.values()) == {1}
