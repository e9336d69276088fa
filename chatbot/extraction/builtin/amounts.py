"""Sums of money, and which of them is the price of the deal.

Every number that can be money is a candidate. What is said around it (a budget, an offer, a total; or a list price, a
penalty, a rival's price, a limit), who says it, what follows (a yes, a refusal, the same figure from the other side)
and how late it comes are its signals; `choosing` weighs them. The same sum said twice counts twice.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from chatbot.extraction.builtin import cues
from chatbot.extraction.builtin.choosing import chances
from chatbot.extraction.builtin.cues import any_of
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.builtin.people import Roster
from chatbot.extraction.dates import find_clocks, find_days
from chatbot.extraction.numbers import Number, find_numbers
from chatbot.extraction.spelling import find_phones

CURRENCIES = {
    "EUR": re.compile(r"€|\beuros?\b|\beur\b", re.I),
    "GBP": re.compile(r"£|\bpounds?\b(?! of\b)|\bgbp\b|\bquid\b|\bsterling\b", re.I),
    "USD": re.compile(r"\$|\bdollars?\b|\busd\b|\bbucks\b", re.I),
    "CHF": re.compile(r"\bchf\b|\bfranken\b|\bswiss francs\b|\bstutz\b", re.I),
    "NOK": re.compile(r"\bnok\b|\bnorwegian (?:crowns?|kron\w+)\b", re.I),
    "SEK": re.compile(r"\bsek\b|\bswedish (?:crowns?|kron\w+)\b", re.I),
    "DKK": re.compile(r"\bdkk\b|\bdanish (?:crowns?|kron\w+)\b", re.I),
}
#: Crowns of no named country: which, the rest of the meeting tells.
_CROWNS = re.compile(r"\b(?:crowns?|kron(?:er|or|en)|kr)\b", re.I)
_CROWN_COUNTRY = (
    ("NOK", re.compile(r"\b(?:nok|norw(?:ay|egian\w*)|norweg\w+|oslo|bergen|trondheim|stavanger)\b", re.I)),
    ("SEK", re.compile(r"\b(?:sek|swed(?:en|ish)|schwed\w+|stockholm|göteborg|gothenburg|malmö)\b", re.I)),
    ("DKK", re.compile(r"\b(?:dkk|denmark|danish|dän\w+|copenhagen|kopenhagen|aarhus)\b", re.I)),
)
#: What is counted, not paid.
_COUNTED = re.compile(
    r"\s*(?:\w+ )?(?:%|percent|per cent|prozent|people|persons?|employees|staff|technicians|users?|seats?|licen[cs]es|"
    r"doors?|sites?|plants?|clinics?|hospitals?|houses?|rooms?|beds?|schools?|students?|pupils?|patients?|buses|"
    r"tickets?|weeks?|months?|days?|hours?|minutes?|seconds?|years?|times|orders?|documents|docs|agreements|pdfs?|"
    r"items|locations|branches|accounts|consultants|miles|kilomet\w+|met(?:er|re)s?|tons?|tonnes|kilos?|degrees|meals|"
    r"calls|emails|messages|forms?|names|questions|pages|languages|slides|desks|lorries|trucks|vans|presses|machines|"
    r"terminals|tablets|phones|devices|offices|buildings|waves|visits?|reports?|rows|tabs|lines|columns|point|"
    r"of (?:them|us|those)|leute|personen|mitarbeite\w+|beschäftigte|kollegen|nutzer|stunden|tage[n]?|wochen|"
    r"monate[n]?|jahre[n]?|minuten|aufträge?|stück|häuser\w*|filialen|standorte\w*|niederlassungen|baustellen|betten|"
    r"zimmer|kilometer|meter|tonnen|grad|seiten|fragen|reiter|plätze|geräte|uhr|o'clock|laufende)\b",
    re.IGNORECASE,
)
#: After a number below a thousand any plural, and in German any noun, is what is counted.
_THINGS = re.compile(
    r"\s+(?!(?:is|was|has|this|plus|less|as|us|its|across|always|years?|euros?|pounds|dollars|francs|crowns|bucks)\b)"
    r"(?:[a-z]{3,}s|(?!(?:Euro|Franken|Tausend|Im|Pro|Und)\b)[A-ZÄÖÜ][a-zäöüß]{3,})\b"
)
_MONEY_TALK = any_of(
    r"€|£|\$|\b(?:euros?|pounds?|dollars?|crowns|francs|franken|budget\w*|price\w*|pricing|quote\w*|offer\w*|deal|"
    r"proposal|contract|annual\w*|per year|a year|per annum|forecast|commit|pipeline|order|sign\w*|number|figure|"
    r"amount|worth|size|pay\w*|paid|money|cost\w*|discount|all in|fixed|spend|angebot\w*|preis\w*|eingeplant|"
    r"eingestellt|kosten|kostet|jahr|rahmen|summe|zahl\w*|geld|rabatt|vertrag\w*|auftrag\w*|gewonnen|verloren)\b"
)

#: What the words of the sentence say about its sums; the names are signals.
_SAID: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("budget", any_of(
        r"\b(?:budget\w*|pencilled|set aside|earmarked|approved|allocated|put aside|to spend|eingestellt|eingeplant|"
        r"rahmen|freigegeben|genehmigt|bewilligt|zurückgelegt|in the plan|im plan)\b")),
    ("offer", any_of(
        r"\b(?:offer\w*|quot\w+|proposal|tender|bid|order form|paper|contract|angebot\w*|angeboten|vorschlag|"
        r"vertrag\w*|"
        r"auftrag\w*|schedule)\b")),
    ("total", any_of(
        r"\b(?:all[- ]in|in total|altogether|everything (?:in|included)|included|including|over the term|fixed price|"
        r"inklusive|insgesamt|gesamt\w*|alles (?:in allem|drin|dabei)|über alles|festpreis|inside it|with \w+ in)\b")),
    ("annual", any_of(
        r"\b(?:per year|a year|each year|per annum|annual\w*|for the (?:first )?year|first year|(?:im|pro|ins|fürs) "
        r"(?:erste )?jahr|erste jahr|jährlich|a yr)\b")),
    ("monthly", any_of(r"\b(?:(?:a|per|each|every) (?:month|week|day|hour)|monthly|(?:im|pro) monat|monatlich|"
        r"(?:pro|am) tag|die stunde|pro stunde|tagessatz|day rate)\b")),
    ("unit price", any_of(
        r"\b(?:per|pro|je) (?!year|annum|jahr|month|monat)\w+|\ban? (?:user|seat|head|house|door|room|piece|go|visit|"
        r"site|unit|licen[cs]e|person|pop|ticket|bed|student|van|truck|machine)\b|\b(?:apiece|each)\b")),
    ("discount", any_of(
        r"\b(?:discount\w*|knock(?:ed)? off|off the|minus|comes off|rabatt\w*|nachlass|waive\w*|skonto|abzug|saving\w*|"
        r"save[sd]?|spar\w+)\b")),
    ("earlier", any_of(
        r"\b(?:list|listenpreis\w*|standard price|original\w*|used to|was|were|had been|previous\w*|vorher|"
        r"ursprünglich|"
        r"zuerst|damals|last (?:year|time|quarter|summer)|letzte[ns]? (?:jahr|mal)|forget|vergessen|before)\b|"
        r"\b(?:hieß|war)en?\b")),
    ("running", any_of(
        r"\b(?:current\w*|at the (?:minute|moment)|you're paying|(?:we|you) pay|we're (?:paying|on)|you're on|today|"
        r"existing|zahlen wir|wir zahlen|bezahlen|bisher\w*|derzeit|aktuell|jetzt zahl\w*)\b")),
    ("loss", any_of(
        r"\b(?:lost|lose|losing|cost (?:us|me|them)|costs (?:us|them)|cost of|penalt\w+|fine[sd]?|overtime|wrote off|"
        r"written off|write[- ]off\w*|missed|wast\w+|overpaid|overcharged|damage\w*|didn't pay|owe[sd]?|strafe\w*|"
        r"pönale\w*|verlor\w+|verlier\w+|schaden|nachträge|durch die lappen|kostet uns|gekostet|liegen gelassen)\b")),
    ("other money", any_of(
        r"\b(?:revenue|turnover|salar\w+|wage\w*|payroll|sales of|profit|grant|fundrais\w+|spent|spend(?:s|ing)?|"
        r"invest\w*|insurance|fee|fees|deposit|survey|onboarding|training|travel|umsatz|gehalt\w*|gehälter|lohn\w*|"
        r"gebühr\w*|einführung|schulung\w*|reisekosten|option\w*)\b")),
    ("limit", any_of(
        r"\b(?:up to|limit\w*|above|over|under|below|at least|at most|maximum|max|minimum|floor|cap(?:ped)?|threshold|"
        r"bis zu|über|unter|mindestens|höchstens|maximal|grenze)\b")),
    ("refused", any_of(
        r"\b(?:can't|cannot|can not|won't|not going|no way|too (?:much|high)|wouldn't|kann (?:ich )?nicht|geht nicht|"
        r"nie im leben|zu (?:hoch|teuer|viel)|unmöglich|a lot|blunt|ouch|never)\b")),
    ("settles", any_of(
        r"\b(?:final\w*|down to|(?:can|could) do|i can make|make it|meet you|settle\w*|agreed|deal|let's say|unchanged|"
        r"stays?|still|so it's|then it's|so that's|put (?:it|that|you|me) (?:in|down|through)|bleib\w*|"
        r"machen wir|sagen "
        r"wir|einigen|einverstanden|handschlag|abgemacht|passt|steht)\b")),
    ("now", any_of(r"\b(?:now|jetzt|nun|new|neue[rns]?|revised|latest|aktualisiert\w*)\b")),
    ("so", re.compile(r"^(?:(?:okay|ok|right|good|yes|gut|ja|na)[,.]? )*(?:so|then|also|dann)\b", re.I)),
    ("ours", any_of(r"\b(?:my (?:number|budget)|(?:i|we)['’ ]?(?:ve| have) got|our budget|i've|unser (?:budget|rahmen)|"
        r"wir haben|hab(?:e)? ich)\b")),
    ("rivals'", any_of(
        r"\b(?:they (?:quoted|want\w*|offered|charge)|came in at|cheaper|billiger|günstiger|die liegen|liegen bei|"
        r"verlangen|wanted)\b")),
    ("about", any_of(r"\b(?:about|roughly|around|somewhere|approximately|ish|or so|nearly|almost|ungefähr|circa|ca|"
        r"knapp|fast|so um die|rund|somebody said|reckon\w*|guess\w*|schätz\w+)\b")),
    ("dealt", any_of(
        r"\b(?:deal|worth|forecast|commit|in the pack|opportunity|order|sign(?:ed|s)?|unterschr\w+|gewonnen|won|"
        r"pipeline|in the system|größenordnung|renewal|verlängerung|volumen|auftragswert|verloren an|gone to)\b")),
    ("if", cues.CONDITION),
    ("maybe", cues.HEDGE),
)  # fmt: skip
_ASKED = any_of(
    r"\b(?:how much|what(?:'s| is| was| would)? (?:the|your|it|that|they|this) ?(?:number|budget|price|figure|cost|"
    r"worth)?|budget|price|number|figure|size|wie ?viel|was (?:kostet|haben sie|ist)|budget|preis|"
    r"größenordnung|rahmen)\b"
)
_REFUSAL = any_of(
    r"^(?:no|nope|nein|never|ouch|hm+|puh|uff)\b|\b(?:too (?:much|high|expensive)|can't|cannot|won't|over (?:my|our|"
    r"what)|not (?:going|possible)|zu (?:viel|hoch|teuer)|geht nicht|kann ich nicht|a lot of)\b"
)
_YES = any_of(
    cues.YES.pattern,
    r"\b(?:(?:can|could) live with|works for|i'll take|sell (?:it|that)|in writing|we have a deal|sounds fair|"
    r"einverstanden|das passt|machen wir so|fair enough|done)\b",
)
_PER_MEETING = 80


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum of money said in `sentence` from `start` on, in major units. `currency` is the one said beside it."""

    sentence: Sentence
    start: int
    value: float
    currency: str | None
    signals: dict[str, float]


