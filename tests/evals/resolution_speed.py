"""`python -m tests.evals.resolution_speed`: how long proposing a meeting of 60 finds takes in a large CRM, on SQLite.

100,000 contacts, 20,000 companies, 5,000 open tasks; every third name is said with a slip or in a short form.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert

from shared import clock, migration
from shared.database import Database
from shared.models import Base, Company, Contact, Link, Meeting, SearchDocument, Task, Workspace
from shared.records import keys
from shared.records.pipelines import default_pipeline
from shared.review import propose
from shared.schemas.insight import Item, Kind
from shared.search import folding
from shared.tenancy import EVERY_WORKSPACE, TenantSession

CONTACTS, COMPANIES, TASKS = 100_000, 20_000, 5_000
_FIRST = [
    "Anna", "Robert", "Elizabeth", "Michael", "Thomas", "Jürgen", "Katrin", "Stefan", "Maria", "David",
    "Laura", "Peter", "Susan", "James", "Sabine", "Christopher", "Alexander", "Julia", "Patrick", "Emma",
    "Daniel", "Sophie", "Martin", "Nicole", "Andrew", "Claudia", "William", "Petra", "Jonas", "Helen",
]  # fmt: skip
_PARTS = [
    "ba", "ker", "ro", "mi", "lan", "der", "son", "ter", "vo", "ss", "ul", "ri", "hart", "wick", "berg",
    "stein", "mann", "low", "field", "ton", "ham", "mer",
]  # fmt: skip
_TRADES = [
    "Logistics", "Analytics", "Foods", "Engineering", "Transit", "Partners", "Energy", "Studios",
    "Maschinenbau", "Pharma",
]  # fmt: skip
_OBJECTS = [
    "proposal", "contract", "slides", "report", "invoice", "questionnaire", "plan", "demo", "licence",
    "server", "list",
]  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/speed.db")
        migration.upgrade(database)
        with database.scope(EVERY_WORKSPACE) as session:
            workspace = Workspace(name="Acme", own_domains=[], own_name="Acme")
            session.add(workspace)
            session.flush()
            workspace_id = workspace.id
        dice = random.Random(2026)
        with database.scope(workspace_id) as session:
            _Filler(session, workspace_id, dice).fill()
            default_pipeline(session)
        wall, cpu = zip(*(_measure(database, workspace_id, dice) for _ in range(3)), strict=True)
        print(f"60 finds, {CONTACTS:,} contacts, {COMPANIES:,} companies: {min(wall)} s, of it computing {min(cpu)} s")
        database.dispose()


def _measure(database: Database, workspace_id: int, dice: random.Random) -> tuple[float, float]:
    with database.scope(workspace_id) as session:
        meeting = Meeting(
            title="Speed", occurred_at=clock.now(), participants=[], custom={}, company_id=7,
            file_sha256=str(dice.random()),
        )  # fmt: skip
        session.add(meeting)
        session.flush()
        items = list(_items(session, dice))
        began, computing = time.perf_counter(), time.process_time()
        propose(session, meeting, items)
        took = round(time.perf_counter() - began, 2), round(time.process_time() - computing, 2)
        session.rollback()
    return took


def _items(session: TenantSession, dice: random.Random) -> Iterator[Item]:
    for n in range(20):
        person = session.get_one(Contact, dice.randrange(1, CONTACTS))
        company = session.get_one(Company, person.company_id)
        first = {"Robert": "Bob", "Elizabeth": "Liz", "Michael": "Mike"}.get(person.first_name, person.first_name)
        last = person.last_name if n % 3 else person.last_name.replace("e", "a", 1) + "n"
        data: dict[str, object] = {"name": f"{first} {last}"}
        if n % 2:
            data["company"] = company.name
        yield Item(kind=Kind.CONTACT, data=data)
    for n in range(8):
        company = session.get_one(Company, dice.randrange(1, COMPANIES))
        name = company.name if n % 3 else company.name.replace("i", "ee", 1)
        yield Item(kind=Kind.COMPANY, data={"name": name if n % 2 else name.split()[0]})
        yield Item(kind=Kind.DEAL, data={"company": company.name, "amount": 1000 + n})
    for n in range(24):
        description = f"Send the {dice.choice(_OBJECTS)} about point {n} to {dice.choice(_FIRST)}"
        kind = Kind.ACTION_ITEM if n % 2 else Kind.REQUIREMENT
        yield Item(kind=kind, data={"description": description})


class _Filler:
    def __init__(self, session: TenantSession, workspace_id: int, dice: random.Random) -> None:
        self._session, self._tenant, self._dice = session, {"workspace_id": workspace_id}, dice
        now = clock.now() - timedelta(days=30)
        self._record = self._tenant | {
            "created_at": now, "updated_at": now, "version": 1, "actor": "user", "custom": {},
        }  # fmt: skip

    def fill(self) -> None:
        companies = [(n, f"{self._word()} {self._dice.choice(_TRADES)}") for n in range(1, COMPANIES + 1)]
        self._put(Company, (self._company(n, name) for n, name in companies))
        people = [(n, self._dice.choice(_FIRST), self._word()) for n in range(1, CONTACTS + 1)]
        self._put(Contact, (self._contact(*person) for person in people))
        self._put(SearchDocument, (self._document("company", n, name) for n, name in companies))
        self._put(SearchDocument, (self._document("contact", n, f"{first} {last}") for n, first, last in people))
        self._put(Task, (self._task(n) for n in range(1, TASKS + 1)))
        link = self._tenant | {"owner_type": "task", "target_type": "company"}
        self._put(Link, (link | {"owner_id": n, "target_id": 7 + n // 300} for n in range(1, TASKS + 1)))

    def _word(self) -> str:
        return "".join(self._dice.choices(_PARTS, k=3)).title()

    def _company(self, n: int, name: str) -> dict[str, Any]:
        return self._record | {"id": n, "name": name, "name_key": keys.company_key(name)}

    def _contact(self, n: int, first: str, last: str) -> dict[str, Any]:
        name = {"first_name": first, "last_name": last, "name_key": keys.person_key(first, last)}
        return self._record | name | {"id": n, "company_id": n % COMPANIES + 1, "lifecycle": "lead"}

    def _document(self, type_: str, id_: int, title: str) -> dict[str, Any]:
        key = {"title_key": " ".join(folding.words(title)), "grams": " ".join(folding.grams(title))}
        return self._tenant | key | {"record_type": type_, "record_id": id_, "title": title, "body": "", "folded": ""}

    def _task(self, n: int) -> dict[str, Any]:
        title = f"Send the {self._dice.choice(_OBJECTS)} to {self._dice.choice(_FIRST)}"
        return self._record | {"id": n, "title": title, "priority": "normal", "status": "open"}

    def _put(self, model: type[Base], rows: Iterator[dict[str, Any]]) -> None:
        while some := list(islice(rows, 5_000)):
            self._session.execute(insert(model), some)


if __name__ == "__main__":
    main()
