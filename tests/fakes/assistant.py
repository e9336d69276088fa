"""An engine for tests of everything around the engine: it answers what its question asks it to.

say WORDS…            streams the words and is done
slow N                streams N words, 20 ms apart
until stopped         streams a word every 10 ms for ever; `closed` notes when it was told to end
deaf                  as before, but takes its time to end
table | cite | card   tells of them
fail | break          raises an error that means something | a bug
silent S              tells nothing for S seconds
whole                 says nothing before its outcome
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from chatbot.assistant.types import Choice, Outcome, Question, RecordRef, Sink
from chatbot.llm.errors import ServerDown
from chatbot.retrieval.passages import Citation
from shared.query.plan import Plan

SOURCE = Citation(n=1, type="note", id=7, title="A note", href="/notes/7", quote="They will sign.", external_id="n-7")
PLAN = Plan.model_validate({"from": "deal", "limit": 5})


class ScriptedAssistant:
    """`types.Assistant`. `questions` are those asked, `closed` when streams were ended from outside."""

    def __init__(self) -> None:
        self.questions: list[Question] = []
        self.closed: list[float] = []

    async def answer(self, question: Question, sink: Sink) -> Outcome:
        self.questions.append(question)
        verb, _, rest = question.text.partition(" ")
        act = getattr(self, f"_{verb}", self._say)
        sink.status("routing")
        try:
            outcome: Outcome = await act(rest, sink)
        except asyncio.CancelledError:
            self.closed.append(time.monotonic())
            raise
        return outcome

    async def _say(self, rest: str, sink: Sink) -> Outcome:
        sink.route("semantic", "Notes about it")
        return await self._words(rest.split() or ["Nothing."], sink, every_s=0.0)

    async def _slow(self, rest: str, sink: Sink) -> Outcome:
        return await self._words([f"word{n}" for n in range(int(rest))], sink, every_s=0.02)

    async def _words(self, words: list[str], sink: Sink, *, every_s: float) -> Outcome:
        sink.status("writing")
        for n, word in enumerate(words):
            sink.delta(word if n == 0 else f" {word}")
            await asyncio.sleep(every_s)
        return Outcome(route="semantic", text=" ".join(words), engine="scripted", usage={"tokens": len(words)})

    async def _until(self, rest: str, sink: Sink) -> Outcome:
        sink.route("semantic", "Everything")
        while True:
            sink.delta("more ")
            await asyncio.sleep(0.01)

    async def _deaf(self, rest: str, sink: Sink) -> Outcome:
        try:
            return await self._until(rest, sink)
        finally:
            self.closed.append(time.monotonic())
            for _ in range(20):
                sink.delta("still talking ")
                await asyncio.sleep(0.05)

    async def _silent(self, rest: str, sink: Sink) -> Outcome:
        sink.status("loading_model")
        await asyncio.sleep(float(rest))
        return Outcome(route="semantic", text="At last.", engine="scripted")

    async def _whole(self, rest: str, sink: Sink) -> Outcome:
        return Outcome(route="structured", text="There are 3.", value=3, plan=PLAN, sentence="Deals", engine="rules")

    async def _table(self, rest: str, sink: Sink) -> Outcome:
        table: dict[str, Any] = {
            "columns": [{"name": "name"}],
            "rows": [{"name": "Acme"}],
            "total": 1,
            "href": "/deals",
        }
        sink.route("structured", "Deals")
        sink.table(table)
        row = {"type": "deal", "id": 1, "external_id": "d-1", "name": "Acme", "value": 5}
        return Outcome(route="structured", text="One deal.", rows=[row], table=table, plan=PLAN, sentence="Deals")

    async def _cite(self, rest: str, sink: Sink) -> Outcome:
        sink.route("semantic", "Notes")
        sink.sources([SOURCE])
        sink.delta("They will sign ")
        sink.cite(1)
        sink.delta("soon.")
        focus = RecordRef("company", 3, "Acme")
        text = "They will sign [1] soon."
        return Outcome(route="semantic", text=text, citations=[SOURCE], focus=focus, engine="scripted")

    async def _which(self, rest: str, sink: Sink) -> Outcome:
        choices = [Choice("Anna A", "deals of Anna A", RecordRef("contact", 1, "Anna A")), Choice("All", "all deals")]
        sink.route("clarify", "Which Anna?", choices)
        return Outcome(route="clarify", text="Which Anna?", choices=choices)

    async def _fail(self, rest: str, sink: Sink) -> Outcome:
        sink.delta("It be")
        raise ServerDown("Ollama is not reachable. Start it with: ollama serve")

    async def _break(self, rest: str, sink: Sink) -> Outcome:
        raise ZeroDivisionError("a bug")

    async def _threads(self, rest: str, sink: Sink) -> Outcome:
        """Tells from a thread, as an engine that reads the database does."""

        def tell() -> None:
            for n in range(50):
                sink.delta(f"{n},")

        await asyncio.to_thread(tell)
        return Outcome(route="semantic", text="".join(f"{n}," for n in range(50)))
