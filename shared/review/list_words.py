"""What a card about a list says, English and German; each text of one record and of several."""

from __future__ import annotations

from babel.numbers import format_decimal

#: key → English, German; a pair in place of a text is (one, several).
_Text = str | tuple[str, str]
_TEXTS: dict[str, tuple[_Text, _Text]] = {
    "n": ("{n}", "{n}"),
    "counted": ("{n} {noun}", "{n} {noun}"),
    "do_edit": ("Change {what}: {changes}.", "{what} ändern: {changes}."),
    "do_done": ("Complete {what}.", "{what} als erledigt markieren."),
    "do_open": ("Reopen {what}.", "{what} wieder öffnen."),
    "do_tag": ("Tag {what} as {tags}.", "{what} mit {tags} taggen."),
    "do_untag": ("Take the tag {tags} off {what}.", "{what} den Tag {tags} nehmen."),
    "do_delete": ("Delete {what}.", "{what} löschen."),
    "days_later": (("{n} day later", "{n} days later"), ("{n} Tag später", "{n} Tage später")),
    "days_earlier": (("{n} day earlier", "{n} days earlier"), ("{n} Tag früher", "{n} Tage früher")),
    "working_days_later": (
        ("{n} working day later", "{n} working days later"), ("{n} Arbeitstag später", "{n} Arbeitstage später"),
    ),
    "working_days_earlier": (
        ("{n} working day earlier", "{n} working days earlier"), ("{n} Arbeitstag früher", "{n} Arbeitstage früher"),
    ),
    "weeks_later": (("{n} week later", "{n} weeks later"), ("{n} Woche später", "{n} Wochen später")),
    "weeks_earlier": (("{n} week earlier", "{n} weeks earlier"), ("{n} Woche früher", "{n} Wochen früher")),
    "months_later": (("{n} month later", "{n} months later"), ("{n} Monat später", "{n} Monate später")),
    "months_earlier": (("{n} month earlier", "{n} months earlier"), ("{n} Monat früher", "{n} Monate früher")),
    "no_days": ("None of these has a day to move.", "Davon hat nichts einen Tag, der sich verschieben ließe."),
    "without": (
        ("{n} has no day and stays as it is.", "{n} have no day and stay as they are."),
        ("{n} ohne Tag bleibt, wie er ist.", "{n} ohne Tag bleiben, wie sie sind."),
    ),
    "from_today": (
        ("{n} is in the past: it is put off from today.", "{n} are in the past: they are put off from today."),
        ("{n} liegt zurück und zählt ab heute.", "{n} liegen zurück und zählen ab heute."),
    ),
    "not_allowed": ("Your role does not allow this.", "Ihre Rolle erlaubt das nicht."),
    "none": ("There are none of these: {what}.", "Davon gibt es keine: {what}."),
    "too_many": (
        "At most {most} records can be changed at once. Narrow the list.",
        "Höchstens {most} Einträge lassen sich auf einmal ändern. Grenzen Sie die Liste ein.",
    ),
    "not_yours": (
        "None of these is yours to change: you may change what you made or own.",
        "Nichts davon dürfen Sie ändern: nur was Sie angelegt haben oder Ihnen gehört.",
    ),
    "alone": (
        "This is told apart by each record, and cannot be set for many.",
        "Das unterscheidet sich je Eintrag und lässt sich nicht für viele setzen.",
    ),
    "all_so": (
        ("There is nothing to change: it is so already.", "There is nothing to change: all {n} are so already."),
        ("Hier ist nichts zu ändern: Das ist schon so.", "Hier ist nichts zu ändern: Bei allen {n} ist es schon so."),
    ),
    "same": (("{n} is so already.", "{n} are so already."), ("Bei {n} ist es schon so.", "Bei {n} ist es schon so.")),
    "others": (
        ("{n} is not yours to change and stays as it is.", "{n} are not yours to change and stay as they are."),
        ("{n} dürfen Sie nicht ändern; er bleibt so.", "{n} dürfen Sie nicht ändern; sie bleiben so."),
    ),
    "changed": (
        "The list has changed since: it had {was}, and has {n} now. Nothing was done.",
        "Die Liste hat sich seitdem geändert: Es waren {was}, jetzt sind es {n}. Es wurde nichts getan.",
    ),
    "others_now": (
        "The list has changed since: it still has {n}, but not the same ones. Nothing was done.",
        "Die Liste hat sich seitdem geändert: Es sind noch {n}, aber nicht dieselben. Es wurde nichts getan.",
    ),
    "done": (("{n} record changed.", "{n} records changed."), ("{n} Eintrag geändert.", "{n} Einträge geändert.")),
    "deleted": (("{n} record deleted.", "{n} records deleted."), ("{n} Eintrag gelöscht.", "{n} Einträge gelöscht.")),
    "was_so": (("{n} was so already.", "{n} were so already."), ("{n} war schon so.", "{n} waren schon so.")),
    "not_own": (
        ("{n} is not yours to change.", "{n} are not yours to change."),
        ("{n} dürfen Sie nicht ändern.", "{n} dürfen Sie nicht ändern."),
    ),
    "failed": ("{n} could not be changed.", "{n} ließen sich nicht ändern."),
    "back": (
        ("{n} record is as it was.", "{n} records are as they were."),
        ("{n} Eintrag ist wie zuvor.", "{n} Einträge sind wie zuvor."),
    ),
    "kept": (
        ("{n} was changed since and left alone.", "{n} were changed since and left alone."),
        ("{n} wurde seitdem geändert und blieb so.", "{n} wurden seitdem geändert und blieben so."),
    ),
}  # fmt: skip


def say(language: str, key: str, **parts: object) -> str:
    """A text; numbers in it as the language writes them, and `n` chooses between one and several."""
    found = _TEXTS[key][language == "de"]
    text = found if isinstance(found, str) else found[parts.get("n") != 1]
    shown = {
        name: format_decimal(part, locale=language) if isinstance(part, int) else part for name, part in parts.items()
    }
    return text.format(**shown)
