"""Words of descriptions: jobs and trades are told by their parts, and by words that are made of these.

Records say “Brewery”, “Retail” and “Head of IT”; people ask for brewers, retailers and IT bosses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chatbot.assistant.understanding.word_files import by_phrase

#: What those who do or sell it are called → endings of what it is called: brewers → brewery, printers → printing.
_DOERS = (("ers", ("", "e", "ing", "y", "ery")), ("er", ("", "e", "ing", "y", "ery")), ("ies", ("y",)))
#: The end of German titles that mean the head of something.
_HEADS = ("leiter", "leiterin")


def forms(word: str) -> Iterator[str]:
    """A word as said and as records may have it, the likeliest first."""
    yield word
    if long := by_phrase("values", "short").get(word):
        yield long
    if len(word) <= 3:
        return
    yield word.removesuffix("s")
    yield word + "s"
    for ending, instead in _DOERS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            for other in instead:
                yield word[: -len(ending)] + other


def trades(word: str) -> list[str]:
    """The words that industries of a trade have: hauliers are in freight, in parcels, in logistics."""
    return by_phrase("values", "trade").get(word, "").split()


def rank_at(said: list[str]) -> tuple[str, int] | None:
    """The rank that words begin with (“bosses”, “c level”): the words of titles that have it, and its length."""
    ranks = by_phrase("values", "rank")
    for length in (2, 1):
        phrase = " ".join(said[:length])
        if len(said) >= length and phrase in ranks:
            return ranks[phrase], length
    return None


def has_rank(title: Iterable[str], rank: str) -> bool:
    """Whether a title, as folded words, is of a rank."""
    wanted = rank.split()
    return any(word in wanted or ("head" in wanted and word.endswith(_HEADS)) for word in title)


def is_of_a_rank(word: str) -> bool:
    """Whether a word is part of what ranks are called: “suite” is no “site” misspelt."""
    return any(word in phrase.split() for phrase in by_phrase("values", "rank"))
