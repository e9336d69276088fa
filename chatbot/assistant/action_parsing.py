"""Requests to do something, read by rules: asked before any question is, so that a command is never answered by a list.

Only the person's own words are read: the present ones and, where they answer what we asked, the request that we asked
about. What answers, notes or transcripts say never comes here: of the history only the record it was about counts, for
“that deal”. What stands in quotation marks or behind a colon is content. A reading that makes no sense leaves the words
to the router; one that lacks something asks for it, with answers that are the whole request again. Nothing is guessed,
and nothing is done: `actions.propose` shows a card.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import replace
from itertools import chain

from chatbot.assistant import actions
from chatbot.assistant.acting import answers, list_requests, messages, model_reader, own_requests
from chatbot.assistant.acting.grammar import MOST_CHARS, Reading, Request
from chatbot.assistant.acting.request_reader import RequestReader
from chatbot.assistant.types import Choice, Question, Routed
from chatbot.llm.ollama_client import OllamaClient
from shared.tenancy import TenantSession

_NEXT_COMMAND = re.compile(
    r"(?:[,;.]\s*(?:and|und)?|\s+(?:and|und)(?:\s+(?:then|also|dann|auch))?)\s+(?=\S)", re.IGNORECASE
)
LookUp = Callable[[TenantSession], Routed | None]
#: A reading of the model's, beside the rules' 1.0.
_MODELS_CONFIDENCE = 0.7
#: What is refused outright, whatever else is told with it.
_REFUSED = frozenset(("bulk", "delete", "create_deal"))
_CONTENT = re.compile(r"[:\"“„«]")


def parse(session: TenantSession, question: Question, tools: Collection[str] | None = None) -> Routed | None:
    """What the person asks to have done: an action, a question about it, or why not. None if it is no request.

    `tools` are those this person may use (default: by their role). Reads the database, writes nothing.
    """
    allowed = actions.allowed_tools(question.asker) if tools is None else tools
    routed = _read(session, question, allowed)
    if routed is None or routed.action is None:  # “call Anna” may be what we asked for, and not a wish of its own
        whole = answers.completed(question)
        routed = (_read(session, whole, allowed) if whole else None) or routed
    return routed


def _read(session: TenantSession, question: Question, allowed: Collection[str]) -> Routed | None:
    request = Request(question.text)
    if not request.body or len(question.text) > MOST_CHARS or request.is_question:
        return None
    for reading in _readings(session, request):
        several = None if reading.intent in _REFUSED else _several(session, request, reading.language)
        routed = several or RequestReader(session, question, request, reading).read()
        if routed is not None:
            return routed if _is_allowed(routed, allowed) else _refused(reading.language)
    return None


def _readings(session: TenantSession, request: Request) -> Iterator[Reading]:
    """Every way to read a request, those about a whole list first."""
    return chain(list_requests.readings(request), own_requests.readings(session, request), request.readings())


async def propose_with_model(
    client: OllamaClient, question: Question, within: Callable[[LookUp], Awaitable[Routed | None]]
) -> Routed | None:
    """As `parse` for requests that no rule can read: the small model finds the pieces, we look them up.

    `within` runs work in a session of the asker's workspace, opened after the model has answered. None where it is no
    request, the model is not sure, or it cannot be reached.
    """
    reading = await model_reader.read_by_model(client, question)
    if reading is None:
        return None

    def look_up(session: TenantSession) -> Routed | None:
        routed = RequestReader(session, question, Request(question.text), reading).read()
        if routed is None or not _is_allowed(routed, actions.allowed_tools(question.asker)):
            return routed and _refused(reading.language)
        return replace(routed, by="model", confidence=_MODELS_CONFIDENCE)

    return await within(look_up)


def _is_allowed(routed: Routed, allowed: Collection[str]) -> bool:
    if routed.action is not None:
        return routed.action.tool in allowed
    return bool(allowed) or routed.kind == "abstain"


def _refused(language: str) -> Routed:
    return Routed("abstain", message=actions.refusal(language), language=language)


def _several(session: TenantSession, request: Request, language: str) -> Routed | None:
    """Two commands in one sentence: one card shows one thing, so the person says which is first."""
    content = _CONTENT.search(request.body)
    told = request.body[: content.start()] if content else request.body
    for joint in _NEXT_COMMAND.finditer(told):
        first, second = request.body[: joint.start()], request.body[joint.end() :]
        following = _readings(session, Request(second))
        if any(reading.intent not in ("perhaps_complete", "send") for reading in following):
            choices = tuple(Choice(part, part) for part in (first, second))
            message = messages.say(language, "one_by_one")
            return Routed("clarify", message=message, choices=choices, language=language)
    return None
