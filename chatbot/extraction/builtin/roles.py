"""Role phrases, and where grammar puts them: behind a name, behind "I'm", before "is" and a name, in an answer.

A role is a noun of office with what belongs to it ("deputy head of estates", "stellvertretende Leiterin der
Buchhaltung"), which is `firm`, or a function somebody is in or does ("procurement", "im Controlling"), which counts only
where no office is told. Offices that somebody held before, or that others were thought to hold, are not his.
"""

from __future__ import annotations

# ruff: noqa: E501, SIM905 - a pattern or a list of words broken in the middle is harder to read than a long line
import re
from collections.abc import Iterator
from dataclasses import dataclass

from chatbot.extraction.builtin import names

_FUNCTION = r"""(?-i:IT|HR|PR)(?:\s(?:security|support|infrastructure))?|ops|operations|sales|pre-?sales|new business|business development|marketing|finance(?:\ssystems)?|accounts|accounting|
    payroll|legal|compliance|procurement|purchasing|logistics|supply chain|facilities|estates|maintenance|production(?:\splanning)?|(?:workforce\s|demand\s)?planning|
    quality(?:\sassurance)?|engineering|product|design|development|(?:information\s|cyber\s)?security|data|(?:customer\s|technical\s)?support|
    customer\s(?:service|success|operations|care|relations)|delivery|implementation|integrations?|onboarding|human resources|people(?:\sand\sculture)?|
    learning and development|training|recruitment|communications|comms|brand|digital|research|(?:internal\s)?audit|tax|treasury|risk|fleet|transport|stores|
    commissioning|partnerships|partner\s(?:marketing|management)|alliances|student\s(?:records|services)|admissions|health and safety|admin|administration|deal desk|
    tenders|project management|professional services|field service|strategy|sustainability|analytics|billing|dispatch|scheduling|
    Vertrieb(?:sinnendienst)?|Innendienst|Außendienst|Einkauf|Buchhaltung|Rechnungswesen|Controlling|Finanzen|Personal(?:abteilung|wesen)?|EDV|Technik|Entwicklung|Produktion|Fertigung|Logistik|
    Lager|Versand|Qualitäts?(?:sicherung|management|wesen)?|Kundendienst|Kunden(?:beratung|service|betreuung)|Presales|Rechtsabteilung|Revision|Verwaltung|Arbeitssicherheit|Datenschutz|
    Instandhaltung|Einführung|Projekte|Projektgeschäft|Produktmanagement|Arbeitsvorbereitung|Produktionsplanung|Planung|Disposition|Partnerbetreuung|Weiterbildung|Ausbildung|Export|Support|Marketing"""
_FUNCTION = r"(?:" + re.sub(r"\s*\n\s*", "", _FUNCTION) + r")"
_OFFICE = """manager director officer engineer consultant architect counsel controller analyst lead leader president founder co-founder
    owner administrator accountant coordinator co-ordinator specialist developer designer buyer planner supervisor secretary lawyer surgeon
    physician teacher executive representative rep advisor adviser auditor scientist technician operator strategist chairman
    chairwoman chair treasurer trustee editor producer professor nurse foreman custodian governor bursar dean provost registrar
    librarian curator matron steward clerk electrician fitter agronomist pharmacist surveyor estimator merchandiser dispatcher
    scheduler recruiter trainer instructor researcher economist handler inspector warden caretaker receptionist apprentice
    intern solicitor barrister paralegal assistant pa bookkeeper attendant buyer radiologist associate proprietor headteacher head-teacher
    partner chef sister ceo cfo coo cto cio ciso cmo cro cpo chro md svp evp cdo cco dpo gm""".split()
