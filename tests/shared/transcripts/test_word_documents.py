"""Word documents: Meet's bold names, Teams' name and time, notes, and documents that attack the reader."""

from __future__ import annotations

import io
import zipfile
import zlib

import pytest

from shared.errors import AppError, Invalid, TooLarge
from shared.transcripts import parse, sniff
from shared.transcripts.docx_reader import MAX_ELEMENTS, MAX_XML_BYTES


def test_meet_bold_names_are_trusted_even_when_they_look_odd(make_docx) -> None:
    data = make_docx(
        [
            ("Heading 2", [("Oct 14, 2026", False)]),
            ("Heading 1", [("Partner sync - Transcript", False)]),
            ("Heading 3", [("Attendees", False)]),
            ("", [("Ana Ruiz, bo lind", False)]),
            ("Heading 4", [("00:00:04", False)]),
            ("", [("iPhone of ana:", True), (" Hello: you.", False)]),
            ("", [("Bo Lind:", True), (" Hi.", False)]),
            ("", [("and more.", False)]),
            ("Heading 4", [("00:05:00", False)]),
            ("", [("iPhone of ana:", True), (" Later.", False)]),
        ]
    )
    assert sniff(data, "x.docx").format == "docx"
    t = parse(data, "x.docx")
    spoken = [(u.speaker, u.text, u.start_s) for u in t.utterances if u.speaker]
    assert spoken == [
        ("iPhone of ana", "Hello: you.", 4.0),
        ("Bo Lind", "Hi. and more.", None),
        ("iPhone of ana", "Later.", 300.0),
    ]
    assert t.title == "Partner sync"


def test_teams_in_two_paragraphs_and_in_one(make_docx) -> None:
    two = make_docx(
        [
            ("", [("Ana Ruiz   0:03", False)]),
            ("", [("Hello.", False)]),
            ("", [("Bo Lind   0:07", False)]),
            ("", [("Hi.", False)]),
        ]
    )
    one = make_docx(
        [("", [("Ana Ruiz", True), ("   0:03\nHello.", False)]), ("", [("Bo Lind", True), ("   0:07\nHi.", False)])]
    )
    for data in (two, one):
        t = parse(data, None)
        assert [(u.speaker, u.text, u.start_s) for u in t.utterances] == [
            ("Ana Ruiz", "Hello.", 3.0),
            ("Bo Lind", "Hi.", 7.0),
        ]


def test_notes_keep_headings_bullets_and_table_rows(make_zip, word_xml) -> None:
    def paragraph(text: str) -> str:
        return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"

    row = "<w:tr>" + "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in ("Export", "Ana &amp; Bo")) + "</w:tr>"
    heading = '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Actions</w:t></w:r></w:p>'
    data = make_zip({"word/document.xml": word_xml(heading + paragraph("We agreed.") + f"<w:tbl>{row}</w:tbl>")})
    t = parse(data, "notes.docx")
    assert [u.text for u in t.utterances] == ["Actions", "We agreed.", "Export | Ana & Bo"]
    assert t.title == "Actions"


def test_a_docx_renamed_to_txt_is_still_a_docx(make_docx) -> None:
    assert parse(make_docx([("", [("Some words.", False)])]), "x.txt").format == "docx"


def test_a_zip_that_is_no_word_document_is_named(make_zip) -> None:
    for files, message in (
        ({"a.txt": "hello"}, "zip archive"),
        ({"xl/workbook.xml": "<x/>"}, "Excel"),
        ({"ppt/presentation.xml": "<x/>"}, "PowerPoint"),
        ({}, "zip archive"),
    ):
        with pytest.raises(Invalid, match=message):
            sniff(make_zip(files), "x.docx")


