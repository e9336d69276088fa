"""What would a row change in a record? Only what it says otherwise; a blank cell never clears anything.

Addresses, numbers, tags and links are added to those that are there. A row whose record an earlier row of the same
file has named only fills what is still empty, so that the file says the same however often it is read.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from shared.records import phones
from shared.records.deals import to_minor
from shared.records.keys import email_key, phone_key
from shared.records.tags import key_of

#: Said when a record is made; afterwards it is no business of a file's.
_ONLY_NEW = frozenset({"created_at", "author_id"})
_TIMES = frozenset({"due_at", "closed_at", "completed_at", "happened_at"})


def changes(
    shown: dict[str, Any], data: dict[str, Any], *, region: str | None, fills_only: bool = False
) -> dict[str, Any]:
    """The fields of `data` that say something else than the record as REST shows it, ready for `records.update`.

    `region` is where numbers without a country's code belong.
    """
    found: dict[str, Any] = {}
    for field, value in data.items():
        if field in _ONLY_NEW or value is None or value == "":
            continue
        present = shown.get(field)
        if field == "emails":
            found |= _added(field, "email", email_key, present or [], value)
        elif field == "phones":
            found |= _added(field, "phone", lambda p: phones.number(p, region) or phone_key(p), present or [], value)
        elif field == "links":
            found |= _linked(present or [], value)
        elif field == "tags":
            found |= _tagged(present or [], value)
        elif field == "custom":
            found |= _own(present or {}, value, fills_only=fills_only)
        elif field in ("amount", "currency"):
            continue
        elif present in (None, "", []) or not (fills_only or field == "external_id" or _is_same(field, present, value)):
            found[field] = value
    if "status" in found and found["status"] == shown.get("status"):
        del found["status"]
    return found | _amount(shown, data, fills_only=fills_only)


def _is_same(field: str, present: Any, value: Any) -> bool:
    if field in _TIMES and isinstance(present, str) and isinstance(value, str):
        times = (datetime.fromisoformat(time).replace(microsecond=0) for time in (present, value))
        return next(times) == next(times)  # files hold seconds
    return bool(present == value)


def _added(
    field: str, part: str, key: Any, present: list[dict[str, Any]], given: list[dict[str, Any]]
) -> dict[str, Any]:
    known = {key(entry[part]) for entry in present}
    new = [entry for entry in given if key(entry[part]) not in known]
    return {field: [*present, *({**entry, "primary": False} for entry in new)]} if new else {}


def _linked(present: list[dict[str, Any]], given: list[dict[str, Any]]) -> dict[str, Any]:
    known = {(link["type"], link["id"]) for link in present}
    new = [link for link in given if (link["type"], link["id"]) not in known]
    return {"links": [*present, *new]} if new else {}


def _tagged(present: list[str], given: list[str]) -> dict[str, Any]:
    known = {key_of(name) for name in present}
    new = [name for name in given if key_of(name) not in known]
    return {"tags": [*present, *new]} if new else {}


def _own(present: dict[str, Any], given: dict[str, Any], *, fills_only: bool) -> dict[str, Any]:
    new = {
        key: value
        for key, value in given.items()
        if key not in present or not (fills_only or present[key] == value)
    }  # fmt: skip
    return {"custom": new} if new else {}


def _amount(shown: dict[str, Any], data: dict[str, Any], *, fills_only: bool) -> dict[str, Any]:
    if data.get("amount") is None:
        return {}
    present, currency = shown.get("amount"), data.get("currency") or shown.get("currency") or ""
    if present and (
        fills_only or present == {"minor": to_minor(Decimal(str(data["amount"])), currency), "currency": currency}
    ):
        return {}
    return {"amount": data["amount"], "currency": currency}
