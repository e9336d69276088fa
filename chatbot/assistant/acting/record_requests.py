"""Deals, people and companies: requests to move them on, correct them or add them."""

from __future__ import annotations

from typing import Any

from chatbot.assistant.acting import details, fields, messages, wording
from chatbot.assistant.acting.asking import THIS, Asking
from chatbot.assistant.acting.grammar import Reading
from chatbot.assistant.acting.targets import Found, detail_of
from chatbot.assistant.types import Choice, RecordRef, Routed
from shared.models import Deal, Pipeline, Stage, StageType, TaskStatus
from shared.records.keys import fold, split_name


class DealRequests(Asking):
    """Moving and closing deals."""

    def _close_deal(self) -> Routed | None:
        deal = self._this("deal", ("deal",))
        is_won = self._text("outcome").lower() in ("won", "win", "gewonnen")
        stages = self._stages(deal, StageType.WON if is_won else StageType.LOST)
        if not stages:
            raise self._abstain("no_stage")
        if len(stages) > 1:
            raise self._ask("which_stage", [self._to_stage(deal, stage) for stage in stages])
        return self._to(deal, stages[0])

    def _to(self, deal: RecordRef, stage: Stage) -> Routed:
        reason = wording.capital(wording.unquoted(self._text("why"))) or None
        return self._act("move_deal_stage", {"deal_id": deal.id, "stage_id": stage.id, "reason": reason}, deal)

    def _stages(self, deal: RecordRef, type_: StageType | None = None) -> list[Stage]:
        row = self.session.get_one(Deal, deal.id)
        stages = self.session.get_one(Pipeline, row.pipeline_id).stages
        return [stage for stage in stages if type_ is None or stage.type is type_]

    def _to_stage(self, deal: RecordRef, stage: Stage) -> Choice:
        phrase = f"{deal.name} [deal:{deal.id}]"
        return Choice(stage.name, wording.move_request(phrase, stage.name, self.language), deal)

    def _close_which(self) -> Routed | None:
        deal = self._one("deal", ("deal",))
        choices = [
            Choice(
                self._say(outcome), wording.close_request(f"{deal.name} [deal:{deal.id}]", outcome, self.language), deal
            )
            for outcome in ("won", "lost")
        ]
        raise self._ask("won_or_lost", choices)

    def _reopen_deal(self) -> Routed | None:
        found = self._one("deal", ("deal", "task"), status=TaskStatus.DONE)
        if found.type == "task":
            return self._act("update_task", {"task_id": found.id, "status": "open"}, found)
        raise self._ask("which_stage", [self._to_stage(found, s) for s in self._stages(found, StageType.OPEN)])

    def _move_deal(self) -> Routed | None:
        said = self._text("stage")
        found = self.targets.find(self._text("deal") or THIS, ("deal",))
        if not found.records:
            return self._move_anything(said, found)
        deal = self._settled(found, lambda text: self._with(self.reading.piece("deal"), text))
        stages = self._stages(deal)
        current = self.session.get_one(Deal, deal.id).stage_id
        stage = fields.stage_called(said, stages, current)
        if stage is None and (when := details.find_when(said, self.zone)):
            return self._act("update_deal", {"deal_id": deal.id, "expected_close": when.day.isoformat()}, deal)
        if stage is None:
            choices = [self._to_stage(deal, stage) for stage in stages if stage.id != current]
            raise self._ask("which_stage" if fields.is_step(said) else "stage", choices, phrase=wording.clipped(said))
        return self._to(deal, stage)

    def _move_anything(self, said: str, found: Found) -> Routed | None:
        """No deal: perhaps a task that moves to another day, or nothing that can be moved at all."""
        task = self.targets.find(self._text("deal") or THIS, ("task",), status=TaskStatus.OPEN)
        when = details.find_when(said, self.zone)
        if task.records and when is not None:
            ref = self._settled(task, lambda text: self._with(self.reading.piece("deal"), text))
            return self._act("update_task", {"task_id": ref.id} | when.due, ref)
        every = [stage for pipeline in self.session.scalars(fields.PIPELINES) for stage in pipeline.stages]
        if when is None and fields.stage_called(said, every, None) is None:
            return None
        if found.is_pointing:
            raise self._ask("pointing", kinds=messages.kinds(self.language, found.wanted))
        return self._unknown(found) if when is None else None

    def _unknown(self, found: Found) -> Routed:
        raise self._abstain(
            "unknown", phrase=wording.clipped(found.phrase), kinds=messages.kinds(self.language, found.wanted)
        )

    def _create_deal(self) -> Routed | None:
        raise self._abstain("deal")


