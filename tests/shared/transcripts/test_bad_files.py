"""What cannot be read is refused at upload, and the message says what it is and what to do."""

from __future__ import annotations

import gzip
import random

import pytest

from shared.config import MAX_UPLOAD_BYTES
from shared.errors import Invalid, TooLarge
from shared.transcripts import parse, sniff
from shared.transcripts.reading import SNIFF_WHOLE

CALL = "Ana: Über 5 € — naïve?\nBo: Ja, schön.\nAna: Gut.\n"
TURNS = [("Ana", "Über 5 € — naïve?"), ("Bo", "Ja, schön."), ("Ana", "Gut.")]


def refused(data: bytes, name: str | None = "call.txt") -> str:
    """The message; sniff and parse must give the same one."""
    messages = []
    for read in (sniff, parse):
        with pytest.raises(Invalid) as caught:
            read(data, name)
        assert caught.value.errors[0].path == "file"
        messages.append(caught.value.detail)
    assert messages[0] == messages[1]
    return messages[0]


@pytest.mark.parametrize("data", [b"", b"  \n\t\r\n ", b"\xef\xbb\xbf", b"\xff\xfe", "\u00a0\u2003".encode()])
def test_empty_files(data: bytes) -> None:
    assert "The file is empty" in refused(data)


@pytest.mark.parametrize("data", [b"...\n---\n", b"\x01\x02", "\u200b\u200b".encode()])
def test_files_without_a_single_letter(data: bytes) -> None:
    assert "no readable speech" in refused(data)


def test_more_than_the_limit() -> None:
    for read in (sniff, parse):
        with pytest.raises(TooLarge, match="at most 20 MB"):
            read(b"a" * (MAX_UPLOAD_BYTES + 1), "call.txt")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\0\0\0", "binary"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "JPEG"),
        (b"ID3\x04" + bytes(100), "MP3"),
        (b"\xff\xfb\x90\x64" + bytes(100), "MP3"),
        (b"\0\0\0\x20ftypM4A " + bytes(100), "M4A"),
        (b"\0\0\0\x18ftypmp42" + bytes(100), "MP4"),
        (b"RIFF\x24\0\0\0WAVEfmt " + bytes(100), "WAV"),
        (b"\x1aE\xdf\xa3" + bytes(100), "WebM"),
        (b"OggS" + bytes(100), "Ogg"),
        (gzip.compress(b"hello", mtime=0), "gzip"),
        (b"{\\rtf1\\ansi Hello}", "RTF"),
        (b"<!DOCTYPE html><html><body>Hi</body></html>", "web page"),
        (random.Random(7).randbytes(5000), "binary"),
        (bytes(range(256)) * 20, "binary"),
    ],
)
def test_binary_files_renamed_to_txt_are_named(data: bytes, message: str) -> None:
    assert message in refused(data)


def test_recordings_are_told_what_is_read_here() -> None:
    assert "Afterword reads transcripts" in refused(b"ID3\x04" + bytes(100), "call.mp3")


@pytest.mark.parametrize(
    "data",
    [
        CALL.encode(),
        CALL.encode("utf-8-sig"),
        CALL.encode("utf-16"),
        CALL.encode("utf-16-le"),
        CALL.encode("utf-16-be"),
        b"\xfe\xff" + CALL.encode("utf-16-be"),
        CALL.encode("utf-32"),
        CALL.encode("cp1252"),
        CALL.replace("\n", "\r\n").encode(),
        CALL.replace("\n", "\r").encode(),
        CALL.replace(" ", " \0").encode(),
        CALL.encode("utf-16-le")[:-1],
    ],
    ids=["utf-8", "bom", "utf-16", "16le", "16be", "16be bom", "utf-32", "cp1252", "crlf", "cr", "nul", "16le cut"],
)
def test_every_encoding_reads_the_same(data: bytes) -> None:
    assert sniff(data, "call.txt").format == "text"
    assert [(u.speaker, u.text) for u in parse(data, "call.txt").utterances] == TURNS


def test_latin_1_has_no_euro_but_is_read() -> None:
    t = parse("Ana: Grüße aus Köln.\nBo: Schön.\nAna: Ja.\n".encode("latin-1"), "call.txt")
    assert t.utterances[0].text == "Grüße aus Köln."


def test_other_scripts() -> None:
    chinese = "山田：你好。\n我们明天签合同。预算是五万。\n" * 20
    for data in (chinese.encode("utf-16-le"), chinese.encode("utf-16"), chinese.encode()):
        assert "我们明天签合同" in parse(data, "call.txt").utterances[1].text
    russian = "Анна: Добрый день, коллеги. Начнём встречу.\nИван: Да, договор готов, подпишем в пятницу.\n" * 10
    assert parse(russian.encode("cp1251"), "call.txt").utterances[0].speaker == "Анна"


def test_a_character_cut_at_the_end_is_forgiven() -> None:
    t = parse("Ana: Grüße aus Köln, schön".encode()[:-2], "call.txt")
    assert t.utterances[0].text == "Grüße aus Köln, sch"


def test_six_hours_are_the_limit() -> None:
    def captions(last: str) -> bytes:
        first = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nAna: Hi.\n\n"
        return f"{first}{last}:00.000 --> {last}:01.000\nAna: Bye.\n".encode()

    assert parse(captions("05:59"), "x.vtt").duration_s == 5 * 3600 + 59 * 60 + 1
    assert "6:30:00" in refused(captions("06:30"), "x.vtt")
    assert "up to 6 hours" in refused(
        b'{"segments": [{"start": 0, "text": "Hi"}, {"start": 30000, "text": "Bye"}]}', "x.json"
    )


def test_a_long_recording_is_refused_at_upload_without_reading_it_whole() -> None:
    cues = "\n\n".join(
        f"0{i // 60}:{i % 60:02}:00.000 --> 0{i // 60}:{i % 60:02}:50.000\nAna: {i} {'word ' * 90}" for i in range(420)
    )
    assert len(cues) > SNIFF_WHOLE
    assert "6:59:00" in refused(f"WEBVTT\n\n{cues}\n".encode(), "x.vtt")
    lines = "\n".join(f"[0{i // 60}:{i % 60:02}:00] Ana: {i} {'word ' * 90}" for i in range(420))
    assert "6:59:00" in refused(lines.encode(), "x.txt")
    shorter = lines[: lines.index("[06:00:00]")].encode()
    assert sniff(shorter, "x.txt").format == parse(shorter, "x.txt").format == "text"


def test_too_many_pieces_are_refused() -> None:
    tiny = b"WEBVTT\n\n" + b"".join(b"00:01.000 --> 00:02.000\nw%d\n\n" % i for i in range(100_001))
    with pytest.raises(TooLarge, match="at most 100,000"):
        parse(tiny, "x.vtt")
    with pytest.raises(TooLarge, match="lines"):
        sniff(b"a\n" * 600_000, "x.txt")
    with pytest.raises(TooLarge, match="segments"):
        parse(b'{"segments": [' + b",".join([b'{"text": "a"}'] * 100_001) + b"]}", "x.json")
