"""The real chat service with an engine that answers by script: what the browser is tested against.

Sockets, tickets, replay, storage and the gate are the product's own; only the words are ours, so that a test knows what
must stand on the page. Run as `python -m tests.fakes.chat_server`, with the settings of the environment.

A question says which scene it wants by a word in it (see `SCENES`); any other is answered in one sentence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
from sqlalchemy import select

from chatbot import create_app
from chatbot.assistant import actions
from chatbot.assistant.types import ActionRequest, Choice, Outcome, Question, Sink
from chatbot.retrieval.passages import Citation
from shared import database
from shared.config import Settings
from shared.database import Database
from shared.errors import Unavailable
from shared.models import ChatConversation, Company, Contact, Deal, Meeting
from shared.tenancy import TenantSession

PAUSE_S = 0.03
HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
PARTS = 60

Scene = Callable[["ScriptedAssistant", Question, Sink], Awaitable[Outcome]]


class ModelIsAway(Unavailable):
    code = "ollama_down"


class ScriptedAssistant:
    """A `types.Assistant` that knows its lines."""

    def __init__(self, connected: Database) -> None:
        self.database = connected

    async def answer(self, question: Question, sink: Sink) -> Outcome:
        scene = next((scene for word, scene in SCENES.items() if word in question.text.casefold()), plain)
        return await scene(self, question, sink)

    def session(self, question: Question) -> Any:
        return self.database.scope(question.asker.workspace_id)


async def say(sink: Sink, text: str, *, pause_s: float = PAUSE_S) -> str:
    """Stream a text in bits that respect neither words nor markers."""
    for at in range(0, len(text), 7):
        sink.delta(text[at : at + 7])
        await asyncio.sleep(pause_s)
    return text


async def plain(_self: ScriptedAssistant, question: Question, sink: Sink) -> Outcome:
    about = f" about the {question.page.type}" if question.page else ""
    sink.route("semantic", "")
    return Outcome("semantic", await say(sink, f"You asked{about}: {question.text}"), engine="script")


async def long(_self: ScriptedAssistant, question: Question, sink: Sink) -> Outcome:
    """Some seconds of text, more if slowly; every part is numbered, so that one lost or said twice is seen."""
    sink.status("searching", "Searching 92 notes …")
    sink.route("semantic", "")
    text = "## A long answer\n\n" + "".join(
        f"Part {n} of it goes on for a while.{' ' if n % 6 else chr(10) * 2}" for n in range(1, PARTS + 1)
    )
    pause_s = 0.035 if "slowly" in question.text else 0.01
    return Outcome("semantic", await say(sink, text.strip(), pause_s=pause_s), engine="script")


async def cited(self: ScriptedAssistant, question: Question, sink: Sink) -> Outcome:
    """An answer on the first meeting and contact there are."""
    with self.session(question) as session:
        items = _citations(session)
    sink.status("searching", "Searching your notes and meetings …")
    await asyncio.sleep(0.2)
    sink.route("semantic", "")
    sink.sources(items)
    text = (
        "They want the pilot **before the winter** [1] and asked for two things:\n\n"
        "1. A fixed price for the first year [1]\n2. One person to call [2]\n\n"
        "> The contract itself was not discussed.\n\n"
        "| Topic | Who |\n|---|---|\n| Price | Procurement [2] |\n| Start | Operations |\n"
    )
    return Outcome("semantic", await say(sink, text, pause_s=0.01), citations=items, engine="script-8b")


def _citations(session: TenantSession) -> list[Citation]:
    found = []
    meeting = session.scalars(select(Meeting).order_by(Meeting.id)).first()
    if meeting is not None:
        quote = "We would like to have it running before the winter."
        found.append(
            Citation(1, "meeting", meeting.id, meeting.title, f"/meetings/{meeting.id}?t=75", quote, start_s=75.0)
        )
    contact = session.scalars(select(Contact).order_by(Contact.id)).first()
    if contact is not None:
        found.append(Citation(2, "contact", contact.id, contact.name, f"/contacts/{contact.id}", "Head of procurement"))
    return found


async def rows(self: ScriptedAssistant, question: Question, sink: Sink) -> Outcome:
    """Companies as a table."""
    with self.session(question) as session:
        companies = [(c.id, c.name, c.city) for c in session.scalars(select(Company).order_by(Company.name)).all()]
    table = {
        "columns": [
            {"name": "name", "label": "Name", "type": "text"},
            {"name": "city", "label": "City", "type": "text"},
            {"name": "open_deals", "label": "Open deals", "type": "number"},
        ],
        "rows": [
            {"type": "company", "id": id, "name": name, "values": {"name": name, "city": city, "open_deals": at}}
            for at, (id, name, city) in enumerate(companies)
        ],
        "total": len(companies),
        "href": "/companies?sort=name",
    }
    sentence = "Companies, by name"
    sink.route("structured", sentence)
    sink.table(table)
    text = f"There are {len(companies)} companies."
    sink.delta(text)
    return Outcome("structured", text, table=table, sentence=sentence)


async def groups(_self: ScriptedAssistant, _question: Question, sink: Sink) -> Outcome:
    """Sums by stage."""
    sums = {"Qualified": 120_000, "Proposal": 310_500, "Negotiation": 87_250}
    table = {
        "columns": [
            {"name": "stage", "label": "Stage", "type": "text"},
            {"name": "open_pipeline", "label": "Open pipeline", "type": "money"},
        ],
        "rows": [
            {"name": name, "values": {"stage": name, "open_pipeline": {"amount": amount, "currency": "EUR"}}}
            for name, amount in sums.items()
        ],
        "total": len(sums),
        "href": "/deals",
    }
    sink.route("structured", "Open pipeline of deals, by stage")
    sink.table(table)
    text = f"The open pipeline is €{sum(sums.values()):,}."
    sink.delta(text)
    return Outcome("structured", text, table=table, sentence="Open pipeline of deals, by stage")


async def choices(_self: ScriptedAssistant, _question: Question, sink: Sink) -> Outcome:
    offered = [Choice("Anna Lindqvist", "Who is Anna Lindqvist?"), Choice("Anna Moretti", "Who is Anna Moretti?")]
    text = "Which Anna do you mean?"
    sink.route("clarify", "", offered)
    sink.delta(text)
    return Outcome("clarify", text, choices=offered)


async def task(self: ScriptedAssistant, question: Question, sink: Sink) -> Outcome:
    """Propose a task, or where there is a deal and the question says so, a change of it."""
    with self.session(question) as session:
        deal = session.scalars(select(Deal).order_by(Deal.id)).first()
        args: dict[str, Any] = {"title": "Send the offer", "due_date": "2030-02-04"}
        request = ActionRequest("create_task", args)
        if "deal" in question.text.casefold() and deal is not None:
            request = ActionRequest("update_deal", {"deal_id": deal.id, "name": "Pilot, second year"})
        conversation = session.scalars(
            select(ChatConversation.id).where(ChatConversation.public_id == question.conversation)
        ).one()
        action = actions.propose(
            session, request, question=question, conversation_id=conversation, turn=question.turn or ""
        )
        card = actions.card(action)
    sink.route("action", "")
    sink.action(card)
    text = "I can do this. Approve it to go on."
    sink.delta(text)
    return Outcome("action", text, actions=[card])


async def hostile(_self: ScriptedAssistant, _question: Question, sink: Sink) -> Outcome:
    """Everything a model under somebody else's influence might write."""
    items = [
        Citation(1, "note", 1, f"Note {HOSTILE}", "javascript:window.hacked=1", HOSTILE),
        Citation(2, "note", 1, "Elsewhere", "https://evil.example/steal", "q"),
    ]
    sink.route("semantic", HOSTILE)
    sink.sources(items)
    text = (
        f"{HOSTILE}\n\n[click](javascript:window.hacked=1) [away](https://evil.example/?q=secret) "
        "[own](/companies) [scheme](//evil.example/x) [data](data:text/html,x) "
        "![pixel](https://evil.example/p.png) [1] [2] [9]\n\n"
        f"<iframe srcdoc='x'></iframe>\n\n<a href='javascript:alert(1)'>x</a> {HOSTILE}\n\n"
        f"| a | {HOSTILE} |\n|---|---|\n| `{HOSTILE}` | <b>x</b> |\n\n```html\n{HOSTILE}\n```\n"
    )
    table = {
        "columns": [{"name": "name", "label": HOSTILE, "type": "text"}],
        "rows": [{"type": "company", "id": 1, "name": HOSTILE, "values": {"name": HOSTILE}}],
        "total": 1,
        "href": "javascript:window.hacked=1",
    }
    sink.table(table)
    await say(sink, text, pause_s=0.002)
    return Outcome("hybrid", text, table=table, citations=items)


