"""Merging moves everything that points at a record, loses nothing, and can be taken back exactly."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Column, ForeignKey, Integer, Table, insert, select

from shared import clock, events, records, search
from shared.database import Database
from shared.errors import Conflict, Invalid, NotFound
from shared.events import Actor
from shared.imports import duplicates
from shared.imports.duplicates import Staged
from shared.models import (
    Attachment,
    Attendee,
    Base,
    Company,
    Contact,
    CustomValue,
    Deal,
    DistinctPair,
    DuplicateGroup,
    DuplicateMember,
    Employment,
    Event,
    EventTarget,
    Favourite,
    FormerName,
    Link,
    Merge,
    Proposal,
    RecentView,
    RecordLink,
    Tag,
    Tagging,
    User,
)
from shared.records import comparing, custom, matching, merging, pointers, tombstones, verbs
from shared.records.matching import Said
from shared.records.pointers import POINTERS, How
from shared.records.types import TYPES
from shared.tenancy import TenantSession
from tests.conftest import Cast
from tests.factories import (
    make_attendee,
    make_company,
    make_contact,
    make_deal,
    make_event,
    make_insight,
    make_link,
    make_meeting,
    make_note,
    make_role,
    make_task,
    save,
)

BY = Actor("user")
#: Rows that follow from others, are only ever added to, or are the merge's own; and what moves on in any case.
_ASIDE = {"event", "event_target", "merge", "chunk", "chunk_mark", "chunk_removal", "chunk_state", "login"}


def dump(session: TenantSession) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, but for what a merge may leave behind."""
    session.flush()
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name not in _ASIDE:
            left_out = {"version"} | ({"id"} if table.name == "search_document" else set())
            rows = [dict(row) for row in session.execute(select(table).order_by(table.c.id)).mappings()]
            found[table.name] = sorted(
                ({k: v for k, v in row.items() if k not in left_out} for row in rows), key=lambda row: repr(row)
            )
    return found


def targets(session: TenantSession, last: int) -> list[tuple[int, str, int]]:
    """Whose timelines events up to `last` stand on."""
    query = select(EventTarget.event_id, EventTarget.target_type, EventTarget.target_id)
    return sorted((row[0], row[1], row[2]) for row in session.execute(query.where(EventTarget.event_id <= last)))


@pytest.fixture
def jane(session: TenantSession) -> Contact:
    """The one who stays."""
    lumen = make_company(session, name="Lumen GmbH")
    return make_contact(
        session, first_name="Jane", last_name="Roe", email="jane@lumen.example", phone="+49 30 1234567",
        company_id=lumen.id, lifecycle="qualified", description="Met in Oslo.", custom={"size": "S", "team": ["b"]},
    )  # fmt: skip


