"""What somebody does: the title said beside a name, or by the person.

A title is a role noun with what stands before and behind it ("deputy head of digital", "kaufmännische Leiterin",
"Leitung Logistik"), or what somebody runs or does ("she runs payroll"). It counts after the name, before it, in the
sentence that follows, or at the beginning of what its owner says.
"""

# ruff: noqa: E501 - a pattern broken in the middle of a word list is harder to read than a long line

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import itertools
import re
from collections.abc import Iterator

from chatbot.extraction.builtin import names, roles
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.builtin.people import Person

_HEADS = "|".join(
    """manager director officer engineer consultant architect counsel controller analyst lead leader president founder
    co-founder owner administrator admin accountant coordinator co-ordinator specialist developer designer buyer planner
    supervisor secretary lawyer surgeon physician doctor teacher chef executive representative rep advisor adviser auditor
    scientist technician operator strategist principal partner chair chairman chairwoman treasurer trustee editor producer
    professor nurse foreman convenor custodian governor driver bursar dean provost registrar librarian curator matron captain
    steward clerk electrician fitter agronomist vet pharmacist optician dentist chemist surveyor estimator merchandiser
    dispatcher scheduler recruiter trainer instructor researcher economist handler inspector warden caretaker receptionist
    apprentice intern volunteer shareholder broker trader
    ceo cfo coo cto cio ciso cmo cro cpo chro md vp svp evp cdo cco dpo gm""".split()
)
_GERMAN = (
    r"[\wÄÖÜäöüß-]*(?:[Ll]eiter(?:in)?|[Ll]eitung|[Gg]eschäftsführer(?:in)?|[Vv]orsitzende[rn]?|[Dd]irektor(?:in)?|[Vv]orstand|"
    r"[Bb]eauftragte[rn]?|[Bb]erater(?:in)?|[Tt]echniker(?:in)?|[Ee]ntwickler(?:in)?|[Vv]erwalter(?:in)?|[Ii]ngenieur(?:in)?|"
    r"[Aa]rchitekt(?:in)?|[Rr]eferent(?:in)?|[Ss]ekretär(?:in)?|[Bb]etreuer(?:in)?|[Mm]eister(?:in)?|[Cc]hef(?:in)?|[Mm]anager(?:in)?|"
    r"[Aa]rzt|[Ää]rztin|[Kk]oordinator(?:in)?|[Gg]esellschafter(?:in)?|[Tt]rainer(?:in)?|[Ff]ahrer(?:in)?|[Ss]precher(?:in)?)"
    r"|Kämmerer(?:in)?|Kämmerin|Polier(?:in)?|Prokurist(?:in)?|Inhaber(?:in)?|Gründer(?:in)?|Controller(?:in)?|Einkäufer(?:in)?|"
    r"Disponent(?:in)?|Buchhalter(?:in)?|Justiziar(?:in)?|Rektor(?:in)?|Dekan(?:in)?|Assistent(?:in)?|Landrat|Landrätin|"
    r"Key Account(?: Manager(?:in)?)?|Monteur(?:in)?|Azubi|Praktikant(?:in)?"
)
_STOP = (
    r"(?:the|a|an|our|your|their|his|her|my|and|or|is|was|he|she|who|i|it|we|you|they|that|this|with|by|from|here|now|one|only|to|not|as|"
    r"so|but|just|also|been|have|has|had|in|on|at|for|of|no|yes|me|us|him|them|new|old|other|former|current|actually|mostly|still|"
    r"good|best|very|really|every|any|some|nice|great|poor|whole|own|next|last|first|real|would|be|will|did|do|does)"
)
_WORDS = r"[A-Za-zÀ-ÿ][\w&/-]*"
_AREA_WORDS = rf"(?:(?-i:IT|HR)\b|(?!{_STOP}\b){_WORDS})"
_ENGLISH = (
    rf"(?:(?:deputy|assistant|acting|interim|global|regional|group|senior)\s)*(?:head|director|vp|vice president|manager|chief|lead)\s"
    rf"(?:of|for)\s(?:the\s)?{_AREA_WORDS}(?:\s(?:and|&)\s{_AREA_WORDS}|\s(?:success|services|resources|planning|support|operations|security|"
    rf"development|engineering|technology|systems|management|governance|office|care))?(?:\sofficer)?"
    rf"|(?:{_AREA_WORDS}\s){{0,3}}member\sfor\s(?:the\s)?{_WORDS}"
    rf"|(?:{_AREA_WORDS}[ -]){{0,3}}(?:{_HEADS})\b(?:\s(?:of|for)\s(?:the\s)?{_AREA_WORDS}(?:\s(?:and|&)\s{_AREA_WORDS})?)?"
)
_TITLE_EN = re.compile(rf"(?:{_ENGLISH})(?!\s(?:{_HEADS})\b)", re.I)
_TITLE_DE = re.compile(
    rf"(?:(?:[a-zäöüA-ZÄÖÜ][a-zäöüß]+(?:ische|ischer|iche|icher|ente|enter|zweite|zweiter|erste|erster)r?n?\s)?(?:{_GERMAN})"
    rf"(?:\s(?:der|des|für|von)\s[A-ZÄÖÜ][\wäöüß-]+|\s(?!(?:Ich|Wir|Sie|Er|Und|Der|Die|Das)\b)[A-ZÄÖÜ][\wäöüß-]+)?)"
)
_LEAD = (
    r"^[\s,.(:;–|-]*(?:(?:us|them|wir|two \w+),\s)?(?:(?:und|and|also|actually|der|die|des|das|er|sie|he|she|who|that|it|i|ich)?['’]?(?:s|m|d be|ll be)?\s?"
    r"(?:\b(?:is|was|ist|isch|am|bin|war|would be)\b)?\s?(?:now\s|hier\s|here\s|jetzt\s|currently\s|bei uns\s|bei \w+ )?)??"
    r"(?:(?:our|the|a|an|your|their|his|her|my|unsere?r?m?n?|die|der|das|dem|den|ihre?r?|eure?r?|meine?r?|eine?|new|neue[rn]?|former)\s){0,2}"
)
_AFTER_EN = re.compile(_LEAD + rf"(?P<title>{_TITLE_EN.pattern})", re.I)
_AFTER_DE = re.compile(_LEAD + rf"(?P<title>{_TITLE_DE.pattern})")
_DOES = re.compile(
    r"^[\s,.(|-]*(?:(?:und|and|he|she|who|they|er|sie|der|die|i|ich)\s(?:also\s|auch\s)?)?(?P<verb>runs?|leads?|heads?(?: up)?|looks? after|manages?|"
    r"supervises?|coordinates?|oversees?|handles?|does|do|owns?|founded|(?:took|taken) over|in charge of|responsible for|leitet?|leite|verantworte[tn]?|"
    r"betreu\w+|mach\w*|kümmer\w+ (?:mich|sich) um)\s(?:bei uns\s|hier\s|bei \w+ )?(?:all\s)?(?:the\s|our\s|their\s|die\s|den\s|das\s|unsere?n?\s|ihre?n?\s)?"
    rf"(?P<area>{_WORDS}(?:\s(?!{_STOP}\b)[a-zà-ÿ]+)?)",
    re.I,
)
#: The role comes after something else: "is with me, he's our release manager", "drüber, unserem Geschäftsführer".
_LATER = re.compile(
    r"^[^.?!]{2,45}?,\s(?=(?:he|she|er|sie|who|der|die|that)(?:'s|\sis|\sist)\s|(?:our|unser\w*|the|their)\s)", re.I
)
_CELL = re.compile(r"^\s*\|\s*(?:us,\s|their\s|our\s)?(?P<area>[a-zà-ÿA-Z][\w &/-]{2,30}?)\s*(?:,|\||$)")
_FROM = re.compile(
    r"^(?:'s| is| ist)?(?: here| hier| sitting in| mit dabei)? (?:from|in|for|aus der|aus dem|vom|von der|in der|im) (?:our |the |your |their |unser\w* )?"
    r"(?P<area>(?:deal desk|sales|finance|legal|procurement|purchasing|marketing|operations|hr|it|support|design|security|payroll|"
    r"accounts|product|engineering|onboarding|facilities|compliance|vertrieb|einkauf|personalabteilung|buchhaltung|entwicklung|"
    r"poststelle|verwaltung|technik|produktion|qualität\w*|revision|rechtsabteilung|marketing))\b",
    re.I,
)
_BEFORE = re.compile(
    rf"(?:\b(?:an?|our|the|your|their|my|his|her|unser\w*|der|die|dem|den|mein\w*|ihr\w*)\s)(?P<title>(?:{_TITLE_EN.pattern})|(?:{_TITLE_DE.pattern}))"
    r"(?:\s[^.?!,]{0,40})?,?\s(?:is\s|ist\s|called\s)?(?:(?:doctor|dr\.?|mr\.?|mrs\.?|herrn?|frau)\s)*$"
    rf"|\b(?:ist|is)\s(?:\w+\s)?(?P<said>{_TITLE_DE.pattern}),\s(?:die|der)\s$"
    r"|\b(?:our|unser\w*)\s(?P<unit>\w+)\s\($"
    r"|\b(?P<area>[a-z]+)\s(?:lady|guy|man|woman|chap|person|bloke)[,.]?\s$",
    re.I,
)
_SELF = re.compile(
    rf"\b(?:I'm|I am|as|[Ii]ch bin|[Aa]ls|I'd be)\s(?:(?:the|a|an|your|their|our|also|now|die|der|das|hier|jetzt|auch|bei\s\w+|"
    rf"eigentlich)\s){{0,3}}(?P<title>(?:{_TITLE_EN.pattern})|(?:{_TITLE_DE.pattern}))"
)
_SELF_DOES = re.compile(
    r"\b(?:I|I've|I've just|ich)\s(?=(?:taken over\s|(?:run|lead|head|look after|manage|supervise|coordinate|oversee|handle|own|leite|verantworte|betreu|kümmer)\w*\s))",
    re.I,
)
_NO_AREA = frozenset(
    """team group organisation organization department whole thing things it that this everything stuff at for and with here there today
    now on of all to from als bei für mit und der die das a an me you us them one some any what so not very mir dir ihm uns das's mal was
    nichts nix alles sich ja auch noch schon nur gerade halt eh everyone something anything nothing more much well better hier dort drüben day books side partner""".split()
)
#: The firm between one's own name and one's office: "Ann Lee, Acme as well, project manager".
_MIDDLE = re.compile(r",\s[^,.?!]{3,40},\s")
_BELONGS = re.compile(r"\b(?:at|of|from|for|bei|von|vom|thanks|thank you|danke|hi|hello|hallo)\s$", re.I)
#: Behind somebody's own name: not himself.
_OTHERS = re.compile(r"['’]s\s|\s(?:has|hat)\b", re.I)
#: How far into what somebody says a title may come.
_FIRST = 20


