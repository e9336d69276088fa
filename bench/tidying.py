"""Duplicates and the bin at a hundred thousand contacts: the search through all, and the pages around it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

from sqlalchemy import insert, select, update

import shared.database
from bench import seed
from bench.figures import Figure, median, spread, timed_ms
from bench.ground import Ground, Site, peak_resident_mb
from bench.serving import signed_in
from bench.sizes import Size
from shared.models import Company, Contact, ContactEmail, SearchDocument, Task
from shared.records import duplicates
from shared.records.types import TYPES
from shared.search import folding

PAGE_MS, SEARCH_S = 50.0, 60.0
#: Of the contacts so many are there twice, under the same address; so many tasks are in the bin.
_TWICE, _DELETED = 50, 10


def tidying(size: Size) -> Iterator[Figure]:
    """The search for duplicates, then what a person sees of it and of the bin."""
    size = size.crowded
    with Ground.laid() as ground:
        seed.fill(ground, size)
        _plant(ground, size)
        yield from _search(ground, size)
        person = signed_in(Site(ground.serve("main:app").port))
        yield from _pages(ground, person, size)


def _plant(ground: Ground, size: Size) -> None:
    """Duplicates, things in the bin, and the index of names that the warning asks."""
    workspace_id = ground.person.workspace_id
    with seed.loading(ground) as connection:
        addresses = select(ContactEmail.contact_id, ContactEmail.email_key).where(ContactEmail.contact_id % _TWICE == 0)
        for id, key in connection.execute(addresses).all():
            same = update(ContactEmail).where(ContactEmail.contact_id == id - 1).values(email=key, email_key=key)
            connection.execute(same)
        connection.execute(
            update(Task).where(Task.id % _DELETED == 0).values(deleted_at=seed.EPOCH + timedelta(days=9))
        )
        people = select(Contact.id, Contact.first_name, Contact.last_name)
        named = [("contact", id, f"{first} {last}") for id, first, last in connection.execute(people)]
        named += [("company", id, name) for id, name in connection.execute(select(Company.id, Company.name))]
        rows = [
            {
                "workspace_id": workspace_id, "record_type": type_name, "record_id": id, "title": name, "body": "",
                "title_key": " ".join(folding.words(name)), "folded": "", "grams": " ".join(folding.grams(name)),
            }
            for type_name, id, name in named
        ]  # fmt: skip
        connection.execute(insert(SearchDocument), rows)


def _search(ground: Ground, size: Size) -> Iterator[Figure]:
    shared.database._current = ground.database
    for type_name, n in (("contact", size.contacts), ("company", size.companies)):
        with ground.database.scope(ground.person.workspace_id) as session:
            scan = duplicates.request(session, type_name, by=ground.actor)
            run = scan.id, scan.run
        started = time.perf_counter()
        duplicates.find(ground.person.workspace_id, *run)
        taken = time.perf_counter() - started
        with ground.database.scope(ground.person.workspace_id, read_only=True) as session:
            found = duplicates.count(session, type_name)
        note = f"{found:,} groups found; the process held {peak_resident_mb(os.getpid()):.0f} MB at most."
        target = SEARCH_S if type_name == "contact" else None
        yield Figure(
            name=f"duplicates among {n:,} {TYPES[type_name].plural}", measured=taken, unit="s", target=target, note=note
        )


def _pages(ground: Ground, person: Site, size: Size) -> Iterator[Figure]:
    with ground.database.scope(ground.person.workspace_id, read_only=True) as session:
        group = duplicates.groups(session, "contact", limit=1)[0]
        name = group.rows[0].name.split()
    for title, path in (
        ("page /duplicates", "/duplicates"),
        ("page /duplicates/<id>", f"/duplicates/{group.id}"),
        ("page /bin", "/bin"),
        ("page /bin, by name", "/bin?q=call"),
    ):
        taken = [person.ask("GET", path).ms for _ in range(size.warm_up + size.rounds)][size.warm_up :]
        yield Figure(name=f"{title} (median)", measured=median(taken), unit="ms", target=PAGE_MS, note=spread(taken))
    form = person.ask("GET", "/contacts/new")
    token = form.body.partition(b'name="csrf-token" content="')[2].partition(b'"')[0]
    person = Site(person.port, {"Cookie": form.headers["Set-Cookie"].partition(";")[0]})
    typed = {"csrf_token": token.decode(), "first_name": name[0], "last_name": name[-1] + "x", "emails": "1"}
    body = urlencode(typed | {"emails.0.email": "nobody@x.example"}).encode()

    def type_on() -> float:
        kind = "application/x-www-form-urlencoded"
        return person.ask("POST", "/duplicates/known/contact", body, Content_Type=kind).ms

    taken = [type_on() for _ in range(size.warm_up + size.rounds)][size.warm_up :]
    yield Figure(
        name="the warning while one types (median)", measured=median(taken), unit="ms", target=PAGE_MS,
        note=f"A name with a slip, an address nobody has. {spread(taken)}",
    )  # fmt: skip
    yield from _merging(ground, size)


def _merging(ground: Ground, size: Size) -> Iterator[Figure]:
    """A pair through the API, and back."""
    site = Site(ground.serve("main:app").port, {"Authorization": f"Bearer {ground.person.token}"})

    def once() -> float:
        body = json.dumps({"ids": [2]}).encode()
        answer = site.ask("POST", "/api/v1/contacts/1/merge", body, Content_Type="application/json")
        return answer.ms + timed_ms(lambda: site.ask("POST", f"{answer.headers['Location']}/undo", b""))

    taken = [once() for _ in range(size.warm_up + size.rounds)][size.warm_up :]
    yield Figure(name="merge two contacts and undo it (median)", measured=median(taken), unit="ms", note=spread(taken))
