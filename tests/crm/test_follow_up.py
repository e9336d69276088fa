"""The letter after a meeting: what was agreed goes out, what is ours alone does not, and nothing is sent."""

from __future__ import annotations

import email
import html
import re
from collections.abc import Callable
from email.policy import default
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from shared import review
from shared.events import Actor
from shared.models import Attendee, Link, Meeting, MeetingStatus, Note, User
from shared.schemas.insight import Evidence, Item, Kind
from shared.tenancy import TenantSession
from tests import factories
from tests.conftest import Cast

from .conftest import Browser

AGREED = (
    (Kind.DECISION, {"description": "We start in May"}),
    (Kind.ACTION_ITEM, {"description": "Send the offer", "owner": "Alice", "due_date": "2026-11-20"}),
    (Kind.ACTION_ITEM, {"description": "Name a project lead", "owner": "Jane Roe"}),
    (Kind.ACTION_ITEM, {"description": "Book a room"}),
    (Kind.NEXT_MEETING, {"when": "2026-11-23T10:00", "purpose": "Look at the offer"}),
)
OURS_ALONE = (
    (Kind.PAIN_POINT, {"description": "Trucks wait fifty minutes at the gate"}),
    (Kind.OBJECTION, {"description": "Too expensive for them"}),
    (Kind.COMPETITOR, {"name": "Rivalsoft"}),
    (Kind.SENTIMENT, {"label": "negative", "about": "Jane is annoyed"}),
    (Kind.REQUIREMENT, {"description": "Must run on premises"}),
    (Kind.DECISION, {"description": "Undercut Rivalsoft by ten percent"}),
    (Kind.ACTION_ITEM, {"description": "Find out why trucks wait fifty minutes at the gate", "owner": "Bob"}),
)


def item(kind: Kind, data: dict[str, Any], n: int) -> Item:
    evidence = Evidence(quote="a private remark", speaker="Bob Baker", start_s=float(n), utterance=0, start=0, end=16)
    return Item(kind=kind, data=data, evidence=[evidence], confidence=0.9)


def make_meeting(
    session: TenantSession, alice: User, *, lines: list[tuple[str, str]] | None = None, **over: Any
) -> Meeting:
    """Alice met Jane and Tom of Quill; everything of AGREED and OURS_ALONE was accepted, one decision refused."""
    company = factories.make_company(session, name="Quill Ltd")
    people = [
        factories.make_contact(session, first_name=first, last_name=last, email=mail, company_id=company.id)
        for first, last, mail in (("Jane", "Roe", "jane@quill.example"), ("Tom", "Poe, Jr.", "tom@quill.example"))
    ]
    meeting = factories.make_meeting(
        session,
        lines=lines or [("Bob Baker", "a private remark")],
        status=MeetingStatus.READY,
        **{"title": "Squeeze Quill", "company_id": company.id, "owner_id": alice.id, "language": "en", **over},
    )
    meeting.attendees = [Attendee(workspace_id=meeting.workspace_id, contact_id=person.id) for person in people]
    meeting.attendees.append(Attendee(workspace_id=meeting.workspace_id, user_id=alice.id))
    items = [item(kind, data, n) for n, (kind, data) in enumerate((*AGREED, *OURS_ALONE))]
    insights = review.propose(
        session, meeting, [*items, item(Kind.DECISION, {"description": "A refused decision"}, 99)]
    )
    by = Actor("user", alice.id)
    for insight in insights:
        if "refused" in insight.data.get("description", ""):
            review.reject(session, insight, by=by, reason="a private reason")
        else:
            review.accept(session, insight, by=by)
    pending = item(Kind.DECISION, {"description": "The pilot runs in Ghent"}, 100)
    review.propose(session, meeting, [*items, pending])
    session.commit()
    return meeting


def field(page: str, name: str) -> str:
    found = re.search(rf'id="{name}" name="{name}"[^>]*?value="([^"]*)"', page) or re.search(
        rf'<textarea[^>]*name="{name}"[^>]*>(.*?)</textarea>', page, re.DOTALL
    )
    assert found, name
    return html.unescape(found[1])


def body_of(browser: Browser, meeting: Meeting) -> str:
    return field(browser.get(f"/meetings/{meeting.id}/follow-up").text, "body").strip()


