"""What a browser says of itself, in words: “Firefox on Linux”, and roughly from where.

Only ever a hint to recognise one's own devices by; nothing is decided on it.
"""

from __future__ import annotations

import ipaddress
import re

from flask_babel import gettext as _

#: The first that occurs is meant: every browser also claims to be those it descends from.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Vivaldi", "Vivaldi"), ("SamsungBrowser", "Samsung Internet"),
    ("FxiOS", "Firefox"), ("Firefox", "Firefox"), ("CriOS", "Chrome"), ("Chrom", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"), ("Macintosh", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def name(user_agent: str | None) -> str:
    """“Firefox on Linux”; what the header begins with where it is none we know."""
    text = user_agent or ""
    browser = next((shown for sign, shown in _BROWSERS if sign in text), None)
    system = next((shown for sign, shown in _SYSTEMS if sign in text), None)
    if browser and system:
        return str(_("%(browser)s on %(system)s", browser=browser, system=system))
    return browser or system or re.split(r"[\s(]", text, maxsplit=1)[0][:40] or str(_("Unknown device"))


def place(address: str | None) -> str:
    """Where an address is, as far as can be told without asking anybody."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return str(_("Unknown place"))
    if found.is_loopback:
        return str(_("This machine"))
    return str(_("Local network")) if found.is_private or found.is_link_local else str(_("Internet"))