def currency(discourse: Discourse) -> str | None:
    """The currency named most, or None where none is named or two are level."""
    counts = {code: sum(bool(p.search(s.text)) for s in discourse.sentences) for code, p in CURRENCIES.items()}
    crowns = sum(bool(_CROWNS.search(s.text)) for s in discourse.sentences)
    if crowns:
        counts[crown(discourse)] += crowns
    first, second = sorted(counts.items(), key=lambda pair: -pair[1])[:2]
    return first[0] if first[1] and first[1] > second[1] else None


def sums(discourse: Discourse, roster: Roster, rivals: Sequence[str] = ()) -> list[Sum]:
    """Every number that can be money, in order, with its signals. `rivals`: names whose prices are not ours."""
    thousands = any(
        1e4 <= n.value < 1e8 and n.scaled and not _COUNTED.match(clean(s.text), n.end)
        for s in discourse.sentences
        for n in find_numbers(clean(s.text))
    )
    found: list[Sum] = []
    for sentence in discourse.sentences:
        text = clean(sentence.text)
        numbers = find_numbers(text)
        if not numbers:
            continue
        taken = _taken(discourse, text)
        for number in numbers:
            if any(start < number.end and number.start < end for start, end in taken):
                continue
            value, signals = _money(discourse, sentence, text, number, thousands)
            if value:
                signals |= _signals(discourse, sentence, text, number, roster, rivals)
                found.append(Sum(sentence, number.start, value, _near(text, number), signals))
    return _compared(found[-_PER_MEETING:], len(discourse.sentences))


