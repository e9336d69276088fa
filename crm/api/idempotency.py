"""A POST sent twice is done once: the first answer is kept with the work, in its transaction, and replayed for 24 h.

The key's row is claimed before anything is read, so a second request with it waits for the first one's commit (on
SQLite for the write lock, on PostgreSQL for the row) and then finds the answer. A refused request keeps nothing: it
may be corrected and sent again under its key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from flask import request
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from crm import web
from crm.api.http import Reply, raw_body
from shared import clock
from shared.errors import Invalid
from shared.models import IdempotencyKey
from shared.tenancy import TenantSession

KEPT = timedelta(hours=24)
MAX_KEY_CHARS = 200


def once(view: Callable[[], Reply]) -> Reply:
    """Run the view, or repeat what it answered under this request's `Idempotency-Key`."""
    key = given_key()
    if key is None:
        return view()
    row, is_new = _claim(key, _fingerprint())
    if not is_new:
        return _replayed(row)
    reply = view()
    row.status, row.body = reply.status, {"body": reply.body, "headers": reply.headers}
    web.session().flush()
    return reply


def relayed_once(view: Callable[[], Reply]) -> Reply:
    """As `once`, for a view that waits for another service: no transaction is open meanwhile.

    Two requests under one key may then both get there; that service is told the key too (`crm/api/chat.py`) and does
    the work once.
    """
    key = given_key()
    if key is None:
        return view()
    fingerprint = _fingerprint()
    with web.database().scope(web.current_user.workspace_id) as session:
        row = _find(session, key)
        if row is not None and row.created_at < clock.wall() - KEPT:
            session.delete(row)
            row = None
    if row is not None:
        _expect_same(row, fingerprint)
        return _replayed(row)
    reply = view()
    _keep(key, fingerprint, reply)
    return reply


def given_key() -> str | None:
    """The request's `Idempotency-Key`. Raises Invalid for one that is none."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and (not key.strip() or len(key) > MAX_KEY_CHARS or not key.isprintable()):
        raise Invalid.field("Idempotency-Key", f"A key has 1 to {MAX_KEY_CHARS} printable characters.")
    return key


def _keep(key: str, fingerprint: str, reply: Reply) -> None:
    """Write the answer down, unless the other one of two requests has."""
    kept = {"body": reply.body, "headers": reply.headers}
    row = IdempotencyKey(
        user_id=web.current_user.id, key=key, request_hash=fingerprint, status=reply.status, body=kept,
        created_at=clock.wall(),
    )  # fmt: skip
    with suppress(IntegrityError), web.database().scope(web.current_user.workspace_id) as session:
        session.add(row)


def _find(session: TenantSession, key: str) -> IdempotencyKey | None:
    mine = (IdempotencyKey.user_id == web.current_user.id, IdempotencyKey.key == key)
    return session.scalar(select(IdempotencyKey).where(*mine))


def _expect_same(row: IdempotencyKey, fingerprint: str) -> None:
    if row.request_hash != fingerprint:
        raise Invalid.field("Idempotency-Key", "This key was used for another request. Use a new one.")


def _replayed(row: IdempotencyKey) -> Reply:
    kept = row.body
    return Reply(kept["body"], row.status, {**kept["headers"], "Idempotency-Replayed": "true"})


def _claim(key: str, fingerprint: str) -> tuple[IdempotencyKey, bool]:
    """The key's row and whether this request is its first. Raises Invalid if it was another request's."""
    session, user_id, now = web.session(), web.current_user.id, clock.wall()
    mine = (IdempotencyKey.user_id == user_id, IdempotencyKey.key == key)
    session.execute(delete(IdempotencyKey).where(*mine, IdempotencyKey.created_at < now - KEPT))
    row = IdempotencyKey(user_id=user_id, key=key, request_hash=fingerprint, status=0, body={}, created_at=now)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # another request has it; its transaction has ended by now
        row = session.scalars(select(IdempotencyKey).where(*mine)).one()
        _expect_same(row, fingerprint)
        return row, False
    _forget_old()
    return row, True


def _forget_old() -> None:
    """Drop a few answers that are past their time; nobody waits for rows that somebody else is dropping."""
    old = (
        select(IdempotencyKey.id)
        .where(IdempotencyKey.created_at < clock.wall() - KEPT)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    ids = list(web.session().scalars(old))
    if ids:
        web.session().execute(delete(IdempotencyKey).where(IdempotencyKey.id.in_(ids)))


def _fingerprint() -> str:
    """What makes two requests the same: address and content, but not a multipart body's random boundary."""
    digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode("utf-8", "replace"))
    if request.mimetype != "multipart/form-data":
        digest.update(raw_body())
        return digest.hexdigest()
    for name, values in sorted(request.form.lists()):
        digest.update(repr((name, values)).encode())
    for name, files in sorted(request.files.lists(), key=lambda pair: pair[0]):
        for file in files:
            digest.update(repr((name, file.filename)).encode())
            digest.update(hashlib.sha256(file.stream.read()).digest())
            file.stream.seek(0)
    return digest.hexdigest()
