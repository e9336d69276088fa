"""The rules' verdict on a question: a plan they can stand behind, a question back, a search, or that they abstain.

A number is only ever answered from a plan that accounts for every word that means something. What asks for a number and
is not understood is not searched for either: nothing can be counted in snippets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chatbot.assistant.types import Exchange, Question, RecordRef, Routed
from chatbot.assistant.understanding import (
    about_list,
    alternatives,
    belonging,
    beyond,
    coverage,
    definite,
    followups,
    narrowing,
    parser,
    peeling,
    planning,
    soundness,
    subjects,
    tracing,
    turns,
)
from chatbot.assistant.understanding.asking_back import UNSURE
from chatbot.assistant.understanding.concepts import STATES, cmp
from chatbot.assistant.understanding.drafts import Draft
from chatbot.assistant.understanding.items import Reading
from chatbot.assistant.understanding.reading import read_question
from chatbot.assistant.understanding.rewording import without_formality
from chatbot.assistant.understanding.sentence import Parse

#: Confidence of a plan that explains every word, and how much of it each corrected word costs.
from chatbot.assistant.understanding.verdict import Verdict
from shared.query.dates import Calendar
from shared.query.plan import And, Order, Plan
from shared.tenancy import TenantSession


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as read, and the verdict on it."""

    reading: Reading
    parse: Parse
    draft: Draft | None
    routed: Routed


def understand(session: TenantSession, question: Question) -> Understood:
    """Read a question by the rules alone; what it leaves out is taken from the exchange before it."""
    if not question.history and question.page is None:
        question = replace(question, text=without_formality(question.text))
    found = _whole(session, question)

    def alone(text: str) -> Routed:
        return _whole(session, replace(question, text=text, listing=None, history=())).routed

    either = alternatives.joined(question.text, found.routed, alone) if found.routed.of_list is None else None
    return replace(found, routed=replace(either, language=found.routed.language)) if either is not None else found


def _whole(session: TenantSession, question: Question) -> Understood:
    """The question as one."""
    calendar = replace(Calendar.of(session), zone=question.asker.zone)
    if question.listing is not None and (routed := _of_list(session, question, calendar)) is not None:
        reading = _read(session, question.text, calendar)
        return Understood(reading, parser.parse(reading), None, routed)
    reading = narrowing.narrow(session, _read(session, question.text, calendar), question.page)
    subject = _subject(question, reading)
    parse = parser.parse(reading, subject, is_open=subject is not None and subject == question.page)
    definite.resolve(session, parse, question.asker, calendar.today)
    last = question.history[-1] if question.history else None
    if last is not None:
        turns.go_on_about(reading, parse, last)
    hints = turns.hints(reading, parse, last.plan if last is not None else None)
    if last is not None and turns.points_back(reading, parse, last.plan):
        last = turns.of_the_winner(session, last, question.asker)
    going_on = _goes_on(reading, parse, last, calendar) if last is not None and hints.may else None
    if going_on is not None and hints.must and last is not None and followups.is_of_focus(reading, parse, last):
        alone = _understood(session, question, reading, parse, _draft(parse, calendar))
        if alone.routed.confidence > UNSURE and alone.routed.kind in ("structured", "clarify"):
            return alone
    if going_on is not None and hints.must:
        return _understood(session, question, reading, parse, going_on, by="follow-up")
    if going_on is None and last is not None and turns.is_having(reading, last.plan):
        return _understood(session, question, reading, parse, None)  # of those that were answered, and of no others
    alone = _understood(session, question, reading, parse, _draft(parse, calendar))
    is_of_nothing = turns.is_of_nothing(parse, alone.routed.plan) or turns.needs_what_was_before(parse)
    is_of_nothing = (hints.must and is_of_nothing) or (last is not None and last.plan is None and _is_rest(parse))
    if going_on is None and question.page is None and is_of_nothing:
        return _understood(session, question, reading, parse, None)  # “what's that worth?”, of nothing known
    if going_on is not None and (alone.routed.confidence <= UNSURE or turns.is_of_nothing(parse, alone.routed.plan)):
        return _understood(session, question, reading, parse, going_on, by="follow-up")
    return alone


