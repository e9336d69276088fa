"""One call to a model: what is sent, what is booked, and what each failure becomes."""

from __future__ import annotations

import http.server
import threading
import time

import pytest

from chatbot.llm import errors
from chatbot.llm.models import Model
from chatbot.llm.ollama_client import Call, Chat, OllamaClient
from chatbot.llm.wire import Beat
from tests.fakes.ollama_script import Model as Installed
from tests.fakes.ollama_script import Reply, busy, crashed, out_of_memory
from tests.fakes.ollama_server import OllamaServer

LLAMA = Model("llama3.1:8b", num_ctx=4096)
HELLO = Chat("greet", ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "Grüß Gott 🙂"}), 64)


def say(server: OllamaServer, *replies: Reply) -> None:
    server.script.replies.extend(replies)


def test_an_answer_comes_whole_and_is_booked(server: OllamaServer, client: OllamaClient, calls: list[Call]) -> None:
    say(server, Reply(text="Servus, schöne Grüße 🙂"))
    answer = client.chat(Chat("greet", HELLO.messages, 64, prompt_version="greet.v1"))
    assert (answer.text, answer.done_reason) == ("Servus, schöne Grüße 🙂", "stop")
    [call] = calls
    assert (call.purpose, call.model, call.prompt_version, call.ok, call.error) == (
        "greet", "llama3.1:8b", "greet.v1", True, None,
    )  # fmt: skip
    assert call.prompt_tokens == answer.prompt_tokens > 10
    assert call.output_tokens == answer.output_tokens >= 5


def test_every_call_has_the_same_window_and_forbids_truncation_where_ollama_looks(
    server: OllamaServer, client: OllamaClient
) -> None:
    for words in (1, 50, 500):
        client.chat(Chat("greet", [{"role": "user", "content": "word " * words}], 16, {"type": "object"}))
    assert [request.options["num_ctx"] for request in server.chats] == [4096] * 3
    for request in server.chats:
        assert request.body["truncate"] is False and request.body["shift"] is False
        assert not {"truncate", "shift"} & set(request.options)
        assert request.body["stream"] is True and request.body["keep_alive"]
        assert request.format == {"type": "object"}
        assert "think" not in request.body
    assert len(server.engine.loads) == 1


@pytest.mark.parametrize(
    ("name", "wanted", "sent"),
    [
        ("qwen3:8b", None, False),
        ("qwen3:8b", True, True),
        ("gpt-oss:20b", None, "low"),
        ("gpt-oss:20b", True, "medium"),
    ],
)
def test_think_is_sent_in_the_form_the_model_takes(name: str, wanted: bool | None, sent: bool | str) -> None:
    installed = Installed(name, capabilities=("completion", "thinking"))
    with OllamaServer(models=[installed]) as server:
        model = Model(name, 4096, can_think=True)
        OllamaClient(server.host, model).chat(Chat("greet", HELLO.messages, 64, think=wanted))
        assert server.chats[0].body["think"] == sent


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (Reply(status=404, error="model 'llama3.1:8b' not found"), errors.ModelMissing, "ollama pull llama3.1:8b"),
        (out_of_memory(), errors.OutOfMemory, "smaller model"),
        (Reply(status=400, error='"x" does not support chat'), errors.Refused, "does not support chat"),
        (
            Reply(
                status=400,
                error='{"error":{"type":"exceed_context_size_error","message":"request (9 tokens) exceeds"}}',
            ),
            errors.ContextOverflow,
            "longer than the context",
        ),
        (Reply(text="a b c", error="CUDA error: out of memory", error_after=1), errors.OutOfMemory, "memory"),
        (Reply(hang_after=0), errors.TimedOut, "silent for 1 seconds before its first word"),
        (Reply(text="one two three", hang_after=2), errors.TimedOut, "after 2 tokens"),
    ],
)
def test_what_will_not_pass_is_raised_at_once_with_a_sentence(
    server: OllamaServer,
    client: OllamaClient,
    calls: list[Call],
    reply: Reply,
    error: type[errors.LlmError],
    words: str,
) -> None:
    say(server, reply)
    with pytest.raises(error) as raised:
        client.chat(HELLO)
    assert words in raised.value.reason
    assert len(server.chats) == 1
    assert [(call.ok, call.error) for call in calls] == [(False, raised.value.reason)]


@pytest.mark.parametrize(
    "reply",
    [
        busy(),
        crashed(),
        Reply(text="one two three", die_after=2),
        Reply(text="one two three", die_after=0),
        Reply(text="one two", error="an error was encountered while running the model", error_after=1),
        Reply(error="an error was encountered while running the model", error_after=0),
    ],
    ids=["busy", "crashed", "cut mid-line", "cut before a byte", "error line", "error as first line"],
)
def test_what_may_pass_is_tried_again(
    server: OllamaServer, client: OllamaClient, calls: list[Call], reply: Reply
) -> None:
    say(server, reply, Reply(text="There you are."))
    assert client.chat(HELLO).text == "There you are."
    assert [call.ok for call in calls] == [False, True]


def test_trying_again_has_an_end(server: OllamaServer, client: OllamaClient, calls: list[Call]) -> None:
    say(server, busy(), busy(), busy(), Reply(text="too late"))
    with pytest.raises(errors.ModelBusy):
        client.chat(HELLO)
    assert len(calls) == 3


