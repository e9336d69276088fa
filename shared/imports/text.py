"""Bytes of a CSV file as lines, and lines as cells: delimiters, quotes, one line at a time."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

#: No field holds a cell longer than this, the longest holds 200,000; over several lines it is a quote never closed.
MAX_CELL_CHARS = 400_000
_DELIMITERS = ",;\t|"
_UNCLOSED = "A quote was opened here and never closed."
_TOO_LONG = "A cell of this row holds more text than any field does."

csv.field_size_limit(MAX_CELL_CHARS)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no row."""

    message: str


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("afterword.windows", _as_windows)


@contextmanager
def lines_of(path: Path, encoding: str) -> Iterator[TextIO]:
    """The file's lines, their ends kept: a quoted cell may hold some. What has no meaning in the encoding is �.

    Bytes that are no UTF-8 are read as Windows'.
    """
    errors = "afterword.windows" if encoding.startswith("utf-8") else "replace"
    with path.open(encoding=encoding, errors=errors, newline="") as lines:
        yield lines


def delimiter_of(beginning: str) -> str:
    """What separates cells: the sign that stands equally often in most lines, outside of quotes."""
    lines = [line for line in beginning.splitlines()[:60] if line.strip()]
    best, best_score = ",", 0.0
    for sign in _DELIMITERS:
        widths = [len(cells) for cells in _cells(lines, sign)]
        if not widths:
            continue
        width, times = Counter(widths).most_common(1)[0]
        score = (times / len(widths)) * min(width - 1, 8) + (0.5 if widths[0] == width and width > 1 else 0)
        if score > best_score:
            best, best_score = sign, score
    return best


def _cells(lines: list[str], sign: str) -> Iterator[list[str]]:
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=sign)
    try:
        yield from (row for row in reader if row)
    except csv.Error:
        return


def _why(error: csv.Error, *, is_one_line: bool) -> str:
    if "field larger" not in str(error):
        return f"This line is no row: {error}."
    return _TOO_LONG if is_one_line else _UNCLOSED


def read_csv(lines: TextIO, delimiter: str) -> Iterator[tuple[int, list[str] | BadLine]]:
    """(line where it begins, cells) of each row. A line of `sep=;`, which Excel writes, is not one."""
    is_over = False

    def counted() -> Iterator[str]:
        nonlocal is_over
        yield from (line.replace("\0", "") for line in lines)
        is_over = True

    reader = csv.reader(counted(), delimiter=delimiter)
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield begins, BadLine(_why(error, is_one_line=reader.line_num == begins))
            continue
        if is_over:  # the reader asked for one more line within a row: all below the quote would be one cell
            yield begins, BadLine(_UNCLOSED)
            return
        if begins == 1 and len(cells) <= 2 and cells and cells[0].lower().startswith("sep="):
            continue
        yield begins, cells
