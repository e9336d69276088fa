"""From an engine's drafts to items a person can trust.

    engine.read(segment) ─┐
    engine.read(segment) ─┼─ engine.finish ─ merge ─ ground ─ merge ─ confidence ─▶ list[Item]
    engine.read(segment) ─┘

Merging happens before grounding, where a later statement of the same thing replaces an earlier one, and once more
after it, because values left out can make two items one. Everything here is pure: no database, no network, no clock.
"""

from __future__ import annotations

from collections.abc import Callable

from chatbot.extraction.confidence import confidence
from chatbot.extraction.grounding import ground
from chatbot.extraction.merging import MOST_QUOTES, merge, same
from chatbot.extraction.quotes import Transcript
from chatbot.extraction.types import Draft, Engine, MeetingContext
from shared.schemas.insight import Evidence, Item, Kind

_ORDER = {kind: index for index, kind in enumerate(Kind)}


def analyze(
    meeting: MeetingContext, engine: Engine, *, progress: Callable[[int, int], None] | None = None
) -> list[Item]:
    """Read all segments, then assemble. `progress(done, total)` is called before the first and after each segment."""
    segments = engine.segments(meeting)
    drafts: list[Draft] = []
    report = progress or (lambda done, total: None)
    report(0, len(segments))
    for done, segment in enumerate(segments, 1):
        drafts += engine.read(meeting, segment)
        report(done, len(segments))
    return assemble(meeting, drafts, engine)


def assemble(meeting: MeetingContext, drafts: list[Draft], engine: Engine) -> list[Item]:
    """Drafts of all segments, in the order of the meeting, to items: merged, grounded, rated, in review order."""
    if not meeting.utterances:
        return []
    merged = merge(engine.finish(meeting, drafts))
    transcript = Transcript(meeting)
    found = [(draft, grounded) for draft in merged if (grounded := ground(transcript, draft))]
    items: list[Item] = []
    for draft, grounded in found:
        item = grounded.item
        item.confidence = confidence(grounded, engine=engine.name, score=draft.score)
        items.append(item)
    return sorted(_without_doubles(items), key=lambda item: (_ORDER[item.kind], _place(item)))


def _place(item: Item) -> int:
    return min((piece.utterance for piece in item.evidence), default=0)


def _without_doubles(items: list[Item]) -> list[Item]:
    kept: list[Item] = []
    for item in items:
        twin = next((other for other in kept if same(other, item)), None)
        if twin is None:
            kept.append(item)
        elif item.confidence > twin.confidence:
            item.evidence = _both(item.evidence, twin.evidence)
            kept[kept.index(twin)] = item
        else:
            twin.evidence = _both(twin.evidence, item.evidence)
    return kept


def _both(first: list[Evidence], second: list[Evidence]) -> list[Evidence]:
    return [*first, *(piece for piece in second if piece not in first)][:MOST_QUOTES]
