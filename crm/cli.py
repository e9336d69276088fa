"""Commands for the person who runs the machine: `flask --app main COMMAND`.

What another program reads goes to standard output, alone; an error is one line on standard error and exit code 1.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import make_url, select
from sqlalchemy.exc import SQLAlchemyError

from crm.headers import is_loopback
from shared import events, health, migration
from shared.accounts import links, second_factor, tokens, users
from shared.config import Settings
from shared.database import Database
from shared.errors import AppError, Conflict, Invalid, NotFound, Unavailable
from shared.models import Base, Role, User, Workspace
from shared.schemas.accounts import UserInput, WorkspacePatch
from shared.tenancy import EVERY_WORKSPACE, TenantSession

SETUP_FIRST = "The database's schema is not this version's. Run: flask --app main prepare"


class Command(click.Command):
    """A command whose expected failures are one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AppError as error:
            raise click.ClickException(error.detail) from error
        except SQLAlchemyError as error:
            raise click.ClickException(_in_words(error)) from error


def init_app(app: Flask) -> None:
    """Add the commands to `flask --app main`."""
    for command in (
        create_workspace,
        create_user,
        create_token,
        reset_second_factor,
        password_link,
        seed_demo,
        backup,
        restore,
        doctor,
        prepare,
    ):
        app.cli.add_command(command)


def add_migrations(app: Flask) -> None:
    """Add `flask db …`. Apart, because it imports Alembic, which nothing else of the CRM needs."""
    from types import SimpleNamespace

    from flask_migrate import Migrate

    database: Database = app.extensions["database"]
    schema = SimpleNamespace(metadata=Base.metadata, engine=database.engine, get_engine=lambda: database.engine)
    Migrate(app, schema, directory=str(migration.FOLDER), command="db")


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _database(*, as_is: bool = False) -> Database:
    """The database; unless taken `as_is`, one whose schema is current."""
    database: Database = current_app.extensions["database"]
    if not as_is and not migration.is_current(database):
        raise Unavailable(SETUP_FIRST)
    return database


def _in_words(error: SQLAlchemyError) -> str:
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    return f"The database does not do this: {reason}"


# --- Accounts


@click.command("create-workspace", cls=Command)
@click.option("--name", required=True)
@with_appcontext
def create_workspace(name: str) -> None:
    """Make a workspace; prints its id."""
    valid = _valid(WorkspacePatch, name=name)
    with _database().scope(EVERY_WORKSPACE) as session:
        click.echo(users.create_workspace(session, valid.name or name).id)


@click.command("create-user", cls=Command)
@click.option("--email", required=True)
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.MEMBER.value, show_default=True)
@click.option("--workspace", "workspace_id", type=int, help="Its id; needed when there are several.")
@click.option("--name", default="", help="Default: the address before the @.")
@with_appcontext
def create_user(email: str, password: str, role: str, workspace_id: int | None, name: str) -> None:
    """Make a user of a workspace; prints their e-mail address."""
    new = _valid(UserInput, email=email, password=password, role=role, name=name)
    with _database().scope(EVERY_WORKSPACE) as session:
        session.enter(_workspace(session, workspace_id).id)
        click.echo(users.create_user(session, new, by=events.SYSTEM).email)


@click.command("create-token", cls=Command)
@click.option("--email", required=True, help="Whose token it is: it may do what they may.")
@click.option("--name", default="Command line", show_default=True)
@with_appcontext
def create_token(email: str, name: str) -> None:
    """Make an API token; prints it, this once."""
    with _database().scope(EVERY_WORKSPACE) as session:
        user = _active_user(session, email)
        session.enter(user.workspace_id)
        _token, secret = tokens.create(session, user, name, by=events.SYSTEM)
    click.echo(secret)


@click.command("reset-second-factor", cls=Command)
@click.option("--email", required=True)
@with_appcontext
def reset_second_factor(email: str) -> None:
    """Let a user sign in with the password alone: the way back of an admin who lost phone and recovery codes."""
    with _database().scope(EVERY_WORKSPACE) as session:
        user = _active_user(session, email)
        session.enter(user.workspace_id)
        second_factor.remove(session, user, by=events.SYSTEM)


@click.command("password-link", cls=Command)
@click.option("--email", required=True)
@with_appcontext
def password_link(email: str) -> None:
    """Print a one-time link by which a user sets a new password: the way back of an only admin who forgot theirs."""
    with _database().scope(EVERY_WORKSPACE) as session:
        user = _active_user(session, email)
        session.enter(user.workspace_id)
        token = links.create(session, user, by=events.SYSTEM)
    path = current_app.url_map.bind("").build("auth.password_link", {"token": token})
    click.echo(_settings().crm_url.rstrip("/") + path)


def _active_user(session: TenantSession, email: str) -> User:
    user = session.scalar(select(User).where(User.email == email.strip().casefold(), User.is_active))
    if user is None:
        raise NotFound(f"There is no active user {email}.")
    return user