@pytest.fixture
def twin(session: TenantSession, jane: Contact) -> Contact:
    """The same person once more, with something in every table that can point at her."""
    nord = make_company(session, name="Nord AB")
    twin = make_contact(
        session, first_name="Jane", last_name="Roe-Smith", email="JANE@lumen.example", phone="+49 30 7654321",
        company_id=nord.id, lifecycle="customer", title="CEO", description="Likes tea.", external_id="crm-7",
        custom={"size": "M", "team": ["a"]},
    )  # fmt: skip
    deal, both = make_deal(session, contact_id=twin.id), make_deal(session)
    make_role(session, deal, twin, role="Champion")
    make_role(session, both, twin, role="Buyer")
    make_role(session, both, jane, role=None)
    note, task = make_note(session), make_task(session)
    make_link(session, note, twin)
    make_link(session, note, jane)
    make_link(session, task, twin)
    meeting, shared = make_meeting(session), make_meeting(session)
    make_attendee(session, meeting, contact_id=twin.id)
    make_attendee(session, shared, contact_id=twin.id, speaker=None)
    make_attendee(session, shared, contact_id=jane.id, speaker="Jane")
    make_insight(
        session,
        meeting,
        contact_id=twin.id,
        proposal={"action": "update", "record_type": "contact", "record_id": twin.id},
    )
    for name, people in (("vip", (jane, twin)), ("oslo", (twin,))):
        tag = save(session, Tag(name=name, name_key=name, custom={}))
        session.add_all(Tagging(tag_id=tag.id, target_type="contact", target_id=person.id) for person in people)
    for key, label in (("size", "Size"), ("team", "Team")):
        kind = (
            {"type": "text"} if key == "size" else {"type": "multi_select", "options": [{"label": "a"}, {"label": "b"}]}
        )
        custom.define(session, {"record_type": "contact", "key": key, "label": label, **kind}, by=BY)
    for person in (jane, twin):
        custom.store(session, ("contact", person.id), person.custom)
    event = make_event(session, "contact.updated", record_type="contact", record_id=twin.id)
    for person in (twin, jane):
        save(session, EventTarget(event_id=event.id, target_type="contact", target_id=person.id))
    make_event(session, "contact.created", targets=[EventTarget(target_type="contact", target_id=twin.id)])
    group = save(session, DuplicateGroup(record_type="contact", score=1.0, reasons=[]))
    other = make_contact(session)
    for person in (twin, jane, other):
        save(session, DuplicateMember(group_id=group.id, record_type="contact", record_id=person.id))
    for one, two in ((twin, other), (other, twin)):
        pair = DistinctPair(record_type="contact", record_id=one.id, other_id=two.id, at=clock.now())
        save(session, pair)
    cast = session.scalars(select(User.id)).first() or 0
    deal_of = ("deal", deal.id)
    for person in (twin, jane):
        about = {"record_type": "contact", "record_id": person.id}
        save(session, Attachment(**about, name="a.pdf", media_type="application/pdf", size=1, sha256="0" * 64))
        save(session, Favourite(**about, user_id=cast))
        save(session, RecentView(**about, user_id=cast))
        for (a, a_id), (b, b_id) in ((deal_of, ("contact", person.id)), (("contact", person.id), deal_of)):
            save(session, RecordLink(from_type=a, from_id=a_id, to_type=b, to_id=b_id, label="related"))
    for person in (twin, jane):
        verbs.reindex(session, TYPES["contact"], person)
    session.commit()
    return twin


def pointing(session: TenantSession, type_name: str, id: int) -> list[str]:
    """The places where rows that are to move still point at a record."""
    found = []
    for pointer in POINTERS:
        if pointer.how is How.MOVED and pointer.about(type_name):
            query = select(pointer.table.c.id).where(*pointer.to(type_name, id))
            found += [pointer.place] * (session.execute(query).first() is not None)
    return found


# ---------------------------------------------------------------------------------------------- the table of pointers


def _columns() -> Iterator[tuple[Table, Any]]:
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            yield table, column


def _needs_listing(column: Any) -> bool:
    """A foreign key to what can be merged, or a whole number called …_id that no foreign key explains."""
    keys = {key.column.table.name for key in column.foreign_keys}
    if keys:
        return not keys.isdisjoint(pointers.MERGEABLE)
    return isinstance(column.type, Integer) and column.name.endswith("_id")


def test_every_column_that_can_point_at_a_record_is_listed() -> None:
    in_schema = {f"{table.name}.{column.name}" for table, column in _columns() if _needs_listing(column)}
    assert in_schema - {pointer.place for pointer in POINTERS} - pointers.OTHERS == set()


def test_every_pair_and_column_listed_is_there() -> None:
    for pointer in POINTERS:
        assert pointer.column in pointer.table.c, pointer.place
        named = [name for name in (pointer.kind, *pointer.same, *pointer.fills) if name]
        assert set(named) <= set(pointer.table.c.keys()), pointer.place


def test_a_new_column_that_points_at_a_record_would_be_seen() -> None:
    assert _needs_listing(Column("record_id", Integer))
    assert _needs_listing(Column("employer", ForeignKey(Company.id)))
    assert not _needs_listing(Column("owner_id", ForeignKey(User.id)))