def test_the_letter_thanks_and_says_who_does_what_by_when(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession, alice: User
) -> None:
    meeting = make_meeting(session, alice)
    page = browse(cast.alice).get(f"/meetings/{meeting.id}/follow-up").text
    assert field(page, "to") == "Jane Roe <jane@quill.example>, Tom Poe Jr. <tom@quill.example>"
    assert field(page, "subject") == "Our meeting on November 16, 2026"
    assert field(page, "body").strip() == (
        "Hi Jane and Tom,\n\n"
        "Thank you for your time on November 16, 2026. Here is what we agreed, so that we all have it in one place.\n\n"
        "What we agreed:\n- We start in May\n\n"
        "On our side:\n- Send the offer (Alice, by November 20, 2026)\n\n"
        "On your side:\n- Name a project lead (Jane Roe)\n\n"
        "Other next steps:\n- Book a room\n\n"
        "Our next meeting: Monday, November 23, 2026, 10:00\u202fAM (Look at the offer)\n\n"
        "If I missed or misunderstood anything, please let me know.\n\n"
        "Best regards,\nAlice Archer\nAcme"
    )


def test_a_letter_without_points_announces_none(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession
) -> None:
    meeting = factories.make_meeting(session, status=MeetingStatus.READY)
    session.commit()
    letter = body_of(browse(cast.alice), meeting)
    assert "Thank you for your time on" in letter
    assert "what we agreed" not in letter


def test_nothing_that_is_ours_alone_is_in_it(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession, alice: User
) -> None:
    meeting = make_meeting(session, alice)
    browser = browse(cast.alice)
    page = browser.get(f"/meetings/{meeting.id}/follow-up").text
    letter = field(page, "body") + field(page, "subject")
    for word in ("Trucks", "trucks", "expensive", "Rivalsoft", "annoyed", "premises", "private", "refused", "Squeeze"):
        assert word not in letter, word
    assert "Ghent" not in letter
    assert "2 accepted points are left out" in page
    assert "1 decision or task is not reviewed yet" in page


@pytest.mark.parametrize(
    ("said", "greeting", "yours", "closing"),
    [
        (
            "Ich schicke Ihnen das. Können Sie das prüfen?",
            "Guten Tag Jane Roe und Tom Poe, Jr.,",
            "Bei Ihnen:",
            "sagen Sie",
        ),
        ("Ich schicke dir das. Kannst du das prüfen?", "Hallo Jane und Tom,", "Bei euch:", "sagt mir"),
        (
            "Kannst du das? Du, dann schicken wir Ihnen das, wenn Sie wollen.",
            "Guten Tag Jane",
            "Bei Ihnen:",
            "sagen Sie",
        ),
        ("Nichts davon.", "Guten Tag Jane", "Bei Ihnen:", "sagen Sie"),
    ],
)
def test_german_letters_say_sie_unless_the_meeting_said_du(
    browse: Callable[[int], Browser],
    cast: Cast,
    session: TenantSession,
    alice: User,
    said: str,
    greeting: str,
    yours: str,
    closing: str,
) -> None:
    meeting = make_meeting(session, alice, language="de", lines=[("Jane Roe", said)])
    body = body_of(browse(cast.alice), meeting)
    assert body.startswith(greeting)
    assert yours in body
    assert f"{closing} " in body
    assert "bis 20. November 2026" in body


def test_a_letter_to_nobody_in_particular_is_still_a_letter(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession
) -> None:
    meeting = factories.make_meeting(session)
    body = body_of(browse(cast.alice), meeting)
    assert body.startswith("Hello,\n\n")
    assert body.endswith("Alice Archer\nAcme")


def test_who_only_speaks_was_there_too(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession, alice: User
) -> None:
    meeting = make_meeting(session, alice, lines=[("Uma Ulm", "Hello"), ("Bob Baker", "Hi"), ("Speaker 3", "Hm")])
    factories.make_contact(session, first_name="Uma", last_name="Ulm", title="CTO", company_id=meeting.company_id)
    factories.make_contact(session, first_name="Uma", last_name="Ulm", title="Namesake elsewhere")
    browser = browse(cast.alice)
    assert body_of(browser, meeting).startswith("Hi Jane, Tom and Uma,\n")
    minutes = browser.get(f"/meetings/{meeting.id}/minutes.md").text
    for line in ("  - Uma Ulm (CTO, Quill Ltd)", "  - Bob Baker (Acme)", "  - Speaker 3"):
        assert f"{line}\n" in minutes
    assert "elsewhere" not in minutes


