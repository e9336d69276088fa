"""A summary cites only what it was told."""

from __future__ import annotations

from chatbot.extraction import citing


def test_citations_leave_the_text_and_keep_their_places() -> None:
    text = "Dana wants a pilot [3]. The price is 42,000 [12, 14], settled on Friday [99]."
    plain, cited = citing.taken_out(text, {3, 12, 14})
    assert plain == "Dana wants a pilot. The price is 42,000, settled on Friday."
    assert cited == [{"at": 18, "utterance": 3}, {"at": 39, "utterance": 12}, {"at": 39, "utterance": 14}]
    assert plain[:39].endswith("42,000")


def test_unknown_lines_are_left_out_of_notes() -> None:
    assert citing.only("A pilot [3][77] from May [line 4; 5].", range(3, 5)) == "A pilot [3] from May [4]."
    assert citing.numbers("- [12] deal: x\n[3] Dana: Yes") == {3, 12}


def test_brackets_of_another_kind_stay() -> None:
    assert citing.taken_out("They laughed [laughs] at [sic].", {1}) == ("They laughed [laughs] at [sic].", [])
