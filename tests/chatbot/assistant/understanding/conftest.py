"""The ground of the tests of understanding: a small CRM with namesakes, and a way to ask it.

Friday 20 November 2026, half past nine in Berlin. Alice asks.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chatbot.assistant.query_router import route
from chatbot.assistant.types import Asker, Exchange, Question, RecordRef, Routed
from shared import clock, records
from shared.database import Database
from shared.events import Actor
from shared.models import Role
from shared.query import ask, catalog, check_plan
from shared.tenancy import TenantSession
from tests import factories
from tests.chatbot.assistant.understanding.plan_text import line_of
from tests.conftest import Cast
from tests.keeping import Keeper

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def _friday() -> None:
    clock.configure(datetime(2026, 11, 20, 8, 30, tzinfo=UTC))


class World:
    """Borealis (Bergen), Quill (Berlin), Harbour Foods (Leeds), Nordlicht (Hamburg); two Janes, two Toms, one Ruth.

    Deals: Borealis pilot, Quill phase 1 and 2, Harbour rollout (won), Nordlicht licence (lost).
    """

    def __init__(self, session: TenantSession, cast: Cast) -> None:
        self.session, self.cast = session, cast
        self.by = Actor("user", cast.alice)
        self.names: dict[tuple[str, str], str] = {
            ("user", str(cast.alice)): "Alice", ("user", str(cast.bob)): "Bob", ("user", str(cast.vera)): "Vera",
        }  # fmt: skip
        pipeline = factories.make_pipeline(session, name="Sales")
        self.stages = {stage.name: stage.id for stage in pipeline.stages}
        self._companies()
        self._people()
        self._deals()
        self._rest()
        session.commit()

    def _companies(self) -> None:
        self.borealis = self.make("company", "Borealis", name="Borealis Shipping Ltd", domain="borealis.example",
                                  city="Bergen", country="Norway", industry="Logistics", employees=240)  # fmt: skip
        self.quill = self.make("company", "Quill", name="Quill GmbH", city="Berlin", country="Germany",
                               industry="Software", employees=80)  # fmt: skip
        self.harbour = self.make("company", "Harbour", name="Harbour Foods", city="Leeds", country="United Kingdom",
                                 industry="Food distribution", employees=520)  # fmt: skip
        self.nordlicht = self.make("company", "Nordlicht", name="Nordlicht Überseehandel AG", city="Hamburg",
                                   country="Germany", industry="Logistics", employees=35)  # fmt: skip

    def _people(self) -> None:
        def person(first: str, last: str, company: int, title: str = "Buyer", **more: Any) -> int:
            return self.make("contact", f"{first} {last}", first_name=first, last_name=last, company_id=company,
                             title=title, **more)  # fmt: skip

        email = [{"email": "jane@borealis.example"}]
        self.jane = person("Jane", "Roe", self.borealis, "Finance Director", emails=email, lifecycle="customer")
        self.doe = person("Jane", "Doe", self.quill, "Head of IT", lifecycle="lead", source="Trade fair")
        self.toms = [person("Tom", name, self.quill) for name in ("Hart", "Berg")]
        self.ruth = person("Ruth", "Okafor", self.harbour, "Managing Director", source="Website")

    def _deals(self) -> None:
        def deal(name: str, company: int, stage: str, amount: int, currency: str = "EUR", **more: Any) -> int:
            return self.make("deal", name, name=name, company_id=company, stage_id=self.stages[stage], amount=amount,
                             currency=currency, **more)  # fmt: skip

        self.pilot = deal("Borealis pilot", self.borealis, "Proposal", 12_000, contact_id=self.jane)
        self.phases = [deal(f"Quill phase {n}", self.quill, "Qualification", n * 30_000) for n in (1, 2)]
        self.rollout = deal("Harbour rollout", self.harbour, "Won", 80_000, "GBP")
        self.licence = deal("Nordlicht licence", self.nordlicht, "Lost", 9_000, lost_reason="Price too high")

    def _rest(self) -> None:
        self.make("task", "offer", title="Send the offer", due_date="2026-11-23", assignee_id=self.cast.alice)
        self.make("note", "sso", body="Borealis wants SSO.", links=[{"type": "deal", "id": self.pilot}])
        for name, company, day in (("kick-off", self.borealis, "2026-10-06"), ("review", self.borealis, "2026-11-10")):
            title = f"Borealis: {name}"
            self.names["meeting", str(self.meeting(title, company, day))] = name

    def meeting(self, title: str, company: int, day: str) -> int:
        at = datetime.fromisoformat(f"{day}T09:00:00+00:00")
        return factories.make_meeting(self.session, title=title, company_id=company, occurred_at=at).id

    def make(self, type_: str, shown: str, **data: Any) -> int:
        row = records.create(self.session, type_, data, by=self.by)
        self.names[type_, str(row.id)] = shown
        return int(row.id)

    # ---------------------------------------------------------------------------------------------------------- asking

    def question(self, text: str, **more: Any) -> Question:
        return Question(text, Asker(self.cast.acme, self.cast.alice, Role.ADMIN, "Alice Archer", BERLIN), **more)

    def route(self, text: str, **more: Any) -> Routed:
        """The route; a plan is one that the compiler answers."""
        routed = route(self.session, self.question(text, **more))
        if routed.plan is not None:
            check_plan(routed.plan, catalog(self.session))
        return routed

    def line(self, text: str, **more: Any) -> str:
        """The plan of a question in a line, or what became of it instead."""
        routed = self.route(text, **more)
        plan = line_of(routed.plan, self.names) if routed.plan is not None else ""
        return plan if routed.kind == "structured" else f"{routed.kind} {plan}".strip()

    def talk(self, *texts: str) -> list[str]:
        """The plans of questions asked one after the other, each with the exchanges before it."""
        history: tuple[Exchange, ...] = ()
        lines = []
        for text in texts:
            routed = self.route(text, history=history)
            lines.append(self.line(text, history=history))
            history = (*history, Exchange(text, "", routed.kind, routed.plan, self._focus(routed), routed.choices))
        return lines

    def _focus(self, routed: Routed) -> RecordRef | None:
        if routed.plan is None or routed.plan.is_measured:
            return routed.focus
        rows = ask(self.session, routed.plan, user_id=self.cast.alice, zone=BERLIN).rows
        return RecordRef(rows[0].type, rows[0].id, rows[0].name) if len(rows) == 1 else routed.focus


@pytest.fixture
def world(kept: Keeper, database: Database, session: TenantSession, cast: Cast) -> World:
    return kept.world(World, database, session, cast)


def expect(got: dict[str, str], expected: dict[str, str]) -> None:
    """Fail with every question that came out otherwise, each with both lines."""
    wrong = [
        f"{question}\n  got      {got[question]}\n  expected {line}"
        for question, line in expected.items()
        if got[question] != line
    ]
    if wrong:
        pytest.fail("\n\n".join(wrong), pytrace=False)
