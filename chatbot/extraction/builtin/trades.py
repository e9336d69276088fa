"""What a company does, as words say it: in its name, by what it is, by what it makes.

The words are kept as said, because an industry that nobody named cannot be shown in the transcript.
"""

from __future__ import annotations

# ruff: noqa: E501, SIM905 - a pattern or a list of words broken in the middle is harder to read than a long line
import re

from chatbot.extraction.builtin import names
from chatbot.extraction.builtin.candidates import german_nouns, is_compound, is_head
from chatbot.extraction.numbers import find_numbers
from chatbot.extraction.text import fold

#: Endings that tell the form of a company, or of anything, and not its trade.
_FORM = frozenset(
    """group holding holdings systems partners solutions services agency capital ltd limited inc llc plc gmbh ag kg se
    bv sa build works gruppe technology technologies industries company authority trust foundation house lab labs studio
    studios sons daughters brothers firma institute society association union federation commission network networks
    collective partnership cooperative board systeme werke werk ug co mbh soehne sohne tochter bruder cie ohg haus
    zweckverband verband technik stadt home met press integrations""".split()
)
#: Trades that end names and are not among the words that make an organisation of any name.
_TRADES = frozenset(
    """joinery carpentry bearings boats yachts paints castings foundry glass veterinary clinic clinics academies academy
    bottling wines wine brewery distillery spirits tea coffee chocolate confectionery bakery bakeries toys tyres tiles
    windows doors roofing flooring scaffolding plumbing heating insulation cranes lifts pumps valves tools fasteners cables
    lighting batteries solar seeds feed feeds fisheries seafood salmon dairy dairies eggs poultry meats butchers cheese
    nurseries nursery orchards gardens timber sawmill paper packaging labels print printing prints publishing pottery
    ceramics jewellery watches optics opticians dental hospice hospital hospitals infirmary school schools college university
    gym gyms fitness theatre cinema cinemas museum hotel hotels hostels cruises ferries airline airport port ports railway
    rail trams buses taxis couriers parcel parcels haulage freight shipping logistics removals warehousing storage mobility
    laundry laundries cleaning waste recycling skips energy water gas power wind telecom broadband bank insurance mutual
    accountants solicitors law lawyers architects surveyors recruitment staffing payroll robotics drones diagnostics
    biotech pharma chemicals plastics textiles fabrics fashion shoes boots furniture kitchens bathrooms electrical
    electronics outdoor cycles bikes motors automotive homes housing builders construction civils engineering steel metals
    pressings games gaming software apps care council borough nurseries stores supermarkets farms catering restaurants
    pizza foods marine subsea aviation aerospace verpackungen armaturen saatgut turen fenster mobel kabel lacke farben
    optik apotheke druckerei reederei spedition molkerei brauerei backerei grossbackerei schreinerei tischlerei zimmerei
    metzgerei gartnerei weingut dachdeckerei wascherei textilpflege fordertechnik stahlbau maschinenbau anlagenbau
    metallbau holzbau hochbau tiefbau strassenbau gymnasium schule klinik kliniken klinikum krankenhaus rehaklinik
    stadtwerke wasserversorgung bergbahnen glashutte papierfabrik hotelgruppe hotels versicherung sparkasse landratsamt
    gemeinde textilwerke baustoffe verkehrsbetriebe pflege logistik feinblech prazision chemie elektronik etiketten
    drehteile werkzeugbau sagewerk ziegelei""".split()
)
#: Words before the trade that belong to it.
_MODIFIERS = frozenset(
    "cold wind water pet building district borough parish higher social home ready office dental".split()
)
#: Nouns for what an organisation is; with the words before them they are its trade.
_KINDS = """hospital hospice clinic infirmary surgery bank brewery bakery dairy distillery foundry mill farm shipyard
    boatyard yard nursery school college university academy charity publisher retailer wholesaler distributor
    manufacturer maker producer supplier importer exporter merchant broker brokerage carrier operator provider reseller
    integrator consultancy bureau contractor builder developer housebuilder printer caterer council authority utility
    port airport museum theatre cooperative co-operative lab laboratory startup marketplace chain airline railway
    insurer lender agency trust foundation hotel gym pharmacy supermarket restaurant factory plant-maker refinery
    foodbank non-profit ngo parish diocese practice""".split()
