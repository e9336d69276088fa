"""Every page somebody waits for, at a hundred thousand contacts, on both databases; and what pages weigh.

Ours on SQLite, ours on PostgreSQL and a bare one (`bench/bare.py`) are asked in turns, so whatever else the machine
does falls on all of them. The bare one answers with the same HTML from the same rows of plain SQL: written by hand
from them (`bench/by_hand.py`), and, as the least there is, replayed with its texts formatted already. Beside the
clock, the processor time of each server is taken: what a machine with nobody else on it would need at the least.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlencode, urlsplit

import psutil

from bench import bare, reviewed, seed, texts
from bench.figures import Figure, in_turns, median, p95, shown
from bench.ground import Ground, NeverCame, Site
from bench.serving import postgresql, signed_in
from bench.sizes import Size
from bench.speech import long_vtt
from shared.query import cursors

PAGE_MS, P95_MS, RATIO = 50.0, 200.0, 3.0
FIRST_LOAD_KB, LATER_KB = 200.0, 30.0
#: What a browser says it can unpack.
_ENCODINGS = "gzip, br"


@dataclass(frozen=True, slots=True)
class ByHand:
    """What writes a page by hand: a template of `bench/by_hand.py`, the question for its rows or the record's id, and
    what it asks beside."""

    template: str
    rows: str = ""
    id: int = 0
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A page, the least SQL that finds what stands on it, and how it is written by hand."""

    name: str
    path: str
    queries: tuple[str, ...]
    hand: ByHand | None = None

    @property
    def key(self) -> str:
        return re.sub(r"\W+", "-", self.name)


@dataclass(frozen=True, slots=True)
class Server:
    """A site, and the processes behind it."""

    site: Site
    process: psutil.Process

    def spent_s(self) -> float:
        """Processor time of all its processes until now."""
        times = [member.cpu_times() for member in (self.process, *self.process.children(recursive=True))]
        return sum(each.user + each.system for each in times)


@dataclass(frozen=True, slots=True)
class Taken:
    """One page of one server: milliseconds by the clock, and of the processor each time."""

    ms: list[float]
    cpu_ms: float


