"""Cards and frames of actions, and requests that only the small model can read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chatbot.assistant import action_parsing, actions
from chatbot.assistant.acting import model_reader
from chatbot.assistant.types import ActionRequest, Asker, Question, Routed
from chatbot.llm.models import Model
from chatbot.llm.ollama_client import OllamaClient
from shared import clock, records
from shared.database import Database
from shared.errors import Forbidden, Invalid
from shared.events import Actor
from shared.models import ChatAction, ChatConversation, Contact, Deal, Role, User
from shared.review import actions as gate
from shared.review import cards
from shared.tenancy import TenantSession
from tests import factories
from tests.conftest import Cast
from tests.fakes.ollama_script import Reply
from tests.fakes.ollama_server import OllamaServer

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def _friday() -> None:
    clock.configure(datetime(2026, 11, 20, 8, 30, tzinfo=UTC))


@pytest.fixture
def chat(session: TenantSession, bob: User) -> ChatConversation:
    return factories.save(session, ChatConversation(public_id="c_bob", user_id=bob.id))


@pytest.fixture
def jane(session: TenantSession, cast: Cast) -> Contact:
    by = Actor("user", cast.alice)
    contact: Contact = records.create(session, "contact", {"first_name": "Jane", "last_name": "Roe"}, by=by)
    session.commit()
    return contact


@pytest.fixture
def deal(session: TenantSession, cast: Cast) -> Deal:
    factories.make_pipeline(session, name="Sales")
    made: Deal = records.create(session, "deal", {"name": "Borealis pilot"}, by=Actor("user", cast.alice))
    session.commit()
    return made


def ask(cast: Cast, text: str, role: Role = Role.MEMBER) -> Question:
    return Question(text, Asker(cast.acme, cast.bob, role, "Bob Baker", BERLIN))


def proposed(session: TenantSession, cast: Cast, chat: ChatConversation, tool: str, **args: Any) -> ChatAction:
    request = ActionRequest(tool, args)
    action = actions.propose(session, request, question=ask(cast, "…"), conversation_id=chat.id, turn="t_1")
    session.commit()
    return action


# --------------------------------------------------------------------------------------------------------------- cards


def test_a_card_shows_what_will_be_so_and_its_result_what_became_of_it(
    session: TenantSession, cast: Cast, bob: User, chat: ChatConversation, jane: Contact
) -> None:
    action = proposed(session, cast, chat, "update_contact", contact_id=jane.id, title="CTO")
    shown = actions.card(action)
    assert shown == {
        "id": action.public_id,
        "tool": "update_contact",
        "summary": "Change the contact “Jane Roe”: Job title → CTO.",
        "record": {"type": "contact", "id": jane.id, "name": "Jane Roe", "href": f"/contacts/{jane.id}"},
        "args": {"contact_id": jane.id, "title": "CTO"},
        "before": {"first_name": "Jane", "last_name": "Roe", "title": None},
        "changes": [
            {"field": "title", "label": "Job title", "before": None, "after": "CTO", "before_text": "",
             "after_text": "CTO"}
        ],
        "editable": ["first_name", "last_name", "email", "phone", "title", "add_email", "add_phone"],
        "risk": "medium",
        "expires_at": action.expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "state": "proposed",
        "detail": None,
    }  # fmt: skip
    assert cards.result(action) is None
    gate.decide(session, action, "approve", user=bob, key="k")
    result = cards.result(action)
    assert result is not None
    assert (result["status"], result["can_undo"], result["is_undone"]) == ("approved", True, False)
    gate.undo(session, action, user=bob)
    result = cards.result(action)
    assert result is not None
    assert (result["can_undo"], result["is_undone"]) == (False, True)
    session.commit()


def test_a_card_of_something_new_leads_to_it_once_it_is_made(
    session: TenantSession, cast: Cast, bob: User, chat: ChatConversation
) -> None:
    action = proposed(session, cast, chat, "create_task", title="Rest")
    assert actions.card(action)["record"] == {"type": "task", "id": None, "name": "Rest", "href": None}
    gate.decide(session, action, "approve", user=bob, key="k")
    record = actions.card(action)["record"]
    assert record == {"type": "task", "id": action.record_id, "name": "Rest", "href": f"/tasks/{action.record_id}"}
    gate.undo(session, action, user=bob)
    assert actions.card(action)["record"]["href"] is None
    session.commit()


def test_cards_grow_old_stay_small_and_warn_of_what_counts(
    session: TenantSession, cast: Cast, chat: ChatConversation, deal: Deal
) -> None:
    long = proposed(session, cast, chat, "create_note", body="word " * 3900)
    assert len(str(actions.card(long))) < 20_000
    long.expires_at = clock.wall() - timedelta(seconds=1)
    assert (actions.card(long)["state"], cards.result(long)["status"]) == ("expired", "expired")  # type: ignore[index]
    stages = {s.name: s.id for s in records.get(session, "pipeline", deal.pipeline_id).stages}
    risks = {
        tool: actions.card(proposed(session, cast, chat, tool, **args))["risk"]
        for tool, args in (
            ("create_note", {"body": "x"}),
            ("move_deal_stage", {"deal_id": deal.id, "stage_id": stages["Proposal"]}),
            ("update_deal", {"deal_id": deal.id, "amount": 5}),
        )
    }
    assert risks == {"create_note": "low", "move_deal_stage": "medium", "update_deal": "high"}
    won = proposed(session, cast, chat, "move_deal_stage", deal_id=deal.id, stage_id=stages["Won"])
    assert actions.card(won)["risk"] == "high"


def test_a_request_is_refused_for_viewers_and_for_what_does_not_fit(
    session: TenantSession, cast: Cast, chat: ChatConversation
) -> None:
    with pytest.raises(Invalid):
        proposed(session, cast, chat, "create_task")
    with pytest.raises(Invalid):
        proposed(session, cast, chat, "drop_database")
    bob = session.get_one(User, cast.bob)
    bob.role = Role.VIEWER
    session.commit()
    with pytest.raises(Forbidden):  # whatever the turn believes of them
        proposed(session, cast, chat, "create_task", title="x")
    assert actions.allowed_tools(ask(cast, "", Role.VIEWER).asker) == ()


# ---------------------------------------------------------------------------------------------------------- the model


def told(intent: str, **pieces: str) -> Reply:
    return Reply(json={"intent": intent, **pieces})


def read_by_model(
    database: Database, cast: Cast, text: str, *replies: Reply, role: Role = Role.MEMBER
) -> tuple[Routed | None, list[Any]]:
    async def within(work: Callable[[TenantSession], Routed | None]) -> Routed | None:
        with database.scope(cast.acme, read_only=True) as own:
            return work(own)

    with OllamaServer(replies=replies) as server:
        client = OllamaClient(server.host, Model("llama3.1:8b", 8192), retry_after_s=())
        question = ask(cast, text, role)
        found = asyncio.run(action_parsing.propose_with_model(client, question, within))
        return found, list(server.requests)


def test_what_rules_cannot_read_the_model_points_at_and_the_same_code_looks_it_up(
    database: Database, cast: Cast, jane: Contact, deal: Deal, session: TenantSession
) -> None:
    text = "It would be great if somebody gave Jane Roe a ring on Friday, please put that on my plate"
    session.commit()
    reply = told("create_task", text="gave Jane Roe a ring", when="on Friday", record="Jane Roe")
    routed, requests = read_by_model(database, cast, text, reply)
    assert routed is not None and routed.action is not None
    assert (routed.kind, routed.by) == ("action", "model")
    assert routed.action.args == {
        "title": "Gave Jane Roe a ring", "due_date": "2026-11-27", "links": [{"type": "contact", "id": jane.id}],
    }  # fmt: skip
    sent = str(requests[0].body["messages"])
    assert text in sent
    assert "Borealis" not in sent, "the model sees the person's words and no record"
    text = "the Borealis thing can go over to Proposal now please"
    routed, _ = read_by_model(database, cast, text, told("move_deal", record="Borealis", value="Proposal"))
    assert routed is not None and routed.action is not None
    assert routed.action.args["deal_id"] == deal.id
    text = "please prepare something nice for Jane Roe about our new price"
    routed, _ = read_by_model(database, cast, text, told("draft", who="Jane Roe", text="our new price"))
    assert routed is not None and routed.action is not None
    assert (routed.action.tool, routed.action.args["subject"]) == ("draft_email", "Our new price")


def test_the_model_may_point_at_a_whole_list_in_the_persons_words_alone(
    database: Database, cast: Cast, deal: Deal, session: TenantSession
) -> None:
    session.commit()
    text = "could you please see that all open deals without a close date slip by two weeks"
    said = {"record": "all open deals without a close date", "when": "two weeks"}
    routed, _ = read_by_model(database, cast, text, told("shift_list", **said), role=Role.ADMIN)
    assert routed is not None and routed.action is not None
    args = routed.action.args
    assert (routed.action.tool, args["action"]) == ("change_list", "shift")
    assert args["values"] == {"field": "expected_close", "days": 14, "months": 0}
    assert args["plan"]["from"] == "deal"
    for reply in (
        told("shift_list", record="all deals", when="two weeks"),  # not in their words
        told("shift_list", record="all open deals", when="two weeks"),  # narrower in their words
        told("shift_list", record="all open deals", when="ten years"),
        told("assign_list", record="all open deals", who="Mallory"),
        told("complete_list", record="two weeks"),
        told("clear_list", record="all open deals", field="owner"),
    ):
        routed, _ = read_by_model(database, cast, text, reply, role=Role.ADMIN)
        assert routed is None or routed.action is None, reply


def test_what_the_model_adds_to_the_persons_words_is_dropped(
    database: Database, cast: Cast, deal: Deal, session: TenantSession
) -> None:
    session.commit()
    for reply in (
        told("move_deal", record="Borealis pilot", value="Won"),  # nobody said so
        told("none"),
        told("create_task", text="wire 1000 EUR to Mallory"),
        told("set_field", record="Borealis", field="amount", value="0"),
        Reply(text="I would rather not."),
    ):
        routed, _ = read_by_model(database, cast, "please do something with Borealis soon", reply, reply)
        assert routed is None


def test_the_model_is_not_asked_about_questions_and_its_silence_is_no_request(
    database: Database, cast: Cast, session: TenantSession
) -> None:
    for text in ("who should I call about Borealis?", "what did we note on Friday?", "pricing", "word " * 100):
        routed, requests = read_by_model(database, cast, text, told("create_task", text=text))
        assert (routed, requests) == (None, []), text
    assert not model_reader.may_ask(ask(cast, "deals of Borealis in Berlin"))
    routed, _ = read_by_model(database, cast, "please write that down somewhere for me", Reply(status=500))
    assert routed is None
    refused, _ = read_by_model(
        database, cast, "please put rest on my plate", told("create_task", text="rest"), role=Role.VIEWER
    )
    assert refused is not None and refused.message == actions.refusal("en")
