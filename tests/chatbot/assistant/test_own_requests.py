"""What a workspace defined itself is changed through the gate: a card with its label, done by a yes, taken back."""

from __future__ import annotations

from typing import Any

import pytest

from chatbot.assistant import action_parsing
from chatbot.assistant.types import Routed
from shared import records
from shared.database import Database
from shared.models import ActionState, ChatConversation, User
from shared.records import custom
from shared.review import actions as gate
from shared.review.cards import card
from shared.tenancy import TenantSession
from tests.chatbot.assistant.test_action_parsing import World
from tests.conftest import Cast
from tests.keeping import Keeper

FIELDS = (
    ("Tier", "select", ["Gold", "Silver"]), ("Renewal date", "date", []), ("Seats", "number", []),
    ("ARR goal", "money", []), ("Newsletter", "checkbox", []), ("Success manager", "person", []),
)  # fmt: skip


@pytest.fixture
def world(kept: Keeper, database: Database, session: TenantSession, cast: Cast) -> World:
    made = kept.world(World, database, session, cast)
    for label, kind, options in FIELDS:
        data: dict[str, Any] = {"record_type": "company", "label": label, "type": kind}
        custom.define(session, data | ({"options": options} if options else {}), by=made.by)
    records.update(session, records.get(session, "company", made.quill), {"tags": ["Press"]}, by=made.by)
    session.commit()
    return made


def read(world: World, text: str) -> Routed:
    routed = action_parsing.parse(world.session, world.ask(text))
    assert routed is not None, text
    return routed


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_requests_about_own_fields_and_tags_come_to_a_tool(world: World) -> None:
    quill, borealis, bob = world.quill, world.borealis, world.cast.bob
    expected = {
        "Set Tier of Quill to Gold": (quill, {"custom": {"tier": "Gold"}}),
        "please change Quill's renewal date to 1 March 2027": (quill, {"custom": {"renewal_date": "2027-03-01"}}),
        "set the seats of Quill GmbH to 1,200": (quill, {"custom": {"seats": 1200.0}}),
        "set ARR goal for Quill to 20k": (quill, {"custom": {"arr_goal": {"amount": "20000", "currency": "EUR"}}}),
        "set newsletter of Quill to yes": (quill, {"custom": {"newsletter": True}}),
        "set success manager of Quill to Bob": (quill, {"custom": {"success_manager": bob}}),
        "Setze den Tier von Quill auf Silver": (quill, {"custom": {"tier": "Silver"}}),
        "tag Borealis as VIP": (borealis, {"add_tags": ["VIP"]}),
        "tag Quill with VIP and Trade press": (quill, {"add_tags": ["VIP", "Trade press"]}),
        "remove the tag Press from Quill": (quill, {"remove_tags": ["Press"]}),
        "tagge Quill als VIP": (quill, {"add_tags": ["VIP"]}),
    }
    for text, (id_, args) in expected.items():
        action = read(world, text).action
        assert action is not None and (action.tool, action.args) == ("update_company", {"company_id": id_} | args), text
    wrong = read(world, "Set Tier of Quill to Platinum")
    assert wrong.kind == "abstain" and "Platinum" in wrong.message and "Tier" in wrong.message


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_card_says_it_in_the_teams_words_is_done_and_taken_back(world: World) -> None:
    session = world.session
    bob = session.get_one(User, world.cast.bob)
    talk = ChatConversation(public_id="c_1", user_id=bob.id, title="t")
    session.add(talk)
    session.flush()
    for text, changes in (
        ("Set Tier of Quill to Gold", [("Tier", "", "Gold")]),
        ("set success manager of Quill to Bob", [("Success manager", "", "Bob Baker")]),
        ("tag Quill as VIP", [("Tags", "Press", "Press, VIP")]),
    ):
        request = read(world, text).action
        assert request is not None
        action = gate.propose(session, request.tool, request.args, user=bob, conversation_id=talk.id, turn="1")
        shown = card(action)["changes"]
        assert [(line["label"], line["before_text"], line["after_text"]) for line in shown] == changes
        before = records.show(session, records.get(session, "company", world.quill))
        gate.decide(session, action, "approve", user=bob, key="k")
        assert action.state is ActionState.DONE, action.detail
        assert records.show(session, records.get(session, "company", world.quill)) != before
        gate.undo(session, action, user=bob)
        after = records.show(session, records.get(session, "company", world.quill))
        assert (after["custom"], after["tags"]) == (before["custom"], before["tags"])
