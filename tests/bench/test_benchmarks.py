"""Every benchmark runs, at next to no size, and fills its lines of the table. What it measures is no test."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import __main__ as bench
from bench import llm_overhead, pages
from bench.figures import Figure, in_turns, markdown, p95, table
from bench.ground import NeverCame
from bench.sizes import TINY
from bench.speech import long_vtt
from shared import transcripts

LINES = {
    "parsing": 2,
    "analyzing": 5,
    "uploading": 3,
    "starting_jobs": 2,
    "reviewing": 1,
    "showing": 5,
    "pages": 54,
    "tidying": 8,
    "starting": 5,
    "socketing": 3,
    "answering": 3,
    "first_words": 2,
    "freshening": 1,
    "comparing": 4,
    "embedding": 2,
    "finding": 2,
    "importing": 4,
}


def test_every_part_is_tried_here() -> None:
    assert set(LINES) == set(bench.PARTS)


@pytest.mark.slow
@pytest.mark.parametrize("part", sorted(LINES))
def test_a_part_runs_and_measures(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llm_overhead, "WORDS", 600)
    monkeypatch.setattr(llm_overhead, "FIRST_TOKEN_S", 0.05)
    monkeypatch.setattr(llm_overhead, "TOKENS_PER_S", 2_000.0)

    figures = list(bench.run([part], TINY))

    assert len(figures) == LINES[part]
    assert all(figure.measured > 0 for figure in figures)
    assert all(figure.baseline is None or figure.baseline > 0 for figure in figures)


def test_a_figure_below_its_target_is_ok_and_one_at_it_is_missed() -> None:
    good = Figure(name="good", measured=9.9, unit="ms", target=10)
    bad = Figure(name="bad", measured=10.0, unit="ms", target=10)

    assert not good.is_missed
    assert bad.is_missed
    assert "MISSED" in table([good, bad]).splitlines()[-1]


def test_the_ratio_is_ours_over_the_baseline() -> None:
    figure = Figure(name="page", measured=12.0, unit="ms", beside="bare", baseline=3.0)

    assert figure.ratio == 4.0
    assert "4 x" in table([figure])
    assert Figure(name="alone", measured=12.0, unit="ms").ratio is None


def test_things_are_timed_in_turns_and_first_times_do_not_count() -> None:
    order: list[str] = []

    def named(name: str) -> float:
        order.append(name)
        return float(len(order))

    ours, bare = in_turns(2, lambda: named("ours"), lambda: named("bare"), warm_up=1)

    assert order == ["ours", "bare"] * 3
    assert (ours, bare) == ([3.0, 5.0], [4.0, 6.0])


def test_nineteen_of_twenty_are_not_above_the_95th_percentile() -> None:
    assert p95([float(n) for n in range(1, 101)]) == 95.0
    assert p95([7.0]) == 7.0


def test_the_page_keeps_its_text_and_gets_the_new_table(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(f"Before.\n{bench.BEGIN}\nold\n{bench.END}\nAfter.\n", encoding="utf-8")

    bench.write(page, [Figure(name="a|b", measured=1.5, unit="s", note="Why.")])
    bench.write(page, [Figure(name="a|b", measured=2.5, unit="s", note="Why.")])

    written = page.read_text(encoding="utf-8")
    assert written.startswith("Before.\n")
    assert written.endswith("After.\n")
    assert "old" not in written
    assert "1.5 s" not in written
    assert "| a\\|b <sup>1</sup> | 2.5 s |" in written
    assert "1. a|b: Why." in written


def test_a_bare_answer_that_is_another_page_is_refused_and_one_with_other_spaces_or_minutes_is_not() -> None:
    ours = '<p>Ana</p>\n<time title="Nov 3">2 hours ago</time>'

    pages.hold_to(ours, '<p>Ana</p> <time title="Nov 3">1 hour ago</time>\n', "contacts")

    with pytest.raises(NeverCame, match=r"contacts is another page.*<p>An</p>"):
        pages.hold_to(ours, ours.replace("Ana", "An"), "contacts")


def test_a_long_transcript_is_the_same_each_time_and_as_long_as_asked() -> None:
    text = long_vtt(2_000, 13)

    read = transcripts.parse(text.encode(), "long.vtt")
    assert text == long_vtt(2_000, 13)
    assert read.kept == read.found
    assert 2_000 <= sum(len(u.text.split()) for u in read.utterances) < 2_100
    assert read.utterances[-1].end_s == pytest.approx(13 * 60, abs=1)


def test_markdown_has_as_many_columns_in_each_line() -> None:
    lines = markdown([Figure(name="one", measured=1, unit="s"), Figure(name="two", measured=2, unit="")]).splitlines()

    assert {line.count("|") for line in lines if line} == {9}
