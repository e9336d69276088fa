"""The assistant acts only when told: what it proposes waits for a yes, runs once, as that person, and can be undone."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from shared import clock, records
from shared.database import Database
from shared.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from shared.events import Actor
from shared.models import (
    ActionState,
    ChatAction,
    ChatConversation,
    Company,
    Contact,
    Deal,
    Event,
    Note,
    Role,
    Task,
    User,
)
from shared.review import actions
from shared.review.tools import CHANGE_LIST, TOOLS, tools_for
from shared.tenancy import TenantSession
from tests import factories
from tests.conftest import Cast

NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _friday() -> None:
    clock.configure(NOW)


@pytest.fixture
def chat(session: TenantSession, bob: User) -> ChatConversation:
    """Bob's conversation."""
    return factories.save(session, ChatConversation(public_id="c_bob", user_id=bob.id))


class World:
    """Records that actions are about."""

    def __init__(self, session: TenantSession, cast: Cast) -> None:
        by = Actor("user", cast.alice)
        pipeline = factories.make_pipeline(session, name="Sales")
        self.stages = {stage.name: stage.id for stage in pipeline.stages}
        self.company = records.create(session, "company", {"name": "Borealis", "phone": "+49 30 1"}, by=by)
        self.jane = records.create(
            session, "contact",
            {"first_name": "Jane", "last_name": "Roe", "company_id": self.company.id,
             "emails": [{"email": "jane@roe.example"}], "phones": [{"phone": "+49 30 111", "label": "work"}]}, by=by,
        )  # fmt: skip
        self.deal = records.create(
            session, "deal",
            {"name": "Borealis pilot", "company_id": self.company.id, "stage": "Qualification", "amount": "12000",
             "currency": "EUR"}, by=by,
        )  # fmt: skip
        self.task = records.create(session, "task", {"title": "Send the offer", "due_date": "2026-11-23"}, by=by)
        self.done = records.create(session, "task", {"title": "Call back", "status": "done"}, by=by)
        self.note = records.create(session, "note", {"body": "They want SSO."}, by=by)
        session.commit()


@pytest.fixture
def world(session: TenantSession, cast: Cast) -> World:
    return World(session, cast)


def propose(session: TenantSession, chat: ChatConversation, user: User, tool: str, **args: Any) -> ChatAction:
    action = actions.propose(session, tool, args, user=user, conversation_id=chat.id, turn="t_1")
    session.commit()
    return action


def approve(session: TenantSession, action: ChatAction, user: User, key: str = "k1", **more: Any) -> ChatAction:
    decided = actions.decide(session, action, "approve", user=user, key=key, **more)
    session.commit()
    return decided


def everything(session: TenantSession) -> dict[str, Any]:
    """Every record as people see it: what an undo must bring back."""
    kinds = (Company, Contact, Deal, Task, Note)
    rows = [row for kind in kinds for row in session.scalars(select(kind).where(kind.deleted_at.is_(None)))]
    ignored = ("version", "updated_at")
    return {
        f"{type(row).__name__} {row.id}": {k: v for k, v in records.show(session, row).items() if k not in ignored}
        for row in rows
    }


