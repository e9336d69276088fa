"""Deals: whose, how much, how far, by when. The last amount on the table wins.

Amounts are numbers in talk about money. Each is weighed by the words around it: a budget, a final price, a figure for
the proposal count; list prices, rivals' prices, running costs, running contracts, fees, wishes and conditions do not.
Where several companies are discussed an amount belongs to the one spoken of last.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from chatbot.extraction.builtin import cues
from chatbot.extraction.builtin.companies import Company
from chatbot.extraction.builtin.cues import any_of
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.dates import find_clocks, find_days
from chatbot.extraction.numbers import Number, find_numbers
from chatbot.extraction.spelling import find_phones
from chatbot.extraction.types import Draft
from shared.schemas.insight import Kind

_CURRENCY = {
    "EUR": re.compile(r"€|\beuros?\b|\beur\b", re.I),
    "GBP": re.compile(r"£|\bpounds?\b|\bgbp\b|\bquid\b|\bsterling\b", re.I),
    "USD": re.compile(r"\$|\bdollars?\b|\busd\b|\bbucks\b", re.I),
    "CHF": re.compile(r"\bchf\b|\bfranken\b|\bswiss francs\b", re.I),
}
_TALK = any_of(
    r"€|£|\$|\b(?:euros?|pounds?|dollars?|budget\w*|price\w*|quote\w*|offer\w*|deal|proposal|contract|annual|per "
    r"year|a year|per annum|forecast|commit|pencilled|approved|"
    r"sign\w*|number|figure|amount|worth|size|all in|fixed|angebot|preis\w*|eingeplant|kosten|jahr|rahmen|summe)\b"
)
_FOR = any_of(
    r"\b(?:budget\w*|pencilled|approved|earmarked|set aside|final|fixed price|all in|all-in|that's the number|the "
    r"number we|order form|signed|"
    r"in the (?:revised )?proposal|in the system|for your part|on the table|eingeplant|genehmigt|freigegeben|"
    r"bewilligt)\b"
)
_ALSO = any_of(
    r"\b(?:per year|a year|for the (?:first )?year|per annum|over the term|deal|worth|it's|now|so it's|agreed|yes|"
    r"still|we think|i can make|i've got|about|im jahr|pro jahr|erstes? jahr)\b"
)
_AGAINST = any_of(
    r"\b(?:list (?:price|for|was|is)|list was|came in at|a month|per month|each month|every month|im monat|"
    r"monatlich|a day|day rate|an hour|per hour|per user|per seat|last year|"
    r"im letzten jahr|last quarter|cost us|costs? (?:us|them|you)|charges?|fines?|penalt\w+|vertragsstraf\w+|wrote "
    r"off|written off|write[- ]off|fee|limit|signs? over|up to|above that|over a|"
    r"used to|was (?:seventy|sixty|fifty|forty|eighty|ninety|a hundred|two|three)|hieß mal|gestrichen|you're on|"
    r"currently|current contract|we were at|"
    r"what if|umsatz|revenue|turnover|spent|guess\w*)\b",
    r"\b(?:can't|cannot|couldn't|won't|not going to|still \w+ over|over what|over budget|minus|that comes off|"
    r"guess\w*)\b",
)
_UNIT = re.compile(
    r"\s*(?:\w+ )?(?:%|percent|prozent|people|employees|staff|technicians|users?|seats?|licen[cs]es|doors?|sites?|"
    r"plants?|clinics?|buses|tickets?|weeks?|months?|days?|hours?|minutes?|years?|"
    r"times|orders?|documents|docs|agreements|pdfs?|items|locations|accounts|consultants|miles|kilomet\w+|leute|"
    r"mitarbeiter|stunden|tage|wochen|monate|aufträge?|reiter|uhr|o'clock|"
    r"technicians|names|questions|pages|languages|slides|desks|lorries|trucks|terminals|offices|waves|visits?|"
    r"reports?|messages|point|of (?:them|us|those))\b",
    re.I,
)
_ACCEPTED = any_of(
    r"\b(?:(?:can|could) live with (?:that|it)|works for (?:me|us)|that works|i'll take (?:it|that)|(?:can|could) "
    r"sell (?:it|that)|"
    r"(?:put|get) (?:it|that) in writing|we have a deal|sounds fair|einverstanden|das passt|machen wir so)\b"
)
_TAKEN_BACK = any_of(
    r"\b(?:different conversation|not in here|hypothetical\w*|if (?:he|she|they) takes? it|not final|gestrichen|"
    r"just guessing|don't put that)\b"
)
_CLOSING = any_of(
    r"\b(?:sign(?:s|ed|ing|ature)?|decide[ds]?|decision|award(?:ed)?|clos(?:e(?! of)|es|ing)|(?:give|place|get) "
    r"(?:\w+ )?the order|picked|pick|go-ahead|put in "
    r"my forecast|forecast|slipp\w+|order form|board|"
    r"q[1-4] deal|runs (?:to|until)|expires?|unterschr\w+|entscheid\w*|entschieden|abschluss|vertragsabschluss)\b"
)
_STAGES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("lost", any_of(r"(?:'s| is| was|it's|closed) lost\b|\blost (?:it|the deal|them)\b|\bit went to\b|\bclosed "
        r"it\b.{0,10}\blost\b")),
    ("won", any_of(r"\b(?:order form|contract) signed\b|\bsigned (?:on|last|the contract|yesterday)\b|\bwe "
        r"won\b(?!['’])|\b(?:is|it's) won\b|\bgewonnen\b")),
    ("on_hold", any_of(r"\bon (?:hold|ice)\b|\bspending (?:stop|freeze)\b|\b(?:pausiert|auf eis|zurückgestellt)\b")),
    ("renewal", any_of(r"\brenew(?:al|ed|ing)?\b|\bverlängerung\b|\bnotice (?:period|letter)\b")),
    ("verbal", any_of(r"\bagreed verbally\b|\bverbal(?:ly)?\b|\bmündlich\b")),
    ("negotiation", any_of(r"\bnegotiat\w+|\bredlines?\b|\bcommercial terms\b|\bdiscount\b|\bverhandl\w+|\bpayment "
        r"terms\b|\bthey've got the contract\b")),
    ("proposal", any_of(r"\bproposal\b|\btender\b|\bwe bid\b|\brevised (?:offer|quote)\b")),
    ("evaluation", any_of(r"\bevaluat\w+|\bpilot\b|\btrial\b|\bdemo\b|\bsandbox\b|\bshortlist\w*|\bteststellung\b|"
        r"\bproof of concept\b|\bpoc\b")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of money said in `sentence`, in major units, and how much it looks like the price of a deal."""

    sentence: Sentence
    value: float
    currency: str | None
    score: float


