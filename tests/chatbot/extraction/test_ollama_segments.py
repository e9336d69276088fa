"""A meeting is cut where the talk turns, into pieces that fit."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.extraction.segments import Line, context_before, cut, halves, passages, split
from chatbot.extraction.types import Segment
from chatbot.llm.tokens import estimate
from shared.transcripts import Utterance


def said(*texts: str, pause_before: dict[int, float] | None = None) -> list[Utterance]:
    """Utterances of five seconds each, by two speakers in turn."""
    utterances, clock = [], 0.0
    for index, text in enumerate(texts):
        clock += (pause_before or {}).get(index, 0.2)
        utterances.append(Utterance(index, ("Ana", "Ben")[index % 2], text, clock, clock + 5))
        clock += 5
    return utterances


TALK = "We looked at the numbers again and they are about what we had expected for the quarter."


def test_a_meeting_that_fits_is_one_segment() -> None:
    assert split(said(TALK, TALK), 1000) == [Segment(0, 0, 1)]


def test_an_empty_meeting_has_no_segment() -> None:
    assert split([], 1000) == []


def test_segments_are_of_about_equal_size() -> None:
    segments = split(said(*[TALK] * 100), 900)
    lengths = [segment.last - segment.first + 1 for segment in segments]
    assert len(lengths) >= 3
    assert min(lengths) > 0.6 * max(lengths)


def test_a_cut_prefers_the_place_where_the_topic_changes() -> None:
    texts = [TALK] * 40
    texts[22] = "Okay, so, moving on to the budget."
    segments = split(said(*texts), 850)
    assert [segment.first for segment in segments] == [0, 22]


def test_a_cut_prefers_a_long_pause() -> None:
    segments = split(said(*[TALK] * 40, pause_before={17: 40.0}), 700)
    assert 17 in [segment.first for segment in segments]


def test_notes_are_cut_at_headings() -> None:
    texts = [TALK] * 40
    texts[18] = "## Open questions"
    assert [segment.first for segment in split(said(*texts), 850)] == [0, 18]


@given(
    st.lists(st.text(max_size=400), max_size=60),
    st.integers(min_value=60, max_value=600),
)
@settings(deadline=None)  # a busy machine is no bug
def test_segments_cover_everything_once_in_order_and_fit(texts: list[str], budget: int) -> None:
    utterances = said(*texts)
    segments = split(utterances, budget)
    covered = [index for segment in segments for index in range(segment.first, segment.last + 1)]
    assert covered == list(range(len(texts)))
    assert [segment.index for segment in segments] == list(range(len(segments)))
    for segment in segments:
        inside = utterances[segment.first : segment.last + 1]
        cost = sum(Line(u.index, u.speaker, u.text).tokens for u in inside)
        assert cost <= budget or len(inside) == 1


@given(st.text(min_size=1, max_size=3000), st.integers(min_value=16, max_value=200))
@settings(deadline=None)  # a busy machine is no bug
def test_cutting_loses_no_word_and_keeps_within_the_budget(text: str, budget: int) -> None:
    pieces = cut(text, budget)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    # Blanks put between parts may add a token or two to what the parts were estimated at.
    assert all(estimate(piece) <= 1.3 * budget + 4 for piece in pieces)


def test_one_utterance_longer_than_the_window_is_read_in_passages_under_one_number() -> None:
    [huge] = said("A sentence of some length about nothing in particular. " * 300)
    [segment] = split([huge], 500)
    found = passages([huge], segment, 500)
    assert len(found) > 5
    assert {line.number for passage in found for line in passage} == {0}
    assert all(sum(line.tokens for line in passage) <= 600 for passage in found)
    joined = " ".join(line.text for passage in found for line in passage)
    assert joined.split() == huge.text.split()


def test_a_single_word_of_two_megabytes_is_cut_too() -> None:
    pieces = cut("x" * 2_000_000, 500)
    assert "".join(pieces).replace(" ", "") == "x" * 2_000_000
    assert max(map(estimate, pieces)) <= 510


def test_what_came_before_is_context_of_whole_lines() -> None:
    utterances = said(TALK, "short", TALK, TALK)
    lines = context_before(utterances, 3, Line(2, "Ana", TALK).tokens + Line(1, "Ben", "short").tokens)
    assert [line.number for line in lines] == [1, 2]
    assert context_before(utterances, 0, 500) == []


def test_halving_ends() -> None:
    lines: list[Line] | None = [Line(0, "Ana", TALK), Line(1, "Ben", TALK), Line(2, "Ana", "x " * 100)]
    for _ in range(20):
        assert lines
        parts = halves(lines)
        if parts is None:
            break
        assert parts[0] and parts[1]
        lines = parts[0]
    assert parts is None
