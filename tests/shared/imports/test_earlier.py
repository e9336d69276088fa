"""Rows compared with earlier rows of their file: however alike the names, each is taken apart once."""

from __future__ import annotations

from typing import Any

import pytest

from shared.imports.earlier import Earlier, compare
from shared.imports.staged import LARGEST_BLOCK, Staged
from shared.records import likeness


def people(names: list[tuple[str, str]]) -> list[Staged]:
    """Rows of one company, each with an address of its own."""
    return [
        Staged(n, {"first_name": first, "last_name": last, "emails": [{"email": f"p{n}@x.example"}]}, {"company": "X"})
        for n, (first, last) in enumerate(names, 2)
    ]


def compared(rows: list[Staged]) -> list[tuple[str | None, int | None]]:
    earlier = Earlier()
    for row in rows:
        compare("contact", row, earlier)
    return [(row.match, row.leader) for row in rows]


def test_thousands_of_names_that_differ_in_a_number_cost_a_look_each(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = {"person_words": 0, "_first_names": 0}

    def counted(name: str) -> None:
        real = getattr(likeness, name)

        def counting(*args: Any) -> Any:
            calls[name] += 1
            return real(*args)

        monkeypatch.setattr(likeness, name, counting)

    for name in calls:
        counted(name)
    rows = people([("Anabel", f"Silveira {n}") for n in range(10 * LARGEST_BLOCK)])
    assert {match for match, _ in compared(rows)} == {None}
    assert calls["person_words"] <= len(rows)
    assert calls["_first_names"] == 0, "their surnames differ, which is enough"


def test_a_slip_and_a_short_form_at_one_company_are_still_seen() -> None:
    rows = people([("Robert", "Silveira"), ("Ana", "Moore"), ("Bob", "Silveira"), ("Robert", "Silveirra")])
    assert compared(rows) == [(None, None), (None, None), ("similar", 2), ("similar", 2)]
    assert likeness.person_likeness("Silveira Robert", "Robert Silveira") is likeness.Like.SAME