#: Kinds that say nothing of the trade by themselves: the words before them do.
_BARE = """company firm business group outfit chain organisation organization enterprise concern practice shop
    network operation""".split()
_SIZES = frozenset(
    """family small large big mid-size mid-sized medium medium-sized tiny little independent local regional national
    global international leading listed private privately-held family-run family-owned old new young typical proper
    very quite fairly rather growing fast-growing single single-site owner-managed major nice real""".split()
)
_NOT_TRADES = frozenset(
    """problem good bad lot bit thing question customer mess big nice very shame great pain joke crime mistake sense sure
    it that this them you us everything something anything nothing money decision decisions progress exception exceptions
    list lists report reports note notes point case call calls start use effort changes change one two more less most
    people difference time promises orders copies plan plans team good better best way deal deals slide box tender
    business same other next last first partner customer customers user users vendor reference mix number year years
    week month day days demo pilot trial project projects half third few couple fan dream nightmare
    works honestly version short genau ja nein familienbetrieb familienunternehmen has is are was were have had will can must would should does did goes gets about around""".split()
)
#: Heads that are a trade only with what stands before them, or behind `of`.
_HEADS = frozenset(
    """operator provider supplier authority agency producer contractor trust maker developer yard foundation
    distributor merchant wholesaler retailer manufacturer chain""".split()
)
#: Words no trade begins with.
_NO_START = frozenset(
    """only part your our their his her my same whole third-party not no any every such much""".split()
)
#: Words behind a verb that begin no thing that is made.
_NO_THING = frozenset(
    """not no all yes well right some any off out up down into through over away only my your his her their""".split()
)
_WORD = r"[^\W\d_][\w’'&-]*"
_LOW = r"(?!(?:and|or|but|so|with|for|in|on|at|of|to|the|a|an|that|which|who|we|our|from|by|as|than|if|because|und|mit|für)\b)(?-i:[a-zà-ÿ])[\w’'-]*"
_END = (
    rf"\b(?!['’-])(?:\sof\s(?P<of>{_LOW}(?:\s{_LOW})?))?"
    r"(?=[,.;:?!]|$|\s(?:with|in|of|for|that|and|based|who|which|here|there|up|near|from|on|at|by|but|so|right|yes|though|like|basically)\b)"
)
_BE = r"(?:\s(?:is|are|was)|['’](?:re|s))\s(?:really\s|basically\s|just\s|actually\s|mostly\s|also\s)?"
#: "we're a haulage company", "it's a chain of gyms", "the charity"; `who` stands before it.
_IS = re.compile(
    rf"(?:\b(?:we|they|it|that|you|this|which|us)(?=\s(?:is|are)|['’])|(?<=\w)(?<!\bwhat)(?=\s(?:is|are)\s)){_BE}(?:an?|the|one of the)\s"
    rf"(?P<what>(?:{_WORD}\s){{0,5}}?(?:{'|'.join(_KINDS + _BARE)})s?){_END}",
    re.I,
)
#: "Acme, a shipyard with seventy people"; "a small lab, thirty people" as a sentence of its own.
_APPOSITION = re.compile(
    rf"(?:^(?:an?\s|the\s)?(?=(?P<first>{_WORD}))|[,.–-]\san?\s)(?P<what>(?:(?:{_LOW}|(?P=first))\s){{0,4}}?(?:{'|'.join(_KINDS + _BARE)})){_END}",
    re.I,
)
#: Right behind the name an article may be missing: "Acme, wine importers, …", "Acme = offshore wind maintenance, …".
_BESIDE = re.compile(rf"^\s?(?:an?\s|the\s)?(?P<what>(?:{_LOW}\s){{0,4}}?(?:{'|'.join(_KINDS + _BARE)})s?){_END}", re.I)
_EQUALS = re.compile(rf"^\s(?P<what>{_LOW}(?:\s{_LOW}){{0,3}})(?=[,.;])")
_MAKES = (
    r"make|build|produce|manufacture|sell|brew|bake|grow|import|export|charter|distil|bind|weave|forge|cast|roast|breed|repair|inspect|lease|rent|hire|"
    r"operate|run|publish|print|install|clean|transport|haul|distribute|supply|process|recycle|farm|refurbish|design|fit"
)
_THING = rf"(?P<what>{_LOW}(?:\s{_LOW}){{0,2}}(?:,?\s(?:and|&)\s{_LOW}(?:\s{_LOW})?)?)"
#: "we make staircases", "Acme Boats charters yachts".
_MAKE = re.compile(
    rf"\b(?:we(?:\sonly|\smainly|\smostly|\salso)?|they(?:\sonly|\smainly|\smostly)?|you|who|which)\s(?P<verb>{_MAKES})\s(?:all\s|our\sown\s|mainly\s|mostly\s)?{_THING}"
    r"(?=[,.;?!]|$|\s(?:for|in|to|across|from|online|on|at|with|and|out)\b)",
    re.I,
)
_MAKES_IT = re.compile(
    rf"^\s(?P<verb>(?:{_MAKES}|publishe)s)\s{_THING}(?=[,.;?!]|$|\s(?:for|in|to|across|from|on|at|with)\b)"
)
#: "we do school meals", "we're in scaffolding": only where somebody has asked what the firm does.
_WE_DO = re.compile(rf"\bwe\sdo\s{_THING}(?=[,.;?!]|$|\s(?:for|in|to|across|from)\b)", re.I)
_DO = re.compile(
    rf"^(?:well,?\s)?(?:we(?:\sdo|['’]re\sin|\sare\sin|\swork\sin)\s{_THING}|(?P<bare>{_WORD}(?:\s{_LOW}){{0,2}}))(?=[,.;?!]|$)",
    re.I,
)
ASKED = re.compile(
    r"\b(?:what\s(?:do|does)\s(?:you|your|they|it|\w+(?:\sand\s\w+|\s\w+)?)\s(?:\w+\s)?(?:do|make|sell|build)\b|line of (?:business|work)|what (?:sort|kind|business)|"
    r"what is it you (?:do|make|sell)|was (?:macht|machen|stell\w+|bau\w+)\b.{0,25}\b(?:firma|genau|ihr|sie|die|unternehmen)\b|die machen was|welche branche)",
    re.I,
)
_GERMAN_KIND = (
    r"(?:\w+(?:hersteller|bauer|händler|handel|betrieb|züchter|wäscherei|unternehmen|dienstleister|lieferant|produzent|verlag|fabrik|werk|klinik|bank|verein|"
    r"verband|brauerei|bäckerei|molkerei|großhandel|verarbeiter|reederei|spedition|dienst|haus|hof|kette|gesellschaft|schule|versicherer|makler|agentur|büro|werft|versorger)"
    r"|Spedition|Brauerei|Molkerei|Reederei|Druckerei|Schreinerei|Klinik|Krankenhaus|Bank|Verlag|Stiftung|Genossenschaft|Behörde|Kommune|Großhandel|Händler|"
    r"Bäckerei|Gießerei|Apotheke|Schule|Werft|Wäscherei|Pflegedienst|Systemhaus)"
)
_IST = re.compile(
    rf"\b(?:wir sind|sind wir|das ist|das sind|die sind|sind|ist|,)\s(?:ja\s|eigentlich\s)?(?:eine?r?|so eine?)\s(?P<what>(?:[a-zäöüß]+\s){{0,2}}{_GERMAN_KIND})\b(?:\sfür\s(?P<for>[A-ZÄÖÜ]\w+))?"
)
_MACHT = re.compile(
    r"\b(?:wir|die)\s(?P<verb>bauen|fertigen|produzieren|verkaufen|stellen|schleifen|brauen|backen|liefern|vertreiben|verarbeiten|drucken)\s(?P<what>[A-ZÄÖÜ][\wäöüß-]+(?:\sund\s[A-ZÄÖÜ][\wäöüß-]+)?)(?=[,.;?!]|$|\s(?:aus|für|her|in|und)\b)"
    r"|\b[Ww]ir\smachen\s(?P<machen>[A-ZÄÖÜ][\wäöüß-]+(?:\sund\s[A-ZÄÖÜ][\wäöüß-]+)?)(?=[,.;?!]|$|\s(?:aus|für)\b)"
)


