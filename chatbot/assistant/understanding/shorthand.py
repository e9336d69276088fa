"""What people in a hurry write short: “w/”, “b4 xmas”, “mind.”, “50 MA”, “this week or next”.

Each stands for words that the grammar knows, and for nothing else where it stands; it is written out before anything
else is read.
"""

from __future__ import annotations

import re

_UNITS = "week|month|quarter|year"
_UNITS_DE = "Woche|Monat|Quartal|Jahr"

_TURNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(said, re.IGNORECASE), meant)
    for said, meant in (
        # single words
        (r"(?<![\w/])w/ ?(?=\w)(?!o\b|out\b)", "with "),
        (r"(?<=\w )w (?=[a-z])", "with "),
        (r"\bb4\b", "before"),
        (r"\b(have|has|had|do|does|did|is|are|was|were|would|could|should)nt\b", r"\1 not"),
        (r"\bx-?mas\b", "christmas"),
        (r"\b(?:tmrw|tmr|tomoz)\b", "tomorrow"),
        (r"\bnxt\b", "next"),
        (r"\b(\d+|few|couple of|last|next|this|per) wks?\b", r"\1 weeks"),
        (r"\b(\d+) mths?\b", r"\1 months"),
        (r"\bmind\.(?= ?[\d\w])", "mindestens"),
        (r"\bmax\.(?= ?\d)", "maximal"),
        (r"(?<=\d) ?MA\b", " Mitarbeiter"),
        (r"\bdeals? v\. (?=\w)", "Deals von "),
        # one noun for two times
        (rf"\b(this|last) ({_UNITS}) or (?:the )?(next|last|this)(?: one)?\b(?! (?:{_UNITS}|\d|one|two|three|few)\b)",
         r"\1 \2 or \3 \2"),
        (rf"\b(this|last|next) or (this|last|next) ({_UNITS})\b", r"\1 \3 or \2 \3"),
        (rf"\bnext ({_UNITS}) or (?:the )?\1 after(?: that| next)?\b", r"next \1 or the \1 after next"),
        (
            rf"\b(diese|letzte|nächste|kommende)([mnrs]?) oder (nächste|übernächste|letzte|vorletzte|diese)([mnrs]?) "
            rf"({_UNITS_DE})\b",
            r"\1\2 \5 oder \3\4 \5",
        ),
        # „aus der Quelle Website“
        (r"\baus (?:der|den) (Quellen?) (?=\w)", r"mit \1 "),
        (r"\baus (?:der|den) (?=\w+-?Quelle\b)", "mit der "),
    )
)  # fmt: skip


def written_out(text: str) -> str:
    """The question with nothing written short."""
    for said, meant in _TURNS:
        text = said.sub(meant, text)
    return text
