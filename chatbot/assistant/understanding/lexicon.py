"""The words of both languages as one table of phrases, looked up by their first word.

Senses of the question's own language come first; the other language's stand in for words it does not know, because
people mix (“zeig mir die Deals”). A phrase is tokenised exactly as a question is, so spelling rules exist once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from chatbot.assistant.understanding.calendar_words import FIXED, LAST, MONTHS, NEXT, UNITS, WEEKDAYS
from chatbot.assistant.understanding.tokens import Text, read
from chatbot.assistant.understanding.word_files import entries

_CALENDAR = frozenset(
    [*MONTHS, *WEEKDAYS, *UNITS, *LAST, *NEXT, *(word for phrase in FIXED if len(phrase) == 1 for word in phrase)]
)


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a phrase: `kind` is its part in the grammar, `value` the concept."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found at a token: how many tokens it takes and what it may mean."""

    length: int
    senses: tuple[Sense, ...]


class Lexicon:
    """Phrases of one language."""

    def __init__(self, phrases_of: Mapping[str, Sequence[str]]) -> None:
        found: dict[tuple[str, ...], dict[Sense, None]] = {}
        for key, listed in phrases_of.items():
            kind, _, concept = key.partition(":")
            for phrase in _listed(listed):
                found.setdefault(phrase, {})[Sense(kind, concept)] = None
        self._phrases: dict[str, list[tuple[tuple[str, ...], tuple[Sense, ...]]]] = {}
        for words in sorted(found, key=lambda w: (-len(w), w)):
            self._phrases.setdefault(words[0], []).append((words, tuple(found[words])))
        self._every_word = _CALENDAR | frozenset(word for words in found for word in words)
        #: single words worth recognising in spite of a typing error
        self.words = tuple(
            sorted(
                {w for words, senses in found.items() for w in words if len(w) > 3 and not _is_stop(senses)}
                | {w for w in _CALENDAR if len(w) > 4}
            )
        )

    def at(self, words: Sequence[str], position: int, *, most: int = 99) -> Match | None:
        """The longest phrase of at most so many words that begins at a position."""
        for phrase, senses in self._phrases.get(words[position], ()):
            if len(phrase) <= most and tuple(words[position : position + len(phrase)]) == phrase:
                return Match(len(phrase), senses)
        return None

    def knows(self, word: str) -> bool:
        return word in self._every_word

    def corrected(self, word: str) -> str | None:
        """The known word this one is a misspelling of; None where it may be several or none.

        One slip in words of five letters and more, two from eleven on; of four letters only two swapped neighbours.
        """
        if len(word) < 4 or not word.isalpha():
            return None
        return closest(word, self.words)


def _is_stop(senses: Mapping[Sense, None]) -> bool:
    return all(sense.kind in ("stop", "link", "smalltalk", "text") for sense in senses)


def _listed(listed: Iterable[str]) -> Iterable[tuple[str, ...]]:
    for written in listed:
        for spelling in {written, _without_umlauts(written)}:
            if found := tuple(token.word for token in read(spelling, is_phrase=True).tokens):
                yield found


def _without_umlauts(text: str) -> str:
    for letter, pair in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        text = text.replace(letter, pair)
    return text


@lru_cache(maxsize=8192)
def closest(word: str, known: tuple[str, ...]) -> str | None:
    slips = 2 if len(word) >= 11 else 1
    best: list[tuple[int, str]] = []
    for candidate in known:
        if abs(len(candidate) - len(word)) > slips or (candidate[0] != word[0] and candidate[1:2] != word[1:2]):
            continue
        if _is_inflected(word, candidate):
            continue
        distance = OSA.distance(word, candidate, score_cutoff=slips)
        if distance <= slips and (len(word) > 4 or sorted(word) == sorted(candidate)):
            best.append((distance, candidate))
    best.sort()
    if not best or (len(best) > 1 and best[1][0] == best[0][0] and not _is_same_word(best[0][1], best[1][1])):
        return None
    return best[0][1]


def _is_inflected(word: str, candidate: str) -> bool:
    """“price” is no slip for “priced”, nor “discover” for “discovery”: another word, rightly spelt."""
    shorter, longer = sorted((word, candidate), key=len)
    return longer.startswith(shorter) and longer[len(shorter) :] in ("d", "ed", "r", "er", "y", "ly", "al", "or")


def _is_same_word(one: str, other: str) -> bool:
    """Forms of one word, such as singular and plural: either will do."""
    shared = min(len(one), len(other))
    return one[: shared - 1] == other[: shared - 1]


#: Small words that tell the languages apart, beside the phrases of the grammar.
_MARK = "mark"


@lru_cache(maxsize=2)
def _marks(language: str) -> frozenset[str]:
    return frozenset(entries(language)[f"{_MARK}:{language}"])


_FILES = {"en": ("en", "measures_en"), "de": ("de", "measures_de", "colloquial_de")}


@lru_cache(maxsize=2)
def lexicon(language: str) -> Lexicon:
    """The phrases of a language, built once."""
    phrases: dict[str, tuple[str, ...]] = {}
    for name in _FILES[language]:
        for key, said in entries(name).items():
            phrases[key] = (*phrases.get(key, ()), *said)
    return Lexicon({key: said for key, said in phrases.items() if not key.startswith(_MARK)})


def warm() -> None:
    """Build both tables now, so that the first question does not wait for them."""
    for language in ("en", "de"):
        lexicon(language)


#: Endings of words that are German, whatever they mean.
_GERMAN = ("ische", "ischen", "ischer", "isches", "ungen", "keiten", "heiten", "schaften")


def language_of(text: Text) -> str:
    """`de` where German small words outnumber English ones, else `en`."""
    words = [token.word for token in text.tokens]
    de, en = lexicon("de"), lexicon("en")
    german = sum(word in _marks("de") for word in words) + sum(
        de.knows(w) and not en.knows(w) for w in words if w not in _CALENDAR
    )
    english = sum(word in _marks("en") for word in words) + sum(
        en.knows(w) and not de.knows(w) for w in words if w not in _CALENDAR
    )
    german += sum(w.endswith(_GERMAN) and not en.knows(w) and not de.knows(w) for w in words)
    has_umlaut = any(c in "äöüß" for c in text.written.lower())
    return "de" if german > english or (german == english and has_umlaut) else "en"
