"""Places on the board, and stages that go away under it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm.exc import StaleDataError

from shared.database import Database
from shared.errors import Conflict, Invalid, NotFound
from shared.events import Actor
from shared.models import Deal, Pipeline, StageChange, StageType
from shared.query import ListQuery, run
from shared.records import board, changing, pipelines, stage_undo, stages
from shared.tenancy import TenantSession
from tests.conftest import Cast
from tests.factories import make_deal, make_move, make_pipeline

BY = Actor("user")


def column(session: TenantSession, stage_id: int) -> list[str]:
    found = select(Deal.name).where(Deal.stage_id == stage_id).order_by(Deal.rank, Deal.id)
    return list(session.scalars(found))


def test_a_card_lies_where_it_was_put_after_a_thousand_moves_between_the_same_two(session: TenantSession) -> None:
    stage = make_pipeline(session).stages[0]
    first, last = (make_deal(session, name=name, stage=stage, rank=rank) for name, rank in (("first", 0), ("last", 9)))
    cards = [make_deal(session, name=f"card {i}", stage=stage, rank=5.0 + i) for i in range(2)]
    version, changed = first.version, first.updated_at
    for i in range(1000):
        board.place(session, cards[i % 2], stage.id, after=first.id, before=cards[1 - i % 2].id, by=BY)
        if i % 250 == 0 or i > 995:
            assert column(session, stage.id).index(cards[i % 2].name) == 1, i
    assert column(session, stage.id) == ["first", "card 1", "card 0", "last"]
    last.rank = first.rank  # as imports leave them
    board.place(session, cards[0], stage.id, after=first.id, before=last.id, by=BY)
    assert column(session, stage.id).index("last") - column(session, stage.id).index("card 0") == 1
    session.refresh(first)
    assert (first.version, first.updated_at) == (version, changed)
    assert session.scalar(select(func.count(StageChange.id))) == 0


def test_neighbours_that_went_elsewhere_do_not_count(session: TenantSession) -> None:
    here, there = make_pipeline(session).stages[:2]
    gone, card, other = make_deal(session, stage=there), make_deal(session, stage=here), make_deal(session, stage=here)
    board.place(session, card, here.id, after=gone.id, by=BY)
    assert card.rank == 0.0
    board.place(session, card, here.id, after=other.id, by=BY)
    assert column(session, here.id) == [other.name, card.name]


def test_two_people_drag_the_same_card_and_the_second_is_told(
    database: Database, cast: Cast, session: TenantSession
) -> None:
    one, two, three = make_pipeline(session).stages[:3]
    card = make_deal(session, stage=one)
    seen = card.version
    board.place(session, card, two.id, by=BY, expecting=seen)
    session.commit()
    with database.session(cast.acme) as late:
        with pytest.raises((Conflict, StaleDataError)):
            board.place(late, late.get_one(Deal, card.id), three.id, by=BY, expecting=seen)
        late.rollback()
    session.expire_all()
    assert card.stage_id == two.id


def test_a_lost_deal_comes_back_with_its_reason_and_its_day(session: TenantSession) -> None:
    made = make_pipeline(session).stages
    card = make_deal(session, stage=made[0], rank=3.0)
    board.place(session, card, made[3].id, by=BY, lost_reason="Price: no budget")
    closed = card.closed_at
    assert card.lost_reason == "Price: no budget" and closed is not None
    event = board.place(session, card, made[0].id, by=BY)
    assert event is not None and card.lost_reason is None and card.closed_at is None
    board.take_back(session, card, event.id, rank=7.0, by=BY)
    assert (card.stage_id, card.lost_reason, card.closed_at) == (made[3].id, "Price: no budget", closed)
    with pytest.raises(Conflict):
        board.take_back(session, card, event.id, rank=None, by=BY)
    with pytest.raises(Invalid):
        board.take_back(session, make_deal(session, stage=made[0]), event.id, rank=None, by=BY)


def test_a_stage_goes_and_its_deals_go_where_they_are_sent(session: TenantSession) -> None:
    pipeline = make_pipeline(session)
    first, second, won, lost = pipeline.stages
    cards = [make_deal(session, stage=first), make_deal(session, stage=first, deleted_at=pipeline.created_at)]
    seen = cards[0].version
    with pytest.raises(Conflict):
        stages.remove_stage(session, pipeline, first.id, move_to=None, by=BY)
    with pytest.raises(Invalid):
        stages.remove_stage(session, pipeline, first.id, move_to=first.id, by=BY)
    gone = first.id
    stages.remove_stage(session, pipeline, gone, move_to=won.id, by=BY)
    assert {(card.stage_id, card.version, card.closed_at is not None) for card in cards} == {(won.id, seen + 1, True)}
    assert [stage.position for stage in pipeline.stages] == [0, 1, 2]
    moves = session.scalars(select(StageChange)).all()
    assert [(move.to_stage_id, move.at) for move in moves] == [(won.id, card.stage_since) for card in cards]
    late = make_deal(session, stage=lost, closed_at=pipeline.created_at, lost_reason="Price")
    stages.remove_stage(session, pipeline, lost.id, move_to=won.id, by=BY)
    assert late.closed_at is not None and late.closed_at > pipeline.created_at and late.lost_reason is None
    with pytest.raises(Invalid, match="no longer"):
        board.place(session, cards[0], gone, by=BY)
    with pytest.raises(Invalid, match="open stage"):
        stages.remove_stage(session, pipeline, second.id, move_to=won.id, by=BY)


def test_a_stage_is_brought_back_with_the_deals_that_nobody_moved_since(session: TenantSession) -> None:
    pipeline = make_pipeline(session)
    _first, second, won, lost = pipeline.stages
    day = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    cards = [
        make_deal(session, stage=lost, closed_at=day, lost_reason="Price", stage_since=day),
        make_deal(session, stage=lost, closed_at=day, stage_since=day, deleted_at=day),
        make_deal(session, stage=lost, closed_at=day),
    ]
    session.add(StageChange(deal_id=cards[0].id, from_stage_id=second.id, to_stage_id=lost.id, at=day))
    session.flush()
    gone, names = lost.id, [stage.name for stage in pipeline.stages]
    _stage, moved = stages.remove_stage(session, pipeline, gone, move_to=won.id, by=BY)
    board.place(session, cards[2], second.id, by=BY)
    session.commit()
    back, kept = stage_undo.take_back(session, moved.id, by=BY)
    session.commit()
    assert (back, kept) == (pipeline, 1)
    assert [(s.name, s.position) for s in pipeline.stages] == list(zip(names, range(4), strict=True))
    again = pipeline.stages[3]
    assert (again.type, again.probability) == (StageType.LOST, 0)
    assert [card.stage_id for card in cards] == [again.id, again.id, second.id]
    assert (cards[0].closed_at, cards[0].lost_reason, cards[0].stage_since) == (day, "Price", day)
    log = session.scalars(select(StageChange).where(StageChange.deal_id == cards[0].id)).all()
    assert [(move.from_stage_id, move.to_stage_id) for move in log] == [(second.id, again.id)], "the move is forgotten"
    with pytest.raises(Conflict, match="already"):
        stage_undo.take_back(session, moved.id, by=BY)


def test_a_pipeline_is_brought_back_with_its_deals(session: TenantSession, mallory_session: TenantSession) -> None:
    first, second = make_pipeline(session), make_pipeline(session, is_default=False)
    cards = [make_deal(session, stage=stage) for stage in second.stages]
    stood = [(card.stage_id, card.closed_at, card.stage_since) for card in cards]
    moved = stages.remove_pipeline(session, second, move_to=first.stages[0].id, by=BY)
    assert {card.pipeline_id for card in cards} == {first.id} and second.deleted_at is not None
    session.commit()
    with pytest.raises(NotFound):
        stage_undo.take_back(mallory_session, moved.id, by=BY)
    mallory_session.rollback()
    with pytest.raises(NotFound):
        changing.get(session, moved.id, by=BY)
    assert stage_undo.take_back(session, moved.id, by=BY) == (second, 0)
    session.commit()
    assert second.deleted_at is None and {card.pipeline_id for card in cards} == {second.id}
    assert [(card.stage_id, card.closed_at, card.stage_since) for card in cards] == stood


def test_a_stage_whose_name_or_pipeline_is_gone_meanwhile_says_why_it_cannot_come_back(session: TenantSession) -> None:
    make_pipeline(session)
    pipeline = make_pipeline(session, is_default=False)
    _stage, moved = stages.remove_stage(session, pipeline, pipeline.stages[0].id, move_to=None, by=BY)
    pipelines.write(
        session, pipeline, {"stages": [{"name": _stage.name}, *({"name": s.name} for s in pipeline.stages)]}, BY
    )
    session.flush()
    with pytest.raises(Conflict, match="another name"):
        stage_undo.take_back(session, moved.id, by=BY)
    stages.remove_pipeline(session, pipeline, move_to=None, by=BY)
    with pytest.raises(Conflict, match="was deleted since"):
        stage_undo.take_back(session, moved.id, by=BY)


def test_an_archived_pipeline_takes_no_new_deals_and_the_default_one_stays(session: TenantSession) -> None:
    first, second = make_pipeline(session), make_pipeline(session, is_default=False)
    for refused in ({"archived": True}, {"is_default": False}):
        with pytest.raises((Conflict, Invalid)):
            pipelines.write(session, first, refused, BY)
    pipelines.write(session, second, {"is_default": True}, BY)
    pipelines.write(session, first, {"archived": True}, BY)
    session.flush()
    assert pipelines.default_pipeline(session) is second
    assert pipelines.listed(session) == [second] and pipelines.listed(session, archived=True) == [second, first]
    with pytest.raises(Invalid, match="archived"):
        board.place(session, make_deal(session, stage=second.stages[0]), first.stages[0].id, by=BY)
    with pytest.raises(Conflict):
        stages.remove_pipeline(session, second, move_to=None, by=BY)
    stages.remove_pipeline(session, first, move_to=None, by=BY)
    assert session.get_one(Pipeline, first.id).deleted_at is not None


def test_a_deal_is_stale_when_it_stays_longer_than_its_stage_allows(session: TenantSession, acme: object) -> None:
    from datetime import timedelta

    from shared import clock

    first, second, won, _lost = make_pipeline(session).stages
    second.stale_days = 5
    old = clock.now() - timedelta(days=40)
    make_deal(session, name="long there", stage=first, created_at=old)
    make_deal(session, name="ten days", stage=first, created_at=clock.now() - timedelta(days=10))
    make_deal(session, name="too long for its stage", stage=second, created_at=clock.now() - timedelta(days=10))
    make_deal(session, name="won", stage=won, created_at=old)
    make_move(session, make_deal(session, name="just moved", stage=first, created_at=old))
    stale = ListQuery("deal").with_filter("is_stale", "true")
    assert {deal.name for deal in run(session, stale).items} == {"long there", "too long for its stage"}
    session.commit()


def test_deals_close_and_reopen_with_the_type_of_the_stage_they_stand_in(session: TenantSession) -> None:
    pipeline = make_pipeline(session)
    first, *_, lost = pipeline.stages
    came = datetime(2026, 3, 1, tzinfo=UTC)
    standing, gone = make_deal(session, stage=first, stage_since=came), make_deal(session, stage=first)
    gone.deleted_at = datetime(2026, 4, 1, tzinfo=UTC)
    missed = make_deal(session, stage=lost, closed_at=came, lost_reason="Price")

    def retype(**types: StageType) -> None:
        given = [{"id": s.id, "name": s.name, "type": types.get(s.name, s.type)} for s in pipeline.stages]
        changing.update(session, pipeline, {"stages": given}, by=BY)

    before = standing.version
    retype(**{first.name: StageType.WON, "Proposal": StageType.OPEN})
    assert (standing.closed_at, standing.version) == (came, before + 1)
    assert gone.closed_at is not None
    retype(**{first.name: StageType.OPEN, lost.name: StageType.WON})
    assert (standing.closed_at, gone.closed_at) == (None, None)
    assert (missed.closed_at, missed.lost_reason) == (came, None)
    twice = [{"id": first.id, "name": name} for name in ("One", "Two")]
    with pytest.raises(Invalid, match="named twice"):
        changing.update(session, pipeline, {"stages": twice}, by=BY)
