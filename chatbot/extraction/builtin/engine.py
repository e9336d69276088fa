"""The built-in engine: rules over sentences, segment by segment, then over the whole."""

from __future__ import annotations

from chatbot.extraction.builtin.commitments import commitments
from chatbot.extraction.builtin.company_facts import describe_all
from chatbot.extraction.builtin.discourse import Discourse, cut
from chatbot.extraction.builtin.entities import Sense
from chatbot.extraction.builtin.heads import KINDS, probabilities
from chatbot.extraction.builtin.money import deals
from chatbot.extraction.builtin.mood import sentiment
from chatbot.extraction.builtin.next_meeting import next_meeting
from chatbot.extraction.builtin.notes import is_notes, note_actions
from chatbot.extraction.builtin.roster import Cast
from chatbot.extraction.builtin.statements import select, statements
from chatbot.extraction.builtin.summary import summary
from chatbot.extraction.merging import merge
from chatbot.extraction.types import Draft, MeetingContext, Segment
from shared.schemas.insight import Kind

#: Utterances in a segment: enough that progress moves, few enough that a killed worker repeats little.
SEGMENT = 40


class BuiltinEngine:
    """Reads without a language model. Keeps what it worked out for the last meeting; safe to use from one thread."""

    name = "builtin"

    def __init__(self, sense: Sense | None = None) -> None:
        """`sense` decides what a name stands for; the committed one unless an evaluation brings another."""
        self._sense = sense
        self._last: tuple[MeetingContext, Discourse, Cast] | None = None

    def segments(self, meeting: MeetingContext) -> list[Segment]:
        total = len(meeting.utterances)
        return [
            Segment(index, first, min(first + SEGMENT, total) - 1)
            for index, first in enumerate(range(0, total, SEGMENT))
        ]

    def read(self, meeting: MeetingContext, segment: Segment) -> list[Draft]:
        """Commitments and statements that begin in the segment."""
        discourse, cast = self.prepare(meeting)
        sentences = list(discourse.of(segment))
        chances = probabilities(discourse, sentences, cast.roster)
        actions = commitments(discourse, sentences, cast.roster, chances[:, KINDS.index(Kind.ACTION_ITEM)])
        if is_notes(discourse):
            actions = note_actions(discourse, sentences, cast.roster)
        taken = {quote for draft in actions for quote in draft.quotes[:1]}
        said = [d for d in statements(discourse, sentences, cast.roster, chances) if not taken & set(d.quotes)]
        return [*actions, *said]

    def finish(self, meeting: MeetingContext, drafts: list[Draft]) -> list[Draft]:
        """People, companies, deals, the next meeting, mood and summary; only the strongest statements stay."""
        discourse, cast = self.prepare(meeting)
        describe_all(discourse, cast.companies, cast.people)
        kept = select(merge(drafts), len(discourse.sentences))
        whole = [*cast.contacts(), *cast.organisations(), *deals(discourse, cast.companies, cast.rivals, cast.roster)]
        whole += [*next_meeting(discourse), *sentiment(discourse, cast.roster)]
        found = [*whole, *kept]
        return [*found, *summary(discourse, [d for d in found if d.kind is not Kind.CONTACT])]

    def prepare(self, meeting: MeetingContext) -> tuple[Discourse, Cast]:
        """The meeting as sentences, and who is in it; worked out once."""
        if self._last is None or self._last[0] is not meeting:
            discourse = cut(meeting)
            self._last = (meeting, discourse, Cast(discourse, self._sense))
        return self._last[1], self._last[2]
