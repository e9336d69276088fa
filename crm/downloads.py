"""Files that are made for whoever asks: CSV as its rows come, and XLSX; and the note of who took one away.

A cell that a spreadsheet program would run as a formula is made text: what somebody typed into a name must not act on
the machine of whoever opens the file. A phone number and a negative amount stay as they are.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import IO
from urllib.parse import unquote_plus

from flask import Response, request

from crm import web, xlsx
from shared import events
from shared.records.keys import fold
from shared.schemas.checking import CONTROL

Cell = str | int | float
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BATCH = 200
_HARMLESS = re.compile(r"^[+-]?[\d\s()./-]*$")


def csv_response(rows: Iterable[Sequence[Cell]], file_name: str) -> Response:
    """CSV in UTF-8 with a mark, which Excel needs; sent while it is made."""
    headers = {"Content-Disposition": f'attachment; filename="{_safe(file_name)}"', "X-Accel-Buffering": "no"}
    return Response(_csv(rows), mimetype="text/csv", headers=headers)


def _csv(rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    for number, row in enumerate(rows, 1):
        writer.writerow([defused(cell) for cell in row])
        if number % _BATCH == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def xlsx_response(rows: Iterable[Sequence[Cell]], file_name: str) -> Response:
    """A spreadsheet, whole before it is sent."""
    file = xlsx.write(_in_sight(rows))
    headers = {
        "Content-Disposition": f'attachment; filename="{_safe(file_name)}"',
        "Content-Length": str(file.seek(0, io.SEEK_END)),
    }
    answer = Response(_pieces(file), mimetype=XLSX, headers=headers)
    answer.call_on_close(file.close)  # where nobody asks for the first piece
    return answer


def _in_sight(rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    """These rows, of which nothing goes out for long: as long as they come, the server is told so, and they end with
    whoever waits for them."""
    for number, row in enumerate(rows):
        if number % _BATCH == 0:
            web.still_working()
        yield row


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(256 * 1024):
            yield piece


def defused(cell: Cell) -> Cell:
    """A text that no spreadsheet program takes for a formula."""
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not _HARMLESS.match(cell):
        return f"'{cell}"
    return cell


def note_taken(name: str) -> None:
    """Write down who takes this file away and what the address asked for, before the first byte leaves.

    In a transaction of its own: a request that reads writes nothing.
    """
    if request.method == "HEAD":
        return
    asked = CONTROL.sub("", unquote_plus(request.query_string.decode("ascii", "replace")))
    title = f"{name}?{asked}" if asked else name
    with web.database().scope(web.workspace().id) as session:
        events.record(session, "export.downloaded", by=web.actor(), title=title, data={"asked": asked[:1000]})


def named(title: str, otherwise: str) -> str:
    """A file's name, without its ending, from what somebody called something: “Größe je Stadt” → `groesse-je-stadt`."""
    plain = fold(title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].rstrip("-") or otherwise


def _safe(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name.encode("ascii", "replace").decode()).strip("-") or "export"
