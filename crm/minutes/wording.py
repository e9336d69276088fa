"""What minutes and follow-up letters say in the meeting's language, which need not be the reader's.

Hence no gettext: its language is that of whoever looks at the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Headings and small words of one language. `sections` are the headings by kind of insight."""

    locale: str
    minutes: str
    when: str
    attendees: str
    company: str
    deal: str
    summary: str
    sections: dict[str, str]
    who: str
    what: str
    by_when: str
    said: str
    not_reviewed: str
    legend: str
    nothing: str
    page: str

    def mark(self, is_open: bool) -> str:
        """What follows something that nobody has said yes to."""
        return f" ({self.not_reviewed})" if is_open else ""

    def day(self, text: str) -> str:
        """An ISO day, short enough for a column."""
        return str(format_date(date.fromisoformat(text[:10]), "medium", locale=self.locale))

    def moment(self, value: datetime, zone: ZoneInfo) -> str:
        """Date, time and the zone they are meant in: the reader may be elsewhere."""
        there = value.astimezone(zone)
        name = there.tzname() or "UTC"
        name = f"UTC{name}" if name[:1] in "+-" else name
        return f"{format_date(there.date(), 'full', self.locale)}, {self._time(there)} {name}"

    def local(self, text: str) -> str:
        """An ISO day, or day and time, as it was said: the time of the place where they met."""
        value = datetime.fromisoformat(text)
        shown = str(format_date(value.date(), "full", self.locale))
        return f"{shown}, {self._time(value)}" if "T" in text else shown

    def _time(self, value: datetime) -> str:
        return str(format_time(value.time(), "short", locale=self.locale))


ENGLISH = Wording(
    locale="en",
    minutes="Minutes",
    when="When",
    attendees="Attendees",
    company="Company",
    deal="Deal",
    summary="Summary",
    sections={
        "decision": "Decisions",
        "action_item": "Action items",
        "next_meeting": "Next meeting",
        "requirement": "Requirements",
        "pain_point": "Pain points",
        "objection": "Objections",
        "competitor": "Competitors",
    },
    who="Who",
    what="What",
    by_when="By when",
    said="Said by",
    not_reviewed="not yet reviewed",
    legend="Points marked “not yet reviewed” were found in the transcript and not confirmed by a person.",
    nothing="Nothing has been recorded of this meeting yet.",
    page="Page {n} of {total}",
)

GERMAN = Wording(
    locale="de",
    minutes="Protokoll",
    when="Wann",
    attendees="Teilnehmende",
    company="Firma",
    deal="Geschäft",
    summary="Zusammenfassung",
    sections={
        "decision": "Beschlüsse",
        "action_item": "Aufgaben",
        "next_meeting": "Nächstes Treffen",
        "requirement": "Anforderungen",
        "pain_point": "Probleme",
        "objection": "Einwände",
        "competitor": "Wettbewerber",
    },
    who="Wer",
    what="Was",
    by_when="Bis wann",
    said="Gesagt von",
    not_reviewed="noch nicht geprüft",
    legend="„Noch nicht geprüft“ heißt: im Transkript gefunden und von niemandem bestätigt.",
    nothing="Von diesem Treffen ist noch nichts festgehalten.",
    page="Seite {n} von {total}",
)


def wording_of(language: str | None) -> Wording:
    """The words for a meeting's language; English for those there are no words for."""
    return GERMAN if (language or "").casefold().startswith("de") else ENGLISH
