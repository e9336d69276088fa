"""The document for programs and the page for people, both open to everybody: they hold no data."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from markdown_it import MarkdownIt
from markupsafe import Markup

from crm.api.http import Reply
from crm.api.openapi import document
from crm.api.operations import Api
from crm.web import public

_markdown = MarkdownIt("js-default")


def register(api: Api) -> Blueprint:
    """`/api/v1/openapi.json`, and a blueprint for `/api/docs`."""

    @cache
    def made() -> dict[str, Any]:
        return document(api.operations)

    @public
    def openapi() -> Response:
        answer = Reply(made()).response()
        answer.cache_control.max_age = 300
        return answer

    api.blueprint.add_url_rule("/openapi.json", "openapi", openapi)
    pages = Blueprint("api_docs", __name__)

    @pages.get("/api/docs")
    @public
    def show() -> ResponseReturnValue:
        return render_template("api/docs.html", document=made(), groups=_groups(made()), prose=_prose, words=_words)

    return pages


def _prose(text: str) -> Markup:
    return Markup(_markdown.render(text))  # noqa: S704 (the document's own text; HTML in it is escaped)


def _words(text: str) -> Markup:
    return Markup(_markdown.renderInline(text))  # noqa: S704 (as above)


def _groups(found: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Operations by tag, each with its method and path, in the document's order."""
    groups: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in found["tags"]}
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]].append({"method": method.upper(), "path": path, **operation})
    return groups
