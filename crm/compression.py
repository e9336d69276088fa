"""Answers made smaller on their way: pages are mostly markup that repeats itself, and shrink to a sixth.

What is built ahead is compressed ahead (`crm.assets`). The fastest level: for most pages the next ones take twice as
long for a tenth less. Of a long one they save a sixth for a millisecond, and what a browser keeps is sent but once. A
page holds a secret (the token of its forms) beside words somebody chose; that such a page's length tells of the secret
takes thousands of requests in its reader's name, which the session cookie, `SameSite=Lax`, does not go with.
"""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

#: Smaller answers fit into a packet or two as they are.
_LEAST_BYTES = 1400
_LONG_BYTES = 150_000
_LEVEL, _LONG_LEVEL, _KEPT_LEVEL = 1, 4, 6
_TEXTS = frozenset({"text/html", "application/json", "text/csv", "application/problem+json"})


def init_app(app: Flask) -> None:
    """Compress texts for whoever can unpack them."""

    @app.after_request
    def _compress(response: Response) -> Response:
        if response.mimetype not in _TEXTS or response.is_streamed or response.direct_passthrough:
            return response
        response.vary.add("Accept-Encoding")
        is_packed = "Content-Encoding" in response.headers or response.status_code in (204, 206, 304)
        if is_packed or request.accept_encodings["gzip"] <= 0:
            return response
        data = response.get_data()
        if len(data) >= _LEAST_BYTES:
            level = _LEVEL if len(data) < _LONG_BYTES else _LONG_LEVEL
            response.set_data(gzip.compress(data, _KEPT_LEVEL if "ETag" in response.headers else level, mtime=0))
            response.headers["Content-Encoding"] = "gzip"
        return response
