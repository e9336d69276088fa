"""Text to words: what two spellings of the same thing have in common, on any database.

Words are runs of letters and digits, casefolded, without accents. Beside them stand spellings people search by: the
parts of `O'Brien` and `e-mail` joined, and phone numbers as digits back to front, because a number is known by its end
(`1234567`, `030 1234567`, `+49 30 1234567`) and full-text indexes only find beginnings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import phonenumbers

#: Letters that have no decomposition into a plain letter and an accent.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "\0": " "}
)
_ACCENT = re.compile("[\u0300-\u036f]+")
_WORD = re.compile(r"[^\W_]+")
_JOINABLE = re.compile(r"(?<![^\W_])[^\W_]+(?:['’‐-][^\W_]+)+")
_PHONE = re.compile(r"(?<![\w.])\+?[(\d][\d ().\-/]{4,24}\d(?!\w)")

#: Longer "words" are keys and encoded files; their beginning is enough to find them.
_LONGEST_WORD = 64


def fold(text: str) -> str:
    """Casefolded, without accents: `Straße Łódź` -> `strasse lodz`. Keeps punctuation and blanks."""
    if text.isascii():
        return text.lower().replace("\0", " ")
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    return unicodedata.normalize("NFC", _ACCENT.sub("", decomposed))


def words(text: str) -> list[str]:
    """The words of a text, folded, in their order."""
    return [word[:_LONGEST_WORD] for word in _WORD.findall(fold(text))]


def spellings(text: str) -> Iterator[str]:
    """Further words by which a text is searched: joined parts, phone numbers back to front."""
    folded = fold(text)
    for match in _JOINABLE.finditer(folded):
        yield "".join(_WORD.findall(match[0]))[:_LONGEST_WORD]
    for match in _PHONE.finditer(text):
        digits = phone_digits(match[0])
        if digits:
            yield phone_word(digits)


def phones(text: str) -> list[tuple[int, int]]:
    """Where in a text something looks like a phone number: (start, end)."""
    return [match.span() for match in _PHONE.finditer(text) if phone_digits(match[0])]


def phone_digits(written: str) -> str | None:
    """Digits of a phone number without the zero that only holds inside its country; None if there are too few or many.

    `+49 (0)30 1234567` and `+49301234567` are the same; `030 1234567` becomes `301234567`.
    """
    international = written.lstrip("( ").startswith("+")
    text = written.replace("(0)", "") if international else written
    digits = re.sub(r"\D", "", text).lstrip("0")
    return digits if 6 <= len(digits) <= 15 else None


def national_digits(written: str) -> str | None:
    """The number inside its country, for one written with its country's code: `301234567` of `+49 30 1234567`."""
    try:
        return str(phonenumbers.parse(re.sub(r"^[\s(]*00", "+", written), None).national_number)
    except phonenumbers.NumberParseException:
        return None


def is_same_phone(one: str, other: str) -> bool:
    """Whether one number, in whatever spelling, is the other or its end."""
    digits = phone_digits(one)
    ways = [phone_digits(other), national_digits(other)]
    return digits is not None and any(way and (digits.endswith(way) or way.endswith(digits)) for way in ways)


def phone_word(digits: str) -> str:
    """The word by which a number is indexed: found by any beginning, that is by the number's end."""
    return "p" + digits[::-1]


def grams(title: str, *, most: int = 200) -> list[str]:
    """Three-letter pieces of a title's words, each word with its edges marked: `jane` -> `00j 0ja jan ane ne0`."""
    pieces: dict[str, None] = {}
    for word in words(title):
        marked = f"00{word}0"
        pieces.update(dict.fromkeys(marked[i : i + 3] for i in range(len(marked) - 2)))
    return list(pieces)[:most]
