"""Periods in the words people use for them, on Friday 20 November 2026: first and last day."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from chatbot.assistant.understanding.times import span_at
from chatbot.assistant.understanding.tokens import read
from shared.query.dates import Calendar
from tests.chatbot.assistant.understanding.conftest import World, expect

CALENDAR = Calendar(ZoneInfo("Europe/Berlin"))

SPANS = {
    "early November": ("2026-11-01", "2026-11-10"),
    "late last month": ("2026-10-22", "2026-10-31"),
    "the start of October": ("2026-10-01", "2026-10-10"),
    "the end of this quarter": ("2026-12-31", "2026-12-31"),
    "year's end": ("2026-12-31", "2026-12-31"),
    "the month is out": ("2026-11-30", "2026-11-30"),
    "the rest of the year": ("today", "this_year"),
    "later this month": ("tomorrow", "this_month"),
    "earlier this week": ("this_week", "yesterday"),
    "the week before last": ("2026-11-02", "2026-11-08"),
    "the month after next": ("2027-01-01", "2027-01-31"),
    "vorletzte Woche": ("2026-11-02", "2026-11-08"),
    "the same quarter last year": ("2025-10-01", "2025-12-31"),
    "this summer": ("2026-06-01", "2026-08-31"),
    "last winter": ("2025-12-01", "2026-02-28"),
    "the first week of November": ("2026-11-01", "2026-11-07"),
    "the last ten days of October": ("2026-10-22", "2026-10-31"),
    "the week of November 11": ("2026-11-09", "2026-11-15"),
    "week commencing 9 November": ("2026-11-09", "2026-11-15"),
    "October of next year": ("2027-10-01", "2027-10-31"),
    "the 3rd of last month": ("2026-10-03", "2026-10-03"),
    "last week's Tuesday": ("2026-11-10", "2026-11-10"),
    "Monday of last week": ("2026-11-09", "2026-11-09"),
}


@pytest.mark.parametrize("said", SPANS)
def test_a_part_of_a_period_is_its_days(said: str) -> None:
    tokens = read(said).tokens
    found = span_at(tokens, 0, CALENDAR)
    assert found is not None
    assert (found[0].first, found[0].last, found[1]) == (*SPANS[said], len(tokens))


PLANS = {
    "contacts added since mid September": "contact[created_at>=2026-09-15]",
    "contacts added since mid-June (after the 15th)": "contact[created_at>2026-06-15]",
    "tasks due on the 27th": "task[due_date=2026-11-27, status=open]",
    "meetings held on the 12th": "meeting[occurred_at=2026-11-12]",
    "tasks due between the 3rd and the 12th": "task[due_date<=2026-12-12, due_date>=2026-12-03, status=open]",
    "deals closing within a fortnight": "deal[expected_close=next_14_days, stage_type=open]",
    "companies we have not spoken to in a month": "company[(last_contact_at<last_1_months or last_contact_at unset)]",
    "tasks due this side of Christmas": "task[due_date<2026-12-25, status=open]",
    "deals expected to close no later than December 15": "deal[expected_close<=2026-12-15, stage_type=open]",
    "deals whose close date has gone by": "deal[expected_close<today, stage_type=open]",
    "open deals with a close date in the future": "deal[expected_close>today, stage_type=open]",
    "calls over the summer": "meeting[occurred_at<=2026-08-31, occurred_at>=2026-06-01]",
    "meetings throughout October": "meeting[occurred_at<=2026-10-31, occurred_at>=2026-10-01]",
    "meetings between Wednesday and Monday": "meeting[occurred_at<=2026-11-23, occurred_at>=2026-11-18]",
    "open deals gone quiet since October": "deal[last_activity_at<2026-10-01, stage_type=open]",
    "deals won before the year is out": "deal[closed_at<=2026-12-31, stage_type=won]",
}


def test_times_become_conditions(world: World) -> None:
    expect({question: world.line(question) for question in PLANS}, PLANS)
