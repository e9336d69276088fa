"""`python -m launcher run` on real processes: it starts, heals, refuses a twin, stops, and leaves nobody behind."""

from __future__ import annotations

import contextlib
import http.client
import re
import signal
import socket
import urllib.request

import psutil
import pytest
from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from shared.config import LONGEST_ADDRESS, Settings

pytestmark = pytest.mark.slow


def test_one_line_tells_the_address_and_the_demo_login(afterword):
    (line,) = afterword.said("Afterword is ready")
    assert re.fullmatch(
        rf"Afterword is ready: http://127\.0\.0\.1:{afterword.crm_port}  \(demo login: \S+@\S+ / \S+\)", line
    )


def test_it_says_in_words_what_it_runs_on(afterword):
    assert "SQLite" in afterword.wait_for("database: ")
    assert "embedded Redis" in afterword.wait_for("broker: ")
    assert "built-in analyzer" in afterword.wait_for("language model: ")


def test_both_services_are_ready_when_it_says_so(afterword):
    assert afterword.is_ready()


def test_a_second_run_on_the_same_data_is_one_clear_line(afterword, launch):
    twin = launch(afterword.folder)
    assert twin.ended() == 1
    (line,) = twin.lines
    assert f"process {afterword.process.pid}, http://127.0.0.1:{afterword.crm_port}" in line
    assert "DATA_DIR" in line


@pytest.mark.parametrize("service", ["CRM", "CHATBOT"])
def test_a_taken_port_is_one_clear_line(afterword, launch, service):
    port = str(getattr(afterword, f"{service.lower()}_port"))
    other = launch(**{f"{service}_PORT": port})
    assert other.ended() == 1
    (line,) = other.lines
    assert line.startswith(f"Port {port} is taken")
    assert f"{service}_PORT" in line


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("worker", ["shared.worker", "models"]),
        ("worker-crm", ["shared.worker", "crm"]),
        ("worker-embed", ["shared.worker", "embed"]),
        ("chatbot", ["uvicorn"]),
        ("crm", ["gunicorn"]),
    ],
)
def test_what_is_killed_is_started_again(afterword, name, words):
    old = {process.pid for process in afterword.running(*words)}
    afterword.running(*words)[0].kill()
    afterword.wait_for(f"{name} ended (killed by SIGKILL)")
    afterword.eventually(lambda: {process.pid for process in afterword.running(*words)} - old)
    afterword.eventually(afterword.is_ready)


def test_the_broker_is_started_again_with_all_that_was_in_it(afterword):
    url = Settings(_env_file=None, data_dir=afterword.folder).effective_redis_url
    retry = Retry(ExponentialBackoff(cap=0.5, base=0.1), 30)
    with Redis.from_url(url, retry=retry, retry_on_error=[RedisConnectionError]) as broker:
        broker.set("job", "still here")
        psutil.Process(broker.info("server")["process_id"]).kill()
        afterword.wait_for("broker ended (killed by SIGKILL)")
        assert broker.get("job") == b"still here"


def test_connections_that_a_browser_opens_ahead_of_need_stop_nobody(afterword):
    with contextlib.ExitStack() as browser:
        for _ in range(Settings.model_fields["web_processes"].default + 2):
            browser.enter_context(socket.create_connection(("127.0.0.1", afterword.crm_port)))
        with urllib.request.urlopen(f"http://127.0.0.1:{afterword.crm_port}/healthz", timeout=30) as answer:
            assert answer.status == 200


def test_an_address_as_long_as_filters_may_become_reaches_the_crm(afterword):
    for length, status in ((LONGEST_ADDRESS - 10, 200), (LONGEST_ADDRESS, 414)):
        browser = http.client.HTTPConnection("127.0.0.1", afterword.crm_port, timeout=30)
        browser.request("GET", f"/login?next={'x' * length}")
        answer = browser.getresponse()
        assert answer.status == status
    assert b"Open it without its conditions" in answer.read()


def test_it_tells_the_address_once_however_often_things_are_started_again(afterword):
    assert len(afterword.said("Afterword is ready")) == 1


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything(launch, how):
    run = launch(DEMO="0")
    line = run.wait_for("Afterword is ready")
    assert "demo login" not in line
    processes = run.descendants()
    assert len(processes) >= 6
    run.process.send_signal(how)
    assert run.ended() == 0
    assert run.none_left(processes, within_s=1)


def test_killed_outright_it_leaves_nobody_behind_and_the_data_free(launch):
    run = launch(DEMO="0")
    run.wait_for("Afterword is ready")
    processes = run.descendants()
    run.process.kill()
    next_one = launch(run.folder, DEMO="0")
    next_one.wait_for("Afterword is ready")
    assert run.none_left(processes, within_s=1)


def test_stopping_in_the_middle_of_a_start_leaves_nobody_behind(launch):
    run = launch()
    run.eventually(lambda: len(run.descendants()) >= 2)
    processes = run.descendants()
    run.process.send_signal(signal.SIGHUP)
    assert run.ended() == 0
    assert run.none_left(processes, within_s=1)


def test_an_open_address_with_the_demo_login_is_refused(launch):
    run = launch(CRM_HOST="0.0.0.0")
    assert run.ended() == 1
    assert "demo" in run.lines[-1]
    assert "Traceback" not in "\n".join(run.lines)
