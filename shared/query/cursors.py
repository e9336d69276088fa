"""Cursors: where a page ended, as an opaque word. Whatever comes back is checked before it meets the database."""

from __future__ import annotations

import base64
import binascii
import json
import math
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Float, Integer, String
from sqlalchemy.types import TypeDecorator, TypeEngine

from shared.models.base import UtcDateTime
from shared.schemas.ids import LARGEST_ID

_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Position:
    """The last row of a page: its sort value (None: it has none) and id."""

    value: Any
    id: int

    @property
    def is_null(self) -> bool:
        return self.value is None


def encode(order: str, value: Any, id_: int) -> str:
    """A position in a list of this order."""
    plain = value.isoformat() if isinstance(value, (date, datetime)) else value
    text = json.dumps([order, plain, id_], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, order: str, type_: TypeEngine[Any]) -> Position:
    """The position, for values of a column type. Raises ValueError for what `encode` did not make in this order."""
    if len(cursor) > _LONGEST:
        raise ValueError("too long")
    try:
        parts = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, UnicodeError, RecursionError) as error:
        raise ValueError("not a cursor") from error
    if not isinstance(parts, list) or len(parts) != 3 or parts[0] != order:
        raise ValueError("not of this order")
    _, value, id_ = parts
    if type(id_) is not int or not 0 <= id_ <= LARGEST_ID:
        raise ValueError("not a position")
    return Position(None if value is None else _value(value, type_), id_)


def _value(value: Any, type_: TypeEngine[Any]) -> Any:
    if isinstance(type_, UtcDateTime):
        moment = datetime.fromisoformat(_of(value, str))
        if moment.tzinfo is None or not 1 < moment.year < 9999:  # at the ends, UTC overflows
            raise ValueError("no time we could have written")
        return moment
    bare = type_.impl_instance if isinstance(type_, TypeDecorator) else type_
    if isinstance(bare, Date):
        return date.fromisoformat(_of(value, str))
    if isinstance(bare, Boolean):
        return _of(value, bool)
    if isinstance(bare, Integer):
        return _of(value, int, largest=2**63 - 1 if isinstance(bare, BigInteger) else LARGEST_ID)
    if isinstance(bare, Float):
        return float(_of(value, (int, float), largest=1e300))
    if isinstance(bare, String) and "\0" not in _of(value, str):
        value.encode()  # lone surrogates are ValueErrors too
        return value
    raise ValueError("not a value of this column")


def _of(value: Any, kind: type | tuple[type, ...], *, largest: float = math.inf) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError("not of this type")
    if isinstance(value, (int, float)) and not abs(value) <= largest:
        raise ValueError("out of range")
    return value
