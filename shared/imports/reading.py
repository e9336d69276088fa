"""A file as rows of cells, whatever it is: one pass, a row at a time, nothing held.

`inspect` looks at the beginning and says how the file is to be read; `rows` reads it so. Blank lines are no rows. A
line that cannot be read is a row with an error, because nothing of a file may vanish without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Self

from shared.errors import Invalid
from shared.imports import sheets, vcards
from shared.imports.encodings import encoding_of, is_guess
from shared.imports.framing import lines_above
from shared.imports.text import BadLine, delimiter_of, lines_of, read_csv
from shared.transcripts.decoding import refuse_binary

#: What a page offers; what a file is, its content decides.
ACCEPT = (".csv", ".tsv", ".txt", ".xlsx", ".vcf")
MAX_COLUMNS = 1000
#: Rows that are looked at before anything is said about a file.
SAMPLE_ROWS = 200
_NO_TABLE = "This is no table. Import a CSV file, a spreadsheet (.xlsx) or a vCard file (.vcf)."
#: Pages, documents and data that programs save under any name.
_OTHER_TEXT = re.compile(r"<(?:!doctype|\?xml|html|table|head|body|meta)\b|\{\s*\"|\[\s*[\[{]|%PDF-", re.I)

Cell = str | int | float


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is the line of the file, from 1; in a vCard file the card. `error` says why it could not be read;
    `is_other`: a card of the kind that this import leaves to one of its own."""

    number: int
    cells: list[Cell]
    error: str | None = None
    is_other: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is read. `headers` are told apart where the file names two columns alike; `asks_encoding`: what it is
    written in is a guess, or a person's word."""

    format: str  # csv | xlsx | vcf
    headers: list[str]
    encoding: str = "utf-8"
    asks_encoding: bool = False
    delimiter: str = ","
    sheet: str = ""
    has_header: bool = True
    skipped: int = 0  # rows above the header: a report's title
    cards: str = ""  # of a vCard file that may hold both: people | companies
    sheets: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(**{name: data[name] for name in cls.__dataclass_fields__ if name in data})


def inspect(
    path: Path, *, sheet: str = "", has_header: bool | None = None, encoding: str = ""
) -> tuple[Layout, list[Row]]:
    """How to read a file, and its first rows; what is given is not guessed. Raises Invalid for what holds no rows."""
    layout = _inspect(path, sheet, encoding)
    first = _beginning(path, layout)
    if len(first) < 2 and not sheet:  # an empty sheet or a title before the one with the table
        others = (replace(layout, sheet=name) for name in layout.sheets if name != layout.sheet)
        read = ((other, _beginning(path, other)) for other in others)
        layout, first = next((found for found in read if len(found[1]) > 1), (layout, first))
    if not first and sheet:
        raise _refused("This sheet is empty: there are no rows in it.")
    if not first:
        raise _refused("The file is empty: there are no rows in it.")
    above = lines_above([row.cells for row in first]) if layout.format != "vcf" and has_header is not False else 0
    if not _is_header(first[above].cells):
        above = 0
    first = first[above:]
    top = first[0].cells
    with_header = has_header if has_header is not None else layout.format == "vcf" or _is_header(top)
    if layout.format == "vcf":
        return layout, first[:SAMPLE_ROWS]
    if len(top) > MAX_COLUMNS:
        raise _refused(f"The file has more than {MAX_COLUMNS:,} columns. Leave out those that are not needed.")
    width = max(len(row.cells) for row in first[:1]) if with_header else max(len(row.cells) for row in first)
    headers = _told_apart([str(cell) for cell in top] if with_header else [""] * width)
    samples = first[1:] if with_header else first
    if not samples:
        raise _refused("There is only one row in this file, with the names of columns: nothing to import.")
    layout = Layout(**{**layout.to_json(), "headers": headers, "has_header": with_header, "skipped": above})
    return layout, samples[:SAMPLE_ROWS]


def _beginning(path: Path, layout: Layout) -> list[Row]:
    return list(islice(_raw(path, layout), SAMPLE_ROWS + 1))


