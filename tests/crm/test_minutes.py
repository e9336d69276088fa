"""Minutes: what was said and agreed, in the meeting's language, as page, Markdown, Word and PDF."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from docx import Document
from markdown_it import MarkdownIt
from pypdf import PdfReader
from sqlalchemy import update

from shared import review
from shared.events import Actor
from shared.models import Attendee, Insight, Meeting, MeetingStatus, User, Workspace
from shared.schemas.insight import Evidence, Item, Kind
from shared.tenancy import TenantSession
from tests import factories
from tests.conftest import Cast

from .conftest import Browser

HOSTILE = "=cmd|'/c calc'!A0 <script>alert(1)</script> [x](javascript:1) **bold** | `c` {nb} \u202eevil"
PLAIN = "=cmd|'/c calc'!A0 <script>alert(1)</script> [x](javascript:1) **bold** | `c` {nb} evil"
HEBREW = "נשלח את ההצעה עד יום שישי 12:30"
RUSSIAN = "Прислать договор до пятницы"
FORMATS = ("md", "docx", "pdf")


def said(kind: Kind, *, speaker: str = "Jane Roe", at: float = 754.0, confidence: float = 0.9, **data: Any) -> Item:
    evidence = Evidence(quote="so", speaker=speaker, start_s=at, utterance=0, start=0, end=2)
    return Item(kind=kind, data=data, evidence=[evidence], confidence=confidence)


@pytest.fixture
def meeting(session: TenantSession, alice: User) -> Meeting:
    """Alice met Jane Roe of Quill Ltd; a decision and a promise were accepted, an objection waits, one was refused."""
    return make_meeting(session, alice)


def make_meeting(session: TenantSession, alice: User, **over: Any) -> Meeting:
    session.execute(update(Workspace).where(Workspace.id == alice.workspace_id).values(timezone="Europe/Berlin"))
    company = factories.make_company(session, name="Quill Ltd")
    jane = factories.make_contact(session, first_name="Jane", last_name="Roe", title="CFO", company_id=company.id)
    deal = factories.make_deal(session, name="Quill rollout", company_id=company.id)
    meeting = factories.make_meeting(
        session,
        lines=[("Jane Roe", "so"), ("Alice Archer", "yes")],
        status=MeetingStatus.READY,
        **{
            "title": "Kick-off / Quill",
            "company_id": company.id,
            "deal_id": deal.id,
            "owner_id": alice.id,
            "language": "en",
            "summary": "They want to begin in May.",
            **over,
        },
    )
    meeting.attendees = [
        Attendee(workspace_id=meeting.workspace_id, contact_id=jane.id, speaker="Jane"),
        Attendee(workspace_id=meeting.workspace_id, user_id=alice.id, speaker="Alice Archer"),
        Attendee(workspace_id=meeting.workspace_id, speaker="Somebody Else"),
    ]
    by = Actor("user", alice.id)
    proposed = review.propose(
        session,
        meeting,
        [
            said(Kind.DECISION, description="We start in May"),
            said(Kind.ACTION_ITEM, description="Send the offer", owner="Alice Archer", due_date="2026-11-20"),
            said(Kind.NEXT_MEETING, when="2026-11-23T10:00", purpose="Look at the offer"),
            said(Kind.OBJECTION, description="It is too expensive", confidence=0.4),
            said(Kind.REQUIREMENT, description="Refused requirement"),
        ],
    )
    for insight in proposed:
        if insight.kind == Kind.REQUIREMENT:
            review.reject(session, insight, by=by)
        elif insight.kind != Kind.OBJECTION:
            review.accept(session, insight, by=by)
    session.commit()
    return meeting


def download(browser: Browser, meeting: Meeting, ending: str, **query: Any) -> Any:
    return browser.get(f"/meetings/{meeting.id}/minutes.{ending}", query_string=query)


def text_of(answer: Any, ending: str) -> str:
    """What the file says, opened again by another library than wrote it where there is one; white space as blanks."""
    if ending == "pdf":
        raw = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)
    elif ending == "docx":
        raw = docx_text(answer.data)
    else:
        raw = re.sub(r"<[^>]+>", " ", rendered(answer.text))
        raw = raw.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    return " ".join(raw.split())


def docx_text(data: bytes) -> str:
    """Paragraphs and cells, in no table's order."""
    document = Document(io.BytesIO(data))
    parts = [paragraph.text for paragraph in document.paragraphs]
    parts += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(parts)


