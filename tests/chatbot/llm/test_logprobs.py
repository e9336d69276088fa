"""How sure a model was of the values in its answer, and of nothing else."""

from __future__ import annotations

import json
from math import exp
from typing import Any

import pytest
from pydantic import BaseModel

from chatbot.llm.logprobs import KEY, Token, annotate, tokens_of
from chatbot.llm.models import Model
from chatbot.llm.ollama_client import Chat, OllamaClient
from chatbot.llm.structured import ask
from tests.fakes.ollama_script import SURE, UNSURE, Reply
from tests.fakes.ollama_server import OllamaServer

ANSWER = {"tasks": [{"quote": "by Friday", "what": "send it", "day": "Friday"}, {"quote": "", "what": "", "day": ""}]}


class Tasks(BaseModel):
    tasks: list[dict[str, Any]]


def letters(text: str, unsure: str) -> list[Token]:
    """A token for each character; those of `unsure` (its last place) had a log-probability of -2."""
    at = text.rfind(unsure)
    return [Token(i, i + 1, -2.0 if at <= i < at + len(unsure) else 0.0) for i in range(len(text))]


def test_keys_marks_and_quotes_do_not_count() -> None:
    text = json.dumps(ANSWER)
    (first, second) = annotate(ANSWER, text, 0, letters(text, "Friday"), frozenset({"quote"}))["tasks"]
    assert first[KEY] == pytest.approx(exp(-2 * 6 / 13), abs=1e-3)  # 6 of the 13 characters of "send it" and "Friday"
    assert KEY not in second  # no value, no probability


def test_without_probabilities_the_answer_stays_as_it_is() -> None:
    assert annotate(ANSWER, json.dumps(ANSWER), 0, [], frozenset()) == ANSWER


def test_a_line_of_several_tokens_is_taken_apart_and_one_that_does_not_match_counts_whole() -> None:
    given = [("a", -1.0), ("bc", -3.0)]
    assert tokens_of(5, "abc", given) == [Token(5, 6, -1.0), Token(6, 8, -3.0)]
    assert tokens_of(5, "äbc", given) == [Token(5, 8, -1.0), Token(5, 8, -3.0)]
    assert tokens_of(5, "abc", [("abc", float("-inf"))]) == [Token(5, 8, -20.0)]


@pytest.mark.parametrize(("version", "known"), [("0.33.0", True), ("0.12.10", False)])
def test_entries_carry_the_probability_of_their_values_where_the_server_gives_it(version: str, known: bool) -> None:
    text = "Here you are:\n```json\n" + json.dumps(ANSWER) + "\n```"
    with OllamaServer(version=version, replies=[Reply(text=text, doubts=('Friday"}',))]) as server:
        client = OllamaClient(server.host, Model("llama3.1:8b", 8192))
        chat = Chat("test", [{"role": "user", "content": "Which tasks?"}], 500, logprobs=True)
        first = ask(client, chat, Tasks).tasks[0]
    assert (KEY in first) is known
    if known:
        assert exp(UNSURE) < first[KEY] < exp(SURE)