def pages(size: Size) -> Iterator[Figure]:
    """All pages, and then what they weigh."""
    size = size.crowded
    with Ground.laid() as one, postgresql() as url, Ground.laid(url) as other:
        talk = long_vtt(size.words * 13 // 50, max(1, size.minutes // 3))
        said, items = reviewed.found_in(talk)
        for ground in (one, other):
            seed.fill(ground, size, with_meetings=True)
            texts.index_names(ground)
            held = [reviewed.hold(ground, said, items, is_accepted=is_accepted) for is_accepted in (False, True)]
            _tidy(ground)
        plain = [_serve(ground, "bench.bare:app", is_ours=False) for ground in (one, one, other)]
        ours = {"SQLite": _serve(one), "PostgreSQL": _serve(other)}
        slowest: list[tuple[float, str]] = []
        ratios: list[tuple[float, str]] = []
        everything = [*_asked(size), *_of_meetings(held)]
        for asked in everything:
            for name, taken, bare_ones in _timed(asked, ours, plain, size):
                least, against = bare_ones[0], bare_ones[min(1, len(bare_ones) - 1)]
                ratio = taken.cpu_ms / against.cpu_ms
                slowest.append((p95(taken.ms), f"{asked.name}, {name}"))
                ratios.append((median(taken.ms) / median(against.ms), f"{asked.name}, {name}"))
                yield Figure(
                    name=f"{asked.name}, {name}", measured=median(taken.ms), unit="ms", target=PAGE_MS,
                    beside=f"Flask + sqlite3, same HTML, {'by hand' if asked.hand else 'replayed'}",
                    baseline=median(against.ms),
                    note=f"95th percentile {shown(p95(taken.ms), 'ms')}; processor {shown(taken.cpu_ms, 'ms')} a page,"
                    f" {shown(ratio, 'x')} the bare one’s {shown(against.cpu_ms, 'ms')}; replayed, the bare one takes"
                    f" {shown(median(least.ms), 'ms')}.{_beside_psycopg(name, taken, bare_ones)}",
                )  # fmt: skip
        worst, where = max(slowest)
        yield Figure(name="the slowest 95th percentile", measured=worst, unit="ms", target=P95_MS, note=f"{where}.")
        worst, where = max(ratios)
        note = f"{where}. {sum(r >= RATIO for r, _ in ratios)} of {len(ratios)} are above."
        yield Figure(name="the greatest ratio to a bare handler", measured=worst, unit="x", target=RATIO, note=note)
        yield from _weights(ours["SQLite"].site, everything)


def _beside_psycopg(name: str, taken: Taken, bare_ones: Sequence[Taken]) -> str:
    """How ours on PostgreSQL stands to a handler that asks the same server, where the page is written by hand."""
    if name != "PostgreSQL" or len(bare_ones) < 3:
        return ""
    least = median(bare_ones[2].ms)
    return f" By hand with psycopg, {shown(least, 'ms')}: ours {shown(median(taken.ms) / least, 'x')}."


def _tidy(ground: Ground) -> None:
    """What PostgreSQL does by itself within a minute or two of so many new rows."""
    if not ground.database.is_sqlite:
        with ground.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _serve(ground: Ground, app: str = "main:app", *, is_ours: bool = True) -> Server:
    site = ground.serve(app)
    process = psutil.Process(ground.processes[-1].pid)
    return Server(signed_in(site) if is_ours else site, process)


def _timed(
    asked: Asked, ours: dict[str, Server], plain: Sequence[Server], size: Size
) -> Iterator[tuple[str, Taken, Sequence[Taken]]]:
    """(database, ours, the bare ones: replayed, and by hand where there is that), all asked in turns."""
    here, there = (server.site.ask("GET", asked.path).body.decode() for server in ours.values())
    frame = _FRAME if "<html" in here else ()  # a fragment has none
    hand = asked.hand and replace(asked.hand, beside=(*asked.hand.beside, *frame))
    learnt = {"queries": (*asked.queries, *frame), "hand": hand and asdict(hand)}
    turns = [(server, asked.path) for server in ours.values()]
    for server, way, page in zip(plain, ("same", "written", "written"), (here, here, there), strict=True):
        server.site.ask("POST", f"/learn/{asked.key}", json.dumps({**learnt, "html": page}).encode())
        if way == "same" or hand:
            turns.append((server, f"/{way}/{asked.key}"))
            hold_to(page, server.site.ask("GET", turns[-1][1]).body.decode(), turns[-1][1])
    asks = [partial(_ms, server, path) for server, path in turns]
    in_turns(size.warm_up, *asks, warm_up=0)
    before = [server.spent_s() for server, _path in turns]
    times = in_turns(size.rounds, *asks, warm_up=0)
    spent = [(server.spent_s() - start) * 1000 / size.rounds for (server, _), start in zip(turns, before, strict=True)]
    taken = [Taken(ms, max(cpu, 0.01)) for ms, cpu in zip(times, spent, strict=True)]
    for name, each in zip(ours, taken, strict=False):
        yield name, each, taken[len(ours) :]


def _ms(server: Server, path: str) -> float:
    return server.site.ask("GET", path, Accept_Encoding="gzip").ms


def hold_to(ours: str, bare_one: str, what: str) -> None:
    """Refuse a bare answer that is not our page, but for spaces between tags and what a minute changes."""
    pages = [
        re.sub(r"(?<=\">)[^<]+ ago(?=</time>)", "", re.sub(r"\s+", " ", page.strip())) for page in (ours, bare_one)
    ]
    if pages[0] != pages[1]:
        at = next((n for n, (mine, other) in enumerate(zip(*pages, strict=False)) if mine != other), -1)
        told = [page[max(0, at - 80) : at + 80] for page in pages]
        raise NeverCame(f"{what} is another page from here on: {told[1]!r} instead of {told[0]!r}")


# --- The pages


_COUNT = "SELECT count(*) FROM {} WHERE workspace_id = 1 AND deleted_at IS NULL"
_NEWEST = " ORDER BY c.updated_at DESC, c.id DESC LIMIT 51"
_WORDS = (
    "SELECT d.record_type, d.record_id, d.title FROM search_index i JOIN search_document d ON d.id = i.rowid"
    " WHERE search_index MATCH '\"ana\"*' AND d.workspace_id = 1 ORDER BY bm25(search_index, 8.0, 1.0, 0.0) LIMIT 100"
)
_COMPANIES = (
    "SELECT c.*, u.name AS owner, (SELECT count(*) FROM contact p WHERE p.company_id = c.id AND p.deleted_at IS NULL)"
    " AS people, (SELECT count(*) FROM deal d JOIN stage s ON s.id = d.stage_id WHERE d.company_id = c.id"
    " AND d.deleted_at IS NULL AND s.type = 'open') AS open_deals FROM company c LEFT JOIN user u ON u.id = c.owner_id"
    " WHERE c.workspace_id = 1 AND c.deleted_at IS NULL ORDER BY c.updated_at DESC, c.id DESC LIMIT 51"
)
_TASKS = (
    "SELECT t.id, t.title, t.due_date, u.name AS owner, o.id AS company_id, o.name AS company FROM (SELECT * FROM task"
    " WHERE workspace_id = 1 AND status = 'open' AND deleted_at IS NULL AND due_date IS NOT NULL ORDER BY due_date, id"
    " LIMIT 51) t LEFT JOIN user u ON u.id = t.assignee_id LEFT JOIN link l ON l.workspace_id = 1"
    " AND l.owner_type = 'task' AND l.owner_id = t.id AND l.target_type = 'company'"
    " LEFT JOIN company o ON o.id = l.target_id ORDER BY t.due_date, t.id"
)
_BY_MONTH = "SELECT strftime('%Y-%m', {0}), {1} FROM {2} WHERE workspace_id = 1 AND {3} GROUP BY 1"
_MEETINGS = (
    "SELECT m.id, m.title, m.occurred_at, m.status FROM meeting m WHERE m.workspace_id = 1 AND m.deleted_at IS NULL"
    " AND {} ORDER BY m.occurred_at DESC LIMIT 9"
)
_LINKED = (
    "SELECT t.* FROM link l JOIN {1} t ON t.id = l.owner_id WHERE l.workspace_id = 1 AND l.owner_type = '{1}'"
    " AND l.target_type = '{0}' AND l.target_id = 7 AND t.deleted_at IS NULL LIMIT 20"
)
#: What stands on the page of any record, beside the record and its panels; and what would, were there any.
_DRAWN = (
    _LINKED.replace("{1}", "task"),
    "SELECT v.* FROM event_target t JOIN event v ON v.id = t.event_id WHERE t.workspace_id = 1"
    " AND t.target_type = '{0}' AND t.target_id = 7 ORDER BY t.event_id DESC LIMIT 21",
    "SELECT name FROM tagging JOIN tag ON tag.id = tag_id WHERE target_type = '{0}' AND target_id = 7",
)
_BESIDE = (
    _LINKED.replace("{1}", "note"),
    "SELECT * FROM insight WHERE workspace_id = 1 AND {0}_id = 7 LIMIT 60",
    "SELECT * FROM attachment WHERE record_type = '{0}' AND record_id = 7 AND deleted_at IS NULL",
    "SELECT * FROM record_link WHERE from_type = '{0}' AND from_id = 7 OR to_type = '{0}' AND to_id = 7",
    "SELECT * FROM field_definition WHERE workspace_id = 1",
    "SELECT id, name FROM user WHERE workspace_id = 1",
)
#: The record itself with the names beside it, and the panels of related ones.
_RECORDS = {
    "contact": (
        f"{bare.PEOPLE} AND c.id = 7",
        f"{bare.DEALS} AND d.id IN (SELECT deal_id FROM deal_contact WHERE contact_id = 7) LIMIT 9",
        _MEETINGS.format("m.id IN (SELECT meeting_id FROM attendee WHERE contact_id = 7)"),
        "SELECT o.name, e.* FROM employment e JOIN company o ON o.id = e.company_id WHERE e.contact_id = 7",
    ),
    "company": (
        "SELECT * FROM company WHERE id = 7",
        f"{bare.PEOPLE} AND c.company_id = 7 LIMIT 9",
        f"{bare.DEALS} AND d.company_id = 7 LIMIT 9",
        _MEETINGS.format("m.company_id = 7"),
    ),
    "deal": (
        f"{bare.DEALS} AND d.id = 7",
        f"{bare.PEOPLE} AND c.id IN (SELECT contact_id FROM deal_contact WHERE deal_id = 7) LIMIT 9",
        _MEETINGS.format("m.deal_id = 7"),
        "SELECT * FROM stage WHERE workspace_id = 1",
        "SELECT * FROM stage_change WHERE deal_id = 7",
    ),
}
#: A meeting, what was said and found in it, whom and what that names, and which one is next.
_MEETING = (
    "SELECT * FROM meeting WHERE id = {0}",
    "SELECT * FROM insight i LEFT JOIN proposal p ON p.insight_id = i.id WHERE i.meeting_id = {0} ORDER BY i.position",
    "SELECT position, speaker, text, start_s FROM utterance WHERE meeting_id = {0} AND position < 25 ORDER BY position",
    "SELECT speaker, sum(length(text)) FROM utterance WHERE meeting_id = {0} GROUP BY speaker",
    "SELECT c.* FROM attendee a JOIN contact c ON c.id = a.contact_id WHERE a.meeting_id = {0}",
    "SELECT id, name FROM company WHERE id IN (SELECT record_id FROM proposal p JOIN insight i ON i.id = p.insight_id"
    " WHERE i.meeting_id = {0} AND record_type = 'company')",
    "SELECT id, title FROM meeting WHERE id IN (SELECT meeting_id FROM insight WHERE workspace_id = 1"
    " AND status = 'pending') ORDER BY occurred_at DESC LIMIT 1",
)
#: All that was said in it.
_WHOLE = (
    "SELECT * FROM meeting WHERE id = {0}",
    "SELECT position, speaker, text, start_s FROM utterance WHERE meeting_id = {0} ORDER BY position",
)
#: What the frame around each page says: who is there, views kept, favourites, what waits for review.
_FRAME = (
    "SELECT * FROM user u JOIN workspace w ON w.id = u.workspace_id WHERE u.id = 1",
    "SELECT * FROM saved_view WHERE workspace_id = 1",
    "SELECT * FROM favourite WHERE user_id = 1",
    "SELECT count(*) FROM insight WHERE workspace_id = 1 AND status = 'pending'",
)


def _asked(size: Size) -> Iterator[Asked]:
    people, deals, total = bare.PEOPLE, bare.DEALS, _COUNT.format("contact")
    filters = "lifecycle=lead&source=Website&company%5Bcontains%5D=foods"
    narrow = " AND c.lifecycle = 'lead' AND c.source = 'Website' AND o.name_key LIKE '%foods%'"
    narrowed = (people + narrow + _NEWEST, f"SELECT count(*) FROM ({people}{narrow})")
    yield _listed("contacts", "/contacts", people + _NEWEST, total)
    first, at = _last(size)
    cursor = urlencode({"cursor": cursors.encode("-updated_at", at, first)})
    last = f"{people} AND (c.updated_at, c.id) < ('{at:%F %H:%M}', {first}){_NEWEST}"
    yield _listed("contacts, last page", f"/contacts?{cursor}", last)
    yield _listed("contacts, 3 filters", f"/contacts?{filters}", *narrowed)
    yield _listed("contacts by name", "/contacts?sort=name", people + " ORDER BY c.name_key, c.id LIMIT 51", total)
    by_company = people + " ORDER BY lower(o.name), c.id LIMIT 51"
    yield Asked("contacts by company", "/contacts?sort=company", (by_company, total))
    yield Asked("contacts in groups", "/contacts?by=lifecycle", (
        "SELECT lifecycle, count(*) FROM contact WHERE workspace_id = 1 AND deleted_at IS NULL GROUP BY 1",
        f"{people} AND c.lifecycle = 'lead' {_NEWEST}",
    ))  # fmt: skip
    yield Asked("contacts, 3 filters, in groups", f"/contacts?{filters}&by=created_at", narrowed)
    yield _listed("contacts with “ana”", "/contacts?q=ana", people + " AND c.first_name = 'Ana'" + _NEWEST, total)
    yield _listed("companies", "/companies", _COMPANIES, _COUNT.format("company"))
    sums = "SELECT currency, sum(amount_minor), count(*) FROM deal WHERE workspace_id = 1 GROUP BY 1"
    by_amount = deals + " ORDER BY d.amount_minor DESC, d.id DESC LIMIT 51"
    yield _listed("deals by amount", "/deals?sort=-amount", by_amount, sums, sums)
    yield Asked("deals in groups", "/deals?by=expected_close", (
        _BY_MONTH.format("expected_close", "sum(amount_minor), count(*)", "deal", "1"),
        deals + " AND d.expected_close BETWEEN '2027-01-01' AND '2027-01-31' LIMIT 26", sums,
    ))  # fmt: skip
    yield _listed("tasks", "/tasks", _TASKS, "SELECT count(*) FROM task WHERE workspace_id = 1 AND status = 'open'")
    yield Asked("search “ana”", "/search?q=ana", (_WORDS,))
    yield Asked("a keystroke in a picker", "/search/pick?type=contact,company&q=ana", (_WORDS,))
    yield Asked("a keystroke in the palette", "/search/palette?q=ana", (_WORDS,))
    yield Asked("the same, with a slip of the fingers", "/search/palette?q=deshanw", (_WORDS,))
    columns = tuple(f"{deals} AND d.stage_id = {stage} ORDER BY d.rank, d.id LIMIT 31" for stage in (1, 2, 3))
    by_stage = sums + ", stage_id"
    yield Asked("board", "/deals/board", (*columns, by_stage), ByHand("board", beside=(by_stage,)))
    further = ByHand("column", id=60)
    yield Asked("a board column’s next cards", "/deals/board/more?stage=1&after=60.0_60", columns[:1], further)
    for record, path in (("contact", "contacts"), ("company", "companies"), ("deal", "deals")):
        drawn, beside = (tuple(query.format(record) for query in queries) for queries in (_DRAWN, _BESIDE))
        hand = ByHand("company", id=7, beside=beside) if record == "company" else None
        yield Asked(f"a {record}’s page", f"/{path}/7", (*_RECORDS[record], *drawn, *beside), hand)
    yield Asked("the first page", "/", (
        "SELECT * FROM task WHERE workspace_id = 1 AND status = 'open' AND assignee_id = 1 ORDER BY due_date LIMIT 6",
        _BY_MONTH.format("closed_at", "sum(amount_minor)", "deal", "stage_id = 3"),
        _BY_MONTH.format("expected_close", "sum(amount_minor)", "deal", "stage_id < 3"),
        _BY_MONTH.format("completed_at", "count(*)", "task", "completed_at > '2026-06'"),
        _BY_MONTH.format("occurred_at", "count(*)", "meeting", "occurred_at > '2026-06'"),
        "SELECT source, count(*) FROM contact WHERE workspace_id = 1 GROUP BY 1", sums,
        "SELECT meeting_id, count(*) FROM insight WHERE workspace_id = 1 AND status = 'pending' GROUP BY 1",
    ))  # fmt: skip


def _listed(name: str, path: str, rows: str, *beside: str) -> Asked:
    """A list, the type of which its address says."""
    return Asked(name, path, (rows, *beside), ByHand(urlsplit(path).path[1:], rows, beside=beside))


def _of_meetings(ids: Sequence[int]) -> Iterator[Asked]:
    """The page of a meeting to be reviewed, of one that was, and the transcript that is fetched beside it once."""
    yield Asked(
        "a meeting’s transcript", f"/meetings/{ids[0]}/transcript", tuple(query.format(ids[0]) for query in _WHOLE)
    )
    for name, id in zip(("to review", "reviewed"), ids, strict=True):
        story = [query.format("meeting").replace("= 7", f"= {id}") for query in (*_DRAWN, *_BESIDE)]
        beside = [query for query in story if "FROM insight" not in query]
        meeting, findings, *rest = (query.format(id) for query in _MEETING)
        hand = ByHand("meeting", id=id, beside=(meeting, *rest, *beside))
        yield Asked(f"a meeting {name}", f"/meetings/{id}", (meeting, findings, *rest, *beside), hand)


def _last(size: Size) -> tuple[int, datetime]:
    """Behind which id and time the last fifty contacts stand: of the newest first, those with the least ids."""
    first = min(51, size.contacts // 2)
    return first, seed.EPOCH + timedelta(minutes=first)


# --- Weights


def _weights(site: Site, everything: Sequence[Asked]) -> Iterator[Figure]:
    """What a browser fetches, in bytes as sent: the page with all it needs, and the next pages."""
    html = site.ask("GET", "/contacts", Accept_Encoding=_ENCODINGS)
    names = set(re.findall(rb'(?:src|href)="(/static/[^"#?]+)', _unpacked(html.body)))
    sizes = {"the page": len(html.body)}
    waiting = [name.decode() for name in names]
    while waiting:
        path = waiting.pop()
        if path in sizes:
            continue
        answer = site.ask("GET", path, Accept_Encoding=_ENCODINGS)
        sizes[path] = len(answer.body)
        if path.endswith(".js"):
            plain = site.ask("GET", path).body.decode()
            waiting += [f"/static/dist/{name}" for name in re.findall(r'(?:from|import)\s*"\./([^"]+)"', plain)]
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:4]
    yield Figure(
        name="first load of /contacts, as sent", measured=sum(sizes.values()) / 1024, unit="KB", target=FIRST_LOAD_KB,
        note=f"{len(sizes)} files, the largest "
        + ", ".join(f"{path.rpartition('/')[2]} {size / 1024:.0f}" for path, size in largest) + ".",
    )  # fmt: skip
    later = {
        asked.name: len(site.ask("GET", asked.path, Accept_Encoding=_ENCODINGS).body) / 1024 for asked in everything
    }
    name = max(later, key=lambda name: later[name])
    yield Figure(
        name="the heaviest later page, as sent", measured=later[name], unit="KB", target=LATER_KB,
        note=f"{name}; the median of all is {median(later.values()):.0f} KB.",
    )  # fmt: skip


def _unpacked(body: bytes) -> bytes:
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