# -------------------------------------------------------------------------------------------------------- what it does


def test_everything_that_pointed_at_the_other_points_at_the_winner(
    session: TenantSession, jane: Contact, twin: Contact
) -> None:
    before = set(pointing(session, "contact", twin.id))
    every = {p.place for p in POINTERS if p.how is How.MOVED and p.about("contact")}
    assert every - before <= {"merged_record.winner_id", "former_name.record_id", "chat_action.record_id"}
    merging.merge(session, "contact", jane.id, [twin.id], by=BY)
    session.commit()
    assert pointing(session, "contact", twin.id) == []
    assert before <= set(pointing(session, "contact", jane.id))


def test_lists_are_united_and_nothing_stands_twice(session: TenantSession, jane: Contact, twin: Contact) -> None:
    merging.merge(session, "contact", jane.id, [twin.id], by=BY)
    jane = session.get_one(Contact, jane.id)
    assert [(e.email, e.is_primary) for e in jane.emails] == [("jane@lumen.example", True)]
    assert [(p.phone, p.is_primary) for p in jane.phones] == [("+49 30 1234567", True), ("+49 30 7654321", False)]
    roles = {deal.name: [(c.contact_id, c.role) for c in deal.contacts] for deal in session.scalars(select(Deal))}
    assert sorted(roles.values()) == [[(jane.id, "Buyer")], [(jane.id, "Champion")]]
    links = select(Link.owner_type).where(Link.target_id == jane.id, Link.target_type == "contact")
    assert sorted(session.scalars(links)) == ["note", "task"]
    seats = session.execute(select(Attendee.meeting_id, Attendee.speaker).order_by(Attendee.meeting_id)).all()
    assert [seat.speaker for seat in seats] == ["Jane", "Jane"]
    jobs = session.scalars(select(Employment).where(Employment.contact_id == jane.id).order_by(Employment.id)).all()
    assert sorted((job.company_id == jane.company_id, job.is_primary) for job in jobs) == [(False, False), (True, True)]


def test_the_better_value_is_taken_where_nobody_chose(session: TenantSession, jane: Contact, twin: Contact) -> None:
    merging.merge(session, "contact", jane.id, [twin.id], by=BY)
    jane = session.get_one(Contact, jane.id)
    assert (jane.name, jane.title, jane.lifecycle.value) == ("Jane Roe-Smith", "CEO", "customer")
    assert jane.description == "Met in Oslo.\n\nLikes tea."
    assert jane.custom == {"size": "M", "team": ["b", "a"]}
    stored = select(CustomValue.text).where(CustomValue.record_id == jane.id).order_by(CustomValue.id)
    assert session.scalars(stored).all() == ["M", "b", "a"]
    assert records.show(session, jane)["tags"] == ["oslo", "vip"]


def test_a_choice_of_each_field_is_kept_to(session: TenantSession, jane: Contact, twin: Contact) -> None:
    picks: dict[str, comparing.Pick] = {
        "name": jane.id, "lifecycle": jane.id, "title": jane.id, "description": twin.id, "phone": twin.id,
        "custom.size": jane.id, "company_id": twin.id,
    }  # fmt: skip
    employer = twin.company_id
    merging.merge(session, "contact", jane.id, [twin.id], by=BY, picks=picks)
    jane = session.get_one(Contact, jane.id)
    assert (jane.name, jane.title, jane.lifecycle.value, jane.description) == (
        "Jane Roe",
        None,
        "qualified",
        "Likes tea.",
    )
    assert (jane.phone, jane.custom["size"], jane.company_id) == ("+49 30 7654321", "S", employer)
    open_job = select(Employment.company_id).where(Employment.contact_id == jane.id, Employment.is_primary)
    assert session.scalars(open_job).all() == [employer]
    for bad in ({"name": 999}, {"shoe": jane.id}, {"name": "all"}):
        with pytest.raises(Invalid):
            merging.merge(session, "contact", jane.id, [make_contact(session).id], by=BY, picks=bad)  # type: ignore[arg-type]


