"""The chatbot's commands for `flask --app main`. Heavy parts load when a command runs, never in the web process."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from chatbot.extraction.types import Engine
    from shared.schemas.insight import Item

_HEADINGS = {
    "contact": "Contacts", "company": "Companies", "deal": "Deals", "action_item": "Action items",
    "next_meeting": "Next meeting", "decision": "Decisions", "pain_point": "Pain points", "objection": "Objections",
    "competitor": "Competitors", "requirement": "Requirements", "sentiment": "Sentiment", "summary": "Summary",
}  # fmt: skip
#: The field that names an item; the others follow in brackets.
_LEADS = ("name", "description", "company", "when", "label", "text")


@click.command("analyze")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--occurred-at", metavar="ISO", help="When the meeting was held, local time; default: as the file says, else now."
)
@click.option("--own-company", metavar="NAME", help="The side that keeps the CRM.")
@click.option("--json", "as_json", is_flag=True, help='Print only {"items": [...]}.')
@click.option("--engine", type=click.Choice(["builtin", "ollama", "auto"]), default="auto", show_default=True)
def analyze(file: Path, occurred_at: str | None, own_company: str | None, as_json: bool, engine: str) -> None:
    """Read a transcript and print what is in it. Needs no service and writes nothing."""
    from chatbot.extraction import evaluation, meeting_analyzer
    from chatbot.extraction.builtin import BuiltinEngine
    from shared import clock, transcripts
    from shared.config import Settings
    from shared.errors import AppError

    told = _moment(occurred_at)
    try:
        parsed = transcripts.parse(file.read_bytes(), file.name)
    except OSError as error:
        _fail(f"Cannot read {file}: {error.strerror or error}.")
    except AppError as error:
        _fail(f"Cannot read {file}: {error.detail}")
    settings = Settings()
    clock.configure(settings.clock)
    held = told or parsed.occurred_at or clock.now().astimezone()
    reader: Engine = BuiltinEngine()
    if engine != "builtin":
        from chatbot.extraction.ollama_engine import choose_engine

        reader, reason = choose_engine(
            settings, engine, on_fallback=lambda part, why: click.echo(f"Part {part.index + 1}: {why}", err=True)
        )
        if reason and (engine == "ollama" or not as_json):  # asked for by name, its absence must not pass unseen
            click.echo(reason, err=True)
    meeting = evaluation.context(parsed, held, own_company)
    items = meeting_analyzer.analyze(meeting, reader)
    if as_json:
        click.echo(json.dumps(evaluation.as_json(items), ensure_ascii=False, indent=1))
    else:
        _table(items, reader.name, held)


def _moment(said: str | None) -> datetime | None:
    if said is None:
        return None
    try:
        return datetime.fromisoformat(said)
    except ValueError:
        _fail(f"--occurred-at {said!r} is not a date like 2026-11-20T09:30.")


def _fail(message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(2)


def _table(items: list[Item], engine: str, held: datetime) -> None:
    click.echo(f"Engine {engine}; dates are relative to {held:%Y-%m-%d}.")
    if not items:
        click.echo("Nothing found.")
    kind = None
    for item in items:
        if item.kind is not kind:
            kind = item.kind
            click.echo(f"\n{_HEADINGS[kind.value]}")
        lead = next((name for name in _LEADS if item.data.get(name)), None)
        rest = ", ".join(
            f"{name} {value}" for name, value in item.data.items() if name != lead and value not in (None, "")
        )
        click.echo(f"  {item.confidence:4.0%}  {item.data.get(lead or '', '')}" + (f"  ({rest})" if rest else ""))
        for piece in item.evidence[:1] if kind.value != "summary" else []:
            click.echo(f'        {piece.speaker or "–"}: "{piece.quote}"')


@click.command("ask")
@click.argument("question")
@click.option("--email", metavar="USER", help="Who asks: the answer is what they may see. Default: the first admin.")
@click.option("--json", "as_json", is_flag=True, help="Print only the answer of POST /chat/ask.")
def ask(question: str, email: str | None, as_json: bool) -> None:
    """Ask the assistant. Needs no service; the question is kept among the user's conversations."""
    from sqlalchemy.exc import SQLAlchemyError

    from chatbot.assistant.live import console
    from shared.errors import AppError

    try:
        found = console.ask(question, email=email)
    except AppError as error:
        _fail(error.detail)
    except SQLAlchemyError as error:
        _fail(_of_database(error))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _show_answer(found)


def _show_answer(found: dict[str, Any]) -> None:
    click.echo(found["answer"])
    for choice in found.get("choices", []):
        click.echo(f"  - {choice['question']}")
    for citation in found["citations"]:
        click.echo(f"[{citation['n']}] {citation['title']}: {citation['quote']}")
    for action in found.get("actions", []):
        click.echo(f"To approve: {action['summary']}")
    click.echo(f"({found['route']}, {found['engine']}, {found['ms']} ms)", err=True)


@click.command("reindex")
@click.option("--workspace", type=int, metavar="ID", help="Only this workspace's records.")
def reindex(workspace: int | None) -> None:
    """Read all records again for the assistant's search. The running worker does it; where none runs, this command."""
    from sqlalchemy.exc import SQLAlchemyError

    from chatbot.retrieval import freshness
    from shared.errors import AppError

    try:
        marked, is_done = freshness.reindex_now(workspace)
    except AppError as error:
        _fail(error.detail)
    except SQLAlchemyError as error:
        _fail(_of_database(error))
    click.echo(f"Records read again: {marked}." if is_done else f"Records the worker will read again: {marked}.")


def _of_database(error: Exception) -> str:
    cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    return f"The database does not answer: {cause}"


commands: list[click.Command] = [analyze, ask, reindex]
