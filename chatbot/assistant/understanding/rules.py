"""The rules' verdict on a question: a plan they can stand behind, a question back, a search, or that they abstain.

A number is only ever answered from a plan that accounts for every word that means something. What asks for a number and
is not understood is not searched for either: nothing can be counted in snippets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from chatbot.assistant.types import Choice, Exchange, Question, RecordRef, Routed
from chatbot.assistant.understanding import definite, followups, narrowing, parser, planning, soundness, subjects
from chatbot.assistant.understanding.clauses import Cue
from chatbot.assistant.understanding.concepts import STATES, cmp
from chatbot.assistant.understanding.messages import say
from chatbot.assistant.understanding.planning import Draft
from chatbot.assistant.understanding.reading import Item, Reading, read_question
from chatbot.assistant.understanding.sentence import Named, Parse
from shared import clock
from shared.errors import Invalid
from shared.query.checking import check_plan
from shared.query.dates import Calendar
from shared.query.plan import And, Order, Plan
from shared.schemas.chat import RouteKind
from shared.tenancy import TenantSession

#: Confidence of a plan that explains every word, and how much of it each corrected word costs.
SURE, PER_CORRECTION = 0.95, 0.05
#: Below this the rules would rather have a model look at the question, if there is one.
UNSURE = 0.5
_COUNTING = ("how_many", "how_much")
_MOST_CHOICES = 8


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as read, and the verdict on it."""

    reading: Reading
    parse: Parse
    draft: Draft | None
    routed: Routed


def understand(session: TenantSession, question: Question) -> Understood:
    """Read a question by the rules alone; what it leaves out is taken from the exchange before it."""
    calendar = replace(Calendar.of(session), zone=question.asker.zone)
    reading = narrowing.narrow(session, read_question(session, question.text, calendar))
    parse = parser.parse(reading, _subject(question, reading))
    definite.resolve(session, parse, question.asker, calendar.today)
    last = question.history[-1] if question.history else None
    hints = followups.hints(reading, parse)
    going_on = _goes_on(reading, last, calendar) if last is not None and hints.may else None
    if going_on is not None and hints.must and last is not None and followups.is_of_focus(reading, parse, last):
        alone = _understood(session, question, reading, parse, _draft(parse, calendar))
        if alone.routed.confidence > UNSURE and alone.routed.kind in ("structured", "clarify"):
            return alone
    if going_on is not None and hints.must:
        return _understood(session, question, reading, parse, going_on, by="follow-up")
    alone = _understood(session, question, reading, parse, _draft(parse, calendar))
    if going_on is not None and alone.routed.confidence <= UNSURE:
        return _understood(session, question, reading, parse, going_on, by="follow-up")
    return alone


def _understood(
    session: TenantSession,
    question: Question,
    reading: Reading,
    parse: Parse,
    draft: Draft | None,
    *,
    by: str = "rules",
) -> Understood:
    verdict = _Verdict(session, question, reading, parse, draft)
    routed = verdict.planned(draft) if by == "follow-up" and draft is not None else verdict.routed()
    return Understood(reading, parse, draft, replace(routed, language=reading.language, by=by))


def _goes_on(reading: Reading, last: Exchange | None, calendar: Calendar) -> Draft | None:
    """The last plan revised, if every word of the question has its part in that."""
    draft = followups.draft(reading, last, calendar.today) if last is not None else None
    if draft is None or draft.unexplained or draft.impossible or draft.doubts:
        return None
    return draft


def _subject(question: Question, reading: Reading) -> RecordRef | None:
    """What “it” or “her” means: the record talked about; “this” and “here” mean the page."""
    focus = question.history[-1].focus if question.history else None
    points_here = any(item.has("deictic", "this", "here") for item in reading.items)
    return question.page if focus is None or (points_here and question.page is not None) else focus


def _draft(parse: Parse, calendar: Calendar) -> Draft | None:
    if parse.reading.text.is_too_long:
        return None
    if "agenda" in parse.specials:
        return _special(parse, _agenda())
    if "news" in parse.specials and parse.head is None:
        return _special(parse, _news(parse, calendar))
    made = planning.draft(parse, calendar.today) if parse.head is not None else subjects.draft(parse, calendar.today)
    if made is not None and made.plan is not None:
        made.impossible += soundness.faults(parse, made.plan)
    return made


