"""The demonstration: believable, complete, the same each time, and nobody else's."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from shared import clock, demo, review, search, transcripts
from shared.accounts import logins
from shared.database import Database
from shared.demo import conversations, scripts
from shared.errors import Conflict, Unavailable
from shared.models import (
    Base,
    Company,
    Contact,
    Deal,
    Employment,
    Event,
    Insight,
    InsightStatus,
    Meeting,
    MeetingStatus,
    Note,
    Pipeline,
    Priority,
    Proposal,
    Stage,
    StageChange,
    StageType,
    Task,
    TaskStatus,
    User,
    Utterance,
    Workspace,
)
from shared.queue import ANALYZE_MEETING
from shared.records import meetings, uploads
from shared.schemas.insight import Kind
from shared.tenancy import EVERY_WORKSPACE, TenantSession

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
#: Random by design, the salt of the one password and the stamp of what is kept; or counted differently: PostgreSQL
#: skips a number at each upsert; or of the wall's clock.
NOT_COMPARED = {
    ("user", "password_hash"), ("workspace", "stamp"), ("search_document", "id"), ("chunk_mark", "id"),
    ("chunk_mark", "marked_at"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seeded:
    """A database with the demonstration in it, beside a workspace that was there before."""

    path: Path
    upload_dir: Path
    workspace_id: int
    neighbour_id: int


def seed(database: Database, upload_dir: Path) -> tuple[int, int]:
    """Seed beside a neighbour; returns the ids of the new workspace and of the neighbour's."""
    with database.scope(EVERY_WORKSPACE) as session:
        neighbour = Workspace(name="Neighbour", own_domains=[])
        session.add(neighbour)
        session.flush()
        session.add(Company(workspace_id=neighbour.id, name="Theirs", name_key="theirs", custom={}))
    with database.scope(EVERY_WORKSPACE) as session:
        login = demo.seed(session, upload_dir=upload_dir)
        assert str(login) == f"{demo.EMAIL} / {demo.PASSWORD}"
        return session.workspace_id, neighbour.id


@pytest.fixture(autouse=True)
def frozen() -> None:
    clock.configure(NOW)


