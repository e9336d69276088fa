"""Statements that go past the session's own filter must name the workspace themselves."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, select

from shared.models import Company
from shared.search.prepared import rows
from shared.tenancy import TenantSession
from tests.factories import make_company

NAMES = select(Company.name).where(Company.workspace_id == bindparam("workspace"))


def test_rows_are_of_the_sessions_workspace(session: TenantSession, mallory_session: TenantSession) -> None:
    make_company(session, name="Borealis")
    session.commit()
    assert [name for (name,) in rows(session, NAMES)] == ["Borealis"]
    session.commit()
    assert list(rows(mallory_session, NAMES)) == []


def test_what_was_not_written_yet_is_seen(session: TenantSession) -> None:
    company = make_company(session, name="Borealis")
    company.name = "Aurora"
    assert [name for (name,) in rows(session, NAMES)] == ["Aurora"]


def test_a_statement_for_any_workspace_is_refused(session: TenantSession) -> None:
    with pytest.raises(ValueError, match="workspace"):
        rows(session, select(Company.name))
