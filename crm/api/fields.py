"""Custom fields over the API: which there are is everybody's to read, an admin's to change."""

from __future__ import annotations

from flask import request, url_for

from crm import web
from crm.api import http
from crm.api.http import Reply
from crm.api.operations import Api
from shared.accounts.permissions import Scope
from shared.records import custom, removed_fields
from shared.schemas import answers
from shared.schemas import api as schemas
from shared.schemas.records import FieldDefinitionIn


def register(api: Api) -> None:
    """`/fields`."""

    @api.operation(
        "GET", "/fields", tag="fields", scope=Scope.RECORDS_READ, query=schemas.FieldsQuery,
        summary="List the custom fields, of one record type or of all", answers={200: answers.FieldDefinitions},
    )  # fmt: skip
    def list_fields() -> Reply:
        asked = web.parse(schemas.FieldsQuery, request.args.to_dict())
        listed = removed_fields.listed if asked.deleted else custom.definitions
        return Reply({"items": [custom.show(found) for found in listed(web.session(), asked.record_type)]})

    @api.operation(
        "POST", "/fields", tag="fields", scope=Scope.WORKSPACE_MANAGE, summary="Define a custom field",
        body=FieldDefinitionIn, answers={201: answers.FieldDefinitionOut},
    )  # fmt: skip
    def create_field() -> Reply:
        definition = custom.define(web.session(), http.json_object(), by=web.actor())
        location = url_for("api.get_field", id=definition.id)
        return http.versioned(custom.show(definition), status=201, location=location)

    @api.operation(
        "GET", "/fields/{id}", tag="fields", scope=Scope.RECORDS_READ, summary="Read one custom field",
        answers={200: answers.FieldDefinitionOut}, errors=(404,),
    )  # fmt: skip
    def get_field(id: int) -> Reply:
        return http.versioned(custom.show(custom.get(web.session(), id)))

    @api.operation(
        "PATCH", "/fields/{id}", tag="fields", scope=Scope.WORKSPACE_MANAGE,
        summary="Reword a custom field, move it, or change its options; its type stays",
        body=schemas.FieldDefinitionPatch, answers={200: answers.FieldDefinitionOut}, errors=(404,),
        is_versioned=True,
    )  # fmt: skip
    def update_field(id: int) -> Reply:
        definition = custom.get(web.session(), id)
        body = http.json_object()
        expecting = http.take_version(body)
        custom.change(web.session(), definition, body, by=web.actor(), expecting=expecting)
        return http.versioned(custom.show(definition))

    @api.operation(
        "DELETE", "/fields/{id}", tag="fields", scope=Scope.WORKSPACE_MANAGE,
        summary="Take a custom field away, with every value it has; it can be restored", answers={204: None},
        errors=(404,),
    )  # fmt: skip
    def delete_field(id: int) -> Reply:
        removed_fields.remove(web.session(), custom.get(web.session(), id), by=web.actor())
        return Reply(None, 204)

    @api.operation(
        "POST", "/fields/{id}/restore", tag="fields", scope=Scope.WORKSPACE_MANAGE,
        summary="Bring a deleted custom field back, with its values", answers={200: answers.FieldDefinitionOut},
        errors=(404,),
    )  # fmt: skip
    def restore_field(id: int) -> Reply:
        definition = custom.get(web.session(), id, deleted=True)
        removed_fields.restore(web.session(), definition, by=web.actor())
        return http.versioned(custom.show(definition))

    @api.operation(
        "POST", "/fields/{id}/purge", tag="fields", scope=Scope.WORKSPACE_MANAGE,
        summary="Delete a deleted custom field for good, with its values", answers={204: None}, errors=(404, 409),
    )  # fmt: skip
    def purge_field(id: int) -> Reply:
        removed_fields.purge(web.session(), custom.get(web.session(), id, deleted=True), by=web.actor())
        return Reply(None, 204)
