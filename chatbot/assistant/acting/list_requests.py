"""Requests about every record of a list: which records are meant, and what is to be so of them.

“These” are the rows of the open list, “them” those of the last answer; anything else is read as a question for records
is (“all leads from Berlin”). A deletion, and the end of deals, are only for a list that the person looks at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from chatbot.assistant.acting import delays, details, fields, list_fields, list_patterns, wording
from chatbot.assistant.acting.asking import Instead
from chatbot.assistant.acting.list_fields import Named
from chatbot.assistant.acting.own_requests import OwnRequests
from chatbot.assistant.acting.record_requests import FieldRequests
from chatbot.assistant.types import Choice, Routed
from chatbot.assistant.understanding import about_list
from chatbot.assistant.understanding.asking_back import UNSURE
from chatbot.assistant.understanding.rules import understand
from shared.models import Pipeline, Stage, StageType, Tag
from shared.query.plan import Plan
from shared.records import changing, shifting, tags

readings = list_patterns.readings

_OWNED = {"company": "owner_id", "contact": "owner_id", "deal": "owner_id", "task": "assignee_id"}
_TARGETS = {"company_id": "company", "contact_id": "contact", "deal_id": "deal"}
_THEIRS = {"en": "their", "de": "deren"}
_DATES = {"task": "due", "deal": "expected_close"}
_NEW_TAG = "[new tag]"
_MOST_OFFERED = 3
_BESIDE = re.compile(
    r"\b(?:all|alle[nrs]?|every|each|of|the|please|bitte|records?|rows?|entries|einträge\w?|ones|everything|everyone|"
    r"everybody|whole|entire|ganze\w?|hier|here|die|der|in|on|von|sie|ihnen|their|deren|ihre\w?)\b|\W+", re.I,
)  # fmt: skip
#: One record, in words that may begin a list.
_ONE = re.compile(
    r"(?:diese[rn]?|jene[rn]?)\s+(?:firma|aufgabe|person|notiz|besprechung|deal|kontakt|kunden|lead)\b", re.I
)
_WHOLE = re.compile(
    r"\b(the|die|der)\s+(?:whole\s+|entire\s+|(?:ganz|gesamt)en?\s+)?(?:list|view|selection|liste|ansicht|auswahl)\b",
    re.I,
)
_POINTS = re.compile(r"(?:sie|ihnen|their|deren|ihre\w?)$", re.I)
_PRONOUN = re.compile(r"(?:them|sie|ihnen|their|deren|ihre\w?)\b", re.I)
_THESE = re.compile(r"(?:all\s+(?:of\s+)?|alle\s+)?(?:these|those|diese[rn]?)\b", re.I)
_ONES = re.compile(r"\bones\b", re.I)


class ListRequests(FieldRequests, OwnRequests):
    """Each method reads one way to ask for it."""

    def _list_assign(self) -> Routed | None:
        record, who = self._full_name(self.reading.piece("record"), self.reading.piece("who"))
        plan = self._every(record.text, tuple(_OWNED))
        return self._change(plan, "edit", {_OWNED[plan.from_]: self._colleague(who).id}) if plan is not None else None

    def _list_tag(self) -> Routed | None:
        plan = self._every(self._text("record"), tuple(tags.TAGGED))
        return self._change(plan, "tag", {"tags": self._tag_names(may_be_new=True)}) if plan is not None else None

    def _list_untag(self) -> Routed | None:
        plan = self._every(self._text("record"), tuple(tags.TAGGED))
        if plan is not None and not self._text("value"):
            raise self._ask("which_tag")
        return self._change(plan, "untag", {"tags": self._tag_names(may_be_new=False)}) if plan is not None else None

    def _list_set(self) -> Routed | None:
        """A field of ours or of the team's own, for all of them."""
        if fields.concept(self._text("field")) == "stage":
            return self._list_move()
        if (found := self._of_field()) is None:
            return None
        field, plan = found
        value = wording.unquoted(self._text("value"))
        if (own := field.own.get(plan.from_)) is not None:
            return self._change(plan, "edit", {"custom": {own.key: self._own_value(own, value)}})
        name, target = field.by_type[plan.from_], _TARGETS.get(field.by_type[plan.from_])
        if target is not None:
            return self._change(plan, "edit", {name: self._one("value", (target,)).id})
        if name in ("owner_id", "assignee_id"):
            return self._change(plan, "edit", {name: self._user("value").id})
        return self._change(plan, "edit", self._read_value(name, field.concept or name, value))

    def _list_clear(self) -> Routed | None:
        """“Clear their owner”: the field is emptied. Without a field (“unassign these”) their owner."""
        if (found := self._of_field("owner")) is None:
            return None
        field, plan = found
        if not field.may_be_empty:
            raise self._abstain("not_empty", field=self._text("field"))
        if (own := field.own.get(plan.from_)) is not None:
            return self._change(plan, "edit", {"custom": {own.key: None}})
        name = field.by_type[plan.from_]
        return self._change(plan, "edit", {"due_date" if name == "due" else name: None})

    def _of_field(self, usual: str = "") -> tuple[Named, Plan] | None:
        """The field that is named, and the records that have it; None where it is no field, or they are none."""
        field = list_fields.named(self.session, self._text("field") or usual)
        if field is None or (plan := self._every(self._text("record"), field.types)) is None:
            return None
        if _is_alone(plan.from_, field.by_type[plan.from_]):
            raise self._abstain("not_for_many", field=self._text("field"))
        return field, plan

    def _list_complete(self) -> Routed | None:
        plan = self._every(self._text("record"), ("task",))
        return self._change(plan, "edit", {"status": "done"}) if plan is not None else None

    def _list_reopen(self) -> Routed | None:
        plan = self._every(self._text("record"), ("task",))
        return self._change(plan, "edit", {"status": "open"}) if plan is not None else None

    def _list_close(self) -> Routed | None:
        plan = self._every(self._text("record"), ("task", "deal"))
        if plan is None or plan.from_ == "task":
            return self._change(plan, "edit", {"status": "done"}) if plan is not None else None
        request = f"mark {self._text('record')} as" if self.language == "en" else f"markiere {self._text('record')} als"
        raise self._ask(
            "won_or_lost", [Choice(self._say(end), f"{request} {self._say(end).lower()}") for end in ("won", "lost")]
        )

    def _list_mark(self) -> Routed | None:
        """“Mark these as done”, “as customers”, “set these to Won”: what the word is one of."""
        plan = self._every(self._text("record"), tuple(_OWNED))
        if plan is None:
            return None
        value = wording.unquoted(self._text("value"))
        if plan.from_ == "deal":
            return self._all_to_stage(plan, value)
        for name in {"task": ("status", "priority"), "contact": ("lifecycle",)}.get(plan.from_, ()):
            if found := fields.value_of(name, value, self.zone) or fields.value_of(name, value.rstrip("sn"), self.zone):
                return self._change(plan, "edit", found)
        raise self._abstain("not_marked", phrase=wording.clipped(value))

    def _list_move(self) -> Routed | None:
        """A stage, or of tasks (and the close of deals) a day."""
        plan = self._every(self._text("record"), ("deal", "task"))
        if plan is None:
            return None
        value = wording.unquoted(self._text("value"))
        when = details.find_when(value, self.zone)
        if when is not None and not when.text:
            named = _DATES[plan.from_]
            return self._change(plan, "edit", when.due if named == "due" else {named: when.day.isoformat()})
        if plan.from_ == "task":
            self._expect_no_riddle(value, is_needed=True)
            raise self._ask("when", self._days(value))
        return self._all_to_stage(plan, value)

    def _list_shift(self) -> Routed | None:
        """“Postpone these by a week”: each from the day it has. Which day, where nobody says, is the type's own."""
        field = list_fields.named(self.session, self._text("field")) if self._text("field") else None
        if self._text("field") and field is None:
            return None
        days = {type_: named for type_ in tags.TAGGED if (named := self._day_of(type_, field))}
        plan = self._every(self._text("record") or _THEIRS[self.language], tuple(days))
        if plan is None:
            return None
        told = self.request.body.replace(self._text("record"), " ") if self._text("record") else self.request.body
        delay = delays.of(self._text("length"), told)
        if delay is None:
            raise self._abstain("how_long")
        return self._change(plan, "shift", {"field": days[plan.from_], **delay.as_values()})

    def _day_of(self, type_: str, field: Named | None) -> str | None:
        """The day of a type's records that is meant: the one that is named, or the only one there is."""
        if field is not None:
            return field.shifted(type_)
        listed = list(shifting.fields(self.session, type_))
        return listed[0] if type_ in shifting.DAYS or len(listed) == 1 else None

    def _list_how_long(self) -> Routed | None:
        raise self._abstain("how_long")

    def _list_delete(self) -> Routed | None:
        plan = self._every(self._text("record"), ("company", "contact", "deal", "task", "note", "meeting"))
        if plan is not None and not self._is_of_list:
            raise self._abstain("delete_listed")
        return self._change(plan, "delete", {}) if plan is not None else None

    # -------------------------------------------------------------------------------------------------- values

    def _change(self, plan: Plan, action: str, values: dict[str, Any]) -> Routed:
        args = {
            "plan": plan.model_dump(mode="json", by_alias=True), "action": action, "values": values,
            "language": self.language,
        }  # fmt: skip
        return self._act("change_list", args, None)

    def _all_to_stage(self, plan: Plan, said: str) -> Routed:
        """By name: each deal goes to the stage of that name in its own pipeline."""
        pipelines = self.session.scalars(select(Pipeline).where(Pipeline.deleted_at.is_(None))).all()
        found = [stage for one in pipelines if (stage := fields.stage_called(said, one.stages, None)) is not None]
        names = list(dict.fromkeys(stage.name for stage in found))
        if not names:
            every = dict.fromkeys(stage.name for one in pipelines for stage in one.stages)
            raise self._ask("stage", self._named(every), phrase=wording.clipped(said))
        if len(names) > 1:
            raise self._ask("which_stage", self._named(names))
        if not self._is_of_list and any(_is_end(stage) for stage in found):
            raise self._abstain("end_listed")
        return self._change(plan, "edit", {"stage": names[0]})

    def _named(self, names: Iterable[str]) -> list[Choice]:
        piece = self.reading.piece("value")
        return [Choice(name, self._with(piece, name)) for name in names][:6]

    def _tag_names(self, *, may_be_new: bool) -> list[str]:
        """Tags as the workspace spells them. One that there is not is offered to be made, once, or is said."""
        value = wording.unquoted(self._text("value").replace(_NEW_TAG, ""))
        said = [part.strip(' .!“”"„') for part in re.split(r",|\s+and\s+|\s+und\s+", value)]
        said = [name for name in said if name]
        known = {
            tag.name_key: tag.name
            for tag in self.session.scalars(
                select(Tag).where(Tag.name_key.in_([tags.key_of(name) for name in said]), Tag.deleted_at.is_(None))
            )
        }
        new = [name for name in said if tags.key_of(name) not in known]
        if new and not may_be_new:
            raise self._abstain("no_tag", phrase=wording.clipped(new[0]))
        if new and _NEW_TAG not in self.question.text:
            like = tags.like(self.session, new[0][:3], limit=_MOST_OFFERED)
            choices = [Choice(self._say("make_tag", phrase=wording.clipped(new[0])), self._plus(_NEW_TAG))]
            choices += [Choice(tag.name, self._instead_of(new[0], tag.name)) for tag in like]
            raise self._ask("new_tag", choices, phrase=wording.clipped(new[0]))
        return [known.get(tags.key_of(name), name) for name in said]

    # -------------------------------------------------------------------------------------------------- records

    @property
    def _is_of_list(self) -> bool:
        """Whether they point at the rows of the list in front of them."""
        listing, phrase = self.question.listing, _as_pointing(self._text("record"))
        if listing is None:
            return False
        way = about_list.pointing(phrase, listing.plan.from_).way
        return way in ("these", "list") or bool(_POINTS.match(phrase))

    def _every(self, phrase: str, types: tuple[str, ...]) -> Plan | None:
        """The records a phrase means, of one of these types.

        None where it means one record, or points at nothing that is there; ends with a question or a refusal where it
        is not understood, or means records of which this cannot be so.
        """
        if _ONE.match(phrase):
            return None
        phrase = _as_pointing(phrase)
        plan = self._pointed_at(phrase) or self._described(phrase)
        listing = self.question.listing
        is_other = plan is not None and listing is not None and plan.from_ != listing.plan.from_
        if plan is not None and (plan.from_ not in types or (is_other and _THESE.match(phrase))):
            shown = listing.plan.from_ if is_other and listing is not None else plan.from_
            raise self._abstain("not_these", kinds=self._say(f"many_{shown}"))
        return plan

    def _pointed_at(self, phrase: str) -> Plan | None:
        """The open list, or what the last answer was about, where nothing more is said of it."""
        last = self.question.history[-1].plan if self.question.history else None
        listing = self.question.listing
        beside = self.question.history[-1].listing if self.question.history else None
        for plan, is_list in ((last, False), (listing.plan if listing else None, True)):
            if plan is None:
                continue
            said = about_list.pointing(phrase, plan.from_)
            is_bare = bool(said.way or _POINTS.match(phrase)) and not _BESIDE.sub("", said.rest)
            is_other = listing is not None and not is_list and (beside is None or beside.plan != listing.plan)
            if is_bare and not (is_other or (said.way == "list" and not is_list)):
                return _rows(plan)
        return None

    def _described(self, phrase: str) -> Plan | None:
        """The records of a question, “all leads from Berlin”."""
        listing = self.question.listing
        is_pointing = listing is not None and bool(about_list.pointing(phrase, listing.plan.from_).way)
        is_going_on = listing is None and re.match(r"(?:those|the|diejenigen)\b", phrase, re.I)
        history = self.question.history if is_going_on else ()
        is_meant = is_pointing or bool(_ONES.search(phrase)) or (listing is not None and listing.is_meant)
        text = f"{phrase} of these" if listing is not None and _ONES.search(phrase) and not is_pointing else phrase
        question = replace(self.question, text=text, history=history, page=None, listing=listing if is_meant else None)
        routed = understand(self.session, question).routed
        if routed.kind == "clarify" and routed.choices:
            piece = self.reading.piece("record")
            choices = tuple(Choice(c.label, self._with(piece, c.question), c.record) for c in routed.choices)
            raise Instead(replace(routed, choices=choices, language=self.language))
        plan = _rows(routed.plan) if routed.kind == "structured" and routed.plan is not None else None
        if plan is not None and routed.confidence >= UNSURE:
            return plan
        if _PRONOUN.match(phrase) and not is_pointing:
            return None
        raise self._abstain("which_records", phrase=wording.clipped(phrase))


def _as_pointing(phrase: str) -> str:
    """“The whole list” said as “this list”."""
    return _WHOLE.sub(lambda said: "this list" if said[1].lower() == "the" else "diese Liste", phrase)


def _rows(plan: Plan | None) -> Plan | None:
    """The records themselves; None where an answer told of groups, or of figures that are not of all of them."""
    if plan is None or plan.group or plan.versus is not None or any(m.metric != "count" for m in plan.measures):
        return None
    if plan.is_ranked:
        return plan.model_copy(update={"fields": ()})
    return plan.of_rows.model_copy(update={"order": () if plan.is_measured else plan.order})


def _is_end(stage: Stage) -> bool:
    return stage.type is not StageType.OPEN


def _is_alone(type_: str, field: str) -> bool:
    return field in ("email", "full_name") or (type_, field) == ("contact", "phone") or changing.is_alone(type_, field)
