"""One finding of a meeting as a card: what a yes would do, the words that prove it, and what can be decided.

A long meeting has two hundred, and the buttons of one are those of the next, so no template draws them: what all cards
of an answer have in common is put together once, and a card that says the same to the next who asks is kept.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from crm import assets, localization, web
from crm.drawing import confidence, html, icon, pill
from crm.findings import Finding
from crm.record_names import Reference
from crm.transcript_page import FIELD_NAMES, KIND_NAMES, headline, iso_day, spans, timecode
from shared.accounts.permissions import Scope
from shared.events import Target
from shared.query.linking import PATHS
from shared.schemas.insight import Kind

#: Of these kinds the changes are said one by one, but not what the headline says already.
_CHANGING = ("contact", "company", "deal", "action_item", "next_meeting")
_IN_HEADLINE = ("title", "name", "first_name", "last_name")
_DAYS = ("due_date", "expected_close", "due_at")
#: So much of its evidence stands on a card.
_QUOTES = 3
#: A card is kept in so many languages, for those who may decide and those who may not.
_MANNERS = 8
#: Where a kept card has room for what differs: signs that no text of a finding has after it was escaped.
_TOKEN, _STRAY = "<token>", "<stray>"


class Cards:
    """The cards of one answer. `users` are names by id, `places` the records that findings would change or go to."""

    def __init__(self, users: Mapping[int, str], places: Mapping[Target, Reference]) -> None:
        self._users, self._places = users, places
        self._may_review = web.can(Scope.REVIEW)

    def card(self, insight: Finding, *, oob: bool = False) -> Markup:
        """The card of a finding. With `oob` it finds its own place on the page (htmx)."""
        key = (self._manner, *self._named(insight))
        drawn = insight.drawn.get(key)
        if drawn is None:
            if len(insight.drawn) >= _MANNERS:
                insight.drawn.clear()
            drawn = insight.drawn[key] = self._drawn(insight)
        return html(drawn.replace(_TOKEN, self._token).replace(_STRAY, ' hx-swap-oob="true"' if oob else "", 1))

    @cached_property
    def _manner(self) -> Hashable:
        """What all cards of the answer are drawn by."""
        language, zone = str(localization.locale()), str(localization.zone())
        return language, zone, web.workspace().currency, assets.build(), self._may_review

    def _named(self, insight: Finding) -> tuple[Hashable, ...]:
        """The names that a card may say, of people and of records."""
        proposal, moved = insight.proposal, (insight.correction or {}).get("record")
        changes = [*proposal.changes, *(c for one in proposal.candidates for c in one["changes"])] if proposal else ()
        assigned = [change["after"] for change in changes if change["field"] == "assignee_id"]
        return (
            *(self._users.get(id or 0) for id in (insight.decided_by_id, *assigned)),
            self._places.get((proposal.record_type, proposal.record_id)) if proposal and proposal.record_id else None,
            self._places.get((moved["type"], moved["id"])) if moved else None,
        )

    def _drawn(self, insight: Finding) -> str:
        """Its card, with a place for what differs from one who asks to the next."""
        id, is_open, said = insight.id, insight.status.is_open, escape(headline(insight))
        kind = escape(KIND_NAMES[Kind(insight.kind)])
        box = ""
        if is_open and self._may_review:
            label = f"{self._words['select']}: {said}"
            box = f'<input class="form-check-input insight-select" type="checkbox" data-select aria-label="{label}">\n'
        reason = f'<p class="insight-reason" dir="auto">{escape(insight.reason)}</p>' if insight.reason else ""
        return (
            f'<article class="insight insight-{insight.status.value}" id="insight-{id}" data-stop="{id}"'
            f' data-insight="{id}" data-open="{"yes" if is_open else "no"}" data-kind="{insight.kind}"'
            f' data-state="{insight.state}"{_marks(insight)} hx-target="this" hx-swap="outerHTML" tabindex="-1"'
            f' aria-label="{kind}: {said}"{_STRAY}>\n'
            f'<header class="insight-head">{box}<div class="insight-title">'
            f'<span class="insight-kind">{kind} {self._effect(insight)}</span>\n<h3 dir="auto">{said}</h3></div>\n'
            f"{confidence(insight.confidence) if is_open else self._decision(insight)}</header>\n"
            f"{reason}{self._changes(insight)}{self._candidates(insight)}{_evidence(insight)}"
            f"{self._actions(insight) if self._may_review else ''}</article>\n"
        )

    # --- What it says

    @cached_property
    def _words(self) -> dict[str, Markup]:
        """What stands on most cards."""
        said = {
            "select": _("Select"), "accept": _("Accept"), "edit": _("Edit"), "reject": _("Reject"), "undo": _("Undo"),
            "open": _("Open"), "new": _("New"), "update": _("Update"), "known": _("Known"),
            "again": _("Mentioned again"), "which": _("Which one?"), "correction": _("Undo the correction"),
        }  # fmt: skip
        return {name: escape(text) for name, text in said.items()}

    def _effect(self, insight: Finding) -> str:
        """What accepting would do to a record: make it, change it, or nothing."""
        proposal, words = insight.proposal, self._words
        if proposal and proposal.candidates and insight.status.is_open:
            return pill(words["which"], "amber")
        is_task = insight.kind == Kind.ACTION_ITEM and insight.status.is_open
        if proposal and proposal.record_id and is_task and proposal.action != "create":
            is_update = proposal.action == "update"
            return pill(words["update" if is_update else "known"], "violet" if is_update else "neutral")
        if insight.again_of_id:
            return pill(words["again"])
        if proposal and insight.kind in ("contact", "company", "deal"):
            name, tone = {"create": ("new", "blue"), "update": ("update", "violet")}.get(
                proposal.action, ("known", "neutral")
            )
            return pill(words[name], tone) + self._place(proposal.record_type, proposal.record_id, headline(insight))
        moved = (insight.correction or {}).get("record")
        to = self._places.get((moved["type"], moved["id"])) if moved else None
        return (
            f'{icon("arrow-right", "icon-sm")} <span class="insight-place clip">{escape(to.name)}</span>' if to else ""
        )

    def _place(self, type_: str, id: int | None, said: str) -> str:
        """The record a finding is about, where it is called something else than the finding says."""
        place = self._places.get((type_, id)) if id else None
        if place is None or not place.url or place.name == said:
            return ""
        return html(f' <a class="insight-place clip" href="{escape(place.url)}">{escape(place.name)}</a>')

    def _decision(self, insight: Finding) -> str:
        """How it was decided, and by whom."""
        by = self._users.get(insight.decided_by_id or 0)
        who = f"<small>{escape(by)}</small>" if by else ""
        return f'<span class="insight-by">{self._decided[insight.status.value]}{who}</span>'

    @cached_property
    def _decided(self) -> dict[str, Markup]:
        return {
            "accepted": pill(_("Accepted"), "green", "check"),
            "edited": pill(_("Accepted, edited"), "green", "pencil"),
            "rejected": pill(_("Rejected"), "neutral", "x"),
            "auto_accepted": pill(_("Accepted by policy"), "teal", "bolt"),
        }

    def _changes(self, insight: Finding) -> str:
        """The fields that would be set, with what stands there now."""
        proposal = insight.proposal
        if proposal is None or not proposal.changes or insight.kind not in _CHANGING:
            return ""
        told = [
            change
            for change in proposal.changes
            if change["field"] not in _IN_HEADLINE
            or proposal.action == "update"
            or (change["field"] == "title" and insight.kind == Kind.CONTACT)
        ]
        return f'<dl class="changes">{"".join(map(self._change, told))}</dl>\n'

    def _change(self, change: Mapping[str, Any]) -> str:
        before = _before(change)
        gone = f"<del>{before}</del> {icon('arrow-right', 'icon-sm')} " if before else ""
        return f"<div><dt>{_field(change)}</dt><dd>{gone}<ins>{self._after(change)}</ins></dd></div>"

    def _after(self, change: Mapping[str, Any]) -> Markup:
        value = change.get("label") or change["after"]
        if change["field"] == "assignee_id":
            value = self._users.get(value, value)
        return _shown(value, change["field"])

    # --- What can be decided

    def _candidates(self, insight: Finding) -> str:
        """Several records may be meant: one is chosen before the yes. The numbers are keys."""
        proposal = insight.proposal
        if proposal is None or not proposal.candidates or not insight.status.is_open:
            return ""
        rows = [
            (candidate["id"], f'<span dir="auto">{escape(candidate["label"])}</span>', candidate["changes"])
            for candidate in proposal.candidates
        ]
        rows.append(("new", _new_ones()[proposal.record_type], ()))
        chosen = "".join(
            f'<label class="candidate"><input class="form-check-input" type="radio" name="record_id" value="{value}"'
            f' form="decide-{insight.id}" required data-pick="{number}">\n<span>{name}'
            f' <kbd aria-hidden="true">{number}</kbd>{"".join(map(self._candidate_change, changes))}</span></label>\n'
            for number, (value, name, changes) in enumerate(rows, 1)
        )
        return f'<fieldset class="candidates"><legend>{escape(_("Which one is meant?"))}</legend>{chosen}</fieldset>\n'

    def _candidate_change(self, change: Mapping[str, Any]) -> str:
        before = _before(change)
        gone = f"<del>{before}</del> " if before else ""
        return f'<span class="candidate-change">{_field(change)}: {gone}<ins>{self._after(change)}</ins></span>'

    def _actions(self, insight: Finding) -> str:
        """The buttons, in one form; `{id}` stands for the finding in what all have in common.

        What else can be done stands in a menu that the page's script adds (`more.js`): it needs the script anyhow.
        """
        words, verb, shown = self._words, "undo", self._take_back
        if insight.status.is_open:
            verb, shown = "accept", self._choices
        if insight.status.is_open and insight.correction:
            instead = f'{_verb("undo")} title="{words["correction"]}"'
            shown += _button(words["undo"], "undo", "arrow-back-up", "btn-quiet", instead)
        own_id = ' id="decide-{id}"' if insight.proposal and insight.proposal.candidates else ""
        url = f"/insights/{{id}}/{verb}"
        form = f'<form class="insight-actions"{own_id} method="post" action="{url}" hx-post="{url}">{_TOKEN}'
        return f"{form}{self._result(insight)}{shown}</form>\n".replace("{id}", str(insight.id))

    def _result(self, insight: Finding) -> str:
        """The record that came of it."""
        proposal = insight.proposal
        if proposal is None or not insight.status.is_applied:
            return ""
        path, id = PATHS.get(proposal.record_type), proposal.record_id
        is_another = bool(path and id) and proposal.record_type != "meeting"
        link = f'<a href="{path}/{id}">{self._words["open"]}</a>' if is_another else ""
        return f'<span class="small">{link}</span>\n'

    @cached_property
    def _token(self) -> str:
        return f'<input type="hidden" name="csrf_token" value="{generate_csrf()}">'

    @cached_property
    def _take_back(self) -> str:
        return _button(self._words["undo"], "undo", "arrow-back-up", "btn-quiet")

    @cached_property
    def _choices(self) -> str:
        """What an open finding offers."""
        words = self._words
        accept = _button(words["accept"], "accept", "check", "btn-primary")
        link = f'<a class="btn btn-sm" href="/insights/{{id}}/edit">{icon("pencil")}{words["edit"]}</a>'
        edit = _button(words["edit"], "edit", "pencil", "", ' type="button"') + f"<noscript>{link}</noscript>"
        return f"{accept}{edit}{_button(words['reject'], 'reject', 'x', 'btn-quiet', _verb('reject'))}"


def _new_ones() -> dict[str, Markup]:
    said = {
        "contact": _("a new contact"), "company": _("a new company"), "deal": _("a new deal"), "task": _("a new task"),
    }  # fmt: skip
    return {type_: escape(text.capitalize()) for type_, text in said.items()}


def _marks(insight: Finding) -> str:
    """Where its words stand, for the script that marks them in the transcript: "utterance:start-end …"."""
    found = " ".join(f"{line}:{span.start}-{span.end}" for line, span in spans(insight))
    return f' data-marks="{found}"' if found else ""


def _evidence(insight: Finding) -> str:
    return "".join(
        f'<a class="evidence" href="#u-{said["utterance"]}"><q dir="auto">{escape(said["quote"])}</q>\n'
        f'<span class="quote-source">{source(said)}</span></a>\n'
        for said in insight.evidence[:_QUOTES]
    )


def source(said: Mapping[str, Any]) -> str:
    """Who said it, and when."""
    speaker, start_s = said.get("speaker"), said.get("start_s")
    who = f"<span>{escape(speaker)}</span>" if speaker else ""
    return who if start_s is None else f'{who}<span class="num">{timecode(start_s)}</span>'


def _before(change: Mapping[str, Any]) -> str:
    """What stands there now; an empty string for nothing."""
    value = change.get("before")
    return "" if value is None or value == "" else _shown(value, change["field"])


def _shown(value: Any, field: str) -> Markup:
    if isinstance(value, Mapping) and "minor" in value:
        value = localization.money(value["minor"], value["currency"])
    elif isinstance(value, str) and field in _DAYS:
        value = iso_day(value)
    return escape(value)


def _field(change: Mapping[str, Any]) -> Markup:
    return escape(FIELD_NAMES.get(change["field"], change["field"]))


def _button(text: str, act: str, icon_name: str, look: str, more: str = "") -> str:
    return f'<button class="btn btn-sm {look}" data-act="{act}"{more}>{icon(icon_name)}{text}</button>'


def _verb(verb: str) -> str:
    """What makes a button of the form do something else, whatever is not filled in."""
    return f' formaction="/insights/{{id}}/{verb}" formnovalidate'
