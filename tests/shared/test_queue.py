"""Jobs that are sent twice are begun once, and those that a dying worker took are begun all the same."""

from __future__ import annotations

import rq
from rq.serializers import JSONSerializer

from shared import queue


def test_a_job_that_a_worker_took_and_died_with_is_sent_again_and_one_that_waits_is_not(broker: str) -> None:
    def send() -> list[str]:
        queue.enqueue(broker, queue.MAKE_BACKUP, [1, 1], job_id="backup-1-0")
        return waiting.job_ids

    name = queue.JOBS[queue.MAKE_BACKUP].queue
    waiting = rq.Queue(name, connection=queue.connect(broker), serializer=JSONSerializer)
    waiting.empty()
    assert send() == ["backup-1-0"]
    assert send() == ["backup-1-0"]
    queue.connect(broker).lpop(waiting.key)  # and before it says that it has begun, it is killed
    assert send() == send() == ["backup-1-0-again"], "one waits, however often it is sent"
