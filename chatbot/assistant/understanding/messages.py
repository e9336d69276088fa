"""What the router says when it does not answer, in both languages."""

from __future__ import annotations

_SAID: dict[str, dict[str, str]] = {
    "en": {
        "which_one": "There are several called “{name}”. Which one do you mean?",
        "did_you_mean": "I find nobody and nothing called “{name}” here. Did you mean this?",
        "not_of_list": (
            "I did not understand “{words}” as a question about this list. You can ask how many of these are so or so, "
            "for a sum or an average by something, or which of these have something."
        ),
        "which_date": "Which date do you mean?",
        "closing": "closing then",
        "created": "created then",
        "won": "won then",
        "unknown_name": "I find nobody and nothing called “{name}” here.",
        "not_understood": (
            "I did not understand “{words}” well enough to answer with a number I could stand behind. You can ask, for "
            "example, “How many open deals close this month?”, “Which companies have no open deal?” or “What did Jane "
            "say about pricing?”."
        ),
        "cannot": "That cannot be worked out from what this CRM keeps.",
        "no_subject": "I do not know which record you mean. Name it, or ask on its page.",
        "no_earlier": "I do not know what that refers to. Ask the whole question, please.",
        "smalltalk": (
            "I answer questions about your CRM: deals, companies, contacts, tasks, notes and meetings. Ask me, for "
            "example, “What is overdue?” or “When did we last talk to Jane?”."
        ),
        "out_of_scope": "I only know what is in this CRM, and that is not a question about it.",
        "empty": "Ask me something about your deals, companies, contacts, tasks, notes or meetings.",
    },
    "de": {
        "which_one": "Es gibt mehrere mit dem Namen „{name}“. Wen oder was meinen Sie?",
        "did_you_mean": "Ich finde hier niemanden und nichts mit dem Namen „{name}“. Meinten Sie dies?",
        "not_of_list": (
            "Ich habe „{words}“ nicht als Frage zu dieser Liste verstanden. Fragen Sie zum Beispiel, wie viele von "
            "diesen etwas haben, nach einer Summe oder einem Durchschnitt, oder welche davon so oder so sind."
        ),
        "which_date": "Welches Datum meinen Sie?",
        "closing": "die dann abgeschlossen werden sollen",
        "created": "die dann angelegt wurden",
        "won": "die dann gewonnen wurden",
        "unknown_name": "Ich finde hier niemanden und nichts mit dem Namen „{name}“.",
        "not_understood": (
            "Ich habe „{words}“ nicht gut genug verstanden, um eine Zahl zu nennen, für die ich einstehe. Fragen Sie "
            "zum Beispiel: „Wie viele offene Deals schließen diesen Monat?“, „Welche Firmen haben keinen offenen "
            "Deal?“ oder "
            "„Was hat Jana zum Preis gesagt?“."
        ),
        "cannot": "Das lässt sich aus dem, was dieses CRM festhält, nicht ermitteln.",
        "no_subject": "Ich weiß nicht, welchen Eintrag Sie meinen. Nennen Sie ihn, oder fragen Sie auf seiner Seite.",
        "no_earlier": "Ich weiß nicht, worauf sich das bezieht. Bitte stellen Sie die ganze Frage.",
        "smalltalk": (
            "Ich beantworte Fragen zu Ihrem CRM: Deals, Firmen, Kontakte, Aufgaben, Notizen und Besprechungen. "
            "Fragen Sie zum Beispiel „Was ist überfällig?“ oder „Wann haben wir zuletzt mit Jana gesprochen?“."
        ),
        "out_of_scope": "Ich kenne nur, was in diesem CRM steht, und das ist keine Frage dazu.",
        "empty": "Fragen Sie mich etwas zu Ihren Deals, Firmen, Kontakten, Aufgaben, Notizen oder Besprechungen.",
    },
}


def say(language: str, key: str, **values: str) -> str:
    """A sentence of the table."""
    return _SAID["de" if language == "de" else "en"][key].format(**values)
