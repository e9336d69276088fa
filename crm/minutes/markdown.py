"""Minutes as Markdown (CommonMark with tables). Whatever was said is text in it, never markup."""

from __future__ import annotations

import re
from collections.abc import Iterable

from crm.minutes.content import Minutes, Person, Point, Section
from crm.minutes.wording import Wording

#: What can begin markup, a link, a tag, an entity or a table's cell anywhere in a line …
_MARKS = re.compile(r"[\\`*_{}\[\]<>|~&]")
#: … and what does so only where a line, or a list's point, begins.
_OPENERS = re.compile(r"^([#+\-=:]|\d{1,9}(?=[.)]))")


def as_markdown(minutes: Minutes) -> str:
    """The whole document, ending in a line feed."""
    return "\n".join(_lines(minutes)) + "\n"


def escape(text: str) -> str:
    """Text that reads as itself: `# 1 *new* <b>` -> `\\# 1 \\*new\\* \\<b\\>`."""
    escaped = _MARKS.sub(r"\\\g<0>", text)
    opener = _OPENERS.match(escaped)
    if opener is None:
        return escaped
    if opener[0].isdecimal():  # the mark of a numbered list is what stands behind the number
        return f"{opener[0]}\\{escaped[opener.end() :]}"
    return f"\\{escaped}"


def _lines(minutes: Minutes) -> Iterable[str]:
    words = minutes.words
    yield f"# {words.minutes}: {escape(minutes.title)}"
    yield ""
    for label, value in minutes.facts:
        yield f"- **{label}:** {escape(value)}"
    if minutes.people:
        yield f"- **{words.attendees}:**"
        yield from (f"  - {_person(person, words)}" for person in minutes.people)
    yield from _summary(minutes)
    for section in minutes.sections:
        yield from ("", f"## {section.heading}", "")
        yield from _table(section, words) if section.is_table else (_item(p, words) for p in section.points)
    if minutes.is_empty:
        yield from ("", words.nothing)
    if minutes.has_open:
        yield from ("", "---", "", words.legend)


def _person(person: Person, words: Wording) -> str:
    about = f" ({escape(person.about)})" if person.about else ""
    return f"{escape(person.name)}{about}{_mark(person.is_open, words)}"


def _summary(minutes: Minutes) -> Iterable[str]:
    if not minutes.summary:
        return
    yield from ("", f"## {minutes.words.summary}{_mark(minutes.is_summary_open, minutes.words)}", "")
    for label, points in minutes.summary:
        said = "; ".join(escape(point) for point in points)
        yield f"- **{escape(label)}:** {said}" if label else f"- {said}" if len(minutes.summary) > 1 else said


def _item(point: Point, words: Wording) -> str:
    said = escape(point.said)
    return f"- {escape(point.text)}{_mark(point.is_open, words)}" + (f" – {said}" if said else "")


def _table(section: Section, words: Wording) -> Iterable[str]:
    yield f"| {words.who} | {words.what} | {words.by_when} | {words.said} |"
    yield "|---|---|---|---|"
    for point in section.points:
        what = f"{escape(point.text)}{_mark(point.is_open, words)}"
        said = escape(point.said)
        yield f"| {escape(point.who) or '–'} | {what} | {escape(point.by_when) or '–'} | {said or '–'} |"


def _mark(is_open: bool, words: Wording) -> str:
    return f" *({words.not_reviewed})*" if is_open else ""
