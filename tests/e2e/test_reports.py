"""A report's chart in a real browser: what is below nothing is drawn so, and the picture is named after the report."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from shared import records
from shared.events import Actor
from shared.models import CustomType
from tests.e2e.conftest import Site
from tests.factories import make_field


def test_a_chart_of_sums_below_nothing_is_taken_along_as_a_picture(
    page: Page, site: Site, complaints: list[str]
) -> None:
    with site.database.scope(site.workspace_id) as session:
        make_field(session, type=CustomType.NUMBER, record_type="contact", key="balance", label="Balance")
        for last, balance in (("Gain", 100), ("Loss", -50)):
            data = {"last_name": last, "source": last, "custom": {"balance": balance}}
            records.create(session, "contact", data, by=Actor("user", None))
    page.goto("/reports/new?from=contact")
    page.get_by_label("Name", exact=True).fill("Größe je Quelle")
    page.get_by_label("Measure", exact=True).select_option("sum:custom.balance")
    page.get_by_label("Group by", exact=True).select_option("source")
    expect(page.get_by_label("Draw as")).to_have_value("bars")  # groups are no one figure
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Größe je Quelle")
    expect(page.locator("svg.chart .chart-mark")).to_have_count(2)
    gain, loss = page.locator("svg.chart .chart-mark").all()
    above, below = gain.bounding_box(), loss.bounding_box()
    assert above and below
    assert abs(above["x"] - (below["x"] + below["width"])) < 1, "both begin at nothing"
    assert abs(above["width"] - 2 * below["width"]) < 2
    with page.expect_download() as saved:
        page.get_by_role("button", name="PNG").press("Enter")
    assert saved.value.suggested_filename == "grosse-je-quelle.png"
    picture = Image.open(BytesIO(Path(saved.value.path()).read_bytes())).convert("RGB")
    assert picture.width > 600
    assert len({colour for _, colour in picture.getcolors(1 << 20) or ()}) > 8, "something is drawn"
    names = picture.crop((0, 100, 200, picture.height))  # below the title, left of the bars
    assert len({colour for _, colour in names.getcolors(1 << 20) or ()}) > 8, "what each bar is of is written there"
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Draw as").select_option("columns")
    page.get_by_role("button", name="Save").press("Enter")
    page.wait_for_url(re.compile(r"/reports/\d+$"))
    expect(page.locator("svg.chart .chart-mark")).to_have_count(2)
    gain, loss = page.locator("svg.chart .chart-mark").all()
    above, below = gain.bounding_box(), loss.bounding_box()
    assert above and below
    assert abs(above["y"] + above["height"] - below["y"]) < 1 and below["height"] > 10
    assert complaints == []
