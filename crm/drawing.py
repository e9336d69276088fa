"""The smallest parts of a page, drawn without a template: icons, initials, pills, people, buttons, menus, cards.

They stand on a page by the hundred, and a macro of Jinja costs ten times what a function does. Templates know them by
`components/ui.html`, where the rest of the small parts is. Whatever is text is escaped here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from flask import Flask
from flask_wtf.csrf import generate_csrf
from jinja2 import Undefined
from markupsafe import Markup, escape

from crm import assets, localization
from crm.localization import lazy_gettext as _l
from shared.schemas.insight import BANDS

TONES = ("blue", "teal", "violet", "amber", "green", "pink")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def init_app(app: Flask) -> None:
    """Make the parts known to `components/ui.html`."""
    parts = (
        *(icon, avatar, pill, stage_pill, meeting_pill, confidence, named, person, reference),
        *(button, icon_button, post_button, menu, menu_item, menu_post, card),
    )
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


_STAGES = {"won": ("green", "trophy"), "lost": ("red", "x")}


def stage_pill(name: str, type: str) -> Markup:
    """A stage of a pipeline; types are open, won, lost."""
    tone, icon_name = _STAGES.get(type, ("blue", None))
    return pill(name, tone, icon_name, dot=icon_name is None)


_MEETINGS = {
    "stored": (_l("Stored"), "neutral", "file-text"),
    "queued": (_l("Waiting"), "neutral", "clock"),
    "analyzing": (_l("Reading"), "blue", "progress-check"),
    "ready": (_l("Ready"), "green", "circle-check"),
    "failed": (_l("Failed"), "red", "alert-triangle"),
}


def meeting_pill(status: str) -> Markup:
    """How far the reading of a meeting is."""
    text, tone, icon_name = _MEETINGS[status]
    return pill(text, tone, icon_name)


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


# --- What is pressed


def button(
    text: Any,
    href: str | None = None,
    kind: str = "",
    icon_name: str | None = None,
    small: bool = False,
    type: str = "submit",
    **attributes: Any,
) -> Markup:
    """An `<a>` where there is an address, else a `<button>`. Kinds: primary, quiet, danger, or none for the plain one.
    `class` is added to its own; anything else goes straight to the element."""
    more = attributes.pop("class", "")
    classes = f"btn{f' btn-{kind}' if kind else ''}{' btn-sm' if small else ''}{f' {more}' if more else ''}"
    said = f"{icon(icon_name) if icon_name else ''}{escape(text)}"
    return _pressed(classes, said, href, type, attributes)


def icon_button(
    name: str,
    label: Any,
    href: str | None = None,
    small: bool = True,
    type: str = "button",
    **attributes: Any,
) -> Markup:
    """A button that shows only an icon; `label` is what a screen reader says and what the tooltip shows."""
    classes = f"btn btn-square {attributes.pop('class', 'btn-quiet')}{' btn-sm' if small else ''}"
    return _pressed(classes, icon(name), href, type, {"aria-label": label, "title": label} | attributes)


def _pressed(classes: str, said: str, href: str | None, type: str, attributes: Mapping[str, Any]) -> Markup:
    if href:
        return html(f'<a class="{classes}" href="{escape(href)}"{_attributes(attributes)}>{said}</a>')
    return html(f'<button class="{classes}" type="{type}"{_attributes(attributes)}>{said}</button>')


def _attributes(given: Mapping[str, Any]) -> str:
    """Attributes of an element, as Jinja's `xmlattr` writes them; their names are ours."""
    said = (
        f' {name}="{escape(value)}"'
        for name, value in given.items()
        if value is not None and not isinstance(value, Undefined)
    )
    return "".join(said)


def post_button(
    text: Any,
    url: str,
    confirm: Any = None,
    confirm_action: Any = None,
    fields: Mapping[str, Any] | None = None,
    **of_button: Any,
) -> Markup:
    """A button that posts: a form of its own with the CSRF token. `confirm` asks first."""
    sent = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in {"csrf_token": generate_csrf(), **(fields or {})}.items()
    )
    asks = _asks(confirm, None, confirm_action)
    return html(
        f'<form method="post" action="{escape(url)}" class="d-inline"{asks}>{sent}{button(text, **of_button)}</form>'
    )


