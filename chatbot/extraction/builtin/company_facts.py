"""Industry and size of the companies of a meeting, and for which of them each is said.

"We" are the speaker's company, a name in the sentence is itself, and what leaves the subject out speaks of the company
named last or of the speaker's own. A number counts as a size with people behind it, or as the answer to how many they
are; units like beds or shops stand in where no people were counted. No fact, no field.
"""

from __future__ import annotations

# ruff: noqa: E501 - a pattern broken in the middle is harder to read than a long line
import re
from collections.abc import Iterator
from dataclasses import dataclass

from chatbot.extraction.builtin import trades
from chatbot.extraction.builtin.companies import Company
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.builtin.people import Person
from chatbot.extraction.numbers import Number, find_numbers

_GAP = r"(?:[-\s]odd|\s(?:or so|and some|plus|and counting))?(?:\s(?!(?:and|or|of|in|on|at|other|more|extra|further|und|oder|von|weitere\w*|andere\w*)\b)[a-zäöü][\w-]*){0,2}?"
_PEOPLE = re.compile(
    rf"{_GAP}\s*(?:people|of us\b|employees|staff\b|headcount|heads\b|folks|on (?:the )?(?:payroll|staff)|leute?\b|mitarbeitende\w*|mitarbeiter\w*|"
    r"beschäftigte\w*|angestellte\w*|köpfe|mann\b|personen)",
    re.I,
)
_WORKERS = re.compile(
    rf"{_GAP}\s*(?:drivers|engineers|carers|nurses|consultants|colleagues|developers|teachers|divers|workers|fahrer\b|fahrerinnen|kolleg\w+|seeleute|monteure)\b",
    re.I,
)
_UNITS = re.compile(
    rf"{_GAP}\s*(?:beds|schools|hotels|hospitals|homes|shops|stores|branches|stations|practices|clubs|centres|properties|farms|trucks|"
    r"betten|filialen|läden|hotels|kliniken|schiffe|lkw)\b(?!\s(?:a|per|each|am|pro)\b)",
    re.I,
)
#: Numbers of people that are not the firm: a team, a shift, those who get a licence or a training.
_PART = re.compile(
    r"\b(?:team|department|crew|abteilung|schicht|training|trained|schulung\w*|licen[cs]\w*|lizenz\w*|users?|nutzer\w*|seats?|per|pro|each|je|hired?|hiring|lost|laid|"
    r"interview\w*|invite\w*|attend\w*|candidates|applicants|bewerb\w*|pilot\w*|pieces|complain\w*|session|workshop|room|meeting|phase|users?|test\w*|want\w*|training)\b",
    re.I,
)
_BEFORE_PART = re.compile(
    r"\b(?:for|für|to|by|with only|another|other|weitere\w*|only|my|meine|davon|bei|of which|all|of|these|those|all those|extra|teams? of|another|more)\s*$",
    re.I,
)
_HOW_MANY = re.compile(
    r"\b(?:how (?:many|big|large)\b(?!\s(?:\w+\s)?(?:days|weeks|hours|licen\w+|users|seats|sites|plants|calls|orders|tickets|times|invoices))|head ?count|wie groß\b|wie viele?\b.{0,12}\b(?:leute|mitarbeit\w*|angestellte\w*|beschäftigte\w*|köpfe|personen|seid|sind)\b)",
    re.I,
)
_MANY_PEOPLE = re.compile(
    r"\b(?:people|employees|staff|heads?|head ?count|are you|you are|work(?:ing)? (?:for|there|here)|of you|big|large|groß|leute|mitarbeit\w*|angestellte\w*|beschäftigte\w*|ihr team|size)\b",
    re.I,
)
#: What may stand behind the bare number of an answer; a noun there is counted and not people.
_ENDS = re.compile(
    r"\s*(?:[,.;?!]|$|(?:or so|in|at|on|all|by|now|these|altogether|together|if|with|and|plus|most\w*|im|mit|insgesamt|so|aktuell|derzeit|etwa|oder)\b)",
    re.I,
)
#: "Eight hundred people in the wards": a part of them.
_INSIDE = re.compile(
    r"\s(?:in der|im|in the)\s(?!(?:office|company|group|whole|firma|gruppe|unternehmen|verwaltung|winter|sommer|summer|season)\b)\w+",
    re.I,
)
_PART_OF_FIRM = re.compile(
    r"\bin (?:the|your|der|dem|ihrer|ihrem)\s(?!(?:company|firm|business|group|firma))\w+|\bteam\b", re.I
)
_YOU_HAVE = re.compile(r"\byou(?:['’]re| are|['’]ve| have)\b[^.]{0,25}$|\bsie (?:sind|haben)\b[^.]{0,20}$", re.I)
_WE = re.compile(r"\b(?:we|we're|we've|us|our|i|i've|wir|uns|unser\w*|ich)\b", re.I)
_CORRECTS = re.compile(r"\b(?:by now|now|nowadays|these days|actually|inzwischen|mittlerweile|jetzt|heute)\b", re.I)
#: Sentences after a name in which what leaves out its subject speaks of it.
_NEAR = 4