def title_beside(
    text: str, start: int, end: int, following: str, *, german: bool, others: re.Pattern[str] | None = None
) -> str | None:
    """The title said of the name at start..end: after it, before it, or in the sentence that follows a bare name."""
    rest = text[end:]
    told = roles.behind(rest, german=german, others=others)
    held = roles.before(text[:start], german=german)
    if (
        told is None
        and len(rest.strip(" .!?,")) < 12
        and re.match(r"(?:he|she|er|sie|der|die)(?:['’]s|\s(?:is|ist))\b", following, re.I)
    ):
        told = roles.behind(". " + following, german=german)
    for role in (told, held):
        if role and role.firm:
            return role.title
    found = _beside(text, start, rest, following, german=german)
    return found or (told.title if told else None)


def _beside(text: str, start: int, rest: str, following: str, *, german: bool) -> str | None:
    found = _after(rest, german=german)
    short = len(rest.strip(" .!?,")) < 12 or (
        start <= 4 and re.match(r"(?:he|she|er|sie)(?:'s|\s(?:is|ist|runs|leads))\b", following, re.I)
    )
    if found is None and short and following:
        found = _after(". " + following, german=german)
    if found:
        return found
    before = _BEFORE.search(text[max(0, start - 90) : start])
    if before is None:
        return None
    if unit := before["area"] or before["unit"]:
        return None if names.ordinary(unit) else unit.capitalize()
    return _written(before["title"] or before["said"])


