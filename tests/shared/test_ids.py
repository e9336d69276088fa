"""What people and scripts write in the place of an id names a record, or nothing."""

from __future__ import annotations

import pytest

from shared.schemas.ids import LARGEST_ID, id_of, target_of


@pytest.mark.parametrize(("text", "id"), [("7", 7), ("007", 7), (str(LARGEST_ID), LARGEST_ID)])
def test_a_number_is_an_id(text: str, id: int) -> None:
    assert id_of(text) == id


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "+1", " 7", "7.0", "1_000", "²", "٣", "seven", str(LARGEST_ID + 1), "1" * 5000]
)
def test_what_no_id_can_be_is_none(text: str) -> None:
    assert id_of(text) is None


def test_a_record_is_named_by_type_and_id_and_only_of_the_types_asked_for() -> None:
    assert target_of("deal:12", ("company", "deal")) == ("deal", 12)
    for text in ("deal", "deal:", ":12", "12", "deal:0", "deal:1:2", "Deal:12", "task:12", ""):
        assert target_of(text, ("company", "deal")) is None, text
