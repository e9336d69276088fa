"""The CRM's entry: `main:app` for gunicorn, `flask --app main` for the command line.

The command line alone sees both services. The chatbot's commands are imported when one of them is asked for, or all
are listed; the web process never loads them.
"""

from __future__ import annotations

import importlib
import sys

import click
from flask.cli import AppGroup
from pydantic import ValidationError

from shared.loading import without_garbage_collection

with without_garbage_collection():
    from crm import create_app
    from crm.cli import add_migrations


class CommandLine(AppGroup):
    """The CRM's commands, migrations, then the chatbot's where it is installed."""

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name == "db":
            add_migrations(app)
        return super().get_command(ctx, name) or _chatbot_commands().get(name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_chatbot_commands(), "db"})


def _chatbot_commands() -> dict[str, click.Command]:
    try:
        commands: list[click.Command] = importlib.import_module("chatbot.cli").commands
    except ModuleNotFoundError:  # the CRM runs without the chatbot's packages
        return {}
    return {command.name: command for command in commands if command.name}


def _wrong_settings(error: ValidationError) -> str:
    wrong = [f"{'.'.join(str(part) for part in e['loc']).upper()}: {e['msg']}" for e in error.errors()]
    return f"Afterword cannot start with these settings. {'; '.join(wrong)}"


try:
    app = create_app()
except ValidationError as error:
    sys.exit(_wrong_settings(error))
app.cli = CommandLine(app.name, commands=app.cli.commands)
