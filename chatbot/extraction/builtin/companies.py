"""Companies as the rest of the analyzer uses them: where they are named, what they do and how large they are.

Which names are companies and which are rivals is decided in `entities`.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
from dataclasses import dataclass, field

from chatbot.extraction.builtin.candidates import Mention, is_head
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.builtin.entities import Entity
from chatbot.extraction.numbers import find_numbers
from chatbot.extraction.text import fold, key

_PARTICLES = re.compile(
    r"(?:(?:so|okay|ok|and|also|then|now|right|next|yes|yeah|um|uh|well|the|ja|gut|dann|und|also|noch)\b[,.]?\s*)*",
    re.I,
)
_SIZE = re.compile(
    r"\s*(?:or so\s)?(?:people|of us\b|employees|staff|headcount|leute?|mitarbeitende\w*|mitarbeiter\w*|beschäftigte|"
    r"consultants|colleagues)\b",
    re.IGNORECASE,
)
_INDUSTRY = re.compile(
    r"\b(?:[Ww]e(?:'re| are)|[Ii]t's|[Tt]hey(?:'re| are)|[Ww]ir sind) (?:an?|ein(?:e)?) (?:(?:family|small|large|"
    r"big|mid-size|medium)\w* )?(?P<a>(?:[A-Za-z-]+ ){0,2}[A-Za-z-]+)(?=[,.])"
    r"|\b[Ww]e (?:make|build|produce|sell|manufacture|operate) (?P<b>(?:[a-z-]+ )?[a-z-]+)(?=[,.])|\b[Ww]ir "
    r"(?:bauen|machen|produzieren|fertigen|verkaufen) (?P<c>[A-ZÄÖÜ]\w+)"
    r"|\bpeople, (?P<d>[a-z]+ [a-z]+)(?=,)|^(?P<e>[A-Z][a-z]+ (?:broker|operator|manufacturer|company|agency|"
    r"supplier|provider|retailer|yard|authority))(?=[,.])"
)


@dataclass(slots=True)
class Company:
    """One organisation. `mentions` are indices of the sentences that name it."""

    name: str
    score: float = 0.0
    proofs: list[Sentence] = field(default_factory=list)
    mentions: list[int] = field(default_factory=list)
    industry: str | None = None
    size: str | None = None
    domain: str | None = None
    #: Where exactly it is named, by any of its names.
    spots: list[Mention] = field(default_factory=list)
    #: How often it heads a topic: "So, Acme Facilities."
    topics: int = 0


def company_of(discourse: Discourse, entity: Entity, *, share: float) -> Company:
    """The entity with all sentences that name it, by any of its names."""
    company = Company(entity.name, score=share)
    said = set(entity.mentions) | set(mentions(discourse, company.name))
    company.mentions = sorted(said)
    company.spots = [mention for name in entity.names for mention in name.mentions]
    company.proofs = [discourse.sentences[index] for index in entity.mentions[:2]]
    company.topics = sum(_heads(mention.start, text) for name in entity.names for mention in name.mentions
                         for text in [clean(discourse.sentences[mention.sentence].text)])  # fmt: skip
    return company


def _heads(start: int, text: str) -> bool:
    """Does the name open its sentence, but for particles? `So, Acme Facilities.`"""
    return _PARTICLES.fullmatch(text[:start]) is not None


def mentions(discourse: Discourse, name: str) -> list[int]:
    """Sentences that say the name, or its first word where that is telling enough."""
    whole = key(name)
    first = key(re.split(r"[\s-]", name)[0])
    found = []
    for sentence in discourse.sentences:
        said = key(sentence.text)
        if whole in said or (len(first) >= 5 and first in said):
            found.append(sentence.index)
    return found


#: Endings that tell the form of a company and not its trade.
_FORM = frozenset(
    """group holding holdings systems partners solutions services agency capital ltd limited inc llc plc gmbh ag kg se
    bv sa build works gruppe technology technologies industries company authority""".split()
)


#: Heads of names that are not yet the trade's own word.
_TRADES = {
    "council": "local government", "county": "local government", "landratsamt": "öffentliche Verwaltung",
    "gemeinde": "öffentliche Verwaltung", "college": "education", "university": "higher education",
    "schools": "education",
    "school": "education", "academy": "education", "apps": "software", "hospital": "healthcare",
    "hospitals": "healthcare",
    "clinic": "healthcare", "clinics": "healthcare", "kliniken": "Gesundheitswesen", "klinik": "Gesundheitswesen",
    "klinikum": "Gesundheitswesen", "care": "social care", "laundries": "laundry", "stadtwerke": "Stadtwerke",
    "hochbau": "Bau", "tiefbau": "Bau", "hotelgruppe": "Hotels", "hotels": "hotels", "pharmacy": "pharmacies",
    "molkerei": "Molkerei", "backerei": "Bäckerei", "brauerei": "Brauerei",
}  # fmt: skip


def _trade(name: str) -> str | None:
    """What the name itself says the company does: `Acme Cold Storage` -> cold storage, `Acme Council` -> government."""
    words = re.split(r"[\s-]", name)
    known = next((_TRADES[fold(word)] for word in words if fold(word) in _TRADES), None)
    tail = [word for word in words[1:] if word.lower() not in _FORM]
    if known is None and tail and is_head(fold(tail[-1])):
        return " ".join(tail).lower()
    return known


def describe(discourse: Discourse, company: Company, speakers: list[str]) -> None:
    """Size and industry as the company's own people say them, or as said where its name has just been said."""
    near = {index + step for index in company.mentions for step in range(4)}
    for sentence in discourse.sentences:
        if sentence.speaker not in speakers and sentence.index not in near:
            continue
        text = clean(sentence.text)
        for number in find_numbers(text):
            if (
                company.size is None
                and number.value >= 10
                and _SIZE.match(text, number.end)
                and (
                    sentence.speaker is None
                    or re.search(r"\b(?:we|they|us|all in|about|around|approx|wir|itself)\b", text, re.I)
                )
            ):
                company.size = f"{number.value:g}"
                company.proofs.append(sentence)
        match = _INDUSTRY.search(text)
        if company.industry is None and match and sentence.index < 0.6 * len(discourse.sentences):
            said = next(group for group in match.groups() if group)
            if not re.search(
                r"\b(?:problem|good|bad|lot|bit|thing|question|customer|mess|big|nice|very|shame|great|pain|joke|"
                r"crime)\b",
                said,
                re.I,
            ):
                company.industry = said
                company.proofs.append(sentence)
    company.industry = _trade(company.name) or company.industry
