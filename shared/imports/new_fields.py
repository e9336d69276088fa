"""A custom field made of a column that fits none: named as the column is, and with its values to choose from."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from shared.errors import Invalid
from shared.events import Actor
from shared.imports import reading
from shared.imports.reading import Layout
from shared.imports.tag_cells import parts_of
from shared.models import CustomType, ImportJob
from shared.query.catalog import PREFIX
from shared.records import custom, tags
from shared.tenancy import TenantSession

#: Somebody waits for the page: options are gathered from so many rows; others are corrected in the grid.
_LOOKED_AT = 20_000
_MOST_OPTIONS = 50


def define(session: TenantSession, job: ImportJob, column: int, type_: str, *, path: Path, by: Actor) -> str:
    """Make a field of this type for a column of the file. Returns what a mapping calls it. Raises Invalid."""
    header = job.layout["headers"][column]
    if type_ not in set(CustomType) or job.type not in custom.CUSTOMIZED:
        raise Invalid.field("mapping", f"A {job.type} cannot have such a field.")
    wish = {"record_type": job.type, "label": header, "type": type_}
    if CustomType(type_).is_chosen:
        wish["options"] = [{"label": label} for label in _options(job, column, CustomType(type_), path)]
    return f"{PREFIX}{custom.define(session, wish, by=by).key}"


def _options(job: ImportJob, column: int, type_: CustomType, path: Path) -> list[str]:
    """The different values of a column, in the file's order."""
    found: dict[str, str] = {}
    for row in islice(reading.rows(path, Layout.from_json(job.layout)), _LOOKED_AT):
        text = str(row.cells[column]) if column < len(row.cells) else ""
        for part in parts_of(text, ",;\n|") if type_ is CustomType.MULTI_SELECT else [" ".join(text.split())]:
            if part:
                found.setdefault(tags.key_of(part), part)
        if len(found) > _MOST_OPTIONS:
            header = job.layout["headers"][column]
            raise Invalid.field(
                "mapping", f"“{header}” holds more than {_MOST_OPTIONS} different values; make it a text."
            )
    return list(found.values())
