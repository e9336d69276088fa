"""While a service is loaded nobody looks for garbage; afterwards somebody does."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from shared.loading import without_garbage_collection


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    was_on = gc.isenabled()
    yield
    (gc.enable if was_on else gc.disable)()


def test_garbage_is_looked_for_again_once_all_is_loaded() -> None:
    gc.enable()
    with without_garbage_collection():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_was_loaded_is_never_looked_through_again() -> None:
    gc.enable()
    before = gc.get_freeze_count()
    with without_garbage_collection():
        loaded = [[n] for n in range(1000)]
    assert gc.get_freeze_count() >= before + len(loaded)


def test_garbage_is_looked_for_again_also_when_loading_fails() -> None:
    gc.enable()
    with pytest.raises(ImportError), without_garbage_collection():
        raise ImportError("no such part")
    assert gc.isenabled()


def test_who_has_it_off_anyway_keeps_it_off() -> None:
    gc.disable()
    before = gc.get_freeze_count()
    with without_garbage_collection():
        assert not gc.isenabled()
    assert not gc.isenabled()
    assert gc.get_freeze_count() == before