def _taken(discourse: Discourse, text: str) -> list[tuple[int, int]]:
    """What is a day, a phone number or, beside a day, a time."""
    taken = [(d.start, d.end) for d in find_days(text, discourse.meeting.occurred_at.date())]
    taken += [(phone.start, phone.end) for phone in find_phones(text)]
    numbers = find_numbers(text)
    times = [
        (clock.start, clock.end)
        for clock in (find_clocks(text) if taken else ())
        if not any(n.start <= clock.start < n.end and n.end > clock.end for n in numbers)
    ]
    return taken + times


def _near(text: str, number: Number) -> str | None:
    beside = text[max(0, number.start - 5) : number.end + 12]
    named = next((code for code, pattern in CURRENCIES.items() if pattern.search(beside)), None)
    return named or ("crowns" if _CROWNS.search(beside) else None)


def _money(
    discourse: Discourse, sentence: Sentence, text: str, number: Number, thousands: bool
) -> tuple[float | None, dict[str, float]]:
    """The value in major units, or None where the number is no money; and how it was said."""
    named = _near(text, number) is not None
    if _COUNTED.match(text, number.end) and not named:
        return None, {}
    value, grown = number.value, False
    if value < 1000:
        low = (10 if number.shorthand else 20) if thousands else (2 if number.shorthand else 5)
        if not low <= value <= 999.9 or (named and not number.shorthand):
            return None, {}
        if not named and (_THINGS.match(text, number.end) or re.search(r"\bminus\s$", text[: number.start], re.I)):
            return None, {}
        value, grown = round(value * 1000, 2), True
    elif number.shorthand and value < 10_000 and thousands:  # "one two one eight", of a million and some
        value, grown = value * 1000, True
    if value < 1000 or (not named and _is_year(text[number.start : number.end], number)):
        return None, {}
    near = " ".join(s.text for s in discourse.before(sentence, 2))
    return value, {
        "currency": named,
        "grown": grown,
        "grown small": grown and number.value < 100 and number.value % 1 == 0,
        "grown tiny": grown and number.value < (10 if number.shorthand else 20),
        "grown unsaid": grown and not thousands,
        "shorthand": number.shorthand,
        "scaled": number.scaled,
        "money talk": bool(_MONEY_TALK.search(text)),
        "money before": bool(_MONEY_TALK.search(near)),
    }


