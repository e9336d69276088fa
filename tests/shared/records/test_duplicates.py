"""Duplicates are warned of while a record is typed, found among those that exist, and told apart for good."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from shared import clock, search
from shared.database import Database
from shared.errors import Conflict, NotFound
from shared.events import Actor
from shared.models import Contact, DistinctPair, DuplicateScan, Event, ScanStatus, Workspace
from shared.records import apart, duplicates, merging, pairing, warning
from shared.tenancy import TenantSession
from tests.conftest import Cast
from tests.factories import make_company, make_contact

BY = Actor("user")


def people(*rows: tuple[str, str, int | None, str]) -> list[pairing.Person]:
    """(first, last, company, e-mail); ids from 1."""
    made = []
    for number, (first, last, company, email) in enumerate(rows, 1):
        person = pairing.person(number, first, last, f"{first} {last}".lower().strip(), company)
        made.append(pairing.Person(person.id, person.name_key, person.words, company, (email,) if email else ()))
    return made


def found(rows: list[pairing.Person], apart: set[tuple[int, int]] | None = None) -> list[tuple[tuple[int, ...], str]]:
    pairs = pairing.exact_people(rows)
    pairing.similar_people(rows, pairs)
    return [(group.ids, group.reasons[0].kind) for group in pairing.grouped(pairs, apart or set())]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([("Jane", "Roe", 1, "jane@x.example"), ("J.", "Roe", 2, "jane@x.example")], "email"),
        ([("Jane", "Roe", 1, "jane@x.example"), ("Jane", "Roe", 2, "jane+crm@x.example")], "email"),
        ([("Jane", "Roe", 1, "j.roe@gmail.com"), ("Jane", "Roe", None, "jroe@googlemail.com")], "email"),
        ([("Jane", "Roe", 1, ""), ("Jane", "Roe", 1, "")], "name"),
        ([("Elizabeth", "Archer", 1, ""), ("Liz", "Archer", 1, "")], "similar"),
        ([("Grantley", "Foss", None, ""), ("Grantly", "Foss", 4, "")], "similar"),
        ([("Jane", "", 1, ""), ("Jane", "Roe", 1, "")], "similar"),
    ],
)
def test_people_who_may_be_one_are_found(rows: list[tuple[str, str, int | None, str]], reason: str) -> None:
    assert found(people(*rows)) == [((1, 2), reason)]


def test_people_who_only_share_a_company_or_a_common_name_are_not() -> None:
    assert found(people(("Daniel", "Berg", 1, ""), ("Daniela", "Berg", 1, ""), ("Ana", "Ruiz", 1, ""))) == []
    assert found(people(*[("Anna", "Schmidt", company, "") for company in range(1, 5)])) == []
    assert found(people(*[(f"P{n}", f"Nr{n * 7919}", n, "info@x.example") for n in range(30)])) == []


def test_companies_that_may_be_one_are_found() -> None:
    names = ["Hellborg Energy AB", "Hellborg Enery AB", "Lumen GmbH", "Lumen Inc.", "Nordic Foods"]
    firms = [pairing.firm(n, name, pairing.company_words(name)[0], None, None, None) for n, name in enumerate(names)]
    pairs = pairing.exact_firms(firms)
    pairing.similar_firms(firms, pairs)
    assert [group.ids for group in pairing.grouped(pairs, set())] == [(0, 1), (2, 3)]


def test_a_chain_is_cut_where_two_were_told_apart() -> None:
    rows = people(("Jane", "Roe", 1, "a@x.example"), ("Jane", "Roe", 1, "a@x.example"), ("Jane", "Roe", 1, ""))
    assert found(rows) == [((1, 2, 3), "email")]
    assert found(rows, {(1, 3), (2, 3)}) == [((1, 2), "email")]
    assert found(rows, {(1, 2), (1, 3), (2, 3)}) == []


@pytest.fixture
def janes(session: TenantSession) -> list[Contact]:
    company = make_company(session)
    return [make_contact(session, first_name="Jane", last_name="Roe", company_id=company.id) for _ in range(3)]


def search_all(session: TenantSession, cast: Cast) -> None:
    scan = duplicates.request(session, "contact", by=BY)
    session.commit()
    for _ in range(2):  # every job is run twice one day
        duplicates.find(cast.acme, scan.id, scan.run)
    session.expire_all()


def shown(session: TenantSession) -> list[list[int]]:
    return [[row.id for row in group.rows] for group in duplicates.groups(session, "contact")]


def test_a_search_stores_its_groups_and_a_merge_settles_them(
    session: TenantSession, cast: Cast, janes: list[Contact]
) -> None:
    search_all(session, cast)
    ids = [jane.id for jane in janes]
    assert shown(session) == [ids]
    scan = duplicates.last_scan(session, "contact")
    assert scan is not None and (scan.status, scan.done, scan.total) == (ScanStatus.DONE, 3, 3)
    merged = merging.merge(session, "contact", ids[0], ids[1:], by=BY)
    assert shown(session) == []
    merging.undo(session, merged.id, by=BY)
    assert shown(session) == [ids]


def test_what_was_told_apart_is_never_found_again(session: TenantSession, cast: Cast, janes: list[Contact]) -> None:
    search_all(session, cast)
    one, two, three = [jane.id for jane in janes]
    apart.tell(session, "contact", [one, two], by=BY)
    assert shown(session) == [[one, two, three]]  # each may still be the third
    apart.tell(session, "contact", [one, two, three], by=BY)
    assert shown(session) == []
    search_all(session, cast)
    assert shown(session) == []
    assert len(session.scalars(select(DistinctPair)).all()) == 6
    assert session.scalars(select(Event.kind).order_by(Event.id.desc())).first() == "duplicates.requested"


def test_what_was_told_apart_is_one_group_again_once_it_is_taken_back(
    session: TenantSession, cast: Cast, janes: list[Contact]
) -> None:
    search_all(session, cast)
    ids = [jane.id for jane in janes]
    first = apart.tell(session, "contact", ids, by=BY, only=ids[0])
    assert first is not None and shown(session) == [ids[1:]]
    second = apart.tell(session, "contact", ids[1:], by=BY)
    assert second is not None and shown(session) == []
    assert apart.tell(session, "contact", ids, by=BY) is None, "nothing to take back: all of it was known"
    assert apart.lately(session) == [second, first]
    apart.take_back(session, second.id, by=BY)
    assert shown(session) == [ids[1:]] and apart.lately(session) == [first]
    with pytest.raises(Conflict, match="taken back already"):
        apart.take_back(session, second.id, by=BY)
    apart.take_back(session, first.id, by=BY)
    assert shown(session) == [ids] and session.scalars(select(DistinctPair)).all() == []


def test_an_old_message_takes_back_nothing_that_was_said_anew(session: TenantSession, janes: list[Contact]) -> None:
    ids = [jane.id for jane in janes]
    old = apart.tell(session, "contact", ids, by=BY)
    assert old is not None
    apart.take_back(session, old.id, by=BY)
    apart.tell(session, "contact", ids, by=BY)
    with pytest.raises(Conflict):
        apart.take_back(session, old.id, by=BY)
    assert len(session.scalars(select(DistinctPair)).all()) == 6


def test_taken_back_after_a_later_search_the_next_one_finds_them(
    session: TenantSession, cast: Cast, janes: list[Contact]
) -> None:
    search_all(session, cast)
    ids = [jane.id for jane in janes]
    told = apart.tell(session, "contact", ids, by=BY)
    assert told is not None
    search_all(session, cast)
    apart.take_back(session, told.id, by=BY)
    assert shown(session) == []
    search_all(session, cast)
    assert shown(session) == [ids]


def test_a_search_whose_worker_died_is_sent_again(session: TenantSession, database: Database, cast: Cast) -> None:
    scan = duplicates.request(session, "contact", by=BY)
    assert duplicates.request(session, "contact", by=BY) is scan and scan.run == 1
    scan.touched_at = clock.wall() - 2 * duplicates._DEAD_AFTER
    session.commit()
    duplicates.sweep(database)
    duplicates.sweep(database)
    sent = select(Event.job_args).where(Event.job == "shared.records.duplicates.find")
    assert session.scalars(sent).all() == [[cast.acme, scan.id, 1]] * 2


def test_another_tenants_records_are_neither_found_nor_told_apart(
    session: TenantSession, mallory_session: TenantSession, cast: Cast, janes: list[Contact]
) -> None:
    ids = [jane.id for jane in janes]
    search_all(session, cast)
    session.commit()
    (group,) = duplicates.groups(session, "contact")
    session.commit()
    assert duplicates.groups(mallory_session, "contact") == []
    with pytest.raises(NotFound):
        duplicates.group(mallory_session, group.id)
    with pytest.raises(NotFound):
        apart.tell(mallory_session, "contact", ids, by=BY)
    mallory_session.rollback()
    scan = session.scalars(select(DuplicateScan)).one()
    session.commit()
    duplicates.find(cast.globex, scan.id, scan.run)
    assert shown(session) == [ids]


def numbered(session: TenantSession, *numbers: str) -> list[int]:
    """Contacts of unlike names with these numbers, to be found by them."""
    made = [
        make_contact(session, first_name=first, last_name="Roe", phone=number)
        for first, number in zip(("Jane", "Bob", "Zoe"), numbers, strict=False)
    ]
    for contact in made:
        search.index(session, "contact", contact.id, contact.name, contact.phone or "")
    return [contact.id for contact in made]


@pytest.mark.parametrize(
    ("zone", "written", "sure", "hinted"),
    [
        ("Europe/Berlin", "030 1234567", [0, 1], [2]),
        ("Europe/Berlin", "+49 30 1234567", [0, 1], []),
        ("Europe/Berlin", "+43 30 1234567", [2], [1]),
        ("Europe/Vienna", "030 1234567", [1, 2], [0]),
        ("UTC", "(030) 1234567", [1], [0, 2]),
        ("Europe/Berlin", "1234", [], []),
    ],
)
def test_a_number_is_known_however_it_is_written_but_not_across_countries(
    session: TenantSession, acme: Workspace, zone: str, written: str, sure: list[int], hinted: list[int]
) -> None:
    acme.timezone = zone
    ids = numbered(session, "+49 30 1234567", "0301234567", "+43 30 1234567")
    known = warning.known(session, "contact", {"phones": [written]})
    assert sorted(k.row.id for k in known if k.score > 0.8) == [ids[n] for n in sure]
    assert sorted(k.row.id for k in known if [r.kind for r in k.reasons] == ["phone_end"]) == [ids[n] for n in hinted]
    assert len(known) == len(sure) + len(hinted)


def test_a_search_for_duplicates_knows_a_number_in_both_spellings(
    session: TenantSession, acme: Workspace, cast: Cast
) -> None:
    acme.timezone = "Europe/Berlin"
    for last_name, number in (("Roe", "+49 30 1234567"), ("", "030 1234567"), ("", "+43 30 1234567")):
        make_contact(session, first_name="", last_name=last_name, phone=number)
    scan = duplicates.request(session, "contact", by=BY)
    session.commit()
    duplicates.find(cast.acme, scan.id, scan.run)
    (group,) = duplicates.groups(session, "contact")
    assert (len(group.rows), group.score, group.reasons[0]) == (2, 0.9, pairing.Reason("phone", "+49301234567"))


def test_known_people_are_named_while_one_is_typed(session: TenantSession) -> None:
    lumen = make_company(session, name="Lumen GmbH", domain="lumen.example")
    jane = make_contact(
        session, first_name="Elizabeth", last_name="Archer", email="liz@x.example", phone="+49 30 1234567",
        company_id=lumen.id,
    )  # fmt: skip
    search.index(session, "contact", jane.id, jane.name, "")
    search.index(session, "company", lumen.id, lumen.name, "")

    def told(type_name: str, **values: object) -> list[tuple[int, str]]:
        return [(k.row.id, k.reasons[0].kind) for k in warning.known(session, type_name, values)]

    assert told("contact", emails=["LIZ+x@x.example"]) == [(jane.id, "email")]
    assert told("contact", phones=["0049 (30) 123-4567"]) == [(jane.id, "phone")]
    assert told("contact", first_name="Elizabeth", last_name="Archer") == [(jane.id, "name")]
    assert told("contact", first_name="Liz", last_name="Archer") == [(jane.id, "similar")]
    assert told("contact", first_name="Elizabeth", last_name="Arcther") == [(jane.id, "similar")]
    assert told("contact", first_name="Bob", last_name="Archer") == []
    assert told("company", name="Lumen AG") == [(lumen.id, "name")]
    assert told("company", name="Lumenn") == [(lumen.id, "similar")]
    assert told("company", domain="https://www.lumen.example/about") == [(lumen.id, "domain")]
    assert warning.known(session, "company", {"name": "Lumen"}, besides=lumen.id) == []
