"""From the enqueueing of a job to its start, with an idle worker, beside bare RQ doing nothing."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count

import rq
from rq.serializers import JSONSerializer

from bench.figures import Figure, in_turns, median, p95
from bench.ground import Ground, NeverCame
from bench.reading import await_worker, store
from bench.sizes import Size
from shared import queue

START_MS = 100.0
_TEXT = "Judith Pell: Hello, this is talk number {}.\nHamish Corrie: I will send the offer by Friday.\n"


def starting_jobs(size: Size) -> Iterator[Figure]:
    """Ours: from the commit that says `queued` to the one that says `analyzing`. Bare: to the job's first line."""
    with Ground.laid() as ground:
        ground.start("-m", "shared.worker", "models")
        _start_bare_worker(ground)
        await_worker(ground, "models")
        await_worker(ground, "bare")
        ours = _ours(ground)
        first = ours()
        started, bare = in_turns(size.starts, ours, _bare(ground))
    yield Figure(
        name="enqueue to start, idle worker (median)", measured=median(started), unit="ms", target=START_MS,
        beside="bare RQ, empty job", baseline=median(bare),
        note=f"Seen in the database every half millisecond; the 95th percentile is {p95(started):.0f} ms.",
    )  # fmt: skip
    yield Figure(
        name="the same, the worker's very first job", measured=first, unit="ms", target=START_MS,
        note="It has loaded the analyzer before it takes jobs; its first connections are still to be made.",
    )  # fmt: skip


def _ours(ground: Ground) -> Callable[[], float]:
    """Milliseconds from the outbox, right after the upload's commit, to the change of the meeting's status."""
    number = count()
    look = sqlite3.connect(f"file:{ground.database_file}?mode=ro", uri=True)

    def once() -> float:
        with store(ground, _TEXT.format(next(number)), "talk.txt") as (meeting_id, dispatch):
            sent_at = time.perf_counter()
            sending = threading.Thread(target=dispatch)  # the job may start before sending it has returned
            sending.start()
            while _status(look, meeting_id) == "queued":
                if time.perf_counter() - sent_at > 60:
                    raise NeverCame(f"The job never started: {ground.logs()}")
                time.sleep(0.0005)
            claimed_ms = (time.perf_counter() - sent_at) * 1000
            sending.join()
        _until_ready(look, meeting_id)
        return claimed_ms

    return once


def _status(look: sqlite3.Connection, meeting_id: int) -> str:
    return str(look.execute("SELECT status FROM meeting WHERE id = ?", (meeting_id,)).fetchone()[0])


def _until_ready(look: sqlite3.Connection, meeting_id: int) -> None:
    give_up = time.monotonic() + 60
    while _status(look, meeting_id) != "ready":
        if time.monotonic() > give_up:
            raise NeverCame("The analysis never ended.")
        time.sleep(0.01)
    time.sleep(0.05)  # RQ puts its job away


def _start_bare_worker(ground: Ground) -> None:
    code = (
        "import sys, rq, redis; from rq.serializers import JSONSerializer as J;"
        "import bench.bare; c = redis.Redis.from_url(sys.argv[1]);"
        "rq.SimpleWorker([rq.Queue('bare', connection=c, serializer=J)], connection=c, serializer=J)"
        ".work(logging_level='ERROR')"
    )
    ground.start("-c", code, ground.settings.effective_redis_url)


def _bare(ground: Ground) -> Callable[[], float]:
    """Milliseconds from enqueueing to the first line of a job that only says the time."""
    broker = queue.connect(ground.settings.effective_redis_url)
    bare = rq.Queue("bare", connection=broker, serializer=JSONSerializer)

    def once() -> float:
        before = time.time()
        bare.enqueue("bench.bare.noop", 1, result_ttl=0)
        answer = broker.blpop(["bare:started"], timeout=4)
        if answer is None:
            raise NeverCame(f"The bare worker does not work: {ground.logs()}")
        return (float(answer[1]) - before) * 1000

    return once
