"""Plain text: turns by `Name: text`, `[00:00:04] Name: text`, a name-and-time line above a paragraph, or none at all.

Each line is first taken apart (time, label, rest); only then, seeing all of them, it is decided which convention the
file follows. Deciding line by line would take "Next steps: ..." for a person.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from shared.transcripts.cleaning import CLOCK, seconds
from shared.transcripts.headers import MAX_HEADER_LINES, HeaderLine, read_header
from shared.transcripts.labels import NOT_A_NAME, choose, is_name, split_label
from shared.transcripts.model import Cue, Header, Reading

_LEAD = re.compile(
    rf"(?P<open>[\[(]?)\s?(?P<start>{CLOCK})(?:\s?(?:-->|->|-|–)\s?(?P<end>{CLOCK}))?"
    r"\s?[\])]?(?![\w%])[ \t]*(?:[-–—|•]+[ \t]+)?"
)
#: "0:0:4.83 --> 0:0:9.2": Teams once left the zeros out.
_RANGE = re.compile(r"(\d{1,3}:\d{1,2}:\d{1,2}(?:\.\d{1,3})?) --> (\d{1,3}:\d{1,2}:\d{1,2}(?:\.\d{1,3})?)")
NAME_TIME = re.compile(rf"(?P<name>\S.{{0,63}}?)[ \t]*(?:[ \t]|[-–—|•,(\[])[ \t]*[(\[]?(?P<time>{CLOCK})[)\]]?[ \t]*:?")
_NAME_TIME_TEXT = re.compile(
    rf"(?P<name>[^\s:(\[][^:(\[\n]{{0,63}}?)[ \t]*[(\[](?P<time>{CLOCK})[)\]][ \t]*:?[ \t]+(?P<text>\S.*)", re.S
)
#: What the tool says about itself and its recording, in the places where it says it: whole lines.
_BOILERPLATE = re.compile(
    r"[*_#\s]{0,6}(?:\(?transcribed by (?:https?://\S{1,100}|fireflies\.ai|turboscribe\b.{0,80})"
    r"|(?:meeting|transcription) ended after [\d:]{4,10}.{0,40}"
    r"|this editable transcript was computer generated.{0,150}"
    r"|(?:errors\. )?people can also change the text after it was created\b.{0,5}"
    r"|you should review gemini's notes to make sure.{0,150}|(?:please provide feedback about using gemini|how is the "
    r"quality of these specific notes).{0,200}|(?:\d{1,2}h )?\d{1,3}m \d{1,2}s|<!-- image -->"
    r"|search in video|-{3,80}|\[?[*_]{0,2}view recording - \d{1,4} mins?\b.{0,200})[*_\s]{0,6}",
    re.I,
)
#: The line above a transcript that has notes before it; a head of a few lines is read by `headers`.
_TRANSCRIPT_MARK = re.compile(r"\W{0,4}(?:transcript|transkript|transcription|trascrizione|transcripción)\W{0,4}", re.I)
NOTES_LINES = 8
_RECORDED = re.compile(
    r"(?P<who>[^:]{1,80}?)[*_ ]{1,6}(?:(?:started|stopped) transcription|hat die transkription (?:gestartet|beendet))",
    re.I,
)
#: YouTube's page reads its times out: "0:04", and below it "4 seconds".
_READ_OUT = re.compile(r"(?:\d+ hours?)?(?:, )?(?:\d+ minutes?)?(?:, )?(?:\d+ seconds?)?", re.I)
#: Zoom's chat: "09:15:22 From Ana Ruiz to Everyone:".
_CHAT = re.compile(r"From\s(?P<name>\S.{0,60}?)\s+to\s+\S.{0,60}", re.I)
#: What Fathom puts between the words of a turn; the turn goes on behind the link.
_INSERTED = re.compile(r"(?P<note>(?:ACTION ITEM|SCREEN SHARING):.{1,600}? - WATCH: https?://\S{1,300})(?P<rest>.*)")
_SENTENCE_END = re.compile(r"[.!?…:;][\"'”’)]?$")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file; `heading` and `sure_label` come from documents that mark headings and names in bold."""

    text: str
    heading: bool = False
    sure_label: str | None = None


