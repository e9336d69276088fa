"""What a benchmark hands back, how two things are timed fairly on a busy machine, and the table.

A figure alone says more about the machine than about us. So each stands beside a target and, where there is one, beside
a baseline: the same work in the barest form, or what a user would pick instead, timed in turns with ours (A, B, A, B …)
so that whatever else the machine does falls on both.
"""

from __future__ import annotations

import math
import os
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

HEADINGS = ("what", "measured", "target", "", "beside", "", "ratio", "load")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. `measured`, `target` and `baseline` share `unit`; below the target is good.

    `load` is the machine's load average of the last minute when the figure was taken: on two cores, above 2 somebody
    else was waiting too.
    """

    name: str
    measured: float
    unit: str
    target: float | None = None
    beside: str = ""
    baseline: float | None = None
    note: str = ""
    load: float = field(default_factory=lambda: os.getloadavg()[0])

    @property
    def ratio(self) -> float | None:
        """Ours over the baseline; None without one."""
        return self.measured / self.baseline if self.baseline else None

    @property
    def is_missed(self) -> bool:
        return self.target is not None and not self.measured < self.target

    @property
    def cells(self) -> tuple[str, ...]:
        verdict = "" if self.target is None else "MISSED" if self.is_missed else "ok"
        return (
            self.name,
            shown(self.measured, self.unit),
            "" if self.target is None else f"< {shown(self.target, self.unit)}",
            verdict,
            self.beside,
            "" if self.baseline is None else shown(self.baseline, self.unit),
            "" if self.ratio is None else f"{_rounded(self.ratio)} x",
            f"{self.load:.1f}",
        )


def shown(value: float, unit: str) -> str:
    """A value with about three digits and its unit."""
    return f"{_rounded(value)} {unit}".rstrip()


def _rounded(value: float) -> str:
    if value == 0 or value != value:
        return f"{value:g}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def timed_ms(action: Callable[[], object]) -> float:
    """How long one call takes, milliseconds."""
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000


def in_turns(rounds: int, *actions: Callable[[], float], warm_up: int = 1) -> list[list[float]]:
    """Run each action once a round, one after the other. Returns what each returned, without the first rounds."""
    results: list[list[float]] = [[] for _ in actions]
    for n in range(warm_up + rounds):
        for action, kept in zip(actions, results, strict=True):
            value = action()
            if n >= warm_up:
                kept.append(value)
    return results


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 stay below (the highest, of fewer than 20)."""
    return sorted(values)[min(len(values) - 1, math.ceil(len(values) * 0.95) - 1)]


def spread(taken: Sequence[float], least: Sequence[float] = ()) -> str:
    """The fastest and the 95th percentile in words, milliseconds: how much of the median is the machine's doing."""
    text = f"Fastest {_rounded(min(taken))} ms, 95th percentile {_rounded(p95(taken))} ms"
    return f"{text}; of the baseline {_rounded(min(least))} and {_rounded(p95(least))} ms." if least else f"{text}."


def table(figures: Sequence[Figure]) -> str:
    """For the terminal, columns aligned."""
    rows = [HEADINGS, *(figure.cells for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    right = {1, 2, 5, 6, 7}
    lines = [
        "  ".join(cell.rjust(width) if i in right else cell.ljust(width) for i, (cell, width) in enumerate(row_of))
        for row_of in ([*zip(row, widths, strict=True)] for row in rows)
    ]
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(line.rstrip() for line in lines)


def markdown(figures: Sequence[Figure]) -> str:
    """The same for a page, with the notes below it."""
    lines = ["| " + " | ".join(HEADINGS) + " |", "|---|--:|--:|---|---|--:|--:|--:|"]
    notes: list[str] = []
    for figure in figures:
        cells = list(figure.cells)
        if figure.note:
            notes.append(f"{len(notes) + 1}. {figure.name}: {figure.note}")
            cells[0] += f" <sup>{len(notes)}</sup>"
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*lines, "", *notes])
