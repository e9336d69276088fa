"""`python -m tests.evals.resolution`: is who is meant found, asked, or wrongly taken for another?

    python -m tests.evals.resolution [--set cases|later|last] [--misses] [--only KIND]

A made-up CRM (`resolution/crm.json`) and finds from meetings in it, each with the record it means (`jane-roe`), those
that a person has to be asked about (`ask:a,b`), or `new`. For decisions and the like the record is what an earlier
meeting said. `cases` were written before the rules were tried on them, `later` after rules fitted those, `last` after
the last change of a rule: docs/extraction.md has the first figures of each.

    right   the record that was meant; or asked where it cannot be known; or new where nobody is meant
    wrong   another record, or one where it had to be asked
    asked   needlessly, but with the right answer among the choices
    new     proposed as new although it is known (a person can merge it)
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from shared import clock, migration, records
from shared.database import Database
from shared.events import Actor
from shared.models import Attendee, Employment, Insight, InsightStatus, Meeting, Proposal, User, Workspace
from shared.records.keys import split_name
from shared.records.pipelines import default_pipeline
from shared.review import propose
from shared.schemas.insight import Item, Kind
from shared.tenancy import EVERY_WORKSPACE, TenantSession

FOLDER = Path(__file__).parent / "resolution"
SETS = ("cases", "later", "last")
KINDS = ("contact", "company", "deal", "action_item", "said before")


@dataclass(frozen=True, slots=True)
class Case:
    meeting: str
    kind: Kind
    data: dict[str, Any]
    want: str
    about: str

    @property
    def row(self) -> str:
        return self.kind.value if self.kind.value in KINDS else "said before"


@dataclass(frozen=True, slots=True)
class Outcome:
    case: Case
    got: str
    verdict: str


def cases(name: str) -> list[Case]:
    """The cases of one of the sets."""
    read = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return [Case(c["meeting"], Kind(c["kind"]), c["data"], c["want"], c["about"]) for c in read]


def run(name: str) -> list[Outcome]:
    """Every case of a set against the made-up CRM, in a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/resolution.db")
        try:
            migration.upgrade(database)
            return _run(database, cases(name))
        finally:
            database.dispose()


def _run(database: Database, asked: list[Case]) -> list[Outcome]:
    with database.scope(EVERY_WORKSPACE) as session:
        workspace = Workspace(name="Acme", own_domains=["acme.example"], own_name="Acme")
        session.add(workspace)
        session.flush()
        workspace_id = workspace.id
    with database.scope(workspace_id) as session:
        crm = _Crm(session)
        outcomes = []
        for case in asked:
            with session.begin_nested() as savepoint:
                got = crm.ask(case)
                savepoint.rollback()
            session.expire_all()
            outcomes.append(Outcome(case, got, verdict(case.want, got)))
    return outcomes


def verdict(want: str, got: str) -> str:
    """right, wrong, asked or new; see the module."""
    if want == got:
        return "right"
    if got.startswith("ask:"):
        meant = set(want.removeprefix("ask:").split(","))
        if want != "new" and not meant <= set(got[4:].split(",")):
            return "wrong"
        return "right" if want.startswith("ask:") else "asked"
    return "new" if got == "new" else "wrong"