_FORMS = "|".join(_OFFICE)
_BARE_WORD = r"(?!(?:the|a|an|our|your|their|his|her|my|and|or|is|was|are|he|she|who|i|we|you|they|that|this|with|by|from|here|now|to|not|as|so|but|just|also|been|have|has|in|on|at|for|of|no|me|us|one|only|still|very|really|every|some|good|great|new|old|other|former|next|last|real|be|will|do|does|if|when|because|than|then|well|sure|both|actually|talking|speaking)\b)[A-Za-zÀ-ÿ][\w&/-]*"
_OF = rf"(?:\s(?:of|for)\s(?:the\s)?{_BARE_WORD}(?:\s(?:and|&)\s{_BARE_WORD}|\s(?:success|services|service|resources|planning|support|operations|security|development|engineering|technology|systems|management|marketing|sales|chain|relations))?)"
_LEADING = r"(?:(?:deputy|assistant|acting|interim|global|regional|group|senior|junior|international|associate|executive|managing)\s)*"
_OFFICE_EN = (
    rf"(?:{_LEADING}(?:head|director|vice president|manager|chief)\s(?:of|for)\s(?:the\s)?(?:international\s|digital\s|global\s)?{_BARE_WORD}(?:\s(?:and|&)\s{_BARE_WORD}|\s(?:success|services|service|resources|planning|support|operations|security|development|engineering|technology|systems|management|marketing|sales|chain|governance|relations|to))?"
    rf"|(?:group\s|s|e)?(?:vp|vice president)\s(?:of\s)?{_BARE_WORD}(?:\sof\s{_BARE_WORD})?(?:\s(?:chain|success|services|operations))?"
    rf"|chief\s(?:exec\b|executive(?:\sofficer)?|of staff|{_BARE_WORD}\sofficer)|section\s\d+\sofficer"
    rf"|(?:health and safety|learning and development|research and development|trustee and honorary|owner and)\s(?:{_FORMS})(?=s?\b)"
    rf"|business partner|(?:(?-i:HR|IT)\s|finance\s)business partner"
    rf"|(?:(?:(?-i:IT|HR|PR)|{_BARE_WORD})[ -]){{0,3}}(?:{_FORMS})(?=s?\b){_OF}?)"
)
_NOUN_DE = r"(?!(?:Ich|Wir|Sie|Er|Und|Der|Die|Das|Hier|Bei|Also|Herr|Frau|Doktor)\b)[A-ZÄÖÜ][\wäöüß-]+"
_OFFICE_DE = (
    r"(?:(?:[A-Za-zäöüÄÖÜß]+(?:ische|liche|tende|ente|zweite|erste)[rn]?)\s)?(?:(?:Key\s|Sales\s|Product\s|Customer\sSuccess\s)?Account\s|(?-i:IT|HR)[-\s])?"
    r"(?:[\wÄÖÜäöüß-]*(?:[Ll]eiter(?:in)?|[Ll]eitung|[Gg]eschäftsführer(?:in)?|[Vv]orsitzende[rn]?|[Dd]irektor(?:in)?|[Vv]orstand|[Bb]eauftragte[rn]?|[Bb]erater(?:in)?|[Tt]echniker(?:in)?|"
    r"[Ee]ntwickler(?:in)?|[Vv]erwalter(?:in)?|[Ii]ngenieur(?:in)?|[Aa]rchitekt(?:in)?|[Rr]eferent(?:in)?|[Ss]ekretär(?:in)?|[Bb]etreuer(?:in)?|[Mm]eister(?:in)?|[Cc]hef(?:in)?|"
    r"[Mm]anager(?:in)?|[Aa]rzt|[Ää]rztin|[Kk]oordinator(?:in)?|[Gg]esellschafter(?:in)?|[Tt]rainer(?:in)?|[Ss]precher(?:in)?|[Aa]dministrator(?:in)?|[Ss]achbearbeiter(?:in)?|[Aa]nwalt|[Aa]nwältin)|"
    r"Kämmerer(?:in)?|Kämmerin|Polier(?:in)?|Prokurist(?:in)?|Inhaber(?:in)?|Eigentümer(?:in)?|Gründer(?:in)?|Controller(?:in)?|Einkäufer(?:in)?|Disponent(?:in)?|Buchhalter(?:in)?|Justiziar(?:in)?|"
    r"Jurist(?:in)?|Rektor(?:in)?|Dekan(?:in)?|Assistent(?:in)?|Landrat|Landrätin|Key Account Manager(?:in)?|Monteur(?:in)?|Fachkraft|Werkstudent(?:in)?|Schulleiter(?:in)?|Pfarrer(?:in)?)"
    rf"(?:\s(?:der|des|für|im)\s(?:die\s|den\s)?{_NOUN_DE}|\sund\s[A-ZÄÖÜ]\w+(?:führer|leiter|meister)(?:in)?|\s{_NOUN_DE})?"
)
_GIVEN = r"(?:(?:the|a|an|our|your|their|his|her|my|one of (?:the|our|their)(?:\s(?:two|three|four))?|now|currently|still|only|also|new|responsible|chief|officially|just|unser\w*|die|der|das|den|dem|ein\w?|eine[rn]?|mein\w*|ihr\w*|neue[rn]?|jetzt|hier|auch|selbst|weiterhin|noch|bei uns|bei\s\w+)\s)*?"
_ENDS = r"(?=[,.;:?!)|]|$|\s(?:at|for|here|in|on|of|and|with|from|who|across|by|now|then|since|over|to|but|there|too|as|speaking|und|bei|von|vom|der|des|im|am|an|in|hier|seit|für|aus|zuständig|drüben|jetzt|dort|mit)\b)"
_EN = re.compile(rf"{_GIVEN}(?P<title>{_OFFICE_EN})(?:s(?:\sof\s\w+)?)?{_ENDS}", re.I)
_DE = re.compile(rf"(?i:{_GIVEN})(?P<title>{_OFFICE_DE})(?![\wäöüß-])")
_IN = re.compile(
    rf"(?:(?:from|in|on|with|aus|im|in|vom|von|bei)\s)?(?:(?:the|our|your|their|a|der|die|das|dem|den|unser\w*|ihr\w*|deren)\s)?(?P<title>{_FUNCTION})(?:\s(?:team|side|department|person|guy|lady|woman|man|people))?(?=[,.;?!)|]|$|\s(?:at|for|here|in|of|by|from|hier|bei|von|vom|der|im|an|over|and I|und ich|there|on)\b)",
    re.I,
)
_SIDE = re.compile(rf"(?:on|from)\sthe\s(?P<title>{_FUNCTION})\s(?:side|team)\b", re.I)
_PRONOUN = r"(?:he|she|they|who|that|er|sie|der|die|das)"
#: "…, she's the office manager" anywhere behind the name; nobody else is named between.
_SHE_IS = re.compile(
    rf"(?:^|[,.;–-]\s|\b(?:and|und|aber|but)\s){_PRONOUN}(?:['’]s|\sis|\sist)\s(?:actually\s|also\s|now\s|really\s|jetzt\s|dort\s|bei\s\w+\s|unten\s|da\s)?",
    re.I,
)
_SHE_DOES = re.compile(
    rf"(?:^|[,.;]\s|\s|\band\s){_PRONOUN}?\s?(?:who\s)?(?P<verb>owns|founded|chairs|runs|leads|heads(?:\sup)?|does|looks after|manages|is in charge of|is responsible for|macht|leitet|verantwortet|betreut|kümmert sich um|ist zuständig für)\s(?:bei uns\s|dort\s|seit\s\w+\s)*(?:all\s)?(?:the\s|our\s|their\s|die\s|den\s|das\s|unser\w*\s)?(?P<area>{_FUNCTION}|board|place|it|firm|company|shop|plant)\b(?!\s[a-z]+er\b)",
    re.I,
)
_I_AM = re.compile(
    r"\b(?:I['’]m|I am|I['’]ve been|I work as|I['’]ve (?:just )?(?:become|been made)|I sit (?=in\b)|as(?= (?:the|your|a)\b)|me, \w+,|it['’]s me, \w+,|ich (?:selbst )?bin|bin ich|bin jetzt ich|ich arbeite als|ich arbeite(?= i)|als(?=\s[A-ZÄÖÜ]))\s?,?\s?",
    re.I,
)
_I_DO = re.compile(
    rf"\b(?:I|ich|I['’]m)\s(?:also\s|just\s|mostly\s|selbst\s)?(?P<verb>own|run|lead|head(?:ing)?(?:\sup)?|do|look after|manage|am in charge of|in charge of|responsible for|am responsible for|chair|coordinate|handle|sell|mache?|leite?|verantworte|betreue|kümmere mich um)\s(?:bei uns\s|hier\s)?(?:all\s)?(?:the\s|our\s|die\s|den\s|das\s|um die\s)?(?P<area>{_FUNCTION}|board|place|firm|company)\b(?!\s[a-z]+er\b)",
    re.I,
)
_FOR = re.compile(rf"\b(?:für)\s(?:die|den|das)?\s?(?P<area>{_FUNCTION})\s(?:bin ich|zuständig|verantwortlich)", re.I)
#: An office before its holder: "head of IT is Ann Lee", "our treasurer, Ann Lee", "Geschäftsführer ist Herr Lee".
_HELD_BY = r"(?:\s(?:is|ist|bin|now is)(?:\s(?:now|jetzt|die|der))?|,|:)?\s(?:(?:doctor|dr\.?|mr\.?|mrs\.?|ms\.?|miss|mister|herrn?|frau|die|der|doktor|old|young)\s)*$"
_BEFORE_EN = re.compile(
    rf"(?:^|[,.;:]\s|\b(?:the|our|your|their|my|his|her|an?|und|and)\s(?:new\s)?)(?P<title>{_OFFICE_EN})(?!\w)(?:\s(?:since|from|at|in)\s[^.?!,]{{1,40}},)?{_HELD_BY}",
    re.I,
)
_BEFORE_DE = re.compile(rf"(?:^|[\s,.;:])(?P<title>{_OFFICE_DE})(?i:{_HELD_BY})")
_PAST = re.compile(
    r"\b(?:used to|former(?:ly)?|was|were|until|before this|before that|ehemalig\w*|früher\w*|war|waren|bis (?:\w+ )?(?:januar|februar|märz|april|mai|juni|juli|august|\d)|out of date|i thought|thought you|no longer)\b",
    re.I,
)
_ASKED = re.compile(
    r"\b(?:title|role|position|what do you do|what is it you do|your job|who are you|who am i|rolle|funktion|titel|stelle|aufgabe|and you|und sie|you're the|you are|was machen sie)\b",
    re.I,
)
_YES = re.compile(
    r"^(?:yes|yeah|yep|correct|right|that['’]s (?:right|me)|exactly|i am|still|indeed|ja|genau|richtig|stimmt|jawohl)\b",
    re.I,
)
_YOU_ARE = re.compile(r"\b(?:you['’]re|you are|sie sind|du bist|you,(?:\s\w+,)?|still|sie machen)\s", re.I)
#: "Head chef turned purchasing manager": the later one counts.
_TURNED = re.compile(r"^[^,.;?!]{3,40}\sturned\s(?=[a-z])")
#: Nouns of office that are often said of something else.
_VAGUE = frozenset(
    "partner lead chef sister assistant chair head director manager leader leiter leiterin leitung".split()
)
_NO_TITLE = frozenset(
    "person partner sister lead leader rep handler account user chef operator doctor producer project".split()
)


