"""A template names the macros it calls: one that is missing is found by nobody before that page is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Environment, nodes

FOLDER = Path("crm/templates")
READER = Environment(extensions=["jinja2.ext.do", "jinja2.ext.i18n"], autoescape=True)
TREES = {str(path.relative_to(FOLDER)): READER.parse(path.read_text()) for path in FOLDER.rglob("*.html")}
MACROS = {macro.name for tree in TREES.values() for macro in tree.find_all(nodes.Macro)}


def called(tree: nodes.Template) -> set[str]:
    """The macros of any template that one calls by their bare names."""
    return {call.node.name for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name)} & MACROS


def known(tree: nodes.Template) -> set[str]:
    """What a template defines, imports or sets, and the ones it extends."""
    names = {macro.name for macro in tree.find_all(nodes.Macro)}
    names |= {argument.name for macro in tree.find_all(nodes.Macro) for argument in macro.args}
    names |= {name.name for name in tree.find_all(nodes.Name) if name.ctx != "load"}
    for imported in tree.find_all(nodes.FromImport):
        names |= {name if isinstance(name, str) else name[1] for name in imported.names}
    for parent in tree.find_all(nodes.Extends):
        for above in parent.find_all(nodes.Const):  # one of several, or a word of the condition which one
            names |= known(TREES[above.value]) if above.value in TREES else set()
    return names


@pytest.mark.parametrize("name", sorted(TREES))
def test_each_macro_that_a_template_calls_is_known_to_it(name: str) -> None:
    assert called(TREES[name]) - known(TREES[name]) == set()


def test_a_macro_that_is_not_imported_would_be_seen() -> None:
    tree = READER.parse('{% extends "base.html" %}{% block content %}{{ dropzone("/meetings") }}{% endblock %}')
    assert called(tree) - known(tree) == {"dropzone"}


def test_what_is_said_once_a_language_is_known_by_its_name_alone() -> None:
    """Two macros of one name would say each other's words."""
    calls = [call for tree in TREES.values() for call in tree.find_all(nodes.Call)]
    named = [call for call in calls if isinstance(call.node, nodes.Name)]
    kept = {call.args[0].name for call in named if call.node.name == "by_language"}
    defined = [macro.name for tree in TREES.values() for macro in tree.find_all(nodes.Macro)]
    assert "composer_card" in kept
    assert [name for name in kept if defined.count(name) != 1] == []
