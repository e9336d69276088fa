"""PDFs: with text, scanned, locked, endless, broken."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader, PdfWriter

from shared.errors import AppError, Invalid, TooLarge
from shared.transcripts import parse, sniff
from shared.transcripts.pdf_reader import MAX_PAGES

TURNS = ["Ana Ruiz: Hello and welcome to", "this call.", "Bo Lind: Thanks. It ends in", "1"]
MORE = ["the middle of a sentence.", "Ana Ruiz: Bye.", "2"]


def test_turns_run_across_lines_and_pages(make_pdf) -> None:
    data = make_pdf([TURNS, MORE])
    assert sniff(data, "call.pdf").format == "pdf"
    t = parse(data, "call.pdf")
    assert t.format == "pdf"
    assert [(u.speaker, u.text) for u in t.utterances] == [
        ("Ana Ruiz", "Hello and welcome to this call."),
        ("Bo Lind", "Thanks. It ends in the middle of a sentence."),
        ("Ana Ruiz", "Bye."),
    ]


def test_running_heads_are_no_speech(make_pdf) -> None:
    pages = [["Acme confidential", f"Ana: Part {i} of it", f"and more of {i}.", f"Page {i + 1} of 4"] for i in range(4)]
    t = parse(make_pdf(pages), None)
    assert [u.text for u in t.utterances] == [f"Part {i} of it and more of {i}." for i in range(4)]


def test_text_on_a_later_page_is_found(make_pdf) -> None:
    data = make_pdf([[], [], ["Ana: Hello.", "Bo: Hi."]])
    assert sniff(data, "x.pdf").format == "pdf"
    assert len(parse(data, "x.pdf").utterances) == 2


@pytest.mark.parametrize("pages", [1, 30])
def test_a_scan_is_told_so(make_pdf, pages: int) -> None:
    with pytest.raises(Invalid, match="scanned"):
        parse(make_pdf([[]] * pages), "scan.pdf")
    with pytest.raises(Invalid, match="scanned"):
        sniff(make_pdf([[]]), "scan.pdf")


def test_a_password_is_named(make_pdf) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(make_pdf([TURNS]))))
    writer.encrypt("secret", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(Invalid, match="password"):
        sniff(out.getvalue(), "x.pdf")


def test_a_pdf_that_is_locked_against_editing_only_is_read(make_pdf) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(make_pdf([TURNS]))))
    writer.encrypt("", owner_password="owner", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    assert len(parse(out.getvalue(), "x.pdf").utterances) == 2


def test_thousands_of_pages_are_refused(make_pdf) -> None:
    data = make_pdf([["Ana: Hi."]] * (MAX_PAGES + 1))
    for read in (sniff, parse):
        with pytest.raises(TooLarge, match="pages"):
            read(data, "x.pdf")


def test_a_page_that_draws_without_end_is_counted_as_lost(make_pdf) -> None:
    data = make_pdf([["Ana: Hello.", "Bo: Hi."], ["w" * 600_000]])
    t = parse(data, "x.pdf")
    assert [u.text for u in t.utterances] == ["Hello.", "Hi."]
    assert (t.kept, t.found) == (2, 3)


def test_a_pdf_that_draws_too_much_is_refused(make_pdf) -> None:
    with pytest.raises(TooLarge, match="draws more"):
        parse(make_pdf([["w" * 1_000_000]] * 13), "x.pdf")


def test_a_damaged_pdf_is_refused_or_read_but_never_crashes(make_pdf) -> None:
    data = make_pdf([TURNS, MORE])
    for size in (9, 20, 200, len(data) // 2):
        with pytest.raises(AppError):
            sniff(data[:size], "x.pdf")


def test_only_the_mark_is_not_a_pdf() -> None:
    with pytest.raises(Invalid, match="damaged"):
        sniff(b"%PDF-1.7\n", "x.pdf")


def test_running_heads_that_count_the_pages_are_no_speech(make_pdf) -> None:
    pages = [[f"Ana: Part {i} of it", f"and {i} more.", f"Printed 12.11.2026 - Page {i} of 4"] for i in range(1, 5)]
    assert [u.text for u in parse(make_pdf([["Acme", *page] for page in pages]), None).utterances] == [
        f"Part {i} of it and {i} more." for i in range(1, 5)
    ]


def test_times_at_the_top_of_pages_are_not_taken_for_page_numbers(make_pdf) -> None:
    pages = [
        [f"Ana Ruiz  0:{10 * i + 5:02}", "Hello again.", f"Bo Lind  0:{10 * i + 8:02}", f"Hi {'abcde'[i]}."]
        for i in range(5)
    ]
    assert len(parse(make_pdf(pages), None).utterances) == 10


@pytest.mark.parametrize("count", [1, 2, 4])
def test_what_a_browser_prints_on_the_page_is_no_speech(make_pdf, count: int) -> None:
    pages = [
        [f"Ana: Part {'abcd'[i]}.", "11/27/26, 3:37 AM Weekly sync", f"https://meet.example/call?id=7 {i + 1}/{count}"]
        for i in range(count)
    ]
    assert [u.text for u in parse(make_pdf(pages), None).utterances] == [f"Part {'abcd'[i]}." for i in range(count)]


def test_words_broken_by_the_margin_are_put_together(make_pdf) -> None:
    t = parse(
        make_pdf(
            [
                [
                    "Ana: The implemen-",
                    "tation is well-",
                    "known. The implementation",
                    "costs 40 -",
                    "not 50.",
                    "Bo: I see.",
                    "Ana: Good.",
                ]
            ]
        ),
        "call.pdf",
    )
    assert [u.text for u in t.utterances] == [
        "The implementation is well-known. The implementation costs 40 - not 50.",
        "I see.",
        "Good.",
    ]


def test_letters_drawn_as_one_are_read_as_two(make_pdf) -> None:
    """Browsers and word processors draw "ff" and "fi" as one letter each, and say so in the file."""
    names = b"/Encoding << /Type /Encoding /Differences [1 /ff /fi] >>"
    data = make_pdf([["Ana: Our o\x01er has two \x02gures.", "Bo: Fine."]]).replace(
        b"/Helvetica", b"/Helvetica " + names
    )
    assert [u.text for u in parse(data, "call.pdf").utterances] == ["Our offer has two figures.", "Fine."]
