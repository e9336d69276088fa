"""Lists as pages and programs ask for them, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from shared import clock, query, search
from shared.errors import Invalid
from shared.models import (
    Company,
    Deal,
    InsightStatus,
    Lifecycle,
    Meeting,
    Priority,
    StageType,
    TaskStatus,
    User,
    Workspace,
)
from shared.query import catalog, compiler, neighbours
from shared.query.conditions import Viewpoint, condition
from shared.tenancy import TenantSession
from tests import statements
from tests.factories import (
    make_attendee,
    make_company,
    make_contact,
    make_deal,
    make_insight,
    make_link,
    make_meeting,
    make_move,
    make_note,
    make_pipeline,
    make_role,
    make_tag,
    make_task,
    make_user,
)


def listed(session: TenantSession, type: str, **args: str) -> list[Any]:
    """The rows of one page for URL parameters; `due_date__lte` stands for `due_date[lte]`."""
    return page(session, type, **args).items


def page(session: TenantSession, type: str, **args: str) -> query.Page:
    given = {f"{n.partition('__')[0]}[{n.partition('__')[2]}]" if "__" in n else n: [v] for n, v in args.items()}
    return query.run(session, query.parse(type, given))


def walk(session: TenantSession, type: str, **args: str) -> list[Any]:
    """All rows, page by page."""
    rows: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        found = page(session, type, **args, **cursor)
        rows += found.items
        if found.next_cursor is None:
            return rows
        cursor = {"cursor": found.next_cursor}


# -------------------------------------------------------------------------------------------------------- pagination


@pytest.mark.parametrize("sort", ["employees", "-employees", "name", "-updated_at", "city", "-owner", "id"])
def test_pages_hold_every_row_once_and_in_order(session: TenantSession, alice: User, bob: User, sort: str) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for i in range(23):
        make_company(
            session,
            name=f"Firm {i % 7}",
            employees=[None, 10, 20][i % 3],
            city=[None, "Berlin", "Ulm"][i % 3],
            owner_id=[alice.id, bob.id, None][i % 3],
            updated_at=moment + timedelta(days=i % 4),
        )
    rows = walk(session, "company", sort=sort, limit="5")
    assert len({row.id for row in rows}) == len(rows) == 23
    assert rows == listed(session, "company", sort=sort, limit="200")
    if "employees" in sort:
        present = [row.employees for row in rows if row.employees is not None]
        assert present == sorted(present, reverse=sort.startswith("-"))
        assert [row.employees for row in rows][-8:] == [None] * 8  # rows without a value come last, either way


def test_a_page_that_ends_where_values_end(session: TenantSession) -> None:
    for employees in (1, 2, None, None, None):
        make_company(session, employees=employees)
    assert [row.employees for row in walk(session, "company", sort="employees", limit="2")] == [1, 2, None, None, None]


def test_the_last_page_has_no_cursor(session: TenantSession) -> None:
    for _ in range(4):
        make_note(session)
    first = page(session, "note", limit="2")
    assert first.next_cursor
    assert page(session, "note", limit="2", cursor=first.next_cursor).next_cursor is None
    assert page(session, "note").next_cursor is None


def test_enums_are_sorted_by_meaning(session: TenantSession) -> None:
    for priority in (Priority.NORMAL, Priority.HIGH, Priority.LOW):
        make_task(session, priority=priority)
    assert [task.priority for task in walk(session, "task", sort="-priority", limit="1")] == [
        Priority.HIGH, Priority.NORMAL, Priority.LOW,
    ]  # fmt: skip


@pytest.mark.parametrize("type", query.ENTITIES)
def test_every_sort_walks_up_and_down(session: TenantSession, alice: User, type: str) -> None:
    for i in range(2):
        company = make_company(session, city="Ulm", employees=i, owner_id=alice.id, domain="a.example")
        ceo = make_contact(session, company_id=company.id, title="CEO", source="Fair", owner_id=alice.id)
        deal = make_deal(session, company_id=company.id, amount_minor=100 + i, expected_close=date(2026, 12, 1))
        make_role(session, deal, ceo)
        make_move(session, deal, user_id=alice.id)
        make_task(session, due_date=date(2026, 12, 1), due_at=clock.now(), completed_at=clock.now())
        make_note(session, author_id=alice.id)
        meeting = make_meeting(
            session, company_id=company.id, deal_id=deal.id, duration_s=60.5, engine="builtin", language="de"
        )
        make_insight(session, meeting, status=InsightStatus.ACCEPTED, company_id=company.id)
    make_pipeline(session)
    for _ in range(2):
        make_tag(session)
    entity = query.ENTITIES[type]
    beside = [each.name for each in neighbours.offered(entity) if neighbours.sort_of(entity, each.name) is not None]
    for sort in [*(f.name for f in entity.fields.values() if f.sort is not None), *beside]:
        rows = listed(session, type, sort=sort)
        assert len(rows) >= 2
        assert walk(session, type, sort=sort, limit="1") == rows, sort
        assert set(walk(session, type, sort=f"-{sort}", limit="1")) == set(rows), sort


def test_total_counts_the_whole_list_only_when_asked(session: TenantSession) -> None:
    for i in range(3):
        make_company(session, city="Ulm" if i else "Berlin")
    assert page(session, "company", limit="1").total is None
    assert page(session, "company", limit="1", total="1").total == 3
    assert page(session, "company", limit="1", total="1", city="Ulm").total == 2


CURSORS = ["x", "%%%", "W10", "bnVsbA", "e30", "a" * 5000, "WyItdXBkYXRlZF9hdCIsIm5vIGRhdGUiLDFd", "é", "W1tb" * 900]


@pytest.mark.parametrize("cursor", CURSORS)
def test_a_cursor_somebody_made_up_is_refused(session: TenantSession, cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        page(session, "company", cursor=cursor)
    assert refused.value.errors[0].path == "cursor"


def test_a_cursor_of_another_order_is_refused(session: TenantSession) -> None:
    for _ in range(2):
        make_company(session)
    cursor = page(session, "company", sort="name", limit="1").next_cursor
    assert cursor
    with pytest.raises(Invalid):
        page(session, "company", sort="-name", cursor=cursor)


@pytest.mark.parametrize("value", [True, 1.5, 2**70, [1], {"a": 1}, "text", "2026-01-01T00:00:00"])
@pytest.mark.parametrize("sort", ["employees", "updated_at", "name"])
def test_a_cursor_with_a_value_of_another_type_is_refused(session: TenantSession, sort: str, value: Any) -> None:
    if sort == "name" and isinstance(value, str):
        value = "nul\0"
    cursor = query.lists.cursors.encode(sort, value, 1)
    with pytest.raises(Invalid):
        page(session, "company", sort=sort, cursor=cursor)


# ----------------------------------------------------------------------------------------------------------- filters


def test_text_can_be_asked_whole_in_part_or_for_being_there(session: TenantSession) -> None:
    ulm, berlin, none = (make_company(session, name=f"Co {c}", city=c) for c in ("Ulm", "Berlin", None))
    empty = make_company(session, name="Co Empty", city="")
    assert listed(session, "company", city="Ulm") == [ulm]
    assert set(listed(session, "company", city__in="Ulm,Berlin")) == {ulm, berlin}
    assert listed(session, "company", city__contains="ERL") == [berlin]
    assert set(listed(session, "company", city__is="null")) == {none, empty}
    assert set(listed(session, "company", city__is="set")) == {ulm, berlin}


@pytest.mark.parametrize("text", ["100%", "_", "\\", "'", '"', "; DROP TABLE company", "🚀"])
def test_wildcards_and_quotes_are_only_text(session: TenantSession, text: str) -> None:
    wanted = make_company(session, name=f"Before {text} after", city=f"x{text}y")
    make_company(session, name="Other", city="other")
    assert listed(session, "company", city__contains=text) == [wanted]
    assert listed(session, "company", city=f"x{text}y") == [wanted]


def test_names_are_found_without_accents_and_with_legal_form(session: TenantSession) -> None:
    firm = make_company(session, name="Müller Straßenbau GmbH")
    assert listed(session, "company", name__contains="muller strassen") == [firm]
    assert listed(session, "company", name__contains="bau GmbH") == [firm]
    assert listed(session, "company", name="Müller Straßenbau GmbH") == [firm]


@pytest.mark.parametrize("begun", ["Ö", "ost", "OSTSEE", "öst", "Ostsee Bi", "Ostsee Bio GmbH", " ostsee "])
def test_texts_are_found_by_how_they_begin(session: TenantSession, begun: str) -> None:
    firm = make_company(session, name="Östsee Bio GmbH" if begun[:1] in "Öö" else "Ostsee Bio GmbH")
    make_company(session, name="Nordostsee AG")
    assert listed(session, "company", name__begins=begun) == [firm]


def test_what_a_folded_name_lacks_begins_as_it_is_written(session: TenantSession) -> None:
    odd = make_company(session, name="(K) 100% Kaffee", city="Übersee_West")
    jane = make_contact(session, first_name="Jane", last_name="O'Brien", email="Jane@Roe.example")
    make_contact(session, first_name="Joe", last_name="Brien", email="joe@jane.example")
    make_company(session, name="K 1000 Kaffee", city="Uebersee")
    assert listed(session, "company", name__begins="(K) 100%") == [odd]
    assert listed(session, "company", city__begins="Übersee_") == [odd]
    assert listed(session, "contact", last_name__begins="o'b") == [jane]
    assert listed(session, "contact", email__begins="JANE@") == [jane]
    assert listed(session, "contact", name__begins="jane o") == [jane]
    assert listed(session, "company", city__begins="%") == listed(session, "company", city__begins="🚀") == []


def test_texts_are_found_by_how_they_end(session: TenantSession) -> None:
    firm = make_company(session, name="Rheinbogen Logistik AG", city="Bad_Öl 100%")
    make_company(session, name="Agrar AGENTUR", city="Badööl 1000")
    jane = make_contact(session, first_name="Jane", last_name="Roe", email="Jane@Quill.example")
    make_contact(session, first_name="Joe", last_name="Doe", email="jane@quill.example.test")
    assert listed(session, "company", name__ends="ag") == listed(session, "company", name__ends=" AG ") == [firm]
    assert listed(session, "company", name__ends="Logistik") == []  # as written, whatever is folded away
    assert (
        listed(session, "company", city__ends="öl 100%") == listed(session, "company", city__ends="ÖL 100%") == [firm]
    )
    assert listed(session, "company", city__ends="_Öl 100%") == [firm]
    assert listed(session, "contact", email__ends="@quill.EXAMPLE") == [jane]
    assert listed(session, "contact", name__ends="roe") == [jane]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_how_a_name_begins_is_found_by_its_index(session: TenantSession) -> None:
    names = [f"{letter}{n}" for letter in "abck" for n in range(2000)]
    many = [{"workspace_id": session.workspace_id, "name": name, "name_key": name} for name in names]
    session.execute(insert(Company), many)
    session.commit()
    session.execute(text("ANALYZE company"))
    field = catalog(session)["company"].fields["name"]
    found = condition(field, "begins", ["K1999"], Viewpoint.of(session))
    asked = select(Company.id).where(Company.workspace_id == session.workspace_id, found)
    literal = str(asked.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
    plan = str(session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {literal}").all())
    assert "ix_company_name" in plan


def test_contacts_by_address_and_number(session: TenantSession) -> None:
    jane = make_contact(session, email="Jane@Roe.example", phone="+49 30 1234567")
    bare = make_contact(session)
    assert listed(session, "contact", email="JANE@roe.example") == [jane]
    assert listed(session, "contact", email__contains="roe.ex") == [jane]
    assert listed(session, "contact", phone="+49301234567") == [jane]
    assert listed(session, "contact", email__is="null") == [bare]
    assert listed(session, "contact", email__is="set") == [jane]
    assert listed(session, "contact", name__contains="jane roe")


def test_enums_and_references(session: TenantSession, alice: User) -> None:
    firm = make_company(session, name="Roe Ltd")
    customer = make_contact(session, lifecycle=Lifecycle.CUSTOMER, company_id=firm.id, owner_id=alice.id)
    lead = make_contact(session)
    assert listed(session, "contact", lifecycle="customer") == [customer]
    assert set(listed(session, "contact", lifecycle__in="lead, customer")) == {customer, lead}
    assert listed(session, "contact", company_id=str(firm.id)) == [customer]
    assert listed(session, "contact", company="Roe Ltd") == [customer]
    assert listed(session, "contact", company__contains="roe") == [customer]
    assert listed(session, "contact", owner="Alice Archer") == [customer]
    assert listed(session, "contact", owner_id__is="null") == [lead]


def test_deals_by_stage_money_and_everybody_in_them(session: TenantSession) -> None:
    stages = make_pipeline(session).stages
    jane = make_contact(session)
    small = make_deal(session, stage=stages[0], amount_minor=99_999, currency="EUR", contact_id=jane.id)
    yen = make_deal(session, stage=stages[1], amount_minor=5_000, currency="JPY", probability=90)
    won = make_deal(session, stage=stages[2], amount_minor=1_250_050, currency="EUR")
    none = make_deal(session, stage=stages[3])
    won.contacts = [_deal_contact(won, jane.id)]
    session.commit()
    assert set(listed(session, "deal", amount__gte="1000")) == {yen, won}
    assert listed(session, "deal", amount="12500.50") == [won]
    assert listed(session, "deal", amount__lte="999.99") == [small]
    assert listed(session, "deal", amount__is="null") == [none]
    assert listed(session, "deal", sort="-amount") == [won, yen, small, none]
    assert set(listed(session, "deal", stage_type="open")) == {small, yen}
    assert listed(session, "deal", stage="Proposal") == [yen]
    assert listed(session, "deal", sort="stage") == [small, yen, won, none]
    assert set(listed(session, "deal", probability__gte="50")) == {yen, won}
    assert set(listed(session, "deal", contact_id=str(jane.id))) == {small, won}
    assert set(listed(session, "deal", contact_id__is="null")) == {yen, none}


def _deal_contact(deal: Deal, contact_id: int) -> Any:
    from shared.models import DealContact

    return DealContact(workspace_id=deal.workspace_id, contact_id=contact_id)


def test_tasks_notes_and_meetings_by_the_records_they_hang_on(session: TenantSession, bob: User) -> None:
    firm, jane = make_company(session), make_contact(session)
    meeting = make_meeting(session)
    task, note = make_task(session, meeting_id=meeting.id), make_note(session)
    loose = make_task(session)
    make_link(session, task, firm)
    make_link(session, note, firm)
    make_link(session, loose, meeting)
    make_attendee(session, meeting, contact_id=jane.id)
    make_attendee(session, meeting, user_id=bob.id)
    assert listed(session, "task", company_id=str(firm.id)) == [task]
    assert listed(session, "task", company_id__is="null") == [loose]
    assert set(listed(session, "task", meeting_id=str(meeting.id))) == {task, loose}
    assert listed(session, "note", company_id=str(firm.id)) == [note]
    assert listed(session, "note", contact_id=str(firm.id)) == []
    assert listed(session, "meeting", contact_id=str(jane.id)) == [meeting]
    assert listed(session, "meeting", user_id=str(bob.id)) == [meeting]


def test_booleans(session: TenantSession, alice: User) -> None:
    gone = make_user(session, is_active=False)
    assert listed(session, "user", is_active="false") == [gone]
    assert alice in listed(session, "user", is_active="1")


def test_dates_are_days_where_the_workspace_is(session: TenantSession, acme: Workspace) -> None:
    acme.timezone = "America/Los_Angeles"
    session.commit()
    clock.configure(datetime(2026, 11, 20, 2, 0, tzinfo=UTC))  # still the 19th over there
    late = make_meeting(session, occurred_at=datetime(2026, 11, 20, 7, 30, tzinfo=UTC))
    early = make_meeting(session, occurred_at=datetime(2026, 11, 20, 8, 30, tzinfo=UTC))
    assert listed(session, "meeting", occurred_at="2026-11-19") == [late]
    assert listed(session, "meeting", occurred_at="today") == [late]
    assert listed(session, "meeting", occurred_at="tomorrow") == [early]
    assert listed(session, "meeting", occurred_at__gte="2026-11-20") == [early]
    assert listed(session, "meeting", occurred_at__lte="2026-11-19") == [late]
    assert listed(session, "meeting", occurred_at__gte="2026-11-20T08:30:00Z") == [early]
    assert listed(session, "meeting", occurred_at__gte="2026-11-20T09:30:00 01:00") == [early]  # an unescaped plus
    assert listed(session, "meeting", occurred_at__lte="2026-11-19T23:45") == [late]
    assert set(listed(session, "meeting", occurred_at__in="today,tomorrow")) == {late, early}


def test_overdue_is_only_what_still_has_to_be_done(session: TenantSession) -> None:
    clock.configure(datetime(2026, 11, 20, 12, 0, tzinfo=UTC))
    stages = make_pipeline(session).stages
    late = make_task(session, due_date=date(2026, 11, 19))
    make_task(session, due_date=date(2026, 11, 20))
    make_task(session, due_date=date(2026, 11, 1), status=TaskStatus.DONE)
    make_task(session)
    slipping = make_deal(session, stage=stages[0], expected_close=date(2026, 11, 1))
    make_deal(session, stage=stages[2], expected_close=date(2026, 11, 1))
    assert stages[2].type is StageType.WON
    assert listed(session, "task", due_date="overdue") == [late]
    assert listed(session, "deal", expected_close="overdue") == [slipping]


@pytest.mark.parametrize(
    ("type", "name", "value"),
    [
        ("company", "nonsense", "1"), ("company", "name[gte]", "a"), ("company", "name[", "a"),
        ("company", "owner_id", "x"), ("company", "owner_id", "-1"), ("company", "owner_id", "9" * 30),
        ("company", "employees", "many"), ("company", "employees", "nan"), ("company", "employees", "inf"),
        ("company", "employees", "1e30"), ("company", "employees", "٣" * 400), ("company", "city", "a\0b"),
        ("company", "city", "\ud800"), ("company", "city", "x" * 501), ("company", "city[is]", "maybe"),
        ("company", "created_at", "soon"), ("company", "created_at", "0001-01-01"),
        ("company", "created_at[gte]", "9999-12-31T23:59:59Z"), ("company", "created_at", "2026-02-30"),
        ("company", "limit", "0"), ("company", "limit", "201"), ("company", "limit", "-5"),
        ("company", "limit", "ten"), ("company", "limit", "²"), ("company", "sort", "nonsense"),
        ("company", "sort", "phone"), ("company", "sort", "--name"), ("company", "total", "yes"),
        ("company", "q", "x" * 501), ("contact", "lifecycle", "king"), ("deal", "amount[gte]", "lots"),
        ("deal", "workspace_id", "1"), ("deal", "stage_type", "ajar"), ("task", "due_date", "someday"),
        ("user", "is_active", "perhaps"), ("user", "password_hash", "x"), ("user", "password_hash[contains]", "x"),
        ("company", "city[in]", ",".join("a" * 201)),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_named(session: TenantSession, type: str, name: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        query.run(session, query.parse(type, {name: [value]}))
    assert [error.path for error in refused.value.errors] == [name]


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        query.parse("company", {"limit": ["0"], "foo": ["1"], "owner_id": ["1", "2"]})
    assert {error.path for error in refused.value.errors} == {"limit", "foo", "owner_id"}


def test_empty_values_ask_nothing(session: TenantSession) -> None:
    firm = make_company(session)
    assert listed(session, "company", city="", q="", sort="", limit="", cursor="") == [firm]


def test_a_query_survives_its_address() -> None:
    args = {"status": ["open"], "due_date[lte]": ["this_week"], "assignee_id[in]": ["1", "2"], "q": ["offer"],
            "sort": ["-due_date"], "limit": ["20"], "total": ["1"], "deleted": ["1"]}  # fmt: skip
    asked = query.parse("task", args)
    assert query.parse("task", {name: [value] for name, value in asked.args().items()}) == asked
    narrowed = asked.with_filter("status", "done").with_filter("assignee_id", [3], "in")
    assert narrowed.args()["status"] == "done"
    assert narrowed.args()["assignee_id[in]"] == "3"


def test_a_callers_own_parameters_are_left_to_it() -> None:
    assert query.parse("deal", {"view": ["board"]}, ignore={"view"}) == query.ListQuery("deal")


# ------------------------------------------------------------------------------------------- search, bin and tenants


def test_q_finds_by_words_within_the_list(session: TenantSession) -> None:
    jane, john = make_contact(session, first_name="Jane"), make_contact(session, first_name="John")
    for contact in (jane, john):
        search.index(session, "contact", contact.id, contact.name, "Purchasing, Müller GmbH")
    search.index(session, "company", jane.id, "Muller", "")
    session.commit()
    assert set(listed(session, "contact", q="muller purch")) == {jane, john}
    assert listed(session, "contact", q="muller jane") == [jane]
    assert listed(session, "contact", q="nobody") == []
    assert set(listed(session, "contact", q="???")) == {jane, john}
    assert page(session, "contact", q="muller", total="1", limit="1").total == 2


def test_q_finds_users_and_pipelines_that_are_not_indexed(session: TenantSession, alice: User) -> None:
    sales = make_pipeline(session, name="Sales 100%")
    assert listed(session, "user", q="ALICE") == [alice]
    assert listed(session, "user", q="alice@acme") == [alice]
    assert listed(session, "pipeline", q="100%") == [sales]


def test_the_bin_holds_what_was_deleted_and_lists_do_not(session: TenantSession) -> None:
    kept, gone = make_company(session, name="Kept"), make_company(session, name="Gone", deleted_at=clock.now())
    assert listed(session, "company") == [kept]
    assert listed(session, "company", deleted="1") == [gone]
    assert listed(session, "company", deleted="1", q="gon") == [gone]
    assert listed(session, "company", deleted="1", q="kept") == []


@pytest.mark.parametrize("type", query.ENTITIES)
def test_mallory_sees_nothing_of_acmes(
    session: TenantSession, mallory_session: TenantSession, mallory: User, type: str
) -> None:
    firm = make_company(session)
    deal = make_deal(session, company_id=firm.id)
    make_role(session, deal, make_contact(session, company_id=firm.id))
    make_move(session, deal)
    make_task(session)
    make_note(session)
    make_insight(session, make_meeting(session, deal_id=deal.id), status=InsightStatus.ACCEPTED)
    make_tag(session)
    assert listed(session, type)
    session.commit()
    theirs = page(mallory_session, type, total="1")
    assert theirs.items == ([mallory] if type == "user" else [])
    assert theirs.total == len(theirs.items)


@pytest.mark.parametrize("sort", ["company", "-company"])
def test_a_long_list_follows_the_companies_index_to_the_same_order(
    session: TenantSession, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Namesakes among companies, contacts of none and of a deleted one included, page by page."""
    companies = [make_company(session, name=name) for name in ("Borealis", "Acme", "Acme", "Gone")]
    companies[-1].deleted_at = clock.now()
    for i in range(11):
        make_contact(session, company_id=None if i % 5 == 4 else companies[i % 5].id)
    session.flush()
    looked_up = [row.id for row in walk(session, "contact", sort=sort, limit="2")]

    monkeypatch.setattr(compiler, "FEW", 0)
    followed = [row.id for row in walk(session, "contact", sort=sort, limit="2")]

    assert len(followed) == 11
    assert followed == looked_up


