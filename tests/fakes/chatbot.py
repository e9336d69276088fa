"""The chatbot under uvicorn, as the Procfile starts it, on a real port, in a thread of the test."""

from __future__ import annotations

import logging
import threading
import time

import uvicorn

from chatbot import create_app
from chatbot.assistant.live.hub import Hub
from chatbot.assistant.types import Assistant
from shared.config import Settings
from tests.ports import free_port


class Server:
    """A running service; `assistant` answers, or the real one."""

    def __init__(self, settings: Settings, assistant: Assistant | None = None) -> None:
        self.settings, self.assistant = settings, assistant
        self._start()

    def _start(self) -> None:
        self.app = create_app(self.settings, assistant=self.assistant)
        config = uvicorn.Config(
            self.app,
            host="127.0.0.1",
            port=self.settings.chatbot_port,
            ws="websockets-sansio",
            ws_max_size=65536,
            ws_per_message_deflate=False,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        give_up = time.monotonic() + 10
        while not self._server.started:
            assert self._thread.is_alive() and time.monotonic() < give_up, "the server did not start"
            time.sleep(0.005)

    @property
    def hub(self) -> Hub:
        found: Hub = self.app.state.live.hub
        return found

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.settings.chatbot_port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.settings.chatbot_port}/ws/chat"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)
        assert not self._thread.is_alive()
        logging.getLogger().handlers.clear()  # they write to what pytest takes away with the test

    def restart(self) -> None:
        """On the same port, also after `stop`."""
        self.stop()
        self._start()


def with_free_port(settings: Settings) -> Settings:
    """The same settings, for a chatbot where nothing listens yet."""
    return settings.model_copy(update={"chatbot_port": free_port()})
