"""The two entries: `sniff` for the upload request, `parse` for the worker. Both go through the same detection."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from shared.config import MAX_UPLOAD_BYTES
from shared.errors import AppError, TooLarge
from shared.transcripts import captions, docx_reader, json_reader, mail, markdown, message, pdf_reader, plain, ttml
from shared.transcripts.assembling import assemble, check_length
from shared.transcripts.decoding import decode, refuse, refuse_binary
from shared.transcripts.model import Reading, Sniffed, Transcript

#: Text up to this size (a call of two hours) is read whole by `sniff`, some 20 ms; beyond, only its ends are.
SNIFF_WHOLE = 128 * 1024
SNIFF_END = 24 * 1024
#: JSON is checked for its syntax up to this size; the parser is that fast.
SNIFF_JSON = 4 * 1024 * 1024
#: A Word document is read whole if its text unpacks to no more than this.
SNIFF_XML = 256 * 1024

_JSON_START = re.compile(r"\s*(?:\{\s*(?:[\"}]|$)|\[\s*(?:[{\[\"]|\]\s*$))")
_HTML_START = re.compile(r"\s*(?:<!doctype html|<html|<head|<body)", re.I)


@dataclass(frozen=True, slots=True)
class _Format:
    """A family of text files: how it is known from its text and its file name's ending, and who reads it."""

    name: str
    fits: Callable[[str, str], bool]
    read: Callable[[str], Reading]


_MAIL = _Format("mail", lambda text, _: mail.looks_like_mail(text), mail.read)
#: The first that fits reads. Signatures come first, then structure, then the file name; plain text takes the rest.
_FORMATS: tuple[_Format, ...] = (
    _Format("vtt", lambda text, _: text.startswith("WEBVTT"), captions.read),
    _Format(
        "json",
        lambda text, ending: _JSON_START.match(text[:2000]) is not None or ending in ("json", "jsonl"),
        json_reader.read,
    ),
    _Format("ttml", lambda text, _: ttml.looks_like_ttml(text), ttml.read),
    _Format(
        "vtt", lambda text, ending: ending == "vtt" and captions.looks_like_captions(text, anywhere=True), captions.read
    ),
    _Format("srt", lambda text, ending: captions.looks_like_captions(text, anywhere=ending == "srt"), captions.read),
    _Format("sbv", lambda text, _: captions.looks_like_sbv(text), captions.read_sbv),
    _MAIL,
    _Format(
        "markdown",
        lambda text, ending: ending in ("md", "markdown", "mdown") or markdown.looks_like_markdown(text),
        markdown.read,
    ),
    _Format("text", lambda text, _: True, plain.read),
)


def sniff(data: bytes, filename: str | None) -> Sniffed:
    """Tell the format, or refuse what no reader could read.

    Raises Invalid (empty, binary, broken, nothing readable) or TooLarge. What it accepts, `parse` reads, or refuses
    with the reason where finding it takes a full reading (large files, scanned PDFs of many pages).
    """
    _refuse_size(data)
    if pdf_reader.is_pdf(data):
        pdf_reader.check(data)
        return Sniffed("pdf")
    if docx_reader.is_zip(data):
        if docx_reader.check(data) <= SNIFF_XML:
            assemble(docx_reader.read(data), format="docx")
        return Sniffed("docx")
    text, family = _detect(data, filename)
    if len(text) <= SNIFF_WHOLE:
        assemble(family.read(text), format=family.name)
    elif family.name == "json":
        if len(text) <= SNIFF_JSON:
            json_reader.load(text)
    elif family.name != "ttml":
        _check_ends(text, family)
    return Sniffed(family.name)


def _check_ends(text: str, family: _Format) -> None:
    """Raise Invalid if the first and last lines of a long file show that the meeting is over the limit."""
    first = text[: text.find("\n", SNIFF_END) + 1]
    last = text[text.find("\n", len(text) - SNIFF_END) + 1 :] if first else ""
    if len(first) + len(last) > 4 * SNIFF_END:
        return  # lines too long to be sampled
    try:
        sample = family.read(f"{first}\n{last}")
    except AppError:
        return  # cut in a bad place: the whole file will tell
    check_length(sample)


def parse(data: bytes, filename: str | None) -> Transcript:
    """Read a file whole. Raises Invalid or TooLarge, naming what is wrong; the same bytes give the same result."""
    _refuse_size(data)
    if pdf_reader.is_pdf(data):
        return assemble(pdf_reader.read(data), format="pdf")
    if docx_reader.is_zip(data):
        return assemble(docx_reader.read(data), format="docx")
    text, family = _detect(data, filename)
    return assemble(family.read(text), format=family.name)


def _refuse_size(data: bytes) -> None:
    if not data:
        raise refuse("The file is empty (0 bytes). Upload the transcript itself.")
    if len(data) > MAX_UPLOAD_BYTES:
        raise TooLarge(
            f"The file has {len(data) / 2**20:.1f} MB; at most {MAX_UPLOAD_BYTES // 2**20} MB are read. "
            "Upload the transcript, not the recording, one meeting at a time."
        )


def _detect(data: bytes, filename: str | None) -> tuple[str, _Format]:
    refuse_binary(data)
    if message.is_message(data):
        return decode(message.as_text(data).encode("utf-8", "replace")), _MAIL
    text = decode(data)
    if _HTML_START.match(text[:2000]):
        raise refuse(
            "This is a web page, not a transcript. "
            "Use your meeting tool's export (txt, vtt, srt, docx) instead of saving the page."
        )
    ending = PurePath(filename or "").suffix.lower().lstrip(".")
    return text, next(family for family in _FORMATS if family.fits(text, ending))