class _Crm:
    """The made-up records, by their keys."""

    def __init__(self, session: TenantSession) -> None:
        self.session = session
        self.keys: dict[tuple[str, int], str] = {}
        self.ids: dict[str, int] = {}
        self.meetings: dict[str, Meeting] = {}
        made = json.loads((FOLDER / "crm.json").read_text(encoding="utf-8"))
        self.users = {name: self._user(name) for name in ("Alice Archer", "Bob Baker")}
        self.by = Actor("user", self.users["Alice Archer"])
        default_pipeline(session)
        for key, value in made["companies"].items():
            self._create("company", key, value)
        for key, value in made["contacts"].items():
            self._contact(key, value)
        for key, value in made["deals"].items():
            self._deal(key, value)
        for key, value in made["tasks"].items():
            self._task(key, value)
        for key, value in made["meetings"].items():
            self._meeting(key, value)
        for key, value in made["said_before"].items():
            self._said(key, value)
        session.flush()

    def ask(self, case: Case) -> str:
        """What a find of this meeting is taken for."""
        (insight,) = propose(self.session, self.meetings[case.meeting], [Item(kind=case.kind, data=case.data)])
        proposal = insight.proposal
        assert proposal is not None
        if case.row == "said before":
            return self.keys.get(("insight", insight.again_of_id or 0), "new")
        if proposal.candidates:
            return "ask:" + ",".join(sorted(self.keys[(c["type"], c["id"])] for c in proposal.candidates))
        return "new" if proposal.record_id is None else self.keys[(proposal.record_type, proposal.record_id)]

    def _user(self, name: str) -> int:
        user = User(name=name, email=f"{name.split()[0].lower()}@acme.example")
        self.session.add(user)
        self.session.flush()
        return user.id

    def _create(self, type_: str, key: str, values: dict[str, Any]) -> Any:
        row = records.create(self.session, type_, values, by=self.by)
        self.keys[(type_, row.id)] = key
        self.ids[key] = row.id
        return row

    def _contact(self, key: str, value: dict[str, Any]) -> None:
        first, last = split_name(value["name"])
        values: dict[str, Any] = {"first_name": first, "last_name": last, "title": value.get("title")}
        if "company" in value:
            values["company_id"] = self.ids[value["company"]]
        values["emails"] = [{"email": value["email"]}] if "email" in value else []
        values["phones"] = [{"phone": value["phone"]}] if "phone" in value else []
        contact = self._create("contact", key, values)
        if "formerly" in value:
            once = Employment(
                contact_id=contact.id, company_id=self.ids[value["formerly"]], is_primary=True,
                created_at=clock.now(), ended_on=clock.now().date(),
            )  # fmt: skip
            self.session.add(once)

    def _deal(self, key: str, value: dict[str, Any]) -> None:
        roles = [{"contact_id": self.ids[name]} for name in value.get("roles", [])]
        values = {"name": value["name"], "company_id": self.ids[value["company"]], "stage": value["stage"]}
        self._create("deal", key, {**values, "amount": value["amount"], "currency": "EUR", "contacts": roles})

    def _task(self, key: str, value: dict[str, Any]) -> None:
        links = [{"type": self._type(name), "id": self.ids[name]} for name in value["on"]]
        values: dict[str, Any] = {"title": value["title"], "links": links, "due_date": value.get("due_date")}
        values |= {"promised_by": value.get("promised_by"), "assignee_id": self.users.get(value.get("assignee", ""))}
        self._create("task", key, {name: v for name, v in values.items() if v is not None})

    def _type(self, key: str) -> str:
        return next(type_ for (type_, _), name in self.keys.items() if name == key)

    def _meeting(self, key: str, value: dict[str, Any]) -> None:
        meeting = Meeting(
            title=key, occurred_at=clock.now() - timedelta(days=value.get("days_ago", 0)), file_sha256=key,
            participants=[], custom={},
            company_id=self.ids.get(value.get("company", "")), deal_id=self.ids.get(value.get("deal", "")),
        )  # fmt: skip
        self.session.add(meeting)
        self.session.flush()
        meeting.attendees = [
            Attendee(workspace_id=meeting.workspace_id, contact_id=self.ids[name]) for name in value.get("attended", [])
        ]
        self.meetings[key] = meeting

    def _said(self, key: str, value: dict[str, Any]) -> None:
        meeting = self.meetings[value["meeting"]]
        insight = Insight(
            meeting_id=meeting.id, run=1, position=0, identity=key, kind=value["kind"], data=value["data"],
            found=value["data"], evidence=[], confidence=0.9, status=InsightStatus.ACCEPTED,
            company_id=meeting.company_id, deal_id=meeting.deal_id,
        )  # fmt: skip
        insight.proposal = Proposal(workspace_id=meeting.workspace_id, action="link", record_type="meeting", changes=[])
        self.session.add(insight)
        self.session.flush()
        self.keys[("insight", insight.id)] = key


def table(outcomes: list[Outcome]) -> str:
    """Counts by kind, and the share that was wrong."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes:
        for row in (outcome.case.row, "all"):
            counts[row][outcome.verdict] += 1
    lines = [f"{'':14}{'cases':>7}{'right':>7}{'wrong':>7}{'asked':>7}{'new':>7}"]
    for row in (*KINDS, "all"):
        tally = counts[row]
        if total := tally.total():
            lines.append(f"{row:14}{total:>7}" + "".join(f"{tally[v]:>7}" for v in ("right", "wrong", "asked", "new")))
    total = counts["all"].total() or 1
    lines.append(f"wrong {counts['all']['wrong'] / total:.1%}, right {counts['all']['right'] / total:.1%}")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--set", default="cases", choices=SETS)
    parser.add_argument("--misses", action="store_true", help="list what was not right")
    parser.add_argument("--only", choices=KINDS)
    wanted = parser.parse_args(arguments)
    outcomes = [o for o in run(wanted.set) if wanted.only in (None, o.case.row)]
    print(table(outcomes))
    if wanted.misses:
        for o in (o for o in outcomes if o.verdict != "right"):
            print(f"{o.verdict:6} {o.case.meeting:10} {o.case.data} wanted {o.case.want}, got {o.got} ({o.case.about})")


if __name__ == "__main__":
    main(sys.argv[1:])