@dataclass(frozen=True, slots=True)
class Role:
    """`firm`: an office; else only the function somebody works in."""

    title: str
    firm: bool


def at(text: str, *, german: bool, article: bool = False) -> Role | None:
    """The role the text begins with. `article`: it stands where any noun may, so a bare function is none."""
    text = _TURNED.sub("", text.lstrip(" ,.;:(–-|"))
    for pattern in (_DE, _EN) if german else (_EN,):
        match = pattern.match(text)
        if match and (title := _written(match["title"], text[: match.start("title")])):
            return Role(title, firm=True)
    match = _SIDE.match(text) or _IN.match(text)
    if match and not (article and match.start("title") == 0):
        return Role(_capital(match["title"]), firm=False)
    return None


def behind(rest: str, *, german: bool, others: re.Pattern[str] | None = None) -> Role | None:
    """The role said behind a name: in apposition, after "is", or by "she's …" later in the sentence."""
    if others and (next_name := others.search(rest)):
        rest = rest[: next_name.start()]
    beside = re.match(r"(?:['’]s|\sis|\sist|\shere|\shier)?(?:\shere|\shier)?[\s,.:;(|–-]+", rest)
    found = at(rest[beside.end() :], german=german, article=beside.group().strip() == "") if beside else None
    if found and found.firm and beside and not _PAST.search(beside.group()):
        return found
    for match in _SHE_IS.finditer(rest[:160]):
        later = at(rest[match.end() :], german=german)
        if later and later.firm and not _PAST.search(rest[: match.start()][-25:]):
            return later
    does = _SHE_DOES.search(rest[:120])
    return found or (Role(_by_verb(does["verb"], does["area"]), firm=_is_office(does)) if does else None)


