"""Owner and day of tasks in short dialogues; see `tests/data/tasks/README.md` for the files and the figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path

from chatbot.extraction.builtin import BuiltinEngine
from chatbot.extraction.evaluation import context
from chatbot.extraction.meeting_analyzer import analyze
from chatbot.extraction.text import fold
from chatbot.extraction.types import Engine
from shared.schemas.insight import Kind
from shared.transcripts import parse

FOLDER = Path(__file__).parents[1] / "data" / "tasks"
#: Set that may be looked at, set that only gives the figure.
OPEN, CLOSED = "open", "closed"


@dataclass(frozen=True, slots=True)
class Task:
    """`due` holds ISO days and "" for none; empty where any will do."""

    owners: frozenset[str]
    due: frozenset[str]
    words: tuple[str, ...]
    optional: bool

    def is_about(self, description: str) -> bool:
        said = fold(description)
        hits = [any(fold(stem) in said for stem in word.split("/")) for word in self.words]
        return sum(hits) * 2 >= len(hits)

    def owned_by(self, name: str | None) -> bool:
        return name in self.owners

    def due_on(self, day: str) -> bool:
        return not self.due or day in self.due


@dataclass(frozen=True, slots=True)
class Dialogue:
    title: str
    day: date
    transcript: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """`due` is an ISO day, "" for none."""

    description: str
    owner: str | None
    due: str

    @classmethod
    def of(cls, data: dict[str, object]) -> Found:
        owner = data.get("owner")
        return cls(str(data["description"]), str(owner) if owner else None, str(data.get("due_date") or ""))

    def __str__(self) -> str:
        return f"{self.description!r} {self.owner} {self.due or '-'}"


@dataclass(slots=True)
class Tally:
    """Counts over dialogues; `right` has owner and day, `misses` says what went wrong, a line each."""

    expected: int = 0
    predicted: int = 0
    found: int = 0
    owner: int = 0
    due: int = 0
    right: int = 0
    misses: list[str] = field(default_factory=list)

    def f1(self, hits: int) -> float:
        return 2 * hits / max(1, self.expected + self.predicted)

    def row(self) -> str:
        share = [f"{100 * part / max(1, self.found):3.0f} %" for part in (self.owner, self.due)]
        return (
            f"{self.found:3} of {self.expected:3} found, {self.predicted - self.found:2} wrong   owner {share[0]}   "
            f"day {share[1]}   F1 loose {self.f1(self.found):.2f}   strict {self.f1(self.right):.2f}"
        )


def dialogues(half: str, language: str) -> Iterator[Dialogue]:
    """Raises ValueError where a weekday does not fit its date."""
    text = (FOLDER / f"{half}.{language}.txt").read_text(encoding="utf-8")
    for block in text.strip().split("\n\n"):
        first, *lines = block.splitlines()
        title, said = first.removeprefix("= ").split(" | ")
        spoken = [line for line in lines if not line.startswith(("> ", "? "))]
        tasks = tuple(_task(line) for line in lines if line.startswith(("> ", "? ")))
        yield Dialogue(title, date.fromisoformat(_day(said)), "\n".join(spoken), tasks)


def _task(line: str) -> Task:
    owner, due, words = line[2:].split(" | ")
    days = frozenset() if due == "*" else frozenset(_day(day) for day in due.split(" or "))
    return Task(frozenset(owner.split(" or ")), days, tuple(words.split()), line.startswith("?"))


def _day(said: str) -> str:
    if said.strip() == "-":
        return ""
    weekday, iso = said.split()
    if f"{date.fromisoformat(iso):%a}" != weekday:
        raise ValueError(f"{iso} is no {weekday}.")
    return iso


def score(half: str, language: str, engine: Engine) -> Tally:
    """The tasks of one file, each dialogue read as a meeting of its own."""
    tally = Tally()
    for dialogue in dialogues(half, language):
        told = context(parse(dialogue.transcript.encode(), "meeting.txt"), datetime.combine(dialogue.day, time(10)))
        found = analyze(replace(told, language=language), engine)
        items = [Found.of(item.data) for item in found if item.kind is Kind.ACTION_ITEM]
        _count(tally, dialogue, items)
    return tally


def _count(tally: Tally, dialogue: Dialogue, items: list[Found]) -> None:
    left = list(items)
    for task in sorted(dialogue.tasks, key=lambda task: task.optional):
        fits = [i for i in left if task.is_about(i.description)]
        fits.sort(key=lambda i: task.owned_by(i.owner) + task.due_on(i.due), reverse=True)
        if fits:
            left.remove(fits[0])
        if task.optional:
            continue
        tally.expected += 1
        if not fits:
            tally.misses.append(f"{dialogue.title}: not found {task.words} {dialogue.transcript!r}")
            continue
        owner, due = task.owned_by(fits[0].owner), task.due_on(fits[0].due)
        tally.found, tally.predicted = tally.found + 1, tally.predicted + 1
        tally.owner, tally.due, tally.right = tally.owner + owner, tally.due + due, tally.right + (owner and due)
        if not (owner and due):
            tally.misses.append(f"{dialogue.title}: {fits[0]}, but {set(task.owners)} {set(task.due)}")
    tally.predicted += len(left)
    tally.misses += [f"{dialogue.title}: none is {item}" for item in left]


def report(*, misses: bool) -> None:
    """Print a line for each file, and the misses of the open ones."""
    for half in (OPEN, CLOSED):
        for language in ("en", "de"):
            tally = score(half, language, BuiltinEngine())
            print(f"{half:6} {language}   {tally.row()}")
            if misses and half == OPEN:
                print(*(f"    {miss}" for miss in tally.misses), sep="\n")
