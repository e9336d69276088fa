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
        introduction = Markup(MarkdownIt().render(made()["info"]["description"]))  # noqa: S704 (our own text)
        return render_template("api/docs.html", document=made(), groups=_groups(made()), introduction=introduction)

    return pages


def _groups(found: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Operations by tag, each with its method and path, in the document's order."""
    groups: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in found["tags"]}
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]].append({"method": method.upper(), "path": path, **operation})
    return groups
