"""Normalised values for exact matching: the same name, address or number however it is written."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers

#: Legal forms dropped from company names before comparing; whole words at the end only.
LEGAL_FORMS = frozenset(
    [
        "ab",
        "ag",
        "as",
        "asa",
        "aps",
        "bv",
        "co",
        "company",
        "corp",
        "corporation",
        "eg",
        "ek",
        "gbr",
        "gmbh",
        "group",
        "holding",
        "holdings",
        "inc",
        "incorporated",
        "kft",
        "kg",
        "kgaa",
        "limited",
        "llc",
        "llp",
        "lp",
        "ltd",
        "mbh",
        "nv",
        "ohg",
        "oy",
        "oyj",
        "plc",
        "pte",
        "pty",
        "pvt",
        "sa",
        "sarl",
        "sas",
        "se",
        "sl",
        "spa",
        "sro",
        "srl",
        "ug",
    ]
)


def fold(text: str) -> str:
    """Casefolded, without accents, single blanks: `"  Müller-Lüdenscheidt "` -> `"muller-ludenscheidt"`."""
    if text.isascii():
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


@lru_cache(maxsize=8192)
def company_key(name: str) -> str:
    """A company's name without punctuation and legal form; never empty for a name with letters or digits."""
    words = re.sub(r"[^\w]+", " ", re.sub(r"(?<=\w)\.(?=\w\b)|[.'’]", "", fold(name))).split()
    kept = list(words)
    while len(kept) > 1 and kept[-1] in LEGAL_FORMS | {"and", "und", "et"}:
        kept.pop()
    return " ".join(kept)[:200]


def person_key(first_name: str, last_name: str) -> str:
    """A person's folded full name."""
    return re.sub(r"[^\w' -]+", "", fold(f"{first_name} {last_name}")).strip()[:200]


def email_key(email: str) -> str:
    return email.strip().casefold()


@lru_cache(maxsize=8192)  # parsing takes longer than storing; an import asks several times for each
def phone_key(phone: str, region: str | None = None) -> str:
    """E.164 where the number can be parsed (with the region's rules if it has no + or 00), else its digits."""
    if plain := _plain_phone(phone):
        return plain
    try:
        parsed = phonenumbers.parse(re.sub(r"^[\s(]*00", "+", phone), region)
    except phonenumbers.NumberParseException:
        return re.sub(r"\D", "", phone)[:50]
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


_PLAIN_PHONE = re.compile(r"\+[1-9][0-9 -]{6,18}[0-9]")


def _plain_phone(phone: str) -> str | None:
    """E.164 of what most numbers look like, of which parsing would only say the same, ten times as slowly."""
    if not _PLAIN_PHONE.fullmatch(phone):
        return None
    key = phone.replace(" ", "").replace("-", "")
    code = next((length for length in (2, 3, 4) if key[1:length] in _plain_codes()), None)
    return key if code and key[code] != "0" and 6 <= len(key) - code <= 12 else None


@lru_cache(maxsize=1)
def _plain_codes() -> frozenset[str]:
    """Codes of countries where nothing but a 0 is ever dialled before a number, so that one without it is whole."""
    found = set()
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        about = phonenumbers.PhoneMetadata.metadata_for_region(regions[0], None)
        if about and about.national_prefix_for_parsing in (None, "0") and not about.national_prefix_transform_rule:
            found.add(str(code))
    return frozenset(found)


def split_name(full: str) -> tuple[str, str]:
    """First and last name of a written-out person; the last word is the family name, particles stay with it."""
    words = full.split()
    if len(words) < 2:
        return full.strip(), ""
    cut = len(words) - 1
    while cut > 1 and words[cut - 1].lower() in {"van", "von", "de", "der", "den", "da", "di", "la", "le", "zu", "bin"}:
        cut -= 1
    return " ".join(words[:cut]), " ".join(words[cut:])
