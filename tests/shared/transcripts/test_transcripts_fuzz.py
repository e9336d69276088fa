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
#: One for each format that a tool writes, in the smallest form that still has its oddities.
SMALL = {
    "small.json": '{"segments": [{"start": 1.5, "end": "3", "text": "Hi", "speaker": {"name": "Ana"}, '
    '"words": [{"text": "a"}]}]}',
    "whispercpp.json": '{"result": {"language": "en"}, "transcription": [{"timestamps": {"from": "00:00:00,000"}, '
    '"offsets": {"from": 0, "to": 900}, "text": " Hi.", "speaker": "0"}]}',
    "deepgram.json": '{"results": {"channels": [{"alternatives": [{"transcript": "yeah", "words": '
    '[{"word": "yeah", "punctuated_word": "Yeah.", "start": 0.1, "end": 0.3, "speaker": 0}]}]}]}}',
    "assemblyai.json": '{"text": "Hi. You?", "words": [{"text": "Hi.", "start": 250, "end": 650, "speaker": "A"}, '
    '{"text": "You?", "start": 700, "end": 900, "speaker": "B"}], "utterances": null, "audio_duration": 2}',
    "podcasting.json": '{"version": "1.0.0", "segments": [{"speaker": "Ana", "startTime": 0, '
    '"body": "I"}]}',
    "fireflies.json": '{"data": {"transcripts": [{"title": "Sync", "date": 1767225600000, "sentences": '
    '[{"index": 0, "speaker_name": "Ana", "text": "Hi.", "start_time": "0.6", "end_time": "1"}]}]}}',
    "fathom.json": '{"items": [{"title": "Sync", "transcript": [{"speaker": {"display_name": "Ana"}, "text": "Hi.", '
    '"timestamp": "00:05:32"}]}]}',
    "small.sbv": "0:00:00.378,0:00:11.378\n>> Ana: Hello\n\n0:00:12.000,0:00:13.000\nBo: Hi\n",
    "small.ttml": '<tt><head/><body><p begin="1s" end="00:00:02:01" agent="a">Hi<br/><span unit="word">you</span></p>'
    "</body></tt>",
    "rolling.vtt": "WEBVTT\nKind: captions\n\n00:00.000 --> 00:02.500 align:start\n \n"
    "hello<00:00:00.500><c> there</c>\n\n"
    "00:02.500 --> 00:02.510\nhello there\n \n",
    "teams.vtt": "WEBVTT\r\n\r\n6f1c2a3b-1111-4222-8333-944445555666/45-0\r\n00:00:01.000 --> 00:00:02.000\r\n"
    "<v Ruiz, Ana>Hi\r\nall</v>\r\n\r\n6f1c2a3b-1111-4222-8333-944445555666/45-1\r\n00:00:02.000 --> 00:00:03.000\r\n"
    "<v Ruiz, Ana>and you.</v>\r\n",
    "podcast.vtt": "WEBVTT\n\n0.860 --> 7.380\n<v SPEAKER_1>Hi\n\n1:04.62 --> 1:09.2\n<v SPEAKER_2>Ho\n",
    "dashes.srt": "1\n00:00:01,000 --> 00:00:02,000\n>> ANA: Well?\n\n2\n00:00:03,000 --> 00:00:04,000\n"
    "- Fine.\n- Good.\n",
    "otter.txt": "Ana Ruiz  0:15\nHello.\n\nSpeaker 1  1:02:30\nHi.\n\nTranscribed by https://otter.ai\n",
    "otter-unnamed.txt": "0:01  \nHello.\n\n0:15\nHi.\n",
    "meet.txt": "Sync (2026-09-15 at 10:02 GMT+2) - Transcript\nAttendees\nAna Ruiz, Bo Lind\nTranscript\n00:00:05\n"
    "Ana Ruiz: Hello,\nyou.\nBo Lind: Hi.\n00:05:00\nAna Ruiz: Bye.\nTranscription ended after 00:06:00\n",
    "meet.md": "# Sync - Transcript\n\n### 00:00:00 {#a}\n\n**Ana Ruiz:** Hello.  \n**Bo Lind:** I\\'m here.  \n",
    "teams.md": "**Sync**\n\n<!-- image -->\n\n**Ruiz, Ana** 0:09\nHello.\n\n**Bo Lind** 1:16\nHi.\n",
    "name-time.txt": "Ana Ruiz (00:00:04): Hello.\nBo Lind (00:00:09): Hi: you.\n",
    "time-name.txt": "[00:00:04] Ana Ruiz: Hello.\n[00:00:09] Bo Lind: Hi.\n",
    "mail.txt": "From: Ana Ruiz <ana@x.example>\nTo: Bo\nDate: Tue, 10 Nov 2026 09:14:02 +0100\nSubject: Call\n\n"
    "Hi Bo,\n"
    "--\nAna\n\nOn Mon, 9 Nov 2026 at 16:02, Bo Lind <bo@x.example> wrote:\n> Hi\n>> you\n",
}  # fmt: skip
SAMPLES |= {name: text.encode() for name, text in SMALL.items()}
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
                "Attendees: Ana\n", "From: Ana <a@x.example>\n", "Subject: x\n", "> ", "On 9 Nov 2026, Bo wrote:\n",
                "99:59:59,999", "<p begin='1s'>", "<tt>",
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


@pytest.mark.parametrize("name", SMALL)
@settings(FUZZ, max_examples=15)
@given(st.data())
def test_samples_with_lines_shuffled_cut_and_in_other_encodings(name: str, data: st.DataObject) -> None:
    lines = SMALL[name].split("\n")
    lines = data.draw(st.permutations(lines)) if data.draw(st.booleans()) else lines
    raw = "\n".join(lines).encode(data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])))
    check(raw[: data.draw(st.integers(0, len(raw)))], name)


@pytest.mark.parametrize("name", SMALL)
def test_each_sample_is_read_whole(name: str) -> None:
    transcript = parse(SMALL[name].encode(), name)
    assert transcript.kept == transcript.found > 0


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
                        "items", "transcripts", "sentences", "start_time", "punctuated_word",
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
