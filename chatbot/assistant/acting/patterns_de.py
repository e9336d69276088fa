"""Commands in German: what people write when they want something done in a CRM."""

from __future__ import annotations

from chatbot.assistant.acting.delays import LENGTH

_G_TASK = r"(?:Aufgabe|To-?do|Erinnerung|Task)"
_G_A = (
    r"(?:\s+(?:mir|uns|bitte))*(?:\s+(?:eine[nr]?|ein|die|den|das|noch\s+eine[nr]?))?"
    r"(?:\s+(?:neue[rn]?|neues|kurze[rn]?))*"
)
_G_NEW = r"(?:erstelle?|lege?|mache?|füge?|fuege?|trage?|schreibe?|speicher[en]?)"
_G_TAIL = r"(?:\s+(?:an|hinzu|ein|auf))?"
_G_PRIO = r"(?:\s+(?P<priority>dringende|wichtige|hochpriore))?"
_G_SEP = r"\s*(?::|—|–|\s-\s|,?\s*\bdass\b:?)\s*"
_G_WHY = r"(?:\s*[,;:–—-]?\s*(?:weil|da|wegen|aufgrund|denn|Grund(?:\s+ist|\s+war)?:?|:)\s*(?P<why>.+))?$"
_G_CALL = (
    r"(?P<kind>Anruf|Telefonat|Telefongespräch|Gespräch|Call|E-?Mail|Mail|Treffen|Meeting|Besuch|Termin|Besprechung)"
)
_G_FIELD = (
    r"(?P<field>E-?Mail(?:[\s-]?Adresse)?|Mailadresse|Telefon"
    r"(?:nummer)?|Handynummer|Handy|Mobilnummer|Nummer|Position|Titel|"
    r"Jobtitel|Vorname|Nachname|Name|Firma|Arbeitgeber|Lebensphase|Quelle|Herkunft|Verantwortliche[rn]?|Besitzer|Inhaber|Zuständige[rn]?|"
    r"Betrag|Wert|Volumen|Preis|(?:erwartete[sn]?\s+)?Abschlussdatum|Abschluss|Fälligkeit"
    r"(?:sdatum)?|Frist|Deadline|Termin|"
    r"Priorität|Wahrscheinlichkeit|Phase|Stufe|Status|Webseite|Website|Domain|Branche|Stadt|Ort|Land|Mitarbeiterzahl|"
    r"Mitarbeiter)"
)
_G_PUT = r"(?:ändere?|aendere?|setze?|stelle?|aktualisiere?|korrigiere?|passe?|erhöhe?|senke?)"

_G_PAGE_PUT = rf"(?:{_G_PUT}|verschiebe?|schiebe?|erhöh\w*|senk\w*)"
_G_SHIFT = r"(?:verschiebe?|schiebe?|verlege?|zieh\w?)"
_G_BY = rf"um\s+(?P<length>{LENGTH})(?:\s+(?:nach\s+(?:hinten|vorne?)|vor|später|früher|zurück))?$"
_G_SHIFTED = r"(?P<field>(?:erwartete[sn]?\s+)?Abschluss(?:datum|termin)?|Fälligkeit(?:sdatum)?|Frist|Deadline|Termin)"

