"""Word documents as Google Meet and Teams write them, read straight from the zip.

python-docx would load the whole tree, pictures and all, with a parser that expands entities; a transcript needs the
paragraphs, which names are bold and what is a heading, streamed and counted so that a zip bomb stops early.
"""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import IO
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree as DefusedET
from defusedxml.common import DefusedXmlException

from shared.errors import TooLarge
from shared.transcripts import plain
from shared.transcripts.cleaning import CLOCK, collapse
from shared.transcripts.decoding import refuse
from shared.transcripts.labels import MAX_LABEL, is_name
from shared.transcripts.model import Reading

MAX_XML_BYTES = 40 * 1024 * 1024
MAX_ENTRIES = 5_000
MAX_ELEMENTS = 500_000

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_CLOCK = re.compile(rf"[\[(]?{CLOCK}[\])]?")
_DOCUMENT = "word/document.xml"
_KINDS = (("xl/", "an Excel workbook"), ("ppt/", "a PowerPoint presentation"), ("content.xml", "an OpenDocument file"))
_BROKEN = (
    "The Word document is damaged and cannot be opened. Save it again in your word processor, or export it as txt."
)

#: What reading a damaged archive raises; a missing part is a KeyError, an unknown encoding a LookupError.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,  # encrypted; NotImplementedError, an unknown compression, is one too
    OSError,
    ValueError,
    LookupError,
)


def is_zip(data: bytes) -> bool:
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def read(data: bytes) -> Reading:
    """Raises Invalid for anything but a readable docx, TooLarge for one that unpacks to too much."""
    with _opened(data) as archive:
        lines = list(_lines(_paragraphs(archive)))
        title = _core_title(archive)
    reading = plain.read_lines(lines)
    if reading.header.title is None and title:
        reading = replace(reading, header=replace(reading.header, title=title))
    return reading


def check(data: bytes) -> int:
    """The cheap part: it is a Word document, and not a bomb by its own account. Returns the bytes it unpacks to."""
    with _opened(data) as archive:
        return archive.getinfo(_DOCUMENT).file_size


def _opened(data: bytes) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
        names = {entry.filename for entry in entries}
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError, LookupError) as error:
        raise refuse(
            "The file is a zip archive, but damaged. If it is a Word document, save it again and upload that."
        ) from error
    if len(entries) > MAX_ENTRIES:
        raise TooLarge(f"The archive has more than {MAX_ENTRIES:,} files in it; a Word document has fewer.")
    if _DOCUMENT not in names:
        what = next((what for start, what in _KINDS if any(name.startswith(start) for name in names)), "a zip archive")
        raise refuse(
            f"This is {what}, not a Word document. Upload the transcript as txt, md, vtt, srt, json, docx or pdf."
        )
    document = archive.getinfo(_DOCUMENT)
    if document.flag_bits & 0x1:
        raise refuse("The Word document is encrypted. Save it without a password and upload that.")
    if document.file_size > MAX_XML_BYTES:
        raise TooLarge(
            f"The Word document unpacks to {document.file_size // 2**20:,} MB of text; "
            f"at most {MAX_XML_BYTES // 2**20} MB are read."
        )
    return archive


class _Limited(io.RawIOBase):
    """Counts what really comes out of the zip: the size in its directory is only a claim."""

    def __init__(self, inner: IO[bytes]) -> None:
        self._inner, self._left = inner, MAX_XML_BYTES

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        chunk = self._inner.read(min(size, 65536) if size > 0 else 65536)
        self._left -= len(chunk)
        if self._left < 0:
            raise TooLarge(f"The Word document unpacks to more than {MAX_XML_BYTES // 2**20} MB of text.")
        return chunk


