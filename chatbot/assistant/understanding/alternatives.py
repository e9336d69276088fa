"""“… with Tier Gold or with open deals”: two phrases of which one must hold, each read as if the other were not there.

    companies [with Tier Gold] or [with open deals] ─┬─ companies with Tier Gold ───┐
                                                     └─ companies with open deals ──┴─ what both say ∧ (A ∨ B)

Phrases begin with a word that joins them to their noun; parentheses say where the first one begins. Where both readings
are sure and differ in nothing but their conditions, they are one plan.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from chatbot.assistant.types import Routed
from chatbot.assistant.understanding.asking_back import UNSURE
from chatbot.assistant.understanding.rewording import with_plain_denials
from shared.query.plan import And, Cmp, Node, Or, Plan, parts_of, within

#: Not “one or more”, “open or not”.
_OR = re.compile(
    r",?\s+(?:or|oder)\s+(?!(?:(?:more|less|fewer|mehr|weniger)\b(?!\s+(?:than|als)\b)|"
    r"(?:later|earlier|so|not|no|what|none|any|nicht|nein|später|früher)\b))",
    re.I,
)
#: One against the other: “do more of them come from Germany or Norway?”
_COMPARED = re.compile(
    r"\b(?:more|fewer|less|rather|better|bigger|larger|higher|mehr|weniger|eher|lieber|größer\w*|höher\w*)\b(?!\s+(?:than|als)\b)",
    re.I,
)
_ME = r"(?:me|you|myself|mir|mich|ihnen)"
_BY = r"\b(?:by|of|to|with|from|von|mit)"
#: Whoever asks, among others: “of Priya or me”, “by Priya, me or Tom”, “by me, Priya or Tom”. The rest is read alone.
_OR_ME = (
    re.compile(rf"(?P<left>{_BY}\s+(?:[\w’'.-]+,?\s+){{0,7}}?[\w’'.-]+),?\s+(?:or|oder)\s+{_ME}\b", re.I),
    re.compile(rf"(?P<left>{_BY}\s+(?:[\w’'.-]+,?\s+){{0,7}}?[\w’'.-]+),\s*{_ME}(?=,?\s+(?:or|oder)\s)", re.I),
    re.compile(rf"(?P<left>{_BY}\s+){_ME}(?:,?\s+(?:or|oder)\s+|\s*,\s*(?=.*?\s(?:or|oder)\s))(?=\S)", re.I),
    re.compile(rf"(?P<left>\b){_ME}(?:,?\s+(?:or|oder)\s+|\s*,\s*)(?=\S.*\bzugewiesen\b)", re.I),
    re.compile(rf"(?P<left>\w),?\s+(?:or|oder)\s+{_ME}(?=\s+zugewiesen\b)", re.I),
)
_PEOPLE = frozenset(("owner_id", "assignee_id", "author_id", "user_id", "created_by_id"))
_ANY_OF = {"eq": "in", "in": "in", "ne": "not_in", "not_in": "not_in"}
#: Words that begin a phrase about a noun, by which of them stand for one another.
_BEGIN = re.compile(
    r"\b(?:(?P<w>with|without|mit|ohne)"
    r"|(?P<v>(?:that |who |which )?(?:are|is|have|has|had|need|were|was)|(?:die |der |das )?(?:haben|hat|sind|ist))"
    r"|(?P<p>in|at|from|of|aus|bei|von)|(?P<d>due|closing|closed|created|held|last|fällig)"
    r"|(?P<t>tagged|owned|assigned|not|over|under|about|über|unter))\b", re.I,
)  # fmt: skip
_INSIDE = re.compile(r"\(([^()]*\b(?:or|oder)\b[^()]*)\)", re.I)
_MOST = 4


def joined(text: str, whole: Routed, read: Callable[[str], Routed]) -> Routed | None:
    """The plan of both; None where the question does not say it so, or was read with its “or”."""
    text = with_plain_denials(text)
    if not _OR.search(text) or _COMPARED.search(text):
        return None
    is_read = whole.kind == "structured" and whole.plan is not None
    is_chosen = whole.plan is not None and is_read and _has_choice(whole.plan)
    if (me := next(filter(None, (said.search(text) for said in _OR_ME)), None)) is not None:
        others = read(text[: me.end("left")] + text[me.end() :])
        if (of_all := _or_me(others)) is not None:
            return of_all
    if is_chosen and not _INSIDE.search(text) and not _is_parallel(text):
        return None
    for head, parts, tail in _ways(text, may_be_implied=not is_read):
        found = [read(" ".join(f"{head} {part} {tail}".split())) for part in parts]
        if all(one.kind == "structured" and one.confidence >= UNSURE for one in found):
            plan = _together([one.plan for one in found if one.plan is not None])
            if plan is not None:
                return replace(found[0], plan=plan, confidence=min(one.confidence for one in found), focus=None)
    return None


def _ways(text: str, *, may_be_implied: bool) -> Iterator[tuple[str, list[str], str]]:
    """What stands before the phrases, the phrases, and what stands behind: the surest way to cut first."""
    inside = _INSIDE.search(text)
    if inside is not None:
        parts = _OR.split(inside[1])[:_MOST]
        if len(parts) > 1 and _BEGIN.match(parts[0]):
            yield text[: inside.start()], parts, text[inside.end() :]
        return
    asked = text.rstrip(" .?!\n")
    first, *others = _OR.split(asked)
    starts = _starts(first)
    if not starts or not 0 < len(others) < _MOST:
        return
    if all(_BEGIN.match(other) for other in others):
        found = _counterpart(starts, others[0])
        if found is None and len(starts) == 1:
            found = starts[0]
        if found is not None:  # else nobody knows what belongs together
            yield first[: found.at], [first[found.at :], *others], text[len(asked) :]
    elif may_be_implied and len(others) == 1 and not _BEGIN.search(others[0]):
        at = starts[-1].at
        start = _BEGIN.match(first[at:])
        yield first[:at], [first[at:], f"{start and start[0]} {others[0]}"], text[len(asked) :]


@dataclass(slots=True)
class _Start:
    """Where a phrase begins, by which words, and of which kinds they are."""

    at: int
    words: set[str]
    kinds: set[str | None]


def _starts(text: str) -> list[_Start]:
    """Where phrases begin; words that follow one another begin one."""
    found: list[_Start] = []
    end = -2
    for match in _BEGIN.finditer(text):
        word = match[0].lower()
        if match.start() <= end + 1 and found:
            found[-1].words.add(word)
            found[-1].kinds.add(match.lastgroup)
        else:
            found.append(_Start(match.start(), {word}, {match.lastgroup}))
        end = match.end()
    return found


def _counterpart(starts: list[_Start], other: str) -> _Start | None:
    """The phrase that another one stands over against: the last that begins by the same word, else in the same way."""
    begun = _BEGIN.match(other)
    if begun is None:
        return None
    same = [start for start in starts if begun[0].lower() in start.words]
    if same:
        return same[-1]
    return starts[-1] if begun.lastgroup in starts[-1].kinds else None


def _is_parallel(text: str) -> bool:
    """“in Germany with open deals or in Norway”: what stands between belongs to the first of the two."""
    first, *others = _OR.split(text.rstrip(" .?!\n"))
    starts = _starts(first)
    found = _counterpart(starts, others[0]) if starts and others else None
    return found is not None and found is not starts[-1]


def _or_me(routed: Routed) -> Routed | None:
    """Of one colleague, or of whoever asks; or of neither."""
    plan = routed.plan if routed.kind == "structured" else None
    parts = parts_of(plan.where) if plan is not None else ()
    theirs = [part for part in parts if isinstance(part, Cmp) and part.field in _PEOPLE and part.op in _ANY_OF]
    ways = {(part.field, part.op) for part in theirs}  # those in one meeting are all there, where no “or” is said
    is_one = len(theirs) == 1 or (len(ways) == 1 and theirs[0].op in ("eq", "ne"))
    if plan is None or not is_one:
        return None
    values = (*(value for part in theirs for value in part.values), "me")
    both = theirs[0].model_copy(update={"op": _ANY_OF[theirs[0].op], "values": values})
    parts = tuple(part for part in parts if part not in theirs[1:])
    parts = tuple(both if part is theirs[0] else part for part in parts)
    return replace(routed, plan=plan.model_copy(update={"where": parts[0] if len(parts) == 1 else And(of=parts)}))


def _together(plans: list[Plan]) -> Plan | None:
    """One plan that differs from each in its conditions alone, and asks of each something of its own."""
    bare = {plan.model_copy(update={"where": None}) for plan in plans}
    if len(bare) != 1:
        return None
    said = [parts_of(plan.where) for plan in plans]
    common = [part for part in said[0] if all(part in other for other in said[1:])]
    own = [[part for part in parts if part not in common] for parts in said]
    if not all(own):
        return None
    either = Or(of=tuple(parts[0] if len(parts) == 1 else And(of=tuple(parts)) for parts in own))
    where: Node = And(of=(*common, either)) if common else either
    return plans[0].model_copy(update={"where": where})


def _has_choice(plan: Plan) -> bool:
    """Whether some condition has alternatives."""
    return any(
        isinstance(node, Or) or (isinstance(node, Cmp) and node.op in ("in", "not_in") and len(node.values) > 1)
        for node in within(plan.where)
    )
