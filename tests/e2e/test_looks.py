"""Every page of the main path fits a phone and a desk, in light and dark, without a complaint from the browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from shared import records
from shared.events import Actor

from .conftest import Site

PATHS = (
    "/", "/meetings", "/meetings/new", "/companies", "/companies/new", "/contacts", "/contacts/new", "/deals",
    "/deals/new", "/deals/board", "/deals/forecast", "/my-day", "/tasks", "/tasks/new", "/calendar", "/reports/new",
    "/imports", "/duplicates", "/bin", "/search?q=a", "/settings/profile", "/settings/people", "/settings/roles",
    "/settings/audit", "/settings/webhooks/new", "/api/docs",
)  # fmt: skip


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1440, "light")])
def test_pages_fit_and_the_browser_does_not_complain(
    page: Page, complaints: list[str], width: int, scheme: str
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for path in PATHS:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate("document.documentElement.dataset.bsTheme") == scheme, path
        assert page.locator("h1").count() == 1, path
    page.emulate_media(media="print")
    page.goto("/deals/forecast")
    printed = page.locator("main").bounding_box()
    assert printed and printed["width"] > 0.9 * width, "it takes the paper, not the sidebar's column"
    assert complaints == []


def test_a_list_on_paper_has_all_its_columns_and_only_the_filters_in_force(page: Page, site: Site) -> None:
    name, email = "Maximiliane von Hohenstein", "maximiliane.hohenstein@wolkenburger-werke.example"
    ada = {"first_name": name, "emails": [{"email": email}], "title": "Head of Procurement and Logistics"}
    with site.database.scope(site.workspace_id) as session:
        records.create(session, "contact", {**ada, "lifecycle": "customer"}, by=Actor("user"))
    page.set_viewport_size({"width": 794, "height": 1123})  # A4
    page.emulate_media(media="print")
    page.goto("/contacts?lifecycle=customer")
    expect(page.get_by_text(email)).to_be_visible()
    for cell in page.locator("thead th:not(.cell-check), tbody td:not(.cell-check)").all():
        box = cell.bounding_box()
        assert box and box["x"] + box["width"] <= 794, cell.inner_text()
    assert page.locator("td .named-text").first.evaluate("e => e.scrollWidth <= e.clientWidth"), "a name is whole"
    expect(page.get_by_role("combobox", name="Lifecycle")).to_be_visible()
    for hidden in ("Owner", "Group by"):
        expect(page.get_by_role("combobox", name=hidden)).to_be_hidden()
    expect(page.get_by_role("checkbox").first).to_be_hidden()
