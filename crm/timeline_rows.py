"""Moments of a timeline as HTML. Twenty of them stand on the page of each record, so no template draws them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from markupsafe import Markup

from crm import localization
from crm.drawing import escaped, html, icon
from crm.localization import gettext as _
from crm.record_names import Reference
from crm.timeline_page import Change, Moment, Why


def timeline_rows(moments: Sequence[Moment]) -> Markup:
    """`<li>` after `<li>`. A template global."""
    ago, moment = localization.times(as_distance=True)
    return html("".join(_row(one, ago, moment) for one in moments))


def _row(one: Moment, ago: Callable[[datetime], str], moment: Callable[[datetime], str]) -> str:
    said = f"<strong>{escaped(one.who)}</strong> {escaped(one.text)}"
    if one.about:
        said += f" {_name(one.about)}"
    if one.title:
        said += f" {escaped(one.title)}"
    if one.meeting:
        said += f' <span class="text-2">{escaped(_("from"))} {_name(one.meeting)}</span>'
    title = escaped(moment(one.at))
    return (
        f'\n<li class="moment"><span class="moment-icon tone-{one.tone}">{icon(one.icon)}</span>\n'
        f'  <div><div class="moment-head"><span>{said}</span>\n'
        f'    <time datetime="{one.at.isoformat()}" title="{title}">{escaped(ago(one.at))}</time></div>'
        f"{_body(one)}</div></li>"
    )


def _name(known: Reference) -> str:
    name = escaped(known.name)
    return f'<a href="{escaped(known.url)}">{name}</a>' if known.url else name


def _body(one: Moment) -> str:
    """What was accepted one after the other, what changed, and the sentence that led to it."""
    body = ""
    if len(one.accepted) > 1:
        body += f'<ul class="moment-list">{"".join(f"<li>{escaped(title)}</li>" for title in one.accepted)}</ul>'
    if one.changes:
        body += f'<dl class="moment-changes">{"".join(map(_change, one.changes))}</dl>'
    if one.why:
        body += _quote(one.why)
    return f'\n    <div class="moment-body stack-s">{body}\n    </div>' if body else ""


def _change(change: Change) -> str:
    before = f"<del>{escaped(change.before)}</del>{icon('arrow-right', 'icon-sm')}" if change.before else ""
    after = (
        f"<ins>{escaped(change.after)}</ins>"
        if change.after
        else f'<span class="text-3">{escaped(_("nothing"))}</span>'
    )
    return f"<div><dt>{escaped(change.label)}</dt><dd>{before}{after}</dd></div>"


def _quote(why: Why) -> str:
    """As `quote` of the components draws it."""
    speaker = f"<span>{escaped(why.speaker)}</span>" if why.speaker else ""
    at = escaped(why.at or _("open"))
    where = f'<a class="num" href="{escaped(why.href)}">{at}</a>' if why.href else f'<span class="num">{at}</span>'
    return (
        f'<blockquote class="quote">{escaped(why.quote)}<span class="quote-source">{speaker}{where}</span></blockquote>'
    )
