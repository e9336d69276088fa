"""The words of answers that come from plans, English and German. `{ago}` is "17 days ago", or "in 2 days"."""

from __future__ import annotations

WORDS = {
    "en": {
        "yes.": "Yes. ", "no.": "No. ", "none": "none", "more": "{n} more", "at": "at {company}",
        "nothing_to_measure": "there is nothing to measure", "basis": " ({n} {noun})",
        "not_converted": "Currencies are not converted; the order is that of the bare numbers.",
        "and": "{a} and {b}", "not_comparable": "these figures cannot be compared",
        "measured": "{label} of {rows}", "quoted": "“{name}”",
        "field": "The {label} of {name} is {value}.", "field_dated": "The {label} of {name}: {day}, {ago}.",
        "not_recorded": "No {label} is recorded for {name}.",
    },
    "de": {
        "yes.": "Ja. ", "no.": "Nein. ", "none": "keine", "more": "{n} weitere", "at": "bei {company}",
        "nothing_to_measure": "dazu gibt es keine Werte", "basis": " ({n} {noun})",
        "not_converted": "Währungen sind nicht umgerechnet; geordnet ist nach den bloßen Zahlen.",
        "and": "{a} und {b}", "not_comparable": "diese Werte sind nicht vergleichbar",
        "measured": "{label} – {rows}", "quoted": "„{name}“",
        "field": "{label} von {name}: {value}.", "field_dated": "{label} von {name}: {day}, {ago}.",
        "not_recorded": "{label} von {name}: nicht eingetragen.",
    },
}  # fmt: skip

NOUNS = {
    "en": {
        "company": ("company", "companies"), "contact": ("contact", "contacts"), "deal": ("deal", "deals"),
        "task": ("task", "tasks"), "note": ("note", "notes"), "meeting": ("meeting", "meetings"),
        "insight": ("insight", "insights"), "user": ("colleague", "colleagues"), "pipeline": ("pipeline", "pipelines"),
        "role": ("role", "roles"), "move": ("stage change", "stage changes"),
        "employment": ("employment", "employments"),
    },
    "de": {
        "company": ("Firma", "Firmen"), "contact": ("Kontakt", "Kontakte"), "deal": ("Deal", "Deals"),
        "task": ("Aufgabe", "Aufgaben"), "note": ("Notiz", "Notizen"), "meeting": ("Besprechung", "Besprechungen"),
        "insight": ("Erkenntnis", "Erkenntnisse"), "user": ("Kollege", "Kollegen"),
        "pipeline": ("Pipeline", "Pipelines"), "role": ("Rolle", "Rollen"),
        "move": ("Stufenwechsel", "Stufenwechsel"), "employment": ("Anstellung", "Anstellungen"),
    },
}  # fmt: skip

#: States that a metric has in its name: "open pipeline of open deals" says it twice.
IMPLIED = {
    "open_pipeline": ("open", "offene"), "weighted_pipeline": ("open", "offene"), "won_amount": ("won", "gewonnene"),
    "lost_amount": ("lost", "verlorene"), "average_cycle_days": ("won", "gewonnene"),
    "average_stale_days": ("open", "offene"),
}  # fmt: skip

#: Fields within a sentence, where their label would read badly, and (`=value`) values of enumerations.
LABELS = {
    "en": {
        "email": "e-mail address", "phone": "phone number", "expected_close": "expected close", "stage": "stage",
        "employees": "number of employees", "open_deals": "number of open deals", "duration_s": "duration",
        ":duration_s": "Duration", "due_date": "due date", "created_at": "date of entry",
        "=lead": "lead", "=former": "former customer", "=action_item": "action item",
    },
    "de": {
        "email": "E-Mail-Adresse", "phone": "Telefonnummer", "title": "Position", "employees": "Mitarbeiterzahl",
        "duration_s": "Dauer", ":duration_s": "Dauer",
        "=lead": "Interessent", "=qualified": "qualifiziert", "=opportunity": "Chance", "=customer": "Kunde",
        "=partner": "Partner", "=former": "ehemaliger Kunde", "=other": "Sonstige", "=open": "offen",
        "=won": "gewonnen", "=lost": "verloren", "=done": "erledigt", "=low": "niedrig", "=normal": "normal",
        "=high": "hoch", "=ready": "fertig", "=admin": "Admin", "=manager": "Manager", "=member": "Mitglied",
        "=viewer": "Leser",
    },
}  # fmt: skip

