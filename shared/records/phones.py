"""One number in its two spellings: with its country's code, and as it is dialled inside the country.

`contact_phone.phone_key` keeps what was written: `+49301234567`, or `0301234567` where no code was. Inside a
workspace's own country the two are one number; elsewhere they share an end, as `+43 30 1234567` does: a hint, no proof.
"""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from babel.core import get_global

from shared.models import workspace_of
from shared.records.keys import phone_key
from shared.tenancy import TenantSession

#: Shorter ones are extensions, which many people have.
_SHORTEST = 7


def region_of(session: TenantSession) -> str | None:
    """The country whose numbers this workspace dials without a code, by its time zone: `DE`. None for UTC."""
    zone = workspace_of(session).timezone
    found: str | None = get_global("zone_territories").get(zone)
    return found


@lru_cache(maxsize=8192)  # parsing takes longer than storing; an import asks several times for each
def number(written: str, region: str | None) -> str | None:
    """What two spellings of one number have in common, E.164 wherever the country is known; None for an extension."""
    key = phone_key(written)
    if len(key) < _SHORTEST or not key.strip("+"):
        return None
    if key.startswith("+") or region is None:
        return key
    inside = phone_key(key, region)
    return inside if inside.startswith("+") and phonenumbers.is_possible_number(phonenumbers.parse(inside)) else key


@lru_cache(maxsize=8192)
def keys(written: str, region: str | None) -> tuple[str, ...]:
    """What `phone_key` may be of contacts with this number; empty for an extension."""
    found = number(written, region)
    if found is None:
        return ()
    if region is None or not found.startswith(f"+{phonenumbers.country_code_for_region(region)}"):
        return (found,)
    parsed = phonenumbers.parse(found)
    dialled = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return tuple(dict.fromkeys((found, re.sub(r"\D", "", dialled), str(parsed.national_number))))


def inside(key: str) -> str:
    """The number of a key inside its country, whichever that is: `301234567`."""
    if not key.startswith("+"):
        return key.lstrip("0")
    try:
        return str(phonenumbers.parse(key).national_number)
    except phonenumbers.NumberParseException:
        return key


def share_an_end(one: str, other: str) -> bool:
    """Whether two keys may be one number because a country's code is missing."""
    return not (one.startswith("+") and other.startswith("+")) and one != other and inside(one) == inside(other)
