"""The words in which a plan is read back, English and German: nouns, labels, and how each comparison is said.

`{x}` is the value. A field without an entry of its own is said by its label: "with lost because “price”".
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language.

    `states` are adjectives for a field's value (German: without ending); `said` are phrases of a field by operator, for
    `eq` by its name alone, `type/field` where only that type says it so; `when` the verbs of dates and `when_not` their
    opposites. `names` are values of enums, `kinds` the nouns for insights of one kind, `ties` what else than "with" a
    relation is said by.
    """

    nouns: dict[str, tuple[str, str]]  # one, many
    kinds: dict[str, str]
    labels: dict[str, str]
    states: dict[tuple[str, str, str], str]
    said: dict[str, str]
    when: dict[str, str]
    when_not: dict[str, str]
    compared: dict[str, str]
    dated: dict[str, str]
    words: dict[str, str]
    names: dict[str, str]
    metrics: dict[str, str]
    ties: dict[tuple[str, str], str]
    tokens: dict[str, str]
    units: dict[str, tuple[str, str]] = field(default_factory=dict)


EN = Phrases(
    nouns={
        "company": ("company", "companies"), "contact": ("contact", "contacts"), "deal": ("deal", "deals"),
        "task": ("task", "tasks"), "note": ("note", "notes"), "meeting": ("meeting", "meetings"),
        "insight": ("insight", "insights"), "user": ("colleague", "colleagues"), "pipeline": ("pipeline", "pipelines"),
        "tag": ("tag", "tags"),
        "role": ("role", "roles"), "move": ("stage change", "stage changes"),
        "employment": ("employment", "employments"),
    },
    kinds={
        "contact": "contacts found", "company": "companies found", "deal": "deals found",
        "action_item": "action items", "next_meeting": "next meetings", "decision": "decisions",
        "pain_point": "pain points", "objection": "objections", "competitor": "competitors",
        "requirement": "requirements", "sentiment": "sentiments", "summary": "summaries",
    },
    labels={},
    states={
        ("deal", "stage_type", "open"): "open", ("deal", "stage_type", "won"): "won",
        ("deal", "stage_type", "lost"): "lost", ("task", "status", "open"): "open", ("task", "status", "done"): "done",
        ("deal", "is_stale", "true"): "stale", ("deal", "is_stale", "false"): "not stale",
        ("task", "is_overdue", "true"): "overdue", ("task", "is_overdue", "false"): "not overdue",
        ("task", "priority", "high"): "high-priority",
        ("task", "priority", "low"): "low-priority", ("user", "is_active", "true"): "active",
        ("user", "is_active", "false"): "deactivated", ("move", "is_back", "true"): "backward",
        ("employment", "is_current", "true"): "current", ("employment", "is_current", "false"): "former",
    },
    said={
        "company_id": "of {x}", "company": "of {x}", "contact_id": "with {x}", "contact": "with {x}",
        "deal_id": "of the deal {x}", "deal": "of the deal {x}", "meeting_id": "from the meeting {x}",
        "meeting": "from the meeting {x}", "user_id": "with {x}", "owner_id": "owned by {x}", "owner": "owned by {x}",
        "assignee_id": "assigned to {x}", "assignee": "assigned to {x}", "author_id": "by {x}", "author": "by {x}",
        "created_by_id": "entered by {x}", "stage": "in stage {x}", "stage_id": "in stage {x}",
        "pipeline": "in pipeline {x}", "pipeline_id": "in pipeline {x}", "city": "in {x}", "country": "in {x}",
        "tags": "tagged {x}", "region": "in {x}", "industry": "in the industry {x}", "currency": "in {x}",
        "name": "named {x}",
        "id": "{x}", "lifecycle": "that are {x}", "text.contains": "about {x}",
        "task/title.contains": "about {x}", "meeting/title.contains": "about {x}",
        "body.contains": "about {x}", "name.contains": "with {x} in the name",
        "name.begins": "whose name begins with {x}", "name.ends": "whose name ends with {x}",
        "promised_by": "promised by {x}", "stage_type": "that are {x}", "kind": "of the kind {x}",
        "stale_days.gte": "without activity for {x} days or more",
        "stale_days.gt": "without activity for over {x} days",
        "stale_days.lt": "active less than {x} days ago", "stale_days.lte": "active at most {x} days ago",
        "days_in_stage.gte": "in their stage for {x} days or more",
        "days_in_stage.gt": "in their stage for over {x} days",
        "age_days.gte": "entered {x} days ago or more", "age_days.gt": "entered over {x} days ago",
        "role/role": "as {x}", "role/role.contains": "as {x}", "role/contact_id": "of {x}", "role/contact": "of {x}",
        "move/from_stage_id": "from {x}", "move/from_stage": "from {x}", "move/to_stage_id": "to {x}",
        "move/to_stage": "to {x}", "move/from_stage_type": "from stages that are {x}",
        "move/to_stage_type": "to stages that are {x}", "move/user_id": "by {x}", "move/user": "by {x}",
        "employment/company_id": "at {x}", "employment/company": "at {x}", "employment/contact_id": "of {x}",
        "employment/contact": "of {x}", "employment/title": "as {x}", "employment/title.contains": "as {x}",
        "probability.gte": "with a probability of {x} % or more", "probability.gt": "with a probability over {x} %",
        "employees.gte": "with employees of at least {x}", "employees.gt": "with employees over {x}",
        "open_deals": "with exactly {x} open deals", "open_deals.gt": "with more than {x} open deals",
        "open_deals.gte": "with at least {x} open deals", "open_deals.lt": "with fewer than {x} open deals",
        "open_deals.lte": "with at most {x} open deals",
        "employees.span": "with {x} to {y} employees",
        "employees.lte": "with employees of at most {x}", "employees.lt": "with employees under {x}",
        "is_stale": "stale: {x}", "is_overdue": "overdue: {x}",
        "due_date.null": "without a due date", "due_date.set": "with a due date",
        "due_at.null": "without a due time", "due_at.set": "with a due time",
        "promised_by.null": "promised by nobody", "promised_by.set": "promised by somebody",
        "owner_id.null": "without owner", "owner.null": "without owner", "assignee_id.null": "without assignee",
        "assignee.null": "without assignee", "completed_at.null": "not done yet", "closed_at.null": "not closed yet",
        "last_contact_at.null": "without last contact", "last_meeting_at.null": "without last meeting",
    },
    when={
        "expected_close": "closing", "closed_at": "closed", "due_date": "due", "due_at": "with a due time",
        "occurred_at": "held", "happened_at": "dated",
        "created_at": "entered", "updated_at": "changed", "completed_at": "done", "last_contact_at": "last talked to",
        "last_meeting_at": "last met", "last_activity_at": "last active", "stage_since": "last moved",
        "moved_at": "", "started_on": "begun", "ended_on": "ended",
    },
    when_not={
        "last_contact_at": "not talked to", "last_meeting_at": "not met", "last_activity_at": "without activity",
        "stage_since": "not moved",
    },
    compared={
        "eq": "with {label} {x}", "gte": "with {label} of at least {x}", "gt": "with {label} over {x}",
        "lte": "with {label} of at most {x}", "lt": "with {label} under {x}", "contains": "with {x} in {label}",
        "begins": "whose {label} begins with {x}", "ends": "whose {label} ends with {x}",
        "null": "without {label}", "set": "with {label}", "ne": "not {x}", "unlike": "with {label} other than {x}",
        "money.gte": "of at least {x}", "money.gt": "over {x}", "money.lte": "of at most {x}", "money.lt": "under {x}",
        "money.eq": "of exactly {x}", "span": "with {label} between {x} and {y}", "money.span": "between {x} and {y}",
    },
    dated={
        "eq": "{when} {x}", "gte": "{when} from {x} on", "gt": "{when} after {x}", "lte": "{when} until {x}",
        "lt": "{when} before {x}", "span": "{when} between {x} and {y}", "on": "on {x}", "overdue": "overdue",
    },
    words={
        "and": "and", "or": "or", "not": "not ({x})", "is_not": "that are not {x}", "is_so": "that are {x}",
        "with": "with {x}", "without": "without {x}",
        "at_least": "with at least {n} {x}",
        "at_most": "with at most {n} {x}", "exactly": "with exactly {n} {x}", "between": "with {n} to {m} {x}",
        "different": "different {label} among {x}", "your": "your",
        "you": "you", "words": "with the words “{x}”", "by": "by {x}", "up.text": "A to Z", "down.text": "Z to A",
        "up": "lowest first", "down": "highest first", "up.date": "earliest first", "down.date": "latest first",
        "first": "the first {n}", "place": "place {n}", "places": "places {n} to {m}",
        "from_place": "from place {n} on", "ratio": "{x} in percent of {y}",
        "difference": "{x} compared with {y}",
        "count": "number of {x}", "of": "{metric} of {x}", "per": "by {x}", "none": "none",
        "yes": "yes", "no": "no", "unknown": "no. {x}", "untitled": "Without a name",
        "day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year",
        "sum": "sum of {x}", "avg": "average of {x}", "min": "least {x}", "max": "greatest {x}",
        "counted": "number with {x}", "distinct": "number of different {x}",
        "min.date": "earliest {x}", "max.date": "latest {x}",
    },
    names={
        "note": "note", "call": "call", "meeting": "meeting", "email": "e-mail", "in": "incoming", "out": "outgoing",
        "lead": "leads", "qualified": "qualified", "opportunity": "opportunities", "customer": "customers",
        "partner": "partners", "former": "former customers", "other": "others", "open": "open", "won": "won",
        "lost": "lost", "done": "done", "low": "low", "normal": "normal", "high": "high", "contact": "contact",
        "company": "company", "deal": "deal", "action_item": "action item", "next_meeting": "next meeting",
        "decision": "decision", "pain_point": "pain point", "objection": "objection", "competitor": "competitor",
        "requirement": "requirement", "sentiment": "sentiment", "summary": "summary", "stored": "stored",
        "queued": "queued", "analyzing": "being analysed", "ready": "ready", "failed": "failed", "admin": "admin",
        "manager": "manager", "member": "member", "viewer": "viewer", "true": "yes", "false": "no",
    },
    metrics={
        "count": "number", "open_pipeline": "open pipeline", "weighted_pipeline": "weighted pipeline",
        "won_amount": "amount won", "lost_amount": "amount lost", "total_amount": "total amount",
        "average_deal": "average amount", "win_rate": "win rate", "average_cycle_days": "average days until won",
        "average_stale_days": "average days without activity", "total_duration_s": "total duration",
    },
    ties={
        ("role", "deal"): "on {x}", ("role", "contact"): "of {x}", ("move", "deal"): "of {x}",
        ("move", "user"): "by {x}",
        ("employment", "contact"): "of {x}", ("employment", "company"): "at {x}",
    },
    tokens={
        "today": "today", "yesterday": "yesterday", "tomorrow": "tomorrow", "this": "this {unit}",
        "last": "last {unit}", "next": "next {unit}", "last_n": "in the last {n} {unit}",
        "next_n": "in the next {n} {unit}", "ago": "more than {n} {unit} ago", "overdue": "overdue",
    },
    units={
        "day": ("day", "days"), "week": ("week", "weeks"), "month": ("month", "months"),
        "quarter": ("quarter", "quarters"), "year": ("year", "years"),
    },
)  # fmt: skip