def _paragraphs(archive: zipfile.ZipFile) -> Iterator[Element]:
    """Each paragraph, and each table row as a whole, as soon as it is complete; freed when the next is asked for."""
    count = depth = hidden = 0
    try:
        with archive.open(_DOCUMENT) as packed:
            for event, element in DefusedET.iterparse(_Limited(packed), events=("start", "end"), forbid_dtd=True):
                row = _name(element) == "tr"
                # The same text box once more for old programs; the place that a moved sentence had before.
                again = element.tag == _FALLBACK or _name(element) == "moveFrom"
                if event == "start":
                    count += 1
                    depth += row
                    hidden += again
                    if count > MAX_ELEMENTS:
                        raise TooLarge(
                            "The Word document has too many parts to be a transcript. Export it as txt or vtt."
                        )
                    continue
                depth -= row
                hidden -= again
                if again:
                    element.clear()
                elif hidden == 0 and depth == 0 and (row or _name(element) == "p"):
                    yield element
                    element.clear()
    except ParseError as error:
        raise refuse(_BROKEN) from error
    except DefusedXmlException as error:
        raise refuse("The Word document declares its own XML entities, which is not accepted.") from error
    except _UNREADABLE as error:
        raise refuse(_BROKEN) from error


def _name(element: Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) and tag.startswith((_W, _STRICT)) else ""


def _value(element: Element) -> str:
    return next((value for key, value in element.attrib.items() if key.endswith("}val")), "")


def _lines(paragraphs: Iterator[Element]) -> Iterator[plain.Line]:
    for element in paragraphs:
        if _name(element) == "tr":
            cells = [collapse(_text(cell)) for cell in element if _name(cell) == "tc"]
            yield plain.Line(_turn(cells) or (" | ".join(cells) if any(cells) else ""))
            continue
        heading = _is_heading(element)
        # Google Meet writes all turns of five minutes into one paragraph, each on a line of its own.
        for pieces in _broken(element):
            text = "".join(piece for piece, _ in pieces)
            yield plain.Line(text, heading, None if heading else _bold_label(pieces))


def _broken(paragraph: Element) -> Iterator[list[tuple[str, bool]]]:
    """The lines of a paragraph, each as (text, is bold) pieces."""
    line: list[tuple[str, bool]] = []
    for run in (child for child in paragraph.iter() if _name(child) == "r"):
        bold = next((child for child in run.iter() if _name(child) == "b"), None)
        is_bold = bold is not None and _value(bold) not in ("0", "false", "off")
        first, *others = _text(run).split("\n")
        line.append((first, is_bold))
        for text in others:
            yield line
            line = [(text, is_bold)]
    yield line


def _turn(cells: list[str]) -> str | None:
    """A table row of time, name and words, as a line that says so."""
    if len(cells) != 3 or not all(cells):
        return None
    times = [cell for cell in cells[:2] if _CLOCK.fullmatch(cell)]
    name = cells[1] if times == cells[:1] else cells[0]
    return f"[{times[0].strip('[]()')}] {name}: {cells[2]}" if len(times) == 1 and is_name(name) else None


def _text(element: Element) -> str:
    """All text; breaks and tabs as such (Teams puts name, time and words into one paragraph)."""
    parts = []
    for child in element.iter():
        match _name(child):
            case "t":
                parts.append(child.text or "")
            case "tab":
                parts.append("\t")
            case "br" | "cr":
                parts.append("\n")
            case "noBreakHyphen":
                parts.append("-")
    return "".join(parts)


def _is_heading(paragraph: Element) -> bool:
    style = next((_value(child) for child in paragraph.iter() if _name(child) == "pStyle"), "").lower()
    return style.startswith(("heading", "title", "subtitle", "berschrift", "überschrift", "titel", "titre"))


def _bold_label(pieces: list[tuple[str, bool]]) -> str | None:
    """ "Owen Straker" of a line that begins with the bold words "Owen Straker:"."""
    label = ""
    for text, is_bold in pieces:
        if not text.strip() and not label:
            continue
        if not is_bold:
            break
        label += text
        if len(label) > MAX_LABEL * 2:
            return None
    label = label.strip()
    return label[:-1].strip() or None if label.endswith(":") and len(label) <= MAX_LABEL and ": " not in label else None


def _core_title(archive: zipfile.ZipFile) -> str | None:
    """The title among the document's properties, where it has one."""
    try:
        with archive.open("docProps/core.xml") as packed:
            root = DefusedET.fromstring(packed.read(65536), forbid_dtd=True)
    except (ParseError, DefusedXmlException, *_UNREADABLE):
        return None  # only a nicety: the words were read
    return next((e.text for e in root.iter() if str(e.tag).endswith("}title") and e.text), None)