def of_name(name: str, *, german: bool) -> str | None:
    """What the name itself says: `Acme Cold Storage` → cold storage, `University of Acme` → university."""
    words = [word for word in re.split(r"\s+", name) if word and word not in ("&", "and", "und", "of")]
    folded = [re.sub(r"[^a-z-]|['’]s$", "", fold(word)) for word in words]
    telling = [place for place, word in enumerate(folded) if _tells(word, first=place == 0, german=german)]
    if not telling:
        return None
    last = telling[-1]
    first = last
    while first - 1 > 0 and folded[first - 1] in _MODIFIERS:
        first -= 1
    said = " ".join(words[first : last + 1])
    return said if german else re.sub(r"ies$", "y", said.lower())


def _tells(word: str, *, first: bool, german: bool) -> bool:
    if word in _FORM or len(word) < 3:
        return False
    if word in _TRADES:
        return not first or word in ("university", "port", "hotels", "klinikum") or german
    if is_head(word, german=german):
        return not first or german
    return german and not first and word in german_nouns() and is_compound(word) and len(word) > 4


def said(text: str) -> tuple[int, str] | None:
    """(place, what the company is) where a sentence says so: "we're a haulage company" → haulage."""
    for pattern in (_IS, _IST):
        for match in pattern.finditer(text):
            if pattern is _IST:
                found = f"{match['what']} für {match['for']}" if match["for"] else match["what"]
                found = re.sub(r"^(?:[a-zäöüß]+\s)+", "", found)
                if found.lower() not in _NOT_TRADES:
                    return match.start(), found
            elif what := _trade(match["what"], match["of"]):
                return match.start(), what
    return None


