"""Citations in a summary: `[12]` after a statement, meaning utterance 12. Only numbers that a model was given count.

A model writes them into its text; kept are the text without them and the places they stood at, so that whoever shows
the summary may link them and whoever does not need not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_CITATION = re.compile(
    r"\s*\[\s*(?:lines?\s*)?(\d{1,6}(?:\s*(?:,|;|and|und|-|–)\s*(?:lines?\s*)?\d{1,6})*)\s*\]", re.IGNORECASE
)
_NUMBER = re.compile(r"\d+")


def numbers(text: str) -> set[int]:
    """The utterances that a text cites."""
    return {int(number) for match in _CITATION.finditer(text) for number in _NUMBER.findall(match[1])}


def taken_out(text: str, known: Iterable[int]) -> tuple[str, list[dict[str, int]]]:
    """The text without its citations, and those of known utterances: `{"at": 57, "utterance": 12}`, in order.

    `at` is the place in the text that is handed back, after the words cited for.
    """
    allowed = set(known)
    plain, cited, position = "", [], 0
    for match in _CITATION.finditer(text):
        plain += text[position : match.start()]
        position = match.end()
        for number in dict.fromkeys(int(said) for said in _NUMBER.findall(match[1])):
            if number in allowed:
                cited.append({"at": len(plain), "utterance": number})
    return plain + text[position:], cited


def only(text: str, known: Iterable[int]) -> str:
    """The text with its citations of known utterances, the others left out."""
    allowed = set(known)

    def kept(match: re.Match[str]) -> str:
        return "".join(f" [{said}]" for said in _NUMBER.findall(match[1]) if int(said) in allowed)

    return _CITATION.sub(kept, text)
