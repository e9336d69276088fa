"""Customers, prospects and partners on one side, rivals on the other.

A company is a capitalised name that somebody says he works for, that ends in a word only companies end in, that heads a
topic ("So, Acme Facilities."), or that the notes list attendees under. A rival is a name in the mouth of somebody who
compares offers. Recognition errors ("Field Harrow") join the right spelling by comparing names without blanks.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from chatbot.extraction.builtin import names
from chatbot.extraction.builtin.cues import any_of
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.builtin.people import Person
from chatbot.extraction.merging import company_key, same_company
from chatbot.extraction.numbers import find_numbers
from chatbot.extraction.text import key

_SECTOR = (
    "logistics|foods?|systems?|group|holdings?|consulting|advisory|advisors|facilities|lifts|elevators|heating|"
    "marine|authority|"
    "transit|transport|ports?|storage|pumps?|insurance|brokers|furniture|partners|solutions|software|technolog(?:y|"
    "ies)|industries|"
    "bank|schools?|college|academy|trust|foundation|charity|museum|theatre|dair(?:y|ies)|nurser(?:y|ies)|garages?|"
    "build|architects|solicitors|legal|accountants|pharmac(?:y|ies)|gyms?|clubs?|cabinets|kitchens|textile|"
    "clinics?|hospitals?|university|council|energy|health|healthcare|pharma|motors|airlines|retail|hotels?|"
    "media|labs?|dental|"
    "engineering|electronics|chemicals|textiles?|brewery|bakery|farms?|services|agency|studios?|capital|finance|"
    "properties|estates|"
    "construction|builders|steel|plastics|packaging|printing|networks?|telecom|mobility|automotive|aviation|"
    "shipping|freight|"
    "instruments|medical|biotech|robotics|security|analytics|digital|water|power|gas|solar|wind|works|mills?|"
    "stores?|supermarkets?|"
    "ltd|limited|inc|llc|plc|gmbh|ag|kg|se|bv|sa|"
    r"\w*anlagenbau|\w*maschinenbau|\w*bau|\w*werke?|\w*technik|stadtwerke|versicherung(?:en)?|klinik(?:en|um)?|"
    r"logistik|spedition|"
    r"handel|druck|brauerei|möbel|verlag|immobilien|pharma|optik|elektronik|bank|sparkasse|verwaltung|gruppe"
)
_NAME = rf"{names.TOKEN}(?:(?:\s(?:&|and|und)\s|\s|-){names.TOKEN}){{0,3}}"
_SECTORED = re.compile(rf"\b(?P<name>{names.TOKEN}(?:[\s-]{names.TOKEN}){{0,2}}[\s-](?i:{_SECTOR}))\b(?!\w)")
_BELONGS = re.compile(rf"\b(?:at|of|for|from|bei|von|joined)\s(?:the\s|der\s)?(?P<name>{_NAME})")
_GERMAN_BELONGS = re.compile(rf"\b(?:von der|bei der|der|des|vom|beim|im)\s(?P<name>{names.TOKEN}\s{names.TOKEN})\b")
_INTRODUCES = re.compile(
    rf"\b(?:I'm|I am|my name|this is|here is|I lead|I run|I do|ich bin|ich mach\w*|he's|she's|heads|leads|runs|"
    rf"looking after|taken over|"
    rf"responsible for|verantwortlich)\b|{names.ROLE}",
    re.IGNORECASE,
)
_TOPIC = re.compile(
    rf"^(?:(?i:so|okay|ok|and|also|then|now|right|next|yes|yeah|um|uh|"
    rf"well)[,.]?\s+)*(?:{names.TOKEN}[,?]\s)?(?P<name>{_NAME})(?:\.|,|$|'s\s|\s(?:is|goes|has|are)\s)"
)
_WE_ARE = re.compile(rf"\b(?:so|also)?,?\s?(?P<name>{_NAME}),\s(?:we|wir)\b")
_SIZE = re.compile(
    r"\s*(?:or so\s)?(?:people|employees|staff|headcount|leute|mitarbeiter\w*|beschäftigte|consultants|colleagues)\b",
    re.IGNORECASE,
)
_INDUSTRY = re.compile(
    r"\b(?:[Ww]e(?:'re| are)|[Ii]t's|[Tt]hey(?:'re| are)|[Ww]ir sind) (?:an?|ein(?:e)?) (?:(?:family|small|large|"
    r"big|mid-size|medium)\w* )?(?P<a>(?:[A-Za-z-]+ ){0,2}[A-Za-z-]+)(?=[,.])"
    r"|\b[Ww]e (?:make|build|produce|sell|manufacture|operate) (?P<b>(?:[a-z-]+ )?[a-z-]+)(?=[,.])|\b[Ww]ir "
    r"(?:bauen|machen|produzieren|fertigen|verkaufen) (?P<c>[A-ZÄÖÜ]\w+)"
    r"|\bpeople, (?P<d>[a-z]+ [a-z]+)(?=,)|^(?P<e>[A-Z][a-z]+ (?:broker|operator|manufacturer|company|agency|"
    r"supplier|provider|retailer|yard|authority))(?=[,.])"
)

_RIVAL_BEFORE = any_of(
    r"\b(?:trialled|trialed|tried|tested|evaluated|looked at|looking at|talking to|talked to|spoke to|pilot(?:ed)? "
    r"with|poc with|mention(?:s|ed|ing)|heard (?:of|about|from)|heard good things about|considering|consider|"
    r"prefer|recommend(?:s|ed)?|swears? by|raves? about|competitors?,?|rivals?,?|konkurrent\w*,?(?: also)?|(?:mit|"
    r"wett)bewerber\w*,?(?: also)?|spoken (?:to|with)|call with|demo (?:from|with|by)|"
    r"quote from|offer from|proposal from|pitch(?:ed)? (?:from|by)|went with|gone with|going with|go with|went to|"
    r"gone to|moved to|move to|switch(?:ed|ing)? to|"
    r"back to|lost (?:it )?to|also resell|resells?|up against|versus|vs\.?|instead of|cheaper than|shortlisted|you "
    r"or|us or|compared (?:to|with)|"
    r"from the guys at|leute von|angebot von|modul von|verglichen mit|statt|wechseln zu|testen gerade|angebot "
    r"liegt vor von)\s(?:the\s)?$"
)
_RIVAL_AFTER = any_of(
    r"^(?:'s| is| are| has| have| had)? ?(?:showed us|came in at|gave us|given us|quoted|offered|also put in|put "
    r"in an|made an offer|made us an offer|sent (?:us )?(?:an?|their) (?:offer|quote|bid)|submitted an?|pitched|"
    r"lost on|"
    r"won|wins|is cheaper|liegt (?:eins|ein|was|auch)|hat (?:uns )?(?:ein )?(?:angebot|angeboten)|wollte|war da|"
    r"is noch im rennen|ist noch im rennen|machen wir nicht|would be cheaper|for sure|probably|came to us|has been "
    r"on the phone|out there)\b",
    r"^(?:'s| is| are) (?:cheaper|in the mix|still in|also in|ahead|more expensive|our main)\b",
    r"^(?: come| comes) back\b",
)
_WHO_ELSE = any_of(
    r"\bwho else\b|\b(?:talking|speaking|looking) (?:to|at|with) (?:somebody|someone|anybody|anyone|others?) "
    r"else\b|\b(?:who's|who is) against us\b",
    r"\b(?:looked at|considered|evaluated|tried|seen|talking to|spoken (?:to|with)) (?:any |some |any of the "
    r")?(?:others?|alternatives?|anyone|anybody|anything)\b|\bandere[nr]? (?:angebote?|anbietern?|lösungen|firmen)\b",
    r"\b(?:other|any) (?:vendors?|providers?|competitors?|suppliers?|offers?)\b|\bcompetition\b|\bin the mix\b|"
    r"\bwen .{0,20}noch\b|\bschon mal was angeschaut\b|\bmitbewerber\b|\balternativen?\b",
)
_TOOL = any_of(
    r"\b(?:work(?:s)? with (?:our|the)|integrat\w+|connector|interface (?:to|with)|api|talk to|version|for sign\w+ "
    r"only|we use|it's called|runs on|export from|import from|label)\b"
)


@dataclass(slots=True)
class Company:
    """One organisation. `mentions` are indices of the sentences that name it."""

    name: str
    score: float = 0.0
    proofs: list[Sentence] = field(default_factory=list)
    mentions: list[int] = field(default_factory=list)
    industry: str | None = None
    size: str | None = None
    domain: str | None = None
    #: How often it heads a topic: "So, Acme Facilities."
    topics: int = 0


class Names:
    """All capitalised names of the meeting that are neither ordinary words nor people, with where they are said."""

    def __init__(self, discourse: Discourse, people: list[Person]) -> None:
        self._people = {key(part) for person in people for part in person.name.split()} | {
            key(part) for person in people for label in person.labels for part in label.split()
        }
        lower = Counter(re.findall(r"(?<![^\s(\"'])[a-zà-ÿ]{3,}", " ".join(s.text for s in discourse.sentences)))
        self._lower = lower
        self.german = discourse.meeting.language == "de"

    def acceptable(self, name: str) -> str | None:
        """The name without ordinary words at its ends, or None if nothing is left of it."""
        tokens = _until_possessive(name.replace("’", "'").split())
        while tokens and (not _capital(tokens[0]) or (len(tokens) > 1 and key(tokens[0]) in self._people)):
            tokens.pop(0)
        while tokens and not _capital(tokens[-1]):
            tokens.pop()
        if not tokens or key(tokens[-1]) in self._people or names.place(tokens[-1]):
            return None
        if len(tokens) == 1 and (self._lower[tokens[0].lower()] > 0 or len(tokens[0]) < 4):
            return None
        return " ".join(tokens)


def _until_possessive(tokens: list[str]) -> list[str]:
    """`Acme's contract` ends at Acme; a word with any other apostrophe is a contraction and ends the name before it."""
    kept: list[str] = []
    for token in tokens:
        if token.endswith("'s"):
            return [*kept, token[:-2]]
        if "'" in token and not token.startswith("O'"):
            return kept
        kept.append(token)
    return kept


def _capital(token: str) -> bool:
    """Could this be part of a name: a capital, not an ordinary word, not a number?"""
    return token[:1].isupper() and not names.ordinary(token) and not find_numbers(token.split("-")[0])


def find_companies(discourse: Discourse, people: list[Person], known: Names, rivals: list[Company]) -> list[Company]:
    """Customers, prospects and partners, best proven first; the own company and rivals left out."""
    votes: dict[str, Company] = {}

    def vote(name: str | None, score: float, sentence: Sentence | None, *, topic: bool = False) -> None:
        if not name or len(name) < 3:
            return
        company = votes.setdefault(company_key(name) or name, Company(name))
        company.score += score
        company.topics += topic
        if sentence is not None and sentence not in company.proofs:
            company.proofs.append(sentence)

    for sentence in discourse.sentences:
        text = clean(sentence.text)
        for match in _SECTORED.finditer(text):
            name = known.acceptable(match["name"])
            if name and re.search(r"[\s-]", name):
                vote(name, 2.0, sentence)
        if _INTRODUCES.search(text):
            for match in _BELONGS.finditer(text):
                name = known.acceptable(match["name"])
                if (
                    not known.german
                    and re.search(r"\bthe\s", match.group())
                    and re.match(r"\s[a-z]", text[match.end() :])
                ):
                    continue  # "from the Leith club": the name only says which club
                if name and (not known.german or " " in name or text[match.start() :][:4].lower() in ("bei ", "von ")):
                    vote(name, 1.5, sentence)
            for match in _GERMAN_BELONGS.finditer(text) if known.german else ():
                vote(known.acceptable(match["name"]), 1.5, sentence)
        for match in _WE_ARE.finditer(text):
            name = known.acceptable(match["name"])
            if name and (" " in name or not known.german):
                vote(name, 1.5, sentence)
        topic = _TOPIC.match(text)
        if topic and len(text.split()) <= 6 and not known.german:
            soon = _amount_soon(discourse, sentence)
            vote(known.acceptable(topic["name"]), 1.6 if soon else 0.4, sentence, topic=True)
    for name in _from_title(discourse):
        vote(known.acceptable(name), 2.0, None)
    merged = _merge(list(votes.values()))
    own = discourse.meeting.own_company or ""
    kept = [c for c in merged if not _is_own(c.name, own) and not any(same_company(c.name, r.name) for r in rivals)]
    for company in kept:
        company.mentions = mentions(discourse, company.name)
    kept = [c for c in kept if c.score >= 1.5 and c.mentions and (" " in c.name or _inside(discourse, c))]
    return sorted(kept, key=lambda c: (-c.score, -len(c.mentions)))


def _inside(discourse: Discourse, company: Company) -> bool:
    """A single word must stand somewhere other than at the beginning of a sentence, where every word has a capital."""
    said = re.compile(rf"[\w,’'] {re.escape(company.name)}\b")
    return any(said.search(discourse.sentences[index].text) for index in company.mentions)


def _is_own(name: str, own: str) -> bool:
    return bool(own) and (same_company(name, own) or company_key(name) == company_key(own.split()[0]))


def _amount_soon(discourse: Discourse, sentence: Sentence) -> bool:
    near = [sentence, *discourse.after(sentence, 4)]
    return any(n.value >= 1000 or (n.shorthand and n.value > 20) for s in near for n in find_numbers(clean(s.text)))


def _from_title(discourse: Discourse) -> list[str]:
    """Names in the file's title. Words in front that the meeting never says ("Kickoff") are the kind of meeting."""
    if not discourse.meeting.title:
        return []
    said = {key(word) for s in discourse.sentences for word in s.text.split()}
    text = re.sub(r"\s+(?:x|X|&|\+|/|<>|and|und|with|mit|for|für)\s+|\s[-–:|]\s|:\s", "|", discourse.meeting.title)
    found = []
    for part in text.split("|"):
        for match in re.finditer(_NAME, part):
            tokens = match.group().split()
            while tokens and key(tokens[0]) not in said:
                tokens.pop(0)
            if tokens:
                found.append(" ".join(tokens))
    return found


