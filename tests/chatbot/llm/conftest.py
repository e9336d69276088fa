"""A client of our own at an Ollama server for tests, and the calls it booked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chatbot.llm.ollama_client import Call, Model, OllamaClient
from tests.fakes.ollama_server import OllamaServer


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    with OllamaServer() as running:
        yield running


@pytest.fixture
def calls() -> list[Call]:
    return []


@pytest.fixture
def client(server: OllamaServer, calls: list[Call]) -> OllamaClient:
    model = Model("llama3.1:8b", num_ctx=4096)
    return OllamaClient(server.host, model, idle_s=1.0, retry_after_s=(0.01, 0.02), on_call=calls.append)
