"""Review over the API: the same gate as the review page."""

from __future__ import annotations

from sqlalchemy import select

from crm import web
from crm.api import http
from crm.api.http import Reply
from crm.api.operations import Api
from shared import records, review
from shared.accounts.permissions import Scope
from shared.errors import Conflict, Invalid, NotFound
from shared.models import Insight, Meeting, ReviewBatch
from shared.review import batches, correcting
from shared.schemas import answers, meeting_answers
from shared.schemas import api as schemas
from shared.schemas.insight import Kind


def register(api: Api) -> None:
    """Insights of a meeting, decisions on one, on many, and back."""
    _register_list(api)
    _register_decisions(api)
    _register_corrections(api)
    _register_batches(api)


def _register_list(api: Api) -> None:
    @api.operation(
        "GET", "/meetings/{id}/insights", tag="insights", scope=Scope.RECORDS_READ,
        summary="What was found in a meeting", query=schemas.InsightPaging,
        answers={200: answers.page_of(meeting_answers.InsightOut, "Insight")}, errors=(404,),
    )  # fmt: skip
    def list_insights(id: int) -> Reply:
        asked = http.query(schemas.InsightPaging)
        session = web.session()
        meeting = records.get(session, "meeting", id)
        after = http.decode_cursor("insight", asked.cursor)
        wanted = select(Insight).where(Insight.meeting_id == meeting.id).order_by(Insight.id)
        if after is not None:
            wanted = wanted.where(Insight.id > after)
        if asked.status is not None:
            wanted = wanted.where(Insight.status == asked.status)
        if asked.kind is not None:
            wanted = wanted.where(Insight.kind == _kind(asked.kind))
        rows = list(session.scalars(wanted.limit(asked.limit + 1)))
        shown = rows[: asked.limit]
        more = http.encode_cursor("insight", shown[-1].id) if len(rows) > asked.limit else None
        return Reply({"items": [review.show(session, row) for row in shown], "next_cursor": more})

    @api.operation(
        "GET", "/insights/{id}", tag="insights", scope=Scope.RECORDS_READ, summary="Read one insight",
        answers={200: meeting_answers.InsightOut}, errors=(404,),
    )  # fmt: skip
    def get_insight(id: int) -> Reply:
        return Reply(review.show(web.session(), _insight(id)))


def _register_decisions(api: Api) -> None:
    @api.operation(
        "POST", "/insights/{id}/accept", tag="insights", scope=Scope.REVIEW,
        summary="Accept an insight, with edits if any", body=schemas.Accept, is_body_optional=True,
        answers={200: meeting_answers.InsightOut}, errors=(404, 409),
    )  # fmt: skip
    def accept_insight(id: int) -> Reply:
        insight = _insight(id)
        wish = http.parsed(schemas.Accept, optional=True)
        try:
            review.accept(web.session(), insight, by=web.actor(), edits=wish.edits, choice=wish.record_id)
        except Conflict:
            _renew(id)
            raise
        return Reply(review.show(web.session(), insight))

    @api.operation(
        "POST", "/insights/{id}/reject", tag="insights", scope=Scope.REVIEW, summary="Reject an insight",
        body=schemas.Reject, is_body_optional=True, answers={200: meeting_answers.InsightOut}, errors=(404, 409),
    )  # fmt: skip
    def reject_insight(id: int) -> Reply:
        insight = _insight(id)
        wish = http.parsed(schemas.Reject, optional=True)
        review.reject(web.session(), insight, by=web.actor(), reason=wish.reason)
        return Reply(review.show(web.session(), insight))

    @api.operation(
        "POST", "/insights/{id}/undo", tag="insights", scope=Scope.REVIEW,
        summary="Take a decision back: the record is as it was, the insight waits again",
        answers={200: meeting_answers.InsightOut}, errors=(404, 409),
    )  # fmt: skip
    def undo_insight(id: int) -> Reply:
        insight = _insight(id)
        review.undo(web.session(), insight, by=web.actor())
        return Reply(review.show(web.session(), insight))


