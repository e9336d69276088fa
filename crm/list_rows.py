"""Rows of a list's table as HTML. Fifty of them with seven cells each stand on every list, so no template draws them.

`crm/list_columns.py` says what is in a cell, this how it looks. What is there to be changed in place is drawn anew by
`crm/record_cells.py` once it was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple

from flask import get_template_attribute
from markupsafe import Markup, escape

from crm import web
from crm.drawing import escaped, html, icon, named, person, pill
from crm.list_columns import NOTHING, SECOND, Cell, Column, name_of
from crm.localization import gettext as _
from shared.accounts.permissions import Scope
from shared.query.linking import PATHS

_BUSY = frozenset({"queued", "analyzing"})
_EMPTY = '<span class="text-3">–</span>'
#: Kinds of columns whose cell says on a phone, where no header stands, what it is.
_NAMED = frozenset({"number", "money", "date", "moment"})
#: Kinds, and how many columns, that a phone has no room for.
_NOT_ON_PHONES, _ON_PHONES = frozenset({"ago", "person"}), 4
#: How cells of a kind make room: a number is of no use without its end, a name of two lines is as high as its row.
_ROOM = {"phone": "cell-whole", "record": "cell-wrap", "text": "cell-wrap"}
#: From which place on a narrow table (a tablet, or beside the chat) leaves out how long ago something was.
_SPARE_FROM = 5
#: Texts longer than this may need more than the two lines that a row has room for.
_SHORT = 16


@dataclass(frozen=True, slots=True)
class Rows:
    """Draws rows of one list. `editable`: columns whose cells may be changed in place; `again`: the address of one row
    alone, which a meeting that is being read asks for until it is done."""

    type: str
    columns: Sequence[Column]
    cells: Mapping[int, Mapping[str, Cell]]
    editable: Collection[str]
    again: Callable[[int], str]

    @property
    def home(self) -> str:
        """The address of the list, with which those of its records begin."""
        return PATHS[self.type]

    @property
    def classes(self) -> dict[str, str]:
        """How the header and the sum of each column stand in it."""
        return {column.name: _standing(i, column) for i, column in enumerate(self.columns)}

    def drawn(self, rows: Sequence[Any]) -> Markup:
        """`<tr>` after `<tr>`."""
        select, preview, sign = _("Select %(name)s"), _("Preview %(name)s"), icon("layout-sidebar-right")
        columns = [self._column(i, column) for i, column in enumerate(self.columns)]
        return html("".join(self._row(row, select, preview, sign, columns) for row in rows))

    def _column(self, place: int, column: Column) -> _Drawn:
        full, blank = _opening(place, column)
        name = escaped(column.name) if column.name in self.editable else ""
        # A column has few different values.
        return _Drawn(column.name, full, blank, f"/field/{name}" if name else "", cache(partial(drawn, column.kind)))

    def _row(self, row: Any, select: str, preview: str, sign: str, columns: Sequence[_Drawn]) -> str:
        id, home, busy, look = row.id, self.home, "", ""
        name = {"name": self._name(row)}
        if self.type == "meeting" and row.status.value in _BUSY:
            again = escape(self.again(id))
            busy = f' data-quiet hx-get="{again}" hx-trigger="every 2s" hx-swap="outerHTML"'
        if row.deleted_at is None:  # the button that shows the record at the side
            text = escaped(preview % name)
            look = (
                f'<button class="btn btn-square btn-quiet row-preview btn-sm" type="button" aria-label="{text}"'
                f' title="{text}" data-preview="{home}/{id}/panel" tabindex="-1">{sign}</button>'
            )
        return (
            f'\n<tr id="{self.type}-{id}" data-id="{id}"{busy}><td class="cell-check"><input'
            f' class="form-check-input" type="checkbox" value="{id}" data-pick'
            f' aria-label="{escaped(select % name)}"></td>'
            f'<td class="cell-main">{look}{self._title(row)}</td>{self._cells(row, columns)}</tr>'
        )

    def _name(self, row: Any) -> str:
        return name_of("contact", row, self.cells[row.id]) if self.type == "contact" else row.name

    def _title(self, row: Any) -> str:
        href = None if row.deleted_at is not None else f"{self.home}/{row.id}"
        if self.type == "company":
            return named(row.name, href, row.domain, True)
        if self.type == "contact":
            cells = self.cells[row.id]
            return named(self._name(row), href, cells[SECOND["contact"]].text if row.name else None)
        name = escaped(row.name)
        text = f'<a class="link-plain" href="{href}">{name}</a>' if href else name
        if self.type != "deal" or row.company_id is None:
            return text
        link = f'<a class="link-quiet" href="/companies/{row.company_id}">{escaped(row.company_name)}</a>'
        return f'{text}<small class="cell-sub">{link}</small>'

    def _cells(self, row: Any, columns: Sequence[_Drawn]) -> str:
        known, parts = self.cells[row.id], []
        is_gone = row.deleted_at is not None
        edited = f' data-edit="{self.home}/{row.id}'
        for column in columns:
            cell = known.get(column.name, NOTHING)
            opened = column.full if cell.text else column.blank
            edit = f'{edited}{column.field}"' if column.field and not is_gone else ""
            parts.append(f"{opened}{edit}>{column.draw(cell)}</td>")
        if is_gone and parts and web.can(Scope.RECORDS_DELETE):
            parts[-1] = f"{opened}>{self._restore(row)}</td>"
        return "".join(parts)

    def _restore(self, row: Any) -> str:
        button = get_template_attribute("components/ui.html", "post_button")
        return str(button(_("Restore"), f"{self.home}/{row.id}/restore", small=True, icon_name="restore"))


class _Drawn(NamedTuple):
    """A column as its cells are drawn: how those begin that hold something and those that do not, the end of the
    address where it is changed, and what draws a cell."""

    name: str
    full: str
    blank: str
    field: str
    draw: Callable[[Cell], str]


def _opening(place: int, column: Column) -> tuple[str, str]:
    """How the cells of a column begin, those with something in them and those without."""
    room = "" if column.is_end else _ROOM.get(column.kind, "cell-clip")
    tone = "text-2" if column.kind == "ago" else ""
    classes = " ".join(filter(None, (_standing(place, column), room, tone)))
    label = f' data-label="{escape(column.label)}"' if column.kind in _NAMED else ""
    rest = f' data-field="{escape(column.name)}"{label}'
    hidden = f'<td class="{classes} hide-phone"{rest}'
    is_seen = place < _ON_PHONES and column.kind not in _NOT_ON_PHONES
    return (f'<td class="{classes}"{rest}' if is_seen else hidden), hidden


def _standing(place: int, column: Column) -> str:
    """Of a column, the classes that its header, its cells and its sum have in common."""
    is_spare = column.kind == "ago" and place >= _SPARE_FROM
    found = ("cell-end num" if column.is_end else "", "cell-face" if column.kind == "person" else "")
    return " ".join(filter(None, (*found, "cell-spare" if is_spare else "")))


def drawn(kind: str, cell: Cell) -> str:
    """What stands in a cell, by the kind of its column, as HTML."""
    if not cell.text:
        return _EMPTY
    if kind in _KINDS:
        return _KINDS[kind](cell)
    if cell.tone == "late":
        sign = icon("alert-circle", "icon-sm", _("Overdue"))
        return f'<time class="due-late" datetime="{escaped(cell.iso)}">{sign}{escaped(cell.text)}</time>'
    if cell.tone:
        return pill(cell.text, cell.tone)
    if cell.iso:
        title = f' title="{escaped(cell.title)}"' if cell.title else ""
        return f'<time datetime="{escaped(cell.iso)}"{title}>{escaped(cell.text)}</time>'
    if kind == "website" and cell.text.startswith(("https://", "http://")):
        return _outside(cell.text, cell.text.split("://", 1)[1].rstrip("/"))
    if kind == "text" and len(cell.text) > _SHORT:
        return f'<span class="cell-lines">{escaped(cell.text)}</span>'
    return escaped(cell.text)


def _link(href: str, text: str, classes: str = "link-quiet") -> str:
    return f'<a class="{classes}" href="{escaped(href)}">{escaped(text)}</a>'


def _outside(href: str, text: str) -> str:
    return f'<a class="link-quiet" href="{escaped(href)}" rel="noopener noreferrer" target="_blank">{escaped(text)}</a>'


def _tags(cell: Cell) -> str:
    tags = (f'<span class="tag tag-{escaped(color)}">{escaped(name)}</span>' for name, color in cell.parts)
    return f'<span class="tags">{"".join(tags)}</span>'


def _stage(cell: Cell) -> str:
    sign = {"green": "trophy", "red": "x"}.get(cell.tone)
    return pill(cell.text, cell.tone, sign, dot=cell.tone == "blue")


_KINDS: dict[str, Callable[[Cell], str]] = {
    "person": lambda cell: person(cell.text),
    "record": lambda cell: _link(cell.href, cell.text) if cell.href else escaped(cell.text),
    "tags": _tags,
    "stage": _stage,
    "bool": lambda cell: icon("check", "icon-sm", cell.text),
    "email": lambda cell: _link(f"mailto:{cell.text}", cell.text),
    "phone": lambda cell: _link(f"tel:{cell.text.replace(' ', '')}", cell.text, "link-quiet num"),
    "domain": lambda cell: _outside(f"https://{cell.text}", cell.text),
}