def rendered(markdown: str) -> str:
    return MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)


@pytest.mark.parametrize("ending", FORMATS)
def test_each_format_says_who_decided_what_when_and_who_does_what(
    browse: Callable[[int], Browser], cast: Cast, meeting: Meeting, ending: str
) -> None:
    answer = download(browse(cast.alice), meeting, ending)
    assert answer.status_code == 200
    text = text_of(answer, ending)
    for part in (
        "Minutes: Kick-off / Quill",
        "Monday, November 16, 2026, 10:00",  # 9:00 in UTC, where Alice is an hour later
        "CET",
        "Quill rollout",
        "Jane Roe (CFO, Quill Ltd)",
        "Alice Archer (Acme)",
        "Somebody Else",
        "They want to begin in May.",
        "We start in May",
        "Send the offer",
        "Nov 20, 2026",
        "Monday, November 23, 2026, 10:00",
        "Look at the offer",
        "It is too expensive (not yet reviewed)",
        "Jane Roe [12:34]",
    ):
        assert part in text.replace("\u202f", " "), part
    assert "Refused requirement" not in text
    assert "We start in May (not yet reviewed)" not in text


@pytest.mark.parametrize("ending", FORMATS)
def test_what_nobody_reviewed_can_be_left_out(
    browse: Callable[[int], Browser], cast: Cast, meeting: Meeting, ending: str
) -> None:
    text = text_of(download(browse(cast.alice), meeting, ending, open=0), ending)
    assert "We start in May" in text
    assert "expensive" not in text
    assert "not yet reviewed" not in text


def test_somebody_known_by_a_shortened_label_is_named_once(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession, meeting: Meeting
) -> None:
    review.propose(session, meeting, [said(Kind.CONTACT, name="Sarah Kimble", attended=True)])
    meeting.attendees += [
        Attendee(workspace_id=meeting.workspace_id, speaker="Sarah K."),
        Attendee(workspace_id=meeting.workspace_id, speaker="Sarah M"),
    ]
    session.commit()
    text = text_of(download(browse(cast.alice), meeting, "md"), "md")
    assert "Sarah Kimble" in text
    assert "Sarah M" in text
    assert "Sarah K." not in text


def test_the_page_shows_the_same_and_links_to_the_words(
    browse: Callable[[int], Browser], cast: Cast, meeting: Meeting
) -> None:
    page = browse(cast.alice).get(f"/meetings/{meeting.id}/minutes").text
    assert "We start in May" in page
    assert f'href="/meetings/{meeting.id}#u-0"' in page
    assert "Refused requirement" not in page
    assert page.count("not yet reviewed") >= 1


def test_a_german_meeting_has_german_minutes_whatever_the_reader_speaks(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession, alice: User
) -> None:
    meeting = make_meeting(session, alice, language="de", title="Auftakt Müller")
    answer = download(browse(cast.alice), meeting, "pdf")
    text = text_of(answer, "pdf")
    for part in ("Protokoll: Auftakt Müller", "Beschlüsse", "Aufgaben", "Bis wann", "Montag, 16. November 2026"):
        assert part in text
    assert "noch nicht geprüft" in text
    assert "Seite 1 von 1" in text
    assert "2026-11-16-auftakt-m%C3%BCller-protokoll.pdf" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("ending", FORMATS)
def test_other_alphabets_and_directions_survive(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession, alice: User, ending: str
) -> None:
    meeting = make_meeting(session, alice, title=HEBREW, summary=RUSSIAN, language="he")
    answer = download(browse(cast.alice), meeting, ending)
    text = text_of(answer, ending)
    assert RUSSIAN in text
    assert "Minutes" in text  # English where there are no words for the language
    if ending != "pdf":  # whose text runs as it is drawn
        assert HEBREW in text
    else:
        assert {"נשלח", "ההצעה"} <= set(re.findall("[\u0590-\u05ff]+", text))


