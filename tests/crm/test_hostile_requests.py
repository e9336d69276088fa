"""Requests that no browser of ours would send: a 4xx, whatever is in them, and nothing secret in the log."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from crm.translations.errors import in_words
from shared import events, review
from shared.accounts import links
from shared.config import LONGEST_ADDRESS
from shared.models import User
from shared.schemas.insight import Evidence, Item, Kind
from shared.tenancy import TenantSession
from tests import factories
from tests.conftest import Cast

TOO_LARGE = ("3000000000", "99999999999999999999")  # for PostgreSQL's columns, and for SQLite too


@pytest.mark.parametrize("id", TOO_LARGE)
def test_an_id_that_no_record_can_have_is_not_found(alice_browser: Any, id: str) -> None:
    for path in ("/meetings/{}", "/companies/{}", "/contacts/{}", "/deals/{}", "/tasks/{}", "/insights/{}/edit"):
        assert alice_browser.get(path.format(id)).status_code == 404, path
    for path in ("/insights/{}/accept", "/insights/{}/undo", "/batches/{}/undo", "/settings/people/{}/link"):
        assert alice_browser.post(path.format(id)).status_code == 404, path


@pytest.mark.parametrize("id", TOO_LARGE)
def test_a_reference_that_no_record_can_have_is_refused(alice_browser: Any, session: TenantSession, id: str) -> None:
    meeting = factories.make_meeting(session)
    talk = {"text": "Jane: Hello.\nAlice: Hello, Jane.\n", "company_id": id}
    assert alice_browser.post("/meetings", talk).status_code == 422
    assert alice_browser.post(f"/meetings/{meeting.id}", {"title": "x", "deal_id": id}).status_code == 422


@pytest.mark.parametrize("id", (*TOO_LARGE, "999999999", "²", "٣²", "-1", "1" * 5000))
def test_a_number_in_a_form_or_an_address_that_no_record_can_have_breaks_nothing(
    alice_browser: Any, session: TenantSession, caplog: pytest.LogCaptureFixture, id: str
) -> None:
    deal = factories.make_deal(session)
    meeting = factories.make_meeting(session, lines=[("Jane", "Hello.")], status="ready")
    found = Item(kind=Kind.ACTION_ITEM, data={"description": "Call"}, evidence=[Evidence(quote="Hello.", utterance=0)])
    (insight,) = review.propose(session, meeting, [found])
    session.commit()
    record = f"contact:{id}"
    asked = {
        "/deals/new": {"company_id": id},
        "/tasks/new": {"links": record},
        "/merges": {"before": id},
        f"/meetings/{meeting.id}/cards": {"id": id},
        "/companies": {"owner_id": id, "row": id},
    }
    sent = {
        f"/deals/{deal.id}/links": {"other": record},
        f"/deals/{deal.id}/unlink": {"link": id},
        f"/deals/{deal.id}/move": {"stage_id": id, "after": id, "before": id, "version": id},
        "/deals": {"name": "x", "company_id": id},
        "/settings/pipelines": {"name": "x", "like": id},
        "/tasks": {"title": "x", "links": record, "on": record},
        "/mine/star": {"record": record},
        "/my-day/tasks": {"text": "Call", "about": record},
        f"/insights/{insight.id}/move": {"record": record},
        f"/insights/{insight.id}/owner": {"owner": f"user:{id}"},
        f"/insights/{insight.id}/merge": {"other": id},
        "/settings/tags/1/merge": {"into": id},
        "/contacts/merge": {"ids": id, "winner": id},
        "/imports": {"on": record, "type": "email"},
    }
    answers = {path: alice_browser.get(path, query_string=query).status_code for path, query in asked.items()}
    answers |= {path: alice_browser.post(path, form).status_code for path, form in sent.items()}
    assert {path: status for path, status in answers.items() if status >= 500} == {}
    assert "request.unstorable" not in caplog.text  # what is refused is refused by name, before a database sees it


def test_a_character_that_cannot_be_stored_is_dropped_or_refused(
    alice_browser: Any, stranger: Any, session: TenantSession, caplog: pytest.LogCaptureFixture
) -> None:
    meeting = factories.make_meeting(session, lines=[("Jane", "Hello.")], status="ready")
    found = Item(kind=Kind.CONTACT, data={"name": "Jane"}, evidence=[Evidence(quote="Hello.", utterance=0)])
    (insight,) = review.propose(session, meeting, [found])
    session.commit()
    talk = "Jane: Hello {}.\nAlice: Hello, Jane.\n"
    answers = [
        alice_browser.post(f"/insights/{insight.id}/reject", {"reason": "no\x00"}),
        alice_browser.post("/meetings", {"text": talk.format(1), "title": "a\x00b"}),
        alice_browser.get(f"/meetings/{meeting.id}/speakers/edit?label=Jane%00"),
        alice_browser.post(f"/meetings/{meeting.id}/speakers", {"label": "a\x00", "person_text": "b\x00"}),
        alice_browser.post("/meetings", {"text": talk.format(2), "participants": "a\x00b"}),
        alice_browser.post("/meetings", {"text": talk.format("\x00")}),
        alice_browser.post("/meetings", {"file": (io.BytesIO(talk.format(3).encode()), "a\x00b.txt")}),
        stranger.post("/login", {"email": "alice\x00@acme.example", "password": "wrong\x00"}),
    ]
    assert [answer.status_code for answer in answers if answer.status_code not in (200, 303, 401, 404, 422)] == []
    assert "request.unstorable" not in caplog.text


@pytest.mark.parametrize("url", ["http://[bad", "http://x//evil.example/", "\\\\evil.example", "http://x/a?b#c"])
def test_an_address_that_makes_no_sense_leads_to_the_login_all_the_same(stranger: Any, url: str) -> None:
    answer = stranger.get("/meetings", headers={"HX-Request": "true", "HX-Current-URL": url})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/login")


def test_an_address_of_very_many_names_is_refused_on_a_page_that_leads_on(alice_browser: Any) -> None:
    names = ",".join(f"Unternehmen Nummer {n}" for n in range(200))
    assert alice_browser.get(f"/companies?name[in]={names}").status_code == 200
    address = f"/companies?name[in]={'x' * LONGEST_ADDRESS}"
    page = alice_browser.get(address)
    assert page.status_code == 414 and 'href="/companies">Open it without its conditions</a>' in page.text
    assert "filter by fewer names" in alice_browser.get(address, headers={"HX-Request": "true"}).json["detail"]


def test_conditions_that_are_too_long_say_how_long_they_are_and_may_be(alice_browser: Any) -> None:
    values = [{"type": "cmp", "field": "title", "values": ["x" * 450 + str(n)]} for n in range(14)]
    where = json.dumps({"type": "or", "of": values}, separators=(",", ":"))
    told = f"These conditions are too long: {len(where)} characters, and 6000 are the most."
    address = f"/contacts?{urlencode({'where': where})}"
    page = alice_browser.get(address)
    assert page.status_code == 422 and told in page.text and "where: " not in page.text
    assert 'href="/contacts">Open it without its conditions</a>' in page.text
    assert "make two lists" in alice_browser.get(address, headers={"HX-Request": "true"}).text
    answer = alice_browser.get(address, headers={"Accept": "application/json"}).json
    assert answer["detail"].startswith(told) and answer["errors"][0]["path"] == "where"
    assert in_words(answer["detail"], "de").startswith(f"Diese Bedingungen sind zu lang: {len(where)} Zeichen")


def test_the_log_does_not_hold_the_key_to_an_account(
    stranger: Any,
    session: TenantSession,
    cast: Cast,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    token = links.create(session, session.get_one(User, cast.bob), by=events.SYSTEM)
    session.commit()
    assert stranger.get(f"/password/{token}").status_code == 200
    stranger.post(f"/password/{token}", {"password": "short", "password_again": "short"})
    logged = caplog.text
    assert "/password/<token>" in logged
    assert token not in logged
