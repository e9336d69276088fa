"""Saved views over the API: one's own, and what colleagues share."""

from __future__ import annotations

from flask import request, url_for

from crm import web
from crm.api import http
from crm.api.http import Reply
from crm.api.operations import Api
from crm.list_address import person
from shared.accounts.permissions import Scope
from shared.records import views
from shared.schemas import views as schemas


def register(api: Api) -> None:
    """`/views`."""

    @api.operation(
        "GET", "/views", tag="views", scope=Scope.RECORDS_READ, query=schemas.ViewsQuery,
        summary="List the saved views that you see, of one record type or of all", answers={200: schemas.Views},
    )  # fmt: skip
    def list_views() -> Reply:
        asked = web.parse(schemas.ViewsQuery, request.args.to_dict())
        found = views.visible(web.session(), person(), asked.type)
        return Reply({"items": [views.show(view) for view in found]})

    @api.operation(
        "POST", "/views", tag="views", scope=Scope.ACCOUNT_OWN, summary="Save a view",
        body=schemas.ViewIn, answers={201: schemas.ViewOut},
    )  # fmt: skip
    def create_view() -> Reply:
        view = views.create(web.session(), http.json_object(), user=person(), by=web.actor())
        return http.versioned(views.show(view), status=201, location=url_for("api.get_view", id=view.id))

    @api.operation(
        "GET", "/views/{id}", tag="views", scope=Scope.RECORDS_READ, summary="Read one saved view",
        answers={200: schemas.ViewOut}, errors=(404,),
    )  # fmt: skip
    def get_view(id: int) -> Reply:
        return http.versioned(views.show(views.get(web.session(), id, user=person())))

    @api.operation(
        "PATCH", "/views/{id}", tag="views", scope=Scope.ACCOUNT_OWN,
        summary="Rename a view, share it, or let it stand for another list", body=schemas.ViewPatch,
        answers={200: schemas.ViewOut}, errors=(404,), is_versioned=True,
    )  # fmt: skip
    def update_view(id: int) -> Reply:
        view = views.get(web.session(), id, user=person())
        body = http.json_object()
        expecting = http.take_version(body)
        views.change(web.session(), view, body, user=person(), by=web.actor(), expecting=expecting)
        return http.versioned(views.show(view))

    @api.operation(
        "DELETE", "/views/{id}", tag="views", scope=Scope.ACCOUNT_OWN,
        summary="Delete a view; the records in it stay", answers={204: None}, errors=(404,),
    )  # fmt: skip
    def delete_view(id: int) -> Reply:
        view = views.get(web.session(), id, user=person())
        views.remove(web.session(), view, user=person(), by=web.actor())
        return Reply(None, 204)
