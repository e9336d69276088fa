"""The thread that keeps a lease alive outlives a database that is away for a moment."""

from __future__ import annotations

import time

import pytest
from sqlalchemy.exc import OperationalError

from chatbot.extraction import analysis_run
from shared import database
from shared.config import Settings
from shared.database import Database
from shared.events import Actor
from shared.models import Meeting
from shared.records import analysis
from shared.tenancy import TenantSession
from tests import factories
from tests.conftest import Cast


def test_a_lease_is_renewed_again_when_the_database_is_back(
    session: TenantSession, cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = factories.make_meeting(session, lines=[("Jane", "Hello.")])
    analysis.queue(session, meeting, by=Actor("user", cast.alice))
    lease = analysis.claim(session, meeting.id, meeting.run, lease_s=30)
    assert lease is not None
    session.commit()
    first = session.get_one(Meeting, meeting.id, populate_existing=True).lease_until
    session.commit()
    here, away = database.current(), Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(OperationalError), away.scope(cast.acme) as nobody:
        nobody.get(Meeting, meeting.id)
    run = analysis_run._Run(settings.model_copy(update={"lease_s": 0.3}), cast.acme, lease)
    with run.renewing():
        monkeypatch.setattr(database, "_current", away)
        time.sleep(0.4)
        monkeypatch.setattr(database, "_current", here)
        time.sleep(0.6)
    assert session.get_one(Meeting, meeting.id, populate_existing=True).lease_until != first
    session.commit()
