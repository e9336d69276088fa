"""German turns of phrase made plain before a question is read, as `english` does it for the other language.

„Firmen nur mit verlorenen Deals“          →  „Firmen mit nur verlorenen Deals“
„Firmen, deren Deals alle in Proposal sind“ →  „Firmen, bei denen alle Deals in Proposal sind“
„mit nur einem offenen Deal“               →  „mit genau einem offenen Deal“
„nach Negotiation verschobene Deals“       →  „Deals nach Negotiation verschoben“
„wegen Budget verlorene Deals“             →  „verlorene Deals wegen Budget“
„Aufgaben anderer“                         →  „Aufgaben, die nicht meine sind“
„nach Betrag sortiert“                     →  „sortiert nach Betrag“
"""

from __future__ import annotations

import re
from collections.abc import Callable

from chatbot.assistant.understanding.countries import country_of
from chatbot.assistant.understanding.tokens import Text, read
from shared.search import words

_DEALS = r"(?:Deals?|Chancen?|Verkaufschancen?|Opportunit(?:y|ies)|Geschäfte?|Abschlüsse?)"
_MOVED = (
    r"(?:verschoben|geschoben|gewechselt|gewandert|bewegt|gezogen|gerutscht|gerückt|vorgerückt|gesprungen|gekommen|"
    r"gelangt|gebracht|gestellt|gesetzt|weitergeschoben|übergegangen|zurückgestuft|zurückgefallen|befördert)"
)
_TIME = (
    r"(?:Q[1-4]|(?:dieses|diesen|letztes|letzten|nächstes) (?:Jahr|Quartal|Monats?)|Januar|Februar|März|April|Mai|Juni|"
    r"Juli|August|September|Oktober|November|Dezember)(?: \d{4})?"
)
_DEADLINE = r"(?:Abschlussdatum|Abschlusstermin|Close Date|Frist|Fälligkeit|Fälligkeitsdatum|Termin)"
_DAY = (
    r"(?:(?:am|diesen|nächsten) (?:Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag)|heute|morgen|"
    r"übermorgen|diese Woche|nächste Woche)"
)
_SO_LONG = r"(?:seit|länger als|über) [\w ]*?(?:Tag|Woche|Monat|Jahr)\w*"
_CROWNS = (("schwedische", "SEK"), ("norwegische", "NOK"), ("dänische", "DKK"), ("tschechische", "CZK"))
_LETTERS = r"(?:E-?Mails?|Mails?)"
_WORK = r"(?:Aufgaben?|To-?dos?|Deals?|Chancen?|Firmen|Kunden|Kontakte|Leads)"
_OTHERS = (
    r"(?:(?:den )?anderen(?: Leuten| Kollegen| Personen)?|jemand(?:em)? ander(?:e[mns]|s)|"
    r"(?:meinen|unseren|den) Kollegen)"
)
_OF_OTHERS = r"(?:anderer(?: Leute| Kollegen| Personen)?|der anderen|(?:meiner|unserer|der) Kollegen)"
_ENDS = (
    r"(?=\W*$|[,;?.!]| (?:die|in|aus|mit|ohne|über|unter|und|diese[nmrs]?|nächste[nr]?|letzte[nr]?|bis|ab|seit|im|am|"
    r"heute|morgen)\b)"
)


def _in_dative(span: str) -> str:
    """„60 Tage“ as it stands behind „vor“."""
    span = span.replace("eine ", "einer ").replace("einen ", "einem ").replace("ein Jahr", "einem Jahr")
    return f"{span}n" if span.endswith(("Tage", "Monate", "Jahre")) else span


def _without_article(match: re.Match[str]) -> str:
    return f"{match[1]} {match[2]}" if country_of(" ".join(words(match[2]))) else match[0]


