"""A spreadsheet holds every row, on as many sheets as that takes."""

from __future__ import annotations

import pytest
from python_calamine import CalamineWorkbook

from crm import xlsx


def test_what_a_sheet_has_no_room_for_stands_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "SHEET_ROWS", 3)
    for count, sheets in ((0, [[]]), (2, [[0, 1]]), (5, [[0, 1], [2, 3], [4]])):
        with xlsx.write([("Number", "Text"), *((n, f"=text {n}") for n in range(count))]) as file:
            file.seek(0)
            book = CalamineWorkbook.from_filelike(file)
            found = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
        assert found == [[["Number", "Text"], *([n, f"=text {n}"] for n in rows)] for rows in sheets]