def test_several_companies_become_one(session: TenantSession) -> None:
    keep, *rest = [make_company(session, name=name) for name in ("Hellborg AB", "Hellborg", "Hellborg Energy AB")]
    people = [make_contact(session, company_id=company.id) for company in rest]
    deal, meeting = make_deal(session, company_id=rest[0].id), make_meeting(session, company_id=rest[1].id)
    was = people[0].version, people[0].updated_at
    merging.merge(session, "company", keep.id, [company.id for company in rest], by=BY)
    session.commit()
    assert {session.get_one(Contact, person.id).company_id for person in people} == {keep.id}
    assert (deal.company_id, meeting.company_id) == (keep.id, keep.id)
    assert (people[0].version, people[0].updated_at) == was  # nobody edited them
    assert session.scalars(select(Employment.company_id)).all() == [keep.id, keep.id]
    assert session.get_one(Company, keep.id).name == "Hellborg Energy AB"  # it says most


def test_one_event_says_what_became_of_whom(session: TenantSession, jane: Contact, twin: Contact) -> None:
    last = session.scalars(select(Event.id).order_by(Event.id.desc())).first() or 0
    merging.merge(session, "contact", jane.id, [twin.id], by=BY)
    (event,) = session.scalars(select(Event).where(Event.id > last))
    assert (event.kind, event.record_id) == ("contact.merged", jane.id)
    assert event.data["others"] == [{"id": twin.id, "name": "Jane Roe-Smith"}]
    assert event.data["changes"]["lifecycle"] == ["qualified", "customer"]
    assert event.data["changes"]["custom.team"] == [["b"], ["b", "a"]] and "custom" not in event.data["changes"]
    assert {e.kind for e in events.timeline(session, ("contact", jane.id))} >= {"contact.created", "contact.merged"}


# ------------------------------------------------------------------------------------------------------- old addresses


def test_the_old_address_and_the_old_names_lead_to_the_winner(
    session: TenantSession, jane: Contact, twin: Contact
) -> None:
    merging.merge(session, "contact", jane.id, [twin.id], by=BY, picks={"name": jane.id})
    assert tombstones.winner_of(session, "contact", twin.id) == jane.id
    found, result = records.upsert(session, "contact", {"external_id": "crm-7", "title": "Chair"}, by=BY)
    assert (found.id, result) == (jane.id, "updated")
    task = records.create(session, "task", {"title": "Call", "links": [{"type": "contact", "id": twin.id}]}, by=BY)
    assert records.show(session, task)["links"][0]["id"] == jane.id
    deal = records.create(session, "deal", {"name": "X", "contact_external_id": "crm-7"}, by=BY)
    assert deal.contact_id == jane.id
    assert matching.match_contact(session, Said("Jane Roe-Smith")).row is jane
    assert search.find(session, "roe-smith", types=["contact"])[0].id == jane.id


def test_an_import_of_the_old_file_finds_the_winner(session: TenantSession, jane: Contact, twin: Contact) -> None:
    jane.external_id = "erp-1"
    session.commit()
    merging.merge(session, "contact", jane.id, [twin.id], by=BY)
    rows = [Staged(n, {"last_name": "Roe", "external_id": id}, {}) for n, id in enumerate(("erp-1", "crm-7"))]
    duplicates.find(session, "contact", rows, duplicates.Earlier())
    assert [row.record_id for row in rows] == [jane.id, jane.id]
    assert session.get_one(Contact, twin.id).external_id == "crm-7"  # the winner has its own: the tombstone keeps it


