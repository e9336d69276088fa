"""The development meetings: nothing is lost, and every sentence the gold files quote can be found again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.transcripts import Transcript, parse, sniff

MEETINGS = Path(__file__).parents[2] / "data" / "meetings"
NAMES = sorted(path.name.removesuffix(".gold.json") for path in MEETINGS.glob("*.gold.json"))
FORMATS = {".txt": "text", ".vtt": "vtt", ".srt": "srt", ".md": "markdown", ".docx": "docx", ".json": "json"}


def transcript_path(name: str) -> Path:
    return next(path for path in MEETINGS.glob(f"{name}.*") if not path.name.endswith(".gold.json"))


def read(name: str) -> Transcript:
    path = transcript_path(name)
    return parse(path.read_bytes(), path.name)


def joined_turns(transcript: Transcript) -> list[tuple[str | None, str]]:
    turns: list[tuple[str | None, str]] = []
    for utterance in transcript.utterances:
        if turns and turns[-1][0] == utterance.speaker:
            turns[-1] = (utterance.speaker, f"{turns[-1][1]} {utterance.text}")
        else:
            turns.append((utterance.speaker, utterance.text))
    return turns


def test_all_ten_are_here() -> None:
    assert len(NAMES) == 10


@pytest.mark.parametrize("name", NAMES)
def test_every_gold_quote_is_found_with_its_speaker(name: str) -> None:
    gold = json.loads((MEETINGS / f"{name}.gold.json").read_text())
    turns = joined_turns(read(name))
    for item in gold["items"]:
        for evidence in item.get("evidence", []):
            quote = " ".join(evidence["quote"].split())
            assert evidence["speaker"] in [speaker for speaker, text in turns if quote in text], quote
    for item in gold["not_items"]:
        assert any(" ".join(item["quote"].split()) in text for _, text in turns), item["quote"]


@pytest.mark.parametrize("name", NAMES)
def test_sniff_and_parse_agree_and_everything_is_kept(name: str) -> None:
    path = transcript_path(name)
    transcript = read(name)
    assert sniff(path.read_bytes(), path.name).format == transcript.format == FORMATS[path.suffix]
    assert transcript.kept == transcript.found > 0
    assert [u.index for u in transcript.utterances] == list(range(len(transcript.utterances)))


@pytest.mark.parametrize("name", NAMES)
def test_the_content_decides_when_the_name_is_wrong(name: str) -> None:
    path = transcript_path(name)
    data = path.read_bytes()
    assert [u.text for u in parse(data, None).utterances] == [u.text for u in parse(data, path.name).utterances]
    assert len(parse(data, "meeting.txt").utterances) == len(parse(data, path.name).utterances)


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("02_demo_marrowby", 706.366),
        ("04_renewal_at_risk_ossfield", 613.477),
        ("06_pipeline_review_threlwick", 652.0),
        ("08_support_escalation_hexley", 581.16),
        ("09_workshop_long_mossgrave", 5433.0),
        ("01_discovery_quillhaven", None),
    ],
)
def test_duration_comes_from_the_times_in_the_file(name: str, seconds: float | None) -> None:
    assert read(name).duration_s == seconds


def test_notes_state_their_title_day_and_people() -> None:
    notes = read("05_onboarding_kickoff_fernhallow")
    assert notes.title == "Kickoff Fernhallow Insurance Brokers x Tessalune"
    assert notes.occurred_at is not None
    assert notes.occurred_at.isoformat() == "2026-11-09T14:00:00"
    assert notes.participants == ("Keira Bascombe", "Matteo Siewert", "Aoife Trant", "Bea Quintero", "Hollis Navarro")
    assert {u.speaker for u in notes.utterances} == {None}


def test_the_meet_document_states_its_title_day_and_people() -> None:
    meeting = read("07_partner_call_varnholt")
    assert meeting.title == "Pindolar x Varnholt partner sync"
    assert meeting.occurred_at is not None
    assert meeting.occurred_at.date().isoformat() == "2026-10-14"
    assert meeting.participants == ("Emeka Sorensen", "Lotte Verheyden", "Nadia Frost", "Owen Straker")
    assert meeting.utterances[0].start_s == 4.0
    assert not any("computer generated" in u.text for u in meeting.utterances)
