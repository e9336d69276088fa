"""A secret that was just made and is shown this once: a token, a webhook's signing secret, recovery codes, a link.

The form that makes it is answered by a redirect, so that a reload or the way back makes no second one. Until then the
secret waits in the maker's own cookie, sealed for them alone, and is shown only at the address it was made for, where a
reload within a few minutes does not lose it.
"""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import Any

from flask import request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue

from crm import web
from shared import clock, security

KEPT_FOR = timedelta(minutes=10)
_KEY = "shown"


def go(endpoint: str, secret: str, **values: Any) -> ResponseReturnValue:
    """Send the browser to the page that shows `secret`, whose view asks `secret()` for it. The one before is gone."""
    name = secrets.token_urlsafe(6)
    told = json.dumps([name, clock.wall().timestamp(), secret])
    cookie[_KEY] = security.seal(web.settings().effective_secret_key, _purpose(), told)
    return web.go(url_for(endpoint, shown=name, **values))


def secret() -> str | None:
    """What this address was made to show; None at any other, for anybody else, and after a while."""
    sealed, wanted = cookie.get(_KEY), request.args.get("shown")
    if not wanted or not isinstance(sealed, str):
        return None
    told = security.unseal(web.settings().effective_secret_key, _purpose(), sealed)
    name, at, kept = json.loads(told) if told else (None, 0.0, None)
    is_fresh = clock.wall().timestamp() - at < KEPT_FOR.total_seconds()
    return str(kept) if name == wanted and is_fresh else None


def _purpose() -> str:
    return f"shown once:{web.current_user.id}"
