"""The command line: what it prints for programs, and what it says when something is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from crm import create_app
from shared.accounts import links, logins, proofs, tokens
from shared.config import Settings
from shared.database import Database
from shared.models import User
from shared.tenancy import EVERY_WORKSPACE

ROOT = Path(__file__).resolve().parents[2]
NEW_USER = ["create-user", "--email", "Zoe@acme.example", "--password", "zoe's own password"]


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(app.cli, list(arguments))


def test_a_workspace_a_user_and_a_token(app: Flask, database: Database) -> None:
    made = run(app, "create-workspace", "--name", "Initech")
    assert made.exit_code == 0
    workspace_id = int(made.stdout)
    assert run(app, *NEW_USER, "--role", "admin").stdout == "zoe@acme.example\n"
    secret = run(app, "create-token", "--email", "ZOE@acme.example").stdout.strip()
    assert secret.startswith("aw_")
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        proof = tokens.find(session, secret)
        assert proof is not None
        caller = proofs.enter(session, proof)
    assert caller is not None
    assert (caller[0].workspace_id, caller[0].role, caller[0].name) == (workspace_id, "admin", "zoe")
    logins.sign_in(database, "zoe@acme.example", "zoe's own password", None)


def test_an_only_admin_who_forgot_the_password_gets_a_link(app: Flask, database: Database) -> None:
    run(app, "create-workspace", "--name", "Initech")
    run(app, *NEW_USER, "--role", "admin")
    link = run(app, "password-link", "--email", "ZOE@acme.example").stdout.strip()
    token = link.removeprefix("http://127.0.0.1:5000/password/")
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        user = links.find(session, token)
    assert user is not None and user.email == "zoe@acme.example"
    assert app.test_client().get(f"/password/{token}", base_url="http://127.0.0.1:5000").status_code == 200


def test_the_workspace_must_be_said_where_there_are_several(app: Flask, cast: object, database: Database) -> None:
    unsaid = run(app, *NEW_USER)
    assert (unsaid.exit_code, unsaid.stderr) == (
        1,
        "Error: There are several workspaces; say which with --workspace ID.\n",
    )
    assert run(app, *NEW_USER, "--workspace", "2").exit_code == 0
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        zoe = session.scalars(select(User).where(User.email == "zoe@acme.example")).one()
    assert (zoe.workspace_id, zoe.role) == (2, "member")


SOMEBODY = ["create-user", "--email", "z@x.example", "--password", "long enough one"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([*SOMEBODY, "--email", "zoe"], 1, "email: must be an e-mail address"),
        ([*SOMEBODY, "--password", "short", "--workspace", "1"], 1, "8 characters"),
        ([*SOMEBODY, "--workspace", "9"], 1, "no workspace 9"),
        ([*SOMEBODY, "--email", "alice@acme.example", "--workspace", "2"], 1, "already a user"),
        ([*SOMEBODY, "--role", "emperor"], 2, "emperor"),
        (["create-token", "--email", "nobody@acme.example"], 1, "no active user"),
        (["password-link", "--email", "nobody@acme.example"], 1, "no active user"),
        (["create-workspace", "--name", "  "], 1, "must not be empty"),
        (["restore", "no-such-file"], 2, "does not exist"),
        (["backup", "no/such/folder/file"], 1, "cannot be written"),
    ],
)
def test_a_mistake_is_one_line_and_no_trace(
    app: Flask, cast: object, arguments: list[str], code: int, said: str
) -> None:
    result = run(app, *arguments)
    assert result.exit_code == code
    assert said.casefold() in result.stderr.casefold()
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_a_database_without_a_schema_is_said(settings: Settings) -> None:
    app = create_app(settings)
    result = run(app, "create-workspace", "--name", "X")
    assert result.exit_code == 1
    assert "flask --app main prepare" in result.stderr


def prepared(app: Flask) -> tuple[int, dict[str, object]]:
    result = run(app, "prepare")
    return result.exit_code, json.loads(result.stdout.splitlines()[-1])


def test_prepare_migrates_and_tells_the_launcher(settings: Settings) -> None:
    app = create_app(settings)
    database_line = f"SQLite file {settings.data_dir / 'afterword.db'}"
    for _ in range(2):
        assert prepared(app) == (0, {"demo_login": None, "database": database_line, "first_run": True})
    run(app, "create-workspace", "--name", "Initech")
    run(app, *NEW_USER)
    assert prepared(app)[1]["first_run"] is False


@pytest.mark.slow
def test_the_first_start_loads_the_demonstration_and_tells_its_login(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"demo": True}))
    code, answer = prepared(app)
    assert (code, answer["first_run"]) == (0, True)
    email, password = str(answer["demo_login"]).split(" / ")
    again = prepared(app)[1]
    assert (again["first_run"], again["demo_login"]) == (False, answer["demo_login"])
    database: Database = app.extensions["database"]
    user, _ = logins.sign_in(database, email, password, None)
    assert user.is_demo
    assert run(app, "seed-demo").stderr == "Error: The demonstration data is there already.\n"
    assert app.test_client().get("/login").status_code == 200


@pytest.mark.parametrize("name", ["crm_host", "chatbot_host"])
def test_the_demo_is_never_opened_to_the_network(settings: Settings, name: str) -> None:
    app = create_app(settings.model_copy(update={"demo": True, name: "0.0.0.0"}))
    code, answer = prepared(app)
    assert code == 1
    assert name.upper() in str(answer["error"])


def test_an_active_demo_user_keeps_the_network_out_until_deactivated(
    settings: Settings, database: Database, cast: object
) -> None:
    app = create_app(settings.model_copy(update={"crm_host": "192.0.2.1"}))
    assert prepared(app)[0] == 0
    for active, code in ((True, 1), (False, 0)):
        with database.scope(EVERY_WORKSPACE) as session:
            alice = session.scalars(select(User).where(User.email == "alice@acme.example")).one()
            alice.is_demo, alice.is_active = True, active
        assert prepared(app)[0] == code


def test_doctor_says_the_mode_in_words(app: Flask, cast: object) -> None:
    said = run(app, "doctor")
    assert said.exit_code == 0
    assert "Meetings are read by the built-in analyzer." in said.stdout


def test_the_whole_command_line_lists_both_services_and_a_wrong_setting_is_one_line(
    process_env: dict[str, str],
) -> None:
    flask = [sys.executable, "-m", "flask", "--app", "main"]
    listed = subprocess.run([*flask, "--help"], cwd=ROOT, env=process_env, capture_output=True, text=True, check=True)
    for command in ("analyze", "backup", "create-token", "db", "doctor", "prepare"):
        assert f"\n  {command} " in listed.stdout
    wrong = subprocess.run(
        [*flask, "doctor"], cwd=ROOT, env={**process_env, "CRM_PORT": "99999"}, capture_output=True, text=True
    )
    assert wrong.returncode == 1
    assert "CRM_PORT" in wrong.stderr
    assert "Traceback" not in wrong.stderr
