"""Minutes of a meeting, for people who were not there: collected once, written in each format.

    meeting, attendees, insights ── collect ──▶ Minutes ── write ──▶ Markdown, Word, PDF
                                                   └───────────────▶ the page that is printed

They speak the language of the meeting. What nobody has said yes to yet is in them and says so; what was refused is not.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from crm.minutes.content import Minutes, collect

#: By ending. What each needs is imported when it is asked for: the libraries are large.
MIMETYPES = {
    "md": "text/markdown",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


def write(minutes: Minutes, ending: str, *, font: Callable[[str], Path]) -> bytes:
    """The minutes as a file of this kind, one of `MIMETYPES`; `font("DejaVuSans.ttf")` says where a font lies."""
    if ending == "pdf":
        from crm.minutes.pdf import as_pdf

        return as_pdf(minutes, regular=font("DejaVuSans.ttf"), bold=font("DejaVuSans-Bold.ttf"))
    if ending == "docx":
        from crm.minutes.word import as_docx

        return as_docx(minutes)
    from crm.minutes.markdown import as_markdown

    return as_markdown(minutes).encode()


__all__ = ["MIMETYPES", "Minutes", "collect", "write"]
