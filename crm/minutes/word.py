"""Minutes as a Word document: styles, real headings and tables, so that it can be worked on further."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from crm.minutes.content import Minutes
from crm.minutes.direction import is_rtl

_GREY = RGBColor(0x60, 0x66, 0x70)
_TABLE_WIDTHS = (Cm(3.2), Cm(7.6), Cm(2.8), Cm(3.4))
_LIST_WIDTHS = (Cm(13.0), Cm(4.0))


def as_docx(minutes: Minutes) -> bytes:
    """The document's bytes."""
    document = Document()
    _prepare(document, minutes)
    words = minutes.words
    _paragraph(document, f"{words.minutes}: {minutes.title}", style="Title")
    for label, value in minutes.facts:
        _paragraph(document, value, label=label)
    if minutes.people:
        people = "; ".join(p.shown(words) for p in minutes.people)
        _paragraph(document, people, label=words.attendees)
    if minutes.summary:
        _paragraph(document, words.summary + words.mark(minutes.is_summary_open), style="Heading 1")
        for label, points in minutes.summary:
            _paragraph(document, "; ".join(points), label=label)
    for section in minutes.sections:
        _paragraph(document, section.heading, style="Heading 1")
        if section.is_table:
            rows = [(p.who or "–", p.shown(words), p.by_when or "–", p.said) for p in section.points]
            heads = (words.who, words.what, words.by_when, words.said)
            _table(document, rows, _TABLE_WIDTHS, heads)
        else:
            _table(document, [(p.shown(words), p.said) for p in section.points], _LIST_WIDTHS)
    if minutes.is_empty:
        _paragraph(document, words.nothing)
    if minutes.has_open:
        _paragraph(document, words.legend, style="Small")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _prepare(document: Any, minutes: Minutes) -> None:
    """Page, styles and properties: the template's own author and dates are those of a library."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(2)
    document.styles["Normal"].font.name, document.styles["Normal"].font.size = "Calibri", Pt(10.5)
    document.styles["Normal"].paragraph_format.space_after = Pt(4)
    document.styles["Title"].font.size = Pt(20)
    small = document.styles.add_style("Small", WD_STYLE_TYPE.PARAGRAPH)
    small.base_style, small.font.size, small.font.color.rgb = document.styles["Normal"], Pt(9), _GREY
    properties = document.core_properties
    properties.title, properties.author = f"{minutes.words.minutes}: {minutes.title}"[:255], "Afterword"
    properties.comments, properties.language = "", minutes.words.locale
    properties.created = properties.modified = datetime.fromisoformat(minutes.day).replace(tzinfo=UTC)


def _paragraph(document: Any, text: str, *, style: str | None = None, label: str = "") -> None:
    paragraph = document.add_paragraph(style=style)
    _write(paragraph, text, label=label)


def _write(paragraph: Any, text: str, *, label: str = "", small: bool = False) -> None:
    """Text as one run behind a bold label; from right to left where its first letter says so."""
    if label:
        paragraph.add_run(f"{label}: ").bold = True
    run = paragraph.add_run(text)
    if small:
        run.font.size, run.font.color.rgb = Pt(9), _GREY
    if is_rtl(text):
        paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
        run._r.get_or_add_rPr().append(OxmlElement("w:rtl"))


def _table(document: Any, rows: Sequence[Sequence[str]], widths: Sequence[Any], heads: Sequence[str] = ()) -> None:
    """Rows never break over two pages, and heads are repeated on each."""
    table = document.add_table(rows=0, cols=len(widths))
    table.autofit = False
    if heads:
        table.style = "Table Grid"
    lines = ([(heads, True)] if heads else []) + [(row, False) for row in rows]
    for texts, is_head in lines:
        row = table.add_row()
        _add_flag(row, "w:cantSplit")
        if is_head:
            _add_flag(row, "w:tblHeader")
        for at, (cell, text, width) in enumerate(zip(row.cells, texts, widths, strict=True)):
            cell.width = width
            paragraph = cell.paragraphs[0]
            if is_head:
                paragraph.add_run(text).bold = True
            else:
                _write(paragraph, text, small=at == len(widths) - 1)


def _add_flag(row: Any, name: str) -> None:
    flag = OxmlElement(name)
    flag.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(flag)
