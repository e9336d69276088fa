"""Taking a stage out of a pipeline, which a PATCH of its stages refuses while deals stand in it."""

from __future__ import annotations

from crm import web
from crm.api import http
from crm.api.http import Reply
from crm.api.operations import Api
from crm.api.records import present
from shared import records
from shared.accounts.permissions import Scope
from shared.records import stages
from shared.schemas import api as schemas
from shared.schemas import record_answers


def register(api: Api) -> None:
    """`/pipelines/{id}/remove_stage`."""

    @api.operation(
        "POST", "/pipelines/{id}/remove_stage", tag="pipelines", scope=Scope.WORKSPACE_MANAGE,
        summary="Take a stage away and move its deals to another", body=schemas.StageRemoval,
        answers={200: record_answers.PipelineOut}, errors=(404, 409),
    )  # fmt: skip
    def remove_stage(id: int) -> Reply:
        pipeline = records.get(web.session(), "pipeline", id)
        asked = http.parsed(schemas.StageRemoval)
        stages.remove_stage(web.session(), pipeline, asked.stage_id, move_to=asked.move_to, by=web.actor())
        return http.versioned(present([pipeline])[0])
