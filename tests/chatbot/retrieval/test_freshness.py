"""A change is marked in its own transaction; the job makes chunks and vectors, whatever happens to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from chatbot import cli
from chatbot.retrieval import freshness
from shared import migration, queue, records, review, search
from shared.config import Settings
from shared.database import Database
from shared.models import Chunk, ChunkMark, ChunkRemoval
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from tests.chatbot.retrieval.conftest import BY, WordsEmbedder
from tests.factories import make_insight, make_meeting

Write = Callable[..., Any]
Indexed = Callable[[TenantSession], int]


def texts(session: TenantSession, kind: str, id_: int) -> list[str]:
    query = select(Chunk.text).where(Chunk.record_type == kind, Chunk.record_id == id_).order_by(Chunk.position)
    return list(session.scalars(query))


def count(session: TenantSession, model: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_change_is_marked_with_itself_and_unmarked_when_it_is_taken_back(
    session: TenantSession, write: Write
) -> None:
    write("note", body="The gate code is 4711.")
    assert count(session, ChunkMark) == 1
    session.rollback()
    assert count(session, ChunkMark) == 0


def test_every_kind_of_record_becomes_chunks_with_vectors(
    session: TenantSession, write: Write, indexed: Indexed, embedder: WordsEmbedder
) -> None:
    company = write("company", name="Nordwind GmbH", city="Kiel", description="Wind parks at sea.")
    contact = write("contact", first_name="Jane", last_name="Roe", company_id=company.id, title="Buyer")
    deal = write("deal", name="Renewal", company_id=company.id, amount={"minor": 1_250_000, "currency": "EUR"})
    task = write("task", title="Send the offer", links=[{"type": "deal", "id": deal.id}])
    note = write("note", body="Budget is frozen.", links=[{"type": "company", "id": company.id}])
    session.commit()
    meeting = make_meeting(session, lines=[("Jane", "We need ten licences."), ("Bob", "Noted.")])
    insight = make_insight(session, meeting, kind="decision", data={"description": "Start in May"}, status="accepted")
    search.mark(session, "meeting", meeting.id)
    indexed(session)
    assert texts(session, "company", company.id)[0].startswith("Company: Nordwind GmbH")
    assert "Buyer at Nordwind GmbH" in texts(session, "contact", contact.id)[0]
    assert "12,500.00 EUR" in texts(session, "deal", deal.id)[0]
    assert "About: Renewal" in texts(session, "task", task.id)[0]
    assert texts(session, "note", note.id) == ["Note on Nordwind GmbH\nBudget is frozen."]
    assert texts(session, "meeting", meeting.id)[-1] == "Jane: We need ten licences.\nBob: Noted."
    assert texts(session, "insight", insight.id)[0].startswith("Decision: Start in May")
    models = set(session.scalars(select(Chunk.model)))
    assert models == {embedder.name}
    assert count(session, ChunkMark) == 0


def test_running_twice_does_nothing_more(
    session: TenantSession, write: Write, indexed: Indexed, embedder: WordsEmbedder
) -> None:
    write("note", body="Only once.")
    assert indexed(session) > 0
    rows = session.execute(select(Chunk.id, Chunk.change)).all()
    embedder.embedded.clear()
    assert indexed(session) == 0
    assert embedder.embedded == []
    assert session.execute(select(Chunk.id, Chunk.change)).all() == rows


def test_what_has_not_changed_is_not_embedded_again(
    session: TenantSession, write: Write, indexed: Indexed, embedder: WordsEmbedder
) -> None:
    paragraphs = [f"Paragraph {n}. " + "words and more words here. " * 22 for n in range(3)]
    note = write("note", body="\n\n".join(paragraphs))
    indexed(session)
    assert len(texts(session, "note", note.id)) == 3
    embedder.embedded.clear()
    records.update(session, note, {"body": "\n\n".join(["Entirely new. " * 40, *paragraphs])}, by=BY)
    indexed(session)
    assert len(embedder.embedded) == 1
    assert len(texts(session, "note", note.id)) == 4


def test_a_job_killed_between_chunks_and_vectors_is_finished_by_the_next(
    database: Database, session: TenantSession, write: Write, embedder: WordsEmbedder
) -> None:
    write("note", body="Half done.")
    session.commit()

    class Killed(BaseException):
        pass

    class Dies(WordsEmbedder):
        def embed(self, texts: Any, kind: Any = "document") -> Any:
            raise Killed

    with pytest.raises(Killed):
        freshness.catch_up(database, Dies())
    assert count(session, ChunkMark) == 0
    assert session.scalars(select(Chunk.model)).all() == [None]
    session.rollback()
    freshness.catch_up(database, embedder)
    assert session.scalars(select(Chunk.model)).all() == [embedder.name]


def test_a_change_during_the_job_is_not_lost(
    database: Database, session: TenantSession, write: Write, embedder: WordsEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = write("note", body="Before.")
    session.commit()
    read = freshness.chunks.pieces_of
    changed = []

    def slowly(inner: TenantSession, kind: str, id_: int) -> Any:
        pieces = read(inner, kind, id_)
        inner.rollback()
        if not changed:
            changed.append(True)
            records.update(session, note, {"body": "After."}, by=BY)
            session.commit()
        return pieces

    monkeypatch.setattr(freshness.chunks, "pieces_of", slowly)
    freshness.catch_up(database, embedder)
    assert count(session, ChunkMark) == 1
    session.rollback()
    freshness.catch_up(database, embedder)
    assert texts(session, "note", note.id) == ["After."]
    assert count(session, ChunkMark) == 0


def test_a_text_that_changed_while_it_was_embedded_does_not_get_the_old_vector(
    database: Database, session: TenantSession, write: Write, indexed: Indexed
) -> None:
    note = write("note", body="Old words.")
    session.commit()
    freshness.catch_up(database, None)

    class Slow(WordsEmbedder):
        def embed(self, texts: Any, kind: Any = "document") -> Any:
            records.update(session, note, {"body": "New words entirely."}, by=BY)
            session.commit()
            freshness.chunk_marked(database)
            return super().embed(texts, kind)

    freshness.embed_waiting(database, Slow())
    assert session.scalars(select(Chunk.model)).all() == [None]


def test_deleting_takes_chunks_and_marks_along_at_once(
    database: Database, session: TenantSession, write: Write, indexed: Indexed
) -> None:
    note = write("note", body="Secret.")
    indexed(session)
    records.update(session, note, {"body": "Secret still."}, by=BY)
    records.delete(session, note, by=BY)
    assert texts(session, "note", note.id) == []
    assert count(session, ChunkMark) == 0
    assert count(session, ChunkRemoval) == 1
    records.restore(session, note, by=BY)
    indexed(session)
    assert texts(session, "note", note.id) == ["Secret still."]


def test_a_meetings_insights_go_and_come_with_it(session: TenantSession, indexed: Indexed) -> None:
    meeting = make_meeting(session)
    insight = make_insight(session, meeting, kind="decision", data={"description": "Go"}, status="accepted")
    records.delete(session, meeting, by=BY)
    records.restore(session, meeting, by=BY)
    indexed(session)
    assert texts(session, "insight", insight.id)
    records.delete(session, meeting, by=BY)
    assert texts(session, "insight", insight.id) == []


def test_an_insight_is_found_from_its_yes_to_its_undoing(session: TenantSession, indexed: Indexed) -> None:
    meeting = make_meeting(session)
    insight = make_insight(
        session, meeting, kind="decision", data={"description": "Start in May"},
        proposal={"action": "link", "record_type": "meeting", "record_id": meeting.id},
    )  # fmt: skip
    indexed(session)
    assert texts(session, "insight", insight.id) == []
    review.accept(session, insight, by=BY)
    indexed(session)
    assert texts(session, "insight", insight.id)[0].startswith("Decision: Start in May")
    review.undo(session, insight, by=BY)
    assert texts(session, "insight", insight.id) == []


def test_another_model_makes_every_vector_anew(
    database: Database, session: TenantSession, write: Write, indexed: Indexed
) -> None:
    write("note", body="Once.")
    indexed(session)
    other = WordsEmbedder("words-2")
    freshness.catch_up(database, other)
    assert set(session.scalars(select(Chunk.model))) == {"words-2"}
    assert len(other.embedded) == 1


def test_a_new_name_is_learned_by_what_shows_it(session: TenantSession, write: Write, indexed: Indexed) -> None:
    company = write("company", name="Nordwind")
    note = write("note", body="Frozen.", links=[{"type": "company", "id": company.id}])
    deal = write("deal", name="Renewal", company_id=company.id)
    indexed(session)
    records.update(session, company, {"name": "Südwind"}, by=BY)
    indexed(session)
    assert texts(session, "note", note.id) == ["Note on Südwind\nFrozen."]
    assert "Company: Südwind" in texts(session, "deal", deal.id)[0]


def test_without_a_model_chunks_are_made_and_vectors_wait(
    database: Database, session: TenantSession, write: Write, embedder: WordsEmbedder
) -> None:
    write("note", body="Patience.")
    session.commit()
    freshness.catch_up(database, None)
    assert session.scalars(select(Chunk.model)).all() == [None]
    session.rollback()
    freshness.catch_up(database, embedder)
    assert session.scalars(select(Chunk.model)).all() == [embedder.name]


def test_reindexing_marks_everything_of_one_workspace(
    database: Database, session: TenantSession, mallory_session: TenantSession, write: Write, indexed: Indexed
) -> None:
    write("note", body="Ours.")
    session.commit()
    records.create(mallory_session, "note", {"body": "Theirs."}, by=BY)
    indexed(mallory_session)
    assert freshness.reindex(database, workspace_id=session.workspace_id) == 1
    with database.scope(EVERY_WORKSPACE, read_only=True) as all_:
        assert all_.scalars(select(ChunkMark.workspace_id)).all() == [session.workspace_id]


def test_the_command_marks_for_the_worker_or_does_it_itself(
    database: Database, session: TenantSession, write: Write, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("note", body="Ours.")
    session.commit()
    for name in ("DATABASE_URL", "DATA_DIR", "EMBEDDING_MODEL"):
        monkeypatch.setenv(name, str(getattr(settings, name.lower())))

    def reindex(*arguments: str) -> tuple[int, str]:
        told = CliRunner().invoke(cli.reindex, list(arguments), catch_exceptions=False)
        return told.exit_code, told.output.splitlines(keepends=True)[-1]

    monkeypatch.setattr(queue, "worker_count", lambda url, name: 1)
    assert reindex() == (0, "Records the worker will read again: 1.\n")
    assert len(session.scalars(select(ChunkMark.id)).all()) == 1
    session.rollback()
    monkeypatch.setattr(queue, "worker_count", lambda url, name: 0)
    assert reindex("--workspace", str(session.workspace_id)) == (0, "Records read again: 1.\n")
    assert session.scalars(select(ChunkMark.id)).all() == [] and session.scalars(select(Chunk.text)).one()
    session.rollback()
    assert reindex("--workspace", "999") == (2, "There is no workspace 999.\n")
    monkeypatch.setattr(migration, "is_current", lambda connected: False)
    assert reindex()[0] == 2
