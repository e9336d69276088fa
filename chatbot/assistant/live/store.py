"""The database side of live turns: short sessions on threads of their own, so that the event loop never waits for one.

The threads are not those that plans and searches run on: however slow a query is, a ticket is redeemed, a text saved
and an ended turn stored beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from chatbot.assistant.live.sink import choice_json, storable
from chatbot.assistant.types import Asker, Choice, Exchange, Listing, Outcome, Question, RecordRef
from shared import events
from shared.chat import tickets, turns
from shared.chat.internal import Caller
from shared.chat.tickets import Holder
from shared.chat.turns import Answer, Asked
from shared.config import Settings
from shared.database import Database
from shared.errors import Invalid, Unauthorized, Unavailable
from shared.models import ChatMessage, TurnState, User, Workspace
from shared.query import catalog, check_plan, lists
from shared.query.plan import Plan
from shared.records import TYPES, view_states
from shared.review import actions, cards
from shared.schemas.chat import Decide, Listed, Page
from shared.telemetry import get_logger
from shared.tenancy import EVERY_WORKSPACE, TenantSession, type_of_scope

log = get_logger(__name__)
T = TypeVar("T")

THREADS = 4
#: A finished answer is worth waiting for a database that is busy or away, seconds between tries.
FINISH_AGAIN_S = (0.2, 1.0, 3.0)

#: Parameters of a page's address that say nothing of which rows there are.
_OF_PAGES = frozenset(
    ("saved", "columns", "by", "part", "row", "groups", "view", "cursor", "limit", "total", "group")
)  # fmt: skip

_STATES = {
    "done": TurnState.DONE, "stopped": TurnState.STOPPED, "length": TurnState.LENGTH, "error": TurnState.ERROR,
    "interrupted": TurnState.INTERRUPTED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opened:
    """A turn as `begin` left it. `question` is None where this client_id had asked before.

    `skipped` are cards of earlier turns that this question made pointless.
    """

    turn: str
    conversation: str
    message_id: int
    question: Question | None
    skipped: list[tuple[str, dict[str, Any]]]  # turn, data of `action.result`


class Store:
    """Reads and writes for the hub; each call is one transaction."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings, self._database = settings, database
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="chat")

    def close(self) -> None:
        """After the last call."""
        self._threads.shutdown(wait=True)

    async def redeem(self, ticket: str) -> Holder | None:
        """Use a ticket up."""
        return await self._run(lambda session: tickets.redeem(session, ticket), EVERY_WORKSPACE)

    async def is_standing(self, holder: Holder) -> bool:
        """Whether they may still be here."""
        found = await self._run(lambda s: tickets.standing(s, holder), holder.workspace_id, read_only=True)
        return found is not None

    async def lapsed(self, holders: Iterable[Holder]) -> set[Holder]:
        """Those who may not stay."""
        asked = list(holders)
        return await self._run(lambda session: tickets.lapsed(session, asked), EVERY_WORKSPACE, read_only=True)

    async def caller(self, caller: Caller) -> Holder | None:
        """Whom the CRM asks for, if they are still active."""
        holder = Holder(caller.workspace_id, caller.user_id)
        return holder if await self.is_standing(holder) else None

    async def begin(self, holder: Holder, asked: Asked, *, turn: str) -> Opened:
        """Store a question and read all that its answer needs to know of the asker.

        Raises Unauthorized for one who may not be here any more, turns.Busy, NotFound.
        """
        return await self._run(lambda session: _begin(session, holder, asked, turn), holder.workspace_id)

    async def save(self, texts: Mapping[str, tuple[str, int]]) -> set[str]:
        """Keep texts so far; returns turns whose conversation was deleted."""
        return await self._run(lambda session: turns.save(session, texts), EVERY_WORKSPACE)

    async def finish(self, holder: Holder, turn: str, answer: Answer) -> None:
        """Keep the whole answer, trying again while the database is busy. Raises Unavailable in the end."""
        for wait_s in FINISH_AGAIN_S:
            try:
                await self._run(lambda session: turns.finish(session, turn, answer), holder.workspace_id)
            except (Unavailable, DBAPIError) as error:
                log.warning("turn.saving_postponed", turn=turn, reason=type(error).__name__)
                await asyncio.sleep(wait_s)
            else:
                return
        await self._run(lambda session: turns.finish(session, turn, answer), holder.workspace_id)

    async def interrupt(self, turn: str | None = None) -> int:
        """Mark answers as broken off that nobody is writing any more."""
        return await self._run(lambda session: turns.interrupt_running(session, turn), EVERY_WORKSPACE)

    async def conversation_of(self, holder: Holder, turn: str) -> str:
        """The conversation of one's own turn. Raises NotFound."""

        def look(session: TenantSession) -> str:
            return turns.of_user(session, holder.user_id, turn)[1].public_id

        return await self._run(look, holder.workspace_id, read_only=True)

    async def decide(self, holder: Holder, wish: Decide) -> tuple[str, dict[str, Any]]:
        """Answer a card: its turn, and the data of `action.result`. Raises Unauthorized, NotFound, Invalid."""
        return await self._run(lambda session: _decide(session, holder, wish), holder.workspace_id)

    async def rate(self, holder: Holder, turn: str, score: int, why: str | None) -> None:
        """Keep what they thought of an answer. Raises NotFound."""
        reason = storable(why) if why else None
        await self._run(lambda session: turns.rate(session, holder.user_id, turn, score, reason), holder.workspace_id)

    async def _run(self, work: Callable[[TenantSession], T], scope: type_of_scope, *, read_only: bool = False) -> T:
        def in_transaction() -> T:
            with self._database.session(scope, read_only=read_only) as session:
                result = work(session)
                session.commit()
                if session.info.get("outbox"):
                    events.dispatch(session, self._database, self._settings.effective_redis_url)
                return result

        return await asyncio.get_running_loop().run_in_executor(self._threads, in_transaction)


