"""Search by meaning, asked of the chatbot service on the caller's behalf; without it keywords answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from crm import chatbot
from shared.errors import AppError
from shared.schemas.answers import SearchOut

#: Nobody waits longer than this, seconds, for the better answer.
WITHIN_S = 1.5


def search(question: str, types: Sequence[str] | None, limit: int) -> dict[str, Any] | None:
    """What `GET /search` answers in hybrid mode; None where the service is not there, slow, or has no model yet."""
    asked = {"q": question, "types": list(types or ()), "limit": limit}
    try:
        answer = chatbot.ask("POST", "/internal/search", json=asked, within_s=WITHIN_S, margin_s=0.0)
        found = SearchOut.model_validate(answer)
    except (AppError, ValidationError):
        return None
    return found.model_dump(mode="json") if found.mode == "hybrid" else None
