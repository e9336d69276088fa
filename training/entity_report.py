"""Contacts, companies and competitors of meetings that the weights never saw: `python -m training.entity_report`.

Each meeting is read with weights fitted on the others and scored by the development set's scorer. `--folds N` leaves
out N groups of meetings instead of one at a time, which is quicker.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from chatbot.extraction.builtin import BuiltinEngine
from chatbot.extraction.builtin.company_facts import describe_all
from chatbot.extraction.builtin.entities import Sense
from chatbot.extraction.builtin.roster import Cast
from chatbot.extraction.evaluation import as_json
from chatbot.extraction.meeting_analyzer import assemble
from chatbot.extraction.types import Draft, MeetingContext
from tests.evals.judging import load_scorer
from training.annotated_meetings import Meeting, load
from training.entities import left_out

KINDS = ("contact", "company", "competitor")


class _OnlyNames(BuiltinEngine):
    """The built-in engine's finds of the three kinds, already made."""

    def finish(self, meeting: MeetingContext, drafts: list[Draft]) -> list[Draft]:
        return drafts


def predict(meeting: Meeting, sense: Sense | None) -> dict[str, object]:
    """The items of the three kinds, merged and grounded as in the product."""
    cast = Cast(meeting.discourse, sense)
    describe_all(meeting.discourse, cast.companies, cast.people)
    drafts = [*cast.contacts(), *cast.organisations()]
    return as_json(assemble(meeting.discourse.meeting, drafts, _OnlyNames()))


def report(meetings: list[Meeting], senses: Mapping[str, Sense | None], *, misses: bool) -> None:
    """A table for each folder, of its meetings read with the sense that does not know them."""
    for folder in dict.fromkeys(meeting.folder for meeting in meetings):
        here = [meeting for meeting in meetings if meeting.folder == folder]
        scorer = load_scorer(folder)
        with tempfile.TemporaryDirectory() as work:
            for meeting in here:
                found = json.dumps(predict(meeting, senses[meeting.name]), ensure_ascii=False)
                (Path(work) / f"{meeting.name}.pred.json").write_text(found, encoding="utf-8")
            score = scorer.score(work, str(folder), [meeting.name for meeting in here])
        result = scorer.as_json(score)
        print(f"== {folder.parent.name}/{folder.name}")
        for kind in KINDS:
            row = result["kinds"][kind]
            print(f"{kind:12} gold {row['gold']:3} pred {row['pred']:3} right {row['tp']:3}  "
                  f"P {row['precision']:.2f} R {row['recall']:.2f} F1 {row['f1']:.2f}")  # fmt: skip
        print(_attributes(result))
        for miss in score["misses"] if misses else ():
            if miss[1] in KINDS:
                print("   ", *miss)


def _attributes(result: dict[str, dict[str, float]]) -> str:
    shares = {name: share for name, share in result["attributes"].items() if name.split(".")[0] in KINDS}
    return "  ".join(f"{name} {100 * share:.0f} %" for name, share in sorted(shares.items()))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--seen", action="store_true", help="with the committed weights, which know these meetings")
    options = parser.parse_args(arguments)
    meetings = load()
    senses: dict[str, Sense | None] = {meeting.name: None for meeting in meetings}
    if not options.seen:
        senses |= {name: Sense(*fitted) for name, fitted in left_out(meetings, folds=options.folds).items()}
    report(meetings, senses, misses=options.misses)
    return 0


if __name__ == "__main__":
    sys.exit(main())
