"""Commands about every record of a list: “assign these to Ana”, “weise alle Leads aus Berlin Ana zu”.

`{every}` are words that mean more than one record, with what is said of them; it is the piece `record`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatbot.assistant.acting.delays import LENGTH
from chatbot.assistant.acting.grammar import Piece, Reading, Request

_HEAD = {
    "en": r"(?:all|every|each|any|these|those|them|their|everyone|everybody|everything|the\s+(?:\S+\s+){1,3}ones"
          r"|(?:this|the)\s+(?:whole\s+|entire\s+|current\s+|filtered\s+)?(?:list|view|selection)\b)",
    "de": r"(?:alle[nrs]?|jede[nrsm]?|sämtliche[nr]?|diese[nr]?|jene[nr]?|sie|ihnen|deren"
          r"|(?:die|der)\s+(?:ganzen?\s+|aktuellen?\s+)?(?:liste|ansicht|auswahl)\b)",
}  # fmt: skip
_FIELD = r"(?P<field>[\w/-]+(?:\s+[\w/-]+){0,3}?)"
_LATER = r"(?:postpone|push|delay|shift|defer|move|put\s+off|reschedule|extend|bring|pull)"
_AWAY = r"(?:\s+(?:back|out|off|forward|ahead|up))?"
_BY = rf"{_AWAY}(?:\s+by)?\s+(?P<length>{LENGTH})(?:\s+(?:later|earlier|sooner|back|out|forward|ahead|each))*"
_G_LATER = r"(?:verschiebe?|schiebe?|verlege?|vertage?|ziehe?)"
_G_BY = (
    rf"um\s+(?:jeweils\s+)?(?P<length>{LENGTH})(?:\s+(?:nach\s+(?:hinten|vorne?)|vor|auf|hinaus|später|früher|zurück))?"
)
_EMPTY = r"(?:clear|empty|blank|reset|unset|remove|delete|erase)"
_G_EMPTY = r"(?:leere?|entferne?|lösche?)"

#: intent → how it is told, tried from top to bottom.
_PATTERNS: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (
        ("list_assign", r"(?:re)?assign\s+{every*}\s+to\s+(?P<who>.+)"),
        ("list_assign", r"(?:re)?assign\s+(?P<who>(?!{head}).+?)\s+to\s+{every}"),
        ("list_assign", r"(?:give|hand(?:\s+over)?|pass|transfer)\s+{every}\s+(?:over\s+)?to\s+(?P<who>.+)"),
        ("list_assign", r"make\s+(?P<who>.+?)\s+(?:the\s+)?(?:new\s+)?(?:owner|assignee)\s+(?:of|for)\s+{every}"),
        ("list_tag", r"tag\s+{every}\s+(?:as|with|:)\s*(?P<value>.+)"),
        ("list_tag", r"(?:add|put|set|apply)\s+(?:the\s+|an?\s+)?tags?\s+(?P<value>.+?)\s+(?:to|on|onto)\s+{every}"),
        ("list_tag", r"give\s+{every}\s+the\s+tags?\s+(?P<value>.+)"),
        ("list_untag", r"untag\s+{every}\s+(?:as|with|from)\s+(?P<value>.+)"),
        ("list_untag", r"untag\s+(?P<value>(?!{head}).+?)\s+(?:from|on|off)\s+{every}"),
        ("list_untag", r"untag\s+{every}"),
        ("list_untag", r"(?:remove|take|drop|clear)\s+(?:the\s+)?tags?\s+(?P<value>.+?)\s+(?:from|off)\s+{every}"),
        ("list_untag", r"take\s+(?:the\s+)?tags?\s+(?P<value>.+?)\s+off\s+(?:of\s+)?{every}"),
        ("list_set", r"(?:set|change|update|switch|put)\s+(?:the\s+)?{field}\s+(?:of|for|on)\s+{every}\s+"
                     r"(?:to|as|=)\s*(?P<value>.+)"),
        ("list_set", r"(?:set|change|update|switch|put)\s+(?P<record>their)\s+{field}\s+(?:to|as|=)\s*(?P<value>.+)"),
        ("list_set", r"(?:set|mark|flag|make)\s+{every}\s+(?:as\s+|to\s+)?(?P<value>high|low|normal|urgent|medium)"
                     r"[\s-]+(?P<field>priority)"),
        ("list_clear", rf"{_EMPTY}\s+(?:out\s+)?(?P<record>their)\s+{{field}}"),
        ("list_clear", rf"{_EMPTY}\s+(?:out\s+)?(?:the\s+)?{{field}}\s+(?:of|for|on|from)\s+{{every}}"),
        ("list_clear", r"set\s+(?P<record>their)\s+{field}\s+to\s+(?:nobody|no\s+one|nothing|none|empty|blank)"),
        ("list_clear", r"(?:unassign)\s+{every}"),
        ("list_mark", r"(?:mark|set|flag)\s+{every}(?<!\bas)(?<!\bto)\s+"
                      r"(?P<value>done|completed?|finished|open|won|lost)"),
        ("list_complete", r"(?:complete|finish|tick\s+off|check\s+off|resolve)\s+(?:off\s+)?{every}"),
        ("list_close", r"close\s+{every}"),
        ("list_reopen", r"(?:reopen|re-open|uncomplete)\s+{every}"),
        ("list_shift", rf"{_LATER}{_AWAY}\s+(?P<record>their)\s+{{field}}{_BY}"),
        ("list_shift", rf"{_LATER}{_AWAY}\s+(?:the\s+)?{{field}}\s+(?:of|for|on)\s+{{every}}{_BY}"),
        ("list_shift", rf"{_LATER}{_AWAY}\s+{{every}}['’]s?\s+(?P<field>due\s+dates?|clos(?:e|ing)\s+dates?){_BY}"),
        ("list_shift", rf"{_LATER}{_AWAY}\s+(?:all\s+)?(?:of\s+)?the\s+(?P<field>[\w-]+(?:\s+[\w-]+){{0,3}}s){_BY}"),
        ("list_shift", rf"{_LATER}{_AWAY}\s+{{every}}{_BY}"),
        ("list_how_long", r"(?:move|push|postpone|delay|shift|defer|put\s+off)\s+{every}\s+(?:back\s+|out\s+)?by\s+.+"),
        ("list_mark", r"(?:set|change|mark|flag|switch|turn|make)\s+{every*}\s+(?:to|as|into)\s+(?P<value>.+)"),
        ("list_move", r"(?:move|push|shift|advance|put|drag|postpone|reschedule|delay|defer)\s+{every*}\s+"
                      r"(?:back\s+)?(?:to|into|in|until|till)\s+(?:the\s+)?(?P<value>.+?)(?:\s+stage)?"),
        ("list_delete", r"(?:delete|remove|erase|trash|bin)\s+{every}"),
    ),
    "de": (
        ("list_assign", r"(?:weise?|ordne?)\s+{every*}\s+(?:an\s+)?(?P<who>\S+)\s+zu"),
        ("list_assign", r"(?:übergib|übergebe?|übertrage?|gib|gebe?)\s+{every*}\s+an\s+(?P<who>.+?)"
                        r"(?:\s+(?:ab|weiter))?"),
        ("list_assign", r"{every*}\s+an\s+(?P<who>.+?)\s+(?:zuweisen|übergeben|übertragen)"),
        ("list_assign", r"{every*}\s+(?P<who>\S+)\s+(?:zuweisen|zuordnen)"),
        ("list_tag", r"(?:tagge?|verschlagworte)\s+{every}\s+(?:als|mit)\s+(?P<value>.+)"),
        ("list_tag", r"gib\s+{every}\s+(?:den|die|das)\s+tags?\s+(?P<value>.+)"),
        ("list_tag", r"füge?\s+{every}\s+(?:den|die|das)\s+tags?\s+(?P<value>.+?)\s+hinzu"),
        ("list_tag", r"{every}\s+(?:als|mit)\s+(?P<value>.+?)\s+(?:taggen|verschlagworten)"),
        ("list_untag", r"(?:entferne?|lösche?)\s+(?:den|die|das)\s+tags?\s+(?P<value>.+?)\s+(?:von|bei|aus)\s+{every}"),
        ("list_untag", r"(?:entferne?|lösche?)\s+(?:von|bei)\s+{every}\s+(?:den|die|das)\s+tags?\s+(?P<value>.+)"),
        ("list_untag", r"nimm\s+{every}\s+(?:den|die|das)\s+tags?\s+(?P<value>.+?)\s+(?:weg|ab)"),
        ("list_set", r"(?:setze?|ändere?|stelle?)\s+(?:den|die|das)?\s*{field}\s+(?:von|für|bei|der)\s+{every}\s+"
                     r"(?:auf|zu|in)\s+(?P<value>.+)"),
        ("list_set", r"(?:setze?|ändere?|stelle?)\s+(?:bei|für)\s+{every}\s+(?:den|die|das)\s+{field}\s+"
                     r"(?:auf|zu|in)\s+(?P<value>.+)"),
        ("list_set", r"(?:setze?|ändere?|stelle?)\s+(?P<record>deren|ihre?n?)\s+{field}\s+(?:auf|zu|in)\s+"
                     r"(?P<value>.+)"),
        ("list_clear", rf"{_G_EMPTY}\s+(?P<record>deren|ihre?n?)\s+{{field}}"),
        ("list_clear", rf"{_G_EMPTY}\s+(?:den|die|das)?\s*{{field}}\s+(?:von|für|bei|der|aus)\s+{{every}}"),
        ("list_clear", rf"{_G_EMPTY}\s+(?:bei|von|für)\s+{{every}}\s+(?:den|die|das)\s+{{field}}"),
        ("list_complete", r"(?:erledige?|beende?)\s+{every}"),
        ("list_complete", r"hake?\s+{every}\s+ab|{every2}\s+(?:erledigen|abhaken)"),
        ("list_close", r"(?:schließe?|schliesse?)\s+{every}(?:\s+ab)?|{every2}\s+(?:ab)?schließen"),
        ("list_reopen", r"(?:öffne?|eröffne?)\s+{every}(?:\s+(?:wieder|erneut))?"),
        ("list_shift", rf"{_G_LATER}\s+(?P<record>deren|ihre?n?)\s+{{field}}\s+{_G_BY}"),
        ("list_shift", rf"{_G_LATER}\s+(?:den|die|das)?\s*{{field}}\s+(?:von|für|bei|der)\s+{{every}}\s+{_G_BY}"),
        ("list_shift", rf"{_G_LATER}\s+(?:bei|von|für)\s+{{every}}\s+(?:den|die|das)\s+{{field}}\s+{_G_BY}"),
        ("list_shift", rf"{_G_LATER}\s+(?:alle\s+)?die\s+(?P<field>fristen|fälligkeiten|termine|abschlüsse|"
                       rf"abschluss(?:daten|termine)|fälligkeitsdaten|[\w-]+(?:\s+[\w-]+){{0,2}}s)\s+{_G_BY}"),
        ("list_shift", rf"{_G_LATER}\s+{{every}}\s+{_G_BY}"),
        ("list_shift", rf"{{every}}\s+{_G_BY}\s*(?:ver|auf)?(?:schieben|legen|tagen)"),
        ("list_how_long", r"(?:verschiebe?|schiebe?|verlege?)\s+{every}\s+um\s+.+"),
        ("list_mark", r"(?:markiere?|setze?|stelle?)\s+{every*}\s+(?:als|auf)\s+(?P<value>.+)"),
        ("list_mark", r"{every*}\s+als\s+(?P<value>.+?)\s+markieren"),
        ("list_move", r"(?:verschiebe?|schiebe?|bewege?|ziehe?|verlege?)\s+{every*}\s+(?:nach|in|auf|zu)\s+"
                      r"(?:die\s+)?(?:phase\s+|stufe\s+)?(?P<value>.+)"),
        ("list_move", r"{every*}\s+(?:nach|in|auf)\s+(?:die\s+)?(?P<value>.+?)\s+(?:verschieben|setzen|bewegen)"),
        ("list_delete", r"(?:lösche?|loesche?|entferne?)\s+{every}|{every2}\s+löschen"),
    ),
}  # fmt: skip


def _compiled(language: str, pattern: str) -> re.Pattern[str]:
    head = _HEAD[language]
    every = rf"(?P<record>{head}\b.*{{lazy}})"
    filled = pattern.replace("{every*}", every.replace("{lazy}", "")).replace("{every}", every.replace("{lazy}", "?"))
    filled = filled.replace("{every2}", every.replace("{lazy}", "?").replace("<record>", "<record2>"))
    return re.compile(filled.replace("{field}", _FIELD).replace("{head}", head), re.IGNORECASE | re.DOTALL)


_SEVERAL = re.compile("|".join(rf"(?:{head})\b" for head in _HEAD.values()), re.IGNORECASE)


def means_several(phrase: str) -> bool:
    """Whether words for records begin as those for many do: “these”, “all leads”, „diese“."""
    return _SEVERAL.match(phrase) is not None


_RULES = tuple(
    (language, intent, _compiled(language, pattern))
    for language, listed in _PATTERNS.items()
    for intent, pattern in listed
)


def readings(request: Request) -> Iterator[Reading]:
    """The ways to read a request as one of these."""
    for language, intent, pattern in _RULES:
        if match := pattern.fullmatch(request.body):
            pieces = {
                name.removesuffix("2"): Piece(text, request.start + match.start(name), request.start + match.end(name))
                for name, text in match.groupdict().items()
                if text
            }
            yield Reading(intent, language, pieces)
