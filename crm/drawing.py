"""The smallest parts of a page, drawn without a template: icons, initials, pills, people.

They stand on a page by the hundred, and a macro of Jinja costs ten times what a function does. Templates know them by
`components/ui.html`, where the rest of the small parts is. Whatever is text is escaped here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from flask import Flask
from markupsafe import Markup, escape

from crm import assets
from crm.localization import lazy_gettext as _l
from shared.schemas.insight import BANDS

TONES = ("blue", "teal", "violet", "amber", "green", "pink")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def init_app(app: Flask) -> None:
    """Make the parts known to `components/ui.html`."""
    parts = (icon, avatar, pill, confidence, named, person, reference)
    app.jinja_env.globals["drawing"] = {part.__name__: part for part in parts}


def html(text: str) -> Markup:
    """Text that was put together of escaped parts."""
    return Markup(text)  # noqa: S704 (who calls this has escaped)


def escaped(text: str) -> str:
    """As `escape`, as plain text to be put into more of it: most text of a record has nothing to escape."""
    return escape(text) if _HAS_MARKUP(text) else text


_HAS_MARKUP = re.compile("[&<>'\"]").search


def icon(name: str, cls: str = "", label: Any = None) -> Markup:
    """A drawing of the sprite. `label` is what a screen reader says; without one it says nothing."""
    return _icon(assets.url("icons.svg"), name, cls, "" if label is None else escape(label))


@lru_cache(maxsize=2048)
def _icon(sprite: str, name: str, cls: str, label: str) -> Markup:
    said = f'role="img" aria-label="{label}"' if label else 'aria-hidden="true"'
    classes = escape(f"icon {cls}" if cls else "icon")
    return html(f'<svg class="{classes}" {said}><use href="{escape(sprite)}#{escape(name)}"></use></svg>')


def pill(text: Any, tone: str = "neutral", icon_name: str | None = None, dot: bool = False) -> Markup:
    """A word on a coloured ground. Tones: neutral blue green amber red violet teal pink."""
    sign = icon(icon_name) if icon_name else ""
    return html(f'<span class="pill tone-{escape(tone)}{" pill-dot" if dot else ""}">{sign}{escape(text)}</span>')


_BANDS = {
    "high": (_l("High"), _l("High confidence")),
    "medium": (_l("Medium"), _l("Medium confidence")),
    "low": (_l("Low"), _l("Low confidence")),
}


def confidence(value: float | str) -> Markup:
    """How sure a finding is, in three bars: from a number, 0 to 1, or a band of `BANDS`."""
    band = value if isinstance(value, str) else BANDS.name_of(value)
    short, long = _BANDS[band]
    return _bars(band, str(short), str(long))


@lru_cache(maxsize=64)
def _bars(band: str, short: str, long: str) -> Markup:
    words = escape(long)
    return html(
        f'<span class="confidence confidence-{band}" title="{words}">'
        '<span class="confidence-bars" aria-hidden="true"><i></i><i></i><i></i></span>'
        f'<span class="visually-hidden">{words}</span><span aria-hidden="true">{escape(short)}</span></span>'
    )


@lru_cache(maxsize=4096)
def avatar(name: str | None, size: str = "", square: bool = False) -> Markup:
    """Initials on a colour that follows from the name: the same person looks the same everywhere."""
    tone, letters = initials(name, square)
    classes = f"avatar tone-{tone}{f' avatar-{escape(size)}' if size else ''}{' avatar-square' if square else ''}"
    return html(f'<span class="{classes}" aria-hidden="true">{escape(letters)}</span>')


def initials(name: str | None, square: bool = False) -> tuple[str, str]:
    """(tone, initials) of a name; companies, which are square, have one letter."""
    clean = str(name or "?").strip()
    value = len(clean)
    for letter in clean.lower()[:16]:
        value = (value * 31) % 9973 + _LETTERS.find(letter) + 2
    words = clean.split()
    last = words[-1][:1] if len(words) > 1 and not square else ""
    return TONES[value % 97 % 6], (words[0][:1] + last).upper() if words else "?"


def named(name: str, href: str | None = None, sub: str | None = None, square: bool = False) -> Markup:
    """A face, a name that leads somewhere, and a quieter second line."""
    text = escaped(name)
    if href:
        text = f'<a class="link-plain" href="{escaped(href)}">{text}</a>'
    below = f"<small>{escaped(sub)}</small>" if sub else ""
    return html(
        f'<span class="named">{avatar(name, "", square)}<span class="named-text clip">{text}{below}</span></span>'
    )


@lru_cache(maxsize=4096)
def person(name: str) -> Markup:
    """A face and a name, which a narrow list leaves to the face or cuts off."""
    text = escaped(name)
    return html(f'<span class="named" title="{text}">{avatar(name, "xs")}<span class="clip">{text}</span></span>')


def reference(ref: Any) -> Markup:
    """A record as others mention it (`record_names.Reference`); one that was deleted cannot be opened."""
    if ref.url is None:
        return html(f'<span class="text-3">{escape(ref.name)}</span>')
    name = f'{icon(ref.icon, "icon-sm")}<span class="clip">{escape(ref.name)}</span>'
    return html(f'<a class="ref" href="{escape(ref.url)}">{name}</a>')