class FieldRequests(DealRequests):
    """“Set this field of that record to …”."""

    def _set_field(self, *, add: bool = False) -> Routed | None:
        said = fields.concept(self._text("field") or fields.kind_of_value(self._text("value")))
        if said is None:
            return None
        if said == "stage":
            self.reading = self._as_move()
            return self._move_deal()
        record = self._this("record", fields.types_with(said), status=TaskStatus.OPEN)
        value = wording.unquoted(self._text("value"))
        args = self._value(record, said, value)
        if add:
            args = {f"add_{name}" if name in ("email", "phone") else name: v for name, v in args.items()}
        return self._act(f"update_{record.type}", {f"{record.type}_id": record.id} | args, record)

    def _step_field(self) -> Routed | None:
        """“Raise the amount by 5k”, “by 10 %”: from what it is now."""
        if fields.concept(self._text("field")) != "amount":
            return None
        record = self._this("record", ("deal",))
        deal = self.session.get_one(Deal, record.id)
        amount = fields.stepped(
            deal, self._text("value"), is_up=self._text("up").lower() in ("raise", "increase", "bump")
        )
        if amount is None:
            raise self._abstain("value", phrase=wording.clipped(self._text("value")), field=self._text("field"))
        return self._act("update_deal", {"deal_id": deal.id, "amount": amount}, record)

    def _state_field(self) -> Routed | None:
        """“Jane's new number is …” tells us to write it down; “Jane's number is …?” asks."""
        is_asked = self.question.text.rstrip().endswith("?")
        said = fields.concept(self._text("field"))
        types = fields.types_with(said) if said is not None and said in fields.FIELDS else ()
        if is_asked or not types or not self.targets.find(self._text("record"), types).records:
            return None
        return self._set_field()

    def _call(self) -> Routed | None:
        """We cannot call anybody, but remember to."""
        when = details.find_when(self._text("who"), self.zone)
        if not self.targets.find(when.text if when else self._text("who"), ("contact", "company")).records:
            return None
        request = wording.task_request(self.request.body, self.language)
        raise self._ask("call", [Choice(self._say("task_for_it"), request)])

    def _add_field(self) -> Routed | None:
        if fields.concept(self._text("field") or fields.kind_of_value(self._text("value"))) not in ("email", "phone"):
            return None
        record = self.targets.find(self._text("record"), ("contact", "company")).one
        return self._set_field(add=record is not None and record.type == "contact")

    def _as_move(self) -> Reading:
        pieces = {"stage": self.reading.pieces["value"]}
        if record := self.reading.piece("record"):
            pieces["deal"] = record
        return Reading("move_deal", self.language, pieces)

    def _value(self, record: RecordRef, said: str, value: str) -> dict[str, Any]:
        name = fields.FIELDS[said][record.type]
        if name in ("owner_id", "assignee_id"):
            return {name: self._user("value").id}
        if name == "company_id":
            return {name: self._one("value", ("company",)).id}
        return self._read_value(name, said, value)

    def _read_value(self, name: str, said: str, value: str) -> dict[str, Any]:
        """A value as a field takes it; ends with a question or a refusal where the words are none."""
        found = fields.value_of(name, value, self.zone)
        if not found and name in ("due", "expected_close"):
            self._expect_no_riddle(value, is_needed=True)
        if not found:
            raise self._abstain("value", phrase=wording.clipped(value), field=self._text("field") or said)
        return found


class PeopleRequests(Asking):
    """New contacts and companies."""

    def _create_contact(self) -> Routed | None:
        rest = ", ".join(filter(None, (self._text("rest"), self._text("more"))))
        email, rest = details.take(details.EMAIL, rest)
        phone, rest = details.take(details.PHONE, rest)
        person = wording.person(rest)
        first, last = split_name(person.name)
        if not (person.name or email):
            raise self._ask("contact_name")
        self._expect_new(person.name, email)
        args = {
            "first_name": first or None,
            "last_name": last or None,
            "email": email,
            "phone": phone,
            "title": person.title,
        }
        return self._act("create_contact", args | self._employer(person.company, is_new=person.is_new_company), None)

    def _expect_new(self, name: str, email: str | None) -> None:
        """Somebody of the same full name may be the same person: ask."""
        same = self.targets.find(name, ("contact",)) if " " in name and "[another]" not in self.question.text else None
        if same is None or not any(fold(ref.name) == fold(name) for ref in same.records) or email:
            return
        known = same.records[0]
        detail = detail_of(self.session, known)
        another = Choice(self._say("another"), self._plus("[another]"))
        raise self._ask("namesake", [another], name=f"{known.name} ({detail})" if detail else known.name)

    def _employer(self, name: str | None, *, is_new: bool) -> dict[str, Any]:
        if not name:
            page = self.targets.page(("company",))
            return {"company_id": page.id} if page else {}
        found = self.targets.find(name, ("company",))
        if is_new and not found.records:
            return {"company": name}
        if not found.records and not found.is_pointing:
            choices = [
                Choice(
                    self._say("with_new_company", phrase=wording.clipped(name)),
                    self._instead_of(name, wording.new_company(name, self.language)),
                ),
                Choice(self._say("without_company"), wording.without_company(self.question.text, name)),
            ]
            raise self._ask("no_company", choices, phrase=wording.clipped(name))
        return {"company_id": self._settled(found, lambda text: self._instead_of(name, text)).id}

    def _create_company(self) -> Routed | None:
        website, rest = details.take(details.DOMAIN, self._text("rest"))
        name, city = wording.company(rest)
        if not name:
            raise self._ask("company_name")
        return self._act("create_company", {"name": name, "domain": website, "city": city}, None)
