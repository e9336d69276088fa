"""`flask ask`: one turn without a service, as whoever asks, kept like any other."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

import shared.database
from chatbot import cli
from chatbot.assistant import chat_handler
from chatbot.retrieval import freshness, rag_engine
from chatbot.retrieval.embedding_service import EmbeddingService
from chatbot.retrieval.rag_engine import Retriever
from shared import records
from shared.config import Settings
from shared.database import Database
from shared.events import SYSTEM
from shared.models import ChatConversation, ChatMessage, TurnState
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from tests.chatbot.retrieval.conftest import WordsEmbedder
from tests.conftest import Cast
from tests.fakes.assistant import ScriptedAssistant

Ask = Callable[..., Result]


@pytest.fixture
def assistant(monkeypatch: pytest.MonkeyPatch) -> ScriptedAssistant:
    scripted = ScriptedAssistant()
    monkeypatch.setattr(chat_handler, "create", lambda settings, database: scripted)
    return scripted


@pytest.fixture
def ask(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """The command in the environment of the test's settings, outside any `.env`."""
    monkeypatch.setenv("DATABASE_URL", settings.effective_database_url)
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("OLLAMA_HOST", settings.ollama_host)
    yield lambda *arguments: CliRunner().invoke(cli.ask, list(arguments), catch_exceptions=False)
    shared.database.current().dispose()
    logging.getLogger().handlers.clear()  # they write to what the runner has closed


def test_the_answer_is_that_of_chat_ask_alone_on_the_output(
    ask: Ask, assistant: ScriptedAssistant, database: Database, cast: Cast
) -> None:
    said = ask("table", "--email", "BOB@acme.example", "--json")
    assert said.exit_code == 0
    found = json.loads(said.stdout)
    assert (found["route"], found["rows"][0]["external_id"], found["conversation_id"][:2]) == (
        "structured",
        "d-1",
        "c_",
    )
    assert assistant.questions[0].asker.user_id == cast.bob
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        assert session.scalars(select(ChatConversation.user_id)).one() == cast.bob
        assert session.scalars(select(ChatMessage.state).where(ChatMessage.role == "assistant")).one() == "done"


def test_without_json_it_reads_well_and_the_first_admin_asks(
    ask: Ask, assistant: ScriptedAssistant, cast: Cast
) -> None:
    assert ask("cite").stdout == "They will sign [1] soon.\n[1] A note: They will sign.\n"
    assert ask("which").stdout.splitlines()[1] == "  - deals of Anna A"
    assert assistant.questions[0].asker.user_id == cast.alice


def test_what_cannot_be_asked_is_one_line_and_touches_nobody_elses_turn(
    ask: Ask, assistant: ScriptedAssistant, database: Database, cast: Cast
) -> None:
    with database.scope(cast.acme) as session:
        conversation = ChatConversation(public_id="c_running", user_id=cast.alice)
        session.add(conversation)
        session.flush()
        ids = {"conversation_id": conversation.id, "user_id": cast.alice}
        session.add(ChatMessage(**ids, turn="t_running", role="assistant", state=TurnState.RUNNING))
    for arguments in (("x", "--email", "nobody@acme.example"), ("  ",), ("x" * 8001,), ("fail",), ("break",)):
        said = ask(*arguments, "--json")
        assert (said.exit_code, said.stdout, bool(said.stderr.strip())) == (2, "", True), arguments
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        running = session.scalars(select(ChatMessage).where(ChatMessage.turn == "t_running")).one()
        assert running.state is TurnState.RUNNING


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_database_that_was_never_set_up_is_said_to_be(
    ask: Ask, assistant: ScriptedAssistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    said = ask("whole")
    assert (said.exit_code, "prepare" in said.stderr) == (2, True)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_is_found_by_meaning_is_found_here_too(
    ask: Ask, database: Database, session: TenantSession, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load() -> WordsEmbedder:
        time.sleep(0.3)  # a model takes its time
        return WordsEmbedder()

    records.create(session, "note", {"body": "Jane: trucks wait at the gate."}, by=SYSTEM)
    session.commit()
    freshness.catch_up(database, WordsEmbedder())
    monkeypatch.setattr(rag_engine, "for_process", lambda settings: Retriever(EmbeddingService(load)))
    assert ask("What did customers say about trucks at the gate?").exit_code == 0
    with database.scope(cast.acme, read_only=True) as reading:
        usage = reading.scalars(select(ChatMessage.usage).where(ChatMessage.role == "assistant")).one()
    assert (usage["search"]["mode"], usage["search"]["reason"]) == ("hybrid", "")