def test_a_company_is_found_by_the_spelling_it_had(session: TenantSession) -> None:
    keep, gone = make_company(session, name="Vattenkraft AB"), make_company(session, name="Bergs Elverk AB")
    merging.merge(session, "company", keep.id, [gone.id], by=BY, picks={"name": keep.id})
    assert matching.find_company(session, "Bergs Elverk") is keep
    third = make_company(session, name="Nordkraft")
    merging.merge(session, "company", third.id, [keep.id], by=BY, picks={"name": third.id})
    assert matching.find_company(session, "Bergs Elverk") is third
    assert tombstones.winner_of(session, "company", gone.id) == third.id


def test_a_tombstone_is_not_restored_by_itself(session: TenantSession, jane: Contact, twin: Contact) -> None:
    merging.merge(session, "contact", jane.id, [twin.id], by=BY)
    with pytest.raises(Conflict, match="merged"):
        records.restore(session, session.get_one(Contact, twin.id), by=BY)


# ---------------------------------------------------------------------------------------------------------------- undo


def test_undo_gives_every_row_back(session: TenantSession, jane: Contact, twin: Contact) -> None:
    last = session.scalars(select(Event.id).order_by(Event.id.desc())).first() or 0
    before, stood_on = dump(session), targets(session, last)
    version = twin.version
    merged = merging.merge(session, "contact", jane.id, [twin.id], by=BY)
    session.commit()
    assert dump(session) != before
    assert merging.undo(session, merged.id, by=BY).kept == 0
    session.commit()
    after = dump(session)
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
    assert targets(session, last) == stood_on
    assert session.get_one(Contact, twin.id).version > version  # never a number that meant something else before
    with pytest.raises(Conflict, match="undone already"):
        merging.undo(session, merged.id, by=BY)


def test_what_was_merged_and_undone_can_be_merged_and_undone_again(
    session: TenantSession, jane: Contact, twin: Contact
) -> None:
    before = dump(session)
    for _ in range(3):  # the fact of an undo stands on both timelines, so the next merge drops its newest row
        merged = merging.merge(session, "contact", jane.id, [twin.id], by=BY)
        assert merging.undo(session, merged.id, by=BY).kept == 0
    assert dump(session) == before
    for person in (jane, twin):
        assert len([e for e in events.timeline(session, ("contact", person.id)) if e.kind == "contact.unmerged"]) == 3


def test_what_was_changed_after_the_merge_stays(session: TenantSession, jane: Contact, twin: Contact) -> None:
    merged = merging.merge(session, "contact", jane.id, [twin.id], by=BY)
    deal = session.scalars(select(Deal).where(Deal.contact_id == jane.id)).one()
    records.update(session, deal, {"contact_id": None}, by=BY)
    records.update(session, session.get_one(Contact, jane.id), {"title": "Chair"}, by=BY)
    note = make_note(session)
    make_link(session, note, jane)
    assert merging.undo(session, merged.id, by=BY).kept == 2
    jane = session.get_one(Contact, jane.id)
    assert (jane.title, jane.lifecycle.value, deal.contact_id) == ("Chair", "qualified", None)
    assert session.scalars(select(Link.target_id).where(Link.owner_id == note.id, Link.owner_type == "note")).all()


def test_an_older_merge_is_undone_last(session: TenantSession, jane: Contact, twin: Contact) -> None:
    first = merging.merge(session, "contact", jane.id, [twin.id], by=BY)
    third = make_contact(session)
    second = merging.merge(session, "contact", jane.id, [third.id], by=BY)
    with pytest.raises(Conflict, match="merged again"):
        merging.undo(session, first.id, by=BY)
    merging.undo(session, second.id, by=BY)
    into = merging.merge(session, "contact", third.id, [jane.id], by=BY)
    with pytest.raises(Conflict, match="merged again"):
        merging.undo(session, first.id, by=BY)
    merging.undo(session, into.id, by=BY)
    merging.undo(session, first.id, by=BY)
    assert session.scalars(select(FormerName)).all() == []


# ------------------------------------------------------------------------------------------------------------ refusals


