"""The assistant for scripts: one blocking turn, and answers to what it proposes.

The turn is the chatbot's, the same as in the widget; this side names the user and waits. Nothing is open in the
database meanwhile. An `Idempotency-Key` becomes the turn's `client_id`, so a question sent twice is one turn.

Who waits occupies one of the processes that serve the pages. There is a seat for all of them but one; without a seat a
question has seconds, enough for whatever needs no language model, so that scripts never keep the pages from people.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from crm import chatbot, seats, web
from crm.api import http
from crm.api.http import Reply
from crm.api.idempotency import given_key
from crm.api.operations import Api
from shared.accounts.permissions import Scope
from shared.models import User
from shared.review import actions, cards
from shared.schemas import asked
from shared.schemas.chat import AskIn, Decision

#: Longest wait for an answer, seconds: below what gunicorn lets a request take.
ASK_WITHIN_S = 100.0
#: And without a seat.
BRIEFLY_S = 10.0


def register(api: Api) -> None:
    """`/chat/ask`, `/chat/actions/{id}/decide`."""

    @api.operation(
        "POST", "/chat/ask", tag="assistant", scope=Scope.RECORDS_READ, summary="Ask the assistant and wait",
        description=(
            "A turn of the same engine as the chat panel, kept as a conversation of yours. `conversation_id` goes on "
            "with one; another person's is 404, one that is still being answered 409. Without a language model "
            "questions about numbers, lists and dates are answered exactly, others by the passages that fit best."
        ),
        body=AskIn, answers={200: asked.AskOut}, errors=(404,), is_relayed=True,
    )  # fmt: skip
    def ask_assistant() -> Reply:
        wish = http.parsed(AskIn)
        key = given_key()
        headers = {"Idempotency-Key": hashlib.sha256(key.encode()).hexdigest()} if key else {}
        body = wish.model_dump(mode="json", exclude_unset=True)
        settings = web.settings()
        with _patience(settings.data_dir / "asking", settings.web_processes - 1) as within_s:
            return Reply(chatbot.ask("POST", "/internal/ask", json=body, within_s=within_s, headers=headers))

    @api.operation(
        "POST", "/chat/actions/{id}/decide", tag="assistant", scope=Scope.RECORDS_WRITE,
        summary="Approve or reject what the assistant proposed", body=Decision, answers={200: asked.DecisionOut},
        errors=(404,), has_public_id=True,
    )  # fmt: skip
    def decide_action(id: str) -> Reply:
        user = web.get_or_404(User, web.current_user.id)
        action = actions.find(web.session(), id, user=user)
        wish = http.parsed(Decision)
        key = wish.key or secrets.token_urlsafe(16)
        actions.decide(web.session(), action, wish.decision, user=user, key=key, edits=wish.edits)
        shown = cards.decided(web.session(), action)
        told = {name: shown.get(name) for name in ("id", "status", "summary", "detail", "record")}
        return Reply(told | {"again": (shown.get("again") or {}).get("id")})


@contextmanager
def _patience(folder: Path, count: int) -> Iterator[float]:
    """How long a question may take, seconds."""
    seat = seats.take(folder, count)
    with seat or nullcontext():
        yield BRIEFLY_S if seat is None else ASK_WITHIN_S
