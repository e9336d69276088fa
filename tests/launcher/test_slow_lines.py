"""Clients that send and take slowly, on real connections to a server of one process: they keep nobody else waiting."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from launcher import gunicorn_sender
from launcher.gunicorn_sender import Line, Sender
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
#: More than the systems of both ends take off the server's hands.
SIZE = 12 * 2**20
#: Where a byte stands is to be seen in what comes.
CONTENT = b"".join(b"%07d " % n for n in range(SIZE // 8))

_APP = """
import os, time
def app(environ, start_response):
    path = environ["PATH_INFO"]
    if environ["REQUEST_METHOD"] == "POST":
        size, body = 0, environ["wsgi.input"]
        while piece := body.read(100_000):
            size += len(piece)
        start_response("200 OK", [("Content-Length", str(len(str(size))))])
        return [str(size).encode()]
    if path == "/who":
        start_response("200 OK", [])
        return [str(os.getpid()).encode()]
    if path == "/long":
        until = time.monotonic() + 3
        while time.monotonic() < until:
            time.sleep(0.05)
            try:
                environ["gunicorn.socket"].still_working()
            except ConnectionResetError:
                open(CONTENT + ".closed", "a").write("left ")
                raise
        start_response("200 OK", [])
        return [b"at last"]
    if path == "/file":
        start_response("200 OK", [("Content-Length", str(SIZE))])
        return environ["wsgi.file_wrapper"](open(CONTENT, "rb"))
    if path == "/many":
        start_response("200 OK", [])
        return Made(b"x" * 2**20 for _ in range(200))
    content = open(CONTENT, "rb").read()
    start_response("200 OK", [])
    return Made(content[at : at + 100_000] for at in range(0, SIZE, 100_000))

class Made:
    def __init__(self, pieces):
        self.pieces = pieces
    def __iter__(self):
        for piece in self.pieces:
            time.sleep(0.002)
            yield piece
    def close(self):
        open(CONTENT + ".closed", "a").write("closed ")