async def failing(_self: ScriptedAssistant, _question: Question, sink: Sink) -> Outcome:
    sink.status("loading_model")
    await say(sink, "The first words")
    raise ModelIsAway("The language model does not answer.")


async def slow(_self: ScriptedAssistant, _question: Question, sink: Sink) -> Outcome:
    sink.route("semantic", "")
    sink.status("loading_model", "Loading llama3.1:70b, 43 GB …")
    await asyncio.sleep(60)
    return Outcome("semantic", await say(sink, "Here at last."))


async def arabic(_self: ScriptedAssistant, _question: Question, sink: Sink) -> Outcome:
    text = "العميل يريد البدء **قبل الشتاء**، والسعر ثابت.\n\n- السعر: 12,000 EUR\n- البداية: 4 Feb 2030"
    return Outcome("semantic", await say(sink, text, pause_s=0.01))


SCENES: dict[str, Scene] = {
    "long": long, "want": cited, "companies": rows, "pipeline": groups, "anna?": choices, "task": task, "change": task,
    "hostile": hostile, "fail": failing, "slow": slow, "عميل": arabic,
}  # fmt: skip


def main() -> None:
    settings = Settings()
    app = create_app(settings, assistant=ScriptedAssistant(database.connect(settings)))
    uvicorn.run(
        app, host=settings.chatbot_host, port=settings.chatbot_port, log_level="warning", ws="websockets-sansio"
    )


if __name__ == "__main__":
    main()
