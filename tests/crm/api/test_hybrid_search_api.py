"""`GET /search?mode=hybrid` asks the chatbot, and never fails because of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask

from crm.api import hybrid
from shared.config import Settings
from tests.crm.api.conftest import Script


class Stub(BaseHTTPRequestHandler):
    """Answers every POST with `status` and `body`, after `delay_s`; keeps what was asked."""

    status, body, delay_s = 200, b"{}", 0.0
    asked: list[bytes]

    def do_POST(self) -> None:
        type(self).asked.append(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(self.delay_s)
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def chatbot(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Stub]]:
    """A chatbot service that says what the test tells it to."""
    handler = type("Told", (Stub,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told = settings.model_copy(update={"chatbot_url": f"http://127.0.0.1:{server.server_address[1]}"})
    monkeypatch.setattr("crm.web.settings", lambda: told)
    yield handler
    server.shutdown()
    server.server_close()


def test_what_the_chatbot_found_is_passed_on(alice_api: Script, chatbot: type[Stub]) -> None:
    chatbot.body = (
        b'{"items": [{"type": "note", "id": 3, "title": "T", "snippet": "S", "score": 1.0}], "mode": "hybrid"}'
    )
    reply = alice_api.get("/search", q="frozen budgets", mode="hybrid", types="note,task", limit=5)
    assert reply.json["mode"] == "hybrid"
    assert [item["id"] for item in reply.json["items"]] == [3]
    assert b'"types":["note","task"]' in chatbot.asked[0].replace(b" ", b"")


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b""), (401, b"{}"), (200, b"<html>"), (200, b'{"items": 3}'), (200, b'{"items": [], "mode": "keyword"}')],
)
def test_keywords_answer_where_the_chatbot_cannot(
    alice_api: Script, chatbot: type[Stub], status: int, body: bytes
) -> None:
    made = alice_api.made("/companies", {"name": "Nordwind"})
    chatbot.status, chatbot.body = status, body
    reply = alice_api.get("/search", q="Nordwind", mode="hybrid")
    assert reply.json["mode"] == "keyword"
    assert [item["id"] for item in reply.json["items"]] == [made["id"]]


def test_a_slow_chatbot_is_not_waited_for(
    alice_api: Script, chatbot: type[Stub], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hybrid, "WITHIN_S", 0.1)
    chatbot.delay_s = 1.0
    started = time.monotonic()
    assert alice_api.get("/search", q="Nordwind", mode="hybrid").json["mode"] == "keyword"
    assert time.monotonic() - started < 0.9


def test_without_a_chatbot_keywords_answer_and_unknown_types_are_refused(alice_api: Script) -> None:
    assert alice_api.get("/search", q="Nordwind", mode="hybrid").json["mode"] == "keyword"
    assert alice_api.get("/search", q="Nordwind", mode="hybrid", types="moon").status_code == 422
