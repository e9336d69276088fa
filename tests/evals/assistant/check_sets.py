"""Whether the questions still have the answers written beside them: `python -m tests.evals.assistant.check_sets DB`.

Every SQL of every `*.jsonl` in this folder is run on the given SQLite file (read-only) with :ws, :me and :today, and
its rows are compared with `gold`. Order counts only for questions marked `ordered`. Exit status 1 if anything differs.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
WORKSPACE = 1
TODAY = "2026-11-20"
MUST_HAVE = ("id", "category", "language", "user", "turns", "expect")
WITHOUT_SQL = {"abstain", "refuse"}
COLUMNS = {
    "number": 1,
    "money": 2,
    "rows": 1,
    "groups": (2, 3),
    "date": 1,
    "text": 1,
    "yes": 1,
    "no": 1,
    "passages": 2,
    "clarify": 1,
}
ONE_ROW = {"number", "date", "text", "yes", "no"}
MOST_ROWS = 50

Row = list[Any]


def questions(path: Path) -> Iterator[dict[str, Any]]:
    """The questions of one file, a line each."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def answer(db: sqlite3.Connection, sql: str, user_id: int | None) -> list[Row]:
    """The rows of a question's SQL, as JSON would keep them."""
    return [list(row) for row in db.execute(sql, {"ws": WORKSPACE, "me": user_id, "today": TODAY})]


def same(left: list[Row], right: list[Row], ordered: bool) -> bool:
    """Whether two answers are equal, in any order unless it counts."""
    return left == right if ordered else sorted(map(repr, left)) == sorted(map(repr, right))


def misshapen(question: dict[str, Any], rows: list[Row]) -> str | None:
    """What is wrong with the shape of an answer for what the question expects."""
    expect = question["expect"]
    widths = COLUMNS.get(expect)
    if widths is None:
        return f"nobody knows the expectation {expect!r}"
    allowed = widths if isinstance(widths, tuple) else (widths,)
    if any(len(row) not in allowed for row in rows):
        return f"{expect} wants {widths} columns"
    if expect in ONE_ROW and len(rows) != 1:
        return f"{expect} wants one row, got {len(rows)}"
    if expect == "yes" and not rows[0][0]:
        return "yes, but the proof counts nothing"
    if expect == "no" and rows[0][0]:
        return "no, but the proof counts something"
    if expect == "clarify" and len(rows) < 2:
        return "nothing to choose between"
    if expect == "passages" and not rows:
        return "nothing that could be cited"
    if expect == "rows" and len(rows) > MOST_ROWS:
        return f"{len(rows)} rows are too many to list"
    return None


def faults(db: sqlite3.Connection, question: dict[str, Any], users: dict[str, int]) -> Iterator[str]:
    """Everything that is wrong with one question."""
    missing = [key for key in MUST_HAVE if key not in question]
    if missing:
        yield f"lacks {', '.join(missing)}"
        return
    if question["user"] not in users:
        yield f"asked by {question['user']}, who is not here"
    sql = question.get("sql")
    if question["expect"] in WITHOUT_SQL:
        if sql:
            yield f"{question['expect']} takes no SQL"
        return
    if not sql:
        yield "lacks sql"
        return
    try:
        rows = answer(db, sql, users.get(question["user"]))
    except sqlite3.Error as error:
        yield f"SQL fails: {error}"
        return
    if not same(rows, question.get("gold", []), bool(question.get("ordered"))):
        yield f"gold {question.get('gold')}, now {rows}"
    if wrong := misshapen(question, rows):
        yield wrong


def check(database: Path, folder: Path = FOLDER) -> int:
    """Print what differs in every set of the folder; the number of faults."""
    db = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)
    try:
        sql = "SELECT email, id FROM user WHERE workspace_id = ?"
        users: dict[str, int] = dict(db.execute(sql, (WORKSPACE,)))
        total = 0
        for path in sorted(folder.glob("*.jsonl")):
            seen: set[str] = set()
            found = 0
            for question in questions(path):
                name = str(question.get("id"))
                told = list(faults(db, question, users))
                if name in seen:
                    told.append("has an id that was used before")
                seen.add(name)
                for fault in told:
                    print(f"{path.name} {name}: {fault}")
                found += len(told)
            print(f"{path.name}: {len(seen)} questions, {found} faults")
            total += found
        return total
    finally:
        db.close()


def main() -> int:
    """Exit status: 1 if any answer differs."""
    parser = argparse.ArgumentParser(description="Re-run the SQL of every question and compare with its gold.")
    parser.add_argument("database", type=Path, metavar="DB")
    return 1 if check(parser.parse_args().database) else 0


if __name__ == "__main__":
    sys.exit(main())
