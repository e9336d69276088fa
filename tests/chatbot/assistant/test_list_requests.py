"""Every record of a list is changed by one card: its set stands still until the yes, and one undo takes it all back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from chatbot.assistant import action_parsing
from chatbot.assistant.types import Exchange, Listing, Routed
from shared import records
from shared.database import Database
from shared.errors import AppError, Conflict, Forbidden, Invalid
from shared.events import Actor
from shared.models import ActionState, ChatAction, ChatConversation, Contact, Event, Role, User
from shared.query import Plan, catalog, lists
from shared.query.dates import Calendar
from shared.records import changing, custom
from shared.review import actions as gate
from shared.review.cards import card, decided
from shared.tenancy import TenantSession
from tests import factories
from tests.chatbot.assistant.test_action_parsing import World
from tests.conftest import Cast
from tests.keeping import Keeper


@pytest.fixture
def world(kept: Keeper, database: Database, session: TenantSession, cast: Cast) -> World:
    made = kept.world(World, database, session, cast)
    records.update(session, records.get(session, "contact", made.anna), {"tags": ["Press"]}, by=made.by)
    session.add(ChatConversation(public_id="c_1", user_id=cast.alice, title="t"))
    session.commit()
    return made


def listing(world: World, type_: str, **args: str) -> Listing:
    query = lists.parse(type_, {name: [value] for name, value in args.items()}, catalog(world.session))
    return Listing(lists.plan_of(query))


def read(world: World, text: str, beside: Listing | None = None, *history: Exchange, role: Role = Role.ADMIN) -> Routed:
    routed = action_parsing.parse(world.session, world.ask(text, listing=beside, history=history, role=role))
    assert routed is not None, text
    return routed


def proposed(world: World, text: str, beside: Listing | None = None, user: int | None = None) -> ChatAction:
    session = world.session
    who = session.get_one(User, user or world.cast.alice)
    talk = session.scalars(select(ChatConversation)).one()
    talk.user_id = who.id
    request = read(world, text, beside).action
    assert request is not None, text
    return gate.propose(session, request.tool, request.args, user=who, conversation_id=talk.id, turn="t_1")


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_words_about_a_list_come_to_one_change_of_its_records(world: World) -> None:
    contacts, deals = listing(world, "contact", company_id=str(world.quill)), listing(world, "deal")
    tasks, companies = listing(world, "task", status="open"), listing(world, "company")
    custom.define(world.session, {"record_type": "company", "label": "Renewal date", "type": "date"}, by=world.by)
    world.session.commit()
    bob = {"owner_id": world.cast.bob}
    asked = Exchange("which companies are in Bergen?", "", "structured", Plan.model_validate({"from": "company"}))
    expected: dict[tuple[str, Listing | None], tuple[str, str, dict[str, Any]]] = {
        ("assign these to Bob", contacts): ("contact", "edit", bob),
        ("hand these contacts over to Bob", contacts): ("contact", "edit", bob),
        ("weise diese Kontakte Bob zu", contacts): ("contact", "edit", bob),
        ("tag these as press", contacts): ("contact", "tag", {"tags": ["Press"]}),
        ("untag these as Press", contacts): ("contact", "untag", {"tags": ["Press"]}),
        ("entferne den Tag Press von diesen", contacts): ("contact", "untag", {"tags": ["Press"]}),
        ("set their source to Website", contacts): ("contact", "edit", {"source": "Website"}),
        ("setze die Quelle von diesen auf Website", contacts): ("contact", "edit", {"source": "Website"}),
        ("mark these as customers", contacts): ("contact", "edit", {"lifecycle": "customer"}),
        ("delete these", contacts): ("contact", "delete", {}),
        ("die ganze Liste löschen", contacts): ("contact", "delete", {}),
        ("complete these tasks", tasks): ("task", "edit", {"status": "done"}),
        ("hake diese ab", tasks): ("task", "edit", {"status": "done"}),
        ("assign them all to me", tasks): ("task", "edit", {"assignee_id": world.cast.bob}),
        ("move these deals to Proposal", deals): ("deal", "edit", {"stage": "Proposal"}),
        ("verschiebe diese in die Phase Angebot", deals): ("deal", "edit", {"stage": "Proposal"}),
        ("mark everything in this list as lost", deals): ("deal", "edit", {"stage": "Lost"}),
        ("clear their owner", contacts): ("contact", "edit", {"owner_id": None}),
        ("leere die Quelle von diesen", contacts): ("contact", "edit", {"source": None}),
        ("set the company of these to Quill", deals): ("deal", "edit", {"company_id": world.quill}),
        ("mark these tasks done", tasks): ("task", "edit", {"status": "done"}),
        ("set their priority to high", tasks): ("task", "edit", {"priority": "high"}),
        ("postpone these by a week", tasks): ("task", "shift", {"field": "due_date", "days": 7, "months": 0}),
        ("postpone these by three working days", tasks): (
            "task",
            "shift",
            {"field": "due_date", "days": 3, "months": 0, "working": True},
        ),
        ("bring their due dates forward by 2 business days", tasks): (
            "task",
            "shift",
            {"field": "due_date", "days": -2, "months": 0, "working": True},
        ),
        ("verschiebe diese um fünf Werktage", deals): (
            "deal",
            "shift",
            {"field": "expected_close", "days": 5, "months": 0, "working": True},
        ),
        ("verschiebe deren Fälligkeit um 2 Arbeitstage nach vorne", tasks): (
            "task",
            "shift",
            {"field": "due_date", "days": -2, "months": 0, "working": True},
        ),
        ("push the due dates back 3 days", tasks): ("task", "shift", {"field": "due_date", "days": 3, "months": 0}),
        ("bring their due dates forward by two days", tasks): (
            "task",
            "shift",
            {"field": "due_date", "days": -2, "months": 0},
        ),
        ("verschiebe diese um eine Woche", tasks): ("task", "shift", {"field": "due_date", "days": 7, "months": 0}),
        ("verschiebe die Abschlussdaten um zwei Monate nach hinten", deals): (
            "deal",
            "shift",
            {"field": "expected_close", "days": 0, "months": 2},
        ),
        ("move the renewal dates of these back a month", companies): (
            "company",
            "shift",
            {"field": "custom.renewal_date", "days": 0, "months": 1},
        ),
        ("clear their renewal date", companies): ("company", "edit", {"custom": {"renewal_date": None}}),
        ("verschiebe alle Aufgaben, die vor Montag fällig sind, um drei Tage", None): (
            "task",
            "shift",
            {"field": "due_date", "days": 3, "months": 0},
        ),
        ("assign all companies in Bergen to Bob", None): ("company", "edit", bob),
        ("weise alle Firmen in Bergen Bob zu", None): ("company", "edit", bob),
        ("complete all open tasks", None): ("task", "edit", {"status": "done"}),
    }
    for (text, beside), (type_, action, values) in expected.items():
        request = read(world, text, beside).action
        assert request is not None, text
        args = request.args
        assert (request.tool, args["plan"]["from"], args["action"], args["values"]) == (
            "change_list", type_, action, values
        ), text  # fmt: skip
    following = read(world, "assign them to Bob", None, asked).action
    assert following is not None and following.args["plan"]["from"] == "company"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_is_unclear_is_asked_and_what_is_not_to_be_done_is_said(world: World) -> None:
    records.create(world.session, "tag", {"name": "Press agency"}, by=world.by)
    twin = world.session.get_one(User, world.cast.bob)
    twin.name = "Alice Other"
    world.session.commit()
    contacts, deals = listing(world, "contact"), listing(world, "deal")
    which = read(world, "assign these to Alice", contacts)
    assert which.kind == "clarify" and len(which.choices) == 2
    chosen = [read(world, choice.question, contacts).action for choice in which.choices]
    assert {one.args["values"]["owner_id"] for one in chosen if one} == {world.cast.alice, world.cast.bob}
    new = read(world, "tag these as Pres", contacts)
    assert new.kind == "clarify" and [choice.label for choice in new.choices] == [
        "Make the tag “Pres”", "Press", "Press agency"
    ]  # fmt: skip
    for choice, tag in zip(new.choices, ("Pres", "Press", "Press agency"), strict=True):
        request = read(world, choice.question, contacts).action
        assert request is not None and request.args["values"] == {"tags": [tag]}
    for text, beside, said in (
        ("delete all deals", deals, "what a list in front of you shows"),
        ("set every open deal to won", None, "only close many deals"),
        ("assign these to Alice", None, "which records “these”"),
        ("complete these tasks", contacts, "cannot be done with contacts"),
        ("set the email of these to a@b.example", contacts, "cannot be set for many"),
        ("untag these as Nonsense", contacts, "no tag “Nonsense”"),
        ("clear the stage of these", deals, "cannot be empty"),
        ("postpone these by a bit", deals, "By how long?"),
        ("postpone these by a week", contacts, "cannot be done with contacts"),
        ("assign all frobnicated gizmos to Alice", None, "do not understand which records"),
    ):
        routed = read(world, text, beside)
        assert routed.kind == "abstain" and said in routed.message, text
    assert "Your role does not allow this" in read(world, "delete these", contacts, role=Role.VIEWER).message


def test_a_list_is_changed_by_one_yes_and_taken_back_by_one_undo(session: TenantSession, world: World) -> None:
    alice, quill = session.get_one(User, world.cast.alice), listing(world, "contact", company_id=str(world.quill))
    people = list(session.scalars(select(Contact).where(Contact.company_id == world.quill).order_by(Contact.id)))
    people[0].source = "Fair"
    session.commit()
    action = proposed(world, "set the source of these to Website", quill)
    shown = card(action)
    assert shown["summary"] == "Change 4 contacts: Source → Website."
    assert (shown["many"]["count"], shown["record"]["name"]) == (4, "Contacts of Quill GmbH")
    assert shown["record"]["href"] == f"/contacts?company_id={world.quill}"
    assert set(shown["many"]["names"]) == {person.name for person in people}
    [line] = shown["changes"]
    assert (line["label"], line["before_text"], line["after_text"]) == ("Source", "none 3, Fair 1", "Website")
    assert {person.source for person in people} == {None, "Fair"}, "a proposal writes nothing"
    gate.decide(session, action, "approve", user=alice, key="k")
    session.commit()
    assert {person.source for person in people} == {"Website"}
    assert card(action)["detail"] == "4 records changed."
    events = session.scalars(select(Event).where(Event.kind == "contact.updated", Event.actor == "assistant")).all()
    assert {event.record_id for event in events} == {person.id for person in people}
    gate.undo(session, action, user=alice)
    session.commit()
    session.expire_all()
    assert sorted(person.source or "" for person in people) == ["", "", "", "Fair"]
    assert card(action)["detail"] == "4 records are as they were."


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_list_that_has_changed_since_is_asked_about_again(session: TenantSession, world: World) -> None:
    alice, quill = session.get_one(User, world.cast.alice), listing(world, "contact", company_id=str(world.quill))
    action = proposed(world, "assign these to Bob", quill)
    world.person("Nora", "New", world.quill)
    session.commit()
    gate.decide(session, action, "approve", user=alice, key="k")
    told = decided(session, action)
    assert (told["status"], told["again"]["summary"]) == ("conflict", "Change 5 contacts: Owner → Bob Baker.")
    assert told["detail"] == "The list has changed since: it had 4, and has 5 now. Nothing was done."
    assert not session.scalars(select(Contact).where(Contact.owner_id == world.cast.bob)).all()
    again = gate.find(session, told["again"]["id"], user=alice)
    records.delete(session, records.get(session, "contact", world.anna), by=world.by)
    world.person("Nils", "New", world.quill)
    session.commit()
    gate.decide(session, again, "approve", user=alice, key="k2")
    assert "not the same ones" in (again.detail or "")
    last = gate.again(session, again)
    assert last is not None
    gate.decide(session, last, "approve", user=alice, key="k3")
    assert last.state is ActionState.DONE
    assert len(session.scalars(select(Contact).where(Contact.owner_id == world.cast.bob)).all()) == 5


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_list_is_no_way_around_limits_permissions_or_tenants(
    session: TenantSession, database: Database, cast: Cast, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = world.person("Mia", "Mine", world.quill)
    records.update(session, records.get(session, "contact", mine), {"owner_id": cast.bob}, by=world.by)
    quill = listing(world, "contact", company_id=str(world.quill))
    session.commit()
    with database.session(cast.globex) as other:
        foreign = factories.make_contact(other, first_name="Secret").id

    def refused(kind: type[AppError], said: str, text: str, beside: Listing, user: int | None = None) -> None:
        with pytest.raises(kind, match=said):
            proposed(world, text, beside, user)
        session.rollback()

    refused(Invalid, "none of these", "delete these", listing(world, "contact", id=str(foreign)))
    refused(Forbidden, "None of these is yours", "delete these", listing(world, "deal"), cast.bob)
    refused(Conflict, "is so already", "assign these to Bob", listing(world, "contact", id=str(mine)))
    monkeypatch.setattr(changing, "MOST", 4)
    refused(Invalid, "At most 4 records", "delete these", quill)
    monkeypatch.undo()
    action = proposed(world, "delete these", quill, cast.bob)
    assert card(action)["risk"] == "high" and card(action)["many"]["notes"] == [
        "4 are not yours to change and stay as they are."
    ]
    gate.decide(session, action, "approve", user=session.get_one(User, cast.bob), key="k")
    assert card(action)["detail"] == "1 record deleted. 4 are not yours to change."
    gone = session.scalars(select(Contact.id).where(Contact.deleted_at.is_not(None))).all()
    assert gone == [mine]
    records.restore(session, records.get(session, "contact", mine, deleted=True), by=world.by)
    later = proposed(world, "mark these as customers", quill, cast.bob)
    session.get_one(User, cast.bob).role = Role.VIEWER
    session.commit()
    gate.decide(session, later, "approve", user=session.get_one(User, cast.bob), key="k2")
    assert later.state is ActionState.FAILED


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_thousands_are_a_job_whose_progress_the_card_shows(
    session: TenantSession, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = session.get_one(User, world.cast.alice)
    monkeypatch.setattr(changing, "AT_ONCE", 2)
    action = proposed(world, "assign these to Bob", listing(world, "contact"))
    gate.decide(session, action, "approve", user=alice, key="k")
    session.commit()
    change = changing.get(session, (action.applied or {})["change"], by=Actor("user", alice.id))
    assert card(action)["many"]["progress"] == {
        "done": 0, "total": 5, "is_under_way": True, "href": f"/bulk/{change.id}"
    }  # fmt: skip
    with pytest.raises(Conflict, match="still under way"):
        gate.undo(session, action, user=alice)
    assert action.state is ActionState.DONE
    session.commit()
    changing.run(session.workspace_id, change.id)
    session.expire_all()
    progress = card(action)["many"]["progress"]
    assert (progress["done"], progress["is_under_way"]) == (5, False)
    gate.undo(session, action, user=alice)
    session.commit()
    changing.run(session.workspace_id, change.id)
    session.expire_all()
    assert card(action)["detail"] == "5 records are as they were."


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_working_days_leave_weekends_out_for_each_of_many(session: TenantSession, world: World) -> None:
    alice = session.get_one(User, world.cast.alice)
    friday = Calendar.of(session).today + timedelta(days=70)
    friday += timedelta(days=(4 - friday.weekday()) % 7)
    ids = [
        records.create(session, "task", {"title": "t", "due_date": str(friday + timedelta(days=n))}, by=world.by).id
        for n in (0, 1, 3)
    ]
    tasks = listing(world, "task", **{"id[in]": ",".join(map(str, ids))})
    action = proposed(world, "postpone these by 3 working days", tasks)
    assert card(action)["summary"] == "Change 3 tasks: Due → 3 working days later."
    gate.decide(session, action, "approve", user=alice, key="k")
    moved = [(records.get(session, "task", id).due_date - friday).days for id in ids]
    assert moved == [5, 5, 6], "Friday and Saturday to Wednesday, Monday to Thursday"
    german = proposed(world, "verschiebe diese um einen Arbeitstag nach vorne", tasks)
    assert "1 Arbeitstag früher" in card(german)["summary"]


def test_days_move_from_where_each_stands_and_back(session: TenantSession, world: World) -> None:
    alice, today = session.get_one(User, world.cast.alice), Calendar.of(session).today
    made = {
        name: records.create(session, "task", {"title": name, **due}, by=world.by).id
        for name, due in {
            "late": {"due_date": str(today - timedelta(days=9))},
            "timed": {"due_at": f"{today + timedelta(days=2)}T10:00:00Z"},
            "no day": {},
        }.items()
    }
    tasks = listing(world, "task", **{"id[in]": ",".join(map(str, made.values()))})
    before = {name: records.show(session, records.get(session, "task", id)) for name, id in made.items()}
    action = proposed(world, "postpone these by a week", tasks)
    shown = card(action)
    assert shown["summary"] == "Change 3 tasks: Due → 1 week later."
    assert shown["many"]["notes"] == [
        "1 has no day and stays as it is.", "1 is in the past: it is put off from today."
    ]  # fmt: skip
    gate.decide(session, action, "approve", user=alice, key="k")
    assert card(action)["detail"].startswith("2 records changed. 1 could not be changed. There is no day to move.")
    now = {name: records.show(session, records.get(session, "task", id)) for name, id in made.items()}
    assert now["late"]["due_date"] == str(today + timedelta(days=7))
    assert now["timed"]["due_at"] == before["timed"]["due_at"].replace(
        str(today + timedelta(days=2)), str(today + timedelta(days=9))
    )
    gate.undo(session, action, user=alice)
    session.expire_all()
    for name, id in made.items():
        task = records.show(session, records.get(session, "task", id))
        assert (task["due_date"], task["due_at"]) == (before[name]["due_date"], before[name]["due_at"])
