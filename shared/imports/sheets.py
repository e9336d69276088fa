"""Spreadsheets (.xlsx): values as they are shown last, dates as dates.

They are read by calamine, which is fast and takes a file as it comes. So the file is looked at first: a small archive
may unpack to the size of a disk, and one cell in the last corner may ask for a table of seventeen billion.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from shared.errors import Invalid

MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
#: Text of tables packs to a tenth, seldom to a hundredth; bombs to a thousandth.
_SUSPICIOUS_BYTES, _SUSPICIOUS_RATIO = 64 * 1024 * 1024, 300
MAX_CELLS = 50_000_000
_PIECE = 256 * 1024
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,9})"')
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,4})\d')
_NO_RESULT = re.compile(rb"</(?:\w+:)?f>\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>|</(?:\w+:)?c>)")

#: How Python says that an archive is damaged, locked, or packed in a way it does not know (each was seen).
_UNREADABLE = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, UnicodeDecodeError)
_DAMAGED = "This spreadsheet is damaged, locked or of another kind. Save it as .xlsx or CSV again and import that."


def names(path: Path) -> list[str]:
    """The sheets that can be seen, in their order. Raises Invalid for what is no sound spreadsheet."""
    _examine(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        found = [sheet.name for sheet in book.sheets_metadata if "Visible" in str(sheet.visible)]
    except (CalamineError, OSError) as error:
        raise _refused(_DAMAGED) from error
    if not found:
        raise _refused("There is no sheet in this file.")
    return found


def read(path: Path, sheet: str) -> Iterator[list[Any]]:
    """The rows of a sheet as texts and numbers; an empty cell is an empty text."""
    try:
        table = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet)
        for row in table.iter_rows():
            yield [_plain(cell) for cell in row]
    except (CalamineError, OSError) as error:
        raise _refused(_DAMAGED) from error


def formulas_without_result(path: Path) -> int:
    """How many cells hold a formula but not what it came to: programs write those that never worked it out."""
    with zipfile.ZipFile(path) as archive:
        return sum(
            len(_NO_RESULT.findall(piece))
            for entry in archive.infolist()
            if entry.filename.startswith("xl/worksheets/sheet")
            for piece in _pieces(archive, entry)
        )


def _plain(cell: Any) -> str | int | float:
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 2**53 else cell
    if isinstance(cell, datetime) and cell.time() == time(0):
        return cell.date().isoformat()
    if isinstance(cell, (date, datetime, time)):
        return cell.isoformat(" ", "seconds") if isinstance(cell, datetime) else cell.isoformat()
    return str(cell) if isinstance(cell, (int, timedelta)) else ""


def _examine(path: Path) -> None:
    """Unpack everything once, keeping nothing. Python stops where an entry says it ends, and then checks its sum."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            ratio = unpacked / max(1, sum(entry.compress_size for entry in entries))
            if unpacked > MAX_UNPACKED_BYTES or (unpacked > _SUSPICIOUS_BYTES and ratio > _SUSPICIOUS_RATIO):
                raise _refused("This file unpacks to far more than a table would. It was not opened.")
            for entry in entries:
                if entry.filename.startswith("xl/worksheets/"):
                    _examine_sheet(archive, entry)
                elif entry.filename.endswith((".xml", ".rels")):
                    for _ in _pieces(archive, entry):
                        pass
    except _UNREADABLE as error:
        raise _refused(_DAMAGED) from error


def _examine_sheet(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    last_row = last_column = 0
    for piece in _pieces(archive, entry):
        last_row = max([last_row, *(int(n) for n in _ROW.findall(piece))])
        last_column = max([last_column, *(_column(name) for name in set(_CELL.findall(piece)))])
    if last_row * last_column > MAX_CELLS:
        raise _refused(
            f"A sheet of this file is {last_column:,} columns wide and {last_row:,} rows long. Delete what is empty"
            " beyond the table, or save it as CSV."
        )


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """An entry's bytes; each piece begins with the end of the one before, so that no tag is cut."""
    with archive.open(entry) as file:
        tail = b""
        while piece := file.read(_PIECE):
            yield tail + piece
            tail = piece[-200:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _refused(message: str) -> Invalid:
    return Invalid.field("file", message)