def _is_year(said: str, number: Number) -> bool:
    """Is it `2026` or `twenty twenty-six`, and not `2,000`, "zweitausend" or "twenty-one hundred"?"""
    return 1900 <= number.value <= 2100 and (
        said.isdecimal() or not (number.scaled or re.search("hund(?:re|er)[dt]", said, re.I))
    )


def _signals(
    discourse: Discourse, sentence: Sentence, text: str, number: Number, roster: Roster, rivals: Sequence[str]
) -> dict[str, float]:
    before, after = discourse.before(sentence, 2), discourse.after(sentence, 3)
    around = text[max(0, number.start - 45) : number.end + 45]
    near = {name: float(bool(pattern.search(around))) for name, pattern in _SAID}
    far = " ".join(clean(s.text) for s in before[-1:])
    context = {f"before: {name}": 0.5 for name, pattern in _SAID[:12] if pattern.search(far)}
    said = f"{far} {text}".lower()
    replies = [s for s in after if s.speaker != sentence.speaker] or after[:1]
    rest = [s for s in after[:2] if s.turn == sentence.turn]
    return (
        near
        | context
        | {
            "rival named": any(name.lower() in said for name in rivals),
            "short": len(text.split()) <= 4,
            "long": len(text.split()) > 25,
            "question": sentence.question,
            "asked for": any(s.question and bool(_ASKED.search(s.text)) for s in before),
            "own side": roster.side(sentence.speaker) == "own",
            "yes after": any(_YES.search(s.text) for s in replies[:2]),
            "no after": any(_REFUSAL.search(s.text) for s in replies[:2]),
            "total after": any(dict(_SAID)["total"].search(s.text) for s in rest),
            "annual after": any(dict(_SAID)["annual"].search(s.text) for s in rest),
            "other numbers": min(3, len(find_numbers(text)) - 1) / 3,
            "joke": bool(cues.JOKE.search(sentence.text)),
        }
    )


