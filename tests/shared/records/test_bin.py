"""The bin shows what was deleted, gives it back, and leaves nothing of what is deleted for good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import String, cast, false, func, or_, select
from sqlalchemy.types import JSON

from shared import clock, records
from shared.config import Settings
from shared.database import Database
from shared.errors import Conflict, Invalid
from shared.events import Actor
from shared.models import Attendee, Base, BulkChange, BulkItem, Contact, Deal, Event, Meeting, User, Utterance
from shared.records import bin as records_bin
from shared.records import merging, uploads
from shared.records.bin import Asked
from shared.tenancy import TenantSession
from tests.conftest import Cast
from tests.factories import make_attendee, make_insight, make_meeting

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def by(alice: User) -> Actor:
    return Actor("user", alice.id)


@pytest.fixture
def deleted(session: TenantSession, by: Actor, bob: User) -> list[tuple[str, int]]:
    """A company, a contact, a deal, a task and a note, deleted an hour after each other; the task by Bob."""
    company = records.create(session, "company", {"name": "Zanzibar Ltd"}, by=by)
    rows = [company]
    for type_name, data in (
        (
            "contact",
            {"last_name": "Zanzibarson", "company_id": company.id, "emails": [{"email": "z@zanzibar.example"}]},
        ),
        ("deal", {"name": "Zanzibar deal", "company_id": company.id}),
        ("task", {"title": "Call Zanzibar", "links": [{"type": "company", "id": company.id}]}),
        ("note", {"body": "Zanzibar is nice", "links": [{"type": "company", "id": company.id}]}),
    ):
        rows.append(records.create(session, type_name, data, by=by))
    for hour, row in enumerate(rows):
        clock.configure(NOON + timedelta(hours=hour))
        records.delete(session, row, by=Actor("user", bob.id) if row.__tablename__ == "task" else by)
    session.commit()
    return [(row.__tablename__, row.id) for row in rows]


def shown(session: TenantSession, **asked: Any) -> list[str]:
    return [entry.type for entry in records_bin.page(session, Asked(**asked)).items]


def left_of(session: TenantSession, word: str) -> list[str]:
    """The tables in which a word can still be read."""
    found = []
    for table in Base.metadata.sorted_tables:
        columns = [column for column in table.columns if isinstance(column.type, String | JSON)]
        read = or_(false(), *(cast(column, String).ilike(f"%{word}%") for column in columns))
        if columns and session.execute(select(table.c.id).where(read)).first():
            found.append(table.name)
    return found


def test_everything_deleted_is_there_last_deleted_first(
    session: TenantSession, deleted: list[tuple[str, int]], bob: User
) -> None:
    assert shown(session) == ["note", "task", "deal", "contact", "company"]
    assert shown(session, type="deal") == ["deal"]
    assert shown(session, q="zanzibars") == ["contact"]
    assert shown(session, user_id=bob.id) == ["task"]
    assert shown(session, since=NOON + timedelta(hours=3)) == ["note", "task"]
    assert records_bin.count(session, Asked(before=NOON + timedelta(hours=2))) == 2
    first = records_bin.page(session, Asked(), limit=2)
    rest = records_bin.page(session, Asked(), limit=9, cursor=first.next_cursor)
    assert [e.type for e in first.items + rest.items] == ["note", "task", "deal", "contact", "company"]
    assert rest.next_cursor is None
    assert {entry.user_id for entry in first.items} > {bob.id}
    with pytest.raises(Invalid):
        records_bin.page(session, Asked(), cursor="deal:3")


def test_many_that_were_deleted_at_once_are_paged_without_a_gap(
    session: TenantSession, by: Actor, deleted: list[tuple[str, int]]
) -> None:
    clock.configure(NOON + timedelta(days=1))
    for n in range(7):
        records.delete(session, records.create(session, "task", {"title": f"T{n}"}, by=by), by=by)
        records.delete(session, records.create(session, "note", {"body": f"N{n}"}, by=by), by=by)
    seen, cursor = [], None
    while True:
        found = records_bin.page(session, Asked(), limit=4, cursor=cursor)
        seen += [(entry.type, entry.row.id) for entry in found.items]
        if (cursor := found.next_cursor) is None:
            break
    assert len(seen) == len(set(seen)) == 19


def test_many_are_restored_at_once(session: TenantSession, by: Actor, deleted: list[tuple[str, int]]) -> None:
    records_bin.restore(session, records_bin.load(session, deleted[:3]), by=by)
    assert shown(session) == ["note", "task"]
    assert records.get(session, "contact", deleted[1][1]).company_id == deleted[0][1]


def test_what_is_deleted_for_good_leaves_no_trace_but_the_fact(
    session: TenantSession, by: Actor, deleted: list[tuple[str, int]]
) -> None:
    assert {"company", "contact", "event"} <= set(left_of(session, "zanzibar"))
    note = next(id for type_name, id in deleted if type_name == "note")
    change = BulkChange(record_type="note", action="edit", ids=[note], data={})
    session.add(change)
    session.flush()
    session.add(BulkItem(change_id=change.id, record_id=note, before={"body": "Zanzibar"}, after={}))
    done = records_bin.purge(session, records_bin.load(session, deleted), by=by)
    session.commit()
    assert dict(done.counts) == {"company": 1, "contact": 1, "deal": 1, "task": 1, "note": 1}
    assert left_of(session, "zanzibar") == []
    fact = session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert fact is not None and fact.kind == "bin.purged" and fact.data["counts"] == dict(done.counts)
    assert shown(session) == []


def test_what_belongs_to_others_stays(session: TenantSession, by: Actor) -> None:
    person = records.create(session, "contact", {"last_name": "Gone"}, by=by)
    deal = records.create(session, "deal", {"name": "Stays", "contact_id": person.id}, by=by)
    meeting = make_meeting(session)
    make_attendee(session, meeting, contact_id=person.id, speaker="Gone")
    records.delete(session, person, by=by)
    records_bin.purge(session, records_bin.load(session, [("contact", person.id)]), by=by)
    session.commit()
    session.expire_all()
    assert session.get_one(Deal, deal.id).contact_id is None
    assert session.execute(select(Attendee.contact_id, Attendee.speaker)).all() == [(None, "Gone")]


def test_a_merged_record_goes_with_its_winner(session: TenantSession, by: Actor) -> None:
    one, two = (records.create(session, "contact", {"last_name": name}, by=by) for name in ("Quagga", "Quaggason"))
    merging.merge(session, "contact", one.id, [two.id], by=by)
    assert shown(session) == []  # a tombstone is not in the bin
    records.delete(session, session.get_one(Contact, one.id), by=by)
    assert shown(session) == ["contact"]
    records_bin.purge(session, records_bin.load(session, [("contact", one.id)]), by=by)
    session.commit()
    assert session.scalar(select(func.count()).select_from(Contact)) == 0
    assert left_of(session, "quagga") == []


def test_a_meeting_goes_with_its_words_and_its_file(
    session: TenantSession, by: Actor, database: Database, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    folder = Settings().upload_dir
    meeting, other = make_meeting(session, lines=[("Jane", "Hello")]), make_meeting(session)
    for row, data in ((meeting, b"one"), (other, b"two")):
        row.file_sha256 = uploads.save(folder, cast.acme, data)
    make_insight(session, meeting)
    for row in (meeting, other):
        records.delete(session, row, by=by)
    records_bin.purge(session, records_bin.load(session, [("meeting", meeting.id)]), by=by)
    session.commit()
    for _ in range(2):
        records_bin.remove_files(cast.acme)
    assert not uploads.path_of(folder, cast.acme, sha256(b"one").hexdigest()).exists()
    assert uploads.path_of(folder, cast.acme, str(other.file_sha256)).exists()
    assert session.scalars(select(Utterance)).all() == []
    assert session.scalars(select(Meeting.id)).all() == [other.id]


def test_a_pipeline_with_deals_is_not_deleted_for_good(session: TenantSession, by: Actor) -> None:
    deal = records.create(session, "deal", {"name": "X"}, by=by)
    pipeline = records.get(session, "pipeline", deal.pipeline_id)
    records.delete(session, pipeline, by=by)
    with pytest.raises(Conflict, match="still has deals"):
        records_bin.purge(session, records_bin.load(session, [("pipeline", pipeline.id)]), by=by)


def test_the_bin_empties_itself_if_the_workspace_says_so(
    session: TenantSession, database: Database, acme: Any, deleted: list[tuple[str, int]]
) -> None:
    clock.configure(NOON + timedelta(days=30, hours=2, minutes=30))
    assert records_bin.sweep(database) == 0
    acme.bin_days = 30
    session.commit()
    assert records_bin.sweep(database) == 3
    assert records_bin.sweep(database) == 0
    assert shown(session) == ["note", "task"]


def test_another_tenant_finds_nothing_in_it(
    session: TenantSession, mallory_session: TenantSession, deleted: list[tuple[str, int]]
) -> None:
    assert shown(mallory_session) == []
    assert records_bin.load(mallory_session, deleted) == []


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)  # SQLite lets nobody write in between
def test_what_somebody_takes_out_of_the_bin_while_it_is_emptied_stays_whole(
    session: TenantSession, by: Actor, database: Database, cast: Cast
) -> None:
    kept, gone = (records.create(session, "company", {"name": n, "tags": ["Key"]}, by=by) for n in ("Kept", "Gone"))
    for row in (kept, gone):
        records.delete(session, row, by=by)
    session.commit()
    entries = records_bin.page(session, Asked()).items
    with database.scope(cast.acme) as other:
        records.restore(other, records.get(other, "company", kept.id, deleted=True), by=by)
    assert records_bin.purge(session, entries, by=by).counts == {"company": 1}
    session.commit()
    session.expire_all()
    assert records.show(session, records.get(session, "company", kept.id))["tags"] == ["Key"]
    assert records_bin.count(session, Asked()) == 0
