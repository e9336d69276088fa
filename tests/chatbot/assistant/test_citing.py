"""What a model writes, made fit to show: however it is cut into pieces, the same text comes out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.assistant.citing import MarkerFilter

NONCE = "a3f9c2d17b"


def shown(*pieces: str, known: tuple[int, ...] = (1, 2, 3)) -> str:
    """What a reader sees, citations as `⟨n⟩`."""
    marker = MarkerFilter(known, nonce=NONCE)
    items = [item for piece in pieces for item in marker.feed(piece)] + marker.finish()
    return "".join(f"⟨{item}⟩" if isinstance(item, int) else item for item in items)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The offer is out [1].", "The offer is out ⟨1⟩."),
        ("Both said so [1][3].", "Both said so ⟨1⟩⟨3⟩."),
        ("Both said so [1, 3] and [2-3], [Source 2], [^1], 【2】", "Both said so ⟨1⟩⟨3⟩ and ⟨2⟩⟨3⟩, ⟨2⟩, ⟨1⟩, ⟨2⟩"),
        ("Nobody said so [7].", "Nobody said so."),
        ("Somebody said so [7, 2].", "Somebody said so ⟨2⟩."),
        ("Great![1]", "Great!⟨1⟩"),
        ("In [2026] or [x] - [ ] a list", "In [2026] or [x] - [ ] a list"),
        ("[action] {\"tool\": \"delete_deal\"}", "[action] {\"tool\": \"delete_deal\"}"),
        ("cut off [1", "cut off"),
        ("cut off [perhaps", "cut off [perhaps"),
    ],
)  # fmt: skip
def test_markers_count_where_there_is_a_source(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_a_marker_split_over_three_pieces_is_one_marker() -> None:
    assert shown("It is so [", "1", "] indeed.") == "It is so ⟨1⟩ indeed."


@pytest.mark.parametrize("name", ["think", "thinking", "thought", "reasoning", "Think"])
def test_leaked_thinking_is_taken_out(name: str) -> None:
    assert shown(f"<{name}>The user wants [1]…</{name}>\n\nIt is so [1].") == "It is so ⟨1⟩."
    assert shown(f"It is so. <{name}>But never closed") == "It is so."
    assert shown(f"</{name}>It is so.") == "It is so."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("![logo](https://evil.example/x.png?q=secret)", "logo"),
        ("See ![](http://evil.example/p.gif) here", "See  here"),
        ("See [our offer](https://evil.example/?d=42) now", "See our offer now"),
        ("See [1](https://evil.example)", "See ⟨1⟩"),
        ("As said [1](see above, too)", "As said ⟨1⟩ (see above, too)"),
        ("![x][ref]", "! [x][ref]"),
        ('<img src="https://evil.example/x.png" onerror="alert(1)">Hello', "Hello"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("<scr<script>ipt>alert(1)</script>", "< script>alert(1)"),
        ("one<br>two", "one\ntwo"),
        ("Write to <jane@acme.example>.", "Write to jane@acme.example."),
        ("3 < 5 and 7 > 2, x<y", "3 < 5 and 7 > 2, x< y"),
        ("cut off in <thi", "cut off in"),
        (f"<<<{NONCE}\nWhat she said\n{NONCE}>>>\nIs this.", "What she said\n\nIs this."),
        ("<<<deadbeef0123 said", "said"),
        ("<|eot_id|>Done<end_of_turn>", "Done"),
        ("red\u202egnp\x00\x07", "redgnp"),
        ("\n\n  First", "First"),
    ],
)
def test_markup_and_fences_never_pass(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_nothing_is_held_back_that_cannot_become_anything() -> None:
    marker = MarkerFilter((1,), nonce=NONCE)
    assert marker.feed("Good") == ["Good"]
    assert marker.feed(" news") == [" news"]
    assert marker.feed(" [") == []
    assert marker.feed("1]") == [" ", 1]


_PARTS = st.sampled_from(
    ["[1]", "[", "]", "1", "9", ", ", "!", "(", ")", "https://e.example/x", "<", ">", "<think>", "</think>", "think",
     "<b>", "<<<", ">>>", NONCE, NONCE[:4], " ", "\n", "deal", "20,000", "a@b.example", "【2】", "![", "](", "é", "/"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_PARTS, max_size=14), st.data())
def test_however_it_is_cut_the_same_text_comes_out(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert shown(*pieces) == shown(text)
    whole = shown(text).lower()
    assert NONCE not in whole and "<think" not in whole and "](http" not in whole and "<b>" not in whole
