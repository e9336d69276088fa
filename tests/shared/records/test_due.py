"""Due days typed as people say them, read on Friday, 27 November 2026, at ten in Berlin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared import clock
from shared.query.dates import Calendar
from shared.records import due
from shared.records.due import NotADay

BERLIN = ZoneInfo("Europe/Berlin")
CALENDAR = Calendar(BERLIN)


@pytest.fixture(autouse=True)
def _friday() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 27, 10, 0, tzinfo=BERLIN)):
        yield


def shown(text: str) -> str:
    found = due.read(text, CALENDAR)
    return f"{found.at.astimezone(BERLIN):%m-%d %H:%M}" if found.at else f"{found.day:%Y-%m-%d}"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("next friday 3pm", "12-04 15:00"),
        ("Friday", "2026-12-04"),
        ("friday at 9:30", "12-04 09:30"),
        ("in two weeks", "2026-12-11"),
        ("end of month", "2026-11-30"),
        ("end of next month", "2026-12-31"),
        ("in 3 working days", "2026-12-02"),
        ("in 10 workdays", "2026-12-11"),
        ("next business day", "2026-11-30"),
        ("am nächsten Werktag", "2026-11-30"),
        ("first monday of next month", "2026-12-07"),
        ("tomorrow morning", "11-28 09:00"),
        ("tonight", "11-27 18:00"),
        ("9am", "11-28 09:00"),  # ten has struck: the next nine o'clock
        ("3pm", "11-27 15:00"),
        ("in 2 hours", "11-27 12:00"),
        ("Dec 24 at noon", "12-24 12:00"),
        ("a week from monday", "2026-12-07"),
        ("29 feb", "2028-02-29"),
        ("übermorgen 14 Uhr", "11-29 14:00"),
        ("uebermorgen um 14:00", "11-29 14:00"),
        ("nächsten Freitag", "2026-12-04"),
        ("Freitag nächste Woche um 9", "12-04 09:00"),
        ("morgen früh", "11-28 09:00"),
        ("Montag morgen", "11-30 09:00"),
        ("morgen um halb vier", "11-28 15:30"),
        ("do 15 uhr", "12-03 15:00"),
        ("in einer halben Stunde", "11-27 10:30"),
        ("Ende nächster Woche", "2026-12-04"),
        ("Monatsende", "2026-11-30"),
        ("letzter Freitag im Monat", "2026-11-27"),
        ("am 24. Dezember", "2026-12-24"),
        ("4.12.26 14:30", "12-04 14:30"),
        ("in 5 Werktagen", "2026-12-04"),
        ("heute in zwei Wochen", "2026-12-11"),
        ("3 days before christmas", "2026-12-22"),
        ("two days before the end of the month", "2026-11-28"),
        ("eine Woche vor Ostern", "2027-03-21"),
        ("vor Weihnachten", "2026-12-24"),
        ("last working day of december", "2026-12-31"),
        ("zweiter Dienstag im Januar", "2027-01-12"),
        ("Mitte nächsten Monats", "2026-12-15"),
        ("KW 50", "2026-12-07"),
        ("Freitag KW 2", "2027-01-15"),
        ("friday of week 50", "2026-12-11"),
        ("Anfang Q1", "2027-01-01"),
        ("in March", "2027-03-01"),
        ("this month", "2026-11-30"),
        ("two fridays from now", "2026-12-11"),
        ("first thing tomorrow", "11-28 09:00"),
        ("Donnerstagabend um sieben", "12-03 19:00"),
        ("wednesday at quarter past 4 pm", "12-02 16:15"),
        ("2 at night tomorrow", "11-28 02:00"),
        ("friday midnight", "12-04 23:59"),
        ("in anderthalb Stunden", "11-27 11:30"),
        ("monday at the latest", "2026-11-30"),
        ("2027-01-15T16:00", "01-15 16:00"),
    ],
)
def test_days_are_understood_in_both_languages(text: str, meant: str) -> None:
    assert shown(text) == meant


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("soonish", "unknown"),
        ("next blurb", "unknown"),
        ("friday 3pm maybe", "unknown"),  # half understood is not understood
        ("x" * 5000, "unknown"),
        ("31.2.", "no_such_day"),
        ("30 feb", "no_such_day"),
        ("25:00", "no_such_time"),
        ("13pm", "no_such_time"),
        ("monday 4 december", "weekday"),
        ("in 999 years", "too_far"),
        ("KW 60", "no_such_day"),
        ("last quarter", "unknown"),  # it is over
    ],
)
def test_what_is_no_day_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(NotADay) as refused:
        due.read(text, CALENDAR)
    assert refused.value.reason == reason


def test_a_time_follows_the_clocks_into_summer_and_out_of_it() -> None:
    with clock.at(datetime(2026, 3, 27, 10, 0, tzinfo=BERLIN)):
        before, after = due.read("saturday 9am", CALENDAR), due.read("sunday 9am", CALENDAR)
        skipped = due.read("29.3.2026 02:30", CALENDAR)  # the clocks go from two to three
    assert before.at is not None and after.at is not None and skipped.at is not None
    assert after.at - before.at == timedelta(hours=23)
    assert skipped.at.astimezone(BERLIN).hour in (1, 3)


def test_the_end_of_months_is_kept() -> None:
    with clock.at(datetime(2027, 1, 31, 10, 0, tzinfo=BERLIN)):
        assert due.read("in a month", CALENDAR).day == date(2027, 2, 28)
        assert due.read("in einem Jahr", CALENDAR).day == date(2028, 1, 31)


def test_weeks_begin_where_the_workspace_begins_them() -> None:
    with clock.at(datetime(2026, 11, 28, 10, 0, tzinfo=BERLIN)):  # a Saturday
        assert due.read("next sunday", Calendar(BERLIN, week_start=0)).day == date(2026, 12, 6)
        assert due.read("next sunday", Calendar(BERLIN, week_start=6)).day == date(2026, 11, 29)


@pytest.mark.parametrize("today", [28, 29])
def test_within_a_weekend_this_one_is_meant_and_the_next_is_another(today: int) -> None:
    with clock.at(datetime(2026, 11, today, 10, 0, tzinfo=BERLIN)):
        for text in ("this weekend", "weekend", "dieses Wochenende"):
            assert due.read(text, CALENDAR).day == date(2026, 11, today)
        assert due.read("nächstes Wochenende", CALENDAR).day == date(2026, 12, 5)


def test_what_three_slash_four_means_is_the_readers_habit() -> None:
    assert due.read("3/4/2027", CALENDAR).day == date(2027, 4, 3)
    assert due.read("3/4/2027", CALENDAR, month_first=True).day == date(2027, 3, 4)


@pytest.mark.parametrize(
    ("line", "title", "day"),
    [
        ("Call Ana next friday 3pm", "Call Ana", date(2026, 12, 4)),
        ("Angebot schicken bis Montag 14 Uhr", "Angebot schicken", date(2026, 11, 30)),
        ("tomorrow call Ana", "call Ana", date(2026, 11, 28)),
        ("Meet May", "Meet May", None),
        ("Call 555 12", "Call 555 12", None),
        ("Prepare deck for friday", "Prepare deck", date(2026, 12, 4)),
        ("Budget for next year", "Budget for next year", None),  # what it is about
        ("Newsletter KW 50", "Newsletter KW 50", None),
        ("Reserve 2 hours", "Reserve 2 hours", None),
    ],
)
def test_a_line_gives_a_task_and_its_day(line: str, title: str, day: date | None) -> None:
    found_title, found = due.split(line, CALENDAR)
    assert (found_title, found.day if found else None) == (title, day)
