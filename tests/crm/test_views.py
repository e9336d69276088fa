"""Saved views: kept, shared, opened, compared with what the list has become; and lists in groups."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from crm import list_page
from shared.events import SYSTEM
from shared.models import SavedView, User
from shared.query import linking
from shared.records import custom, removed_fields, update, views
from shared.tenancy import TenantSession
from tests.factories import (
    make_company,
    make_contact,
    make_deal,
    make_field,
    make_link,
    make_meeting,
    make_pipeline,
    make_task,
    make_view,
)
from tests.shared.query.test_ask import both, cmp, related

NESTED = {
    "type": "or",
    "of": [
        both(cmp("lifecycle", "lead"), {"type": "not", "node": cmp("updated_at", "last_30_days", op="lt")}),
        both(related("deals", cmp("stage_type", "open"), absent=True), cmp("owner_id", "me", op="ne")),
    ],
}


def follow(browser: Any, path: str) -> tuple[str, str]:
    """The page behind an address that leads on, and where it led."""
    answer = browser.get(path, follow_redirects=True)
    assert answer.status_code == 200, answer.text[:500]
    return answer.text, answer.request.full_path.rstrip("?")


def meant(where: dict[str, Any]) -> str:
    """A condition in the one way in which it is written down."""
    return linking.dump(linking.read(json.dumps(where)))


def names(page: str) -> list[str]:
    return re.findall(r'class="link-plain" href="/[a-z]+/\d+">([^<]+)<', page)


def test_a_view_saved_from_a_list_says_all_of_it_in_its_address(
    alice_browser: Any, session: TenantSession, alice: User, cast: Any, browse: Any
) -> None:
    make_contact(session, first_name="Lena", last_name="Lead")
    make_contact(session, first_name="Carl", last_name="Customer", lifecycle="customer", owner_id=alice.id)
    asked = {"where": json.dumps(NESTED), "q": "", "sort": "name", "columns": "title,tags", "by": "lifecycle"}
    answer = alice_browser.post("/views", {"type": "contact", "name": "Fresh", "address": urlencode(asked)})
    assert answer.status_code == 303
    view = session.query(SavedView).one()
    assert (view.state["columns"], view.state["group"]) == (["title", "tags"], "lifecycle")
    assert meant(view.state["where"]) == meant(NESTED)
    page, address = follow(alice_browser, f"/contacts?saved={view.id}")
    assert names(page) == ["Lena Lead"] and "view-changed" not in page
    said = dict(parse_qsl(urlsplit(address).query))
    assert meant(json.loads(said["where"])) == meant(NESTED)
    assert said["sort"] == "name" and said["columns"] == "title,tags"
    assert not view.is_shared
    session.commit()
    assert browse(cast.bob).get(f"/contacts?saved={view.id}").status_code == 404
    assert names(browse(cast.bob).get(address).text) == ["Lena Lead"]  # a copied link shows the same
    changed = alice_browser.get(address.replace("sort=name", "sort=-name")).text
    assert "view-changed" in changed


def test_a_view_that_names_a_field_that_is_gone_opens_and_says_so(
    alice_browser: Any, session: TenantSession, alice: User
) -> None:
    field = make_field(session, record_type="contact", key="tier", label="Tier")
    contact = make_contact(session, first_name="Gold", last_name="Member")
    make_contact(session, first_name="No", last_name="Tier")
    update(session, contact, {"custom": {"tier": "gold"}}, by=SYSTEM)
    where = both(cmp("custom.tier", "gold"), cmp("lifecycle", "lead"))
    state = {"columns": ["title", "custom.tier"], "where": where, "sort": "custom.tier", "group": "custom.tier"}
    view = views.create(session, {"type": "contact", "name": "Tiers", **state}, user=views.Person(alice.id), by=SYSTEM)
    session.commit()
    page, address = follow(alice_browser, f"/contacts?saved={view.id}")
    assert names(page) == ["Gold Member"] and "are gone" not in page
    removed_fields.remove(session, session.merge(field), by=SYSTEM)
    session.commit()
    for path in (f"/contacts?saved={view.id}", address):
        page, _address = follow(alice_browser, path)
        assert sorted(names(page)) == ["Gold Member", "No Tier"], "what can still be asked is asked"
        assert "no longer have the value asked for: Tier." in page
    alice_browser.post(f"/views/{view.id}", {"address": "lifecycle=lead&sort=-updated_at"})
    assert "are gone" not in follow(alice_browser, f"/contacts?saved={view.id}")[0]


def test_every_list_its_file_and_a_change_of_all_of_it_leave_out_a_field_that_is_gone(
    alice_browser: Any, session: TenantSession
) -> None:
    make_task(session, title="Call back")
    for make in (make_company, make_deal, make_meeting):
        make(session)
    session.commit()
    gone = "custom.tier=gold&columns=custom.tier,updated_at&sort=custom.tier"
    for plural in ("tasks", "companies", "deals", "meetings"):
        page = alice_browser.get(f"/{plural}?{gone}&saved=0")
        assert page.status_code == 200 and "no longer have the value asked for: tier" in page.text, plural
    assert "Call back" in alice_browser.get(f"/exports/tasks.csv?{gone}").text
    asked = alice_browser.post("/bulk/task/ask", {"all": "1", "address": gone, "action": "tag"})
    assert asked.status_code == 200


def test_a_list_opens_with_ones_own_default_else_the_teams(
    alice_browser: Any, session: TenantSession, cast: Any, browse: Any
) -> None:
    team = make_view(session, name="Of the team", is_shared=True, user_id=cast.alice)
    own = make_view(session, name="Bob’s own", user_id=cast.bob)
    bob = browse(cast.bob)
    assert bob.post(f"/views/{team.id}/default?wanted=1&team=1").status_code == 403
    alice_browser.post(f"/views/{team.id}/default?wanted=1&team=1")
    assert f"saved={team.id}" in bob.get("/contacts").location
    bob.post(f"/views/{own.id}/default?wanted=1")
    assert f"saved={own.id}" in bob.get("/contacts").location
    assert bob.get("/contacts?saved=0").status_code == 200
    bob.post(f"/views/{own.id}/pin?wanted=1")
    assert "Bob’s own" in bob.get("/tasks").text and "Bob’s own" not in alice_browser.get("/contacts?saved=0").text


def test_a_view_that_was_deleted_comes_back_as_it_was(browse: Any, session: TenantSession, cast: Any) -> None:
    view = make_view(session, name="Hot leads", is_shared=True, user_id=cast.alice, state={"columns": ["title"]})
    alice, bob = browse(cast.alice), browse(cast.bob)
    bob.post(f"/views/{view.id}/pin?wanted=1")
    alice.post(f"/views/{view.id}/delete")
    page = alice.get("/contacts?saved=0").text
    undo = re.search(r'action="(/views/deleted/\d+/undo)"', page)
    assert undo and "Hot leads" not in bob.get("/tasks").text
    assert bob.post(undo[1]).status_code == browse(cast.mallory).post(undo[1]).status_code == 404
    assert f"saved={view.id}" in alice.post(undo[1]).location and alice.post(undo[1]).status_code == 404
    assert "Hot leads" in bob.get("/tasks").text, "still in his sidebar"
    session.rollback()
    assert session.query(SavedView).one().state == {"columns": ["title"]}


def test_a_view_that_was_saved_over_stands_for_its_old_list_again(
    browse: Any, session: TenantSession, cast: Any
) -> None:
    view = make_view(session, name="Hot leads", is_shared=True, user_id=cast.alice, state={"columns": ["title"]})
    alice, bob = browse(cast.alice), browse(cast.bob)
    alice.post(f"/views/{view.id}", {"address": "lifecycle=lead"})
    undo = re.search(r'action="(/views/changed/\d+/undo)"', follow(alice, f"/contacts?saved={view.id}")[0])
    assert undo and bob.post(undo[1]).status_code == browse(cast.mallory).post(undo[1]).status_code == 404
    assert f"saved={view.id}" in alice.post(undo[1]).location
    session.expire_all()
    assert session.get_one(SavedView, view.id).state == {"columns": ["title"]}
    session.rollback()
    assert alice.post(undo[1]).status_code == 409, "it stands for another list than the one that was saved"
    alice.post(f"/views/{view.id}", {"name": "Leads"})
    assert "/views/changed/" not in follow(alice, f"/contacts?saved={view.id}")[0], "a name is no list"


def test_what_is_somebody_elses_is_not_there_or_not_ones_to_change(
    browse: Any, session: TenantSession, cast: Any
) -> None:
    private, shared = make_view(session, user_id=cast.alice), make_view(session, user_id=cast.alice, is_shared=True)
    posts = [f"/{verb}" for verb in ("delete", "pin?wanted=1", "default?wanted=1")]
    for rest in ("", *posts):
        assert browse(cast.mallory).post(f"/views/{shared.id}{rest}", {"name": "Mine"}).status_code == 404
        assert browse(cast.bob).post(f"/views/{private.id}{rest}", {"name": "Mine"}).status_code == 404
    assert browse(cast.mallory).get(f"/views/{shared.id}/edit").status_code == 404
    assert browse(cast.bob).post(f"/views/{shared.id}", {"name": "Mine"}).status_code == 403
    assert browse(cast.vera).post("/views", {"type": "contact", "name": "V", "shared": "1"}).status_code == 403
    assert browse(cast.vera).post("/views", {"type": "contact", "name": "V"}).status_code == 303


def test_groups_have_counts_and_sums_and_each_loads_its_own_rows(
    alice_browser: Any, session: TenantSession, alice: User
) -> None:
    stages = make_pipeline(session).stages
    company = make_company(session, name="Borealis")
    for name, stage, minor, currency in (
        ("Pilot", 0, 100_00, "EUR"), ("Pilot two", 0, 50_00, "EUR"),
        ("Abroad", 0, 70_00, "USD"), ("Won", 2, 900_00, "EUR"),
    ):  # fmt: skip
        make_deal(session, name=name, stage=stages[stage], amount_minor=minor, currency=currency, company_id=company.id)
    page = alice_browser.get("/deals?by=stage_id&sort=name&currency[in]=EUR,USD").text
    heads = re.findall(r'<span dir="auto">([^<]+)</span><span class="count">(\d+)</span>.*?num">([^<]+)<', page)
    assert heads == [(stages[0].name, "3", "€150 · $70"), (stages[2].name, "1", "€900")]
    assert names(page) == ["Abroad", "Pilot", "Pilot two"], "the first group stands open"
    second = unescape(re.findall(r'class="group-open"[^>]*hx-get="([^"]+)"', page)[0])
    assert names(alice_browser.get(second).text) == ["Won"]
    again = alice_browser.get(f"/deals?by=stage_id&opened={re.findall('[?&]part=([^&]+)', second)[0]}").text
    assert names(again) == ["Won"] and names(alice_browser.get("/deals?by=stage_id&opened=").text) == []
    assert names(alice_browser.get(f"{second}&limit=1&q=nothing").text) == []
    assert alice_browser.get("/deals?by=name").status_code == 422
    assert alice_browser.get("/deals?by=stage_id&part=v.x").status_code == 422


def test_days_are_grouped_by_month_and_what_has_none_comes_last(alice_browser: Any, session: TenantSession) -> None:
    from datetime import date

    for name, day in (("Late", date(2026, 12, 31)), ("Early", date(2026, 11, 1)), ("Never", None)):
        make_deal(session, name=name, expected_close=day)
    page = alice_browser.get("/deals?by=expected_close:month").text
    heads = re.findall(r'<span dir="auto">([^<]+)</span><span class="count">', page)
    assert heads == ["November 2026", "December 2026", "none"]
    parts = [unescape(url) for url in re.findall(r'class="group-open"[^>]*hx-get="([^"]+)"', page)]
    assert [names(alice_browser.get(url).text) for url in parts] == [["Late"], ["Never"]]


def test_a_record_stands_in_the_group_of_each_of_its_tags_and_counts_once(
    alice_browser: Any, session: TenantSession
) -> None:
    areas = custom.define(
        session,
        {"record_type": "contact", "label": "Areas", "type": "multi_select", "options": ["North", "South"]},
        by=SYSTEM,
    )
    lena, carl = make_contact(session, first_name="Lena"), make_contact(session, first_name="Carl")
    update(session, lena, {"tags": ["VIP", "Press"], "custom": {areas.key: ["north", "south"]}}, by=SYSTEM)
    update(session, carl, {"tags": ["VIP"]}, by=SYSTEM)
    session.commit()
    heads = r'<span dir="auto">([^<]+)</span><span class="count">(\d)'
    page = alice_browser.get("/contacts?by=tags").text
    assert re.findall(heads, page) == [("Press", "1"), ("VIP", "2")]
    assert 'id="list-lead">2 in all' in page and 'data-total="2"' in page
    part = alice_browser.get("/contacts?by=tags&part=v.vip").text
    assert "Lena" in part and "Carl" in part
    page = alice_browser.get(f"/contacts?by=custom.{areas.key}").text
    assert re.findall(heads, page) == [("North", "1"), ("South", "1"), ("none", "1")]


def test_many_groups_come_fifty_at_a_time_and_the_list_knows_how_many_records_it_has(
    alice_browser: Any, session: TenantSession
) -> None:
    for i in range(53):
        company = make_company(session, name=f"Firm {i:03}")
        make_deal(session, company_id=company.id, amount_minor=100, currency="EUR")
    make_deal(session, amount_minor=7_00, currency="EUR")
    page = alice_browser.get("/deals?by=company_id&columns=amount").text
    head = r'aria-controls="group-(\d+)".*?<span dir="auto">([^<]+)</span>'
    assert re.findall(head, page) == [(str(i + 1), f"Firm {i:03}") for i in range(50)]
    assert "50 of 54 groups" in page and 'data-total="54"' in page
    assert ">€60<" in page, "the sum of the whole list"
    more = unescape(re.findall(r'id="load-more".*?hx-get="([^"]+)"', page, re.DOTALL)[0])
    rest = alice_browser.get(more).text
    assert re.findall(head, rest) == [("51", "Firm 050"), ("52", "Firm 051"), ("53", "Firm 052"), ("54", "none")]
    assert "54 of 54 groups" in rest and 'hx-swap="afterend"' not in rest and 'aria-expanded="true"' not in rest
    assert alice_browser.get("/deals?by=company_id&groups=all").status_code == 200, "an older link"
    plain = unescape(re.findall(r'id="load-more".*?href="([^"]+)"', page, re.DOTALL)[0])
    whole = alice_browser.get(plain).text
    assert len(re.findall(head, whole)) == 54 and names(whole), "without scripts the groups before stay, the first open"
    make_contact(session)
    assert 'id="list-lead">1 in all' in alice_browser.get("/contacts?by=company_id").text


def test_a_groups_rows_are_there_again_as_many_as_were_shown(alice_browser: Any, session: TenantSession) -> None:
    stages = make_pipeline(session).stages
    for i in range(60):
        make_deal(session, name=f"Deal {i:02}", stage=stages[0])
    page = alice_browser.get(f"/deals?by=stage_id&sort=name&opened=50~v.{stages[0].id}").text
    assert len(names(page)) == 50
    more = unescape(re.findall(r'class="group-more".*?hx-get="([^"]+)"', page, re.DOTALL)[0])
    assert names(alice_browser.get(more).text) == [f"Deal {i:02}" for i in range(50, 60)]
    assert len(names(alice_browser.get(f"/deals?by=stage_id&opened=1~v.{stages[0].id}").text)) == 25


def test_more_groups_than_a_page_takes_go_on_behind_those_before(
    alice_browser: Any, session: TenantSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_page, "_GROUPS", 2)
    monkeypatch.setattr(list_page, "_MOST_GROUPS", 4)
    for i in range(7):
        make_deal(session, company_id=make_company(session, name=f"Firm {i}").id)
    page, shown = alice_browser.get("/deals?by=company_id").text, []
    while more := re.findall(r' href="([^"]+groups=[^"]+)" hx-get', page):
        shown.append(re.findall(r'<span dir="auto">Firm (\d)</span>', page))
        page = alice_browser.get(unescape(more[0])).text
    assert shown == [["0", "1"], ["0", "1", "2", "3"], ["4", "5"]]
    assert re.findall(r'<span dir="auto">Firm (\d)</span>', page) == ["4", "5", "6"]


def test_columns_of_related_records_are_shown_sorted_by_saved_and_exported(
    alice_browser: Any, session: TenantSession, alice: User, cast: Any
) -> None:
    tier = make_field(session, record_type="company", key="tier", label="Tier")
    north, south = (make_company(session, name=name) for name in ("North", "South"))
    update(session, north, {"employees": 40, "owner_id": alice.id, "custom": {"tier": "Gold"}}, by=SYSTEM)
    update(session, south, {"employees": 7}, by=SYSTEM)
    for name, company in (("Ann", north), ("Ben", south), ("Cleo", None)):
        make_contact(session, first_name=name, last_name="Alva", company_id=company and company.id)
    deal = make_deal(session, name="Cranes", company_id=north.id)
    task = make_task(session, title="Call about cranes")
    make_link(session, task, deal)
    address = "sort=-company.employees&columns=company.owner,company.employees,company.custom.tier"
    page = alice_browser.get(f"/contacts?{address}").text
    assert names(page) == ["Ann Alva", "Ben Alva", "Cleo Alva"]
    assert alice.name in page and ">Gold<" in page and "Company: Employees" in page
    answer = alice_browser.post("/views", {"type": "contact", "name": "Tiers", "address": address})
    assert answer.status_code == 303
    lines = alice_browser.get(f"/exports/contacts.csv?{address}").text.splitlines()
    assert lines[0].endswith("Company: Owner,Company: Employees,Company: Tier")
    assert lines[0].startswith("\ufeffFirst name,Last name,E-mails,"), "as each row of the page says whose it is"
    assert lines[1:] == [f"Ann,Alva,,{alice.name},40,Gold", "Ben,Alva,,,7,", "Cleo,Alva,,,,"]
    page = alice_browser.get("/tasks?columns=deal.name,deal.stage").text
    assert f'<a class="link-quiet" href="/deals/{deal.id}">Cranes</a>' in page and "Qualification" in page
    removed_fields.remove(session, session.merge(tier), by=SYSTEM)
    session.commit()
    page, _address = follow(alice_browser, f"/contacts?saved={session.query(SavedView).one().id}")
    assert "no longer have the value asked for: Tier." in page and "Company: Tier" not in page
