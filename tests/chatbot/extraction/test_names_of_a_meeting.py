"""Who and what the names of a meeting are: small meetings of their own, none of them from an annotated set."""

from __future__ import annotations

from datetime import datetime

import pytest

from chatbot.extraction.builtin.candidates import find_candidates, is_compound
from chatbot.extraction.builtin.discourse import Discourse, cut
from chatbot.extraction.builtin.entities import same_first_name
from chatbot.extraction.builtin.entity_model import KINDS, load
from chatbot.extraction.builtin.people import Person
from chatbot.extraction.builtin.roster import Cast
from chatbot.extraction.builtin.titles import title_beside
from chatbot.extraction.language import detect_language
from chatbot.extraction.types import MeetingContext
from shared.transcripts import Utterance

WHEN = datetime(2026, 11, 12, 15, 0)


def heard(script: str, own: str | None = "Cleanstride") -> Discourse:
    """Lines `Name: words`; a line without a name has no speaker."""
    utterances = []
    for index, line in enumerate(line.strip() for line in script.strip().splitlines()):
        who, mark, text = line.partition(": ")
        utterances.append(Utterance(index, who if mark else None, text if mark else line, index * 5.0))
    return cut(MeetingContext(tuple(utterances), WHEN, own, language=detect_language(utterances)))


def people(cast: Cast) -> dict[str, Person]:
    return {person.name: person for person in cast.people}


def names(script: str, common: frozenset[str] = frozenset()) -> set[str]:
    return {candidate.name for candidate in find_candidates(heard(script), common).values()}


# candidates


def test_a_name_torn_apart_by_recognition_is_one_candidate() -> None:
    found = find_candidates(heard("Ann: We looked at Drift Lane.\nBob: Driftlane, right, Driftlane."), frozenset())
    (drift,) = [candidate for candidate in found.values() if candidate.key == "driftlane"]
    assert drift.name == "Driftlane"
    assert len(drift.mentions) == 3


def test_forms_of_address_roles_and_possessives_are_no_part_of_a_name() -> None:
    found = names("Ann: I asked Doctor Amelia Frost and Mrs Tilling, and Frost's office rang.")
    assert {"Amelia Frost", "Tilling", "Frost"} <= found


def test_a_place_belongs_to_a_university_but_not_to_a_person() -> None:
    assert "University of Dellmere" in names("Ann: We work for the University of Dellmere now.")
    assert "Harriet" in names("Ann: I spoke with Harriet of Dellmere.")


def test_two_names_joined_by_and_are_offered_together_and_apart() -> None:
    assert {"Thorne and Wick", "Thorne", "Wick"} <= names("Ann: It was Thorne and Wick who asked.")


def test_german_compounds_are_known_by_the_noun_they_end_in() -> None:
    assert is_compound("supportleitung")
    assert is_compound("wartungsvertrag")
    assert not is_compound("drexlora")


@pytest.mark.parametrize("pair", [("toni", "anton"), ("rosi", "roswitha"), ("jo", "joanne"), ("tom", "thomas")])
def test_short_forms_of_a_first_name(pair: tuple[str, str]) -> None:
    assert same_first_name(*pair)
    assert not same_first_name(pair[0], "peter")


# the model


def test_the_committed_weights_give_shares_of_all_kinds() -> None:
    shares = load().probabilities({"bias": 1.0, "shape:unknown": 1.0})
    assert set(shares) == set(KINDS)
    assert sum(shares.values()) == pytest.approx(1.0)


# companies and rivals


def test_a_company_is_known_by_who_works_for_it_and_a_rival_by_its_offer() -> None:
    cast = Cast(
        heard(
            """Rachel Whitmore: Hi, I'm Rachel, I look after new customers at Cleanstride.
            Carlos Medrano: Carlos Medrano, facilities director at Pendergrove Clinics. We run nine sites.
            Rachel Whitmore: And who else are you talking to?
            Carlos Medrano: We had Moprocket in, they came in at forty thousand, so they are cheaper than you.
            Rachel Whitmore: What do you use today?
            Carlos Medrano: Everything is in our old ticket system, Taskbarn, for ten years now."""
        )
    )
    assert [company.name for company in cast.companies] == ["Pendergrove Clinics"]
    assert [rival.name for rival in cast.rivals] == ["Moprocket"]
    assert people(cast)["Carlos Medrano"].company == "Pendergrove Clinics"
    assert people(cast)["Rachel Whitmore"].company == "Cleanstride"


def test_an_internal_review_places_people_with_the_customer_spoken_of() -> None:
    cast = Cast(
        heard(
            """Rachel Whitmore: Pipeline then. First one, Larkholm Logistics.
            Ben Ode: Larkholm Logistics signs next week, eighty thousand.
            Ben Ode: Judith Sand, their operations director, told me.
            Rachel Whitmore: Good. Next, Merrow Valley Council.
            Ben Ode: Merrow Valley Council is on hold. Peter Quist, the head of procurement, left.
            Rachel Whitmore: And Ashby Dental Group?
            Ben Ode: Ashby Dental Group wants a pilot, twenty thousand."""
        )
    )
    assert {company.name for company in cast.companies} == {
        "Larkholm Logistics",
        "Merrow Valley Council",
        "Ashby Dental Group",
    }
    found = people(cast)
    assert found["Judith Sand"].company == "Larkholm Logistics"
    assert found["Judith Sand"].title == "Operations Director"
    assert found["Peter Quist"].company == "Merrow Valley Council"
    assert found["Ben Ode"].company == "Cleanstride"


