"""`make bench`: run the benchmarks, print one table; `--write` puts it into docs/benchmarks.md.

    python -m bench [PART …] [--tiny] [--write]

Targets are not tests: the exit status is 0 also where one is missed, since the machine may just have been busy. The
table says so, and says the load.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench import assistant, importing, pages, queueing, reading, retrieval, serving, sockets, starting, tidying
from bench.figures import Figure, markdown, table
from bench.sizes import FULL, TINY, Size
from shared import telemetry

Benchmark = Callable[[Size], Iterator[Figure]]

PARTS: dict[str, Benchmark] = {
    "parsing": reading.parsing,
    "analyzing": reading.analyzing,
    "uploading": serving.uploading,
    "starting_jobs": queueing.starting_jobs,
    "reviewing": serving.reviewing,
    "showing": serving.showing,
    "pages": pages.pages,
    "tidying": tidying.tidying,
    "starting": starting.starting,
    "socketing": sockets.socketing,
    "answering": assistant.answering,
    "first_words": assistant.first_words,
    "freshening": assistant.freshening,
    "comparing": retrieval.comparing,
    "embedding": retrieval.embedding,
    "finding": retrieval.finding,
    "importing": importing.importing,
}

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0])
    # Without the empty list among the choices, argparse refuses to be given none.
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, []], metavar="PART", help=f"of {', '.join(PARTS)}; else all"
    )
    parser.add_argument("--tiny", action="store_true", help="next to no work, to see that everything runs")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    options = parser.parse_args(arguments)
    telemetry.configure("ERROR")
    figures = list(run(options.parts or list(PARTS), TINY if options.tiny else FULL))
    print(f"\n{table(figures)}\n")
    for number, figure in enumerate((f for f in figures if f.note), 1):
        print(f"{number}. {figure.name}: {figure.note}")
    print(f"\n{surroundings()}")
    if options.write:
        write(PAGE, figures)
    return 0


def run(parts: Sequence[str], size: Size) -> Iterator[Figure]:
    """The figures of these parts, telling on the way what is being measured."""
    for part in parts:
        started = time.monotonic()
        print(f"{part} ... ", end="", flush=True, file=sys.stderr)
        yield from PARTS[part](size)
        print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)


def surroundings() -> str:
    """The machine and how busy it is, in a line."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores;"
        f" load average at the end {load} (1, 5, 15 minutes; the column has the first at each figure)."
    )


def write(page: Path, figures: Sequence[Figure]) -> None:
    """Put the table between the marks of a page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    body = f"{BEGIN}\n\n{markdown(figures)}\n\n{surroundings()}\n\n{END}"
    page.write_text(before + body + after, encoding="utf-8")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.exit(main())
