"""Backup and restore: everything comes back, on either database, or nothing is touched."""

from __future__ import annotations

import io
import json
import stat
import tarfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Text, cast, func, select

from chatbot.retrieval import freshness
from chatbot.retrieval.embedding_service import EmbeddingService
from chatbot.retrieval.rag_engine import Retriever
from crm import backup
from shared import migration
from shared.config import Settings
from shared.database import Database
from shared.errors import Conflict, Invalid
from shared.events import Actor
from shared.models import Chunk, ChunkMark, Company, Task, User, Workspace
from shared.records import uploads, verbs
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from tests import factories
from tests.chatbot.retrieval.conftest import WordsEmbedder

DATA = b"Alice: Hello.\nBob: Hello, \xc3\xa4\xc3\xb6\xc3\xbc."


@pytest.fixture
def filled(session: TenantSession, settings: Settings, alice: User) -> str:
    """A workspace with some of everything; returns the SHA-256 of its one upload."""
    digest = uploads.save(settings.upload_dir, session.workspace_id, DATA)
    company = verbs.create(
        session,
        "company",
        {"name": "Müller & Söhne", "description": "a line \u2028 of two"},
        by=Actor("user", alice.id),
    )
    factories.make_contact(session, email="jane@roe.example", company_id=company.id)
    meeting = factories.make_meeting(session, lines=[("Alice", "Hello."), ("Bob", "“Quotes” \\ and \n lines")])
    factories.make_insight(session, meeting=meeting)
    factories.make_deal(session, amount_minor=2**40, currency="EUR")
    weekly = {"title": "Call", "repeat": "FREQ=WEEKLY;BYDAY=MO", "due_date": "2026-11-23"}
    task = verbs.create(session, "task", weekly, by=Actor("user", alice.id))
    verbs.update(session, task, {"status": "done"}, by=Actor("user", alice.id))  # the next one names it
    session.commit()
    return digest


def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    with database.engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table).order_by(table.c.id)).mappings()]
            for table in backup.tables()
        }


def test_everything_comes_back_on_the_other_database_too(
    filled: str, database: Database, settings: Settings, tmp_path: Path
) -> None:
    archive = tmp_path / "all.tar.gz"
    saved = backup.save(database, settings.upload_dir, archive)
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    fresh = Database(f"sqlite:///{tmp_path / 'fresh.db'}")
    folder = tmp_path / "fresh" / "uploads"
    assert backup.restore(fresh, folder, archive) == saved
    assert everything(fresh) == everything(database)
    assert uploads.load(folder, 1, filled) == DATA
    with fresh.scope(1) as session:
        from shared import search

        assert [hit.title for hit in search.find(session, "muller")] == ["Müller & Söhne"]
    back = backup.save(fresh, folder, tmp_path / "again.tar.gz")
    assert back == saved
    assert backup.restore(database, settings.upload_dir, tmp_path / "again.tar.gz", force=True) == saved
    assert everything(database) == everything(fresh)
    fresh.dispose()


def without_value(database: Database) -> dict[str, int]:
    """Rows whose JSON is NULL, which JSON's own null is not, by column."""
    columns = [c for table in backup.tables() for c in table.columns if isinstance(c.type, JSON) and c.nullable]
    with database.engine.connect() as connection:
        return {str(c): connection.scalar(select(func.count()).where(cast(c, Text).is_(None))) or 0 for c in columns}


def test_json_that_is_missing_is_missing_afterwards(
    filled: str, database: Database, settings: Settings, tmp_path: Path
) -> None:
    before = without_value(database)
    assert before["insight.correction"] == 1
    backup.save(database, settings.upload_dir, tmp_path / "all.tar.gz")
    fresh = Database(f"sqlite:///{tmp_path / 'fresh.db'}")
    for one in (fresh, database):
        backup.restore(one, tmp_path / "uploads", tmp_path / "all.tar.gz", force=True)
        assert without_value(one) == before
    fresh.dispose()


def test_what_is_found_by_meaning_is_made_again(
    filled: str, session: TenantSession, database: Database, settings: Settings, tmp_path: Path
) -> None:
    embedder = WordsEmbedder()
    service = EmbeddingService(lambda: embedder)
    service.load()
    retriever = Retriever(service)

    def found(words: str) -> list[str]:
        with database.scope(1, read_only=True) as reading:
            return [passage.title for passage in retriever.search(reading, words, types=["company"]).passages]

    session.commit()
    freshness.catch_up(database, embedder)
    backup.save(database, settings.upload_dir, tmp_path / "all.tar.gz")
    verbs.create(session, "company", {"name": "Zeppelin Freight"}, by=Actor("user", 1))
    session.commit()
    freshness.catch_up(database, embedder)
    assert found("zeppelin")[0] == "Zeppelin Freight"
    backup.restore(database, settings.upload_dir, tmp_path / "all.tar.gz", force=True)
    with database.scope(EVERY_WORKSPACE, read_only=True) as every:
        assert every.scalars(select(Chunk.id)).all() == []
        assert "company" in every.scalars(select(ChunkMark.record_type)).all()
    freshness.catch_up(database, embedder)
    assert "Zeppelin Freight" not in found("zeppelin")
    assert found("muller")[0] == "Müller & Söhne"  # by the same process, which held the vectors of before


