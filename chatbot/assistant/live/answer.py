"""One blocking turn, for scripts, evaluation and the command line: the hub's own turn, waited for."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

from chatbot.assistant.live.hub import Hub
from chatbot.assistant.live.sink import storable
from chatbot.assistant.live.store import page_json
from chatbot.assistant.live.turn import Turn
from chatbot.assistant.types import Outcome
from chatbot.retrieval.passages import Citation
from shared.chat.tickets import Holder
from shared.chat.turns import Asked
from shared.errors import Conflict, Invalid, Unavailable
from shared.schemas.chat import ERRORS, AskIn


async def ask(
    hub: Hub, holder: Holder, wish: AskIn, *, client_id: str | None = None, within_s: float = 100.0
) -> dict[str, Any]:
    """Ask and wait for the whole answer, as `POST /chat/ask` gives it.

    Raises Unavailable where no answer came in time (the turn is then stopped) or at all, Conflict where the
    conversation is busy, NotFound where it is not this user's, Invalid for no question.
    """
    text = storable(wish.text).strip()
    if not text:
        raise Invalid.field("text", "The question is empty.")
    asked = Asked(text, client_id, wish.conversation_id, page_json(wish.page, wish.list))
    opened, turn = await hub.ask(holder, asked)
    if turn is None:
        raise Conflict(f"This question was answered before, in conversation {opened.conversation}.")
    try:
        async with asyncio.timeout(within_s):
            await turn.ended.wait()
    except TimeoutError:
        hub.stop(turn)
        raise Unavailable(f"No answer within {within_s:.0f} seconds. Ask again, or use a smaller model.") from None
    outcome: Outcome = turn.outcome
    if outcome.error is not None and outcome.reason == "error":
        _raise(outcome.error)
    return present(turn, outcome)


def present(turn: Turn, outcome: Outcome) -> dict[str, Any]:
    """The answer as JSON. What there is none of is left out, but for citations."""
    found: dict[str, Any] = {"route": outcome.route, "answer": outcome.text}
    if outcome.value is not None:
        found["value"] = outcome.value
    for name in ("rows", "groups"):
        if getattr(outcome, name):
            found[name] = getattr(outcome, name)
    found |= {
        "conversation_id": turn.conversation,
        "turn": turn.id,
        "citations": [_citation(citation) for citation in outcome.citations],
    }
    if outcome.plan is not None:
        found["plan"] = outcome.plan.model_dump(mode="json", by_alias=True)
    if outcome.sentence:
        found["sentence"] = outcome.sentence
    if outcome.choices:
        found["choices"] = [{"label": choice.label, "question": choice.question} for choice in outcome.choices]
    if outcome.actions:
        found["actions"] = [_action(card) for card in outcome.actions]
    return found | {"engine": outcome.engine, "ms": turn.ms}


def _citation(citation: Citation) -> dict[str, Any]:
    shown = asdict(citation)
    return {name: shown[name] for name in ("n", "type", "id", "external_id", "title", "quote")} | {
        name: shown[name] for name in ("href", "start_s") if shown[name] is not None
    }


def _action(card: dict[str, Any]) -> dict[str, Any]:
    done = card.get("state", "proposed") == "done"
    return {
        "id": card["id"],
        "tool": card["tool"],
        "summary": card["summary"],
        "status": "done" if done else "proposed",
    }


def _raise(error: dict[str, Any]) -> None:
    """An error frame's data as what HTTP says."""
    raise Unavailable(error["message"], retry_after_s=5 if ERRORS.get(error["code"]) else 60)