def _workspace(session: TenantSession, id: int | None) -> Workspace:
    if id is not None:
        found = session.get(Workspace, id)
        if found is None:
            raise NotFound(f"There is no workspace {id}.")
        return found
    some = list(session.scalars(select(Workspace).order_by(Workspace.id).limit(2)))
    if not some:
        raise Conflict("There is no workspace yet. Run: flask --app main create-workspace --name NAME")
    if len(some) > 1:
        raise Invalid("There are several workspaces; say which with --workspace ID.")
    return some[0]


def _valid(schema: Any, **data: Any) -> Any:
    from crm.web import parse

    return parse(schema, data)


# --- Data


@click.command("seed-demo", cls=Command)
@with_appcontext
def seed_demo() -> None:
    """Load the demonstration company; prints its login."""
    click.echo(_seed(_settings(), _database()))


def _seed(settings: Settings, database: Database) -> str:
    from shared import demo  # large, and needed once

    with database.scope(EVERY_WORKSPACE) as session:
        login = demo.seed(session, upload_dir=settings.upload_dir)
    return f"{login.email} / {login.password}"


@click.command("backup", cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Save everything into one FILE: all tables and the uploaded files."""
    from crm import backup as archive

    contents = archive.save(_database(), _settings().upload_dir, file)
    click.echo(f"Saved {contents.rows} rows and {contents.files} files to {file}.")


@click.command("restore", cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace what is in the database.")
@with_appcontext
def restore(file: Path, force: bool) -> None:
    """Read a FILE that `backup` made, on SQLite or PostgreSQL. All or nothing."""
    from crm import backup as archive

    contents = archive.restore(_database(as_is=True), _settings().upload_dir, file, force=force)
    click.echo(f"Restored {contents.rows} rows and {contents.files} files.")


# --- Running


@click.command("doctor", cls=Command)
@with_appcontext
def doctor() -> None:
    """Say what is reachable and which mode Afterword is in; exit code 1 when it cannot serve."""
    settings = _settings()
    found = health.check(settings, _database(as_is=True))
    marks = {"ok": "ok      ", "degraded": "missing ", "down": "FAILED  "}
    for name, check in found.checks.items():
        click.echo(f"{marks[check.status]} {name:<11} {check.detail}")
    click.echo(f"\nDatabase: {_database_in_words(settings)}. Data folder: {settings.data_dir}.")
    model = found.checks["ollama"]
    engine = f"the language model {model.detail}" if model.status == "ok" else "the built-in analyzer"
    click.echo(f"Meetings are read by {engine}. The pages are at {settings.crm_url}.")
    if settings.crm_public_url and not settings.trusted_proxies:
        click.echo("TRUSTED_PROXIES is 0: behind a proxy all seem to come from its address, and one locks all out.")
    if found.status == "down":
        raise click.exceptions.Exit(1)


@click.command("prepare")
@with_appcontext
def prepare() -> None:
    """Bring the schema up to date and load the demo data at the first run; for the launcher.

    The last line is JSON: {"demo_login", "database", "first_run"}, or {"error"} with exit code 1.
    """
    try:
        click.echo(json.dumps(_prepare(_settings(), _database(as_is=True))))
    except AppError as error:
        _refuse(error.detail)
    except (SQLAlchemyError, OSError) as error:
        _refuse(_in_words(error) if isinstance(error, SQLAlchemyError) else f"The data folder: {error}.")


def _refuse(reason: str) -> NoReturn:
    click.echo(json.dumps({"error": reason}))
    raise click.exceptions.Exit(1)


def _prepare(settings: Settings, database: Database) -> dict[str, Any]:
    if not migration.is_current(database):
        migration.upgrade(database)
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        first_run = not users.is_set_up(session)
        login = _demo_login(session)
    _refuse_open_demo(settings, is_active=login is not None or (first_run and settings.demo))
    if first_run and settings.demo:
        login = _seed(settings, database)
    return {"demo_login": login, "database": _database_in_words(settings), "first_run": first_run}


def _refuse_open_demo(settings: Settings, *, is_active: bool) -> None:
    """Everybody knows the demo's password: it is for this machine alone."""
    for name, host in (("CRM_HOST", settings.crm_host), ("CHATBOT_HOST", settings.chatbot_host)):
        if is_active and not is_loopback(host):
            raise Conflict(
                f"{name}={host} would open the demo login to the network. Start with DEMO=0 on an empty data folder, "
                "or change the demo user's password or deactivate it first, or bind to 127.0.0.1."
            )


def _demo_login(session: TenantSession) -> str | None:
    email = users.demo_email(session)
    if email is None:
        return None
    from shared.demo.cast import PASSWORD

    return f"{email} / {PASSWORD}"


def _database_in_words(settings: Settings) -> str:
    url = make_url(settings.effective_database_url)
    if url.get_backend_name() == "sqlite":
        return f"SQLite file {url.database}"
    return f"PostgreSQL {url.database} at {url.host or 'a local socket'}"
