"""Deals: whose, how much, how far, by when. The last amount on the table wins.

Which sum is the deal's, `amounts` says. With a customer at the table there is one deal. In a review of several deals,
or with a partner about his customers, a sum belongs to the company named before it or spoken of last.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations

from chatbot.extraction.builtin import deal_stage
from chatbot.extraction.builtin.amounts import Sum, crown, currency, on_table, sums
from chatbot.extraction.builtin.closing import close_day, closes
from chatbot.extraction.builtin.companies import Company
from chatbot.extraction.builtin.cues import any_of
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.builtin.people import Roster
from chatbot.extraction.merging import company_key
from chatbot.extraction.text import fold
from chatbot.extraction.types import Draft
from shared.schemas.insight import Kind

_PARTNER = any_of(
    r"\b(?:partner\w*|resell\w*|referral\w*|(?:lead|deal) registration|end customers?|margin|commission|"
    r"wiederverkäufer\w*|vertriebspartner\w*|provision|endkunde\w*)\b"
)
#: Deals end or rest in these: no day of closing is to come.
_OVER = ("lost", "on_hold")
#: What a talk without a sum must come to, and how surely, to be a deal: of one deal, of one among several.
_TELLING = {
    False: ("proposal", "negotiation", "verbal", "won", "lost", "on_hold", "renewal"),
    True: ("lost", "on_hold", "won"),
}
_SURE = 0.5


def deals(discourse: Discourse, companies: list[Company], rivals: list[Company], roster: Roster) -> list[Draft]:
    """One draft for each opportunity."""
    companies = [c for c in companies if not _is_person(c.name, roster)]
    if not companies:
        return []
    found = sums(discourse, roster, [rival.name for rival in rivals])
    usual = currency(discourse)
    about = {id(company): [s for s in found if spoken_of(companies, s) is company] for company in companies}
    many = _discussed(discourse, companies, about, roster)
    if not many:
        draft = _deal(discourse, _customer(companies, roster), found, discourse.sentences, usual, roster, several=False)
        return [draft] if draft else []
    totals = _totals([{s.value for s in about[id(company)]} for company in many])
    topics = [topic(companies, sentence.index) for sentence in discourse.sentences]
    drafts = []
    for company in many:
        mine = [s for s in about[id(company)] if s.value not in totals]
        chosen, _ = on_table(mine)
        if chosen is not None and chosen.signals["if"]:
            continue  # "if they did the whole group" is no deal yet
        sentences = [s for s, spoken in zip(discourse.sentences, topics, strict=True) if spoken is company]
        draft = _deal(discourse, company, mine, sentences, usual, roster, several=True)
        drafts += [draft] if draft else []
    return drafts


def _is_person(name: str, roster: Roster) -> bool:
    """Is the only telling word of the name somebody's name?"""
    known = {fold(part) for person in roster.people for part in [*person.name.split(), *person.labels]}
    return " " not in name and fold(name) in known


def _customer(companies: list[Company], roster: Roster) -> Company:
    """The company most of those on the other side work for, else the best proven."""
    here = Counter(company_key(p.company) for p in roster.people if p.attended and p.company and p.side != "own")
    return max(companies, key=lambda company: here[company_key(company.name)])


def _discussed(
    discourse: Discourse, companies: list[Company], about: dict[int, list[Sum]], roster: Roster
) -> list[Company]:
    """The companies of a review of several deals or of a partner's customers; none where the deal is at the table."""
    present = {company_key(p.company) for p in roster.people if p.attended and p.company and p.side != "own"}
    priced = [c for c in companies if on_table(about[id(c)])[0] is not None]
    away = [c for c in priced if company_key(c.name) not in present]
    if len(priced) >= 3 or len(away) >= 2:
        return companies if not present else [c for c in companies if company_key(c.name) not in present]
    partners = sum(bool(_PARTNER.search(s.text)) for s in discourse.sentences)
    return away if partners >= 3 else []


def _totals(values: list[set[float]]) -> set[float]:
    """What two companies' sums come to together: a forecast is no deal."""
    return {a + b for one, other in combinations(values, 2) for a in one for b in other}


def spoken_of(companies: list[Company], money: Sum) -> Company | None:
    """The company a sum is about: the one named before it in the sentence, else the one spoken of last."""
    before = fold(clean(money.sentence.text)[: money.start])
    best, where = None, -1
    for company in companies:
        first = fold(re.split(r"[\s-]", company.name)[0])
        place = before.rfind(first) if len(first) >= 4 and money.sentence.index in company.mentions else -1
        if place > where:
            best, where = company, place
    return best or topic(companies, money.sentence.index)


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
    found: list[Sum],
    sentences: list[Sentence],
    usual: str | None,
    roster: Roster,
    *,
    several: bool,
) -> Draft | None:
    chosen, chance = on_table(found)
    stage, sure = deal_stage.stage(deal_stage.signals(sentences, found, roster, several=several))
    if chosen is None and (stage not in _TELLING[several] or sure < _SURE):
        return None
    closing = None if stage in _OVER else close_day(closes(discourse, sentences, roster))[0]
    data: dict[str, object] = {"company": company.name, "stage": stage}
    proofs: list[Sentence] = []
    if chosen:
        named = crown(discourse) if chosen.currency == "crowns" else chosen.currency
        data |= {"amount": chosen.value, "currency": named or usual}
        proofs.append(chosen.sentence)
    if closing:
        data["close_date"] = closing.day.isoformat()
        proofs.append(closing.sentence)
    if not proofs and company.mentions:
        proofs.append(discourse.sentences[company.mentions[0]])
    return Draft(Kind.DEAL, data, discourse.quotes(*proofs), round(max(0.3, chance), 3))
