"""Names written wrongly: which records a word is nearly the name of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from chatbot.assistant.types import RecordRef

#: Words in a group that may be a whole name, and how many namesakes are worth offering.
from chatbot.assistant.understanding.mentions import (
    LEGAL,
    MOST_LOOKUPS,
    MOST_NAMESAKES,
    SURE_LETTERS,
    Candidate,
    Mention,
    mention_of,
)
from chatbot.assistant.understanding.tokens import Text
from shared.search import naming, words
from shared.tenancy import TenantSession

#: Similarity (0-100, rapidfuzz ratio) from which a word is a name misspelt; short words need more.
ALIKE, ALIKE_SHORT = 80, 88


def misspelt(session: TenantSession, text: Text, at: int) -> Mention | None:
    """A name that the word at a token is a misspelling of; more than one record is as ambiguous as a first name."""
    word = text.tokens[at].word
    if len(word) < 4:
        return None
    forms = {word, word[:-1]} if word.endswith("s") and len(word) > 4 else {word}
    found: list[tuple[float, Candidate]] = []
    for named in naming.spelled_like(session, word, ("company", "contact", "deal", "meeting")):
        title = [w for w in words(named.title) if w not in LEGAL]
        score = max((_likeness(form, part) for form in forms for part in title), default=0.0)
        is_first = bool(title) and max(_likeness(form, title[0]) for form in forms) == score
        if (len(word) > 4 and score >= (ALIKE if len(word) > 5 else ALIKE_SHORT)) or _is_one_slip(word, title):
            strong = named.type == "contact" or is_first
            found.append((score, Candidate(RecordRef(named.type, named.id, named.title), 1, len(title) == 1, strong)))
    for id_, name in naming.colleagues(session):
        score = max((_likeness(form, part) for form in forms for part in words(name)), default=0.0)
        if score >= (ALIKE if len(word) > 5 else ALIKE_SHORT) or _is_one_slip(word, words(name)):
            found.append((score, Candidate(RecordRef("user", id_, name), 1, False)))
    if not found:
        return None
    best = max(score for score, _ in found)
    close = [candidate for score, candidate in found if score >= best - 4]
    # Colleagues are few: nearly one's name and nobody else's is that one's.
    letters = len(word) if len(close) > 1 or close[0].record.type != "user" else max(len(word), SURE_LETTERS)
    return replace(mention_of(at, at + 1, close[:MOST_NAMESAKES], is_misspelt=True), letters=letters)


def is_nearly_a_colleague(session: TenantSession, word: str) -> bool:
    """Whether a word is one of our own names with a slip, rather than a common word with one: “marcs” is no March."""
    parts = [part for _, name in naming.colleagues(session) for part in words(name)]
    return len(word) > 3 and any(_likeness(word, part) >= ALIKE_SHORT or _is_one_slip(word, [part]) for part in parts)


def joined(session: TenantSession, text: Text, one: Mention, other: Mention) -> Mention | None:
    """Two mentions side by side as one name, of which one part was misspelt: everybody who has both words."""
    exact, wrong = (one, other) if other.is_misspelt else (other, one)
    if exact.is_misspelt:
        return _both_misspelt(one, other)
    if not wrong.is_misspelt:
        return None
    said = words(text.slice(exact.first, exact.last))
    word = text.tokens[wrong.first].word
    found: list[Candidate] = []
    for type_, candidates in wrong.by_type.items():
        meant = dict.fromkeys(max(words(c.record.name), key=lambda part: _likeness(word, part)) for c in candidates)
        for part in list(meant)[:MOST_LOOKUPS]:
            for named in naming.titled(session, [*said, part], (type_,), limit=MOST_NAMESAKES):
                record = RecordRef(named.type, named.id, named.title)
                found.append(Candidate(record, len(said) + 1, len(words(named.title)) == len(said) + 1))
    if not found:
        return None
    mention = mention_of(min(one.first, other.first), max(one.last, other.last), found, is_misspelt=True)
    return replace(mention, letters=wrong.letters + sum(len(part) for part in said))


def _both_misspelt(one: Mention, other: Mention) -> Mention | None:
    """“joane witaker”: whoever either word may mean."""
    theirs = {c.record for found in other.by_type.values() for c in found}
    found = [
        replace(c, matched=2, is_whole=len(words(c.record.name)) == 2)
        for candidates in one.by_type.values()
        for c in candidates
        if c.record in theirs
    ]
    if not found:
        return None
    mention = mention_of(min(one.first, other.first), max(one.last, other.last), found, is_misspelt=True)
    return replace(mention, letters=one.letters + other.letters)


def is_nearly_in(word: str, name: str) -> bool:
    """Whether a word is one of a name's words with a slip or two."""
    return any(_likeness(word, part) >= ALIKE for part in words(name) if len(part) > 3)


def _likeness(word: str, part: str) -> float:
    """0-100. People seldom miss a name's first letter: Anna is not Sanna, Berlin not Elin."""
    return fuzz.ratio(word, part) if word[:1] == part[:1] or sorted(word[:2]) == sorted(part[:2]) else 0.0


def _is_one_slip(word: str, title: Sequence[str]) -> bool:
    """Two neighbours swapped, which a ratio of short words judges too hard."""
    return any(len(part) == len(word) and sorted(part) == sorted(word) for part in title)
