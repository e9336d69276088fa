"""Is this row an earlier row of the file? By keys that decide, then by names that are alike.

Keys are kept as numbers: about 40 MB for a hundred thousand rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from shared.imports.staged import LARGEST_BLOCK, Staged, are_alike, are_alike_companies, fits
from shared.records.keys import company_key, fold

Key = tuple[str, ...]


@dataclass(slots=True)
class Earlier:
    """What the rows before said, to be compared with. `blocks` holds (number, name) of those that may be alike."""

    keys: dict[int, int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    blocks: dict[int, list[tuple[int, str]]] = field(default_factory=dict)

    def find(self, *parts: str) -> int | None:
        return self.keys.get(_hashed(*parts))

    def add(self, number: int, *parts: str) -> None:
        self.keys.setdefault(_hashed(*parts), number)


def _hashed(*parts: str) -> int:
    """60 bits, which two of a million rows share once in a million files; no other process ever sees them."""
    return hash(parts) & 0xFFF_FFFF_FFFF_FFFF


def _keys(type_: str, row: Staged) -> list[Key]:
    """What makes an earlier row the same."""
    keys: list[Key] = []
    if row.data.get("external_id"):
        keys.append(("x", str(row.data["external_id"])))
    if type_ == "contact":
        keys += [("e", email) for email in row.emails]
        keys += [("p", phone, row.folded) for phone in row.phones]
        if row.name and not row.data.get("external_id"):
            keys.append(("n1" if row.emails else "n0", row.folded, row.company))
    elif type_ == "company":
        if row.data.get("domain"):
            keys.append(("d", row.data["domain"]))
        if not row.data.get("external_id"):
            keys.append(("n1" if row.data.get("domain") else "n0", company_key(row.data["name"])))
    elif not row.data.get("external_id"):
        parts = [str(row.data.get(name) or "") for name in ("name", "title", "body", "due_date", "due_at")]
        parts += [str(row.data.get(name) or "") for name in ("expected_close", "amount")]
        parts += [row.refs.get(name, "") for name in ("company", "company_id", "contact_id", "deal_id")]
        keys.append(("r", *parts))
    return keys


def compare(type_: str, row: Staged, earlier: Earlier) -> None:
    """Say of a row which earlier one it is the same as or like, and remember it for those to come."""
    keys = _keys(type_, row)
    leader, why = _leader(keys, row, earlier)
    if leader is not None and row.match != "exact":
        row.settle("file", why, leader=leader)
    elif leader is not None:
        row.leader = leader  # the same record as an earlier row: what that one said stands
    elif row.match is None:
        _similar_earlier(type_, row, earlier)
    _remember(type_, row, keys, earlier)


def remember(type_: str, rows: Iterable[Staged], earlier: Earlier) -> None:
    """Only remember the rows: they are staged already."""
    for row in rows:
        _remember(type_, row, _keys(type_, row), earlier)


def _leader(keys: Sequence[Key], row: Staged, earlier: Earlier) -> tuple[int | None, str]:
    for key in keys:
        kind = key[0]
        ways = [key]
        if kind == "n0":
            ways = [key, ("n1", *key[1:])]
        elif kind == "n1":
            ways = [("n0", *key[1:])]
        for way in ways:
            found = earlier.find(*way)
            if found is None or (kind == "e" and not fits(row.name, earlier.names.get(found, ""))):
                continue
            return found, _SAYS.get(kind, "the same row")
    return None, ""


_SAYS = {
    "x": "the same ID", "e": "the same e-mail", "p": "the same phone and name", "d": "the same domain",
    "n0": "the same name", "n1": "the same name",
}  # fmt: skip


def _block(type_: str, row: Staged) -> tuple[str, str] | None:
    """(block, name) of what may be alike: a company's people with one initial, companies that begin alike."""
    if type_ == "contact" and row.company and row.name and row.data.get("last_name"):
        return f"{row.company}\0{fold(row.data['last_name'])[:1]}", row.name
    if type_ == "company":
        return company_key(row.data["name"])[:4], row.data["name"]
    return None


def _similar_earlier(type_: str, row: Staged, earlier: Earlier) -> None:
    if (block := _block(type_, row)) is None:
        return
    for number, name in earlier.blocks.get(_hashed(block[0]), ())[:LARGEST_BLOCK]:
        if are_alike(row.name, name) if type_ == "contact" else are_alike_companies(row.data["name"], name):
            where = " at the same company" if type_ == "contact" else ""
            row.settle("similar", f"a similar name{where}", leader=number)
            return


def _remember(type_: str, row: Staged, keys: Sequence[Key], earlier: Earlier) -> None:
    for key in keys:
        earlier.add(row.number, *key)
    if type_ == "contact" and row.emails:
        earlier.names[row.number] = row.name
    if block := _block(type_, row):
        names = earlier.blocks.setdefault(_hashed(block[0]), [])
        if len(names) < LARGEST_BLOCK:
            names.append((row.number, block[1]))
