"""What people type, and what it finds, on both databases."""

from __future__ import annotations

import pytest

from shared import search
from shared.tenancy import TenantSession


@pytest.fixture
def people(session: TenantSession) -> TenantSession:
    rows = [
        (1, "Jane Roe", "jane.roe@acme.example +49 (0)30 1234567 Head of Purchasing at Müller Straßenbau"),
        (2, "François O'Brien", "francois@example.fr 030 7654321 lives in Łódź"),
        (3, "Bob Baker", "bakery, e-mail only"),
    ]
    for id_, title, body in rows:
        search.index(session, "contact", id_, title, body)
    search.index(session, "company", 1, "Müller Straßenbau GmbH", "mueller.example, road works")
    search.index(session, "note", 7, "About pricing", "Jane asked whether the discount holds until March.")
    session.commit()
    return session


def found(session: TenantSession, query: str, **more: object) -> list[tuple[str, int]]:
    return [(hit.type, hit.id) for hit in search.find(session, query, **more)]


@pytest.mark.parametrize(
    "query",
    [
        "jane roe", "Roe, Jane", "JANE", "jan", "jane.roe@acme.example", "JANE.ROE@ACME.EXAMPLE", "acme.example roe",
        "+49 30 1234567", "030 1234567", "0301234567", "1234567", "+49301234567", '"jane roe"', "purchasing muller",
    ],
)  # fmt: skip
def test_a_person_is_found_first_by(people: TenantSession, query: str) -> None:
    assert found(people, query)[0] == ("contact", 1)


@pytest.mark.parametrize("query", ["francois", "François", "obrien", "O'Brien", "o’brien", "lodz", "ŁÓDŹ", "7654321"])
def test_accents_case_and_apostrophes_do_not_matter(people: TenantSession, query: str) -> None:
    assert found(people, query) == [("contact", 2)]
