"""All settings, read once.

`Settings()` reads the environment and `.env`; each service does so in `create_app` and passes the object down. Nothing
else looks at `os.environ`. `docs/configuration.md` lists every setting, checked against this file by a test.
"""

from __future__ import annotations

import os
import re
import secrets
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MAX_UPLOAD_BYTES = 20 * 1024 * 1024
#: Rows to import have no cap; a file of this size holds tens of millions.
MAX_IMPORT_BYTES = 2 * 1024 * 1024 * 1024
#: A mailbox or a calendar that is dropped.
MAX_ACTIVITY_BYTES = 512 * 1024 * 1024
#: What stands behind the `?` of an address. A filter may list two hundred names, of which each letter beyond ASCII
#: takes six bytes: 64 KB for Hebrew names of fifty letters.
LONGEST_ADDRESS = 64 * 1024
MAX_MEETING_S = 6 * 60 * 60


class Settings(BaseSettings):
    """Names are the environment variables, case-insensitive. Empty means "use the default"."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    data_dir: Path = Path("var")
    database_url: str = ""
    redis_url: str = ""
    secret_key: str = ""

    crm_host: str = "127.0.0.1"
    crm_port: int = Field(default=5000, ge=1, le=65535)
    chatbot_host: str = "127.0.0.1"
    chatbot_port: int = Field(default=8001, ge=1, le=65535)
    chatbot_url: str = ""
    crm_public_url: str = ""
    chatbot_public_url: str = ""
    trusted_proxies: int = Field(default=0, ge=0, le=10)

    ollama_host: str = "127.0.0.1:11434"
    extraction_model: str = "llama3.1:8b"
    chat_model: str = "llama3.1:70b"
    extraction_num_ctx: int = Field(default=8192, ge=1024)
    chat_num_ctx: int = Field(default=8192, ge=1024)
    embedding_model: str = "all-MiniLM-L6-v2"
    cross_encoder_model: str = ""
    vector_index: Literal["memory", "pgvector"] = "memory"
    #: The longest silence from the model, seconds, before a call is given up. Loading a large model counts.
    ollama_timeout_s: float = Field(default=120.0, gt=0)
    #: Ollama's own setting: where it keeps models. Read to see how much room is left there, for nothing else.
    ollama_models: str = ""
    #: Whether the chatbot has the models loaded when it starts, where they fit.
    warm_up: bool = True

    #: Whether files put into `inbox_dir` become meetings by themselves.
    watch_inbox: bool = True

    #: Whether webhooks may lead into the network this installation stands in, and to this machine.
    webhooks_to_private_addresses: bool = False
    #: The largest file that may be put beside a record, and all such files of a workspace together.
    attachment_max_mb: int = Field(default=20, ge=1, le=500)
    attachment_quota_mb: int = Field(default=10240, ge=1)

    demo: bool = True
    workers: int = Field(default=1, ge=1, le=32)
    web_processes: int = Field(default=4, ge=1, le=64)
    #: A worker that has not renewed its lease on a meeting for this long has lost it.
    lease_s: float = Field(default=15.0, gt=0)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    clock: datetime | None = None

    @field_validator("clock")
    @classmethod
    def _clock_has_zone(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("CLOCK needs a time zone, for example 2026-11-20T09:00:00+01:00")
        return value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def effective_database_url(self) -> str:
        """`DATABASE_URL`, with the psycopg driver named; a SQLite file in `DATA_DIR` by default."""
        url = self.database_url or f"sqlite:///{self.data_dir / 'afterword.db'}"
        for prefix in ("postgres://", "postgresql://"):
            if url.startswith(prefix):
                return "postgresql+psycopg://" + url.removeprefix(prefix)
        return url

    @property
    def effective_redis_url(self) -> str:
        """`REDIS_URL`; by default the unix socket of the broker that the launcher starts."""
        return self.redis_url or f"unix://{self.broker_socket}"

    @property
    def broker_socket(self) -> Path:
        """Socket of the embedded broker. Such paths end at 107 bytes: a deep `DATA_DIR` uses the temporary folder."""
        inside = self.data_dir / "broker" / "redis.sock"
        if len(os.fsencode(inside)) <= 100:
            return inside
        from hashlib import sha256
        from tempfile import gettempdir

        digest = sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
        return Path(gettempdir()) / f"afterword-{digest}" / "redis.sock"

    @property
    def upload_dir(self) -> Path:
        return self.data_dir / "uploads"

    @property
    def inbox_dir(self) -> Path:
        return self.data_dir / "inbox"

    @property
    def crm_url(self) -> str:
        """What a browser uses to reach the CRM."""
        return self.crm_public_url or f"http://{self.crm_host}:{self.crm_port}"

    @property
    def chatbot_internal_url(self) -> str:
        return self.chatbot_url or f"http://{self.chatbot_host}:{self.chatbot_port}"

    @property
    def ollama_url(self) -> str:
        """`OLLAMA_HOST` as an address to connect to; 0.0.0.0 is where a server listens, not where it is."""
        host = self.ollama_host.strip()
        if "://" not in host:  # as Ollama reads it: a bare host means its own port, an address the scheme's
            name, slash, path = host.partition("/")
            host = f"http://{name if re.search(r':[0-9]+$', name) else f'{name}:11434'}{slash}{path}"
        return host.rstrip("/").replace("0.0.0.0", "127.0.0.1")  # noqa: S104 (it is taken out, not bound to)

    @cached_property
    def effective_secret_key(self) -> str:
        """`SECRET_KEY`, or one made at the first run and kept 0600 in `DATA_DIR`."""
        return self.secret_key or _stored_secret(self.data_dir / "secret_key")


def _stored_secret(path: Path) -> str:
    """Read or make the secret. Two processes starting at once agree: only one creates, by link(2), the other reads."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
