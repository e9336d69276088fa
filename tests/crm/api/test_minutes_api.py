"""Minutes over the API: as data, and as the files that people get."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from docx import Document
from pypdf import PdfReader

from shared import review
from shared.models import Meeting, MeetingStatus
from shared.schemas.insight import Evidence, Item, Kind
from shared.tenancy import TenantSession
from tests import factories
from tests.conftest import Cast

from .conftest import Script


@pytest.fixture
def meeting(session: TenantSession) -> Meeting:
    meeting = factories.make_meeting(session, title="Kick-off", status=MeetingStatus.READY, lines=[("Jane Roe", "so")])
    evidence = Evidence(quote="so", speaker="Jane Roe", start_s=754.0, utterance=0, start=0, end=2)
    data = {"description": "Send the offer", "owner": "Jane Roe", "due_date": "2026-11-20"}
    review.propose(session, meeting, [Item(kind=Kind.ACTION_ITEM, data=data, evidence=[evidence], confidence=0.9)])
    session.commit()
    return meeting


def test_minutes_are_data_by_default(script: Callable[[int], Script], cast: Cast, meeting: Meeting) -> None:
    answer = script(cast.alice).get(f"/meetings/{meeting.id}/minutes")
    assert answer.status_code == 200
    assert answer.json["title"] == "Kick-off"
    assert answer.json["sections"] == [
        {
            "kind": "action_item",
            "heading": "Action items",
            "points": [
                {
                    "text": "Send the offer",
                    "who": "Jane Roe",
                    "due_date": "2026-11-20",
                    "said": [{"speaker": "Jane Roe", "time": "12:34", "utterance": 0}],
                    "reviewed": False,
                }
            ],
        }
    ]
    assert script(cast.alice).get(f"/meetings/{meeting.id}/minutes", open=0).json["sections"] == []


def test_minutes_are_files_on_request(script: Callable[[int], Script], cast: Cast, meeting: Meeting) -> None:
    alice, path = script(cast.alice), f"/meetings/{meeting.id}/minutes"
    assert "Send the offer *(not yet reviewed)*" in alice.get(path, format="md").text
    word = Document(io.BytesIO(alice.get(path, format="docx").data))
    assert "Send the offer (not yet reviewed)" in [cell.text for cell in word.tables[0].rows[1].cells]
    pdf = PdfReader(io.BytesIO(alice.get(path, format="pdf").data))
    assert "Send the offer" in pdf.pages[0].extract_text()


def test_other_formats_and_other_tenants_get_nothing(
    script: Callable[[int], Script], cast: Cast, meeting: Meeting
) -> None:
    path = f"/meetings/{meeting.id}/minutes"
    assert script(cast.alice).get(path, format="exe").status_code == 422
    assert script(cast.alice).get(path, open=7).status_code == 422
    for form in ("json", "md", "docx", "pdf"):
        assert script(cast.mallory).get(path, format=form).status_code == 404
