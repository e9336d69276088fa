"""One event per fact: `log.info("meeting.analyzed", meeting_id=7, ms=812)`.

A dotted noun.past-verb names the fact, values travel as fields. No secrets, and no text of customers at INFO.
Fields bound with `bound` (request id, job id) appear in every line written inside it.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import structlog


def configure(level: str = "INFO", fmt: str = "text") -> None:
    """Set up logging for the process; `fmt` is `text` or `json`. The standard library's loggers pass through too."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rich = sys.stderr.isatty()
    last: Any = (
        structlog.processors.JSONRenderer()
        if fmt == "json"
        else structlog.dev.ConsoleRenderer(colors=rich, exception_formatter=structlog.dev.plain_traceback)
    )
    chain = [structlog.processors.format_exc_info, last] if fmt == "json" else [last]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *chain],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "rq.worker", "werkzeug", "alembic", "tzlocal"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # its warnings are about the file; the reader says what is wrong


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger for a module; call it with an event name and fields."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger(name))


@contextmanager
def bound(**fields: object) -> Iterator[None]:
    """Add fields to every line logged inside the block."""
    with structlog.contextvars.bound_contextvars(**fields):
        yield