@dataclass(slots=True)
class _Parsed:
    line: Line
    text: str  # what is left without time and label
    raw: str  # what is left without time
    label: str | None = None
    start_s: float | None = None
    end_s: float | None = None
    is_turn_line: bool = False  # "Ana Ruiz  0:15": name and time, the words follow below
    is_time_only: bool = False
    has_lead_time: bool = False
    has_bare_time: bool = False


def read(text: str) -> Reading:
    return read_lines([Line(line) for line in text.split("\n")])


def read_lines(lines: Sequence[Line]) -> Reading:
    """Turns if the lines have speakers or times, else paragraphs without a speaker."""
    if (mark := transcript_mark(lines)) and (both := _notes_and_transcript(lines[:mark], lines[mark:])):
        return both
    parsed = [_parse(line) for line in lines if line.text.strip() and not is_boilerplate(line.text)]
    labels = has_speakers(lines, parsed)
    if not labels:
        _settle_lone_times(parsed)
    if not labels and not any(p.start_s is not None and not p.is_time_only for p in parsed):
        return _prose([Line("") if is_boilerplate(line.text) else line for line in lines])
    first = next((i for i, p in enumerate(parsed) if p.label in labels or p.start_s is not None), len(parsed))
    above = [] if first > MAX_HEADER_LINES else [HeaderLine(p.line.text, p.line.heading) for p in parsed[:first]]
    header, used = read_header(above) if above else (Header(), frozenset[int]())
    lone_time = next((p for p in reversed(parsed[:first]) if p.is_time_only), None)
    speech = [*([lone_time] if lone_time else []), *parsed[first:]]
    cues = [*_preamble(lines, parsed[:first], used), *_turns(speech, labels)]
    # Google Meet writes "Ana Ruiz: " where it heard nothing; a time without words lacks what was said then.
    cues = [cue for cue in cues if cue.text.strip() or cue.start_s is not None]
    kept = [cue for cue in cues if cue.text.strip()]
    return Reading(kept, found=len(cues), kept=len(kept), header=header)


def transcript_mark(lines: Sequence[Line]) -> int:
    """Where a transcript begins below notes (Gemini's); 0 if the file does not say so, or has only a head above."""
    at = next((i for i, line in enumerate(lines) if _TRANSCRIPT_MARK.fullmatch(line.text.strip()[:40])), 0)
    return at if sum(1 for line in lines[:at] if line.text.strip()) > NOTES_LINES else 0


def _notes_and_transcript(notes: Sequence[Line], spoken: Sequence[Line]) -> Reading | None:
    """The notes' paragraphs, then the turns; None if nobody speaks below. "Budget: …" in the notes is no speaker."""
    said = read_lines(spoken)
    if not any(cue.speaker for cue in said.cues):
        return None
    above = _prose([line for line in notes if not is_boilerplate(line.text)])
    header = Header(
        said.header.title or above.header.title,
        said.header.occurred_at or above.header.occurred_at,
        said.header.participants or above.header.participants,
    )
    return Reading([*above.cues, *said.cues], above.found + said.found, above.kept + said.kept, header)


def _preamble(lines: Sequence[Line], above: Sequence[_Parsed], used: frozenset[int]) -> list[Cue]:
    """What stands above the first turn and is no header, by paragraphs: Gemini's notes above its transcript."""
    wanted = {id(p.line) for i, p in enumerate(above) if i not in used and not p.is_time_only}
    if not wanted:
        return []
    return paragraphs([line if id(line) in wanted else Line("") for line in lines])


