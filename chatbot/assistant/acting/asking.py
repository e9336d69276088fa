"""What reading any request needs: looking records up, and asking back where that finds not exactly one.

A method ends early with `Instead` where a name is unknown or may mean several: then the person is asked, with answers
that are the whole request again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from chatbot.assistant.acting import details, messages, wording
from chatbot.assistant.acting.grammar import Piece, Reading, Request
from chatbot.assistant.acting.targets import Found, Targets, detail_of
from chatbot.assistant.types import ActionRequest, Choice, Question, RecordRef, Routed
from shared import clock
from shared.models import TaskStatus
from shared.tenancy import TenantSession

_MOST_CHOICES = 6
_NONE = " [none]"
#: Points at the page first.
THIS = "this"
LINKED = ("company", "contact", "deal", "meeting")


class Instead(Exception):
    """What is said instead of a card."""

    def __init__(self, routed: Routed) -> None:
        super().__init__(routed.message)
        self.routed = routed


class Asking:
    """One reading of one request, and what it may answer."""

    def __init__(self, session: TenantSession, question: Question, request: Request, reading: Reading) -> None:
        self.session, self.question, self.request, self.reading = session, question, request, reading
        self.targets = Targets(session, question)
        self.language = reading.language
        self.zone = question.asker.zone

    # ------------------------------------------------------------------------------------------------ answers

    def _act(self, tool: str, args: dict[str, Any], focus: RecordRef | None) -> Routed:
        request = ActionRequest(tool, {k: v for k, v in args.items() if v is not None}, self.language)
        return Routed("action", action=request, focus=focus, language=self.language)

    def _say(self, key: str, **parts: object) -> str:
        return messages.say(self.language, key, **parts)

    def _abstain(self, key: str, **parts: object) -> Instead:
        return Instead(Routed("abstain", message=self._say(key, **parts), language=self.language))

    def _ask(self, key: str, choices: Sequence[Choice] = (), **parts: object) -> Instead:
        message = self._say(key, **parts)
        return Instead(Routed("clarify", message=message, choices=tuple(choices), language=self.language))

    def _text(self, name: str) -> str:
        piece = self.reading.piece(name)
        return piece.text if piece else ""

    def _with(self, piece: Piece | None, text: str) -> str:
        """The whole request with a piece of it said another way."""
        written = self.question.text
        if piece is None:
            return f"{written.rstrip(' .!?')} {text}"
        return f"{written[: piece.start]}{text}{written[piece.end :]}"

    def _plus(self, text: str) -> str:
        return f"{self.question.text.rstrip(' .!?')} {text}"

    def _instead_of(self, phrase: str, text: str) -> str:
        """The whole request with its last such words said another way."""
        head, found, tail = self.question.text.rpartition(phrase)
        return f"{head}{text}{tail}" if found else self._plus(text)

    # ------------------------------------------------------------------------------------------------ records

    def _one(self, name: str, types: Sequence[str], *, status: TaskStatus | None = None) -> RecordRef:
        """The record a piece names. Ends with a question if it may be several, with a refusal if there is none."""
        piece = self.reading.piece(name)
        found = self.targets.find(piece.text if piece else "", types, status=status)
        return self._settled(found, lambda text: self._with(piece, text))

    def _this(self, name: str, types: Sequence[str], *, status: TaskStatus | None = None) -> RecordRef:
        """As `_one`; where the piece was not said, the record of the open page, or what was last spoken of."""
        if self.reading.piece(name):
            return self._one(name, types, status=status)
        return self._settled(self.targets.find(THIS, types), self._plus)

    def _settled(self, found: Found, rewrite: Any) -> RecordRef:
        if found.one is not None:
            return found.one
        kinds = messages.kinds(self.language, found.wanted)
        if found.records:
            raise self._which(found.phrase, found.records, rewrite)
        if found.is_pointing:
            raise self._ask("pointing", kinds=kinds)
        raise self._abstain("unknown", phrase=wording.clipped(found.phrase), kinds=kinds)

    def _which(self, phrase: str, refs: Sequence[RecordRef], rewrite: Any, *, more: Sequence[Choice] = ()) -> Instead:
        choices = []
        for ref in refs[:_MOST_CHOICES]:
            detail = detail_of(self.session, ref)
            label = f"{ref.name} ({detail})" if detail else ref.name
            choices.append(Choice(label, rewrite(f"{ref.name} [{ref.type}:{ref.id}]"), ref))
        key = "which" if len(refs) <= _MOST_CHOICES else "which_of_many"
        return self._ask(key, [*choices, *more], phrase=wording.clipped(phrase), count=len(refs))

    def _user(self, name: str) -> RecordRef:
        return self._colleague(self.reading.pieces[name])

    def _colleague(self, piece: Piece) -> RecordRef:
        found = self.targets.user(piece.text)
        if not found.records:
            raise self._abstain("unknown_user", phrase=wording.clipped(found.phrase))
        return self._settled(found, lambda text: self._with(piece, text))

    def _full_name(self, record: Piece | None, who: Piece | None) -> tuple[Piece, Piece]:
        """“weise die Aufgabe Marcus Oyelaran zu”: where the name begins only the list of colleagues tells."""
        if record is None or who is None:
            raise self._abstain("unknown_user", phrase="")
        head, _, first = record.text.rpartition(" ")
        if head and self.language == "de" and self.targets.user(f"{first} {who.text}").one:
            start = who.end - len(f"{first} {who.text}")
            cut = Piece(head, record.start, record.start + len(head))
            return cut, Piece(f"{first} {who.text}", start, who.end)
        return record, who

    def _links(self, text: str, *, with_page: bool = True) -> list[RecordRef]:
        """The records a text names; those of the page where it names none."""
        found: list[RecordRef] = []
        for mention in self.targets.mentions(text):
            if len(mention.records) == 1:
                found.append(mention.records[0])
            elif mention.records and _NONE.strip() not in self.question.text:
                none = Choice(self._say("none_of_them"), self._plus(_NONE.strip()))
                raise self._which(
                    mention.phrase, mention.records, lambda t, m=mention: self._instead_of(m.phrase, t), more=[none]
                )
        if not found and (pronoun := wording.PERSON.search(text)):
            found += self.targets.find(pronoun[0], ("contact",)).records[:1]
        if not found and with_page and (page := self.targets.page(LINKED)):
            found.append(page)
        return list(dict.fromkeys(found))

    @staticmethod
    def _as_links(refs: Sequence[RecordRef]) -> list[dict[str, Any]]:
        return [{"type": ref.type, "id": ref.id} for ref in refs]

    # --------------------------------------------------------------------------------------------------- days

    def _expect_no_riddle(self, text: str, *, is_needed: bool = False) -> None:
        """Ends with a question where a time is said that is no one day: “next week”, “12/05”."""
        said, days = details.riddle(text, self._today)
        if said is None:
            return
        choices = [self._on(day, self._instead_of(said, "{}")) for day in days] if days else self._days(said)
        if not is_needed:
            choices.append(Choice(self._say("no_date"), self._plus("[no date]")))
        raise self._ask("when_vague", choices)

    @property
    def _today(self) -> date:
        return clock.now().astimezone(self.zone).date()

    def _on(self, day: date, request: str) -> Choice:
        prefix = "am" if self.language == "de" else "on"
        return Choice(wording.day(day, self.language), request.replace("{}", f"{prefix} {day.isoformat()}", 1))

    def _days(self, said: str | None = None) -> list[Choice]:
        """Days to choose from: tomorrow, Monday and Friday next week, in two weeks."""
        monday = self._today + timedelta(days=7 - self._today.weekday())
        days = {self._today + timedelta(days=1), monday, monday + timedelta(days=4), self._today + timedelta(weeks=2)}
        request = self._instead_of(said, "{}") if said else self._plus("{}")
        return [self._on(day, request) for day in sorted(days)]
