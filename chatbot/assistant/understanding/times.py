"""Dates and spans of time in a question, both languages, as the tokens and ISO days that plans are written in.

What stays true tomorrow is kept as a token (`last_month`, `next_30_days`), so that a plan that is asked again, or a
link that is opened later, means the same question; what names a day becomes that day. A month or weekday without a
year is left open (`Span.floats`): whether “in March” lies behind or ahead depends on what is asked about it.

    "since last month" ─ span_at ─▶ Span(first="last_month")      "in Q3" ─▶ Span("2026-07-01", "2026-09-30")
"""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.assistant.understanding.calendar_times import (
    day_before_another,
    day_of_month,
    half_year,
    month_at,
    quarter_at,
    weekday_at,
    written_date,
    year_at,
)
from chatbot.assistant.understanding.parts_of_times import (
    day_alone,
    days_of_period,
    edge_of_period,
    month_and_year,
    part_of_period,
    rest_of_period,
    same_a_year_ago,
    season_at,
    two_units_away,
    week_of_day,
    weekdays_together,
)
from chatbot.assistant.understanding.relative_times import (
    a_unit_ago,
    bare_rolling,
    fixed_at,
    german_ago,
    now_at,
    relative_period,
    rolling_at,
)
from chatbot.assistant.understanding.spans import Span, TimeReader
from chatbot.assistant.understanding.tokens import Token
from shared.query.dates import Calendar

_RULES = (
    fixed_at, now_at, relative_period, rolling_at, bare_rolling, german_ago, a_unit_ago, edge_of_period, month_at,
    day_of_month, day_before_another, written_date, quarter_at, half_year, year_at, weekday_at, part_of_period,
    rest_of_period, two_units_away, same_a_year_ago, season_at, day_alone, month_and_year, week_of_day, days_of_period,
    weekdays_together,
)  # fmt: skip


def span_at(tokens: Sequence[Token], position: int, calendar_: Calendar) -> tuple[Span, int] | None:
    """The longest expression of time that begins at a token, and how many tokens it takes."""
    reader = TimeReader(tokens, calendar_)
    best: tuple[Span, int] | None = None
    for rule in _RULES:
        found = rule(reader, position)
        if found is not None and (best is None or found[1] > best[1]):
            best = found
    return best
