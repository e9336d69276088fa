"""What is said at length in English, put as it is said briefly, before anything else is read.

Each is a turn of phrase whose words mean something else one by one: “the ones where we don't know” are the unknown,
“since September started” is since its start, “did we win anything or not?” is asked without the “or not”.
"""

from __future__ import annotations

import re

from chatbot.assistant.understanding.shorthand import written_out

_TIME = (
    r"(?:(?:the|this|last) )?(?:year|quarter|month|week|january|february|march|april|may|june|july|august|september"
    r"|october|november|december|q[1-4])"
)
_WHOSE = r"(?:the|its|his|her|their|our|this|that|whose)"
_FIRM = r"(?:company|employer|firm|organi[sz]ation|customer|account|client)"
_LEFT_OUT = r"(?:ignor(?:e|ing)|skip(?:ping)?|leav(?:e|ing) out|without|exclud(?:e|ing)|except(?: for)?|drop(?:ping)?)"
_WITHOUT_VALUE = (
    r"(?:(?:where|of which|for which|whose) (?:we (?:do not|don't|dont) know(?: (?:it|that|which))?"
    r"|(?:it|that|this) is (?:unknown|empty|missing|blank))|(?:that|which|who) have (?:none|no value|nothing))"
)
_SINCE = r"(?:since when|for how long|how long|when)"
_AT_WORK = (
    r"(?:been )?(?:working (?:there|here)|work(?:ed)? there|start(?:ed)? (?:working )?there|been there|joined there"
    r"|been (?:with|at) (?:them|the company|his company|her company|their company)"
    rf"|(?:join(?:ed)?|start(?:ed)? (?:working )?(?:at|with|for|in)) {_WHOSE} (?:current |present |new )?"
    rf"(?:{_FIRM}|job))"
)

_WHERE_DE = r"(?:bei (?:denen|welchen|dem|der)|in denen|wo|deren|für die|zu denen)"
_FIELD_DE = (
    r"(?:Branche|Quelle|Titel|Position|Ort|Stadt|Land|Region|Telefonnummer|Telefon|E-Mail-Adresse|E-Mail|Website|Webseite"
    r"|Domain|Adresse|Straße|Postleitzahl|PLZ|Betrag|Währung|Wahrscheinlichkeit|Verlustgrund|Fälligkeit|Frist"
    r"|Abschlussdatum|Verantwortlicher|Verantwortliche|Firma)"
)
_FILLED_DE = (
    r"(?:eingetragen|angegeben|hinterlegt|erfasst|gesetzt|gepflegt|ausgefüllt|vermerkt)"
    r"(?: (?:ist|sind|wurde|wurden|haben))?\b"
)
_RECORDS = r"(?:deals?|tasks?|to-?dos?|companies|customers|contacts?|leads?|notes?|meetings?)"
_DAY = r"[A-Z][a-z]{2,8}\.? \d{1,2}(?:, \d{4})?|\d{1,2}\.(?: ?[A-Z][a-zä]{2,8}\.?| ?\d{1,2}\.)?(?: ?\d{4})?"
_SPAN_WORD = (
    r"(?:in|the|more|than|this|last|past|next|coming|ago|today|yesterday|tomorrow|days?|weeks?|months?|quarters?|years?"
    r"|den|vor|mehr|als|diese[mnrs]?|letzte[mnrs]?|nächste[mnrs]?|heute|gestern|morgen|tage?n?|wochen?|monate?n?|quartale?n?"
    r"|jahre?n?|\d{1,3})"
)
#: Days behind the word for them: “this month (Nov 1 – 30, 2026)”, “in the last 30 days (from Oct 22, 2026 on)”; and
#: words behind the day they come to: “before Nov 1, 2026 (this month)”.
_APPOSED = re.compile(
    rf"(?<=[\w)]) \((?:(?:from|ab) )?(?:{_DAY})(?:\s*[–—-]\s*(?:{_DAY}|\d{{1,2}}(?:, \d{{4}})?))?(?: on)?\)"
    rf"|(?<=\d{{4}}) \({_SPAN_WORD}(?: {_SPAN_WORD})*\)",
    re.IGNORECASE,
)

#: “not (in Germany or France)”: a denial reaches over “or” anyway. “And” within it would be another matter.
_DENIED = re.compile(r"\b(not|nicht) \(((?:(?!\b(?:and|und)\b)[^()])*)\)", re.IGNORECASE)

_TURNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(said, re.IGNORECASE), briefly)
    for said, briefly in (
        (
            rf"\b(since|before|after|until|till) ({_TIME}) (?:has |have )?(?:started|began|begun|kicked off)\b",
            r"\1 the start of \2",
        ),
        # yes or no
        (
            r"^((?:(?:so|and|but|well|ok|okay|hey|hi),? )*(?:did|do|does|is|are|was|were|has|have|had|any)\b.*?)"
            r",? or (?:not|no|what)(?= ?[?.!]*$)",
            r"\1",
        ),
        (r"\b(late|overdue|due|open|left) on my (?:plate|desk|list|end)\b", r"\1 for me"),
        # what we call theirs, said back to us
        (rf"\byour(?=(?: [\w-]+){{0,3}} {_RECORDS}\b)", "my"),
        (
            r"\b((?:owned|assigned|made|held|written|added|created|entered|promised)(?: by| to)|or|colleagues) "
            r"[“\"]?you\b[”\"]?",
            r"\1 me",
        ),
        (rf"\b({_RECORDS}(?: not)? (?:with|by)) you\b", r"\1 me"),
        (r"\b(?:with|having|that have|which have) no due time\b", "without a due time"),
        # „seit 60 Tagen ohne Kontakt“: it is the contact that there was none of, and not the company
        (
            r"\b(seit (?:[\w.]+ ){1,5}?)(ohne (?:jede[nrs]? |ein(?:e|en)? )?(?:Kontakt|Meetings?|Besprechung(?:en)?|"
            r"Termine?|Gespräche?|Notiz(?:en)?))(?=\W*$|\W+\w)",
            r"\2 \1",
        ),
        (
            r"\b(for (?:[\w.]+ ){1,5}?)(with(?:out| no) (?:any |a )?(?:contact|meetings?|calls?|notes?))(?=\W*$|\W+\w)",
            r"\2 \1",
        ),
        # „bei denen eine Branche eingetragen ist“
        (rf"\b{_WHERE_DE} (?:(?:ein|eine|einen|der|die|das) )?({_FIELD_DE}) {_FILLED_DE}", r"mit einem \1"),
        (rf"\b{_WHERE_DE} (?:kein|keine|keinen) ({_FIELD_DE}) {_FILLED_DE}", r"ohne \1"),
        (rf"\b{_WHERE_DE} (?:(?:der|die|das) )?({_FIELD_DE}) (?:nicht|noch nicht) {_FILLED_DE}", r"ohne \1"),
        # of a deal or a meeting, people are no staff
        (r"\bnumber of people (?=(?:on|involved|attached|linked|who|we) )", "how many people "),
        (rf"\b(country|city|industry|region|sector) of {_WHOSE} (?={_FIRM}\b)", r"\1 of the "),
        (
            rf"\b{_LEFT_OUT} (?:the |any |all )?(?:ones|those|people|companies|contacts|deals) {_WITHOUT_VALUE}",
            "skip the unknown",
        ),
        (rf"^(.*\b{_SINCE}\b.{{0,40}}?)\b{_AT_WORK}\b", r"\1 joined the present employer"),
        (r"\b(?:being|getting) negotiated\b", "in negotiation"),
        # what runs is open; “what is going on with …” asks for the story
        (
            r"\b((?:what|anything|something|everything|much)(?: else)? (?:have we|do we|we|we have)"
            r"(?: still| now| already)*(?: got| have)?(?: still| now| currently)*) "
            r"(?:running|going|cooking|on the go|brewing|on|live) (?=with\b|at\b|in\b|for\b)",
            r"\1 open ",
        ),
        (
            r"\b((?:what|anything|something|everything)(?: else)? (?:is|are)(?: still| now| currently)*) "
            r"(?:running|cooking|on the go|brewing|live) (?=with\b|at\b|in\b|for\b)",
            r"\1 open ",
        ),
    )
)


#: The same in German, where the capital tells it from “her” and “their” anywhere but at the beginning.
_FORMAL = (
    (re.compile(r"(?<=[\w(] )Ihre([nmrs]?)\b(?= \w)|(?<=\()Ihre([nmrs]?)\b"), r"meine\1"),
    (re.compile(r"(?<=\w )[“„]?Ihnen\b[”“]?"), "mir"),
)


def without_formality(text: str) -> str:
    """“Ihre offenen Deals”, of nobody that was spoken of."""
    return re.sub(r"^Ihre([nmrs]?)\b(?= \w)", r"Meine\1", text)


def with_plain_denials(text: str) -> str:
    """“not in Germany or France” for “not (in Germany or France)”."""
    return _DENIED.sub(r"\1 \2", text)


def briefly(text: str) -> str:
    """The question in fewer words that mean the same."""
    text = with_plain_denials(_APPOSED.sub("", written_out(text)))
    for said, meant in _FORMAL:
        text = said.sub(meant, text)
    for said, meant in _TURNS:
        text = said.sub(meant, text)
    return text
