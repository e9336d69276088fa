"""Cells of lists are drawn without a template, so escaping is nobody's but theirs."""

from __future__ import annotations

from itertools import product
from typing import Any

from crm.drawing import avatar, icon, named, pill
from crm.list_columns import Cell
from crm.list_rows import drawn

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


def assert_is_harmless(html: str) -> None:
    assert "<script" not in html
    assert "\"'>" not in html
