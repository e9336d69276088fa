"""Rows on disk between two looks at a file: a column's style is only known at its end."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from shared.imports import reading
from shared.imports.fields import ImportField, Kind
from shared.imports.framing import BELOW, Below
from shared.imports.reading import Layout, Row
from shared.imports.styles import Evidence, Style

DATES = (Kind.DATE, Kind.MOMENT)
_NUMBERS = (Kind.NUMBER, Kind.MONEY, Kind.PERCENT)


class Spool:
    """The rows of a file below its header, and what its columns look like. Close it."""

    def __init__(self, path: Path, layout: Layout, mapping: Sequence[str | None], fields: dict[str, ImportField]):
        self.total, self.others, below = 0, 0, Below()
        self._evidence = {
            column: Evidence()
            for column, key in enumerate(mapping)
            if key in fields and fields[key].kind in DATES + _NUMBERS
        }
        kinds = {column: fields[mapping[column] or ""].kind for column in self._evidence}
        self._file: IO[str] = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 (closed by `close`)
        for row in reading.rows(path, layout):
            if row.is_other:
                self.others += 1
                continue
            for column, evidence in self._evidence.items():
                if column < len(row.cells):
                    see = evidence.see_date if kinds[column] in DATES else evidence.see_number
                    see(row.cells[column])
            if row.error is None and layout.format != "vcf":
                below.see(row.number, row.cells)
            self._file.write(json.dumps([row.number, row.cells, row.error], ensure_ascii=True) + "\n")
            self.total += 1
        self.below = below.numbers()  # rows that are none

    def styles(self, locale: str, order: str = "auto") -> dict[int, Style]:
        """How each column of dates or numbers is written; `order` is what a person says about dates."""
        found = {column: evidence.style(locale) for column, evidence in self._evidence.items()}
        return {column: style if order == "auto" else Style(order, style.decimal) for column, style in found.items()}

    def rows(self) -> Iterator[Row]:
        """All of them, from the first; those below the table with an error that says so."""
        self._file.seek(0)
        for line in self._file:
            row = Row(*json.loads(line))
            yield replace(row, error=BELOW) if row.number in self.below else row

    def close(self) -> None:
        self._file.close()