def rows(path: Path, layout: Layout) -> Iterator[Row]:
    """The rows of a file below its header, without blank ones. Raises Invalid where it turns out not to be one."""
    found = _raw(path, layout)
    return islice(found, layout.skipped + (layout.has_header and layout.format != "vcf"), None)


def _inspect(path: Path, sheet: str, encoding: str) -> Layout:
    with path.open("rb") as file:
        head = file.read(64 * 1024)
    if not head.strip():
        raise _refused("The file is empty: there is nothing in it.")
    if head.startswith(b"PK"):
        names = sheets.names(path)
        return Layout("xlsx", [], sheet=sheet if sheet in names else names[0], sheets=names)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refused("This is an old or a locked spreadsheet (.xls). Save it as .xlsx or CSV and import that.")
    try:
        refuse_binary(head)
    except Invalid:
        raise _refused(_NO_TABLE) from None
    asks, encoding = bool(encoding), encoding or encoding_of(path)
    text: dict[str, Any] = {"encoding": encoding, "asks_encoding": asks or is_guess(encoding)}
    beginning = head.decode(encoding, "replace").lstrip("\ufeff\r\n \t")
    if _OTHER_TEXT.match(beginning) or _is_noise(beginning):
        raise _refused(_NO_TABLE)
    if beginning[:11].upper() == "BEGIN:VCARD":
        return Layout("vcf", list(vcards.HEADERS), **text)
    return Layout("csv", [], **text, delimiter=delimiter_of(beginning))


def _raw(path: Path, layout: Layout) -> Iterator[Row]:
    if layout.format == "csv":
        yield from _csv_rows(path, layout)
    elif layout.format == "vcf":
        with lines_of(path, layout.encoding) as lines:
            for number, card in enumerate(vcards.read(lines), 1):
                found = card[: len(layout.headers) or None] if isinstance(card, list) else None  # as it was looked at
                if found is None:
                    yield Row(number, [], error=str(card))
                else:
                    yield Row(number, [*found], is_other=is_other(layout, found))
    else:
        for number, cells in enumerate(sheets.read(path, layout.sheet), 1):
            if any(cell != "" for cell in cells):
                yield Row(number, _trimmed(cells))


def is_other(layout: Layout, card: Sequence[Cell]) -> bool:
    """Whether a card is of a company among people, or of a person among companies."""
    return bool(layout.cards) and vcards.is_company(card) is not (layout.cards == "companies")


def _csv_rows(path: Path, layout: Layout) -> Iterator[Row]:
    with lines_of(path, layout.encoding) as lines:
        for number, cells in read_csv(lines, layout.delimiter):
            if isinstance(cells, BadLine):
                yield Row(number, [], error=cells.message)
            elif any(cell and not cell.isspace() for cell in cells):
                yield Row(number, _trimmed(cells))


def _trimmed(cells: list[Any]) -> list[Cell]:
    """Without the empty cells at the end, which many programs write."""
    end = len(cells)
    while end and (cells[end - 1] == "" or (isinstance(cells[end - 1], str) and cells[end - 1].isspace())):
        end -= 1
    return cells[:end]


def _is_noise(text: str) -> bool:
    """Whether it is no text at all: control characters beyond what an odd export leaves behind."""
    text = text.replace("\0", "")
    return sum(c < " " and c not in "\t\r\n\x0b\x0c\x1a\x1b" for c in text) > len(text) // 50


def _is_header(cells: list[Cell]) -> bool:
    """Whether the first row names columns: people do not call a column by an address or a number."""
    texts = [str(cell).strip() for cell in cells if str(cell).strip()]
    return not any("@" in text or sum(c.isdecimal() for c in text) > 4 for text in texts)


def _told_apart(headers: list[str]) -> list[str]:
    """Names for all columns, each once: `Phone`, `Phone (2)`, `Column 3`."""
    named: list[str] = []
    seen: set[str] = set()
    for position, header in enumerate(headers, 1):
        name = plain = " ".join(header.replace("\ufeff", "").split())[:100] or f"Column {position}"
        count = 1
        while name.casefold() in seen:
            count += 1
            name = f"{plain} ({count})"
        seen.add(name.casefold())
        named.append(name)
    return named


def _refused(message: str) -> Invalid:
    return Invalid.field("file", message)