def currency(discourse: Discourse) -> str | None:
    """The currency named most, or None where none is named or two are level."""
    counts = {code: sum(bool(p.search(s.text)) for s in discourse.sentences) for code, p in _CURRENCY.items()}
    first, second = sorted(counts.items(), key=lambda pair: -pair[1])[:2]
    return first[0] if first[1] and first[1] > second[1] else None


def amounts(discourse: Discourse, rivals: list[Company]) -> list[Amount]:
    """Every sum that could be the price of a deal, in order."""
    thousands = any(1e4 <= n.value < 1e8 and n.scaled for s in discourse.sentences for n in find_numbers(s.text))
    rival_names = [rival.name.lower() for rival in rivals]
    found = []
    for sentence in discourse.sentences:
        text = clean(sentence.text)
        if not find_numbers(text):
            continue
        taken = [(d.start, d.end) for d in find_days(text, discourse.meeting.occurred_at.date())]
        taken += [(phone.start, phone.end) for phone in find_phones(text)]
        if taken:  # beside a day, "two thirty" is a time
            taken += [(clock.start, clock.end) for clock in find_clocks(text)]
        for number in find_numbers(text):
            if any(start < number.end and number.start < end for start, end in taken):
                continue
            amount = _amount(discourse, sentence, text, number, thousands, rival_names)
            if amount:
                found.append(amount)
    return found


def _amount(
    discourse: Discourse, sentence: Sentence, text: str, number: Number, thousands: bool, rivals: list[str]
) -> Amount | None:
    named = next((c for c, p in _CURRENCY.items() if p.search(text[max(0, number.start - 5) : number.end + 12])), None)
    if _UNIT.match(text, number.end) and not named:
        return None
    context = " ".join(s.text for s in discourse.before(sentence, 2)) + " " + text
    about_money = named is not None or _TALK.search(context) is not None or _sums_near(discourse, sentence)
    value = number.value
    if value < 1000:
        if (
            not thousands
            or value < (10 if number.shorthand else 20)
            or value > 999.9
            or (named and not number.shorthand)
        ):
            return None
        value = round(value * 1000, 2)
    elif not number.scaled and not named and not re.search(r"\d", text[number.start : number.end]):
        return None
    if 1900 <= value <= 2100 or value < 1000 or not (about_money or number.scaled):
        return None
    return Amount(sentence, value, named, _score(discourse, sentence, text, number, named, rivals))


def _sums_near(discourse: Discourse, sentence: Sentence) -> bool:
    """Were thousands spoken of just before?"""
    return any(n.scaled and n.value >= 1000 for s in discourse.before(sentence, 3) for n in find_numbers(clean(s.text)))


