"""A tenant never sees or changes another's rows, whoever wrote the query."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.orm import aliased, joinedload, selectinload

from shared.database import Database
from shared.models import Company, Contact, ContactEmail, Deal, Note, User, Workspace
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from tests.conftest import Cast
from tests.factories import make_company, make_contact, make_deal, make_note


@pytest.fixture
def secret(session: TenantSession) -> Company:
    """A company of acme's."""
    return make_company(session, name="Secret Ltd")


def test_a_select_finds_only_ones_own(session: TenantSession, mallory_session: TenantSession, secret: Company) -> None:
    own = make_company(mallory_session)
    assert list(mallory_session.scalars(select(Company))) == [own]
    assert mallory_session.scalar(select(func.count()).select_from(Company)) == 1
    assert mallory_session.scalars(select(Company.name)).all() == [own.name]
    mallory_session.commit()
    assert list(session.scalars(select(Company))) == [secret]


def test_get_does_not_find_anothers_row(mallory_session: TenantSession, secret: Company) -> None:
    assert mallory_session.get(Company, secret.id) is None


def test_refreshing_does_not_reach_across(mallory_session: TenantSession, secret: Company) -> None:
    own = make_company(mallory_session)
    mallory_session.expire_all()
    assert mallory_session.get(Company, own.id) is own
    assert own.name


def test_joins_aliases_and_subqueries_are_filtered(mallory_session: TenantSession, secret: Company) -> None:
    stray = make_contact(mallory_session)
    stray.company_id = secret.id  # should not be possible through the verbs
    mallory_session.commit()
    other = aliased(Company)
    joined = select(Contact).join(Company, Company.id == Contact.company_id)
    with_alias = select(Contact).join(other, other.id == Contact.company_id)
    inside = select(Contact).where(Contact.company_id.in_(select(Company.id)))
    scalar = select(select(Company.name).where(Company.id == secret.id).scalar_subquery())
    there = select(Contact).where(exists().where(Company.id == Contact.company_id))
    assert mallory_session.scalars(joined).all() == []
    assert mallory_session.scalars(with_alias).all() == []
    assert mallory_session.scalars(inside).all() == []
    assert mallory_session.scalar(scalar) is None
    assert mallory_session.scalars(there).all() == []


def test_eager_loads_are_filtered(mallory_session: TenantSession, secret: Company) -> None:
    stray = make_contact(mallory_session)
    stray.company_id = secret.id
    mallory_session.commit()
    for way in (joinedload, selectinload):
        mallory_session.expunge_all()
        found = mallory_session.scalars(select(Contact).options(way(Contact.company))).one()
        assert found.company is None


def test_relations_load_only_ones_own(session: TenantSession, mallory_session: TenantSession) -> None:
    contact = make_contact(mallory_session, email="own@globex.example")
    with mallory_session.bind.begin() as connection:  # type: ignore[union-attr]
        connection.execute(
            insert(ContactEmail.__table__).values(
                contact_id=contact.id, email="foreign@acme.example", email_key="foreign@acme.example",
                is_primary=False, position=1, workspace_id=session.workspace_id,
            )
        )  # fmt: skip
    mallory_session.expunge_all()
    assert [e.email for e in mallory_session.get_one(Contact, contact.id).emails] == ["own@globex.example"]


def test_bulk_update_and_delete_stay_at_home(
    session: TenantSession, mallory_session: TenantSession, secret: Company
) -> None:
    own = make_company(mallory_session)
    mallory_session.execute(update(Company).values(name="Mine now"))
    mallory_session.execute(delete(Company).where(Company.id == secret.id))
    mallory_session.commit()
    session.expire_all()
    assert session.get_one(Company, secret.id).name == "Secret Ltd"
    assert mallory_session.get_one(Company, own.id).name == "Mine now"


def test_a_bulk_update_by_key_cannot_reach_anothers_row(session: TenantSession, mallory_session: TenantSession) -> None:
    email = make_contact(session, email="jane@roe.example").emails[0]
    with pytest.raises(RuntimeError):
        mallory_session.execute(update(ContactEmail), [{"id": email.id, "email": "mallory@globex.example"}])


def test_new_rows_are_stamped(session: TenantSession, cast: Cast) -> None:
    contact = make_contact(session, email="a@b.example")
    assert contact.workspace_id == contact.emails[0].workspace_id == cast.acme


def test_bulk_inserts_are_stamped(session: TenantSession, cast: Cast) -> None:
    session.execute(insert(Note), [{"body": "one", "custom": {}}, {"body": "two", "custom": {}}])
    session.commit()
    assert [note.workspace_id for note in session.scalars(select(Note))] == [cast.acme] * 2


def test_bulk_inserts_into_another_workspace_are_refused(mallory_session: TenantSession, cast: Cast) -> None:
    with pytest.raises(RuntimeError):
        mallory_session.execute(insert(Note), [{"body": "x", "custom": {}, "workspace_id": cast.acme}])