def is_boilerplate(text: str) -> bool:
    """Whether a line is the tool's own: not said by anybody."""
    text = text.strip()[:250]
    if match := _RECORDED.fullmatch(text):
        return is_name(match["who"].strip("*_ "))  # and not "yesterday we started transcription"
    return _BOILERPLATE.fullmatch(text) is not None


def has_speakers(lines: Sequence[Line], parsed: list[_Parsed] | None = None) -> frozenset[str]:
    """The labels to believe in these lines; empty if they have no speakers."""
    if parsed is None:
        parsed = [_parse(line) for line in lines if line.text.strip()]
    _join_names_and_times(parsed)
    _join_times_and_names(parsed)
    _settle_turn_lines(parsed)
    _settle_bare_times(parsed)
    turn_names = {p.label for p in parsed if p.is_turn_line and p.label}
    sure = _sure(parsed)
    spoken = [p for p in parsed if not p.line.heading and not p.is_time_only]
    if turn_names:
        return frozenset(turn_names | sure)
    return _timed_names(spoken) | choose([p.label for p in spoken if p.label], lines=_body_size(spoken)) | sure


def _sure(parsed: Sequence[_Parsed]) -> set[str]:
    """Labels in bold, if somebody speaks more than once: minutes have "**Budget:** ..." in bold, too, but once."""
    counts = Counter(p.line.sure_label for p in parsed if p.line.sure_label)
    again = {label for label, count in counts.items() if count > 1 and label.split()[0].casefold() not in NOT_A_NAME}
    return again | {label for label in counts if is_name(label)} if again else again


def has_turn_lines(lines: Sequence[Line]) -> bool:
    """Whether lines of a name and a time ("Ana Ruiz  0:15") stand above what is said: no notes look like that."""
    parsed = [_parse(line) for line in lines if line.text.strip()]
    has_speakers(lines, parsed)
    return sum(1 for p in parsed if p.is_turn_line) >= 2


def _timed_names(spoken: Sequence[_Parsed]) -> frozenset[str]:
    """Names beside a time, where most times have one, need no repetition."""
    timed = [p for p in spoken if p.start_s is not None]
    named = [p.label for p in timed if p.label and is_name(p.label)]
    return frozenset(named) if len(named) * 2 > len(timed) else frozenset()


