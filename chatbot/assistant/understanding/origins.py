"""Where people came from and why deals were lost: values in words that mean other things elsewhere.

“A cold call” is a meeting, “a partner” a contact and “the website” a field, unless somebody came in that way. A reason
is told in a clause of its own, never quite as it was written down: its words are compared with those of reasons kept.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from collections.abc import Callable, Sequence

from sqlalchemy import select

from chatbot.assistant.understanding.tokens import Text
from chatbot.assistant.understanding.values import Value, Vocabulary
from shared.models import Deal
from shared.search import words
from shared.search.passages import STOP_WORDS, stem
from shared.tenancy import TenantSession

#: Told of people, these lead to where they came from.
_CAME = frozenset(
    "find via through source sources sourced came come comes coming met meet found got acquired originated originating "
    "stem stemming entered arrived channel origin quelle quellen herkunft".split()
)
_BETWEEN = frozenset(
    "in to us by way of a an the our one some at or and either is are was were be from via through on first originally "
    "not as , being any their".split()
)
_LONGEST = 3

_LOST = frozenset(
    "lose loses lost losing loss losses loose fell fallen failed verloren verlieren verlor verloren".split()
)
_BECAUSE = (
    ("because", "of"), ("because",), ("due", "to"), ("owing", "to"), ("on", "account", "of"), ("since",), ("as",),
    ("thanks", "to"), ("over",), ("to",), ("on",), ("reason",), ("weil",), ("wegen",), ("da",), ("aufgrund",),
)  # fmt: skip
#: Of the words that tell a reason so many must be those of one that is kept.
_ENOUGH = 0.6
_MOST_REASONS = 500


def origins(text: Text, vocabulary: Vocabulary) -> list[Value]:
    """Sources behind “came in through …”, “met at …”; each of those joined by “or”."""
    found: list[Value] = []
    for i, token in enumerate(text.tokens):
        if token.word in _CAME and not any(value.first <= i for value in found):
            found += _sources_from(text, i + 1, vocabulary)
    return found


def _sources_from(text: Text, at: int, vocabulary: Vocabulary) -> list[Value]:
    found: list[Value] = []
    while at < len(text.tokens):
        value = _source_at(text, at, vocabulary)
        if value is not None:
            found.append(value)
            at = value.last
        elif text.tokens[at].word in _BETWEEN | _CAME:
            at += 1
        else:
            break
    return found


def _source_at(text: Text, at: int, vocabulary: Vocabulary) -> Value | None:
    for last in range(min(at + _LONGEST, len(text.tokens)), at, -1):
        said = words(text.slice(at, last)) if text.tokens[last - 1].kind != "break" else []
        for key in (tuple(said), (*said[:-1], said[-1].removesuffix("s")) if said else ()):
            for entity, field, stored in vocabulary.whole.get(key, ()):
                if field == "source":
                    return Value(at, last, entity, field, stored)
    return None


def reasons(session: TenantSession, text: Text, is_time: Callable[[int], int]) -> list[Value]:
    """The clause that tells why something was lost, as the reasons that say it; `is_time`: tokens of a time, or 0."""
    first = next((i for i, token in enumerate(text.tokens) if token.word in _LOST), None)
    if first is None:
        return []
    found = _clause(text, first + 1, is_time)
    if found is None:
        return []
    begins, behind = found
    behind += behind < len(text.tokens) and text.tokens[behind].text == ":"  # “reason: …”
    end = next((i for i in range(behind, len(text.tokens)) if text.tokens[i].kind == "break"), len(text.tokens))
    told = {i: stem(text.tokens[i].word) for i in range(behind, end) if _tells(text.tokens[i].word)}
    kept = [(reason, words(reason)) for reason in _kept(session)] if told else []
    best: tuple[int, float] = (0, 0.0)
    stored: list[str] = []
    last = begins
    for reason, said in kept:
        stems = {stem(word) for word in said}
        shared = [i for i in _without_times(text, told, is_time, said) if told[i] in stems]
        until = [i for i in told if shared and i <= max(shared)]
        score = (len(shared), len(shared) / len(until)) if until else (0, 0.0)
        if score[1] < _ENOUGH or score < best:
            continue
        stored = [*stored, reason] if score == best else [reason]
        best, last = score, max(shared)
    return [Value(begins, last + 1, "deal", "lost_reason", tuple(stored))] if stored else []


def _clause(text: Text, at: int, is_time: Callable[[int], int]) -> tuple[int, int] | None:
    """Where the clause begins that tells the reason, and where its words do; “since the 1st” tells when."""
    tokens = text.tokens
    for i in range(at, len(tokens)):
        for phrase in _BECAUSE:
            is_when = phrase == ("since",) and i + 1 < len(tokens) and is_time(i + 1) > 0
            if tuple(token.word for token in tokens[i : i + len(phrase)]) == phrase and not is_when:
                return i, i + len(phrase)
    return None


def _tells(word: str) -> bool:
    return word.isalpha() and word not in STOP_WORDS and len(word) > 2


def _without_times(text: Text, told: dict[int, str], is_time: Callable[[int], int], reason: list[str]) -> list[int]:
    """“lost to budget this year”: a time belongs to the reason only where all its words do (“moved to next year”)."""
    skipped: set[int] = set()
    for i in range(min(told), max(told) + 1):
        length = is_time(i)
        if any(token.word not in reason for token in text.tokens[i : i + length]):
            skipped |= set(range(i, i + length))
    return [i for i in told if i not in skipped]


def _kept(session: TenantSession) -> Sequence[str]:
    query = select(Deal.lost_reason).where(Deal.deleted_at.is_(None), Deal.lost_reason.is_not(None)).distinct()
    return [str(reason) for reason in session.scalars(query.limit(_MOST_REASONS))]
