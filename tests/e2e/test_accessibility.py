"""axe-core, the field's common judge of accessibility, has nothing to complain about, in light and in dark."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from shared import clock
from shared.models import Link
from tests.e2e.conftest import Site
from tests.e2e.test_main_path import read
from tests.factories import make_company, make_contact, make_deal, make_note, make_pipeline, make_task

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"

PATHS = (
    "/", "/meetings", "/meetings/new", "/review", "/companies/{company}", "/contacts/{contact}", "/contacts/new",
    "/companies/merge?ids={company},{other}", "/merges", "/duplicates", "/deals", "/deals/board", "/deals/{deal}",
    "/deals/forecast", "/deals/stages", "/my-day", "/my-day/people", "/tasks", "/tasks/{task}", "/notes", "/calendar",
    "/reports", "/reports/new", "/imports", "/bin", "/search?q=a", "/no-such-page", "/settings/profile",
    "/settings/people", "/settings/people/1", "/settings/signing-in", "/settings/tokens", "/settings/workspace",
    "/settings/branding", "/settings/roles", "/settings/fields", "/settings/tags", "/settings/pipelines",
    "/settings/pipelines/{pipeline}",
    "/settings/review", "/settings/models", "/settings/webhooks", "/settings/webhooks/new", "/settings/audit",
    "/settings/backup",
)  # fmt: skip

#: The size of targets, WCAG 2.2, is a rule that axe leaves out by itself.
JUDGE = """only => axe.run(document, {resultTypes: ["violations"], ...only ? {runOnly: [only]}
    : {rules: {"target-size": {enabled: true}}}}).then(
    ({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(
        ({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`)))"""


def judge(page: Page) -> list[str]:
    """What axe finds on the page as it stands, in both themes; in the dark only colours can differ.

    Settings are made of parts that other pages have, so they are looked at in one theme.
    """
    found = []
    for scheme in ("light",) if "/settings/" in page.url else ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.wait_for_function("scheme => document.documentElement.dataset.bsTheme === scheme", arg=scheme)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        said = page.evaluate(JUDGE, "color-contrast" if scheme == "dark" else None)
        found += [f"{page.url} ({scheme}) {line}" for line in said]
    return found


def some_records(site: Site) -> dict[str, int]:
    """One or two of each, so that pages have something on them."""
    with site.database.session(site.workspace_id) as session:
        company = make_company(session, name="Quillhaven Press")
        other = make_company(session, name="Quillhaven")
        contact = make_contact(
            session, first_name="Ines", last_name="Ferro-Castellanos de la Vega", company_id=company.id
        )
        stage = make_pipeline(session).stages[0]
        deal = make_deal(session, name="Rollout", company_id=company.id, stage=stage, amount_minor=5_000_00)
        task = make_task(session, title="Send the offer", due_date=clock.today("UTC"))
        session.add(Link(owner_type="task", owner_id=task.id, target_type="contact", target_id=contact.id))
        note = make_note(session, body="Prefers calls before nine.")
        for about in (contact, other, deal):
            target = (about.__tablename__, about.id)
            session.add(Link(owner_type="note", owner_id=note.id, target_type=target[0], target_id=target[1]))
        session.commit()
        records = {"company": company, "other": other, "contact": contact, "deal": deal, "task": task, "note": note}
        return {name: row.id for name, row in records.items()} | {"pipeline": stage.pipeline_id}


def test_no_page_shuts_anybody_out(page: Page, site: Site) -> None:
    ids = some_records(site)
    read(page, "01_discovery_quillhaven.txt")
    page.evaluate(AXE.read_text())
    found = judge(page)
    page.locator("article.insight").first.get_by_role("button", name="Reject").click()
    page.locator("article.insight-rejected").wait_for(state="attached")  # a decided group is folded
    page.locator("article.insight[data-open=yes]").nth(1).get_by_role("button", name="Edit").click()
    page.locator("#modal-body form").wait_for()
    found += judge(page)
    for path in PATHS:
        page.goto(path.format(**ids))
        page.evaluate(AXE.read_text())
        found += judge(page)
    page.goto("/companies")
    page.get_by_text("Conditions").click()
    page.get_by_role("button", name="Add condition").click()
    page.evaluate(AXE.read_text())
    found += judge(page)
    page.goto(f"/companies/{ids['company']}")
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_role("combobox").fill("quill")
    page.evaluate(AXE.read_text())
    found += judge(page)
    assert found == []


def test_on_a_phone_a_finger_finds_each_target(page: Page, site: Site) -> None:
    ids, found = some_records(site), []
    page.set_viewport_size({"width": 390, "height": 844})
    for path in (path for path in PATHS if "settings" not in path):
        page.goto(path.format(**ids))
        page.evaluate(AXE.read_text())
        found += [f"{path} {line}" for line in page.evaluate(JUDGE, "target-size")]
    assert found == []


def test_who_works_by_keyboard_is_not_sent_to_the_top_by_what_a_menu_did(page: Page) -> None:
    page.goto("/settings/tags")
    page.wait_for_selector("body[data-mounted]")
    for name in ("Fair", "Partner"):
        page.locator("#name").fill(name)
        page.keyboard.press("Enter")
        expect(page.locator("#main .list")).to_contain_text(name)
    page.get_by_label("Actions for Fair").press("Enter")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator(".note")).to_contain_text("was deleted")
    expect(page.get_by_label("Actions for Partner")).to_be_focused()
    page.keyboard.press("z")
    expect(page.locator(".note")).to_contain_text("is back")
    assert page.evaluate("document.activeElement !== document.body")
    page.goto("/settings/fields?record_type=task")
    page.set_viewport_size({"width": 1280, "height": 400})
    page.get_by_role("textbox", name="Name").fill("Effort")
    page.get_by_role("button", name="Add the field").press("Enter")
    expect(page.locator("#main table")).to_contain_text("Effort")
    expect(page.get_by_role("button", name="Add the field")).to_be_focused()
    expect(page.get_by_role("button", name="Add the field")).to_be_in_viewport()  # and seen, on the page led back to