def _is_rest(parse: Parse) -> bool:
    """“without low priority”: no records are named, so it was said of what could not be answered before."""
    first = next((item for item in parse.reading.items if item.kind != "break"), None)
    is_tied = first is not None and (first.has("neg") or first.has("link") or first.has("follow"))
    return is_tied and (parse.head is None or parse.head.item is None) and not (parse.asks or parse.names)


def _of_list(session: TenantSession, question: Question, calendar: Calendar) -> Routed | None:
    def alone(text: str) -> Routed:
        bare = replace(question, text=text, listing=None, history=(), page=None)
        return understand(session, bare).routed

    return about_list.route(session, question, calendar, lambda text: _read(session, text, calendar), alone)


def _read(session: TenantSession, text: str, calendar: Calendar) -> Reading:
    """The question as read, without what is said around it."""
    reading = read_question(session, text, calendar)
    alone = peeling.rest(reading)
    return read_question(session, alone, calendar, reading.language) if alone is not None else reading


def _understood(
    session: TenantSession,
    question: Question,
    reading: Reading,
    parse: Parse,
    draft: Draft | None,
    *,
    by: str = "rules",
) -> Understood:
    verdict = Verdict(session, question, reading, parse, draft)
    routed = verdict.planned(draft) if by == "follow-up" and draft is not None else verdict.routed()
    routed = about_list.kept(question, replace(routed, language=reading.language, by=by))
    return Understood(reading, parse, draft, routed)


def _goes_on(reading: Reading, parse: Parse, last: Exchange | None, calendar: Calendar) -> Draft | None:
    """The last plan revised, if every word of the question has its part in that."""
    draft = followups.draft(reading, last, calendar.today) if last is not None else None
    if draft is None or draft.unexplained or draft.impossible or draft.doubts:
        return None
    if draft.plan is not None and _is_other_than_said(
        replace(parse, reading=turns.without_what_is_taken_back(reading)), draft.plan
    ):
        return None
    return draft


def _is_other_than_said(parse: Parse, plan: Plan) -> bool:
    """What a fragment says must be in the revised plan as well; its shape may be that of the plan before."""
    ways = (tracing.untraced, belonging.strays, beyond.kinds)
    return any(way(parse, plan) for way in ways)


def _subject(question: Question, reading: Reading) -> RecordRef | None:
    """What “it” or “her” means: the record talked about; “this” and “here” mean the page."""
    focus = question.history[-1].focus if question.history else None
    points_here = any(item.has("deictic", "this", "here") for item in reading.items)
    is_person = any(item.has("deictic", "person") for item in reading.items)
    if is_person and focus is not None and focus.type not in ("contact", "user"):
        return question.page if question.page is not None and question.page.type == "contact" else None
    return question.page if focus is None or (points_here and question.page is not None) else focus


def _draft(parse: Parse, calendar: Calendar) -> Draft | None:
    if parse.reading.text.is_too_long:
        return None
    if "agenda" in parse.specials:
        return _special(parse, _agenda(parse, calendar))
    if "news" in parse.specials and parse.head is None:
        return _special(parse, _news(parse, calendar))
    made = planning.draft(parse, calendar.today) if parse.head is not None else subjects.draft(parse, calendar.today)
    if made is not None and made.plan is not None:
        made.impossible += _doubts(parse, made.plan)
    return made


def _doubts(parse: Parse, plan: Plan) -> list[str]:
    """All that speaks against a plan."""
    ways = (soundness.faults, coverage.gaps, tracing.untraced, belonging.strays, beyond.kinds)
    return [doubt for way in ways for doubt in way(parse, plan)]


def _special(parse: Parse, plan: Plan) -> Draft:
    return Draft(plan, unexplained=parse.unexplained())


def _agenda(parse: Parse, calendar: Calendar) -> Plan:
    """What somebody should do: their open tasks due by now, or in the time that is said."""
    times = [i for i in parse.loose if parse.reading.items[i].kind == "time"]
    parse.used |= set(times)
    period = parse.reading.items[times[0]].data if times else None
    if period is None and "my_week" in parse.specials:
        due = [cmp("due_date", "eq", "this_week")]
    elif period is None or period.span.first == "today":
        due = [cmp("due_date", "lte", "today")]
    else:
        due = period.conditions("due_date", ahead=True, today=calendar.today)
    nodes = (STATES["open"]["task"], cmp("assignee_id", "eq", "me"), *due)
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