def _begin(session: TenantSession, holder: Holder, asked: Asked, turn: str) -> Opened:
    user = tickets.standing(session, holder)
    if user is None:
        raise Unauthorized("Sign in again to go on.")
    begun = turns.begin(session, user.id, asked, turn=turn)
    conversation, answer = begun.conversation, begun.answer
    if not begun.is_new:
        return Opened(answer.turn, conversation.public_id, answer.id, None, [])
    skipped = [(action.turn, cards.result(action) or {}) for action in actions.skip_pending(session, conversation.id)]
    question = Question(
        text=asked.text,
        asker=_asker(session, user),
        page=_page(session, asked.page),
        listing=_listing(session, asked.page),
        history=tuple(_exchanges(session, turns.history(session, conversation))),
        conversation=conversation.public_id,
        turn=turn,
    )
    return Opened(turn, conversation.public_id, answer.id, question, skipped)


def _asker(session: TenantSession, user: User) -> Asker:
    """Zone and language as the pages show them: an answer links to a list, and "today" must be the same day there."""
    workspace = session.get_one(Workspace, user.workspace_id)
    return Asker(
        workspace_id=user.workspace_id,
        user_id=user.id,
        role=user.role,
        name=user.name,
        zone=_zone(user.timezone or workspace.timezone),
        locale=user.locale or workspace.locale,
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _page(session: TenantSession, page: dict[str, Any] | None) -> RecordRef | None:
    """The record on the page; None for one that is not there, or not in this workspace."""
    if page is None or "id" not in page:
        return None
    kind = TYPES[page["type"]]
    row = session.get(kind.model, page["id"])
    if row is None or row.deleted_at is not None:
        return None
    return RecordRef(kind.name, row.id, kind.title(row), row.external_id)


def _listing(session: TenantSession, page: dict[str, Any] | None) -> Listing | None:
    """The list they looked at, read as every list's address is. Raises Invalid for what is none.

    What custom fields that are gone took part in is left out, as on the page.
    """
    listed = (page or {}).get("list")
    if not listed:
        return None
    entities = catalog(session)
    try:
        given = parse_qs(listed["query"], max_num_fields=200)
        args, _gone = view_states.forgive(entities[listed["type"]], given)
        plan = lists.plan_of(lists.parse(listed["type"], args, entities, ignore=_OF_PAGES))
    except ValueError as error:  # too many parameters, or more conditions than a plan takes
        raise Invalid.field("list.query", "This is too much for one list. Ask about one with fewer filters.") from error
    check_plan(plan, entities)
    return Listing(plan, bool(listed.get("is_meant")))


def _earlier_listing(session: TenantSession, page: dict[str, Any] | None) -> Listing | None:
    try:
        return _listing(session, page)
    except Invalid:
        return None


def _exchanges(session: TenantSession, pairs: Iterable[tuple[ChatMessage, ChatMessage]]) -> Iterable[Exchange]:
    for question, answer in pairs:
        focus = answer.focus or {}
        yield Exchange(
            question=question.text,
            answer=answer.text,
            route=answer.route or "abstain",  # type: ignore[arg-type]  # a RouteKind was stored
            plan=_plan(answer.plan),
            focus=_record(focus.get("record")),
            listing=_earlier_listing(session, question.page),
            is_of_list=bool((answer.usage or {}).get("of_list")),
            choices=tuple(
                Choice(choice["label"], choice["question"], _record(choice.get("record")))
                for choice in focus.get("choices", [])
            ),
        )


def _plan(stored: dict[str, Any] | None) -> Plan | None:
    """A plan of another version, which this one does not know, is none."""
    try:
        return Plan.model_validate(stored) if stored else None
    except ValidationError:
        return None


def _record(stored: dict[str, Any] | None) -> RecordRef | None:
    return RecordRef(**stored) if stored else None


def _decide(session: TenantSession, holder: Holder, wish: Decide) -> tuple[str, dict[str, Any]]:
    user = tickets.standing(session, holder)
    if user is None:
        raise Unauthorized("Sign in again to go on.")
    action = actions.find(session, wish.action, user=user)
    action = actions.decide(session, action, wish.decision, user=user, key=wish.key, edits=wish.edits)
    return action.turn, cards.decided(session, action)


def kept(outcome: Outcome, reason: str, *, frames: int) -> Answer:
    """An outcome as it is stored."""
    return Answer(
        state=_STATES[reason],
        text=storable(outcome.text),
        frames=frames,
        route=outcome.route,
        plan=outcome.plan.model_dump(mode="json", by_alias=True) if outcome.plan else None,
        sentence=outcome.sentence,
        table=outcome.table,
        citations=[asdict(citation) for citation in outcome.citations],
        focus={
            "record": asdict(outcome.focus) if outcome.focus else None,
            "choices": [choice_json(choice) for choice in outcome.choices],
        },
        engine=outcome.engine,
        error=outcome.error,
        usage=outcome.usage,
        timings=outcome.timings,
    )


def page_json(page: Page | None, listed: Listed | None = None) -> dict[str, Any] | None:
    """What they looked at, as it is stored: the record, the list, or both."""
    found: dict[str, Any] = {"type": page.type, "id": page.id} if page else {}
    if listed:
        found["list"] = listed.model_dump() | {"query": storable(listed.query)}
    return found or None
