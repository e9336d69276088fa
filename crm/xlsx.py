"""A table as a spreadsheet: written row by row into a file that vanishes with its last reader, never held in memory.

A sheet holds 1,048,576 rows; more of them go on another one, under the same head. The writer keeps a sheet's rows in a
file of its own until the end: closed and removed however that ends, since what fails for want of room on the disk must
not take more of it. Where the process is killed, the next spreadsheet removes them: nobody holds their lock any more.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

LONGEST_CELL = 32_000  # what a spreadsheet holds
SHEET_ROWS = 1_048_576
_FOLDER, _LOCK = "afterword-xlsx-", "lock"
#: A folder this young, seconds, may not be locked yet.
_YOUNG_S = 60.0


def write(rows: Iterable[Sequence[str | int | float]]) -> IO[bytes]:
    """A file of these rows, the first of them the head. Raises OSError where there is no room for it."""
    with ExitStack() as on_failure, _folder() as folder:
        file = on_failure.enter_context(tempfile.TemporaryFile())
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": folder}
        book = xlsxwriter.Workbook(file, options)
        on_failure.callback(_give_up, book)
        _fill(book, iter(rows))
        try:
            book.close()
        except FileCreateError as error:
            raise error.args[0] from error  # the OSError it was
        on_failure.pop_all()
    return file


@contextmanager
def _folder() -> Iterator[str]:
    """A folder for what is in the making, after those of processes that were killed."""
    for left in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        with suppress(OSError):  # it is somebody else's, or gone
            _remove_abandoned(left)
    with tempfile.TemporaryDirectory(prefix=_FOLDER) as folder, (Path(folder) / _LOCK).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield folder


def _remove_abandoned(folder: Path) -> None:
    if time.time() - folder.stat().st_mtime < _YOUNG_S:
        return
    with (folder / _LOCK).open() as held:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)


def _give_up(book: Any) -> None:
    """Close the files that hold its rows, whose room is taken as long as they are open."""
    for sheet in book.worksheets():
        with suppress(OSError):  # there is no room for the last of them
            sheet.row_data_fh.close()


def _fill(book: Any, rows: Any) -> None:
    bold, head = book.add_format({"bold": True}), next(rows, ())
    sheet, place = None, 0
    for row in rows:
        if sheet is None or place == SHEET_ROWS:
            sheet, place = _sheet(book, head, bold), 1
        _write(sheet, place, row)
        place += 1
    if sheet is None:
        _sheet(book, head, bold)


def _sheet(book: Any, head: Sequence[str | int | float], bold: Any) -> Any:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    _write(sheet, 0, head, bold)
    return sheet


def _write(sheet: Any, place: int, row: Sequence[str | int | float], format_: Any = None) -> None:
    for column, cell in enumerate(row):
        if isinstance(cell, str):
            sheet.write_string(place, column, cell[:LONGEST_CELL], format_)
        else:
            sheet.write_number(place, column, cell, format_)