_Instead = str | Callable[[re.Match[str]], str]
_SAID: tuple[tuple[str, _Instead], ...] = (
    # what holds of all of them
    (r"(?<=\d|s|i|r) (Deals|Aufgaben|Kontakte|Kontakten|Termine|Terminen), nur mit (\w+)(?=\W*$)", r" \1, nur \2"),
    (r"(?<=\w )(?:nur|ausschließlich|lediglich) mit (?=\w+e?n \w)", "mit nur "),
    (r"\bderen (\w+) (?:alle|allesamt|sämtlich|ausnahmslos) (.+?) (sind|waren)\b", r"bei denen alle \1 \2 \3"),
    (r"\b(mit|haben|hat) (?:nur|lediglich|bloß) (eine[mnr]?|zwei|drei|vier|fünf|\d+)(?= \w)", r"\1 genau \2"),
    (r"\b(?:die|welche) (?:nur|bloß|lediglich) (eine[mnr]?|zwei|drei|\d+) (\w+) (?:haben|hat)\b", r"mit genau \1 \2"),
    (r"\b(?:die|welche) alle (?:ihre )?(Aufgaben|Deals) (\w+) haben\b", r"bei denen alle \1 \2 sind"),
    (r"\bnur einmal (gewonnen|verloren)e[nr]? (Firmen|Kunden|Unternehmen)\b", r"\2 mit genau einem \1en Deal"),
    # who asks is none of the others
    (rf"\b({_WORK}) (?:{_OF_OTHERS}|von {_OTHERS}){_ENDS}", r"\1 nicht meine"),
    (rf",? (?:die|welche) {_OTHERS} (?:gehören|(?:zugewiesen|zugeteilt) (?:sind|wurden))\b", " nicht meine"),
    (rf"\b{_OTHERS} (?:zugewiesene|zugeteilte)[nr]? ({_WORK})", r"\1 nicht meine"),
    (rf"\b(Notizen|Anrufe|Mails) (?:{_OF_OTHERS}|von {_OTHERS}){_ENDS}", r"\1 nicht von mir"),
    # participles before their noun, told behind it
    (
        rf"\b((?:(?:von|vom|aus) [\w-]+ )?(?:nach|in|auf|zu) [\w-]+(?: [\w-]+)?) ({_MOVED})e[nr]? ({_DEALS})\b",
        r"\3 \1 \2",
    ),
    (rf"\b((?:wegen|aufgrund|auf Grund) [^,;?.!]+?) (?:(verlorene[nr]?)|verloren gegangene[nr]?) ({_DEALS})\b",
     r"verlorene \3 \1"),
    (rf"\b(zurückgestuft|zurückgefallen)e[nr]? ({_DEALS})\b", r"\2, die \1 wurden,"),
    (r"\b(wegen|aufgrund|auf Grund) (?:des|eines) (\w{4,}?)e?s\b", r"\1 \2"),
    # where a deal has got no further
    (rf"\b(?:stehen|steht|sind|ist|liegen|verharren) ((?:schon |bereits )?{_SO_LONG}) "
     r"in (ihrer|seiner|derselben|der gleichen|einer) (Phase|Stufe)\b", r"hängen \1 in \2 \3"),
    (rf"\b({_SO_LONG} in (?:ihrer|seiner|derselben|der gleichen|einer) (?:Phase|Stufe)) "
     r"(?:stehen|steht|sind|ist|liegen|verharren)\b", r"\1 hängen"),
    # what was written down of a letter is a note; the addresses people have are none
    (r"\b(?:protokollierte|erfasste|notierte)[nr]? (?=Anruf|Telefonat)", ""),
    (rf"\b({_LETTERS}) ((?:haben|hat) [\w ]{{1,40}}?) (?:protokolliert|erfasst|notiert|geloggt)\b",
     r"protokollierte \1 \2 geschrieben"),
    (rf"\b((?:ein|aus)(?:gehend|gegangen)e[nr]?) ({_LETTERS})\b", r"\1 protokollierte \2"),
    # what is still to be done; a next step is something to be done
    (
        r"^(?:was|welches) (?:muss|müssen|soll|sollen|sollte|sollten|habe|haben) (ich|wir)\b"
        r"(?: denn| noch| alles| jetzt)*(?= .*\b(?:für|bei|mit)\b)( .*?)??(?: noch)?(?: zu)? (?:erledigen|tun|machen)"
        r"( (?:für|bei|mit) [^,;?.!]+)?(?=\W*$)",
        lambda m: f"welche offenen Aufgaben {'habe ich' if m[1].lower() == 'ich' else 'haben wir'}{m[2] or m[3] or ''}",
    ),
    (r"\bohne (?:einen |den )?nächsten Schritte?\b|\bohne nächste Schritte\b", "ohne offene Aufgaben"),
    # figures set against each other
    (r"\b(gewonnen\w*|verloren\w*) (?:gegen|gegenüber|versus) (gewonnen\w*|verloren\w*)", r"\1 vs \2"),
    (rf"^(?:bitte )?vergleiche?(?: mir)?(?: mal)? (.+?) (?:in |im |von |für |zwischen )?({_TIME}) (?:und|mit|zu|vs\.?) "
     rf"(?:in |im |von |dem |das )?({_TIME})(?=\W*$)", r"\1 \2 vs \3"),
    (r"\b(?:die |unsere )?(?:(\w+) )?umsatzstärksten? (\w+)\b",
     lambda m: f"top {m[1] or ''} {m[2]} nach Umsatz".replace("  ", " ")),
    (r"\b(?:die )?oberste[nr]? (?=(?:\d+|zwei|drei|vier|fünf|sechs|acht|zehn)\b)", "top "),
    (r"\b(?:kam|kamen|kommen) (.+?) (?:hinzu|dazu)(?=\W*$)", r"\1 hinzugekommen"),
    # countries with an article, which “in der” would make a clause of
    (r"\b(in|aus) (?:der|den|dem) (\w{3,})", _without_article),
    # when something last happened to each, which is a field: „die letzte Besprechung“ alone is one of all
    (
        r"\b(?:deren|(?:bei|mit) (?:denen|welchen) (?:die|das|der|unsere?)|(?:bei|mit)(?: der| dem| einer| einem)?) "
        r"(?:letzte|jüngste)[nrms]? (?:Besprechung|Meeting|Treffen|Termin)"
        r"(?= (?:vor|nach|älter|länger|mehr|seit|über)\b)",
        "mit letzter Besprechung",
    ),
    (
        r"\b((?:letzte|jüngste)[nrms]? (?:Besprechung|Kontakt|Aktivität)) (?:älter|länger|mehr) als "
        r"((?:\w+ )?(?:Tage|Wochen|Monate|Jahre|\d+ Jahr|einen? (?:Monat|Woche)|ein Jahr))n?"
        r"(?: (?:ist|sind|war|waren|her ist|her sind|her|zurückliegt|zurück liegt|zurückliegen))?\b",
        lambda m: f"{m[1]} vor mehr als {_in_dative(m[2])}",
    ),
    (
        r"^wer (?:war|waren|saß|nahm|hat) (?:alles |denn )?(?:bei|in|an|beim|im|am) "
        r"(?:der |dem |unserer |unserem )?(letzten?|jüngsten?|vorigen?) (.+?)"
        r"(?: (?:dabei|anwesend|teil|teilgenommen))?(?=\W*$)",
        r"welche Kontakte waren bei der \1 \2",
    ),
    # to whom nobody has spoken
    (r"^wer (?:wurde|ist) (?:(.*?) )?(?:noch )?(?:nicht|nie)(?: mehr)? (kontaktiert|angerufen|angesprochen)(?: worden)?"
     r"(?=\W*$)", r"welche Kontakte haben wir \1 nicht \2"),
    (r"\b(?:bringt|bringen|macht|machen|erzeugt|liefert|generiert|erwirtschaftet)(?: uns)? "
     r"(?=(?:den|die|das) (?:meisten?|höchsten?|größten?|wenigsten?|geringsten?) \w)", "hat "),
    # money by where it is from
    *((rf"\b{said}[nr]? Kronen\b", code) for said, code in _CROWNS),
    (r"\bSchweizer Franken\b", "CHF"),
    (r"\b(zweit|dritt)((?:größt|höchst|wichtigst|kleinst|teuerst|neuest|ältest|längst)e[nrsm]?)\b", r"\1e \2"),
    (r"\b(?:bei|mit) (?:denen|welchen) wir (?:schon )?(?:mehr als einmal|mehrmals|mehrfach|öfter) (gewonnen|verloren) "
     r"haben\b", r"mit mehr als einem \1en Deal"),
    (r"\bohne die (Deals|Aufgaben) (?=(?:von|in|aus|mit)\b)", "ohne "),
    # what has passed is overdue
    (rf"\b(?:deren|bei denen das|mit|wo das|die ein) ({_DEADLINE}) (?:schon |bereits |längst )*(?:vorbei|überschritten|"
     r"verstrichen|abgelaufen|vergangen|in der Vergangenheit)(?: (?:ist|sind|liegt|haben))?\b", "die überfällig sind"),
    # where people came from, and what is before somebody
    (r"\b(?:von|über|via) (?:der|die|unserer|unsere) (?:Website|Webseite|Homepage|Internetseite)\b",
     "mit Quelle Website"),
    (rf"^was (?:habe|hab) ich ({_DAY})(?: (?:vor|zu tun|auf dem (?:Zettel|Tisch)|anstehen))?(?=\W*$)",
     r"welche Aufgaben habe ich \1"),
    (r"^was (hat|haben) ([\w-]+) (?:gerade |noch |aktuell )?auf (?:dem|seinem|ihrem) (?:Tisch|Zettel)(?=\W*$)",
     r"welche offenen Aufgaben \1 \2"),
    (r"\b(?:sich drehen|drehen sich) um\b", "handeln von"),
    # each of us
    (r"\b(hat|haben|hatte) (?:jeder|jede)(?: einzelne)?(?=\W*$)", r"\1 jeder von uns"),
    # what is put in order
    (
        r"\bnach (?:dem |der |ihrem |ihrer )?([\w-]+) (?:(absteigend|aufsteigend) )?(?:sortiert|sortieren|geordnet|"
        r"ordnen|gereiht)\b",
        r"sortiert nach \1 \2",
    ),
    # its plural is the same word
    (r"\b((?:das|dem|unser|unserem|mein|meinem) (?:letzten?|nächsten?)|(?:letzte|nächste)[sm]) Treffen\b",
     r"\1 Meeting"),
)  # fmt: skip
_TURNS = tuple((re.compile(said, re.IGNORECASE), instead) for said, instead in _SAID)


def plain(text: Text) -> Text:
    """The text in plain words; the same one where nothing is turned."""
    written = text.written
    for said, instead in _TURNS:
        written = said.sub(instead, written)
    return read(" ".join(written.split())) if written != text.written else text