@pytest.mark.parametrize("sort", ["name", "-name", "-updated_at", "source", "-source"])
def test_a_narrow_list_is_found_and_counted_at_once_in_the_same_order(
    session: TenantSession, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows without a source come last in both directions; what the filter leaves out is not counted."""
    for i in range(9):
        source = None if i % 4 == 3 else f"Fair {i % 3}"
        make_contact(session, last_name=f"N{i % 2}", source=source, lifecycle="lead" if i else "partner")
    session.flush()
    first = page(session, "contact", sort=sort, lifecycle="lead", limit="5", total="1")
    walked = [row.id for row in walk(session, "contact", sort=sort, lifecycle="lead", limit="5")]

    monkeypatch.setattr(compiler, "FEW", 0)
    counted = page(session, "contact", sort=sort, lifecycle="lead", limit="5", total="1")

    assert (first.total, first.next_cursor) == (counted.total, counted.next_cursor)
    assert [row.id for row in first.items] == [row.id for row in counted.items]
    assert len(walked) == first.total == 8


@pytest.mark.parametrize("sort", ["name", "-updated_at"])
def test_many_rows_with_the_words_are_walked_in_the_same_order(
    session: TenantSession, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those without the words, and one that is deleted but still found, are neither shown nor counted."""
    for i in range(9):
        contact = make_contact(session, first_name="Berta" if i % 4 else "Cleo", last_name=f"N{i % 3}")
        search.index(session, "contact", contact.id, contact.name, "")
        contact.deleted_at = clock.now() if i == 1 else None
    session.flush()
    first = page(session, "contact", sort=sort, q="bert", limit="3", total="1")

    monkeypatch.setattr(compiler, "FEW", 0)
    walked = page(session, "contact", sort=sort, q="bert", limit="3", total="1")

    assert (walked.total, walked.next_cursor) == (first.total, first.next_cursor)
    assert [row.id for row in walked.items] == [row.id for row in first.items]
    assert walked.total == 5


@pytest.mark.parametrize("sort", ["name", "-updated_at", "source"])
@pytest.mark.parametrize("total", ["", "1"])
def test_many_rows_with_a_value_beside_them_are_walked_in_the_same_order(
    session: TenantSession, sort: str, total: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(9):
        address = f"N{i}@{'QUILL' if i % 4 else 'acme'}.example"
        make_contact(session, last_name=f"N{i % 3}", source=None if i % 3 else "Fair", email=address)
    session.flush()
    asked = {"email__contains": "@Quill", "sort": sort, "total": total}
    looked_up = [row.id for row in walk(session, "contact", **asked, limit="2")]

    monkeypatch.setattr(compiler, "FEW", 0)
    walked = [row.id for row in walk(session, "contact", **asked, limit="2")]

    assert walked == looked_up and len(walked) == 6
    assert page(session, "contact", **asked, limit="2").total == (6 if total else None)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_first_of_many_rows_with_a_value_beside_them_are_met_in_order(
    session: TenantSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each of a hundred thousand contacts with an “a” in their address would be fetched to be sorted."""
    contact = make_contact(session, email="jane@quill.example")
    address = contact.emails[0]
    for row in (contact, address):
        columns = [column.name for column in row.__table__.columns if column.name != "id"]
        values = {name: getattr(row, name) for name in columns}
        session.execute(insert(type(row)), [values | {"id": n} for n in range(row.id + 1, row.id + 3000)])
    session.execute(text("UPDATE contact_email SET contact_id = id"))
    session.commit()
    session.execute(text("ANALYZE"))
    monkeypatch.setattr(compiler, "FEW", 0)
    with statements.sent(session.get_bind().engine) as sent:
        page(session, "contact", email__contains="quill", sort="-updated_at", limit="2")
    statement = next(said for said in sent if "ORDER BY contact.updated_at" in said)
    given = (session.workspace_id, "quill", session.workspace_id, session.workspace_id, 3, 0)
    plan = str(session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all())
    assert "ix_contact_recent" in plan
    assert "TEMP B-TREE FOR ORDER BY" not in plan


def test_names_from_another_workspace_do_not_leak(
    session: TenantSession, mallory_session: TenantSession, alice: User
) -> None:
    """Even if a row pointed at another tenant's record, its name could be neither read, filtered nor sorted by."""
    secret = make_company(session, name="Secret Plans")
    stray = make_contact(mallory_session, owner_id=alice.id)
    stray.company_id = secret.id
    mallory_session.commit()
    mallory_session.expire_all()
    assert listed(mallory_session, "contact", company__contains="secret") == []
    assert listed(mallory_session, "contact", owner="Alice Archer") == []
    shown = page(mallory_session, "contact", sort="company")
    assert [row.id for row in shown.items] == [stray.id]


@pytest.mark.parametrize("type", ["company", "contact", "deal", "task", "note", "meeting"])
def test_a_page_needs_a_handful_of_statements_however_many_rows(session: TenantSession, alice: User, type: str) -> None:
    for _ in range(12):
        firm = make_company(session, owner_id=alice.id)
        contact = make_contact(session, company_id=firm.id, email=f"c{firm.id}@x.example", owner_id=alice.id)
        deal = make_deal(session, company_id=firm.id, owner_id=alice.id)
        make_task(session, assignee_id=alice.id)
        make_note(session, author_id=alice.id)
        make_attendee(session, make_meeting(session, company_id=firm.id, deal_id=deal.id, owner_id=alice.id))
    assert contact.id
    session.expunge_all()
    with statements.sent(session.get_bind().engine) as sent:
        found = page(session, type)
        for row in found.items:
            _read_what_a_list_shows(row)
    assert len(found.items) == 12
    assert len([s for s in sent if s.startswith("SELECT")]) <= 6, sent


def _read_what_a_list_shows(row: Any) -> None:
    for name in ("name", "title", "email", "phone", "emails", "contacts", "attendees"):
        getattr(row, name, None)
    beside: dict[type[Any], tuple[str, ...]] = {Deal: ("company", "stage"), Meeting: ("company", "deal")}
    for name in beside.get(type(row), ()):
        related = getattr(row, name)
        assert related is None or related.id
