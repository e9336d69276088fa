"""Who does which work, what it takes, and whether there is room for it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from chatbot.llm import errors, machine, wire
from chatbot.llm.inventory import Inventory, ModelFacts, Warehouse, kv_per_token
from chatbot.llm.machine import Memory
from chatbot.llm.models import base_url, status
from chatbot.llm.roles import Company, Role, Verdict, assign, fallback_note, room, together
from shared.config import Settings
from tests.fakes.ollama_script import Model, Request
from tests.fakes.ollama_server import OllamaServer

GIB = 1024**3
SMALL = Model("llama3.1:8b")
LARGE = Model("llama3.1:70b", parameter_size="70.6B", size=42_520_413_916, block_count=80)


def settings(**more: object) -> Settings:
    return Settings(_env_file=None, **more)  # type: ignore[arg-type]


def look(server: OllamaServer) -> Inventory:
    async def ask() -> Inventory:
        connections = wire.connect(base_url(server.host))
        try:
            return await Warehouse(connections).look()
        finally:
            await wire.close_connections(connections)

    return asyncio.run(ask())


def stand(server: OllamaServer, gib: float | None, **more: object) -> tuple[Role, Role]:
    memory = Memory(int(64 * GIB), int(gib * GIB)) if gib is not None else None
    extraction, chat = assign(settings(**more), look(server), memory)
    return extraction, chat


def test_memory_is_the_file_and_the_cache_of_the_window() -> None:
    with OllamaServer(models=[SMALL, LARGE]) as server:
        extraction, chat = stand(server, 64, chat_num_ctx=16384)
    assert extraction.need and chat.need
    assert extraction.need.kv_per_token == 128 * 1024  # 32 layers x 8 heads x (128 + 128) x 2 bytes
    assert extraction.need.cache == 1 * GIB
    assert chat.need.kv_per_token == 320 * 1024
    assert chat.need.total == LARGE.size + 5 * GIB


@pytest.mark.parametrize(
    ("gib", "verdict"), [(8, Verdict.FITS), (6, Verdict.TIGHT), (5, Verdict.TOO_LARGE), (None, Verdict.UNKNOWN)]
)
def test_a_model_fits_is_tight_or_does_not_fit(gib: float | None, verdict: Verdict) -> None:
    with OllamaServer(models=[SMALL]) as server:
        extraction, _ = stand(server, gib)  # it takes 5.6 GiB
    assert extraction.verdict is verdict


def test_what_is_loaded_with_its_window_needs_no_estimate() -> None:
    with OllamaServer(models=[SMALL]) as server:
        server.engine.load(Request("POST", "/api/chat", {"options": {"num_ctx": 8192}}, 0.0), SMALL)
        loaded, _ = stand(server, 1)
        other_window, _ = stand(server, 1, extraction_num_ctx=4096)
    assert loaded.verdict is Verdict.LOADED
    assert loaded.loaded and loaded.loaded.size == SMALL.size + GIB
    assert other_window.verdict is Verdict.TIGHT  # what Ollama holds now would be let go
    assert other_window.loaded and other_window.loaded.context_length == 8192


def test_a_missing_chat_model_is_replaced_by_the_largest_and_that_is_said() -> None:
    with OllamaServer(models=[Model("qwen3:8b", size=5 * GIB), Model("tiny", size=GIB)]) as server:
        extraction, chat = stand(server, 64)
    assert chat.serving and chat.serving.name == "qwen3:8b"
    assert chat.note == "llama3.1:70b is not installed; qwen3:8b answers instead."
    assert extraction.serving is None
    assert extraction.note == "llama3.1:8b is not installed; the built-in analyzer reads meetings."
    assert fallback_note("chat", "big", None) is not None
    assert fallback_note("chat", "mistral", "mistral:latest") is None


def test_a_model_that_runs_elsewhere_never_serves(tmp_path: Path) -> None:
    away = [
        Model("gpt-oss:120b-cloud", size=400),
        Model("hidden", size=400, remote_host="https://ollama.com:443"),
    ]
    with OllamaServer(models=away) as server:
        extraction, chat = stand(server, 64, extraction_model="gpt-oss:120b-cloud", chat_model="hidden")
        now = status(settings(ollama_host=server.host, data_dir=tmp_path, extraction_model="gpt-oss:120b-cloud"))
        inventory = look(server)
    assert extraction.serving is None and chat.serving is None
    assert all(model.is_remote and not model.can_chat for model in inventory.models)
    assert now.extraction_model is None


@pytest.mark.parametrize(
    ("gib", "more", "expected"),
    [
        (62, {}, Company.BOTH),
        (48, {}, Company.TURNS),
        (None, {}, Company.UNKNOWN),
        (62, {"chat_model": "llama3.1:8b"}, Company.ONE),
        (62, {"extraction_model": "absent"}, None),
    ],
)
def test_two_models_stay_or_take_turns(gib: float | None, more: dict[str, object], expected: Company | None) -> None:
    with OllamaServer(models=[SMALL, LARGE]) as server:
        roles = stand(server, gib, **more)
    memory = Memory(64 * GIB, int(gib * GIB)) if gib is not None else None
    assert together(roles, room(memory, ())) is expected


def test_one_model_for_both_has_one_window() -> None:
    with OllamaServer(models=[SMALL]) as server:
        extraction, chat = stand(server, 64, chat_num_ctx=16384)
    assert chat.serving == extraction.serving
    assert (extraction.num_ctx, chat.num_ctx) == (8192, 8192)  # or each change would load it again


def test_the_window_is_at_most_what_the_model_was_trained_for() -> None:
    with OllamaServer(models=[Model("llama3.1:8b", context_length=2048)]) as server:
        extraction, _ = stand(server, 64)
    assert extraction.num_ctx == 2048


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({}, None),
        ({"general.architecture": "x", "x.block_count": "many"}, None),
        ({"general.architecture": "x", "x.block_count": 2, "x.attention.head_count": 4, "x.embedding_length": 64}, 512),
        (  # some models give each layer its own number
            {
                "general.architecture": "x", "x.block_count": 2, "x.attention.head_count": 4,
                "x.attention.head_count_kv": [1, 3], "x.attention.key_length": 8, "x.attention.value_length": 16,
            },
            4 * 24 * 2,
        ),
    ],
)  # fmt: skip
def test_what_a_file_does_not_say_is_unknown(info: dict[str, object], expected: int | None) -> None:
    assert kv_per_token(info) == expected


@pytest.mark.parametrize(
    ("version", "is_old"), [("0.5.1", True), ("0.12.6", False), ("0.33.0-rc2", False), (None, False), ("0.0.0", False)]
)
def test_old_servers_are_told_apart(version: str | None, is_old: bool) -> None:
    assert Inventory(version).is_old is is_old


def test_a_silent_and_a_foreign_server_are_typed_errors() -> None:
    async def ask(host: str) -> None:
        connections = wire.connect(host)
        try:
            await Warehouse(connections).look(within_s=0.5)
        finally:
            await wire.close_connections(connections)

    with pytest.raises(errors.ServerDown, match="ollama serve"):
        asyncio.run(ask("127.0.0.1:9"))


def test_where_ollama_runs_and_what_is_free(tmp_path: Path) -> None:
    assert machine.is_here("127.0.0.1:11434") and machine.is_here("0.0.0.0") and machine.is_here("http://localhost:1")
    assert machine.is_here("[::1]:11434")
    assert not machine.is_here("ollama.example:11434") and not machine.is_here("192.0.2.7")
    free = machine.free_disk(settings(ollama_host="127.0.0.1:1", ollama_models=str(tmp_path)))
    assert free and free > 0
    assert machine.free_disk(settings(ollama_host="ollama.example", ollama_models=str(tmp_path))) is None
    assert machine.free_disk(settings(ollama_models=str(tmp_path / "absent"))) is None
    now = machine.memory()
    assert 0 < now.available <= now.total


def test_facts_without_capabilities_are_judged_by_family() -> None:
    assert ModelFacts("mistral", family="llama").can_chat
    assert not ModelFacts("nomic-embed-text", family="nomic-bert").can_chat
    assert not ModelFacts("bge", capabilities=("embedding",)).can_chat