def requests(world: World, cast: Cast) -> list[tuple[str, dict[str, Any]]]:
    """At least one request for every tool but that for lists, which has tests of its own."""
    jane = {"type": "contact", "id": world.jane.id}
    deal = {"type": "deal", "id": world.deal.id}
    return [
        ("create_task", {"title": "Call Jane", "due_at": "2026-11-27T15:00:00+01:00", "links": [jane]}),
        ("create_task", {"title": "Water the plants"}),
        ("update_task", {"task_id": world.task.id, "status": "done"}),
        ("update_task", {"task_id": world.done.id, "status": "open"}),
        ("update_task", {"task_id": world.task.id, "due_at": "2026-11-25T10:00:00Z", "assignee_id": cast.alice}),
        ("schedule_follow_up", {"title": "Follow up with Jane", "due_date": "2026-12-04", "links": [jane, deal]}),
        ("create_note", {"body": "They want <script>alert(1)</script>", "links": [deal]}),
        ("update_note", {"note_id": world.note.id, "body": "And SCIM.", "append": True}),
        ("log_activity", {"kind": "call", "text": "All well.", "on": "2026-11-19", "who": "Jane Roe", "links": [jane]}),
        ("draft_email", {"contact_id": world.jane.id, "subject": "The price", "body": "Hi Jane,\n\nsee you."}),
        ("create_contact", {"first_name": "Max", "last_name": "Muster", "email": "max@muster.example",
                            "company": "Muster Ltd"}),
        ("create_contact", {"first_name": "Ida", "phone": "+49 40 1", "company_id": world.company.id}),
        ("update_contact", {"contact_id": world.jane.id, "phone": "+49 30 222", "add_email": "j@roe.example",
                            "title": "CTO"}),
        ("create_company", {"name": "Quill Ltd", "city": "Bergen"}),
        ("update_company", {"company_id": world.company.id, "phone": None, "city": "Oslo"}),
        ("move_deal_stage", {"deal_id": world.deal.id, "stage_id": world.stages["Proposal"]}),
        ("move_deal_stage", {"deal_id": world.deal.id, "stage_id": world.stages["Lost"], "reason": "Too dear."}),
        ("move_deal_stage", {"deal_id": world.deal.id, "stage_id": world.stages["Won"], "reason": "Bergen was good."}),
        ("update_deal", {"deal_id": world.deal.id, "amount": "15000.50", "expected_close": "2026-12-15",
                         "owner_id": cast.bob}),
    ]  # fmt: skip


def test_every_tool_is_proposed_done_on_a_yes_and_undone(
    session: TenantSession, cast: Cast, bob: User, chat: ChatConversation, world: World
) -> None:
    asked = requests(world, cast)
    assert {tool for tool, _ in asked} == set(TOOLS) - {CHANGE_LIST}
    for tool, args in asked:
        was = everything(session)
        action = propose(session, chat, bob, tool, **args)
        assert everything(session) == was, "a proposal writes nothing"
        assert action.changes and action.summary, tool
        assert all(change["before"] != change["after"] for change in action.changes)
        assert approve(session, action, bob).state is ActionState.DONE, action.detail
        now = everything(session)
        assert now != was
        for change in action.changes:
            if change["field"] not in ("note", "company"):
                shown = now[f"{action.record_type.title()} {action.record_id}"]
                assert shown[change["field"]] == change["after"], "what the card showed is what was done"
        actions.undo(session, action, user=bob)
        session.commit()
        session.expire_all()
        assert everything(session) == was, tool
        assert action.state is ActionState.UNDONE
    kinds = session.scalars(select(Event.kind).where(Event.kind.startswith("assistant."))).all()
    assert sorted(kinds) == ["assistant.action_done"] * len(asked) + ["assistant.action_undone"] * len(asked)


def test_what_was_done_is_done_by_the_person_through_the_assistant(
    session: TenantSession, bob: User, chat: ChatConversation, world: World
) -> None:
    action = approve(session, propose(session, chat, bob, "create_task", title="Call"), bob)
    task = session.get_one(Task, action.record_id)
    assert (task.actor, task.created_by_id, task.assignee_id) == ("assistant", bob.id, bob.id)
    events = session.scalars(select(Event).where(Event.record_type == "task", Event.record_id == task.id)).all()
    assert [(e.kind, e.actor, e.user_id) for e in events] == [
        ("task.created", "assistant", bob.id),
        ("assistant.action_done", "assistant", bob.id),
    ]
    assert events[1].data == {"action": action.public_id, "tool": "create_task", "turn": "t_1"}


