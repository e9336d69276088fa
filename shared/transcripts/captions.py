"""WebVTT, SRT and SBV: cue by cue, counting every time line so that nothing is lost unseen.

Real exports break the standards: bare seconds, blank lines inside a cue, names in four places, the same words twice.
Libraries drop such cues silently; this reader keeps the words and gives up the time at worst.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from shared.transcripts.cleaning import collapse, plain_text, seconds
from shared.transcripts.decoding import refuse
from shared.transcripts.labels import choose, is_name, split_label
from shared.transcripts.model import Cue, Header, Reading

_T = r"(?:\d{1,3}:){0,2}\d{1,6}(?:[.,]\d{1,6})?"
_ARROW = re.compile(rf"[ \t]*({_T})[ \t]*--?>[ \t]*({_T})?(?![\w:])")
_SBV = re.compile(r"(\d{1,3}:\d{2}:\d{2}\.\d{1,3}),(\d{1,3}:\d{2}:\d{2}\.\d{1,3})[ \t]*")
_CUT_TAIL = re.compile(r"[ \t]*\d{1,3}:[\d:.,]{0,12}[ \t]*-{0,2}>?[ \t]*[\d:.,]{0,12}")
_TEAMS_ID = re.compile(r"([0-9a-f]{8}-[0-9a-f-]{20,40})/(\d{1,9})-(\d{1,9})", re.I)
_SHORT_ID = re.compile(r"\d{1,9}|[\w-]{1,60}/\d{1,9}-\d{1,9}|[0-9a-f]{8}-[0-9a-f-]{20,40}", re.I)
_BLOCK = re.compile(r"(NOTE|STYLE|REGION|WEBVTT)(?:[\s:-]|$)")
#: A word with its own time inside a cue: only rolling captions have those.
_WORD_TIME = re.compile(r"<\d{1,3}:\d{2}[\d:.]{0,10}><c")
_DASH = re.compile(r"[ \t]*[-–—][ \t]*(?=\S)")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]{0,3}$")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{1,100})?[ \t]{1,10}([^<>\n]{1,200})>", re.I)


@dataclass(slots=True)
class _Block:
    """A time line with the lines under it."""

    start_s: float | None
    end_s: float | None
    lines: list[str] = field(default_factory=list)
    ident: str = ""
    is_timed: bool = True


def looks_like_captions(text: str, *, anywhere: bool = False) -> bool:
    """Whether a cue's time line stands among the first three lines with text, or anywhere in the file."""
    if "->" not in text:
        return False
    if anywhere:
        return any(_ARROW.match(line) for line in _candidates(text, "->"))
    head = [line for line in text[:2000].split("\n") if line.strip()][:3]
    return any(_ARROW.match(line) for line in head)


def looks_like_sbv(text: str) -> bool:
    return any(_SBV.fullmatch(line.strip()) for line in text[:2000].split("\n")[:5])


def _candidates(text: str, mark: str) -> Iterator[str]:
    at = text.find(mark)
    while at >= 0:
        yield text[text.rfind("\n", 0, at) + 1 : at + 40]
        following = text.find("\n", at)
        at = text.find(mark, following) if following >= 0 else -1


def read(text: str) -> Reading:
    """Captions with `-->` time lines (WebVTT, SRT)."""
    return _read(text, _ARROW)


def read_sbv(text: str) -> Reading:
    """YouTube's SBV: `0:00:00.378,0:00:11.378` above the text."""
    return _read(text, _SBV)


def _read(text: str, time_line: re.Pattern[str]) -> Reading:
    blocks, cut = _blocks(text.split("\n"), time_line, has_header=text.startswith("WEBVTT"))
    if not any(block.is_timed for block in blocks):
        raise refuse(
            "There are no captions in this file: no line with a start and an end time. Export the transcript again."
        )
    if not any(line.strip() for line in blocks[-1].lines):
        blocks.pop()  # a time line with nothing below it at the very end: the file was cut here
        cut += 1
    spoken = [block for block in blocks if any(line.strip() for line in block.lines)]
    spoken = _in_order(_unrolled(spoken))
    cues = _labelled(_whole_sentences(spoken))
    return Reading(cues, found=len(spoken) + cut, kept=len(spoken), header=_header(text))


def _header(text: str) -> Header:
    """WebVTT allows a title after the signature: `WEBVTT - Weekly sync`."""
    first = text.split("\n", 1)[0]
    title = first[6:].strip(" \t-–:") if first.startswith("WEBVTT") else ""
    return Header(title=title or None)


