"""Cells of lists are drawn without a template, so escaping is nobody's but theirs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from crm.drawing import avatar, icon, named, pill
from crm.list_columns import Cell
from crm.list_rows import drawn
from shared.models import User
from shared.tenancy import TenantSession
from tests import factories

from .conftest import Browser

HOSTILE = "\"'><script>alert(1)</script>"
KINDS = ("person", "record", "tags", "stage", "bool", "email", "phone", "domain", "website", "text", "choice", "ago")


def test_no_cell_lets_markup_of_a_record_into_the_page(app: Any) -> None:
    with app.test_request_context():
        for kind, tone in product(KINDS, ("", "late", HOSTILE)):
            cell = Cell(f"https://{HOSTILE}", HOSTILE, tone, HOSTILE, HOSTILE, ((HOSTILE, HOSTILE),))
            assert_is_harmless(drawn(kind, cell))


def test_no_small_part_of_a_page_lets_markup_through(app: Any) -> None:
    with app.test_request_context():
        for part in (
            icon(HOSTILE, HOSTILE, HOSTILE),
            pill(HOSTILE, HOSTILE, HOSTILE),
            named(HOSTILE, HOSTILE, HOSTILE),
        ):
            assert_is_harmless(part)
        assert_is_harmless(avatar(HOSTILE, HOSTILE))


def test_a_long_text_has_two_lines_as_its_row_has_and_a_short_one_costs_no_bytes(app: Any) -> None:
    with app.test_request_context():
        assert (
            drawn("text", Cell("Head of Customer Service"))
            == '<span class="cell-lines">Head of Customer Service</span>'
        )
        assert drawn("text", Cell("IT Lead")) == "IT Lead"


def test_the_box_that_selects_a_row_says_whose_it_is(
    browse: Callable[[int], Browser], session: TenantSession, alice: User
) -> None:
    factories.make_company(session, name="Lindqvist")
    factories.make_company(session, name=HOSTILE)
    factories.make_contact(session, first_name="", last_name="", email="ana@lindqvist.example")
    session.commit()
    page = browse(alice.id).get("/companies").text
    assert 'data-pick aria-label="Select Lindqvist"' in page
    assert_is_harmless(page.partition("<tbody")[2].partition("</tbody")[0])
    assert 'data-pick aria-label="Select ana@lindqvist.example"' in browse(alice.id).get("/contacts").text


def assert_is_harmless(html: str) -> None:
    assert "<script" not in html
    assert "\"'>" not in html
