"""What the assistant did stands on the record's timeline once, as the person's doing, and so does taking it back."""

from __future__ import annotations

from flask import Flask

from crm import activity, timeline_page
from shared import records
from shared.events import Actor
from shared.models import ChatConversation, User
from shared.review import actions
from shared.tenancy import TenantSession
from tests import factories


def test_an_action_and_its_undo_read_as_what_a_person_did(app: Flask, session: TenantSession, bob: User) -> None:
    chat = factories.save(session, ChatConversation(public_id="c_bob", user_id=bob.id))
    stages = {stage.name: stage.id for stage in factories.make_pipeline(session).stages}
    deal = records.create(session, "deal", {"name": "Pilot"}, by=Actor("user", bob.id))
    move = {"deal_id": deal.id, "stage_id": stages["Proposal"]}
    action = actions.propose(session, "move_deal_stage", move, user=bob, conversation_id=chat.id, turn="t_1")
    actions.decide(session, action, "approve", user=bob, key="k")
    session.commit()
    with app.test_request_context():
        done = timeline_page.timeline(session, ("deal", deal.id)).moments
        assert [(m.who, m.text, m.changes) for m in done] == [
            ("Bob Baker, through the assistant,", "moved this",
             (timeline_page.Change("Stage", "Qualification", "Proposal"),)),
            ("Bob Baker", "created this", ()),
        ]  # fmt: skip
        actions.undo(session, action, user=bob)
        session.commit()
        undone = timeline_page.timeline(session, ("deal", deal.id)).moments
        assert [(m.who, m.text, m.title) for m in undone][:2] == [
            (
                "Bob Baker, through the assistant,",
                "took back:",
                "Move the deal “Pilot” from Qualification to Proposal.",
            ),
            ("Bob Baker, through the assistant,", "moved this", ""),
        ]
        lately = [(m.who, m.what, m.title) for m in activity.recent(session)]
    by_assistant = "Bob Baker, through the assistant,"
    assert lately == [
        (by_assistant, "took back:", "Move the deal “Pilot” from Qualification to Proposal."),
        (by_assistant, "changed", "Pilot"),
        (by_assistant, "changed", "Pilot"),
        ("Bob Baker", "added", "Pilot"),
    ]
    session.commit()