def test_a_letter_that_the_pdf_has_no_picture_of_is_a_box_and_not_missing(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession, alice: User
) -> None:
    meeting = make_meeting(session, alice, title="田中 🎉 Kick-off")
    assert "□□ □ Kick-off" in text_of(download(browse(cast.alice), meeting, "pdf"), "pdf")
    assert "田中 🎉 Kick-off" in text_of(download(browse(cast.alice), meeting, "docx"), "docx")


@pytest.mark.parametrize("ending", FORMATS)
def test_hostile_words_are_words(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession, alice: User, ending: str
) -> None:
    meeting = make_meeting(session, alice, title=f"../../{HOSTILE}\n# x\x1b", summary=f"- {HOSTILE}\n1. {HOSTILE}")
    review.propose(
        session,
        meeting,
        [said(Kind.DECISION, speaker=HOSTILE, description=HOSTILE), said(Kind.COMPETITOR, name="# 1. x")],
    )
    session.commit()
    answer = download(browse(cast.alice), meeting, ending)
    assert answer.status_code == 200
    text = text_of(answer, ending)
    assert PLAIN.replace(" ", "") in text.replace(" ", "")
    assert "\u202e" not in text
    name = answer.headers["Content-Disposition"]
    assert "/" not in name.partition("filename")[2].replace("UTF-8''", "")
    assert ".." not in name
    if ending == "md":
        html = rendered(answer.text)
        assert not re.search("<(script|a|code|img)", html)
        assert html.count("<h1>") == 1
        assert "<strong>bold" not in html


@pytest.mark.parametrize("ending", FORMATS)
def test_a_meeting_with_nothing_in_it_says_so(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession, ending: str
) -> None:
    meeting = factories.make_meeting(session, title="")
    answer = download(browse(cast.alice), meeting, ending)
    assert answer.status_code == 200
    assert "Nothing has been recorded of this meeting yet." in text_of(answer, ending)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("ending", FORMATS)
def test_five_hundred_points_fit(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession, alice: User, ending: str
) -> None:
    meeting = make_meeting(session, alice)
    session.add_all(
        Insight(
            meeting_id=meeting.id, run=1, position=100 + n, identity=str(n), kind=Kind.ACTION_ITEM,
            data={"description": f"Promise {n} " + "W" * (980 if n == 7 else 9), "owner": "W" * (200 if n == 7 else 2)},
            found={}, evidence=[], confidence=0.5,
        )
        for n in range(500)
    )  # fmt: skip
    session.commit()
    answer = download(browse(cast.alice), meeting, ending)
    text = text_of(answer, ending)
    for n in (0, 7, 250, 499):
        assert f"Promise {n} W" in text
    if ending == "pdf":
        pages = PdfReader(io.BytesIO(answer.data)).pages
        assert f"Page 1 of {len(pages)}" in text
        assert "By when" in pages[1].extract_text()  # the table's heads again


def test_another_tenant_finds_no_minutes(browse: Callable[[int], Browser], cast: Cast, meeting: Meeting) -> None:
    mallory = browse(cast.mallory)
    for path in ("minutes", "minutes.md", "minutes.docx", "minutes.pdf", "follow-up"):
        answer = mallory.get(f"/meetings/{meeting.id}/{path}")
        assert answer.status_code == 404
        assert "Quill" not in answer.text
    for path in ("follow-up.eml", "follow-up/note"):
        assert mallory.post(f"/meetings/{meeting.id}/{path}", {"body": "x"}).status_code == 404


def test_there_is_no_other_format(browse: Callable[[int], Browser], cast: Cast, meeting: Meeting) -> None:
    assert download(browse(cast.alice), meeting, "exe").status_code == 404


def test_a_viewer_may_read_them(browse: Callable[[int], Browser], cast: Cast, meeting: Meeting) -> None:
    assert download(browse(cast.vera), meeting, "md").status_code == 200