def test_the_card_says_what_will_be_so_in_the_language_of_the_question(
    session: TenantSession, cast: Cast, bob: User, chat: ChatConversation, world: World
) -> None:
    args = {"deal_id": world.deal.id, "stage_id": world.stages["Lost"], "reason": "Too dear."}
    english = propose(session, chat, bob, "move_deal_stage", **args)
    assert english.summary == "Mark the deal “Borealis pilot” as lost."
    assert [(c["label"], c["before_text"], c["after_text"]) for c in english.changes] == [
        ("Reason", "", "Too dear."),
        ("Stage", "Qualification", "Lost"),
    ]
    assert english.before == {"name": "Borealis pilot", "lost_reason": None, "stage": "Qualification"}
    due = {"title": "Anrufen", "due_at": "2026-11-27T14:00:00Z", "assignee_id": cast.alice}
    german = actions.propose(session, "create_task", due, user=bob, conversation_id=chat.id, turn="t_1", language="de")
    assert german.summary == "Aufgabe „Anrufen“ anlegen, fällig Fr. 27. Nov. 2026, 14:00, für Alice Archer."
    amount = propose(session, chat, bob, "update_deal", deal_id=world.deal.id, amount=15000)
    assert amount.summary == "Change the deal “Borealis pilot”: Amount → €15,000.00."


@pytest.mark.parametrize(
    ("tool", "args", "path"),
    [
        ("create_task", {}, "title"),
        ("create_task", {"title": "x", "due_date": "Friday"}, "due_date"),
        ("create_task", {"title": "x", "links": [{"type": "contact", "id": 999}]}, "links.0.id"),
        ("create_task", {"title": "x", "assignee_id": 999}, "assignee_id"),
        ("create_task", {"title": "x", "delete": True}, "delete"),
        ("create_task", {"title": "\x00\ud800"}, "title"),
        ("update_task", {"task_id": 1}, ""),
        ("schedule_follow_up", {"title": "x", "links": [{"type": "contact", "id": 1}]}, ""),
        ("create_contact", {"email": "nobody"}, "email"),
        ("move_deal_stage", {"deal_id": 1, "stage_id": 999}, "stage_id"),
        ("delete_deal", {"deal_id": 1}, "tool"),
    ],
)
def test_arguments_that_do_not_fit_are_named_before_anybody_is_asked(
    session: TenantSession, bob: User, chat: ChatConversation, world: World, tool: str, args: dict[str, Any], path: str
) -> None:
    with pytest.raises(Invalid) as caught:
        actions.propose(session, tool, args, user=bob, conversation_id=chat.id, turn="t_1")
    assert path in [error.path for error in caught.value.errors]
    session.rollback()
    assert session.scalars(select(ChatAction)).all() == []


def test_what_is_so_already_or_there_already_is_said(
    session: TenantSession, bob: User, chat: ChatConversation, world: World
) -> None:
    same = {"deal_id": world.deal.id, "stage_id": world.stages["Qualification"]}
    for tool, args, said in (
        ("move_deal_stage", same, "nothing to change"),
        ("create_contact", {"first_name": "J", "email": "JANE@roe.example"}, "Jane Roe"),
        ("create_company", {"name": "Borealis GmbH"}, "already a company"),
    ):
        with pytest.raises(Conflict, match=said):
            actions.propose(session, tool, args, user=bob, conversation_id=chat.id, turn="t_1")


def test_a_field_that_changed_since_the_card_is_a_conflict_and_nothing_is_done(
    session: TenantSession, cast: Cast, bob: User, chat: ChatConversation, world: World
) -> None:
    action = propose(session, chat, bob, "move_deal_stage", deal_id=world.deal.id, stage_id=world.stages["Won"])
    records.update(session, world.deal, {"stage": "Proposal"}, by=Actor("user", cast.alice))
    session.commit()
    approve(session, action, bob)
    assert (action.state, session.get_one(Deal, world.deal.id).stage_id) == (
        ActionState.CONFLICT,
        world.stages["Proposal"],
    )
    assert [(c["before"], c["after"], c["current_text"]) for c in action.changes] == [
        ("Qualification", "Won", "Proposal")
    ]
    with pytest.raises(Conflict):
        actions.undo(session, action, user=bob)


def test_other_fields_may_change_meanwhile_but_not_what_the_record_is_called(
    session: TenantSession, cast: Cast, bob: User, chat: ChatConversation, world: World
) -> None:
    by = Actor("user", cast.alice)
    first = propose(session, chat, bob, "update_contact", contact_id=world.jane.id, phone="+49 30 222")
    records.update(session, world.jane, {"title": "CTO"}, by=by)
    session.commit()
    assert approve(session, first, bob).state is ActionState.DONE
    assert world.jane.phone == "+49 30 222"
    assert world.jane.title == "CTO"
    second = propose(session, chat, bob, "update_contact", contact_id=world.jane.id, phone="+49 30 333")
    records.update(session, world.jane, {"last_name": "Doe"}, by=by)
    session.commit()
    assert approve(session, second, bob).state is ActionState.CONFLICT