def test_new_rows_after_a_restore_get_new_ids(
    filled: str, database: Database, settings: Settings, tmp_path: Path
) -> None:
    backup.save(database, settings.upload_dir, tmp_path / "all.tar.gz")
    backup.restore(database, settings.upload_dir, tmp_path / "all.tar.gz", force=True)
    with database.scope(1) as session:
        before = set(session.scalars(select(Company.id)))
        assert factories.make_company(session).id not in before


def test_a_database_with_something_in_it_is_not_overwritten_unasked(
    filled: str, database: Database, settings: Settings, tmp_path: Path
) -> None:
    backup.save(database, settings.upload_dir, tmp_path / "all.tar.gz")
    before = everything(database)
    with pytest.raises(Conflict, match="--force"):
        backup.restore(database, settings.upload_dir, tmp_path / "all.tar.gz")
    assert everything(database) == before


def entries(archive: Path) -> list[tuple[str, bytes]]:
    with tarfile.open(archive) as tar:
        return [(member.name, tar.extractfile(member).read()) for member in tar]  # type: ignore[union-attr]


def written(path: Path, content: list[tuple[str, bytes]]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, data in content:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def spoiled(archive: Path, how: str, target: Path) -> Path:
    """The archive, damaged in one of many ways."""
    if how == "cut":
        target.write_bytes(archive.read_bytes()[:-200])
        return target
    if how == "text":
        target.write_text("not an archive")
        return target
    content = entries(archive)
    if how == "a row is missing":
        content = [(n, d.partition(b"\n")[2] if n == "tables/user.jsonl" else d) for n, d in content]
    if how == "a table is missing":
        content = [(n, d) for n, d in content if n != "tables/deal.jsonl"]
    if how == "a row refers to nothing":
        content = [(n, d.replace(b'"workspace_id":1', b'"workspace_id":77')) for n, d in content]
    if how == "a file is damaged":
        content = [(n, d + b"!" if n.startswith("uploads/") else d) for n, d in content]
    if how == "a path leads out":
        content.append(("../../evil", b"x"))
    if how == "no manifest":
        content = content[1:]
    return written(target, content)


@pytest.mark.parametrize(
    "how",
    [
        "cut", "text", "a row is missing", "a table is missing", "a row refers to nothing", "a file is damaged",
        "a path leads out", "no manifest",
    ],
)  # fmt: skip
def test_a_damaged_archive_changes_nothing(
    filled: str, database: Database, settings: Settings, tmp_path: Path, how: str
) -> None:
    backup.save(database, settings.upload_dir, tmp_path / "all.tar.gz")
    bad = spoiled(tmp_path / "all.tar.gz", how, tmp_path / "bad.tar.gz")
    before = everything(database)
    with pytest.raises(Invalid, match="nothing was changed"):
        backup.restore(database, settings.upload_dir, bad, force=True)
    assert everything(database) == before
    assert not list(tmp_path.rglob("evil"))
    assert not list(settings.data_dir.glob(".restore-*"))


def test_an_archive_of_another_schema_is_refused(
    filled: str, database: Database, settings: Settings, tmp_path: Path
) -> None:
    backup.save(database, settings.upload_dir, tmp_path / "all.tar.gz")
    (name, manifest), *rest = entries(tmp_path / "all.tar.gz")
    older = json.dumps(json.loads(manifest) | {"revision": "19990101_0000"}).encode()
    other = written(tmp_path / "other.tar.gz", [(name, older), *rest])
    with pytest.raises(Conflict, match="19990101_0000"):
        backup.restore(database, settings.upload_dir, other, force=True)


def test_a_failed_backup_leaves_the_older_one(
    filled: str, database: Database, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "all.tar.gz"
    backup.save(database, settings.upload_dir, target)
    before = target.read_bytes()
    with monkeypatch.context() as patch, pytest.raises(Invalid):
        patch.setattr(backup, "_dump", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        backup.save(database, settings.upload_dir, target)
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.glob(".all*")] == []


def test_no_table_refers_to_a_later_one_or_to_itself() -> None:
    """Rows are restored table by table, in this order, and within a table by id: a task may name an older one."""
    to_older_rows = {Task.__table__.c.repeats_from_id}
    seen: set[str] = set()
    for table in backup.tables():
        keys = [key for key in table.foreign_keys if key.parent not in to_older_rows]
        assert {key.column.table.name for key in keys} <= seen, table.name
        seen.add(table.name)


def test_a_restore_migrates_an_empty_database_first(
    filled: str, database: Database, settings: Settings, tmp_path: Path
) -> None:
    backup.save(database, settings.upload_dir, tmp_path / "all.tar.gz")
    fresh = Database(f"sqlite:///{tmp_path / 'fresh.db'}")
    backup.restore(fresh, tmp_path / "up", tmp_path / "all.tar.gz")
    assert migration.is_current(fresh)
    with fresh.scope(EVERY_WORKSPACE, read_only=True) as session:
        assert len(list(session.scalars(select(Workspace)))) == 2
    fresh.dispose()
