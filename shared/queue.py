"""The job table and the broker.

A job is named by a dotted string, so nobody imports upwards; a test resolves every name. Arguments are ids, the
serializer is JSON. Enqueueing happens after commit, from the outbox rows of `shared.events`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import rq
import rq.job
from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.serializers import JSONSerializer

from shared.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Job:
    """Where a job lives, which queue carries it, and how long one run may take (seconds)."""

    path: str
    queue: str
    timeout_s: int


ANALYZE_MEETING = "chatbot.jobs.analyze_meeting"
RUN_IMPORT = "crm.jobs.run_import"
EMBED_CHANGES = "chatbot.retrieval.freshness.embed_changes"
FIND_DUPLICATES = "shared.records.duplicates.find"
MAKE_BACKUP = "crm.jobs.make_backup"
CHANGE_MANY = "shared.records.changing.run"
EMPTY_BIN = "shared.records.emptying.run"
REMOVE_FILES = "shared.records.bin.remove_files"
DELIVER_WEBHOOKS = "shared.webhooks.delivering.deliver"

JOBS: dict[str, Job] = {
    job.path: job
    for job in (
        Job(ANALYZE_MEETING, queue="models", timeout_s=2 * 60 * 60),
        Job(RUN_IMPORT, queue="crm", timeout_s=12 * 60 * 60),
        Job(EMBED_CHANGES, queue="embed", timeout_s=15 * 60),
        Job(FIND_DUPLICATES, queue="crm", timeout_s=15 * 60),
        Job(MAKE_BACKUP, queue="crm", timeout_s=2 * 60 * 60),
        Job(CHANGE_MANY, queue="crm", timeout_s=4 * 60 * 60),
        Job(EMPTY_BIN, queue="crm", timeout_s=4 * 60 * 60),
        Job(REMOVE_FILES, queue="crm", timeout_s=60),
        Job(DELIVER_WEBHOOKS, queue="crm", timeout_s=10 * 60),
    )
}

#: One worker process serves one of these, so that a busy queue never starves another.
QUEUES = ("models", "crm", "embed")


@lru_cache(maxsize=4)
def connect(redis_url: str) -> Redis:
    """A connection pool to the broker. Short time-outs: a page must not hang because the broker does."""
    return _pool(redis_url, socket_timeout=5)


def connect_to_wait(redis_url: str) -> Redis:
    """A worker's own pool: it waits for a job for as long as RQ says. Out of a shared one it may get a connection that
    gives up after five seconds, made before RQ could say so, and then ends."""
    return _pool(redis_url)


def _pool(redis_url: str, **more: Any) -> Redis:
    retry = Retry(ExponentialBackoff(cap=0.2, base=0.02), 2)
    return Redis.from_url(redis_url, socket_connect_timeout=2, retry=retry, **more)


def enqueue(redis_url: str, path: str, args: list[object], *, job_id: str) -> None:
    """Send a job; one that still waits is not sent twice. Raises Unavailable without a broker.

    An id that exists but no longer waits belongs to a job that died (or is running, and jobs are idempotent): the job
    is sent again under another, because the queue itself would notice the death only after the job's time limit.
    """
    again = f"{job_id}-again"  # one of these waits, however often it is asked for
    try:
        if not any(_send(redis_url, path, args, id) or _is_waiting(redis_url, id) for id in (job_id, again)):
            _send(redis_url, path, args, f"{job_id}-{secrets.token_hex(3)}")  # both died
    except RedisError as error:  # away, full, loading, read-only: the outbox keeps the work until it can be sent
        raise Unavailable("The job broker cannot be reached; the work waits until it can.") from error


def nudge(redis_url: str, path: str) -> None:
    """Have a job that finds its own work run soon. However often it is asked for, one runs and one waits.

    Raises Unavailable without a broker.
    """
    enqueue(redis_url, path, [], job_id=path.replace(".", "-"))


def _send(redis_url: str, path: str, args: list[object], job_id: str) -> bool:
    job = JOBS[path]
    queue = rq.Queue(job.queue, connection=connect(redis_url), serializer=JSONSerializer)
    try:
        queue.enqueue(
            path,
            args=tuple(args),
            job_id=job_id,
            unique=True,
            job_timeout=job.timeout_s,
            result_ttl=0,
            failure_ttl=86400,
        )
    except DuplicateJobError:
        return False
    return True


def _is_waiting(redis_url: str, job_id: str) -> bool:
    try:
        job = rq.job.Job.fetch(job_id, connection=connect(redis_url), serializer=JSONSerializer)
    except NoSuchJobError:
        return False
    # A worker that died between taking it and saying so leaves it called queued, in no queue: nobody would begin it.
    queue = rq.Queue(job.origin, connection=connect(redis_url), serializer=JSONSerializer)
    return job.get_status() == rq.job.JobStatus.QUEUED and queue.get_job_position(job_id) is not None


def is_alive(redis_url: str) -> bool:
    """Whether the broker answers."""
    try:
        return bool(connect(redis_url).ping())
    except RedisError:
        return False


def waiting_count(redis_url: str, queue: str) -> int:
    """Jobs that wait on a queue. Raises Unavailable without a broker."""
    try:
        return int(rq.Queue(queue, connection=connect(redis_url), serializer=JSONSerializer).count)
    except RedisError as error:
        raise Unavailable("The job broker cannot be reached.") from error


def worker_count(redis_url: str, queue: str) -> int:
    """Workers listening on a queue now. 0 without a broker."""
    try:
        return rq.Worker.count(queue=rq.Queue(queue, connection=connect(redis_url)))
    except RedisError:
        return 0
