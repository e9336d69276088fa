"""Every page of the main path fits a phone and a desk, in light and dark, without a complaint from the browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

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
