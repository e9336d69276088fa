"""When the group meets again: the last day and time that nobody turned down.

Days are proposed, declined and moved ("Tuesday?" "I'm away." "Wednesday, half nine?"), and most days named in a meeting
are somebody's deadline. Every day is a candidate; `choosing` weighs the talk of meeting, the time of day beside it, the
agreement after it and how late it comes. A day said several times counts several times.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chatbot.extraction.builtin import cues
from chatbot.extraction.builtin.choosing import chances
from chatbot.extraction.builtin.cues import any_of
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean, plain
from chatbot.extraction.builtin.promises import promise
from chatbot.extraction.dates import Clock, Day, find_clocks, find_days
from chatbot.extraction.types import Draft
from shared.schemas.insight import Kind

_MEET = any_of(
    r"\b(?:next (?:steps?|call|meeting|session|review|one|appointment|sync)|talk again|speak again|meet(?: again)?|"
    r"follow[- ]up|same time|same link|calendar|invite|speak on|"
    r"see you|catch up|come back|one more call|deep dive|another call|weekly status|status call|get together|"
    r"reconvene|schedule|diarise)\b",
    r"\bnächste[rn]? (?:termin|schritt|schritte|gespräch|mal|runde)\b|\btermin\b|\bvorschlag wär|\bwiedersehen\b|"
    r"\bbis in (?:einer|zwei|drei) wochen?\b|\b(?:treffen|sehen) (?:wir )?uns\b|\btreffen\b|\bvorführung\b|"
    r"\bgleiche (?:zeit|uhrzeit)\b|\bjour fixe\b",
)
_PURPOSE = re.compile(
    r"\b(?:to (?:go through|decide|discuss|review|look at|talk about)\s[^.?!]+|(?:for|zur|für) (?:the|die|den|das) "
    r"[^.?!,]+|technical deep dive|demo[^.?!,]*|pipeline review|weekly status|status)\b",
    re.I,
)
_DEADLINE = re.compile(
    r"\b(?:by|until|till|bis(?: zum)?|before|due|deadline|signed?|decide[ds]?|live|since|seit|latest|"
    r"spätestens|from|ab)\b"
    r"[^.?!]{0,12}$", re.I
)  # fmt: skip
_SAME_TIME = re.compile(r"\bsame time\b|\bgleiche[rn]? (?:uhr)?zeit\b", re.I)


#: What a day's sentence says; the names are signals.
_SAID: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("meet", _MEET),
    ("group", any_of(
        r"\b(?:we|us|let's|everyone|everybody|all of (?:us|you)|same (?:time|link|place|thing|people|round)|as usual|"
        r"wir|uns|alle|gleiche\w*|selbe\w*|together|zusammen)\b")),
    ("place or link", any_of(
        r"\b(?:by video|on video|video|teams|zoom|dial in|link|in person|on site|at (?:yours|ours|your|our)|"
        r"here|vor ort|"
        r"bei (?:ihnen|uns|euch)|per video|online|call|phone|einladung|invite|calendar|kalender|diary)\b")),
    ("one person", any_of(
        r"\b(?:I|he|she|ich|er)(?:'ll| will|'m| am)? (?!could|can|think|suggest|would|propose|schlage|könnte|"
        r"kann)\w+")),
    ("task", any_of(
        r"\b(?:send|deliver|submit|upload|provide|write|draft|report|finish|ready|install|train\w*|course|survey|audit|"
        r"webinar|holiday|leave|off|away|travel\w*|schick\w*|liefer\w*|fertig|urlaub|schulung|ferien|abgabe)\b")),
    ("decision", any_of(
        r"\b(?:sign\w*|board|trustees|committee|council|steering|decide\w*|decision|vote|go[- ]?live|live|"
        r"launch|expire\w*|"
        r"runs (?:to|until|out)|deadline|notice|renew\w*|unterschr\w+|entscheid\w*|gesellschafter\w*|beirat|vorstand|"
        r"läuft|kündig\w*)\b")),
    ("visit", any_of(
        r"\b(?:site visit|visit|come (?:over|round|by)|show (?:you|him|her) round|ride along|walk round|coffee|"
        r"lunch|vorbei\w*|besuch\w*)\b")),
    ("past", any_of(r"\b(?:last|ago|was|were|had|happened|since|letzte\w*|war|hatte\w*|gewesen)\b")),
    ("refused", any_of(r"\b(?:scrap|not (?:the|this|on)|instead of|can't|cannot|won't|nicht|rather than|kein\w*)\b")),
    ("if", cues.CONDITION),
)  # fmt: skip
_NEXT = any_of(
    r"\bnext (?:call|meeting|session|appointment|time|one|project call|round|sync)\b|"
    r"\bnächste[rns]? (?:termin|mal|runde|"
    r"treffen|gespräch)\b|\bwhen (?:do|shall|should|can|are) we\b|\bwann (?:sehen|treffen|sprechen|machen) wir\b|"
    r"\b(?:see|speak|talk|meet) (?:you )?again\b|\bjour fixe\b|\bsame time\b"
)


@dataclass(frozen=True, slots=True)
class Option:
    """A day that may be the next meeting's, as `sentence` names it."""

    day: date
    sentence: Sentence
    signals: dict[str, float]


