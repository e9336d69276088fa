"""Which way a question goes, cheapest first: an action, a reply to our own question, a follow-up, rules, a search.

    question ─ action? ─ reply? ─ rules (with the exchange before) ─┬─ sure ─▶ plan, search, question back, "no"
                                                                    └─ unsure ─ what it is like ─▶ search or "no"
                                                                         └ refine: the small model, if there is one

`route` needs no model and answers in milliseconds; `refine` has the small model look at what the rules were not sure
of. No answer about numbers leaves here but as a plan, and nothing that sounds like the CRM is answered as small talk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from chatbot.assistant import action_parsing, planner
from chatbot.assistant.prototypes import Prototypes
from chatbot.assistant.types import Question, Routed
from chatbot.assistant.understanding import UNSURE, replies, understand
from chatbot.assistant.understanding.lexicon import language_of
from chatbot.assistant.understanding.messages import say
from chatbot.assistant.understanding.tokens import read
from chatbot.llm.models import Model
from chatbot.llm.ollama_client import Call, OllamaClient
from shared.config import Settings
from shared.database import session_scope
from shared.tenancy import TenantSession

LookUp = Callable[[TenantSession], Routed | None]
Within = Callable[[LookUp], Awaitable[Routed | None]]

#: Somebody waits: a model that has to be loaded first is not worth it for a route.
_IDLE_S, _TOTAL_S = 20.0, 30.0
#: Longer texts are looked for, not understood.
_MOST_WORDS = 60


def route(session: TenantSession, question: Question, *, prototypes: Prototypes | None = None) -> Routed:
    """How the question will be answered. Reads names from the session's workspace and writes nothing.

    `confidence` below 0.5 means that the rules would rather have `refine` look at it.
    """
    action = action_parsing.parse(session, question)
    if action is not None:
        return action
    routed = understand(session, _replied(question)).routed
    is_open = not routed.about or routed.of_list is not None
    if routed.kind == "semantic" and is_open and prototypes is not None:
        return _by_likeness(question, routed, prototypes)
    return routed


def _replied(question: Question) -> Question:
    """An answer to our own question is the whole question with what was chosen."""
    last = question.history[-1] if question.history else None
    choice = replies.chosen(question.text, last.choices) if last is not None and last.choices else None
    return replace(question, text=choice.question, history=question.history[:-1]) if choice is not None else question


def _by_likeness(question: Question, routed: Routed, prototypes: Prototypes) -> Routed:
    """What the rules would only search for: is it about texts, about records, or about nothing here?"""
    kind = prototypes.kind_of(question.text[:500], sure=routed.language == "en")
    if kind == "elsewhere":
        message = say(routed.language, "out_of_scope")
        return Routed("abstain", by="prototypes", message=message, language=routed.language)
    if routed.confidence >= UNSURE:
        return routed
    if kind == "records":
        message = say(routed.language, "not_understood", words=question.text[:80])
        return replace(routed, kind="abstain", by="prototypes", message=message, search="", about=())
    return replace(routed, by="prototypes", confidence=UNSURE) if kind == "text" else routed


async def refine(
    settings: Settings,
    question: Question,
    routed: Routed,
    *,
    within: Within | None = None,
    on_call: Callable[[Call], None] | None = None,
) -> Routed:
    """What the small model makes of a question that the rules were not sure of; `routed` where it makes nothing of it.

    `within` runs work in a read-only session of the asker's workspace, opened after the model has answered (default: a
    session of the process's database, in a thread). `on_call` books the call.
    """
    if routed.confidence >= UNSURE or len(question.text.split()) > _MOST_WORDS:
        return routed
    client = OllamaClient(
        settings.ollama_host, Model(settings.extraction_model, settings.extraction_num_ctx), idle_s=_IDLE_S,
        total_s=_TOTAL_S, retry_after_s=(), on_call=on_call,
    )  # fmt: skip
    run = within or _in_own_session(question)
    action = await action_parsing.propose_with_model(client, question, run)
    if action is not None:
        return action
    told = await planner.ask_model(client, question, await _defined(run))
    if told is None:
        return routed
    language = language_of(read(question.text))
    found = await run(lambda session: planner.routed(session, question, told, language))
    if found is None or (found.kind == "semantic" and routed.kind == "abstain" and is_counting(question.text)):
        return routed
    return found


async def _defined(run: Within) -> str:
    """The fields the asker's workspace defined, as the model is told them."""
    found: list[str] = []

    def look(session: TenantSession) -> None:
        found.append(planner.defined_fields(session))

    await run(look)
    return found[0] if found else ""


def _in_own_session(question: Question) -> Within:
    async def run(work: LookUp) -> Routed | None:
        def in_session() -> Routed | None:
            with session_scope(question.asker.workspace_id, read_only=True) as session:
                return work(session)

        return await asyncio.to_thread(in_session)

    return run


def is_counting(text: str) -> bool:
    """Whether a question asks for a number: nothing can be counted in snippets, whatever a model says."""
    words = {token.word for token in read(text).tokens}
    return bool(words & _COUNTED) or {"how", "many"} <= words or {"wie", "viele"} <= words or {"how", "much"} <= words


_COUNTED = frozenset(
    ("count", "number", "total", "sum", "average", "mean", "percentage", "anzahl", "summe", "durchschnitt", "insgesamt",
     "durchschnittlich", "wieviele")
)  # fmt: skip
