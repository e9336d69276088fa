"""Notes are Markdown from anybody, meetings included: rendered without HTML, cleaned again, never loading a thing."""

from __future__ import annotations

import re
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_MARKS = re.compile(r"^[>#\-+*]+\s+|\*\*|__|~~|`|(?<!\w)[*_](?=\w)|(?<=\S)[*_](?!\w)")
_LINK = re.compile(r"!?\[([^\]]{0,200})\]\([^)\s]{0,500}\)")
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


@cache
def _parser() -> MarkdownIt:
    """CommonMark with tables and strikethrough. Images stay text: they would tell their host who reads the note."""
    options = {"html": False, "linkify": False, "breaks": True}
    return MarkdownIt("commonmark", options).enable(["table", "strikethrough"]).disable(["image", "html_block"])


def render(text: str | None) -> Markup:
    """Markdown as safe HTML; what looks like HTML is shown as the text it is."""
    html = nh3.clean(
        _parser().render(text or ""),
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(html)  # noqa: S704 (cleaned just now)


def plain(line: str) -> str:
    """A line without Markdown's marks, for titles."""
    return _MARKS.sub("", _LINK.sub(r"\1", line)).strip()
