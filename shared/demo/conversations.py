"""Twelve meetings: uploaded as files, found things in, reviewed through the gate; or waiting, failed, kept.

Analysis itself is the chatbot's; what it found is scripted here, and everything after that is real.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from shared import clock, records, review, transcripts
from shared.demo.meetings_early import EARLY
from shared.demo.meetings_late import LATE
from shared.demo.scripts import Finding, Script, dated
from shared.demo.story import Story
from shared.models import Attendee, Contact, Event, Insight, Meeting
from shared.records import analysis, meetings
from shared.records.meetings import Upload
from shared.schemas.insight import DATA_BY_KIND, Kind

SCRIPTS: tuple[Script, ...] = (*EARLY, *LATE)

_NOTE = "Demonstration data: these findings were written by hand. “Read again” reads the transcript."
_SECONDS_PER_DECISION = 25
#: How much of what was promised in meetings was done in time.
_KEPT = 0.85


def plan(story: Story) -> None:
    """Plan each meeting's upload, and its review if somebody has looked at it."""
    for script in SCRIPTS:
        met = _when(story, script)
        uploaded = met + timedelta(minutes=75)
        story.plan(uploaded, _upload(story, script, met))
        if script.reviewer:
            start = uploaded + timedelta(hours=script.review_after_h)
            if script.batch_above is not None:
                story.plan(start, _accept_batch(story, script, script.batch_above))
            for i, finding in enumerate(script.findings):
                when = start + timedelta(seconds=_SECONDS_PER_DECISION * (i + 1))
                story.plan(when, _decide(story, script, finding, met))
                _plan_promise_kept(story, script, finding, met)
    story.plan(story.workday(62, 9), _take_over_fjordline(story))


def _when(story: Story, script: Script) -> datetime:
    if script.ends == "queued":
        return story.now.replace(second=0, microsecond=0) - timedelta(hours=2)
    if script.weekday is None:
        return story.workday(script.days_ago, script.hour)
    return story.last(script.weekday, script.days_ago, script.hour)


def _upload(story: Story, script: Script, met: datetime) -> Callable[[], None]:
    def act() -> None:
        by = story.by(script.owner)
        transcript = transcripts.parse(script.data, script.file_name)
        company_id, deal_id = _belongs(story, script)
        if script.ends == "stored":
            values = {"title": script.title, "occurred_at": met, "company_id": company_id, "deal_id": deal_id}
            meeting = meetings.add_utterances(story.session, values, list(transcript.utterances), by=by)
        else:
            upload = Upload(script.data, script.file_name, script.title, met, company_id, deal_id)
            meeting, _ = meetings.receive(story.session, upload, upload_dir=story.upload_dir, by=by)
            meeting.queued_at = clock.now()
        for key in script.attendees:
            user = story.users[key]
            meeting.attendees.append(Attendee(user_id=user.id, speaker=user.name))
        meeting.language = script.language
        story.session.flush()
        story.meetings[script.key] = meeting
        if script.ends in ("ready", "failed"):
            _analyze(story, script, meeting, transcript)

    return act


def _belongs(story: Story, script: Script) -> tuple[int | None, int | None]:
    """The company's and the deal's id."""
    company = story.companies[script.company].id if script.company else None
    if script.deal in story.meetings:  # the deal that an earlier meeting led to
        return company, story.meetings[script.deal].deal_id
    return company, story.deals[script.deal].id if script.deal else None


def _analyze(story: Story, script: Script, meeting: Meeting, transcript: transcripts.Transcript) -> None:
    """Let the analysis have run: claimed, read, proposed; its job is not sent again."""
    session = story.session
    job = select(Event).where(Event.kind == "meeting.queued", Event.record_id == meeting.id)
    session.scalars(job).one().sent_at = clock.now()
    lease = analysis.claim(session, meeting.id, meeting.run, lease_s=60)
    assert lease is not None  # nobody else is here
    meetings.store_utterances(session, meeting, list(transcript.utterances))
    meeting.cues_kept, meeting.cues_found = transcript.kept, transcript.found
    session.flush()
    if script.error:
        analysis.fail(session, lease, script.error)
        return
    items = [finding.item(_day(meeting), transcript.utterances) for finding in script.findings]
    review.publish(session, lease, items, engine=None, note=_NOTE, ms=38 * len(transcript.utterances))