def test_a_damaged_document_is_refused_at_any_cut(make_docx) -> None:
    data = make_docx([("", [("Some words.", False)])])
    for size in (10, 100, len(data) // 2, len(data) - 10):
        with pytest.raises(Invalid, match="damaged"):
            sniff(data[:size], "x.docx")


def test_a_document_without_words_is_refused(make_docx) -> None:
    with pytest.raises(Invalid, match="no readable speech"):
        sniff(make_docx([]), "x.docx")


def test_a_bomb_that_declares_its_size_is_refused_at_once(make_zip) -> None:
    bomb = make_zip({"word/document.xml": b"<a>" + b" " * (MAX_XML_BYTES + 1)})
    assert len(bomb) < 100_000
    with pytest.raises(TooLarge, match="unpacks"):
        sniff(bomb, "x.docx")


def test_a_bomb_that_lies_about_its_size_does_not_unpack(make_zip, word_xml) -> None:
    name = b"word/document.xml"
    honest = make_zip({"word/document.xml": word_xml("<w:p><w:r><w:t>" + "words " * 8_000_000 + "</w:t></w:r></w:p>")})
    size = zipfile.ZipFile(io.BytesIO(honest)).getinfo(name.decode()).file_size
    liar = honest.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert liar != honest
    for read in (sniff, parse):
        with pytest.raises(AppError):
            read(liar, "x.docx")


@pytest.mark.slow
def test_a_flood_of_empty_elements_is_refused(make_zip, word_xml) -> None:
    data = make_zip({"word/document.xml": word_xml("<w:p/>" * (MAX_ELEMENTS + 1))})
    with pytest.raises(TooLarge, match="too many parts"):
        parse(data, "x.docx")


def test_entities_are_never_expanded(make_zip) -> None:
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    data = make_zip({"word/document.xml": f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><x>&l11;</x>'})
    with pytest.raises(Invalid, match="entities"):
        sniff(data, "x.docx")


def test_deeply_nested_xml_does_no_harm(make_zip, word_xml) -> None:
    data = make_zip(
        {"word/document.xml": word_xml("<w:p>" * 100_000 + "<w:r><w:t>deep</w:t></w:r>" + "</w:p>" * 100_000)}
    )
    assert [u.text for u in parse(data, "x.docx").utterances] == ["deep"]


def test_an_encrypted_entry_is_named(make_zip, word_xml) -> None:
    data = bytearray(make_zip({"word/document.xml": word_xml("<w:p/>")}))
    data[6] |= 1
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    with pytest.raises(Invalid, match="encrypted"):
        sniff(bytes(data), "x.docx")


def test_a_wrong_checksum_is_damage(make_zip, word_xml) -> None:
    xml = word_xml("<w:p><w:r><w:t>Words.</w:t></w:r></w:p>").encode()
    data = make_zip({"word/document.xml": xml}).replace(zlib.crc32(xml).to_bytes(4, "little"), b"\0\0\0\0")
    with pytest.raises(Invalid, match="damaged"):
        sniff(data, "x.docx")


def test_an_old_doc_is_told_to_become_a_docx() -> None:
    with pytest.raises(Invalid, match="save it as docx"):
        sniff(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "minutes.doc")


def test_the_time_above_the_name_as_teams_wrote_it_once(make_docx) -> None:
    lines = ["0:0:0.0 --> 0:0:4.83", "Ana Ruiz", "Hello there.", "0:0:5.1 --> 0:1:8.0", "Bo Lind", "Hi.", "All fine."]
    t = parse(make_docx([("", [(line, False)]) for line in lines]), "sync.docx")
    assert [(u.speaker, u.text, u.start_s, u.end_s) for u in t.utterances] == [
        ("Ana Ruiz", "Hello there.", 0.0, 4.83),
        ("Bo Lind", "Hi. All fine.", 5.1, 68.0),
    ]


def test_gemini_puts_notes_above_the_transcript(make_docx) -> None:
    def say(name: str, text: str) -> tuple[str, list[tuple[str, bool]]]:
        return "", [(f"{name}:", True), (f" {text}", False)]

    notes = [("", [(f"Point {i}", False)]) for i in range(6)]
    t = parse(
        make_docx(
            [("Heading 1", [("Sync", False)]), *notes, ("List Bullet", [("Risks: none were named.", False)]),
             ("", [("You should review Gemini's notes to make sure they're accurate.", False)]),
             ("", [("\U0001f4d6 Transcript", False)]), ("Heading 2", [("Sync - Transcript", False)]),
             ("Heading 3", [("00:00:00", False)]), say("Ana Ruiz", "Hello."), say("Bo Lind", "Hi."),
             ("Heading 3", [("00:05:53", False)]), say("Ana Ruiz", "Bye."),
             ("Heading 3", [("Transcription ended after 00:06:19", False)])]
        ),
        "sync.docx",
    )  # fmt: skip
    assert [(u.speaker, u.text, u.start_s) for u in t.utterances[-4:]] == [
        (None, "Risks: none were named.", None),
        ("Ana Ruiz", "Hello.", 0.0),
        ("Bo Lind", "Hi.", None),
        ("Ana Ruiz", "Bye.", 353.0),
    ]
    assert t.title == "Sync"


def test_meet_writes_the_turns_of_five_minutes_into_one_paragraph(make_docx) -> None:
    block = [("Ana Ruiz:", True), (" Hello.\n", False), ("Bo Lind:", True), (" Hi: you.\n", False), ("Ana Ruiz:", True)]
    t = parse(
        make_docx(
            [("Heading 2", [("Sync - Transcript", False)]), ("Heading 3", [("00:00:00", False)]),
             ("", [*block, (" Shall we?\nAll of us?", False)]),
             ("Heading 3", [("00:05:00", False)]), ("", [("Bo Lind:", True), (" Yes.\n", False)])]
        ),
        "sync.docx",
    )  # fmt: skip
    assert [(u.speaker, u.text, u.start_s) for u in t.utterances] == [
        ("Ana Ruiz", "Hello.", 0.0),
        ("Bo Lind", "Hi: you.", None),
        ("Ana Ruiz", "Shall we? All of us?", None),
        ("Bo Lind", "Yes.", 300.0),
    ]


def test_bold_words_before_a_colon_in_minutes_are_no_speakers_and_stay_in_the_text(make_docx) -> None:
    items = (("Budget", "40k approved."), ("Wallet share", "unclear."), ("Rollout", "in May."), ("Owner", "Ana."))
    t = parse(
        make_docx(
            [("Heading 1", [("Notes of the call", False)])]
            + [("List Bullet", [(f"{name}:", True), (f" {text}", False)]) for name, text in items]
            + [("", [(f"Paragraph {i} says something at length.", False)]) for i in range(10)]
        ),
        "notes.docx",
    )
    assert {u.speaker for u in t.utterances} == {None}
    assert [u.text for u in t.utterances][1:5] == [f"{name}: {text}" for name, text in items]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_table_of_times_names_and_words_is_a_transcript(make_zip, word_xml, order: tuple[int, int]) -> None:
    def cell(text: str) -> str:
        return f"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"

    rows = [(("0:03", "Ana Ruiz"), "Hello."), (("0:07", "Bo Lind"), "Hi."), (("0:09", "Ana Ruiz"), "So.")]
    body = "".join(f"<w:tr>{''.join(cell(who[i]) for i in order)}{cell(text)}</w:tr>" for who, text in rows)
    t = parse(make_zip({"word/document.xml": word_xml(f"<w:tbl>{body}</w:tbl>")}), "call.docx")
    assert [(u.speaker, u.text, u.start_s) for u in t.utterances] == [
        ("Ana Ruiz", "Hello.", 3.0),
        ("Bo Lind", "Hi.", 7.0),
        ("Ana Ruiz", "So.", 9.0),
    ]


def test_what_word_stores_twice_is_read_once(make_zip, word_xml) -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent>"
    markup = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    t = parse(
        make_zip(
            {
                "word/document.xml": word_xml(
                    f'<w:p><w:r><m:AlternateContent xmlns:m="{markup}"><m:Choice>{box}</m:Choice>'
                    f"<m:Fallback>{box}</m:Fallback></m:AlternateContent></w:r></w:p>"
                    "<w:p><w:moveFrom><w:r><w:t>We sign. </w:t></w:r></w:moveFrom><w:r><w:t>Then lunch. </w:t></w:r>"
                    "<w:moveTo><w:r><w:t>We sign. </w:t></w:r></w:moveTo></w:p>"
                )
            }
        ),
        "notes.docx",
    )
    assert [u.text for u in t.utterances] == ["In a box.", "Then lunch. We sign."]
