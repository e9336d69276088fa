"""Several names in one cell, and back: tags above all, whose names may hold the signs that part two.

What the export and a vCard's categories write is read back as the same tags.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from shared.records import tags

_MOST_TAGS, _LONGEST_TAG = 50, 50
#: `"Paris, France"`, alone or between the signs that part two tags.
_IN_MARKS = re.compile(r'(?:^|(?<=[;|,\n]))\s*"((?:[^"]|"")+)"\s*(?=[;|,\n]|$)')
_READ_OTHERWISE = re.compile(r'[;|,\n]|^"|^\* | ::: ')


def tag_names(text: str, known: Container[str]) -> list[str]:
    """The tags a cell names, each spelling once. A name that holds a sign which parts two stands in quotation marks,
    as the export writes it, or is, with its commas, one of `known`: the keys of tags there are.

    Raises ValueError.
    """
    found: dict[str, str] = {}
    names = [name.replace('""', '"') for name in _IN_MARKS.findall(text)]
    for part in parts_of(_IN_MARKS.sub("", text), ";\n|"):
        if part.startswith("* "):  # Google's own groups: everybody is in `* myContacts`
            continue
        names += [part] if tags.key_of(part) in known else parts_of(part, ",")
    for name in names:
        found.setdefault(tags.key_of(name), " ".join(name.split()))
    if any(len(name) > _LONGEST_TAG for name in found.values()):
        raise ValueError(f"A tag has at most {_LONGEST_TAG} characters. Put a comma between two.")
    if len(found) > _MOST_TAGS:
        raise ValueError(f"A record carries at most {_MOST_TAGS} tags.")
    return list(found.values())


def tag_cell(names: Iterable[str]) -> str:
    """Tags as `tag_names` reads them back: one that would be read as two stands in quotation marks."""
    doubled = ((name, name.replace('"', '""')) for name in names)
    return "; ".join(f'"{inner}"' if _READ_OTHERWISE.search(name) else name for name, inner in doubled)


def parts_of(text: str, separators: str) -> list[str]:
    """What stands between these signs (and `:::`, as Google writes it), without blank parts."""
    parts = re.split(f"[{re.escape(separators)}]+", text.replace(" ::: ", separators[0]))
    return [part.strip() for part in parts if part.strip()]
