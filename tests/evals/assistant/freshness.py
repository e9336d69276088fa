"""`python -m tests.evals.assistant.freshness`: how soon an answer says what was just written.

A small company's records in a folder of their own, a broker, and the real worker that embeds what changes. Each round
edits one record as the CRM does and asks until the answer says the new thing: at once where a plan reads the record,
and for texts as soon as search has them. Seconds count from the commit to the end of the first right answer.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bench.ground import Ground, NeverCame, wait_until
from chatbot.assistant.chat_handler import ChatHandler
from chatbot.assistant.types import Asker, Question, Silent
from chatbot.retrieval.rag_engine import Retriever
from shared import clock, queue, records, search, telemetry
from shared.models import Role, Stage
from shared.search import fold
from tests.evals.assistant.scoring import everything_said

PEOPLE = (
    ("Marta", "Quill"), ("Jonas", "Fennick"), ("Edith", "Larkspur"), ("Piet", "Oosterlaan"), ("Hanne", "Skovgaard"),
)  # fmt: skip
FIRMS = ("Kelbrook Mills", "Arden Glass", "Vestra Paper", "Noordkade", "Silbertal")
CITIES = ("Dundee", "Ghent", "Aarhus", "Utrecht", "Graz")
STAGES = ("Discovery", "Proposal", "Negotiation")
#: What notes come to tell about a company; each time with a code that nothing else holds.
SUBJECTS = ("gate code of the depot", "forklift contract", "purchase order for the pallets")
_GIVE_UP_S = 20.0


@dataclass(frozen=True, slots=True)
class Edit:
    """One change, the question about it and what its answer must say."""

    kind: str
    write: Callable[[Any], None]
    question: str
    says: str


@dataclass(frozen=True, slots=True)
class Fresh:
    """How one edit went. `seconds` is None where the answer never became right."""

    kind: str
    question: str
    seconds: float | None


def _seed(ground: Ground) -> dict[str, list[int]]:
    made: dict[str, list[int]] = {"company": [], "contact": [], "deal": [], "note": []}
    with ground.database.scope(ground.person.workspace_id) as session:
        for number, (firm, (first, last)) in enumerate(zip(FIRMS, PEOPLE, strict=True)):
            by = ground.actor
            company = records.create(session, "company", {"name": firm, "city": "Oldtown"}, by=by)
            person = {"first_name": first, "last_name": last, "title": "Clerk", "company_id": company.id}
            contact = records.create(session, "contact", person, by=by)
            deal = {"name": f"{firm} rollout", "company_id": company.id, "amount": "1000", "currency": "EUR"}
            made["company"].append(company.id)
            made["contact"].append(contact.id)
            made["deal"].append(records.create(session, "deal", deal, by=by).id)
            note = {"body": f"Nothing new, visit {number}.", "links": [{"type": "company", "id": company.id}]}
            made["note"].append(records.create(session, "note", note, by=by).id)
    return made


def edits(ground: Ground, rounds: int) -> list[Edit]:
    """A city, a job, a stage, an amount and two notes in turn, until there are so many."""
    made = _seed(ground)
    found: list[Edit] = []
    for turn in range(rounds):
        which, firm = turn // 6 % len(FIRMS), FIRMS[turn // 6 % len(FIRMS)]
        first, last = PEOPLE[which]
        code = f"K{7101 + 37 * turn}"
        subject = SUBJECTS[turn % len(SUBJECTS)]
        fact, asked = f"The {subject}: {code}.", f"what do the notes say about the {subject} of {firm}?"
        who = f"who is {first} {last}?"
        city, stage = CITIES[(which + turn) % len(CITIES)], STAGES[turn // 6 % len(STAGES)]
        found.append(
            [
                _update(ground, "company", made["company"][which], {"city": city}, f"where is {firm} based?", city),
                _update(ground, "contact", made["contact"][which], {"title": f"Buyer {code}"}, who, code),
                _staged(ground, made["deal"][which], stage, f"which stage is the {firm} rollout in?"),
                _update(
                    ground, "deal", made["deal"][which], {"amount": str(5000 + turn), "currency": "EUR"},
                    f"how much is {firm} rollout worth?", f"{5000 + turn:,}",
                ),
                _update(ground, "note", made["note"][which], {"body": fact}, asked, code),
                _created(ground, made["company"][which], fact, asked, code),
            ][turn % 6]
        )  # fmt: skip
    return found


def _update(ground: Ground, kind: str, id_: int, change: dict[str, Any], question: str, says: str) -> Edit:
    def write(session: Any) -> None:
        records.update(session, records.get(session, kind, id_), change, by=ground.actor)

    return Edit(kind, write, question, says)


def _staged(ground: Ground, id_: int, stage: str, question: str) -> Edit:
    def write(session: Any) -> None:
        deal = records.get(session, "deal", id_)
        to = session.scalars(select(Stage).where(Stage.pipeline_id == deal.pipeline_id, Stage.name == stage)).one()
        records.update(session, deal, {"stage_id": to.id}, by=ground.actor)

    return Edit("deal", write, question, stage)


def _created(ground: Ground, company_id: int, body: str, question: str, says: str) -> Edit:
    def write(session: Any) -> None:
        data = {"body": body, "links": [{"type": "company", "id": company_id}]}
        records.create(session, "note", data, by=ground.actor)

    return Edit("new note", write, question, says)


async def measure(ground: Ground, planned: list[Edit]) -> list[Fresh]:
    """Each edit written and asked about until it is said."""
    handler = ChatHandler(ground.settings, ground.database, Retriever.of(ground.settings))
    handler.warm()
    person = ground.person
    asker = Asker(person.workspace_id, person.user_id, Role.ADMIN, "Admin", ZoneInfo("Europe/Berlin"))
    found = []
    for edit in planned:
        with ground.database.scope(person.workspace_id) as session:
            edit.write(session)
        began, seconds = time.monotonic(), None
        while seconds is None and time.monotonic() - began < _GIVE_UP_S:
            outcome = await handler.answer(Question(edit.question, asker), Silent())
            if fold(edit.says) in everything_said(outcome):
                seconds = time.monotonic() - began
            else:
                await asyncio.sleep(0.05)
        found.append(Fresh(edit.kind, edit.question, seconds))
    await handler.close()
    return found


def run(rounds: int = 30) -> list[Fresh]:
    """Lay the ground, start the worker, edit and ask. Raises NeverCame where the worker does not come."""
    telemetry.configure("ERROR")
    clock.configure(None)  # what is written now is written now
    with Ground.laid() as ground:
        ground.start("-m", "shared.worker", "embed")
        wait_until(lambda: queue.worker_count(ground.settings.effective_redis_url, "embed"), "the worker")
        planned = edits(ground, rounds)
        wait_until(lambda: _is_idle(ground), "the first vectors")
        return asyncio.run(measure(ground, planned))


def _is_idle(ground: Ground) -> bool:
    with ground.database.scope(ground.person.workspace_id, read_only=True) as session:
        return not search.has_marks(session)


def report(found: list[Fresh], *, misses: bool) -> None:
    """The table."""
    print(f"== freshness: {len(found)} records edited, then asked about\n")
    print(f"{'edited':<12}{'n':>4}{'right':>8}{'median':>10}{'p95':>10}")
    for kind in [*dict.fromkeys(one.kind for one in found), "all"]:
        times = sorted(one.seconds for one in found if kind in ("all", one.kind) and one.seconds is not None)
        count = sum(kind in ("all", one.kind) for one in found)
        if not times:
            print(f"{kind:<12}{count:>4}{'0 %':>8}")
            continue
        shares = f"{100 * len(times) / count:.0f} %"
        p95 = times[min(len(times) - 1, int(0.95 * len(times)))]
        print(f"{kind:<12}{count:>4}{shares:>8}{times[len(times) // 2]:>8.2f} s{p95:>8.2f} s")
    if misses:
        print(*(f"never right: {one.question}" for one in found if one.seconds is None), sep="\n")
    print()


def main() -> int:
    try:
        report(run(), misses=True)
    except NeverCame as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
