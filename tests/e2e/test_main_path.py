"""What people do most: drop a transcript, watch it being read, review it, find it all in the CRM."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy import select

from shared.models import Company, Contact, Deal, Insight, InsightStatus, Task
from tests.e2e.conftest import Site

DATA = Path(__file__).parents[1] / "data" / "meetings"


def read(page: Page, name: str) -> None:
    """Upload through the file chooser and wait for the review page, all of it."""
    page.goto("/meetings/new")
    page.locator("input[type=file]").set_input_files(DATA / name)
    page.wait_for_url("**/meetings/*")
    expect(page.locator("body[data-mounted] [data-review]")).to_be_visible()
    expect(page.locator("#proposals-rest, #transcript-rest")).to_have_count(0)


def statuses(site: Site) -> dict[str, int]:
    with site.database.scope(site.workspace_id, read_only=True) as session:
        found = [insight.status.value for insight in session.scalars(select(Insight)) if insight.kind != "summary"]
    return {status: found.count(status) for status in set(found)}


def test_a_dropped_transcript_becomes_records_with_the_sentence_that_proves_them(
    page: Page, site: Site, complaints: list[str]
) -> None:
    read(page, "01_discovery_quillhaven.txt")
    card = page.locator("article.insight", has_text="Marit Solbakken").first
    card.locator("h3").hover()
    expect(page.locator("mark.lit").first).to_be_visible()
    page.locator("#accept-above").select_option("0.0")
    expect(page.locator("#accept-all")).to_have_text(f"Accept {page.locator('article.insight').count()}")
    page.locator("#accept-all").click()
    expect(page.get_by_text("All reviewed")).to_be_visible()
    with site.database.scope(site.workspace_id, read_only=True) as session:
        company = session.scalars(select(Company)).one()
        contact = session.scalars(select(Contact).where(Contact.last_name == "Solbakken")).one()
        deal = session.scalars(select(Deal)).one()
        task = session.scalars(select(Task).where(Task.due_date.is_not(None))).first()
        assert task is not None
        ids = {"companies": company.id, "contacts": contact.id, "deals": deal.id, "tasks": task.id}
    for plural, id in ids.items():
        page.goto(f"/{plural}/{id}")
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator("main")).to_contain_text("discovery quillhaven")
    page.goto(f"/companies/{ids['companies']}")
    expect(page.locator("main")).to_contain_text("On average a truck waits fifty minutes")
    assert complaints == []


def test_everything_accepted_can_be_undone_from_the_message(page: Page, site: Site) -> None:
    read(page, "04_renewal_at_risk_ossfield.srt")
    page.locator("#accept-above").select_option("0.0")
    page.locator("#accept-all").click()
    page.locator(".toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".toasts")).to_contain_text("undone")
    expect(page.locator("article.insight[data-open=no]")).to_have_count(0)


def test_a_meeting_is_reviewed_by_keyboard_alone(page: Page, site: Site, complaints: list[str]) -> None:
    read(page, "02_demo_marrowby.vtt")
    before = statuses(site)
    page.keyboard.press("j")
    expect(page.locator("article.insight.chosen")).to_have_count(1)
    page.keyboard.press("a")
    expect(page.locator("article.insight-accepted")).to_have_count(1)
    page.keyboard.press("x")
    expect(page.locator("article.insight-rejected")).to_have_count(1)
    page.keyboard.press("e")
    expect(page.locator("#modal-body form")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("article.insight.chosen")).to_be_focused()
    page.keyboard.press("e")
    name = page.locator("#modal-body input[name=name]")
    name.fill("Someone Corrected")
    page.keyboard.press("Enter")
    expect(page.locator("article.insight-edited")).to_have_count(1)
    page.keyboard.press("k")
    page.keyboard.press("u")
    expect(page.locator("article.insight[data-open=no]")).to_have_count(2)
    after = statuses(site)
    assert after != before
    assert complaints == []


def test_a_task_leads_back_to_the_second_of_the_meeting(page: Page, site: Site) -> None:
    read(page, "03_pricing_grantley_voss.vtt")
    page.locator("article.insight", has_text="Task").first.get_by_role("button", name="Accept").click()
    expect(page.locator("article.insight-accepted").first).to_be_visible()
    with site.database.scope(site.workspace_id, read_only=True) as session:
        accepted = select(Insight).where(Insight.status == InsightStatus.ACCEPTED, Insight.kind == "action_item")
        insight = session.scalars(accepted.order_by(Insight.id.desc())).first()
        assert insight is not None
        assert insight.proposal is not None
        task_id, meeting_id = insight.proposal.record_id, insight.meeting_id
    page.goto(f"/tasks/{task_id}")
    page.locator(f"a[href*='/meetings/{meeting_id}?t=']").first.click()
    expect(page.locator(".utterance.focused")).to_be_visible()


def test_the_same_file_again_offers_the_meeting_that_exists(page: Page) -> None:
    read(page, "10_erstgespraech_drosselbruck.txt")
    existing = page.url
    page.goto("/meetings/new")
    page.locator("input[type=file]").set_input_files(DATA / "10_erstgespraech_drosselbruck.txt")
    page.get_by_role("link", name="Open “10 erstgespraech drosselbruck”").click()
    assert page.url == existing


def test_a_file_that_cannot_be_read_says_why(page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "talk.txt"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    page.goto("/meetings/new")
    page.locator("input[type=file]").set_input_files(picture)
    expect(page.locator("body")).to_contain_text("picture")


def test_files_dropped_together_are_all_read(page: Page, complaints: list[str]) -> None:
    names = ("05_onboarding_kickoff_fernhallow.md", "08_support_escalation_hexley.json")
    page.goto("/meetings/new")
    contents = [{"name": name, "text": (DATA / name).read_text()} for name in names]
    drop(page, contents)
    page.wait_for_url("**/meetings")
    for title in ("onboarding kickoff fernhallow", "support escalation hexley"):
        expect(page.locator("tbody tr", has_text=title)).to_contain_text("Ready")
    assert complaints == []


def drop(page: Page, files: list[dict[str, str]]) -> None:
    """Let go of files over the page, as dragging them from a file manager does."""
    page.evaluate(
        """(files) => {
            const data = new DataTransfer();
            for (const { name, text } of files) data.items.add(new File([text], name));
            for (const type of ["dragenter", "dragover", "drop"])
                document.querySelector("h1").dispatchEvent(
                    new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        files,
    )


def test_a_pasted_transcript_is_read(page: Page) -> None:
    page.goto("/meetings/new")
    page.get_by_text("Paste the text instead").click()
    page.get_by_label("Transcript", exact=True).fill("Ada Lovelace: I am Ada, the CTO.\nBob: I'll send the offer.")
    page.get_by_role("button", name="Read this text").click()
    expect(page.locator("[data-review]")).to_be_visible()
    expect(page.locator(".utterance").first).to_contain_text("the CTO")


#: Empties and sends the form of a dialog before anything else can happen, as fast fingers on a slow machine do.
SUBMIT_AT_FIRST_SIGHT = """() => document.addEventListener("htmx:afterSwap", () => queueMicrotask(() => {
    const form = document.querySelector("#modal-body form");
    form.elements.name.value = "";
    form.noValidate = true;
    form.requestSubmit();
}), { once: true })"""


def test_a_wrong_correction_is_shown_beside_its_field_and_breaks_no_rule_of_the_page(
    page: Page, complaints: list[str]
) -> None:
    read(page, "09_workshop_long_mossgrave.txt")
    page.locator("article.insight", has_text="Contact").first.get_by_role("button", name="Edit").click()
    page.locator("#modal-body input[name=name]").fill("")
    page.locator("#modal-body form").evaluate("form => form.noValidate = true")
    page.locator("#modal-body input[name=name]").press("Enter")
    expect(page.locator("#modal-body .field-error")).to_be_visible()
    expect(page.locator("#modal-body input[name=name]")).to_be_focused()
    page.keyboard.press("Escape")
    page.evaluate(SUBMIT_AT_FIRST_SIGHT)
    page.locator("article.insight", has_text="Contact").first.get_by_role("button", name="Edit").click()
    expect(page.locator("#modal-body .field-error")).to_be_visible()
    assert [text for text in complaints if "status of 422" not in text] == []


def test_on_a_phone_a_quote_leads_to_the_words_and_back(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    read(page, "06_pipeline_review_threlwick.txt")
    card = page.locator("article.insight").last
    card.locator("a.evidence").first.click()
    expect(page.locator("mark.lit").first).to_be_in_viewport()
    page.get_by_role("link", name="Back to the proposal").click()
    expect(card).to_be_focused()
    expect(card).to_be_in_viewport()
    expect(page.locator("#back-to-card")).to_be_hidden()
