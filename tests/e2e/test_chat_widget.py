"""The chat panel in a real browser, on the real CRM and the real chat service; only the engine's words are scripted."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect
from sqlalchemy import select

from shared.models import ChatMessage, Company, Task
from tests.e2e.conftest import Site, running, wait_for
from tests.e2e.test_accessibility import AXE, judge
from tests.factories import make_company, make_contact, make_deal, make_meeting
from tests.fakes.chat_server import HOSTILE, PARTS

DIST = Path(__file__).parents[2] / "crm/static/dist"
MOST_WIDGET_BYTES = 45 * 1024
WHOLE = list(range(1, PARTS + 1))
HOSTILE_NAME = f"Blank {HOSTILE}"


@pytest.fixture(scope="module")
def site(site: Site) -> Iterator[Site]:
    """The site, with records to speak of and the chat service beside it."""
    with running([[sys.executable, "-m", "tests.fakes.chat_server"]], site.environment):
        wait_for(f"http://127.0.0.1:{site.environment['CHATBOT_PORT']}")
        _fill(site)
        yield site


def _fill(site: Site) -> None:
    with site.database.scope(site.workspace_id) as session:
        for number in range(12):
            make_company(session, name=f"Company {number:02}", city="Bergen")
        make_company(session, name=HOSTILE_NAME)
        make_contact(session, first_name="Ines", last_name="Okafor")
        make_deal(session, name="Pilot")
        make_meeting(session, title="Discovery", lines=[("Ines", "Hello."), ("Priya", "We would like to have it.")])


def open_chat(page: Page, path: str = "/") -> Locator:
    """By keyboard, in a conversation of its own."""
    page.goto(path)
    chat = page.locator("afterword-chat")
    page.keyboard.press("Control+j")
    expect(field(page)).to_be_focused()
    chat.get_by_role("button", name="New conversation").click()
    return chat


def field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Ask about your records")


def ask(page: Page, text: str, *, until_done: bool = True) -> Locator:
    """Type and send; the turn, whose answer is whole unless told otherwise."""
    expect(page.locator(".chat-turn.is-live")).to_have_count(0)
    turn = page.locator(".chat-turn").nth(page.locator(".chat-turn").count())
    field(page).fill(text)
    field(page).press("Enter")
    expect(turn.locator(".chat-question")).to_contain_text(text)
    if until_done:
        expect(turn).not_to_have_class(re.compile("is-live"))
    return turn


def parts(turn: Locator) -> list[int]:
    """Which parts of the long answer stand on the page, in their order."""
    return [int(number) for number in re.findall(r"Part (\d+) of it goes on for a while", turn.inner_text())]


def done(turn: Locator) -> None:
    expect(turn).not_to_have_class(re.compile("is-live"))


def _chunks(urls: list[str]) -> set[str]:
    return {name for url in urls if (name := url.rpartition("/")[2]).startswith("chunk-")}


def test_only_the_launcher_is_there_before_the_chat_is_opened_and_the_keyboard_reaches_all_of_it(
    page: Page, complaints: list[str]
) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto("/companies")
    page.wait_for_load_state("networkidle")
    assert [url for url in fetched if "/chat/" in url or "/ws/" in url] == []
    assert page.locator(".chat-panel").count() == 0
    before = len(fetched)
    chat = open_chat(page, "/companies")
    scripts = _chunks(fetched[before:]) - _chunks(fetched[:before])
    assert 0 < sum((DIST / f"{name}.br").stat().st_size for name in scripts) < MOST_WIDGET_BYTES
    turn = ask(page, "Which companies are there?")
    expect(turn.locator(".chat-text")).to_have_text("There are 13 companies.")
    expect(field(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Control+j")
    expect(field(page)).to_be_focused()
    page.keyboard.press("Control+j")
    expect(chat).to_be_hidden()
    expect(page.locator("[data-open-chat]")).to_have_attribute("aria-expanded", "false")
    page.reload()
    expect(page.locator(".chat-panel")).to_have_count(0)
    assert complaints == []


def test_an_answer_goes_on_across_pages_and_its_sources_lead_to_the_second_of_the_meeting(
    page: Page, complaints: list[str]
) -> None:
    open_chat(page, "/companies")
    ask(page, "A long one", until_done=False)
    for path in ("contacts", "tasks", "deals"):
        page.locator(".chat-text").get_by_text("A long answer").wait_for()
        page.locator(f"a.side-link[href='/{path}']").click()
        page.wait_for_url(f"**/{path}")
    turn = page.locator(".chat-turn").last
    done(turn)
    assert parts(turn) == WHOLE
    turn = ask(page, "What do they want?")
    expect(turn.locator("strong")).to_have_text("before the winter")
    expect(turn.locator(".chat-text table")).to_contain_text("Procurement")
    chip = turn.locator(".chat-cite").first
    chip.hover()
    expect(page.get_by_role("tooltip")).to_contain_text("running before the winter")
    chip.click()
    page.wait_for_url(re.compile(r"/meetings/\d+\?t=75$"))
    expect(page.locator(".chat-turn")).to_have_count(2)
    expect(page.locator(".chat-about")).to_contain_text("Discovery")
    expect(ask(page, "And here?").locator(".chat-text")).to_have_text("You asked about the meeting: And here?")
    page.get_by_role("button", name="Do not ask about Discovery").click()
    expect(ask(page, "And now?").locator(".chat-text")).to_have_text("You asked: And now?")
    assert complaints == []


def test_every_tab_that_shows_a_conversation_follows_its_answers(page: Page) -> None:
    open_chat(page)
    ask(page, "First")
    other = page.context.new_page()
    other.goto("/contacts")
    expect(other.locator(".chat-turn")).to_have_count(1)
    ask(other, "A long one", until_done=False)
    followed = page.locator(".chat-turn").nth(1)
    followed.get_by_text("Part 2 of it").wait_for()
    done(followed)
    assert parts(followed) == WHOLE


def test_a_socket_cut_twenty_times_loses_and_doubles_nothing(page: Page) -> None:
    sockets: list[WebSocketRoute] = []

    def pass_on(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def receive(message: str | bytes) -> None:
            route.send(message)
            if '"type":"ready"' in str(message):
                sockets.append(route)

        server.on_message(receive)

    page.route_web_socket("**/ws/chat", pass_on)
    open_chat(page)
    turn = ask(page, "A long one, slowly", until_done=False)
    cuts = 0
    while cuts < 20 and "is-live" in (turn.get_attribute("class") or ""):
        page.wait_for_timeout(20)
        if len(sockets) > cuts:
            sockets[-1].close(code=1012, reason="cut")
            cuts += 1
    assert cuts >= 5  # on a slow machine the answer is done before it was cut more often
    done(turn)
    assert parts(turn) == WHOLE


def test_in_a_plain_network_without_websockets_or_https_the_answer_comes_and_is_copied(page: Page) -> None:
    page.route_web_socket("**/ws/chat", lambda route: route.close(code=1011))
    page.add_init_script("delete Crypto.prototype.randomUUID; delete Navigator.prototype.clipboard")  # as without HTTPS
    open_chat(page)
    turn = ask(page, "A long one", until_done=False)
    done(turn)
    assert parts(turn) == WHOLE
    field(page).focus()
    turn.get_by_role("button", name="Copy").press("Enter")
    field(page).press("Control+v")
    expect(field(page)).to_have_value(re.compile(f"Part {PARTS} of it"))
    field(page).fill("")
    turn = ask(page, "Something slow", until_done=False)
    expect(turn.locator(".chat-status")).to_contain_text("Loading llama3.1:70b, 43 GB")
    page.keyboard.press("Escape")
    expect(turn).to_contain_text("Stopped.")


def test_a_stopped_answer_stays_as_far_as_it_was_and_a_failed_one_can_be_asked_again(page: Page, site: Site) -> None:
    open_chat(page)
    turn = ask(page, "A long one, slowly", until_done=False)
    turn.get_by_text("Part 3 of it").wait_for()
    page.keyboard.press("Escape")
    expect(turn).to_contain_text("Stopped.")
    said = parts(turn)
    assert said == WHOLE[: len(said)]
    with site.database.scope(site.workspace_id, read_only=True) as session:
        newest = select(ChatMessage).where(ChatMessage.role == "assistant").order_by(ChatMessage.id.desc())
        assert session.scalars(newest).first().state.value == "stopped"  # type: ignore[union-attr]
    failed = ask(page, "Please fail")
    expect(failed.get_by_role("alert")).to_contain_text("The language model does not answer.")
    expect(failed.get_by_role("alert")).to_contain_text("start Ollama")
    expect(failed.locator(".chat-text")).to_have_text("The first words")
    failed.get_by_role("button", name="Try again").click()
    expect(page.locator(".chat-turn")).to_have_count(3)


def test_a_table_is_sorted_and_leads_to_its_list_and_choices_are_questions(page: Page) -> None:
    open_chat(page)
    turn = ask(page, "Which companies are there?")
    expect(turn.locator("tbody tr")).to_have_count(9)  # eight, and the offer to show all
    turn.get_by_role("button", name="Show all 13").click()
    turn.get_by_role("button", name="Open deals").click()
    expect(turn.locator("th[aria-sort=descending]")).to_have_text("Open deals")
    expect(turn.locator("tbody tr").first).to_contain_text("Company 11")
    turn.get_by_role("link", name="Company 11").click()
    page.wait_for_url("**/companies/*")
    page.get_by_role("link", name="Open these 13 in Companies").click()
    page.wait_for_url("**/companies?sort=name")
    turn = ask(page, "Pipeline by stage")
    chart = turn.get_by_role("img", name="Chart.")
    expect(chart).to_have_attribute("aria-label", re.compile("Proposal €310,500"))
    turn.get_by_role("button", name="Table").click()
    expect(turn.locator("table")).to_contain_text("€87,250")
    ask(page, "Who is anna?").get_by_role("button", name="Anna Moretti").click()
    expect(page.locator(".chat-turn").last.locator(".chat-text")).to_have_text("You asked: Who is Anna Moretti?")


def test_an_action_is_done_once_approved_edited_undone_and_rejected(page: Page, site: Site) -> None:
    def titles() -> list[str]:
        with site.database.scope(site.workspace_id, read_only=True) as session:
            return [task.title for task in session.scalars(select(Task).where(Task.deleted_at.is_(None)))]

    open_chat(page)
    card = ask(page, "Add a task").locator(".chat-card")
    expect(card).to_contain_text("Send the offer")
    assert titles() == []
    card.focus()
    page.keyboard.press("e")
    page.get_by_label("Title").fill("Send the better offer")
    page.keyboard.press("Enter")
    expect(card).to_contain_text("Done")
    expect(card).to_be_focused()
    assert titles() == ["Send the better offer"]
    page.reload()
    card = page.locator(".chat-card")
    expect(card).to_contain_text("Send the better offer")
    card.get_by_role("button", name="Undo").click()
    expect(card).to_contain_text("Undone")
    assert titles() == []
    change = ask(page, "Change the deal").locator(".chat-card")
    expect(change.locator("del")).to_have_text("Pilot")
    expect(change.locator("ins")).to_have_text("Pilot, second year")
    change.focus()
    page.keyboard.press("x")
    expect(change).to_contain_text("Rejected")
    waiting = ask(page, "Add a task").locator(".chat-card")
    ask(page, "Something else")
    expect(waiting).to_contain_text("Passed over")
    assert titles() == []


def test_nothing_that_an_answer_says_runs_or_leads_away(page: Page, complaints: list[str]) -> None:
    strangers: list[str] = []
    page.on("request", lambda request: strangers.append(request.url) if "evil" in request.url else None)
    chat = open_chat(page)
    turn = ask(page, "hostile")
    expect(turn.locator(".chat-text")).to_contain_text("<iframe srcdoc='x'></iframe>")
    expect(turn.locator(".chat-text")).to_contain_text(HOSTILE)
    expect(turn.locator(".chat-rows")).to_contain_text(HOSTILE)
    turn.locator(".chat-how summary").click()
    links = turn.locator("a").evaluate_all("links => links.map((link) => link.getAttribute('href'))")
    assert "/companies" in links
    assert [href for href in links if not re.match(r"/(?!/)", href)] == []
    assert turn.locator("img, script, iframe, b").count() == 0
    ask(page, f"Which companies? {HOSTILE}")
    page.get_by_role("button", name="Show all").click()
    expect(chat.get_by_role("link", name=HOSTILE_NAME)).to_be_visible()
    page.reload()
    expect(page.locator(".chat-turn")).to_have_count(2)
    assert page.evaluate("window.hacked") is None
    assert strangers == []
    assert complaints == []


def test_what_is_said_is_read_out_in_sentences_and_arabic_runs_from_the_right(page: Page) -> None:
    chat = open_chat(page)
    page.evaluate(
        """() => {
            window.read = [];
            const region = document.querySelector("afterword-chat [aria-live=polite].visually-hidden");
            new MutationObserver(() => window.read.push(region.textContent)).observe(region, { childList: true });
        }"""
    )
    ask(page, "A long one")
    page.wait_for_function(f"() => window.read.join(' ').includes('Part {PARTS} of it')")
    read = page.evaluate("window.read")
    assert 3 < len(read) < PARTS
    assert [text[-40:] for text in read if not re.search(r"[.…]$|answer$", text)] == []
    text = ask(page, "ماذا يريد العميل؟").locator(".chat-text")
    assert text.locator("ul").evaluate("list => getComputedStyle(list).direction") == "rtl"
    assert (
        chat.locator(".chat-question").last.locator("div").evaluate("text => getComputedStyle(text).direction") == "rtl"
    )


def test_a_line_that_is_down_is_said_and_a_question_asked_meanwhile_is_sent_later(
    page: Page, site: Site, complaints: list[str]
) -> None:
    chat = open_chat(page)
    ask(page, "First")
    page.context.set_offline(True)
    expect(chat.locator(".chat-banner")).to_contain_text("offline")
    turn = ask(page, "Second", until_done=False)
    expect(turn).to_contain_text("Sending …")
    page.context.set_offline(False)
    expect(turn.locator(".chat-text")).to_have_text("You asked: Second")
    expect(chat.locator(".chat-banner")).to_be_hidden()
    complaints.clear()


def test_conversations_are_found_renamed_deleted_and_brought_back(page: Page) -> None:
    chat = open_chat(page)
    ask(page, "The winter of the zebras")
    open_chat(page)
    history = chat.get_by_role("button", name="Earlier conversations")
    history.click()
    page.get_by_role("searchbox", name="Search conversations").fill("zebras")
    entry = chat.locator(".chat-history-item")
    expect(entry).to_have_count(1)
    entry.hover()
    entry.get_by_role("button", name="Rename").click()
    page.get_by_role("textbox", name="Title").fill("Stripes")
    page.keyboard.press("Enter")
    expect(chat.get_by_role("button", name="Stripes", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".chat-turn")).to_contain_text("The winter of the zebras")
    expect(chat.locator(".chat-title")).to_have_text("Stripes")
    history.click()
    entry.hover()
    entry.get_by_role("button", name="Delete").click()
    expect(entry).to_have_count(0)
    page.locator(".toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".chat-turn")).to_contain_text("The winter of the zebras")
    bad = page.locator(".chat-turn").last.get_by_role("button", name="Bad answer")
    bad.click()
    page.get_by_role("button", name="Something is missing").click()
    expect(page.locator(".chat-thanks")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Bad answer")).to_have_attribute("aria-pressed", "true")


def test_on_a_phone_the_chat_covers_the_page_and_steps_aside_for_a_link(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    chat = open_chat(page)
    box = chat.bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["height"]) == (0, 0, 844)
    assert box["width"] >= 375  # a desktop's scroll bar keeps its room
    assert page.locator(".app-shell").evaluate("shell => shell.inert")
    turn = ask(page, "Which companies are there?")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    turn.get_by_role("link", name="Company 00").click()
    page.wait_for_url("**/companies/*")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".chat-panel")).to_have_count(0)
    page.locator("[data-open-chat]").click()
    expect(page.locator(".chat-turn")).to_have_count(1)


def test_the_stand_alone_page_names_its_conversation_and_takes_it_along(page: Page, complaints: list[str]) -> None:
    page.goto("/chat")
    page.get_by_role("button", name="New conversation").click()
    turn = ask(page, "What do they want?")
    page.wait_for_url("**/chat?c=c_*")
    address = page.url
    expect(page.locator(".chat-history-open[aria-current]")).to_have_text("What do they want?")
    turn.locator(".chat-source").last.click()
    page.wait_for_url("**/contacts/*")
    expect(page.locator("afterword-chat .chat-question")).to_have_text("You: What do they want?")
    page.get_by_role("button", name="New conversation").click()
    page.goto(address)
    expect(page.locator(".chat-question")).to_have_text("You: What do they want?")
    assert complaints == []


def test_axe_finds_nothing_in_light_and_dark(page: Page, site: Site) -> None:
    with site.database.scope(site.workspace_id, read_only=True) as session:
        company = session.scalars(select(Company.id)).first()
    chat = open_chat(page, f"/companies/{company}")
    page.evaluate(AXE.read_text())
    found = judge(page)
    for text in (
        "Which companies are there?",
        "Pipeline by stage",
        "What do they want?",
        "Add a task",
        "Who is anna?",
        "Please fail",
    ):
        ask(page, text)
    chat.locator(".chat-how summary").nth(2).click()
    chat.locator(".chat-turn").nth(2).get_by_role("button", name="Bad answer").click()
    found += judge(page)
    chat.get_by_role("button", name="Earlier conversations").click()
    chat.locator(".chat-history-item").first.wait_for()
    found += judge(page)
    chat.get_by_role("button", name="Earlier conversations").click()
    chat.get_by_role("button", name="Float over the page").click()
    found += judge(page)
    page.set_viewport_size({"width": 390, "height": 844})
    found += judge(page)
    page.goto("/chat")
    chat.locator(".chat-history-item").first.wait_for(state="attached")
    page.evaluate(AXE.read_text())
    found += judge(page)
    assert found == [], "\n".join(found)


def test_without_the_chat_service_the_pages_work_and_the_panel_says_what_is_wrong(page: Page, site: Site) -> None:
    port = site.environment["CHATBOT_PORT"]
    page.route_web_socket("**/ws/chat", lambda route: route.close(code=1011))
    page.route(f"http://127.0.0.1:{port}/**", lambda route: route.abort())
    chat = open_chat(page, "/companies")
    expect(chat.locator(".chat-banner")).to_contain_text("The assistant is not running")
    turn = ask(page, "Are you there?", until_done=False)
    expect(turn).to_contain_text("Sending …")
    page.keyboard.press("Escape")
    expect(turn).to_contain_text("Stopped.")
    page.locator("a.side-link[href='/deals']").click()
    expect(page.locator("h1")).to_have_text("Deals")


def test_what_was_typed_in_the_palette_is_handed_to_the_assistant(page: Page, complaints: list[str]) -> None:
    page.goto("/companies")
    page.wait_for_selector("body[data-mounted]")
    page.keyboard.press("Control+k")
    page.keyboard.type("who met us in spring")
    expect(page.get_by_role("option", name="Ask the assistant")).to_be_visible()
    page.keyboard.press("Control+j")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator(".chat-turn").last.locator(".chat-text")).to_have_text("You asked: who met us in spring")
    page.keyboard.press("Control+k")
    page.keyboard.type("and in autumn")
    page.get_by_role("option", name="Ask the assistant").click()
    expect(page.locator(".chat-turn").last.locator(".chat-text")).to_have_text("You asked: and in autumn")
    assert complaints == []
