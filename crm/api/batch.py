"""Many upserts at once, all or nothing."""

from __future__ import annotations

from typing import Any

from crm.api import http, meetings, records, users
from crm.api.http import Reply
from crm.api.operations import Api
from crm.api.permissions import check_write
from shared.accounts.permissions import Scope
from shared.errors import AppError, FieldError
from shared.schemas import answers
from shared.schemas import api as schemas


def register(api: Api) -> None:
    """`/batch`."""

    @api.operation(
        "POST", "/batch", tag="batch", scope=Scope.RECORDS_WRITE,
        summary="Up to 500 upserts of mixed types in one transaction",
        description="Later items may refer to earlier ones by external id. If one item is wrong, the problem names its"
        " index (`items.3.data.name`) and nothing is written.",
        body=schemas.Batch, answers={200: answers.BatchOut}, errors=(409, 413),
    )  # fmt: skip
    def run_batch() -> Reply:
        items = http.parsed(schemas.Batch).items
        # The rows are kept until the end: while they live, the session answers references to them from memory.
        done = [_stored(i, item) for i, item in enumerate(items)]
        shown = [
            {"type": item.type, "id": row.id, "external_id": row.external_id, "result": result}
            for item, (row, result) in zip(items, done, strict=True)
        ]
        return Reply({"items": shown})


def _stored(index: int, item: schemas.BatchItem) -> tuple[Any, str]:
    try:
        return _upsert(item)
    except AppError as error:
        raise _located(error, index) from error


def _upsert(item: schemas.BatchItem) -> tuple[Any, str]:
    check_write(item.type)
    if item.type == "user":
        return users.upsert(item.data)
    if item.type == "meeting":
        return meetings.upsert(item.data)
    return records.upsert(item.type, item.data)


def _located(error: AppError, index: int) -> AppError:
    """The same error, saying which item it is about."""
    where = f"items.{index}.data"
    errors = error.errors or (FieldError("", error.detail),)
    error.detail = f"Item {index}: {error.detail} Nothing was written."
    error.errors = tuple(FieldError(f"{where}.{e.path}" if e.path else where, e.message) for e in errors)
    return error
