"""The day settled for a commitment: in its own words, by what they point back to, or in the short exchange after it.

"I'll send it on Monday."  "Monday's a holiday here."  "Tuesday then."      Tuesday
"The board meets on Thursday."  "You'll have it the day after."             Friday
"I'll send the invite for the workshop on the third."                       none, the third is the workshop's
"You'll have it early next week."                                           none, it comes to no one day
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
from collections.abc import Sequence
from datetime import date, timedelta

from chatbot.extraction.builtin import cues
from chatbot.extraction.builtin.asked import wanted
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.builtin.next_meeting import next_meeting
from chatbot.extraction.builtin.promises import REQUEST, promise, vague
from chatbot.extraction.dates import Day, find_clocks, find_days
from chatbot.extraction.day_steps import find_steps, without_steps

#: Sentences after a commitment in which its day may still be settled.
_SETTLING = 7
#: A sentence longer than this, in words, talks about something else.
_SHORT = 12
#: Sentences before in which the day that "then" means was named.
_BACK = 4
_PLAIN_NAMES = frozenset("mon tue wed thu fri sat sun this:mon this:tue this:wed this:thu this:fri".split())
_EVENT = (
    r"(?:workshop|meeting|call|delivery|board|audit|visit|training|launch|demo|conference|session|fair|review|exam|"
    r"inspection|hearing|webinar|kick-?off|go-live|move|party|holiday|appointment|renewal|opening|"
    r"\w*(?:termin|sitzung|schulung|messe|lieferung|abnahme|besuch|gespräch|vorstand|treffen|besprechung|konferenz|"
    r"veranstaltung|feier|umzug|prüfung|eröffnung|anmeldung))"
)
#: What lasts until a day, or begins after it, is not due on it.
_LASTS = re.compile(r"\b(?:until|till|since|after|seit|nach)\s(?:the\s)?$", re.IGNORECASE)
#: Before a day that belongs to something else: an event, an absence, what is past.
_ANOTHERS = re.compile(
    rf"\b(?:for|of|from|zum|zur|für|vom|von) (?:the |our |your |that |this |a |den |die |das |der |unsere\w* )?"
    rf"(?:[\w-]+ )?{_EVENT}(?: (?:on|am|vom|of))?(?: (?:the|den|dem))?,?\s$"
    r"|\b(?:off|away|out of (?:the )?office|on (?:leave|holiday|vacation)|travelling|back (?:in|at|from)|"
    r"im urlaub|unterwegs|nicht da)\b[^,;]{0,40}\s$"
    r"|\b(?:that|which|who) (?:was|were|came|went|had|has been|we (?:got|had|sent|signed))\b[^,;]{0,40}\s$"
    r"|\bab (?:dem )?$",
    re.IGNORECASE,
)
#: After a day on which somebody is away.
_ABSENT = re.compile(
    r"^[^,;]{0,12}\b(?:(?:I['’]m|bin ich|I am|are|is|ist|sind|we['’]re) (?:\w+ )?(?:off|away|out|on leave|on holiday|"
    r"im urlaub|nicht da|unterwegs|weg)\b|is (?:a|the) (?:\w+ )?holiday|ist (?:\w+ ){0,3}feiertag)",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"\b(?:no|wait|sorry|rather|actually|make it|make that|let['’]s say|instead|better|nein|lieber|besser|doch|"
    r"quatsch|beziehungsweise|sagen wir|vielmehr|or)\b",
    re.IGNORECASE,
)
_AGREES = re.compile(
    r"^[\w'’,]+(?: [\w'’,]+)?(?: is|['’]s)? (?:good|fine|okay|perfect|great|lovely|gut|prima|perfekt|super|"
    r"in ordnung)[.!]|"
    r"^(?:good|fine|okay|perfect|great|lovely|works|that works|gut|prima|perfekt|super|passt|in ordnung)[.!]",
    re.IGNORECASE,
)
_BINDS = re.compile(
    r"\b(?:I|we|you)(?:['’](?:ll|d)| will| can| have| get)\b|\b(?:ich|wir)\b|"
    r"\b(?:bekommen|haben|kriegen|kriegst|hast|bekommst)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"[;:–—]\s|,\s(?=(?:and|but|because|so|und|aber|weil|denn|which|we|they|he|she|it|I|die|der|er|wir|ich)\b)|"
    r"\s(?=(?:but|because|since|aber|weil|denn)\s)|\s(?=and (?:I|we|on|the|they|she|he)\b)|"
    r"\s(?=und (?:am|ich|wir|die)\b)",
    re.IGNORECASE,
)
#: Times that come to no one day.
_NO_DAY = re.compile(
    r"\b(?:early|sometime|some time|beginning of|start of|first half of|middle of|mid|later) (?:next|this|in|on|during|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|week|month|the)\b"
    r"|\b(?:after|before|over) (?:the |our |your )?(?:\w+ )?(?:holidays?|christmas|easter|summer|break|"
    r"vacation|weekend)\b"
    r"|\b(?:in|during) (?:january|february|march|april|may|june|july|august|september|october|november|december|spring|"
    r"summer|autumn|winter)\b(?! (?:the )?\w*\d)"
    r"|\b(?:next|coming) (?:couple|few) (?:of )?|\b(?:a|one) (?:few|couple of) (?:days|weeks)\b"
    r"|\b(?:anfang|mitte|irgendwann|im laufe) (?:der |des )?(?:nächste[rnsm]?|kommende[rnsm]?|diese[rs]|woche|monats?|"
    r"januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember)\b"
    r"|\b(?:nach|vor|über) (?:den |der |dem )?(?:feiertage?n?|ferien|urlaub|weihnachten|ostern|pfingsten|"
    r"wochenende)\b"
    r"|\bim (?:januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember|frühjahr|sommer|"
    r"herbst|winter)\b|\bin den nächsten (?:tagen|wochen)\b",
    re.IGNORECASE,
)
_THEN = re.compile(
    r"\b(?:by then|bis dahin|that day|an dem tag|(?:to|in|at|for|by) that (?:call|meeting|session|workshop)|"
    r"bis zu dem (?:termin|treffen|gespräch))\b|(?<!back )(?<!by )\bthen[.!]?$",
    re.IGNORECASE,
)
_NEXT_MEETING = re.compile(
    r"\b(?:by|before|until|till|for|to) (?:the time we (?:next )?(?:meet|speak|talk|see each other)|"
    r"(?:the|our) next (?:meeting|call|session|round|catch[- ]?up|one|time)|when we (?:next )?(?:meet|speak|talk)|"
    r"next time)\b"
    r"|\bbis (?:zum|zu unserem|zur) nächsten (?:termin|mal|treffen|gespräch|meeting|call|runde)\b"
    r"|\bbis wir uns (?:wieder ?)?(?:sehen|sprechen|treffen)\b",
    re.IGNORECASE,
)
_MEETING_TALK = re.compile(
    r"\b(?:next (?:step|call|meeting|session)|meet again|talk again|let's meet|how about|shall we say|same time|"
    r"calendar|nächste[rn]? (?:termin|runde)|treffen wir|vorschlag|decision-wise|decide|entscheid\w*|board|committee|"
    r"sign(?:ed)?|unterschr\w+|live)\b",
    re.IGNORECASE,
)
_GIVES = re.compile(
    r"\byou(?:['’](?:ll|d)| will| would) (?:have|get)\b|\b(?:bekommen|kriegen|haben) (?:sie|ihr)\b|"
    r"\b(?:kriegst|bekommst|hast) du\b",
    re.IGNORECASE,
)


def without_pointers(phrase: str) -> str:
    """The phrase without "the day after", "by then" and "by the next call"."""
    return _THEN.sub("", _NEXT_MEETING.sub("", without_steps(phrase))).strip()


def due_date(
    discourse: Discourse, sentence: Sentence, part: str | None = None, taker: str | None = None
) -> tuple[date | None, Sentence | None]:
    """The day settled for a commitment and the sentence that settles it.

    `part`: the piece of the sentence that makes the commitment, where it makes several; only its own day counts then.
    `taker`: the label of who says yes to it, where the sentence asks for it.
    """
    if part is not None:
        own = _chosen(part, find_days(part, discourse.meeting.occurred_at.date()))
        return (own.date, sentence) if own else (None, None)
    best = _day_of(discourse, sentence)
    if best is None:
        pointed = _pointed_at(discourse, sentence)
        if pointed[0]:
            return pointed
    undetermined = best is None and _NO_DAY.search(clean(sentence.text)) is not None
    settled, proof = _settled(discourse, sentence, best, taker, least=6 if undetermined else _SHORT)
    if settled is None and not undetermined:
        return _asked_for(discourse, sentence)
    return (settled.date if settled else None), proof


def _settled(
    discourse: Discourse, sentence: Sentence, best: Day | None, taker: str | None, *, least: int
) -> tuple[Day | None, Sentence | None]:
    """What the sentences after it make of the day. Once it was agreed, only an open correction changes it."""
    proof = sentence if best else None
    silent, agreed = 0, False
    for later in discourse.after(sentence, _SETTLING):
        text = clean(later.text)
        if _elsewhere(text, later, sentence, taker) or (best is not None and silent >= 2):
            break
        if best is None and _NO_DAY.search(text):
            break
        mention = _day_of(discourse, later)
        agreed = agreed or (best is not None and later.speaker != sentence.speaker and _AGREES.search(text) is not None)
        if mention is None or cues.NO.search(text) or len(text.split()) > max(least, _SHORT if best else least):
            silent += 1
            continue
        silent = 0
        repeated = best is not None and mention.rule in _PLAIN_NAMES and mention.date.weekday() == best.date.weekday()
        same = best is not None and (repeated or mention.date == best.date)
        if same or (agreed and not _CHANGED.search(text) and not re.match(r"(?:then|dann|oh)\b", text, re.I)):
            agreed = agreed or same
            continue
        if not _turned_down(discourse, later, sentence, best, mention):
            best, proof = mention, later
    return best, proof


def _asked_for(discourse: Discourse, sentence: Sentence) -> tuple[date | None, Sentence | None]:
    """The day in the question or wish that the commitment answers."""
    for earlier in reversed(discourse.before(sentence, 3)):
        if earlier.turn < sentence.turn - 1:
            break
        day = _day_of(discourse, earlier)
        short = earlier.question and len(earlier.text.split()) <= 8
        if day and (short or (earlier.turn < sentence.turn and wanted(earlier))):
            return day.date, earlier
    return None, None


def _pointed_at(discourse: Discourse, sentence: Sentence) -> tuple[date | None, Sentence | None]:
    """ "The day after", "by then" and "by the next call", counted from the day they point to; and where that stands."""
    text = clean(sentence.text)
    if _NEXT_MEETING.search(text):
        return _next_meeting_day(discourse), sentence
    step, then = next(iter(find_steps(text)), None), _THEN.search(text)
    start = step.start if step else then.start() if then else None
    if start is None:
        return None, None
    today = discourse.meeting.occurred_at.date()
    for place in [sentence, *reversed(discourse.before(sentence, _BACK))]:
        days = find_days(text[:start] if place is sentence else clean(place.text), today)
        if days:
            return days[-1].date + timedelta(days=step.days if step else 0), place
    return None, None


def _next_meeting_day(discourse: Discourse) -> date | None:
    for draft in next_meeting(discourse):
        return date.fromisoformat(str(draft.data["when"])[:10])
    return None


def _day_of(discourse: Discourse, sentence: Sentence) -> Day | None:
    """The day a sentence names. A bare weekday means the one just spoken of more exactly, if there is one."""
    today = discourse.meeting.occurred_at.date()
    day = _chosen(clean(sentence.text), find_days(clean(sentence.text), today))
    if day is not None and day.rule in _PLAIN_NAMES:
        for earlier in reversed(discourse.before(sentence, 3)):
            for exact in find_days(clean(earlier.text), today):
                if exact.rule not in _PLAIN_NAMES and exact.date.weekday() == day.date.weekday():
                    return exact
    return day


def _chosen(text: str, mentions: Sequence[Day]) -> Day | None:
    """Of the days in one sentence that of the commitment: its clause's, else the last; none that is another thing's."""
    own = [m for m in mentions if not _ANOTHERS.search(text[: m.start]) and not _ABSENT.match(text[m.end :])]
    own = [m for m in own if not _LASTS.search(text[: m.start])] or own
    if len(own) < 2:
        return own[0] if own else None
    if _CHANGED.search(text[own[-2].end : own[-1].start]):
        between = text[own[-2].end : own[-1].start].strip(" ,").lower()
        return None if between in ("or", "oder") else own[-1]
    binds = _BINDS.search(text)
    if binds:
        start = max((m.end() for m in _CLAUSE.finditer(text, 0, binds.start() + 1)), default=0)
        end = next((m.start() for m in _CLAUSE.finditer(text, binds.end())), len(text))
        inside = [m for m in own if start <= m.start < end]
        if inside:
            return inside[-1]
    return own[-1]


def _turned_down(discourse: Discourse, later: Sentence, sentence: Sentence, best: Day | None, mention: Day) -> bool:
    """Somebody else asks for another day and the one who promised does not say yes."""
    if best is None or mention.date == best.date or not later.question or later.speaker == sentence.speaker:
        return False
    answer = discourse.after(later, 1)
    return not (answer and cues.YES.search(answer[0].text))


def _elsewhere(text: str, later: Sentence, sentence: Sentence, taker: str | None) -> bool:
    """Has the talk moved on from the commitment?"""
    if _MEETING_TALK.search(text) or REQUEST.search(text):
        return True
    other = later.speaker != sentence.speaker and (taker is None or later.speaker != taker)
    phrase = promise(text)
    if phrase and not later.question and (other or not vague(phrase)):
        return True
    if other and (_GIVES.search(text) or re.match(r"and (?:the|what|how|who|for|then|your)\b", text, re.IGNORECASE)):
        return True
    size = len(text.split())
    answers = re.match(r"(?:so|then|make it|you'll|you get|okay|yes|yeah|also|ja|dann|da)\b", text, re.IGNORECASE)
    return size > (16 if answers else _SHORT) or (bool(find_clocks(text)) and later.question)
