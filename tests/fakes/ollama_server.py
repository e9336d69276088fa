"""An Ollama server for tests: the real wire protocol on a real port, with scripted answers instead of a model.

It is driven through the real `ollama` package, so our client is tested against what Ollama does and not against our
idea of our client. In a test: `with OllamaServer(replies=[Reply(json={…})]) as server: … server.host …
server.requests`. For tests that kill it, and for demonstrations: `python -m tests.fakes.ollama_server --port 0
--script file.json`; it prints its address as the first line. `GET /_fake/requests` then gives the log, `POST
/_fake/replies` adds replies.

What it does as Ollama does: statuses and error texts, tag rules, one line a token, queueing, load and reload times,
context overflow with `truncate` and `shift` (read at the top level of the request alone), `num_predict`, `think`
rules, error lines at status 200, cut connections, silence; it notes clients that hang up.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import select
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.fakes.ollama_endpoints import ANSWERS
from tests.fakes.ollama_engine import ClientGone, Cut, Engine, Refused
from tests.fakes.ollama_reader import read_as_a_model_would
from tests.fakes.ollama_script import Answerer, Model, Pulling, Reply, Request, Rule, Script, read_script


class OllamaServer:
    """A running server. `host` is what OLLAMA_HOST takes; `requests` is the log, oldest first.

    `answer` maps a request to a reply (None: go on to the default). Without any script the default reads the prompt and
    gives schema-valid answers that quote it. `errors` holds what went wrong in the server itself; `close` raises it.
    """

    def __init__(
        self,
        *,
        replies: Sequence[Reply] = (),
        rules: Sequence[Rule] = (),
        answer: Answerer | None = None,
        default: Answerer | None = read_as_a_model_would,
        models: Sequence[Model] = (Model(),),
        port: int = 0,
        version: str = "0.33.0",
        default_num_ctx: int = 4096,
        parallel: int = 1,
        max_queue: int = 512,
        pulling: Pulling | None = None,
    ) -> None:
        self.script = Script(list(replies), list(rules), answer, default)
        self.engine = Engine(list(models), self.script, default_num_ctx, parallel, max_queue)
        self.version = version
        self.engine.knows_logprobs = tuple(int(part) for part in version.split(".")[:3]) >= (0, 12, 11)
        self.pulling = pulling or Pulling()
        #: Bytes of each model that arrived before its download was cut or given up.
        self.arrived: dict[str, int] = {}
        self.errors: list[BaseException] = []
        self._http = _Http(("127.0.0.1", port), _Handler)
        self._http.owner = self
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), name="ollama-test-server")

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def requests(self) -> list[Request]:
        return self.engine.requests

    @property
    def chats(self) -> list[Request]:
        """The requests that reached a model: /api/chat with messages."""
        return [request for request in self.requests if request.endpoint == "/api/chat" and request.messages]

    def start(self) -> OllamaServer:
        self._thread.start()
        return self

    def die(self) -> None:
        """Gone at once, as after kill -9: open streams are reset, the port refuses."""
        self._stop(reset=True)

    def close(self) -> None:
        self._stop(reset=False)
        if self.errors:
            raise self.errors[0]

    def _stop(self, *, reset: bool) -> None:
        self.engine.stopping.set()
        self._http.hang_up(reset=reset)
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.hang_up(reset=reset)
        self._http.server_close()

    def __enter__(self) -> OllamaServer:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.close()


class _Http(ThreadingHTTPServer):
    daemon_threads = False  # server_close then waits for them: no thread outlives its test
    request_queue_size = 128
    owner: OllamaServer

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self, *, reset: bool) -> None:
        with self._guard:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    if reset:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exception() if sys.version_info >= (3, 12) else sys.exc_info()[1]
        if error is not None and not isinstance(error, ConnectionError):
            self.owner.errors.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http
    _chunked = False

    def log_message(self, format: str, *args: object) -> None:
        """Silence: the log is `requests`."""

    def do_GET(self) -> None:
        self._handle()

    def do_HEAD(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def _handle(self) -> None:
        self._chunked = False
        owner = self.server.owner
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/_fake/"):
            self._control(owner, raw)
            return
        request = Request(self.command, self.path, {}, time.monotonic())
        owner.requests.append(request)
        try:
            request.body = _body(raw) if self.command in ("POST", "DELETE") else {}
            answer = ANSWERS.get((self.command.replace("HEAD", "GET"), self.path))
            if answer is None:
                self._send(request, 404, b"404 page not found", "text/plain")
                return
            self._answer(request, answer(owner, request, self._is_gone))
        except Refused as refused:
            self._send(request, refused.status, _json({"error": refused.text}), "application/json; charset=utf-8")
        except Cut as cut:
            self._cut(cut.partial)
        except (ClientGone, ConnectionError):
            request.disconnected = True
            request.status = request.status or 499
            self.close_connection = True

    def _answer(self, request: Request, answer: Any) -> None:
        if isinstance(answer, Iterator):
            self._stream(request, answer)
        elif isinstance(answer, str):
            self._send(request, 200, answer.encode(), "text/plain; charset=utf-8")
        else:
            self._send(request, 200, _json(answer), "application/json; charset=utf-8")
        request.completed = True

    def _send(self, request: Request, status: int, body: bytes, kind: str) -> None:
        request.status = status
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _stream(self, request: Request, lines: Iterator[dict[str, Any]]) -> None:
        """Headers go out with the first line, as Ollama sends them: a client sees nothing while a model loads."""
        try:
            for line in lines:
                if not self._chunked:
                    self._begin(request)
                self._chunk(_json(line) + b"\n")
        finally:
            if isinstance(lines, Generator):
                lines.close()
        self.wfile.write(b"0\r\n\r\n")

    def _begin(self, request: Request) -> None:
        request.status = 200
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._chunked = True

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _cut(self, partial: str) -> None:
        """Half a line, then the connection closes without the last chunk."""
        with contextlib.suppress(ConnectionError):
            if self._chunked and partial:
                self._chunk(partial.encode())
            self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def _is_gone(self) -> bool:
        """Whether the client has closed its end."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        try:
            return bool(readable) and self.connection.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return True

    def _control(self, owner: OllamaServer, raw: bytes) -> None:
        nobody = Request(self.command, self.path, {}, time.monotonic())
        if self.command == "POST" and self.path == "/_fake/replies":
            owner.script.replies.extend(Reply(**entry) for entry in json.loads(raw))
        self._send(nobody, 200, _json([request.as_json() for request in owner.requests]), "application/json")


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _body(raw: bytes) -> dict[str, Any]:
    if not raw.strip():
        raise Refused(400, "missing request body")
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise Refused(400, str(error)) from None
    if not isinstance(body, dict):
        raise Refused(400, "json: cannot unmarshal array into Go value of type api.ChatRequest")
    return body


def main(argv: Sequence[str] | None = None) -> None:
    """Run as a process: print the address, serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--script", type=Path, help="JSON: models, replies, rules, default, server")
    options = parser.parse_args(argv)
    text = options.script.read_text(encoding="utf-8") if options.script else ""
    models, script, settings = read_script(text, read_as_a_model_would)
    server = OllamaServer(
        replies=script.replies, rules=script.rules, default=script.default,
        models=models or (Model(),), port=options.port, **settings,
    )  # fmt: skip
    print(server.host, flush=True)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with server:
        stop.wait()


if __name__ == "__main__":
    main()
