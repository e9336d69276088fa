"""Dropped messages and events become activities of the right people, each once, and can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared import activities, clock, records, search
from shared.errors import Conflict
from shared.imports import running
from shared.models import Attachment, Contact, Direction, Note, NoteKind, Task, User
from shared.records import attachments, work
from shared.records import bin as bin_
from tests.factories import make_company, make_contact
from tests.shared.activities.conftest import Drop, calendar, letter

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
#: What asks no database anything particular.
ON_ONE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
CALL = (
    "UID:call\nSUMMARY:Quarterly review\nORGANIZER;CN=Alice:mailto:alice@acme.example\n"
    "ATTENDEE;CN=Jane Roe:mailto:jane@roe.example"
)


@pytest.fixture(autouse=True)
def _today() -> None:
    clock.configure(NOW)


def links(drop: Drop, type_: str, id: int) -> set[tuple[str, int]]:
    with drop.database.scope(drop.workspace_id, read_only=True) as session:
        return set(work.links_of(session, type_, id))


@ON_ONE
def test_mails_both_ways_hang_on_the_person_their_company_and_the_record(drop: Drop, session) -> None:
    roe = make_company(session, name="Roe Ltd")
    jane = make_contact(session, email="Jane@Roe.example", company_id=roe.id)
    other = make_contact(session, email="other@x.example")
    session.get_one(User, drop.by.user_id).mail_aliases = ["alice@home.example"]
    session.commit()
    ours = letter(sender="Alice@Home.example", to="jane@roe.example", id="<m2@acme.example>", subject="Re: Offer")
    drop.take(ours, letter(), on=("contact", other.id))
    assert drop.counts == (2, 0, 0, 0)
    first, second = drop.all(Note)
    assert {first.direction, second.direction} == {Direction.IN, Direction.OUT} and first.kind is NoteKind.EMAIL
    assert first.happened_at == first.created_at == datetime(2026, 11, 10, 8, 30, tzinfo=UTC)  # where it stands, too
    assert "Jane Roe <jane@roe.example>" in first.body + second.body
    expected = {("contact", jane.id), ("contact", other.id), ("company", roe.id)}
    assert links(drop, "note", first.id) == links(drop, "note", second.id) == expected
    assert first.author_id == drop.by.user_id  # whoever a sender claims to be
    with drop.database.scope(drop.workspace_id, read_only=True) as reading:
        assert ("note", first.id) in [(hit.type, hit.id) for hit in search.find(reading, "please send")]


def test_the_same_message_again_adds_nothing_and_says_so(drop: Drop, session) -> None:
    make_contact(session, email="jane@roe.example")
    drop.take(letter(), letter(text="the same id in another folder"))
    assert drop.counts == (1, 0, 1, 0)
    drop.look(letter())
    assert drop.rows[0].why == "known" and drop.job.plan["unchanged"] == 1
    drop.start()
    assert drop.counts == (0, 0, 1, 0) and len(drop.all(Note)) == 1
    with drop.database.scope(drop.workspace_id) as own:  # nor does one that somebody deleted come back
        records.delete(own, own.get_one(Note, drop.all(Note)[0].id), by=drop.by)
    drop.look(letter())
    assert drop.rows[0].why == "binned"
    drop.start()
    assert drop.all(Note) == []


@ON_ONE
def test_unknown_people_are_made_only_when_asked_for_and_go_with_the_undo(drop: Drop, session) -> None:
    company = make_company(session, name="Roe", domain="roe.example")
    robot = letter(sender="no-reply@roe.example", id="<m9@roe.example>")
    drop.take(letter(), robot)
    assert (drop.counts, drop.all(Note), drop.all(Contact)) == ((0, 0, 2, 0), [], [])
    drop.look(letter(), letter(id="<m2@roe.example>"), robot)
    assert drop.job.plan["people"] == [["jane@roe.example", "Jane Roe", 2]]
    drop.start(["jane@roe.example"])
    assert drop.counts == (2, 0, 1, 0)
    (jane,) = drop.all(Contact)
    assert (jane.first_name, jane.last_name, jane.company_id) == ("Jane", "Roe", company.id)
    job = drop.undo()
    assert (job.status.value, job.reverted, drop.all(Note), drop.all(Contact)) == ("reverted", 2, [], [])
    drop.take(letter(), contacts=["jane@roe.example"])
    assert len(drop.all(Note)) == 1  # what was taken back is new again
    with pytest.raises(Conflict):
        drop.start()


MIXED = (
    'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nHere it is.\n'
    "--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=plan.pdf\n"
    "Content-Transfer-Encoding: base64\n\nJVBERi0xLjQ=\n--b--\n"
)


@ON_ONE
@pytest.mark.parametrize(
    ("end", "cut"),
    [
        ("\nFirst line.\nLast line.\n\n", 0),
        ("\nFirst line.\nLast li", 1),  # a mailbox ends each message with an empty line
        (MIXED, 0),
        (MIXED[: MIXED.index("--b--")], 1),
        (MIXED[: MIXED.index("JVBER") + 5], 1),
    ],
)
def test_a_mailbox_that_was_not_copied_whole_says_how_many_messages_lack_their_end(
    drop: Drop, session, end: str, cut: int
) -> None:
    make_contact(session, email="jane@roe.example")
    separator = "From jane@roe.example Tue Nov 10 09:30:00 2026\n"
    head = (
        "From: jane@roe.example\nTo: alice@acme.example\nDate: Tue, 10 Nov 2026 09:30:00 +0100\nMessage-ID: <c{}@x>\n"
    )
    first = separator + head.format(1) + "\nWhole.\n\n"
    drop.look((first + separator + head.format(2) + end).encode(), name="Archive.mbox")
    assert (drop.job.total, drop.job.plan["cut"]) == (2, cut)
    assert ["cut" in row.values for row in drop.rows] == [False, bool(cut)]
    assert len(drop.all(Note)) == 0
    drop.start()
    assert drop.counts == (2, 0, 0, 0)  # it is said, and what is there is taken


@ON_ONE
def test_what_somebody_changed_stays_when_the_rest_is_taken_back(drop: Drop, session) -> None:
    make_contact(session, email="jane@roe.example")
    drop.take(letter(), letter(id="<m2@roe.example>"))
    first, _second = drop.all(Note)
    with drop.database.scope(drop.workspace_id) as own:
        records.update(own, own.get_one(Note, first.id), {"body": "Mine now."}, by=drop.by)
    job = drop.undo()
    assert (job.reverted, job.kept) == (1, 1)
    assert [note.id for note in drop.all(Note)] == [first.id]


@ON_ONE
def test_files_of_a_mail_are_kept_with_the_note_and_large_ones_are_named(drop: Drop, session) -> None:
    make_contact(session, email="jane@roe.example")
    parts = (
        'Content-Type: multipart/mixed; boundary="b"\n',
        "--b\nContent-Type: text/html\n\n<p>See <b>this</b><script>alert(1)</script></p>\n"
        '--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename="../offer.pdf"\n\n%PDF-1.4 x\n'
        '--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename="big.txt"\n\n'
        f"{'x' * 1_100_000}\n--b--",
    )
    drop.settings = drop.settings.model_copy(update={"attachment_max_mb": 1})
    drop.take(letter(more=parts[0], text=parts[1]))
    (note,) = drop.all(Note)
    assert "See this" in note.body and "alert" not in note.body
    assert "Files: offer.pdf (1 KB), big.txt (1.0 MB, not kept)" in note.body
    with drop.database.scope(drop.workspace_id, read_only=True) as own:
        (kept,) = attachments.of(own, ("note", note.id))
        assert (kept.name, kept.media_type) == ("offer.pdf", "application/pdf")
    drop.take(letter(id="<m3@roe.example>", more=parts[0], text=parts[1]))
    assert len(drop.all(Attachment)) == 2


@ON_ONE
def test_events_held_are_meetings_and_those_to_come_tasks(drop: Drop, session) -> None:
    jane = make_contact(session, email="jane@roe.example")
    held = f"{CALL}\nDTSTART:20261102T090000Z\nDTEND:20261102T094500Z\nLOCATION:Room 5\nDESCRIPTION:Numbers"
    next_ = f"{CALL.replace('UID:call', 'UID:next')}\nDTSTART;VALUE=DATE:20261203"
    drop.take(calendar(held, next_), name="c.ics")
    (note,), (task,) = drop.all(Note), drop.all(Task)
    assert (note.kind, note.duration_s) == (NoteKind.MEETING, 2700)
    assert note.happened_at == datetime(2026, 11, 2, 9, tzinfo=UTC)
    people = "With: Alice <alice@acme.example>, Jane Roe <jane@roe.example>"
    assert note.body == f"Quarterly review\n\n{people}\nWhere: Room 5\n\nNumbers"
    assert (task.title, str(task.due_date), task.due_at) == ("Quarterly review", "2026-12-03", None)
    assert task.assignee_id == drop.by.user_id
    assert links(drop, "note", note.id) == links(drop, "task", task.id) == {("contact", jane.id)}


def test_a_later_version_of_an_event_moves_it_and_a_withdrawn_one_goes(drop: Drop, session) -> None:
    make_contact(session, email="jane@roe.example")

    def version(sequence: int, start: str, more: str = "") -> bytes:
        return calendar(f"{CALL}\nSEQUENCE:{sequence}\nDTSTART:{start}\n{more}")

    drop.take(version(1, "20261203T100000Z"), name="c.ics")
    drop.take(version(0, "20261201T100000Z"), name="c.ics")
    assert drop.counts == (0, 0, 1, 0)
    drop.take(version(2, "20261204T120000Z"), name="c.ics")
    (task,) = drop.all(Task)
    assert drop.counts == (0, 1, 0, 0) and task.due_at == datetime(2026, 12, 4, 12, tzinfo=UTC)
    drop.undo()
    assert drop.all(Task)[0].due_at == datetime(2026, 12, 3, 10, tzinfo=UTC)
    drop.take(version(3, "20261204T120000Z", "STATUS:CANCELLED"), name="c.ics")
    assert drop.all(Task) == []
    drop.undo()
    assert len(drop.all(Task)) == 1


@ON_ONE
def test_what_was_to_come_is_a_meeting_once_it_was_held_and_its_task_is_done(drop: Drop, session) -> None:
    make_contact(session, email="jane@roe.example")
    data = calendar(f"{CALL}\nDTSTART:20261203T100000Z\nDTEND:20261203T103000Z")
    drop.take(data, name="c.ics")
    assert (len(drop.all(Task)), drop.all(Note)) == (1, [])
    clock.configure(datetime(2026, 12, 4, 9, 0, tzinfo=UTC))
    for _ in range(2):  # taken back, it can be dropped again
        drop.take(data, name="c.ics")
        (task,), (note,) = drop.all(Task), drop.all(Note)
        assert (task.status.value, note.kind, drop.counts) == ("done", NoteKind.MEETING, (1, 0, 0, 0))
        drop.undo()
        assert (drop.all(Task)[0].status.value, drop.all(Note)) == ("open", [])
    drop.take(data, name="c.ics")
    drop.take(data, name="c.ics")
    assert drop.counts == (0, 0, 1, 0) and len(drop.all(Note)) == 1


def test_a_worker_that_died_is_continued_and_every_mail_is_there_once(drop: Drop, session, monkeypatch) -> None:
    make_contact(session, email="jane@roe.example")
    box = b"\n".join(b"From jane Tue Nov 10 09:30:00 2026\n" + letter(id=f"<n{n}@roe.example>") for n in range(120))
    drop.look(
        box + b"\nFrom jane Tue Nov 10 09:30:00 2026\n" + letter(id="<n0@roe.example>"), name="all.mbox", at_once=False
    )
    settings = drop.settings.model_copy(update={"lease_s": 0.05})

    def work() -> None:
        while drop.job.lease_until is not None and drop.job.lease_until > clock.wall():
            pass
        running.run(settings, drop.workspace_id, drop.id, drop.job.run)

    def die_in(owner: object, name: str, calls: int) -> None:
        """Work until the batch after `calls` of them; then end as a killed process does: without a word."""
        real, left = getattr(owner, name), [calls]

        def dying(*args: object, **more: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            return real(*args, **more)

        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(owner, name, dying)
            work()

    die_in(activities.staging, "_rows", 2)
    assert len(drop.rows) == 50
    work()
    assert (drop.job.plan["create"], drop.job.plan["unchanged"]) == (120, 1)
    drop.start()
    die_in(activities.Batch, "write", 2)
    assert drop.job.created == 50
    work()
    work()
    assert drop.counts == (120, 0, 1, 0) and len(drop.all(Note)) == 120


@ON_ONE
def test_a_note_deleted_for_good_leaves_nothing_of_its_mail_in_the_history_of_imports(drop: Drop, session) -> None:
    make_contact(session, email="jane@roe.example")
    drop.take(letter())
    with drop.database.scope(drop.workspace_id) as own:
        note = own.get_one(Note, drop.all(Note)[0].id)
        records.delete(own, note, by=drop.by)
        bin_.purge(own, bin_.load(own, [("note", note.id)]), by=drop.by)
    assert drop.rows[0].values == {}
    assert drop.undo().status.value == "reverted"
