"""Answers that fit a schema, from models that are not always held to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from pydantic import BaseModel, Field

from chatbot.llm import errors
from chatbot.llm.models import Model
from chatbot.llm.ollama_client import Call, Chat, OllamaClient
from chatbot.llm.structured import ask, parse, schema_of
from tests.fakes.ollama_script import Model as Installed
from tests.fakes.ollama_script import Reply
from tests.fakes.ollama_server import OllamaServer


class Tag(BaseModel):
    title: str = Field(default="", max_length=10, pattern="^a")


class Mood(BaseModel):
    """How it went."""

    label: Literal["good", "bad"]
    tags: list[Tag] = Field(default_factory=list, max_length=3)


ASK = Chat("mood", [{"role": "system", "content": "JSON."}, {"role": "user", "content": "How was it?"}], 200)
GOOD = Mood(label="good")


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    with OllamaServer(models=[Installed(), Installed("qwen3:8b", capabilities=("completion", "thinking"))]) as running:
        yield running


def client(server: OllamaServer, name: str = "llama3.1:8b", num_ctx: int = 2048) -> OllamaClient:
    return OllamaClient(server.host, Model(name, num_ctx, can_think=name != "llama3.1:8b"), idle_s=2)


@pytest.mark.parametrize(
    "text",
    [
        '{"label": "good"}',
        '```json\n{"label": "good"}\n```',
        'Sure! Here it is:\n{"label": "good", "tags": []}\nI hope this helps {really}.',
        '<think>{"label": "bad"} maybe?</think>{"label": "good"}',
        '<THOUGHT>\nno }{\n</THOUGHT>\n\n{"label": "good"}',
        '\ufeff{"label": "good"}\x00',
    ],
)
def test_an_answer_is_found_among_chatter_fences_and_thoughts(server: OllamaServer, text: str) -> None:
    server.script.replies.append(Reply(text=text))
    assert ask(client(server), ASK, Mood) == GOOD
    assert len(server.chats) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The meeting went well.", "no JSON object"),
        ('{"label": "splendid"}', "label"),
        ('{"label": "good"', "delimiter"),
        ('{"label": NaN}', "NaN"),
        ("<think>It was", "no JSON object"),
    ],
)
def test_an_invalid_answer_is_asked_for_once_more_with_what_was_wrong(
    server: OllamaServer, text: str, told: str
) -> None:
    server.script.replies += [Reply(text=text), Reply(json={"label": "good"})]
    assert ask(client(server), ASK, Mood) == GOOD
    first, second = server.chats
    assert second.messages[: len(first.messages)] == first.messages
    assert second.messages[-2] == {"role": "assistant", "content": text}
    assert told in second.messages[-1]["content"]
    assert first.options == second.options


def test_twice_invalid_is_bad_output(server: OllamaServer) -> None:
    server.script.replies += [Reply(text="No."), Reply(text="Still no.")]
    calls: list[Call] = []
    ours = client(server)
    ours.on_call = calls.append
    with pytest.raises(errors.BadOutput, match="did not answer in the asked form"):
        ask(ours, ASK, Mood)
    assert len(server.chats) == 2
    assert [(call.ok, call.error) for call in calls] == 2 * [
        (False, "llama3.1:8b did not answer in the asked form: there is no JSON object in it.")
    ]


def test_a_repair_that_would_not_fit_goes_without_the_bad_answer(server: OllamaServer) -> None:
    server.script.replies += [Reply(text="blah " * 180), Reply(json={"label": "good"})]
    assert ask(client(server, num_ctx=512), ASK, Mood) == GOOD
    assert [message["role"] for message in server.chats[1].messages] == ["system", "user"]
    assert "not valid" in server.chats[1].messages[-1]["content"]


def test_a_cut_off_answer_is_no_matter_for_repair(server: OllamaServer) -> None:
    server.script.replies.append(Reply(text='{"label": "good", "tags": [' + '{"title": "abc"},' * 200))
    with pytest.raises(errors.CutOff, match="reached its limit"):
        ask(client(server), ASK, Mood)
    assert len(server.chats) == 1


def test_prose_from_a_thinking_model_told_not_to_think_is_asked_again_with_thinking(server: OllamaServer) -> None:
    server.script.replies += [Reply(text="Good."), Reply(json={"label": "good"}, thinking="Hm, JSON.")]
    assert ask(client(server, "qwen3:8b"), ASK, Mood) == GOOD
    assert [request.body["think"] for request in server.chats] == [False, True]


def test_the_schema_sent_is_flat_and_all_required() -> None:
    assert schema_of(Mood) == {
        "type": "object",
        "properties": {
            "label": {"type": "string", "enum": ["good", "bad"]},
            "tags": {
                "type": "array",
                "items": {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]},
            },
        },
        "required": ["label", "tags"],
    }


def test_deep_nesting_is_invalid_and_not_a_crash() -> None:
    with pytest.raises(ValueError, match="too deeply"):
        parse('{"label":' + "[" * 100_000, Mood)
