"""The day a deal is signed or decided on, among all the days that are named.

Most days of a talk are somebody's deadline, the next call, a holiday or the start of the work. Every day is a
candidate; `choosing` weighs what is said beside it and before it. A day said several times counts several times. Where
signing is spoken of as done, a day also stands for the last such day.
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
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.builtin.people import Roster
from chatbot.extraction.dates import Day, find_days
from chatbot.extraction.numbers import find_numbers
from chatbot.extraction.past_days import last_such_day

#: What is said beside a day; the names are signals.
_SAID: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("sign", any_of(
        r"\b(?:sign(?:s|ed|ing|ature|atory)?|counter-?sign\w*|ink|autograph|put (?:his|her|my|their|our) name|"
        r"initial(?:s|led)?|unterschr\w+|unterzeichn\w+|signier\w*|unterschreib\w*|gezeichnet|paraphier\w*)\b")),
    ("decide", any_of(
        r"\b(?:decide[ds]?|decision|award\w*|vote[ds]?|voting|approv\w+|say yes|yes or no|go-ahead|green light|nod|"
        r"choose|pick(?:ed)?|verdict|answer|make up|clear(?:s|ed)? it|"
        r"entscheid\w*|entschieden|beschl\w+|abstimm\w*|abnick\w*|nickt\w*|freigabe|freigegeben|genehmig\w*|zusag\w*|"
        r"zuschlag\w*|vergabe\w*|bescheid)\b")),
    ("order", any_of(
        r"\b(?:order(?:s|ed)?|order form|po|purchase order|contract(?!or)\w*|paper(?:s|work)?|deal|close[sd]?|closing|"
        r"forecast|slip\w*|bestell\w*|auftrag\w*|vertrag\w*|abschluss|abschließ\w*|unter dach)\b")),
    ("body", any_of(
        r"\b(?:board|trustees|committee|council|cabinet|steering|governors|exec\w*|partners' meeting|shareholders?|"
        r"directors?|investment|beirat\w*|vorstand\w*|aufsichtsrat\w*|gremium|ausschuss\w*|lenkungs\w+|kreistag\w*|"
        r"gemeinderat\w*|stadtrat\w*|gesellschafter\w*|geschäftsführ\w*|geschäftsleitung|verwaltungsrat\w*)\b")),
    ("chief", any_of(
        r"\b(?:boss|owner|chief|cfo|ceo|md|procurement|legal|finance|chef\w*|inhaber\w*|einkauf|rechtsabteilung|"
        r"buchhaltung|steuerberater\w*)\b")),
    ("before", any_of(r"\b(?:before|until|till|by|latest|at the latest|bis(?: zum)?|vor|spätestens|deadline|frist)\b")),
    ("start", any_of(
        r"\b(?:go[- ]?live|live|start(?:s|ed|ing|en|et)?|kick-?off|roll-?out|begin\w*|install\w*|deliver\w*|train\w*|"
        r"migrat\w*|switch\w*|set up|first (?:day|site|shop)|startdatum|beginn\w*|liefer\w*|einführ\w*|umstell\w*|"
        r"schulung\w*|los|los(?:gehen|legen)|produktiv|inbetriebnahme)\b")),
    ("call", any_of(
        r"\b(?:call|meet(?:ing)?|talk|speak|session|demo|webinar|video|zoom|teams|invite|catch up|ring|phone|visit|"
        r"workshop|see you|come (?:over|round|by|back)|termin|treffen|telefon\w*|gespräch\w*|anruf\w*|vorführung|"
        r"sprechen|hören uns|vor ort|besuch\w*|melde\w*)\b")),
    ("send", any_of(
        r"\b(?:send|sent|get you|you'll have|draft|proposal|offer|quote|version|upload|submit\w*|bid|submission|reply|"
        r"schick\w*|send\w*|angebot\w*|unterlagen|entwurf|abgabe\w*|einreich\w*|fragebogen)\b")),
    ("trial", any_of(
        r"\b(?:trial|pilot|test\w*|try|sandbox|poc|proof|probe\w*|ausprobier\w*|pilot\w*|testphase|zugang)\b")),
    ("ends", any_of(
        r"\b(?:run(?:s)? out|runs? (?:to|until)|expir\w+|end(?:s|ed|ing)?|lapse[sd]?|up on|old contract|notice|"
        r"cancel\w*|"
        r"renew\w*|valid|läuft|ausläuft|aus|endet|gilt|gültig|kündig\w*|bindefrist|verlänger\w*|laufzeit)\b")),
    ("away", any_of(
        r"\b(?:holiday|leave|off|away|out|christmas|easter|break|vacation|travel\w*|flies|audit\w*|fair|show|year-?end|"
        r"inventory|stock-?take|urlaub\w*|ferien|feiertag\w*|weihnacht\w*|ostern|messe|inventur|prüfung|krank|weg|"
        r"reha|kur)\b")),
    ("freeze", any_of(r"\b(?:freeze|frozen|shut|closed|budget year|fiscal|sperre|stopp|haushalt\w*)\b")),
    ("past", any_of(
        r"\b(?:last|ago|was|were|had|came|went|back|since|already|got|sent|did|signed|yesterday|letzte\w*|war|hatte\w*|"
        r"kam|gekommen|zurück|seit|schon|gestern|unterschrieben|gewesen|ist (?:da|durch))\b")),
    ("done", any_of(
        r"\b(?:(?:was|were|is|got|been|have|has|had|we|they|he|she|it) (?:\w+ )?(?:counter)?-?signed|"
        r"signed (?:on|off|it|"
        r"the|last)|is in|came (?:in|back|through)|won|countersigned|unterschrieben|unterzeichnet|gewonnen|"
        r"beauftragt|bestellt|abgeschlossen)\b")),
    ("refused", any_of(
        r"\b(?:not (?:the|on|before|until)|instead of|rather than|can't|cannot|won't|too (?:early|late|soon|tight)|"
        r"nicht|kein\w*|zu (?:früh|spät|knapp)|statt|eigentlich|schaff\w* (?:ich|wir) nicht)\b")),
    ("moved", any_of(
        r"\b(?:then|make it|let's say|moved|pushed|now|slip\w*|instead|call it|dann|verschoben|sagen wir|neu\w*|jetzt|"
        r"doch|also)\b")),
    ("vague", any_of(r"\b(?:maybe|perhaps|hopefully|might|probably|vielleicht|hoffentlich|wahrscheinlich|evtl|"
        r"eventuell|könnte)\b")),
    ("pay", any_of(r"\b(?:pay(?:ment|s|able)?|invoice\w*|due|bill\w*|zahl\w*|rechnung\w*|fällig\w*)\b")),
    ("rival", any_of(r"\b(?:competitor|the other(?:s| lot)?|they're|die ander\w+|mitbewerb\w*)\b")),
    ("if", cues.CONDITION),
)  # fmt: skip
_BEFORE = ("sign", "decide", "order", "body", "chief", "start", "call", "send", "trial", "ends", "done")
_WHEN = any_of(r"\b(?:when|by when|what date|how soon|which day|timing|wann|bis wann|termin|zeitplan|zeitlich)\b")
#: Beyond which a day is nobody's close, in days.
_AHEAD, _BACK = 400, 120


@dataclass(frozen=True, slots=True)
class CloseDay:
    """A day that may be the close, as `sentence` names it."""

    day: date
    sentence: Sentence
    signals: dict[str, float]


def closes(discourse: Discourse, sentences: Sequence[Sentence], roster: Roster) -> list[CloseDay]:
    """Every day that the sentences name, in order, with its signals; a past reading is one of its own."""
    today = discourse.meeting.occurred_at.date()
    found: list[CloseDay] = []
    for sentence in sentences:
        text = clean(sentence.text)
        for day in find_days(text, today):
            signals = _signals(discourse, sentence, text, day, roster)
            if (day.date - today).days <= _AHEAD:
                found.append(CloseDay(day.date, sentence, {**signals, "past reading": 0.0}))
            earlier = last_such_day(day, today)
            if earlier and (signals["done"] or signals["past"]) and (today - earlier).days <= _BACK:
                back = {f"past: {name}": value for name, value in signals.items() if name in ("done", "sign", "order")}
                found.append(
                    CloseDay(earlier, sentence, {**back, "past reading": 1.0, "other side": signals["other side"]})
                )
    return _compared(found, sentences)


def _signals(discourse: Discourse, sentence: Sentence, text: str, day: Day, roster: Roster) -> dict[str, float]:
    around = _clause(text, day)
    before, after = discourse.before(sentence, 3), discourse.after(sentence, 2)
    near = " ".join(clean(s.text) for s in before[-2:])
    rest = " ".join(clean(s.text) for s in after[:1])
    replies = [s for s in after if s.speaker != sentence.speaker]
    ahead = (day.date - discourse.meeting.occurred_at.date()).days
    other = roster.side(sentence.speaker) == "other"
    told = {name: float(bool(pattern.search(around))) for name, pattern in _SAID}
    wide = {f"sentence: {name}": 0.5 * bool(pattern.search(text)) for name, pattern in _SAID if name in _BEFORE}
    context = {f"before: {name}": 0.5 * bool(pattern.search(near)) for name, pattern in _SAID if name in _BEFORE}
    following = {f"after: {name}": 0.5 * bool(pattern.search(rest)) for name, pattern in _SAID if name in _BEFORE}
    return told | wide | context | following | {
        "question": sentence.question,
        "when asked": any(s.question and bool(_WHEN.search(s.text)) for s in before),
        "other side": other,
        "yes after": any(cues.YES.search(s.text) for s in replies),
        "no after": any(cues.NO.search(s.text) and not cues.YES.search(s.text) for s in replies),
        "short": len(text.split()) <= 7,
        "numbers": bool(find_numbers(text[: day.start] + text[day.end :])),
        "month end": day.rule.startswith(("eom", "end:")),
        "today": ahead <= 0,
        "within days": 0 < ahead <= 4,
        "weeks": 10 <= ahead <= 60,
        "far": ahead > 90,
        "very far": ahead > 200,
        "weekday only": day.rule.removeprefix("this:") in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    }  # fmt: skip


def _clause(text: str, day: Day) -> str:
    """The words beside the day: within its sentence, up to eleven words away."""
    left, right = text[: day.start].split(" "), text[day.end :].split(" ")
    return " ".join([*left[-11:], "·", *right[:9]])


def _compared(found: list[CloseDay], sentences: Sequence[Sentence]) -> list[CloseDay]:
    """Adds what shows only among all: how often, by whom, how late."""
    size = max(1, len(sentences))
    order = {sentence.index: place for place, sentence in enumerate(sentences)}
    for one in found:
        alike = [other for other in found if other.day == one.day]
        later = {other.day for other in found if other.sentence.index > one.sentence.index} - {one.day}
        one.signals.update({
            "often": min(3, len(alike) - 1) / 3,
            "by both": len({other.sentence.speaker for other in alike}) > 1,
            "other days later": min(3, len(later)) / 3,
            "place": order[one.sentence.index] / size,
            "only day": len({other.day for other in found}) == 1,
            "last named": max(other.day for other in found) == one.day,
        })  # fmt: skip
    return found


def close_day(found: Sequence[CloseDay]) -> tuple[CloseDay | None, float]:
    """The day the deal closes, where it is said most tellingly, and how likely it is; None where none is."""
    likely = chances("close", [one.signals for one in found])
    days: dict[date, float] = defaultdict(float)
    for one, chance in zip(found, likely, strict=True):
        days[one.day] += chance
    day = max(days, key=lambda d: days[d], default=None)
    if day is None or days[day] <= 1 - sum(likely):
        return None, 0.0
    best = max((c, i) for i, (one, c) in enumerate(zip(found, likely, strict=True)) if one.day == day)[1]
    return found[best], days[day]