def test_two_people_who_merge_the_same_pair_get_one_merge(
    database: Database, session: TenantSession, cast: Cast, jane: Contact, twin: Contact
) -> None:
    ways = [(jane.id, twin.id), (twin.id, jane.id)]
    session.commit()
    begun = threading.Barrier(2)
    results: list[int | str] = []

    def run(winner: int, other: int) -> None:
        begun.wait()
        try:
            with database.scope(cast.acme) as own:
                results.append(merging.merge(own, "contact", winner, [other], by=BY).id)
        except Conflict as error:
            results.append(error.detail)

    threads = [threading.Thread(target=run, args=way) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(result).__name__ for result in results) == ["int", "str"]
    assert any("merged into another contact" in str(result) for result in results)
    assert len(session.scalars(select(Merge)).all()) == 1


def test_a_merge_that_dies_half_way_leaves_nothing(
    session: TenantSession, jane: Contact, twin: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dump(session)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(events, "record", die)
    with pytest.raises(KeyboardInterrupt):
        merging.merge(session, "contact", jane.id, [twin.id], by=BY)
    session.rollback()
    assert dump(session) == before


def test_companies_with_thousands_of_people_are_merged_at_once(session: TenantSession, alice: User) -> None:
    """Nobody else can write meanwhile. Comparing each of theirs with each of those before it took 15 s for 4,000."""
    one, other = make_company(session), make_company(session)
    rows = [{"first_name": "P", "last_name": f"{n}", "name_key": f"p {n}", "company_id": other.id} for n in range(3500)]
    session.execute(insert(Contact), [{**row, "workspace_id": session.workspace_id} for row in rows])
    people = session.scalars(select(Contact.id)).all()
    jobs = [(other.id, id) for id in people] + [(one.id, people[0])]
    common = {"workspace_id": session.workspace_id, "created_at": clock.now()}
    session.execute(insert(Employment), [{**common, "company_id": c, "contact_id": p} for c, p in jobs])
    session.commit()
    started = time.process_time()
    merged = merging.merge(session, "company", one.id, [other.id], by=Actor("user", alice.id))
    assert time.process_time() - started < 2
    here = session.scalars(select(Employment.contact_id).where(Employment.company_id == one.id)).all()
    assert sorted(here) == sorted(people), "who worked for both works there once"
    merging.undo(session, merged.id, by=Actor("user", alice.id))
    now = [(c, p) for c, p in session.execute(select(Employment.company_id, Employment.contact_id))]
    assert sorted(now) == sorted(jobs)


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (lambda own, other: merging.merge(own, "contact", other, [other], by=BY), Invalid),
        (lambda own, other: merging.merge(own, "contact", other, [], by=BY), Invalid),
        (lambda own, other: merging.merge(own, "deal", other, [other + 1], by=BY), Invalid),
        (lambda own, other: merging.merge(own, "contact", other, [other + 1], by=BY), NotFound),
        (lambda own, _: merging.undo(own, 1, by=BY), NotFound),
    ],
)
def test_what_cannot_be_merged_is_refused(
    mallory_session: TenantSession, twin: Contact, ask: Callable[[TenantSession, int], Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        ask(mallory_session, twin.id)


def test_a_record_that_changed_under_ones_eyes_is_not_merged(
    session: TenantSession, jane: Contact, twin: Contact
) -> None:
    seen = {jane.id: jane.version, twin.id: twin.version}
    records.update(session, twin, {"title": "Chair"}, by=BY)
    with pytest.raises(Conflict, match="changed meanwhile"):
        merging.merge(session, "contact", jane.id, [twin.id], by=BY, versions=seen)


def test_a_waiting_proposal_goes_along(session: TenantSession, jane: Contact, twin: Contact, alice: User) -> None:
    merging.merge(session, "contact", jane.id, [twin.id], by=Actor("user", alice.id))
    assert session.scalars(select(Proposal.record_id)).all() == [jane.id]
