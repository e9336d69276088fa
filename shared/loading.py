"""Starting without looking for garbage: a service makes half a million objects as it loads, and drops hardly any.

Python would look through all of them again and again, for a fifth of the time that loading takes.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """What is made inside counts as there for good. Where nobody looks for garbage anyway, this changes nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()
            gc.enable()
