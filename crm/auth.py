"""Who is asking: a browser by the login token in its signed session cookie, a script by its bearer token.

The API listens to bearer tokens alone, so a cookie that another site makes a browser send cannot reach it.
"""

from __future__ import annotations

from functools import partial

from flask import Response, g, request
from flask import session as cookie

from crm.web import database, is_api
from shared.accounts import logins, proofs, tokens
from shared.accounts.permissions import READING
from shared.accounts.proofs import Proof
from shared.errors import Unavailable
from shared.models import User
from shared.telemetry import get_logger
from shared.tenancy import EVERY_WORKSPACE

log = get_logger(__name__)

_COOKIE_KEY = "login"
_HALF_KEY = "password_was_right"


def identify() -> User | None:
    """Look up the signed-in user of this request; `web.find_user` asks once.

    A reading request goes on with the session that looked, narrowed to the user's workspace. A writing one gets its
    own later (`web.session`), so that SQLite's write lock is not held while somebody is being recognised.
    """
    g.user = None
    _look_up()
    found: User | None = g.user
    return found


def _look_up() -> None:
    secret = _bearer() if is_api() else cookie.get(_COOKIE_KEY)
    if not isinstance(secret, str):
        return
    session = database().session(EVERY_WORKSPACE, read_only=True)
    try:
        proof = tokens.find(session, secret) if is_api() else logins.find(session, secret)
        caller = proofs.enter(session, proof) if proof is not None else None
        if proof is None or caller is None:
            return
        g.proof, (g.user, g.workspace) = proof, caller
        g.only_scopes = READING if proof.is_read_only else None
        if is_reading():
            g.session = session
    finally:
        if g.get("session") is not session:
            session.close()


def is_reading() -> bool:
    """Whether this request may not change anything."""
    return request.method in ("GET", "HEAD", "OPTIONS")


def _bearer() -> str | None:
    given = request.authorization
    return given.token if given is not None and given.type == "bearer" else None


def login_id() -> int | None:
    """The login of this browser; None for a script."""
    proof: Proof | None = None if is_api() else g.get("proof")
    return proof.id if proof is not None else None


def note_use(response: Response) -> Response:
    """After the answer is sent: write down that the token or login was used. Not worth an error."""
    proof: Proof | None = g.pop("proof", None)
    if proof is not None and proof.is_use_due():
        used = partial(tokens.note_use, database(), proof.id)
        if not is_api():
            used = partial(logins.note_use, database(), proof.id, request.remote_addr)

        def note() -> None:
            try:
                used()
            except Unavailable:
                log.info("use.not_noted")

        response.call_on_close(note)
    return response


def remember(token: str) -> None:
    """Put a new login into the cookie. Whatever the cookie held before is dropped, so nobody can plant a session."""
    cookie.clear()
    cookie[_COOKIE_KEY] = token
    cookie.permanent = True


def remember_half(statement: str) -> None:
    """Put into the cookie that the password was right and the code is still wanted. Nobody is signed in by it."""
    cookie.clear()
    cookie[_HALF_KEY] = statement


def half() -> str | None:
    """That statement, if it is there."""
    statement = cookie.get(_HALF_KEY)
    return statement if isinstance(statement, str) else None


def login_token() -> str | None:
    """The login of this browser, for what is to end with it."""
    token = cookie.get(_COOKIE_KEY)
    return token if isinstance(token, str) else None


def forget() -> str | None:
    """Empty the cookie; returns the login token it held."""
    token = cookie.get(_COOKIE_KEY)
    cookie.clear()
    return token if isinstance(token, str) else None
