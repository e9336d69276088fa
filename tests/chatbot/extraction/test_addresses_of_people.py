"""Whose address or number it is."""

from __future__ import annotations

from datetime import datetime

import pytest

from chatbot.extraction.builtin.addresses import Reach
from chatbot.extraction.builtin.discourse import cut
from chatbot.extraction.builtin.people import Person
from chatbot.extraction.types import MeetingContext
from shared.transcripts import parse


def reached(text: str, *absent: str) -> dict[str, Person]:
    """Everybody of the dialogue, by first name, with what was found."""
    meeting = MeetingContext(utterances=parse(text.encode(), "talk.txt").utterances, occurred_at=datetime(2026, 9, 15))
    labels = dict.fromkeys(u.speaker for u in meeting.utterances if u.speaker)
    people = [Person(label, {label}, attended=True) for label in labels] + [Person(name) for name in absent]
    Reach(cut(meeting), people).assign()
    return {person.name.split()[0]: person for person in people}


@pytest.mark.parametrize("local", ["jane dot roe", "j dot roe", "jane", "roe", "j roe", "jane minus roe"])
def test_an_address_belongs_to_the_one_whose_name_it_is_made_of(local: str) -> None:
    people = reached(f"Ann Lee: Where to?\nTom Hall: To Jane, {local} at acme dot com.", "Jane Roe")
    assert people["Jane"].email and people["Jane"].email.endswith("@acme.com")
    assert people["Tom"].email is None


def test_umlauts_may_be_written_out() -> None:
    people = reached("Ann Lee: Wohin?\nRüdiger Vogt: An ruediger punkt vogt ät acme punkt de.")
    assert people["Rüdiger"].email == "ruediger.vogt@acme.de"


def test_an_address_like_nobodys_name_belongs_to_the_one_who_was_asked() -> None:
    people = reached("Ann Lee: What's your e-mail?\nTom Hall: It's bigboss at acme dot com.")
    assert people["Tom"].email == "bigboss@acme.com"


def test_a_shared_box_is_nobodys() -> None:
    people = reached("Ann Lee: What's your e-mail?\nTom Hall: Use invoices at acme dot com.")
    assert people["Tom"].email is None


def test_half_an_address_takes_the_other_half_from_before() -> None:
    people = reached(
        "Ann Lee: And mail?\nTom Hall: tom dot hall at acme dot com, and Jane is jane dot roe.", "Jane Roe"
    )
    assert people["Tom"].email == "tom.hall@acme.com"
    people = reached("Tom Hall: tom dot hall at acme dot com.\nJane Roe: Mine is jane dot roe.")
    assert people["Jane"].email == "jane.roe@acme.com"


def test_the_corrected_address_counts() -> None:
    people = reached(
        "Ann Lee: Mail?\nTom Hall: tom at acme dot io. No, sorry, the old one. It's tom dot hall at acme dot eu."
    )
    assert people["Tom"].email == "tom.hall@acme.eu"


@pytest.mark.parametrize(
    ("talk", "owner"),
    [
        ("Ann Lee: Can I have your number?\nTom Hall: Sure, {}.", "Tom"),
        ("Tom Hall: Ring Jane, {}.", "Jane"),
        ("Tom Hall: Jane is our buyer.\nAnn Lee: Do you have her mobile?\nTom Hall: It's {}.", "Jane"),
        ("Tom Hall: She can ring me. I've changed it.\nTom Hall: It's {}.", "Tom"),
        ("Ann Lee: Do you want Jane on it?\nTom Hall: Yes.\nAnn Lee: And yours?\nTom Hall: {}.", "Tom"),
    ],
)
def test_a_number_belongs_to_the_one_it_was_asked_of_or_said_of(talk: str, owner: str) -> None:
    people = reached(talk.format("oh seven seven double oh, nine hundred, one four two"), "Jane Roe")
    assert {name for name, person in people.items() if person.phone} == {owner}


def test_the_number_of_a_place_is_nobodys() -> None:
    people = reached(
        "Ann Lee: Und die Nummer vom Lager?\nTom Hall: Null zwei zwei eins, vier sieben eins null, neun neun."
    )
    assert not any(person.phone for person in people.values())
