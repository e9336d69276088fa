"""Companies as the rest of the analyzer uses them: where they are named, what they do and how large they are.

Which names are companies and which are rivals is decided in `entities`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from chatbot.extraction.builtin.candidates import Mention
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.builtin.entities import Entity
from chatbot.extraction.text import key

_PARTICLES = re.compile(
    r"(?:(?:so|okay|ok|and|also|then|now|right|next|yes|yeah|um|uh|well|the|ja|gut|dann|und|also|noch)\b[,.]?\s*)*",
    re.I,
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