def apposed(text: str, *, named: bool = False) -> str | None:
    """What stands by itself, or (`named`) beside a company's name: "a shipyard with seventy people"."""
    match = (_BESIDE if named else _APPOSITION).search(text)
    if match is None and named and (equal := _EQUALS.match(text)):
        return _thing(equal["what"]) if _is_known(equal["what"]) else None
    return _trade(match["what"], match["of"]) if match else None


def _is_known(what: str) -> bool:
    return any(word in _TRADES or is_head(word) for word in fold(what).split())


def _trade(what: str, of: str | None) -> str | None:
    words = [word for word in what.lower().split() if word not in _SIZES]
    if not words:
        return None
    head = words[-1] if words[-1] in _KINDS or words[-1] in _BARE else words[-1].removesuffix("s")
    if head in _BARE or head in _HEADS:
        if of and of.split()[0] not in _NOT_TRADES and (head in _BARE or head == "chain"):
            return of
        if len(words) < 2 and head not in ("charity", "retailer", "reseller", "distributor", "wholesaler"):
            return None
        words = words[:-1] if head in _BARE and head not in ("chain", "practice") else words
    if (
        any(
            word in _NOT_TRADES or "'" in word or "’" in word or not re.fullmatch(r"[^\W\d_][\w’'&-]*", word)
            for word in words
        )
        or words[0] in _NO_START
    ):
        return None
    return " ".join(words)


def made(text: str, *, asked: bool, intro: bool) -> tuple[int, str] | None:
    """(place, what the company makes): "we make staircases". Any short answer counts where it was `asked` for, weaker
    verbs only then or where the firm is being introduced (`intro`).
    """
    match = _MAKE.search(text)
    if (
        match
        and (what := _thing(match["what"]))
        and (
            asked
            or match["verb"].lower() not in ("run", "process", "clean", "design", "fit", "print", "supply", "install")
        )
    ):
        return match.start(), what
    german = _MACHT.search(text)
    if german and (german["what"] or asked):
        return german.start(), german["what"] or german["machen"]
    if (asked or intro) and (answer := _WE_DO.search(text)) and (what := _thing(answer["what"])):
        return answer.start(), what
    if asked and (answer := _DO.match(text)) and (what := _thing(answer["what"] or answer["bare"])):
        return answer.start(), what
    if german and german["machen"] and german["machen"].split()[0] not in ("Schluss", "Pause", "Termin", "Termine"):
        return german.start(), german["machen"]
    return None


def makes(rest: str) -> str | None:
    """What the sentence goes on with behind the company's name: "charters yachts"."""
    match = _MAKES_IT.match(rest)
    return _thing(match["what"]) if match else None


def _thing(what: str) -> str | None:
    words = what.lower().split()
    if words[0] in names.STARTERS or "'" in what or "’" in what or find_numbers(what):
        return None
    if any(word.strip(",") in _NOT_TRADES for word in words) or words[0] in _NO_THING:
        return None
    return what.strip(" ,")
