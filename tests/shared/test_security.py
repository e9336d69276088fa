"""What stands on nothing: which passwords are no secret."""

from __future__ import annotations

import pytest

from shared import security

ABOUT = ("nora.north@northwind.example", "Nora North")


@pytest.mark.parametrize(
    "password",
    ["Pass Word", "12345678", "1234567890", "87654321", "aaaaaaaa", "abababab", "abcdefgh", "QWERTZUI", "        ",
     "Nora.North@northwind.example", "nora.north", "noranorth"],
)  # fmt: skip
def test_what_is_tried_first_is_known(password: str) -> None:
    assert security.is_tried_first(password, *ABOUT)


@pytest.mark.parametrize("password", ["show-me-the-evidence", "nora north sails", "12345679", "tr0ub4dor&3"])
def test_what_takes_guessing_is_let_through(password: str) -> None:
    assert not security.is_tried_first(password, *ABOUT)
