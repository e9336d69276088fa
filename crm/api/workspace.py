"""The workspace's settings over the API."""

from __future__ import annotations

from crm import web
from crm.api import http
from crm.api.http import Reply
from crm.api.operations import Api
from shared.accounts import workspaces
from shared.accounts.permissions import Scope
from shared.schemas.accounts import WorkspaceOut
from shared.schemas.api import WorkspaceUpdate


def register(api: Api) -> None:
    """`/workspace`."""

    @api.operation(
        "GET", "/workspace", tag="workspace", scope=Scope.RECORDS_READ, summary="Read the workspace's settings",
        answers={200: WorkspaceOut},
    )  # fmt: skip
    def get_workspace() -> Reply:
        return _shown()

    @api.operation(
        "PATCH", "/workspace", tag="workspace", scope=Scope.WORKSPACE_MANAGE,
        summary="Change the workspace's settings", body=WorkspaceUpdate, answers={200: WorkspaceOut},
        is_versioned=True,
    )  # fmt: skip
    def update_workspace() -> Reply:
        body = http.json_object()
        expecting = http.take_version(body)
        workspaces.patch(web.session(), web.parse(WorkspaceUpdate, body), by=web.actor(), expecting=expecting)
        return _shown()


def _shown() -> Reply:
    workspace = workspaces.get(web.session())
    return http.versioned(workspaces.present(workspace).model_dump(mode="json"))
