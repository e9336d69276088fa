"""The test server behaves as Ollama does, seen through the real `ollama` package and through a bare socket."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import ollama
import pytest

from tests.fakes.ollama_engine import TOO_LONG
from tests.fakes.ollama_script import Model, Reply, Request, Rule, busy, out_of_memory, tokens
from tests.fakes.ollama_server import OllamaServer

HELLO = [{"role": "user", "content": "Hello"}]
THINKER = Model("qwen3:8b", capabilities=("completion", "tools", "thinking"))
ROOT = Path(__file__).parents[2]


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    with OllamaServer() as running:
        yield running


def client(server: OllamaServer, timeout: float = 5.0) -> ollama.Client:
    return ollama.Client(server.host, timeout=timeout)


def say(server: OllamaServer, *replies: Reply) -> None:
    server.script.replies.extend(replies)


def ask(server: OllamaServer, **more: Any) -> ollama.ChatResponse:
    with client(server) as ours:
        answer: ollama.ChatResponse = ours.chat(model="llama3.1:8b", messages=HELLO, **more)
        return answer


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 3
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_streamed_answer_comes_a_token_a_line_and_ends_with_its_metrics(server: OllamaServer) -> None:
    say(server, Reply(text="<think>Hm</think> Sure, see [1]."))
    with client(server) as ours:
        lines = list(ours.chat(model="llama3.1:8b", messages=HELLO, stream=True))
    pieces = [line.message.content or "" for line in lines]
    assert "".join(pieces) == "<think>Hm</think> Sure, see [1]."
    assert "<think>" not in pieces and "[1]" not in pieces  # tags and markers arrive in parts
    assert [line.done for line in lines] == [False] * (len(lines) - 1) + [True]
    assert lines[-1].done_reason == "stop"
    assert lines[-1].eval_count == len(lines) - 1
    assert lines[-1].prompt_eval_count == len(tokens("Hello")) + 7
    assert server.requests[0].completed and not server.requests[0].disconnected


def test_an_answer_without_streaming_is_one_object(server: OllamaServer) -> None:
    say(server, Reply(json={"a": "ü"}))
    answer = ask(server)
    assert answer.message.content == '{"a": "ü"}'
    assert answer.done and answer.done_reason == "stop"


def test_headers_wait_for_the_first_token(server: OllamaServer) -> None:
    say(server, Reply(text="Hi", load_s=0.3))
    body = {"model": "llama3.1:8b", "messages": HELLO}
    began = time.monotonic()
    with httpx.stream("POST", f"http://{server.host}/api/chat", json=body) as response:
        assert time.monotonic() - began >= 0.3
        assert response.headers["content-type"] == "application/x-ndjson"
        response.read()


def test_tokens_come_at_the_scripted_pace(server: OllamaServer) -> None:
    say(server, Reply(text="one two three four five", tokens_per_s=20))
    began = time.monotonic()
    ask(server)
    assert 0.2 <= time.monotonic() - began < 1.0


@pytest.mark.parametrize("name", ["llama3.1:8b", "LLAMA3.1:8B"])
def test_model_names_ignore_case(server: OllamaServer, name: str) -> None:
    with client(server) as ours:
        assert ours.chat(model=name, messages=HELLO).done


def test_a_name_without_a_tag_is_latest() -> None:
    with OllamaServer(models=[Model("mistral")]) as server, client(server) as ours:
        assert ours.chat(model="mistral:latest", messages=HELLO).done
        assert ours.list().models[0].model == "mistral:latest"


@pytest.mark.parametrize(
    ("reply", "status", "text"),
    [
        (busy(), 503, "server busy, please try again.  maximum pending requests exceeded"),
        (out_of_memory(), 500, "requires more system memory"),
        (Reply(status=499, error="request canceled"), 499, "request canceled"),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_an_error_before_the_first_byte_has_a_status(
    server: OllamaServer, reply: Reply, status: int, text: str, stream: bool
) -> None:
    say(server, reply)
    with client(server) as ours, pytest.raises(ollama.ResponseError) as raised:
        list(ours.chat(model="llama3.1:8b", messages=HELLO, stream=stream))
    assert raised.value.status_code == status
    assert text in raised.value.error


def test_an_unknown_model_is_a_404_that_names_it(server: OllamaServer) -> None:
    with client(server) as ours, pytest.raises(ollama.ResponseError) as raised:
        ours.chat(model="nope:1b", messages=HELLO)
    assert (raised.value.status_code, raised.value.error) == (404, "model 'nope:1b' not found")


def test_a_request_without_a_model_or_a_body_is_a_400(server: OllamaServer) -> None:
    url = f"http://{server.host}/api/chat"
    answers = [httpx.post(url, json={"messages": HELLO}), httpx.post(url), httpx.post(url, content=b"{")]
    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert [answer.json()["error"] for answer in answers[:2]] == ["model is required", "missing request body"]


def test_an_error_after_the_first_byte_is_a_line_at_status_200(server: OllamaServer) -> None:
    say(server, Reply(text="one two three", error="an error was encountered while running the model", error_after=2))
    with client(server) as ours, pytest.raises(ollama.ResponseError) as raised:
        list(ours.chat(model="llama3.1:8b", messages=HELLO, stream=True))
    assert raised.value.status_code == -1
    assert server.requests[0].status == 200


def test_dying_cuts_the_connection_in_the_middle_of_a_line(server: OllamaServer) -> None:
    say(server, Reply(text="one two three", die_after=2))
    got = b""
    with (
        pytest.raises(httpx.RemoteProtocolError),
        httpx.stream(
            "POST", f"http://{server.host}/api/chat", json={"model": "llama3.1:8b", "messages": HELLO}
        ) as answer,
    ):
        for chunk in answer.iter_raw():
            got += chunk
    lines = got.split(b"\n")
    assert len(lines) == 3
    with pytest.raises(json.JSONDecodeError):
        json.loads(lines[-1])


def test_hanging_is_silence_until_the_client_gives_up_which_is_recorded(server: OllamaServer) -> None:
    say(server, Reply(text="one two", hang_after=1))
    with client(server, timeout=0.3) as ours, pytest.raises(httpx.ReadTimeout):
        list(ours.chat(model="llama3.1:8b", messages=HELLO, stream=True))
    wait_until(lambda: server.requests[0].disconnected)
    assert not server.requests[0].completed
    assert ask(server).done  # its place in the queue is free again


def test_a_dead_server_refuses_connections() -> None:
    server = OllamaServer().start()
    server.die()
    with client(server) as ours, pytest.raises(ConnectionError):
        ours.list()


def long_prompt(words: int) -> list[dict[str, str]]:
    return [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "word " * words}]


def test_too_long_a_prompt_is_cut_without_a_word_by_default(server: OllamaServer) -> None:
    with client(server) as ours:
        answer = ours.chat(model="llama3.1:8b", messages=long_prompt(2000), options={"num_ctx": 1024})
    assert answer.prompt_eval_count is not None and answer.prompt_eval_count < 600


def test_old_messages_are_dropped_before_the_middle_is_cut(server: OllamaServer) -> None:
    messages = [{"role": "user", "content": "old " * 900}, {"role": "user", "content": "new " * 400}]
    with client(server) as ours:
        answer = ours.chat(model="llama3.1:8b", messages=messages, options={"num_ctx": 1024})
    assert answer.prompt_eval_count is not None and 400 < answer.prompt_eval_count < 420


def post(server: OllamaServer, **body: object) -> httpx.Response:
    whole = {"model": "llama3.1:8b", "messages": long_prompt(2000), "stream": False, **body}
    return httpx.post(f"http://{server.host}/api/chat", json=whole)


def test_refusing_to_truncate_or_shift_makes_it_a_400(server: OllamaServer) -> None:
    for fields in ({"truncate": False, "shift": False}, {"shift": False}, {"truncate": False}):
        answer = post(server, options={"num_ctx": 1024}, **fields)
        assert (answer.status_code, answer.json()["error"]) == (400, TOO_LONG)


def test_inside_options_truncate_and_shift_do_nothing(server: OllamaServer) -> None:
    assert post(server, options={"num_ctx": 1024, "truncate": False, "shift": False}).status_code == 200


def test_models_rendered_by_llama_cpp_word_the_overflow_as_json_in_a_string() -> None:
    with OllamaServer(models=[Model(renderer="llama.cpp")]) as server:
        answer = post(server, options={"num_ctx": 1024}, truncate=False, shift=False)
    inner = json.loads(answer.json()["error"])["error"]
    assert inner["type"] == "exceed_context_size_error" and inner["n_ctx"] == 1024


def test_num_ctx_is_clamped_to_what_the_model_was_trained_for() -> None:
    with OllamaServer(models=[Model(context_length=1024)]) as server:
        assert post(server, options={"num_ctx": 8192}, truncate=False, shift=False).status_code == 400


def test_num_predict_ends_an_answer_with_length(server: OllamaServer) -> None:
    say(server, Reply(text="one two three four"))
    answer = ask(server, options={"num_predict": 2})
    assert (answer.message.content, answer.done_reason) == ("one two", "length")


def test_without_shifting_the_window_ends_an_answer(server: OllamaServer) -> None:
    say(server, Reply(text="word " * 200))
    body = {"model": "llama3.1:8b", "messages": HELLO, "stream": False, "shift": False, "options": {"num_ctx": 64}}
    answer = httpx.post(f"http://{server.host}/api/chat", json=body).json()
    assert answer["done_reason"] == "length"
    assert answer["prompt_eval_count"] + answer["eval_count"] == 64


def test_a_format_is_no_guarantee(server: OllamaServer) -> None:
    say(server, Reply(text="Sure! Here is what I found:"))
    assert ask(server, format={"type": "object"}).message.content == "Sure! Here is what I found:"


def test_a_format_that_is_no_schema_is_refused(server: OllamaServer) -> None:
    answer = post(server, messages=HELLO, format=["x"])
    assert 'expected "json" or a valid JSON Schema object' in answer.json()["error"]


def test_only_thinking_models_take_think_and_they_think_unless_told_not_to() -> None:
    reply = Reply(text="Yes.", thinking="Let me see.")
    with OllamaServer(models=[Model(), THINKER], default=lambda _request: reply) as server, client(server) as ours:
        with pytest.raises(ollama.ResponseError, match="does not support thinking") as raised:
            ours.chat(model="llama3.1:8b", messages=HELLO, think=True)
        unset, off = (ours.chat(model="qwen3:8b", messages=HELLO, think=think) for think in (None, False))
    assert raised.value.status_code == 400
    assert (unset.message.thinking, unset.message.content) == ("Let me see.", "Yes.")
    assert off.message.thinking is None


def test_tool_calls_carry_their_arguments_as_an_object(server: OllamaServer) -> None:
    say(server, Reply(tool_calls=({"id": "call_1", "function": {"name": "query", "arguments": {"from": "deal"}}},)))
    calls = ask(server).message.tool_calls
    assert calls is not None and calls[0].function.arguments == {"from": "deal"}


def test_empty_messages_load_and_unload(server: OllamaServer) -> None:
    with client(server) as ours:
        assert ours.chat(model="llama3.1:8b", options={"num_ctx": 2048}).done_reason == "load"
        assert ours.ps().models[0].context_length == 2048
        assert ours.chat(model="llama3.1:8b", keep_alive=0).done_reason == "unload"
        assert not ours.ps().models


def test_changing_num_ctx_loads_the_model_again_and_changing_the_temperature_does_not(server: OllamaServer) -> None:
    for options in ({"num_ctx": 2048}, {"num_ctx": 2048, "temperature": 0.5}, {"num_ctx": 4096}):
        ask(server, options=options)
    assert len(server.engine.loads) == 2


def test_requests_beyond_the_queue_are_refused() -> None:
    body = json.dumps({"model": "llama3.1:8b", "messages": HELLO}).encode()
    head = f"POST /api/chat HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with (
        OllamaServer(replies=[Reply(text="Hi", load_s=30)], max_queue=0) as server,
        socket.create_connection(("127.0.0.1", server.port)) as first,
    ):
        first.sendall(head + body)
        wait_until(lambda: server.engine.loads == ["llama3.1:8b"])
        with pytest.raises(ollama.ResponseError) as raised:
            ask(server)
    assert raised.value.status_code == 503


def test_rules_pick_the_reply_by_what_the_prompt_says() -> None:
    rules = [Rule("price", Reply(text="42"), times=1), Rule("price", Reply(text="43"))]

    def answer(request: Request) -> Reply | None:
        return Reply(text="echo") if "hello" in request.prompt.casefold() else None

    with OllamaServer(rules=rules, answer=answer, default=None) as server, client(server) as ours:
        said = [
            ours.chat(model="llama3.1:8b", messages=[{"role": "user", "content": text}]).message.content
            for text in ("the price", "the price", "hello", "what")
        ]
    assert said == ["42", "43", "echo", "I have nothing scripted for this request."]


def test_generate_show_version_and_the_greeting(server: OllamaServer) -> None:
    say(server, Reply(text="Blue."))
    with client(server) as ours:
        assert ours.generate(model="llama3.1:8b", prompt="Why is the sky blue?").response == "Blue."
        shown = ours.show("llama3.1:8b")
    assert shown.capabilities == ["completion", "tools"]
    assert shown.modelinfo is not None and shown.modelinfo["llama.context_length"] == 131072
    assert httpx.get(f"http://{server.host}/").text == "Ollama is running"
    assert httpx.head(f"http://{server.host}/").status_code == 200
    assert httpx.get(f"http://{server.host}/api/version").json() == {"version": "0.33.0"}


def test_a_pull_shows_its_progress_and_installs_the_model(server: OllamaServer) -> None:
    with client(server) as ours:
        lines = list(ours.pull("mistral", stream=True))
        assert lines[0].status == "pulling manifest" and lines[-1].status == "success"
        assert any(line.completed for line in lines)
        assert [model.model for model in ours.list().models] == ["llama3.1:8b", "mistral:latest"]
        with pytest.raises(ollama.ResponseError, match="file does not exist"):
            list(ours.pull("no-such-model", stream=True))


def test_embeddings_have_unit_length_and_words_in_common_bring_texts_near(server: OllamaServer) -> None:
    with client(server) as ours:
        a, b, c = ours.embed("llama3.1:8b", ["the renewal date", "the renewal price", "pallet cat"]).embeddings
        assert ours.embed("llama3.1:8b", []).embeddings == []
        with pytest.raises(ollama.ResponseError, match='model "nope" not found, try pulling it first'):
            ours.embed("nope", "x")

    def dot(one: object, other: object) -> float:
        return sum(x * y for x, y in zip(one, other, strict=True))  # type: ignore[call-overload]

    assert dot(a, a) == pytest.approx(1.0)
    assert dot(a, b) > dot(a, c)


def test_it_runs_as_a_process_from_a_script_file(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(
        json.dumps(
            {
                "models": ["mistral", {"name": "qwen3:8b"}],
                "replies": [{"json": {"ok": True}}],
                "server": {"parallel": 2},
            }
        )
    )
    command = [sys.executable, "-m", "tests.fakes.ollama_server", "--port", "0", "--script", str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        host = process.stdout.readline().strip()
        try:
            with ollama.Client(host, timeout=5) as ours:
                assert ours.chat(model="mistral", messages=HELLO).message.content == '{"ok": true}'
            log = httpx.get(f"http://{host}/_fake/requests").json()
            assert [entry["endpoint"] for entry in log] == ["/api/chat"]
        finally:
            process.terminate()
    assert process.returncode == 0


def test_probabilities_of_tokens_stand_beside_the_message_where_they_are_asked_for(server: OllamaServer) -> None:
    reply = Reply(text="Call Zoë on Monday", doubts=("Monday",))
    say(server, reply, reply, reply)
    with client(server) as ours:
        lines = list(ours.chat(model="llama3.1:8b", messages=HELLO, stream=True, logprobs=True, top_logprobs=2))
    told = [line.logprobs for line in lines if line.logprobs]
    assert "".join(entry.token for part in told for entry in part) == "Call Zoë on Monday"
    assert told[0][0].logprob > -0.1 > told[-1][0].logprob
    assert all(len(part[0].top_logprobs or ()) == 2 for part in told)
    assert lines[-1].done and not lines[-1].logprobs
    assert ask(server).logprobs is None
    whole = ask(server, logprobs=True).logprobs or []
    assert "".join(entry.token for entry in whole) == "Call Zoë on Monday"


def test_a_server_before_probabilities_passes_over_the_question() -> None:
    with OllamaServer(version="0.12.10", replies=[Reply(text="Hello")]) as old:
        assert ask(old, logprobs=True).logprobs is None
