"""Whether a word nobody knows may be a town: somebody who is “in” it is somewhere, unless it says how they are."""

from __future__ import annotations

_CONDITIONS = frozenset(
    ("trouble", "danger", "charge", "general", "total", "touch", "need", "doubt", "debt", "arrears", "limbo", "crisis",
     "sales", "support", "finance", "legal", "there", "here", "gefahr", "verzug", "arbeit", "betracht", "krise", "ruhe",
     "sicht", "schieflage", "klärung", "einkauf", "vertrieb", "urlaub", "konkurs", "insolvenz", "dabei", "summe")
)  # fmt: skip
_OF_CONDITIONS = ("ung", "ungen", "keit", "keiten", "heit", "heiten", "tion", "tionen", "tions", "ment", "ness", "ity",
                  "ing", "ance", "ence", "ship", "schaft", "ismus")  # fmt: skip

_PARTS_OF_COUNTRIES = ("north", "south", "east", "west", "nord", "süd", "sud", "sued", "ost", "mittel", "zentral")


def may_be_town(word: str) -> bool:
    """“wuppertal”, and neither “trouble” nor „Schwierigkeiten“ nor a part of a country („Norddeutschland“)."""
    is_else = word in _CONDITIONS or word.endswith(_OF_CONDITIONS) or word.startswith(_PARTS_OF_COUNTRIES)
    return len(word) > 3 and word.isalpha() and not is_else
