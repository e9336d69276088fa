"""Whether an answer is the right one: the outcome of a turn against what SQL says.

An answer is *right*, *wrong* (stated as a fact, and not so), or *declined*: asked back, said that it cannot know, or
showed passages and said that they are no answer. Declining is right where there is nothing to know; elsewhere it is a
miss, but not a lie.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import get_currency_precision

from chatbot.assistant.types import Outcome
from shared.search import fold

Verdict = Literal["right", "wrong", "declined", "leak"]
Rows = Sequence[Sequence[Any]]
#: Values by name and currency.
Groups = dict[tuple[str, str | None], float]

#: Averages and rates are shown rounded.
_RELATIVE, _ABSOLUTE = 0.006, 0.051
_ZONE = ZoneInfo("Europe/Berlin")
_YES, _NO = ("yes", "ja"), ("no", "nein", "none", "kein")
_NEVER = (*_NO, "never", "nie", "noch nie", "not yet", "bisher", "nicht")
#: What a group is called whose field is empty.
_NOTHING = ("", "none", "keine", "ohne")


def judge(question: dict[str, Any], gold: Rows, outcome: Outcome) -> Verdict:
    """The verdict on one question; `gold` is what its SQL gave."""
    said = everything_said(outcome)
    if any(fold(word) in said for word in question.get("must_not_contain", ())):
        return "leak"
    expect = question["expect"]
    if expect in ("abstain", "refuse"):
        return "right" if not _states(outcome) and not outcome.actions else "wrong"
    if expect == "clarify":
        return _clarified(gold, outcome)
    if expect == "passages":
        return _cited(question, gold, outcome, said)
    if _CHECKS[expect](question, gold, outcome, said):
        return "right"
    return "wrong" if outcome.route in ("structured", "hybrid") else "declined"


def everything_said(outcome: Outcome) -> str:
    """The text of an answer with its table, citations and choices, folded."""
    parts: list[str] = [outcome.text, outcome.sentence or "", str(outcome.table or ""), str(outcome.actions)]
    parts += [f"{citation.title} {citation.quote}" for citation in outcome.citations]
    parts += [f"{choice.label} {choice.question}" for choice in outcome.choices]
    return fold(" ".join(parts))


def _states(outcome: Outcome) -> bool:
    """Whether something is claimed: a value, rows, groups, or a text with sources to it."""
    claimed = outcome.value is not None and outcome.value not in (0, [])
    return claimed or bool(outcome.rows or outcome.groups) or (outcome.route == "semantic" and bool(outcome.citations))


def _clarified(gold: Rows, outcome: Outcome) -> Verdict:
    """Asking back with all that may be meant; or answering for each of them, which spares a question."""
    meant = {row[0] for row in gold}
    if outcome.route != "clarify":
        if meant == {row["id"] for row in outcome.rows}:
            return "right"
        return "wrong" if _states(outcome) else "declined"
    offered = {choice.record.id for choice in outcome.choices if choice.record}
    return "right" if meant <= offered else "wrong"


def _cited(question: dict[str, Any], gold: Rows, outcome: Outcome, said: str) -> Verdict:
    wanted = {(row[0], row[1]) for row in gold}
    cited = {(citation.type, citation.id) for citation in outcome.citations}
    if not cited and outcome.rows:  # a structured answer to it names the records themselves
        cited = {(row["type"], row["id"]) for row in outcome.rows}
    complete = all(fold(part) in said for part in question.get("contains", ()))
    if wanted & cited and complete:
        return "right"
    return "declined" if not cited or outcome.route == "semantic" else "wrong"


def _number(question: dict[str, Any], gold: Rows, outcome: Outcome, said: str) -> bool:
    return isinstance(outcome.value, (int, float)) and _close(outcome.value, gold[0][0] or 0)


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= max(_ABSOLUTE, _RELATIVE * abs(other))


def _money(question: dict[str, Any], gold: Rows, outcome: Outcome, said: str) -> bool:
    wanted = {currency: _major(minor, currency) for minor, currency in gold if minor}
    given = outcome.value if isinstance(outcome.value, list) else [outcome.value] if outcome.value else []
    if not all(isinstance(part, dict) for part in given):
        return not wanted and given == [0]
    got = {part["currency"]: float(part["amount"]) for part in given if part["amount"]}
    return wanted.keys() == got.keys() and all(_close(got[c], wanted[c]) for c in wanted)


def _major(minor: float, currency: str) -> float:
    digits: int = get_currency_precision(currency)
    return float(minor) / float(10**digits)


def _rows(question: dict[str, Any], gold: Rows, outcome: Outcome, said: str) -> bool:
    kind, wanted = question.get("type"), [row[0] for row in gold]
    got = [row["id"] for row in outcome.rows if kind is None or row["type"] == kind]
    if len(got) != len(outcome.rows):
        return False
    return got == wanted if question.get("ordered") else sorted(got) == sorted(wanted)


def _groups(question: dict[str, Any], gold: Rows, outcome: Outcome, said: str) -> bool:
    wanted = {_key(row): _group_value(row) for row in gold if row[1]}
    got = {(fold(str(g["name"] or "")), g.get("currency")): float(g["value"]) for g in outcome.groups if g["value"]}
    readings = ((got, wanted), (_by_key(got, outcome), wanted), (_by_month(got), _by_month(wanted)))
    return any(_same_groups(*reading) for reading in readings)


def _same_groups(got: Groups, wanted: Groups) -> bool:
    """What has nothing in the field that is grouped by may be told or left out, where SQL leaves it out."""
    if not any(name == "" for name, _ in wanted):
        got = {key: value for key, value in got.items() if key[0] not in _NOTHING}
    return wanted.keys() == got.keys() and all(_close(got[name], wanted[name]) for name in wanted)


def _by_key(groups: Groups, outcome: Outcome) -> Groups:
    """Under the values in the database instead of their names: `customer` for customers, `action_item`."""
    rows = (outcome.table or {}).get("rows", ())
    keys = {fold(str(row["name"])): fold(str(row["key"] or "")) for row in rows if "key" in row}
    return {(keys.get(name, name), currency): value for (name, currency), value in groups.items()}


def _key(row: Sequence[Any]) -> tuple[str, str | None]:
    return fold(str(row[0] or "")), row[2] if len(row) > 2 else None


def _group_value(row: Sequence[Any]) -> float:
    return _major(row[1], row[2]) if len(row) > 2 else float(row[1])


def _by_month(groups: Groups) -> Groups:
    """Months under one name: `2026 07`, `July 2026`, `2026-07-01`."""
    return {(_month(name), currency): value for (name, currency), value in groups.items()}


def _month(name: str) -> str:
    if match := re.match(r"(\d{4})[- ](\d\d)\b", name):
        return f"{match[1]}-{match[2]}"
    for number in range(1, 13):
        for locale in ("en", "de"):
            for pattern in ("MMMM y", "MMM y"):
                if name == fold(
                    format_date(date(int((re.findall(r"\d{4}", name) or ["1"])[0]), number, 1), pattern, locale)
                ):
                    return f"{name[-4:]}-{number:02d}"
    return name


def _date(question: dict[str, Any], gold: Rows, outcome: Outcome, said: str) -> bool:
    if gold[0][0] is None:
        return _begins(outcome.text, _NEVER) or not _states(outcome)
    return any(fold(spelling) in said for spelling in spellings(str(gold[0][0])))


def spellings(iso: str) -> set[str]:
    """How an answer may write a day; a time in UTC is one of the workspace's days."""
    moment = datetime.fromisoformat(iso)
    days = {moment.date()}
    if len(iso) > 10:
        days = {(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("UTC"))).astimezone(_ZONE).date()}
    found = {day.isoformat() for day in days}
    for day in days:
        for locale in ("en_GB", "en_US", "de"):
            found |= {format_date(day, style, locale) for style in ("long", "medium", "d MMMM y", "d MMM y", "d. MMMM")}
    return found


def _text(question: dict[str, Any], gold: Rows, outcome: Outcome, said: str) -> bool:
    wanted = str(gold[0][0] or "")
    if not wanted:
        return not _states(outcome)
    digits = re.sub(r"\D", "", wanted)
    is_number = len(digits) >= 6 and len(digits) > len(wanted) / 2
    return fold(wanted) in said or (is_number and digits in re.sub(r"\D", "", said))


def _yes(question: dict[str, Any], gold: Rows, outcome: Outcome, said: str) -> bool:
    return _begins(outcome.text, _YES)


def _no(question: dict[str, Any], gold: Rows, outcome: Outcome, said: str) -> bool:
    return _begins(outcome.text, _NO)


def _begins(text: str, words: Iterable[str]) -> bool:
    first = fold(text).split(" ", 1)[0].strip(".,!")
    return any(first.startswith(word) for word in words)


_CHECKS = {
    "number": _number, "money": _money, "rows": _rows, "groups": _groups, "date": _date, "text": _text,
    "yes": _yes, "no": _no,
}  # fmt: skip
