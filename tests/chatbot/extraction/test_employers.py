"""For which company people work, as their own words and others' tell."""

from __future__ import annotations

from datetime import datetime

import pytest

from chatbot.extraction.builtin.companies import Company
from chatbot.extraction.builtin.discourse import clean, cut
from chatbot.extraction.builtin.people import Person
from chatbot.extraction.builtin.sides import Named, Sides
from chatbot.extraction.types import MeetingContext
from shared.transcripts import parse


def employers(text: str, *names: str, absent: str = "", domains: dict[str, str] | None = None) -> dict[str, str | None]:
    """The company of everybody after the dialogue, by first name; we are Tallowick."""
    meeting = MeetingContext(utterances=parse(text.encode(), "talk.txt").utterances, occurred_at=datetime(2026, 9, 15))
    discourse = cut(meeting)
    companies = [Company(name, score=0.8, domain=(domains or {}).get(name)) for name in names]
    named = [
        Named(next((c for c in companies if c.name == name), None), s.index, at, at + len(name))
        for name in (*names, "Tallowick")
        for s in discourse.sentences
        if (at := clean(s.text).find(name)) >= 0
    ]
    people = [
        Person(label, {label}, attended=True) for label in dict.fromkeys(u.speaker for u in meeting.utterances) if label
    ]
    if absent:
        where = next(s for s in discourse.sentences if absent in clean(s.text))
        people.append(Person(absent, spot=(where.index, clean(where.text).find(absent))))
    Sides(discourse, people, companies, "Tallowick", named).decide()
    return {person.name.split()[0]: person.company for person in people}


def test_the_firm_that_bears_the_familys_name_is_its_employer() -> None:
    found = employers(
        "Ann Lee: I'm with Tallowick.\nTom Hall: Good morning.\nIda Roe: I'm at Brook Farm.", "Brook Farm", "Hall Boats"
    )
    assert found == {"Ann": "Tallowick", "Tom": "Hall Boats", "Ida": "Brook Farm"}


@pytest.mark.parametrize("said", ["She works for our auditors, Pell Barton.", "She is at Pell Barton."])
def test_the_next_sentence_may_tell_where_an_absent_person_works(said: str) -> None:
    talk = f"Ann Lee: I'm with Tallowick.\nTom Hall: I'm at Brook Farm. Then there's Ida Roe. {said}"
    assert employers(talk, "Brook Farm", "Pell Barton", absent="Ida Roe")["Ida"] == "Pell Barton"


def test_of_two_companies_nobody_claims_guests_work_for_the_one_whose_address_they_give() -> None:
    talk = "Ann Lee: I'm with Tallowick.\nTom Hall: Our people need your product. Harbour Hill and Brook Farm."
    assert employers(talk, "Harbour Hill", "Brook Farm", domains={"Brook Farm": "brook.example"})["Tom"] == "Brook Farm"
