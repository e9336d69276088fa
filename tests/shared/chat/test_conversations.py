"""Conversations as their owner keeps them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from shared import clock
from shared.chat import conversations, presenting, turns
from shared.chat.turns import Answer, Asked
from shared.database import Database
from shared.errors import Invalid, NotFound
from shared.models import ChatConversation, ChatMessage, TurnState, User, Workspace
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from tests.conftest import Cast


def talk(session: TenantSession, user: User, *exchanges: tuple[str, str]) -> ChatConversation:
    """A conversation of these questions and answers."""
    found: ChatConversation | None = None
    for question, answer in exchanges:
        asked = Asked(question, conversation=found.public_id if found else None)
        begun = turns.begin(session, user.id, asked, turn=turns.new_id("t"))
        sources = [{"n": 1, "title": "Kick-off", "quote": "By Friday."}] if "[1]" in answer else []
        kept = Answer(TurnState.DONE, answer, citations=sources, sentence="Notes", route="semantic")
        turns.finish(session, begun.answer.turn, kept)
        found = begun.conversation
    session.commit()
    assert found is not None
    return found


def titles(session: TenantSession, user: User, **asked: object) -> list[str]:
    return [row.title for row in conversations.listing(session, user.id, **asked).items]  # type: ignore[arg-type]


def test_the_list_is_ones_own_last_spoken_in_first_page_by_page(session: TenantSession, alice: User, bob: User) -> None:
    for n in range(7):
        talk(session, alice, (f"Question {n}", "Yes."))
    talk(session, bob, ("Bob's own", "Yes."))
    first = conversations.listing(session, alice.id).items[-1]
    begun = turns.begin(session, alice.id, Asked("Again", conversation=first.public_id), turn="t_again")
    turns.finish(session, begun.answer.turn, Answer(TurnState.DONE, "Yes."))
    session.commit()
    seen, cursor = [], None
    while True:
        page = conversations.listing(session, alice.id, cursor=cursor, limit=3)
        seen += [row.title for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == ["Question 0", *(f"Question {n}" for n in range(6, 0, -1))]


@pytest.mark.parametrize("cursor", ["x", "####", "bm90IGEgY3Vyc29y", "MjAyNi0xMS0yMHwx"])
def test_a_made_up_cursor_is_refused(session: TenantSession, alice: User, cursor: str) -> None:
    with pytest.raises(Invalid):
        conversations.listing(session, alice.id, cursor=cursor)


def test_search_looks_into_titles_and_texts_for_every_word(session: TenantSession, alice: User, bob: User) -> None:
    talk(session, alice, ("Übersicht der Verträge", "Der Rabatt ist 100% sicher."))
    talk(session, alice, ("Who is Jane?", "Jane buys for Fernhallow."))
    talk(session, bob, ("Fernhallow", "Fernhallow"))
    assert titles(session, alice, q="fernhallow JANE") == ["Who is Jane?"]
    assert titles(session, alice, q="übersicht") == ["Übersicht der Verträge"]
    assert titles(session, alice, q="100%") == ["Übersicht der Verträge"]
    assert titles(session, alice, q="jane verträge") == []
    assert titles(session, alice, q="_") == []
    assert titles(session, alice, q="%'; --") == []


def test_only_the_owner_finds_it(
    session: TenantSession, mallory_session: TenantSession, alice: User, bob: User, mallory: User
) -> None:
    own = talk(session, alice, ("Secret", "Yes."))
    assert conversations.get(session, alice.id, own.public_id) is own
    with pytest.raises(NotFound):
        conversations.get(session, bob.id, own.public_id)
    session.commit()
    with pytest.raises(NotFound):
        conversations.get(mallory_session, mallory.id, own.public_id)
    with pytest.raises(NotFound):  # not even with the right user's id
        conversations.get(mallory_session, alice.id, own.public_id)


def test_renaming_takes_a_line(session: TenantSession, alice: User) -> None:
    own = talk(session, alice, ("Secret", "Yes."))
    conversations.rename(session, own, "  Two\n words\0 ")
    assert own.title == "Two words"
    for title in ("", "  ", "x" * 201):
        with pytest.raises(Invalid):
            conversations.rename(session, own, title)


def test_a_deleted_one_can_be_restored_for_an_hour_and_is_then_gone(
    database: Database, session: TenantSession, alice: User
) -> None:
    kept, gone = talk(session, alice, ("Kept", "Yes.")), talk(session, alice, ("Gone", "Yes."))
    for one in (kept, gone):
        conversations.remove(session, one)
    assert titles(session, alice) == []
    with pytest.raises(NotFound):
        conversations.get(session, alice.id, kept.public_id)
    with pytest.raises(NotFound):
        turns.begin(session, alice.id, Asked("On?", conversation=kept.public_id), turn="t_on")
    conversations.restore(session, conversations.get(session, alice.id, kept.public_id, deleted=True))
    session.commit()
    assert conversations.sweep(database) == 0
    long_ago = clock.wall() - timedelta(hours=1, minutes=1)
    session.execute(update(ChatConversation).where(ChatConversation.id == gone.id).values(deleted_at=long_ago))
    session.commit()
    assert conversations.sweep(database) == 1
    assert titles(session, alice) == ["Kept"]
    assert {row.conversation_id for row in session.scalars(select(ChatMessage))} == {kept.id}


def test_retention_deletes_what_was_last_spoken_in_too_long_ago_where_it_is_set(
    database: Database, session: TenantSession, mallory_session: TenantSession, cast: Cast, alice: User, mallory: User
) -> None:
    old, young = talk(session, alice, ("Old", "Yes.")), talk(session, alice, ("Young", "Yes."))
    talk(mallory_session, mallory, ("Old too", "Yes."))
    long_ago = clock.now() - timedelta(days=31)
    with database.scope(EVERY_WORKSPACE) as every:
        every.execute(update(ChatConversation).where(ChatConversation.id != young.id).values(updated_at=long_ago))
    assert conversations.sweep(database) == 0
    with database.scope(EVERY_WORKSPACE) as every:
        every.execute(update(Workspace).where(Workspace.id == cast.acme).values(chat_retention_days=30))
    assert conversations.sweep(database) == 1
    assert conversations.sweep(database) == 0
    assert titles(session, alice) == ["Young"]
    session.commit()
    assert titles(mallory_session, mallory) == ["Old too"]
    assert old.title == "Old"


def test_messages_come_in_order_a_page_at_a_time(session: TenantSession, alice: User) -> None:
    own = talk(session, alice, *((f"Q{n}", f"A{n}") for n in range(4)))
    last = conversations.messages(session, own, limit=3)
    assert [row.text for row in last.items] == ["A2", "Q3", "A3"]
    before = conversations.messages(session, own, before=last.earlier, limit=100)
    assert [row.text for row in before.items] == ["Q0", "A0", "Q1", "A1", "Q2"]
    assert before.earlier is None
    assert len(conversations.messages(session, own, limit=None).items) == 8


def test_an_export_reads_well_and_quotes_what_was_typed(session: TenantSession, alice: User) -> None:
    own = talk(session, alice, ("# Not a heading\n- nor a list", "They will sign [1]."), ("שלום", "No."))
    begun = turns.begin(session, alice.id, Asked("On?", conversation=own.public_id), turn="t_cut")
    turns.finish(session, begun.answer.turn, Answer(TurnState.STOPPED, "Half"))
    found = conversations.messages(session, own, limit=None)
    text = presenting.as_markdown(own, found, name="Alice Archer")
    assert text.startswith("# # Not a heading - nor a list\n\nAlice Archer, ")
    assert "> # Not a heading\n> - nor a list\n" in text
    assert "- [1] Kick-off: By Friday." in text
    assert "Half\n\n*(stopped)*" in text
    assert "> שלום" in text
