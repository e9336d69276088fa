"""What is a text file written in? What is certain decides first (marks, valid UTF-8), statistics last.

    mark ─▶ zero bytes: UTF-16 ─▶ valid or nearly valid UTF-8 ─▶ high bytes alone between letters: Windows' western page
                                                              └▶ in runs: another script, which charset-normalizer names

Beyond UTF it is a guess, however good: `is_guess` says so, and the page offers `CHOICES` beside what is read with it.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from charset_normalizer import CharsetMatch, from_bytes

_PIECE = 1024 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UTF8_SIGN = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
#: A cell, or a part of it, that has letters beyond ASCII: the rest of a file would only drown them.
_CELL = re.compile(rb"[^,;\t|\"\r\n]*[\x80-\xff][^,;\t|\"\r\n]*")
_ALONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
#: Signs (`³`, `¹`, `¿`) of the western page within a word are letters (`ł`, `ą`, `ż`) of the eastern one.
_EASTERN = re.compile(rb"[A-Za-z][\x9d\x9f\xb3\xb9\xbe\xbf][a-z]")
_MOST_CELLS = 1000
#: Other scripts as programs write them, of two that fit alike the likelier first.
_SCRIPTS = ("cp1251", "cp1255", "cp1253", "cp1256", "cp932", "gb18030", "big5", "cp949", "euc_jp", "cp874", "koi8_r")

#: What a person may choose, by Python's names.
CHOICES = ("utf-8", "cp1252", "cp1250", "cp1254", "cp1257", *_SCRIPTS, "mac_roman", "cp850")


def encoding_of(path: Path) -> str:
    """What a text file is written in.

    UTF-8 with a few bytes of Windows' among it (files joined from two programs) is UTF-8: `text.lines_of` reads both.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if abs(even - odd) > len(head) // 8:  # zeros in both are what a disk left in place of text
        return "utf-16-be" if even > odd else "utf-16-le"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in _pieces(path):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _guessed(b"\n".join(islice(_cells(path), _MOST_CELLS)))
    return "utf-8"


def is_guess(encoding: str) -> bool:
    """Whether an encoding of a file was not certain."""
    return not encoding.startswith("utf")


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _cells(path: Path) -> Iterator[bytes]:
    """Different cells with letters beyond ASCII, in their order."""
    seen: set[bytes] = set()
    for piece in _pieces(path):
        for match in _CELL.finditer(piece):
            if match[0] not in seen:
                seen.add(match[0])
                yield match[0]


def _guessed(sample: bytes) -> str:
    high = len(_HIGH.findall(sample))
    if len(_UTF8_SIGN.findall(sample)) > len(_HIGH.findall(_UTF8_SIGN.sub(b"", sample))):
        return "utf-8"
    # In words of Latin letters an accented one stands alone; other scripts have none else.
    if len(_ALONE.findall(sample)) * 5 < high * 2 and (found := _script(sample)):
        return found
    return "cp1250" if len(_EASTERN.findall(sample)) * 20 > high else "cp1252"


def _script(sample: bytes) -> str | None:
    matches = {match.encoding: match for match in from_bytes(sample, cp_isolation=list(_SCRIPTS))}
    least = min((match.chaos for match in matches.values()), default=0.0)
    written = {name: round(_well_written(m), 1) for name, m in matches.items() if m.chaos <= least + 0.03}
    best = min(written, key=lambda n: (-written[n], -matches[n].coherence, _SCRIPTS.index(n)), default=None)
    return best if best and written[best] >= 0.5 else None


def _well_written(match: CharsetMatch) -> float:
    """The share of words that people write so: in one script, with capitals where a script has them, beginning with no
    combining mark. It tells a few Hebrew names from Cyrillic without capitals, which a language's statistics cannot."""
    words = [word for word in re.findall(r"[^\W\d_]\w*|\S", str(match)) if not word.isascii()]
    may_shout = match.encoding != "koi8_r"  # whose capitals stand where Windows has small letters
    cased = [w for w in words if w == w.swapcase() or w.istitle() or (may_shout and w.isupper())]
    good = [word for word in cased if not re.search("[A-Za-z]", word) and unicodedata.category(word[0])[0] == "L"]
    return len(good) / max(1, len(words))