def _blocks(lines: list[str], time_line: re.Pattern[str], *, has_header: bool) -> tuple[list[_Block], int]:
    """The cues, and how many were cut off (0 or 1). Words above the first cue of a file without a header are kept."""
    cut = _drop_cut_tail(lines, time_line)
    blocks: list[_Block] = [] if has_header else [_Block(None, None, is_timed=False)]
    skipping = has_header  # WebVTT's header, and later NOTE and STYLE blocks
    after_blank = True
    for line in lines:
        if match := time_line.match(line):
            ident = _take_ident(blocks[-1].lines) if blocks and not skipping else ""
            start, end = seconds(match[1]), seconds(match[2])
            blocks.append(_Block(start, end, [], ident))
            skipping = False
        elif not line.strip():
            after_blank = True
            if not skipping and blocks:
                blocks[-1].lines.append("")
            continue
        elif after_blank and _BLOCK.match(line):
            skipping = True
        elif blocks and not skipping:
            blocks[-1].lines.append(line)
        elif blocks and after_blank and _SHORT_ID.fullmatch(line.strip()):
            skipping = False  # the id of the first cue after a NOTE
            blocks[-1].lines += ["", line]
        after_blank = False
    return _with_first_ident(blocks, lines, time_line) if has_header else blocks, cut


def _with_first_ident(blocks: list[_Block], lines: list[str], time_line: re.Pattern[str]) -> list[_Block]:
    """The first cue's id stands before any block could collect it."""
    for index, line in enumerate(lines):
        if time_line.match(line):
            if index and blocks:
                blocks[0].ident = lines[index - 1].strip()
            break
    return blocks


def _take_ident(lines: list[str]) -> str:
    """Remove the next cue's id from the end of this cue's lines: the line above a time line, if it stands alone."""
    if not lines or not lines[-1].strip():
        return ""
    last = lines[-1].strip()
    alone = len(lines) > 1 and not lines[-2].strip()
    if alone or _SHORT_ID.fullmatch(last):
        lines.pop()
        return last
    return ""


def _drop_cut_tail(lines: list[str], time_line: re.Pattern[str]) -> int:
    """A file cut inside a cue's id or time line: drop the stump, report the lost cue."""
    while lines and not lines[-1].strip():
        lines.pop()
    cut = 0
    if lines and not time_line.match(lines[-1]) and _CUT_TAIL.fullmatch(lines[-1]):
        lines.pop()
        cut = 1
    # What may be left is the cue's id alone, or its id and the first digits of its time line.
    for above in (3, 2):
        stump = lines[1 - above :] if len(lines) >= above and not lines[-above].strip() else []
        if stump and all(_SHORT_ID.fullmatch(line.strip()) for line in stump):
            del lines[1 - above :]
            cut = 1
    return cut


def _in_order(blocks: list[_Block]) -> list[_Block]:
    """Teams numbers cues `uuid/block-part`; blocks interleave, out of order. Parts of a block stay together."""
    idents = [_TEAMS_ID.fullmatch(block.ident) for block in blocks]
    if sum(match is not None for match in idents) * 2 <= len(blocks):
        return blocks
    begins: dict[str, float] = {}
    keys: list[tuple[str, int]] = []
    for index, (block, match) in enumerate(zip(blocks, idents, strict=True)):
        group = f"{match[1]}/{match[2]}" if match else f"#{index}"
        keys.append((group, int(match[3]) if match else 0))
        begins[group] = min(
            begins.get(group, float("inf")), block.start_s if block.start_s is not None else float("inf")
        )
    order = sorted(range(len(blocks)), key=lambda i: (begins[keys[i][0]], keys[i][0], keys[i][1]))
    return [blocks[i] for i in order]


def _whole_sentences(blocks: list[_Block]) -> list[_Block]:
    """Teams cuts what one person says at about two lines; parts of one block that break off in mid-sentence are one."""
    kept: list[_Block] = []
    for block in blocks:
        before = kept[-1] if kept else None
        if before is not None and _goes_on(before, block):
            closed = "\n".join(before.lines).rstrip().removesuffix("</v>")
            added = _VOICE.sub("", "\n".join(block.lines).lstrip(), count=1)
            kept[-1] = replace(before, lines=[*closed.split("\n"), *added.split("\n")], end_s=block.end_s)
        else:
            kept.append(block)
    return kept


def _goes_on(before: _Block, block: _Block) -> bool:
    one, two = _TEAMS_ID.fullmatch(before.ident), _TEAMS_ID.fullmatch(block.ident)
    if one is None or two is None or one.group(1, 2) != two.group(1, 2):
        return False
    texts = "\n".join(before.lines), "\n".join(block.lines)
    voices = [_VOICE.findall(text) for text in texts]
    return voices[0] == voices[1] and len(voices[0]) == 1 and not _SENTENCE_END.search(plain_text(texts[0]).rstrip())


