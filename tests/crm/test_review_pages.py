"""The review page and the queue through HTTP: groups, corrections, many at once, other people, other tenants."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from shared import review
from shared.events import Actor
from shared.models import Insight, InsightStatus, Meeting, MeetingStatus, User
from shared.review import correcting
from shared.schemas.insight import Evidence, Item, Kind
from shared.tenancy import TenantSession
from tests import factories
from tests.conftest import Cast

HTMX = {"HX-Request": "true"}


def item(kind: Kind, confidence: float = 0.9, quote: str = "So be it.", **data: Any) -> Item:
    evidence = Evidence(quote=quote, speaker="Jane Roe", start_s=3.0, utterance=0, start=0, end=len(quote))
    return Item(kind=kind, data=data, evidence=[evidence], confidence=confidence)


def make(session: TenantSession, *items: Item, **over: Any) -> tuple[Meeting, list[Insight]]:
    """A meeting that was read, with these findings."""
    over = {"status": MeetingStatus.READY, "lines": [("Jane Roe", "So be it.")], **over}
    meeting = factories.make_meeting(session, **over)
    found = review.propose(session, meeting, list(items))
    session.commit()
    return meeting, found


def headings(page: str) -> list[str]:
    """The headings of the groups, with whether they are folded."""
    return [
        html.unescape(re.sub(r"<[^>]+>", "", found))
        for found in re.findall(r"<h2>(?:<svg.*?</svg>)<span dir=\"auto\">(.*?)</span>", page)
    ]


def test_findings_stand_under_the_record_they_would_touch(alice_browser: Any, session: TenantSession) -> None:
    quill = factories.make_company(session, name="Quill Ltd")
    factories.make_contact(session, first_name="Known", last_name="Person")
    meeting, _ = make(
        session,
        item(Kind.COMPANY, name="Quill Ltd", industry="Freight"),
        item(Kind.PAIN_POINT, description="Trucks wait", company="Quill Ltd"),
        item(Kind.CONTACT, name="Jane Roe"),
        item(Kind.CONTACT, name="Known Person"),
        item(Kind.ACTION_ITEM, description="Send it"),
        item(Kind.DECISION, description="Start in May"),
    )
    page = alice_browser.get(f"/meetings/{meeting.id}").text
    assert headings(page) == ["Quill Ltd", "People", "Tasks", "Decisions"]
    assert f'href="/companies/{quill.id}"' in page
    assert "1 already known, nothing to change" in html.unescape(page)
    assert ">New<" in page and ">Update<" in page


def test_a_group_that_is_decided_is_folded(alice_browser: Any, session: TenantSession) -> None:
    meeting, (decision, pain) = make(
        session, item(Kind.DECISION, description="Go"), item(Kind.PAIN_POINT, description="Slow")
    )
    alice_browser.post(f"/insights/{decision.id}/accept")
    page = alice_browser.get(f"/meetings/{meeting.id}").text
    groups = re.findall(
        r'<section class="insight-group( is-decided)?" data-group aria-label="(\w+).*?<details( open)?>', page, re.S
    )
    assert groups == [(" is-decided", "Decisions", ""), ("", "Pains", " open")]
    assert pain.id


def test_a_merge_answers_with_both_cards_and_its_undo_too(alice_browser: Any, session: TenantSession) -> None:
    _, (one, two) = make(
        session, item(Kind.DECISION, description="Go"), item(Kind.DECISION, quote="Go.", description="Go at once")
    )
    merged = alice_browser.post(f"/insights/{one.id}/merge", {"other": two.id}, headers=HTMX)
    assert merged.status_code == 200
    assert f'id="insight-{two.id}"' in merged.text and "hx-swap-oob" in merged.text
    undo = json.loads(merged.headers["HX-Trigger"])["toast"]["undo_url"]
    back = alice_browser.post(undo, headers=HTMX)
    assert f'id="insight-{two.id}"' in back.text
    session.expire_all()
    assert session.get_one(Insight, two.id).status is InsightStatus.PENDING
    one_id = one.id
    session.commit()
    assert alice_browser.post(f"/insights/{one_id}/merge", {"other": "x"}, headers=HTMX).status_code == 404


def test_a_finding_is_moved_to_a_record_and_to_a_new_one(alice_browser: Any, session: TenantSession) -> None:
    jane = factories.make_contact(session, first_name="Jane", last_name="Roe", title="Buyer")
    meeting, (found, decision) = make(
        session, item(Kind.CONTACT, name="Jane R.", title="CFO"), item(Kind.DECISION, description="Go")
    )
    assert 'value="new"' in alice_browser.get(f"/insights/{found.id}/move").text
    assert 'value="new"' not in alice_browser.get(f"/insights/{decision.id}/move").text
    moved = alice_browser.post(f"/insights/{found.id}/move", {"record": f"contact:{jane.id}"}, headers=HTMX)
    assert (moved.headers["HX-Retarget"], "closeModal" in moved.headers["HX-Trigger"]) == (f"#insight-{found.id}", True)
    assert "<del>Buyer</del>" in moved.text
    assert "<del>Buyer</del>" in alice_browser.get(f"/meetings/{meeting.id}").text
    assert ">New<" in alice_browser.post(f"/insights/{found.id}/move", {"record": "new"}, headers=HTMX).text
    for wrong in ("", "contact:", "contact:x", "task:1", f"deal:{jane.id}"):
        assert alice_browser.post(f"/insights/{found.id}/move", {"record": wrong}, headers=HTMX).status_code == 422, (
            wrong
        )


def test_a_task_is_given_to_a_colleague_or_a_guest(alice_browser: Any, session: TenantSession, cast: Cast) -> None:
    _, (guest, task) = make(
        session, item(Kind.CONTACT, name="Jane Roe", attended=True), item(Kind.ACTION_ITEM, description="Call")
    )
    choices = alice_browser.get(f"/insights/{task.id}/owner").text
    assert f'value="user:{cast.bob}"' in choices and 'value="name:Jane Roe"' in choices and "Mallory" not in choices
    assert (
        "Bob Baker"
        in alice_browser.post(f"/insights/{task.id}/owner", {"owner": f"user:{cast.bob}"}, headers=HTMX).text
    )
    assert "Jane Roe" in alice_browser.post(f"/insights/{task.id}/owner", {"owner": "name:Jane Roe"}, headers=HTMX).text
    for wrong in ("", "user:", "user:x", f"user:{cast.mallory}"):
        assert alice_browser.post(f"/insights/{task.id}/owner", {"owner": wrong}, headers=HTMX).status_code == 422
    assert alice_browser.get(f"/insights/{guest.id}/owner").status_code == 404


def test_without_scripts_a_finding_is_corrected_on_pages_of_its_own(
    alice_browser: Any, session: TenantSession, cast: Cast
) -> None:
    meeting, (task, choice) = make(
        session, item(Kind.ACTION_ITEM, description="Send the offer"), item(Kind.DECISION, description="Start in May")
    )
    page = alice_browser.get(f"/insights/{task.id}/edit").text
    assert "<h1>Send the offer</h1>" in page
    assert f'href="/meetings/{meeting.id}#insight-{task.id}"' in page
    assert f'href="/insights/{task.id}/owner"' in page
    assert f'href="/insights/{task.id}/move"' in page
    assert f'href="/insights/{choice.id}/owner"' not in alice_browser.get(f"/insights/{choice.id}/edit").text
    assert "<h1>Send the offer</h1>" in alice_browser.get(f"/insights/{task.id}/owner").text
    answer = alice_browser.post(f"/insights/{task.id}/owner", {"owner": f"user:{cast.bob}"})
    assert answer.headers["Location"] == f"/meetings/{meeting.id}#insight-{task.id}"
    assert "<h1" not in alice_browser.get(f"/insights/{task.id}/edit", headers=HTMX).text


def test_several_are_decided_together_and_taken_back(alice_browser: Any, session: TenantSession) -> None:
    meeting, found = make(session, *(item(Kind.DECISION, description=f"Go {n}") for n in range(4)))
    ids = [insight.id for insight in found]

    def statuses() -> list[str]:
        session.expire_all()
        now = [session.get_one(Insight, id).status.value for id in ids]
        session.commit()
        return now

    review_url, undo_url = f"/meetings/{meeting.id}/review", f"/meetings/{meeting.id}/undo"
    answer = alice_browser.post(review_url, {"decide": "reject", "id": ids[:2]}, headers=HTMX)
    assert answer.headers["HX-Retarget"] == "#proposals" and 'id="review-bar" hx-swap-oob' in answer.text
    alice_browser.post(review_url, {"accept_above": "0", "id": ids[2:3]}, headers=HTMX)
    assert statuses() == ["rejected", "rejected", "accepted", "pending"]
    alice_browser.post(undo_url, headers=HTMX)
    assert statuses() == ["rejected", "rejected", "undone", "pending"]
    alice_browser.post(undo_url, {"what": "mine"}, headers=HTMX)
    assert statuses() == ["pending", "pending", "undone", "pending"]
    assert "nothing together" in alice_browser.post(undo_url, headers=HTMX).headers["HX-Trigger"]
    assert alice_browser.post(review_url, {"decide": "reject"}).status_code == 422


def test_who_was_faster_is_named_and_the_card_shows_what_stands(
    alice_browser: Any, browse: Callable[[int], Any], session: TenantSession, cast: Cast
) -> None:
    meeting, (decision,) = make(session, item(Kind.DECISION, description="Go"))
    mark = alice_browser.get(f"/meetings/{meeting.id}/review/state").json["states"]
    browse(cast.bob).post(f"/insights/{decision.id}/reject", headers=HTMX)
    for verb in ("accept", "reject", "move", "merge"):
        late = alice_browser.post(
            f"/insights/{decision.id}/{verb}", {"record": "company:1", "other": decision.id}, headers=HTMX
        )
        assert late.status_code in (200, 422), verb
        if verb in ("accept", "reject"):
            assert "Bob Baker rejected this already" in json.loads(late.headers["HX-Trigger"])["toast"]["text"]
            assert "insight-rejected" in late.text and "<small>Bob Baker</small>" in late.text
    assert alice_browser.get(f"/meetings/{meeting.id}/review/state").json["states"] != mark
    cards = alice_browser.get(f"/meetings/{meeting.id}/cards?id={decision.id}").text
    assert 'hx-swap-oob="true"' in cards and "insight-rejected" in cards
    assert 'id="proposals"' in alice_browser.get(f"/meetings/{meeting.id}/cards").text


def _cards(browser: Any, meeting: Meeting) -> str:
    """The proposals as they stand on the page; each form of theirs has the token of who asked."""
    page = browser.get(f"/meetings/{meeting.id}").text
    token = re.search('<meta name="csrf-token" content="([^"]+)"', page)
    found = re.search('<div class="proposals".*?<div class="review-transcript"', page, re.DOTALL)
    assert token and found
    assert set(re.findall('name="csrf_token" value="([^"]*)"', found[0])) <= {token[1]}
    return found[0]


def test_a_card_that_was_drawn_before_says_what_has_become_of_what_it_names(
    alice_browser: Any, browse: Callable[[int], Any], session: TenantSession, cast: Cast
) -> None:
    quill = factories.make_company(session, name="Quill Ltd")
    meeting, (found, task) = make(
        session, item(Kind.COMPANY, name="Quill Limited", domain="quill.example", industry="Freight"),
        item(Kind.ACTION_ITEM, description="Call"),
    )  # fmt: skip
    correcting.move(session, found, type="company", id=quill.id, by=Actor("user", cast.alice))
    session.commit()
    bob = browse(cast.bob)
    assert ">Quill Ltd</a>" in _cards(alice_browser, meeting)
    assert _cards(bob, meeting).count("data-act") == _cards(alice_browser, meeting).count("data-act") > 0

    quill.name = "Quill & Sons"
    session.get_one(User, cast.bob).name = "Bob Becker"
    session.get_one(User, cast.alice).locale = "de"
    session.commit()

    english, german = _cards(bob, meeting), _cards(alice_browser, meeting)
    assert ">Quill &amp; Sons</a>" in english and ">Accept<" in english
    assert ">Quill &amp; Sons</a>" in german and ">Annehmen<" in german and ">Accept<" not in german
    assert "data-act" not in _cards(browse(cast.vera), meeting)

    bob.post(f"/insights/{task.id}/reject", {"reason": "<token> & <stray>"}, headers=HTMX)
    rejected = _cards(alice_browser, meeting)
    assert "&lt;token&gt; &amp; &lt;stray&gt;" in rejected and "<small>Bob Becker</small>" in rejected
    session.get_one(User, cast.bob).name = "Bob Barker"
    session.commit()
    assert "<small>Bob Barker</small>" in _cards(alice_browser, meeting)


# --- The queue


def test_the_queue_goes_from_the_newest_meeting_to_the_oldest_and_is_counted(
    alice_browser: Any, session: TenantSession, cast: Cast
) -> None:
    older, (first,) = make(session, item(Kind.DECISION, 0.3, description="Old"), title="Older", owner_id=cast.bob)
    newer, _ = make(
        session, item(Kind.DECISION, description="New"), item(Kind.PAIN_POINT, 0.6, description="Slow"),
        title="Newer", owner_id=cast.alice, occurred_at=factories.MONDAY + timedelta(days=1),
    )  # fmt: skip
    page = alice_browser.get("/review").text
    assert page.index("Newer") < page.index("Older")
    assert re.search(r'href="/review".*?<span class="count">3</span>', page, re.S)
    assert "Older" not in alice_browser.get("/review?mine=1").text
    assert "Older" not in alice_browser.get("/review?kind=pain_point").text
    assert "Newer" not in alice_browser.get("/review?confidence=low").text
    assert "Nothing like that waits" in alice_browser.get("/review?kind=deal&confidence=nonsense").text
    done = alice_browser.post(f"/meetings/{newer.id}/review", {"accept_above": "0"}, headers=HTMX)
    assert f'href="/meetings/{older.id}"' in done.text
    last = alice_browser.post(f"/insights/{first.id}/reject", headers=HTMX)
    assert "Nothing else waits" in last.text
    assert "All done" in alice_browser.get("/review").text


def test_another_tenant_sees_and_decides_nothing(
    browse: Callable[[int], Any], session: TenantSession, cast: Cast
) -> None:
    meeting, (one, two) = make(
        session, item(Kind.ACTION_ITEM, description="Go"), item(Kind.ACTION_ITEM, description="Stay")
    )
    mallory = browse(cast.mallory)
    assert "Nothing to review yet" in mallory.get("/review").text
    for path in (
        f"/insights/{one.id}/move",
        f"/insights/{one.id}/owner",
        f"/meetings/{meeting.id}/review/state",
        f"/meetings/{meeting.id}/cards",
    ):
        assert mallory.get(path).status_code == 404, path
    for path in (f"/insights/{one.id}/merge", f"/insights/{one.id}/owner", f"/meetings/{meeting.id}/undo"):
        answer = mallory.post(path, {"other": two.id, "owner": "none"})
        assert answer.status_code == 404, path
    assert mallory.post(f"/insights/{one.id}/move", {"record": "company:1"}).status_code == 404


def test_a_viewer_sees_the_queue_and_decides_nothing(
    browse: Callable[[int], Any], session: TenantSession, cast: Cast
) -> None:
    meeting, (one,) = make(session, item(Kind.ACTION_ITEM, description="Go"))
    vera = browse(cast.vera)
    assert vera.get("/review").status_code == 200
    assert "data-act=" not in vera.get(f"/meetings/{meeting.id}").text
    for path in (
        f"/insights/{one.id}/merge",
        f"/insights/{one.id}/move",
        f"/insights/{one.id}/owner",
        f"/meetings/{meeting.id}/undo",
    ):
        assert vera.post(path).status_code == 403, path


# --- What the reading is worth


def test_settings_tell_how_often_it_was_right_or_that_it_is_too_early(
    alice_browser: Any, session: TenantSession, cast: Cast
) -> None:
    assert "Nothing decided yet" in alice_browser.get("/settings/review").text
    by = Actor("user", cast.alice)
    _, found = make(
        session,
        *(item(Kind.DECISION, description=f"Go {n}") for n in range(10)),
        *(item(Kind.PAIN_POINT, 0.3, description=f"Slow {n}") for n in range(3)),
    )
    for n, insight in enumerate(found):
        (review.reject if n in (0, 11) else review.accept)(session, insight, by=by)
    session.commit()
    page = html.unescape(alice_browser.get("/settings/review").text)
    assert re.search(r"<strong>90.%</strong>", page)
    assert "2 of 3</span>" in page and "Without a percentage: too few to say" in page


def test_the_card_of_a_refused_insight_says_why(alice_browser: Any, session: TenantSession) -> None:
    meeting, (one,) = make(session, item(Kind.DECISION, description="Go"))
    alice_browser.post(f"/insights/{one.id}/reject", {"reason": "They only wished"})
    assert "They only wished" in alice_browser.get(f"/meetings/{meeting.id}").text
    assert session.scalars(select(Insight.status)).one() is InsightStatus.REJECTED
    session.commit()
