"""A spreadsheet holds every row, on as many sheets as that takes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from crm import xlsx

ROOT = Path(__file__).resolve().parents[2]


def test_what_a_sheet_has_no_room_for_stands_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "SHEET_ROWS", 3)
    for count, sheets in ((0, [[]]), (2, [[0, 1]]), (5, [[0, 1], [2, 3], [4]])):
        with xlsx.write([("Number", "Text"), *((n, f"=text {n}") for n in range(count))]) as file:
            file.seek(0)
            book = CalamineWorkbook.from_filelike(file)
            found = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
        assert found == [[["Number", "Text"], *([n, f"=text {n}"] for n in rows)] for rows in sheets]


_ENDLESS = """
import sys
from crm import xlsx
def rows():
    for n in range(10**9):
        yield [n]
        if n == 1000:
            print("under way", flush=True)
xlsx.write(rows())
"""


def test_what_a_killed_process_had_in_the_making_is_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(xlsx, "_YOUNG_S", 0.0)
    command = [sys.executable, "-c", _ENDLESS]
    makers = [
        subprocess.Popen(command, cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)}, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    for maker in makers:
        assert maker.stdout is not None
        assert maker.stdout.readline() == b"under way\n"
        maker.stdout.close()
    killed, alive = makers
    killed.kill()
    killed.wait(10)
    assert len(list(tmp_path.iterdir())) == 2
    xlsx.write([["Number"], [1]]).close()
    assert len(list(tmp_path.iterdir())) == 1, "the other is being made"
    alive.kill()
    alive.wait(10)
    xlsx.write([["Number"], [1]]).close()
    assert list(tmp_path.iterdir()) == []