def _merge(found: list[Company]) -> list[Company]:
    """`Acme` joins `Acme Logistics`; the longer name stays."""
    kept: list[Company] = []
    for company in sorted(found, key=lambda c: (-len(c.name), -c.score)):
        twin = next((other for other in kept if same_company(other.name, company.name)), None)
        if twin is None:
            kept.append(company)
            continue
        twin.score += company.score
        twin.topics += company.topics
        twin.proofs += [s for s in company.proofs if s not in twin.proofs]
        if key(twin.name) == key(company.name) and twin.name.count(" ") > company.name.count(" "):
            twin.name = company.name
    return kept


def mentions(discourse: Discourse, name: str) -> list[int]:
    """Sentences that say the name, or its first word where that is telling enough."""
    whole = key(name)
    first = key(re.split(r"[\s-]", name)[0])
    found = []
    for sentence in discourse.sentences:
        said = key(sentence.text)
        if whole in said or (len(first) >= 5 and first in said):
            found.append(sentence.index)
    return found


def find_rivals(discourse: Discourse, known: Names) -> list[Company]:
    """Competitors, with the sentence that shows it."""
    scores: dict[str, float] = defaultdict(float)
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    proofs: dict[str, list[Sentence]] = defaultdict(list)
    own = discourse.meeting.own_company or ""
    asked = -10
    for sentence in discourse.sentences:
        text = clean(sentence.text)
        if _WHO_ELSE.search(text):
            asked = sentence.index
        for match in re.finditer(rf"\b{_NAME}", text):
            name = known.acceptable(match.group())
            if not name or _is_own(name, own) or len(name) < 4 or len(name.split()) > 3:
                continue
            start = match.start() + match.group().find(name.split()[0])
            if re.search(r"\b(?:in|im|near|bei uns in)\s$", text[:start]):
                continue
            score = _rival_score(text, start, start + len(name), name)
            if (
                known.german
                and re.search(r"\b[Vv]on\s$", text[:start])
                and re.search(r"\b(?:liegt|angebot|haben wir (?:was|eins))\b", text, re.I)
            ):
                score += 2.0
            if (
                sentence.index - asked <= 4
                and sentence.index > asked
                and not _TOOL.search(text)
                and (not known.german or score)
            ):
                score += 1.5 if sentence.index - asked <= 2 else 0.5
            forms[key(name)][name] += 1
            if score:
                scores[key(name)] += score
                proofs[key(name)].append(sentence)
    found = []
    for name_key, score in scores.items():
        if score < 1.5:
            continue
        form = min(forms[name_key], key=lambda f: (f.count(" "), -forms[name_key][f]))
        found.append(Company(form, score, proofs[name_key][:2]))
    return found