def test_a_bulk_insert_whose_rows_cannot_be_seen_is_refused(session: TenantSession) -> None:
    with pytest.raises(RuntimeError):
        session.execute(insert(Note).values(body="x", custom={}))


def test_a_row_for_another_workspace_cannot_be_flushed(mallory_session: TenantSession, cast: Cast) -> None:
    mallory_session.add(Note(body="x", custom={}, workspace_id=cast.acme))
    with pytest.raises(RuntimeError):
        mallory_session.flush()


def test_a_row_cannot_be_moved_to_another_workspace(mallory_session: TenantSession, cast: Cast) -> None:
    note = make_note(mallory_session)
    note.workspace_id = cast.acme
    with pytest.raises(RuntimeError):
        mallory_session.flush()


def test_a_row_of_another_workspace_cannot_be_changed_or_deleted(
    session: TenantSession, mallory_session: TenantSession, secret: Company
) -> None:
    session.expunge(secret)
    mallory_session.add(secret)
    secret.name = "Mine now"
    with pytest.raises(RuntimeError):
        mallory_session.flush()
    mallory_session.rollback()
    mallory_session.expunge_all()
    mallory_session.add(secret)
    mallory_session.delete(secret)
    with pytest.raises(RuntimeError):
        mallory_session.flush()


def test_merging_a_copy_of_anothers_row_is_refused(
    session: TenantSession, mallory_session: TenantSession, secret: Company
) -> None:
    session.expunge(secret)
    with pytest.raises(RuntimeError):
        mallory_session.merge(secret)
        mallory_session.flush()


def test_a_session_of_every_workspace_sees_all_and_says_so(
    database: Database, session: TenantSession, mallory_session: TenantSession, secret: Company
) -> None:
    make_company(mallory_session)
    mallory_session.commit()
    with database.session(EVERY_WORKSPACE) as everyone:
        assert len(everyone.scalars(select(Company)).all()) == 2
        with pytest.raises(RuntimeError):
            _ = everyone.workspace_id


def test_entering_a_workspace_narrows_and_cannot_be_changed(database: Database, cast: Cast, secret: Company) -> None:
    with database.session(EVERY_WORKSPACE) as caller:
        assert caller.scalar(select(User).where(User.email == "mallory@globex.example"))
        caller.enter(cast.globex)
        assert caller.scalars(select(Company)).all() == []
        with pytest.raises(RuntimeError):
            caller.enter(cast.acme)


def test_a_session_is_made_for_somebody(database: Database) -> None:
    with pytest.raises(TypeError):
        TenantSession(bind=database.engine)  # type: ignore[call-arg]


def test_rows_that_belong_to_nobody_are_seen_by_all(mallory_session: TenantSession, cast: Cast) -> None:
    assert mallory_session.get(Workspace, cast.globex)


def test_a_read_only_session_writes_nothing(database: Database, cast: Cast, secret: Company) -> None:
    with database.session(cast.acme, read_only=True) as reader:
        found = reader.get_one(Company, secret.id)
        found.name = "Changed"
        with pytest.raises(RuntimeError):
            reader.flush()
        reader.rollback()
        reader.add(Note(body="x", custom={}))
        with pytest.raises(RuntimeError):
            reader.flush()
        reader.rollback()
        reader.delete(reader.get_one(Company, secret.id))
        with pytest.raises(RuntimeError):
            reader.flush()


@pytest.mark.parametrize("statement", [update(Company).values(name="x"), delete(Company)])
def test_a_read_only_session_refuses_bulk_writes(
    database: Database, session: TenantSession, cast: Cast, secret: Company, statement: object
) -> None:
    with database.session(cast.acme, read_only=True) as reader, pytest.raises(Exception, match=r"read.only"):
        reader.execute(statement)  # type: ignore[call-overload]
    assert session.get_one(Company, secret.id).name == "Secret Ltd"


def test_stale_rows_of_ones_own_are_noticed(database: Database, session: TenantSession, cast: Cast) -> None:
    deal = make_deal(session)
    with database.scope(cast.acme) as other:
        other.get_one(Deal, deal.id).name = "Renamed elsewhere"
    deal.name = "Renamed here"
    with pytest.raises(Exception, match="expected to update 1 row"):
        session.flush()


def test_a_session_that_cannot_write_looks_a_thing_up_once(database: Database, cast: Cast, secret: Company) -> None:
    asked: list[str] = []

    def find() -> int:
        asked.append("companies")
        return session.scalar(select(func.count()).select_from(Company)) or 0

    with database.session(cast.acme, read_only=True) as session:
        session.scalar(select(Company.id))  # a transaction is under way
        assert [session.once("companies", find), session.once("companies", find)] == [find(), find()]
        assert len(asked) == 3
        session.rollback()
        session.scalar(select(Company.id))
        session.once("companies", find)
        assert len(asked) == 4
    with database.session(cast.acme) as session:
        session.scalar(select(Company.id))
        session.once("companies", find)
        session.once("companies", find)
        assert len(asked) == 6
