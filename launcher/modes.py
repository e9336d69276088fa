"""Says in words what Afterword runs on: which database, which broker, which language model or none."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from launcher import readiness
from launcher.preflight import without_password
from shared.config import Settings


def database(settings: Settings) -> str:
    url = settings.effective_database_url
    if url.startswith("sqlite"):
        return f"SQLite in {_short(Path(url.partition(':///')[2]))}"
    return f"PostgreSQL at {without_password(url.replace('postgresql+psycopg://', 'postgresql://', 1))}"


def broker(settings: Settings) -> str:
    if settings.redis_url:
        return f"Redis at {without_password(settings.redis_url)}"
    return f"embedded Redis in {_short(settings.data_dir / 'broker')}"


async def language_model(settings: Settings) -> str:
    """Asks Ollama which models it has; a missing or silent Ollama is a mode, not an error."""
    host, port = _ollama_address(settings.ollama_host)
    answer = await readiness.get(host, port, "/api/tags")
    if not answer.is_ready:
        return f"none (no Ollama at {host}:{port}); the built-in analyzer reads meetings"
    models = answer.body.get("models")
    names = (
        {str(model.get("name")) for model in models if isinstance(model, dict)} if isinstance(models, list) else set()
    )
    wanted = settings.extraction_model
    if wanted in names or f"{wanted}:latest" in names:
        return f"{wanted} through Ollama at {host}:{port}"
    return f"Ollama at {host}:{port} has no {wanted} (ollama pull {wanted}); the built-in analyzer reads meetings"


def _ollama_address(text: str) -> tuple[str, int]:
    parts = urlsplit(text if "://" in text else f"//{text}")
    try:
        port = parts.port
    except ValueError:
        port = None
    default = {"http": 80, "https": 443}.get(parts.scheme, 11434)
    return readiness.reachable(parts.hostname or "127.0.0.1"), port or default


def _short(path: Path) -> str:
    """Relative to where the person stands, if it is inside."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
