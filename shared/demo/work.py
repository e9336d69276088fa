"""Tasks and notes of nine months: promised, done, forgotten, due today."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from shared import records
from shared.demo.phrases import NOTES, OWN_TASKS, TASKS
from shared.demo.story import Story

#: Open tasks by when they are due, in days from today (None: no date), and how many of each.
_OPEN = (((-21, -1), 17), ((0, 0), 7), ((1, 7), 16), ((8, 40), 12), (None, 8))
_DONE = 68
_NOTES = 80
#: Who works on things that are no deal's, and how often. The demo login has something to do each day.
_WORKERS = ("dana", "dana", "dana", "priya", "priya", "priya", "marcus", "marcus")


def plan(story: Story) -> None:
    """Plan tasks and notes about deals that exist by then."""
    for span, count in _OPEN:
        for _ in range(count):
            due = story.dice.randint(*span) if span else None
            written = story.dice.randint(2, 18) + max(0, -(due or 0))
            _plan_task(story, written, due)
    for _ in range(_DONE):
        written = story.dice.randint(12, 210)
        _plan_task(story, written, story.dice.randint(2, 10) - written, done=True)
    for i in range(_NOTES):
        _plan_note(story, NOTES[i % len(NOTES)], story.some_time(story.dice.randint(1, 200)))


def _plan_task(story: Story, written: int, due: int | None, *, done: bool = False) -> None:
    dice = story.dice
    own = dice.random() < 0.08
    title, body, priority = dice.choice(OWN_TASKS if own else TASKS)
    worker, giver = dice.choice(_WORKERS), dice.choice(_WORKERS)
    when = story.some_time(written)
    day = story.today + timedelta(days=due) if due is not None else None
    hour = dice.choice((None, None, None, 9, 11, 14, 16))
    key = f"task {len(story.planned)}"
    pick = dice.random()

    def create() -> None:
        names, links = ({}, []) if own else _about(story, pick, with_deal="{d}" in title)
        data: dict[str, Any] = {
            "title": title.format(**names),
            "body": body.format(**names) if body else None,
            "priority": priority,
            "assignee_id": story.users[worker].id,
            "links": links,
            "due_date": day.isoformat() if day else None,
        }
        if day and hour:
            data["due_at"] = story.on(day, hour).isoformat()
        story.planned[key] = records.create(story.session, "task", data, by=story.by(giver))

    story.planned[key] = None
    story.plan(when, create)
    if done and day:
        late = dice.choice((-1, 0, 0, 0, 1, 3))
        _plan_done(story, key, worker, max(story.on(day, 16) + timedelta(days=late), when + timedelta(hours=2)))


def _plan_done(story: Story, key: str, worker: str, when: datetime) -> None:
    def act() -> None:
        records.update(story.session, story.planned[key], {"status": "done"}, by=story.by(worker))

    story.plan(when, act)


def _plan_note(story: Story, body: str, when: datetime) -> None:
    pick, number, author = story.dice.random(), story.dice.randint(11, 64), story.dice.choice(_WORKERS)

    def act() -> None:
        names, links = _about(story, pick)
        data = {"body": body.format(**names, n=number), "links": links}
        records.create(story.session, "note", data, by=story.by(author))

    story.plan(when, act)


def _about(story: Story, pick: float, *, with_deal: bool = False) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Whom it is about: a company, somebody there, and often its deal. Chosen among those known when it is written."""
    busy = [company for key in story.deals if story.contacts.get(company := story.dealt[key])]
    known = busy or [name for name, people in story.contacts.items() if people]
    company_name = known[int(pick * len(known))]
    company, people = story.companies[company_name], story.contacts[company_name]
    person = people[int(pick * 7919) % len(people)]
    deal = next((story.deals[key] for key in reversed(story.deals) if story.dealt[key] == company_name), None)
    links = [{"type": "company", "id": company.id}, {"type": "contact", "id": person.id}]
    if deal is not None and (with_deal or int(pick * 104729) % 3):
        links.append({"type": "deal", "id": deal.id})
    return {"c": company.name, "p": person.first_name, "d": deal.name if deal else company.name}, links