def test_colleagues_are_not_written_to(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession, alice: User
) -> None:
    meeting = make_meeting(session, alice)
    colleague = factories.make_contact(session, first_name="Carl", last_name="Cole", email="carl@acme.example")
    meeting.attendees.append(Attendee(workspace_id=meeting.workspace_id, contact_id=colleague.id))
    session.commit()
    page = browse(cast.alice).get(f"/meetings/{meeting.id}/follow-up").text
    assert "Carl" not in field(page, "body")
    assert "carl@" not in field(page, "to")


def test_it_opens_in_the_mail_program(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession, alice: User
) -> None:
    meeting = make_meeting(session, alice)
    page = browse(cast.alice).get(f"/meetings/{meeting.id}/follow-up").text
    found = re.search(r'href="(mailto:[^"]+)"', page)
    assert found
    address = urlsplit(html.unescape(found[1]))
    assert address.path == "jane@quill.example,tom@quill.example"
    asked = parse_qs(address.query)
    assert asked["subject"] == ["Our meeting on November 16, 2026"]
    assert asked["body"][0].replace("\r\n", "\n").strip() == field(page, "body").strip()


def test_it_downloads_as_a_draft_with_what_was_changed(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession, alice: User
) -> None:
    meeting = make_meeting(session, alice)
    form = {"to": "Jörg Ü <jo@quill.example>", "subject": "Größe\r\nBcc: evil@x.example", "body": "Grüße\r\n.\r\nשלום"}
    answer = browse(cast.alice).post(f"/meetings/{meeting.id}/follow-up.eml", form)
    assert answer.mimetype == "message/rfc822"
    assert ".eml" in answer.headers["Content-Disposition"]
    message = email.message_from_bytes(answer.data, policy=default)
    assert (message["To"], message["From"]) == ("Jörg Ü <jo@quill.example>", "Alice Archer <alice@acme.example>")
    assert message["Subject"] == "Größe Bcc: evil@x.example"
    assert message["Bcc"] is None
    assert message["X-Unsent"] == "1"
    text = message.get_content()  # type: ignore[attr-defined]
    assert text.split() == ["Grüße", ".", "שלום"]


@pytest.mark.parametrize("to", ["jane", "Jane <jane@>", "a@b c@d", "ü@quill.example", "Jane Roe; Tom"])
def test_what_is_no_address_is_said_and_nothing_of_the_text_is_lost(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession, to: str
) -> None:
    meeting = factories.make_meeting(session)
    answer = browse(cast.alice).post(
        f"/meetings/{meeting.id}/follow-up.eml", {"to": to, "subject": "s", "body": "my text"}
    )
    assert answer.status_code == 422
    assert "is no e-mail address" in answer.text
    assert field(answer.text, "body").strip() == "my text"


def test_it_is_kept_as_a_note_on_meeting_and_company(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession, alice: User
) -> None:
    meeting = make_meeting(session, alice)
    form = {"to": "jane@quill.example", "subject": "Our talk", "body": "Dear Jane"}
    answer = browse(cast.alice).post(f"/meetings/{meeting.id}/follow-up/note", form)
    note = session.scalars(select(Note)).one()
    links = {
        (link.target_type, link.target_id) for link in session.scalars(select(Link).where(Link.owner_type == "note"))
    }
    assert answer.headers["Location"].endswith(f"/notes/{note.id}")
    assert note.body == "E-mail draft: Our talk\n\nTo: jane@quill.example\n\nDear Jane"
    assert note.author_id == alice.id
    assert links == {("meeting", meeting.id), ("company", meeting.company_id)}


def test_an_empty_text_is_no_letter(browse: Callable[[int], Browser], cast: Cast, session: TenantSession) -> None:
    meeting = factories.make_meeting(session)
    for path in ("follow-up.eml", "follow-up/note"):
        assert browse(cast.alice).post(f"/meetings/{meeting.id}/{path}", {"to": "", "body": "  "}).status_code == 422
    assert session.scalars(select(Note)).all() == []


def test_a_viewer_may_read_and_take_the_letter_but_keeps_no_note(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession
) -> None:
    meeting = factories.make_meeting(session)
    vera = browse(cast.vera)
    assert "Keep as a note" not in vera.get(f"/meetings/{meeting.id}/follow-up").text
    assert vera.post(f"/meetings/{meeting.id}/follow-up.eml", {"body": "x"}).status_code == 200
    assert vera.post(f"/meetings/{meeting.id}/follow-up/note", {"body": "x"}).status_code == 403
