"""`python -m bench.streaming PORT`: the chatbot with an engine that streams fifty words a second.

Each word is the time it left by the machine's monotonic clock, which both processes share, so a reader can tell how
long it was under way. Served with the options of the Procfile.
"""

from __future__ import annotations

import asyncio
import sys
import time

import uvicorn

from chatbot import create_app
from chatbot.assistant.types import Outcome, Question, Sink

WORDS_PER_S = 50


class Streaming:
    """`types.Assistant`: a question is the number of words to stream."""

    async def answer(self, question: Question, sink: Sink) -> Outcome:
        sink.route("semantic", "")
        words = []
        due = time.monotonic()
        for _ in range(int(question.text)):
            due += 1 / WORDS_PER_S
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            words.append(f"{time.monotonic():.6f} ")
            sink.delta(words[-1])
        return Outcome(route="semantic", text="".join(words), engine="streaming")


if __name__ == "__main__":
    uvicorn.run(
        create_app(assistant=Streaming()), host="127.0.0.1", port=int(sys.argv[1]), ws="websockets-sansio",
        ws_max_size=65536, ws_per_message_deflate=False, log_level="warning", access_log=False,
    )  # fmt: skip
