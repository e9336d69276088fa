"""What people type, and what it finds, on both databases."""

from __future__ import annotations

import pytest

from shared import search
from shared.database import Database
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from tests.factories import make_contact


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


def test_letters_of_other_alphabets_are_found(session: TenantSession) -> None:
    for id_, title in enumerate(["Москва Трейд", "株式会社サンプル", "Ελλάδα ΑΕ", "हिन्दी कंपनी", "İstanbul Ticaret"]):
        search.index(session, "company", id_, title, "")
    for id_, query in enumerate(["москва", "株式会社", "ΕΛΛΑΔΑ", "हिन्दी", "istanbul"]):
        assert found(session, query) == [("company", id_)]


def test_all_words_before_any_word(session: TenantSession) -> None:
    search.index(session, "note", 1, "Budget", "The budget for the fleet was approved.")
    search.index(session, "note", 2, "Fleet", "Ten vans and two cranes.")
    search.index(session, "note", 3, "Lunch", "Soup.")
    hits = search.find(session, "budget fleet")
    assert [hit.id for hit in hits] == [1, 2]
    assert hits[0].score > 0.5 >= hits[1].score > 0


def test_a_word_in_the_title_counts_more_than_in_the_text(session: TenantSession) -> None:
    search.index(session, "note", 1, "Minutes", "Somebody said pricing once, and then pricing again.")
    search.index(session, "note", 2, "Pricing", "What we agreed on in the end, with all the details written down.")
    assert [hit.id for hit in search.find(session, "pricing")] == [2, 1]


def test_words_in_quotation_marks_stand_together(session: TenantSession) -> None:
    search.index(session, "note", 1, "A", "we signed the annual contract")
    search.index(session, "note", 2, "B", "the contract is annual")
    assert found(session, '"annual contract"') == [("note", 1)]
    assert set(found(session, "annual contract")) == {("note", 1), ("note", 2)}


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("Jnae Roe", "Roe"),
        ("jane rooe", "Roe"),
        ("Jaen Ro", "Roe"),
        ("Mueller Strassenbau", "Straßenbau"),
        ("Müler Straßenbau", "Straßenbau"),
        ("Strasenbau", "Straßenbau"),
        ("Mulerr Strasenbaau", "Straßenbau"),
    ],
)
def test_typing_errors_are_forgiven_when_nothing_else_is_found(people: TenantSession, query: str, meant: str) -> None:
    hits = search.find(people, query)
    assert meant in hits[0].title
    assert "Baker" not in {word for hit in hits for word in hit.title.split()}


def test_a_slip_in_one_word_does_not_bring_everybody_with_the_other(people: TenantSession) -> None:
    search.index(people, "contact", 9, "Jane Smith", "")
    assert found(people, "jane smtih")[0] == ("contact", 9)
    search.index(people, "company", 9, "Москва Трейд", "")
    assert found(people, "Мсоква") == [("company", 9)]


def test_typing_errors_are_not_looked_for_when_there_are_hits(people: TenantSession) -> None:
    assert found(people, "baker") == [("contact", 3)]


@pytest.mark.parametrize(
    "query", ["zzzzqqqq", "", "   ", "?", "🚀", "🚀🚀 !!", "\0", "\ud800", "%", "_", "--", "()", "-8"]
)
def test_what_is_not_there_is_not_found(people: TenantSession, query: str) -> None:
    assert found(people, query) == []


@pytest.mark.parametrize(
    "syntax",
    [
        "jane OR", "jane AND", "NOT jane", "NEAR(jane roe)", "{title_key} : jane", "jane*", "^jane",
        "jane:*", "jane & | !", "jane <-> roe", "'jane'", '"jane', 'jane"', '""jane""', "jane'; DROP TABLE company; --",
        "jane\\", "jane/roe", "(jane", "jane)", "jane + roe", "-jane", "jane?", "@jane", "jane@", "jane\0roe",
        "jane\n\troe",
    ],
)  # fmt: skip
def test_what_a_database_would_read_as_syntax_is_only_words(people: TenantSession, syntax: str) -> None:
    assert ("contact", 1) in found(people, syntax)


def test_a_question_of_any_length_is_answered(people: TenantSession) -> None:
    assert found(people, "jane " * 5000)[0] == ("contact", 1)
    assert found(people, "x" * 100_000) == []
    assert found(people, " ".join(f"word{i}" for i in range(1000))) == []


def test_types_and_limit(people: TenantSession) -> None:
    assert found(people, "muller", types=["company"]) == [("company", 1)]
    assert found(people, "jane.roe@acme.example", types=["company"]) == []
    assert found(people, "jane", types=[]) == []
    assert len(found(people, "jane", limit=1)) == 1
    assert found(people, "jane", limit=0) == []


def test_mallory_finds_nothing_of_acmes(people: TenantSession, mallory_session: TenantSession) -> None:
    for query in ("jane", "jane.roe@acme.example", "1234567", "Jnae Roe", "budget jane pricing"):
        assert found(mallory_session, query) == []
    search.remove(mallory_session, "contact", 1)
    mallory_session.commit()
    assert found(people, "jane roe")[0] == ("contact", 1)


def test_mallory_cannot_write_into_acmes_index(people: TenantSession, mallory_session: TenantSession) -> None:
    search.index(mallory_session, "contact", 1, "Mallory was here", "")
    mallory_session.commit()
    assert found(people, "mallory") == []
    assert found(people, "jane roe")[0] == ("contact", 1)


def test_the_address_of_a_person_comes_before_mentions_of_it(session: TenantSession) -> None:
    jane = make_contact(session, email="jane@roe.example")
    search.index(session, "contact", jane.id, "Jane Roe", "jane@roe.example and other words that dilute it a good deal")
    search.index(session, "note", 1, "jane@roe.example", "jane@roe.example")
    hits = search.find(session, "Jane@Roe.example ")
    assert [hit.type for hit in hits] == ["contact", "note"]
    assert hits[0].score == 1.0


def test_searching_needs_a_workspace(database: Database, cast: object) -> None:
    with database.session(EVERY_WORKSPACE) as session, pytest.raises(RuntimeError):
        search.find(session, "jane")
