"""How much one user may send, whatever the number of their tabs."""

from __future__ import annotations

import time


class Buckets:
    """A token bucket for each key: `burst` at once, then `per_s` a second."""

    MAX_KEYS = 10_000

    def __init__(self, *, burst: float, per_s: float) -> None:
        self._burst, self._per_s = burst, per_s
        self._left: dict[int, tuple[float, float]] = {}  # key to (tokens, when)

    def take(self, key: int) -> float:
        """Take one; 0 if there was one, else the seconds until there is."""
        now = time.monotonic()
        tokens, then = self._left.get(key, (self._burst, now))
        tokens = min(self._burst, tokens + (now - then) * self._per_s)
        wait_s = 0.0 if tokens >= 1 else (1 - tokens) / self._per_s
        self._left[key] = (tokens - (wait_s == 0), now)
        if len(self._left) > self.MAX_KEYS:
            self._forget_full(now)
        return wait_s

    def _forget_full(self, now: float) -> None:
        """Who has been quiet long enough to have all tokens back needs no entry."""
        refill_s = self._burst / self._per_s
        self._left = {key: entry for key, entry in self._left.items() if now - entry[1] < refill_s}
