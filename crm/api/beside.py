"""Files and links of records over the API: the same for every type that may have them."""

from __future__ import annotations

from flask import request, url_for

from crm import web
from crm.api import http
from crm.api.http import Reply
from crm.api.operations import Api
from crm.routes.attachments import content_of
from shared import records
from shared.accounts.permissions import Scope
from shared.errors import Invalid
from shared.records import attachments, links
from shared.records.links import Linked
from shared.schemas import answers
from shared.schemas import api as schemas

_FORM_BYTES = 1024 * 1024


def register(api: Api) -> None:
    """`/{plural}/{id}/attachments`, `/{plural}/{id}/links`, `/attachments/{id}`, `/links/{id}`."""
    for name in attachments.ATTACHED:
        _register_files(api, name, records.TYPES[name].plural)
    for name in links.LINKED:
        _register_links(api, name, records.TYPES[name].plural)
    _register_one(api)


def _register_files(api: Api, name: str, plural: str) -> None:
    @api.operation(
        "GET", f"/{plural}/{{id}}/attachments", id=f"list_{name}_attachments", tag="attachments",
        scope=Scope.RECORDS_READ, summary=f"List the files of a {name}", answers={200: answers.Attachments},
        errors=(404,),
    )  # fmt: skip
    def list_files(id: int) -> Reply:
        records.get(web.session(), name, id)
        return Reply({"items": [attachments.show(found) for found in attachments.of(web.session(), (name, id))]})

    @api.operation(
        "POST", f"/{plural}/{{id}}/attachments", id=f"create_{name}_attachment", tag="attachments",
        scope=Scope.RECORDS_WRITE, summary=f"Put a file beside a {name}; the same file again is the one that is there",
        upload=schemas.AttachmentFile, answers={201: answers.AttachmentOut}, errors=(404, 413, 503),
    )  # fmt: skip
    def create_file(id: int) -> Reply:
        records.get(web.session(), name, id)
        settings = web.settings()
        http.limit_body(settings.attachment_max_mb * 2**20 + _FORM_BYTES)
        sent = request.files.getlist("file")
        if len(sent) != 1:
            raise Invalid.field("file", "Send exactly one file in the field “file”.")
        found = attachments.receive(
            web.session(), (name, id), sent[0].filename or "", sent[0].stream.read(), upload_dir=settings.upload_dir,
            most_bytes=settings.attachment_max_mb * 2**20, quota_bytes=settings.attachment_quota_mb * 2**20,
            by=web.actor(),
        )  # fmt: skip
        return Reply(attachments.show(found), 201, {"Location": url_for("api.get_attachment", id=found.id)})


def _register_one(api: Api) -> None:
    @api.operation(
        "GET", "/attachments/{id}", tag="attachments", scope=Scope.RECORDS_READ, summary="Read what is known of a file",
        answers={200: answers.AttachmentOut}, errors=(404,),
    )  # fmt: skip
    def get_attachment(id: int) -> Reply:
        return Reply(attachments.show(attachments.get(web.session(), id)))

    @api.operation(
        "GET", "/attachments/{id}/content", tag="attachments", scope=Scope.RECORDS_READ, summary="Download a file",
        answers={200: None}, errors=(404,), files=("application/octet-stream",),
    )  # fmt: skip
    def get_attachment_content(id: int) -> Reply:
        return Reply(None, file=content_of(attachments.get(web.session(), id)))

    @api.operation(
        "DELETE", "/attachments/{id}", tag="attachments", scope=Scope.RECORDS_WRITE,
        summary="Take a file off its record; it can be restored", answers={204: None}, errors=(404,),
    )  # fmt: skip
    def delete_attachment(id: int) -> Reply:
        attachments.delete(web.session(), attachments.get(web.session(), id), by=web.actor())
        return Reply(None, 204)

    @api.operation(
        "POST", "/attachments/{id}/restore", tag="attachments", scope=Scope.RECORDS_WRITE,
        summary="Bring a file back", answers={200: answers.AttachmentOut}, errors=(404,),
    )  # fmt: skip
    def restore_attachment(id: int) -> Reply:
        found = attachments.get(web.session(), id, deleted=True)
        attachments.restore(web.session(), found, by=web.actor())
        return Reply(attachments.show(found))

    @api.operation(
        "DELETE", "/links/{id}", tag="links", scope=Scope.RECORDS_WRITE, summary="Take a link away",
        answers={204: None}, errors=(404,),
    )  # fmt: skip
    def delete_link(id: int) -> Reply:
        links.unlink(web.session(), links.end_of(web.session(), id), id, by=web.actor())
        return Reply(None, 204)


def _register_links(api: Api, name: str, plural: str) -> None:
    @api.operation(
        "GET", f"/{plural}/{{id}}/links", id=f"list_{name}_links", tag="links", scope=Scope.RECORDS_READ,
        summary=f"List the records linked with a {name}", answers={200: answers.RecordLinks}, errors=(404,),
    )  # fmt: skip
    def list_links(id: int) -> Reply:
        records.get(web.session(), name, id)
        return Reply({"items": [_shown(found) for found in links.of(web.session(), (name, id))]})

    @api.operation(
        "POST", f"/{plural}/{{id}}/links", id=f"create_{name}_link", tag="links", scope=Scope.RECORDS_WRITE,
        summary=f"Link a {name} with a record of any type", body=schemas.RecordLinkIn,
        description="`label` says what the other record is to this one: "
        + ", ".join(links.RELATIONS) + ", or words of your own.",
        answers={201: answers.RecordLinkOut}, errors=(404, 409),
    )  # fmt: skip
    def create_link(id: int) -> Reply:
        records.get(web.session(), name, id)
        asked = http.parsed(schemas.RecordLinkIn)
        made = links.link(web.session(), (name, id), (asked.type, asked.id), asked.label, by=web.actor())
        return Reply(_shown(links.seen_from(made, (name, id))), 201)


def _shown(found: Linked) -> dict[str, object]:
    return {"id": found.id, "label": found.label, "type": found.other[0], "record_id": found.other[1]}
