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

from shared.imports.tag_cells import tag_cell
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
}
_LINE = re.compile(r"^(?:[\w-]+\.)?([\w-]+)((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)*):(.*)$", re.DOTALL)
#: What stands behind a backslash, or a run without one up to a sign that may part two.
_TOKEN = re.compile(r"\\.|[^\\;,]+|.", re.DOTALL)
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
    categories: list[str] = []
    is_company = False
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            continue
        name, parameters, value = match[1].upper(), match[2].upper(), _decoded(match[3], match[2])
        if name == "N":
            parts = [_plain(part) for part in _split(value, ";")] + ["", "", ""]
            row["Last name"], row["First name"] = parts[0], " ".join(p for p in (parts[1], parts[2]) if p)
        elif name in ("X-ABSHOWAS", "KIND"):
            is_company = value.strip().upper() in ("COMPANY", "ORG")
        elif name in _MANY and value.strip():
            if name == "EMAIL" or not _NO_PHONE.search(parameters):
                many[_MANY[name]].append((_rank(parameters), _address(_plain(value))))
        elif name == "ORG" and not row["Company"]:
            row["Company"] = _plain(_split(value, ";")[0])
        elif name == "CATEGORIES":
            categories += [plain for part in _split(value, ",") if (plain := _plain(part))]
        elif name in _ONE and not row[_ONE[name]]:
            row[_ONE[name]] = _plain(value)
    for header, values in many.items():
        in_order = sorted(values, key=lambda ranked: ranked[0])
        row[header] = "\n".join(dict.fromkeys(value for _, value in in_order))
    row["Categories"] = tag_cell(dict.fromkeys(categories))
    if row["First name"] or row["Last name"]:
        row["Full name"] = ""
    elif row["Full name"] and not is_company and fold(row["Full name"]) != fold(row["Company"]):
        row["First name"], row["Last name"] = split_name(row["Full name"])
        row["Full name"] = ""
    elif is_company:
        row["Company"] = row["Company"] or row["Full name"]
    row["UID"] = row["UID"].removeprefix("urn:uuid:")
    return [row[header] for header in HEADERS]


def is_company(row: Sequence[object]) -> bool:
    """Whether a card's row tells of a company and of nobody there."""
    card = dict(zip(HEADERS, map(str, row), strict=False))
    if not card["Company"] or card["First name"] or card["Last name"]:
        return False
    name = card["Full name"]
    return fold(name) == fold(card["Company"]) if name else not card["E-mail"]


def _address(value: str) -> str:
    """An e-mail address or a number, as itself or as a link: `tel:+1-202-555-0170;ext=102`."""
    if not value.lower().startswith("tel:"):
        return value.removeprefix("mailto:")
    number, *parts = value[4:].split(";")
    extension = next((part[4:] for part in parts if part.lower().startswith("ext=")), "")
    return f"{number} ext. {extension}" if extension else number


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


def _split(value: str, sign: str) -> list[str]:
    """The parts of a value, as they stand; a sign behind a backslash belongs to its part."""
    parts = [""]
    for token in _TOKEN.findall(value):
        if token == sign:
            parts.append("")
        else:
            parts[-1] += token
    return parts


def _plain(value: str) -> str:
    unescaped = re.sub(r"\\([nN,;:\\])", lambda m: "\n" if m[1] in "nN" else m[1], value)
    return unescaped.replace("\0", "").strip()
