"""Dropping a transcript, watching it, reviewing what it says: through the pages, on both databases."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from chatbot.extraction import analysis_run
from shared import review
from shared.config import MAX_UPLOAD_BYTES, Settings
from shared.database import Database
from shared.events import Actor
from shared.models import Contact, Insight, InsightStatus, Meeting, MeetingStatus
from shared.schemas.insight import Evidence, Item, Kind
from shared.tenancy import TenantSession
from tests import factories
from tests.conftest import Cast

DATA = Path(__file__).parents[1] / "data" / "meetings"
HOSTILE = "<script>alert(1)</script>{{ 7*7 }}"


@pytest.fixture
def vera_browser(browse: Callable[[int], Any], cast: Cast) -> Any:
    return browse(cast.vera)


def upload(browser: Any, data: bytes, name: str = "talk.txt", **fields: Any) -> Any:
    form = {"file": (io.BytesIO(data), name), **fields}
    answer = browser.post("/meetings", form, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()  # a large body is a temporary file of the test client
    return answer


def meeting_of(response: Any) -> int:
    found = re.search(r"/meetings/(\d+)$", response.headers["Location"])
    assert found
    return int(found[1])


@pytest.fixture
def reviewed(session: TenantSession, cast: Cast) -> Meeting:
    """A meeting that is ready for review: a person, and a pain with hostile words in it."""
    meeting = factories.make_meeting(
        session,
        lines=[("Jane Roe", "I am Jane Roe, CFO."), (HOSTILE, f"We suffer from {HOSTILE} daily.")],
        title=HOSTILE,
        status=MeetingStatus.READY,
        summary=HOSTILE,
        engine="builtin",
    )
    pain = f"We suffer from {HOSTILE} daily."
    review.propose(
        session,
        meeting,
        [
            Item(
                kind=Kind.CONTACT,
                data={"name": "Jane Roe", "title": "CFO", "attended": True},
                evidence=[Evidence(quote="Jane Roe, CFO", speaker="Jane Roe", start_s=0, utterance=0, start=5, end=18)],
                confidence=0.9,
            ),
            Item(
                kind=Kind.PAIN_POINT,
                data={"description": pain},
                evidence=[Evidence(quote=pain, speaker=HOSTILE, start_s=10, utterance=1, start=0, end=len(pain))],
                confidence=0.4,
            ),
        ],
    )
    session.commit()
    return meeting


def insight_ids(session: TenantSession, meeting: Meeting) -> list[int]:
    query = select(Insight.id).where(Insight.meeting_id == meeting.id).order_by(Insight.position)
    ids = list(session.scalars(query))
    session.commit()
    return ids


# ------------------------------------------------------------------------------------------------------------- upload


def test_the_whole_path_from_a_dropped_file_to_people_deal_and_tasks(
    alice_browser: Any, database: Database, cast: Cast, settings: Settings
) -> None:
    transcript = DATA / "01_discovery_quillhaven.txt"
    answer = upload(alice_browser, transcript.read_bytes(), transcript.name, occurred_at="2026-09-15T10:00")
    meeting_id = meeting_of(answer)
    assert "Waiting to be read" in alice_browser.get(f"/meetings/{meeting_id}").text
    analysis_run.run(settings, cast.acme, meeting_id, 1)
    page = alice_browser.get(f"/meetings/{meeting_id}").text
    assert "Marit Solbakken" in page
    assert ' data-marks="' in page
    done = alice_browser.post(f"/meetings/{meeting_id}/review", {"accept_above": "0"}, follow_redirects=True)
    assert "accepted." in done.text
    with database.scope(cast.acme, read_only=True) as session:
        names = {contact.name for contact in session.scalars(select(Contact))}
    assert {"Marit Solbakken", "Deshawn Okoro"} <= names


def test_pasted_text_is_a_meeting_too(alice_browser: Any) -> None:
    answer = alice_browser.post("/meetings", {"text": "Alice: Hello.\nJane: Hi there.", "title": "Call"})
    assert "Call" in alice_browser.get(f"/meetings/{meeting_of(answer)}").text


def test_the_same_file_twice_offers_the_existing_meeting(alice_browser: Any) -> None:
    first = meeting_of(upload(alice_browser, b"Alice: Hello there."))
    again = upload(alice_browser, b"Alice: Hello there.", "other.txt")
    assert meeting_of(again) == first
    assert "here already" in alice_browser.get(f"/meetings/{first}").text


@pytest.mark.parametrize(
    ("data", "name", "status", "says"),
    [
        (b"", "empty.txt", 422, "empty"),
        (b"a" * (MAX_UPLOAD_BYTES + 1), "big.txt", 413, "20 MB"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "picture.txt", 422, ""),
        (b'{"utterances": [', "broken.json", 422, "JSON"),
        (b"%PDF-1.4 nothing here", "broken.pdf", 422, "PDF"),
    ],
    ids=["empty", "21 MB", "binary as text", "broken JSON", "broken PDF"],
)
def test_what_cannot_be_read_is_refused_and_leaves_nothing(
    alice_browser: Any, database: Database, cast: Cast, data: bytes, name: str, status: int, says: str
) -> None:
    answer = upload(alice_browser, data, name)
    assert answer.status_code == status
    assert says.lower() in html.unescape(answer.text).lower()
    with database.scope(cast.acme, read_only=True) as session:
        assert session.scalars(select(Meeting)).all() == []


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"occurred_at": "2999-01-01T10:00"}, 422),
        ({"occurred_at": "yesterday"}, 422),
        ({"company_id": "424242"}, 422),
        ({"engine": "magic"}, 422),
    ],
)
def test_what_is_said_about_a_meeting_is_checked(alice_browser: Any, fields: dict[str, str], status: int) -> None:
    assert upload(alice_browser, b"Alice: Hello there.", **fields).status_code == status


def test_nothing_chosen_says_what_to_do(alice_browser: Any) -> None:
    answer = alice_browser.post("/meetings", {"text": " "})
    assert answer.status_code == 422
    assert "Choose a file" in answer.text


def test_a_failed_analysis_says_why_and_offers_to_try_again(alice_browser: Any, session: TenantSession) -> None:
    meeting = factories.make_meeting(session, status=MeetingStatus.FAILED, error="The file was eaten.", run=1)
    page = alice_browser.get(f"/meetings/{meeting.id}").text
    assert "The file was eaten." in page
    assert "Try again" in page
    alice_browser.post(f"/meetings/{meeting.id}/analyze")
    session.refresh(meeting)
    assert (meeting.status, meeting.run, meeting.error) == (MeetingStatus.QUEUED, 2, None)


def test_progress_is_asked_for_until_it_is_done(alice_browser: Any, session: TenantSession) -> None:
    meeting = factories.make_meeting(session, status=MeetingStatus.ANALYZING, progress=0.4)
    polled = alice_browser.get(f"/meetings/{meeting.id}/status", headers={"HX-Request": "true"})
    assert 'value="0.4"' in polled.text
    meeting.status = MeetingStatus.READY
    session.commit()
    done = alice_browser.get(f"/meetings/{meeting.id}/status", headers={"HX-Request": "true"})
    assert done.headers["HX-Redirect"].endswith(f"/meetings/{meeting.id}")


# ------------------------------------------------------------------------------------------------------------- review


def test_a_decision_answers_with_the_card_and_the_counts(
    alice_browser: Any, session: TenantSession, reviewed: Meeting
) -> None:
    contact, _ = insight_ids(session, reviewed)
    answer = alice_browser.post(f"/insights/{contact}/accept", headers={"HX-Request": "true"})
    assert "Accepted" in answer.text
    assert 'id="review-bar" hx-swap-oob="true"' in answer.text
    assert f"/insights/{contact}/undo" in answer.headers["HX-Trigger"]
    undone = alice_browser.post(f"/insights/{contact}/undo", headers={"HX-Request": "true"})
    assert 'data-open="yes"' in undone.text


def test_accepting_twice_is_a_409(alice_browser: Any, session: TenantSession, reviewed: Meeting) -> None:
    contact, _ = insight_ids(session, reviewed)
    alice_browser.post(f"/insights/{contact}/accept")
    assert alice_browser.post(f"/insights/{contact}/accept").status_code == 409


def test_an_edit_is_applied_and_a_wrong_one_stands_beside_its_field(
    alice_browser: Any, session: TenantSession, reviewed: Meeting
) -> None:
    contact, _ = insight_ids(session, reviewed)
    assert 'name="title"' in alice_browser.get(f"/insights/{contact}/edit").text
    wrong = alice_browser.post(f"/insights/{contact}/accept", {"edited": "1", "name": "", "title": "CTO"})
    assert wrong.status_code == 422
    assert "field-error" in wrong.text
    assert 'value="CTO"' in wrong.text
    assert "<h1>" in wrong.text
    alice_browser.post(
        f"/insights/{contact}/accept", {"edited": "1", "name": "Jane Roe", "title": "CTO", "attended": "on"}
    )
    session.expire_all()
    assert session.scalars(select(Contact)).one().title == "CTO"
    assert session.get_one(Insight, contact).status is InsightStatus.EDITED


def test_a_batch_can_be_undone(alice_browser: Any, session: TenantSession, reviewed: Meeting) -> None:
    alice_browser.post(f"/meetings/{reviewed.id}/review", {"accept_above": "0.8"})
    session.expire_all()
    statuses = [i.status for i in session.scalars(select(Insight).order_by(Insight.position))]
    assert statuses == [InsightStatus.ACCEPTED, InsightStatus.PENDING]
    batch_id = session.scalars(select(Insight.batch_id).where(Insight.batch_id.is_not(None))).one()
    session.commit()
    alice_browser.post(f"/batches/{batch_id}/undo")
    session.expire_all()
    assert session.scalars(select(Contact)).one().deleted_at is not None


def test_script_and_template_syntax_are_shown_as_text(
    alice_browser: Any, session: TenantSession, reviewed: Meeting
) -> None:
    for path in (f"/meetings/{reviewed.id}", "/meetings", f"/meetings/{reviewed.id}/edit"):
        page = alice_browser.get(path).text
        assert "<script>alert" not in page
        assert "{{ 7*7 }}" in html.unescape(page)


def test_a_meeting_is_edited_deleted_and_restored(
    alice_browser: Any, session: TenantSession, reviewed: Meeting
) -> None:
    path = f"/meetings/{reviewed.id}"
    alice_browser.post(path, {"title": "Renamed", "occurred_at": "2026-01-02T10:00", "version": reviewed.version})
    assert "Renamed" in alice_browser.get(path).text
    assert alice_browser.post(path, {"title": "", "version": ""}).status_code == 422
    assert alice_browser.post(path, {"title": "Stale", "version": "1"}).status_code == 409
    alice_browser.post(f"{path}/delete")
    assert alice_browser.get(path).status_code == 410
    alice_browser.post(f"{path}/restore")
    assert alice_browser.get(path).status_code == 200


def test_who_took_part_in_a_meeting_is_changed_in_place_and_taken_back(
    alice_browser: Any, session: TenantSession, reviewed: Meeting, cast: Cast
) -> None:
    jane = factories.make_contact(session, first_name="Jane", last_name="Roe")
    company = factories.make_company(session)
    session.commit()
    htmx = {"HX-Request": "true"}
    for name, sent in (
        ("contact_ids", {"contact_ids": ["", f"contact:{jane.id}"]}),
        ("user_ids", {"user_ids": ["", str(cast.alice)]}),
        ("company_id", {"company_id": str(company.id), "company_id_text": company.name}),
    ):
        answer = alice_browser.post(f"/meetings/{reviewed.id}/field/{name}", sent, headers=htmx)
        assert answer.status_code == 200 and "prop-none" not in answer.text, name
    page = alice_browser.get(f"/meetings/{reviewed.id}").text
    assert f'href="/contacts/{jane.id}"' in page and f'href="/companies/{company.id}"' in page
    undo = json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"]
    assert alice_browser.post(undo, headers=htmx).status_code == 200
    session.refresh(reviewed)
    assert (reviewed.company_id, len(reviewed.attendees)) == (None, 2)
    session.commit()
    on = {"on": f"meeting:{reviewed.id}", "links": f"meeting:{reviewed.id}"}
    story = alice_browser.post("/tasks", {**on, "title": "Send the plan", "due_date": "tomorrow"}, headers=htmx).text
    assert (
        'id="story"' in story
        and "Send the plan" in story
        and "Send the plan" in alice_browser.get(f"/meetings/{reviewed.id}").text
    )
    wrong = alice_browser.post(f"/meetings/{reviewed.id}/field/contact_ids", {"contact_ids": "deal:1"}, headers=htmx)
    assert wrong.status_code == 422


@pytest.fixture
def long_talk(session: TenantSession) -> Meeting:
    """A meeting of fifty lines by two in turns, ten seconds each, in which nothing was found."""
    lines = [("Jane" if n // 2 % 2 else "Bob", f"Line {n}.") for n in range(50)]
    return factories.make_meeting(session, lines=lines, status=MeetingStatus.READY)


def lines_of(html: str) -> list[int]:
    return [int(n) for n in re.findall(r'id="u-(\d+)"', html)]


def test_a_page_has_the_lines_that_are_seen_first_and_leaves_the_rest_to_an_answer_of_its_own(
    alice_browser: Any, session: TenantSession, long_talk: Meeting
) -> None:
    page = alice_browser.get(f"/meetings/{long_talk.id}").text
    assert lines_of(page) == [*range(24)]
    assert f'data-rest="/meetings/{long_talk.id}/transcript"' in page
    assert lines_of(alice_browser.get(f"/meetings/{long_talk.id}/transcript").text) == [*range(50)]
    assert lines_of(alice_browser.get(f"/meetings/{long_talk.id}?whole=1").text) == [*range(50)]
    around = alice_browser.get(f"/meetings/{long_talk.id}?t=404").text
    assert lines_of(around) == [*range(37, 50)]
    assert 'data-focus="40"' in around
    item = Item(
        kind=Kind.DECISION, data={"description": "Line 30"}, confidence=0.9,
        evidence=[Evidence(quote="Line 30", utterance=30, start=0, end=7)],
    )  # fmt: skip
    review.propose(session, long_talk, [item])
    session.commit()
    page = alice_browser.get(f"/meetings/{long_talk.id}").text
    assert lines_of(page)[0] == 27
    assert 'data-marks="30:0-7"' in page


def test_a_line_looks_the_same_on_the_page_and_in_the_whole_transcript(alice_browser: Any, long_talk: Meeting) -> None:
    around = alice_browser.get(f"/meetings/{long_talk.id}?t=300").text
    whole = alice_browser.get(f"/meetings/{long_talk.id}/transcript").text
    for n in lines_of(around):
        line = re.search(rf'<div class="utterance[^"]*" id="u-{n}".*?</p></div>\n', around, re.DOTALL)
        assert line and line[0] in whole, n


def test_the_page_is_sent_with_the_evidence_marked_as_its_cards_say(
    alice_browser: Any, session: TenantSession, cast: Cast
) -> None:
    said = "The export 🙂 breaks <each> Monday."
    meeting = factories.make_meeting(session, lines=[("Ann", "Hello."), ("Ann", said)], status=MeetingStatus.READY)
    ends = len(said)
    items = [
        Item(
            kind=Kind.PAIN_POINT, data={"description": name}, confidence=0.9,
            evidence=[Evidence(quote=said[start:], utterance=1, start=start, end=end)],
        )
        for name, start, end in (("Exports", 4, ends), ("Mondays", said.index("<each>"), ends + 9))
    ]  # fmt: skip
    review.propose(session, meeting, items)
    session.commit()
    first, second = insight_ids(session, meeting)
    path = f"/meetings/{meeting.id}"
    marked = (
        f'The <mark data-insights="{first}">export 🙂 breaks </mark>'
        f'<mark data-insights="{first} {second}">&lt;each&gt; Monday.</mark>'
    )
    assert marked in alice_browser.get(path).text
    assert marked in alice_browser.get(f"{path}?whole=1").text
    assert "<mark" not in alice_browser.get(f"{path}/transcript").text
    alice_browser.post(f"/insights/{first}/reject")
    page = alice_browser.get(f"{path}?whole=1").text
    assert f'breaks <mark data-insights="{second}">&lt;each&gt; Monday.</mark>' in page
    assert page.count("<mark") == 1


def test_a_few_long_lines_fill_the_page_too(alice_browser: Any, session: TenantSession) -> None:
    meeting = factories.make_meeting(session, lines=[("Jane", "word " * 300)] * 40, status=MeetingStatus.READY)
    assert lines_of(alice_browser.get(f"/meetings/{meeting.id}").text) == [0, 1]
    assert lines_of(alice_browser.get(f"/meetings/{meeting.id}?t=200").text) == [17, 18, 19, 20]


def test_a_kept_transcript_is_sent_again_only_when_it_has_changed(
    alice_browser: Any, mallory_browser: Any, session: TenantSession, reviewed: Meeting, cast: Cast
) -> None:
    path = f"/meetings/{reviewed.id}/transcript"
    answer = alice_browser.get(path)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    kept = {"If-None-Match": answer.headers["ETag"]}
    assert HOSTILE in html.unescape(answer.text) and "<script>" not in answer.text
    contact, pain = insight_ids(session, reviewed)
    alice_browser.post(f"/insights/{contact}/accept")
    alice_browser.post(f"/insights/{pain}/reject")
    assert alice_browser.get(path, headers=kept).status_code == 304
    alice_browser.post(f"/meetings/{reviewed.id}/speakers", {"label": "Jane Roe", "person_text": "Jane Doe"})
    renamed = alice_browser.get(path, headers=kept)
    assert renamed.status_code == 200 and "Jane Doe" in renamed.text
    assert mallory_browser.get(path, headers=kept).status_code == 404
    alice_browser.post(f"/meetings/{reviewed.id}/delete")
    assert alice_browser.get(path, headers={"If-None-Match": renamed.headers["ETag"]}).status_code == 404


def test_a_long_meetings_other_proposals_are_an_answer_of_their_own(
    alice_browser: Any, session: TenantSession, long_talk: Meeting
) -> None:
    kinds = (Kind.DECISION, Kind.REQUIREMENT, Kind.PAIN_POINT)
    items = [Item(kind=kind, data={"description": f"{n}"}, confidence=0.9) for kind in kinds for n in range(40)]
    review.propose(session, long_talk, items)
    session.commit()
    page = alice_browser.get(f"/meetings/{long_talk.id}").text
    assert page.count("<article") == 80
    rest = re.search(r'id="proposals-rest"[^>]* hx-get="([^"]+)"', page)
    assert rest
    others = alice_browser.get(html.unescape(rest[1])).text
    ids = re.findall(r'<article[^>]* id="insight-(\d+)"', page + others)
    assert len(ids) == len(set(ids)) == 120
    assert "proposals-rest" not in alice_browser.get(f"/meetings/{long_talk.id}?whole=1").text
    answer = alice_browser.post(f"/meetings/{long_talk.id}/undo", headers={"HX-Request": "true"})
    assert answer.text.count("<article") == 120


def test_a_viewer_reads_and_decides_nothing(vera_browser: Any, session: TenantSession, reviewed: Meeting) -> None:
    contact, _ = insight_ids(session, reviewed)
    page = vera_browser.get(f"/meetings/{reviewed.id}").text
    assert 'data-act="accept"' not in page
    for path in (f"/insights/{contact}/accept", f"/meetings/{reviewed.id}/review", f"/meetings/{reviewed.id}/analyze"):
        assert vera_browser.post(path).status_code == 403
    assert upload(vera_browser, b"Vera: Hello.").status_code == 403


def test_another_tenant_gets_404_everywhere(
    mallory_browser: Any, session: TenantSession, reviewed: Meeting, cast: Cast
) -> None:
    contact, _ = insight_ids(session, reviewed)
    batch, _counts = review.accept_above(session, reviewed, 1.0, by=Actor("user", cast.alice))
    session.commit()
    id = reviewed.id
    paths = [f"/meetings/{id}{rest}" for rest in ("", "/transcript", "/status", "/edit", "/cards?from=1")]
    for path in (*paths, f"/insights/{contact}/edit"):
        assert mallory_browser.get(path).status_code == 404, path
    posts = [f"/meetings/{id}{rest}" for rest in ("", "/analyze", "/delete", "/restore", "/review")]
    posts += [f"/insights/{contact}/{verb}" for verb in ("accept", "reject", "undo")] + [f"/batches/{batch.id}/undo"]
    for path in posts:
        assert mallory_browser.post(path).status_code == 404, path
    assert HOSTILE not in html.unescape(mallory_browser.get("/meetings").text)


def test_the_row_of_a_meeting_being_read_asks_again_and_that_of_a_read_one_does_not(
    alice_browser: Any, session: TenantSession, reviewed: Meeting
) -> None:
    address = f"/meetings?row={reviewed.id}"
    done = alice_browser.get(address).text
    assert f'id="meeting-{reviewed.id}"' in done and "hx-get" not in done
    reviewed.status = MeetingStatus.ANALYZING
    session.commit()
    assert f'hx-get="{address}"' in alice_browser.get(address).text


def test_a_stranger_is_given_no_row(mallory_browser: Any, reviewed: Meeting) -> None:
    assert mallory_browser.get(f"/meetings?row={reviewed.id}").text.strip() == ""


def test_a_summary_with_labels_is_a_list(alice_browser: Any, session: TenantSession, reviewed: Meeting) -> None:
    reviewed.summary = "Decided: We start in May; the price stays.\nIn prose: nothing.\nThe rest."
    session.commit()
    page = re.sub(r"\s+", " ", alice_browser.get(f"/meetings/{reviewed.id}").text)
    assert "<strong>Decided</strong><ul><li>We start in May</li><li>the price stays.</li></ul>" in page
    assert "<strong>In prose</strong> nothing." in page
    assert '<li dir="auto"> The rest.</li>' in page


def test_a_summary_leads_to_the_lines_it_cites_until_somebody_rewrites_it(
    alice_browser: Any, session: TenantSession, reviewed: Meeting
) -> None:
    text = "Jane is <CFO>. They suffer."
    cited = [{"at": 13, "utterance": 0}, {"at": 26, "utterance": 1}]
    (insight,) = review.propose(
        session, reviewed, [Item(kind=Kind.SUMMARY, data={"text": text, "citations": cited}, confidence=0.6)]
    )
    reviewed.summary = text
    session.commit()
    page = alice_browser.get(f"/meetings/{reviewed.id}").text
    assert re.search(r'Jane is &lt;CFO&gt;<sup><a href="#u-0"[^>]*>1</a> </sup>\. They suffer<sup><a href="#u-1"', page)
    insight.status = InsightStatus.EDITED
    session.commit()
    assert 'href="#u-0"' not in alice_browser.get(f"/meetings/{reviewed.id}").text


def test_the_button_says_how_many_it_would_accept(alice_browser: Any, reviewed: Meeting) -> None:
    page = alice_browser.get(f"/meetings/{reviewed.id}").text
    assert re.search(r'id="accept-all"[^>]*>.*<span>Accept 1</span>', page)
    assert re.findall(r'data-taken="(\d)"', page) == ["1", "1", "2"]
