"""Notes as pages show them: Markdown, but for those made of e-mails and events, which are letters.

A letter's text is nobody's Markdown: its lines, stars and dashes stay what they are, and what it quotes is folded.
"""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape

from crm import markdown
from crm.localization import lazy_gettext as _l
from shared.activities import writing

_HEAD: dict[str, LazyString] = {
    "From": _l("From"),
    "To": _l("To"),
    "Cc": _l("Cc"),
    "With": _l("With"),
    "Where": _l("Where"),
    "Files": _l("Files"),
}
#: Of a list of names, so much is shown; the rest is behind a click.
_LONG = 300


def render(body: str | None) -> Markup:
    """A note's body as safe HTML."""
    found = writing.parts(body or "")
    if found is None:
        return markdown.render(body)
    head = Markup().join(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(_HEAD.get(name, name), _shortened(_said(name, value)))
        for name, value in found.head
    )
    title = _("Without a subject") if found.title == writing.NO_TITLE else found.title
    text = Markup('<p class="letter-title">{}</p><dl class="letter-head">{}</dl>').format(title, head)
    if found.text:
        text += Markup('<div class="letter-text" dir="auto">{}</div>').format(found.text)
    if found.quoted:
        text += Markup(
            '<details class="letter-quoted"><summary>{}</summary><div class="letter-text" dir="auto">{}</div></details>'
        ).format(_("What it answers"), found.quoted)
    return text


def _said(name: str, value: str) -> str:
    """A line of the head; of files, which of them were not kept."""
    return value.replace(writing.NOT_KEPT, f", {_('not kept')})") if name == "Files" else value


def _shortened(names: str) -> Markup:
    if len(names) <= _LONG:
        return escape(names)
    cut = names.find(", ", _LONG)
    if cut < 0:
        return escape(names)
    more = Markup("<details><summary>{}</summary>{}</details>").format(_("and more"), names[cut + 2 :])
    return escape(names[:cut]) + ", " + more
