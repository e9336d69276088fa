"""Spoken days, each rule of the annotation guide, English and German, said on Tuesday 15 September 2026."""

from __future__ import annotations

from datetime import date

import pytest

from chatbot.extraction.dates import find_clocks, find_days

TUESDAY = date(2026, 9, 15)
THURSDAY = date(2026, 11, 12)


def days(text: str, day: date = TUESDAY) -> list[str]:
    return [found.date.isoformat() for found in find_days(text, day)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'll do it today", "2026-09-15"),
        ("tonight at nine", "2026-09-15"),
        ("I'll let you know tomorrow", "2026-09-16"),
        ("the day after tomorrow", "2026-09-17"),
        ("by Friday", "2026-09-18"),
        ("this Friday", "2026-09-18"),
        ("by Tuesday", "2026-09-22"),
        ("Wednesday next week", "2026-09-23"),
        ("next Wednesday", "2026-09-23"),
        ("Friday of next week", "2026-09-25"),
        ("by the end of next week", "2026-09-25"),
        ("by the end of the week", "2026-09-18"),
        ("a week from Thursday", "2026-09-24"),
        ("Thursday week then", "2026-09-24"),
        ("in two weeks", "2026-09-29"),
        ("in ten days", "2026-09-25"),
        ("the twenty-first works", "2026-09-21"),
        ("the tenth works", "2026-10-10"),
        ("the seventh of December", "2026-12-07"),
        ("November twentieth", "2026-11-20"),
        ("3 February", "2027-02-03"),
        ("18 Jan 2028", "2028-01-18"),
        ("2026-12-24", "2026-12-24"),
        ("end of the month", "2026-09-30"),
        ("by the end of October", "2026-10-31"),
        ("end of January", "2027-01-31"),
        ("end of the year", "2026-12-31"),
    ],
)
def test_english_days(text: str, expected: str) -> None:
    assert days(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("das mache ich heute noch", "2026-11-12"),
        ("schicke ich Ihnen morgen", "2026-11-13"),
        ("bis übermorgen", "2026-11-14"),
        ("bis Mittwoch", "2026-11-18"),
        ("Mittwoch nächste Woche", "2026-11-18"),
        ("bis Ende nächster Woche", "2026-11-20"),
        ("Donnerstag in zwei Wochen", "2026-11-26"),
        ("in einer Woche", "2026-11-19"),
        ("bis zum zwanzigsten", "2026-11-20"),
        ("am achtzehnten Dezember", "2026-12-18"),
        ("am 3. Dezember", "2026-12-03"),
        ("am 20.11.2026", "2026-11-20"),
        ("bis Ende Januar", "2027-01-31"),
        ("am Monatsende", "2026-11-30"),
    ],
)
def test_german_days(text: str, expected: str) -> None:
    assert days(text, THURSDAY) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "early next week", "in January", "next week", "last Tuesday night", "on Mondays", "the first time", "may I ask",
        "the second point", "guten Morgen zusammen", "jeden Morgen um acht", "montags", "in the last week of November",
    ],
)  # fmt: skip
def test_what_does_not_come_to_one_day_is_no_date(text: str) -> None:
    assert days(text) == []


def test_a_weekday_beside_a_day_of_the_month_decides_the_month() -> None:
    """On 15 September the next 20th is a Sunday; the Friday among the twentieths is in November."""
    assert days("Friday the twentieth") == ["2026-11-20"]


def test_a_month_has_its_own_length() -> None:
    assert days("the thirty-first") == ["2026-10-31"]
    assert days("end of February", date(2027, 12, 1)) == ["2028-02-29"]


def test_the_words_of_a_day_are_known() -> None:
    text = "I'll send it by Friday next week, promised."
    (found,) = find_days(text, TUESDAY)
    assert text[found.start : found.end] == "Friday next week"


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("at ten o'clock", 10, 0), ("two o'clock works", 14, 0), ("half past nine", 9, 30), ("half nine", 9, 30),
        ("quarter to three", 14, 45), ("nine thirty", 9, 30), ("at 14:00", 14, 0), ("six a.m.", 6, 0), ("3 pm", 15, 0),
        ("um elf Uhr", 11, 0), ("halb zehn", 9, 30), ("um 14:30 Uhr", 14, 30),
        ("Viertel nach neun", 9, 15), ("noon", 12, 0),
    ],
)  # fmt: skip
def test_times_of_day(text: str, hour: int, minute: int) -> None:
    (clock,) = find_clocks(text)
    assert (clock.hour, clock.minute) == (hour, minute)


def test_counts_are_not_times() -> None:
    assert find_clocks("we have nine thirty-seat rooms and at ten percent") == ()
