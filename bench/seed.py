"""A database of some size, written by bulk inserts: companies, people, deals, tasks, meetings, and what happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, insert

from bench.ground import Ground, Person
from bench.sizes import Size
from shared.models import (
    Base,
    Company,
    Contact,
    ContactEmail,
    ContactPhone,
    Deal,
    Employment,
    Event,
    EventTarget,
    Insight,
    Link,
    Meeting,
    Pipeline,
    Stage,
    StageChange,
    StageType,
    Task,
)
from shared.records import keys

Row = dict[str, Any]

#: Rows are a minute apart, so that lists in order of change have no ties.
EPOCH = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_PRESENT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
_LOADING_KB = 1_000_000
_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'search_index%_insert'"
_FIRST = ("Ana", "Bob", "Carla", "Deshawn", "Eva", "Felix", "Grace", "Hamid", "Ines", "Jonas", "Katrin", "Liam")
_SYLLABLES = ("ba", "ker", "ro", "mi", "lan", "der", "son", "ter", "vo", "ss", "ul", "ri", "hart", "wick")
_LIFECYCLES = ("lead", "qualified", "customer", "partner")
_SOURCES = (None, "Website", "Referral", "Trade fair", None)
_TRADES = ("Logistics", "Analytics", "Foods", "Engineering", "Transit", "Partners", "Energy", "Studios")


def fill(ground: Ground, size: Size, *, with_meetings: bool = False) -> None:
    """Put all rows in, one transaction, then let the planner look at them."""
    with loading(ground) as connection:
        filler = _Filler(connection, ground.person, size)
        filler.fill()
        if with_meetings:
            filler.fill_meetings()
        filler.count_on()


@contextmanager
def loading(ground: Ground) -> Iterator[Connection]:
    """One transaction that writes much: pages stay in memory until the end, full-text indexes are then made at once."""
    with ground.database.engine.begin() as connection:
        run = connection.exec_driver_sql
        if not ground.database.is_sqlite:
            yield connection
            run("ANALYZE")
            return
        run(f"PRAGMA cache_size={-_LOADING_KB}")
        triggers = run(_TRIGGERS).all()
        for name, _ in triggers:
            run(f"DROP TRIGGER {name}")
        yield connection
        for name, definition in triggers:
            run(definition)
            index = name.removesuffix("_insert")
            run(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
        run("ANALYZE")
        run("PRAGMA cache_size=-16000")


class _Filler:
    def __init__(self, connection: Connection, person: Person, size: Size) -> None:
        self._connection = connection
        self._user_id = person.user_id
        self._size = size
        self._tenant = {"workspace_id": person.workspace_id}
        self._random = Random(2026)  # the same names each time

    def fill(self) -> None:
        self._put(Company, self._companies())
        self._put(Contact, self._contacts())
        self._put(ContactEmail, self._each_contact(self._email))
        self._put(ContactPhone, self._each_contact(self._phone))
        self._put(Employment, self._each_contact(self._employment))
        self._pipeline()
        self._put(Deal, self._deals())
        self._put(StageChange, self._moves())
        self._put(Task, self._tasks())
        self._put(Link, self._links())
        self._events()

    def fill_meetings(self) -> None:
        """One for each 25 tasks, with ten findings."""
        self._put(Meeting, self._meetings())
        self._put(Insight, self._insights())

    def count_on(self) -> None:
        """The rows brought their ids: PostgreSQL has to go on from there."""
        if self._connection.dialect.name == "postgresql":
            for table in ("company", "contact", "deal", "task", "meeting", "event", "pipeline", "stage"):
                last = f"(SELECT max(id) FROM {table})"
                self._connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last})")

    def _put(self, model: type[Base], rows: Iterator[Row]) -> None:
        self._connection.execute(insert(model), list(rows))

    def _record(self, id: int) -> Row:
        at = EPOCH + timedelta(minutes=id)
        return {
            **self._tenant, "id": id, "version": 1, "actor": "import", "custom": {},
            "created_at": at, "updated_at": at, "created_by_id": self._user_id,
        }  # fmt: skip

    def _name(self) -> str:
        return "".join(self._random.choices(_SYLLABLES, k=3)).title()

    def _company_of(self, id: int) -> int:
        return (id - 1) % self._size.companies + 1

    def _companies(self) -> Iterator[Row]:
        for id in range(1, self._size.companies + 1):
            name = f"{self._name()} {self._random.choice(_TRADES)}"
            yield self._record(id) | {
                "name": name, "name_key": keys.company_key(name), "domain": f"c{id}.example", "industry": "Logistics",
                "employees": id % 900, "city": "Bergen", "country": "Norway", "owner_id": self._user_id,
            }  # fmt: skip

    def _contacts(self) -> Iterator[Row]:
        for id in range(1, self._size.contacts + 1):
            first, last = self._random.choice(_FIRST), self._name()
            yield self._record(id) | {
                "first_name": first, "last_name": last, "name_key": keys.person_key(first, last), "title": "Buyer",
                "company_id": self._company_of(id), "lifecycle": _LIFECYCLES[id % 7 % 4], "source": _SOURCES[id % 5],
                "owner_id": self._user_id,
            }  # fmt: skip

    def _each_contact(self, made: Any) -> Iterator[Row]:
        return ({**self._tenant, "contact_id": id, **made(id)} for id in range(1, self._size.contacts + 1))

    def _email(self, id: int) -> Row:
        address = f"person{id}@c{self._company_of(id)}.example"
        return {"email": address, "email_key": address, "is_primary": True, "position": 0}

    def _phone(self, id: int) -> Row:
        number = f"+4755{id:06}"
        return {"phone": number, "phone_key": number, "is_primary": True, "position": 0}

    def _employment(self, id: int) -> Row:
        return {"company_id": self._company_of(id), "title": "Buyer", "is_primary": True, "created_at": EPOCH}

    def _pipeline(self) -> None:
        self._put(Pipeline, iter([self._record(1) | {"name": "Sales", "is_default": True}]))
        stages = [("New", StageType.OPEN, 10), ("Offer", StageType.OPEN, 50), ("Won", StageType.WON, 100)]
        rows = (
            {"id": n, "pipeline_id": 1, "name": name, "type": type, "probability": percent, "position": n}
            for n, (name, type, percent) in enumerate(stages, 1)
        )
        self._put(Stage, (self._tenant | row for row in rows))

    def _deals(self) -> Iterator[Row]:
        for id in range(1, self._size.deals + 1):
            yield self._record(id) | {
                "name": f"{self._name()} rollout", "company_id": self._company_of(id), "contact_id": None,
                "pipeline_id": 1, "stage_id": 3 if self._is_won(id) else id % 2 + 1, "amount_minor": id * 1_000_00,
                "currency": "EUR", "expected_close": date(2027, 1, 1) + timedelta(days=id % 200),
                "owner_id": self._user_id, "rank": float(id),
                "closed_at": _PRESENT - timedelta(days=id % 300) if self._is_won(id) else None,
                "stage_since": self._moved_at(id),
            }  # fmt: skip

    def _is_won(self, id: int) -> bool:
        return id % 10 == 0

    def _moves(self) -> Iterator[Row]:
        """Each deal once, some weeks ago."""
        for id in range(1, self._size.deals + 1):
            stages = {"from_stage_id": None, "to_stage_id": id % 2 + 1}
            yield {**self._tenant, "deal_id": id, "at": self._moved_at(id), **stages}

    def _moved_at(self, id: int) -> datetime:
        return _PRESENT - timedelta(days=id % 90)

    def _tasks(self) -> Iterator[Row]:
        for id in range(1, self._size.tasks + 1):
            yield self._record(id) | {
                "title": f"Call about {self._name()}", "priority": "normal", "status": "open" if id % 3 else "done",
                "due_date": date(2026, 11, 1) + timedelta(days=id % 60), "assignee_id": self._user_id,
                "completed_at": None if id % 3 else _PRESENT - timedelta(days=id % 200),
            }  # fmt: skip

    def _links(self) -> Iterator[Row]:
        for id in range(1, self._size.tasks + 1):
            yield {
                **self._tenant, "owner_type": "task", "owner_id": id,
                "target_type": "company", "target_id": self._company_of(id),
            }  # fmt: skip

    def _meetings(self) -> Iterator[Row]:
        for id in range(1, self._size.tasks // 25 + 1):
            yield self._record(id) | {
                "title": f"Talk with {self._name()}", "occurred_at": _PRESENT - timedelta(hours=3 * id),
                "company_id": self._company_of(id), "owner_id": self._user_id, "participants": [], "status": "ready",
                "progress": 1.0, "run": 1, "attempts": 0,
            }  # fmt: skip

    def _insights(self) -> Iterator[Row]:
        """Ten of each meeting, those of the newest still to be decided on."""
        for number in range(10 * (self._size.tasks // 25)):
            meeting_id = number // 10 + 1
            data = {"description": f"They will send the {self._name()} plan."}
            yield {
                **self._tenant, "meeting_id": meeting_id, "run": 1, "position": number % 10,
                "identity": f"{number:064}", "kind": "decision", "data": data, "found": data, "evidence": [],
                "confidence": 0.8,
                "status": "pending" if meeting_id < 200 else "accepted", "version": 1,
                "company_id": self._company_of(meeting_id), "created_at": EPOCH, "updated_at": EPOCH,
            }  # fmt: skip

    def _events(self) -> None:
        """Ten facts about each company."""
        facts = [(id, n) for n in range(10) for id in range(1, self._size.companies + 1)]
        first = 1_000_000  # beyond those that making the user wrote
        events = (
            {
                **self._tenant, "id": first + i, "kind": "company.updated", "at": EPOCH + timedelta(minutes=i),
                "actor": "user", "user_id": self._user_id, "record_type": "company", "record_id": id,
                "title": "A company", "data": {"city": ["Oslo", "Bergen"]}, "sent_at": None,
            }
            for i, (id, _) in enumerate(facts)
        )  # fmt: skip
        self._put(Event, events)
        targets = (
            {**self._tenant, "event_id": first + i, "target_type": "company", "target_id": id}
            for i, (id, _) in enumerate(facts)
        )
        self._put(EventTarget, targets)
