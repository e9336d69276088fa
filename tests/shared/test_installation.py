"""What an admin chose for the installation goes before the environment, in every workspace, until it is taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from shared import installation
from shared.config import Settings
from shared.database import Database
from shared.errors import Invalid
from shared.events import Actor
from shared.models import Event, InstallationSetting
from shared.tenancy import TenantSession
from tests.conftest import Cast


def test_a_choice_goes_before_the_environment_and_back(
    database: Database, session: TenantSession, settings: Settings, cast: Cast
) -> None:
    by = Actor("user", cast.alice)
    settings = settings.model_copy(update={"chat_model": "from-the-environment"})
    assert installation.effective(settings, database) is settings
    installation.choose(session, "chat_model", " qwen3:8b ", by=by)
    installation.choose(session, "chat_model", "qwen3:14b", by=by)
    installation.choose(session, "chat_model", "qwen3:14b", by=by)  # no change, no event
    session.commit()
    now = installation.effective(settings, database)
    assert (now.chat_model, now.extraction_model) == ("qwen3:14b", settings.extraction_model)
    assert now.effective_secret_key == settings.effective_secret_key
    installation.choose(session, "chat_model", None, by=by)
    session.commit()
    assert installation.effective(settings, database).chat_model == "from-the-environment"
    events = session.scalars(select(Event).where(Event.kind == "installation.model_chosen").order_by(Event.id))
    assert [event.data["chat_model"] for event in events] == [
        [None, "qwen3:8b"], ["qwen3:8b", "qwen3:14b"], ["qwen3:14b", None],
    ]  # fmt: skip


def test_what_is_no_model_here_cannot_be_chosen(session: TenantSession, cast: Cast) -> None:
    for name in ("", "a b", "gpt-oss:120b-cloud", "evil.example/a/b"):
        with pytest.raises(Invalid):
            installation.choose(session, "extraction_model", name, by=Actor("user", cast.alice))
    assert session.scalars(select(InstallationSetting)).all() == []


def test_a_row_nobody_knows_changes_nothing(database: Database, session: TenantSession, settings: Settings) -> None:
    session.add(InstallationSetting(name="secret_key", value="guessed"))
    session.commit()
    assert installation.effective(settings, database) is settings
