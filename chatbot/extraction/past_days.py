"""Days that words name looking back: "signed on the second"."""

from __future__ import annotations

from datetime import date, timedelta

from chatbot.extraction.dates import Day


def last_such_day(found: Day, day: date) -> date | None:
    """The last day before `day` of the same name ("signed on the second"); None for "in two weeks" and the like."""
    kind, _, _ = found.rule.partition(":")
    if found.date > day and kind in ("mon", "tue", "wed", "thu", "fri"):
        return found.date - timedelta(weeks=2 if day.weekday() == found.date.weekday() else 1)
    if found.date <= day or kind not in ("md", "dom"):
        return None
    months = 12 if kind == "md" else 1
    earlier = found.date
    while earlier >= day:
        month = earlier.month - 1 - months
        try:
            earlier = earlier.replace(year=earlier.year + month // 12, month=month % 12 + 1)
        except ValueError:  # the thirty-first
            return None
    return earlier
