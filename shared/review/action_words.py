"""What a card says: the action in one sentence, and each field before and after as people read it, English or German.

Made where the action is proposed and kept with it, so that every page, and the audit log, says the same. The names in
it are plain text: whoever shows them escapes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_currency

from shared.models import Company, Contact, CustomType, Deal, FieldDefinition, Meeting, User, workspace_of
from shared.query.catalog import PREFIX, definitions
from shared.records.custom import label_of
from shared.records.deals import to_major
from shared.tenancy import TenantSession

SUMMARY_CHARS, NAME_CHARS, SHOWN_CHARS = 500, 120, 2000

_MODELS: dict[str, type[Any]] = {"company": Company, "contact": Contact, "deal": Deal, "meeting": Meeting}
_REFERENCES: dict[str, type[Any]] = {"company_id": Company, "owner_id": User, "assignee_id": User}

_LABELS = {
    "title": ("Title", "Titel"), "body": ("Text", "Text"), "due_date": ("Due", "Fällig"), "due_at": ("Due", "Fällig"),
    "priority": ("Priority", "Priorität"), "status": ("Status", "Status"), "assignee_id": ("Assigned to", "Zuständig"),
    "links": ("About", "Betrifft"), "first_name": ("First name", "Vorname"), "last_name": ("Last name", "Nachname"),
    "emails": ("E-mail", "E-Mail"), "phones": ("Phone", "Telefon"), "phone": ("Phone", "Telefon"),
    "company_id": ("Company", "Firma"), "company": ("New company", "Neue Firma"),
    "lifecycle": ("Lifecycle", "Lebensphase"), "owner_id": ("Owner", "Verantwortlich"), "name": ("Name", "Name"),
    "domain": ("Domain", "Domain"), "website": ("Website", "Website"), "industry": ("Industry", "Branche"),
    "employees": ("Employees", "Mitarbeitende"), "city": ("City", "Ort"), "country": ("Country", "Land"),
    "stage": ("Stage", "Phase"), "lost_reason": ("Reason", "Grund"), "amount": ("Amount", "Betrag"),
    "currency": ("Currency", "Währung"), "expected_close": ("Close date", "Abschlussdatum"),
    "source": ("Source", "Quelle"), "stage_id": ("Stage", "Phase"),
    "probability": ("Probability", "Wahrscheinlichkeit"), "note": ("Note", "Notiz"), "tags": ("Tags", "Tags"),
}  # fmt: skip
_JOB_TITLE = ("Job title", "Position")
_CODES = {
    "low": ("low", "niedrig"), "normal": ("normal", "normal"), "high": ("high", "hoch"), "open": ("open", "offen"),
    "done": ("done", "erledigt"), "lead": ("lead", "Lead"), "qualified": ("qualified", "qualifiziert"),
    "opportunity": ("opportunity", "Chance"), "customer": ("customer", "Kunde"), "partner": ("partner", "Partner"),
    "former": ("former", "ehemalig"), "other": ("other", "andere"),
}  # fmt: skip

#: By tool, or by tool and what it comes to. German ones quote with „…“, which tells the language of a summary.
_SENTENCES = {
    "create_task": ("Create the task “{name}”{about}{due}{who}.", "Aufgabe „{name}“{about} anlegen{due}{who}."),
    "schedule_follow_up": (
        "Plan the follow-up “{name}”{about}{due}{who}.", "Wiedervorlage „{name}“{about} planen{due}{who}.",
    ),
    "update_task": ("Change the task “{name}”: {changes}.", "Aufgabe „{name}“ ändern: {changes}."),
    "update_task:done": ("Complete the task “{name}”.", "Aufgabe „{name}“ als erledigt markieren."),
    "update_task:open": ("Reopen the task “{name}”.", "Aufgabe „{name}“ wieder öffnen."),
    "create_note": ("Write the note “{name}”{about}.", "Notiz „{name}“{about} schreiben."),
    "update_note": ("Change the note “{name}”.", "Notiz „{name}“ ändern."),
    "log_activity": ("Log “{name}”{about}.", "„{name}“{about} festhalten."),
    "draft_email": (
        "Keep “{name}” as a note{about}. Nothing is sent.",
        "„{name}“{about} als Notiz ablegen. Es wird nichts gesendet.",
    ),
    "create_contact": ("Add the contact “{name}”{at}.", "Kontakt „{name}“{at} anlegen."),
    "update_contact": ("Change the contact “{name}”: {changes}.", "Kontakt „{name}“ ändern: {changes}."),
    "create_company": ("Add the company “{name}”.", "Firma „{name}“ anlegen."),
    "update_company": ("Change the company “{name}”: {changes}.", "Firma „{name}“ ändern: {changes}."),
    "move_deal_stage": (
        "Move the deal “{name}” from {before} to {after}.", "Deal „{name}“ von {before} nach {after} verschieben.",
    ),
    "move_deal_stage:won": ("Mark the deal “{name}” as won.", "Deal „{name}“ als gewonnen markieren."),
    "move_deal_stage:lost": ("Mark the deal “{name}” as lost.", "Deal „{name}“ als verloren markieren."),
    "update_deal": ("Change the deal “{name}”: {changes}.", "Deal „{name}“ ändern: {changes}."),
}  # fmt: skip


def name_of(record_type: str, shown: dict[str, Any]) -> str:
    """What a record is called, from its REST fields."""
    if record_type == "contact":
        full = f"{shown.get('first_name') or ''} {shown.get('last_name') or ''}".strip()
        return full or next((entry["email"] for entry in shown.get("emails") or ()), "")
    if record_type == "note":
        lines = str(shown.get("body") or "").strip().splitlines()
        return lines[0].lstrip("# ").strip()[:NAME_CHARS] if lines else ""
    return str(shown.get("name") or shown.get("title") or "")


@dataclass(frozen=True, slots=True)
class Words:
    """Texts in one language, times in the reader's zone."""

    session: TenantSession
    language: str
    zone: ZoneInfo

    @classmethod
    def for_user(cls, session: TenantSession, user: User, language: str) -> Words:
        workspace = workspace_of(session)
        return cls(session, "de" if language == "de" else "en", ZoneInfo(user.timezone or workspace.timezone))

    def _pick(self, pair: tuple[str, str]) -> str:
        return pair[self.language == "de"]

    def label(self, record_type: str, name: str) -> str:
        if (record_type, name) == ("contact", "title"):
            return self._pick(_JOB_TITLE)
        if (defined := self._defined(record_type, name)) is not None:
            return defined.label
        return self._pick(_LABELS.get(name, (name, name)))

    def _defined(self, record_type: str, name: str) -> FieldDefinition | None:
        """The definition of a field the workspace defined itself."""
        if not name.startswith(PREFIX):
            return None
        found = definitions(self.session)
        return next((d for d in found if (d.record_type, PREFIX + d.key) == (record_type, name)), None)

    def value(self, name: str, value: Any, record_type: str = "") -> str:
        """A field's REST value as text; an empty string for nothing."""
        if value is None or value in ("", []):
            return ""
        if (defined := self._defined(record_type, name)) is not None:
            return clipped(self._own_value(defined, value), SHOWN_CHARS)
        if name in _REFERENCES:
            return self._named(_REFERENCES[name], value)
        if name in ("status", "priority", "lifecycle"):
            return self._pick(_CODES.get(value, (value, value)))
        if name in ("due_date", "expected_close"):
            return self.day(date.fromisoformat(value))
        if name == "due_at":
            return self.moment(datetime.fromisoformat(value))
        if name == "amount":
            return self.money(value)
        if name == "probability":
            return f"{value} %"
        if isinstance(value, list):
            return ", ".join(filter(None, map(self._entry, value)))
        return clipped(str(value), SHOWN_CHARS)

    def _own_value(self, defined: FieldDefinition, value: Any) -> str:
        if defined.type.is_chosen:
            return ", ".join(label_of(defined, one) for one in (value if isinstance(value, list) else [value]))
        if defined.type is CustomType.MONEY:
            return self.money(value)
        if defined.type is CustomType.DATE:
            return self.day(date.fromisoformat(value))
        if defined.type is CustomType.CHECKBOX:
            return self._pick(("yes", "ja") if value else ("no", "nein"))
        return self._named(User, value) if defined.type is CustomType.PERSON else str(value)

    def day(self, day: date) -> str:
        return str(format_date(day, "EEE d. MMM y" if self.language == "de" else "EEE d MMM y", locale=self.language))

    def moment(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        return f"{self.day(local.date())}, {format_time(local, 'HH:mm', locale=self.language)}"

    def money(self, amount: dict[str, Any]) -> str:
        major = to_major(amount["minor"], amount["currency"])
        return str(format_currency(major, amount["currency"], locale=self.language))

    def _named(self, model: type[Any], id: int) -> str:
        row = self.session.get(model, id)
        return (getattr(row, "name", None) or getattr(row, "title", None) or "") if row is not None else ""

    def _entry(self, entry: dict[str, Any] | str) -> str:
        if isinstance(entry, str):
            return entry
        if "type" in entry:
            return self._named(_MODELS[entry["type"]], entry["id"])
        return str(entry.get("email") or entry.get("phone") or "")

    def sentence(
        self, tool: str, name: str, after: dict[str, Any], changes: list[dict[str, Any]], *, user: User
    ) -> str:
        """The action in one sentence. `after` has every field that changes, `changes` those the card shows."""
        text = {change["field"]: change["after_text"] for change in changes}
        pair = _SENTENCES.get(f"{tool}:{_outcome(tool, after)}", _SENTENCES[tool])
        stage: dict[str, Any] = next((change for change in changes if change["field"] == "stage"), {})
        return clipped(
            self._pick(pair).format(
                name=clipped(name, NAME_CHARS),
                before=stage.get("before_text"),
                after=stage.get("after_text"),
                due=self._due(text),
                who=self._who(after, text, user),
                about=self._fragment((" about {}", " zu {}"), text.get("links")),
                at=self._fragment((" at {}", " bei {}"), text.get("company_id") or text.get("company")),
                changes="; ".join(f"{c['label']} → {c['after_text'] or '–'}" for c in changes if c["field"] != "note"),
            ),
            SUMMARY_CHARS,
        )

    def _due(self, text: dict[str, str]) -> str:
        return self._fragment((", due {}", ", fällig {}"), text.get("due_at") or text.get("due_date"))

    def _who(self, after: dict[str, Any], text: dict[str, str], user: User) -> str:
        if after.get("assignee_id") in (None, user.id):
            return ""
        return self._fragment((", for {}", ", für {}"), text.get("assignee_id"))

    def _fragment(self, pair: tuple[str, str], value: str | None) -> str:
        return self._pick(pair).format(clipped(value, NAME_CHARS)) if value else ""


def _outcome(tool: str, after: dict[str, Any]) -> str:
    """What a change comes to, where that has a sentence of its own."""
    if tool == "update_task" and set(after) <= {"status", "completed_at"}:
        return str(after.get("status"))
    return str(after.get("stage_type")) if tool == "move_deal_stage" else ""


def clipped(text: str, limit: int) -> str:
    """At most so many characters, on one line unless it is long text."""
    return text if len(text) <= limit else text[: limit - 2].rstrip() + " …"


def language_of(summary: str) -> str:
    """The language a summary was written in."""
    return "de" if "„" in summary else "en"