def test_a_record_deleted_meanwhile_is_a_conflict_and_one_it_refers_to_a_failure(
    session: TenantSession, cast: Cast, bob: User, chat: ChatConversation, world: World
) -> None:
    change = propose(session, chat, bob, "update_contact", contact_id=world.jane.id, title="CTO")
    link = {"type": "contact", "id": world.jane.id}
    create = propose(session, chat, bob, "create_task", title="Call", links=[link])
    records.delete(session, world.jane, by=Actor("user", cast.alice))
    session.commit()
    assert approve(session, change, bob).state is ActionState.CONFLICT
    assert approve(session, create, bob).state is ActionState.FAILED
    assert create.detail == f"There is no contact with id {world.jane.id}. Nothing was done."
    assert session.scalars(select(Task).where(Task.title == "Call")).all() == []


def test_deciding_again_gives_the_first_result_whatever_is_said(
    session: TenantSession, bob: User, chat: ChatConversation, world: World
) -> None:
    action = approve(session, propose(session, chat, bob, "create_note", body="Once"), bob)
    for key, decision in (("k1", "approve"), ("k2", "approve"), ("k3", "reject")):
        again = actions.decide(session, action, decision, user=bob, key=key)
        assert (again.state, again.decision_key) == (ActionState.DONE, "k1")
    refused = propose(session, chat, bob, "create_note", body="Never")
    assert actions.decide(session, refused, "reject", user=bob, key="a").state is ActionState.REJECTED
    assert actions.decide(session, refused, "approve", user=bob, key="b").state is ActionState.REJECTED
    assert [note.body for note in session.scalars(select(Note)) if note.body in ("Once", "Never")] == ["Once"]
    actions.undo(session, action, user=bob)
    assert actions.undo(session, action, user=bob).state is ActionState.UNDONE
    session.commit()


def test_an_answer_after_a_quarter_of_an_hour_is_too_late(
    session: TenantSession, bob: User, chat: ChatConversation, world: World
) -> None:
    action = propose(session, chat, bob, "create_note", body="Late")
    assert timedelta(minutes=14) < action.expires_at - clock.wall() <= timedelta(minutes=15)
    assert actions.is_open(action)
    action.expires_at = clock.wall() - timedelta(seconds=1)
    session.commit()
    assert not actions.is_open(action)
    assert approve(session, action, bob).state is ActionState.EXPIRED
    assert session.scalars(select(Note).where(Note.body == "Late")).all() == []


def test_permission_is_asked_when_it_is_proposed_decided_and_undone(
    session: TenantSession, bob: User, vera: User, chat: ChatConversation, world: World
) -> None:
    assert tools_for(Role.VIEWER) == ()
    assert set(tools_for(Role.MEMBER)) == set(TOOLS)
    with pytest.raises(Forbidden):
        actions.propose(session, "create_note", {"body": "x"}, user=vera, conversation_id=chat.id, turn="t_1")
    done = approve(session, propose(session, chat, bob, "create_note", body="Mine"), bob)
    for change in ({"role": Role.VIEWER}, {"role": Role.MEMBER, "is_active": False}):
        session.execute(update(User).where(User.id == bob.id).values(is_active=True, role=Role.MEMBER))
        session.expire_all()
        action = propose(session, chat, bob, "create_note", body="No longer")
        session.execute(update(User).where(User.id == bob.id).values(change))
        session.commit()
        assert approve(session, action, bob).state is ActionState.FAILED
        assert action.detail == "Your role does not allow this. Nothing was done."
        with pytest.raises(Forbidden):
            actions.undo(session, done, user=bob)
        assert done.state is ActionState.DONE
    assert session.scalars(select(Note).where(Note.body == "No longer")).all() == []


