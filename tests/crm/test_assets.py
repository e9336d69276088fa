"""Built files reach the browser small, once, and under the names the templates use."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm import assets

ROOT = Path(__file__).parents[2]
#: icon("x"), icon_button("x", empty_state("x", icon_name="x", side_link(endpoint, "x"
DRAWN_ICON = re.compile(
    r"""(?:\b(?:icon|icon_button|empty_state)\(|\bicon_name=|\b(?:side|tab)_link\("[a-z_.]+",)\s*["']([a-z0-9-]+)["']"""
)
TEMPLATES = sorted((ROOT / "crm/templates").rglob("*.html"))


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    dist = tmp_path / "static/dist"
    dist.mkdir(parents=True)
    (dist / "manifest.json").write_text(json.dumps({"app.css": "app-AAAA.css", "inter.woff2": "inter-BBBB.woff2"}))
    for name, body in {"app-AAAA.css": "plain", "app-AAAA.css.gz": "gzipped", "app-AAAA.css.br": "brotli"}.items():
        (dist / name).write_text(body)
    (dist / "inter-BBBB.woff2").write_text("font")
    (tmp_path / "static/favicon.svg").write_text("<svg/>")
    app = Flask("crm", root_path=str(tmp_path), static_folder=None)
    assets.init_app(app)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize(
    ("accepted", "body", "encoding"),
    [
        ("gzip, deflate, br", b"brotli", "br"),
        ("gzip", b"gzipped", "gzip"),
        ("br;q=0, gzip", b"gzipped", "gzip"),
        ("", b"plain", None),
    ],
)
def test_the_smallest_body_the_browser_takes_is_sent(
    client: FlaskClient, accepted: str, body: bytes, encoding: str | None
) -> None:
    with client.get("/static/dist/app-AAAA.css", headers={"Accept-Encoding": accepted}) as response:
        assert response.data == body
        assert response.headers.get("Content-Encoding") == encoding
        assert response.mimetype == "text/css"
        assert "Accept-Encoding" in response.headers["Vary"]


def test_a_hashed_name_is_kept_for_ever_and_a_plain_one_is_not(client: FlaskClient) -> None:
    with client.get("/static/dist/inter-BBBB.woff2") as hashed:
        assert (hashed.cache_control.immutable, hashed.cache_control.max_age) == (True, assets.YEAR_S)
    with client.get("/static/favicon.svg") as plain:
        assert (plain.cache_control.immutable, plain.cache_control.max_age) == (False, 3600)


def test_a_path_out_of_the_folder_is_not_found(client: FlaskClient) -> None:
    assert client.get("/static/../secret").status_code == 404
    assert client.get("/static/dist/%2e%2e/%2e%2e/secret").status_code == 404


def test_a_new_build_is_seen_without_a_restart(app: Flask, tmp_path: Path) -> None:
    asset = app.jinja_env.globals["asset"]
    with app.test_request_context():
        assert asset("app.css") == "/static/dist/app-AAAA.css"
    manifest = tmp_path / "static/dist/manifest.json"
    before = manifest.stat().st_mtime_ns
    manifest.write_text(json.dumps({"app.css": "app-CCCC.css"}))
    while manifest.stat().st_mtime_ns == before:
        manifest.touch()
    with app.test_request_context():
        assert asset("app.css") == "/static/dist/app-CCCC.css"


def test_every_icon_a_template_draws_is_in_the_sprite() -> None:
    lines = (ROOT / "frontend/src/icons.txt").read_text().splitlines()
    listed = {name for line in lines if (name := line.partition("#")[0].strip())}
    drawn = {(name, path.name) for path in TEMPLATES for name in DRAWN_ICON.findall(path.read_text())}
    assert len(drawn) > 12
    assert {pair for pair in drawn if pair[0] not in listed} == set()


def test_the_sprite_holds_no_icon_that_nothing_draws() -> None:
    sources = [*(ROOT / "crm").rglob("*.py"), *(ROOT / "frontend/src").rglob("*.js"), *TEMPLATES]
    words = set(re.findall(r"[\w-]+", "\n".join(path.read_text() for path in sources)))
    lines = (ROOT / "frontend/src/icons.txt").read_text().splitlines()
    assert {name for line in lines if (name := line.partition("#")[0].strip())} - words == set()


#: A mask knows no colours, only what is covered; a code that is scanned is dark on light in either theme.
NO_THEME = {"record.css": {"#000"}, "settings.css": {"#fff"}}


def test_colours_are_decided_by_the_tokens_alone() -> None:
    for path in (ROOT / "frontend/src").rglob("*.css"):
        if path.name not in ("tokens.css", "accents.css"):
            written = set(re.findall(r"[:, (](#[0-9a-fA-F]{3,8})\b", path.read_text()))
            assert written <= NO_THEME.get(path.name, set()), path.name


INLINE_CODE = re.compile(r"\sstyle\s*=|<style|<script(?![^>]*\bsrc=)|\shx-on|\son[a-z]+\s*=|\bjavascript:|\bjs:", re.I)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_needs_no_inline_code_or_style(path: Path) -> None:
    """The content security policy would refuse it, silently for whoever tests without a browser."""
    assert INLINE_CODE.findall(path.read_text()) == []
