"""From an engine's drafts to items a person can trust.

    engine.read(segment) ─┐
    engine.read(segment) ─┼─ engine.finish ─ merge ─ ground ─ merge ─ confidence ─▶ list[Item]
    engine.read(segment) ─┘

Merging happens before grounding, where a later statement of the same thing replaces an earlier one, and once more
after it, because values left out can make two items one. Everything here is pure: no database, no network, no clock.
"""

from __future__ import annotations

from collections.abc import Callable

from chatbot.extraction.confidence import Rate, confidence
from chatbot.extraction.grounding import ground, located
from chatbot.extraction.merging import MOST_QUOTES, merge, same
from chatbot.extraction.quotes import Transcript
from chatbot.extraction.support import Likeness, Support, is_meant
from chatbot.extraction.types import Draft, Engine, MeetingContext
from shared.schemas.insight import Evidence, Item, Kind

#: A description that its evidence carries less than this is somebody else's; it is left out.
LEAST_SUPPORT = 0.05
_ORDER = {kind: index for index, kind in enumerate(Kind)}


def analyze(
    meeting: MeetingContext,
    engine: Engine,
    *,
    progress: Callable[[int, int], None] | None = None,
    likeness: Likeness | None = None,
) -> list[Item]:
    """Read all segments, then assemble. `progress(done, total)` is called before the first and after each segment."""
    segments = engine.segments(meeting)
    drafts: list[Draft] = []
    report = progress or (lambda done, total: None)
    report(0, len(segments))
    for done, segment in enumerate(segments, 1):
        drafts += engine.read(meeting, segment)
        report(done, len(segments))
    return assemble(meeting, drafts, engine, likeness=likeness)


def assemble(
    meeting: MeetingContext,
    drafts: list[Draft],
    engine: Engine,
    *,
    likeness: Likeness | None = None,
    rate: Rate = confidence,
) -> list[Item]:
    """Drafts of all segments, in the order of the meeting, to items: merged, grounded, rated, in review order.

    What is said in jest, on condition or in doubt is merged by itself: it must not overwrite what is meant.
    """
    if not meeting.utterances:
        return []
    transcript, support = Transcript(meeting), Support(meeting, likeness)
    meant, doubtful = _sifted(engine.finish(meeting, drafts), transcript, support)
    found: list[tuple[Item, bool]] = []
    for draft, is_doubtful in [*((d, False) for d in merge(meant)), *((d, True) for d in merge(doubtful))]:
        grounded = ground(transcript, draft, support)
        if grounded is None or grounded.signals.get("support", 1.0) < LEAST_SUPPORT:
            continue
        item = grounded.item
        item.confidence = rate(grounded, engine=engine.name, score=draft.score)
        found.append((item, is_doubtful))
    items = _without_doubles([item for item, is_doubtful in found if not is_doubtful])
    items += [i for i, is_doubtful in found if is_doubtful and not any(same(i, other) for other in items)]
    return sorted(items, key=lambda item: (_ORDER[item.kind], _place(item)))


def _sifted(drafts: list[Draft], transcript: Transcript, support: Support) -> tuple[list[Draft], list[Draft]]:
    """The drafts that may be taken at their word, and the others."""
    meant: list[Draft] = []
    doubtful: list[Draft] = []
    for draft in drafts:
        quotes, _, _ = located(transcript, draft)
        said = support.sentences(quotes[0] if quotes else ())
        (meant if is_meant(draft.kind, support.manner(draft.kind, said)) else doubtful).append(draft)
    return meant, doubtful


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
