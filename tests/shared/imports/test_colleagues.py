"""Rows of a company where thousands work: those who are compared are read, not everybody with each batch of rows."""

from __future__ import annotations

from typing import Any

import pytest

from shared.imports import duplicates
from shared.imports.earlier import Earlier
from shared.imports.staged import LARGEST_BLOCK, Staged
from shared.tenancy import TenantSession
from tests.factories import make_company, make_contact


def test_of_thousands_at_one_company_those_are_read_whose_names_are_compared(
    session: TenantSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, small = make_company(session), make_company(session)
    make_contact(session, first_name="Margarethe", last_name="Silveira", company_id=large.id)
    for n in range(3 * LARGEST_BLOCK):
        make_contact(session, first_name=f"Worker{n}", last_name="Roe", company_id=large.id)
    make_contact(session, first_name="Rosalind", last_name="Achterberg", company_id=small.id)
    read: list[int] = []
    indexed = duplicates._indexed

    def counting(people: dict[int, Any]) -> Any:
        read.append(len(people))
        return indexed(people)

    monkeypatch.setattr(duplicates, "_indexed", counting)
    named = [("Margarethe", "Silveirra", large), (f"Worker{n}", "Roe", large), ("Rosalind", "Achterbergh", small)]
    rows = [
        Staged(n, {"first_name": first, "last_name": name}, {"company_id": str(company.id)})
        for n, (first, name, company) in enumerate(named, 2)
    ]
    duplicates.find(session, "contact", rows, Earlier())
    assert [(row.match, row.why) for row in rows] == [
        ("similar", "a similar name at the same company"),
        ("exact", "the same name at the same company"),
        ("similar", "a similar name at the same company"),
    ]
    assert max(read) == LARGEST_BLOCK + 2, "the last of the large company by name, the one of the small company"