#: Fields that are a sentence of their own, by type and field, or by field alone.
SENTENCES: dict[str, dict[tuple[str, str], str]] = {
    "en": {
        ("", "owner"): "{value} owns {name}.", ("task", "assignee"): "{name} is assigned to {value}.",
        ("note", "author"): "{value} wrote {name}.", ("deal", "stage"): "{name} is in the stage {value}.",
        ("contact", "company"): "{name} works at {value}.", ("deal", "company"): "{name} is a deal with {value}.",
        ("deal", "age_days"): "{name} is {value} old.",
        ("deal", "stale_days"): "{name} has had no activity for {value}.",
        ("deal", "days_in_stage"): "{name} has been in its stage for {value}.",
        ("deal", "cycle_days"): "{name} took {value} from entry to close.",
        ("company", "employees"): "{name} has {value} employees.", ("company", "city"): "{name} is in {value}.",
        ("company", "country"): "{name} is in {value}.", ("meeting", "duration_s"): "{name} took {value}.",
        ("deal", "lost_reason"): "{name} was lost because: {value}.",
    },
    "de": {
        ("", "owner"): "{value} ist für {name} zuständig.", ("task", "assignee"): "{name} ist {value} zugewiesen.",
        ("note", "author"): "{value} hat {name} geschrieben.", ("deal", "stage"): "{name} ist in der Stufe {value}.",
        ("contact", "company"): "{name} arbeitet bei {value}.", ("deal", "company"): "{name} ist ein Deal mit {value}.",
        ("deal", "age_days"): "{name} ist {value} alt.", ("deal", "stale_days"): "{name} ist {value} ohne Aktivität.",
        ("deal", "days_in_stage"): "{name} ist {value} in dieser Stufe.",
        ("deal", "cycle_days"): "{name} hat vom Eintrag bis zum Abschluss {value} gebraucht.",
        ("company", "employees"): "{name} hat {value} Mitarbeiter.", ("company", "city"): "{name} ist in {value}.",
        ("company", "country"): "{name} ist in {value}.", ("meeting", "duration_s"): "{name} hat {value} gedauert.",
        ("deal", "lost_reason"): "{name} ging verloren: {value}.",
    },
}  # fmt: skip

#: Dates, by type and field, or by field alone; of two wordings the first is for what is past.
DATED: dict[str, dict[tuple[str, str], str | tuple[str, str]]] = {
    "en": {
        ("", "last_meeting_at"): "The last meeting with {name} was on {day}, {ago}.",
        ("", "last_contact_at"): "The last contact with {name} was on {day}, {ago}.",
        ("", "last_activity_at"): "The last activity on {name} was on {day}, {ago}.",
        ("", "stage_since"): "{name} has been in its stage since {day}, {ago}.",
        ("", "created_at"): "{name} was entered on {day}, {ago}.",
        ("", "updated_at"): "{name} was last changed on {day}, {ago}.",
        ("deal", "expected_close"): (
            "{name} was expected to close on {day}, {ago}.", "{name} is expected to close on {day}, {ago}.",
        ),
        ("deal", "closed_at"): "{name} was closed on {day}, {ago}.",
        ("task", "due_date"): ("{name} was due on {day}, {ago}.", "{name} is due on {day}, {ago}."),
        ("task", "due_at"): ("{name} was due on {day}, {ago}.", "{name} is due on {day}, {ago}."),
        ("task", "completed_at"): "{name} was done on {day}, {ago}.",
        ("meeting", "occurred_at"): ("{name} took place on {day}, {ago}.", "{name} is on {day}, {ago}."),
        ("insight", "occurred_at"): "{name} was said on {day}, {ago}.",
    },
    "de": {
        ("", "last_meeting_at"): "Die letzte Besprechung mit {name} war am {day}, {ago}.",
        ("", "last_contact_at"): "Der letzte Kontakt mit {name} war am {day}, {ago}.",
        ("", "last_activity_at"): "Die letzte Aktivität zu {name} war am {day}, {ago}.",
        ("", "stage_since"): "{name} ist in dieser Stufe seit dem {day}, {ago}.",
        ("", "created_at"): "{name} wurde am {day} eingetragen, {ago}.",
        ("", "updated_at"): "{name} wurde zuletzt am {day} geändert, {ago}.",
        ("deal", "expected_close"): (
            "Der Abschluss von {name} war für den {day} erwartet, {ago}.",
            "Der Abschluss von {name} wird für den {day} erwartet, {ago}.",
        ),
        ("deal", "closed_at"): "{name} wurde am {day} abgeschlossen, {ago}.",
        ("task", "due_date"): ("{name} war am {day} fällig, {ago}.", "{name} ist am {day} fällig, {ago}."),
        ("task", "due_at"): ("{name} war am {day} fällig, {ago}.", "{name} ist am {day} fällig, {ago}."),
        ("task", "completed_at"): "{name} wurde am {day} erledigt, {ago}.",
        ("meeting", "occurred_at"): ("{name} war am {day}, {ago}.", "{name} ist am {day}, {ago}."),
        ("insight", "occurred_at"): "{name} wurde am {day} gesagt, {ago}.",
    },
}  # fmt: skip


def lower(phrase: str, language: str) -> str:
    """A phrase within a sentence. German keeps the capital of nouns and of the formal "Ihre"."""
    first = phrase.partition(" ")[0]
    if language == "de":
        keeps = first.startswith("Ihre") or first not in _GERMAN_ADJECTIVES
        return phrase if keeps else phrase[:1].lower() + phrase[1:]
    return phrase if phrase[1:2].isupper() else phrase[:1].lower() + phrase[1:]


_GERMAN_ADJECTIVES = frozenset(
    ("Offene", "Gewonnene", "Verlorene", "Erledigte", "Überfällige", "Dringende", "Aktive", "Deaktivierte")
)


def possessive(name: str) -> str:
    """English: whose something is."""
    return f"{name}’" if name.endswith(("s", "S")) else f"{name}’s"


def singular(phrase: str) -> str:
    """English: the noun of a phrase in the singular."""
    for one, many in NOUNS["en"].values():
        head, found, tail = phrase.partition(many)
        if found and (not head or head.endswith(" ")):
            return head + one + tail
    return phrase
