"""One question being answered: route, look up, search, write, and tell the sink all along.

    question ─ route ─┬─ structured ─ plan ─ rows, figures ─ template
                      ├─ semantic ─── search ─ pack ─ model        (no model: the passages themselves)
                      ├─ hybrid ───── both, the figures given to the model as they are
                      ├─ action ───── a card; nothing is done
                      └─ clarify, abstain ─ say so

What was retrieved goes to the model as text and comes back as text: only a person's own words make an action, in
`query_router`, before anything is retrieved.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from chatbot.assistant import actions, insight_pages, list_scope, prompting, query_router, search_answer
from chatbot.assistant.answering import Material, NotAnswered, Written
from chatbot.assistant.checking import Source
from chatbot.assistant.formatting import Format
from chatbot.assistant.rendering import Rendered, render, with_card
from chatbot.assistant.tables import grouped
from chatbot.assistant.types import Outcome, Question, Routed, Sink
from chatbot.assistant.understanding import UNSURE
from chatbot.llm.ollama_client import Call
from chatbot.retrieval import context_builder
from chatbot.retrieval.passages import Citation, Passage
from chatbot.retrieval.rag_engine import Found
from shared import installation, search
from shared.config import Settings
from shared.errors import AppError, Invalid, Unavailable
from shared.models import ChatConversation
from shared.query import Plan, Result, ask, sentence
from shared.telemetry import get_logger
from shared.tenancy import TenantSession

if TYPE_CHECKING:
    from chatbot.assistant.chat_handler import ChatHandler

log = get_logger(__name__)
T = TypeVar("T")

_YES_NO = re.compile(
    r"\s*(?:(?:so|and|but|well|ok|okay|hey|hi|also)\b[,\s]+)*"
    r"(?:do|does|did|is|are|was|were|has|have|had|can|will|any|haben|hat|gibt|ist|sind|war|wurde|wurden|hatte|hatten"
    r"|habe|kann|gab)\b(?!.*\bhow many\b)"
    r"|.*,? (?:oder|right|correct|isn['’]t (?:it|he|she)|aren['’]t they|nicht wahr|gell)\s*\?\s*$", re.I,
)  # fmt: skip
_SAID = {
    "en": {
        "card": "Shall I do this? {summary}",
        "clarify": "Which one do you mean?",
        "abstain": "I cannot answer that from this CRM.",
        "cannot": "I cannot answer that: {why}",
        "alone": "Actions need a conversation; ask me in the panel.",
    },
    "de": {
        "card": "Soll ich das tun? {summary}",
        "clarify": "Was genau meinen Sie?",
        "abstain": "Das kann ich aus diesem CRM nicht beantworten.",
        "cannot": "Das kann ich nicht beantworten: {why}",
        "alone": "Aktionen brauchen ein Gespräch; fragen Sie mich im Fenster.",
    },
}


class LookupFailed(Unavailable):
    """The database could not be searched or asked, just now."""

    code = "retrieval_failed"


class AnswerTurn:
    """One question being answered."""

    def __init__(self, handler: ChatHandler, question: Question, sink: Sink) -> None:
        self.handler, self.question, self.sink = handler, question, sink
        self.began = time.monotonic()
        self.timings: dict[str, int] = {}
        self.usage: dict[str, Any] = {}
        self._has_looked = False  # at what Ollama has
        self.scope = ""  # which list's records were looked in, as the answer says it
        self.is_unread = False  # whether nothing was found while records wait to be read

    async def run(self) -> Outcome:
        self.sink.status("routing")
        self.routed, self.settings = await self._timed("route", self._route())
        self.fmt = Format.of(self.routed.language, self.question.asker.locale, self.question.asker.zone)
        outcome = await self._by_kind()
        outcome.focus = outcome.focus or self.routed.focus
        if self.routed.of_list is not None:
            outcome.usage = {"of_list": True} | outcome.usage
        outcome.usage = {"route_by": self.routed.by, "confidence": round(self.routed.confidence, 3)} | outcome.usage
        self.timings["total_ms"] = self._ms()
        outcome.timings = self.timings | outcome.timings
        return outcome

    async def _route(self) -> tuple[Routed, Settings]:
        """By rules; where they are not sure and a small model is there, by what that makes of the question."""
        handler, question = self.handler, self.question
        routed, settings = await handler.read(question, self._by_rules)
        if routed.confidence >= UNSURE:
            return routed, settings
        await self._look_at_models(settings)
        if not handler.answerer.models.can_read(settings):
            return routed, settings
        refined = await query_router.refine(
            settings, question, routed, within=lambda work: handler.read(question, work), on_call=self._book
        )
        return refined, settings

    async def _look_at_models(self, settings: Settings) -> None:
        """Once for each turn, however often it needs to know."""
        if not self._has_looked:
            self._has_looked = True
            await self.handler.answerer.models.look(settings)

    def _by_rules(self, session: TenantSession) -> tuple[Routed, Settings]:
        """The route, and the settings with the models an admin has chosen."""
        settings = self.handler.settings.model_copy(update=dict(installation.choices(session)))
        return query_router.route(session, self.question, prototypes=self.handler.prototypes), settings

    def _book(self, call: Call) -> None:
        self.handler.book.add(self.question.asker.workspace_id, call, turn=self.question.turn)

    async def _by_kind(self) -> Outcome:
        kind = self.routed.kind
        if kind == "action" and self.routed.action is not None:
            return await self._action()
        if kind == "structured" and self.routed.plan is not None:
            return await self._structured()
        if kind in ("semantic", "hybrid"):
            return await self._semantic()
        return self._said()

    # ------------------------------------------------------------------------------------------------ said outright

    def _said(self) -> Outcome:
        """Clarify and abstain: what the router says, and its choices."""
        text = self.routed.message or self._words("clarify" if self.routed.kind == "clarify" else "abstain")
        return self._outright(text)

    def _outright(self, text: str, kind: Any = None) -> Outcome:
        kind = kind or self.routed.kind
        self.sink.route(kind, text, self.routed.choices)
        self.sink.delta(text)
        return Outcome(kind, text, choices=list(self.routed.choices), engine=self._engine())

    def _words(self, key: str, **values: str) -> str:
        return _SAID[self.fmt.language][key].format(**values)

    def _engine(self) -> str:
        return self.routed.by if self.routed.by != "follow-up" else "rules"

    async def _action(self) -> Outcome:
        """A card for the person to say yes to. Only `query_router` makes requests, from their own words."""
        try:
            card = await self._timed("propose", self.handler.write(self.question, self._propose))
        except AppError as error:
            return self._outright(error.detail)
        text = self._words("card", summary=card["summary"])
        self.sink.route("action", card["summary"])
        self.sink.action(card)
        self.sink.delta(text)
        return Outcome("action", text, actions=[card], engine=self._engine())

    def _propose(self, session: TenantSession) -> dict[str, Any]:
        assert self.routed.action is not None
        found = session.scalar(
            select(ChatConversation.id).where(
                ChatConversation.public_id == self.question.conversation,
                ChatConversation.user_id == self.question.asker.user_id,
            )
        )
        if found is None or self.question.turn is None:
            raise Invalid(self._words("alone"))
        action = actions.propose(
            session, self.routed.action, question=self.question, conversation_id=found, turn=self.question.turn
        )
        return actions.card(action)

    # ---------------------------------------------------------------------------------------------------- structured

    async def _structured(self) -> Outcome:
        self.sink.status("querying")
        try:
            result, rendered = await self._query()
        except Invalid as error:
            return self._outright(self._words("cannot", why=error.detail), "abstain")
        self.sink.route("structured", result.sentence)
        self.sink.table(rendered.table)
        if rendered.citations:
            self.sink.sources(rendered.citations)
        self.sink.delta(rendered.text)
        return self._of_plan(result, rendered)

    async def _query(self) -> tuple[Result, Rendered]:
        assert self.routed.plan is not None
        plan = with_card(self.routed.plan)
        result, phrase, heading, pages, scope = await self._looked("query", lambda session: self._ask(session, plan))
        is_yes_no = bool(_YES_NO.match(self.question.text))
        rendered = render(result, self.fmt, phrase=phrase, heading=heading, is_yes_no=is_yes_no)
        insight_pages.link(rendered.table, pages)
        rendered = replace(rendered, text=scope + rendered.text) if scope else rendered
        return result, rendered

    def _ask(self, session: TenantSession, plan: Plan) -> tuple[Result, str, str, dict[int, str], str]:
        """The answer, in words the rows it is about and what was asked of them, where insights among them lead,
        and the list it is limited to."""
        asker, language, locale = self.question.asker, self.fmt.language, str(self.fmt.locale)

        def said(plan: Plan) -> str:
            return sentence(
                session, plan, user_id=asker.user_id, language=language, locale=locale, zone=asker.zone
            )  # fmt: skip

        result = ask(session, plan, user_id=asker.user_id, zone=asker.zone, language=language, locale=locale)
        unordered = plan.model_copy(update={"order": ()})
        result = replace(result, href=grouped(session, plan, result.href))
        rows = plan.of_rows
        pages = insight_pages.pages_of(session, result)
        scope = list_scope.said(session, self.question, self.routed, self.fmt)
        return result, said(rows), said(unordered), pages, scope

    def _of_plan(self, result: Result, rendered: Rendered) -> Outcome:
        return Outcome(
            "structured", rendered.text, value=rendered.value, rows=rendered.rows, groups=rendered.groups,
            table=rendered.table, sentence=result.sentence, plan=result.plan, citations=rendered.citations,
            focus=rendered.focus, engine=self._engine(),
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------ semantic and hybrid

    async def _semantic(self) -> Outcome:
        outcome = await self._figures()
        self.sink.status("searching")
        if outcome is None:
            self.sink.route("semantic", self.routed.search or self.question.text)
        choosing = asyncio.create_task(self._choose())  # what Ollama has is asked while the search runs
        found = await self._looked("search", self._search)
        await choosing
        self.usage["search"] = {
            "mode": found.mode, "looked_in": found.looked_in, "found": len(found.passages), "reason": found.reason,
        }  # fmt: skip
        if not found.is_enough and outcome is None:
            return self._nothing(found)
        if self.scope:
            self.sink.delta(self.scope)
        written = await self._written(found, outcome)
        written.text = self.scope + written.text
        return written

    async def _choose(self) -> None:
        await self._look_at_models(self.settings)
        await self.handler.answerer.models.choose(self.settings)

    async def _figures(self) -> Outcome | None:
        """The exact half of a hybrid question; None where there is none."""
        if self.routed.kind != "hybrid" or self.routed.plan is None:
            return None
        self.sink.status("querying")
        try:
            result, rendered = await self._query()
        except Invalid as error:
            log.info("turn.plan_refused", reason=error.detail)
            return None
        self.sink.route("hybrid", result.sentence)
        self.sink.table(rendered.table)
        return replace(self._of_plan(result, rendered), route="hybrid")

    def _search(self, session: TenantSession) -> Found:
        retriever, page = self.handler.retriever, self.question.page
        text, about = self.routed.search or self.question.text, self.routed.about
        found = retriever.search(session, text, about=about, page=page)
        if self.routed.of_list is not None:
            self.scope = list_scope.said(session, self.question, self.routed, self.fmt)
        elif about and not found.is_enough and page not in about:
            # Whom a question names may speak, or be spoken of, where their record is not linked.
            wider = retriever.search(session, text, page=page)
            found = wider if wider.is_enough else found
        self.is_unread = not found.is_enough and search.has_marks(session)
        return found

    def _nothing(self, found: Found) -> Outcome:
        text = self.scope + search_answer.nothing_text(found, self.fmt, is_unread=self.is_unread)
        self.sink.route("abstain", text)
        self.sink.delta(text)
        return Outcome("abstain", text, engine="search", usage=self.usage)

    async def _written(self, found: Found, figures: Outcome | None) -> Outcome:
        facts = prompting.facts_of(figures.text, figures.table) if figures else ""
        try:
            written = await self.handler.answerer.write(
                self.question,
                self.fmt,
                lambda tokens: self._pack(found, tokens, facts),
                self.sink,
                settings=self.settings,
                on_call=self._book,
                facts=facts,
            )
        except NotAnswered as failed:
            return self._passages(found, figures, failed.error)
        return self._from_model(written, figures)

    async def _pack(self, found: Found, tokens: int, facts: str) -> Material:
        packed = await self._timed("pack", asyncio.to_thread(context_builder.pack, found.passages, tokens))
        self.sink.sources(packed.citations)
        sources = [_source(passage, self.fmt) for passage in packed.passages]
        return Material(packed.text, packed.citations, tuple(sources), packed.nonce, facts)

    def _from_model(self, written: Written, figures: Outcome | None) -> Outcome:
        self.timings["first_token_ms"] = (
            self._ms() - written.timings["model_ms"] + written.timings["model_first_token_ms"]
        )
        outcome = figures or Outcome(self.routed.kind, "")
        outcome.text, outcome.reason, outcome.error = written.text, written.reason, written.error
        outcome.citations = [c for c in written.material.citations if c.n in written.cited or not written.cited]
        outcome.engine = written.engine
        outcome.usage = self.usage | written.usage | {"cited": written.cited}
        outcome.timings = written.timings
        return outcome

    def _passages(self, found: Found, figures: Outcome | None, error: dict[str, Any]) -> Outcome:
        """No model: the exact half in words, and what search found, called what it is."""
        parts = [figures.text.replace(" [1]", "")] if figures else []
        citations: list[Citation] = []
        if found.passages and found.is_enough:
            citations = search_answer.citations_of(found.passages)
            parts.append(search_answer.passages_text(found.passages, self.fmt, code=error["code"]))
        text = "\n\n".join(parts) or search_answer.nothing_text(found, self.fmt, is_unread=self.is_unread)
        self.sink.sources(citations)
        self.sink.delta(text)
        outcome = figures or Outcome(self.routed.kind, "")
        outcome.text, outcome.citations, outcome.engine = text, citations, "search"
        outcome.error, outcome.usage = error, self.usage
        return outcome

    # ---------------------------------------------------------------------------------------------------------- time

    async def _looked(self, stage: str, work: Callable[[TenantSession], T]) -> T:
        """Work on the database, timed. Raises LookupFailed where the database cannot, just now."""
        try:
            return await self._timed(stage, self.handler.read(self.question, work))
        except (Unavailable, DBAPIError) as error:
            detail = error.detail if isinstance(error, Unavailable) else "The database does not answer."
            raise LookupFailed(detail) from error

    async def _timed(self, stage: str, work: Coroutine[Any, Any, T]) -> T:
        began = time.monotonic()
        try:
            return await work
        finally:
            key = f"{stage}_ms"
            self.timings[key] = self.timings.get(key, 0) + int((time.monotonic() - began) * 1000)

    def _ms(self) -> int:
        return int((time.monotonic() - self.began) * 1000)


def _source(passage: Passage, fmt: Format) -> Source:
    """A passage as figures are checked against it: with its title, its day, and the second it was said at."""
    day = passage.happened_at or passage.updated_at
    at = f"\n{int(passage.start_s) // 60}:{int(passage.start_s) % 60:02}" if passage.start_s is not None else ""
    return Source(f"{passage.title}\n{passage.text}{at}", fmt.local_day(day) if day else None)