def test_german_institutions_are_companies_and_their_nouns_are_not() -> None:
    cast = Cast(
        heard(
            """Rachel Lindner: Guten Morgen, ich bin bei Cleanstride für die Kliniken zuständig.
            Uwe Faber: Faber, ich leite die Technik bei den Kliniken Ostrau. Das Angebot liegt auf meinem Tisch.
            Rachel Lindner: Und wer entscheidet bei den Kliniken Ostrau über den Vertrag?
            Uwe Faber: Unsere Geschäftsführerin, Frau Sabine Thiel. Die Rechnung geht an den Einkauf."""
        )
    )
    assert [company.name for company in cast.companies] == ["Kliniken Ostrau"]
    thiel = people(cast)["Sabine Thiel"]
    assert (thiel.title, thiel.company, thiel.attended) == ("Geschäftsführerin", "Kliniken Ostrau", False)


# people


def test_a_first_name_told_when_asked_for_is_the_same_person() -> None:
    cast = Cast(
        heard(
            """Rachel Whitmore: Who do we ring about the keys?
            Carlos Medrano: Mr Tilling, he's our caretaker.
            Rachel Whitmore: What's Tilling's first name?
            Carlos Medrano: Desmond."""
        )
    )
    assert sum(person.name in ("Tilling", "Desmond", "Desmond Tilling") for person in cast.people) == 1


def test_a_numbered_voice_gets_the_name_it_answers_to_but_not_a_name_it_says() -> None:
    cast = Cast(
        heard(
            """SPEAKER_00: Good morning, it's Rachel Whitmore at Cleanstride. Are you there, Carlos?
            SPEAKER_01: I'm here.
            SPEAKER_00: How is the clinic, Carlos?
            SPEAKER_01: Busy. I told Judith Sand, you're next.
            SPEAKER_00: What do you need, Carlos?
            SPEAKER_01: A quote."""
        )
    )
    named = {label: person.name for person in cast.people for label in person.labels}
    assert named == {"SPEAKER_00": "Rachel Whitmore", "SPEAKER_01": "Carlos"}


@pytest.mark.parametrize(
    ("text", "name", "title"),
    [
        ("That's Judith Sand, our head of digital.", "Judith Sand", "Head of Digital"),
        ("Judith Sand, she runs payroll.", "Judith Sand", "Head of Payroll"),
        ("Judith Sand is with me, she's our release manager.", "Judith Sand", "Release Manager"),
        ("Ask the commissioning lady, Judith Sand.", "Judith Sand", "Commissioning"),
        ("Our safety officer, Doctor Judith Sand, signs.", "Judith Sand", "Safety Officer"),
        ("Judith Sand from our legal team.", "Judith Sand", "Legal"),
        ("I met Judith Sand in Leeds.", "Judith Sand", None),
    ],
)
def test_titles_beside_a_name(text: str, name: str, title: str | None) -> None:
    start = text.index(name)
    assert title_beside(text, start, start + len(name), "", german=False) == title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Uwe Faber, kaufmännischer Leiter seit Mai.", "Kaufmännischer Leiter"),
        ("Der Uwe Faber, das ist der Werkleiter.", "Werkleiter"),
        ("Ich sprech mit Uwe Faber drüber, unserem Geschäftsführer.", "Geschäftsführer"),
    ],
)
def test_german_titles_beside_a_name(text: str, title: str) -> None:
    start = text.index("Uwe Faber")
    assert title_beside(text, start, start + 9, "", german=True) == title


def test_a_table_of_attendees_tells_initials_titles_and_sides() -> None:
    cast = Cast(
        heard(
            """Kickoff Pendergrove Clinics
            Who was there
            JS | Judith Sand | their operations director, our sponsor
            RW | Rachel Whitmore | us, project manager
            Pendergrove Clinics runs nine sites"""
        )
    )
    found = people(cast)
    assert found["Judith Sand"].labels == {"JS"}
    assert found["Judith Sand"].title == "Operations Director"
    assert (found["Judith Sand"].side, found["Rachel Whitmore"].company) == ("other", "Cleanstride")


def test_an_address_whose_domain_is_one_word_of_two_said() -> None:
    cast = Cast(
        heard(
            """Rachel Whitmore: Where to?
            Carlos Medrano: Carlos at pender grove, all one word, dot co dot uk."""
        )
    )
    assert people(cast)["Carlos Medrano"].email == "carlos@pendergrove.co.uk"


def test_a_line_of_minutes_gives_the_phone_to_whose_initials_stand_in_it() -> None:
    cast = Cast(
        heard(
            """JS | Judith Sand | their operations director
            RW | Rachel Whitmore | us, project manager
            Rachel Whitmore takes notes
            JS mobile for emergencies 07700 900 123"""
        )
    )
    assert people(cast)["Judith Sand"].phone == "07700900123"
