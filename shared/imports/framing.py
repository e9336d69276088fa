"""What stands around a table in its file: titles above the names of the columns, totals and remarks below the rows.

Programs that make reports write such lines. Those above are left out; those below are rows that a person may take in.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.search import words

_MOST_ABOVE, _MOST_BELOW = 20, 30
BELOW = "This looks like a total or a remark below the table. If it is a record, press Enter in one of its cells."


def around(name: str) -> frozenset[str]:
    """One of the lists of words that stand in and around tables."""
    lines = (Path(__file__).parent / "words" / "around.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if line.startswith(f"{name}:") for word in line.split()[1:])


_TOTALS, _COUNTED = around("total"), around("counted")


def filled(cells: Sequence[Any]) -> int:
    """How many cells hold something."""
    return sum(1 for cell in cells if str(cell).strip())


def lines_above(rows: Sequence[Sequence[Any]]) -> int:
    """How many of the first rows stand above the names of the columns: they fill at most half as many cells as rows do.

    A row with an address is a row of data without names above it.
    """
    usual = _usual(Counter(filled(cells) for cells in rows))
    for above, cells in enumerate(rows[:_MOST_ABOVE]):
        if filled(cells) * 2 > usual:
            return above
        if any("@" in str(cell) for cell in cells):
            return 0
    return 0


class Below:
    """Watches the rows of a file pass; at its end tells which of the last ones are none."""

    def __init__(self) -> None:
        self._widths: Counter[int] = Counter()
        self._last: deque[tuple[int, list[Any]]] = deque(maxlen=_MOST_BELOW)

    def see(self, number: int, cells: list[Any]) -> None:
        """`number` is the line of the file where the row begins."""
        self._widths[filled(cells)] += 1
        self._last.append((number, cells))

    def numbers(self) -> frozenset[int]:
        """Of the sparse rows at the end, the first total or row behind a blank line, and all after it."""
        usual, rows = _usual(self._widths), list(self._last)
        widest = usual or max(self._widths, default=0)  # of a few rows no two may be alike
        sparse = len(rows)
        while sparse > 1 and _is_sparse(rows[sparse - 1][1], usual, widest):
            sparse -= 1
        for at in range(sparse, len(rows)):
            if _is_total(rows[at][1]) or _is_apart(rows[at - 1], rows[at][0]):
                return frozenset(number for number, _ in rows[at:])
        return frozenset()


def _usual(widths: Counter[int]) -> int:
    """The most cells that more than one row fills."""
    return max((width for width, times in widths.items() if times > 1), default=0)


def _is_sparse(cells: Sequence[Any], usual: int, widest: int) -> bool:
    return filled(cells) * 2 <= usual or (filled(cells) < widest and _is_total(cells))


def _is_total(cells: Sequence[Any]) -> bool:
    """Whether it says `Total` and nothing else: Total Energies is a company."""
    first = next((words(str(cell)) for cell in cells if str(cell).strip()), [])
    said = {word for word in first if not word.isdecimal()}
    return bool(said & _TOTALS) and said <= _TOTALS | _COUNTED


def _is_apart(before: tuple[int, list[Any]], number: int) -> bool:
    """Whether blank lines part a row from the one before, whose cells may hold line ends themselves."""
    line, cells = before
    return number > line + 1 + sum(str(cell).count("\n") for cell in cells)
