"""The models page in a real browser: a model is fetched while one watches, tried by keyboard, and chosen."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Site, running, wait_for
from tests.e2e.test_accessibility import AXE, judge
from tests.fakes.ollama_script import Model, Pulling
from tests.fakes.ollama_server import OllamaServer


@pytest.fixture(scope="module")
def ollama(site: Site) -> Iterator[OllamaServer]:
    """A chatbot with an Ollama that has one model and fetches others in three seconds."""
    with OllamaServer(models=[Model()], pulling=Pulling(size=5_225_387_923, seconds=3)) as server:
        port = site.environment["CHATBOT_PORT"]
        environment = {**site.environment, "OLLAMA_HOST": server.host, "WARM_UP": "0", "EMBEDDING_MODEL": "off"}
        command = [sys.executable, "-m", "uvicorn", "chatbot_main:app", "--port", port, "--log-level", "warning"]
        with running([command], environment):
            wait_for(f"http://127.0.0.1:{port}")
            yield server


def test_a_model_is_fetched_tried_and_chosen(page: Page, ollama: OllamaServer, complaints: list[str]) -> None:
    page.goto("/settings/models")
    expect(page.locator("#role-chat")).to_contain_text("llama3.1:70b is not installed; llama3.1:8b answers instead.")

    page.get_by_label("Name", exact=True).fill("qwen3:8b")
    page.keyboard.press("Enter")
    bar = page.get_by_role("progressbar", name="Fetching qwen3:8b")
    expect(bar).to_be_visible()
    page.goto("/")  # leaving stops nothing
    page.goto("/settings/models")
    expect(page.locator("#pull")).to_contain_text("GB of 5.2")
    expect(page.locator("#pull")).to_contain_text("qwen3:8b is here.")
    expect(page.locator("#installed")).to_contain_text("qwen3:8b")  # of itself, without loading the page again
    expect(page.locator("#role-chat")).to_contain_text("qwen3:8b answers instead.")
    assert [request.endpoint for request in ollama.requests].count("/api/pull") == 1

    page.locator("#test-chat").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#trial-chat")).to_contain_text("tokens/s")
    expect(page.locator("#role-chat")).to_contain_text("In memory")
    page.evaluate(AXE.read_text())
    assert judge(page) == []

    page.locator("#model-chat").select_option("llama3.1:8b")
    page.locator("#use-chat").click()
    expect(page.locator("#role-chat")).to_contain_text("chosen here; the setting says llama3.1:70b")
    expect(page.locator("#roles")).to_contain_text("One model does both")

    page.locator("#installed").get_by_role("button", name="Remove").click()
    page.locator("#confirm").get_by_role("button", name="Remove").click()
    expect(page.locator("#installed")).not_to_contain_text("qwen3:8b")
    assert complaints == []
