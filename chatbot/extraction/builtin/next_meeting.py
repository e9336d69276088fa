"""When the group meets again: the last day and time that nobody turned down.

Days are proposed, declined and moved ("Tuesday?" "I'm away." "Wednesday, half nine?"). Every day named near talk of a
next meeting is weighed by the time of day beside it, by agreement after it and by how late it comes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from chatbot.extraction.builtin import cues
from chatbot.extraction.builtin.cues import any_of
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean, plain
from chatbot.extraction.dates import Clock, find_clocks, find_days
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
    r"\b(?:by|until|bis(?: zum)?|before|due|deadline|signed?|decide[ds]?|live|since)\b[^.?!]{0,12}$", re.I
)
_SAME_TIME = re.compile(r"\bsame time\b|\bgleiche[rn]? (?:uhr)?zeit\b", re.I)


@dataclass(frozen=True, slots=True)
class _Option:
    day: date
    sentence: Sentence
    score: float


def next_meeting(discourse: Discourse) -> list[Draft]:
    """At most one draft."""
    options = [option for sentence in discourse.sentences for option in _options(discourse, sentence)]
    options = [o for o in options if o.score >= 2.5]
    if not options:
        return []
    best = max(o.score for o in options)
    chosen = [o for o in options if o.score >= best - 1.0][-1]
    same_day = [o for o in options if o.day == chosen.day]
    timed = [o for o in same_day if find_clocks(clean(o.sentence.text))]
    chosen = timed[-1] if timed else chosen
    clock, proof = _clock(discourse, chosen)
    when = chosen.day.isoformat() + (f"T{clock[0]:02}:{clock[1]:02}" if clock else "")
    data: dict[str, object] = {"when": when, "purpose": _purpose(discourse, chosen.sentence)}
    quotes = discourse.quotes(chosen.sentence, *([proof] if proof and proof is not chosen.sentence else []))
    return [Draft(Kind.NEXT_MEETING, data, quotes, min(0.95, 0.35 + 0.1 * len(same_day) + 0.2 * bool(clock)))]


def _options(discourse: Discourse, sentence: Sentence) -> list[_Option]:
    text = clean(sentence.text)
    found = []
    today = discourse.meeting.occurred_at.date()
    for day in find_days(text, today):
        if day.date < today or day.rule == "today" or _DEADLINE.search(text[: day.start]):
            continue
        before, after = discourse.before(sentence, 6), discourse.after(sentence, 3)
        score = 2.0 * bool(_MEET.search(text)) + 1.5 * any(_MEET.search(s.text) for s in before)
        score += 0.7 * any(_MEET.search(s.text) for s in after)
        score += 1.5 * bool(find_clocks(text)) + 0.8 * any(find_clocks(s.text) for s in [*before[-2:], *after[:2]])
        score += 1.5 * (sentence.index / max(1, len(discourse.sentences)))
        score += 0.5 * bool(after and cues.YES.search(after[0].text))
        score -= 2.5 * bool(
            cues.NO.search(text) or re.search(r"\b(?:scrap|not (?:the|this)|instead of|can't)\b", text, re.I)
        )
        score -= 2.5 * any(
            cues.NO.search(s.text) and s.speaker != sentence.speaker and not cues.YES.search(s.text) for s in after[:2]
        )
        score -= 1.5 * bool(
            re.search(
                r"\bI(?:'ll| will) (?!be there|send the invite|move the invite)|\bschick|\bwebinar\b|\bhave the "
                r"\w+ call\b|\bgo(?:es)?[- ]live\b",
                text,
                re.I,
            )
        )
        score -= 1.5 * bool(cues.CONDITION.search(text))
        found.append(_Option(day.date, sentence, score))
    return found


def _clock(discourse: Discourse, chosen: _Option) -> tuple[tuple[int, int] | None, Sentence | None]:
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
