"""Questions find passages by words and by meaning, of live records of the own workspace alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from chatbot.retrieval.embedding_service import EmbeddingService, NoEmbeddings
from chatbot.retrieval.rag_engine import Retriever
from shared import records
from shared.records import meetings
from shared.tenancy import TenantSession
from shared.transcripts import Utterance
from tests.chatbot.retrieval.conftest import BY, WordsEmbedder

Write = Callable[..., Any]
Indexed = Callable[[TenantSession], int]


@dataclass(frozen=True, slots=True)
class Ref:
    type: str
    id: int


def found(retriever: Retriever, session: TenantSession, query: str, **how: Any) -> list[tuple[str, int]]:
    return [(p.type, p.id) for p in retriever.search(session, query, **how).passages]


def talk(session: TenantSession, *lines: str, title: str = "Call", **values: Any) -> Any:
    """A meeting in which Jane and Bob take turns, ten seconds each."""
    said = [Utterance(i, ("Jane", "Bob")[i % 2], line, 10.0 * i, None) for i, line in enumerate(lines)]
    return meetings.add_utterances(session, {"title": title, **values}, said, by=BY)


@pytest.fixture
def keyword_only() -> Retriever:
    """Whose model is not there."""

    def missing() -> Any:
        raise NoEmbeddings("It is not installed.")

    service = EmbeddingService(missing)
    service.load()
    return Retriever(service)


def test_meaning_finds_what_words_do_not(
    session: TenantSession, write: Write, indexed: Indexed, retriever: Retriever, keyword_only: Retriever
) -> None:
    note = write("note", body="They find our price too high.")
    write("note", body="Parking is behind the house.")
    indexed(session)
    by_meaning = retriever.search(session, "expensive")
    assert by_meaning.mode == "hybrid"
    assert by_meaning.passages[0].id == note.id
    by_words = keyword_only.search(session, "expensive")
    assert by_words.mode == "keyword"
    assert by_words.passages == []
    assert not by_words.is_enough
    assert by_words.reason == "It is not installed."
    assert by_words.looked_in == "2 notes"


HOSTILE = (
    "- ? ' \" *", '"unclosed', "NEAR(a b)", "a AND OR NOT (", "scope : w1", "x:* | !y & <->", "%_\\", "\0", "{{7*7}}",
    "'; DROP TABLE chunk", "😀", "مرحبا بالعالم", "w1", "\ud800", "a" * 10_000, "", "   ",
)  # fmt: skip


def test_anything_may_be_typed(session: TenantSession, write: Write, indexed: Indexed, retriever: Retriever) -> None:
    note = write("note", body="Plain words.")
    indexed(session)
    for question in HOSTILE:
        result = retriever.search(session, question)
        assert not result.is_enough, question
        assert {p.id for p in result.passages} <= {note.id}


def test_another_tenants_records_are_found_neither_by_word_nor_by_meaning_nor_by_key(
    session: TenantSession, mallory_session: TenantSession, write: Write, indexed: Indexed, retriever: Retriever,
    keyword_only: Retriever,
) -> None:  # fmt: skip
    note = write("note", body="The price is 4711.", external_id="N-4711")
    contact = write("contact", first_name="Jane", emails=[{"email": "jane@roe.example"}])
    meeting = talk(session, "The price is 4711.")
    indexed(session)
    about = [Ref("note", note.id), Ref("contact", contact.id), Ref("meeting", meeting.id)]
    for query in ("price 4711", "expensive", "N-4711", "jane@roe.example", f"note number {note.id}"):
        for asked in (retriever, keyword_only):
            assert asked.search(mallory_session, query).passages == []
            assert asked.search(mallory_session, query, about=about, page=about[0]).passages == []
        mallory_session.rollback()
        meant = ("contact", contact.id) if "jane" in query else ("note", note.id)
        assert meant in [(p.type, p.id) for p in retriever.search(session, query).passages]
        session.rollback()


def test_what_is_deleted_or_changed_is_shown_as_it_is_now(
    session: TenantSession, write: Write, indexed: Indexed, retriever: Retriever
) -> None:
    first = write("note", body="Budget frozen until May.")
    second = write("note", body="Budget frozen until June.")
    indexed(session)
    assert len(found(retriever, session, "budget frozen")) == 2
    records.delete(session, first, by=BY)
    records.update(session, second, {"body": "Budget free since today."}, by=BY)
    session.commit()
    (passage,) = retriever.search(session, "budget frozen").passages  # nothing was indexed again
    assert passage.text == "Budget free since today."


def test_an_edited_record_is_found_by_its_new_words_alone(
    session: TenantSession, write: Write, indexed: Indexed, retriever: Retriever
) -> None:
    note = write("note", body="Kiel.")
    indexed(session)
    assert found(retriever, session, "kiel") == [("note", note.id)]
    records.update(session, note, {"body": "Hamburg."}, by=BY)
    indexed(session)
    assert found(retriever, session, "hamburg")[0] == ("note", note.id)
    assert not retriever.search(session, "kiel").is_enough


NAMED = (
    "who is jane.roe@nordwind.example?", "call +49 30 1234567 back", "030 1234567", "what is C-0042 about",
    "contact no. {id}",
)  # fmt: skip


def test_what_is_named_beyond_doubt_comes_first(
    session: TenantSession, write: Write, indexed: Indexed, retriever: Retriever
) -> None:
    contact = write(
        "contact", first_name="Jane", last_name="Roe", external_id="C-0042",
        emails=[{"email": "jane.roe@nordwind.example"}], phones=[{"phone": "+49 30 1234567"}],
    )  # fmt: skip
    for n in range(5):
        write("note", body=f"who is to call back about contact number {n}, asked jane at nordwind.example")
    indexed(session)
    for question in NAMED:
        best = retriever.search(session, question.format(id=contact.id))
        assert (best.passages[0].type, best.passages[0].id) == ("contact", contact.id), question
        assert best.passages[0].is_exact
        assert best.is_enough


def test_a_meeting_is_quoted_by_the_sentence_its_speaker_and_its_second(
    session: TenantSession, indexed: Indexed, retriever: Retriever
) -> None:
    lines = [f"Small talk number {n} about the weather." for n in range(30)]
    lines[17] = "Well. Our licences end in March. Then we shall see."
    meeting = talk(session, *lines)
    indexed(session)
    passage = retriever.search(session, "when do the licences end?").passages[0]
    assert passage.sentence == "Our licences end in March."
    assert (passage.speaker, passage.start_s) == ("Bob", 170.0)
    assert passage.href == f"/meetings/{meeting.id}?t=170"


def test_about_limits_the_search_to_a_deal_and_what_belongs_to_it(
    session: TenantSession, write: Write, indexed: Indexed, retriever: Retriever
) -> None:
    company = write("company", name="Nordwind", description="Delivery is slow.")
    deal = write("deal", name="Renewal", company_id=company.id)
    mine = write("note", body="Delivery was late.", links=[{"type": "deal", "id": deal.id}])
    task = write("task", title="Speed up delivery", links=[{"type": "deal", "id": deal.id}])
    call = talk(session, "The delivery came on time.", deal_id=deal.id)
    write("note", body="Delivery of somebody else.")
    talk(session, "Delivery elsewhere.")
    indexed(session)
    result = retriever.search(session, "delivery", about=[Ref("deal", deal.id)])
    assert {(p.type, p.id) for p in result.passages} == {
        ("company", company.id), ("deal", deal.id), ("note", mine.id), ("task", task.id), ("meeting", call.id),
    }  # fmt: skip
    assert result.looked_in == "1 note, 1 meeting, 1 task, 1 deal, 1 company"
    assert found(retriever, session, "delivery", about=[Ref("deal", deal.id)], types=["note"]) == [("note", mine.id)]
    assert found(retriever, session, "delivery", types=["task"]) == [("task", task.id)]


def test_the_page_favours_its_record_and_limits_nothing(
    session: TenantSession, write: Write, indexed: Indexed, retriever: Retriever
) -> None:
    companies = [write("company", name=name) for name in ("Nordwind", "Südwind")]
    notes = [
        write("note", body="The contract is signed.", links=[{"type": "company", "id": company.id}])
        for company in companies
    ]
    indexed(session)
    for company, note in zip(companies, notes, strict=True):
        best = found(retriever, session, "contract signed", page=Ref("company", company.id))
        assert best[0] == ("note", note.id)
        assert len([kind for kind, _ in best if kind == "note"]) == 2


def test_nothing_to_answer_from_is_said_to_be_so(
    session: TenantSession, write: Write, indexed: Indexed, retriever: Retriever
) -> None:
    write("note", body="They find our price too high.")
    indexed(session)
    assert not retriever.search(session, "zeppelin maintenance schedule").is_enough
    assert retriever.search(session, "price too high").is_enough


def test_two_processes_agree_on_what_there_is(
    session: TenantSession, write: Write, indexed: Indexed, retriever: Retriever, embedder: WordsEmbedder
) -> None:
    """Each has its own matrix; the change counter tells both."""
    service = EmbeddingService(lambda: embedder)
    service.load()
    other = Retriever(service)
    notes = [write("note", body=f"The price of lot {n} is high.") for n in range(6)]
    indexed(session)
    assert len(found(other, session, "expensive")) == 6
    records.delete(session, notes[0], by=BY)
    records.update(session, notes[1], {"body": "Parking is behind the house."}, by=BY)
    fresh = write("note", body="A new price.")
    indexed(session)
    for each in (retriever, other):
        ids = {p.id for p in each.search(session, "expensive", types=["note"]).passages if (p.similarity or 0) > 0.2}
        assert ids == {note.id for note in notes[2:]} | {fresh.id}
