"""The least a program could do to give the same answers: Flask, sqlite3, a file, a list in Redis; nobody signs in.

`bare:app` is served by the same gunicorn with the same settings and reads the same rows of the same database file as
ours, so the ratio is the price of what Afterword does beside: who asks, which tenant, validation, events, a whole page.
"""

from __future__ import annotations

import functools
import html
import json
import os
import re
import secrets
import sqlite3
import time
from typing import Any

from flask import Flask, Response, jsonify, request
from jinja2 import Template
from redis import Redis
from zlib_ng import zlib_ng

from bench import by_hand, by_psycopg
from shared.config import Settings

settings = Settings()
app = Flask(__name__, template_folder=None)

_TABLE = """<!doctype html><html><head><title>{{ title }}</title></head><body><h1>{{ title }}</h1>
<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell if cell is not none else "" }}</td>{% endfor %}</tr>
{% endfor %}</table></body></html>"""

PEOPLE = """SELECT c.id, c.first_name, c.last_name, c.title, c.lifecycle, o.id AS company_id, o.name AS company,
e.email, p.phone, u.name AS owner, c.created_at, c.updated_at, c.version FROM contact c
LEFT JOIN company o ON o.id = c.company_id LEFT JOIN contact_email e ON e.contact_id = c.id AND e.is_primary
LEFT JOIN contact_phone p ON p.contact_id = c.id AND p.is_primary LEFT JOIN user u ON u.id = c.owner_id
WHERE c.workspace_id = 1 AND c.deleted_at IS NULL"""

DEALS = """SELECT d.id, d.name, o.id AS company_id, o.name AS company, s.name AS stage, s.type AS stage_type,
d.amount_minor, d.currency, d.expected_close, u.name AS owner, d.updated_at FROM deal d
LEFT JOIN company o ON o.id = d.company_id JOIN stage s ON s.id = d.stage_id LEFT JOIN user u ON u.id = d.owner_id
WHERE d.workspace_id = 1 AND d.deleted_at IS NULL"""


@functools.cache
def database() -> sqlite3.Connection:
    """One connection a process, set up as ours."""
    connection = sqlite3.connect(settings.data_dir / "afterword.db", isolation_level=None, timeout=10)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, path TEXT, at REAL)")
    return connection


@functools.cache
def broker() -> Redis:
    return Redis.from_url(settings.effective_redis_url)


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@app.post("/upload")
def upload() -> tuple[dict[str, Any], int]:
    """Store and enqueue: the same bytes, safe on disk, a row, an entry in the broker's list."""
    data = request.files["file"].read()
    folder = settings.data_dir / "bare"
    folder.mkdir(exist_ok=True)
    path = folder / secrets.token_hex(16)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    row = database().execute("INSERT INTO bare (path, at) VALUES (?, ?)", (str(path), time.time()))
    broker().rpush("bare", str(row.lastrowid))
    return {"id": row.lastrowid}, 202


@app.get("/contacts.json")
def contacts_json() -> Any:
    rows = database().execute(f"{PEOPLE} ORDER BY c.updated_at DESC, c.id DESC LIMIT 50")
    names = [column[0] for column in rows.description]
    return jsonify({"items": [dict(zip(names, row, strict=True)) for row in rows]})


@app.get("/contacts")
def contacts() -> str:
    """The newest fifty; from `after` on where given, which costs the same at any depth."""
    after = request.args.get("after")
    where = "AND (c.updated_at, c.id) < (SELECT updated_at, id FROM contact WHERE id = ?)" if after else ""
    query = f"{PEOPLE} {where} ORDER BY c.updated_at DESC, c.id DESC LIMIT 50"
    return _page("Contacts", database().execute(query, (int(after),) if after else ()).fetchall())


@app.get("/deals")
def deals() -> str:
    return _page("Deals", database().execute(f"{DEALS} ORDER BY d.updated_at DESC, d.id DESC LIMIT 50").fetchall())


