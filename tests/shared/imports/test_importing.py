"""Files become records, once, and can be taken back; on both databases."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from shared import records, search
from shared.database import Database
from shared.errors import NotFound
from shared.events import Actor
from shared.imports import applying, jobs, reverting, running, showing
from shared.models import Attachment, ChunkMark, Company, Contact, Deal, Event, ImportRow, Note, Stage, Task, Workspace
from shared.records import links, uploads
from tests.conftest import Cast
from tests.factories import make_pipeline
from tests.shared.imports.conftest import Import

PEOPLE = """First Name,Last Name,E-mail,Phone,Company,Job title,Owner
Jane,Roe,jane@quill.example,+49 30 1234567,Quillhaven Logistics,Director,Bob Baker
José,Müller,jose@quill.example; j.mueller@home.example,,Quillhaven Logistics,Buyer,alice@acme.example
Ann,Lee,ann@marrow.example,0171 555 1234,Marrowby GmbH,,
"""


def test_people_come_with_their_company_owner_and_history(importing: Import, database, cast) -> None:
    job = importing.go(PEOPLE)
    assert (job.type, importing.counts) == ("contact", (3, 0, 0, 0))
    jane, jose, ann = importing.all(Contact)
    companies = {c.id: c.name for c in importing.all(Company)}
    assert sorted(companies.values()) == ["Marrowby GmbH", "Quillhaven Logistics"]
    assert companies[jane.company_id] == companies[jose.company_id] == "Quillhaven Logistics"
    assert (jane.owner_id, jose.owner_id, ann.owner_id) == (cast.bob, cast.alice, None)
    assert [e.email for e in jose.emails] == ["jose@quill.example", "j.mueller@home.example"]
    assert [e.is_primary for e in jose.emails] == [True, False]
    with database.scope(cast.acme, read_only=True) as session:
        hits = search.find(session, "quillhaven jane")
        assert ("contact", jane.id) in [(hit.type, hit.id) for hit in hits]
        made = session.scalars(select(Event).where(Event.kind == "contact.created", Event.record_id == jane.id)).one()
        assert (made.actor, made.user_id, made.data["why"]) == ("import", cast.alice, {"import_id": job.id})
        marked = session.scalars(select(ChunkMark.record_id).where(ChunkMark.record_type == "contact")).all()
        assert set(marked) == {jane.id, jose.id, ann.id}
        assert len(records.contacts.employments(session, session.get_one(Contact, jane.id))) == 1


def test_the_same_file_again_changes_nothing(importing: Import) -> None:
    importing.go(PEOPLE)
    before = [(c.id, c.version, c.updated_at) for c in importing.all(Contact)]
    importing.receive(PEOPLE)
    assert importing.check().plan == {"unchanged": 3, "match_exact": 3, "styles": {}}
    importing.start()
    assert importing.counts == (0, 0, 3, 0)
    assert [(c.id, c.version, c.updated_at) for c in importing.all(Contact)] == before


def test_two_who_import_the_same_file_at_once_have_everybody_once(importing: Import, database, cast) -> None:
    nameless = PEOPLE + "Max,Moritz,,,Quillhaven Logistics,,\n"
    first, second = (importing.receive(nameless).id for _who in range(2))
    for id_ in (first, second):
        importing.id = id_
        assert importing.check().plan["create"] == 4
    for id_, counts in ((first, (4, 0, 0, 0)), (second, (0, 0, 4, 0))):
        importing.id = id_
        importing.start()
        assert importing.counts == counts
    assert (len(importing.all(Contact)), len(importing.all(Company))) == (4, 2)
    importing.receive(nameless)
    importing.check(duplicates="create")
    with database.scope(cast.acme) as session:
        records.create(session, "contact", {"last_name": "By Hand"}, by=Actor("user", cast.bob))
    importing.start()
    assert importing.counts == (4, 0, 0, 0), "what was asked for holds for those that appear since, too"


def test_what_an_import_has_made_itself_is_nothing_that_appeared_since(
    importing: Import, database, cast, monkeypatch
) -> None:
    monkeypatch.setattr(applying, "BATCH_ROWS", 1)
    importing.receive("First Name,Last Name,Job title\nJane,Roe,Chair\nAnn,Lee,\nJane,Roe,Buyer\n")
    importing.check()
    with database.scope(cast.acme) as session:
        for row in session.scalars(select(ImportRow).where(ImportRow.job_id == importing.id)):
            row.match = row.leader = None  # two people, said whoever looked at the check
        records.create(session, "contact", {"last_name": "By Hand"}, by=Actor("user", cast.bob))
    importing.start()
    assert importing.counts == (3, 0, 0, 0)


def test_what_a_file_says_otherwise_is_updated_and_nothing_is_cleared(importing: Import) -> None:
    importing.go(PEOPLE)
    job = importing.go(
        "Email,Job title,Phone\nJANE@quill.example,Managing Director,\nann@marrow.example,,0171 5559999\n"
    )
    assert importing.counts == (0, 2, 0, 0), job.error
    jane, _, ann = importing.all(Contact)
    assert (jane.title, jane.phone, jane.first_name) == ("Managing Director", "+49 30 1234567", "Jane")
    assert [p.phone for p in ann.phones] == ["0171 555 1234", "0171 5559999"]


def test_an_import_is_taken_back(importing: Import, database, cast) -> None:
    importing.go("Name,Domain,City\nQuillhaven Logistics,quill.example,Bremen\n", "companies.csv")
    importing.go(PEOPLE)
    first = importing.id
    importing.go("Email,Job title\njane@quill.example,Chair\njose@quill.example,Boss\n")
    with database.scope(cast.acme) as session:
        jose = session.get_one(Contact, importing.all(Contact)[1].id)
        records.update(session, jose, {"title": "Changed by hand"}, by=Actor("user", cast.bob))
    job = importing.revert()
    assert (job.status.value, job.reverted, job.kept) == ("reverted", 1, 1)
    assert [row.state for row in importing.rows] == ["reverted", "kept"]
    assert [c.title for c in importing.all(Contact)] == ["Director", "Changed by hand", None]
    importing.id = first
    job = importing.revert()
    assert (job.reverted, job.kept) == (2, 1)
    assert [c.last_name for c in importing.all(Contact)] == ["Müller"]
    assert [c.name for c in importing.all(Company)] == ["Quillhaven Logistics"]  # Marrowby came with the file
    with database.scope(cast.acme, read_only=True) as session:
        assert search.find(session, "jane roe") == []


def test_what_somebody_has_worked_on_since_is_not_taken_back(importing: Import, database, cast) -> None:
    lasts = ("Noted", "Tasked", "Dealt", "Filed", "Linked", "Untouched", "Dismissed")
    importing.go("First name,Last name,Company\n" + "".join(f"Jane,{last},Quill {last}\n" for last in lasts))
    by = Actor("user", cast.bob)
    with database.scope(cast.acme) as session:
        pipeline = make_pipeline(session)
        found = {c.last_name: c for c in session.scalars(select(Contact))}
        link = {last: [{"type": "contact", "id": contact.id}] for last, contact in found.items()}
        records.create(session, "note", {"body": "She called", "links": link["Noted"]}, by=by)
        records.create(session, "task", {"title": "Call her", "links": link["Tasked"]}, by=by)
        deal = {"name": "Trial", "stage_id": pipeline.stages[0].id, "contact_id": found["Dealt"].id}
        records.create(session, "deal", deal, by=by)
        session.add(
            Attachment(
                record_type="contact", record_id=found["Filed"].id, name="a", media_type="a/b", size=1, sha256="a"
            )
        )
        links.link(session, ("contact", found["Linked"].id), ("contact", found["Noted"].id), "related", by=by)
        gone = records.create(session, "note", {"body": "A slip", "links": link["Dismissed"]}, by=by)
        records.delete(session, gone, by=by)
    job = importing.revert()
    assert (job.reverted, job.kept) == (2, 5)
    assert [contact.last_name for contact in importing.all(Contact)] == list(lasts[:5])
    assert {row.reason for row in importing.rows if row.state == "kept"} == {reverting.IN_USE}
    assert sorted(c.name for c in importing.all(Company)) == sorted(f"Quill {last}" for last in lasts[:5])


def test_rows_of_the_same_person_become_one_record(importing: Import) -> None:
    twice = (
        "First name,Last name,Email,Phone,Title\nJane,Roe,jane@x.example,,Director\n"
        "Jane,Roe,JANE@x.example,+4930123456,Chair\n"
    )
    importing.go(twice)
    (jane,) = importing.all(Contact)
    assert importing.counts == (1, 1, 0, 0)
    assert (jane.title, jane.phone) == ("Director", "+4930123456")  # a later row adds, it does not overwrite
    importing.go(twice)
    assert importing.counts == (0, 0, 2, 0)


def test_a_number_dialled_inside_the_country_is_the_one_with_its_code(importing: Import, database, cast) -> None:
    with database.scope(cast.acme) as session:
        session.get_one(Workspace, cast.acme).timezone = "Europe/Berlin"
    importing.go("First name,Last name,Phone\nJane,Roe,+49 30 1234567\nBob,Fox,030 7654321\n")
    importing.go("First name,Last name,Phone,Company\nJane,Roe,030 1234567,Newco\nBob,Fox,+43 30 7654321,Newco\n")
    assert [(row.match, row.why) for row in importing.rows] == [
        ("exact", "the same phone and name"), ("similar", "the same name"),
    ]  # fmt: skip
    jane = importing.all(Contact)[0]
    assert ([p.phone for p in jane.phones], jane.company_id is None) == (["+49 30 1234567"], False)


def test_alike_is_not_the_same_unless_a_person_says_so(importing: Import) -> None:
    importing.go(
        "First name,Last name,Email,Company\nKatherine,Vogel,k@x.example,Acorn\nAnna,Kern,info@x.example,Acorn\n"
    )
    others = "First name,Last name,Email,Company\nKate,Vogel,kate@y.example,Acorn\nBert,Moll,info@x.example,Acorn\n"
    importing.receive(others)
    importing.check()
    assert [(row.match, row.why) for row in importing.rows] == [
        ("similar", "a similar name at the same company"), ("similar", "the same e-mail, another name"),
    ]  # fmt: skip
    importing.choose(2, "update")
    importing.choose(3, "skip")
    importing.start()
    assert importing.counts == (0, 1, 1, 0)
    kate, _ = importing.all(Contact)
    assert [e.email for e in kate.emails] == ["k@x.example", "kate@y.example"]


def test_a_row_that_is_too_long_is_said_and_the_others_come(importing: Import) -> None:
    importing.receive("Last name,City,Title\nRoe,Bonn,Boss,\nLee,Bern,Boss,stray\n", type_="contact")
    assert importing.check().plan["bad"] == 1
    (problem,) = importing.rows[1].problems or ()
    assert (problem["text"], problem["column"]) == ("stray", None) and "more cells than there are" in problem["message"]
    importing.start()
    assert importing.counts == (1, 0, 0, 1)


def test_what_is_wrong_is_said_of_its_own_cell(importing: Import) -> None:
    importing.receive(f"Name,E-mail,E-mail 2\nAnn Roe,ann@x.example,ann@home@x\n{'x' * 200} Lee,lee@x.example,\n")
    importing.check()
    by_row = {n: [(p["column"], p["text"]) for p in row.problems or ()] for n, row in enumerate(importing.rows, 2)}
    assert by_row == {2: [(2, "ann@home@x")], 3: [(0, f"{'x' * 200} Lee")]}


def test_skip_and_create_for_all(importing: Import) -> None:
    importing.go(PEOPLE)
    importing.go(PEOPLE.replace("Director", "Chair"), duplicates="skip")
    assert importing.counts == (0, 0, 3, 0)
    importing.go(PEOPLE, duplicates="create")
    assert importing.counts == (3, 0, 0, 0)
    assert len(importing.all(Contact)) == 6


def test_a_status_of_won_or_lost_closes_a_deal_whatever_open_stage_it_was_in(importing: Import, database, cast) -> None:
    with database.scope(cast.acme) as session:
        types = {"Offer": "open", "Signed": "won", "Gone": "lost", "Given up": "lost"}
        stages = [{"name": name, "type": type_} for name, type_ in types.items()]
        records.create(session, "pipeline", {"name": "Sales", "stages": stages}, by=Actor("user", cast.alice))
    exported = (  # as Pipedrive does
        "Deal - Title,Deal - Value,Deal - Stage,Deal - Status,Deal - Won time,Deal - Lost time\n"
        "A,1,Offer,Open,,\nB,2,Offer,Won,2026-03-02 10:00:00,\nC,3,Negotiation,Lost,,2026-03-03 10:00:00\n"
        "D,4,Given up,Lost,,2026-03-04 10:00:00\nE,5,,Won,2026-03-05 10:00:00,\nF,6,Negotiation,Open,,\n"
    )
    job = importing.go(exported, "deals.csv", with_history=True)
    assert (job.mapping[2:], importing.counts) == (["stage", "outcome", "closed_at", "closed_at"], (5, 0, 0, 1))
    with database.scope(cast.acme, read_only=True) as session:
        names = dict(session.execute(select(Stage.id, Stage.name)).all())
    deals = [(d.name, names[d.stage_id], d.closed_at and d.closed_at.day) for d in importing.all(Deal)]
    assert deals == [
        ("A", "Offer", None), ("B", "Signed", 2), ("C", "Gone", 3), ("D", "Given up", 4), ("E", "Signed", 5),
    ]  # fmt: skip
    importing.go(exported, "deals.csv", with_history=True)
    assert importing.counts == (0, 0, 5, 1)


def test_deals_tasks_and_notes_find_what_they_are_about(importing: Import, database, cast) -> None:
    with database.scope(cast.acme) as session:
        stages = [{"name": n, "type": t} for n, t in (("New", "open"), ("Offer", "open"), ("Won", "won"))]
        records.create(session, "pipeline", {"name": "Sales", "stages": stages}, by=Actor("user", cast.alice))
    importing.go(PEOPLE)
    deals = (
        "Deal name;Unternehmen;Ansprechpartner;Betrag;Phase;Abschlussdatum\n"
        "Rollout;Marrowby GmbH;ann@marrow.example;1.234,50 €;Offer;31.12.2026\n"
        "Pilot;Newco;Jane Roe;900 $;offer;03.04.2026\nBad;Newco;;12;Nowhere;\n"
    )
    job = importing.go(deals, "deals.csv")
    assert (job.type, importing.counts) == ("deal", (2, 0, 0, 1))
    rollout, pilot = importing.all(Deal)
    assert (rollout.amount_minor, rollout.currency, rollout.expected_close.isoformat()) == (123450, "EUR", "2026-12-31")
    assert (pilot.amount_minor, pilot.currency, pilot.expected_close.isoformat()) == (90000, "USD", "2026-04-03")
    assert pilot.contact_id == importing.all(Contact)[0].id
    importing.go(
        "Aufgabe,Fällig am,Kontakt,Priorität\nCall Ann,2026-12-01 14:30,ann@marrow.example,hoch\n", "tasks.csv"
    )
    (task,) = importing.all(Task)
    assert (task.title, task.priority.value, task.due_at.isoformat()) == (
        "Call Ann",
        "high",
        "2026-12-01T14:30:00+00:00",
    )
    notes = "Note,Company,Contact\nMet at the fair,Marrowby GmbH,\nAll,Newco; Marrowby GmbH,Jane Roe; Ann Lee\n"
    importing.go(notes + "None,Newco,Jane Roe; Nobody\n", "notes.csv", type_="note")
    assert [row.problems[0]["message"] for row in importing.rows if row.problems] == ["There is no contact “Nobody”."]
    note, several = importing.all(Note)
    jane, _, ann = importing.all(Contact)
    with database.scope(cast.acme, read_only=True) as session:
        assert records.work.links_of(session, "note", note.id) == [("company", rollout.company_id)]
        assert sorted(records.work.links_of(session, "note", several.id)) == [
            ("company", rollout.company_id), ("company", pilot.company_id), ("contact", jane.id), ("contact", ann.id),
        ]  # fmt: skip
    for data, name, type_ in (
        (deals, "deals.csv", "deal"),
        (notes, "n", "note"),
    ):
        importing.go(data, name, type_=type_)
        assert importing.counts[:2] == (0, 0), name


def test_failed_rows_keep_their_day_without_the_rest_of_their_column(importing: Import, database) -> None:
    text = "Task,Due,Assignee\nA,31/12/2026,\nB,03/04/2026 14:30,sometime\nC,05/06/2026,never\n"
    job = importing.go(text, "tasks.csv")
    path = uploads.path_of(importing.settings.upload_dir, job.workspace_id, job.file_sha256)
    with database.scope(importing.workspace_id, read_only=True) as session:
        _, *rows = showing.failed_file(session, importing.job, path)
    assert [row[:3] for row in rows] == [["B", "2026-04-03 14:30:00", "sometime"], ["C", "2026-06-05", "never"]]
    importing.go("Firma;Mitarbeiter\nQuill;1.200\nBerg;50\n", "companies.csv")
    assert [company.employees for company in importing.all(Company)] == [1200, 50]


def test_a_known_external_id_is_an_upsert_and_brings_deleted_records_back(importing: Import, database, cast) -> None:
    importing.go("ID,Name,City\n7,Acorn,Bremen\n8,Birch,Bonn\n", "c.csv", type_="company")
    with database.scope(cast.acme) as session:
        records.delete(session, session.get_one(Company, importing.all(Company)[0].id), by=Actor("user", cast.alice))
    importing.go("ID,Name,City\n7,Acorn AG,Bremen\n8,Birch,Bonn\n", "c.csv", type_="company")
    assert importing.counts == (0, 1, 1, 0)
    assert [c.name for c in importing.all(Company)] == ["Acorn AG", "Birch"]


def test_a_row_that_is_refused_leaves_nothing_and_says_why(importing: Import, database, cast) -> None:
    importing.receive("External ID,First name,Last name\n1,Jane,Roe\n2,Ann,Lee\n")
    importing.check()
    with database.scope(cast.acme) as session:  # taken between the check and the import
        records.create(session, "contact", {"external_id": "1", "last_name": "Else"}, by=Actor("api", cast.bob))
    importing.choose(importing.rows[0].number, "create")
    importing.start()
    assert importing.counts == (1, 0, 0, 1)
    failed = next(row for row in importing.rows if row.result == "failed")
    assert "external_id" in (failed.reason or "")


def test_cancelled_in_the_middle_it_goes_on_where_it_was(importing: Import, database, cast, monkeypatch) -> None:
    monkeypatch.setattr(applying, "BATCH_ROWS", 2)
    importing.receive("Last name,Email\n" + "".join(f"P{i},p{i}@x.example\n" for i in range(7)))
    importing.check()
    importing._want(lambda session, job: jobs.start(session, job, by=importing.by))
    write, calls = applying.Batch.write, []

    def cancel_after_two(batch, session):
        calls.append(1)
        return write(batch, session)

    def pause(_seconds: float) -> None:
        if len(calls) == 2:
            importing._want(lambda session, job: jobs.cancel(session, job, by=importing.by))

    monkeypatch.setattr(applying.Batch, "write", cancel_after_two)
    monkeypatch.setattr(running.time, "sleep", pause)
    assert importing.run().status.value == "cancelled"
    assert importing.counts[0] == 4
    importing._want(lambda session, job: jobs.restart(session, job, by=importing.by))
    assert importing.run().status.value == "done"
    assert importing.counts == (7, 0, 0, 0)
    assert len(importing.all(Contact)) == 7


def test_another_tenant_is_neither_seen_nor_matched(importing: Import, database, cast) -> None:
    with database.scope(cast.globex) as session:
        data = {"last_name": "Roe", "emails": [{"email": "jane@quill.example"}]}
        records.create(session, "contact", data, by=Actor("user", cast.mallory))
        records.create(session, "company", {"name": "Marrowby GmbH"}, by=Actor("user", cast.mallory))
    importing.go(PEOPLE)
    assert importing.counts == (3, 0, 0, 0)
    with database.scope(cast.globex, read_only=True) as session:
        assert session.scalars(select(ImportRow)).all() == []
        assert len(session.scalars(select(Contact)).all()) == 1
    mine = {c.workspace_id for c in importing.all(Contact)} | {c.workspace_id for c in importing.all(Company)}
    assert mine == {cast.acme}


def test_namesakes_are_told_apart_and_taken_by_address_or_company(
    importing: Import, database: Database, cast: Cast
) -> None:
    importing.go(
        "Vorname;Nachname;E-Mail;Firma\nJane;Roe;jane@acme.example;Acme\nJane;Roe;;Marrowby GmbH\n"
        "Jane;Roe;j.roe@x.example;\n",
        duplicates="create",
    )
    people = {contact.company_id: contact.id for contact in importing.all(Contact)}
    tasks = (
        "Task,Contact\nAsk,Jane Roe\nCall,jane@acme.example\nVisit,Jane Roe (Marrowby)\n"
        "Write,Jane Roe (Nowhere)\nMeet,j.roe@x.example; Jane Roe\n"
    )
    importing.go(tasks, "tasks.csv", type_="task")
    one_of = "Write which one is meant: jane@acme.example, Jane Roe (Marrowby GmbH), j.roe@x.example."
    assert [row.problems[0]["message"] for row in importing.rows if row.problems] == [
        f"There are several contacts “Jane Roe”. {one_of}",
        "There is no contact “Jane Roe (Nowhere)”.",
        f"There are several contacts “Jane Roe”. {one_of}",
    ]
    by_name = {company.name: company.id for company in importing.all(Company)}
    with database.scope(cast.acme, read_only=True) as session:
        about = {task.title: records.work.links_of(session, "task", task.id) for task in importing.all(Task)}
    assert about["Call"] == [("contact", people[by_name["Acme"]])]
    assert about["Visit"] == [("contact", people[by_name["Marrowby GmbH"]])]


def edited_beside(database: Database, cast: Cast, id: int, done: list[str]) -> Thread:
    """Bob gives a contact another job title, and is told where that is not possible any more."""

    def edit() -> None:
        try:
            with database.scope(cast.acme) as session:
                jane = records.get(session, "contact", id)
                records.update(session, jane, {"title": "By hand"}, by=Actor("user", cast.bob))
        except (StaleDataError, NotFound):
            done.append("refused")
        else:
            done.append("saved")

    thread = Thread(target=edit)
    thread.start()
    thread.join(0.5)
    return thread


def test_whoever_edits_a_row_while_its_import_is_taken_back_is_told_or_keeps_it(
    importing: Import, database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    importing.go(PEOPLE)
    jane, hung_on, threads, done = importing.all(Contact)[0], reverting.hung_on, list[Thread](), list[str]()

    def slowly(*args: Any) -> Any:
        if not threads:
            threads.append(edited_beside(database, cast, jane.id, done))
        return hung_on(*args)

    monkeypatch.setattr(reverting, "hung_on", slowly)
    assert importing.revert().status.value == "reverted"
    threads[0].join()
    assert done == ["refused"], "their edit is not taken and then thrown away"


def test_an_edit_beside_it_does_not_break_an_import(
    importing: Import, database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    importing.go(PEOPLE)
    jane, update, threads, done = importing.all(Contact)[0], records.update, list[Thread](), list[str]()
    importing.receive(PEOPLE.replace("Director", "Chair"))
    importing.check()

    def slowly(*args: Any, **more: Any) -> Any:
        if not threads:
            threads.append(Thread())  # the editor's own update comes by here, too
            threads.append(edited_beside(database, cast, jane.id, done))
        return update(*args, **more)

    monkeypatch.setattr(records, "update", slowly)
    job = importing.start()
    threads[1].join()
    assert (job.status.value, importing.counts) == ("done", (0, 1, 2, 0)), job.error