def _register_corrections(api: Api) -> None:
    @api.operation(
        "POST", "/insights/{id}/merge", tag="insights", scope=Scope.REVIEW,
        summary="Let an insight absorb another one of its kind", body=schemas.Merge,
        answers={200: meeting_answers.InsightOut}, errors=(404, 409),
    )  # fmt: skip
    def merge_insights(id: int) -> Reply:
        kept, wish = _insight(id), http.parsed(schemas.Merge)
        correcting.merge(web.session(), kept, _insight(wish.other), by=web.actor())
        return Reply(review.show(web.session(), kept))

    @api.operation(
        "POST", "/insights/{id}/move", tag="insights", scope=Scope.REVIEW,
        summary="Say which record an insight is about", body=schemas.Move,
        answers={200: meeting_answers.InsightOut}, errors=(404, 409),
    )  # fmt: skip
    def move_insight(id: int) -> Reply:
        insight, wish = _insight(id), http.parsed(schemas.Move)
        correcting.move(web.session(), insight, type=wish.type, id=wish.id, by=web.actor())
        return Reply(review.show(web.session(), insight))

    @api.operation(
        "POST", "/insights/{id}/assign", tag="insights", scope=Scope.REVIEW, summary="Say who owns a task",
        body=schemas.Assign, is_body_optional=True, answers={200: meeting_answers.InsightOut}, errors=(404, 409),
    )  # fmt: skip
    def assign_insight(id: int) -> Reply:
        insight, wish = _insight(id), http.parsed(schemas.Assign, optional=True)
        correcting.assign(web.session(), insight, user_id=wish.user_id, name=wish.name, by=web.actor())
        return Reply(review.show(web.session(), insight))


def _register_batches(api: Api) -> None:
    @api.operation(
        "POST", "/meetings/{id}/review", tag="insights", scope=Scope.REVIEW,
        summary="Accept everything of at least this confidence, as one batch", body=schemas.Review,
        answers={200: meeting_answers.ReviewOut}, errors=(404, 409),
    )  # fmt: skip
    def review_meeting(id: int) -> Reply:
        meeting: Meeting = records.get(web.session(), "meeting", id)
        wish = http.parsed(schemas.Review)
        batch, counts = review.accept_above(web.session(), meeting, wish.accept_above, by=web.actor(), among=wish.among)
        return Reply({"batch_id": batch.id, **counts})

    @api.operation(
        "POST", "/meetings/{id}/reject", tag="insights", scope=Scope.REVIEW,
        summary="Reject several insights, as one batch", body=schemas.RejectMany,
        answers={200: meeting_answers.RejectedOut}, errors=(404, 409),
    )  # fmt: skip
    def reject_insights(id: int) -> Reply:
        meeting: Meeting = records.get(web.session(), "meeting", id)
        wish = http.parsed(schemas.RejectMany)
        batch, counts = batches.reject_all(web.session(), meeting, wish.ids, by=web.actor(), reason=wish.reason)
        return Reply({"batch_id": batch.id, **counts})

    @api.operation(
        "POST", "/meetings/{id}/undo", tag="insights", scope=Scope.REVIEW,
        summary="Take back every decision you took on a meeting",
        answers={200: meeting_answers.Undone}, errors=(404, 409),
    )  # fmt: skip
    def undo_mine(id: int) -> Reply:
        meeting: Meeting = records.get(web.session(), "meeting", id)
        return Reply(batches.undo_mine(web.session(), meeting, by=web.actor()))

    @api.operation(
        "POST", "/batches/{id}/undo", tag="insights", scope=Scope.REVIEW, summary="Undo a batch of decisions",
        answers={200: meeting_answers.BatchUndone}, errors=(404, 409),
    )  # fmt: skip
    def undo_batch(id: int) -> Reply:
        batch = web.session().get(ReviewBatch, id)
        if batch is None:
            raise NotFound(f"There is no batch with id {id}.")
        counts = review.undo_batch(web.session(), batch, by=web.actor())
        return Reply({"batch_id": batch.id, **counts})


def _renew(id: int) -> None:
    """After a conflict, in a transaction of its own: who asks for the insight again sees the record as it is now."""
    web.abandon()
    with web.database().scope(web.current_user.workspace_id) as session:
        present = session.get(Insight, id)
        if present is not None:
            review.renew(session, present)


def _insight(id: int) -> Insight:
    """An insight of a meeting that was not deleted."""
    insight = web.session().get(Insight, id)
    if insight is None:
        raise NotFound(f"There is no insight with id {id}.")
    records.get(web.session(), "meeting", insight.meeting_id)
    return insight


def _kind(name: str) -> str:
    if name not in tuple(Kind):
        raise Invalid.field("kind", f"“{http.printable(name)}” is no kind. There are: {', '.join(Kind)}.")
    return name