DE = Phrases(
    nouns={
        "company": ("Firma", "Firmen"), "contact": ("Kontakt", "Kontakte"), "deal": ("Deal", "Deals"),
        "task": ("Aufgabe", "Aufgaben"), "note": ("Notiz", "Notizen"), "meeting": ("Besprechung", "Besprechungen"),
        "insight": ("Erkenntnis", "Erkenntnisse"), "user": ("Kollege", "Kollegen"),
        "pipeline": ("Pipeline", "Pipelines"), "tag": ("Tag", "Tags"), "role": ("Rolle", "Rollen"),
        "move": ("Stufenwechsel", "Stufenwechsel"), "employment": ("Anstellung", "Anstellungen"),
    },
    kinds={
        "contact": "gefundene Kontakte", "company": "gefundene Firmen", "deal": "gefundene Deals",
        "action_item": "Zusagen", "next_meeting": "nächste Termine", "decision": "Entscheidungen",
        "pain_point": "Probleme", "objection": "Einwände", "competitor": "Wettbewerber",
        "requirement": "Anforderungen", "sentiment": "Stimmungen", "summary": "Zusammenfassungen",
    },
    labels={
        "id": "Nummer", "external_id": "externe Nummer", "tags": "Tags", "color": "Farbe", "happened_at": "Wann",
        "direction": "Richtung",
        "created_at": "Eingetragen", "updated_at": "Geändert",
        "created_by_id": "Eingetragen von", "actor": "Herkunft", "name": "Name", "first_name": "Vorname",
        "last_name": "Nachname", "domain": "Domain", "website": "Website", "industry": "Branche",
        "employees": "Mitarbeiter", "phone": "Telefon", "street": "Straße", "city": "Ort", "region": "Region",
        "postcode": "Postleitzahl", "country": "Land", "owner_id": "Verantwortlich", "owner": "Verantwortlich",
        "open_deals": "offene Deals", "last_meeting_at": "Letzte Besprechung", "last_contact_at": "Letzter Kontakt",
        "email": "E-Mail", "title": "Titel", "contact.title": "Position", "company_id": "Firma", "company": "Firma",
        "lifecycle": "Phase", "source": "Quelle", "contact_id": "Kontakt", "contact": "Kontakt",
        "pipeline_id": "Pipeline", "pipeline": "Pipeline", "stage_id": "Stufe", "stage": "Stufe",
        "stage_type": "Stand", "amount": "Betrag", "weighted_amount": "Gewichteter Betrag",
        "amount_minor": "Betrag in kleinster Einheit", "currency": "Währung", "probability": "Wahrscheinlichkeit",
        "expected_close": "Abschluss erwartet", "closed_at": "Abgeschlossen", "lost_reason": "Verlustgrund",
        "last_activity_at": "Letzte Aktivität", "stale_days": "Tage ohne Aktivität", "stage_since": "In Stufe seit",
        "days_in_stage": "Tage in der Stufe", "age_days": "Alter in Tagen", "cycle_days": "Dauer in Tagen",
        "is_stale": "Steht still",
        "due_date": "Fällig", "due_at": "Fällig um", "is_overdue": "Überfällig", "priority": "Priorität",
        "status": "Status", "completed_at": "Erledigt", "assignee_id": "Zugewiesen", "assignee": "Zugewiesen",
        "promised_by": "Zugesagt von", "meeting_id": "Besprechung", "meeting": "Besprechung", "deal_id": "Deal",
        "deal": "Deal", "body": "Text", "author_id": "Verfasser", "author": "Verfasser", "occurred_at": "Wann",
        "duration_s": "Dauer in Sekunden", "user_id": "Kollege", "engine": "Verfahren", "language": "Sprache",
        "file_name": "Datei", "kind": "Art", "text": "Text", "confidence": "Sicherheit", "is_default": "Standard",
        "role": "Rolle", "is_active": "Aktiv", "from_stage_id": "Von Stufe", "from_stage": "Von Stufe",
        "from_stage_type": "Von Stand", "to_stage_id": "Nach Stufe", "to_stage": "Nach Stufe",
        "to_stage_type": "Nach Stand", "moved_at": "Bewegt", "is_back": "Rückwärts",
        "days_before": "Tage in der Stufe davor", "user": "Kollege", "move.user_id": "Bewegt von",
        "move.user": "Bewegt von", "started_on": "Von", "ended_on": "Bis", "is_current": "Aktuell",
        "employment.title": "Position",
    },
    states={
        ("deal", "stage_type", "open"): "offen", ("deal", "stage_type", "won"): "gewonnen",
        ("deal", "stage_type", "lost"): "verloren", ("task", "status", "open"): "offen",
        ("task", "status", "done"): "erledigt", ("task", "is_overdue", "true"): "überfällig",
        ("task", "is_overdue", "false"): "nicht überfällig", ("deal", "is_stale", "true"): "seit langem in ihrer Phase",
        ("deal", "is_stale", "false"): "noch nicht lange in ihrer Phase",
        ("task", "priority", "high"): "dringend", ("user", "is_active", "true"): "aktiv",
        ("user", "is_active", "false"): "deaktiviert", ("move", "is_back", "true"): "rückläufig",
        ("employment", "is_current", "true"): "aktuell", ("employment", "is_current", "false"): "früher",
    },
    said={
        "company_id": "von {x}", "company": "von {x}", "contact_id": "mit {x}", "contact": "mit {x}",
        "deal_id": "zum Deal {x}", "deal": "zum Deal {x}", "meeting_id": "aus der Besprechung {x}",
        "meeting": "aus der Besprechung {x}", "user_id": "mit {x}", "owner_id": "von {x} betreut",
        "owner": "von {x} betreut", "assignee_id": "{x} zugewiesen", "assignee": "{x} zugewiesen",
        "author_id": "von {x}", "author": "von {x}", "created_by_id": "von {x} eingetragen", "stage": "in Stufe {x}",
        "stage_id": "in Stufe {x}", "pipeline": "in Pipeline {x}", "pipeline_id": "in Pipeline {x}", "city": "in {x}",
        "tags": "mit Tag {x}", "country": "in {x}", "region": "in {x}", "industry": "aus der Branche {x}",
        "currency": "in {x}",
        "name": "namens {x}", "id": "{x}", "lifecycle": "mit Lebensphase {x}", "text.contains": "zu {x}",
        "task/title.contains": "zu {x}", "meeting/title.contains": "zu {x}",
        "body.contains": "zu {x}", "name.contains": "mit {x} im Namen",
        "name.begins": "deren Name mit {x} beginnt", "name.ends": "deren Name auf {x} endet",
        "promised_by": "von {x} zugesagt", "stage_type": "mit Stand {x}", "kind": "der Art {x}",
        "role/role": "als {x}", "role/role.contains": "als {x}", "role/contact_id": "von {x}",
        "role/contact": "von {x}", "move/from_stage_id": "von {x}", "move/from_stage": "von {x}",
        "move/to_stage_id": "nach {x}", "move/to_stage": "nach {x}", "move/from_stage_type": "aus dem Stand {x}",
        "move/to_stage_type": "in den Stand {x}", "move/user_id": "durch {x}", "move/user": "durch {x}",
        "employment/company_id": "bei {x}", "employment/company": "bei {x}", "employment/contact_id": "von {x}",
        "employment/contact": "von {x}", "employment/title": "als {x}", "employment/title.contains": "als {x}",
        "stale_days.gte": "seit {x} oder mehr Tagen ohne Aktivität",
        "stale_days.gt": "seit über {x} Tagen ohne Aktivität",
        "stale_days.lt": "mit Aktivität vor weniger als {x} Tagen",
        "stale_days.lte": "mit Aktivität vor höchstens {x} Tagen",
        "days_in_stage.gte": "seit {x} oder mehr Tagen in ihrer Stufe",
        "days_in_stage.gt": "seit über {x} Tagen in ihrer Stufe", "age_days.gte": "vor {x} oder mehr Tagen eingetragen",
        "age_days.gt": "vor über {x} Tagen eingetragen", "probability.gte": "mit Wahrscheinlichkeit ab {x} %",
        "probability.gt": "mit Wahrscheinlichkeit über {x} %",
        "employees.gte": "ab {x} Mitarbeitern", "employees.gt": "über {x} Mitarbeitern",
        "open_deals": "mit genau {x} offenen Deals", "open_deals.gt": "mit mehr als {x} offenen Deals",
        "open_deals.gte": "mit mindestens {x} offenen Deals", "open_deals.lt": "mit weniger als {x} offenen Deals",
        "open_deals.lte": "mit höchstens {x} offenen Deals",
        "employees.span": "mit {x} bis {y} Mitarbeitern", "employees.lte": "bis {x} Mitarbeiter",
        "employees.lt": "unter {x} Mitarbeitern",
        "is_overdue": "überfällig: {x}", "is_stale": "steht still: {x}",
        "due_date.null": "ohne Fälligkeit", "due_date.set": "mit Fälligkeit",
        "due_at.null": "ohne Fälligkeitszeit", "due_at.set": "mit Fälligkeitszeit",
        "promised_by.null": "die niemand zugesagt hat", "promised_by.set": "die jemand zugesagt hat",
        "owner_id.null": "die niemand betreut", "owner.null": "die niemand betreut",
        "assignee_id.null": "niemandem zugewiesen", "assignee.null": "niemandem zugewiesen",
        "completed_at.null": "noch nicht erledigt", "closed_at.null": "noch nicht abgeschlossen",
        "last_contact_at.null": "ohne jeden Kontakt", "last_meeting_at.null": "ohne jede Besprechung",
    },
    when={
        "expected_close": "mit Abschluss", "closed_at": "abgeschlossen", "due_date": "fällig",
        "due_at": "mit Fälligkeitszeit", "occurred_at": "", "happened_at": "datiert", "created_at": "eingetragen",
        "updated_at": "geändert", "completed_at": "erledigt",
        "last_contact_at": "mit letztem Kontakt", "last_meeting_at": "mit letzter Besprechung",
        "last_activity_at": "mit letzter Aktivität", "stage_since": "zuletzt bewegt",
        "moved_at": "", "started_on": "begonnen", "ended_on": "beendet",
    },
    when_not={
        "last_contact_at": "ohne Kontakt", "last_meeting_at": "ohne Besprechung",
        "last_activity_at": "ohne Aktivität", "stage_since": "nicht bewegt",
    },
    compared={
        "eq": "mit {label} {x}", "gte": "mit {label} ab {x}", "gt": "mit {label} über {x}",
        "lte": "mit {label} bis {x}", "lt": "mit {label} unter {x}", "contains": "mit {x} in {label}",
        "begins": "deren {label} mit {x} beginnt", "ends": "deren {label} auf {x} endet",
        "null": "ohne {label}", "set": "mit {label}", "ne": "nicht {x}",
        "unlike": "mit anderem Wert als {x} bei {label}",
        "money.gte": "ab {x}", "money.gt": "über {x}", "money.lte": "bis {x}", "money.lt": "unter {x}",
        "money.eq": "von genau {x}", "span": "mit {label} zwischen {x} und {y}",
        "money.span": "zwischen {x} und {y}",
    },
    dated={
        "eq": "{when} {x}", "gte": "{when} ab {x}", "gt": "{when} nach {x}", "lte": "{when} bis {x}",
        "lt": "{when} vor {x}", "span": "{when} zwischen {x} und {y}", "on": "am {x}", "overdue": "überfällig",
    },
    words={
        "and": "und", "or": "oder", "not": "nicht ({x})", "is_not": ", die nicht {x} sind", "is_so": ", die {x} sind",
        "with": "mit {x}", "without": "ohne {x}",
        "at_least": "mit mindestens {n} {x}",
        "at_most": "mit höchstens {n} {x}", "exactly": "mit genau {n} {x}", "between": "mit {n} bis {m} {x}",
        "different": "verschiedenen Werten von {label} unter {x}", "your": "Ihre",
        "you": "Ihnen", "words": "mit den Wörtern „{x}“", "by": "nach {x}", "up.text": "A bis Z",
        "down.text": "Z bis A", "up": "kleinste zuerst", "down": "größte zuerst", "up.date": "früheste zuerst",
        "down.date": "späteste zuerst", "first": "die ersten {n}", "place": "Platz {n}",
        "places": "Platz {n} bis {m}", "from_place": "ab Platz {n}", "ratio": "{x} in Prozent von {y}",
        "difference": "{x} im Vergleich zu {y}", "count": "Anzahl {x}", "of": "{metric}: {x}",
        "per": "nach {x}", "none": "keine Angabe", "yes": "ja", "no": "nein", "unknown": "Nr. {x}",
        "untitled": "Ohne Namen", "day": "Tag", "week": "Woche", "month": "Monat", "quarter": "Quartal", "year": "Jahr",
        "sum": "Summe {x}", "avg": "Durchschnitt {x}", "min": "kleinster Wert {x}",
        "max": "größter Wert {x}", "counted": "Anzahl mit {x}", "distinct": "Anzahl verschiedener Werte von {x}",
        "min.date": "frühester Wert {x}",
        "max.date": "spätester Wert {x}",
    },
    names={
        "note": "Notiz", "call": "Anruf", "meeting": "Besprechung", "email": "E-Mail", "in": "eingehend",
        "out": "ausgehend",
        "lead": "Interessent", "qualified": "qualifiziert", "opportunity": "Chance", "customer": "Kunde",
        "partner": "Partner", "former": "ehemaliger Kunde", "other": "Sonstige", "open": "offen", "won": "gewonnen",
        "lost": "verloren", "done": "erledigt", "low": "niedrig", "normal": "normal", "high": "hoch",
        "contact": "Kontakt", "company": "Firma", "deal": "Deal", "action_item": "Zusage",
        "next_meeting": "nächster Termin", "decision": "Entscheidung", "pain_point": "Problem",
        "objection": "Einwand", "competitor": "Wettbewerber", "requirement": "Anforderung", "sentiment": "Stimmung",
        "summary": "Zusammenfassung", "stored": "gespeichert", "queued": "wartend", "analyzing": "in Auswertung",
        "ready": "fertig", "failed": "fehlgeschlagen", "admin": "Admin", "manager": "Manager", "member": "Mitglied",
        "viewer": "Leser", "true": "ja", "false": "nein",
    },
    metrics={
        "count": "Anzahl", "open_pipeline": "Offene Pipeline", "weighted_pipeline": "Gewichtete Pipeline",
        "won_amount": "Gewonnener Betrag", "lost_amount": "Verlorener Betrag", "total_amount": "Gesamtbetrag",
        "average_deal": "Durchschnittlicher Betrag", "win_rate": "Gewinnquote",
        "average_cycle_days": "Durchschnittliche Tage bis zum Gewinn",
        "average_stale_days": "Durchschnittliche Tage ohne Aktivität", "total_duration_s": "Gesamtdauer",
    },
    ties={
        ("role", "deal"): "bei {x}", ("role", "contact"): "von {x}", ("move", "deal"): "von {x}",
        ("move", "user"): "durch {x}", ("employment", "contact"): "von {x}", ("employment", "company"): "bei {x}",
    },
    tokens={
        "today": "heute", "yesterday": "gestern", "tomorrow": "morgen", "last_n": "in den letzten {n} {unit}",
        "next_n": "in den nächsten {n} {unit}", "ago": "vor mehr als {n} {unit}", "overdue": "überfällig",
        "this_week": "diese Woche", "last_week": "letzte Woche", "next_week": "nächste Woche",
        "this_month": "diesen Monat", "last_month": "letzten Monat", "next_month": "nächsten Monat",
        "this_quarter": "dieses Quartal", "last_quarter": "letztes Quartal", "next_quarter": "nächstes Quartal",
        "this_year": "dieses Jahr", "last_year": "letztes Jahr", "next_year": "nächstes Jahr",
    },
    units={
        "day": ("Tag", "Tagen"), "week": ("Woche", "Wochen"), "month": ("Monat", "Monaten"),
        "quarter": ("Quartal", "Quartalen"), "year": ("Jahr", "Jahren"),
    },
)  # fmt: skip

LANGUAGES = {"en": EN, "de": DE}
