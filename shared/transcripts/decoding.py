"""Bytes -> text, or a refusal that names what the bytes are.

Exports come as UTF-8 with and without a mark, as UTF-16 from Windows, as cp1252 from old tools; and people rename
recordings to `.txt`. What is certain (marks, signatures, valid UTF-8) decides first, statistics last.
"""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from shared.errors import Invalid, TooLarge

MAX_LINES = 500_000
_SAMPLE = 64 * 1024

_MEDIA = (
    "This is {what}. Afterword reads transcripts: export one from your meeting tool "
    "(txt, vtt, srt, docx, json) and upload that."
)
_OTHER = "This is {what}, not a transcript. Upload the transcript as txt, md, vtt, srt, json, docx or pdf."
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"ID3", "an audio file (MP3)", _MEDIA),
    (b"\xff\xfb", "an audio file (MP3)", _MEDIA),
    (b"\xff\xf3", "an audio file (MP3)", _MEDIA),
    (b"\xff\xf2", "an audio file (MP3)", _MEDIA),
    (b"\xff\xfa", "an audio file (MP3)", _MEDIA),
    (b"\xff\xf1", "an audio file (AAC)", _MEDIA),
    (b"\xff\xf9", "an audio file (AAC)", _MEDIA),
    (b"RIFF", "an audio or video file (WAV or AVI)", _MEDIA),
    (b"OggS", "an audio file (Ogg)", _MEDIA),
    (b"fLaC", "an audio file (FLAC)", _MEDIA),
    (b"\x1aE\xdf\xa3", "a video file (WebM or MKV)", _MEDIA),
    (b"0&\xb2u\x8ef\xcf\x11", "an audio or video file (Windows Media)", _MEDIA),
    (b"\x89PNG", "a picture (PNG)", _OTHER),
    (b"\xff\xd8\xff", "a picture (JPEG)", _OTHER),
    (b"GIF8", "a picture (GIF)", _OTHER),
    (b"\x1f\x8b", "a compressed file (gzip)", _OTHER),
    (b"7z\xbc\xaf\x27\x1c", "an archive (7z)", _OTHER),
    (b"Rar!\x1a", "an archive (RAR)", _OTHER),
    (b"SQLite format 3\x00", "a database file", _OTHER),
    (b"\x7fELF", "a program", _OTHER),
    (
        b"{\\rtf",
        "an RTF document",
        "This is {what}. Open it in your word processor, save it as docx or txt, and upload that.",
    ),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Office file (.doc) or a password-protected document",
        "This is {what}. Open it in Word, save it as docx without a password, and upload that.",
    ),
)
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HIGH = re.compile(rb"[\x80-\xff]")
# cp1252 leaves five bytes undefined; latin-1 maps them to control characters, which cleaning removes.
_CP1252 = {byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256)}
_FOREIGN = (
    "cp1251", "koi8_r", "cp1253", "iso8859_7", "cp1255", "cp1256", "cp874",
    "shift_jis", "cp932", "euc_jp", "gb18030", "big5", "euc_kr", "cp949",
)  # fmt: skip


def refuse(message: str) -> Invalid:
    """The one kind of error this package raises for content: about the field `file`."""
    return Invalid.field("file", message)


def refuse_binary(data: bytes) -> None:
    """Raise Invalid if the first bytes are those of a known format that holds no transcript."""
    for signature, what, message in _SIGNATURES:
        if data.startswith(signature):
            raise refuse(message.format(what=what))
    if data[4:8] == b"ftyp":
        raise refuse(_MEDIA.format(what="an audio or video file (MP4 or M4A)"))
    if data.startswith(b"BM") and data[6:10] == b"\0\0\0\0":
        raise refuse(_OTHER.format(what="a picture (BMP)"))


def decode(data: bytes) -> str:
    """Text with `\\n` line ends and without NULs. Raises Invalid (binary, empty) or TooLarge (too many lines)."""
    text = _decode(data).replace("\x00", "")
    if text.startswith("\ufeff"):
        text = text[1:]
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text or text.isspace():
        raise refuse("The file is empty: there is no text in it. Upload the transcript itself.")
    if text.count("\n") > MAX_LINES:
        raise TooLarge(f"The file has more than {MAX_LINES:,} lines. Upload one meeting at a time.")
    return text


def _decode(data: bytes) -> str:
    for mark, encoding, width in (
        (codecs.BOM_UTF8, "utf-8", 1),
        (codecs.BOM_UTF32_LE, "utf-32-le", 4),  # before UTF-16, whose mark it begins with
        (codecs.BOM_UTF32_BE, "utf-32-be", 4),
        (codecs.BOM_UTF16_LE, "utf-16-le", 2),
        (codecs.BOM_UTF16_BE, "utf-16-be", 2),
    ):
        if data.startswith(mark):
            return data[len(mark) : len(data) - (len(data) - len(mark)) % width].decode(encoding, "replace")
    sample = data[:_SAMPLE]
    nuls = sample.count(0)
    if nuls <= len(sample) // 4 and not _is_binary(sample) and (narrow := _utf8(data)) is not None:
        return narrow
    if nuls and (wide := _utf16(data)) is not None:
        return wide
    if nuls > len(sample) // 4 or _is_binary(sample):
        raise refuse(_OTHER.format(what="a binary file"))
    return _legacy(data)


def _is_binary(sample: bytes) -> bool:
    """A stray control character is a slip of the exporter; one in fifty bytes is not text. NULs are judged apart."""
    return len(_CONTROL.findall(sample)) > max(2, len(sample) // 50)


def _utf16(data: bytes) -> str | None:
    """Decode UTF-16 without a mark, if the zero bytes stand on one side only; else None."""
    sample = data[:_SAMPLE]
    high_first, low_first = sample[0::2].count(0), sample[1::2].count(0)
    if min(high_first, low_first) * 10 > max(high_first, low_first):
        return None
    encoding = "utf-16-be" if high_first > low_first else "utf-16-le"
    text = data[: len(data) // 2 * 2].decode(encoding, "replace")
    odd = sum(1 for c in text[: _SAMPLE // 2] if c == "\ufffd" or (c < " " and c not in "\t\n\r\f"))
    return text if odd <= max(1, len(text[: _SAMPLE // 2]) // 50) else None


def _utf8(data: bytes) -> str | None:
    """Decode UTF-8. A cut last character or a few broken ones among many good ones are forgiven; else None."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3:
            return data[: error.start].decode("utf-8")
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    good = sum(1 for c in text[:_SAMPLE] if c > "\x7f" and c != "\ufffd")
    return text if broken * 10 <= good else None


def _legacy(data: bytes) -> str:
    """Eight-bit text: cp1252, unless so many bytes are high that it must be another script."""
    sample = data[:_SAMPLE]
    high = len(_HIGH.findall(sample))
    if high * 4 > len(sample):
        best = from_bytes(sample[:16384], cp_isolation=list(_FOREIGN)).best()
        if best is not None:
            return data.decode(best.encoding, "replace")
    return data.decode("latin-1").translate(_CP1252)