def test_nobody_answers_for_another(
    session: TenantSession,
    mallory_session: TenantSession,
    alice: User,
    bob: User,
    mallory: User,
    chat: ChatConversation,
    world: World,
) -> None:
    action = propose(session, chat, bob, "create_note", body="Bob's")
    for stranger, theirs in ((alice, session), (mallory, mallory_session)):
        mine: dict[str, Any] = {"user": stranger, "conversation_id": chat.id, "turn": "t_1"}
        with pytest.raises(NotFound):
            actions.find(theirs, action.public_id, user=stranger)
        with pytest.raises(NotFound):
            actions.decide(theirs, action, "approve", user=stranger, key="k")
        with pytest.raises(NotFound):
            actions.undo(theirs, action, user=stranger)
        with pytest.raises(NotFound):
            actions.propose(theirs, "create_note", {"body": "x"}, **mine)
        theirs.commit()
    assert actions.find(session, action.public_id, user=bob).state is ActionState.PROPOSED


def test_another_tenants_records_do_not_exist_for_a_tool(
    session: TenantSession, mallory_session: TenantSession, mallory: User, world: World
) -> None:
    theirs = factories.save(mallory_session, ChatConversation(public_id="c_mallory", user_id=mallory.id))
    link = {"type": "contact", "id": world.jane.id}
    for tool, args in (
        ("create_task", {"title": "x", "links": [link]}),
        ("update_contact", {"contact_id": world.jane.id, "title": "x"}),
        ("draft_email", {"contact_id": world.jane.id, "subject": "x", "body": "x"}),
        ("move_deal_stage", {"deal_id": world.deal.id, "stage_id": world.stages["Won"]}),
        ("update_task", {"task_id": world.task.id, "status": "done"}),
        ("update_note", {"note_id": world.note.id, "body": "x", "append": True}),
    ):
        with pytest.raises((NotFound, Invalid)) as caught:
            actions.propose(mallory_session, tool, args, user=mallory, conversation_id=theirs.id, turn="t_1")
        assert "Jane" not in str(caught.value)
    mallory_session.rollback()


def test_another_question_closes_open_cards_of_its_conversation(
    session: TenantSession, bob: User, chat: ChatConversation, world: World
) -> None:
    other = factories.save(session, ChatConversation(public_id="c_other", user_id=bob.id))
    kept = propose(session, other, bob, "create_note", body="Elsewhere")
    done = approve(session, propose(session, chat, bob, "create_note", body="Done"), bob)
    late, waiting = (propose(session, chat, bob, "create_note", body=body) for body in ("Late", "Waiting"))
    late.expires_at = clock.wall()
    session.commit()
    assert actions.skip_pending(session, chat.id) == [late, waiting]
    session.commit()
    states = [action.state.value for action in (kept, done, late, waiting)]
    assert states == ["proposed", "done", "expired", "skipped"]
    assert approve(session, waiting, bob).state is ActionState.SKIPPED


def test_edits_on_the_card_are_checked_shown_and_done(
    session: TenantSession, bob: User, chat: ChatConversation, world: World
) -> None:
    action = propose(session, chat, bob, "update_task", task_id=world.task.id, due_date="2026-11-30")
    for edits in ({"task_id": world.done.id}, {"due_date": "soon"}, {"links": []}):
        with pytest.raises(Invalid):
            actions.decide(session, action, "approve", user=bob, key="k", edits=edits)
        assert action.state is ActionState.PROPOSED
    approve(session, action, bob, edits={"due_date": "2026-12-01", "title": "Send the new offer"})
    assert (action.state, action.detail) == (ActionState.DONE, None)
    assert action.summary == "Change the task “Send the offer”: Title → Send the new offer; Due → Tue 1 Dec 2026."
    assert (world.task.title, world.task.due_date) == ("Send the new offer", date(2026, 12, 1))
    actions.undo(session, action, user=bob)
    assert (world.task.title, world.task.due_date) == ("Send the offer", date(2026, 11, 23))