def _compared(found: list[Sum], length: int) -> list[Sum]:
    """Adds what shows only among all: how often, by how many, how late, how large."""
    by_value: dict[float, list[Sum]] = defaultdict(list)
    for one in found:
        by_value[one.value].append(one)
    largest = max((one.value for one in found), default=1.0)
    last = max((one.sentence.index for one in found), default=0)
    for one in found:
        alike = by_value[one.value]
        voices = {other.sentence.speaker for other in alike}
        after = sum(o.sentence.index > one.sentence.index and o.value != one.value for o in found)
        one.signals.update({
            "place": one.sentence.index / max(1, length),
            "often": min(3, len(alike) - 1) / 3,
            "by both": len(voices) > 1,
            "said again": any(other.sentence.index > one.sentence.index for other in alike),
            "later ones": min(6, after) / 6,
            "last": one.sentence.index == last,
            "size": math.log10(one.value) - 4.5,
            "below largest": math.log10(largest / one.value),
            "odd": (one.value / 10 ** math.floor(math.log10(one.value)) * 10) % 1 != 0,
        })  # fmt: skip
    return found


def crown(discourse: Discourse) -> str:
    """Which country's crowns are meant."""
    told = {code: sum(bool(p.search(s.text)) for s in discourse.sentences) for code, p in _CROWN_COUNTRY}
    return max(told, key=lambda code: told[code])


def on_table(found: Sequence[Sum]) -> tuple[Sum | None, float]:
    """The sum that the deal stands at, as it was said most tellingly, and how likely it is; None where none is."""
    if not found:
        return None, 0.0
    likely = chances("amount", [one.signals for one in found])
    totals: dict[float, float] = defaultdict(float)
    for one, chance in zip(found, likely, strict=True):
        totals[one.value] += chance
    value = max(totals, key=lambda v: totals[v])
    if totals[value] <= 1 - sum(likely):
        return None, 0.0
    best = max((c, i) for i, (one, c) in enumerate(zip(found, likely, strict=True)) if one.value == value)[1]
    return found[best], totals[value]