def _is_office(match: re.Match[str]) -> bool:
    return match["verb"].lower().startswith(("own", "found", "chair", "run", "lead", "head", "leit"))


def before(text: str, *, german: bool) -> Role | None:
    """The office said before a name, the text ending where the name begins."""
    for pattern in (_BEFORE_DE, _BEFORE_EN) if german else (_BEFORE_EN,):
        match = pattern.search(text[-110:])
        if (
            match
            and not _PAST.search(text[-110:][: match.start() + 1][-30:])
            and (title := _written(match["title"], "the "))
        ):
            return Role(title, firm=True)
    return None


def own(text: str, *, german: bool) -> Iterator[Role]:
    """What somebody says of himself: "I'm the registrar", "I look after purchasing", "ich bin im Controlling"."""
    for match in _I_AM.finditer(text):
        found = at(text[match.end() :], german=german)
        if found:
            yield found
    opposite = (
        re.search(rf"\b(?P<title>{_OFFICE_DE})\s(?:bin|bleibe)\s(?:jetzt\s|nun\s)?ich\b", text)
        if german
        else re.search(rf"^(?:so\s|and\s)?(?P<title>{_OFFICE_EN})\s(?:is|that['’]s)\sme\b", text, re.I)
    )
    if opposite and (title := _written(opposite["title"], "the ")):
        yield Role(title, firm=True)
    for pattern in (_I_DO, _FOR):
        if (does := pattern.search(text)) and not _PAST.search(text[: does.start()][-20:]):
            verb = does["verb"] if pattern is _I_DO else "does"
            yield Role(_by_verb(verb, does["area"]), firm=_is_office(does) if pattern is _I_DO else False)


