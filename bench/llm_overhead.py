"""What the pipeline costs beside the model's own time, for a meeting of 25,000 words.

The test server runs as a process of its own and answers like a model that needs 1 s to its first token and writes
40 tokens a second; the model's own time is what it was told to take. Everything else is ours: parsing, segmenting,
prompts, validating, merging, grounding, the built-in analyzer's part and the client. A full run is minutes of waiting,
so by default a few segments are really read and the rest of the waiting is computed; the work on the whole is always
done.

    python -m bench.llm_overhead [--segments 4 | --full] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from chatbot.extraction import meeting_analyzer
from chatbot.extraction.likeness import likeness
from chatbot.extraction.ollama_engine import OllamaEngine
from chatbot.extraction.types import Draft, MeetingContext
from chatbot.llm.models import Model
from chatbot.llm.ollama_client import Call, OllamaClient
from shared import telemetry, transcripts
from shared.config import Settings
from tests.fakes.ollama_process import ollama_process

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "tests" / "data" / "meetings" / "09_workshop_long_mossgrave.txt"
WORDS = 25_000
FIRST_TOKEN_S, TOKENS_PER_S = 1.0, 40.0
LIMIT = 0.03


@dataclass(frozen=True, slots=True)
class Result:
    """Seconds, but for counts and the ratio. `ours_s` is everything but the model: parse, read and whole together.

    `cpu_s` is the processor time of all that in our process: what it would be on a machine that does nothing else.
    """

    words: int
    segments: int
    segments_read: int
    model_s: float
    ours_s: float
    ratio: float
    parse_s: float
    read_s: float
    whole_s: float
    cpu_s: float


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--segments", type=int, default=4, help="how many segments are really read")
    parser.add_argument("--full", action="store_true", help="read all of them (about three minutes)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    telemetry.configure("ERROR")
    result = measure(10**6 if options.full else options.segments)
    if options.json:
        print(json.dumps(asdict(result)))
    else:
        print(f"{'pipeline beside the model':<28} {'words':>7} {'segments':>9} {'model':>8} {'ours':>8} {'ratio':>7}")
        print(
            f"{f'({result.segments_read} segments really read)':<28} {result.words:>7} {result.segments:>9} "
            f"{result.model_s:>7.1f}s {result.ours_s:>7.2f}s {result.ratio:>6.1%}   limit {LIMIT:.0%}"
        )
        print(
            f"ours: {result.parse_s:.2f} s to parse and cut, {result.read_s:.2f} s around the readings, "
            f"{result.whole_s:.2f} s on the whole; of the processor's time {result.cpu_s:.2f} s, "
            f"{result.cpu_s / result.model_s:.1%} of the model's"
        )
    return 0 if result.ratio < LIMIT else 1


def measure(most: int) -> Result:
    """Read the meeting with at most `most` segments at the model's pace."""
    with ollama_process({"default": {"load_s": FIRST_TOKEN_S, "tokens_per_s": TOKENS_PER_S}}) as server:
        calls: list[Call] = []
        started, spent = time.perf_counter(), time.process_time()
        read = transcripts.parse(transcript().encode(), "long.txt")
        meeting = MeetingContext(read.utterances, datetime(2026, 10, 27, 9, tzinfo=UTC), own_company="Threlwick")
        engine = OllamaEngine(OllamaClient(server.host, Model("llama3.1:8b", 8192), on_call=calls.append))
        segments = engine.segments(meeting)
        before_s = time.perf_counter() - started
        before_cpu_s = time.process_time() - spent

        started, spent = time.perf_counter(), time.process_time()
        drafts: list[Draft] = []
        for segment in segments[:most]:
            drafts += engine.read(meeting, segment)
        reading_s = time.perf_counter() - started
        reading_cpu_s = time.process_time() - spent
        reading_model_s = _model_s(calls)

        # The rest of the segments is as the mean of those read; what comes after sees as many drafts as it would.
        share = len(segments) / len(segments[:most])
        drafts = (drafts * round(share))[: round(len(drafts) * share)]
        started, spent, done = time.perf_counter(), time.process_time(), len(calls)
        meeting_analyzer.assemble(meeting, drafts, engine, likeness=likeness(Settings()))
        after_s = time.perf_counter() - started
        after_cpu_s = time.process_time() - spent
        after_model_s = _model_s(calls[done:])
    model_s = reading_model_s * share + after_model_s
    read_s, whole_s = (reading_s - reading_model_s) * share, after_s - after_model_s
    ours_s = before_s + read_s + whole_s
    words = sum(len(utterance.text.split()) for utterance in meeting.utterances)
    counts = words, len(segments), len(segments[:most])
    cpu_s = before_cpu_s + reading_cpu_s * share + after_cpu_s
    return Result(*counts, model_s, ours_s, ours_s / model_s, before_s, read_s, whole_s, cpu_s)


def _model_s(calls: Sequence[Call]) -> float:
    """What the server was told to take. The first token comes after FIRST_TOKEN_S, so n tokens have n - 1 gaps."""
    assert all(call.ok for call in calls)
    return sum(FIRST_TOKEN_S + (call.output_tokens - 1) / TOKENS_PER_S for call in calls)


def transcript() -> str:
    """A transcript of 25,000 words: the long workshop, again and again, its clock running on."""
    source = SOURCE.read_text(encoding="utf-8").splitlines()
    lines: list[str] = []
    words, hour = 0, 0
    while words < WORDS:
        for line in source:
            stamp, _, said = line.partition("] ")
            clock = int(stamp[1:3]) + hour
            lines.append(f"[{clock:02}{stamp[3:]}] {said}")
            words += len(said.partition(": ")[2].split())
            if words >= WORDS:
                break
        hour += 2
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
