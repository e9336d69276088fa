"""Two people, or a person and a worker, at the same meeting in the same moment: on both databases, in real threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from shared import review
from shared.database import Database
from shared.errors import Conflict
from shared.events import Actor
from shared.models import Company, Contact, Insight, InsightStatus, Meeting
from shared.records import analysis
from shared.schemas.insight import Evidence, Item, Kind
from shared.tenancy import TenantSession
from tests import factories, statements
from tests.conftest import Cast


def item(kind: Kind, **data: Any) -> Item:
    return Item(kind=kind, data=data, evidence=[Evidence(quote="Hello.", utterance=0)], confidence=0.9)


def at_once(*actions: Callable[[], None]) -> list[Exception]:
    """Run the actions in threads that start together; returns what they raised."""
    barrier, failed = threading.Barrier(len(actions)), []

    def start(action: Callable[[], None]) -> None:
        barrier.wait()
        try:
            action()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=start, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return failed


def reviewing(database: Database, cast: Cast, insight_id: int) -> Callable[[], None]:
    """Somebody who has the insight on the screen and now says yes."""

    def accept() -> None:
        with database.scope(cast.acme) as session:
            review.accept(session, session.get_one(Insight, insight_id), by=Actor("user", cast.alice))

    return accept


def test_two_people_of_a_new_company_accepted_at_once_make_one_company(
    session: TenantSession, database: Database, cast: Cast
) -> None:
    items = [item(Kind.CONTACT, name=f"Person {n}", company="Quill Ltd") for n in "ABCDEF"]
    meeting = factories.make_meeting(session, lines=[("Jane", "Hello.")])
    insights = review.propose(session, meeting, items)
    session.commit()
    failed = at_once(*(reviewing(database, cast, insight.id) for insight in insights))
    assert failed == []
    assert len(session.scalars(select(Company)).all()) == 1
    assert len(session.scalars(select(Contact)).all()) == 6
    session.commit()


def test_the_same_insight_accepted_twice_at_once_makes_one_record(
    session: TenantSession, database: Database, cast: Cast
) -> None:
    meeting = factories.make_meeting(session, lines=[("Jane", "Hello.")])
    (insight,) = review.propose(session, meeting, [item(Kind.CONTACT, name="Jane Roe")])
    session.commit()
    failed = at_once(*[reviewing(database, cast, insight.id)] * 4)
    assert [type(error) for error in failed] == [Conflict] * 3
    assert len(session.scalars(select(Contact)).all()) == 1
    session.commit()


def test_a_yes_while_the_analysis_publishes_is_either_kept_or_refused(
    session: TenantSession, database: Database, cast: Cast
) -> None:
    items = [item(Kind.CONTACT, name=f"Person {n}", company="Quill Ltd") for n in "ABCDEFGH"]
    meeting = factories.make_meeting(session, lines=[("Jane", "Hello.")])
    insights = review.propose(session, meeting, items)
    analysis.queue(session, meeting, by=Actor("user", cast.alice))
    session.commit()

    def publish() -> None:
        with database.scope(cast.acme) as worker:
            lease = analysis.claim(worker, meeting.id, meeting.run, lease_s=30)
            assert lease is not None
            again = worker.get_one(Meeting, meeting.id)
            review.propose(worker, again, items)
            analysis.finish(worker, lease, engine="builtin", note=None, ms=1)

    failed = at_once(publish, *(reviewing(database, cast, insight.id) for insight in insights))
    assert [type(error) for error in failed if not isinstance(error, Conflict | NoResultFound)] == []
    session.expire_all()
    rows = session.scalars(select(Insight)).all()
    assert sorted(row.data["name"] for row in rows) == [f"Person {n}" for n in "ABCDEFGH"]
    accepted = [row for row in rows if row.status is InsightStatus.ACCEPTED]
    assert len(session.scalars(select(Contact)).all()) == len(accepted) == 8 - len(failed)
    assert session.get_one(Meeting, meeting.id).status == "ready"
    session.commit()


def test_the_work_of_accepting_all_grows_with_their_number_only(
    session: TenantSession, database: Database, cast: Cast
) -> None:
    """Others wait for the write lock meanwhile: not a look at every insight for every insight."""

    def asked(count: int) -> int:
        meeting = factories.make_meeting(session, lines=[("Jane", "Hello.")])
        review.propose(
            session,
            meeting,
            [item(Kind.PAIN_POINT, description=f"It hurts {n}", company="Quill") for n in range(count)],
        )
        session.commit()
        by = Actor("user", cast.alice)
        with statements.sent(database.engine) as sent:
            batch, _ = review.accept_above(session, meeting, 0.5, by=by)
            review.undo_batch(session, batch, by=by)
            session.commit()
        return len(sent)

    few, many = asked(5), asked(20)
    assert many < few * 5
