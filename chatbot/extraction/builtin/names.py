"""What looks like a name, and the words that say which role a person has.

Without a dictionary of names, a name is recognised by its company: capital letters where no sentence begins, never
seen in lower case in the same meeting, next to a role, an introduction or a preposition of belonging.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re

PARTICLE = r"(?:van|von|de|der|den|di|da|del|la|le|ter|bin|al)"

UPPER = "A-ZÀ-ÖØ-ÞĄĆČĎĐĘĚĞİŁŃŇŐŘŚŞŠŤŮŰŹŻŽ"
_LOWER = "a-zß-ÿąćčďđęěğıłńňőřśşšťůűźżž"
TOKEN = rf"(?:[{UPPER}]\w*[{_LOWER}](?:-[{UPPER}]\w*[{_LOWER}])*|O['’][A-Z][a-z]+|Mc[A-Z][a-z]+)"
FULL = rf"{TOKEN}(?:\s{PARTICLE})*\s{TOKEN}(?:-{TOKEN})?"
#: A company: capitalised words, perhaps joined by & or and, perhaps with an acronym.
HONORIFIC = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|Prof|Herr|Frau|Doktor|Dipl|Ing)\b\.?\s*", re.IGNORECASE)

_HEAD = (
    "manager|director|officer|engineer|consultant|architect|counsel|controller|analyst|lead|leader|president|founder|"
    "co-founder|owner|administrator|admin|accountant|coordinator|specialist|developer|designer|buyer|planner|"
    "supervisor|"
    "secretary|lawyer|surgeon|physician|teacher|chef|founders|executive|representative|rep|advisor|adviser|auditor|"
    "scientist|technician|operator|desk|"
    "strategist|"
    "principal|partner|chair|chairman|chairwoman|treasurer|trustee|editor|producer|professor|nurse|foreman|"
    "CEO|CFO|COO|CTO|CIO|CISO|CMO|CRO|CPO|CHRO|MD|VP|SVP|EVP|CDO|CCO|DPO"
)
_GERMAN_HEAD = (
    r"Leiter(?:in)?|\w+leiter(?:in)?|Geschäftsführer(?:in)?|Chef(?:in)?|\w+chef(?:in)?|\w*[Mm]anager(?:in)?|"
    r"Vorstand|Prokurist(?:in)?|"
    r"Inhaber(?:in)?|Gründer(?:in)?|\w*[AaÄä]rzt(?:in)?|\w*[Tt]echniker(?:in)?|\w*[Vv]erwalter(?:in)?|"
    r"\w*[Bb]erater(?:in)?|\w*[Aa]rchitekt(?:in)?|Controller(?:in)?|Referent(?:in)?|Einkäufer(?:in)?|"
    r"Ingenieur(?:in)?|Direktor(?:in)?|Bereichsleitung|\w+leitung|Meister(?:in)?|\w+beauftragte[rn]?|"
    r"Assistent(?:in)?|\w*[Ee]ntwickler(?:in)?"
)
_AREA = (
    r"(?:\s(?:of|for|der|des|für|von|in)\s(?!(?:der|die|das|dem)\b|[A-ZÄÖÜ][a-zäöüß]+\s[A-ZÄÖÜ]|(?:our|my|the|"
    r"your|their|this|a|an)\b)(?:[A-Za-zÀ-ÿ&-]+)(?:\s(?:and|und|&)\s[A-Za-zÀ-ÿ-]+)?(?:\s(?:success|services|"
    r"resources|planning|support|operations|security|development|engineering|technology|relations)\b)?)?"
)
ROLE = (
    rf"(?:(?:(?:deputy|senior|junior|chief|lead|vice|general|managing|"
    rf"head)\s)?head\sof\s(?:the\s)?[a-zA-Z]+(?:\s(?:and|&)\s[a-z]+|\s(?:success|services|resources|planning|"
    rf"support|operations|security|development|engineering|technology|systems|management)\b)?"
    rf"|VP\s(?:of\s)?[A-Za-z]+|(?:[A-Za-z]+[- ]){{0,3}}(?:{_HEAD})\b{_AREA}"
    rf"|(?:{_GERMAN_HEAD}){_AREA}(?:\s[A-ZÄÖÜ][a-zäöüß]+(?:planung|leitung|wesen|sicherung|entwicklung|technik|"
    rf"einkauf|vertrieb|dienst|service|bau))?)"
)
ROLE_RE = re.compile(ROLE)
#: Words that stand before a head word without belonging to the title.
_ROLE_LEAD = re.compile(
    r"^(?:(?:i|i'm|am|is|are|was|the|a|an|our|your|their|his|her|my|new|and|he's|she's|who's|he|she|as|actually|"
    r"mostly|also|just|"
    r"current|former|whole|this|that|with|by|from|here|now|still|one|only|been|have|has|had|to|for|or|old|me|"
    r"die|der|das|unsere?|meine?|ihre?|ist|bin|neue[rn]?|im|am)\b[- ]?)+",
    re.IGNORECASE,
)
#: What somebody "runs", "leads", "looks after" becomes a title: Head of …
_SMALL = frozenset("of and for the der des für von und in".split())

CALENDAR = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december jan feb mar apr jun jul aug sep sept oct nov dec
    mon tue wed thu fri sat sun montag dienstag mittwoch donnerstag freitag samstag sonntag januar
    februar märz mai juni juli oktober dezember christmas easter thanksgiving weihnachten ostern""".split()
)
#: Everyday products, places and acronyms that are neither people nor companies in a deal.
COMMON = frozenset(
    """excel word outlook teams zoom sharepoint windows microsoft google whatsapp slack linkedin powerpoint access gps
    sms erp crm sap api rest eur usd gbp chf
    teur tsd mio pdf usb wifi sso saml iso gdpr dsgvo ceo cfo coo cto cio it hr qa uk us eu usa
    english french german spanish polish italian dutch europe germany france england london paris berlin münchen
    munich hamburg wien vienna america american european british deutschland österreich schweiz internet android
    iphone apple linux black friday q1 q2 q3 q4 i okay ok ai ki app mr mrs dr""".split()
)
#: Words that begin sentences or stand alone with a capital and are never a name by themselves.
STARTERS = frozenset(
    """
    a about absolutely actually ouch whoa oops phew touch aha indeed likewise hopefully unfortunately after
    again agreed ah all alright also although always an and another any anybody anyone anything anyway are as
    ask at back bad basically be because before best better both brilliant but by bye call can check cheers
    clear come congratulations correct could dear define did do does doing done don't each easy eight either
    eighteen eighty eleven else end enough especially even every everybody everyone everything exactly except
    fair few fifteen fifty final fine first five forty four fourteen from full fun get give go god good got
    great guess had half happy hard has have he hello her here hey hi his hm hold honest honestly how hundred i
    if in instead is isn't it it's its join just keep kind know last later leave let let's like list look love
    lovely make many maybe me mean mhm might mine minutes mm more morning most mostly much must my never new
    next nice nine ninety no nobody none nope nor not nothing noted now number of off oh okay on once one only
    or order other our out over perfect plan please point price probably project put quick quite rather ready
    real really right roughly same say see send seriously seven seventy shall she should since six sixteen sixty
    so some somebody someone something sometimes soon sorry speak still stop such super sure take tell ten text
    thank thanks that that's the their them then there there's these they thing think third thirteen thirty this
    those though thousand three through to today together tomorrow too touché touche training true try twelve
    twenty two um understood until up upside us usually welcome very wait was we we'd we'll we're we've well
    were what when where which while who why will with within without wonderful works would wow yeah year yep
    yes yet you your yours aber ach alle alles also am an angeblich auch auf aus bei bis da dabei damit dann
    danke das dass dazu dem den denn der des die dies diese dort du ein eine einer eins einverstanden er erst
    erstens es euch freut für ganz gar genau gerne gut guten haben hallo hat hier ich ihm ihn ihnen ihr im immer
    in ist ja jeder jetzt kann kein klar kommen können man mein mit moment morgen müssen nach natürlich nein
    nicht nichts noch nun nur ob oder ohne schon schön sehr sein seit sich sie sind so soll sonst stimmt super
    tschüss über um und uns unser versteh viel vielen vielleicht von vor wann wär wäre war warum was weil wenn
    wer werden wie wieder wir wird wo zu zum zur zusammen zwei zweitens drittens servus herr frau
    se mer ma mi di dir mir isch ond net nix des dös wia scho grad halt gell
    ihre ihren ihrem ihrer ihres unsere unseren unserem unserer eure euren diesem diesen dieser""".split()
)


