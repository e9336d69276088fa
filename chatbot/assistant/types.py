"""What the parts of a turn say to each other.

Question ─ query_router.route ─▶ Routed ─ chat_handler.answer ─▶ Outcome
                                              └ tells a Sink as it goes (frames, or nothing)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from chatbot.retrieval.passages import Citation
from shared.models import Role
from shared.query.plan import Plan
from shared.schemas.chat import EndReason, RouteKind, Stage


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: everything a turn may know of them. Re-read for every question, never kept."""

    workspace_id: int
    user_id: int
    role: Role
    name: str
    zone: ZoneInfo
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class RecordRef:
    """A record by type and id, with its name as it was when it was looked up."""

    type: str
    id: int
    name: str = ""
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The list they look at. `is_meant`: they said that they ask about it."""

    plan: Plan
    is_meant: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier question of the conversation and what came of it; `focus` is the record it was about, `listing` the

    list it was asked beside.
    """

    question: str
    answer: str
    route: RouteKind
    plan: Plan | None = None
    focus: RecordRef | None = None
    choices: tuple[Choice, ...] = ()  # of a `clarify`: what was offered
    listing: Listing | None = None
    is_of_list: bool = False  # whether the answer was about that list's rows alone


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to understand a question: what the button says, and the question asked when it is pressed."""

    label: str
    question: str
    record: RecordRef | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, on which page, after what. `history` is oldest first, at most ten."""

    text: str
    asker: Asker
    page: RecordRef | None = None
    history: tuple[Exchange, ...] = ()
    conversation: str | None = None
    turn: str | None = None
    listing: Listing | None = None


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """What the person asked to have done: a tool of `assistant.actions` and its arguments, names already resolved.

    Only ever made from the person's own words, never from retrieved text. `language` is that of the card.
    """

    tool: str
    args: dict[str, Any]
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Routed:
    """How a question will be answered.

    structured: `plan`. semantic: `search` (what to look for), perhaps `about` (records it is limited to).
    hybrid: both. action: `action`. clarify: `message` and `choices`. abstain: `message`, saying what cannot be done.
    `of_list` is the list whose rows alone were asked about.
    `by` is what decided: rules, prototypes, model, follow-up. `language` is the question's (en, de).
    """

    kind: RouteKind
    by: str = "rules"
    confidence: float = 1.0
    plan: Plan | None = None
    search: str = ""
    about: tuple[RecordRef, ...] = ()
    action: ActionRequest | None = None
    message: str = ""
    choices: tuple[Choice, ...] = ()
    focus: RecordRef | None = None
    language: str = "en"
    of_list: Plan | None = None


@dataclass(slots=True)
class Outcome:
    """A finished turn, as stored and as `/chat/ask` answers it.

    `value` is a number, {"amount", "currency"} (major units) or a list of those; `rows` are
    {type, id, external_id, name, value?}, `groups` {name, value, currency?}. `table` is what the `table` frame showed.
    """

    route: RouteKind
    text: str
    reason: EndReason = "done"
    value: Any = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    groups: list[dict[str, Any]] = field(default_factory=list)
    table: dict[str, Any] | None = None
    sentence: str | None = None
    plan: Plan | None = None
    citations: list[Citation] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    focus: RecordRef | None = None
    engine: str = "rules"
    error: dict[str, Any] | None = None
    usage: dict[str, Any] = field(default_factory=dict)
    timings: dict[str, Any] = field(default_factory=dict)


class Sink(Protocol):
    """Where a turn tells what it is doing; each call is one frame. Calls never block on a slow reader."""

    def status(self, stage: Stage, detail: str = "") -> None: ...
    def route(self, kind: RouteKind, sentence: str, choices: Sequence[Choice] = ()) -> None: ...
    def table(self, table: dict[str, Any]) -> None: ...
    def sources(self, items: Sequence[Citation]) -> None: ...
    def delta(self, text: str) -> None: ...
    def cite(self, n: int) -> None: ...
    def action(self, card: dict[str, Any]) -> None: ...


class Assistant(Protocol):
    """The engine behind a turn: `chat_handler.ChatHandler`. No database session is open while a model is awaited.

    Cancelling the task (stop) must close the model's stream at once; the text so far is the sink's to keep.
    """

    async def answer(self, question: Question, sink: Sink) -> Outcome: ...


class Silent:
    """A sink nobody listens to: `/chat/ask` and evaluation."""

    def status(self, stage: Stage, detail: str = "") -> None:
        pass

    def route(self, kind: RouteKind, sentence: str, choices: Sequence[Choice] = ()) -> None:
        pass

    def table(self, table: dict[str, Any]) -> None:
        pass

    def sources(self, items: Sequence[Citation]) -> None:
        pass

    def delta(self, text: str) -> None:
        pass

    def cite(self, n: int) -> None:
        pass

    def action(self, card: dict[str, Any]) -> None:
        pass
