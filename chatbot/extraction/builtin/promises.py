"""The wording of promises: which sentences bind somebody, and what is promised, said tersely.

"I'll send you the stock take results by Friday"          Send the stock take results
"You'll have the order form from me tomorrow"             Send the order form
"Das Datenschutzpapier schicke ich Ihnen morgen"          Das Datenschutzpapier schicken
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
from datetime import date

from chatbot.extraction.builtin.discourse import clean, plain
from chatbot.extraction.dates import find_clocks, find_days
from chatbot.extraction.text import content

#: Verbs that promise something even without a day.
_DELIVERING = (
    "send|e-?mail|mail|share|forward|draft|prepare|put together|confirm|find out|figure out|look into|look up|set "
    "up|book|"
    "schedule|arrange|organi[sz]e|write|deliver|provide|call|ring|phone|rework|redo|export|pull|work out|deploy|"
    "raise|clear|"
    "name|submit|compile|circulate|follow up|check|let|get|inform|tell|introduce|invite|update|fix|replace|install|"
    "file|order|"
    "report|escalate|investigate|revise|finali[sz]e|copy|upload|collect|gather|document|bring|ask|talk to|speak "
    "(?:to|with)|"
    "run|add|configure|verify|chase|loop in|sort out|take care of|reach out|resend|quote|outline|map|register|transfer|"
    "clean up|roll back|build|create|test|review|move"
)
#: Verbs after "I'll" that promise nothing to anybody else.
_IDLE = (
    "be|find(?! out)|have to|need|like|love|hate|say|see|think|know|hope|guess|mean|want|wait|try|hold|stay|go|"
    "come|stop|look|"
    "struggle|die|"
    "miss|buy|live|eat|drink|sleep|lose|sit|stand|remember|forget|admit|pass|leave|start|begin|join|jump|drop|keep|"
    "walk|never|"
    "not|always|believe|understand|agree|disagree|pretend|manage|enjoy|feel|hear|listen|answer|stick|survive|cope|"
    "quit|retire|"
    "win|bet|skip|shut|mute|unmute|repeat|assume"
)
_AUX = (
    r"(?:also |just |then |definitely |certainly |gladly |personally |quickly |have to |need to |try to |go and "
    r"|maybe )*"
)
_FIRST = re.compile(
    rf"\b(?:I|we)(?:['’]ll| will|(?:['’]m|['’]re| am| are) going to| shall| can(?= (?:send|get|take|share|"
    rf"check)\b)) {_AUX}"
    rf"(?!(?:{_IDLE})\b)(?P<verb>{_DELIVERING}|[a-z]+)\b(?P<rest>.*)$",
    re.IGNORECASE,
)
_LET_ME = re.compile(
    r"\blet me (?P<verb>check|take|find out|confirm|send|get)\b(?P<rest>(?! back)[^,].*)$", re.IGNORECASE
)
_CAUSATIVE = re.compile(
    r"^ (?:my|our|the|one of my|somebody|someone) ?(?:[a-z]+ )?(?=(?:pull|send|write|prepare|call|book|check|draft)\b)",
    re.IGNORECASE,
)
_YOU_GET = re.compile(
    r"\byou(?: two| both| all| guys)?(?:['’]ll|['’]d| will| would)? (?P<verb>have|get|hear|receive)\b "
    r"(?P<rest>.*?(?:from (?:me|us)\b|(?:by|until|before)\b|on (?:the \w+(?:th|st|nd|rd|ond|ird)\b|\w+day\b)|"
    r"tomorrow|today).*)$",
    re.IGNORECASE,
)
_GERMAN_VERBS = (
    "schicke?|sende|maile?|mache?|bringe?|kläre?|prüfe?|erstelle?|bereite|kümmere?|rufe?|melde?|gebe?|leite|"
    "organisiere|"
    "buche?|lade|frage?|schreibe?|besorge?|stelle?|reiche?|liefere?|lasse?|hole?|teste|baue|plane|übernehme?|"
    "informiere|"
    "bestätige|trage?|lege?|richte|setze?|überarbeite|aktualisiere|koordiniere|spreche|schicken|senden|klären|"
    "prüfen|liefern|melden"
)
_GERMAN = re.compile(rf"\b(?:ich|wir) (?P<verb>{_GERMAN_VERBS})\b(?P<rest>.*)$", re.IGNORECASE)
_GERMAN_INVERTED = re.compile(
    rf"(?:^|[,;:] )(?P<object>[^,;:]*?)\b(?P<verb>{_GERMAN_VERBS}) (?:ich|wir)\b(?P<rest>.*)$", re.IGNORECASE
)
_GERMAN_WILL = re.compile(r"\b(?:ich werde|wir werden|werde ich|werden wir) (?P<rest>.+)$", re.IGNORECASE)
_GERMAN_GET = re.compile(
    r"^(?P<object>.*?)\b(?:kriegen|bekommen|erhalten|haben) (?:sie|ihr)\b(?P<rest>.*\b(?:bis|von mir|von uns)\b.*)$"
    r"|\bhören (?:sie|ihr) (?:.{0,20})?von (?:mir|uns)", re.IGNORECASE
)  # fmt: skip
_GERMAN_YOU_GET = re.compile(
    r"\b(?:sie|ihr|du) (?:kriegen|bekommen|erhalten|haben|kriegt|bekommt|habt|kriegst|bekommst|"
    r"hast)\b(?: (?:im gegenzug|dann|"
    r"auch|noch|also|alle))*(?P<rest>.*\b(?:bis|von mir|von uns|morgen|heute|\w+tag)\b.*)$",
    re.IGNORECASE,
)
_GERMAN_LEAVES = re.compile(
    r"^(?P<object>[^,]{4,60}?)\b(?:geht|gehen)\b(?P<rest>[^,]*?)\b(?:raus|rüber|zu ihnen|an sie)\b", re.IGNORECASE
)
#: Any verb, for where a head has heard the commitment.
_GERMAN_ANY = re.compile(
    r"(?P<object>(?:^|, )[^,]*?)\b(?:ich (?P<one>[a-zäöüß]{3,})|(?P<two>[a-zäöüß]{3,}) ich)\b(?P<rest>.*)$",
    re.IGNORECASE,
)
_GERMAN_STATES = re.compile(
    r"^(?:bin|war|hab\w*|hatte|hätte|will|kann|könnte|muss|müsste|soll\w*|darf|dürfte|werd\w*|würde?|glaub\w*|"
    r"denk\w*|dachte|"
    r"find\w*|weiß|mein\w*|sag\w*|seh\w*|hoff\w*|brauch\w*|bräucht\w*|möcht\w*|wollt\w*|kenn\w*|versteh\w*|"
    r"freu\w*|wohn\w*|"
    r"nicht|auch|mal|noch|das|dass|wenn|weil|und|oder|aber|also|dann|mir|mich)$", re.IGNORECASE
)  # fmt: skip
_GERMAN_IDLE = re.compile(
    r"\bmach\w* (?:ich )?(?:bei|bei uns|hier|das hier|den vertrieb|nicht|mir|da)\b|\bwir (?:machen|planen|bauen|"
    r"prüfen) (?!ihnen)|"
    r"\b(?:schreib|frage?|lass\w*|lege?|gebe?) (?:ich )?(?:mir|mich|nicht|zu)\b|\bim jahr\b|\bnicht\b|\bleg ich "
    r"(?:das|es) (?:denen|ihm|ihr) hin\b",
    re.IGNORECASE,
)
#: Any other verb counts where a day is named beside it.
_GERMAN_OPEN = re.compile(
    r"\bich (?!habe|hatte|hätte|denke|glaube|finde|sehe|meine|weiß|hoffe|brauche|würde|möchte|wollte|könnte|wäre|"
    r"sage|freue|verstehe|kenne|"
    r"fahre|gehe|bleibe|komme|werde|sollte|dachte|müsste|durfte|konnte|musste)(?P<verb>[a-zäöüß]{2,}e)\b(?P<rest>.*)$",
    re.IGNORECASE,
)
_GERMAN_DAY = re.compile(
    r"\b(?:heute|morgen|übermorgen|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|woche|bis (?:zum|ende|"
    r"spätestens)|am \w+ten)\b",
    re.IGNORECASE,
)
_PREFIXES = frozenset(
    "ein an auf aus ab zu vor nach mit weiter zurück durch um her hin fertig bei los rüber frei fest".split()
)
REQUEST = re.compile(
    rf"\b(?:(?:can|could|would|will) you|(?:any chance (?:that )?|do you think )you (?:can|could)) "
    rf"(?:please |maybe |also |just )*"
    rf"(?!(?:tell|let|say|explain|talk|speak|run (?:me|us|through|that|it)|get (?:there|used|a (?:sense|feel)))\b)"
    rf"(?P<verb>{_DELIVERING}|do|give|take|make|fill|return|hand|pass|sign|work)\b(?P<rest>[^?]*)"
    r"|\b(?:können|könnten|würden) sie (?:bitte |mir |uns )*(?P<german>[^?]*)"
    r"|\b(?:kannst|könntest|könnt|würdest) (?:du|ihr) (?:bitte |mir |uns )*(?P<du>[^?]*)",
    re.IGNORECASE,
)
_IDIOM = re.compile(
    r"\b(?:i['’]ll|i will|let me) (?:tell you|put it|give you (?:that|an example|a)|have (?:what|a|to|some|one|the)|"
    r"take (?:that\b(?! one| action| up| offline)|it as|his|her|their|what|you)|make (?:a note|it )|get (?:a "
    r"coffee|coffee|there|to that|back on)|"
    r"ask (?:you|again|something)|show you|do (?:my best|the (?:intro|talking))|put (?:it )?(?:this|that) (?:way|"
    r"differently)|"
    r"run (?:through)|add (?:that|something|to that)|get (?:used|over|going|started)|let you (?:go|get|talk))\b",
    re.IGNORECASE,
)
_RECIPIENT = re.compile(
    r"^(?:back )?(?:to |for )?(?:you both|you guys|you all|both of you|you)\b\s*(?:both |all )?"
    r"|\b(?:over )?to (?:you|me)\b(?: both| all)?|\b(?:for|with) you\b|\b(?:yourselves|yourself|myself|here)\b|"
    r"\bfrom (?:me|us)\b|\bin your inbox\b"
    r"|\b(?:[Ii]hnen|[Ee]uch|[Dd]ir|von mir|von uns)\b|\bnoch (?:zu|rüber|durch)\b|,\s[A-Z]\w+(?=\s*(?:,|$))",
)
_PREPOSITION = re.compile(
    r"(?:,?\s*\b(?:by|on|until|till|before|no later than|latest|at|from|starting|bis(?: zum| spätestens)?|am|"
    r"spätestens|and that|"
    r"first thing|the|noch|some time|sometime|later|so by|end of play|close of business|cob|eod|early|late)\b\s*)+$",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:,? (?:because|so that|so you|(?:before|until|till) (?:i|we|you|they|she|he)|as soon as|once|but|when|"
    r"if|then|either way|okay|"
    r"right|after the call|"
    r"weil|damit|sobald|aber|dann|wenn)\b.*|, (?:which|the|it's|it|that|so|just|i|we|you|he|she|they|um|don't|not|"
    r"sonst)\b.*)$",
    re.IGNORECASE,
)
_AFTER_DAY = re.compile(
    r"^\s*(?:morning|afternoon|evening|night|noon|lunchtime|früh|vormittag|nachmittag|abend|noch|at the latest|,? "
    r"by noon)\b",
    re.I,
)
_ALSO_TELL = re.compile(
    r",?\s*\band (?:then )?(?:i['’]ll |i will |we['’]ll )?(?:let (?:you|him|her|them)(?: all| both)? know|"
    r"send (?:you )?(?:that|it)(?: over)?|get it (?:over )?to (?:her|him|them|you)|get back to you|write it)\b(?: "
    r"(?:to|over) (?:you|me|her|him|them))?",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"^(?:it|them|es)\b|^(?:that|this|one|those|these|the same|das|die|den|ihn)\b(?=\s*(?:$|[,.]|(?:to|with|"
    r"over|by|after|for|"
    r"through|up|off|out|back|into|\w+ed|"
    r"in|on|at|today|tonight|myself|properly|quickly|hin|zu|rüber)\b))", re.IGNORECASE
)  # fmt: skip
#: "das schicken", "die gleich anlegen", but not "die Liste schicken".
_GERMAN_PRONOUN = re.compile(r"^(?:[Dd](?:as|ie|en)|[Ii]hn|[Ee]s)\b(?=(?:\s+[a-zäöüß]+){1,6}(?:$|[,.]))")
_STRONG = re.compile(rf"^(?:{_DELIVERING})\b", re.IGNORECASE)


def promise(text: str) -> str | None:
    """What the cleaned sentence promises, from its verb on (German: ending in it); None if it promises nothing."""
    if _IDIOM.search(text):
        return None
    match = _FIRST.search(text) or _LET_ME.search(text)
    if match:
        verb, rest = match["verb"], match["rest"]
        causative = _CAUSATIVE.match(rest) if verb.lower() == "have" else None
        if causative:
            return rest[causative.end() :].strip()
        if verb.lower() == "have":
            if not re.search(r"\b(?:for you|ready|done|pull|send|write|prepare|call)\b", rest):
                return None
            verb = "deliver"
        return f"{verb}{rest}"
    match = _YOU_GET.search(text)
    if match and not re.match(r"(?:to|a problem|that|it|him|her|them|used|there|here|got)\b", match["rest"], re.I):
        return ("report back " if match["verb"].lower() == "hear" else "send ") + match["rest"]
    return _german(text)


def _german(text: str) -> str | None:
    if _GERMAN_IDLE.search(text):
        return None
    match = _GERMAN_GET.search(text)
    if match:
        return f"{match['object'] or 'Bescheid'} {match['rest'] or ''} {'schicken' if match['object'] else 'geben'}"
    match = _GERMAN_LEAVES.search(text)
    if match:
        return f"{match['object'].strip()} {match['rest'].strip()} schicken"
    match = _GERMAN_YOU_GET.search(text)
    if match:
        return f"{match['rest'].strip(' .!')} schicken"
    match = _GERMAN_WILL.search(text)
    if match:
        return match["rest"]
    match = _GERMAN.search(text)
    if match is None and _GERMAN_DAY.search(text):
        match = _GERMAN_OPEN.search(text)
    if match:
        return verb_last("", match["rest"], match["verb"])
    match = _GERMAN_INVERTED.search(text)
    return verb_last(match["object"], match["rest"], match["verb"]) if match else None


def verb_last(before: str, rest: str, verb: str) -> str:
    """German word order of an instruction: `ich spiele den Treiber ein` -> `den Treiber einspielen`."""
    stem = verb.lower()
    infinitive = stem if stem.endswith("en") else stem.removesuffix("e") + "en"
    clause, more = rest.strip(" .!"), ""
    split = re.search(r",\s|\sund\s", clause)
    if split:
        clause, more = clause[: split.start()], clause[split.start() :]
    more = "" if _GERMAN_ASIDE.match(more) else more
    words = clause.split()
    prefix = words.pop() if words and words[-1].lower() in _PREFIXES else ""
    return " ".join([*before.split(), *words, prefix + infinitive]) + more


_GERMAN_ASIDE = re.compile(
    r"(?:,\s)?(?:\s?und\s)?(?:dann|da|das|die|der|es|weil|damit|sobald|aber|so|wenn|gilt|ich|wir|sie|noch|"
    r"nach|vor|am|im|ist)\b",
    re.I,
)


def bare_verb(verb: str) -> str:
    """`sends` -> send, `does` -> do."""
    return re.sub(r"(?<=[^s])es$", "", verb) if re.search(r"(?:ch|sh|o|x)es$", verb) else verb.removesuffix("s")


def said_of_oneself(text: str) -> str | None:
    """German: what "ich" does, whatever the verb, ending in it; None where it is a state or an opinion."""
    match = _GERMAN_ANY.search(text)
    verb = (match["one"] or match["two"]) if match else ""
    if match is None or _GERMAN_STATES.match(verb):
        return None
    return verb_last(match["object"].strip(" ,"), match["rest"], verb)


def delivering(description: str) -> bool:
    """Does it begin with a verb that promises something even without a day?"""
    return _STRONG.match(description) is not None


def vague(description: str) -> bool:
    """Does it speak of "it" or "that" without saying what?"""
    _, _, rest = description.partition(" ")
    return _PRONOUN.match(rest) is not None


def describe(phrase: str, today: date, named: str, *, german: bool) -> str:
    """The promise tersely: no day, nobody addressed, no side clause; a bare pronoun becomes `named`."""
    verb, _, rest = without_days(phrase, today).strip().partition(" ")
    if german:
        verb, rest = "", f"{verb} {rest}"
    rest = _TAIL.sub("", _ALSO_TELL.sub("", rest)) if not german else re.sub(r"[.,](?= )", "", rest)
    rest = _RECIPIENT.sub("", _ALSO_TELL.sub("", rest)).strip()
    pronoun = _PRONOUN.match(rest) or (_GERMAN_PRONOUN.match(rest) if german else None)
    if pronoun and named:
        rest = f"{named}{rest[pronoun.end() :]}"
    text = plain(f"{verb} {rest}")
    if german and named and len(content(text)) < 2:
        text = named if named.split()[-1][-2:] == "en" and named[:1].islower() else f"{named} {text.split()[-1]}"
    return text[:1].upper() + text[1:200]


def without_days(phrase: str, today: date) -> str:
    """The phrase without its days and times and the prepositions that led to them."""
    text = phrase
    for mention in reversed(find_days(phrase, today)):
        after = text[mention.end :]
        follow = _AFTER_DAY.match(after)
        after = after[follow.end() :] if follow else after
        text = f"{_PREPOSITION.sub('', text[: mention.start].rstrip())} {after.lstrip()}"
    for clock in reversed(find_clocks(text)):
        if clock.end - clock.start > 4:
            text = _PREPOSITION.sub("", text[: clock.start].rstrip()) + " " + text[clock.end :].lstrip()
    return re.sub(r"\s+([,.])", r"\1", re.sub(r"\b(?:this|next|early next) (?:week|weekend)\b", "", clean(text)))