def _day(meeting: Meeting) -> date:
    return meeting.occurred_at.date()


def _accept_batch(story: Story, script: Script, threshold: float) -> Callable[[], None]:
    def act() -> None:
        review.accept_above(story.session, story.meetings[script.key], threshold, by=story.by(script.reviewer or ""))

    return act


def _decide(story: Story, script: Script, finding: Finding, met: datetime) -> Callable[[], None]:
    def act() -> None:
        insight = _insight_of(story, script, finding)
        by = story.by(script.reviewer or "")
        does = finding.verdict.does
        if does == "leave" or not insight.status.is_open:
            return
        if does == "reject":
            review.reject(story.session, insight, by=by, reason=finding.verdict.reason)
            return
        review.accept(story.session, insight, by=by, edits=_edits(finding, met))
        if does == "undo":
            review.undo(story.session, insight, by=by)

    return act


def _edits(finding: Finding, met: datetime) -> dict[str, Any] | None:
    return dated(finding.verdict.edits, met.date()) if finding.verdict.edits else None


def _insight_of(story: Story, script: Script, finding: Finding) -> Insight:
    """The insight that the gate made of this finding."""
    meeting = story.meetings[script.key]
    data = DATA_BY_KIND[finding.kind].model_validate(dated(finding.data, _day(meeting)))
    found = data.model_dump(mode="json", exclude_none=True)
    query = select(Insight).where(Insight.meeting_id == meeting.id, Insight.kind == finding.kind.value)
    return next(insight for insight in story.session.scalars(query) if insight.found == found)


def _plan_promise_kept(story: Story, script: Script, finding: Finding, met: datetime) -> None:
    """Most of what was promised was done on its day; the rest is overdue now."""
    due = dated(finding.data, met.date()).get("due_date" if finding.kind is Kind.ACTION_ITEM else "when")
    if finding.kind not in (Kind.ACTION_ITEM, Kind.NEXT_MEETING) or due is None or story.dice.random() > _KEPT:
        return
    done = story.on(date.fromisoformat(due), 17)
    if finding.verdict.does not in ("accept", "edit") or done > story.now:
        return

    def act() -> None:
        proposal = _insight_of(story, script, finding).proposal
        if proposal is not None and proposal.record_id is not None:
            task = records.get(story.session, "task", proposal.record_id)
            story.change(task, {"status": "done"}, by=script.reviewer or script.owner)

    review_is_over = met + timedelta(hours=script.review_after_h + 3)
    story.plan(max(done, review_is_over), act)


def _take_over_fjordline(story: Story) -> Callable[[], None]:
    """The deal and the people that a meeting brought get an owner, as they would in life."""

    def act() -> None:
        meeting = story.meetings["fjordline-discovery"]
        people = list(
            story.session.scalars(
                select(Contact)
                .where(Contact.company_id == meeting.company_id, Contact.owner_id.is_(None))
                .order_by(Contact.id)
            )
        )
        for contact in people:
            story.change(contact, {"owner_id": story.users["priya"].id, "lifecycle": "opportunity"}, by="priya")
        roles = ("Champion", "Technical evaluator", "Decision maker")
        deal = records.get(story.session, "deal", meeting.deal_id)
        change = {
            "owner_id": story.users["priya"].id,
            "contact_id": people[0].id,
            "contacts": [{"contact_id": c.id, "role": r} for c, r in zip(people, roles, strict=True)],
        }
        story.change(deal, change, by="priya")

    return act