@dataclass(frozen=True, slots=True)
class _Fact:
    rank: int
    value: str
    sentence: Sentence


def describe_all(discourse: Discourse, companies: list[Company], people: list[Person]) -> None:
    """Fill in industry and size of each company, with the sentences that say so."""
    _Facts(discourse, companies, people).fill()


class _Facts:
    def __init__(self, discourse: Discourse, companies: list[Company], people: list[Person]) -> None:
        self.discourse, self.companies = discourse, companies
        by_name = {company.name: company for company in companies}
        self.employer = {label: by_name.get(p.company or "") for p in people for label in p.labels}
        self.own = {label for p in people for label in p.labels if p.side == "own"}
        self.spots: dict[int, list[tuple[int, int, Company]]] = {}
        for company in companies:
            for spot in company.spots:
                self.spots.setdefault(spot.sentence, []).append((spot.start, spot.end, company))
        self.sizes: dict[int, list[_Fact]] = {}
        self.trades: dict[int, list[_Fact]] = {}

    def fill(self) -> None:
        for sentence in self.discourse.sentences:
            text = clean(sentence.text)
            for company, fact in self._sizes_in(sentence, text):
                self.sizes.setdefault(id(company), []).append(fact)
            for company, fact in self._trades_in(sentence, text):
                self.trades.setdefault(id(company), []).append(fact)
        german = self.discourse.meeting.language == "de"
        for company in self.companies:
            size = _best(self.sizes.get(id(company), []))
            if size:
                company.size = size.value
                company.proofs.append(size.sentence)
            told = _best(self.trades.get(id(company), []))
            named = trades.of_name(company.name, german=german)
            if told and (told.rank > 1 or not named):
                company.industry = told.value
                company.proofs.append(told.sentence)
            else:
                company.industry = named

    # whose

    def _about(self, sentence: Sentence, text: str, place: int) -> Company | None:
        """The company a statement at this place of the sentence is about."""
        here = [spot for spot in sorted(self.spots.get(sentence.index, ()), key=lambda s: s[0]) if spot[0] < place + 60]
        before = [spot for spot in here if spot[0] <= place]
        if before or here:
            return (before[-1] if before else here[0])[2]
        speaker = sentence.speaker or ""
        if _YOU_HAVE.search(text[:place]) and not _WE.search(text[:place]):
            return self._other(sentence)
        if _WE.search(text[: place + 20]):
            return self.employer.get(speaker) or (None if speaker in self.own else self._recent(sentence))
        if re.match(r"(?:and |so )?(?:you|you're)\b", text, re.I) and (asked := self._other(sentence)):
            return asked
        employer = self.employer.get(speaker)
        if employer is not None and not re.search(
            r"\b(?:they|they're|their|there|die|deren|dort)\b", text[: place + 20], re.I
        ):
            return employer
        return self._recent(sentence) or (self._other(sentence) if sentence.question else None)

    def _recent(self, sentence: Sentence) -> Company | None:
        for earlier in reversed(self.discourse.before(sentence, _NEAR)):
            if spots := self.spots.get(earlier.index):
                return max(spots, key=lambda spot: spot[0])[2]
        return self.companies[0] if sentence.speaker is None and len(self.companies) == 1 else None

    def _other(self, sentence: Sentence) -> Company | None:
        """The company of whom the speaker is talking to: the other one who spoke last or speaks next."""
        around = [*reversed(self.discourse.before(sentence, _NEAR)), *self.discourse.after(sentence, 2)]
        return next(
            (c for s in around if s.speaker != sentence.speaker and (c := self.employer.get(s.speaker or ""))), None
        )

    def _asked(self, sentence: Sentence) -> Sentence | None:
        """The question this sentence may answer."""
        earlier = [s for s in self.discourse.before(sentence, 3) if s.speaker != sentence.speaker]
        return earlier[-1] if earlier and sentence.turn - earlier[-1].turn == 1 else None

    # size

    def _sizes_in(self, sentence: Sentence, text: str) -> Iterator[tuple[Company, _Fact]]:
        asked = self._asked(sentence)
        answers = asked is not None and _HOW_MANY.search(asked.text) is not None
        for number in find_numbers(text):
            rank = self._rank(sentence, text, number, asked, answers=answers)
            if not rank or not (company := self._about(sentence, text, number.start)):
                continue
            yield company, _Fact(rank, f"{number.value:g}", sentence)

    def _rank(self, sentence: Sentence, text: str, number: Number, asked: Sentence | None, *, answers: bool) -> int:
        """4: people, as an answer; 3: people; 2: workers of one kind; 1: units; 0: no size."""
        if number.value < 2 or number.value % 1 or number.value > 500_000:
            return 0
        before, after = text[: number.start], text[number.end :]
        clause = re.split(r"[,;:]", before)[-1] + re.split(r"[,;:]", after)[0]
        is_part = (
            _PART.search(clause)
            or _BEFORE_PART.search(before[-20:])
            or re.match(r"[-\s]*(?:percent|per cent|prozent|%)", after)
        )
        if is_part and not answers:
            return 0
        if people := _PEOPLE.match(after):
            inside = _INSIDE.match(after[people.end() :]) or re.search(
                r"\bthere(?:'s| are| were)\b[^,]*$", before, re.I
            )
            return 4 if answers else 3 if self._is_whole(sentence, text, number) and not inside else 0
        if asked and self._answers_by_figure(asked.text, after, text, number, answers=answers):
            return 4
        if answers and asked and _MANY_PEOPLE.search(asked.text) and _WORKERS.match(after):
            return 2
        if not self._is_whole(sentence, text, number):
            return 0
        early = sentence.index < max(30, 0.3 * len(self.discourse.sentences))
        return 2 if _WORKERS.match(after) else 1 if early and _UNITS.match(after) else 0

    def _answers_by_figure(self, question: str, after: str, text: str, number: Number, *, answers: bool) -> bool:
        """A bare number: after "how many people?", or mending the number of people that was asked about."""
        if not _ENDS.match(after) or number.value < 3:
            return False
        if answers and _MANY_PEOPLE.search(question):
            return _PART_OF_FIRM.search(question) is None
        echo = find_numbers(question) and (_PEOPLE.search(question) or re.search(r"\bheads\b", question, re.I))
        return bool(
            echo
            and (question.rstrip().endswith("?") or _CORRECTS.search(text))
            and len(text) < 60
            and (number.start < 6 or _CORRECTS.search(text))
        )

    def _is_whole(self, sentence: Sentence, text: str, number: Number) -> bool:
        """Is the number the firm's? It is introduced as such: "we're …", "with …", a clause without verb."""
        if number.value < 10 and not re.search(
            r"\b(?:we're|we are|they're|they are|wir sind|sind wir|zu)\b", text[: number.start], re.I
        ):
            return False
        clause = re.split(r"[,;:.]", text[: number.start])[-1].strip()
        whole = re.search(
            r"\b(?:we(?:'re| are|'ve| have|'ve got| employ)?|they(?:'re| are|'ve| have)?|it's|there (?:are|were)|us|all in|about|around|roughly|approx\w*|nearly|just under|over|some|with|has|have|got|employs?|is|are|"
            r"wir|sind|haben|hat|rund|knapp|etwa|gut|ca|circa|ungefähr|zirka|über|mit|insgesamt|ganzen|beschäftigen|so)\b",
            clause,
            re.I,
        )
        return bool(whole or not clause or len(clause.split()) <= 2 or "itself" in text or sentence.speaker is None)

    # trade

    def _trades_in(self, sentence: Sentence, text: str) -> Iterator[tuple[Company, _Fact]]:
        asked_by = self._asked(sentence)
        asked = asked_by is not None and trades.ASKED.search(asked_by.text) is not None
        intro = _PEOPLE.search(text) is not None and bool(find_numbers(text))
        found = trades.said(text)
        if found and (company := self._about(sentence, text, found[0])):
            yield company, _Fact(4 if asked else 3, found[1], sentence)
        for _, end, company in self.spots.get(sentence.index, ()):
            rest = text[end:]
            beside = trades.makes(rest) or (
                trades.apposed(rest[2:70], named=True) if rest[:2] in (", ", " =", ": ") else None
            )
            if beside:
                yield company, _Fact(3, beside, sentence)
        opens_with_name = any(start < 4 for start, _, _ in self.spots.get(sentence.index, ()))
        if (
            found is None
            and not opens_with_name
            and (what := trades.apposed(text))
            and len(text) < 90
            and (company := self._about(sentence, text, 0))
        ):
            yield company, _Fact(2, what, sentence)
        thing = trades.made(text, asked=asked, intro=intro)
        early = sentence.index < max(60, 0.3 * len(self.discourse.sentences))
        if thing and (asked or early or intro) and (company := self._about(sentence, text, thing[0])):
            yield company, _Fact(3 if asked else 2 if intro else 1, thing[1], sentence)


def _best(facts: list[_Fact]) -> _Fact | None:
    """The first of the highest rank."""
    return max(facts, key=lambda fact: fact.rank) if facts else None
