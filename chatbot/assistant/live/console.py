"""`flask ask`: one turn in this process, without a service. It is stored like any other."""

from __future__ import annotations

import asyncio
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select

from chatbot.assistant.live import answer
from chatbot.assistant.live.hub import Hub
from chatbot.assistant.live.store import Store
from chatbot.assistant.types import Assistant
from shared import clock, database, migration, telemetry
from shared.chat.tickets import Holder
from shared.config import Settings
from shared.database import Database
from shared.errors import NotFound, Unavailable
from shared.models import Role, User
from shared.schemas.chat import AskIn
from shared.schemas.checking import invalid
from shared.tenancy import EVERY_WORKSPACE

#: A large model on a processor takes its time, and whoever waits here can press Ctrl-C.
WITHIN_S = 1800.0
#: And one answer by words alone, because the embedding model was still on its way, would be another than the service's.
LOAD_WITHIN_S = 30.0


def ask(question: str, *, email: str | None = None, assistant: Assistant | None = None) -> dict[str, Any]:
    """The answer as `POST /chat/ask` gives it. Raises NotFound for an unknown user, Invalid for no question."""
    settings = Settings()
    quiet = settings.log_level if settings.log_level == "DEBUG" else "ERROR"  # a person waits for an answer, not a log
    telemetry.configure(quiet, settings.log_format)
    clock.configure(settings.clock)
    connected = database.connect(settings)
    if not migration.is_current(connected):
        raise Unavailable("The database's schema is not this version's. Run: flask --app main prepare")
    try:
        wish = AskIn(text=question)
    except ValidationError as error:
        raise invalid(error) from None
    return asyncio.run(_ask(settings, connected, _holder(connected, email), wish, assistant))


async def _ask(
    settings: Settings, connected: Database, holder: Holder, wish: AskIn, assistant: Assistant | None
) -> dict[str, Any]:
    if assistant is None:
        from chatbot.assistant import chat_handler

        assistant = chat_handler.create(settings, connected)
        if isinstance(assistant, chat_handler.ChatHandler):
            await asyncio.to_thread(assistant.retriever.embeddings.wait, LOAD_WITHIN_S)
    hub = Hub(Store(settings, connected), assistant)  # not started: turns of a running service are none of its business
    try:
        return await answer.ask(hub, holder, wish, within_s=WITHIN_S)
    finally:
        await hub.close()
        hub.store.close()


def _holder(connected: Database, email: str | None) -> Holder:
    wanted = select(User).where(User.is_active)
    if email is not None:
        wanted = wanted.where(User.email == email.strip().casefold())
    else:
        wanted = wanted.where(User.role == Role.ADMIN)
    with connected.scope(EVERY_WORKSPACE, read_only=True) as session:
        user = session.scalar(wanted.order_by(User.id).limit(1))
    if user is None:
        raise NotFound(f"There is no active user {email}." if email else "There is no active admin yet.")
    return Holder(user.workspace_id, user.id)
