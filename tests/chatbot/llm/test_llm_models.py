"""What is installed and what it can do, asked cheaply."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from chatbot.llm import errors
from chatbot.llm.models import Installed, base_url, describe, extraction_model, resolve, status
from shared.config import Settings
from tests.fakes.ollama_script import Model
from tests.fakes.ollama_server import OllamaServer


def settings(host: str, tmp_path: Path, **more: object) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path, ollama_host=host, **more)  # type: ignore[arg-type]


def test_status_names_the_version_and_the_models(tmp_path: Path) -> None:
    with OllamaServer(version="0.40.1") as server:
        now = status(settings(server.host, tmp_path))
    assert (now.reachable, now.version, now.extraction_model, now.reason) == (True, "0.40.1", "llama3.1:8b", None)
    assert now.models == (Installed("llama3.1:8b", 4_920_753_328, "llama"),)


def test_a_missing_model_comes_with_the_command_that_gets_it(tmp_path: Path) -> None:
    with OllamaServer(models=[Model("mistral")]) as server:
        now = status(settings(server.host, tmp_path))
        with pytest.raises(errors.ModelMissing, match=r"ollama pull llama3\.1:8b"):
            extraction_model(settings(server.host, tmp_path))
    assert now.reachable and now.extraction_model is None
    assert now.reason == "The model llama3.1:8b is not installed. Run: ollama pull llama3.1:8b"


def test_without_the_configured_chat_model_the_largest_that_chats_is_taken(tmp_path: Path) -> None:
    models = [Model("small", size=10), Model("big", size=30), Model("nomic-embed-text", size=99, family="nomic-bert")]
    with OllamaServer(models=models) as server:
        assert status(settings(server.host, tmp_path)).chat_model == "big:latest"
        assert status(settings(server.host, tmp_path, chat_model="SMALL")).chat_model == "small:latest"


@pytest.mark.parametrize("host", ["127.0.0.1:9", "ftp://127.0.0.1", "http://[bad"])
def test_status_never_raises_and_says_why(tmp_path: Path, host: str) -> None:
    now = status(settings(host, tmp_path))
    assert not now.reachable and now.models == ()
    assert now.reason


def test_status_does_not_hang_when_nobody_answers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        began = time.monotonic()
        now = status(settings(f"127.0.0.1:{deaf.getsockname()[1]}", tmp_path))
        assert time.monotonic() - began < 10
    assert (now.reachable, now.reason) == (False, "Ollama does not answer. If it hangs, restart it.")


def test_a_model_is_used_with_the_window_it_was_trained_for_at_most(tmp_path: Path) -> None:
    models = [Model("small", context_length=2048), Model("qwen3:8b", capabilities=("completion", "thinking"))]
    with OllamaServer(models=models) as server:
        small = describe(settings(server.host, tmp_path), "small", 8192)
        thinker = describe(settings(server.host, tmp_path), "qwen3:8b", 8192)
    assert (small.num_ctx, small.can_think) == (2048, False)
    assert (thinker.num_ctx, thinker.can_think) == (8192, True)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("mistral", "mistral:latest"),
        ("Mistral:LATEST", "mistral:latest"),
        ("llama3.1:8b", "llama3.1:8b"),
        ("llama3.1", None),
        ("registry.ollama.ai/library/mistral", "mistral:latest"),
        ("hf.co/acme/model", "hf.co/acme/model:latest"),
    ],
)
def test_names_follow_ollamas_tag_rules(asked: str, found: str | None) -> None:
    installed = [Installed("mistral:latest"), Installed("llama3.1:8b"), Installed("hf.co/acme/model:latest")]
    assert resolve(asked, installed) == found


def test_the_listening_address_of_a_server_is_not_where_a_client_goes() -> None:
    assert base_url("0.0.0.0:11434") == "127.0.0.1:11434"
    assert base_url("  ") == "127.0.0.1:11434"
    assert base_url("https://ollama.example.org") == "https://ollama.example.org"
