"""Lists reached by a link: what the address asks for is said, kept while filtering, and can be taken back."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import unquote, urlencode

import pytest

from shared import clock, query, records
from shared.events import Actor
from shared.models import User
from shared.query import Plan
from shared.tenancy import TenantSession
from tests.factories import make_company, make_contact, make_deal, make_meeting, make_note, make_pipeline, make_task
from tests.shared.query.test_ask import both, cmp, related

OPEN = cmp("stage_type", "open")


@pytest.fixture
def sales(session: TenantSession, alice: User) -> None:
    stages = make_pipeline(session).stages
    borealis = make_company(session, name="Borealis", city="Berlin", owner_id=alice.id)
    make_company(session, name="Cedar", city="Ulm")
    make_deal(session, name="Pilot", stage=stages[0], amount_minor=1_000_00, company_id=borealis.id, owner_id=alice.id)
    make_deal(session, name="Small", stage=stages[0], amount_minor=5_00)
    make_deal(session, name="Won deal", stage=stages[2], amount_minor=9_000_00)


def link(**plan: Any) -> str:
    plan["from"] = plan.pop("of")
    return query.href(Plan.model_validate(plan))


def chips(page: str) -> list[str]:
    return [unescape(text) for text in re.findall(r'<li class="filter-chip">.*?<span dir="auto">(.*?)</span>', page)]


def crosses(page: str) -> list[str]:
    return [unescape(url) for url in re.findall(r'class="filter-chip-x" href="([^"]+)"', page)]


@pytest.mark.parametrize(
    ("path", "typed", "title"),
    [
        ("/companies", "borelais", "Borealis"), ("/deals", "pilto", "Pilot"), ("/contacts", "jane reo", "Jane Roe"),
        ("/tasks", "send teh ofer", "Send the offer"),
    ],
)  # fmt: skip
def test_words_with_a_slip_that_find_nothing_are_answered_with_what_was_meant(
    browse: Any, cast: Any, session: TenantSession, path: str, typed: str, title: str
) -> None:
    stage = make_pipeline(session).stages[0]
    for type_, data in (
        ("company", {"name": "Borealis"}), ("deal", {"name": "Pilot", "stage_id": stage.id}),
        ("contact", {"first_name": "Jane", "last_name": "Roe"}), ("task", {"title": "Send the offer"}),
    ):  # fmt: skip
        records.create(session, type_, data, by=Actor("user", cast.alice))
    session.commit()
    page = browse(cast.alice).get(path, query_string={"q": typed, "saved": "0"}).text
    assert f"Nothing is called “{typed}”" in unescape(page)
    assert re.search(rf'class="btn[^>]*href="{path}/\d+">.*{title}</a>', page)
    assert title not in browse(cast.mallory).get(path, query_string={"q": typed, "saved": "0"}).text


def test_what_another_filter_keeps_out_is_no_slip(alice_browser: Any, cast: Any, session: TenantSession) -> None:
    records.create(session, "company", {"name": "Borealis"}, by=Actor("user", cast.alice))
    session.commit()
    assert "Nothing matches" in alice_browser.get("/companies?q=Borealis&city=Ulm&saved=0").text
    page = alice_browser.get("/companies?q=xqzvwk&saved=0").text
    assert "Nothing matches" in page and "Did you mean" not in page


def test_how_a_name_begins_is_asked_by_address_sentence_and_api(
    alice_browser: Any, alice: User, sales: None, session: TenantSession
) -> None:
    page = alice_browser.get("/companies?name[begins]=bor").text
    assert (">Borealis<" in page, ">Cedar<" in page) == (True, False)
    assert chips(page) == ["Whose name begins with “bor”"]
    assert chips(alice_browser.get(crosses(page)[0]).text) == []
    alice.locale = "de"
    session.commit()
    page = alice_browser.get(link(of="company", where={"type": "not", "node": cmp("city", "U", op="begins")})).text
    assert (">Borealis<" in page, ">Cedar<" in page) == (True, False)
    assert chips(page) == ["Nicht (deren Ort mit “U” beginnt)"]


def test_how_a_name_ends_is_asked_by_address_sentence_and_builder(
    alice_browser: Any, alice: User, sales: None, session: TenantSession
) -> None:
    page = alice_browser.get("/companies?name[ends]=LIS").text
    assert (">Borealis<" in page, ">Cedar<" in page) == (True, False)
    assert chips(page) == ["Whose name ends with “LIS”"]
    assert alice_browser.get("/views/fields/company").json["words"]["operators"]["ends"] == "ends with"
    alice.locale = "de"
    session.commit()
    page = alice_browser.get(link(of="company", where={"type": "not", "node": cmp("city", "m", op="ends")})).text
    assert chips(page) == ["Nicht (deren Ort auf “m” endet)"]


def test_a_condition_is_a_sentence_with_a_cross(alice_browser: Any, sales: None) -> None:
    page = alice_browser.get(
        link(of="company", where=both(related("deals", OPEN, absent=True), cmp("city", "Ulm")))
    ).text
    assert (">Cedar<" in page, ">Borealis<" in page) == (True, False)
    assert chips(page) == ["In Ulm", "Without open deals"]
    widened = alice_browser.get(crosses(page)[1]).text
    assert chips(widened) == ["In Ulm"]
    assert chips(alice_browser.get(crosses(widened)[0]).text) == []


def test_how_many_related_records_there_are_is_a_condition_like_any(alice_browser: Any, sales: None) -> None:
    one_deal = {**related("deals"), "at_least": 1, "at_most": 1}
    page = alice_browser.get(link(of="company", where=both(cmp("city", "Berlin"), one_deal))).text
    assert (">Borealis<" in page, ">Cedar<" in page) == (True, False)
    assert chips(page) == ["In Berlin", "With exactly 1 deal"]
    assert chips(alice_browser.get(crosses(page)[0]).text) == ["With exactly 1 deal"]


def test_the_list_behind_ties_is_that_of_their_records(alice_browser: Any, sales: None) -> None:
    page = alice_browser.get(link(of="move", where=cmp("is_back", "true"))).text
    assert chips(page) == ["With backward stage changes"] and ">Pilot<" not in page
    page = alice_browser.get(link(of="employment", where=cmp("is_current", "false"))).text
    assert chips(page) == ["With former employments"]


def test_filtering_on_keeps_what_the_address_asked_for(alice_browser: Any, sales: None) -> None:
    where = both(OPEN, cmp("amount", "100", op="gt"), related("company"))
    page = alice_browser.get(link(of="deal", where=where, order=[{"by": "amount"}])).text
    assert ">Pilot<" in page and ">Small<" not in page
    assert chips(page) == ["Over 100", "With companies"]  # the state stands in the bar
    form = page[page.index('<form class="filter-bar"') : page.index("</form>", page.index('<form class="filter-bar"'))]
    hidden = {
        name: unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]+)"', form)
    }
    assert set(hidden) == {"amount[gt]", "where", "sort"}
    again = alice_browser.get("/deals?" + urlencode({**hidden, "stage_type": "", "q": ""})).text
    assert ">Pilot<" in again and ">Small<" not in again


def test_a_value_the_bar_does_not_offer_is_shown_in_it_all_the_same(alice_browser: Any, sales: None) -> None:
    page = alice_browser.get("/deals?expected_close=last_month").text
    assert '<option value="last_month" selected>Last month</option>' in page
    assert chips(page) == []


def test_mine_is_me_and_days_are_mine(alice_browser: Any, session: TenantSession, alice: User, sales: None) -> None:
    assert ">Pilot<" in alice_browser.get("/deals?owner_id=me").text
    assert ">Small<" not in alice_browser.get("/deals?owner_id=me").text
    alice.timezone = "Pacific/Auckland"  # where it is tomorrow in the evening
    session.merge(alice)
    session.commit()
    clock.configure(clock.wall().replace(hour=20, minute=0))
    make_meeting(session, title="Just now", occurred_at=clock.now())
    plan = Plan.model_validate({"from": "meeting", "where": cmp("occurred_at", "today")})
    assert "Just now" in alice_browser.get(query.href(plan)).text


def test_tasks_behind_a_link_are_all_that_were_meant(alice_browser: Any, session: TenantSession) -> None:
    make_task(session, title="Still open")
    make_task(session, title="Long done", status="done")
    page = alice_browser.get(link(of="task", where=cmp("title", "o", op="contains"))).text
    assert "Still open" in page and "Long done" in page
    assert "Long done" not in alice_browser.get(link(of="task", where=cmp("status", "open"))).text


def test_every_list_says_its_conditions(alice_browser: Any, session: TenantSession, sales: None) -> None:
    contact = make_contact(session, first_name="Jane")
    make_note(session, body="A note")
    make_meeting(session, title="Kick-off")
    for entity, where, said in (
        ("contact", cmp("id", str(contact.id)), f"“Jane {contact.last_name}”"),
        ("note", related("company", absent=True), "Without companies"),
        ("meeting", related("contacts", absent=True), "Without contacts"),
        ("task", related("deal", absent=True), "Without deals"),
    ):
        assert said in chips(alice_browser.get(link(of=entity, where=where)).text), entity
    insights = link(of="insight", where=cmp("kind", "objection"))
    assert chips(alice_browser.get(insights).text) == ["With objections"]


def test_a_condition_that_is_none_is_refused(alice_browser: Any) -> None:
    for nonsense in ("{", "[]", '{"type":"cmp","field":"secret","values":["1"]}', "<script>alert(1)</script>"):
        refused = alice_browser.get("/companies?" + urlencode({"where": nonsense}))
        assert refused.status_code == 422
        assert "<script>alert" not in refused.text


def test_words_in_a_condition_are_only_words(alice_browser: Any) -> None:
    page = alice_browser.get(link(of="company", where=cmp("name", "<img src=x>", op="contains"))).text
    assert "<img src=x>" not in page
    assert chips(page) == ["With “<img src=x>” in the name"]


def test_the_board_keeps_to_the_conditions(alice_browser: Any, sales: None) -> None:
    page = alice_browser.get(link(of="deal", where=related("company")) + "&view=board", follow_redirects=True).text
    assert ">Pilot<" in page and ">Small<" not in page
    assert "1 open deal" in page
    asked = re.search(r'data-list-query="where=([^"]+)"', page)  # what the assistant is told “these” are
    assert asked and "company" in unquote(asked[1])
