"""Rules of the house that no linter knows. Each rule is shown a breach first, so that it is known to see one."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("main.py", "chatbot_main.py", "shared", "crm", "chatbot", "launcher", "migrations")


def product_files() -> Iterator[Path]:
    """Every Python file of the product, relative to the root."""
    for part in PRODUCT:
        path = ROOT / part
        found = sorted(path.rglob("*.py")) if path.is_dir() else [path] * path.exists()
        yield from (file.relative_to(ROOT) for file in found)


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))


def text_files() -> Iterator[Path]:
    """Every file of the repository that can be read as text: what git tracks, or would if it were added."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    for name in filter(None, names):
        path = ROOT / name
        if path.is_file() and b"\0" not in path.read_bytes()[:8192]:
            yield path.relative_to(ROOT)


Rule = Callable[[ast.Module], Iterator[int]]


def raw_sql(tree: ast.Module) -> Iterator[int]:
    """Lines that hand the database a string: `text(...)` of SQLAlchemy, `exec_driver_sql(...)`."""
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
        if alias.name == "text"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in imported or called in {"sa.text", "sqlalchemy.text"} or called.endswith("exec_driver_sql"):
                yield node.lineno


def environment(tree: ast.Module) -> Iterator[int]:
    """Lines that read or change the environment."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv", "os.putenv"}:
            yield node.lineno
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from (node.lineno for alias in node.names if alias.name in {"environ", "getenv"})


def wall_clock(tree: ast.Module) -> Iterator[int]:
    """Lines that ask the machine for the date."""
    asked = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).removeprefix("datetime.") in asked | {"now", "utcnow"}:
            yield from [node.lineno] * (ast.unparse(node.func) not in {"now", "clock.now"})


def unbounded_numbers(tree: ast.Module) -> Iterator[int]:
    """Lines that take from an address or a form a number that no column may hold: `web.whole` is for that."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith((".get", ".getlist")):
            kinds = [*node.args[2:], *(named.value for named in node.keywords if named.arg == "type")]
            yield from (node.lineno for kind in kinds if ast.unparse(kind) == "int")


def digits(tree: ast.Module) -> Iterator[int]:
    """Lines that ask for digits: "²" is one, and none that a number can be made of. `isdecimal` is what is meant."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "isdigit":
            yield node.lineno


RULES: dict[str, tuple[Rule, tuple[str, ...], str]] = {
    "raw SQL": (
        raw_sql,
        (
            "shared/search/", "shared/query/", "shared/database.py", "shared/prepared.py", "shared/migration.py",
            "shared/health.py", "migrations/",
        ),
        "from sqlalchemy import text\nsession.execute(text('DELETE FROM deal'))",
    ),
    "the environment": (
        environment,
        ("shared/config.py", "launcher/"),
        "import os\nhost = os.environ['OLLAMA_HOST']",
    ),
    "the machine's clock": (
        wall_clock,
        ("shared/clock.py",),
        "from datetime import UTC, datetime\ndue = datetime.now(UTC)",
    ),
    "numbers without a bound": (unbounded_numbers, (), "given = request.args\nbefore = given.get('before', type=int)"),
    "digits that are no numbers": (digits, (), "id = '²'\nis_id = id.isdigit()"),
}  # fmt: skip


@pytest.mark.parametrize("what", RULES)
def test_only_its_own_modules_touch(what: str) -> None:
    rule, allowed, _ = RULES[what]
    breaches = [
        f"{path}:{line}" for path in product_files() if not str(path).startswith(allowed) for line in rule(tree(path))
    ]
    assert breaches == []


@pytest.mark.parametrize("what", RULES)
def test_a_breach_is_seen(what: str) -> None:
    rule, _, breach = RULES[what]
    assert list(rule(ast.parse(breach))) == [2]


#: Written in pieces, or this file would be the first to break the rule.
MACHINES = re.compile("|".join(("/work" + "/(main|shared)", "/ro" + "ot/", "/tm" + "p/aw", "registry" + r"\.npmjs")))


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    named = [
        str(path)
        for path in text_files()
        if MACHINES.search((ROOT / path).read_text(encoding="utf-8", errors="replace"))
    ]
    assert named == []


def test_a_place_on_somebodys_machine_is_seen() -> None:
    assert MACHINES.search("see /work" + "/main/shared/config.py")


def test_every_product_file_is_looked_at() -> None:
    seen = {str(path) for path in product_files()}
    assert {"shared/config.py", "launcher/supervisor.py", "chatbot/__init__.py", "crm/__init__.py"} <= seen
