"""Values told as examples of a field: “how many are leads, how many customers, and so on” is by status.

Two values of one field with an “and so on” behind them stand for all of them, so the field is the group.
"""

from __future__ import annotations

from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.lexicon import Sense
from chatbot.assistant.understanding.tokens import Text

_AND_SO_ON = frozenset(
    (
        "and so on",
        "and so forth",
        "etc",
        "etcetera",
        "et cetera",
        "and the like",
        "usw",
        "und so weiter",
        "and the rest",
    )
)
_FIELD_OF_STATE = {
    **dict.fromkeys(("high", "normal", "low"), "priority"),
    **dict.fromkeys(("lead", "qualified", "opportunity", "customer", "partner", "former"), "lifecycle"),
    **dict.fromkeys(("won", "lost", "open"), "state"),
}
_PRIORITIES = frozenset(("high", "medium", "low", "normal", "hoch", "mittel", "niedrig"))
#: Fields of values, by the name they have in the CRM.
_FIELDS = frozenset(("stage", "source", "country", "city", "industry", "lifecycle"))


def with_examples_as_groups(items: list[Item], text: Text) -> list[Item]:
    """The items, with a stretch of examples replaced by “by” and the field they are of."""
    for end, item in enumerate(items):
        if text.slice(item.first, item.last).lower() in _AND_SO_ON:
            found = _stretch(items, text, end)
            if found is not None:
                start, field = found
                is_counted = any(before.has("ask", "how_many") for before in items[:start])
                group = _group(items[start : end + 1], field, is_counted=is_counted)
                return [*items[:start], *group, *items[end + 1 :]]
    return items


def _stretch(items: list[Item], text: Text, end: int) -> tuple[int, str] | None:
    """Where the examples before “and so on” begin, and of which field they are; None if they are no two of one."""
    fields: list[str] = []
    start = at = end
    while at > 0:
        at -= 1
        field = _field_of(items[at], text)
        if field is not None and field in (fields or [field]):
            fields.append(field)
            start = at
        elif not _is_between(items[at], text):
            break
    if len(fields) < 2 or _is_told_by(items[:start], fields[0]):
        return None
    while start > 1 and _is_lead(items[start - 1], text):
        start -= 1
    return start, fields[0]


def _field_of(item: Item, text: Text) -> str | None:
    """The field a word is a value of."""
    if item.kind == "currency":
        return "currency"
    if item.kind == "value":
        return next((value.field for value in item.data if value.field in _FIELDS), None)
    if text.slice(item.first, item.last).lower() in _PRIORITIES:
        return "priority"
    preset = (item.sense("noun") or "").partition("/")[2]
    return _FIELD_OF_STATE.get(preset or item.sense("state") or "")


def _is_between(item: Item, text: Text) -> bool:
    """What stands between two examples: commas, “and”, “how many are”."""
    word = text.slice(item.first, item.last)
    if item.kind == "break":
        return word in (",", "/", "-", "–", ";")
    return item.has("ask", "how_many", "is", "what") or item.has("stop") or item.has("link", "and", "or")


def _is_lead(item: Item, text: Text) -> bool:
    """What leads to the first example: “… are leads”, “into high”, “: lead”."""
    word = text.slice(item.first, item.last).lower()
    return word in (":", ",", "-", "–", "into", "in", "as", "number") or item.has("ask", "how_many", "is") or (
        word in ("are", "is", "what", "sind")
    )  # fmt: skip


def _is_told_by(before: list[Item], field: str) -> bool:
    """“by status: lead, customer and so on” has its field."""
    names = {"lifecycle": ("lifecycle", "state")}.get(field, (field,))
    return any(item.has("field", *names) for item in before)


def _group(said: list[Item], field: str, *, is_counted: bool) -> list[Item]:
    """“by” and the field, behind a “how many” of their own if it was asked among the examples."""
    last = said[-1]
    made: list[Item] = []
    first = said[0].first
    if not is_counted and any(item.has("ask", "how_many") for item in said) and last.first - first > 1:
        made.append(Item("word", first, first + 1, (Sense("ask", "how_many"),)))
        first += 1
    return [
        *made,
        Item("word", first, last.first, (Sense("group", "group"),)),
        Item("word", last.first, last.last, (Sense("field", field),)),
    ]