def test_an_undo_does_not_overwrite_what_somebody_did_since(
    session: TenantSession, cast: Cast, bob: User, chat: ChatConversation, world: World
) -> None:
    by = Actor("user", cast.alice)
    changed = approve(
        session, propose(session, chat, bob, "update_company", company_id=world.company.id, city="Oslo"), bob
    )
    made = approve(session, propose(session, chat, bob, "create_contact", first_name="Max", company="Muster"), bob)
    records.update(session, world.company, {"city": "Bergen"}, by=by)
    company_id = session.get_one(Contact, made.record_id).company_id
    records.create(session, "contact", {"first_name": "Eve", "company_id": company_id}, by=by)
    session.commit()
    for action in (changed, made):
        with pytest.raises(Conflict):
            actions.undo(session, action, user=bob)
        session.commit()
        assert action.state is ActionState.DONE
    assert world.company.city == "Bergen"
    assert session.get_one(Contact, made.record_id).deleted_at is None, "half an undo is none"


def test_closing_times_come_back_as_they_were(
    session: TenantSession, bob: User, chat: ChatConversation, world: World
) -> None:
    earlier = datetime(2026, 11, 2, 12, tzinfo=UTC)
    world.done.completed_at = earlier
    records.update(session, world.deal, {"stage": "Lost", "lost_reason": "Dear"}, by=Actor("user", bob.id))
    world.deal.closed_at = earlier
    session.commit()
    for tool, args in (
        ("update_task", {"task_id": world.done.id, "status": "open"}),
        ("move_deal_stage", {"deal_id": world.deal.id, "stage_id": world.stages["Proposal"]}),
    ):
        actions.undo(session, approve(session, propose(session, chat, bob, tool, **args), bob), user=bob)
        session.commit()
    assert (world.done.completed_at, world.deal.closed_at, world.deal.lost_reason) == (earlier, earlier, "Dear")


def test_two_tabs_that_say_yes_together_do_it_once(
    session: TenantSession, database: Database, cast: Cast, bob: User, chat: ChatConversation, world: World
) -> None:
    create = propose(session, chat, bob, "create_note", body="Once only")
    move = propose(session, chat, bob, "move_deal_stage", deal_id=world.deal.id, stage_id=world.stages["Won"])
    results: list[tuple[int, str | None]] = []
    barrier = threading.Barrier(6)

    def tab(action_id: int, key: str) -> None:
        with database.session(cast.acme) as own:
            action, user = own.get_one(ChatAction, action_id), own.get_one(User, cast.bob)
            own.commit()
            barrier.wait(20)
            try:
                decided = actions.decide(own, action, "approve", user=user, key=key)
                results.append((action_id, f"{decided.state.value} {decided.decision_key}"))
                own.commit()
            except AppError as error:
                results.append((action_id, repr(error)))

    tabs = [threading.Thread(target=tab, args=(a.id, f"key{n}")) for n in range(3) for a in (create, move)]
    for thread in tabs:
        thread.start()
    for thread in tabs:
        thread.join(30)
    assert len(results) == 6
    assert len(set(results)) == 2, "every tab of a card sees the same result"
    assert all(result.startswith("done key") for _, result in results)
    session.expire_all()
    assert len(session.scalars(select(Note).where(Note.body == "Once only")).all()) == 1
    moves = select(Event).where(Event.kind == "deal.updated", Event.record_id == world.deal.id)
    assert len(session.scalars(moves).all()) == 1
    assert session.get_one(Deal, world.deal.id).stage_id == world.stages["Won"]
    session.commit()


def test_what_crashes_before_its_commit_is_proposed_again(
    session: TenantSession, database: Database, cast: Cast, bob: User, chat: ChatConversation, world: World
) -> None:
    action = propose(session, chat, bob, "create_note", body="After all")
    with database.session(cast.acme) as dying:
        row, user = dying.get_one(ChatAction, action.id), dying.get_one(User, cast.bob)
        assert actions.decide(dying, row, "approve", user=user, key="k").state is ActionState.DONE
    session.expire_all()
    assert session.get_one(ChatAction, action.id).state is ActionState.PROPOSED
    assert approve(session, action, bob, key="k").state is ActionState.DONE
    assert len(session.scalars(select(Note).where(Note.body == "After all")).all()) == 1
