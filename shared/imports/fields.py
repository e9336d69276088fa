"""What a column may hold, for each type: one list, from which the mapping page, the guesses and the checks are made.

The team's own fields (`custom.KEY`) join in `fields_of`; nothing else names fields one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from shared.imports.custom_cells import OwnField
from shared.models import CustomType, FieldDefinition
from shared.query.catalog import PREFIX
from shared.records import custom, tags
from shared.search import words
from shared.tenancy import TenantSession


class Kind(StrEnum):
    """How a cell becomes a value; see `values`."""

    TEXT = "text"
    NAME = "name"  # a whole person's name, cut in two
    EMAILS = "emails"
    PHONES = "phones"
    NUMBER = "number"
    MONEY = "money"
    CURRENCY = "currency"
    PERCENT = "percent"
    DATE = "date"
    MOMENT = "moment"  # a day, or a time of it
    CHOICE = "choice"
    USER = "user"
    TAGS = "tags"
    STAGE = "stage"
    PIPELINE = "pipeline"
    COMPANY = "company"  # by name; made where there is none
    RECORD = "record"  # by name or address; must be there


@dataclass(frozen=True, slots=True)
class ImportField:
    """`key` is what a mapping says, `target` the record's field. `words` are what columns of it are called, folded and
    squeezed. `is_many`: several columns may hold it. `needs_history`: only for who may write history."""

    key: str
    kind: Kind
    label: str
    words: tuple[str, ...]
    target: str = ""
    is_many: bool = False
    needs_history: bool = False
    choices: str = ""  # which words a CHOICE knows
    own: OwnField | None = None  # of the team's own fields

    @property
    def field(self) -> str:
        return self.target or self.key


_ID = ImportField(
    "external_id", Kind.TEXT, "ID in the other system",
    ("externalid", "id", "recordid", "uid", "uuid", "guid", "number", "nummer", "nr", "datensatzid", "hubspotid",
     "salesforceid", "externeid", "externenummer"),
)  # fmt: skip
#: Of those who buy: `Kundennummer` beside a deal would be the same for many.
_CUSTOMER_ID = replace(_ID, words=(
    *_ID.words, "customerid", "customernumber", "kundennummer", "kundennr", "kdnr", "adressnummer", "kontaktnummer",
    "debitor", "debitorennummer", "accountnumber"))  # fmt: skip
_CREATED = ImportField(
    "created_at", Kind.MOMENT, "Created",
    ("created", "createdat", "createddate", "createdate", "createdtime", "createdon", "creationdate", "creationlog",
     "dateadded", "addtime", "addedon", "erstellt", "erstelltam", "erstelldatum", "erstellungsdatum", "angelegt",
     "angelegtam", "anlagedatum", "eingetragen", "נוצר"),
    needs_history=True,
)  # fmt: skip
_OWNER = ImportField(
    "owner", Kind.USER, "Owner",
    ("owner", "ownername", "owneremail", "ownedby", "salesrep", "salesperson", "salesowner", "userresponsible",
     "responsible", "accountmanager", "besitzer", "inhaber", "zustandig", "zustaendig", "betreuer", "verantwortlich",
     "verantwortlicher", "ansprechpartnerintern", "kundenbetreuer", "vertriebler", "aussendienst", "אחראי"),
    target="owner_id",
)  # fmt: skip
_NOTES = (
    "description", "notes", "note", "comment", "comments", "remarks", "beschreibung", "notiz", "notizen", "bemerkung",
    "bemerkungen", "kommentar", "info", "about", "aboutus", "infos", "anmerkung", "anmerkungen", "details",
    "תיאור", "הערות",
)  # fmt: skip
_COMPANY = ImportField(
    "company", Kind.COMPANY, "Company",
    ("company", "companyname", "account", "accountname", "organization", "organisation", "organizationname",
     "organisationname", "employer", "firm", "firma", "firmenname", "unternehmen", "kunde", "customer", "client",
     "arbeitgeber", "gesellschaft", "org", "potentialcustomer", "kundenname", "customername", "חברה"),
    target="company_id",
)  # fmt: skip

_TAGS = ImportField(
    "tags", Kind.TAGS, "Tags",
    ("tags", "tag", "labels", "label", "keywords", "groups", "group", "groupmembership", "schlagworte", "schlagworter",
     "stichworte", "kategorien", "categories", "category", "kategorie", "gruppe", "gruppen", "תגיות"),
    is_many=True,
)  # fmt: skip

_CONTACT = (
    ImportField("first_name", Kind.TEXT, "First name", (
        "firstname", "givenname", "forename", "vorname", "vornamen", "first", "rufname", "שםפרטי")),
    ImportField("last_name", Kind.TEXT, "Last name", (
        "lastname", "surname", "familyname", "nachname", "familienname", "zuname", "last", "שםמשפחה")),
    ImportField("full_name", Kind.NAME, "Full name", (
        "name", "fullname", "contact", "contactname", "displayname", "person", "personname", "kontakt",
        "ansprechpartner", "vollstandigername", "vollername", "anzeigename", "kontaktname", "people", "שםמלא")),
    ImportField("emails", Kind.EMAILS, "E-mail", (
        "email", "emails", "emailaddress", "mail", "mailadresse", "emailadresse", "workemail", "businessemail",
        "primaryemail", "additionalemail", "otheremail", "personalemail", "mailaddress", "emailadressen",
        "כתובותדואל", "דואל", "אימייל"), is_many=True),
    ImportField("phones", Kind.PHONES, "Phone", (
        "phone", "phones", "phonenumber", "telephone", "tel", "telefon", "telefonnummer", "mobile", "mobilephone",
        "mobil", "handy", "mobilnummer", "cell", "cellphone", "workphone", "businessphone", "homephone", "directphone",
        "rufnummer", "telefongeschaftlich", "mobiltelefon", "festnetz", "telefonnummern",
        "טלפונים", "טלפון", "נייד"), is_many=True),
    _COMPANY,
    ImportField("title", Kind.TEXT, "Job title", (
        "jobtitle", "title", "position", "role", "jobposition", "stelle", "funktion", "berufsbezeichnung", "rolle",
        "jobrole", "beruf", "stellenbezeichnung", "תפקיד")),
    ImportField("lifecycle", Kind.CHOICE, "Lifecycle", (
        "lifecyclestage", "lifecycle", "leadstatus", "status", "contacttype",
        "lebenszyklus", "phase", "kontakttyp", "stage", "שלבבחייהלקוח"), choices="lifecycle"),
    ImportField("source", Kind.TEXT, "Source", (
        "source", "leadsource", "originalsource", "quelle", "herkunft", "leadquelle", "kanal", "channel", "מקור")),
    ImportField("description", Kind.TEXT, "Description", _NOTES),
    _OWNER, _CUSTOMER_ID, _CREATED,
)  # fmt: skip

_COMPANIES = (
    ImportField("name", Kind.TEXT, "Name", (*_COMPANY.words, "name", "displayname", "title", "bezeichnung", "שם")),
    ImportField("domain", Kind.TEXT, "Domain", (
        "domain", "emaildomain", "domainname", "domane", "דומיין")),
    ImportField("website", Kind.TEXT, "Website", (
        "website", "url", "web", "webpage", "homepage", "webseite", "internet", "www",
        "internetadresse", "websiteurl", "אתר")),
    ImportField("industry", Kind.TEXT, "Industry", (
        "industry", "sector", "branche", "wirtschaftszweig", "vertical", "segment", "branch", "ענף")),
    ImportField("employees", Kind.NUMBER, "Employees", (
        "employees", "numberofemployees", "employeecount", "headcount", "companysize", "size", "mitarbeiter",
        "mitarbeiterzahl", "anzahlmitarbeiter", "beschaftigte", "mitarbeiteranzahl", "עובדים")),
    ImportField("phone", Kind.TEXT, "Phone", (
        "phone", "phonenumber", "telephone", "tel", "telefon", "telefonnummer", "rufnummer", "zentrale",
        "telefonzentrale", "טלפון")),
    ImportField("street", Kind.TEXT, "Street", (
        "street", "streetaddress", "address", "addressline1", "billingstreet", "strasse", "adresse", "anschrift",
        "strassehausnummer", "billingaddress", "address1", "רחוב")),
    ImportField("city", Kind.TEXT, "City", ("city", "town", "billingcity", "ort", "stadt", "wohnort", "sitz", "עיר")),
    ImportField("region", Kind.TEXT, "Region", (
        "region", "state", "stateregion", "province", "county", "bundesland", "kanton", "billingstate", "אזור")),
    ImportField("postcode", Kind.TEXT, "Postcode", (
        "postcode", "postalcode", "zip", "zipcode", "zippostalcode", "plz", "postleitzahl", "billingpostalcode",
        "billingcode", "מיקוד")),
    ImportField("country", Kind.TEXT, "Country", ("country", "countryregion", "land", "staat", "billingcountry",
        "ארץ")),
    ImportField("description", Kind.TEXT, "Description", _NOTES),
    _OWNER, _CUSTOMER_ID, _CREATED,
)  # fmt: skip

_DEAL = (
    ImportField("name", Kind.TEXT, "Name", (
        "dealname", "name", "deal", "opportunity", "opportunityname", "title", "subject", "topic", "bezeichnung",
        "titel", "verkaufschance", "chance", "geschaft", "projekt", "project", "auftrag", "שם")),
    _COMPANY,
    ImportField("contact", Kind.RECORD, "Main contact", (
        "contact", "contactname", "contactemail", "contactperson", "person", "kontakt", "email", "ansprechpartner",
        "hauptkontakt", "אישקשר", "אישקשרראשי"),
        target="contact_id"),
    ImportField("amount", Kind.MONEY, "Amount", (
        "amount", "value", "dealvalue", "dealamount", "price", "revenue", "betrag", "wert", "summe", "umsatz",
        "volumen", "auftragswert", "total", "סכום")),
    ImportField("currency", Kind.CURRENCY, "Currency", ("currency", "currencycode", "wahrung", "waehrung", "מטבע")),
    ImportField("outcome", Kind.CHOICE, "Won or lost", (
        "status", "dealstatus", "outcome", "wonlost", "state", "currentstate", "ergebnis", "ausgang"),
        choices="outcome"),
    ImportField("stage", Kind.STAGE, "Stage", (
        "stage", "dealstage", "pipelinestage", "phase", "status", "stufe", "dealstatus", "verkaufsphase", "salesstage",
        "stagename", "שלב"),
        target="stage_id"),
    ImportField("pipeline", Kind.PIPELINE, "Pipeline", ("pipeline", "pipelinename", "salespipeline", "צינורמכירות"),
        target="pipeline_id"),
    ImportField("probability", Kind.PERCENT, "Probability", (
        "probability", "winprobability", "wahrscheinlichkeit", "likelihood", "הסתברות")),
    ImportField("expected_close", Kind.DATE, "Expected close", (
        "expectedclose", "closedate", "expectedclosedate", "closingdate", "abschlussdatum", "erwarteterabschluss",
        "abschluss", "geplanterabschluss", "close", "abschlusserwartet", "סגירהצפויה")),
    ImportField("lost_reason", Kind.TEXT, "Lost because", (
        "lostreason", "reasonlost", "closedlostreason", "verlustgrund", "grund", "lossreason",
        "lostbecause", "verlorenweil", "אבדהבגלל")),
    ImportField("description", Kind.TEXT, "Description", _NOTES),
    _OWNER, _ID,
    ImportField("closed_at", Kind.MOMENT, "Closed", (
        "closedat", "closed", "closedon", "wontime", "losttime", "closeddate", "actualclosedate", "geschlossenam",
        "abgeschlossenam", "abgeschlossen", "נסגר"),
        is_many=True, needs_history=True),
    _CREATED,
)  # fmt: skip

_ABOUT = (
    _COMPANY,
    ImportField("contact", Kind.RECORD, "Contact", (
        "contact", "contactname", "contactemail", "contactperson", "person", "kontakt", "ansprechpartner", "email",
        "אישקשר"),
        target="contact_id"),
    ImportField("deal", Kind.RECORD, "Deal", (
        "deal", "dealname", "opportunity", "opportunityname", "verkaufschance", "geschaft", "עסקה"),
        target="deal_id"),
)  # fmt: skip

_TASK = (
    ImportField("title", Kind.TEXT, "Title", (
        "title", "task", "taskname", "subject", "todo", "name", "aufgabe", "titel", "betreff", "was", "tasktitle",
        "activity", "aktivitat", "כותרת")),
    ImportField("body", Kind.TEXT, "Text", (*_NOTES, "body", "details", "text", "tasknotes", "טקסט")),
    ImportField("due", Kind.MOMENT, "Due", (
        "due", "duedate", "deadline", "fallig", "falligam", "faellig", "faelligam", "falligkeit",
        "falligkeitsdatum", "termin", "bis", "frist", "duetime", "date", "datum", "מועד")),
    ImportField("due_at", Kind.MOMENT, "Due at", ("dueat", "falligum", "שעתהיעד")),
    ImportField("priority", Kind.CHOICE, "Priority", ("priority", "prioritat", "prioritaet", "prio", "wichtigkeit",
        "importance", "עדיפות"), choices="priority"),
    ImportField("status", Kind.CHOICE, "Status", ("status", "state", "done", "erledigt", "zustand", "taskstatus",
        "completed", "מצב"), choices="task_status"),
    ImportField("assignee", Kind.USER, "Assignee", (
        "assignee", "assignedto", "assigned", "owner", "responsible", "zustandig", "zustaendig", "verantwortlich",
        "bearbeiter", "who", "wer", "zugewiesenan", "zugewiesen", "מבצע"), target="assignee_id"),
    *_ABOUT, _ID,
    ImportField("completed_at", Kind.MOMENT, "Done at", (
        "completedat", "completeddate", "doneat", "completiondate", "markedasdonetime", "erledigtam", "done",
        "erledigt", "הושלם"),
        needs_history=True),
    _CREATED,
)  # fmt: skip

_NOTE = (
    ImportField("body", Kind.TEXT, "Text", (*_NOTES, "body", "text", "content", "inhalt", "notebody", "memo", "טקסט")),
    ImportField("kind", Kind.CHOICE, "Kind", ("kind", "type", "activitytype", "art", "סוג"), choices="note_kind"),
    ImportField("happened_at", Kind.MOMENT, "When", (
        "when", "happenedat", "calldate", "meetingdate", "wann", "מתי")),
    ImportField("direction", Kind.CHOICE, "Direction", ("direction", "calldirection", "whobegan", "richtung",
        "werbegann", "מייזם"), choices="direction"),
    *_ABOUT,
    ImportField("author", Kind.USER, "Author", (
        "author", "createdby", "writtenby", "autor", "verfasser", "erstelltvon", "owner", "von", "מחבר"),
        target="author_id", needs_history=True),
    _ID, replace(_CREATED, words=(*_CREATED.words, "date", "datum", "activitydate", "timestamp", "am")),
)  # fmt: skip

_FIELDS: dict[str, tuple[ImportField, ...]] = {
    "contact": _CONTACT,
    "company": _COMPANIES,
    "deal": _DEAL,
    "task": _TASK,
    "note": _NOTE,
}

#: What can be imported.
TYPES = tuple(_FIELDS)

#: What the records of a type are called, folded: words that may stand before any of their columns.
CALLED: dict[str, frozenset[str]] = {
    "contact": frozenset(["contact", "person", "people", "kontakt", "lead", "attendee"]),
    "company": frozenset(["company", "account", "organization", "organisation", "firma", "unternehmen"]),
    "deal": frozenset(["deal", "opportunity", "verkaufschance", "auftrag", "email"]),
    "task": frozenset(["task", "activity", "aufgabe", "aktivitat", "todo", "email"]),
    "note": frozenset(["note", "notiz", "email"]),
}

#: Of each type, one of these must be in the file.
REQUIRED: dict[str, tuple[str, ...]] = {
    "contact": ("first_name", "last_name", "full_name", "emails"),
    "company": ("name",),
    "deal": ("name",),
    "task": ("title",),
    "note": ("body",),
}


_KINDS = {
    CustomType.NUMBER: Kind.NUMBER,
    CustomType.MONEY: Kind.MONEY,
    CustomType.DATE: Kind.DATE,
    CustomType.PERSON: Kind.USER,
}


def built_in(type_: str, *, with_history: bool = True) -> dict[str, ImportField]:
    """The fields that every workspace has."""
    tagged = (_TAGS,) if type_ in tags.TAGGED else ()
    return {field.key: field for field in _FIELDS[type_] + tagged if with_history or not field.needs_history}


def fields_of(session: TenantSession, type_: str, *, with_history: bool = True) -> dict[str, ImportField]:
    """The fields a column of this type may be mapped to, by key, the team's own last."""
    own = [_own(definition) for definition in custom.definitions(session, type_)]
    return built_in(type_, with_history=with_history) | {field.key: field for field in own}


def _own(definition: FieldDefinition) -> ImportField:
    called = (definition.label, definition.key, f"{PREFIX}{definition.key}")  # the last by our own export over REST
    names = tuple({"".join(words(name)): None for name in called})
    kind = _KINDS.get(definition.type, Kind.TEXT)
    return ImportField(f"{PREFIX}{definition.key}", kind, definition.label, names, own=OwnField.of(definition))
