"""A question and its answer, from the commit that begins them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from shared.chat import conversations, turns
from shared.chat.turns import Answer, Asked, Begun, Busy
from shared.database import Database
from shared.errors import NotFound
from shared.models import ChatConversation, ChatMessage, TurnState, User
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from tests.conftest import Cast


def begin(session: TenantSession, user: User, text: str = "Who is Jane?", **over: str) -> Begun:
    begun = turns.begin(session, user.id, Asked(text, **over), turn=turns.new_id("t"))
    session.commit()
    return begun


def finish(session: TenantSession, begun: Begun, text: str = "A buyer.") -> None:
    assert turns.finish(session, begun.answer.turn, Answer(TurnState.DONE, text, route="semantic"))
    session.commit()


def test_a_first_question_opens_a_conversation_and_names_it(session: TenantSession, alice: User) -> None:
    begun = begin(session, alice, "  Who is\n Jane?  ")
    assert (begun.conversation.title, begun.is_new) == ("Who is Jane?", True)
    assert begun.conversation.public_id.startswith("c_")
    question, answer = session.scalars(select(ChatMessage).order_by(ChatMessage.id))
    assert (question.role, question.state, answer.role, answer.state) == ("user", "done", "assistant", "running")
    assert question.turn == answer.turn


@pytest.mark.parametrize(
    ("question", "title"),
    [("x" * 200, "x" * 79 + "…"), ("word " * 30, "word " * 14 + "word …"), ("שלום", "שלום"), ("a", "a")],
)
def test_titles_are_a_short_line_cut_between_words(question: str, title: str) -> None:
    assert turns.title_of(question).replace(" …", "…") == title.replace(" …", "…")
    assert len(turns.title_of(question)) <= turns.MAX_TITLE_CHARS


def test_one_question_at_a_time_in_a_conversation(session: TenantSession, alice: User) -> None:
    first = begin(session, alice)
    conversation = first.conversation.public_id
    with pytest.raises(Busy) as busy:
        begin(session, alice, conversation=conversation)
    assert busy.value.turn == first.answer.turn
    session.rollback()
    finish(session, first)
    second = begin(session, alice, "And John?", conversation=conversation)
    assert (second.conversation.id, second.conversation.title) == (first.conversation.id, "Who is Jane?")


def test_asking_twice_under_one_client_id_is_asking_once(session: TenantSession, alice: User, bob: User) -> None:
    first = begin(session, alice, client_id="k")
    again = begin(session, alice, "Something else", client_id="k")
    assert (again.is_new, again.answer.turn) == (False, first.answer.turn)
    assert begin(session, bob, client_id="k").is_new  # keys are each person's own
    assert session.scalar(select(func.count(ChatConversation.id))) == 2


def test_the_same_question_sent_at_once_from_many_places_begins_one_turn(
    database: Database, session: TenantSession, cast: Cast, alice: User
) -> None:
    idle = begin(session, alice)
    finish(session, idle)

    def ask(n: int) -> str:
        with database.scope(cast.acme) as own:
            asked = Asked("Hello", client_id="same", conversation=idle.conversation.public_id)
            return turns.begin(own, cast.alice, asked, turn=turns.new_id("t")).answer.turn

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(4)))) == 1


def test_another_persons_conversation_cannot_be_joined(
    session: TenantSession, mallory_session: TenantSession, alice: User, bob: User, mallory: User
) -> None:
    begun = begin(session, alice)
    conversation, turn = begun.conversation.public_id, begun.answer.turn
    for stranger, own in ((bob.id, session), (mallory.id, mallory_session)):
        with pytest.raises(NotFound):
            turns.begin(own, stranger, Asked("Hi", conversation=conversation), turn="t_x")
        with pytest.raises(NotFound):
            turns.of_user(own, stranger, turn)
        with pytest.raises(NotFound):
            turns.rate(own, stranger, turn, 1)
        own.rollback()


def test_texts_are_saved_while_running_and_never_over_a_finished_answer(
    database: Database, session: TenantSession, alice: User
) -> None:
    first, second, third = begin(session, alice), begin(session, alice), begin(session, alice)
    finish(session, second)
    conversations.remove(session, third.conversation)
    session.commit()
    texts = {begun.answer.turn: ("half", 3) for begun in (first, second, third)}
    with database.scope(EVERY_WORKSPACE) as every:
        assert turns.save(every, texts) == {second.answer.turn, third.answer.turn}
    session.expire_all()
    assert (first.answer.text, first.answer.frames) == ("half", 3)
    assert (second.answer.text, second.answer.frames) == ("A buyer.", 0)


def test_what_nobody_finishes_is_marked_and_keeps_its_text(
    database: Database, session: TenantSession, alice: User
) -> None:
    running, done = begin(session, alice), begin(session, alice)
    finish(session, done)
    with database.scope(EVERY_WORKSPACE) as every:
        turns.save(every, {running.answer.turn: ("half", 3)})
        assert turns.interrupt_running(every, "t_other") == 0
        assert turns.interrupt_running(every) == 1
    session.expire_all()
    assert (running.answer.state, running.answer.text) == (TurnState.INTERRUPTED, "half")
    assert running.answer.error == {
        "code": "interrupted", "message": "The service was restarted while it was answering.", "retryable": True,
    }  # fmt: skip
    assert done.answer.state is TurnState.DONE
    session.commit()
    assert not turns.finish(session, "t_never", Answer(TurnState.DONE, "x"))


def test_a_follow_up_sees_the_last_ten_finished_exchanges(session: TenantSession, alice: User) -> None:
    begun = begin(session, alice, "Question 0")
    for n in range(1, 13):
        finish(session, begun, f"Answer {n - 1}")
        begun = begin(session, alice, f"Question {n}", conversation=begun.conversation.public_id)
    pairs = turns.history(session, begun.conversation)
    assert [question.text for question, _ in pairs] == [f"Question {n}" for n in range(2, 12)]
    assert pairs[-1][1].text == "Answer 11"


def test_a_rating_is_kept_with_its_reason_and_taken_back(session: TenantSession, alice: User) -> None:
    begun = begin(session, alice)
    turns.rate(session, alice.id, begun.answer.turn, -1, "Wrong number")
    assert (begun.answer.rating, begun.answer.rating_reason) == (-1, "Wrong number")
    turns.rate(session, alice.id, begun.answer.turn, 0, "no matter")
    assert (begun.answer.rating, begun.answer.rating_reason) == (None, None)
