"""A long transcript comes beside its page: seen at once, whole a moment later, and kept by the browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from shared import review
from shared.accounts import users
from shared.models import Insight, MeetingStatus
from shared.schemas.insight import Evidence, Item, Kind
from tests import factories
from tests.e2e.conftest import Site

LONG = 300
PAIN = "The export 🙂 breaks each Monday."
#: What moved by itself, in the browser's own measure.
SHIFTS = """() => new Promise((tell) => {
    let sum = 0;
    new PerformanceObserver((list) => { for (const entry of list.getEntries()) sum += entry.value; })
        .observe({ type: "layout-shift", buffered: true });
    setTimeout(() => tell(sum), 300);
})"""


@pytest.fixture
def meeting(site: Site) -> int:
    """300 lines; the first finding rests on line 200, after an emoji, and a second one shares words with it."""
    lines = [("Ann" if n % 3 else "Bob", f"Line {n} of what was said, some words long.") for n in range(LONG)]
    lines[200] = ("Ann", PAIN)
    with site.database.scope(site.workspace_id) as session:
        meeting = factories.make_meeting(session, lines=lines, status=MeetingStatus.READY)
        spans = (("The export breaks", 4, len(PAIN)), ("Mondays are bad", PAIN.index("each"), len(PAIN)))
        items = [
            Item(
                kind=Kind.PAIN_POINT, data={"description": said}, confidence=0.9,
                evidence=[Evidence(quote=PAIN[start:end], utterance=200, start=start, end=end)],
            )
            for said, start, end in spans
        ]  # fmt: skip
        review.propose(session, meeting, items)
        return meeting.id


def whole(page: Page) -> None:
    expect(page.locator(".utterance")).to_have_count(LONG)
    expect(page.locator(".transcript-rest")).to_have_count(0)


def test_what_is_seen_first_stands_on_the_page_and_stays_where_it_is(
    page: Page, meeting: int, complaints: list[str]
) -> None:
    answer = page.goto(f"/meetings/{meeting}")
    assert answer is not None
    sent = re.findall(r'id="u-(\d+)"', answer.text())
    assert 10 < len(sent) < 40 and "200" in sent
    whole(page)
    expect(page.locator("#u-200 mark.lit").first).to_be_in_viewport()
    assert page.locator(".utterance").evaluate_all("all => all.map(one => Number(one.id.slice(2)))") == [*range(LONG)]
    assert page.evaluate(SHIFTS) < 0.01
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(f"/meetings/{meeting}?t=1500")
        whole(page)
        expect(page.locator("#u-150.focused")).to_be_in_viewport()
        page.goto(f"/meetings/{meeting}#u-40")
        whole(page)
        expect(page.locator("#u-40.focused")).to_be_in_viewport()
    assert complaints == []


def test_a_reload_the_way_back_and_a_decision_send_it_no_second_time(
    page: Page, site: Site, meeting: int, complaints: list[str]
) -> None:
    sizes: list[int] = []

    def note(response: object) -> None:
        if response.url.endswith("/transcript"):  # type: ignore[attr-defined]
            sizes.append(response.request.sizes()["responseBodySize"])  # type: ignore[attr-defined]

    page.on("requestfinished", lambda request: note(request.response()))
    page.goto(f"/meetings/{meeting}")
    whole(page)
    page.keyboard.press("a")
    expect(page.locator("article.insight-accepted")).to_have_count(1)
    page.reload()
    whole(page)
    page.goto("/meetings")
    page.go_back()
    whole(page)
    assert len(sizes) >= 3 and sizes[0] > 1000
    assert max(sizes[1:]) == 0
    assert complaints == []


def test_marks_follow_what_is_decided(page: Page, site: Site, meeting: int, complaints: list[str]) -> None:
    page.goto(f"/meetings/{meeting}")
    whole(page)
    marks = page.locator("#u-200 mark")
    with site.database.scope(site.workspace_id, read_only=True) as session:
        first, second = session.scalars(select(Insight.id).where(Insight.meeting_id == meeting).order_by(Insight.id))
    assert marks.all_inner_texts() == ["export 🙂 breaks ", "each Monday."]
    assert marks.evaluate_all("all => all.map(one => one.dataset.insights)") == [f"{first}", f"{first} {second}"]
    page.locator(f"#insight-{first} h3").click()
    page.keyboard.press("x")
    expect(page.locator(f"#insight-{first}")).to_have_class(re.compile("insight-rejected"))
    expect(marks).to_have_count(1)
    expect(marks).to_have_text("each Monday.")
    page.keyboard.press("u")
    expect(marks).to_have_count(2)
    page.locator("#u-200 mark").first.click()
    expect(page.locator(f"#insight-{first}")).to_have_class(re.compile("chosen"))
    assert complaints == []


def test_a_fetch_that_fails_says_so_and_is_tried_again(page: Page, meeting: int, complaints: list[str]) -> None:
    page.route("**/transcript", lambda route: route.abort())
    page.goto(f"/meetings/{meeting}#u-20")
    rest = page.locator("#transcript-rest")
    expect(rest).to_contain_text("could not be fetched")
    page.keyboard.press("v")  # the words that are on the page are shown nevertheless
    expect(page.locator("#u-200.focused")).to_be_visible()
    page.unroute("**/transcript")
    rest.get_by_role("button", name="Try again").click()
    whole(page)
    assert [line for line in complaints if "ERR_FAILED" not in line] == []


def test_paper_has_the_whole_transcript(page: Page, meeting: int, complaints: list[str]) -> None:
    page.goto(f"/meetings/{meeting}")
    whole(page)
    page.emulate_media(media="print")
    page.locator("#u-299").scroll_into_view_if_needed()
    expect(page.locator("#u-0")).to_be_visible()
    expect(page.locator("#u-299")).to_be_visible()
    assert page.locator(".review-transcript").evaluate("box => box.scrollHeight - box.clientHeight") <= 4
    assert complaints == []


def test_without_scripts_a_link_leads_to_all_that_was_said_and_found(
    page: Page, chromium: Browser, site: Site, meeting: int
) -> None:
    context = chromium.new_context(
        java_script_enabled=False, base_url=site.url, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(f"/meetings/{meeting}")
    expect(plain.locator(".transcript-rest").first).to_be_hidden()
    plain.get_by_role("link", name="Show the whole transcript").click()
    expect(plain.locator(".utterance")).to_have_count(LONG)
    expect(plain.locator("#u-200 mark")).to_have_text(["export 🙂 breaks ", "each Monday."])
    plain.locator("article.insight").first.get_by_role("button", name="Reject").click()
    expect(plain.locator("article.insight-rejected")).to_have_count(1)
    plain.goto(f"/meetings/{meeting}?whole=1")
    expect(plain.locator("#u-200 mark")).to_have_text("each Monday.")
    plain.locator("article.insight-rejected").get_by_role("button", name="Undo").click()
    expect(plain.locator("article.insight-rejected")).to_have_count(0)
    context.close()


def test_the_other_proposals_of_a_long_meeting_come_beside_the_page_and_take_part_in_all(
    page: Page, site: Site, complaints: list[str]
) -> None:
    with site.database.scope(site.workspace_id) as session:
        assert session.scalar(select(users.User.id)) is not None
        meeting = factories.make_meeting(session, lines=[("Ann", "Much.")], status=MeetingStatus.READY)
        kinds = (Kind.DECISION, Kind.REQUIREMENT, Kind.PAIN_POINT)
        items = [
            Item(kind=kind, data={"description": f"{kind.value} {n}"}, confidence=0.9)
            for kind in kinds
            for n in range(50)
        ]
        found = review.propose(session, meeting, items)
        id, last = meeting.id, found[-1].id
    answer = page.goto(f"/meetings/{id}#insight-{last}")
    assert answer is not None
    assert answer.text().count("<article") == 50
    expect(page.locator("article.insight")).to_have_count(150)
    expect(page.locator(f"#insight-{last}")).to_have_class(re.compile("chosen"))
    expect(page.locator(f"#insight-{last}")).to_be_in_viewport()
    page.keyboard.press("x")
    expect(page.locator(f"#insight-{last}")).to_have_class(re.compile("insight-rejected"))
    page.locator(f"#insight-{last - 1}").get_by_label("More").click()
    expect(page.locator(f"#insight-{last - 1}").get_by_role("button", name="Show the words")).to_be_visible()
    assert complaints == []
