"""Records side by side, field by field: what differs, which value is the better one, and what follows from a choice.

Only fields with one value are chosen from; addresses, numbers, employments, tags and roles are united by the merge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from shared.errors import Invalid
from shared.models import Lifecycle
from shared.records import companies
from shared.records.keys import company_key, email_key, person_key

ALL: Literal["all"] = "all"
Pick = int | Literal["all"]

CONTACT_FIELDS = ("name", "title", "company_id", "email", "phone", "lifecycle", "owner_id", "source", "description")

#: How far somebody has come; of those beside the way the newer value counts.
_WAY = {Lifecycle.LEAD: 1, Lifecycle.QUALIFIED: 2, Lifecycle.OPPORTUNITY: 3, Lifecycle.CUSTOMER: 4}


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """One field of the records to merge. `values` by record's id; `pick` is the preselected record, or ALL.

    `custom` says that the name is a key of the records' own fields.
    """

    name: str
    values: Mapping[int, Any]
    pick: Pick
    can_join: bool = False
    custom: bool = False

    @property
    def key(self) -> str:
        """How forms and scripts name the choice."""
        return f"custom.{self.name}" if self.custom else self.name

    @property
    def differs(self) -> bool:
        """Whether there is anything to choose."""
        return len({repr(value) for value in self.values.values() if not _is_empty(value)}) > 1

    @property
    def is_empty(self) -> bool:
        return all(_is_empty(value) for value in self.values.values())

    def result(self, pick: Pick) -> Any:
        """The value that a pick stands for."""
        if pick != ALL:
            return self.values[pick]
        found = [value for value in self.values.values() if not _is_empty(value)]
        if found and isinstance(found[0], list):
            return list({repr(entry): entry for value in found for entry in value}.values())
        return "\n\n".join(dict.fromkeys(str(value).strip() for value in found)) or None


def compare(type_name: str, rows: Sequence[Any], winner_id: int) -> list[FieldChoice]:
    """The fields of records of one type. `rows` are loaded records, the winner among them."""
    ordered = sorted(rows, key=lambda row: row.id != winner_id)
    names = CONTACT_FIELDS if type_name == "contact" else companies.FIELDS
    found = [_choice(name, {row.id: _get(row, name) for row in ordered}, ordered) for name in names]
    keys = dict.fromkeys(key for row in ordered for key in row.custom or {})
    for key in keys:
        values = {row.id: (row.custom or {}).get(key) for row in ordered}
        found.append(_choice(key, values, ordered, custom=True))
    return found


def best(rows: Sequence[Any]) -> int:
    """The id of the record to keep, if nobody says: the one that says most, of equals the oldest."""
    said = {row.id: sum(not _is_empty(getattr(row, column.name)) for column in row.__table__.columns) for row in rows}
    return min(rows, key=lambda row: (-said[row.id], row.id)).id  # type: ignore[no-any-return]


def columns(
    type_name: str, fields: Sequence[FieldChoice], picks: Mapping[str, Pick], winner: Any
) -> tuple[dict[str, Any], dict[str, Pick]]:
    """(the winner's columns after the merge, the pick of every field). Raises Invalid for a pick of no record."""
    chosen = {field.key: _checked(field, picks.get(field.key, field.pick)) for field in fields}
    if unknown := sorted(set(picks) - set(chosen)):
        raise Invalid.field(f"fields.{unknown[0]}", "There is nothing to choose here.")
    result: dict[str, Any] = {}
    custom = dict(winner.custom or {})
    for field in fields:
        value = field.result(chosen[field.key])
        if field.custom:
            custom[field.name] = value
        elif field.name == "name" and type_name == "contact":
            result["first_name"], result["last_name"] = value
        elif field.name not in ("email", "phone"):
            result[field.name] = value
    result["custom"] = {key: value for key, value in custom.items() if value is not None}
    if type_name == "company":
        result["name_key"] = company_key(result["name"])
    else:
        email = next((f.result(chosen["email"]) for f in fields if f.name == "email"), None)
        result["name_key"] = person_key(result["first_name"], result["last_name"]) or email_key(email or "")
    return result, chosen


def _checked(field: FieldChoice, pick: Pick) -> Pick:
    if pick in field.values or (pick == ALL and field.can_join):
        return pick
    raise Invalid.field(f"fields.{field.key}", "Choose one of the records that are merged.")


def _choice(name: str, values: dict[int, Any], rows: Sequence[Any], *, custom: bool = False) -> FieldChoice:
    given = [value for value in values.values() if not _is_empty(value)]
    can_join = bool(given) and (isinstance(given[0], list) or (name == "description" and not custom))
    field = FieldChoice(name, values, rows[0].id, can_join, custom)
    if can_join and field.differs:
        return FieldChoice(name, values, ALL, can_join, custom)
    ways = _WAYS.get(name, _newest)
    with_value = [row for row in rows if not _is_empty(values[row.id])]
    return FieldChoice(name, values, ways(with_value, values) if with_value else rows[0].id, can_join, custom)


def _newest(rows: Sequence[Any], values: Mapping[int, Any]) -> int:
    return max(rows, key=lambda row: row.updated_at).id  # type: ignore[no-any-return]


def _first(rows: Sequence[Any], values: Mapping[int, Any]) -> int:
    return rows[0].id  # type: ignore[no-any-return]


def _longest(rows: Sequence[Any], values: Mapping[int, Any]) -> int:
    return max(rows, key=lambda row: len(" ".join(_texts(values[row.id])))).id  # type: ignore[no-any-return]


def _furthest(rows: Sequence[Any], values: Mapping[int, Any]) -> int:
    return max(rows, key=lambda row: (_WAY.get(values[row.id], 0), row.updated_at)).id  # type: ignore[no-any-return]


#: Which value is the better one where both are set; else the newer.
_WAYS: dict[str, Callable[[Sequence[Any], Mapping[int, Any]], int]] = {
    "name": _longest,
    "email": _first,
    "phone": _first,
    "owner_id": _first,
    "lifecycle": _furthest,
}


def _get(row: Any, name: str) -> Any:
    if name == "name" and row.__tablename__ == "contact":
        return (row.first_name, row.last_name)
    return getattr(row, name)


def _texts(value: Any) -> list[str]:
    return [str(part) for part in value] if isinstance(value, tuple) else [str(value)]


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {}) or (isinstance(value, tuple) and not any(value))
