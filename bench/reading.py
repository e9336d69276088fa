"""A transcript of 164 minutes: parsed, read by the built-in analyzer in a real worker, and by a model of known pace."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import psutil

from bench import llm_overhead
from bench.figures import Figure, in_turns, median, timed_ms
from bench.ground import Ground, NeverCame, peak_resident_mb
from bench.sizes import Size
from bench.speech import long_vtt
from shared import events, queue, transcripts
from shared.records import meetings
from shared.records.meetings import Upload

PARSE_S, ANALYSIS_S, SILENCE_S, OVERHEAD = 1.0, 20.0, 5.0, 0.05

_CUE = re.compile(r"([\d:.]+) --> ([\d:.]+)\n<v ([^>]+)>(.*?)</v>", re.DOTALL)


def parsing(size: Size) -> Iterator[Figure]:
    """Beside decoding the bytes and one pass of a regular expression that knows this file's very form."""
    data = long_vtt(size.words, size.minutes).encode()
    ours, bare, sniff = in_turns(
        max(2, size.rounds // 4),
        lambda: timed_ms(lambda: transcripts.parse(data, "long.vtt")),
        lambda: timed_ms(lambda: _CUE.findall(data.decode())),
        lambda: timed_ms(lambda: transcripts.sniff(data, "long.vtt")),
    )
    words = sum(len(u.text.split()) for u in transcripts.parse(data, "long.vtt").utterances)
    name = f"parse {size.minutes} minutes, {words:,} words (VTT)"
    yield Figure(
        name=name, measured=median(ours) / 1000, unit="s", target=PARSE_S,
        beside="one regex pass", baseline=median(bare) / 1000,
        note="The bare pass knows only this form of cue; parsing also detects the format, cleans, joins what one"
        " speaker said, and counts what it kept.",
    )  # fmt: skip
    yield Figure(
        name="sniff it, inside the upload request", measured=median(sniff), unit="ms",
        beside="one regex pass", baseline=median(bare),
    )  # fmt: skip


def analyzing(size: Size) -> Iterator[Figure]:
    """The built-in analyzer in a real worker over a real broker, watched from outside; then a model's pace."""
    with Ground.laid() as ground:
        seen = watch_analysis(ground, long_vtt(size.words, size.minutes))
    model = llm_overhead.measure(size.segments)
    yield Figure(
        name=f"built-in analysis of {size.minutes} minutes", measured=seen.total_s, unit="s", target=ANALYSIS_S,
        beside="an 8B model's own time", baseline=model.model_s,
        note="From the claim to `ready` in a worker of its own, parsing, storing and proposing included. The model: 1 s"
        f" to the first token, 40 tokens a second, {model.words:,} words.",
    )  # fmt: skip
    yield Figure(
        name="the same, processor time", measured=seen.cpu_s, unit="s", target=ANALYSIS_S,
        beside="the clock's", baseline=seen.total_s,
        note="The worker's, loading the analyzer included: what a machine with nobody else on it would need. Where the"
        " clock shows much more, it waited for other people's work.",
    )  # fmt: skip
    yield Figure(
        name="longest stretch without progress", measured=seen.longest_silence_s, unit="s", target=SILENCE_S,
        beside="the whole", baseline=seen.total_s,
        note=f"{seen.steps} steps of progress were seen. The limit is ours: what one waits before thinking it hangs.",
    )  # fmt: skip
    yield Figure(
        name="the worker's memory at its peak", measured=seen.peak_mb, unit="MB",
        beside="the same worker, idle", baseline=seen.idle_mb,
    )  # fmt: skip
    yield Figure(
        name="pipeline beside the model's own time", measured=model.ratio * 100, unit="%", target=OVERHEAD * 100,
        note=f"{model.ours_s:.1f} s of ours beside {model.model_s:.0f} s of the model: {model.parse_s:.2f} to parse and"
        f" cut, {model.read_s:.2f} around the {model.segments} readings ({model.segments_read} really made),"
        f" {model.whole_s:.2f} on the whole.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Watched:
    """An analysis as somebody at the page sees it."""

    total_s: float
    cpu_s: float
    longest_silence_s: float
    steps: int
    idle_mb: float
    peak_mb: float


def watch_analysis(ground: Ground, text: str) -> Watched:
    """Upload, let a real worker read, and look at the meeting's row every few milliseconds."""
    worker = ground.start("-m", "shared.worker", "models")
    await_worker(ground, "models")
    idle_mb = peak_resident_mb(worker.pid)
    idle_s = _cpu_s(worker.pid)
    with store(ground, text, "long.vtt") as (meeting_id, dispatch):
        dispatch()
    moments = list(_moments(ground, meeting_id))
    gaps = [after - before for before, after in pairwise(moments)]
    total_s = moments[-1] - moments[0]
    cpu_s = _cpu_s(worker.pid) - idle_s
    return Watched(total_s, cpu_s, max(gaps), len(gaps), idle_mb, peak_resident_mb(worker.pid))


def _cpu_s(pid: int) -> float:
    """Processor time a process has used, seconds."""
    used = psutil.Process(pid).cpu_times()
    return float(used.user + used.system)


def _moments(ground: Ground, meeting_id: int) -> Iterator[float]:
    """When the analysis was claimed, at each step of its progress, and when it was ready (seconds, monotonic)."""
    look = sqlite3.connect(f"file:{ground.database_file}?mode=ro", uri=True)
    before = ("queued", 0.0)
    give_up = time.monotonic() + 600
    while before[0] != "ready":
        now = look.execute("SELECT status, progress FROM meeting WHERE id = ?", (meeting_id,)).fetchone()
        if now[0] == "failed" or time.monotonic() > give_up:
            raise NeverCame(f"The analysis ended as {now}: {ground.logs()}")
        if now != before:
            before = now
            yield time.monotonic()
        time.sleep(0.005)
    look.close()


@contextmanager
def store(ground: Ground, text: str, file_name: str) -> Iterator[tuple[int, Callable[[], None]]]:
    """Store a transcript as the upload request does. Yields the meeting's id and what sends its job to the broker."""
    with ground.database.session(ground.person.workspace_id) as session:
        upload = Upload(text.encode(), file_name, engine="builtin")
        meeting, _ = meetings.receive(session, upload, upload_dir=ground.settings.upload_dir, by=ground.actor)
        session.commit()
        broker = ground.settings.effective_redis_url
        yield meeting.id, lambda: events.dispatch(session, ground.database, broker)


def await_worker(ground: Ground, name: str) -> None:
    """Until a worker of this queue is registered, and has had the time to sit down."""
    give_up = time.monotonic() + 60
    while not queue.worker_count(ground.settings.effective_redis_url, name):
        if time.monotonic() > give_up:
            raise NeverCame(f"No worker came: {ground.logs()}")
        time.sleep(0.02)
    time.sleep(0.5)
