"""What every answer tells the browser, which hosts are answered, and how failures look."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm.exc import StaleDataError

from crm import create_app, web
from crm.headers import chatbot_origins
from crm.web import public, requires
from shared import migration
from shared.accounts.permissions import Scope
from shared.config import Settings
from shared.database import Database
from shared.errors import Conflict, Invalid, Unavailable
from shared.models import User, Workspace
from shared.tenancy import EVERY_WORKSPACE

from .conftest import Browser

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self' http://localhost:8001 ws://localhost:8001 http://127.0.0.1:8001 ws://127.0.0.1:8001; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@pytest.mark.parametrize("path", ["/login", "/healthz", "/nothing-here", "/settings/profile"])
def test_every_answer_carries_the_headers(stranger: Browser, cast: object, path: str) -> None:
    headers = stranger.get(path).headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Request-ID"]


def test_built_files_are_kept_for_ever(app: Flask, stranger: Browser, cast: object) -> None:
    page = stranger.get("/login").text
    path = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    with stranger.get(path, headers={"Accept-Encoding": "br"}) as answer:
        assert len(answer.data) > 1000
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "br"


def test_the_policy_names_the_public_chatbot(settings: Settings) -> None:
    public_one = settings.model_copy(update={"chatbot_public_url": "https://chat.example/x"})
    assert chatbot_origins(public_one) == ["https://chat.example", "wss://chat.example"]


def test_a_request_id_is_taken_over_only_when_harmless(stranger: Browser, cast: object) -> None:
    assert stranger.get("/login", headers={"X-Request-ID": "abc-12345678"}).headers["X-Request-ID"] == "abc-12345678"
    assert stranger.get("/login", headers={"X-Request-ID": "<script>1"}).headers["X-Request-ID"] != "<script>1"


@pytest.mark.parametrize("host", ["localhost:5000", "127.0.0.1:5000", "[::1]:5000", "LOCALHOST"])
def test_this_machines_names_are_answered(stranger: Browser, cast: object, host: str) -> None:
    assert stranger.get("/login", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "192.0.2.1", "evil.example:5000"])
def test_other_hosts_are_refused_but_for_health(stranger: Browser, cast: object, host: str) -> None:
    answer = stranger.get("/login", headers={"Host": host})
    assert answer.status_code == 400
    assert "CRM_PUBLIC_URL" in answer.text
    assert stranger.get("/healthz", headers={"Host": host}).status_code == 200


def test_the_public_name_is_answered_and_an_open_server_answers_to_addresses(
    settings: Settings, database: Database, cast: object
) -> None:
    named = create_app(settings.model_copy(update={"crm_public_url": "https://crm.example"})).test_client()
    assert named.get("/login", headers={"Host": "crm.example"}).status_code == 200
    opened = create_app(settings.model_copy(update={"crm_host": "0.0.0.0"})).test_client()
    assert opened.get("/login", headers={"Host": "192.0.2.1:5000"}).status_code == 200
    assert opened.get("/login", headers={"Host": "evil.example"}).status_code == 400


# --- Failures


@pytest.fixture
def failing(own_app: Flask, browse: Callable[[int], Browser], alice: User) -> Callable[..., Browser]:
    """An app with a page `/fail` that writes a workspace's name, then raises."""

    def build(error: Exception) -> Browser:
        @own_app.route("/fail", methods=["GET", "POST"])
        @own_app.route("/api/v1/fail", endpoint="api.fail")
        @public
        def fail() -> str:
            if web.request.method == "POST":
                web.session().get_one(Workspace, web.current_user.workspace_id).name = "Half-written"
                web.session().flush()
            raise error

        return browse(alice.id)

    return build


BUSY = OperationalError("BEGIN", {}, Exception("database is locked"))
AWAY = OperationalError("SELECT 1", {}, psycopg.OperationalError("connection refused"))


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (Conflict("Taken."), 409, "Taken."),
        (Invalid.field("name", "Too odd."), 422, "Too odd."),
        (Unavailable("Later.", retry_after_s=7), 503, "Later."),
        (StaleDataError("stale"), 409, "Nothing was overwritten"),
        (BUSY, 503, "The database is busy"),
        (AWAY, 503, "The database does not answer"),
        (KeyError("bug"), 500, "Reference"),
    ],
)
def test_each_failure_is_a_page_a_document_or_a_message_and_leaves_nothing_behind(
    failing: Callable[..., Browser], database: Database, error: Exception, status: int, words: str
) -> None:
    browser = failing(error)
    page = browser.post("/fail")
    assert page.status_code == status
    assert words in page.text
    assert page.mimetype == "text/html"
    document = browser.get("/api/v1/fail")
    assert (document.status_code, document.mimetype) == (status, "application/problem+json")
    assert document.json is not None
    assert {"type", "title", "status", "detail", "errors", "request_id"} <= set(document.json)
    assert document.json["request_id"] == document.headers["X-Request-ID"]
    piece = browser.get("/fail", headers={"HX-Request": "true"})
    assert (piece.status_code, piece.mimetype) == (status, "application/problem+json")
    assert ("Retry-After" in page.headers) is (status == 503)
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        assert "Half-written" not in {w.name for w in session.query(Workspace)}


def test_a_schema_of_another_version_is_named_with_the_command_that_helps(
    failing: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = failing(ProgrammingError("SELECT", {}, psycopg.errors.UndefinedColumn("no such column")))
    assert browser.get("/api/v1/fail").status_code == 500
    monkeypatch.setattr(migration, "head_revision", lambda: "of tomorrow")
    answer = browser.get("/api/v1/fail")
    assert answer.status_code == 503
    assert "db upgrade" in answer.text


def test_a_view_that_answers_with_an_error_is_rolled_back_too(
    own_app: Flask, browse: Callable[[int], Browser], alice: User, database: Database
) -> None:
    @own_app.post("/refuse")
    @requires(Scope.RECORDS_READ)
    def refuse() -> tuple[str, int]:
        web.session().get_one(Workspace, web.current_user.workspace_id).name = "Half-written"
        web.session().flush()
        return "no", 422

    assert browse(alice.id).post("/refuse").status_code == 422
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        assert "Half-written" not in {w.name for w in session.query(Workspace)}


def test_a_get_cannot_write(own_app: Flask, browse: Callable[[int], Browser], alice: User) -> None:
    @own_app.get("/sneak")
    @requires(Scope.RECORDS_READ)
    def sneak() -> str:
        web.session().get_one(Workspace, web.current_user.workspace_id).name = "Sneaked"
        web.session().flush()
        return "done"

    assert browse(alice.id).get("/sneak").status_code == 500


def test_missing_pages_wrong_methods_and_great_bodies_are_explained(
    browse: Callable[[int], Browser], alice: User
) -> None:
    browser = browse(alice.id)
    assert browser.get("/nothing").status_code == 404
    wrong = browser.get("/logout")
    assert wrong.status_code == 405
    assert "POST" in wrong.headers["Allow"]
    great = browser.client.post("/settings/tokens", data={"name": "x" * (22 * 1024 * 1024)})
    assert great.status_code == 413
    assert "20 MB" in great.text


def test_where_the_page_itself_cannot_be_drawn_plain_words_are_said(
    app: Flask, stranger: Browser, cast: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_name: str) -> str:
        raise FileNotFoundError("manifest.json")

    monkeypatch.setitem(app.jinja_env.globals, "asset", missing)
    answer = stranger.get("/<b>nothing</b>")
    assert (answer.status_code, answer.mimetype) == (404, "text/plain")
    assert "There is nothing at this address." in answer.text
