"""Input against a schema, and complaints a person can act on: each names the field as the sender wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shared.errors import FieldError, Invalid

ModelT = TypeVar("ModelT", bound=BaseModel)
_UNKNOWN = object()
#: Characters that no field holds: PostgreSQL cannot store the first of them, and no page can show any.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: No complaint is longer: some repeat what was sent, be it a megabyte.
_LONGEST = 1000
#: A text that a validator has made has characters, not items; and no sender knows the names of our classes.
_REWORDED = (
    (re.compile(r"^Value (should have at most \d+) items after validation, not \d+$"), r"\1 characters"),
    (re.compile(r"^((?:List|Tuple) should have at (?:most|least) \d+ items?) after validation, not \d+$"), r"\1"),
    (re.compile(r"^(?:String|List|Tuple) should have at "), "should have at "),
    (re.compile(r"^Decimal input (should have no more than)"), r"\1"),
    (
        re.compile(r"^should be a valid date(?: or datetime| in the format YYYY-MM-DD), .*$"),
        "should be a date such as 2026-11-20",
    ),
    (
        re.compile(r"^should be a valid (?:datetime|datetime or date), .*$"),
        "should be a time such as 2026-11-20T09:30:00Z",
    ),
    (
        re.compile(r"^tag ('.*') found using 'type' does not match any of the expected tags: (.*)$", re.DOTALL),
        r"\1 is none of: \2",
    ),
    (re.compile(r" or instance of \w+$"), ""),
    (re.compile(r"^Extra inputs are not permitted$"), "There is no such field."),
    (re.compile(r"^Decimal input should be an integer, float, string or Decimal object$"), "should be a number"),
    (re.compile(r"^should be a valid decimal$"), "should be a number such as 12.5"),
    (re.compile(r", unable to (?:parse string as an integer|parse string as a number|interpret input)$"), ""),
)


class AtField(ValueError):
    """What is wrong with a whole, to be shown beside one of its fields."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


def check(model: type[ModelT], data: Any) -> ModelT:
    """Valid input as its model. Raises Invalid naming every wrong field."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise invalid(error, data) from None


def invalid(error: ValidationError, data: Any = _UNKNOWN) -> Invalid:
    """Pydantic's complaints in our words. `data` is the input, if known: what is not in it is no part of a path.

    (Pydantic also puts the branches of a union and the names of validators into its locations.)
    """
    found: dict[str, str] = {}
    for e in error.errors(include_url=False, include_input=False):
        path = ".".join(_parts(e["loc"], data, is_missing=e["type"] == "missing"))
        if isinstance(whole := e.get("ctx", {}).get("error"), AtField):
            path = f"{path}.{whole.field}" if path else whole.field
        found[path] = _reworded(e["msg"])
    # A union complains for each of its branches: the one that got furthest into the input knows best.
    deepest = {p: m for p, m in found.items() if not p or not any(other.startswith(f"{p}.") for other in found)}
    errors = [FieldError(path, message) for path, message in deepest.items()]
    return Invalid(_summary(errors), errors=errors)


def _reworded(complaint: str) -> str:
    text = complaint.removeprefix("Value error, ").removeprefix("Input ")
    for pattern, words in _REWORDED:
        text = pattern.sub(words, text)
    return f"{text[:_LONGEST]}…" if len(text) > _LONGEST else text


def _parts(location: tuple[int | str, ...], value: Any, *, is_missing: bool) -> list[str]:
    parts: list[str] = []
    for i, part in enumerate(location):
        if _has(value, part):
            value = value[part]
        elif value is not _UNKNOWN and not (is_missing and i == len(location) - 1):
            continue
        parts.append(str(part)[:100].encode("utf-8", "replace").decode())
    return parts


def _has(value: Any, part: int | str) -> bool:
    if isinstance(value, Mapping):
        return part in value
    return isinstance(value, (list, tuple)) and isinstance(part, int) and part < len(value)


def _summary(errors: list[FieldError]) -> str:
    first = errors[0]
    text = f"{first.path}: {first.message}" if first.path else first.message
    return text if len(errors) == 1 else f"{text} (and {len(errors) - 1} more)"
