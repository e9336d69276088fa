"""PDF with text in it, through pypdf; its lines then go the way of plain text."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError

from shared.errors import AppError, TooLarge
from shared.transcripts import plain
from shared.transcripts.decoding import refuse
from shared.transcripts.model import Reading

MAX_PAGES = 1_000
MAX_PAGE_BYTES = 4 * 1024 * 1024
MAX_TEXT = 20 * 1024 * 1024
#: How far `check` looks for text before it leaves the question to `read`.
SNIFF_PAGES = 10

_PAGE_NUMBER = re.compile(r"(?:page|seite)?\s{0,3}\d{1,4}(?:\s{0,3}(?:/|of|von)\s{0,3}\d{1,4})?", re.I)
# pypdf reports each oddity of a damaged file on its own line; a hostile file has a million of them.
logging.getLogger("pypdf").setLevel(logging.ERROR)


def is_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:1024]


def check(data: bytes) -> None:
    """Raises Invalid or TooLarge for a PDF that `read` would refuse; looks at the first pages only."""
    pages = _pages(data)
    if len(pages) <= SNIFF_PAGES and not any(_text(page).strip() for page in pages):
        raise _scanned()


def read(data: bytes) -> Reading:
    """Raises Invalid (encrypted, scanned, damaged) or TooLarge (too many pages)."""
    texts: list[str] = []
    total = 0
    for page in _pages(data):
        texts.append(_text(page))
        total += len(texts[-1])
        if total > MAX_TEXT:
            raise TooLarge("The PDF has more text than a meeting can have. Upload one meeting at a time.")
    if not any(text.strip() for text in texts):
        raise _scanned()
    return plain.read("\n".join(_without_furniture(texts)))


def _scanned() -> AppError:
    return refuse(
        "There is no text in this PDF; it seems to be scanned. "
        "Export the transcript as text, or run text recognition first."
    )


def _pages(data: bytes) -> list[PageObject]:
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


def _text(page: PageObject) -> str:
    """The text of a page; empty for one that is damaged or a bomb, while the others are still read."""
    try:
        contents = page.get_contents()
        if contents is None or len(contents.get_data()) > MAX_PAGE_BYTES:
            return ""
        return page.extract_text()
    except (
        PyPdfError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        RecursionError,
        ArithmeticError,
        AssertionError,
    ):
        return ""


def _without_furniture(texts: list[str]) -> list[str]:
    """Pages without page numbers and running heads, which would stand in the middle of sentences."""
    pages = [[line for line in text.replace("\r", "\n").split("\n") if line.strip()] for text in texts]
    edges = Counter(line.strip() for lines in pages for line in {*lines[:1], *lines[-1:]})
    running = {line for line, count in edges.items() if count >= 3 and count * 2 > len(pages)}

    def is_furniture(line: str) -> bool:
        return line.strip() in running or _PAGE_NUMBER.fullmatch(line.strip()) is not None

    kept: list[str] = []
    for lines in pages:
        while lines and is_furniture(lines[0]):
            lines.pop(0)
        while lines and is_furniture(lines[-1]):
            lines.pop()
        kept.append("\n".join(lines))
    return kept