def _after(rest: str, *, german: bool) -> str | None:
    patterns = (_AFTER_DE, _AFTER_EN) if german else (_AFTER_EN,)
    if rest[:1] in (" ", ",", ".", "(", "|", "'", "’", ":", ";"):
        for pattern in patterns:
            match = pattern.match(rest)
            if match and not (rest[:1] == " " and match.start("title") <= 1):
                return _written(match["title"])
    does = _DOES.match(rest)
    if does and (area := _area(does["verb"], does["area"])):
        return area
    later = _LATER.match(rest)
    if later:
        return _after(", " + rest[later.end() :], german=german)
    cell = _CELL.match(rest)
    if cell:
        return _written(cell["area"])
    where = _FROM.match(rest)
    return _written(where["area"]) if where else None


def _written(raw: str) -> str | None:
    raw = re.sub(rf"^(?:(?!IT\b){_STOP}\s)+", "", raw.strip(" ,.;:"))
    if not raw or len(raw.split()) > 6 or raw.lower() in ("partner", "lead", "chef", "doctor", "volunteer", "driver's"):
        return None
    return names.title(raw)


def _area(verb: str, area: str) -> str | None:
    """`runs payroll` → Head of Payroll; `coordinates the volunteers` → Volunteers Coordinator; `owns it` → Owner."""
    verb = verb.lower()
    if verb.startswith("own"):
        return "Owner"
    if verb == "founded":
        return "Founder"
    words = area.split()
    while words and words[-1].lower() in _NO_AREA:
        words.pop()
    if not words or (words[0] != "IT" and (words[0].lower() in _NO_AREA or words[0].lower() in names.STARTERS)):
        return None
    named = " ".join(word if word.isupper() else word[0].upper() + word[1:] for word in words)
    for stem, head in (("supervis", "Supervisor"), ("coordinat", "Coordinator"), ("manag", "Manager")):
        if verb.startswith(stem):
            return f"{named.removesuffix('s') if head == 'Coordinator' else named} {head}"
    if re.match(r"(?:do|mach|handle|betreu|kümmer|took|taken)", verb):
        return named if verb.startswith(("do", "t")) or words[0][0].isupper() else None
    return f"{'Leitung' if verb.startswith(('leit', 'verantwort')) else 'Head of'} {named}"


