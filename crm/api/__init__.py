"""REST API `/api/v1`: bearer tokens, JSON, described by the OpenAPI document it serves itself.

    request ─ operations (permission, ids, size) ─ idempotency ─ a view ─ verbs of shared.records ─ Reply
                                    └── the same table ──▶ openapi ──▶ /api/v1/openapi.json, /api/docs

Views are thin: they read the request strictly (`http`), call a verb, show the record. `crm.web` commits.
"""

from __future__ import annotations

from flask import Blueprint

from crm.api import (
    batch,
    beside,
    chat,
    docs,
    exports,
    fields,
    finding,
    imports,
    insights,
    meetings,
    merging,
    minutes,
    pipelines,
    querying,
    records,
    reports,
    users,
    views,
    webhooks,
    workspace,
)
from crm.api.operations import Api

bp = Blueprint("api", __name__, url_prefix="/api/v1")
api = Api(bp)

for part in (
    records, merging, meetings, insights, minutes, users, pipelines, fields, batch, imports, exports, webhooks,
    workspace, finding, querying, chat, views, beside, reports,
):  # fmt: skip
    part.register(api)
docs_bp = docs.register(api)

__all__ = ["api", "bp", "docs_bp"]
