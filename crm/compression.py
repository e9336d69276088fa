"""Answers made smaller on their way: pages are mostly markup that repeats itself, and shrink to a sixth.

What is built ahead is compressed ahead (`crm.assets`). zlib-ng's third level makes a page smaller than zlib's fastest
does in less time, and its sixth what a browser keeps, which is sent but once. A page holds a secret (the token of its
forms) beside words somebody chose; that such a page's length tells of the secret takes thousands of requests in its
reader's name, which the session cookie, `SameSite=Lax`, does not go with.
"""

from __future__ import annotations

from flask import Flask, Response, request
from zlib_ng import zlib_ng

#: Smaller answers fit into a packet or two as they are.
_LEAST_BYTES = 1400
_LEVEL, _KEPT_LEVEL = 3, 6
_GZIP = 16 + zlib_ng.MAX_WBITS  # with the head and foot of RFC 1952
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
            level = _KEPT_LEVEL if "ETag" in response.headers else _LEVEL
            response.set_data(zlib_ng.compress(data, level, _GZIP))
            response.headers["Content-Encoding"] = "gzip"
        return response
