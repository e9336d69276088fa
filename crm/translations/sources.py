"""Finds every text of ours that a person may read: gettext calls, and the sentences of errors that `shared/` raises."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir

ROOT = Path(__file__).parents[2]
_Found = tuple[int, str | None, Any, list[str]]
#: What marks a text in Python, and how many of its arguments are one.
_GETTEXT = {"_": 1, "_l": 1, "N_": 1, "gettext": 1, "lazy_gettext": 1, "ngettext": 2, "lazy_ngettext": 2}
_ERRORS = frozenset(
    (
        "AppError", "BadRequest", "Conflict", "FieldError", "Forbidden", "Invalid", "NotFound", "PreconditionRequired",
        "TooLarge", "TooManyRequests", "Unauthorized", "Unavailable", "UnsupportedMediaType", "field",
    )
)  # fmt: skip
#: Where a ValueError's text is shown to whoever typed the value; elsewhere it is for programmers.
_VALUES = (
    "shared/schemas/", "shared/records/custom", "shared/records/deals.py", "shared/query/conditions.py",
    "shared/query/dates.py", "shared/query/values.py", "shared/query/checking.py", "shared/query/compiler.py",
    "shared/query/lists.py", "shared/query/metrics.py",
)  # fmt: skip
#: Whose sentences are stored and shown later, wherever they stand in the code.
_TOLD = (
    "shared/activities/", "shared/imports/", "shared/records/backups.py", "shared/transcripts/", "shared/webhooks/",
)  # fmt: skip
#: Whose errors the page of the models shows as the assistant's service words them.
_MODELS = ("chatbot/llm/", "chatbot/models_desk/")
_MODEL_ERRORS = frozenset(
    (
        "Broken", "Conflict", "ContextOverflow", "CutOff", "ModelBusy", "ModelMissing", "NotFound", "OutOfMemory",
        "Refused", "ServerDown", "TimedOut",
    )
)  # fmt: skip
#: What a shell is told.
_NOT_SHOWN = ("crm/cli.py", "crm/backup.py", "crm/translations/")
_METHODS = [
    ("crm/**.py", "crm.translations.sources:extract_source"),
    ("shared/**.py", "crm.translations.sources:extract_source"),
    *((f"{folder}**.py", "crm.translations.sources:extract_source") for folder in _MODELS),
    ("crm/templates/**.html", "jinja2"),
]


def extract() -> Catalog:
    """All texts with the files they are in, without translations."""
    found = Catalog(project="Afterword", charset="utf-8")
    for name, _line, message, _comments, context in extract_from_dir(
        ROOT,
        _METHODS,
        {"**.html": {"trim_blocks": "false"}},
        DEFAULT_KEYWORDS,
        directory_filter=lambda folder: _is_read(Path(folder).relative_to(ROOT)),
    ):
        found.add(message, None, [(name, 0)], context=context)
    return found


def _is_read(folder: Path) -> bool:
    """Whether texts are in a folder, relative to the root, or in one below it."""
    read = [Path(name) for name in ("crm", "shared", *_MODELS)]
    return folder.name != "dist" and any(folder.is_relative_to(one) or one.is_relative_to(folder) for one in read)


def extract_source(file: Any, _keywords: Any, _tags: Any, options: Any) -> Iterator[_Found]:
    """Babel's extraction method for Python: what gettext is called with, and what errors say."""
    name = Path(file.name).resolve().relative_to(ROOT).as_posix()
    is_told = name.startswith(_TOLD)
    calls: frozenset[str] = frozenset()
    if name.startswith(_VALUES):
        calls = _ERRORS | {"ValueError", "AtField", "_checked"}
    elif name.startswith(_MODELS):
        calls = _MODEL_ERRORS
    elif not name.startswith(_NOT_SHOWN):
        calls = _ERRORS
    text = file.read().decode()
    if not is_told and not any(f"{call}(" in text for call in _GETTEXT.keys() | calls):
        return
    nodes = list(ast.walk(ast.parse(text)))
    if is_told:
        yield from _told(nodes)
    for node in nodes:
        if isinstance(node, ast.Call):
            called = _called(node.func)
            if called in _GETTEXT:
                words = tuple(a.value for a in node.args[: _GETTEXT[called]] if isinstance(a, ast.Constant))
                if len(words) == _GETTEXT[called]:
                    yield node.lineno, "ngettext" if len(words) > 1 else None, words if len(words) > 1 else words[0], []
            elif called in calls:
                yield from ((node.lineno, None, text, []) for part in node.args for text in _sentences(part))


def _told(nodes: list[ast.AST]) -> Iterator[_Found]:
    """Whole sentences, but for docstrings and parts of other texts; and what a file is instead of a transcript."""
    passed = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    passed |= {
        id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in ast.walk(node) if part is not node
    }
    for node in nodes:
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and id(node) not in passed:
            for text in _sentences(node):
                if re.match(r"[A-Z“{].* .*[.?]$|an? [\w .,()-]+$", text):
                    yield node.lineno, None, text, []


def _called(function: ast.expr) -> str:
    return getattr(function, "attr", "") if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _sentences(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from _sentences(node.body)
        yield from _sentences(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
        if " " in text:
            yield text
    elif isinstance(node, ast.JoinedStr):
        text = template(node)
        if len(re.findall(r"\w+ ", re.sub(r"\{\w+\}", "", text))) > 1:  # a sentence, not a path such as `stages.{i}`
            yield text


def template(node: ast.JoinedStr) -> str:
    """An f-string with names for what it fills in: `f"No {kind.name} with id {id}."` → `No {name} with id {id}.`"""
    parts: list[str] = []
    taken: dict[str, int] = {}
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        elif isinstance(part, ast.FormattedValue):
            name = _named(part.value)
            taken[name] = taken.get(name, 0) + 1
            parts.append("{" + (name if taken[name] == 1 else f"{name}{taken[name]}") + "}")
    return "".join(parts)


def _named(node: ast.expr) -> str:
    """The last name in an expression that says what it is."""
    if isinstance(node, ast.Name):
        return node.id.strip("_").lower()
    if isinstance(node, ast.Attribute):
        return node.attr
    names = [
        part.id
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and part.id not in ("str", "len", "min", "sorted")
    ]
    return names[0].strip("_").lower() if names else "value"
