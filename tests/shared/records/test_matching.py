"""Who is meant: names as people say them, and as speech recognition hears them."""

from __future__ import annotations

import pytest

from shared import records
from shared.events import Actor
from shared.models import Company, Contact, User
from shared.records import matching
from shared.records.around import Around
from shared.records.likeness import CompanyLike, Like, company_likeness, person_likeness
from shared.records.matching import Said
from shared.records.wording import says_the_same
from shared.tenancy import TenantSession


@pytest.fixture
def by(alice: User) -> Actor:
    return Actor("user", alice.id)


def company(session: TenantSession, name: str, by: Actor) -> Company:
    made: Company = records.create(session, "company", {"name": name}, by=by)
    return made


def person(session: TenantSession, name: str, by: Actor, at: Company | None = None) -> Contact:
    first, _, last = name.partition(" ")
    values = {"first_name": first, "last_name": last, "company_id": at.id if at else None}
    made: Contact = records.create(session, "contact", values, by=by)
    return made


@pytest.mark.parametrize(
    ("said", "known", "like"),
    [
        ("Bob Hale", "Robert Hale", Like.SAME),
        ("HP Vogel", "Hans-Peter Vogel", Like.SAME),
        ("Roe, Jane", "Jane Roe", Like.SAME),
        ("Jürgen Weiß", "Juergen Weiss", Like.SAME),
        ("Jane Rowe", "Jane Roe", Like.CLOSE),
        ("Stephan Kirschner", "Stefan Kirchner", Like.CLOSE),
        ("Mr Hale", "Robert Hale", Like.PART),
        ("Daniel Hale", "Daniela Hale", Like.NO),
        ("John Roe", "Jane Roe", Like.NO),
        ("Anna Meinert", "Anna Meier", Like.NO),
    ],
)
def test_two_names_of_a_person(said: str, known: str, like: Like) -> None:
    assert person_likeness(said, known) is like
    assert person_likeness(known, said) is like


@pytest.mark.parametrize(
    ("said", "known", "like"),
    [
        ("Quill Haven", "Quillhaven Ltd", CompanyLike.SAME),
        ("Mueller Maschinenbau", "Müller Maschinenbau GmbH & Co. KG", CompanyLike.SAME),
        ("Grantley", "Grantley Voss Ltd", CompanyLike.SHORT),
        ("Hellborg Energy", "Hellborg AG", CompanyLike.LONGER),
        ("IBM", "International Brewing Machines", CompanyLike.ACRONYM),
        ("Grantly Foss", "Grantley Voss", CompanyLike.HEARD),
        ("Studio 5", "Studio 6 Design", CompanyLike.NO),
        ("Tidewell Shipping", "Tidewater Shipping", CompanyLike.NO),
    ],
)
def test_two_names_of_a_company(said: str, known: str, like: CompanyLike) -> None:
    assert company_likeness(said, known) is like


@pytest.mark.parametrize(
    ("said", "known", "is_same"),
    [
        ("Email Jane the updated proposal", "Send the revised proposal to Jane", True),
        ("Share 2 reference customers", "Share two reference customers", True),
        ("Herrn Vogel das neue Angebot schicken", "Überarbeitetes Angebot an Herrn Vogel senden", True),
        ("Send the revised contract to Jane", "Send the revised proposal to Jane", False),
        ("Review the proposal with Jane", "Send the proposal to Jane", False),
        ("Send the Q2 report", "Send the Q1 report", False),
        ("Do not send the proposal to Jane", "Send the proposal to Jane", False),
    ],
)
def test_a_task_in_other_words_and_a_near_miss(said: str, known: str, is_same: bool) -> None:
    assert says_the_same(said, known, is_task=True) is is_same


def test_of_two_of_one_name_the_one_who_attended_is_meant_and_else_it_is_asked(
    session: TenantSession, by: Actor
) -> None:
    quill = company(session, "Quill", by)
    first, second = person(session, "Sarah Kimble", by, quill), person(session, "Sarah Montrose", by, quill)
    asked = matching.match_contact(session, Said("Sarah"), Around(quill.id))
    assert asked.row is None and set(asked.candidates) == {first, second}
    known = matching.match_contact(session, Said("Sarah"), Around(quill.id, {second.id: 2}))
    assert known.row is second
    both = matching.match_contact(session, Said("Sarah"), Around(quill.id, {first.id: 2, second.id: 2}))
    assert both.row is None


def test_a_name_known_at_another_company_is_asked_about(session: TenantSession, by: Actor) -> None:
    quill, other = company(session, "Quill", by), company(session, "Tidewater", by)
    ben = person(session, "Benjamin Foster", by, other)
    found = matching.match_contact(session, Said("Ben Foster", employer="Quill", company=quill))
    assert (found.row, found.candidates) == (None, (ben,))


def test_companies_of_one_name_are_told_apart_by_their_legal_form_or_asked_about(
    session: TenantSession, by: Actor
) -> None:
    ltd, gmbh = company(session, "Lumen Ltd", by), company(session, "Lumen GmbH", by)
    assert matching.match_company(session, "Lumen GmbH").row is gmbh
    assert set(matching.match_company(session, "Lumen").candidates) == {ltd, gmbh}
    assert matching.match_company(session, "Lumen", around=Around(ltd.id)).row is ltd


def test_a_misspelt_company_is_found_whatever_its_first_letters(session: TenantSession, by: Actor) -> None:
    for n in range(30):
        company(session, f"Tidemark {n} Partners", by)
    tidewater = company(session, "Tidewater Shipping", by)
    assert matching.find_company(session, "Tydewater Shipping") is tidewater


def test_nobody_of_another_tenant_is_found(session: TenantSession, mallory_session: TenantSession, by: Actor) -> None:
    quill = company(session, "Quillhaven", by)
    person(session, "Robert Hale", by, quill)
    session.commit()
    around, names = Around(quill.id), ("Quillhaven", "Quill Haven", "Quilhaven", "Quillhaven Ltd")
    assert [matching.match_company(session, name, around=around).row for name in names] == [quill] * 4
    session.rollback()
    assert [matching.match_company(mallory_session, name, around=around) for name in names] == [matching.Match()] * 4
    for name in ("Robert Hale", "Bob Hale", "Robert Hail", "Bob"):
        found = matching.match_contact(mallory_session, Said(name), around)
        assert (found.row, found.candidates) == (None, ())