#: intent → how it is told, tried from top to bottom. The named groups are the pieces of `grammar.Reading`.
PATTERNS: tuple[tuple[str, str], ...] = (
    ("bulk", r"(?:erledige?|schließe?|markiere?|verschiebe?|ändere?|setze?|weise?)\s+"
             r"(?:alle|jede[nrs]?|sämtliche)\b.*"),
    ("undo", r"(?:mach\w?|nimm)\s+(?:das|es|dies)\s+(?:rückgängig|zurück)$|(?:das\s+)?rückgängig(?:\s+machen)?$"),
    ("delete", r"(?:lösche?|loesche?|entferne?|vernichte?|archiviere?)\s+.+|.+\s+löschen$"),
    ("send", r"(?:sende?|schicke?)\s+(?:(?P<who>[^,:]+?)\s+)?(?:eine?n?|die)\s+(?:kurze\s+)?"
             r"(?:E-?Mail|Mail|Nachricht)\b"
             r"(?:\s+an\s+(?P<whom>.+?))?(?:\s+(?P<about>(?:über|wegen|zu[mr]?)\b.*))?$"),
    ("create_task", r"erinner[en]?\s+(?P<whom>mich|uns)\b(?:\s+(?P<when>.{1,60}?))??\s+(?:daran|an)\b\s*,?\s+"
                    r"(?P<rest>.+)"),
    ("create_task", r"erinner[en]?\s+(?P<whom>mich|uns)\b\s*,?\s+(?P<rest>.+)"),
    ("call", r"rufe?\s+(?P<who>.+?)\s+an$"),
    ("create_task", rf"{_G_NEW}\s+(?P<whom>(?!(?-i:Aufgabe|Erinnerung|Task|To-?do))(?-i:[A-ZÀ-Þ])[\w'’.-]+"
                    rf"(?:\s+(?-i:[A-ZÀ-Þ])[\w'’.-]+)?)\s+eine{_G_PRIO}\s+{_G_TASK}\b{_G_TAIL}\s*(?P<rest>.*)"),
    ("create_task", rf"{_G_NEW}{_G_A}{_G_PRIO}\s+{_G_TASK}\b{_G_TAIL}\s*(?P<rest>.*)"),
    ("create_task", rf"(?:eine\s+)?(?:neue\s+)?{_G_TASK}\b\s*(?:anlegen|erstellen|hinzufügen)\b\s*(?P<rest>.*)"),
    ("create_task", rf"(?:neue\s+)?{_G_TASK}\s*:\s*(?P<rest>.+)"),
    ("perhaps_complete", r"(?:erledige?|schließe?|schliesse?|beende?|hake?)\s+(?P<task>.+?)(?:\s+ab)?$"),
    ("complete_task", r"(?:markiere?|setze?)\s+(?P<task>.+?)\s+(?:als|auf)\s+(?:erledigt|fertig|abgeschlossen)$"),
    ("complete_task", r"(?P<task>(?:die\s+)?Aufgabe\b.+?)\s+(?:ist\s+)?(?:erledigt|abschließen|erledigen|abhaken)$"),
    ("complete_task", r"(?P<task>(?:die\s+)?Aufgabe\b.+?)\s+als\s+(?:erledigt|fertig|abgeschlossen)\s+"
                      r"(?:markieren|setzen)$"),
    ("reopen_task", r"(?:öffne?|eröffne?)\s+(?P<task>(?:die|meine|diese)\s+Aufgabe\b.*?)(?:\s+(?:wieder|erneut))?$"),
    ("shift", rf"{_G_SHIFT}\s+(?:das|die|den)?\s*{_G_SHIFTED}\s+(?:von|des|der|vom|für|bei)\s+"
              rf"(?P<record>.+?)\s+{_G_BY}"),
    ("shift", rf"{_G_SHIFT}\s+(?:das|die|den)?\s*{_G_SHIFTED}\s+{_G_BY}"),
    ("shift", rf"{_G_SHIFT}\s+(?P<record>.+?)\s+{_G_BY}"),
    ("move_task", r"(?:verschiebe?|verlege?)\s+(?P<task>(?:die|meine|diese)\s+"
                  r"(?:Aufgabe|Erinnerung|Wiedervorlage)\b.*?)\s+(?:auf|bis)\s+(?P<when>.+)"),
    ("assign", r"weise?\s+(?P<record>.+?)\s+(?:an\s+)?(?P<who>\S+)\s+zu$"),
    ("assign", r"(?:gib|gebe?)\s+(?P<record>(?:de[nrm]|die|das|diese[nrs]?)\b.*?)\s+an\s+(?P<who>.+?)"
               r"(?:\s+(?:ab|weiter))?$"),
    ("assign", r"(?:übergib|übertrage?)\s+(?P<record>.+?)\s+an\s+(?P<who>.+)"),
    ("create_note", rf"(?:{_G_NEW}|hinterlass\w*){_G_A}\s+Notiz(?:\s+(?:zu[mr]?|für|bei|über|an)\s+"
                    rf"(?P<record>[^:]+?))?{_G_TAIL}(?:{_G_SEP}(?P<body>.+))?$"),
    ("create_note", rf"füge?\s+(?P<record>(?:de[mr]|zu[mr]?)\s+[^:]+?)\s+(?:eine\s+)?(?:neue\s+)?Notiz\s+hinzu"
                    rf"(?:{_G_SEP}(?P<body>.+))?$"),
    ("create_note", rf"(?:notiere?|vermerke?|halte)(?:\s+bitte)?(?:\s+dir)?(?:\s+(?:zu[mr]?|beim?|für)\s+"
                    rf"(?P<record>[^:,]+?))?(?:\s+fest)?{_G_SEP}(?P<body>.+)$"),
    ("create_note", r"Notiz(?:\s+(?:zu[mr]?|für|bei)\s+(?P<record>[^:]+?))?\s*:\s*(?P<body>.+)"),
    ("append_note", r"(?:ergänze?|füge?)\s+(?:zu\s+)?(?P<note>(?:de[rn]?|die|diese[rn]?|meine[rn]?)\s+(?:\S+"
                    r"\s+){0,4}?Notiz\b[^:]*?)(?:\s+hinzu)?\s*:\s*(?P<body>.+)"),
    ("change_note", r"(?:ändere?|ersetze?)\s+(?P<note>(?:die|diese|meine)\s+(?:\S+\s+){0,4}?Notiz\b[^:]*?)\s*"
                    r"(?::|\bin\b|\bdurch\b)\s*(?P<body>.+)"),
    ("log", rf"(?:notiere?|protokolliere?|erfasse?|dokumentiere?|vermerke?|trage?|halte?|logge?)(?:\s+"
            rf"(?:eine?n?|das|den|die|mein\w?))?\s+{_G_CALL}\s*"
            rf"(?:(?:mit|an|von|bei)\s+(?P<who>[^:]+?))?(?:\s+(?:fest|ein))?(?:{_G_SEP}(?P<body>.+))?$"),
    ("follow_up", r"(?:plane?|erstelle?|lege?|mach\w?|vereinbare?)(?:\s+(?:mir|eine?n?|ein))*\s+"
                  r"(?:Follow[\s-]?up|Wiedervorlage|Nachfassen|Nachfasstermin)\b\s*(?P<rest>.*)"),
    ("follow_up", r"fasse?\s+(?P<rest>(?:bei|mit)\s+.+?)(?:\s+nach)?$"),
    ("appointment", r"(?:plane?|vereinbare?|organisiere?)(?:\s+(?:eine?n?|ein|den|das))?\s+"
                    r"(?P<kind>Anruf|Telefonat|Gespräch|Termin|Treffen|Meeting|Call|Demo|Besuch)\b\s*(?P<rest>.+)"),
    ("draft", r"(?:schreibe?|entwirf)\s+(?P<whom>(?-i:[A-ZÀ-Þ])[^,:]*?|ihm|ihr)\s+eine?n?"
              r"(?:\s+(?:kurze[n]?|freundliche[n]?|nette|höfliche))*\s+(?:E-?Mail|Mail|Nachricht)\b\s*,?\s*(?P<rest>.*)"),
    ("draft", r"(?:entwirf|entwerfe|verfasse?|formuliere?|schreibe?|bereite?)(?:\s+(?:mir|uns))?(?:\s+"
              r"(?:eine?n?|den))?(?:\s+(?:kurze[n]?|freundliche[n]?|nette|höfliche))*"
              r"\s+(?:E-?Mail|Mail|Nachricht|E-?Mail-Entwurf|Entwurf)\b(?:\s+vor\b)?\s*(?P<rest>.*)"),
    ("close_deal", rf"(?:markiere?|setze?|schließe?|schliesse?|verschiebe?|stelle?)\s+(?P<deal>.+?)\s+"
                   rf"(?:als|auf|nach)\s+(?P<outcome>gewonnen|verloren|won|lost)(?:\s+(?:ab|markieren))?{_G_WHY}"),
    ("close_deal", rf"(?:markiere?|setze?|stelle?)\s+(?:als|auf)\s+(?P<outcome>gewonnen|verloren)"
                   rf"(?:\s+markieren)?{_G_WHY}"),
    ("close_deal", rf"(?P<deal>(?:den\s+)?(?:Deal\b.+?|.+?\bDeal))\s+(?:als\s+)(?P<outcome>gewonnen|verloren)"
                   rf"\s+(?:markieren|setzen|schließen){_G_WHY}"),
    ("set_field", rf"{_G_PUT}\s+(?:das|die|den|der)?\s*{_G_FIELD}\s+(?:von|für|des|der|vom|bei)\s+"
                  rf"(?P<record>.+?)\s+(?:auf|in|zu|:)\s*(?P<value>.+)"),
    ("set_field", rf"{_G_PUT}\s+(?P<record>ihre?n?|seine?n?)\s+{_G_FIELD}\s+(?:auf|in|zu|:)\s*(?P<value>.+)"),
    ("set_field", rf"{_G_PUT}\s+(?P<record>(?!(?:das|die|den|der)\s).+?)s?['’]?\s+{_G_FIELD}\s+(?:auf|in|zu|:)"
                  rf"\s*(?P<value>.+)"),
    ("set_field", rf"{_G_PAGE_PUT}\s+(?:das|die|den|der)?\s*{_G_FIELD}\s+(?:auf|in|zu|:)\s*(?P<value>.+)"),
    ("set_field", rf"(?:(?:das|die|den|der)\s+)?{_G_FIELD}\s+(?:bitte\s+)?auf\s+(?P<value>.+?)\s+"
                  rf"(?:ändern|setzen|stellen|verschieben|erhöhen|senken|korrigieren)$"),
    ("set_field", rf"(?:neue[rs]?\s+)?{_G_FIELD}\s*(?::|=|\bist\s+jetzt\b)\s*(?P<value>[^?]+)$"),
    ("move_deal", rf"(?:verschiebe?|schiebe?|bewege?|setze?|zieh\w?|stelle?)\s+(?P<deal>.+?)\s+"
                  rf"(?:nach|in|auf|zu[mr]?)\s+(?:die\s+Phase\s+|die\s+Stufe\s+|die\s+)?(?P<stage>.+?)(?:\s+"
                  rf"(?:verschieben|weiter))?{_G_WHY}"),
    ("move_deal", rf"(?P<deal>(?:den\s+)?(?:Deal\b.+?|.+?\bDeal))\s+(?:nach|in|auf)\s+(?P<stage>.+?)\s+"
                  rf"(?:verschieben|setzen|schieben){_G_WHY}"),
    ("create_contact", rf"(?:{_G_NEW}{_G_A}\s+|neuer\s+)(?:Kontakt|Ansprechpartner(?:in)?|Person)\b{_G_TAIL}"
                       rf"\s*[:,]?\s*(?P<rest>.*)"),
    ("create_company", rf"(?:{_G_NEW}{_G_A}\s+|neue[rs]?\s+)(?:Firma|Unternehmen|Kunden?|Organisation)\b"
                       rf"{_G_TAIL}\s*[:,]?\s*(?P<rest>.*)"),
    ("create_deal", rf"(?:{_G_NEW}{_G_A}\s+|neuer\s+)(?:Deal|Verkaufschance)\b.*"),
)  # fmt: skip