def answered(question: str, answer: str, *, german: bool) -> Role | None:
    """ "You're the registrar?" "Correct." and "Your title?" "Put technical director."""
    if _ASKED.search(question):
        said = re.sub(r"^(?:(?:put|just|well|oh|in|no|nein|schreiben sie|so),?\s)+", "", answer, flags=re.I)
        for clause in [said, *re.split(r"[,;]\s", said)[1:]] if not answer.endswith("?") else ():
            found = at(clause, german=german)
            if found and (found.firm or clause is said):
                return found
    if not question.rstrip().endswith("?") or not _YES.match(answer):
        return None
    for match in _YOU_ARE.finditer(question):
        found = at(question[match.end() :], german=german)
        if found and found.firm:
            return found
    return None


def _by_verb(verb: str, area: str) -> str:
    verb, area = verb.lower(), area.strip()
    if verb.startswith("own") or (
        verb.startswith("run") and area.lower() in ("place", "it", "firm", "company", "shop")
    ):
        return "Owner" if verb.startswith("own") else "Manager"
    if verb.startswith("founded"):
        return "Founder"
    if verb.startswith("chair"):
        return "Chair"
    if verb.startswith("leit"):
        return f"Leitung {_capital(area)}"
    if re.match(r"run|lead|head|manage|look|is in|in charge", verb):
        return f"Head of {_capital(area)}"
    return _capital(area)


def _written(raw: str, lead: str) -> str | None:
    title = names.title(raw.strip(" ,.;:"))
    if not title or len(title.split()) > 7:
        return None
    low = title.lower()
    if low in _NO_TITLE and not (low == "partner" and re.search(r"\ban?\s$", lead)):
        return None
    if low in _VAGUE and not lead.strip():
        return None
    return re.sub(r"^Chief Exec$", "Chief Executive", title)


def _capital(said: str) -> str:
    small = ("and", "of", "the")
    return " ".join(w if w.isupper() or (w in small) else w[0].upper() + w[1:] for w in said.split())