def _rival_score(text: str, start: int, end: int, name: str) -> float:
    before, after = text[:start], text[end:]
    score = 0.0
    if _RIVAL_BEFORE.search(before):
        score += 2.0
    if _RIVAL_AFTER.search(after):
        score += 1.5
    if _TOOL.search(text):
        score -= 1.5
    return max(0.0, score)


#: Endings that tell the form of a company and not its trade.
_FORM = frozenset(
    """group holding holdings systems partners solutions services agency capital ltd limited inc llc plc gmbh ag kg se
    bv sa build works gruppe technology technologies industries company authority""".split()
)


def _trade(name: str) -> str | None:
    """What the name itself says the company does: `Acme Cold Storage` -> cold storage."""
    tail = [word for word in re.split(r"[\s-]", name)[1:] if word.lower() not in _FORM]
    return " ".join(tail).lower() if tail and re.fullmatch(rf"(?i:{_SECTOR})", tail[-1]) else None


def describe(discourse: Discourse, company: Company, speakers: list[str]) -> None:
    """Size and industry as the company's own people say them, or as said where its name has just been said."""
    near = {index + step for index in company.mentions for step in range(4)}
    for sentence in discourse.sentences:
        if sentence.speaker not in speakers and sentence.index not in near:
            continue
        text = clean(sentence.text)
        for number in find_numbers(text):
            if (
                company.size is None
                and number.value >= 10
                and _SIZE.match(text, number.end)
                and re.search(r"\b(?:we|they|all in|about|around|approx|wir)\b", text, re.I)
            ):
                company.size = f"{number.value:g}"
                company.proofs.append(sentence)
        match = _INDUSTRY.search(text)
        if company.industry is None and match and sentence.index < 0.6 * len(discourse.sentences):
            said = next(group for group in match.groups() if group)
            if not re.search(
                r"\b(?:problem|good|bad|lot|bit|thing|question|customer|mess|big|nice|very|shame|great|pain|joke|"
                r"crime)\b",
                said,
                re.I,
            ):
                company.industry = said
                company.proofs.append(sentence)
    company.industry = company.industry or _trade(company.name)
