"""A worker process: `python -m shared.worker QUEUE`.

It does not fork per job (model libraries dislike it, and a fork would import them again each time), has a time limit
per job, and ends after a number of jobs so that leaked memory ends with it; the launcher starts the next one. A thread
sweeps every few seconds: files in the watch folder, jobs that a crash left in the outbox, analyses whose worker died,
old conversations, full bins, abandoned drafts.
"""

from __future__ import annotations

import argparse
import importlib
import os
import threading
import time
from collections.abc import Callable

from shared.loading import without_garbage_collection

with without_garbage_collection():
    import rq
    from redis.exceptions import RedisError
    from rq.serializers import JSONSerializer

    from shared import clock, database, events, imports, queue, search, telemetry
    from shared.chat import conversations, tickets
    from shared.config import Settings
    from shared.database import Database
    from shared.errors import Unavailable
    from shared.records import analysis, backups, duplicates, parts, uploads
    from shared.records import bin as records_bin
    from shared.records.watching import Watch
    from shared.telemetry import get_logger
    from shared.tenancy import EVERY_WORKSPACE
    from shared.webhooks import delivering

log = get_logger(__name__)

SWEEP_EVERY_S = 3.0
#: How often changed records are looked for, and after how long the job is sent though there are none: vectors may be
#: missing for other reasons (another model, one that was away).
MARKS_EVERY_S, ANYWAY_EVERY_S = 0.3, 60.0
#: How often the database counts anew what it plans its queries by, and abandoned drafts are removed.
HOURLY_S = 3600.0
#: A process this old in jobs makes room for a fresh one. A job of `embed` may be one record.
MAX_JOBS = {"models": 500, "crm": 500, "embed": 20_000}


def main(argv: list[str] | None = None) -> int:
    """Work on one queue until told to stop. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m shared.worker", description=__doc__.splitlines()[0])
    parser.add_argument("queue", choices=queue.QUEUES)
    name = parser.parse_args(argv).queue
    settings = Settings()
    telemetry.configure(settings.log_level, settings.log_format)
    clock.configure(settings.clock)
    connected = database.connect(settings)
    with without_garbage_collection():
        load_jobs(name)
    threading.Thread(target=_periodic(name, settings, connected), daemon=True).start()
    worker = waiting(name, settings.effective_redis_url)
    log.info("worker.started", queue=name)
    worker.work(max_jobs=MAX_JOBS[name], logging_level="WARNING", with_scheduler=False)
    return 0


def waiting(name: str, redis_url: str) -> rq.SimpleWorker:
    """RQ's worker of a queue."""
    broker = queue.connect_to_wait(redis_url)
    return rq.SimpleWorker(
        [rq.Queue(name, connection=broker, serializer=JSONSerializer)],
        connection=broker,
        serializer=JSONSerializer,
        name=f"{name}-{os.getpid()}-{os.urandom(3).hex()}",
        worker_ttl=60,
    )


def load_jobs(name: str) -> None:
    """Import what a queue's jobs need before they come: the first one, too, starts at once."""
    for job in queue.JOBS.values():
        if job.queue == name:
            importlib.import_module(job.path.rpartition(".")[0])


def _periodic(name: str, settings: Settings, connected: Database) -> Callable[[], None]:
    """What a worker of this queue does beside its jobs, until it ends."""
    redis_url = settings.effective_redis_url
    if name == "embed":
        return lambda: sweep_marks_forever(connected, redis_url)
    watch = Watch(settings.inbox_dir, settings.upload_dir) if settings.watch_inbox else None
    return lambda: sweep_forever(connected, settings, watch, tidy=lambda: uploads.tidy(settings.upload_dir))


def sweep_forever(
    connected: Database, settings: Settings, watch: Watch | None = None, *, tidy: Callable[[], None] = lambda: None
) -> None:
    """Sweep until the process ends. What the watch folder yields is sent in the same round; `tidy` is done hourly."""
    pause = threading.Event()
    hourly_at = float("-inf")
    while True:
        if time.monotonic() - hourly_at > HOURLY_S:
            _carefully(connected.refresh_statistics)
            _carefully(tidy)
            hourly_at = time.monotonic()
        if watch is not None:
            _carefully(lambda: watch.scan(connected))
        _carefully(lambda: sweep(connected, settings))
        pause.wait(SWEEP_EVERY_S)


def sweep_marks_forever(connected: Database, redis_url: str) -> None:
    """Have changed records embedded, until the process ends."""
    pause = threading.Event()
    sent_at = float("-inf")
    while True:
        is_due = time.monotonic() - sent_at > ANYWAY_EVERY_S
        if _carefully(lambda due=is_due: sweep_marks(connected, redis_url, anyway=due)):  # type: ignore[misc]
            sent_at = time.monotonic()
        pause.wait(MARKS_EVERY_S)


def _carefully(round_: Callable[[], object]) -> object:
    """One round. Bad moments of the database or the broker are waited out."""
    try:
        return round_()
    except (Unavailable, RedisError, OSError) as error:
        log.warning("sweep.postponed", reason=str(error))
    except Exception:
        log.exception("sweep.broke")
    return None


def sweep(connected: Database, settings: Settings) -> None:
    """One round: queue again what nobody holds, send everything unsent, drop what nobody is to keep."""
    redis_url = settings.effective_redis_url
    analysis.sweep(connected)
    duplicates.sweep(connected)
    records_bin.sweep(connected)
    imports.sweep(connected)
    backups.sweep(connected, settings.data_dir)
    parts.sweep(connected, redis_url)
    events.sweep(connected, redis_url)
    delivering.sweep(connected, redis_url)
    conversations.sweep(connected)
    tickets.sweep(connected)


def sweep_marks(connected: Database, redis_url: str, *, anyway: bool = False) -> bool:
    """Send the job that embeds changes if there are any, or `anyway`. Returns whether it was sent."""
    with connected.scope(EVERY_WORKSPACE, read_only=True) as session:
        is_wanted = anyway or search.has_marks(session)
    if is_wanted and not queue.waiting_count(redis_url, "embed"):  # one that runs may be past the newest mark
        queue.enqueue(redis_url, queue.EMBED_CHANGES, [], job_id="embed-changes")
    return is_wanted


if __name__ == "__main__":
    raise SystemExit(main())
