"""Candidate names: every run of capitalised words of a meeting, with all the places where it is said.

What a name stands for is not decided here. A candidate is a name in all its spellings ("Field Harrow" and "Fieldharrow"
are one), cleaned of what only stands beside it: forms of address, titles, the first word of a sentence. German gives
every noun a capital, so most German candidates are no names; `entity_features` tells.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from chatbot.extraction.builtin import names
from chatbot.extraction.builtin.discourse import Discourse, clean
from chatbot.extraction.numbers import find_numbers
from chatbot.extraction.text import fold, key

#: Words that make an organisation of the name beside them, English before German, folded.
_HEADS = frozenset(
    """
    logistics food foods system systems group holding holdings consulting advisory advisors facilities lifts elevators
    heating marine authority transit transport transports port ports storage pump pumps insurance broker brokers
    furniture partners solutions software technology technologies industries bank school schools college academy trust
    foundation charity museum theatre dairy dairies nursery nurseries garage garages builders architects solicitors
    legal accountants pharmacy pharmacies gym gyms club clubs cabinets kitchens textile textiles clinic clinics hospital
    hospitals university council energy health healthcare pharma motors airline airlines retail hotel hotels media lab
    labs dental engineering electronics chemicals brewery bakery bakeries farm farms services agency studio studios
    capital finance properties estates construction steel plastics packaging printing network networks telecom mobility
    automotive aviation shipping freight instruments medical biotech robotics security analytics digital water power gas
    solar wind works mill mills store stores supermarket supermarkets laundries laundry apps seafood fisheries care
    metrics pressings castings forge foundry ceramics glass tools cars parts homes housing vets veterinary library
    libraries church diocese parish county borough district city institute society association union federation
    ministry department commission airport railway railways rail buses ferries cruises travel tours events catering
    restaurants coffee bikes cycles sports outdoor fashion apparel shoes toys books publishing press news radio
    television films games law opticians orthopaedics surgery practice hospice house met ops fm
    ltd limited inc llc plc gmbh ag kg se bv sa ug co
    anlagenbau maschinenbau hochbau tiefbau holzbau bau baustoffe systeme werke werk technik stadtwerke versicherung
    versicherungen klinik kliniken klinikum logistik spedition handel druck brauerei mobel verlag immobilien optik
    elektronik sparkasse volksbank verwaltung gruppe genossenschaft landratsamt rathaus gemeinde stadt landkreis kreis
    amt molkerei backerei metzgerei glashutte papierfabrik krankenhaus universitat hochschule schule gymnasium
    stiftung verband verein kammer reederei werft apotheke apotheken praxis sanitatshaus pflege autohaus gartnerei
    weingut forst hutte sagewerk giesserei weberei druckerei reisen touristik verkehrsbetriebe bahn energie wasser
    chemie kunststoff kunststoffe metall stahl holz textil hotelgruppe hotel therme bergbahnen seilbahnen diakonie
    caritas bistum theater museum messe flughafen hafen zoo
    """.split()
)
_GERMAN_HEAD = re.compile(
    r"(?:werke|werk|backerei|fabrik|gruppe|hutte|amt|klinik|kliniken|klinikum|bau|technik|logistik|handel|bank|kasse|"
    r"verband|verein|molkerei|brauerei|druckerei|giesserei|spedition|versicherung|verlag|betriebe|gesellschaft|hotels?|"
    r"haus|markte|baustoffe|mobel|schule|universitat|stiftung|genossenschaft|reederei|systeme|anlagen)$"
)
#: German heads that stand before the name: `Stadtwerke Hall`, not `Hall Stadtwerke`.
_LEADING = re.compile(
    r"(?:stadtwerke|kliniken|klinikum|klinik|krankenhaus|landratsamt|gemeinde|landkreis|molkerei|brauerei|spedition|"
    r"reederei|glashutte|papierfabrik|universitat|hochschule|sparkasse|volksbank|hotelgruppe|verlag|autohaus|weingut|"
    r"\w+backerei|\w+fabrik|\w+gruppe|\w+werke|\w{4,}amt|\w+klinik|druckerei|giesserei|werft|hotel|stiftung|firma)$"
)
#: English heads that take a place behind `of`.
_OF = frozenset(
    """university college bank city council house port ministry school academy diocese county borough institute society
    bureau office museum department church town district""".split()
)
_ADDRESS = re.compile(
    r"(?:dr|mr|mrs|ms|miss|mister|sir|prof|professor|herr|herrn|frau|doktor|doctor|councillor|landrat|burgermeister|"
    r"pastor|captain|father|sister|dame|lord|lady|ing|dipl)\.?$"
)
_PARTICLES = frozenset("van von de der den di da del la le ter bin al".split())
_WORD = rf"(?:[OD]['’])?[{names.UPPER}][^\W_]*(?:['’][A-Z][a-zà-ÿ]+)?(?:-[^\W_]+)*"
_GLUE = r"(?:\s(?:&|of|van|von|de|der|den|di|da|del|la|le|ter)\s|\s?&\s?|\s)"
_RUN = re.compile(
    rf"(?<![\w@.'’-]){_WORD}\.?(?:(?<=\bDr\.)|(?<=\bMr\.)|(?<=\bMs\.)|(?<=Mrs\.)|(?<=Prof\.)|(?<!\.))(?:{_GLUE}{_WORD})*"
)
_PAIR = re.compile(rf"(?<![\w@.'’-])(?P<one>{_WORD})\s(?:and|und|&)\s(?P<two>{_WORD}(?:\s{_WORD})*)")
_SPEAKS_FIRST = re.compile(r"(?:^|[:;–—(\"“„«]|\s-)\s*[\"“„'(]*$|\.\s+$")
_ROLE_WORD = re.compile(
    r"(?:\w*leiter(?:in)?|\w*leitung|\w*chef(?:in)?|geschaftsfuhrer(?:in)?|\w*manager(?:in)?|director|officer|engineer|"
    r"\w*vorstand|\w*berater(?:in)?|prokurist(?:in)?|ceo|cfo|coo|cto|cio|vp|md|kollege|kollegin|key|account)$"
)

BACKGROUND = Path(__file__).with_name("everyday_words.txt")


@lru_cache(maxsize=1)
def first_names() -> frozenset[str]:
    """Common first names of Europe and its guests, folded."""
    return frozenset(fold(Path(__file__).with_name("first_names.txt").read_text(encoding="utf-8")).split())


@dataclass(frozen=True, slots=True)
class Mention:
    """`text` stands at start..end of the cleaned sentence, `first` if any word has a capital there.

    `address` is the form of address before it (Herr, Dr), `role_before` tells of a title there.
    """

    sentence: int
    start: int
    end: int
    text: str
    first: bool
    address: str | None = None
    role_before: bool = False


@dataclass(slots=True)
class Candidate:
    """One name. `forms` counts its spellings; `parts` are places where only one word of it is said."""

    key: str
    forms: Counter[str] = field(default_factory=Counter)
    mentions: list[Mention] = field(default_factory=list)
    parts: list[Mention] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The usual spelling; of two as usual the one without a gap, which recognition tears open."""
        return min(self.forms, key=lambda form: (-self.forms[form], form.count(" ")))

    @property
    def words(self) -> tuple[str, ...]:
        return _folded_words(self.name)


