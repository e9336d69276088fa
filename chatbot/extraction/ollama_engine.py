"""The engine that reads with a language model, and the choice between it and the built-in one.

    segment ─ passages that fit ─ fence ─ model, held to a schema ─ drafts
                                            │ cut off: halves, each read again; a half that fails is read built in
                                            └ anything else: SegmentFailed, and the built-in analyzer reads the segment

Besides its finds each segment yields the model's notes on it, as a draft of kind summary; `finish` makes the meeting's
summary of them. What needs no understanding (who attended) and what the model did not find comes from the built-in
analyzer. A model that is gone is not asked again for every segment: the rest is refused at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from chatbot.extraction import citing, orders
from chatbot.extraction.builtin.engine import BuiltinEngine
from chatbot.extraction.builtin.statements import select
from chatbot.extraction.merging import merge
from chatbot.extraction.ollama_answers import Condensed, Found, Whole, drafts
from chatbot.extraction.ollama_prompt import Prompt, header, inline, load, render
from chatbot.extraction.segments import Line, context_before, halves, passages, split
from chatbot.extraction.text import squeeze
from chatbot.extraction.types import Draft, Engine, MeetingContext, Quote, Segment
from chatbot.llm.errors import (
    ContextOverflow,
    CutOff,
    LlmError,
    ModelMissing,
    OutOfMemory,
    ServerDown,
    TimedOut,
)
from chatbot.llm.models import extraction_model
from chatbot.llm.ollama_client import Call, Chat, OllamaClient
from chatbot.llm.structured import ask
from chatbot.llm.tokens import estimate
from chatbot.llm.wire import Beat
from shared.config import Settings
from shared.schemas.insight import Kind
from shared.telemetry import get_logger

log = get_logger(__name__)

#: Tokens kept free of the window: what came before a segment, its title and people, and an error of estimate.
_CONTEXT, _HEADER, _MARGIN = 240, 260, 64
#: A window that leaves less than this for the transcript is of no use.
_LEAST_BUDGET = 400
#: Failures in a row after which the rest of the meeting is left to the built-in analyzer, and failing parts after which
#: their segment is; and those after which it is at once, because the client has waited as long as makes sense.
_PATIENCE = 2
_HOPELESS = (ModelMissing, OutOfMemory, ServerDown, TimedOut)
#: How often a passage whose answer was cut off may be halved.
_DEEPEST = 4
_MOST_CITATIONS = 100
_TAIL = 600
_MADE_ONCE = frozenset((Kind.SENTIMENT, Kind.SUMMARY))
_BY_WHOLE = (Kind.COMPANY, Kind.DEAL, Kind.NEXT_MEETING, Kind.COMPETITOR)


class SegmentFailed(Exception):
    """The model could not read this segment. `reason` is a sentence for the page."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Part:
    """Lines `first` to `last` and what the model answered to them; `error` where it did not."""

    first: int
    last: int
    found: Found | None
    error: LlmError | None = None


