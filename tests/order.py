"""In which order the processes of pytest-xdist get the files, and which of them one process takes together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    import pytest

#: Takes one process as a whole, since its files share services and a browser.
TOGETHER = "tests/e2e/"
#: What takes longest comes first, or all would wait for it in the end; what mostly waits (for browsers, for processes
#: to start and to be missed) is dealt out between what calculates. The rest follows, folder by folder.
FIRST = (
    TOGETHER,
    "tests/faults/test_killed_processes.py",
    "tests/bench/",
    "tests/architecture/",
    "tests/launcher/test_running.py",
    "tests/shared/demo/",
    "tests/faults/test_killed_imports.py",
    "tests/evals/test_assistant_quality.py",
    "tests/crm/api/",
    "tests/launcher/test_refusing.py",
    "tests/crm/test_cli.py",
    "tests/faults/test_network_cut.py",
    "tests/chatbot/assistant/understanding/",
    "tests/faults/",
    "tests/chatbot/",
    "tests/launcher/",
)


class Order(LoadScopeScheduling):  # type: ignore[misc]
    """File by file, but `TOGETHER`."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # most tests first says nothing about how long they take

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else str(nodeid.partition("::")[0])


def in_order(items: list[pytest.Item]) -> None:
    """Sort by `FIRST`; tests of one file stay together, as they stand."""
    items.sort(key=lambda item: _rank(item.nodeid))


def _rank(nodeid: str) -> int:
    return next((rank for rank, start in enumerate(FIRST) if nodeid.startswith(start)), len(FIRST))
