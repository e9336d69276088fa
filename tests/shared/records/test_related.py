"""What stands on a record's page is what the lists say that it leads to; what it is called is what it is called."""

from __future__ import annotations

from datetime import date

from shared import records
from shared.events import Actor, Target
from shared.models import User
from shared.models.base import Base
from shared.query import Filter, ListQuery, lists
from shared.records import TYPES, related, titles
from shared.tenancy import TenantSession
from tests import factories

RELATED = [
    (type_, of)
    for of, types in (
        ("company", ("contact", "deal", "meeting")),
        ("contact", ("deal", "meeting")),
        ("deal", ("meeting",)),
    )
    for type_ in types
]


def listed(session: TenantSession, type_: str, target: Target, **more: str) -> tuple[list[int], int]:
    """The first two ids of a list of what belongs to a record, and how many it has."""
    sort = more.pop("sort", "")
    filters = [Filter(f"{target[0]}_id", "eq", (str(target[1]),)), *(Filter(k, "eq", (v,)) for k, v in more.items())]
    page = lists.run(session, ListQuery(type_, tuple(filters), sort=sort, limit=2, with_total=True))
    return [row.id for row in page.items], page.total or 0


def test_a_page_shows_what_its_lists_say(session: TenantSession, alice: User) -> None:
    by = Actor("user", alice.id)
    company, contact, deal, meeting = ground = _ground(session)
    hung = [{"type": row.__tablename__, "id": row.id} for row in ground]
    for due, status in ((None, "open"), (date(2026, 12, 2), "open"), (date(2026, 12, 1), "open"), (None, "done")):
        records.create(session, "task", {"title": "Call", "due_date": due, "status": status, "links": hung}, by=by)
    records.create(session, "task", {"title": "Promised there", "meeting_id": meeting.id}, by=by)
    for body in ("# One", "Two", "Three"):
        records.create(session, "note", {"body": body, "links": hung}, by=by)
    for row in (company, contact, deal, meeting):
        target = (row.__tablename__, row.id)
        for type_ in ("note", *(type_ for type_, of in RELATED if of == target[0])):
            shown = related.related(session, type_, target, limit=2)
            assert ([row.id for row in shown.items], shown.total) == listed(session, type_, target), (type_, target)
            assert shown.total > 0, (type_, target)
        tasks = related.tasks(session, target, limit=2)
        open_ = listed(session, "task", target, status="open", sort="due_date")
        assert ([task.id for task in tasks.items], tasks.total) == open_, target
        assert tasks.done == listed(session, "task", target, status="done")[1] == 1
        assert all(tasks.links[task.id] == [(end["type"], end["id"]) for end in hung] for task in tasks.items)


def _ground(session: TenantSession) -> tuple[Base, ...]:
    """A company, contact, deal and meeting that have to do with each other, each twice, and once more deleted."""
    company = factories.make_company(session)
    contact = factories.make_contact(session, company_id=company.id, email="ana@b.example")
    deal = factories.make_deal(session, company_id=company.id, contact_id=contact.id)
    factories.make_role(session, deal, contact)  # named twice, shown once
    factories.make_role(session, factories.make_deal(session, company_id=company.id), contact)
    meeting = factories.make_meeting(session, company_id=company.id, deal_id=deal.id)
    factories.make_attendee(session, meeting, contact_id=contact.id)
    factories.make_contact(session, company_id=company.id)
    for type_, gone in (
        ("contact", factories.make_contact(session, company_id=company.id)),
        ("deal", factories.make_deal(session, company_id=company.id, contact_id=contact.id)),
        ("meeting", factories.make_meeting(session, company_id=company.id, deal_id=deal.id)),
    ):
        assert TYPES[type_].model is type(gone)
        records.delete(session, gone, by=Actor("system"))
    return company, contact, deal, meeting


def test_many_records_are_named_as_each_is(session: TenantSession, mallory_session: TenantSession) -> None:
    rows: list[Base] = [
        *_ground(session),
        factories.make_contact(session, first_name="", last_name="", email="only@b.example"),
        factories.make_note(session, body="\n## First line\nsecond"),
        factories.make_task(session, title="Call"),
    ]
    records.delete(session, rows[-1], by=Actor("system"))
    targets = [(row.__tablename__, row.id) for row in rows]
    named = titles.titles(session, [*targets, ("company", 10**6), ("pipeline", 1)])
    assert {target: title.name for target, title in named.items()} == {
        target: TYPES[target[0]].title(row) for target, row in zip(targets, rows, strict=True)
    }
    assert [target for target, title in named.items() if title.is_deleted] == targets[-1:]
    session.commit()
    assert titles.titles(mallory_session, targets) == {}