@pytest.fixture(scope="module")
def demonstration(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    """Seeded once; tests that only read share it."""
    folder = tmp_path_factory.mktemp("demo")
    path, upload_dir = folder / "demo.db", folder / "uploads"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    clock.configure(NOW)
    ids = seed(database, upload_dir)
    clock.configure(None)
    database.dispose()
    return Seeded(path, upload_dir, *ids)


@pytest.fixture
def seeded_database(demonstration: Seeded, tmp_path: Path) -> Iterator[Database]:
    """A copy that the test may change."""
    path = tmp_path / "copy.db"
    shutil.copyfile(demonstration.path, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture
def seeded(seeded_database: Database, demonstration: Seeded) -> Iterator[TenantSession]:
    """A session of the demonstration's workspace."""
    with seeded_database.session(demonstration.workspace_id) as session:
        yield session


def counted(session: TenantSession, model: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in the order they were made."""
    rows = {}
    with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            columns = [column for column in table.columns if (table.name, column.name) not in NOT_COMPARED]
            rows[table.name] = [tuple(row) for row in connection.execute(select(*columns).order_by(table.c.id))]
    return rows


def test_it_has_the_size_of_a_small_company(seeded: TenantSession) -> None:
    sizes = {model: counted(seeded, model) for model in (Company, Contact, Deal, Task, Note, User, Meeting, Pipeline)}
    assert sizes[Company] == 40
    assert 115 <= sizes[Contact] <= 125
    assert 58 <= sizes[Deal] <= 64
    assert 140 <= sizes[Task] <= 160
    assert sizes[Note] == 80
    assert (sizes[User], sizes[Meeting], sizes[Pipeline]) == (4, 12, 1)


def test_every_state_that_a_page_can_show_is_there(seeded: TenantSession) -> None:
    states = Counter(seeded.scalars(select(Meeting.status)))
    assert states == {
        MeetingStatus.READY: 9, MeetingStatus.FAILED: 1, MeetingStatus.STORED: 1, MeetingStatus.QUEUED: 1,
    }  # fmt: skip
    decided = set(seeded.scalars(select(Insight.status)))
    assert decided == set(InsightStatus) - {InsightStatus.AUTO_ACCEPTED}
    assert set(seeded.scalars(select(Insight.kind))) == {kind.value for kind in Kind}
    assert set(seeded.scalars(select(Proposal.action))) == {"create", "update", "link"}
    assert set(seeded.scalars(select(Meeting.language))) == {"en", "de"}
    assert set(seeded.scalars(select(Task.priority))) == set(Priority)
    assert set(seeded.scalars(select(User.role))) == {"admin", "manager", "member", "viewer"}


def test_the_reviews_are_in_every_state(seeded: TenantSession) -> None:
    found = set()
    for meeting in seeded.scalars(select(Meeting).where(Meeting.status == MeetingStatus.READY)):
        is_open = [i.status.is_open for i in seeded.scalars(select(Insight).where(Insight.meeting_id == meeting.id))]
        found.add("untouched" if all(is_open) else "half" if sum(is_open) > 3 else "done")
    assert found == {"untouched", "half", "done"}


def test_deals_stand_in_every_stage_with_a_history(seeded: TenantSession) -> None:
    stages = Counter(seeded.scalars(select(Stage.name).join(Deal, Deal.stage_id == Stage.id)))
    assert set(stages) == {"Qualification", "Discovery", "Proposal", "Negotiation", "Won", "Lost"}
    assert min(stages.values()) >= 5
    closed = seeded.scalars(select(Deal).join(Stage, Deal.stage_id == Stage.id).where(Stage.type != StageType.OPEN))
    for deal in closed:
        moves = list(seeded.scalars(select(StageChange).where(StageChange.deal_id == deal.id).order_by(StageChange.at)))
        assert deal.closed_at == moves[-1].at
        assert len(moves) >= 2
        assert moves[0].at < moves[-1].at
    lost = seeded.scalars(select(Deal).join(Stage, Deal.stage_id == Stage.id).where(Stage.type == StageType.LOST))
    assert all(deal.lost_reason for deal in lost)
    currencies = Counter(seeded.scalars(select(Deal.currency)))
    assert len(currencies) >= 3
    assert currencies["EUR"] > sum(currencies.values()) / 2


def test_there_is_something_to_do(seeded: TenantSession) -> None:
    today = clock.today("Europe/Berlin")
    open_tasks = list(seeded.scalars(select(Task).where(Task.status == TaskStatus.OPEN)))
    assert sum(task.due_date == today for task in open_tasks) >= 5
    assert sum(task.due_date is not None and task.due_date < today for task in open_tasks) >= 10
    admin = seeded.scalars(select(User).where(User.email == demo.EMAIL)).one()
    assert sum(task.assignee_id == admin.id for task in open_tasks) >= 10
    stages = select(Stage.id).where(Stage.type == StageType.OPEN)
    late = select(Deal).where(Deal.expected_close < today, Deal.stage_id.in_(stages))
    assert len(list(seeded.scalars(late))) >= 4


def test_somebody_changed_employer_and_keeps_the_old_one(seeded: TenantSession) -> None:
    movers = select(Employment.contact_id).group_by(Employment.contact_id).having(func.count() > 1)
    people = list(seeded.scalars(select(Contact).where(Contact.id.in_(movers))))
    assert len(people) >= 4
    for person in people:
        rows = list(seeded.scalars(select(Employment).where(Employment.contact_id == person.id)))
        assert [row.company_id for row in rows if row.ended_on is None] == [person.company_id]
        assert all(row.started_on is not None and row.started_on <= (row.ended_on or clock.today()) for row in rows)


def test_every_quote_stands_where_it_says(seeded: TenantSession) -> None:
    said = {(u.meeting_id, u.position): u for u in seeded.scalars(select(Utterance))}
    quotes = 0
    for insight in seeded.scalars(select(Insight)):
        assert insight.evidence
        for piece in insight.evidence:
            utterance = said[insight.meeting_id, piece["utterance"]]
            assert utterance.text[piece["start"] : piece["end"]] == piece["quote"]
            assert (utterance.speaker, utterance.start_s) == (piece["speaker"], piece["start_s"])
            quotes += 1
    assert quotes > 130


def test_what_was_accepted_is_in_the_records_with_its_reason(seeded: TenantSession) -> None:
    applied = select(Insight).where(Insight.status.in_((InsightStatus.ACCEPTED, InsightStatus.EDITED)))
    tasks = [i for i in seeded.scalars(applied) if i.kind == Kind.ACTION_ITEM]
    assert tasks
    for insight in tasks:
        assert insight.proposal is not None
        task = seeded.get_one(Task, insight.proposal.record_id)
        assert (task.title, task.meeting_id) == (insight.data["description"], insight.meeting_id)
        made = select(Event).where(
            Event.kind == "task.created", Event.record_type == "task", Event.record_id == task.id
        )
        assert seeded.scalars(made).one().data["why"]["quote"] == insight.evidence[0]["quote"]


def test_a_deals_page_has_what_was_said_about_it(seeded: TenantSession) -> None:
    deal = seeded.scalars(select(Deal).where(Deal.name.startswith("Fjordline"))).one()
    kinds = {insight.kind for insight in review.insights_about(seeded, ("deal", deal.id))}
    assert kinds >= {"decision", "pain_point", "objection", "competitor", "requirement"}
    assert deal.owner_id is not None
    assert deal.contact_id is not None


def test_history_runs_forward_and_ends_now(seeded: TenantSession) -> None:
    times = list(seeded.scalars(select(Event.at).order_by(Event.id)))
    assert times == sorted(times)
    assert times[-1] <= NOW
    assert 240 <= (NOW - times[0]).days <= 300
    for model in (Company, Contact, Deal, Task, Note, Meeting, Insight):
        latest = seeded.scalar(select(func.max(model.updated_at)))
        assert latest is not None
        assert latest <= NOW


def test_search_finds_what_was_seeded(seeded: TenantSession) -> None:
    wanted = {"Brackwater": "company", "Ingrid Solberg": "contact", "yard booking": "deal", "one annual fee": "meeting"}
    for words, kind in wanted.items():
        assert kind in {hit.type for hit in search.find(seeded, words)}, words


def test_the_login_works_and_is_marked(seeded_database: Database, seeded: TenantSession) -> None:
    user = seeded.scalars(select(User).where(User.is_demo)).one()
    workspace = seeded.get_one(Workspace, seeded.workspace_id)
    seeded.commit()
    assert (user.email, workspace.is_demo) == (demo.EMAIL, True)
    assert logins.sign_in(seeded_database, demo.EMAIL, demo.PASSWORD, "127.0.0.1")[0].id == user.id
    others = seeded.scalars(select(User).where(User.email != demo.EMAIL))
    assert [other.password_hash for other in others] == [None] * 3


def test_the_waiting_meeting_can_really_be_read(seeded: TenantSession, demonstration: Seeded) -> None:
    waiting = seeded.scalars(select(Meeting).where(Meeting.status == MeetingStatus.QUEUED)).one()
    data = uploads.load(demonstration.upload_dir, seeded.workspace_id, waiting.file_sha256 or "")
    assert len(transcripts.parse(data, waiting.file_name).utterances) == 25
    unsent = seeded.scalars(select(Event).where(Event.job.is_not(None), Event.sent_at.is_(None))).all()
    assert [(event.job, event.job_args) for event in unsent] == [
        (ANALYZE_MEETING, [seeded.workspace_id, waiting.id, waiting.run])
    ]


def test_every_uploaded_meeting_has_its_file(seeded: TenantSession, demonstration: Seeded) -> None:
    uploaded = list(seeded.scalars(select(Meeting).where(Meeting.status != MeetingStatus.STORED)))
    assert len(uploaded) == 11
    for meeting in uploaded:
        data = uploads.load(demonstration.upload_dir, seeded.workspace_id, meeting.file_sha256 or "")
        spoken = list(transcripts.parse(data, meeting.file_name).utterances)
        assert meeting.status is MeetingStatus.QUEUED or spoken == meetings.utterances_of(seeded, meeting.id)


def test_the_same_clock_gives_the_same_data_on_both_databases(
    database: Database, demonstration: Seeded, seeded_database: Database, tmp_path: Path
) -> None:
    assert seed(database, tmp_path / "again") == (demonstration.workspace_id, demonstration.neighbour_id)
    expected, found = dump(seeded_database), dump(database)
    assert [table for table in expected if expected[table] != found[table]] == []
    assert len(found["event"]) > 700


@pytest.mark.parametrize("day", [datetime(2027, 3, 1, 0, 5, tzinfo=UTC), datetime(2028, 2, 29, 23, 59, tzinfo=UTC)])
def test_it_looks_fresh_on_any_day(sqlite_template: Path, tmp_path: Path, day: datetime) -> None:
    clock.configure(day)
    path = tmp_path / "other day.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    workspace_id, _ = seed(database, tmp_path / "uploads")
    with database.session(workspace_id) as session:
        times = list(session.scalars(select(Event.at).order_by(Event.id)))
    database.dispose()
    assert times == sorted(times)
    assert (day - times[-1]).days == 0
    assert 240 <= (day - times[0]).days <= 300


def test_a_second_time_is_refused_and_changes_nothing(seeded_database: Database, tmp_path: Path) -> None:
    before = dump(seeded_database)
    with pytest.raises(Conflict, match="already"), seeded_database.scope(EVERY_WORKSPACE) as session:
        demo.seed(session, upload_dir=tmp_path)
    assert dump(seeded_database) == before


def test_a_user_with_the_demos_address_stands_in_its_way(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "taken.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    with database.scope(EVERY_WORKSPACE) as session:
        own = Workspace(name="Ours", own_domains=[])
        session.add(own)
        session.flush()
        session.add(User(workspace_id=own.id, name="Early", email=demo.EMAIL))
    with pytest.raises(Conflict, match="already a user"), database.scope(EVERY_WORKSPACE) as session:
        demo.seed(session, upload_dir=tmp_path)
    database.dispose()


def test_a_neighbour_gets_nothing(seeded_database: Database, demonstration: Seeded) -> None:
    with seeded_database.scope(demonstration.neighbour_id, read_only=True) as session:
        sizes = {model: counted(session, model) for model in (Company, Contact, Deal, Task, Event, User, Meeting)}
    assert sizes == {Company: 1, Contact: 0, Deal: 0, Task: 0, Event: 0, User: 0, Meeting: 0}


def test_it_is_all_or_nothing(sqlite_template: Path, tmp_path: Path) -> None:
    path, upload_dir = tmp_path / "empty.db", tmp_path / "uploads"
    shutil.copyfile(sqlite_template, path)
    upload_dir.write_text("a file where the folder should be")
    database = Database(f"sqlite:///{path}")
    before = dump(database)
    with pytest.raises(Unavailable, match="data folder"), database.scope(EVERY_WORKSPACE) as session:
        demo.seed(session, upload_dir=upload_dir)
    assert dump(database) == before
    database.dispose()


def test_a_quote_that_nobody_said_is_refused() -> None:
    spoken = transcripts.parse(conversations.SCRIPTS[0].data, conversations.SCRIPTS[0].file_name).utterances
    with pytest.raises(LookupError, match="0 utterances"):
        scripts.locate(spoken, "This was never said.")
    with pytest.raises(LookupError, match="not in one"):
        scripts.locate(spoken, "ferr")
