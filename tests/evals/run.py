"""`python -m tests.evals.run`: how good Afterword is at what cannot be right or wrong by a test; a table for each part.

    python -m tests.evals.run [PART …] [--misses] [--only NAME …] [--engine builtin|ollama|auto]

    meetings    the analyzer over annotated meetings, scored by the set's own `score.py`
    tasks       owner and day of tasks in short dialogues
    oracle      the pipeline about a language model that answers from gold, and with faults
    retrieval   passages found for questions
    assistant   answers to questions, against SQL, without a language model
    fidelity    what is shown of a model's answer, against its sources
    freshness   seconds from an edit to the right answer

Meetings come in four sets, from the one that was looked at most to the one that nobody read: `tests/data/meetings`,
`tests/evals/meetings`, its folders `written` and `frozen`. `AFTERWORD_DATA=folder` names another one instead:
NAME.gold.json, the transcripts and, if it has one, its score.py. What is fitted on meetings (heads, confidence) judges
each by weights that never saw it. Behind the scorer's table stand 90 % intervals, meetings drawn with replacement,
because ten of them leave a few points to chance. --only and --engine are about meetings.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from chatbot.extraction.builtin import BuiltinEngine
from chatbot.extraction.evaluation import annotated, as_json, context
from chatbot.extraction.meeting_analyzer import analyze
from chatbot.extraction.types import Engine
from shared.transcripts import parse
from tests.evals import left_out
from tests.evals.judging import DEVELOPMENT, counts, interval, load_scorer

LATER = Path(__file__).parent / "meetings"
WRITTEN, FROZEN = LATER / "written", LATER / "frozen"
SENSES = left_out.Senses()
PARTS = ("meetings", "tasks", "oracle", "retrieval", "assistant", "fidelity", "freshness")


def predict(
    folder: Path, target: Path, engine: Engine, only: list[str] | None = None, *, unseen: bool = True
) -> list[str]:
    """Write NAME.pred.json for every annotated meeting of the folder; returns the names.

    `unseen`: the built-in engine reads each by weights that never saw it, which takes a minute to prepare.
    """
    names = []
    for meeting in annotated(folder):
        if only and not any(part in meeting.name for part in only):
            continue
        with ExitStack() as stack:
            reader = engine
            if unseen and isinstance(engine, BuiltinEngine):
                reader = BuiltinEngine(SENSES.of(meeting.name))
                stack.enter_context(left_out.judging(meeting.name))
            transcript = parse(meeting.transcript.read_bytes(), meeting.transcript.name)
            items = analyze(context(transcript, meeting.occurred_at, meeting.own_company), reader)
        (target / f"{meeting.name}.pred.json").write_text(json.dumps(as_json(items), ensure_ascii=False))
        names.append(meeting.name)
    return names


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--engine", choices=("builtin", "ollama", "auto"), default="builtin")
    options = parser.parse_args(arguments)
    told = os.environ.get("AFTERWORD_DATA")
    is_about_meetings = told or options.only or options.engine != "builtin"
    parts = options.parts or (["meetings"] if is_about_meetings else list(PARTS))
    if unknown := sorted(set(parts) - set(PARTS)):
        parser.error(f"There is no part {unknown[0]}; there are {', '.join(PARTS)}.")
    status = _meetings(told, options) if "meetings" in parts else 0
    if "tasks" in parts:
        importlib.import_module("tests.evals.tasks").report(misses=options.misses)
    if "oracle" in parts:
        status |= importlib.import_module("tests.evals.oracle").main(["--misses"] if options.misses else [])
    if "retrieval" in parts:
        status |= importlib.import_module("tests.evals.retrieval").main([])
    if {"assistant", "fidelity"} & set(parts):
        _assistant(parts, misses=options.misses)
    if "freshness" in parts:
        status |= importlib.import_module("tests.evals.assistant.freshness").main()
    return status


def _assistant(parts: list[str], *, misses: bool) -> None:
    """Both parts on one ground: making and embedding it takes longer than asking."""
    with tempfile.TemporaryDirectory(prefix="aw-eval-") as folder:
        if "assistant" in parts:
            asking = importlib.import_module("tests.evals.assistant.run")
            asking.main(["--ground", folder, *(["--misses"] if misses else [])])
        if "fidelity" in parts:
            fidelity = importlib.import_module("tests.evals.assistant.fidelity")
            fidelity.report(fidelity.run(Path(folder)), misses=misses)


def _meetings(told: str | None, options: argparse.Namespace) -> int:
    folders = [Path(told)] if told else [DEVELOPMENT, LATER, WRITTEN, FROZEN]
    empty = [folder for folder in folders if not annotated(folder)]
    if empty:
        print(f"No annotated meetings in {empty[0]}.", file=sys.stderr)
        return 2
    engine = _engine(options.engine)
    for folder in folders:
        _report(folder, engine, options.only, misses=options.misses)
    return 0


def _engine(name: str) -> Engine:
    if name == "builtin":
        return BuiltinEngine()
    from chatbot.extraction.ollama_engine import choose_engine
    from shared.config import Settings

    engine, reason = choose_engine(Settings(), name)
    if reason:
        print(f"Using {engine.name}: {reason}", file=sys.stderr)
    return engine


def _report(folder: Path, engine: Engine, only: list[str] | None, *, misses: bool) -> None:
    with tempfile.TemporaryDirectory() as work:
        target, started = Path(work), time.perf_counter()
        names = predict(folder, target, engine, only)
        seconds = time.perf_counter() - started
        if not names:
            return
        print(f"== {folder.parent.name}/{folder.name}: {len(names)} meetings, engine {engine.name}\n")
        scorer = load_scorer(folder)
        scorer.report(scorer.score(str(target), str(folder), names), misses)
        told = counts(scorer, target, folder, names)
    print("\nF1, 90 % interval over meetings")
    for kind in told[0]:
        value, low, high = interval(told, kind)
        print(f"  {kind:14} {value:.3f}  {low:.3f} to {high:.3f}")
    value, low, high = interval(told, "overall", loose=True)
    print(f"  {'loose':14} {value:.3f}  {low:.3f} to {high:.3f}")
    print(f"time {seconds:.1f} s\n")


if __name__ == "__main__":
    sys.exit(main())