def _special(parse: Parse, plan: Plan) -> Draft:
    return Draft(plan, unexplained=parse.unexplained())


def _agenda() -> Plan:
    """What somebody should do today: their open tasks due by now."""
    nodes = (STATES["open"]["task"], cmp("assignee_id", "eq", "me"), cmp("due_date", "lte", "today"))
    return Plan(from_="task", where=And(of=nodes), order=(Order(by="due_date"),))


def _news(parse: Parse, calendar: Calendar) -> Plan:
    """What has happened: deals with activity in the time asked about, latest first."""
    times = [i for i in parse.loose if parse.reading.items[i].kind == "time"]
    parse.used |= set(times)
    period = parse.reading.items[times[0]].data if times else None
    nodes = (
        period.conditions("last_activity_at", ahead=False, today=calendar.today)
        if period is not None
        else [cmp("last_activity_at", "gte", "last_7_days")]
    )
    where = nodes[0] if len(nodes) == 1 else And(of=tuple(nodes))
    return Plan(from_="deal", where=where, order=(Order(by="last_activity_at", descending=True),), limit=20)


class _Verdict:
    def __init__(
        self, session: TenantSession, question: Question, reading: Reading, parse: Parse, draft: Draft | None
    ) -> None:
        self.session, self.question, self.reading = session, question, reading
        self.parse, self.draft, self.language = parse, draft, reading.language
        self.today = clock.today(question.asker.zone.key)

    def routed(self) -> Routed:
        if not self.reading.text.tokens:
            return self._abstain("empty")
        if self.reading.text.is_too_long:
            return Routed("semantic", search=self.question.text[:500], confidence=UNSURE)
        if self.parse.specials & {"only", "more"} and self.parse.head is None and not self._has_plan_before():
            return self._abstain("no_earlier")
        if self._is_smalltalk():
            return self._abstain("smalltalk")
        if self._is_free_text():
            return self._free_text()
        draft = self.draft
        if draft is None:
            return self._no_plan()
        if draft.ambiguous and not draft.unexplained:
            return self._which_one(draft.ambiguous[0])
        if draft.unexplained:
            return self._not_explained(draft)
        if "no page" in draft.impossible:
            return self._abstain("no_subject")
        if draft.impossible or draft.plan is None:
            return self._abstain("cannot", confidence=UNSURE - 0.1)
        if draft.doubts:
            return self._which_date(draft)
        return self.planned(draft)

    # ------------------------------------------------------------------------------------------------------- structured

    def planned(self, draft: Draft) -> Routed:
        """A plan that accounts for every word; of namesakes one must be chosen first."""
        if draft.ambiguous:
            return self._which_one(draft.ambiguous[0])
        assert draft.plan is not None
        try:
            check_plan(draft.plan)
        except Invalid:
            return self._abstain("cannot", confidence=UNSURE - 0.1)
        confidence = max(UNSURE, SURE - PER_CORRECTION * self.reading.corrections)
        # What meetings are about is in what was said; their titles alone would miss most of it.
        is_about = bool(draft.plan.q) and draft.plan.from_ in ("meeting", "deal") and not draft.plan.is_measured
        kind: RouteKind = "hybrid" if "summary" in self.parse.specials or is_about else "structured"
        search = self.question.text if kind == "hybrid" else ""
        return Routed(
            kind, confidence=confidence, plan=draft.plan, search=search, about=tuple(draft.about),
            focus=draft.about[0] if len(draft.about) == 1 else None,
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------------------ questions

    def _which_one(self, named: Named) -> Routed:
        """Ask which of the namesakes is meant; each choice is the question with the record in place of the name."""
        details = narrowing.details(self.session, named.records[:_MOST_CHOICES])
        choices = []
        for record, detail in zip(named.records[:_MOST_CHOICES], details, strict=True):
            label = f"{record.name} ({detail})" if detail else record.name
            choices.append(Choice(label, self._with_record(named, record), record))
        name = _plain_name(self.reading.text.slice(named.mention.first, named.mention.last))
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

    # ------------------------------------------------------------------------------------------------------ free text

    def _is_free_text(self) -> bool:
        parse = self.parse
        if "agenda" in parse.specials or "news" in parse.specials:
            return False
        is_promise = "promise" in parse.specials and (parse.head is None or parse.head.entity != "task")
        return bool(parse.texts) or parse.has("why") or "summary" in parse.specials or is_promise

    def _free_text(self) -> Routed:
        """Search for it; a summary or a “why” also shows what the records themselves say."""
        if self._is_counting():
            return self._abstain_words(self._unexplained())
        about, ambiguous = self._named()
        if ambiguous is not None:
            return self._which_one(ambiguous)
        if self.parse.head is not None and self.parse.head.entity == "meeting":
            meeting = definite.head_record(self.session, self.parse, self.question.asker, self.today)
            about = [meeting] if meeting is not None else about
        unknown = self._unknown_name(self._unexplained())
        if unknown and not about:
            return self._abstain("unknown_name", name=unknown)
        plan = self._facts(about)
        return Routed(
            "hybrid" if plan is not None else "semantic", confidence=0.8, plan=plan, search=self.reading.text.written,
            about=tuple(about), focus=about[0] if len(about) == 1 else None,
        )  # fmt: skip

    def _named(self) -> tuple[list[RecordRef], Named | None]:
        """The records the question names, one of each name, whatever part of the plan they had."""
        about: list[RecordRef] = []
        ambiguous: Named | None = None
        for i, item in enumerate(self.reading.items):
            if item.kind != "name":
                continue
            mention = item.data[0]
            if not mention.is_strong:
                continue
            types = sorted(
                (t for t in mention.by_type if t != "user"),
                key=lambda t: (not any(c.is_whole for c in mention.by_type[t]), _TYPE_ORDER.index(t)),
            )
            if not types:
                continue
            type_ = "deal" if "deal" in types and self._says_deal(i) else types[0]
            records = mention.records(type_)
            if len(records) == 1:
                about.append(records[0])
            elif ambiguous is None:
                ambiguous = Named(i, mention, type_, records)
        page = self.question.page
        if not about and page is not None and (self.parse.deictic or not self._has_names()):
            about.append(page)
        return about, ambiguous

    def _has_names(self) -> bool:
        return any(item.kind in ("name", "unknown") for item in self.reading.items)

    def _says_deal(self, i: int) -> bool:
        return any(item.sense("noun") == "deal" for item in self.reading.items[max(0, i - 2) : i + 3])

    def _facts(self, about: list[RecordRef]) -> Plan | None:
        """The record's own fields beside what is found in texts: for summaries, and for why a deal was lost."""
        is_summary = "summary" in self.parse.specials
        if not about or not (is_summary or self.parse.has("why")) or about[0].type == "meeting":
            return None
        record = about[0]
        if not self.parse.has("why"):
            return Plan(from_=record.type, where=cmp("id", "eq", str(record.id)))
        field = {"deal": "id", "company": "company_id", "contact": "contact_id"}.get(record.type)
        if field is None:
            return None
        where = [cmp(field, "eq", str(record.id))]
        if record.type != "deal" and any(c.concept == "lost" for c in self._cues()):
            where.append(cmp("stage_type", "eq", "lost"))
        fields = ("stage", "lost_reason", "closed_at", "amount")
        return Plan(from_="deal", where=where[0] if len(where) == 1 else And(of=tuple(where)), fields=fields)

    def _cues(self) -> list[Cue]:
        return [*self.parse.cues, *(self.parse.head.cues if self.parse.head else ())]

    # --------------------------------------------------------------------------------------------------- not answered

    def _no_plan(self) -> Routed:
        """Nothing in the question has a subject or a record type."""
        unknown = self._unknown_name(self._unexplained())
        if self.parse.topic and not self._is_counting():
            return self._search()
        if unknown:
            return self._abstain("unknown_name", name=unknown)
        if self._is_about_a_price(self._unexplained()):
            return self._search()
        if self._is_counting() or self.parse.groups or self.parse.superlatives:
            return self._abstain_words(self._unexplained())
        if self.parse.deictic and self.question.page is None:
            return self._abstain("no_subject")
        return self._search()

    def _is_about_a_price(self, items: list[Item]) -> bool:
        """“how much does a missed ferry cost”: not a figure of the CRM, but somebody may have said it."""
        parse = self.parse
        is_sum = parse.has("how_many") or parse.aggregates or parse.metric or parse.groups
        is_money = any(item.has("state", "open", "won", "lost") for item in self.reading.items)
        is_unknown = any(item.kind == "unknown" for item in items)
        return parse.has("how_much") and is_unknown and not is_sum and not is_money

    def _not_explained(self, draft: Draft) -> Routed:
        if self._is_about_a_price(draft.unexplained) and not self._unknown_name(draft.unexplained):
            return self._search(draft.about)
        unknown = self._unknown_name(draft.unexplained)
        if unknown:
            return self._abstain("unknown_name", name=unknown)
        is_measured = draft.plan is not None and draft.plan.is_measured
        if self._is_counting() or is_measured or self.parse.superlatives or self.parse.groups:
            return self._abstain_words(draft.unexplained)
        return self._search(draft.about)

    def _search(self, about: list[RecordRef] | None = None) -> Routed:
        found = about if about is not None else self._named()[0]
        return Routed("semantic", confidence=UNSURE - 0.1, search=self.reading.text.written, about=tuple(found))

    def _is_counting(self) -> bool:
        if "summary" in self.parse.specials and not self.parse.has("how_many"):
            return False
        return self.parse.has(*_COUNTING) or bool(self.parse.aggregates) or self.parse.metric is not None

    def _has_plan_before(self) -> bool:
        history = self.question.history
        return bool(history) and history[-1].plan is not None

    def _is_smalltalk(self) -> bool:
        if "smalltalk" not in self.parse.specials:
            return False
        return (
            self.parse.head is None
            and not self.parse.asked
            and not any(item.kind in ("name", "value", "number", "unknown", "time") for item in self.reading.items)
        )

    def _unexplained(self) -> list[Item]:
        return [item for item in self.parse.unexplained() if not item.has("text")]

    def _unknown_name(self, items: list[Item]) -> str | None:
        """An unknown word where only a name can stand, or written as one."""
        text = self.reading.text
        for item in items:
            if item.kind != "unknown" or text.tokens[item.first].kind not in ("word", "email", "domain", "ref"):
                continue
            token = text.tokens[item.first]
            if token.kind != "word":
                return token.text
            if item.first in range(*_range(text.quoted, item.first)):
                return token.text
            is_name = (
                token.is_capital
                and item.first > 0
                and not text.is_shouted
                and (self.language == "en" or text.tokens[item.first - 1].word in _BEFORE_NAMES)
            )
            if is_name or self._stands_for_a_name(item):
                return self._whole_name(item)
        return None

    def _stands_for_a_name(self, item: Item) -> bool:
        """“at X”, “with X”, “X's …”, “who is X”."""
        tokens = self.reading.text.tokens
        before = tokens[item.first - 1].word if item.first else ""
        after = tokens[item.last].word if item.last < len(tokens) else ""
        if after == "'s":
            return True
        is_last = all(t.kind == "break" for t in tokens[item.last :])
        return is_last and before in (
            "at",
            "bei",
            "is",
            "ist",
            "with",
            "mit",
            "from",
            "von",
            "does",
            "own",
            "owns",
            "by",
        )

    def _whole_name(self, item: Item) -> str:
        """With the unknown words beside it: “Zara Quill”."""
        items = [i for i in self.reading.items if i.kind == "unknown"]
        last = item.last
        for other in items:
            if other.first == last and self.reading.text.tokens[other.first].is_capital:
                last = other.last
        return _plain_name(self.reading.text.slice(item.first, last))

    def _abstain(self, key: str, *, confidence: float = 1.0, **values: str) -> Routed:
        return Routed("abstain", confidence=confidence, message=say(self.language, key, **values))

    def _abstain_words(self, items: list[Item]) -> Routed:
        words = ", ".join(dict.fromkeys(self.reading.words_of(item) for item in items[:4])) or self.question.text[:80]
        return self._abstain("not_understood", confidence=UNSURE - 0.1, words=words)


_TYPE_ORDER = ("company", "contact", "deal", "meeting", "user", "task", "note")


#: In German every noun has a capital; behind these words it is a name.
_BEFORE_NAMES = frozenset(("hat", "hatte", "herr", "herrn", "frau", "bei"))


def _plain_name(text: str) -> str:
    return re.sub(r"['’]s?$", "", text.strip())


def _range(quoted: tuple[tuple[int, int], ...], at: int) -> tuple[int, int]:
    return next(((first, last) for first, last in quoted if first <= at < last), (0, 0))