def _score(
    discourse: Discourse, sentence: Sentence, text: str, number: Number, named: str | None, rivals: list[str]
) -> float:
    score = (
        2.5 * bool(_FOR.search(text)) + 0.7 * bool(_ALSO.search(text)) + 1.0 * (named is not None) + 0.7 * number.scaled
    )
    low = text.lower()
    if any(name in low for name in rivals):
        score -= 4
    against = _AGAINST.search(text)
    score -= 3.0 * (against is not None)
    score -= 3.0 * (cues.CONDITION.search(text) is not None)
    score -= 0.7 * sentence.question
    following = discourse.after(sentence, 2)
    accepted = any(_ACCEPTED.search(s.text) for s in [*following, sentence] if s.speaker)
    score += 2.0 * accepted
    if len(text.split()) <= 4 and not accepted:
        previous = " ".join(s.text for s in discourse.before(sentence, 1))
        score += 1.0 * bool(_FOR.search(previous)) - 1.5 * bool(
            _AGAINST.search(previous) or cues.CONDITION.search(previous)
        )
    score += 0.7 * any(
        cues.YES.search(s.text) or re.search(r"\b(?:yeah|yes|ja|genau)\b", s.text, re.I) for s in following[:1]
    )
    score += 1.5 * any(_FOR.search(s.text) and s.turn == sentence.turn for s in following[:1])
    score -= 3.0 * any(_TAKEN_BACK.search(s.text) for s in following)
    return score


def deals(discourse: Discourse, companies: list[Company], rivals: list[Company]) -> list[Draft]:
    """One draft for each opportunity."""
    if not companies:
        return []
    sums = amounts(discourse, rivals)
    usual = currency(discourse)
    headed = [c for c in companies if c.topics]
    several = sum(any(topic(companies, a.sentence.index) is c for a in sums) for c in headed) >= 2
    found = []
    for company in headed if several else companies[:1]:
        mine = [a for a in sums if not several or topic(companies, a.sentence.index) is company]
        sentences = [s for s in discourse.sentences if not several or topic(companies, s.index) is company]
        draft = _deal(discourse, company, mine, sentences, usual, several)
        if draft:
            found.append(draft)
    return found


def topic(companies: list[Company], index: int) -> Company | None:
    """The company spoken of last at this sentence; None after a sentence that names several."""
    best, where, named = None, -1, 0
    for company in companies:
        last = max((m for m in company.mentions if m <= index), default=-1)
        if last == where and last >= 0:
            named += 1
        if last > where:
            best, where, named = company, last, 1
    return best if named == 1 else None


def _deal(
    discourse: Discourse,
    company: Company,
    sums: list[Amount],
    sentences: list[Sentence],
    usual: str | None,
    several: bool,
) -> Draft | None:
    chosen = _last_on_table(sums)
    found_stage = _stage(sentences, several)
    if (
        chosen is None
        and (several or found_stage in (None, "evaluation"))
        and not (several and found_stage in ("lost", "on_hold", "won"))
    ):
        return None
    close, proof = _close_date(discourse, sentences)
    if found_stage in ("on_hold", "lost"):
        close, proof = None, None
    data: dict[str, object] = {"company": company.name, "stage": found_stage or "discovery"}
    proofs: list[Sentence] = []
    if chosen:
        data |= {"amount": chosen.value, "currency": chosen.currency or usual}
        proofs.append(chosen.sentence)
    if close and proof:
        data["close_date"] = close.isoformat()
        proofs.append(proof)
    if not proofs and company.mentions:
        proofs.append(discourse.sentences[company.mentions[0]])
    return Draft(Kind.DEAL, data, discourse.quotes(*proofs), 0.7 if chosen and chosen.score >= 2.5 else 0.45)


def _last_on_table(sums: list[Amount]) -> Amount | None:
    """The last sum that is about as convincing as the best one; a repeat of the same sum strengthens it."""
    if not sums:
        return None
    scored = []
    for amount in sums:
        repeats = sum(other.value == amount.value for other in sums) - 1
        scored.append((amount.score + min(1.5, 0.5 * repeats), amount))
    best = max(score for score, _ in scored)
    if best < 0.6:
        return None
    return [amount for score, amount in scored if score >= best - 1.2][-1]


def _stage(sentences: list[Sentence], several: bool) -> str | None:
    """By the telling words of the topic; in a meeting about one deal a single passing word is not enough."""
    texts = [clean(s.text) for s in sentences]
    for name, pattern in _STAGES:
        hits = sum(bool(pattern.search(text)) for text in texts)
        if hits >= (1 if several or name in ("won", "on_hold") else 3):
            return name
    return None


def _close_date(discourse: Discourse, sentences: list[Sentence]) -> tuple[date | None, Sentence | None]:
    today = discourse.meeting.occurred_at.date()
    best: tuple[date, Sentence] | None = None
    weight = 0.0
    for sentence in sentences:
        text = clean(sentence.text)
        near = discourse.before(sentence, 2)
        days = find_days(text, today)
        if not days or cues.CONDITION.search(text):
            continue
        score = 2.0 * bool(_CLOSING.search(text)) + 0.8 * any(_CLOSING.search(s.text) for s in near)
        score -= 2.0 * bool(
            re.search(
                r"\b(?:proposal|send|invite|call|webinar|live|running|eigentlich|i had|i'd told|deadline|notice|"
                r"freeze|o'clock|next call|session|meet)\b",
                text,
                re.I,
            )
        )
        day = days[0] if re.search(r"\bnot the\b|\brather than\b|\binstead of\b", text) else days[-1]
        if score >= 0.8 and score >= weight - 1.0:
            best, weight = (day.date, sentence), max(score, weight)
    return best or (None, None)
