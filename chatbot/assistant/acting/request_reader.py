"""From a reading of a request to the tool and arguments it comes to, or to what must be asked first."""

from __future__ import annotations

from collections.abc import Callable

from chatbot.assistant.acting.asking import Instead
from chatbot.assistant.acting.list_requests import ListRequests
from chatbot.assistant.acting.record_requests import PeopleRequests
from chatbot.assistant.acting.work_requests import WorkRequests
from chatbot.assistant.types import Routed


class RequestReader(WorkRequests, ListRequests, PeopleRequests):
    """Reads one way to understand a request: `read` calls the method its intent is named after."""

    def read(self) -> Routed | None:
        """What it comes to; None where it makes no sense after all."""
        method: Callable[[], Routed | None] = getattr(self, f"_{self.reading.intent}")
        try:
            return method()
        except Instead as instead:
            return instead.routed

    def _bulk(self) -> Routed | None:
        raise self._abstain("bulk")

    def _undo(self) -> Routed | None:
        raise self._abstain("undo")

    def _delete(self) -> Routed | None:
        raise self._abstain("delete")
