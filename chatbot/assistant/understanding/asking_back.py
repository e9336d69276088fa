"""What is said instead of an answer: which of the namesakes, which date, what was not understood."""

from __future__ import annotations

import re

from chatbot.assistant.types import Choice, Question, RecordRef, Routed
from chatbot.assistant.understanding import narrowing
from chatbot.assistant.understanding.drafts import Draft
from chatbot.assistant.understanding.items import Item, Reading
from chatbot.assistant.understanding.messages import say
from chatbot.assistant.understanding.sentence import Named, Parse
from shared import clock
from shared.tenancy import TenantSession

#: Confidence of a plan that explains every word, and how much of it each corrected word costs.


#: Below this the rules would rather have a model look at the question, if there is one.
UNSURE = 0.5
_MOST_CHOICES = 8


class AskingBack:
    """A question, how it was read, and the ways not to answer it."""

    def __init__(
        self, session: TenantSession, question: Question, reading: Reading, parse: Parse, draft: Draft | None
    ) -> None:
        self.session, self.question, self.reading = session, question, reading
        self.parse, self.draft, self.language = parse, draft, reading.language
        self.today = clock.today(question.asker.zone.key)

    def _which_one(self, named: Named) -> Routed:
        """Ask which of the namesakes is meant; each choice is the question with the record in place of the name."""
        details = narrowing.details(self.session, named.records[:_MOST_CHOICES])
        choices = []
        for record, detail in zip(named.records[:_MOST_CHOICES], details, strict=True):
            label = f"{record.name} ({detail})" if detail else record.name
            choices.append(Choice(label, self._with_record(named, record), record))
        name = plain_name(self.reading.text.slice(named.mention.first, named.mention.last))
        message = say(self.language, "which_one" if len(named.records) > 1 else "did_you_mean", name=name)
        return Routed("clarify", message=message, choices=tuple(choices))

    def _with_record(self, named: Named, record: RecordRef) -> str:
        text = self.reading.text
        if named.item < 0:
            return f"{text.written} [{record.type}:{record.id}]"
        start, end = text.tokens[named.mention.first].start, text.tokens[named.mention.last - 1].end
        return f"{text.written[:start]}[{record.type}:{record.id}]{text.written[end:]}"

    def _which_date(self, draft: Draft) -> Routed:
        """“deals this month” may close, have been created or have been won in it."""
        written = self.reading.text.written.rstrip(" ?.!")
        words = {
            "en": {"closing": "closing", "created": "created", "won": "won"},
            "de": {"closing": "mit erwartetem Abschluss", "created": "angelegt", "won": "gewonnen"},
        }[self.language]
        time = next((i for i in self.reading.items if i.kind == "time"), None)
        if time is None:
            return self._abstain("cannot", confidence=UNSURE - 0.1)
        start = self.reading.text.tokens[time.first].start
        choices = [
            Choice(say(self.language, key), f"{written[:start]}{word} {written[start:]}?")
            for key, word in words.items()
        ]
        return Routed("clarify", message=say(self.language, "which_date"), choices=tuple(choices))

    def _abstain(self, key: str, *, confidence: float = 1.0, **values: str) -> Routed:
        return Routed("abstain", confidence=confidence, message=say(self.language, key, **values))

    def _abstain_words(self, items: list[Item]) -> Routed:
        words = ", ".join(dict.fromkeys(self.reading.words_of(item) for item in items[:4])) or self.question.text[:80]
        return self._abstain("not_understood", confidence=UNSURE - 0.1, words=words)


def plain_name(text: str) -> str:
    return re.sub(r"['’]s?$", "", text.strip())