def find_title(discourse: Discourse, person: Person, others: list[Person]) -> None:
    """Fill in `title` from what the person says, or what is said beside the name, with the proof."""
    german = discourse.meeting.language == "de"
    ways = (
        _offices(discourse, person, firm=True, german=german),
        _own_words(discourse, person, german=german),
        _said_of(discourse, person, others, german=german),
        _offices(discourse, person, firm=False, german=german),
    )
    for sentence, found in itertools.chain(*ways):
        if found:
            person.title, person.score = found, max(person.score, 0.95)
            person.quotes = list(dict.fromkeys([*discourse.quotes(sentence), *person.quotes]))[:2]
            return


def _offices(
    discourse: Discourse, person: Person, *, firm: bool, german: bool
) -> Iterator[tuple[Sentence, str | None]]:
    """What he calls himself in his first sentences, or says yes to; offices or, without `firm`, functions."""
    mine = [s for s in discourse.sentences if s.speaker in person.labels][:_FIRST]
    parts = "|".join(re.escape(part) for part in person.name.split() if len(part) > 1)
    for sentence in mine:
        text = clean(sentence.text)
        found = list(roles.own(text, german=german))
        for match in re.finditer(rf"\b(?:{parts})\b(?!\s(?:{parts}))", text) if parts else ():
            if _BELONGS.search(text[: match.start()]):
                continue
            rest = text[match.end() :]
            told = roles.behind(rest, german=german)
            if (told is None or not told.firm) and (middle := _MIDDLE.match(rest)):
                later = roles.at(rest[middle.end() :], german=german)
                told = later if later and later.firm else told
            found += [told] if told and not _OTHERS.match(rest) else []
        earlier = discourse.before(sentence, 1)
        if (
            earlier
            and earlier[0].speaker != sentence.speaker
            and (role := roles.answered(clean(earlier[0].text), text, german=german))
        ):
            found.append(role)
        for role in found:
            if role.firm is firm:
                yield sentence, role.title


def _own_words(discourse: Discourse, person: Person, *, german: bool) -> Iterator[tuple[Sentence, str | None]]:
    mine = [s for s in discourse.sentences if s.speaker in person.labels][:_FIRST]
    parts = "|".join(re.escape(part) for part in person.name.split() if len(part) > 1)
    for place, sentence in enumerate(mine):
        text = clean(sentence.text)
        following = (
            clean(mine[place + 1].text) if place + 1 < len(mine) and mine[place + 1].index == sentence.index + 1 else ""
        )
        for match in re.finditer(rf"\b(?:{parts})\b(?!\s(?:{parts}))", text) if parts else ():
            rest = text[match.end() :]
            found = _after(rest, german=german)
            if found is None and len(rest.strip(" .!?,")) < 12:
                found = _after(". " + following, german=german) if len(following) < 120 else None
            yield sentence, found
        me = _SELF.search(text)
        if me:
            yield sentence, _written(me["title"])
        does = _SELF_DOES.search(text)
        if does and (place < 6 or re.search(rf"\b(?:{parts})\b", text)):
            what = _DOES.match(text[does.end() :])
            yield sentence, _area(what["verb"], what["area"]) if what else None
        if place < 6:
            opens = (_TITLE_DE if german else _TITLE_EN).match(text)
            if (
                opens
                and re.match(r"(?:[,.]|$| hier| here| at | bei | of )", text[opens.end() :])
                and len(opens.group()) > 3
            ):
                yield sentence, _written(opens.group())


def _said_of(
    discourse: Discourse, person: Person, others: list[Person], *, german: bool
) -> Iterator[tuple[Sentence, str | None]]:
    """By the full name, or by the first name where only one has it."""
    first = person.name.split()[0]
    shared = any(other is not person and first in other.name.split() for other in others)
    strangers = [part for other in others if other is not person for part in other.name.split()[:1] if len(part) > 2]
    stop = re.compile(rf"\b(?:{'|'.join(map(re.escape, strangers))})\b") if strangers else None
    called = re.compile(rf"\b{re.escape(person.name)}\b" + ("" if shared else rf"|\b{re.escape(first)}\b"))
    for sentence in discourse.sentences:
        if first not in sentence.text and person.name not in sentence.text:
            continue
        text = clean(sentence.text)
        following = discourse.after(sentence, 1)
        after = clean(following[0].text) if following and following[0].speaker == sentence.speaker else ""
        for match in called.finditer(text):
            yield sentence, title_beside(text, match.start(), match.end(), after, german=german, others=stop)
