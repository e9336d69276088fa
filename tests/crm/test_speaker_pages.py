"""Naming speakers through the meeting's page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from shared.models import Event, Meeting, MeetingStatus, Utterance
from shared.tenancy import TenantSession
from tests import factories
from tests.conftest import Cast

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def alice(browse: Callable[[int], Any], cast: Cast) -> Any:
    return browse(cast.alice)


@pytest.fixture
def meeting(session: TenantSession) -> Meeting:
    company = factories.make_company(session, name="Acme")
    lines = [("Speaker 1", "Hello."), ("Jane Roe", "Hi there."), (HOSTILE, "Hm."), ("Speaker 1", "Bye.")]
    return factories.make_meeting(session, lines=lines, company_id=company.id, status=MeetingStatus.READY)


def labels(session: TenantSession, meeting: Meeting) -> list[str | None]:
    query = select(Utterance.speaker).where(Utterance.meeting_id == meeting.id).order_by(Utterance.position)
    found = list(session.scalars(query))
    session.rollback()  # on SQLite whoever reads with a writing session keeps others from writing
    return found


def naming(session: TenantSession) -> int:
    """The id of the event of the one naming there was."""
    id = session.scalars(select(Event.id).where(Event.kind == "meeting.speaker_named")).one()
    session.rollback()
    return id


def test_the_page_says_who_spoke_how_much_and_asks_for_names(alice: Any, meeting: Meeting) -> None:
    page = alice.get(f"/meetings/{meeting.id}").text
    strip = page[page.index('id="speakers"') : page.index('id="u-0"')]
    assert "Name …" in strip
    assert "40 %" in strip
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)" in strip


def test_a_name_is_saved_and_taken_back(alice: Any, session: TenantSession, meeting: Meeting) -> None:
    answer = alice.post(f"/meetings/{meeting.id}/speakers", {"label": "Speaker 1", "person_text": "Dana"})
    assert answer.status_code == 303
    assert labels(session, meeting) == ["Dana", "Jane Roe", HOSTILE, "Dana"]
    page = alice.get(f"/meetings/{meeting.id}").text
    assert f"/meetings/speakers/{naming(session)}/undo" in page
    alice.post(f"/meetings/speakers/{naming(session)}/undo")
    assert labels(session, meeting) == ["Speaker 1", "Jane Roe", HOSTILE, "Speaker 1"]


def test_a_contact_that_is_chosen_becomes_a_link(alice: Any, session: TenantSession, meeting: Meeting) -> None:
    contact = factories.make_contact(session, first_name="Dana", last_name="Whitcombe", company_id=meeting.company_id)
    choices = alice.get(f"/meetings/{meeting.id}/speakers/people?q=dan").text
    assert f'data-id="contact:{contact.id}"' in choices
    form = {"label": "Speaker 1", "person": f"contact:{contact.id}", "person_text": "Dana Whitcombe"}
    alice.post(f"/meetings/{meeting.id}/speakers", form)
    page = alice.get(f"/meetings/{meeting.id}").text
    assert re.search(rf'href="/contacts/{contact.id}"[^>]*>Dana Whitcombe</a>', page)


def test_a_name_that_speaks_already_is_asked_about_first(alice: Any, session: TenantSession, meeting: Meeting) -> None:
    url, form = f"/meetings/{meeting.id}/speakers", {"label": "Speaker 1", "person_text": "Jane Roe"}
    asked = alice.post(url, form, headers={"HX-Request": "true"})
    assert "The two become one speaker" in asked.text
    assert labels(session, meeting)[0] == "Speaker 1"
    alice.post(url, {**form, "merge": "Somebody Else"}, headers={"HX-Request": "true"})
    assert labels(session, meeting)[0] == "Speaker 1"
    session.rollback()
    alice.post(url, {**form, "merge": "Jane Roe"})
    assert labels(session, meeting)[0] == "Jane Roe"


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_a_name_that_is_none_keeps_the_dialog_open(
    alice: Any, session: TenantSession, meeting: Meeting, name: str
) -> None:
    form = {"label": "Speaker 1", "person_text": name}
    answer = alice.post(f"/meetings/{meeting.id}/speakers", form, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert labels(session, meeting)[0] == "Speaker 1"


def test_the_dialog_shows_what_the_speaker_says_and_offers_namesakes(
    alice: Any, session: TenantSession, meeting: Meeting
) -> None:
    two = [
        factories.make_contact(session, first_name="Jane", last_name="Roe", company_id=meeting.company_id)
        for _ in range(2)
    ]
    dialog = alice.get(f"/meetings/{meeting.id}/speakers/edit?label=Jane+Roe").text
    assert "Hi there." in dialog
    assert all(f'value="contact:{contact.id}"' in dialog for contact in two)
    assert "Who is this?" in alice.get(f"/meetings/{meeting.id}").text


def test_another_tenant_sees_and_names_nobody(
    browse: Callable[[int], Any], cast: Cast, alice: Any, session: TenantSession, meeting: Meeting
) -> None:
    alice.post(f"/meetings/{meeting.id}/speakers", {"label": "Speaker 1", "person_text": "Dana"})
    mallory = browse(cast.mallory)
    assert mallory.get(f"/meetings/{meeting.id}/speakers/edit?label=Dana").status_code == 404
    assert mallory.get(f"/meetings/{meeting.id}/speakers/people").status_code == 404
    assert mallory.post(f"/meetings/{meeting.id}/speakers", {"label": "Dana", "person_text": "M"}).status_code == 404
    assert mallory.post(f"/meetings/speakers/{naming(session)}/undo").status_code == 404
    assert labels(session, meeting)[0] == "Dana"


def test_a_viewer_names_nobody(browse: Callable[[int], Any], cast: Cast, meeting: Meeting) -> None:
    vera = browse(cast.vera)
    assert "Name …" not in vera.get(f"/meetings/{meeting.id}").text
    assert vera.post(f"/meetings/{meeting.id}/speakers", {"label": "Speaker 1", "person_text": "D"}).status_code == 403


def test_another_event_is_no_naming(alice: Any, session: TenantSession, meeting: Meeting) -> None:
    event = factories.make_event(session, record_type="meeting", record_id=meeting.id)
    assert alice.post(f"/meetings/speakers/{event.id}/undo").status_code == 404