def next_meeting(discourse: Discourse) -> list[Draft]:
    """At most one draft."""
    chosen, chance = agreed(options(discourse))
    if chosen is None or not (chosen.signals["meet near"] or chosen.signals["clock near"]):
        return []
    clock, proof = _clock(discourse, chosen)
    when = chosen.day.isoformat() + (f"T{clock[0]:02}:{clock[1]:02}" if clock else "")
    data: dict[str, object] = {"when": when, "purpose": _purpose(discourse, chosen.sentence)}
    quotes = discourse.quotes(chosen.sentence, *([proof] if proof and proof is not chosen.sentence else []))
    return [Draft(Kind.NEXT_MEETING, data, quotes, round(chance, 3))]


def agreed(found: Sequence[Option]) -> tuple[Option | None, float]:
    """The day agreed on, where it is said best (with its time, and late), and how likely it is the right one."""
    likely = chances("next meeting", [option.signals for option in found])
    days: dict[date, float] = defaultdict(float)
    for option, chance in zip(found, likely, strict=True):
        days[option.day] += chance
    if not days:
        return None, 0.0
    day = max(days, key=lambda d: days[d])
    mine = [(option, chance) for option, chance in zip(found, likely, strict=True) if option.day == day]
    timed = [(o, c) for o, c in mine if o.signals["clock"]]
    return max(timed or mine, key=lambda pair: (pair[1], pair[0].sentence.index))[0], days[day]


def options(discourse: Discourse) -> list[Option]:
    """Every day to come that the meeting names, in order, with its signals."""
    today = discourse.meeting.occurred_at.date()
    found = [
        Option(day.date, sentence, _signals(discourse, sentence, clean(sentence.text), day))
        for sentence in discourse.sentences
        for day in find_days(clean(sentence.text), today)
        if day.date >= today and day.rule != "today" and (day.date - today).days <= 200
    ]
    for one in found:
        alike = [other for other in found if other.day == one.day]
        later = {other.day for other in found if other.sentence.index > one.sentence.index}
        one.signals.update({
            "often": min(4, len(alike) - 1) / 4,
            "by both": len({other.sentence.speaker for other in alike}) > 1,
            "with time somewhere": any(other.signals["clock"] for other in alike),
            "other days later": min(4, len(later - {one.day})) / 4,
        })  # fmt: skip
    return found


def _signals(discourse: Discourse, sentence: Sentence, text: str, day: Day) -> dict[str, float]:
    before, after = discourse.before(sentence, 6), discourse.after(sentence, 3)
    replies = [s for s in after[:2] if s.speaker != sentence.speaker]
    ahead = (day.date - discourse.meeting.occurred_at.date()).days
    total = len(discourse.sentences)
    near = [*before[-2:], *after[:2]]
    return {name: float(bool(pattern.search(text))) for name, pattern in _SAID} | {
        "meet near": any(_MEET.search(s.text) for s in [sentence, *before, *after]),
        "meet before": any(_MEET.search(s.text) for s in before),
        "next": bool(_NEXT.search(text)),
        "next before": any(_NEXT.search(s.text) for s in before),
        "clock": bool(find_clocks(text)),
        "clock near": any(find_clocks(clean(s.text)) for s in [sentence, *near]),
        "place or link near": any(_SAID[2][1].search(s.text) for s in near),
        "deadline": bool(_DEADLINE.search(text[: day.start])),
        "promise": promise(text) is not None,
        "decision before": any(dict(_SAID)["decision"].search(s.text) for s in before[-2:]),
        "task before": any(dict(_SAID)["task"].search(s.text) for s in before[-2:]),
        "question": sentence.question,
        "yes after": any(cues.YES.search(s.text) for s in replies),
        "no after": any(cues.NO.search(s.text) and not cues.YES.search(s.text) for s in replies),
        "place": sentence.index / max(1, total),
        "last tenth": sentence.index >= 0.9 * total,
        "last quarter": sentence.index >= 0.75 * total,
        "short": len(text.split()) <= 8,
        "long": len(text.split()) > 20,
        "date and weekday": day.end - day.start > 14,
        "tomorrow": ahead <= 1,
        "within three weeks": ahead <= 22,
        "far": ahead > 45,
        "month end": day.rule.startswith(("eom", "end:")),
    }


def _clock(discourse: Discourse, chosen: Option) -> tuple[tuple[int, int] | None, Sentence | None]:
    """The time said with the day, else the last one said around it that was not turned down."""
    inside = find_clocks(clean(chosen.sentence.text))
    if inside:
        return (inside[-1].hour, inside[-1].minute), chosen.sentence
    start = discourse.meeting.occurred_at
    around = [*discourse.before(chosen.sentence, 3), *discourse.after(chosen.sentence, 4)]
    best: tuple[tuple[int, int], Sentence] | None = None
    for sentence in around:
        clocks: tuple[Clock, ...] = find_clocks(clean(sentence.text))
        following = discourse.after(sentence, 1)
        refused = any(cues.NO.search(s.text) and not cues.YES.search(s.text) for s in following)
        if clocks and not refused:
            best = ((clocks[-1].hour, clocks[-1].minute), sentence)
        elif _SAME_TIME.search(sentence.text) and best is None:
            best = ((start.hour, start.minute), sentence)
    if best is None and _SAME_TIME.search(chosen.sentence.text):
        best = ((start.hour, start.minute), chosen.sentence)
    return best if best else (None, None)


def _purpose(discourse: Discourse, sentence: Sentence) -> str | None:
    for candidate in [sentence, *discourse.after(sentence, 2), *reversed(discourse.before(sentence, 5))]:
        match = _PURPOSE.search(clean(candidate.text))
        if match:
            return plain(re.sub(r"^(?:to|for the|for|zur|für die|für) ", "", match.group()))[:200]
    return None
