"""Whatever the bytes, a reader answers with a transcript or with a sentence, never with a crash."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.errors import AppError
from shared.transcripts import Transcript, parse, sniff

MEETINGS = Path(__file__).parents[2] / "data" / "meetings"
SAMPLES = {
    path.name: path.read_bytes()[:6000] if path.suffix != ".docx" else path.read_bytes()
    for path in sorted(MEETINGS.iterdir())
    if path.suffix in (".txt", ".vtt", ".srt", ".md", ".docx", ".json")
    and not path.name.endswith((".gold.json", "README.md"))
}
SAMPLES["small.json"] = (
    b'{"segments": [{"start": 1.5, "end": "3", "text": "Hi", "speaker": {"name": "Ana"}, "words": [{"text": "a"}]}]}'
)
SAMPLES["small.sbv"] = b"0:00:00.378,0:00:11.378\nAna: Hello\n\n0:00:12.000,0:00:13.000\nBo: Hi\n"
SAMPLES["small.ttml"] = b'<tt><head/><body><p begin="1s" end="00:00:02:01" agent="a">Hi<br/>you</p></body></tt>'
NAMES = st.sampled_from(
    [None, "a.txt", "a.md", "a.vtt", "a.srt", "a.sbv", "a.json", "a.ttml", "a.pdf", "a.docx", "\0/."]
)
FUZZ = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def outcome(data: bytes, name: str | None) -> Transcript | str:
    try:
        return parse(data, name)
    except AppError as error:
        return error.detail


def check(data: bytes, name: str | None) -> None:
    result = outcome(data, name)
    assert outcome(data, name) == result
    if isinstance(result, str):
        assert result
        return
    assert sniff(data, name).format == result.format
    assert result.utterances
    assert 0 <= result.kept <= result.found
    for index, utterance in enumerate(result.utterances):
        assert utterance.index == index
        assert utterance.text
        assert utterance.text == " ".join(utterance.text.split())
        assert utterance.speaker is None or utterance.speaker.strip()
        utterance.text.encode()
        (utterance.speaker or "").encode()
        assert utterance.start_s is None or 0 <= utterance.start_s <= 6 * 3600
        assert utterance.end_s is None or (utterance.start_s is not None and utterance.start_s <= utterance.end_s)


@FUZZ
@given(st.binary(max_size=400), NAMES)
def test_any_bytes(data: bytes, name: str | None) -> None:
    check(data, name)


@FUZZ
@given(st.text(max_size=400), NAMES, st.sampled_from(["utf-8", "utf-16", "utf-16-le", "latin-1"]))
def test_any_text(text: str, name: str | None, encoding: str) -> None:
    check(text.encode(encoding, "replace"), name)


@FUZZ
@given(
    st.lists(
        st.sampled_from(
            [
                "WEBVTT\n", "\n", "\n\n", "1\n", "00:01.000 --> 00:02.000", "0:00:01.0,0:00:02.0\n",
                "-->", "Ana: ", "Bo  0:15\n", "[0:01] ", "<v Ana>", "</v>", "<c>", "&amp;", "# ",
                "- ", "| a | b |\n", "**Ana:** ", "---\n", ">> ", "{", "}", "[", '"text":', '"a"',
                ",", "hello ", "10:30", "(", ")", ":", "\r", "\0", "\u2028", "NOTE\n",
                "Attendees: Ana\n", "99:59:59,999", "<p begin='1s'>", "<tt>",
            ]
        ),
        max_size=40,
    ).map("".join),
    NAMES,
)  # fmt: skip
def test_shreds_of_formats(text: str, name: str | None) -> None:
    check(text.encode(), name)


@pytest.mark.parametrize("sample", SAMPLES)
@settings(FUZZ, max_examples=25)
@given(st.data())
def test_mutated_samples(sample: str, data: st.DataObject) -> None:
    raw = bytearray(SAMPLES[sample])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw)))
        size = data.draw(st.sampled_from([0, 1, 5, 200, len(raw)]))
        raw[at : at + size] = data.draw(st.binary(max_size=20)) * data.draw(st.sampled_from([1, 1, 50]))
    check(bytes(raw), sample)


@FUZZ
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "utterances", "segments", "results", "channels", "alternatives",
                        "paragraphs", "transcript", "data", "text", "words", "speaker", "start",
                        "end", "offsets", "timestamps", "startTime", "title", "date",
                        "participants", "elements",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=30,
    )
)  # fmt: skip
def test_json_of_any_shape(document: object) -> None:
    import json

    check(json.dumps(document).encode(), "x.json")


@FUZZ
@given(st.text(alphabet='<>/w:prtb "=valHeading1&;xyz', max_size=200))
def test_document_xml_of_any_kind(xml: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", xml)
    check(out.getvalue(), "x.docx")


@settings(FUZZ, max_examples=60)
@given(st.data())
def test_mutated_pdf(make_pdf, data: st.DataObject) -> None:
    raw = bytearray(make_pdf([["Ana: Hello.", "Bo: Hi."], ["Ana: Bye."]]))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.sampled_from([0, 1, 3, 50]))] = data.draw(st.binary(max_size=5))
    check(bytes(raw), "x.pdf")
