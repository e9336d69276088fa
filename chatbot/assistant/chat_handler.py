"""The engine behind turns: what all of them share, and how they get at the database.

Each question is an `AnswerTurn`. Work on the database is done in threads, in sessions that are closed before a model is
called; the embedding model, what Ollama has and the connections to it are kept from turn to turn.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from chatbot.assistant.answer_turn import AnswerTurn
from chatbot.assistant.answering import Answerer
from chatbot.assistant.prototypes import Prototypes
from chatbot.assistant.types import Outcome, Question, Sink
from chatbot.call_book import CallBook
from chatbot.retrieval import rag_engine
from chatbot.retrieval.embedding_service import EmbeddingService
from chatbot.retrieval.rag_engine import Retriever
from shared import events
from shared.config import Settings
from shared.database import Database
from shared.telemetry import get_logger
from shared.tenancy import TenantSession

log = get_logger(__name__)
T = TypeVar("T")


def create(settings: Settings, database: Database) -> ChatHandler:
    """The engine behind turns; its embedding model is loaded in a thread."""
    handler = ChatHandler(settings, database, rag_engine.for_process(settings))
    threading.Thread(target=handler.warm, name="assistant", daemon=True).start()
    return handler


class ChatHandler:
    """A `types.Assistant`. One for each event loop; `close` when it ends."""

    def __init__(self, settings: Settings, database: Database, retriever: Retriever) -> None:
        self.settings, self.database, self.retriever = settings, database, retriever
        self.answerer = Answerer()
        self._prototypes = Prototypes(_Embedder(retriever.embeddings))
        self.book = CallBook(database)

    def warm(self) -> None:
        """Load the embedding model and what is computed with it once; until then words alone have to do."""
        self.retriever.embeddings.load()
        if self.prototypes is not None:
            self.prototypes.scores("warm")

    @property
    def prototypes(self) -> Prototypes | None:
        """Examples of questions by kind; None while there is no embedding model."""
        return self._prototypes if self.retriever.embeddings.embedder is not None else None

    async def answer(self, question: Question, sink: Sink) -> Outcome:
        """Answer one question, telling the sink; what cannot be answered is said, not raised."""
        return await AnswerTurn(self, question, sink).run()

    async def close(self) -> None:
        """Wait for what has still to be written, and let go of the connections."""
        await self.book.close()
        await self.answerer.close()

    async def read(self, question: Question, work: Callable[[TenantSession], T]) -> T:
        """Work on the asker's workspace in a thread, in a session that cannot write."""

        def in_session() -> T:
            with self.database.scope(question.asker.workspace_id, read_only=True) as session:
                return work(session)

        return await asyncio.to_thread(in_session)

    async def write(self, question: Question, work: Callable[[TenantSession], T]) -> T:
        """The same in a session that writes; jobs that this makes are sent after the commit."""

        def in_session() -> T:
            with self.database.session(question.asker.workspace_id) as session:
                found = work(session)
                session.commit()
                if session.info.get("outbox"):
                    events.dispatch(session, self.database, self.settings.effective_redis_url)
                return found

        return await asyncio.to_thread(in_session)


class _Embedder:
    """The embedding model for `Prototypes`; a question's vector is kept, the search will want it too."""

    def __init__(self, embeddings: EmbeddingService) -> None:
        self._embeddings = embeddings

    def embed(self, texts: Sequence[str]) -> Any:
        embedder = self._embeddings.embedder
        assert embedder is not None  # `ChatHandler.prototypes` is None without one
        if len(texts) == 1 and (vector := self._embeddings.query(texts[0])) is not None:
            return [vector]
        return embedder.embed(list(texts), "query")
