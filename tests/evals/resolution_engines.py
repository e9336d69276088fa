"""`python -m tests.evals.resolution_engines`: does what was refused stay away when another engine reads the meeting?

The built-in analyzer reads the development meetings, each of its finds is refused alone, and the annotators' finds play
the other engine's. Twins, as the set's scorer pairs them, must stay away; everything else must still be proposed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from chatbot.extraction.builtin import BuiltinEngine
from chatbot.extraction.evaluation import Annotated, annotated, context
from chatbot.extraction.meeting_analyzer import analyze
from chatbot.extraction.types import MeetingContext
from shared.models import Insight
from shared.review.repeats import Find, identity, repeated
from shared.schemas.insight import DATA_BY_KIND, Item, Kind
from shared.transcripts import parse
from tests.evals.judging import DEVELOPMENT, load_scorer

KINDS = [kind for kind in Kind if kind not in (Kind.SUMMARY, Kind.SENTIMENT)]


def main() -> None:
    tally: Counter[str] = Counter()
    for meeting in annotated(DEVELOPMENT):
        tally.update(_count(meeting))
    twins, others = tally["twins"], tally["others"]
    away, by_text = tally["away"] / twins, tally["hash"] / twins
    print(f"{twins} twins of refused finds: {away:.1%} stay away, {by_text:.1%} by the text alone")
    print(f"{others} other finds: {tally['lost']} lost")


def _count(meeting: Annotated) -> Iterator[str]:
    transcript = parse(meeting.transcript.read_bytes(), meeting.transcript.name)
    read = context(transcript, meeting.occurred_at, meeting.own_company)
    items = analyze(read, BuiltinEngine())
    gold = json.loads((DEVELOPMENT / f"{meeting.name}.gold.json").read_text(encoding="utf-8"))["items"]
    roster = [item["data"]["name"] for item in gold if item["kind"] == Kind.CONTACT]
    scorer = load_scorer(DEVELOPMENT)
    for kind in KINDS:
        theirs = [item for item in gold if item["kind"] == kind]
        finds = [_find(kind, item, read) for item in theirs]
        refused = [_refused(n, item) for n, item in enumerate((i for i in items if i.kind is kind), 1)]
        shown = [{"kind": kind.value, "data": old.data} for old in refused]
        for at, twin, _ in scorer.match(kind.value, shown, theirs, roster):
            away = repeated(finds, [refused[at]])
            yield "twins"
            yield from ["away"] * (twin in away)
            yield from ["hash"] * (identity(kind, finds[twin].data) == identity(kind, refused[at].data))
            yield from ["others"] * (len(finds) - 1)
            yield from ["lost"] * len(away - {twin})


def _find(kind: Kind, item: dict[str, Any], read: MeetingContext) -> Find:
    known = DATA_BY_KIND[kind].model_fields
    data = {key: value for key, value in item["data"].items() if key in known and value is not None}
    return Find(kind, data, [place for piece in item["evidence"] for place in _places(piece["quote"], read)])


def _places(quote: str, read: MeetingContext) -> list[dict[str, Any]]:
    found = ((u.index, u.text.find(quote)) for u in read.utterances)
    return [{"utterance": index, "start": at, "end": at + len(quote)} for index, at in found if at >= 0][:1]


def _refused(id_: int, item: Item) -> Insight:
    data = item.typed.model_dump(mode="json", exclude_none=True)
    evidence = [e.model_dump(mode="json") for e in item.evidence]
    return Insight(id=id_, kind=item.kind.value, data=data, found=data, evidence=evidence)


if __name__ == "__main__":
    main()
