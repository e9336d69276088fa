"""A workspace's name, colour and logo: legible, harmless, its own."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from shared.models import User, Workspace
from shared.schemas.accounts import ACCENTS
from shared.tenancy import TenantSession

from .conftest import Browser

Browse = Callable[[int], Browser]
CSS = Path(__file__).resolve().parents[2] / "frontend" / "src" / "css"


@pytest.fixture
def database_kind() -> str:
    """Nothing here depends on the database."""
    return "sqlite"


@pytest.fixture
def admin(browse: Browse, alice: User) -> Browser:
    return browse(alice.id)


def picture(kind: str = "PNG", size: tuple[int, int] = (600, 300)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#c03").save(out, kind)
    return out.getvalue()


def upload(browser: Browser, data: bytes) -> int:
    file = FileStorage(io.BytesIO(data), "logo.png", "logo")
    boundary, body = encode_multipart({"csrf_token": browser.csrf_token(), "logo": file})  # in memory
    kind = f"multipart/form-data; boundary={boundary}"
    return browser.client.post("/settings/branding/logo", data=body, content_type=kind).status_code


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_drawn_anew_and_shown_to_its_own_people(
    admin: Browser, browse: Browse, session: TenantSession, bob: User, mallory: User, acme: Workspace, kind: str
) -> None:
    assert upload(admin, picture(kind) + b"<script>alert(1)</script>") == 303
    session.refresh(acme)
    session.commit()
    path = f"/settings/branding/logo/{acme.logo}"
    assert path in browse(bob.id).get("/settings/profile").text
    answer = browse(bob.id).get(path)
    assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert b"script" not in answer.data
    assert Image.open(io.BytesIO(answer.data)).size == (256, 128)
    assert browse(mallory.id).get(path).status_code == 404
    admin.post("/settings/branding/logo/remove")
    undo = re.search(r'action="(/settings/branding/logo/changed/\d+/undo)"', admin.get("/settings/branding").text)
    assert undo and admin.get(path).status_code == 404
    assert (browse(bob.id).post(undo[1]).status_code, browse(mallory.id).post(undo[1]).status_code) == (403, 404)
    assert admin.post(undo[1]).status_code == 303 and admin.get(path).status_code == 200
    assert admin.post(undo[1]).status_code == 409


@pytest.mark.parametrize(
    "make",
    [
        lambda: b"", lambda: b"\x89PNG\r\n\x1a\nbroken",
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", lambda: picture("GIF", (8, 8)),
        lambda: picture()[:60], lambda: picture(size=(5000, 4000)), lambda: b"x" * (513 * 1024),
    ],
    ids=["nothing", "broken", "svg", "gif", "cut", "many-pixels", "large"],
)  # fmt: skip
def test_what_is_no_small_picture_is_refused(
    admin: Browser, session: TenantSession, acme: Workspace, make: Callable[[], bytes]
) -> None:
    assert upload(admin, make()) == 422
    session.refresh(acme)
    assert acme.logo is None


def test_the_colour_is_on_every_page_and_only_those_offered_are_taken(
    admin: Browser, browse: Browse, bob: User, mallory: User
) -> None:
    assert admin.post("/settings/branding", {"name": "Acme & Sons", "accent": "teal"}).status_code == 303
    page = browse(bob.id).get("/settings/profile").text
    assert 'data-accent="teal"' in page and "Acme &amp; Sons" in page
    assert "data-accent" not in browse(mallory.id).get("/settings/profile").text
    assert admin.post("/settings/branding", {"name": "Acme", "accent": 'x" onload="'}).status_code == 422
    assert admin.post("/settings/branding", {"name": "Acme", "accent": ""}).status_code == 303
    assert "data-accent" not in admin.get("/settings/profile").text


def test_only_admins_change_how_it_looks(browse: Browse, bob: User) -> None:
    member = browse(bob.id)
    assert member.get("/settings/branding").status_code == 403
    for path in ("/settings/branding", "/settings/branding/logo", "/settings/branding/logo/remove"):
        assert member.post(path).status_code == 403


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def colors(css: str) -> dict[str, tuple[str, str]]:
    return {m[1]: (m[2], m[3]) for m in re.finditer(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", css)}


def test_every_colour_offered_is_legible_in_both_themes() -> None:
    page = colors((CSS / "tokens.css").read_text())
    blocks = re.findall(r'\[data-accent="(\w+)"\] \{(.*?)\}', (CSS / "accents.css").read_text(), re.DOTALL)
    assert {name for name, _ in blocks} == set(ACCENTS)
    for name, block in blocks:
        accent = colors(block)
        for theme in (0, 1):
            for below in ("accent", "accent-hover"):
                assert contrast("#ffffff", accent[below][theme]) >= 4.5, (name, below, theme)
            for below in (page["bg"], page["bg-sunken"], page["bg-raised"], accent["accent-soft"]):
                assert contrast(accent["accent-text"][theme], below[theme]) >= 4.5, (name, below, theme)
