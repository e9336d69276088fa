"""Tasks, notes, logged activities, follow-ups and drafts: requests about one's own work."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from chatbot.assistant.acting import delays, details, fields, letters, wording
from chatbot.assistant.acting.asking import LINKED, Asking
from chatbot.assistant.types import Choice, RecordRef, Routed
from shared.models import Contact, Deal, Task, TaskStatus
from shared.records.keys import split_name


class WorkRequests(Asking):
    """Each method reads one way to ask for it."""

    def _create_task(self) -> Routed | None:
        text = wording.without_lead(self._text("rest"))
        assignee, text = self._assignee(text)
        linked, text = self._about_first(text)
        priority, text = self._priority(text)
        when, text = self._due(text)
        title = wording.as_title(text, self.language)
        if not title:
            raise self._ask("task_title")
        links = linked or self._links(title)
        title = wording.with_name(title, links)
        args = {
            "title": wording.without_refs(title), "assignee_id": assignee, "priority": priority,
            "links": self._as_links(links) or None,
        }  # fmt: skip
        return self._act("create_task", args | (when.due if when else {}), links[0] if links else None)

    def _assignee(self, text: str) -> tuple[int | None, str]:
        whom = self._text("whom")
        if whom and whom.casefold() not in ("me", "us", "mich", "uns"):
            return self._user("whom").id, text
        if (match := wording.ASSIGNED.search(text)) and (found := self.targets.user(match["who"])).one:
            return found.one.id, text[: match.start()].strip(" ,")
        if (match := wording.FOR_WHOM.match(text)) and (found := self.targets.user(match["who"])).one:
            return found.one.id, match["what"]
        return None, wording.without_for(text) if match else text

    def _about_first(self, text: str) -> tuple[list[RecordRef], str]:
        """“on the Borealis deal: send the offer”."""
        match = wording.ABOUT_FIRST.match(text)
        when = details.find_when(match["record"], self.zone) if match else None
        if match is None or (when is not None and not when.text):  # “for tomorrow: …”
            return [], text
        found = self.targets.find(match["record"], LINKED)
        return [self._settled(found, lambda t: self._instead_of(match["record"], t))], match["what"]

    def _priority(self, text: str) -> tuple[str | None, str]:
        said, rest = details.find_priority(text)
        if said is None and (word := self._text("priority").lower()):
            said = "low" if word.startswith("low") else "normal" if word.startswith("normal") else "high"
        return said, rest

    def _due(self, text: str) -> tuple[details.When | None, str]:
        """The day it is due, and the text without it. A time that is no day is asked about."""
        early = self._text("when")
        when = details.find_when(early, self.zone) if early else None
        if when is not None:
            return when, text
        if when := details.find_when(text, self.zone):
            return when, when.text
        if "[no date]" not in self.question.text:
            self._expect_no_riddle(f"{early} {text}" if early else text)
        return None, text.replace("[no date]", "").strip()

    def _complete_task(self) -> Routed | None:
        task = self._one("task", ("task",), status=TaskStatus.OPEN)
        return self._act("update_task", {"task_id": task.id, "status": "done"}, task)

    def _perhaps_complete(self) -> Routed | None:
        """“complete the offer for Jane” is a request only if there is such a task."""
        found = self.targets.find(self._text("task"), ("task",), status=TaskStatus.OPEN)
        return self._complete_task() if found.records or found.is_pointing else None

    def _reopen_task(self) -> Routed | None:
        task = self._one("task", ("task",), status=TaskStatus.DONE)
        return self._act("update_task", {"task_id": task.id, "status": "open"}, task)

    def _move_task(self) -> Routed | None:
        task = self._one("task", ("task",), status=TaskStatus.OPEN)
        when = details.find_when(self._text("when"), self.zone)
        if when is None:
            self._expect_no_riddle(self._text("when"), is_needed=True)
            raise self._ask("when", self._days(self._text("when")))
        return self._act("update_task", {"task_id": task.id} | when.due, task)

    def _shift(self) -> Routed | None:
        """“Postpone it by a week”: from the day it is due or expected to close. No day yet: asked for one."""
        delay = delays.of(self._text("length"), self.request.body)
        if delay is None:
            return None
        said = fields.concept(self._text("field")) if self.reading.piece("field") else None
        types = ("task", "deal") if said in (None, "due") else ("deal", "task")
        record = self._this("record", types, status=TaskStatus.OPEN)
        row: Any = self.session.get_one(Task if record.type == "task" else Deal, record.id)
        argument = {"task": "due_date", "deal": "expected_close"}[record.type]
        day = getattr(row, argument)
        if day is None:
            raise self._ask("when", self._days(self.request.body[self.request.body.rfind(self._text("length")) :]))
        day = delay.put_off(day, self._today)
        args: dict[str, Any] = {argument: day.isoformat()}
        if record.type == "task" and row.due_at is not None:
            moved = datetime.combine(day, row.due_at.astimezone(self.zone).time(), tzinfo=self.zone)
            args = {"due_at": moved.astimezone(UTC).isoformat()}
        return self._act(f"update_{record.type}", {f"{record.type}_id": record.id} | args, record)

    def _assign(self) -> Routed | None:
        types = ("task", "deal", "company", "contact")
        if self.reading.piece("record") is None:
            record = self._this("record", types, status=TaskStatus.OPEN)
            return self._owned(record, self._user("who"))
        record_piece, who = self._full_name(self.reading.piece("record"), self.reading.piece("who"))
        found = self.targets.find(record_piece.text, types, status=TaskStatus.OPEN)
        record = self._settled(found, lambda text: self._with(record_piece, text))
        return self._owned(record, self._colleague(who))

    def _owned(self, record: RecordRef, colleague: RecordRef) -> Routed:
        field = "assignee_id" if record.type == "task" else "owner_id"
        return self._act(f"update_{record.type}", {f"{record.type}_id": record.id, field: colleague.id}, record)

    def _rename(self) -> Routed | None:
        record = self._one("record", ("deal", "task", "company", "contact"), status=TaskStatus.OPEN)
        value = wording.unquoted(self._text("value"))
        if record.type == "contact":
            first, last = split_name(value)
            names: dict[str, Any] = {"first_name": first, "last_name": last}
        else:
            names = {"title" if record.type == "task" else "name": value}
        return self._act(f"update_{record.type}", {f"{record.type}_id": record.id} | names, record)

    def _create_note(self) -> Routed | None:
        body = wording.unquoted(self._text("body"))
        linked = [self._one("record", LINKED)] if self.reading.piece("record") else []
        if not body:
            raise self._ask("note_body")
        links = linked or self._links(body)
        body = wording.without_refs(wording.capital(body))
        return self._act(
            "create_note", {"body": body, "links": self._as_links(links) or None}, links[0] if links else None
        )

    def _append_note(self) -> Routed | None:
        return self._change_note(append=True)

    def _change_note(self, *, append: bool = False) -> Routed | None:
        note = self._one("note", ("note",))
        body = wording.unquoted(self._text("body") or self._text("before"))
        if not body:
            raise self._ask("note_body")
        args = {"note_id": note.id, "body": wording.capital(body), "append": append or None}
        return self._act("update_note", args, note)

    def _log(self) -> Routed | None:
        body, piece = wording.unquoted(self._text("body")), self.reading.piece("body")
        today = self._today
        on, _ = wording.past_day(self.question.text[self.request.start : piece.start if piece else None], today)
        _, said = wording.past_day(self._text("who"), today)
        who, about = wording.cut_about(said)
        body = body or about
        links = [self._person(name) for name in wording.people(who)] or self._links(body)
        if not links:
            raise self._ask("with_whom")
        args = {
            "kind": wording.activity(self._text("kind")), "on": on.isoformat(), "links": self._as_links(links),
            "who": ", ".join(ref.name for ref in links), "language": self.language,
            "text": wording.without_refs(wording.capital(body)) or None,
        }  # fmt: skip
        return self._act("log_activity", args, links[0])

    def _person(self, phrase: str) -> RecordRef:
        found = self.targets.find(phrase, ("contact", "company", "deal"))
        return self._settled(found, lambda text: self._instead_of(phrase, text))

    def _follow_up(self) -> Routed | None:
        return self._meet(wording.FOLLOW_UP[self.language])

    def _appointment(self) -> Routed | None:
        """There is no calendar: what is planned becomes a task, due then."""
        return self._meet(wording.capital(self._text("kind")))

    def _meet(self, what: str) -> Routed | None:
        rest = self._text("rest")
        when = details.find_when(rest, self.zone)
        if when is None:
            self._expect_no_riddle(rest, is_needed=True)
        who, about = wording.who_and_what(when.text if when else rest)
        record = self._person(who) if who else self.targets.page(LINKED)
        if record is None:
            raise self._ask("follow_whom")
        if when is None:
            raise self._ask("when", self._days())
        joint = (wording.WITH if record.type in ("contact", "company") else wording.ON)[self.language]
        title = f"{what} {joint} {record.name}" + (f" {about}" if about else "")
        args = {"title": wording.without_refs(title), "links": self._as_links([record])}
        return self._act("schedule_follow_up", args | when.due, record)

    def _draft(self) -> Routed | None:
        errand = letters.errand(self._text("rest"), self.language)
        who, about = (errand.who, errand.sentence) if errand else wording.who_and_what(self._text("rest"), to=True)
        who = self._text("whom") or who
        contact = self._contact(who) if who else self.targets.page(("contact",))
        if contact is None:
            raise self._ask("to_whom")
        if not about:
            raise self._ask("about_what")
        row = self.session.get_one(Contact, contact.id)
        subject, body = letters.letter(
            row.first_name or row.name, errand or about, self.question.asker.name, self.language
        )
        args = {"contact_id": contact.id, "subject": subject, "body": body, "language": self.language}
        return self._act("draft_email", args, contact)

    def _contact(self, phrase: str) -> RecordRef:
        found = self.targets.find(phrase, ("contact",))
        return self._settled(found, lambda text: self._instead_of(phrase, text))

    def _send(self) -> Routed | None:
        who = self._text("whom") or self._text("who")
        draft = wording.draft_request(who, self._text("about"), self.language)
        raise self._ask("send", [Choice(self._say("draft_it"), draft)])
