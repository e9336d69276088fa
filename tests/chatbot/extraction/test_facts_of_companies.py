"""What a company does and how many work there, and for which company it was said."""

from __future__ import annotations

from datetime import datetime

import pytest

from chatbot.extraction.builtin import trades
from chatbot.extraction.builtin.candidates import Mention
from chatbot.extraction.builtin.companies import Company
from chatbot.extraction.builtin.company_facts import describe_all
from chatbot.extraction.builtin.discourse import clean, cut
from chatbot.extraction.builtin.people import Person
from chatbot.extraction.types import MeetingContext
from shared.transcripts import parse


def described(text: str, *names: str, language: str = "en") -> Company:
    """The first company after the dialogue, in which Tom works for it and Ann sells to it."""
    meeting = MeetingContext(
        utterances=parse(text.encode(), "talk.txt").utterances, occurred_at=datetime(2026, 9, 15), language=language
    )
    discourse = cut(meeting)
    companies = []
    for name in names:
        spots = [(s.index, clean(s.text).find(name)) for s in discourse.sentences if name in clean(s.text)]
        mentions = [Mention(index, at, at + len(name), name, True) for index, at in spots]
        companies.append(Company(name, spots=mentions, mentions=[index for index, _ in spots]))
    people = [
        Person("Ann Lee", {"Ann Lee"}, company="Ourselves", side="own"),
        Person("Tom Hall", {"Tom Hall"}, company=names[0], side="other"),
    ]
    describe_all(discourse, companies, people)
    return companies[0]


@pytest.mark.parametrize(
    ("name", "trade"),
    [
        ("Grantley-Voss Pumps", "pumps"),
        ("Acme Cold Storage", "cold storage"),
        ("University of Acme", "university"),
        ("Acme Laundries", "laundry"),
        ("Bell and Otter", None),
        ("Arkwright and Sons", None),
    ],
)
def test_a_name_tells_the_trade_by_its_own_word_and_else_nothing(name: str, trade: str | None) -> None:
    assert trades.of_name(name, german=False) == trade


@pytest.mark.parametrize(("name", "trade"), [("Stahlbau Acker", "Stahlbau"), ("Acker Türen", "Türen"), ("Acker", None)])
def test_german_names_may_begin_with_the_trade(name: str, trade: str | None) -> None:
    assert trades.of_name(name, german=True) == trade


@pytest.mark.parametrize(
    ("speech", "trade"),
    [
        ("We're a haulage company.", "haulage"),
        ("So we're a chain of gyms.", "gyms"),
        ("We make staircases, mostly by hand.", "staircases"),
        ("We're a family business.", None),
        ("We're a bit late.", None),
        ("We make decisions in June.", None),
        ("It's the council car park.", None),
    ],
)
def test_what_the_company_is_or_makes_is_its_trade(speech: str, trade: str | None) -> None:
    assert described(f"Ann Lee: Good morning.\nTom Hall: Hello from Acme. {speech}", "Acme").industry == trade


def test_a_short_answer_is_a_trade_where_it_was_asked_for() -> None:
    assert described("Ann Lee: What do you make?\nTom Hall: Pressed steel.", "Acme").industry == "Pressed steel"
    assert described("Ann Lee: What did you see?\nTom Hall: Pressed steel.", "Acme").industry is None


@pytest.mark.parametrize(
    ("talk", "size"),
    [
        ("Tom Hall: About forty of us.", "40"),
        ("Tom Hall: We're a bit over three hundred staff.", "300"),
        ("Tom Hall: A haulage company, hundred and twenty drivers.", "120"),
        ("Ann Lee: How many people?\nTom Hall: Around two fifty in season.", "250"),
        ("Ann Lee: You've nine hundred staff?\nTom Hall: Nine hundred and forty.", "940"),
        ("Tom Hall: We're a hospital, two hundred beds.", "200"),
        ("Tom Hall: We want licences for sixty people.", None),
        ("Tom Hall: My team has twelve people.", None),
        ("Ann Lee: We're eighty people.", None),
        ("Ann Lee: How many days?\nTom Hall: Forty.", None),
        ("Ann Lee: And in the sales office, how many people?\nTom Hall: Nine.", None),
    ],
)
def test_people_of_the_whole_firm_are_its_size(talk: str, size: str | None) -> None:
    assert described(talk, "Acme").size == size


def test_people_count_before_units() -> None:
    assert described("Tom Hall: We have nine shops. We're sixty people.", "Acme").size == "60"


def test_a_fact_goes_to_the_company_it_is_said_of() -> None:
    talk = "Ann Lee: And Brook Farm, they're a dairy, seventy people.\nTom Hall: We're forty people."
    assert described(talk, "Acme", "Brook Farm").size == "40"


def test_german_size_and_trade() -> None:
    talk = "Ann Lee: Was macht Ihre Firma?\nTom Hall: Wir sind ein Kabelhersteller, knapp neunzig Leute."
    company = described(talk, "Acker", language="de")
    assert (company.industry, company.size) == ("Kabelhersteller", "90")
