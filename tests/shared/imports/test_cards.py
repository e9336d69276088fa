"""vCards become people and companies, each card what it tells of; on both databases."""

from __future__ import annotations

import pytest

from shared.errors import Conflict
from shared.imports import jobs, showing
from shared.models import Company, Contact, ImportJob, Tag
from tests.shared.imports.conftest import Import


def test_cards_of_companies_alone_come_in_as_companies(importing: Import) -> None:
    cards = (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nN:;;;;\r\nFN:Acme AG\r\nORG:Acme AG;\r\nX-ABShowAs:COMPANY\r\n"
        "TEL:+49 30 1234567\r\nURL:https://acme.example\r\nNOTE:Since 1990\r\nEND:VCARD\r\n"
        "BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:org\r\nFN:Borealis Shipping\r\nEND:VCARD\r\n"
        "BEGIN:VCARD\r\nVERSION:2.1\r\nORG:Cedar Foods;Sales\r\nEND:VCARD\r\n"
    )
    job = importing.go(cards, "firms.vcf")
    assert (job.type, importing.counts) == ("company", (3, 0, 0, 0))
    acme, borealis, cedar = importing.all(Company)
    assert (acme.name, acme.phone, acme.website, acme.description) == (
        "Acme AG", "+49 30 1234567", "https://acme.example", "Since 1990",
    )  # fmt: skip
    assert (borealis.name, cedar.name) == ("Borealis Shipping", "Cedar Foods")
    person = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Roe;Jane;;;\r\nFN:Jane Roe\r\nORG:Acme AG;\r\nEND:VCARD\r\n"
    job = importing.go(person, "people.vcf")
    assert (job.type, [c.last_name for c in importing.all(Contact)]) == ("contact", ["Roe"])


MIXED = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Roe;Jane;;;\r\nFN:Jane Roe\r\nORG:Acme AG;\r\nEND:VCARD\r\n"
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Acme AG\r\nORG:Acme AG;\r\nX-ABShowAs:COMPANY\r\nTEL:+49 30 1234567\r\n"
    "CATEGORIES:Key\\, account,VIP\r\nEND:VCARD\r\n"
    "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Joe Poe\r\nORG:Borealis\r\nEND:VCARD\r\n"
)


def test_a_company_among_cards_of_people_spoils_no_row_and_is_brought_in_on_its_own(
    importing: Import, database, cast
) -> None:
    job = importing.go(MIXED, "cards.vcf")
    assert (job.type, importing.counts) == ("contact", (2, 0, 0, 0))
    assert showing.notes(job) == ["Cards of companies in the file: 1. Import it again as companies for them."]
    with database.scope(cast.acme) as session:
        upload_dir = importing.settings.upload_dir
        people = session.get_one(ImportJob, job.id)
        firms = jobs.receive_others(session, people, upload_dir=upload_dir, by=importing.by)
        importing.id = firms.id
        assert jobs.others_of(session, people) is firms and jobs.others_of(session, firms) is people
        with pytest.raises(Conflict):  # a second time
            jobs.receive_others(session, people, upload_dir=upload_dir, by=importing.by)
    importing.run()
    importing.start()
    assert importing.counts == (0, 1, 0, 0)  # the people's import made it by name
    acme, _ = importing.all(Company)
    assert (acme.name, acme.phone) == ("Acme AG", "+49 30 1234567")
    assert [tag.name for tag in importing.all(Tag)] == ["Key, account", "VIP"]
    assert showing.notes(importing.job) == ["Cards of people in the file: 2. Import it again as contacts for them."]


def test_people_among_cards_of_companies_are_no_companies(importing: Import) -> None:
    job = importing.go(MIXED, "cards.vcf", type_="company")
    assert (job.type, importing.counts) == ("company", (1, 0, 0, 0))
    assert [company.name for company in importing.all(Company)] == ["Acme AG"]