def _unrolled(blocks: list[_Block]) -> list[_Block]:
    """Undo rolling captions (YouTube, live captions), which show each line again until it scrolls away.

    Only where the file is clearly of that kind: people do say the same thing twice.
    """
    texts = [[t for line in block.lines if (t := collapse(plain_text(line)))] for block in blocks]
    pairs = list(pairwise(texts))
    is_rolling = any(_WORD_TIME.search(line) for block in blocks for line in block.lines)
    need = 1 if is_rolling else max(3, len(pairs) * 3 // 10)
    if sum(1 for a, b in pairs if a and b and a[-1] == b[0]) >= need:
        return _without_repeated_lines(blocks, texts)
    if sum(1 for a, b in pairs if a and b and len(b[0]) > len(a[0]) and " ".join(b).startswith(" ".join(a))) >= need:
        return _longest_of_growing(blocks, texts)
    return blocks


def _without_repeated_lines(blocks: list[_Block], texts: list[list[str]]) -> list[_Block]:
    kept: list[_Block] = []
    shown: list[str] = []
    for block, lines in zip(blocks, texts, strict=True):
        fresh = lines
        for size in range(min(len(shown), len(lines)), 0, -1):
            if shown[-size:] == lines[:size]:
                fresh = lines[size:]
                break
        shown = lines or shown
        if fresh:
            kept.append(replace(block, lines=fresh))
        elif kept:
            kept[-1].end_s = block.end_s
    return kept


def _longest_of_growing(blocks: list[_Block], texts: list[list[str]]) -> list[_Block]:
    kept: list[_Block] = []
    last = ""
    for block, lines in zip(blocks, texts, strict=True):
        text = " ".join(lines)
        if kept and last and text.startswith(last):
            kept[-1].lines, kept[-1].end_s = [text], block.end_s
        else:
            kept.append(replace(block, lines=[text]))
        last = text
    return kept


def with_labels(cues: list[Cue]) -> list[Cue]:
    """Cues of another format with the speakers that their texts name ("Ana: ..."), if they do."""
    return _labelled([_Block(cue.start_s, cue.end_s, [collapse(cue.text)]) for cue in cues])


def _labelled(blocks: list[_Block]) -> list[Cue]:
    """Names from `<v Name>` or `Name:`, carried on to cues without one."""
    blocks = _with_names_above(blocks)
    found: list[str] = []
    for block in blocks:
        found += [label[0] for line in block.lines if (label := split_label(_bare(line)))]
    labels = choose(found, lines=len(blocks)) | _beside_voices(blocks)
    cues: list[Cue] = []
    speaker: str | None = None
    for block in blocks:
        for said_by, text in _turns("\n".join(block.lines), labels):
            speaker = said_by if said_by is not None else speaker
            if text.strip():
                cues.append(Cue(plain_text(text), speaker or None, block.start_s, block.end_s))
    return cues


def _beside_voices(blocks: list[_Block]) -> frozenset[str]:
    """Names before a colon that come again at the start of cues without `<v>`, in a file that has `<v>` for others."""
    texts = ["\n".join(block.lines) for block in blocks]
    unvoiced = [text for text in texts if not _VOICE.search(text)]
    if len(unvoiced) == len(texts):
        return frozenset()
    begins = Counter(label[0] for text in unvoiced if (label := split_label(_bare(text.lstrip().split("\n", 1)[0]))))
    return frozenset(label for label, count in begins.items() if count > 1 and is_name(label))


def _with_names_above(blocks: list[_Block]) -> list[_Block]:
    """Names on a line of their own above the words, where nearly every cue has one and few people have many cues."""
    firsts = [next((line.strip() for line in block.lines if line.strip()), "") for block in blocks]
    more = [sum(1 for line in block.lines if line.strip()) > 1 for block in blocks]
    named = [first for first, has_more in zip(firsts, more, strict=True) if has_more and is_name(first)]
    if len(blocks) < 4 or len(named) * 5 < len(blocks) * 4 or len(set(named)) * 2 > len(named):
        return blocks
    known = set(named)
    return [
        replace(block, lines=[f"{first}: {_below(block.lines)}"]) if first in known and has_more else block
        for block, first, has_more in zip(blocks, firsts, more, strict=True)
    ]


def _below(lines: list[str]) -> str:
    return " ".join([line for line in lines if line.strip()][1:])


def _bare(line: str) -> str:
    return plain_text(line).strip().removeprefix(">>").lstrip()


def _turns(payload: str, labels: frozenset[str]) -> Iterator[tuple[str | None, str]]:
    """(speaker, text) of a cue; None where it names nobody, "" where it says that an unnamed person begins (`>>`)."""
    if _VOICE.search(payload):
        parts = _VOICE.split(payload)
        if parts[0].strip():
            yield None, parts[0]
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            yield plain_text(name).strip(), text
        return
    said_by: str | None = None
    lines: list[str] = []
    spoken = [line for line in payload.split("\n") if line.strip()]
    if len(spoken) > 1 and all(_DASH.match(line) for line in spoken):  # "- Fine.\n- Good.": two people, neither named
        for line in spoken:
            label = split_label(_DASH.sub("", _bare(line), count=1))
            yield (label[0], label[1]) if label and label[0] in labels else ("", _DASH.sub("", _bare(line), count=1))
        return
    for line in payload.split("\n"):
        label = split_label(_bare(line))
        named = label is not None and label[0] in labels
        if named or _changes(line):
            if lines:
                yield said_by, "\n".join(lines)
            said_by = label[0] if label is not None and named else ""
            lines = [label[1] if label is not None and named else _bare(line)]
        else:
            lines.append(line)
    if lines:
        yield said_by, "\n".join(lines)


def _changes(line: str) -> bool:
    return line.lstrip().startswith((">>", "&gt;&gt;"))
