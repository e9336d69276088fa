"""Reviewing by keyboard alone, by two people at once, and from one meeting to the next."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Response, expect
from sqlalchemy import select

from shared import records, review
from shared.accounts import users
from shared.events import Actor
from shared.models import Contact, Insight, InsightStatus, Meeting, MeetingStatus, Role, Task
from shared.schemas.insight import Evidence, Item, Kind
from shared.security import hash_password
from tests import factories
from tests.e2e.conftest import PASSWORD, Site, listen
from tests.e2e.test_accessibility import AXE, judge
from tests.e2e.test_main_path import read

#: Of a practised person who reads what is on the screen; the hour is 1,100 lines long.
PAUSE_MS = 80
#: The next proposal is chosen and may be decided, or none is left: until then nobody would press a key.
READY = """() => {
    const waits = [...document.querySelectorAll("[data-stop][data-open=yes]:not([data-busy])")];
    return !waits.length || waits.some((stop) => stop.classList.contains("chosen"));
}"""


def chosen(page: Page) -> str:
    """The id of the proposal that is chosen."""
    return page.locator("article.insight.chosen").get_attribute("data-insight") or ""


def card_of(page: Page, id: str) -> str:
    return f"#insight-{id}"


def found(site: Site, id: str) -> Insight:
    with site.database.scope(site.workspace_id, read_only=True) as session:
        return session.get_one(Insight, int(id))


@pytest.fixture
def colleague(site: Site, chromium: Browser, complaints: list[str]) -> Iterator[Page]:
    """Tom's browser, signed in, at the same company."""
    with site.database.scope(site.workspace_id) as session:
        if session.scalar(select(users.User.id).where(users.User.email == "tom@pindolar.example")) is None:
            session.add(
                users.User(
                    name="Tom Ashworth", email="tom@pindolar.example", role=Role.MEMBER,
                    password_hash=hash_password(PASSWORD),
                )
            )  # fmt: skip
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=site.url)
    page = context.new_page()
    listen(page, complaints)
    page.goto("/login")
    page.get_by_label("E-mail").fill("tom@pindolar.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url("**/")
    yield page
    context.close()


def test_a_meeting_of_ninety_minutes_takes_hardly_more_than_a_key_an_item(
    page: Page, site: Site, complaints: list[str], record_property: pytest.RecordProperty
) -> None:
    read(page, "09_workshop_long_mossgrave.txt")
    items = page.locator("article.insight").count()
    took: list[float] = []

    def note(response: Response) -> None:
        if response.request.method == "POST":
            timing = response.request.timing
            took.append(timing["responseStart"] - timing["requestStart"])

    page.on("response", note)
    keys, begun = 0, time.monotonic()
    bar = page.locator("#review-bar")
    page.keyboard.press("A")
    keys += 1
    expect(page.locator("article.insight-accepted").first).to_be_attached()
    while page.locator("[data-stop][data-open=yes]:not([data-busy])").count() and keys <= items + 15:
        page.keyboard.press("x" if keys % 5 == 4 else "a")
        keys += 1
        page.wait_for_timeout(PAUSE_MS)
        page.wait_for_function(READY)
    expect(bar).to_contain_text("All reviewed")
    seconds = time.monotonic() - begun
    took.sort()
    told = f"{items} items, {keys} keys, {seconds:.1f} s; answers in ms: half within {took[len(took) // 2]:.0f}"
    told += f", 95 % within {took[int(len(took) * 0.95)]:.0f}"
    print(told)
    record_property("review", told)
    assert keys <= items + 15
    assert page.locator("article.insight[data-open=yes]").count() == 0
    assert page.locator("[data-group] > details[open]").count() <= 1
    assert complaints == []


def test_two_findings_are_merged_moved_and_given_to_somebody_by_keys(
    page: Page, site: Site, complaints: list[str]
) -> None:
    read(page, "03_pricing_grantley_voss.vtt")
    tasks = page.locator("article.insight[data-kind=action_item]")
    kept, other = (tasks.nth(n).get_attribute("data-insight") or "" for n in (0, 1))
    tasks.nth(0).locator("h3").click()
    page.keyboard.press("m")
    expect(page.locator("#merge-bar")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#merge-bar")).to_be_hidden()
    assert chosen(page) == kept
    page.keyboard.press("m")
    assert chosen(page) == other
    page.keyboard.press("Enter")
    expect(page.locator(card_of(page, other))).to_have_attribute("data-open", "no")
    expect(page.locator(card_of(page, other))).to_contain_text("Merged into")
    assert len(found(site, kept).evidence) > 1
    page.keyboard.press("u")
    expect(page.locator(card_of(page, other))).to_have_attribute("data-open", "yes")
    page.locator(f"{card_of(page, kept)} h3").click()
    page.keyboard.press("o")
    page.locator("#modal-body .choice", has_text="Priya Nandakumar").wait_for()
    page.keyboard.press("1")
    expect(page.locator(card_of(page, kept))).to_contain_text("Priya Nandakumar")
    assert chosen(page) == kept
    page.locator("article.insight[data-kind=company] h3").first.click()
    company = chosen(page)
    page.keyboard.press("a")
    expect(page.locator(card_of(page, company))).to_have_attribute("data-open", "no")
    name = found(site, company).data["name"]
    page.locator(f"{card_of(page, kept)} h3").click()
    page.keyboard.press("t")
    expect(page.locator("#record")).to_be_focused()
    page.locator("#record").press_sequentially(name[:6])
    page.locator("#record-list [role=option][aria-selected=true]", has_text=name).wait_for()
    page.keyboard.press("Enter")
    expect(page.locator("#modal")).to_be_hidden()
    expect(page.locator(card_of(page, kept))).to_contain_text(name)
    page.locator(f"{card_of(page, kept)} h3").click()
    page.keyboard.press("a")
    expect(page.locator(card_of(page, kept))).to_have_attribute("data-open", "no")
    assert found(site, kept).status is InsightStatus.EDITED
    with site.database.scope(site.workspace_id, read_only=True) as session:
        assert session.scalars(select(Task)).first() is not None
    assert complaints == []


@pytest.fixture
def question(site: Site) -> str:
    """The id of a finding that makes a Sarah CFO, where two work at the meeting's company; a task stands behind it."""
    with site.database.scope(site.workspace_id) as session:
        by = Actor("user", session.scalars(select(users.User.id)).first())
        company = records.create(session, "company", {"name": "Quill"}, by=by)
        for last in ("Kimble", "Montrose"):
            values = {"first_name": "Sarah", "last_name": last, "company_id": company.id}
            records.create(session, "contact", values, by=by)
        lines = [("Ann", "Sarah is CFO now."), ("Ann", "We start in May.")]
        meeting = factories.make_meeting(session, lines=lines, company_id=company.id, status=MeetingStatus.READY)
        found = [
            Item(
                kind=Kind.CONTACT, data={"name": "Sarah", "title": "CFO"}, confidence=0.9,
                evidence=[Evidence(quote="Sarah is CFO now.", utterance=0, start=0, end=17)],
            ),
            Item(kind=Kind.DECISION, data={"description": "We start in May"}, confidence=0.9),
        ]  # fmt: skip
        return str(review.propose(session, meeting, found)[0].id)


def test_who_is_meant_is_answered_by_number(page: Page, site: Site, question: str, complaints: list[str]) -> None:
    page.goto(f"/meetings/{found(site, question).meeting_id}")
    expect(page.locator("body[data-mounted] [data-review]")).to_be_visible()
    expect(page.locator("#review-bar")).to_contain_text("1 asks")
    expect(page.locator("#accept-all")).to_have_text("Accept 1")
    card = page.locator(card_of(page, question))
    assert chosen(page) == question
    page.keyboard.press("a")
    expect(page.locator(".toasts")).to_contain_text("Say first which one is meant")
    expect(card.locator("[data-pick='1']")).to_be_focused()
    assert found(site, question).status is InsightStatus.PENDING
    page.keyboard.press("2")
    expect(card.locator("[data-pick='2']")).to_be_checked()
    page.keyboard.press("a")
    expect(card).to_have_attribute("data-open", "no")
    with site.database.scope(site.workspace_id, read_only=True) as session:
        titles = {contact.last_name: contact.title for contact in session.scalars(select(Contact))}
    assert (titles["Kimble"], titles["Montrose"]) == (None, "CFO")
    assert chosen(page) != question
    page.keyboard.press("u")  # the yes
    expect(card).to_have_attribute("data-open", "yes")
    page.keyboard.press("u")  # and the answer
    expect(card).to_contain_text("Which one is meant?")
    page.keyboard.press("1")
    page.keyboard.press("a")
    expect(card).to_have_attribute("data-open", "no")
    assert complaints == []


def test_a_line_of_known_records_takes_one_key(page: Page, site: Site) -> None:
    with site.database.scope(site.workspace_id) as session:
        by = Actor("user", session.scalars(select(users.User.id)).first())
        names = (("Ida", "Falk"), ("Otto", "Berg"))
        for first, last in names:
            records.create(session, "contact", {"first_name": first, "last_name": last}, by=by)
        meeting = factories.make_meeting(session, lines=[("Ann", "Ida and Otto.")], status=MeetingStatus.READY)
        items = [Item(kind=Kind.CONTACT, data={"name": " ".join(name)}, confidence=0.9) for name in names]
        items.append(Item(kind=Kind.DECISION, data={"description": "We start in May"}, confidence=0.9))
        review.propose(session, meeting, items)
        id = meeting.id
    page.goto(f"/meetings/{id}")
    expect(page.locator("body[data-mounted] .known.chosen")).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator("article.insight-accepted")).to_have_count(2)
    expect(page.locator("article.insight.chosen")).to_have_attribute("data-kind", "decision")


@pytest.fixture
def decisions(site: Site) -> int:
    """A meeting in which two things were decided."""
    with site.database.scope(site.workspace_id) as session:
        meeting = factories.make_meeting(session, lines=[("Ann", "We start in May.")], status=MeetingStatus.READY)
        said = ("We start in May", "We pay in June")
        review.propose(
            session, meeting, [Item(kind=Kind.DECISION, data={"description": text}, confidence=0.9) for text in said]
        )
        return meeting.id


def test_the_messages_undo_is_drawn_with_its_own_answer(page: Page, decisions: int, site: Site) -> None:
    page.route("**/review/state", lambda route: route.abort())  # nobody else's decisions bring it
    page.goto(f"/meetings/{decisions}")
    expect(page.locator("body[data-mounted] article.insight.chosen")).to_be_visible()
    card = page.locator("article.insight").first
    for undo in (lambda: page.keyboard.press("z"), page.locator(".toasts").get_by_role("button", name="Undo").click):
        card.locator("h3").click()
        page.keyboard.press("x")
        expect(card).to_have_attribute("data-open", "no")
        undo()
        expect(card).to_have_attribute("data-open", "yes", timeout=2_000)
        expect(card).to_have_class(re.compile("chosen"))
        expect(page.locator(".toasts")).to_contain_text("Undone")
    assert found(site, card.get_attribute("data-insight") or "").status.is_open


def test_what_failed_on_the_way_is_sent_once_more_as_it_was(page: Page, decisions: int) -> None:
    page.goto(f"/meetings/{decisions}")
    expect(page.locator("body[data-mounted] article.insight.chosen")).to_be_visible()
    again = page.locator(".toasts").get_by_role("button", name="Try again")
    card = page.locator("article.insight").first
    card.locator("h3").click()
    page.keyboard.press("s")
    page.route("**/meetings/*/review", lambda route: route.abort())
    page.keyboard.press("x")
    again.wait_for()
    page.unroute("**/meetings/*/review")
    again.click()  # many at once: what was selected goes with it
    expect(card).to_have_class(re.compile("insight-rejected"))
    expect(page.locator("article.insight[data-open=yes]")).to_have_count(1)
    page.route("**/undo", lambda route: route.abort())
    page.keyboard.press("z")
    again.wait_for()
    page.unroute("**/undo")
    again.click()  # the message's undo: the page around it stays
    expect(card).to_have_attribute("data-open", "yes")
    expect(page.locator("article.insight")).to_have_count(2)
    expect(page.locator("main h1")).to_be_visible()


def test_the_words_are_one_key_away_and_so_is_the_way_back_on_a_phone(page: Page, complaints: list[str]) -> None:
    read(page, "08_support_escalation_hexley.json")
    page.keyboard.press("j")
    page.keyboard.press("v")
    expect(page.locator(".utterance.focused mark.lit").first).to_be_in_viewport()
    page.set_viewport_size({"width": 390, "height": 844})
    card = page.locator("article.insight[data-open=yes]").nth(2)
    card.get_by_label("More").click()
    card.get_by_role("button", name="Show the words").click()
    expect(page.locator(".utterance.focused").first).to_be_in_viewport()
    page.locator("#back-to-card").click()
    expect(card).to_be_in_viewport()
    assert complaints == []


def test_a_citation_of_the_summary_leads_to_its_line_on_every_screen(
    page: Page, site: Site, complaints: list[str]
) -> None:
    read(page, "07_partner_call_varnholt.docx")
    meeting = int(page.url.partition("/meetings/")[2].partition("#")[0])
    text, lines = "They start in May. It must work in the cold.", (100, 40)
    with site.database.scope(site.workspace_id) as session:
        cited = [{"at": at, "utterance": line} for at, line in zip((17, len(text) - 1), lines, strict=True)]
        meant = session.get_one(Meeting, meeting)
        item = Item(kind=Kind.SUMMARY, data={"text": text, "citations": cited}, confidence=0.6)
        review.propose(session, meant, [item])
        meant.summary = text
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(f"/meetings/{meeting}")
        for line in lines:
            page.get_by_role("link", name=f"Line {line + 1} of the transcript").click()
            said = page.locator(f"#u-{line}")
            expect(said).to_be_in_viewport(ratio=1)
            assert (
                page.evaluate(  # not behind the bar at the foot or the head
                    "id => { const r = document.getElementById(id).getBoundingClientRect();"
                    " return document.elementFromPoint(r.x + 20, r.bottom - 4)?.closest('.utterance')?.id }",
                    f"u-{line}",
                )
                == f"u-{line}"
            )
    assert complaints == []


def test_several_are_refused_together_and_come_back_together(page: Page, complaints: list[str]) -> None:
    page.emulate_media(reduced_motion="reduce")  # a menu closes when what holds it glides away
    read(page, "05_onboarding_kickoff_fernhallow.md")
    page.keyboard.press("J")
    page.keyboard.press("J")
    expect(page.locator("#select-bar")).to_contain_text("3 selected")
    page.keyboard.press("x")
    expect(page.locator("article.insight-rejected")).to_have_count(3)
    expect(page.locator("article.insight.chosen")).to_have_attribute("data-open", "yes")
    page.keyboard.press("U")
    expect(page.locator("article.insight-rejected")).to_have_count(0)
    group = page.locator("[data-group]", has=page.locator("[data-kind=contact]")).first
    group.locator(".group-actions summary").click()
    group.get_by_role("button", name="Reject all").click()
    expect(page.locator("article.insight-rejected").first).to_be_attached()
    assert complaints == []


def test_two_people_see_each_others_decisions_and_do_not_collide(
    page: Page, colleague: Page, site: Site, complaints: list[str]
) -> None:
    read(page, "02_demo_marrowby.vtt")
    colleague.goto(page.url)
    expect(colleague.locator("body[data-mounted] [data-review]")).to_be_visible()
    first, second = (page.locator("article.insight").nth(n).get_attribute("data-insight") or "" for n in (0, 1))
    page.locator(f"{card_of(page, first)} h3").click()
    page.keyboard.press("a")
    theirs = colleague.locator(card_of(colleague, first))
    expect(theirs).to_have_attribute("data-open", "no", timeout=12_000)
    expect(theirs).to_contain_text("Priya Nandakumar")
    colleague.route("**/review/state", lambda route: route.abort())  # Tom's page does not learn of the next one
    page.locator(f"{card_of(page, second)} h3").click()
    page.keyboard.press("x")
    expect(page.locator(card_of(page, second))).to_have_attribute("data-open", "no")
    colleague.locator(f"{card_of(colleague, second)} h3").click()
    colleague.keyboard.press("a")
    expect(colleague.locator(".toasts")).to_contain_text("Priya Nandakumar rejected this already.")
    expect(colleague.locator(card_of(colleague, second))).to_have_class("insight insight-rejected")
    assert found(site, second).status is InsightStatus.REJECTED
    assert [line for line in complaints if "ERR_FAILED" not in line] == []


def test_one_meeting_leads_to_the_next_until_all_is_done(page: Page, complaints: list[str]) -> None:
    read(page, "10_erstgespraech_drosselbruck.txt")
    page.goto("/review")
    page.evaluate(AXE.read_text())
    assert judge(page) == []
    expect(page.locator(".queue-meeting").first).to_be_visible()
    page.keyboard.press("n")
    for _meeting in range(12):
        expect(page.locator("body[data-mounted] [data-review]")).to_be_visible()
        if page.locator("#accept-above").count():
            page.locator("#accept-above").select_option("0.0")
            page.locator("#accept-all").click()
        expect(page.locator("#review-bar")).to_contain_text("All reviewed")
        if not page.locator("[data-next-meeting]").count():
            break
        here = page.url
        page.keyboard.press("n")
        page.wait_for_url(lambda url, here=here: url.split("#")[0] != here.split("#")[0])
    expect(page.locator("#review-bar")).to_contain_text("Nothing else waits")
    page.goto("/review")
    expect(page.locator("main")).to_contain_text("All done")
    page.goto("/settings/review")
    expect(page.locator("table.precision").first).to_contain_text("%")
    page.evaluate(AXE.read_text())
    assert judge(page) == []
    assert complaints == []