#: Kinds of meeting, as they stand in titles; never part of a name there.
OCCASIONS = frozenset(
    """
    kickoff kick-off call meeting sync review demo discovery workshop weekly monthly daily renewal conversation
    commercial terms pricing negotiation escalation onboarding partner pipeline requirements transcript notes
    minutes session check-in catch-up intro introduction interview status steering support q&a erstgespräch
    termin besprechung protokoll gespräch vorstellung context scope actions action attendees agenda summary next
    steps decisions risks concerns training data tech""".split()
)
_PLACE = re.compile(
    r"(?:^|\s)(?:road|street|lane|avenue|park|square|gate|bridge|station|airport|crescent|drive|close|hill|row|way)$|"
    r"(?:straße|platz|weg|allee|gasse)$",
    re.IGNORECASE,
)
_CANDIDATE = re.compile(rf"(?={TOKEN})(?<![\w'’-])(?P<name>{TOKEN}(?:(?:\s{PARTICLE})*\s{TOKEN})+)")


def full_names(text: str) -> list[tuple[int, int, str]]:
    """Spans that look like a person's full name: two or three name-like words that are not ordinary ones."""
    found = []
    for match in _CANDIDATE.finditer(text):
        start, tokens = match.start(), match["name"].split()
        while tokens and ordinary(tokens[0]):
            start += len(tokens.pop(0)) + 1
        tokens = _before_ordinary(tokens)
        if 2 <= len(tokens) <= 4:
            name = " ".join(tokens)
            found.append((start, start + len(name), name))
    return found


def _before_ordinary(tokens: list[str]) -> list[str]:
    kept = []
    for token in tokens:
        if ordinary(token) and not re.fullmatch(PARTICLE, token):
            break
        kept.append(re.sub(r"['’]s$", "", token))
        if kept[-1] != token:
            break
    return kept


def ordinary(token: str) -> bool:
    """Is this capitalised word something other than a name?"""
    low = token.lower().removesuffix("'s").removesuffix("’s")
    return low in STARTERS or low in CALENDAR or low in COMMON or low in OCCASIONS or len(low) < 2


def place(name: str) -> bool:
    """Does it end like an address?"""
    return _PLACE.search(name) is not None


def title(raw: str) -> str | None:
    """A title as one writes it: `the operations director` -> `Operations Director`."""
    text = _ROLE_LEAD.sub("", raw.strip(" ,.;:")).strip()
    if not text or len(text.split()) > 6:
        return None
    parts = []
    for index, part in enumerate(text.split()):
        if part.lower() in _SMALL and index:
            parts.append(part.lower())
        elif part.isupper() or not part[0].islower():
            parts.append(part)
        else:
            parts.append("IT" if part.lower() == "it" else part[0].upper() + part[1:])
    return " ".join(parts)
