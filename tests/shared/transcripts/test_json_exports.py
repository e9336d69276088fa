"""JSON of the speech services and meeting tools; the unit of time is each service's own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.errors import Invalid
from shared.transcripts import Transcript, parse, sniff

EXPECTED = [("Ana", "Hello there.", 1.5, 3.0), ("Bo", "Hi.", 3.0, 4.25)]


def read(document: Any) -> Transcript:
    data = json.dumps(document).encode()
    assert sniff(data, "export.json").format == "json"
    return parse(data, "export.json")


def rows(transcript: Transcript) -> list[tuple[str | None, str, float | None, float | None]]:
    return [(u.speaker, u.text, u.start_s, u.end_s) for u in transcript.utterances]


def words(*, ms: bool) -> list[dict[str, Any]]:
    return [{"text": "Hello", "start": 1500 if ms else 1.5, "end": 2000 if ms else 2.0}]


DOCUMENTS: dict[str, Any] = {
    "ours": {
        "utterances": [
            {"speaker": "Ana", "start_s": 1.5, "end_s": 3, "text": "Hello there."},
            {"speaker": "Bo", "start_s": 3, "end_s": 4.25, "text": "Hi."},
        ]
    },
    "whisperx": {
        "segments": [
            {"start": 1.5, "end": 3.0, "text": " Hello there.", "speaker": "Ana", "words": words(ms=False)},
            {"start": 3.0, "end": 4.25, "text": " Hi.", "speaker": "Bo", "words": []},
        ]
    },
    "whisper.cpp": {
        "result": {"language": "en"},
        "transcription": [
            {
                "timestamps": {"from": "00:00:01,500", "to": "00:00:03,000"},
                "offsets": {"from": 1500, "to": 3000},
                "text": " Hello there.",
                "speaker": "Ana",
            },
            {"timestamps": {"from": "00:00:03,000", "to": "00:00:04,250"}, "text": " Hi.", "speaker": "Bo"},
        ],
    },
    "assemblyai": {
        "audio_duration": 5,
        "utterances": [
            {"speaker": "Ana", "start": 1500, "end": 3000, "text": "Hello there.", "words": words(ms=True)},
            {"speaker": "Bo", "start": 3000, "end": 4250, "text": "Hi.", "words": []},
        ],
    },
    "assemblyai, utterances alone": {
        "utterances": [
            {"speaker": "Ana", "start": 1500, "end": 3000, "text": "Hello there.", "words": words(ms=True)},
            {"speaker": "Bo", "start": 3000, "end": 4250, "text": "Hi.", "words": []},
        ],
    },
    "fireflies": {
        "data": {
            "transcript": {
                "title": "Sync",
                "sentences": [
                    {
                        "index": 0,
                        "speaker_name": "Ana",
                        "text": "Hello there.",
                        "raw_text": "hello there",
                        "start_time": "1.5",
                        "end_time": "3",
                    },
                    {
                        "index": 1,
                        "speaker_name": "Bo",
                        "text": "Hi.",
                        "raw_text": "hi",
                        "start_time": "3",
                        "end_time": "4.25",
                    },
                ],
            }
        }
    },
    "podcasting 2.0": {
        "version": "1.0.0",
        "segments": [
            {"speaker": "Ana", "startTime": 1.5, "endTime": 3.0, "body": "Hello there."},
            {"speaker": "Bo", "startTime": 3.0, "endTime": 4.25, "body": "Hi."},
        ],
    },
    "aws": {
        "results": {
            "transcripts": [{"transcript": "Hello there. Hi."}],
            "audio_segments": [
                {"start_time": "1.5", "end_time": "3.0", "transcript": "Hello there.", "speaker_label": "Ana"},
                {"start_time": "3.0", "end_time": "4.25", "transcript": "Hi.", "speaker_label": "Bo"},
            ],
        }
    },
    "words only": [
        {
            "participant": {"id": 1, "name": "Ana"},
            "words": [
                {"text": "Hello", "start_timestamp": {"relative": 1.5}, "end_timestamp": {"relative": 2}},
                {"text": "there.", "start_timestamp": {"relative": 2}, "end_timestamp": {"relative": 3}},
            ],
        },
        {
            "participant": {"id": 2, "name": "Bo"},
            "words": [{"text": "Hi.", "start_timestamp": {"relative": 3}, "end_timestamp": {"relative": 4.25}}],
        },
    ],
    "rev": {
        "monologues": [
            {
                "speaker": "Ana",
                "elements": [
                    {"type": "text", "value": "Hello", "ts": 1.5, "end_ts": 2.0},
                    {"type": "punct", "value": " "},
                    {"type": "text", "value": "there", "ts": 2.0, "end_ts": 3.0},
                    {"type": "punct", "value": "."},
                ],
            },
            {
                "speaker": "Bo",
                "elements": [{"type": "text", "value": "Hi", "ts": 3, "end_ts": 4.25}, {"type": "punct", "value": "."}],
            },
        ]
    },
}


@pytest.mark.parametrize("service", DOCUMENTS)
def test_speaker_text_and_seconds_of(service: str) -> None:
    transcript = read(DOCUMENTS[service])
    assert rows(transcript) == EXPECTED
    assert (transcript.kept, transcript.found) == (2, 2)


def test_deepgram_with_utterances_and_with_paragraphs() -> None:
    utterances = {
        "results": {"channels": [], "utterances": [{"speaker": 0, "start": 1.5, "end": 3.0, "transcript": "Hello."}]}
    }
    assert rows(read(utterances)) == [("Speaker 0", "Hello.", 1.5, 3.0)]
    sentences = [{"text": "Hello.", "start": 1.5, "end": 2.0}, {"text": "You?", "start": 2.0, "end": 3.0}]
    alternative = {
        "transcript": "hello you",
        "paragraphs": {"paragraphs": [{"speaker": 1, "start": 1.5, "end": 3.0, "sentences": sentences}]},
    }
    document: dict[str, Any] = {"results": {"channels": [{"alternatives": [alternative]}]}}
    assert rows(read(document)) == [("Speaker 1", "Hello. You?", 1.5, 3.0)]
    del alternative["paragraphs"]
    assert rows(read(document)) == [(None, "hello you", None, None)]


def test_words_alone_become_turns_and_sentences() -> None:
    words = [
        {"word": "yeah", "punctuated_word": "Yeah.", "start": 0.1, "end": 0.3, "speaker": 0},
        {"word": "sure", "punctuated_word": "Sure", "start": 1.0, "end": 1.2, "speaker": 1},
        {"word": "thing", "punctuated_word": "thing.", "start": 1.2, "end": 1.5, "speaker": 1},
    ]
    deepgram = {"results": {"channels": [{"alternatives": [{"transcript": "yeah sure thing", "words": words}]}]}}
    assert rows(read(deepgram)) == [("Speaker 0", "Yeah.", 0.1, 0.3), ("Speaker 1", "Sure thing.", 1.0, 1.5)]
    said = [{"text": "Hi.", "start": 250, "end": 650}, {"text": "You?", "start": 700, "end": 900}]
    assembly = {"text": "Hi. You?", "words": said, "utterances": None, "audio_duration": 2}
    assert rows(read(assembly)) == [(None, "Hi.", 0.25, 0.65), (None, "You?", 0.7, 0.9)]


def test_letters_and_digits_for_people_are_written_out() -> None:
    t = read({"segments": [{"speaker": who, "text": "Hi."} for who in ("A", "0", "?", "Bo")]})
    assert [u.speaker for u in t.utterances] == ["Speaker A", "Speaker 0", None, "Bo"]


def test_segments_of_single_words_become_sentences() -> None:
    words = ["I", "am", "here.", "Who", "is", "it?"]
    segments = [{"speaker": "Ana", "startTime": i, "endTime": i + 0.5, "body": word} for i, word in enumerate(words)]
    t = read({"version": "1.0.0", "segments": segments})
    assert rows(t) == [("Ana", "I am here.", 0.0, 2.5), ("Ana", "Who is it?", 3.0, 5.5)]
    assert (t.kept, t.found) == (6, 6)


def test_an_answer_that_lists_one_meeting_is_that_meeting() -> None:
    transcript = [{"speaker": {"display_name": "Ana"}, "text": "Hi.", "timestamp": "00:00:05"}]
    meeting = {
        "title": "Sync",
        "created_at": "2026-03-02T08:00:00Z",
        "recording_start_time": "2026-03-01T16:00:00Z",
        "calendar_invitees": [{"name": "Bo Lind"}],
        "transcript": transcript,
    }
    t = read({"items": [meeting], "next_cursor": None})
    assert rows(t) == [("Ana", "Hi.", 5.0, None)]
    assert (t.title, t.participants) == ("Sync", ("Bo Lind",))
    assert t.occurred_at == datetime(2026, 3, 1, 16, tzinfo=UTC)
    with pytest.raises(Invalid, match="2 meetings"):
        read({"items": [meeting, meeting]})


def test_fathom_times_are_clock_strings() -> None:
    document = [
        {
            "speaker": {"display_name": "Ana", "matched_calendar_invitee_email": "a@x.com"},
            "text": "Hi.",
            "timestamp": "00:05:32",
        }
    ]
    assert rows(read(document)) == [("Ana", "Hi.", 332.0, None)]
    assert rows(read({"title": "Sync", "transcript": document})) == [("Ana", "Hi.", 332.0, None)]


def test_meet_entries_count_from_the_first_one() -> None:
    t = read(
        {
            "transcriptEntries": [
                {
                    "participant": "Ana",
                    "text": "Hi.",
                    "startTime": "2026-10-14T13:00:04Z",
                    "endTime": "2026-10-14T13:00:06Z",
                },
                {"participant": "Bo", "text": "Ho.", "startTime": "2026-10-14T13:00:07.5Z"},
            ]
        }
    )
    assert rows(t) == [("Ana", "Hi.", 0.0, 2.0), ("Bo", "Ho.", 3.5, None)]


def test_title_date_and_people() -> None:
    sentences = [{"speaker_name": "Ana", "text": "Hi.", "start_time": 0}]
    t = read(
        {
            "data": {
                "transcript": {
                    "title": "Sync",
                    "date": 1791990000000,
                    "participants": ["a@x.com"],
                    "sentences": sentences,
                }
            }
        }
    )
    assert t.title == "Sync"
    assert t.occurred_at == datetime.fromtimestamp(1791990000, UTC)
    assert t.participants == ("a@x.com",)


def test_entries_without_text_are_counted_as_lost() -> None:
    t = read({"segments": [{"start": 0, "text": "Hi."}, {"start": 1}, 7, {"start": 2, "text": " "}]})
    assert (t.kept, t.found) == (1, 3)


def test_text_without_segments_is_read_as_plain_text() -> None:
    t = read({"text": "Ana: Hello.\nBo: Hi.\nAna: Bye."})
    assert [(u.speaker, u.text) for u in t.utterances] == [("Ana", "Hello."), ("Bo", "Hi."), ("Ana", "Bye.")]


def test_json_lines() -> None:
    t = parse(b'{"speaker": "Ana", "text": "Hi."}\n{"speaker": "Bo", "text": "Ho."}\n', "x.jsonl")
    assert [(u.speaker, u.text) for u in t.utterances] == [("Ana", "Hi."), ("Bo", "Ho.")]


def test_odd_times_are_dropped_and_odd_characters_cleaned() -> None:
    data = b'{"segments": [{"start": NaN, "end": 1e999, "text": "A\\u0000B\\ud800C"}, '
    data += b'{"start": -0.02, "end": 1, "text": "D"}]}'
    assert rows(parse(data, "x.json")) == [(None, "ABC", None, None), (None, "D", 0.0, 1.0)]


def test_broken_json_names_line_and_column() -> None:
    with pytest.raises(Invalid, match="line 2, column 13") as caught:
        sniff(b'{"segments":\n  [{"text": }]}', "x.json")
    assert caught.value.errors[0].path == "file"


@pytest.mark.parametrize(
    "document", [{}, [], {"a": 1}, {"segments": []}, {"segments": [{"start": 1}]}, [1, 2], {"text": ""}, "x", 5, None]
)
def test_json_without_a_transcript_says_so(document: Any) -> None:
    with pytest.raises(Invalid, match="transcript"):
        parse(json.dumps(document).encode(), "x.json")


def test_json_nested_without_end_is_refused() -> None:
    for data in (b"[" * 200_000, b'{"a":' * 200_000, b"[" * 100_000 + b"]" * 100_000):
        with pytest.raises(Invalid):
            sniff(data, "x.json")


def test_a_number_without_end_is_refused() -> None:
    with pytest.raises(Invalid, match="number"):
        sniff(b'{"segments": [{"start": ' + b"9" * 5000 + b', "text": "Hi"}]}', "x.json")


def test_milliseconds_that_are_named_so() -> None:
    t = read(
        {
            "utterances": [
                {"participant": "Ana", "start_ms": 1500, "end_ms": 3000, "text": "Hello there."},
                {"participant": "Bo", "startMs": 3000, "endMs": 4250, "text": "Hi."},
            ]
        }
    )
    assert rows(t) == EXPECTED


@pytest.mark.parametrize("beside", [True, False], ids=["segments", "no speakers"])
def test_amazon_times_every_word_and_says_beside_them_who_spoke(beside: bool) -> None:
    def word(text: str, start: str, end: str) -> dict[str, Any]:
        return {"start_time": start, "end_time": end, "alternatives": [{"content": text}], "type": "pronunciation"}

    segments = [
        {"start_time": "1.5", "end_time": "3.0", "speaker_label": "spk_0", "items": []},
        {"start_time": "3.0", "end_time": "4.25", "speaker_label": "spk_1", "items": []},
    ]
    t = read(
        {
            "jobName": "call",
            "results": {
                "transcripts": [{"transcript": "Hello there. Hi."}],
                **({"speaker_labels": {"speakers": 2, "segments": segments}} if beside else {}),
                "items": [
                    word("Hello", "1.5", "2.0"),
                    word("there", "2.0", "3.0"),
                    {"alternatives": [{"content": "."}], "type": "punctuation"},
                    word("Hi", "3.0", "4.25"),
                    {"alternatives": [{"content": "."}], "type": "punctuation"},
                ],
            },
        }
    )
    names = ("spk_0", "spk_1") if beside else (None, None)
    assert rows(t) == [(names[0], "Hello there.", 1.5, 3.0), (names[1], "Hi.", 3.0, 4.25)]
