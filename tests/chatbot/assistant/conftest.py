"""What the tests of the assistant share: worlds made once."""

from __future__ import annotations

import pytest

from tests.keeping import Keeper


@pytest.fixture(scope="session")
def kept() -> Keeper:
    """The worlds that were made in this test process."""
    return Keeper()