@lru_cache(maxsize=4096)
def _folded_words(name: str) -> tuple[str, ...]:
    """Cached: each name is compared with every other."""
    return tuple(fold(word) for word in re.split(r"[\s-]+", name) if word and word != "&")


def is_head(word: str, *, german: bool = False) -> bool:
    """Does the word, folded, make an organisation of the name beside it?"""
    return word in _HEADS or (german and len(word) > 4 and _GERMAN_HEAD.search(word) is not None)


def find_candidates(discourse: Discourse, common: frozenset[str]) -> dict[str, Candidate]:
    """All candidates by key, in order of first mention. `common`: words that are no names, see `background`."""
    found: dict[str, Candidate] = {}
    german = discourse.meeting.language == "de"
    starts = common - _seen_inside(discourse) - _said_again(discourse)
    for sentence in discourse.sentences:
        for mention in _mentions(sentence.index, clean(sentence.text), starts, german=german):
            candidate = found.setdefault(key(mention.text), Candidate(key(mention.text)))
            candidate.forms[mention.text] += 1
            candidate.mentions.append(mention)
    _share_parts(found)
    return found


def _share_parts(found: dict[str, Candidate]) -> None:
    """A single word said alone is also a mention of each longer name that has it."""
    by_word: dict[str, list[Candidate]] = {}
    for candidate in found.values():
        words = candidate.words
        if len(words) > 1:
            for word in dict.fromkeys(words):
                by_word.setdefault(word, []).append(candidate)
    for candidate in found.values():
        words = candidate.words
        if len(words) == 1:
            for longer in by_word.get(words[0], ()):
                longer.parts += candidate.mentions


def _seen_inside(discourse: Discourse) -> frozenset[str]:
    """Capitalised words seen where no sentence begins, folded."""
    seen = set()
    for sentence in discourse.sentences:
        text = clean(sentence.text)
        for match in re.finditer(r"(?<=[a-zà-ÿ,] )[A-ZÀ-ÖØ-Þ][\w-]+", text):
            seen.add(fold(match.group()))
    return frozenset(seen)


def _said_again(discourse: Discourse) -> frozenset[str]:
    """First words of runs that open several sentences, or are all of one: `Bright Fathom.` is no bright Fathom."""
    runs: Counter[tuple[str, ...]] = Counter()
    for sentence in discourse.sentences:
        match = _RUN.match(clean(sentence.text))
        if match and " " in match.group():
            runs[tuple(fold(match.group()).split())] += 2 if match.end() >= len(clean(sentence.text)) - 1 else 1
    return frozenset(run[0] for run, count in runs.items() if count > 1)