class OllamaEngine:
    """Reads with the client's model. `notes` collects, in sentences, what it had to do without."""

    name = "ollama"

    def __init__(self, client: OllamaClient) -> None:
        self.client = client
        self.notes: list[str] = []
        self._builtin = BuiltinEngine()
        self._last: tuple[MeetingContext, MeetingContext] | None = None
        self._extract = load("extract.v2")
        self._summarize = load("summarize.v2")
        self._condense = load("condense.v2")
        num_ctx = client.model.num_ctx
        self._num_predict = min(2048, num_ctx // 4)
        self._budget = num_ctx - self._extract.tokens - self._num_predict - _CONTEXT - _HEADER - _MARGIN
        self._failures = 0
        #: Parts of the segment at hand that were read, and that were not.
        self._got = self._lost = 0
        self._given_up: str | None = None
        if self._budget < _LEAST_BUDGET:
            raise ContextOverflow(
                f"A context of {num_ctx} tokens is too small to read meetings; set EXTRACTION_NUM_CTX to 4096 or more."
            )

    def segments(self, meeting: MeetingContext) -> list[Segment]:
        return split(self._shown(meeting).utterances, self._budget)

    def _shown(self, meeting: MeetingContext) -> MeetingContext:
        """The meeting as the model may read it: without what speaks to a machine."""
        if self._last is None or self._last[0] is not meeting:
            shown = orders.without(meeting.utterances, orders.find(meeting.utterances))
            self._last = (meeting, replace(meeting, utterances=shown))
        return self._last[1]

    def read(self, meeting: MeetingContext, segment: Segment) -> list[Draft]:
        """What the model found, and its notes. Raises SegmentFailed."""
        if self._given_up:
            raise SegmentFailed(self._given_up)
        shown, self._got, self._lost = self._shown(meeting), 0, 0
        try:
            parts = [
                part for lines in passages(shown.utterances, segment, self._budget) for part in self._read(shown, lines)
            ]
            errors = [part.error for part in parts if part.error]
            if errors and len(errors) == len(parts):
                raise errors[0]
        except LlmError as error:
            self._count(error)
            raise SegmentFailed(error.reason) from error
        self._failures = 0
        return [draft for run in _runs(parts) for draft in self._drafts(meeting, segment, run)]

    def _drafts(self, meeting: MeetingContext, segment: Segment, run: list[_Part]) -> list[Draft]:
        """Drafts of parts in a row that the model read, with its notes, or that the built-in analyzer has to read."""
        lines = Segment(segment.index, run[0].first, run[-1].last)
        answers = [part.found for part in run if part.found is not None]
        if not answers:
            self._remember(f"Lines {lines.first} to {lines.last} were read by the built-in analyzer: {_why(run)}")
            return self._builtin.read(meeting, lines)
        told = " ".join(answer.notes for answer in answers if answer.notes)
        notes = citing.only(told, range(lines.first, lines.last + 1))
        return [*(draft for answer in answers for draft in drafts(answer, meeting)), _notes(lines, notes)]

    def _remember(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _count(self, error: LlmError) -> None:
        self._failures += 1
        if isinstance(error, _HOPELESS) or self._failures >= _PATIENCE:
            self._given_up = error.reason
            log.warning("model.given_up", model=self.client.model.name, reason=error.code)

    def _read(self, meeting: MeetingContext, lines: list[Line], depth: int = 0) -> list[_Part]:
        """One answer, or those for the two halves where one answer had no room. Raises LlmError for the whole alone."""
        first, last = lines[0].number, lines[-1].number
        try:
            answer = self._ask_about(meeting, lines)
            self._got += 1
            return [_Part(first, last, answer)]
        except (CutOff, ContextOverflow) as error:
            parts = halves(lines) if depth < _DEEPEST else None
            if parts is not None:
                return [found for part in parts for found in self._read(meeting, part, depth + 1)]
            failed: LlmError = error
        except LlmError as error:
            if isinstance(error, _HOPELESS):
                raise
            failed = error
        self._lost += 1
        is_endless = isinstance(failed, CutOff) and not self._got
        if depth == 0 or is_endless or self._lost >= _PATIENCE:
            raise failed
        return [_Part(first, last, None, failed)]

    def _ask_about(self, meeting: MeetingContext, lines: list[Line]) -> Found:
        earlier = context_before(meeting.utterances, lines[0].number, _CONTEXT)
        values = {
            "earlier": f"Earlier, for understanding only:\n{render(earlier)}\nTo be read:\n" if earlier else "",
            "lines": render(lines),
            "first": str(lines[0].number),
            "last": str(lines[-1].number),
        }
        chat = self._chat("extract", self._extract, header(meeting) | values)
        return ask(self.client, replace(chat, logprobs=True), Found)

    def _chat(self, purpose: str, prompt: Prompt, values: dict[str, str]) -> Chat:
        return Chat(purpose, prompt.messages(**values), self._num_predict, prompt_version=prompt.version)

    def finish(self, meeting: MeetingContext, drafts: list[Draft]) -> list[Draft]:
        """Summary and mood by the model; attendance, and kinds it found nothing of, by the built-in analyzer.

        Never raises LlmError: without an answer the built-in analyzer's summary stands, and `notes` says why.
        """
        told = [draft for draft in drafts if draft.kind is Kind.SUMMARY]
        spoken_to = orders.find(meeting.utterances)
        found = [d for d in drafts if d.kind not in _MADE_ONCE and not _rests_on(d, meeting, spoken_to)]
        found.sort(key=_place)  # a model lists things in its own order; the last word is the last one said
        if spoken_to:
            lines = ", ".join(str(n) for n in sorted({span.utterance for span in spoken_to})[:5])
            self._remember(f"Words addressed to a machine were not passed on to the model (line {lines}).")
        if not told:
            return self._builtin.finish(meeting, found)
        found = _only_the_best_of_the_rest(meeting, found, told)
        base = self._builtin.finish(meeting, found)
        have = {draft.kind for draft in found}
        filled = [d for d in base if d.kind in _BY_WHOLE and d.kind not in have]
        attending = [d for d in base if d.kind is Kind.CONTACT and d.data.get("attended")]
        whole = self._summary(meeting, merge(found), told) or [d for d in base if d.kind in _MADE_ONCE]
        if all(draft.kind is not Kind.SENTIMENT for draft in whole):
            whole += [draft for draft in base if draft.kind is Kind.SENTIMENT]
        return [*attending, *found, *filled, *whole]

    def _summary(self, meeting: MeetingContext, found: list[Draft], told: list[Draft]) -> list[Draft]:
        """The model's summary and mood; nothing where it does not answer."""
        if self._given_up:
            self.notes.append(f"The summary is the built-in analyzer's: {self._given_up}")
            return []
        try:
            whole, cited = self._ask_about_all(meeting, found, [str(draft.data["text"]) for draft in told])
        except LlmError as error:
            log.warning("summary.fell_back", model=self.client.model.name, reason=error.code)
            self.notes.append(f"The summary is the built-in analyzer's: {error.reason}")
            return []
        text, citations = citing.taken_out(whole.summary, cited & set(range(len(meeting.utterances))))
        data: dict[str, object] = {"text": text[:8000]}
        if citations:
            data["citations"] = citations[:_MOST_CITATIONS]
        summary = Draft(Kind.SUMMARY, data, ())
        mood = Draft(Kind.SENTIMENT, {"label": whole.sentiment}, (Quote(whole.line, whole.quote),))
        return [summary, mood] if _is_said(meeting, whole) else [summary]

    def _ask_about_all(self, meeting: MeetingContext, found: list[Draft], notes: list[str]) -> tuple[Whole, set[int]]:
        """The answer, and the lines it was told of, which are those it may cite."""
        room = self.client.model.num_ctx - self._summarize.tokens - self._num_predict - _HEADER - _MARGIN - _TAIL
        listed = _listed(found, room // 3)
        room -= estimate(listed)
        values = {
            "notes": "\n".join(self._fitting([inline(note) for note in notes if note], room)),
            "found": listed or "(nothing)",
            "lines": render(context_before(self._shown(meeting).utterances, len(meeting.utterances), _TAIL)),
        }
        told = set().union(*(citing.numbers(value) for value in values.values()))
        return ask(self.client, self._chat("summarize", self._summarize, header(meeting) | values), Whole), told

    def _fitting(self, notes: list[str], room: int) -> list[str]:
        """Notes that fit; where they do not, groups of them are condensed, so that the last call cannot overflow."""
        for _ in range(3):
            if sum(map(_cost, notes)) <= room:
                return notes
            each = self.client.model.num_ctx - self._condense.tokens - self._num_predict - _MARGIN
            notes = [self._condensed(group) for group in _groups(notes, min(each, math.ceil(room * 0.8)))]
        while notes and sum(map(_cost, notes)) > room:
            notes.pop(len(notes) // 2)  # the beginning and the end of a meeting say most
        return notes

    def _condensed(self, notes: list[str]) -> str:
        chat = self._chat("condense", self._condense, {"notes": "\n".join(notes)})
        return inline(ask(self.client, chat, Condensed).notes)


def _runs(parts: list[_Part]) -> list[list[_Part]]:
    """Parts in a row that went the same way."""
    runs: list[list[_Part]] = []
    for part in parts:
        if runs and (runs[-1][-1].found is None) == (part.found is None):
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs


def _why(run: Sequence[_Part]) -> str:
    return next((part.error.reason for part in run if part.error), "no answer")


def _place(draft: Draft) -> int:
    """The line of the first quote; where that is not known, the end."""
    at = draft.quotes[0].utterance if draft.quotes else None
    return 10**9 if at is None else at


def _rests_on(draft: Draft, meeting: MeetingContext, spans: Sequence[orders.Span]) -> bool:
    """Does a quote lie in one of the spans?"""
    for span in spans:
        said = squeeze(meeting.utterances[span.utterance].text[span.start : span.end]).casefold()
        if any(said in (quoted := squeeze(q.text).casefold()) or quoted in said for q in draft.quotes if q.text):
            return True
    return False


def _notes(segment: Segment, text: str) -> Draft:
    """The model's notes on a segment. They also tell that the model read it, hence the bounds."""
    return Draft(Kind.SUMMARY, {"text": text, "first": segment.first, "last": segment.last}, ())


def _only_the_best_of_the_rest(meeting: MeetingContext, found: list[Draft], told: list[Draft]) -> list[Draft]:
    """The finds, thinned out where the built-in analyzer read: of its many statements the strongest are meant."""
    read = set().union(*(range(int(str(d.data["first"])), int(str(d.data["last"])) + 1) for d in told))
    if len(read) >= len(meeting.utterances):
        return found
    others = [draft for draft in found if not any(quote.utterance in read for quote in draft.quotes)]
    best = {id(draft) for draft in select(others, len(meeting.utterances) - len(read))}
    dropped = {id(draft) for draft in others} - best
    return [draft for draft in found if id(draft) not in dropped]


def _listed(found: list[Draft], room: int) -> str:
    """The finds as lines for the summary prompt, as many as fit, those of the end of the meeting first."""
    lines: list[str] = []
    for draft in reversed(found):
        said = ", ".join(f"{name} {value}" for name, value in draft.data.items() if value not in (None, "", False))
        at = draft.quotes[0].utterance if draft.quotes else None
        line = inline(f"- {'' if at is None else f'[{at}] '}{draft.kind.value}: {said}")[:400]
        room -= _cost(line)
        if room < 0:
            break
        lines.append(line)
    return "\n".join(reversed(lines))


def _cost(text: str) -> int:
    return estimate(text) + 2


def _groups(notes: Sequence[str], room: int) -> list[list[str]]:
    groups: list[list[str]] = []
    left = 0
    for note in notes:
        if not groups or _cost(note) > left:
            groups.append([])
            left = room
        groups[-1].append(note)
        left -= _cost(note)
    return groups


def _is_said(meeting: MeetingContext, whole: Whole) -> bool:
    """Whether the words that show the mood stand in the line named for them."""
    if not whole.quote or not 0 <= whole.line < len(meeting.utterances):
        return False
    return squeeze(whole.quote).casefold() in squeeze(meeting.utterances[whole.line].text).casefold()


class WithFallback:
    """The engine, with another for what it cannot read; for callers that store nothing between segments."""

    def __init__(self, primary: OllamaEngine, fallback: Engine, on_fallback: Callable[[Segment, str], None]) -> None:
        self.name = primary.name
        self.notes = primary.notes
        self._primary, self._fallback, self._on_fallback = primary, fallback, on_fallback

    def segments(self, meeting: MeetingContext) -> list[Segment]:
        return self._primary.segments(meeting)

    def read(self, meeting: MeetingContext, segment: Segment) -> list[Draft]:
        try:
            return self._primary.read(meeting, segment)
        except SegmentFailed as failed:
            self._on_fallback(segment, failed.reason)
            return self._fallback.read(meeting, segment)

    def finish(self, meeting: MeetingContext, drafts: list[Draft]) -> list[Draft]:
        return self._primary.finish(meeting, drafts)


def choose_engine(
    settings: Settings,
    name: str | None = "auto",
    *,
    on_call: Callable[[Call], None] | None = None,
    on_beat: Callable[[Beat], None] | None = None,
    on_fallback: Callable[[Segment, str], None] | None = None,
) -> tuple[Engine, str | None]:
    """The engine to read with: `builtin`, or `ollama` and `auto` where the model answers; else builtin and the reason.

    With `on_fallback` the engine never raises SegmentFailed: it reads such a segment with the built-in analyzer and
    calls that function with the segment and the reason. Takes about a second at most.
    """
    if name == "builtin":
        return BuiltinEngine(), None
    try:
        model = extraction_model(settings)
        client = OllamaClient(
            settings.ollama_host, model, idle_s=settings.ollama_timeout_s, on_call=on_call, on_beat=on_beat
        )
        engine = OllamaEngine(client)
    except LlmError as error:
        return BuiltinEngine(), error.reason
    if on_fallback is None:
        return engine, None
    return WithFallback(engine, BuiltinEngine(), on_fallback), None
