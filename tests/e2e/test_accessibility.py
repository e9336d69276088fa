"""axe-core, the field's common judge of accessibility, has nothing to complain about, in light and in dark."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.test_main_path import read

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"

PATHS = (
    "/", "/meetings/new", "/companies", "/contacts", "/contacts/new", "/deals", "/tasks", "/search?q=a",
    "/settings/profile", "/settings/people", "/no-such-page",
)  # fmt: skip

JUDGE = """() => axe.run(document, {resultTypes: ["violations"]}).then(({ violations }) => violations.flatMap(
    ({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`)))"""


def judge(page: Page) -> list[str]:
    """What axe finds on the page as it stands, in both themes; in the dark only colours can differ."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.wait_for_function("scheme => document.documentElement.dataset.bsTheme === scheme", arg=scheme)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        found += [f"{page.url} ({scheme}) {line}" for line in page.evaluate(JUDGE)]
    return found


def test_no_page_shuts_anybody_out(page: Page) -> None:
    read(page, "01_discovery_quillhaven.txt")
    page.evaluate(AXE.read_text())
    found = judge(page)
    page.locator("article.insight").first.get_by_role("button", name="Reject").click()
    page.locator("article.insight-rejected").wait_for(state="attached")  # a decided group is folded
    page.locator("article.insight[data-open=yes]").nth(1).get_by_role("button", name="Edit").click()
    page.locator("#modal-body form").wait_for()
    found += judge(page)
    for path in PATHS:
        page.goto(path)
        page.evaluate(AXE.read_text())
        found += judge(page)
    assert found == []
