"""The Flask side of the front end: names of built files, long-lived caching, bodies compressed ahead of time.

`npm run build` leaves files with a content hash in their names and `manifest.json` (logical name → file) beside them,
each text file also as `.br` and `.gz`. Pages say `asset("app.css")`; the browser keeps what it got for a year.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import cast

from flask import Flask, Response, current_app, g, request, send_from_directory, url_for
from flask_babel import get_locale

YEAR_S = 365 * 24 * 3600
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))  # the smaller first


def init_app(app: Flask) -> None:
    """Give templates `asset`, `has_view`, `get_locale`; serve the files. The app must not have a static route yet."""
    static = Path(app.root_path) / "static"
    app.jinja_env.globals.update(
        asset=url,
        has_view=lambda endpoint: endpoint in app.view_functions,
        get_locale=get_locale,
    )

    @app.get("/static/<path:filename>", endpoint="static")
    def serve(filename: str) -> Response:
        return _send(static, filename)


def built_file(static: Path, name: str) -> Path:
    """Where a built file lies, for what reads it instead of linking to it. Raises KeyError for an unknown name."""
    return static / "dist" / _names(_manifest(static), _written_ns(_manifest(static)))[name]


def build() -> int:
    """Differs from one build of the front end to the next. Looked up once in a request."""
    if "build" not in g:
        g.build = _written_ns(_manifest(_static()))
    return cast("int", g.build)


def url(name: str) -> str:
    """Where a built file is asked for. Looked up once in a request: every icon on a page asks for the same file.

    Raises KeyError for an unknown name.
    """
    known: dict[str, str] = g.setdefault("asset_urls", {})
    if name not in known:
        known[name] = url_for("static", filename=f"dist/{_names(_manifest(_static()), build())[name]}")
    return known[name]


def _static() -> Path:
    return Path(current_app.root_path) / "static"


def _manifest(static: Path) -> Path:
    return static / "dist" / "manifest.json"


def _written_ns(manifest: Path) -> int:
    return manifest.stat().st_mtime_ns


@cache
def _names(manifest: Path, _modified_ns: int) -> dict[str, str]:
    """Read again only when a new build has replaced the file."""
    names: dict[str, str] = json.loads(manifest.read_text())
    return names


def _send(static: Path, filename: str) -> Response:
    hashed = filename.startswith("dist/")
    if hashed:
        for encoding, suffix in ENCODINGS:
            if request.accept_encodings[encoding] > 0 and (static / f"{filename}{suffix}").is_file():
                response = send_from_directory(static, f"{filename}{suffix}", mimetype=_mimetype(filename))
                response.headers["Content-Encoding"] = encoding
                break
        else:
            response = send_from_directory(static, filename)
        response.vary.add("Accept-Encoding")
        response.cache_control.max_age = YEAR_S
        response.cache_control.immutable = True
    else:
        response = send_from_directory(static, filename, max_age=3600)
    response.cache_control.no_cache = None
    response.cache_control.public = True
    return response


def _mimetype(filename: str) -> str:
    return {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}[Path(filename).suffix]