def _body_size(spoken: Sequence[_Parsed]) -> int:
    """Lines from the first possible name on; a header of up to three quarters of a short file does not count."""
    named = [i for i, p in enumerate(spoken) if p.label and is_name(p.label)]
    return len(spoken) if len(named) < 2 else max(len(spoken) - named[0], len(spoken) // 4)


def _parse(line: Line) -> _Parsed:
    text = line.text.strip()
    if line.sure_label:
        return _Parsed(line, text[len(line.sure_label) :].lstrip().removeprefix(":").strip(), text, line.sure_label)
    # The first two tests spare most lines the expensive pattern: such a line is short and ends with its time.
    if len(text) <= 100 and text[-1] in "0123456789)]:" and (match := NAME_TIME.fullmatch(text)):
        name = match["name"].strip("[]*_#: \t")
        if is_name(name):
            return _Parsed(line, "", text, name, seconds(match["time"]), is_turn_line=True)
    start = end = None
    raw, bare = text, False
    if "-->" in text[:40] and (match := _RANGE.fullmatch(text)):
        return _Parsed(line, "", "", None, seconds(match[1]), seconds(match[2]), is_time_only=True)
    if match := _LEAD.match(text):
        start, end = seconds(match["start"]), seconds(match["end"])
        raw, bare = text[match.end() :], not match["open"]
        if not bare:  # "(00:21:16): And so on"
            raw = raw.removeprefix(":").lstrip()
        if not raw:
            return _Parsed(line, "", "", None, start, end, is_time_only=True)
        if len(raw) <= 70 and ":" not in raw and is_name(raw.strip("[]*_# \t")):
            name = raw.strip("[]*_# \t")
            return _Parsed(line, "", raw, name, start, end, is_turn_line=True, has_lead_time=True, has_bare_time=bare)
    elif match := _NAME_TIME_TEXT.match(text[:200]):
        name = match["name"].strip("[]*_# \t")
        if is_name(name):
            return _Parsed(line, text[match.start("text") :], text, name, seconds(match["time"]))
    label = split_label(raw)
    if label is not None:
        name = label[0].strip("[]*_# \t")
        if chat := _CHAT.fullmatch(name):
            name = chat["name"]
        text = label[1]
        if start is None and (match := _LEAD.match(text)) and match["open"]:  # "Ana Ruiz: [00:03:58] Yes."
            start, text = seconds(match["start"]), text[match.end() :]
        return _Parsed(line, text, raw, name, start, end, has_bare_time=bare)
    return _Parsed(line, raw, raw, None, start, end, has_bare_time=bare)


def _join_names_and_times(parsed: list[_Parsed]) -> None:
    """A name on one line and its time on the next (copied from a web page) make one turn line."""
    times = [i for i, p in enumerate(parsed) if p.is_time_only]
    pairs = [i for i in times if i and _may_be_name_line(parsed[i - 1])]
    # Where a time comes first, or most times follow on something else, the time belongs to what stands below it.
    if len(pairs) < 2 or pairs[0] != times[0] or len(pairs) * 5 < len(times) * 4:
        return
    for i in reversed(pairs):
        name, time = parsed[i - 1], parsed.pop(i)
        name.label, name.text, name.start_s, name.is_turn_line = name.raw, "", time.start_s, True


def _may_be_name_line(p: _Parsed) -> bool:
    return p.start_s is None and p.label is None and not p.line.heading and is_name(p.raw)


def _settle_turn_lines(parsed: list[_Parsed]) -> None:
    """A lone "Room 10:30" is a sentence, and "[0:04] Okay" may be all that was said.

    Name-and-time lines come in numbers, or at the top of the file, and mostly have words below them.
    """
    turns = [i for i, p in enumerate(parsed) if p.is_turn_line]
    below = [i for i in turns if i + 1 < len(parsed) and parsed[i + 1].start_s is None]
    if (len(turns) >= 2 or (turns and turns[0] <= 2)) and len(below) * 2 >= len(turns) and below:
        return
    for i in turns:
        _unparse(parsed[i], keep_time=parsed[i].has_lead_time)


def _settle_bare_times(parsed: list[_Parsed]) -> None:
    """ "10:30 works for me" begins with a time too: times without brackets count only where many lines have one.

    Fathom writes "0:55 - Ana Ruiz (Acme)" above what she says. So does an agenda, but there hardly anybody comes twice.
    """
    bare = [p for p in parsed if p.has_bare_time and p.start_s is not None]
    if len(bare) * 2 >= len(parsed):
        return
    turns = Counter(p.label for p in bare if p.is_turn_line)
    again = sum(count for count in turns.values() if count > 1)
    if turns.total() >= 4 and again * 2 >= turns.total():
        bare = [p for p in bare if not p.is_turn_line]
    for p in bare:
        _unparse(p)


def _join_times_and_names(parsed: list[_Parsed]) -> None:
    """When on one line, who on the next, the words below (Fireflies; Teams' documents of old): one turn line.

    Where the first line does not say until when, people must come again: below YouTube's times stand words alone.
    """
    times = [i for i, p in enumerate(parsed) if p.is_time_only]
    named = [
        i for i in times if i + 2 < len(parsed) and _may_be_name_line(parsed[i + 1]) and not parsed[i + 2].is_time_only
    ]
    if len(named) < 2 or len(named) * 5 < len(times) * 4:
        return
    names = Counter(parsed[i + 1].raw for i in named)
    again = sum(count for count in names.values() if count > 1)
    if any(parsed[i].end_s is None for i in named) and again * 2 < len(named):
        return
    for i in reversed(named):
        time, name = parsed.pop(i), parsed[i]
        name.label, name.text, name.is_turn_line = name.raw, "", True
        name.start_s, name.end_s = time.start_s, time.end_s


def _settle_lone_times(parsed: list[_Parsed]) -> None:
    """Times on lines of their own, with what was said below each (Otter without names, YouTube's page)."""
    lone = [i for i, p in enumerate(parsed) if p.is_time_only]
    below = [i for i in lone if i + 1 < len(parsed) and not parsed[i + 1].is_time_only]
    if len(below) < 2 or len(lone) * 6 < len(parsed) or lone[0] > MAX_HEADER_LINES:
        return
    for i in reversed(below):
        start = parsed[i].start_s
        if _READ_OUT.fullmatch(parsed[i + 1].raw) and i + 2 < len(parsed):
            del parsed[i + 1]
        parsed[i + 1].start_s = start
        del parsed[i]


def _unparse(p: _Parsed, *, keep_time: bool = False) -> None:
    if keep_time:
        p.text, p.label, p.is_turn_line = p.raw, None, False
        return
    p.text = p.raw = p.line.text.strip()
    p.label, p.start_s, p.end_s, p.is_turn_line, p.has_bare_time = None, None, None, False, False
    p.has_lead_time = False


def _turns(parsed: Sequence[_Parsed], labels: frozenset[str]) -> list[Cue]:
    """A line with a believed label or a time opens a turn; other lines continue it."""
    cues: list[Cue] = []
    opened: tuple[str | None, float | None, float | None] | None = None
    words: list[str] = []
    pending: float | None = None  # a time that stands alone (Meet's "00:05:00") belongs to the next turn

    def close() -> None:
        if opened is not None and words:
            cues.append(Cue(" ".join(words), *opened))

    for p in parsed:
        if p.is_time_only:
            pending = p.start_s
            continue
        labelled = p.label is not None and p.label in labels
        if labelled or p.start_s is not None or opened is None or p.line.heading:
            close()
            start, pending = (p.start_s if p.start_s is not None else pending), None
            opened = (p.label if labelled else None, start, p.end_s)
            words = [p.text if labelled else p.raw]
        elif inserted := _INSERTED.fullmatch(p.raw):
            close()
            cues.append(Cue(inserted["note"], None, opened[1]))
            words = [rest] if (rest := inserted["rest"].strip()) else []
        else:
            words.append(p.raw)
    close()
    return cues


def _prose(lines: Sequence[Line]) -> Reading:
    cues = paragraphs(lines)
    above = [HeaderLine(line.text, line.heading) for line in lines[:MAX_HEADER_LINES] if line.text.strip()]
    header, _ = read_header(above)
    # Nothing is taken out of prose: without speakers nobody knows where the header ends.
    headed = any(line.heading for line in lines)
    header = Header(header.title if headed else None, header.occurred_at, header.participants)
    return Reading(cues, found=len(cues), kept=len(cues), header=header)


def paragraphs(lines: Sequence[Line]) -> list[Cue]:
    """A block of hard-wrapped lines is one paragraph, otherwise each line is its own."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        text = line.text.strip()
        if not text or line.heading:
            blocks.append([])
        if text:
            blocks[-1].append(text)
        if line.heading:
            blocks.append([])
    cues: list[Cue] = []
    for block in blocks:
        cues += [Cue(" ".join(block))] if _is_wrapped(block) else [Cue(text) for text in block]
    return cues


def _is_wrapped(block: Sequence[str]) -> bool:
    """Lines of one width that mostly end in mid-sentence were broken by a margin."""
    if len(block) < 2:
        return False
    body = block[:-1]
    width = sum(map(len, body)) / len(body)
    return 35 <= width <= 130 and sum(1 for text in body if not _SENTENCE_END.search(text[-3:])) * 2 >= len(body)
