"""vCards 2.1, 3.0 and 4.0 as rows of one table: folded lines, quoted-printable, several addresses in one cell.

N:Roe;Jane;;;            ─▶  First name, Last name
EMAIL;TYPE=work:j@x.com  ─▶  E-mail, all of them in one cell, a line each
"""

from __future__ import annotations

import codecs
import quopri
import re
from base64 import b64decode
from binascii import Error as BinasciiError
from collections.abc import Iterable, Iterator, Sequence

from shared.records.keys import fold, split_name

HEADERS = ("UID", "First name", "Last name", "Full name", "E-mail", "Phone", "Company", "Job title", "Website", "Note",
           "Categories")  # fmt: skip

_MANY = {"EMAIL": "E-mail", "TEL": "Phone"}
_ONE = {
    "UID": "UID",
    "FN": "Full name",
    "TITLE": "Job title",
    "URL": "Website",
    "NOTE": "Note",
    "CATEGORIES": "Categories",
}
_LINE = re.compile(r"^(?:[\w-]+\.)?([\w-]+)((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)*):(.*)$", re.DOTALL)
_NO_PHONE = re.compile(r"\b(?:FAX|PAGER)\b")
_MOST_LINES = 2000
_LONGEST = 400_000


def read(lines: Iterable[str]) -> Iterator[list[str] | str]:
    """Each card as a row under HEADERS, or in words what is wrong with it."""
    card: list[str] | None = None
    for line in lines:
        bare = line.rstrip("\r\n")
        tag = bare.strip().upper()
        if tag == "BEGIN:VCARD":
            if card is not None:
                yield "This card has no end."
            card = []
        elif tag == "END:VCARD" and card is not None:
            yield _row(_unfolded(card))
            card = None
        elif card is not None and len(card) < _MOST_LINES:
            card.append(bare)
    if card is not None:
        yield "This card has no end."


def _unfolded(lines: list[str]) -> Iterator[str]:
    """Whole lines: those that begin with a blank go on the one before, quoted-printable ones where it ends in `=`."""
    whole = ""
    for line in lines:
        if whole and line[:1] in (" ", "\t") and not _is_soft(whole):
            whole += line[1:]
        elif whole and _is_soft(whole):
            whole = whole[:-1] + line.lstrip(" \t")
        else:
            if whole:
                yield whole[:_LONGEST]
            whole = line
    if whole:
        yield whole[:_LONGEST]


def _is_soft(line: str) -> bool:
    return line.endswith("=") and "QUOTED-PRINTABLE" in line.partition(":")[0].upper()


def _row(lines: Iterable[str]) -> list[str]:
    row: dict[str, str] = dict.fromkeys(HEADERS, "")
    many: dict[str, list[tuple[int, str]]] = {"E-mail": [], "Phone": []}
    is_company = False
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            continue
        name, parameters, value = match[1].upper(), match[2].upper(), _decoded(match[3], match[2])
        if name == "N":
            parts = [_plain(part) for part in _split(value)] + ["", "", ""]
            row["Last name"], row["First name"] = parts[0], " ".join(p for p in (parts[1], parts[2]) if p)
        elif name in ("X-ABSHOWAS", "KIND"):
            is_company = value.strip().upper() in ("COMPANY", "ORG")
        elif name in _MANY and value.strip():
            if name == "EMAIL" or not _NO_PHONE.search(parameters):
                found = _plain(value).removeprefix("tel:").removeprefix("mailto:")
                many[_MANY[name]].append((_rank(parameters), found))
        elif name == "ORG" and not row["Company"]:
            row["Company"] = _plain(_split(value)[0])
        elif name in _ONE and not row[_ONE[name]]:
            row[_ONE[name]] = _plain(value)
    for header, values in many.items():
        in_order = sorted(values, key=lambda ranked: ranked[0])
        row[header] = "\n".join(dict.fromkeys(value for _, value in in_order))
    if row["First name"] or row["Last name"]:
        row["Full name"] = ""
    elif row["Full name"] and not is_company and fold(row["Full name"]) != fold(row["Company"]):
        row["First name"], row["Last name"] = split_name(row["Full name"])
        row["Full name"] = ""
    elif is_company:
        row["Company"] = row["Company"] or row["Full name"]
    row["UID"] = row["UID"].removeprefix("urn:uuid:")
    return [row[header] for header in HEADERS]


def are_companies(rows: Sequence[Sequence[object]]) -> bool:
    """Whether these rows of cards, of which there must be some, tell of companies alone."""
    said = [dict(zip(HEADERS, map(str, row), strict=False)) for row in rows]
    return bool(said) and all(
        card["Company"]
        and not (card["First name"] or card["Last name"])
        and fold(card["Full name"]) in ("", fold(card["Company"]))
        for card in said
    )


def _rank(parameters: str) -> int:
    """Which of several is liked best: 1 the most (`PREF=1`, before 4.0 `TYPE=pref`), 100 where nothing is said."""
    found = re.search(r"\bPREF(?:=\"?(\d{1,3}))?", parameters)
    return int(found[1] or 1) if found else 100


def _decoded(value: str, parameters: str) -> str:
    upper = parameters.upper()
    found = re.search(r"CHARSET=\"?([\w-]+)", upper)
    charset = found[1] if found and _is_known(found[1]) else "utf-8"
    if "QUOTED-PRINTABLE" in upper:
        return quopri.decodestring(value.encode("utf-8")).decode(charset, "replace")
    if re.search(r"ENCODING=(B|BASE64)\b", upper):
        try:
            return b64decode(value, validate=False).decode(charset, "replace")
        except (BinasciiError, ValueError):
            return ""
    return value


def _is_known(charset: str) -> bool:
    try:
        codecs.lookup(charset)
    except LookupError:
        return False
    return True


def _split(value: str) -> list[str]:
    """The parts of a structured value; a semicolon behind a backslash belongs to its part."""
    return re.split(r"(?<!\\);", value)


def _plain(value: str) -> str:
    unescaped = re.sub(r"\\([nN,;:\\])", lambda m: "\n" if m[1] in "nN" else m[1], value)
    return unescaped.replace("\0", "").strip()
