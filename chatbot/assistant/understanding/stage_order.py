"""“Past qualification”, “in proposal or beyond”: the stages on that side of one, of those that are open."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.tokens import Text
from shared.models import Pipeline, Stage, StageType
from shared.tenancy import TenantSession

#: What is said before a stage, longest first: the side of it, and whether the stage itself is one of them.
_BEFORE: tuple[tuple[tuple[str, ...], int, bool], ...] = (
    (("further", "along", "than"), 1, False), (("further", "on", "than"), 1, False), (("not", "yet", "past"), -1, True),
    (("further", "than"), 1, False), (("later", "than"), 1, False), (("earlier", "than"), -1, False),
    (("at", "least", "in"), 1, True), (("at", "least", "at"), 1, True), (("past",), 1, False), (("beyond",), 1, False),
)  # fmt: skip
_BEHIND: tuple[tuple[tuple[str, ...], int, bool], ...] = (
    (("or", "beyond"), 1, True), (("or", "later"), 1, True), (("or", "further"), 1, True), (("or", "after"), 1, True),
    (("or", "further", "along"), 1, True), (("and", "beyond"), 1, True), (("and", "later"), 1, True),
    (("or", "earlier"), -1, True), (("or", "before"), -1, True), (("and", "earlier"), -1, True),
)  # fmt: skip


def with_stages_beyond(session: TenantSession, items: list[Item], text: Text) -> list[Item]:
    """Each stage with a side named becomes the open stages on that side of it."""
    words = [token.word for token in text.tokens]
    made: list[Item] = []
    skip_to = 0
    for item in items:
        if item.first < skip_to:
            continue
        found = _side(words, item) if _is_stage(item) else None
        stages = _stages(session, item, found[2], found[3]) if found is not None else []
        if found is None or not stages:
            made.append(item)
            continue
        first, last = found[0], found[1]
        while made and made[-1].first >= first:
            made.pop()
        values = tuple(replace(v, stored=tuple(stages)) for v in item.data if v.field == "stage")
        made.append(replace(item, first=first, last=last, data=values))
        skip_to = last
    return made


def _is_stage(item: Item) -> bool:
    return item.kind == "value" and any(value.field == "stage" for value in item.data)


def _side(words: list[str], item: Item) -> tuple[int, int, int, bool] | None:
    """(first, last) tokens with the words of the side, the side, whether the stage is one of them."""
    first, last = item.first, item.last
    begin = first - 1 if first and words[first - 1] == "the" else first
    end = last + 1 if words[last : last + 1] in (["stage"], ["phase"]) else last
    for said, side, is_in in _BEFORE:
        if tuple(words[max(0, begin - len(said)) : begin]) == said:
            return begin - len(said), end, side, is_in
    for said, side, is_in in _BEHIND:
        if tuple(words[end : end + len(said)]) == said:
            return first, end + len(said), side, is_in
    return None


def _stages(session: TenantSession, item: Item, side: int, is_in: bool) -> list[str]:
    named = {name for value in item.data if value.field == "stage" for name in value.stored}
    query = select(Stage.name, Stage.position, Stage.pipeline_id).join(Pipeline, Pipeline.id == Stage.pipeline_id)
    rows = list(session.execute(query.where(Stage.type == StageType.OPEN, Pipeline.deleted_at.is_(None)).limit(1000)))
    found: dict[str, None] = {}
    for name, position, pipeline in rows:
        for other, at, same in rows:
            if same == pipeline and other in named and ((position - at) * side > 0 or (is_in and position == at)):
                found[name] = None
    return list(found)
