"""The CRM on a real database, and browsers that keep cookies and send the page's CSRF token."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from werkzeug.test import TestResponse

from crm import create_app
from crm.pages import LanguageModel
from shared import clock, telemetry
from shared.accounts import logins
from shared.config import Settings
from shared.database import Database
from shared.models import User
from shared.tenancy import EVERY_WORKSPACE
from tests.conftest import Cast


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates are compiled once a test run, not once an app."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session")
def apps() -> dict[str, Flask]:
    """By their settings, but for the places: making one compiles its 180 routes, which takes longer than most tests."""
    return {}


@pytest.fixture
def app(
    settings: Settings,
    database: Database,
    compiled_templates: FileSystemBytecodeCache,
    apps: dict[str, Flask],
    request: pytest.FixtureRequest,
) -> Iterator[Flask]:
    """The whole application, without a chatbot. Tests that change it (add routes) ask for `own_app`."""
    settings = settings.model_copy(update={"chatbot_url": "http://127.0.0.1:1"})
    key = settings.model_dump_json(exclude={"data_dir", "database_url", "redis_url"})
    if key not in apps or "own_app" in request.fixturenames:
        app = create_app(settings)
        app.jinja_env.bytecode_cache = compiled_templates
        if "own_app" not in request.fixturenames:
            apps[key] = app
    else:
        app = apps[key]
        telemetry.configure(settings.log_level, settings.log_format)
        clock.configure(settings.clock)
        app.extensions |= {"settings": settings, "database": database, "language_model": LanguageModel(settings)}
    yield app
    logging.getLogger().handlers.clear()  # they write to what pytest takes away with the test


@pytest.fixture
def own_app(app: Flask) -> Flask:
    """`app`, made for this test alone."""
    return app


@dataclass
class Browser:
    """A person at a browser: cookies, and forms that carry the CSRF token of the page they stand on.

    Whatever page a test looks at, none of our own parts may stand there as text, escaped once more.
    """

    client: FlaskClient
    token: str = field(default="")

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return _drawn(self.client.get(path, **kwargs))

    def post(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        form = {"csrf_token": self.csrf_token(), **(data or {})}
        return _drawn(self.client.post(path, data=form, **kwargs))

    def csrf_token(self) -> str:
        """Of whatever page `/login` leads to."""
        page = self.client.get("/login", follow_redirects=True).text
        found = re.search(r'<meta name="csrf-token" content="([^"]+)"', page)
        assert found, page[:500]
        return found[1]


def _drawn(answer: TestResponse) -> TestResponse:
    if answer.mimetype == "text/html":
        assert "&lt;svg class=" not in answer.text
    return answer


@pytest.fixture
def stranger(app: Flask) -> Browser:
    """Nobody yet."""
    return Browser(app.test_client())


@pytest.fixture
def browse(app: Flask, database: Database) -> Callable[[int], Browser]:
    """`browse(cast.alice)`: a browser in which that user is signed in."""

    def signed_in(user_id: int) -> Browser:
        with database.scope(EVERY_WORKSPACE) as session:
            user = session.get_one(User, user_id)
            session.enter(user.workspace_id)
            token = logins.start(session, user, "127.0.0.1")
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["login"] = token
        return Browser(client)

    return signed_in


@pytest.fixture
def alice_browser(browse: Callable[[int], Browser], cast: Cast) -> Browser:
    return browse(cast.alice)


@pytest.fixture
def bob_browser(browse: Callable[[int], Browser], cast: Cast) -> Browser:
    return browse(cast.bob)


@pytest.fixture
def mallory_browser(browse: Callable[[int], Browser], cast: Cast) -> Browser:
    return browse(cast.mallory)


@pytest.fixture
def browser(alice_browser: Browser) -> Browser:
    """Alice's, where nobody else has one."""
    return alice_browser