def _mentions(index: int, text: str, starts: frozenset[str], *, german: bool) -> Iterator[Mention]:
    for match in _RUN.finditer(text):
        first = _SPEAKS_FIRST.search(text[: match.start()]) is not None
        for start, tokens in _pieces(match.group(), match.start()):
            at_start = first and start == match.start()
            yield from _named(index, start, tokens, starts, first=at_start, german=german)
    for match in _PAIR.finditer(text):
        one, two = match["one"], match["two"].split()
        alone = re.search(r"[A-ZÀ-Þ][\w-]*\s$", text[: match.start()]) is None
        if alone and _plain(one) and all(_plain(word) for word in two):
            first = _SPEAKS_FIRST.search(text[: match.start()]) is not None
            yield Mention(index, match.start(), match.end(), match.group(), first)


def _pieces(run: str, offset: int) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """Cut a run at ordinary words and at particles that join no name."""
    tokens = [(offset + m.start(), m.group()) for m in re.finditer(r"\S+", run)]
    piece: list[tuple[int, str]] = []
    for position, (start, token) in enumerate(tokens):
        joins = token in _PARTICLES or token in ("of", "&")
        if joins and piece and _keeps(piece, token, tokens[position + 1][1]):
            piece.append((start, token))
        elif joins or not (_plain(token) or _ADDRESS.match(fold(token))):
            if piece:
                yield piece[0][0], piece
            piece = []
        else:
            piece.append((start, token))
    if piece:
        yield piece[0][0], piece


def _keeps(piece: list[tuple[int, str]], joint: str, following: str) -> bool:
    last = fold(piece[-1][1])
    if joint == "&":
        return True
    if joint == "of":
        return last in _OF
    return last in first_names() and joint != "der" and bool(following)


def _plain(token: str) -> bool:
    """A capitalised word that could be part of a name."""
    return not names.ordinary(token) and not _is_number(token)


@lru_cache(maxsize=16_384)
def _is_number(token: str) -> bool:
    return bool(find_numbers(token.split("-")[0]))


def _named(
    index: int, start: int, tokens: list[tuple[int, str]], starts: frozenset[str], *, first: bool, german: bool
) -> Iterator[Mention]:
    """The name within a run: without forms of address, roles, and a first word that only begins the sentence."""
    address, role = None, False
    while tokens:
        word = fold(tokens[0][1])
        if _ADDRESS.match(word):
            address = word.rstrip(".")
        elif len(tokens) > 1 and _ROLE_WORD.match(word):
            role = True
        elif len(tokens) > 1 and _starts_only(word, starts, first=first and tokens[0][0] == start, german=german):
            pass
        else:
            break
        tokens = tokens[1:]
        while tokens and tokens[0][1] in ("of", "&"):
            tokens = tokens[1:]
    if german and len(tokens) > 1:
        lead = next((i for i, (_, token) in enumerate(tokens) if _LEADING.match(fold(token))), 0)
        if 0 < lead < len(tokens) - 1 and fold(tokens[0][1]) not in first_names():
            tokens = tokens[lead:]
    while len(tokens) > 1 and _ROLE_WORD.match(fold(tokens[-1][1])):
        tokens = tokens[:-1]
    if not tokens or len(tokens) > 6 or (len(tokens) == 1 and len(tokens[0][1]) < 3):
        return
    begin, end = tokens[0][0], tokens[-1][0] + len(tokens[-1][1])
    text = " ".join(token for _, token in tokens)
    front, _, tail = text.rpartition("-")
    if german and front and " " not in tail and len(front) > 2 and is_compound(fold(tail)):
        text, end = front, end - len(tail) - 1
        if names.ordinary(front):
            return
    yield Mention(index, begin, end, text.rstrip("."), first and begin == start, address, role)


def _starts_only(word: str, starts: frozenset[str], *, first: bool, german: bool) -> bool:
    """Has this first word its capital from the sentence only?"""
    return first and word in starts and word not in first_names() and not is_head(word, german=german)


@lru_cache(maxsize=1)
def german_nouns() -> frozenset[str]:
    """Nouns of everyday German business, folded."""
    return frozenset(Path(__file__).with_name("german_nouns.txt").read_text(encoding="utf-8").split())


#: Nouns that end names of places and families more often than other nouns.
_OF_PLACES = frozenset(
    """feld berg dorf stadt heim burg hof land wald mark rand brand see bach stein haus hausen hauser kirche turm wasser
    insel bauer meister mann graf blick fuchs wolf held helfer muller werk haar topf wind strom recht reich
    hand halt""".split()
)


@lru_cache(maxsize=8192)
def is_compound(word: str) -> bool:
    """A German noun, or one built on a noun: `supportleitung`, `zementlieferanten`."""
    nouns = german_nouns()
    for ending in ("", "n", "en", "e", "s", "es", "er", "in", "innen"):
        stem = word.removesuffix(ending) if ending and word.endswith(ending) else word if not ending else ""
        if stem in nouns:
            return True
        tails = (stem[at:] for at in range(3, len(stem) - 3))
        if any(tail in nouns and tail not in _OF_PLACES and len(tail) > 3 for tail in tails):
            return True
    return False


@lru_cache(maxsize=1)
def background() -> frozenset[str]:
    """Words that are said in lower case, or as German nouns, in many meetings; written by `training.entities`."""
    return frozenset(BACKGROUND.read_text(encoding="utf-8").split())
