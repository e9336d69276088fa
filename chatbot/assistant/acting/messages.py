"""What is said instead of a card, English and German: what is missing, unknown, ambiguous or not to be done here."""

from __future__ import annotations

_TEXTS: dict[str, tuple[str, str]] = {
    "which": ("Which one do you mean by “{phrase}”?", "Was ist mit „{phrase}“ gemeint?"),
    "which_of_many": (
        "{count} records could be “{phrase}”. Say more of the name, or pick one of these.",
        "{count} Einträge passen zu „{phrase}“. Nennen Sie mehr vom Namen, oder wählen Sie einen davon.",
    ),
    "unknown": ("I found no {kinds} called “{phrase}”.", "Ich habe {kinds} „{phrase}“ nicht gefunden."),
    "unknown_user": (
        "Nobody called “{phrase}” works in this workspace.",
        "In diesem Arbeitsbereich gibt es niemanden namens „{phrase}“.",
    ),
    "pointing": (
        "Which {kinds}? Name it, or open its page and ask there.",
        "Welcher Eintrag ({kinds})? Nennen Sie ihn, oder fragen Sie auf seiner Seite.",
    ),
    "task_title": ("What is the task?", "Was ist zu tun?"),
    "note_body": ("What should the note say?", "Was soll in der Notiz stehen?"),
    "when": ("For when?", "Für wann?"),
    "when_vague": ("Which day is that?", "Welcher Tag ist das?"),
    "with_whom": ("With whom was it?", "Mit wem war das?"),
    "to_whom": ("Who is the e-mail to?", "An wen geht die E-Mail?"),
    "about_what": ("What should the e-mail be about?", "Worum soll es in der E-Mail gehen?"),
    "follow_whom": ("A follow-up with whom, or on which deal?", "Nachfassen bei wem, oder zu welchem Deal?"),
    "contact_name": ("What is the contact called?", "Wie heißt der Kontakt?"),
    "company_name": ("What is the company called?", "Wie heißt die Firma?"),
    "no_company": (
        "There is no company “{phrase}” yet. Make it along with the contact?",
        "Es gibt noch keine Firma „{phrase}“. Soll sie mit angelegt werden?",
    ),
    "with_new_company": ("With the new company “{phrase}”", "Mit der neuen Firma „{phrase}“"),
    "without_company": ("Without a company", "Ohne Firma"),
    "stage": (
        "“{phrase}” is no stage of this pipeline. To which stage?",
        "„{phrase}“ ist keine Phase dieser Pipeline. In welche Phase?",
    ),
    "which_stage": ("To which stage?", "In welche Phase?"),
    "no_stage": ("This pipeline has no stage for that.", "Diese Pipeline hat keine Phase dafür."),
    "won_or_lost": ("Won or lost?", "Gewonnen oder verloren?"),
    "won": ("Won", "Gewonnen"),
    "lost": ("Lost", "Verloren"),
    "value": ("I cannot read “{phrase}” as {field}.", "„{phrase}“ verstehe ich nicht als {field}."),
    "bulk": (
        "Which records do you mean? Say it like “assign all leads from Berlin to Ana”, or open a list and say “these”.",
        "Welche Einträge meinen Sie? Sagen Sie etwa „weise alle Leads aus Berlin Ana zu“, oder öffnen Sie eine Liste "
        "und sagen Sie „diese“.",
    ),
    "which_records": (
        "I do not understand which records “{phrase}” are. Open a list of them, and say “these”.",
        "Ich verstehe nicht, welche Einträge mit „{phrase}“ gemeint sind. Öffnen Sie eine Liste davon, und sagen Sie "
        "„diese“.",
    ),
    "not_these": ("That cannot be done with {kinds}.", "Mit {kinds} geht das nicht."),
    "not_for_many": (
        "{field} is told apart by each record, and cannot be set for many.",
        "{field} unterscheidet sich je Eintrag und lässt sich nicht für viele setzen.",
    ),
    "not_marked": (
        "I cannot mark them as “{phrase}”. To tag them, say “tag these as …”.",
        "Als „{phrase}“ kann ich sie nicht markieren. Für einen Tag sagen Sie „tagge diese als …“.",
    ),
    "not_empty": ("{field} cannot be empty. Say to what it should be set.",
                  "{field} kann nicht leer sein. Sagen Sie, worauf es gesetzt werden soll."),
    "how_long": (
        "By how long? Say days, working days, weeks or months, as in “by two weeks”.",
        "Um wie lange? Nennen Sie Tage, Arbeitstage, Wochen oder Monate, etwa „um zwei Wochen“.",
    ),
    "delete_listed": (
        "I only delete what a list in front of you shows. Open it, and say “delete these” there.",
        "Ich lösche nur, was eine Liste vor Ihnen zeigt. Öffnen Sie sie, und sagen Sie dort „lösche diese“.",
    ),
    "end_listed": (
        "I only close many deals of a list in front of you. Open it, and say “mark these as won” or “lost” there.",
        "Viele Deals schließe ich nur aus einer Liste vor Ihnen. Öffnen Sie sie, und sagen Sie dort „markiere diese "
        "als gewonnen“ oder „verloren“.",
    ),
    "which_tag": ("Which tag should come off?", "Welcher Tag soll weg?"),
    "no_tag": ("There is no tag “{phrase}”.", "Es gibt keinen Tag „{phrase}“."),
    "new_tag": ("There is no tag “{phrase}” yet. Shall I make it?", "Den Tag „{phrase}“ gibt es noch nicht. Anlegen?"),
    "make_tag": ("Make the tag “{phrase}”", "Tag „{phrase}“ anlegen"),
    "many_company": ("companies", "Firmen"),
    "many_contact": ("contacts", "Kontakten"),
    "many_deal": ("deals", "Deals"),
    "many_task": ("tasks", "Aufgaben"),
    "many_note": ("notes", "Notizen"),
    "many_meeting": ("meetings", "Besprechungen"),
    "delete": (
        "I delete nothing that I am only told about. Open a list and say “delete these”, or open the record and do it "
        "there; deleting can be undone.",
        "Ich lösche nichts auf bloßen Zuruf. Öffnen Sie eine Liste und sagen Sie „lösche diese“, oder löschen Sie auf "
        "der Seite des Eintrags; das lässt sich zurücknehmen.",
    ),
    "undo": (
        "What I did can be undone on its card: press Undo there.",
        "Was ich getan habe, lässt sich auf seiner Karte zurücknehmen: „Rückgängig“.",
    ),
    "send": (
        "I cannot send e-mails. Shall I draft it for you to send?",
        "Ich kann keine E-Mails senden. Soll ich sie entwerfen?",
    ),
    "draft_it": ("Draft the e-mail", "E-Mail entwerfen"),
    "deal": (
        "I cannot create deals. Add it on the Deals page; I can change it from then on.",
        "Ich kann keine Deals anlegen. Legen Sie ihn auf der Seite Deals an; ändern kann ich ihn dann.",
    ),
    "one_by_one": ("One thing at a time: which first?", "Eins nach dem anderen: was zuerst?"),
    "call": (
        "I cannot make calls. Shall I make a task of it?",
        "Ich kann nicht anrufen. Soll ich eine Aufgabe anlegen?",
    ),
    "task_for_it": ("Create a task", "Aufgabe anlegen"),
    "namesake": (
        "There is already a contact {name}. Is this another person?",
        "Es gibt schon den Kontakt {name}. Ist das jemand anderes?",
    ),
    "another": ("Yes, add another contact", "Ja, weiteren Kontakt anlegen"),
    "none_of_them": ("None of them", "Keiner davon"),
    "no_date": ("No date", "Ohne Datum"),
}  # fmt: skip

_KINDS = {
    "deal": ("deal", "den Deal"), "task": ("task", "die Aufgabe"), "contact": ("contact", "den Kontakt"),
    "company": ("company", "die Firma"), "note": ("note", "die Notiz"), "meeting": ("meeting", "die Besprechung"),
    "user": ("colleague", "den Kollegen"),
}  # fmt: skip


def say(language: str, key: str, **parts: object) -> str:
    """A message in the language of the request."""
    return _TEXTS[key][language == "de"].format(**parts)


def asked(message: str) -> tuple[str, str] | None:
    """Which of our questions a message is, and its language."""
    for key, pair in _TEXTS.items():
        for language, text in zip(("en", "de"), pair, strict=True):
            if text == message:
                return key, language
    return None


def kinds(language: str, types: tuple[str, ...]) -> str:
    """“deal, task or contact”."""
    names = [_KINDS[type_][language == "de"] for type_ in types]
    last = " oder " if language == "de" else " or "
    return last.join(filter(None, (", ".join(names[:-1]), names[-1])))