def test_a_server_that_is_not_there_is_down(calls: list[Call]) -> None:
    server = OllamaServer().start()
    server.die()
    client = OllamaClient(server.host, LLAMA, retry_after_s=(0.01,), on_call=calls.append)
    with pytest.raises(errors.ServerDown, match="ollama serve"):
        client.chat(HELLO)
    assert len(calls) == 2


def test_a_server_that_dies_in_mid_stream_and_comes_back_is_used_again(calls: list[Call]) -> None:
    first = OllamaServer(replies=[Reply(text="word " * 500, tokens_per_s=100)]).start()
    client = OllamaClient(first.host, LLAMA, retry_after_s=(0.3,), on_call=calls.append)
    second: list[OllamaServer] = []

    def kill_and_restart() -> None:
        while not first.chats or not first.chats[0].tokens_sent:
            time.sleep(0.01)
        first.die()
        second.append(OllamaServer(replies=[Reply(text="Back.")], port=first.port).start())

    killer = threading.Thread(target=kill_and_restart)
    killer.start()
    answer = client.chat(HELLO)
    killer.join()
    second[0].close()
    assert answer.text == "Back."
    assert [call.ok for call in calls] == [False, True]


def test_a_prompt_beyond_the_window_is_never_sent(server: OllamaServer, client: OllamaClient) -> None:
    with pytest.raises(errors.ContextOverflow):
        client.chat(Chat("greet", [{"role": "user", "content": "word " * 5000}], 64))
    assert not server.chats


def test_a_server_that_cut_the_prompt_without_a_word_is_not_believed(
    server: OllamaServer, client: OllamaClient
) -> None:
    say(server, Reply(text="Fine.", prompt_eval_count=300))
    with pytest.raises(errors.ContextOverflow, match="cut the prompt"):
        client.chat(Chat("greet", [{"role": "user", "content": "word " * 1000}], 64))


def test_an_answer_at_its_limit_says_so(server: OllamaServer, client: OllamaClient) -> None:
    say(server, Reply(text="one two three four five"))
    answer = client.chat(Chat("greet", HELLO.messages, 3))
    assert (answer.text, answer.done_reason) == ("one two three", "length")


def test_running_off_in_white_space_is_ended_early(server: OllamaServer, client: OllamaClient) -> None:
    say(server, Reply(text='{"items": [' + "\n" * 5000 + "]}", tokens_per_s=5000))
    answer = client.chat(Chat("extract", HELLO.messages, 4000, {"type": "object"}))
    assert answer.done_reason == "whitespace"
    assert not server.chats[0].completed


def test_it_beats_while_the_model_loads_and_while_it_writes(server: OllamaServer) -> None:
    beats: list[Beat] = []
    client = OllamaClient(server.host, LLAMA, on_beat=beats.append)
    say(server, Reply(text="one two three", load_s=1.2, tokens_per_s=2))
    client.chat(HELLO)
    assert beats[0].tokens == 0 and beats[0].elapsed_s < 1.2
    assert beats[-1].tokens > 0


def test_a_beat_that_raises_ends_the_call_and_hangs_up(server: OllamaServer, calls: list[Call]) -> None:
    class LeaseLostError(Exception):
        """Another worker took the meeting over."""

    def lost(_beat: Beat) -> None:
        raise LeaseLostError

    client = OllamaClient(server.host, LLAMA, on_call=calls.append, on_beat=lost)
    say(server, Reply(text="one", load_s=30))
    began = time.monotonic()
    with pytest.raises(LeaseLostError):
        client.chat(HELLO)
    assert time.monotonic() - began < 3
    assert calls[0].error == "Ended: LeaseLostError"
    until = time.monotonic() + 2
    while not server.chats[0].disconnected and time.monotonic() < until:
        time.sleep(0.01)
    assert server.chats[0].disconnected


def test_a_call_has_a_longest_time_however_lively_the_model(server: OllamaServer) -> None:
    say(server, Reply(text="word " * 1000, tokens_per_s=50))
    client = OllamaClient(server.host, LLAMA, total_s=0.4)
    with pytest.raises(errors.TimedOut, match="not done"):
        client.chat(HELLO)


def test_a_long_prompt_may_take_longer_to_be_read(server: OllamaServer) -> None:
    long = Chat("greet", [{"role": "user", "content": "word " * 2000}], 16)
    client = OllamaClient(server.host, LLAMA, idle_s=0.5)
    say(server, Reply(text="Read.", load_s=0.7), Reply(text="Read.", load_s=0.7))
    assert client.chat(long).text == "Read."
    with pytest.raises(errors.TimedOut):
        client.chat(HELLO)


class _Html(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<!doctype html><h1>It works!</h1>")

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def test_another_server_at_that_address_is_named_as_such(calls: list[Call]) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), _Html) as other:
        thread = threading.Thread(target=other.serve_forever, args=(0.02,))
        thread.start()
        client = OllamaClient(f"127.0.0.1:{other.server_port}", LLAMA, on_call=calls.append)
        try:
            with pytest.raises(errors.Refused, match="is not Ollama"):
                client.chat(HELLO)
        finally:
            other.shutdown()
            thread.join()


@pytest.mark.parametrize(
    "host", ["ftp://example.org", "file:///etc/passwd", "http://host:notaport", "http://host:99999"]
)
def test_only_http_addresses_are_taken(host: str) -> None:
    with pytest.raises(errors.Refused, match="OLLAMA_HOST"):
        OllamaClient(host, LLAMA)


def test_a_proxy_in_the_environment_never_sees_a_prompt(
    server: OllamaServer, client: OllamaClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    say(server, Reply(text="Direct."))
    assert client.chat(HELLO).text == "Direct."