def _asks(confirm: Any, more: Any, action: Any) -> str:
    """What is asked before a form is sent."""
    if not confirm:
        return ""
    return _attributes(
        {"data-confirm": confirm, "data-confirm-more": more or None, "data-confirm-action": action or None}
    )


def menu(
    label: Any,
    icon_name: str | None = None,
    kind: str = "",
    end: bool = True,
    small: bool = False,
    chevron: bool = False,
    only_icon: bool = False,
    *,
    caller: Callable[[], str],
    **attributes: Any,
) -> Markup:
    """A menu; with `{% call %}`, inside `menu_item`, `menu_post`, `<div class="menu-line"></div>`."""
    classes = f"btn{f' btn-{kind}' if kind else ''}{' btn-sm' if small else ''}{' btn-square' if only_icon else ''}"
    named = {"aria-label": label, "title": label} if only_icon else {}
    said = f"{icon(icon_name) if icon_name else ''}{'' if only_icon else escape(label)}"
    said = f"{said}{icon('chevron-down', 'icon-sm') if chevron else ''}"  # added, it would escape what stands before it
    return html(
        f'<details class="menu{" menu-end" if end else ""}"><summary class="{classes}"'
        f'{_attributes(named | attributes)}>{said}</summary><div class="menu-list">{caller()}</div></details>'
    )


def menu_item(
    text: Any, href: str, icon_name: str | None = None, keys: str | None = None, danger: bool = False, **attributes: Any
) -> Markup:
    """A link in a menu."""
    below = f"<kbd>{escape(keys)}</kbd>" if keys else ""
    said = f"{_item(text, icon_name)}{below}"
    return html(f'<a class="{_item_class(danger)}" href="{escape(href)}"{_attributes(attributes)}>{said}</a>')


def menu_post(
    text: Any,
    url: str,
    icon_name: str | None = None,
    danger: bool = False,
    confirm: Any = None,
    confirm_more: Any = None,
    confirm_action: Any = None,
    **attributes: Any,
) -> Markup:
    """A button in a menu, which posts. `confirm` asks first."""
    return html(
        f'<form method="post" action="{escape(url)}"{_asks(confirm, confirm_more, confirm_action)}>'
        f'<input type="hidden" name="csrf_token" value="{escape(generate_csrf())}">'
        f'<button class="{_item_class(danger)}" type="submit"{_attributes(attributes)}>'
        f"{_item(text, icon_name)}</button></form>"
    )


def _item_class(danger: bool) -> str:
    return "menu-item menu-item-danger" if danger else "menu-item"


def _item(text: Any, icon_name: str | None) -> str:
    return f"{icon(icon_name) if icon_name else ''}<span>{escape(text)}</span>"


# --- What holds the parts


def card(
    title: Any,
    actions: Any = "",
    count: int | None = None,
    flush: bool = False,
    id: str | None = None,
    count_id: str | None = None,
    *,
    caller: Callable[[], str],
) -> Markup:
    """A card with a title and, by `actions` (markup), buttons at its end; with `{% call %}`. `flush`: lists, tables."""
    counted = ""
    if count is not None or count_id:
        place = f' id="{escape(count_id)}"' if count_id else ""
        hidden = " hidden" if count is None else ""
        counted = f'<span class="count"{place}{hidden}>{localization.number(count or 0)}</span>'
    ends = f'<div class="actions">{escape(actions)}</div>' if actions else ""
    body = caller() if flush else f'<div class="card-body">{caller()}</div>'
    named = f' id="{escape(id)}"' if id else ""
    return html(
        f'<section class="card"{named}><div class="card-header"><h2 class="card-title">{escape(title)}</h2>'
        f"{counted}{ends}</div>{body}</section>"
    )
