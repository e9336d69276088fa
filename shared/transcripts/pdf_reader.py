"""PDF with text in it, through pypdf; its lines then go the way of plain text."""

from __future__ import annotations

import io
import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from shared.errors import AppError, TooLarge
from shared.transcripts import plain
from shared.transcripts.decoding import refuse
from shared.transcripts.model import Reading

if TYPE_CHECKING:
    from pypdf import PageObject

MAX_PAGES = 1_000
#: Drawing instructions, unpacked: a page of a transcript has about 10 kB. pypdf reads some 400 kB a second.
MAX_PAGE_BYTES = 512 * 1024
MAX_TOTAL_BYTES = 12 * 1024 * 1024
#: How far `check` looks for text before it leaves the question to `read`.
SNIFF_PAGES = 10
SNIFF_BYTES = 48 * 1024

_PAGE_NUMBER = re.compile(r"(?:page|seite)?\s{0,3}\d{1,4}(?:\s{0,3}(?:/|of|von)\s{0,3}\d{1,4})?", re.I)
_DIGITS = re.compile(r"\d{1,9}")
#: What browsers print below and above a page: "https://example.com/call 2/13", "11/27/26, 3:37 AM Weekly sync".
_PRINTED = re.compile(r"(?:https?|\ufb01le|file):\S{1,300} (\d{1,4})/\d{1,4}")
_PRINTED_ON = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}, \d{1,2}:\d{2}\b")
_LIGATURES = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st"}
)
_WORD = re.compile(r"[^\W\d_]+")
_BROKEN_WORD = re.compile(
    r"(?P<start>[^\W\d_]{2,40})(?P<hyphen>[-\u2010\u00ad])\n(?P<end>[^\W\d_A-Z][^\s]{0,60})[ \t]*\n?"
)
# pypdf reports each oddity of a damaged file on its own line; a hostile file has a million of them.
logging.getLogger("pypdf").setLevel(logging.ERROR)


def is_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:1024]


def check(data: bytes) -> None:
    """Raises Invalid or TooLarge for a PDF that `read` would refuse; looks at the first pages only."""
    left = SNIFF_BYTES
    pages = _pages(data)
    for page in pages[:SNIFF_PAGES]:
        left -= _size(page)
        if left < 0 or (_text(page) or "").strip():
            return
    if len(pages) <= SNIFF_PAGES:
        raise _scanned()


def read(data: bytes) -> Reading:
    """Raises Invalid (encrypted, scanned, damaged) or TooLarge. A page that cannot be read counts as found and lost."""
    texts: list[str] = []
    lost, left = 0, MAX_TOTAL_BYTES
    for page in _pages(data):
        size = _size(page)
        left -= size
        if left < 0:
            raise TooLarge(
                "The PDF draws more than a transcript can. Upload one meeting at a time, or export it as txt."
            )
        text = _text(page) if size <= MAX_PAGE_BYTES else None
        lost += text is None
        texts.append(text or "")
    if not any(text.strip() for text in texts):
        raise _scanned()
    reading = plain.read(_whole_words("\n".join(_without_furniture(texts))))
    return replace(reading, found=reading.found + lost)


def _scanned() -> AppError:
    return refuse(
        "There is no text in this PDF; it seems to be scanned. "
        "Export the transcript as text, or run text recognition first."
    )


def _pages(data: bytes) -> list[PageObject]:
    from pypdf import PdfReader  # 17 MB in each process; most never meet a PDF

    try:
        document = PdfReader(io.BytesIO(data))
        if document.is_encrypted and not document.decrypt(""):
            raise refuse("The PDF is protected by a password. Save it without one and upload that.")
        count = len(document.pages)
        if count > MAX_PAGES:
            raise TooLarge(f"The PDF has {count:,} pages; at most {MAX_PAGES:,} are read. Upload the transcript alone.")
        return list(document.pages)
    except AppError:
        raise
    except Exception as error:  # pypdf lets any exception of its inside out for a damaged file, RecursionError included
        raise refuse(
            "The PDF is damaged and cannot be read. Save it again, or export the transcript as txt."
        ) from error


def _size(page: PageObject) -> int:
    """Bytes of a page's drawing instructions; 0 where they cannot be unpacked."""
    try:
        contents = page.get_contents()
        return 0 if contents is None else len(contents.get_data())
    except Exception:  # see `_pages`; `_text` will meet the same fault and report it
        return 0


def _text(page: PageObject) -> str | None:
    """The text of a page, None for one that is damaged: the others are still read."""
    try:
        return page.extract_text()
    except Exception:  # as in `_pages`
        return None


def _without_furniture(texts: list[str]) -> list[str]:
    """Pages without page numbers and running heads, which would stand in the middle of sentences."""
    pages = [[line for line in text.replace("\r", "\n").split("\n") if line.strip()] for text in texts]
    running = _running(pages)

    def is_furniture(line: str) -> bool:
        return line.strip() in running or _PAGE_NUMBER.fullmatch(line.strip()) is not None

    kept: list[str] = []
    for number, lines in enumerate(pages, start=1):
        if lines and (match := _PRINTED.fullmatch(lines[-1].strip())) and match[1] == str(number):
            lines.pop()
            if lines and _PRINTED_ON.match(lines[-1].strip()):
                lines.pop()
        while lines and is_furniture(lines[0]):
            lines.pop(0)
        while lines and is_furniture(lines[-1]):
            lines.pop()
        kept.append("\n".join(lines))
    return kept


def _running(pages: list[list[str]]) -> set[str]:
    """Lines at the edges of most pages that are the same on all of them, or, outermost, differ by the page's number."""
    found: dict[str, list[tuple[int, str]]] = {}
    for number, lines in enumerate(pages):
        for line in {line.strip() for line in lines[:2] + lines[-2:]}:
            found.setdefault(_DIGITS.sub("#", line), []).append((number, line))
    return {
        line
        for places in found.values()
        if len({number for number, _ in places}) >= 3
        and len(places) * 2 > len(pages)
        and (len({line for _, line in places}) == 1 or _counts_pages(places, pages))
        for _, line in places
    }


def _counts_pages(places: list[tuple[int, str]], pages: list[list[str]]) -> bool:
    """Whether each number in the line stays the same or goes up with the pages: "0:45" above a turn does not."""
    if any(line not in (pages[number][0].strip(), pages[number][-1].strip()) for number, line in places):
        return False
    columns = zip(*([int(digits) for digits in _DIGITS.findall(line)] for _, line in places), strict=True)
    return all(
        len(set(column)) == 1 or len({value - number for value, (number, _) in zip(column, places, strict=True)}) == 1
        for column in columns
    )


def _whole_words(text: str) -> str:
    """Text without ligatures, and with the words put together that a margin broke.

    The hyphen goes only where the document has the word without it: "well-" and "known" may be "well-known".
    """
    text = text.translate(_LIGATURES)
    known = {word.lower() for word in _WORD.findall(text)}

    def joined(match: re.Match[str]) -> str:
        whole = match["start"] + match["end"]
        if match["hyphen"] == "\u00ad" or whole.lower() in known:
            return f"{whole}\n"
        return f"{match['start']}-{match['end']}\n"

    return _BROKEN_WORD.sub(joined, text)
