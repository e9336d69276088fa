"""The two bounds on a text's tokens stand on either side of the truth."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.llm.tokens import at_least, estimate, estimate_messages, was_cut
from tests.fakes.ollama_script import tokens

ENGLISH = (
    "[12] Marit Solbakken: We do. Detention charges are running at about eleven thousand pounds a month. "
    "I have to, let me check, yeah, eleven. It was eight last year.\n"
)
GERMAN = "[3] Jürgen Weißmüller: Wir müssten die Auftragsbestätigung bis spätestens Freitagnachmittag zurückbekommen.\n"


@pytest.mark.parametrize(
    ("text", "about"),
    [
        (ENGLISH, 42),  # a token a word, a few more for names and marks
        (GERMAN, 36),
        ("日本語の会議の議事録です。", 12),
        ("🙂" * 10, 20),
        ('{"kind": "action_item", "line": 12, "quote": "I will send it"}', 22),
        ("", 0),
    ],
)
def test_the_estimate_is_above_what_a_tokenizer_counts_and_the_floor_below(text: str, about: int) -> None:
    assert at_least(text) <= about <= estimate(text)


@given(st.text(max_size=300))
@settings(deadline=None)  # a busy machine is no bug
def test_the_estimate_is_never_below_the_floor(text: str) -> None:
    assert estimate(text) >= 0.29 * at_least(text)
    assert estimate(text) >= 1


@given(st.text(max_size=100), st.text(max_size=100))
@settings(deadline=None)  # a busy machine is no bug
def test_more_text_is_never_fewer_tokens(one: str, other: str) -> None:
    assert estimate(one + other) + 1 >= max(estimate(one), estimate(other))


def test_a_whole_transcript_costs_about_what_it_should() -> None:
    count = len(tokens(ENGLISH * 100))
    assert count <= estimate(ENGLISH * 100) <= 1.6 * count


@pytest.mark.parametrize(("counted", "cut"), [(None, False), (0, False), (520, False), (1300, False), (250, True)])
def test_a_prompt_is_known_to_be_cut_when_the_server_counts_fewer_tokens_than_words(
    counted: int | None, cut: bool
) -> None:
    messages = [{"role": "user", "content": "word " * 500}]
    assert was_cut(messages, counted) is cut
    assert estimate_messages(messages) > 500
