"""Companies and the people in them, met one after the other."""

from __future__ import annotations

import unicodedata
from typing import Any

from sqlalchemy import select

from shared import records
from shared.demo import cast
from shared.demo.customers import COUNTRIES, CUSTOMERS, FEATURED_CUSTOMERS, PARTNERS, PEOPLE, Customer, Person
from shared.demo.story import Story
from shared.models import Employment

_CONTACTS = 114  # what the meetings' reviews add comes on top
_LIFECYCLES = ("lead", "lead", "qualified", "qualified", "opportunity", "opportunity", "other", "former")
#: (days ago, how far the new employer stands from the old in the list)
_MOVES = ((130, 7), (96, 13), (61, 5), (33, 17), (12, 9))


def known_since(story: Story) -> dict[str, int]:
    """How many days ago each company was entered."""
    dice = story.dice
    return {
        customer.name: dice.randint(228, 268)
        if i < FEATURED_CUSTOMERS or dice.random() < 0.6
        else dice.randint(45, 225)
        for i, customer in enumerate(CUSTOMERS)
    }


def plan(story: Story, since: dict[str, int]) -> None:
    """Plan companies, contacts and the contacts that change their employer."""
    for customer in CUSTOMERS:
        _plan_company(story, customer, since[customer.name])
    known = {(person.first_name, person.last_name) for person in PEOPLE}
    for person in PEOPLE:
        _plan_contact(story, person, since[person.company] - 4)
    for i in range(_CONTACTS - len(PEOPLE)):
        customer = CUSTOMERS[i % len(CUSTOMERS)]
        person = _invented(story, customer, known)
        _plan_contact(story, person, since[customer.name] - story.dice.randint(4, 30))
    for days_ago, distance in _MOVES:
        _plan_move(story, since, days_ago, distance)


def _plan_company(story: Story, customer: Customer, days_ago: int) -> None:
    dice = story.dice
    phone = _phone(story, customer.country, mobile=False) if dice.random() < 0.8 else None
    data: dict[str, Any] = {
        "name": customer.name,
        "domain": f"{customer.domain}.example",
        "website": f"https://www.{customer.domain}.example",
        "industry": customer.industry,
        "employees": customer.employees,
        "phone": phone,
        "city": customer.city,
        "country": COUNTRIES[customer.country],
        "description": customer.about,
        "owner_id": story.users[customer.owner].id,
    }

    def act() -> None:
        story.companies[customer.name] = records.create(story.session, "company", data, by=story.by(customer.owner))

    story.plan(story.some_time(days_ago), act)


def _invented(story: Story, customer: Customer, known: set[tuple[str, str]]) -> Person:
    """Somebody new at that company, whose full name nobody else has."""
    dice = story.dice
    while True:
        name = dice.choice(cast.FIRST_NAMES[customer.country]), dice.choice(cast.LAST_NAMES[customer.country])
        if name not in known and (customer.name, name[1]) not in known:  # no two of one family in a company
            break
    known |= {name, (customer.name, name[1])}
    stages = ("partner",) if customer.name in PARTNERS else _LIFECYCLES
    mailbox = f"{_ascii(name[0])}.{_ascii(name[1])}"
    return Person(*name, customer.name, dice.choice(cast.TITLES), mailbox, dice.choice(stages))


def _ascii(name: str) -> str:
    """For an address: `Özkan` -> `oezkan`, `van der Veen` -> `vanderveen`."""
    german = name.lower().replace("ö", "oe").replace("ä", "ae").replace("ü", "ue").replace("ß", "ss").replace("å", "a")
    plain = "".join(c for c in unicodedata.normalize("NFKD", german) if c.isascii())
    return plain.replace(" ", "")


def _plan_contact(story: Story, person: Person, days_ago: int) -> None:
    customer = next(c for c in CUSTOMERS if c.name == person.company)
    dice = story.dice
    emails = [{"email": f"{person.mailbox}@{customer.domain}.example", "label": "work", "primary": True}]
    if dice.random() < 0.2:
        emails.append({"email": f"{_ascii(person.first_name)}@{_ascii(person.last_name)}.example", "label": "private"})
    phones = _phones(story, customer.country)
    data: dict[str, Any] = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "title": person.title,
        "emails": emails,
        "phones": phones,
        "lifecycle": person.lifecycle,
        "source": dice.choice(cast.SOURCES),
        "owner_id": story.users[customer.owner].id,
    }

    def act() -> None:
        company = story.companies[person.company]
        full = {**data, "company_id": company.id}
        contact = records.create(story.session, "contact", full, by=story.by(customer.owner))
        story.contacts.setdefault(person.company, []).append(contact)

    story.plan(story.some_time(days_ago), act)


def _phones(story: Story, country: str) -> list[dict[str, Any]]:
    found = [
        {"phone": number, "label": label}
        for label, mobile, chance in (("work", False, 0.6), ("mobile", True, 0.45))
        if story.dice.random() < chance and (number := _phone(story, country, mobile=mobile))
    ]
    return [{**entry, "primary": i == 0} for i, entry in enumerate(found)]


def _phone(story: Story, country: str, *, mobile: bool) -> str | None:
    """The next number of the country's range for fiction; None if it has no such range, or no more numbers."""
    pattern = cast.PHONES.get(country, (None, None))[int(mobile)]
    if pattern is None:
        return None
    used = story.phones[pattern]
    story.phones[pattern] += 1
    digits = 4 if ":04d" in pattern else 3 if ":03d" in pattern else 2
    return pattern.format(used) if used < 10**digits else None


def _plan_move(story: Story, since: dict[str, int], days_ago: int, distance: int) -> None:
    """Somebody leaves for another company: the old employment is ended, the person and their history stay."""
    old = [c for c in CUSTOMERS if since[c.name] > days_ago + 35 and c.name not in PARTNERS][FEATURED_CUSTOMERS:]
    leaving = old[distance % len(old)]
    joining = old[(distance * 2 + 1) % len(old)]
    title = story.dice.choice(cast.TITLES)

    def act() -> None:
        contact = story.contacts[leaving.name][-1]
        change = {
            "company_id": story.companies[joining.name].id,
            "title": title,
            "emails": [
                {"email": f"{_ascii(contact.last_name)}@{joining.domain}.example", "label": "work", "primary": True},
                *({"email": e.email, "label": "old"} for e in contact.emails[:1]),
            ],
        }
        records.update(story.session, contact, change, by=story.by(joining.owner))
        story.contacts[leaving.name].remove(contact)
        story.contacts[joining.name].append(contact)

    story.plan(story.some_time(days_ago), act)


def date_employments(story: Story) -> None:
    """Say since when people work where they work; the verbs leave that open."""
    moved: set[int] = set()
    for employment in story.session.scalars(select(Employment).order_by(Employment.id)):
        day = employment.created_at.date()
        years = 0 if employment.contact_id in moved else story.dice.randint(1, 9)
        employment.started_on = day if not years else day.replace(year=day.year - years, day=1)
        moved.add(employment.contact_id)
    story.session.flush()
