"""No input of the permitted size makes a reader slow: the limits are wide, to catch what is quadratic and only that."""

from __future__ import annotations

import time

import pytest

from shared.transcripts import parse, sniff

TWO_MB = 2 * 1024 * 1024


def took(data: bytes, name: str) -> float:
    """Processor seconds, so that other work on the machine does not count."""
    start = time.process_time()
    parse(data, name)
    return time.process_time() - start


def test_a_meeting_of_164_minutes_is_read_line_by_line() -> None:
    words = "and then we said that the price of the second phase is fixed until spring "
    lines = [
        f"[{i * 4 // 3600:02}:{i * 4 // 60 % 60:02}:{i * 4 % 60:02}] Speaker {i % 4}: {words[: 40 + i % 30]}"
        for i in range(2460)
    ]
    data = "\n".join(lines).encode()
    assert len(parse(data, "long.txt").utterances) == 2460
    assert sniff(data, "long.txt").format == "text"


def test_one_line_of_two_megabytes_becomes_many_utterances() -> None:
    data = b"This is what was said, and it was never broken into lines. " * (TWO_MB // 59)
    assert len(parse(data, "line.txt").utterances) > 1000
    assert took(data, "line.txt") < 5.0
    assert took(data.replace(b" ", b"_").replace(b".", b"_"), "line.txt") < 5.0


@pytest.mark.parametrize(
    "pattern",
    [" ", "a ", "a:", "Ana: ", "-", "- ", "# ", "> ", "|", "| a ", "<v ", "<v  ", "<c", "<c ", "&", "&amp", "[", "(",
     "0:", "0:00 ", "1", "*", "**", "__", "`", "{", ".", ". ", "\t", "--> ", "00:01.000 --> ", "=", "~",
     ">>", "Attendees: ", "a, ", "\u00a0", "#"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.vtt"])
def test_no_repeated_pattern_is_slow(pattern: str, name: str) -> None:
    body = (pattern * (400_000 // len(pattern))).encode()
    head = (
        b"WEBVTT\n\n00:01.000 --> 00:02.000\nAna: Hello.\n"
        if name == "a.vtt"
        else b"# Notes\n\nAna: Hello.\nBo: Hi.\nAna: So.\n"
    )
    assert took(head + body + b"x", name) < 3.0
