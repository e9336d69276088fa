"""The sentences of a follow-up letter, by language and by how people address each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from babel.dates import format_date

from crm.minutes.wording import Wording, wording_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterWording:
    """`{names}`, `{day}`, `{name}` are filled in. `uses_first_names`: in the greeting, else whole names."""

    language: Literal["en", "de"]
    words: Wording
    subject: str
    greeting: str
    greeting_nobody: str
    and_: str
    uses_first_names: bool
    thanks: str
    follows: str
    agreed: str
    ours: str
    yours: str
    open: str
    next: str
    by: str
    closing: str
    regards: str

    def day(self, value: date) -> str:
        return str(format_date(value, "long", locale=self.words.locale))

    def moment(self, iso: str) -> str:
        return self.words.local(iso)

    def due(self, iso: str) -> str:
        return self.by.format(day=self.day(datetime.fromisoformat(iso).date()))


def letter_wording(language: str | None, *, is_informal: bool, many: bool) -> LetterWording:
    """For a meeting's language; `is_informal` is German "du", and `many` says whether one person is written to."""
    words = wording_of(language)
    if words.locale != "de":
        return _english(words)
    return _german(words, is_informal=is_informal, many=many)


def _english(words: Wording) -> LetterWording:
    return LetterWording(
        language="en",
        words=words,
        subject="Our meeting on {day}",
        greeting="Hi {names},",
        greeting_nobody="Hello,",
        and_="and",
        uses_first_names=True,
        thanks="Thank you for your time on {day}.",
        follows="Here is what we agreed, so that we all have it in one place.",
        agreed="What we agreed:",
        ours="On our side:",
        yours="On your side:",
        open="Other next steps:",
        next="Our next meeting: {when}",
        by="by {day}",
        closing="If I missed or misunderstood anything, please let me know.",
        regards="Best regards,",
    )


def _german(words: Wording, *, is_informal: bool, many: bool) -> LetterWording:
    tell = ("sagt mir" if many else "sag mir") if is_informal else "sagen Sie mir"
    yours = ("Bei euch:" if many else "Bei dir:") if is_informal else "Bei Ihnen:"
    thank = ("danke euch" if many else "danke dir") if is_informal else "vielen Dank"
    return LetterWording(
        language="de",
        words=words,
        subject="Unser Gespräch am {day}",
        greeting="Hallo {names}," if is_informal else "Guten Tag {names},",
        greeting_nobody="Hallo," if is_informal else "Guten Tag,",
        and_="und",
        uses_first_names=is_informal,
        thanks=f"{thank} für das Gespräch am {{day}}.",
        follows="Hier steht, was wir vereinbart haben, an einem Ort.",
        agreed="Das haben wir vereinbart:",
        ours="Bei uns:",
        yours=yours,
        open="Weitere Schritte:",
        next="Unser nächstes Treffen: {when}",
        by="bis {day}",
        closing=f"Wenn etwas fehlt oder ich etwas falsch verstanden habe, {tell} bitte Bescheid.",
        regards="Viele Grüße" if is_informal else "Mit freundlichen Grüßen",
    )
