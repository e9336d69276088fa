"""What the assistant answers over REST."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from shared.schemas.answers import Out
from shared.schemas.chat import ActionResult, RouteKind


class AskedRowOut(Out):
    type: str
    id: int | None
    external_id: str | None = None
    name: str | None
    value: Any = None


class AskedGroupOut(BaseModel):
    """One group; several measures, or several currencies, are several entries or further keys."""

    name: str | None
    value: Any
    currency: str | None = None


class AskedCitationOut(Out):
    n: int
    type: str
    id: int
    external_id: str | None
    title: str
    quote: str
    href: str | None = None
    start_s: float | None = Field(default=None, description="The second of a meeting.")


class AskedActionOut(Out):
    id: str
    tool: str
    summary: str
    status: Literal["proposed", "done"]


class ChoiceOut(Out):
    label: str
    question: str


class AskOut(Out):
    """One answer. `value` is a number, {"amount", "currency"} or a list of those."""

    route: RouteKind
    answer: str
    value: Any = None
    rows: list[AskedRowOut] | None = None
    groups: list[AskedGroupOut] | None = None
    conversation_id: str
    turn: str
    citations: list[AskedCitationOut]
    plan: dict[str, Any] | None = None
    sentence: str | None = Field(default=None, description="The plan in words.")
    choices: list[ChoiceOut] | None = Field(default=None, description="Of `clarify`: what could be meant.")
    actions: list[AskedActionOut] | None = None
    engine: str
    ms: int


class DecisionOut(BaseModel):
    """What became of a proposal; `detail` says why."""

    id: str
    status: ActionResult
    summary: str
    detail: str | None
    record: dict[str, Any] | None
