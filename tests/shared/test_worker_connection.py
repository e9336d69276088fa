"""A worker waits for jobs longer than anybody else for the broker."""

from __future__ import annotations

from shared import queue, worker


def test_a_worker_waits_on_a_connection_that_lets_it_wait_whoever_asked_the_broker_before(broker: str) -> None:
    queue.connect(broker).ping()
    waiting = worker.waiting("embed", broker)
    connection = waiting.connection.connection_pool.get_connection()
    assert connection.socket_timeout > waiting.dequeue_timeout
    assert queue.connect(broker).connection_pool.connection_kwargs["socket_timeout"] == 5, "a page still hangs not"
    waiting.connection.connection_pool.release(connection)
