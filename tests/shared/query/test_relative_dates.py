"""What relative dates mean, where the workspace is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from shared import clock
from shared.query.dates import Calendar, Span, is_token

UTC_ZONE = ZoneInfo("UTC")
TOKENS = (
    "today", "yesterday", "tomorrow", "this_week", "last_week", "next_week", "this_month", "last_month", "next_month",
    "this_quarter", "last_quarter", "next_quarter", "this_year", "last_year", "next_year", "last_7_days", "next_7_days",
    "last_2_weeks", "next_2_weeks", "last_3_months", "next_3_months", "last_2_quarters", "next_2_quarters",
    "last_2_years", "next_2_years", "overdue",
)  # fmt: skip


@pytest.fixture(autouse=True)
def friday() -> None:
    clock.configure(datetime(2026, 11, 20, 12, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("token", "first", "last"),
    [
        ("today", "2026-11-20", "2026-11-20"),
        ("yesterday", "2026-11-19", "2026-11-19"),
        ("tomorrow", "2026-11-21", "2026-11-21"),
        ("this_week", "2026-11-16", "2026-11-22"),
        ("last_week", "2026-11-09", "2026-11-15"),
        ("next_week", "2026-11-23", "2026-11-29"),
        ("this_month", "2026-11-01", "2026-11-30"),
        ("next_month", "2026-12-01", "2026-12-31"),
        ("this_quarter", "2026-10-01", "2026-12-31"),
        ("next_quarter", "2027-01-01", "2027-03-31"),
        ("last_quarter", "2026-07-01", "2026-09-30"),
        ("this_year", "2026-01-01", "2026-12-31"),
        ("last_7_days", "2026-11-14", "2026-11-20"),
        ("next_30_days", "2026-11-20", "2026-12-19"),
        ("last_2_weeks", "2026-11-07", "2026-11-20"),
        ("last_1_months", "2026-10-21", "2026-11-20"),
        ("next_3_months", "2026-11-20", "2027-02-19"),
        ("last_2_quarters", "2026-05-21", "2026-11-20"),
        ("last_2_years", "2024-11-21", "2026-11-20"),
    ],
)
def test_spans(token: str, first: str, last: str) -> None:
    assert Calendar(UTC_ZONE).span(token) == Span(date.fromisoformat(first), date.fromisoformat(last))


def test_overdue_is_everything_before_today() -> None:
    assert Calendar(UTC_ZONE).span("overdue") == Span(None, date(2026, 11, 19))


def test_weeks_begin_when_the_workspace_says() -> None:
    assert Calendar(UTC_ZONE, week_start=6).span("this_week") == Span(date(2026, 11, 15), date(2026, 11, 21))


@pytest.mark.parametrize(
    ("start", "quarter", "year"),
    [
        (4, (date(2026, 10, 1), date(2026, 12, 31)), (date(2026, 4, 1), date(2027, 3, 31))),
        (2, (date(2026, 11, 1), date(2027, 1, 31)), (date(2026, 2, 1), date(2027, 1, 31))),
        (12, (date(2026, 9, 1), date(2026, 11, 30)), (date(2025, 12, 1), date(2026, 11, 30))),
    ],
)
def test_years_begin_when_the_workspace_says(start: int, quarter: tuple[date, date], year: tuple[date, date]) -> None:
    calendar = Calendar(UTC_ZONE, fiscal_year_start=start)
    assert calendar.span("this_quarter") == Span(*quarter)
    assert calendar.span("this_year") == Span(*year)


def test_months_are_as_long_as_they_are() -> None:
    clock.configure(datetime(2027, 3, 31, 12, 0, tzinfo=UTC))
    assert Calendar(UTC_ZONE).span("last_1_months") == Span(date(2027, 3, 1), date(2027, 3, 31))  # after February
    assert Calendar(UTC_ZONE).span("next_1_months") == Span(date(2027, 3, 31), date(2027, 4, 29))


def test_any_day_lies_in_its_own_period() -> None:
    calendar = Calendar(UTC_ZONE, week_start=6, fiscal_year_start=4)
    day = date(2025, 3, 31)
    spans = {unit: calendar.period_of(day, unit) for unit in ("day", "week", "month", "quarter", "year")}
    assert spans["week"] == Span(date(2025, 3, 30), date(2025, 4, 5))
    assert spans["year"] == Span(date(2024, 4, 1), day)
    assert all(span.first <= day <= span.last for span in spans.values() if span.first)


def test_today_depends_on_where_one_is() -> None:
    clock.configure(datetime(2026, 11, 20, 23, 30, tzinfo=UTC))
    assert Calendar(ZoneInfo("Asia/Tokyo")).today == date(2026, 11, 21)
    assert Calendar(ZoneInfo("America/New_York")).today == date(2026, 11, 20)


def test_days_of_a_clock_change_are_whole() -> None:
    berlin = Calendar(ZoneInfo("Europe/Berlin"))
    day = date(2026, 10, 25)  # 25 hours long
    assert (berlin.after(day) - berlin.start_of(day)).total_seconds() == 25 * 3600


def test_every_kind_of_token_is_understood() -> None:
    for token in TOKENS:
        assert is_token(token)
        assert Calendar(UTC_ZONE).span(token)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "this_century", "last_0_days", "last_99999_days", "2026-11-20", "last_999_years", "last_0_weeks"],
)
def test_other_words_are_none(text: str) -> None:
    assert not is_token(text)
