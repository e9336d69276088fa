"""Numbers that `training` fits: those committed beside the code, or within a block others in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Generic, TypeVar

W = TypeVar("W")


class Fitted(Generic[W]):
    """One set of weights; `read` gives the committed ones, once a process."""

    def __init__(self, name: str, read: Callable[[], W]) -> None:
        self._committed = cache(read)
        self._instead: ContextVar[W | None] = ContextVar(f"{name} to judge by", default=None)

    def weights(self) -> W:
        """Those that hold here."""
        instead = self._instead.get()
        return self._committed() if instead is None else instead

    @contextmanager
    def judging(self, using: W) -> Iterator[None]:
        """Within the block other weights hold: evaluation judges a meeting by weights that never saw it."""
        token = self._instead.set(using)
        try:
            yield
        finally:
            self._instead.reset(token)