@app.get("/companies/<int:id>")
def company(id: int) -> str:
    """A company with its people, deals, tasks and what happened."""
    ask = database().execute
    rows = ask("SELECT * FROM company WHERE id = ?", (id,)).fetchall()
    rows += ask(f"{PEOPLE} AND c.company_id = ? LIMIT 50", (id,)).fetchall()
    rows += ask(f"{DEALS} AND d.company_id = ? LIMIT 50", (id,)).fetchall()
    rows += ask(
        "SELECT t.id, t.title, t.due_date, t.status FROM link l JOIN task t ON t.id = l.owner_id"
        " WHERE l.workspace_id = 1 AND l.owner_type = 'task' AND l.target_type = 'company' AND l.target_id = ?"
        " LIMIT 50",
        (id,),
    ).fetchall()
    rows += ask(
        "SELECT v.id, v.kind, v.at, v.title FROM event_target t JOIN event v ON v.id = t.event_id"
        " WHERE t.workspace_id = 1 AND t.target_type = 'company' AND t.target_id = ? ORDER BY t.event_id DESC LIMIT 30",
        (id,),
    ).fetchall()
    return _page("Company", rows)


#: What of a page is text for people or differs from row to row; the rest stands in the template as it is.
_VARIABLE = re.compile(r'(?<=>)[^<>]*[^<>\s][^<>]*(?=<)|(?<= (?:href|name|time|itle|alue)=")[^"]*(?=")')


@app.post("/learn/<name>")
def learn(name: str) -> str:
    """Keep a page of ours and the questions behind it, to be answered as barely as possible."""
    folder = settings.data_dir / "bare"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(request.get_data(as_text=True))
    return "ok"


@app.get("/same/<name>")
def same(name: str) -> Response:
    """The least there is: the same rows by plain SQL, and the same HTML, each text and link of it a variable of a Jinja
    template, formatted already."""
    known = _learnt(name)
    for query in known["queries"]:
        database().execute(query).fetchall()
    template, values = _replayed(name)
    return _packed(template.render(v=values))


@app.get("/written/<name>")
def written(name: str) -> Response:
    """The same HTML as somebody would write it by hand from the same rows."""
    known = _learnt(name)
    for query in known["hand"]["beside"]:
        _ask(query)
    return _packed(_page_by_hand(name).written(_ask))


def _ask(query: str, *parameters: Any) -> list[Any]:
    if settings.effective_database_url.startswith("postgresql"):
        return by_psycopg.ask(settings.effective_database_url, query, parameters)
    cursor = database().cursor()
    cursor.row_factory = by_hand.named_rows
    return cursor.execute(query, parameters).fetchall()


@functools.cache
def _learnt(name: str) -> Any:
    return json.loads((settings.data_dir / "bare" / f"{name}.json").read_text())


@functools.cache
def _replayed(name: str) -> tuple[Template, list[str]]:
    values: list[str] = []

    def variable(found: re.Match[str]) -> str:
        values.append(html.unescape(found[0]))
        return f"{{{{ v[{len(values) - 1}] }}}}"

    return app.jinja_env.from_string(_VARIABLE.sub(variable, _learnt(name)["html"])), values


@functools.cache
def _page_by_hand(name: str) -> by_hand.Page:
    known = _learnt(name)
    hand = known["hand"]
    return by_hand.Page(hand["template"], known["html"], hand["rows"], hand["id"])


def _packed(page: str) -> Response:
    """As a browser asks for it, and as ours is sent."""
    if request.accept_encodings["gzip"] <= 0:
        return Response(page)
    return Response(zlib_ng.compress(page.encode(), 3, 16 + zlib_ng.MAX_WBITS), headers={"Content-Encoding": "gzip"})


@app.post("/accept/<int:n>")
def accept(n: int) -> dict[str, int]:
    """As many records, decisions and events as accepting n insights writes at the least, in one transaction."""
    connection = database()
    connection.execute("BEGIN IMMEDIATE")
    for number in range(n):
        for what in ("record", "decision", "event"):
            connection.execute("INSERT INTO bare (path, at) VALUES (?, ?)", (f"{what} {number}", time.time()))
    connection.execute("COMMIT")
    return {"accepted": n}


def _page(title: str, rows: list[Any]) -> str:
    return _template().render(title=title, rows=rows)


@functools.cache
def _template() -> Template:
    return app.jinja_env.from_string(_TABLE)


def noop(_number: int) -> None:
    """A job that says when it started."""
    broker().rpush("bare:started", repr(time.time()))