"""


class Server:
    """gunicorn with one process of ours, that is killed after two seconds of silence."""

    def __init__(self, folder: Path) -> None:
        (folder / "content").write_bytes(CONTENT)
        (folder / "slow.py").write_text(f"SIZE, CONTENT = {SIZE}, {str(folder / 'content')!r}\n{_APP}")
        self.port, kind = free_port(), "launcher.gunicorn_worker.Worker"
        serve = ["-m", "gunicorn", "-k", kind, "-w", "1", "-t", "2", "-b", f"127.0.0.1:{self.port}"]
        more = ["--no-control-socket", "--graceful-timeout", "20", "--pythonpath", str(folder), "slow:app"]
        self.closed = folder / "content.closed"
        self.process = subprocess.Popen([sys.executable, *serve, *more], cwd=ROOT, stderr=subprocess.PIPE)
        assert self.process.stderr is not None
        next(line for line in self.process.stderr if b"Booting worker" in line)

    def ask(self, path: str, *, buffer: int = 2**16) -> socket.socket:
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        line.settimeout(20)
        line.connect(("127.0.0.1", self.port))
        line.sendall(f"GET {path} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        return line

    def who(self) -> int:
        """The process that answers now, not after minutes."""
        with httpx.Client(trust_env=False, timeout=10, transport=httpx.HTTPTransport(retries=3)) as client:
            return int(client.get(f"http://127.0.0.1:{self.port}/who").text)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    started = Server(tmp_path)
    yield started
    started.process.terminate()
    started.process.wait(30)
    assert started.process.stderr is not None
    started.process.stderr.close()


def rest_of(line: socket.socket) -> bytes:
    found = b"".join(iter(lambda: line.recv(2**20), b""))
    return found.partition(b"\r\n\r\n")[2] if found.startswith(b"HTTP") else found


@pytest.mark.parametrize("request_line", ["GET /file", "GET /pieces", "POST /"])
def test_a_slow_line_is_not_cut_off(server: Server, request_line: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
        line.sendall(f"{request_line} HTTP/1.1\r\nHost: x\r\nContent-Length: ".encode())
        sent, got, answer = SIZE if request_line.startswith("POST") else 0, 0, b""
        line.sendall(f"{sent}\r\n\r\n".encode())
        for _ in range(sent // 2**18):
            line.sendall(b"x" * 2**18)
            time.sleep(0.08)
        while piece := line.recv(2**18, socket.MSG_WAITALL):
            got, answer = got + len(piece), piece
            time.sleep(0.08)
    assert answer.endswith(str(SIZE).encode()) if sent else got > SIZE


@pytest.mark.parametrize("path", ["/file", "/pieces"])
def test_many_slow_downloads_keep_nobody_waiting_and_come_whole(server: Server, path: str) -> None:
    with ExitStack() as stack:
        lines = [stack.enter_context(server.ask(path)) for _ in range(8)]
        began = [b""] * len(lines)
        answered = set()
        until = time.monotonic() + 4  # longer than a process may be silent
        while time.monotonic() < until:
            for number, line in enumerate(lines):
                began[number] += line.recv(100)  # 1 kB/s of each
            answered.add(server.who())
            time.sleep(0.1)
        assert len(answered) == 1
        for number, line in enumerate(lines):
            assert (began[number] + rest_of(line)).partition(b"\r\n\r\n")[2] == CONTENT


def test_a_long_answer_is_made_at_once_and_fills_no_memory(server: Server) -> None:
    before = resident_mb(server.who())
    with server.ask("/many") as line:
        line.recv(100)
        pid = server.who()
        assert server.closed.read_text() == "closed "  # what it is made of is given back before it has arrived
        assert resident_mb(pid) < before + 20
        assert len(rest_of(line)) > 199 * 2**20
        assert resident_mb(pid) < before + 20


def resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def test_whoever_goes_away_ends_the_making(server: Server) -> None:
    server.ask("/many").close()
    server.who()
    assert server.closed.read_text() == "closed "


def test_what_is_long_in_the_making_is_not_taken_for_stuck(server: Server) -> None:
    with server.ask("/long") as line:
        assert rest_of(line) == b"at last"


def test_what_is_long_in_the_making_ends_with_whoever_waits_for_it(server: Server) -> None:
    server.ask("/long").close()
    server.who()
    assert server.closed.read_text() == "left "


def test_a_process_told_to_end_sends_what_is_under_way_to_its_end(server: Server) -> None:
    with server.ask("/file") as line:
        line.recv(100)
        os.kill(server.who(), signal.SIGTERM)
        time.sleep(1)
        assert len(rest_of(line)) > SIZE - 100


def test_a_killed_process_cuts_its_downloads_off_and_another_answers(server: Server) -> None:
    with server.ask("/file") as line:
        line.recv(100)
        killed = server.who()
        os.kill(killed, signal.SIGKILL)
        with suppress(ConnectionResetError):
            assert len(rest_of(line)) < SIZE  # less than the head has promised, so no browser takes it for whole
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                assert server.who() != killed
                return
            except httpx.HTTPError:
                time.sleep(0.1)
        pytest.fail("no process came in its place")


# --- The parts


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(10)
        yield ours, theirs


def _sent(line: Line, theirs: socket.socket) -> bytes:
    """What comes of `CONTENT` while it is written."""
    sending = threading.Thread(target=line.sendall, args=(CONTENT,))
    sending.start()
    found = bytearray()
    while len(found) < SIZE:
        found += theirs.recv(2**20)
    sending.join(10)
    return bytes(found)


def test_where_the_disk_is_full_the_client_is_waited_for(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    ours, theirs = ends
    with Line(ours, lambda: None) as line:
        assert _sent(line, theirs) == CONTENT and line.push()


def test_the_disk_may_fill_up_in_the_middle(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    write, room = os.pwrite, iter([5, 70_001, 3])

    def filling_up(file: int, data: memoryview, at: int) -> int:
        left = next(room, 0)
        if not left:
            raise OSError(28, "No space left on device")
        return write(file, data[:left], at)

    monkeypatch.setattr("os.pwrite", filling_up)
    ours, theirs = ends
    with Line(ours, lambda: None) as line:
        assert _sent(line, theirs) == CONTENT


def test_of_too_many_the_one_that_stood_still_for_longest_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gunicorn_sender, "MOST", 2)
    said: list[str] = []
    sender = Sender(said.append)
    with ExitStack() as stack:
        theirs = []
        for _ in range(3):
            ours, end = (stack.enter_context(one) for one in socket.socketpair())
            end.settimeout(10)
            theirs.append(end)
            line = Line(ours, lambda: None)
            line.sendall(CONTENT)
            sender.take(line.handed_over())
            time.sleep(0.05)
        assert [len(rest_of(end)) == SIZE for end in theirs] == [False, True, True]
        assert len(said) == 1
        for end in theirs:
            end.close()
        sender.finish(5)
        assert not sender._lines


def test_whoever_takes_nothing_any_more_is_given_up(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gunicorn_sender, "PATIENCE_S", 0.1)
    sender = Sender(lambda _said: None)
    ours, theirs = ends
    line = Line(ours, lambda: None)
    line.sendall(CONTENT)
    sender.take(line.handed_over())
    sender.finish(5)
    assert len(rest_of(theirs)) < SIZE


def test_an_answer_is_not_lost_where_its_request_was_not_read_to_its_end(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    sender = Sender(lambda _said: None)
    ours, theirs = ends
    theirs.sendall(b"x" * 10_000)
    line = Line(ours, lambda: None)
    line.sendall(CONTENT)
    sender.take(line.handed_over())
    theirs.sendall(b"x" * 10_000)
    assert rest_of(theirs) == CONTENT
