"""Minutes as PDF, with fonts inside: A4, page numbers, tables whose heads are repeated.

DejaVu Sans has Latin, Greek, Cyrillic, Hebrew and Arabic letters; what it lacks (Chinese, emoji) is a box. Shaping and
the order of mixed directions cost four times as much as plain text, so they are switched on for the parts that need it.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout, VAlign, XPos, YPos
from fpdf.fonts import FontFace

from crm.minutes.content import Minutes, Section
from crm.minutes.direction import is_rtl, needs_shaping

_FONT = "DejaVu"
_INK, _GREY, _LINE = (28, 32, 38), (96, 102, 112), (214, 218, 224)
_SIZE, _SMALL = 9.5, 8.0  # points
_LEADING = 5.0  # millimetres from line to line
_FACT_WIDTHS, _TABLE_WIDTHS, _LIST_WIDTHS = (30, 140), (30, 80, 28, 32), (130, 40)  # in shares of the line
#: Stands for the number of pages until it is known. No text has two of this private letter.
_TOTAL = "\uf8ff\uf8ff"

# A letter the font lacks is a box on the page; the library says so for each document, at a level of ours.
logging.getLogger("fpdf").setLevel(logging.ERROR)
logging.getLogger("fontTools").setLevel(logging.ERROR)


def as_pdf(minutes: Minutes, *, regular: Path, bold: Path) -> bytes:
    """The document's bytes; `regular` and `bold` are TrueType fonts."""
    paper = _Paper(minutes, regular, bold)
    paper.write_minutes()
    return bytes(paper.output())


class _Paper(FPDF):
    """A4 with the minutes' look."""

    def __init__(self, minutes: Minutes, regular: Path, bold: Path) -> None:
        super().__init__()
        self.minutes = minutes
        self.add_font(_FONT, "", regular)
        self.add_font(_FONT, "B", bold)
        self._letters = frozenset(getattr(self.fonts[_FONT.lower()], "cmap", ()))
        self.set_margins(20, 18)
        self.set_auto_page_break(True, 20)
        self.set_title(f"{minutes.words.minutes}: {minutes.title}")
        self.set_lang(minutes.words.locale)
        self.set_creator("Afterword")
        self.set_creation_date(datetime.fromisoformat(minutes.day).replace(tzinfo=UTC))
        self.alias_nb_pages(_TOTAL)
        self.set_draw_color(*_LINE)
        self.add_page()

    def footer(self) -> None:
        """The page's number; the library calls this at the end of each page."""
        self.set_y(-14)
        self._ink(_SMALL, _GREY)
        number = self.minutes.words.page.format(n=self.page_no(), total=_TOTAL)
        self.cell(0, _LEADING, number, align=Align.C)

    def write_minutes(self) -> None:
        """Everything, in its order."""
        minutes, words = self.minutes, self.minutes.words
        self._ink(17, bold=True)
        self._text(f"{words.minutes}: {minutes.title}", leading=8)
        self.ln(2)
        people = "; ".join(person.shown(words) for person in minutes.people)
        facts = [*minutes.facts, (words.attendees, people)] if people else minutes.facts
        self._rows(facts, _FACT_WIDTHS, small_last=False)
        if minutes.summary:
            self._heading(words.summary + words.mark(minutes.is_summary_open))
            self._ink(_SIZE)
            for label, points in minutes.summary:
                self._text(f"{label}: {'; '.join(points)}" if label else "; ".join(points))
                self.ln(1)
        for section in minutes.sections:
            self._section(section)
        self.ln(4)
        self._ink(_SMALL, _GREY)
        for note, is_due in ((words.nothing, minutes.is_empty), (words.legend, minutes.has_open)):
            if is_due:
                self._text(note)

    def _section(self, section: Section) -> None:
        words = self.minutes.words
        self._heading(section.heading)
        if section.is_table:
            heads = (words.who, words.what, words.by_when, words.said)
            rows = [(p.who or "–", p.shown(words), p.by_when or "–", p.said) for p in section.points]
            self._rows(rows, _TABLE_WIDTHS, heads)
        else:
            self._rows([(p.shown(words), p.said) for p in section.points], _LIST_WIDTHS)

    def _heading(self, text: str) -> None:
        if self.will_page_break(30):  # a heading does not stay behind alone
            self.add_page()
        self.ln(5)
        self._ink(12, bold=True)
        self._text(text, leading=6)
        self.ln(1)

    def _rows(
        self,
        rows: Sequence[Sequence[str]],
        widths: Sequence[int],
        heads: Sequence[str] = (),
        *,
        small_last: bool = True,
    ) -> None:
        """A table with lines between its rows, which never break over two pages."""
        self._ink(_SIZE)
        small = FontFace(size_pt=_SMALL, color=_GREY)
        self.set_text_shaping(any(needs_shaping(text) for row in rows for text in row))
        with self.table(
            col_widths=widths,
            first_row_as_headings=bool(heads),
            headings_style=FontFace(emphasis="BOLD", size_pt=_SMALL, color=_GREY),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            line_height=_LEADING,
            padding=(1.2, 2, 1.2, 0),
            text_align=Align.L,
            v_align=VAlign.T,
        ) as table:
            if heads:
                table.row(heads)
            for texts in rows:
                row = table.row()
                for at, text in enumerate(self._drawable(text) for text in texts):
                    is_small = small_last and at == len(texts) - 1
                    row.cell(text, align=Align.R if is_rtl(text) else Align.L, style=small if is_small else None)
        self.set_text_shaping(False)

    def _drawable(self, text: str) -> str:
        """Each letter the fonts lack as a box, because the library leaves it out without a word."""
        if text.isascii():
            return text
        shown = (
            c if ord(c) in self._letters or c == _TOTAL[0] else "□" for c in text if unicodedata.category(c) != "Cf"
        )
        return "".join(shown)

    def _text(self, text: str, *, leading: float = _LEADING) -> None:
        text = self._drawable(text)
        self.set_text_shaping(needs_shaping(text))
        align = Align.R if is_rtl(text) else Align.L
        self.multi_cell(0, leading, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_text_shaping(False)

    def _ink(self, size: float, color: tuple[int, int, int] = _INK, *, bold: bool = False) -> None:
        self.set_font(_FONT, "B" if bold else "", size)
        self.set_text_color(*color)
