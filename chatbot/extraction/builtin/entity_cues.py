"""Words beside a name that tell what it is, English and German side by side; read by `entity_features`.

Each is weak evidence and none decides: their weights are fitted. So they are drawn wide, by what such words mean, and
not after sentences of the annotated meetings.
"""

# ruff: noqa: E501 - a pattern broken in the middle of a word list is harder to read than a long line

from __future__ import annotations

import re

from chatbot.extraction.text import fold

ROLE = re.compile(
    r"\b(?:(?:\w+ )?(?:manager|director|officer|engineer|consultant|architect|counsel|controller|analyst|president|"
    r"founder|owner|administrator|accountant|coordinator|specialist|developer|buyer|planner|supervisor|lawyer|"
    r"treasurer|trustee|chair\w*|principal|governor|head of|lead|rep|convenor|custodian|member for|driver|technician|"
    r"boss|secretary|assistant|partner|ceo|cfo|coo|cto|cio|ciso|md|vp)|\w*leiter(?:in)?|\w*leitung|geschäftsführer\w*|"
    r"\w*chef(?:in)?|vorstand\w*|prokurist\w*|inhaber\w*|\w*beauftragte\w*|\w*vorsitzende\w*|\w*meister(?:in)?|polier|"
    r"\w*direktor(?:in)?|kämmerer|\w*berater(?:in)?|gesellschafter\w*|\w*arzt|\w*ärztin|\w*sekretär\w*|kolleg\w+|"
    r"schwester|bruder|tochter|sohn|junior|runs|leads|looks after|owns|leitet|verantwortet|macht (?:bei|unsere?))\b",
    re.I,
)
BEFORE: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.I)
    for name, pattern in {
        "at": r"\b(?:at|bei|beim)(?: the| der| den)? $",
        "from": r"\b(?:from|von|vom|aus)(?: the| der| den)? $",
        "of": r"\b(?:of|des)(?: the)? $",
        "for": r"\b(?:for|für)(?: the| die| den)? $",
        "with": r"\b(?:with|mit)(?: the| der| dem| den)? $",
        "to": r"\b(?:to|zu|zur|zum|an|nach)(?: the| die| den)? $",
        "in": r"\b(?:in|im|near|around|up at|down in)(?: the)? $",
        "against": r"\b(?:against|versus|vs\.?|than|als|gegen|statt|instead of|over) $",
        "the": r"\bthe $",
        "der": r"\b(?:der|die|den|dem|das|des|d'|'m) $",
        "ein": r"\b(?:an?|ein\w*|kein\w*|jede\w*|diese\w*|this|that|some|every|viel\w*|all\w*|mehr|each|no) $",
        "our": r"\b(?:our|unser\w*|my|mein\w*) $",
        "their": r"\b(?:their|your|his|her|ihr\w*|eur\w*|sein\w*|dein\w*) $",
        "and": r"(?:\b(?:and|und|or|oder)|,) $",
        "called": r"\b(?:called|named|heißt|heissen|heißen|nennt sich|namens) $",
        "is": r"\b(?:is|are|was|it's|that's|ist|war|sind|und ich bin|i'm|i am|this is|ich bin) $",
        "use": r"\b(?:uses?|using|used|nutz\w+|on|via|über|into|through|in our|into our) $",
        "had": r"\b(?:had|have|hatten|haben|had that|had the|we've) $",
        "adjective": r"\b(?!der|die|das|den|dem|des|einer)[a-zäöüß]{3,}(?:e|en|er|es|em) $",
        "verb_to": r"\b(?:ask|tell|ring|call|meet|thank|cc|email|mail|text|frag\w*|ruf\w*|grüß\w*) $",
        "role": r"(?:director|manager|officer|head|lead|leiter(?:in)?|ceo|cfo|coo|cto|boss|chef|chefin|colleague|kollege|"
        r"kollegin|owner|lady|lad|chap|guy|man|woman|sister|brother|tochter|schwester),? $",
    }.items()
}
AFTER: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.I)
    for name, pattern in {
        "possessive": r"^['’]s\b(?! (?:a|an|the|our|their|in|on|not|been|got|gone|still|out|at|with|here|sitting)\b)",
        "is_s": r"^['’]s (?:a|an|the|our|their|in|on|not|been|got|gone|still|out|at|with|here|sitting)\b",
        "end": r"^[.?!]?$",
        "comma": r"^,",
        "pronoun": r"^,? (?:(?:he|she)\b|who\b)|^, (?:er|der|die|sie)\b|^[.,] (?:she|he)(?:'s| is)\b",
        "they": r"^[.,]? (?:they|die) (?:are|have|had|do|did|make|want\w*|sind|haben|waren|hatten|machen)\b|^,? those\b",
        "apposition": r"^,? (?:(?:he|she)(?:'s| is| was)|that's|our|the|their|your|my|der|die|das|unsere?r?|ihre?|meine?) ",
        "says": r"^ (?:has |had |hat |have )?(?:said|says|wants?|thinks?|asked|told|knows?|likes?|rang|called|mailed|wrote|"
        r"sagt|sagte|meint|meinte|will|wollte|weiß|fragt|schreibt|schaut|nickt|macht|kommt|gesagt)\b",
        "does": r"^ (?:is|are|has|have|had|was|were|ist|sind|hat|haben|war|waren|wants?|needs?)\b",
        "offers": r"^(?:'s|'d|'ve)? ?(?:\w+ )?(?:came|come|comes|quoted|offered?s?|showed|gave|pitched|submitted|bid|won|wins?|"
        r"charges?|costs?|kostet|liegt|bietet|bieten|hat angeboten|cheaper|billiger|günstiger|at \w+ percent)\b",
        "and": r"^ (?:and|und|or|oder) ",
        "place": r"^ (?:street|road|lane|site|office|plant|depot|branch|team|area|region|building|campus|werk|standort)\b",
        "noun": r"^ (?:system|app|tool|module|modul|form|file|data|list|database|version|integration|connector|interface|"
        r"software|platform|portal|account|licen[cs]es?|export|sheet)\b",
        "lower": r"^ [a-zäöü]",
    }.items()
}
AROUND: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.I)
    for name, pattern in {
        "price": r"\b(?:quot\w+|offers?|offered|bids?|tenders?|pitch\w*|cheap\w*|expensive|undercut\w*|discount|free|price\w*|"
        r"angebot\w*|billig\w*|günstig\w*|teurer|preis\w*|ausschreibung\w*|gratis|kostenlos|kost\w+)\b",
        "compare": r"\b(?:than|instead|versus|against|alternatives?|competit\w+|rivals?|other (?:vendors?|ones?|lot|bidder\w*|"
        r"finalist)|compared|comparison|finalist|bidder\w*|supplier|shortlist\w*|running|race|statt|gegenüber|konkurren\w+|"
        r"mitbewerb\w*|wettbewerb\w*|anbieter\w*|im rennen|verglichen|vergleich\w*|gegen)\b",
        "trial": r"\b(?:trial\w*|demo\w*|tried|tested|test\w*|pilot\w*|looked at|look at|had .{1,30} in\b|showed|shown|"
        r"vorführ\w+|getestet|angeschaut|angesehen|vorgestellt|gezeigt|präsent\w+|brochure|presentation|website)\b",
        "switch": r"\b(?:switch\w*|mov(?:e|ed|ing) (?:to|over)|went (?:with|over|to)|go(?:ne|ing|es)? (?:with|over|to|for)|"
        r"signed with|lost (?:to|it)|swears? by|prefer\w*|recommend\w*|wechsel\w*|gewechselt|unterschrieben|verloren|"
        r"schwör\w+|empfohlen|looking at|talking to|talked to|spoken to|considered|considering|resell|sell)\b",
        "approach": r"\b(?:rang|on the phone|sniffing|invit\w+|salesman|sales\w*|rep from|chap from|mail\w*|cold call\w*|vertrieb\w*|"
        r"vertreter|angerufen|gemeldet|fair|stand|messe|linkedin|mate|friend|buddy|cousin|neighbour|nachbar\w*)\b",
        "tool": r"\b(?:use|used|uses|using|system\w*|tools?|apps?|software|platform|database|interface|api|integrat\w+|connect\w*|"
        r"export\w*|import\w*|log(?:ged)? in|version|modules?|licen[cs]e\w*|runs? on|feeds?|sync\w*|link|schnittstelle\w*|"
        r"anbind\w+|läuft|nutzen|nutzt|erp|crm|provider|payroll|screen|sheet|data|daten)\b",
        "place": r"\b(?:office|sites?|plants?|based|headquart\w+|town|city|street|road|lane|region|country|depot|branch|standort\w*|"
        r"filiale\w*|niederlassung\w*|werk|drive|train|flight|fly|flew|fahr\w*|zug|liegt in|sitzt in|hotel)\b",
        "contract": r"\b(?:contract\w*|deal|signs?|signed|order\w*|forecast|pipeline|commit|verbal|renewal|pilot|vertrag\w*|"
        r"auftrag\w*|unterschr\w+|abschluss)\b",
        "customer": r"\b(?:customers?|clients?|prospects?|account|kunden?|interessent\w*|partners?)\b",
        "intro": r"(?:\b(?:i'm|i am|my name|this is|i run|i lead|i look after|i do|ich bin|ich leite|ich betreue|ich mach\w*|"
        r"mein name|hier ist|with me|joined by|neben mir|on our side|welcome)\b|^[A-ZÀ-Þ]\w+ [A-ZÀ-Þ][\w-]+,)",
        "we": r"\b(?:we|us|our|wir|uns|unser\w*)\b",
        "you": r"\b(?:you|your|sie|ihnen|ihr|euch)\b",
        "they": r"\b(?:they|them|their|die (?:sind|haben|waren)|denen|deren)\b",
        "he": r"\b(?:he|him|his|she|er|ihm|ihn)\b",
        "question": r"\?$",
        "past": r"\b(?:last year|years ago|previous\w*|before you|used to|old|früher|damals|bisher\w*|vorher)\b",
    }.items()
}
#: What is said of somebody else's offer, close to the name. Each pattern reads one side of it.
RIVAL_BEFORE = re.compile(
    r"(?:\b(?:quot\w+|offers?|bids?|proposals?|price|demos?|pitch|calls?|mails?|visit|letter|brochure|chap|bloke|guys?|rep|"
    r"salesman|people|lot|someone|somebody|angebot\w*|vorführung|vertreter\w*|herr|vertrieb|leute|anruf|vergleich\w*|modul) "
    r"(?:from|of|by|with|von|vom|der|bei|mit)"
    r"|\b(?:trial\w*|tried|tested|testing|piloted|seen|saw|evaluat\w+|shortlisted|looked at|look at|looking at|had|talking to|"
    r"talked to|spoke to|spoken to|spoken with|met|consider\w*|prefer\w*|recommend\w*|swears? by|raves? about|heard (?:of|about|from)|"
    r"(?:went|gone|going|go|goes) (?:over )?(?:with|to|for)|back to|switch\w* to|mov(?:e|ed|ing) (?:over )?to|over to|lost (?:it |"
    r"that |out )?to|sign(?:ed)? (?:with|for)|bought|chosen|picked|against|versus|vs\.?|cheaper than|than|instead of|resell|sell|"
    r"invited|approached by|compared (?:to|with)|you or|us or|mention\w*|gewechselt zu|wechseln zu|verloren an|gegen|als|statt|"
    r"im rennen (?:ist|isch) (?:auch |noch |no )*|verglichen mit|schwört auf|testen (?:gerade )?)"
    r"|\b(?:finalist|bidder|competitor|rival|alternative|other one|the others?|konkurrent\w*|mitbewerber\w*|wettbewerber\w*|"
    r"anbieter\w*|konkurrenz)\b.{0,20})"
    r"(?: (?:the|that|this|der|die|den|dem))?(?: (?:bei|mit|von|zu|auf|an))? $",
    re.I,
)
RIVAL_AFTER = re.compile(
    r"^(?:,? (?:they|those|die|who|the \w+))?(?:'s|'re|'ve|'d)?,?(?: (?:is|are|was|were|has|have|had|hat|haben|ist|sind|war|waren|would|"
    r"will|wird|werden|also|just|auch|noch|immer))*(?: (?:us|uns|ihnen|them))? ?"
    r"(?:cheaper|free|dearer|more expensive|in the (?:mix|running)|still in|out of|out\b|offer\w*|quot\w+|came in|come in|came back|"
    r"at \w+ (?:per ?cent|thousand|pounds|euros?)|sent|written|rung|rang|pitch\w*|show\w*|gave|put in|submitted|promis\w+|"
    r"do(?:es)? it for|want\w* \w+ thousand|leaves? me|can do|won\b|wins?\b|lost on|billiger|günstiger|teurer|kostenlos|raus\b|durch\b|"
    r"im rennen|im spiel|dabei\b|angeboten|bietet|bieten|liegt|liegen|kostet|verspr\w+|da\b|hier\b|letzte woche|last week|"
    r"last (?:month|year)|in the (?:spring|summer|autumn|winter)|vorgestellt|gezeigt|geschrieben|angeschrieben|angerufen|been on)",
    re.I,
)
#: German puts the verb behind: `bei X unterschrieben`, `mit X gearbeitet`.
GONE_AFTER = re.compile(
    r"^ (?:\w+ )?(?:unterschrieben|gearbeitet|gesprochen|telefoniert|verloren|gewechselt|gegangen|umgestiegen|abgeschlossen|"
    r"geredet|verhandelt|gelandet|vorliegen|bekommen|gekriegt|eingeholt|angerufen|getroffen)\b",
    re.I,
)
#: Before something one works in or with, not something one is offered.
PRODUCT = re.compile(
    r"\b(?:in|into|out of|on|via|through|our|your|their|the old|to our|from our|our existing|existing|with our|unser\w*|über|im|ins|"
    r"aus (?:dem|der)|mit (?:dem|der)|use|uses|using|used|runs?|called|label|nutzen|nutzt|läuft (?:über|auf|in)|provider,? which is) $",
    re.I,
)
ELSE = re.compile(
    r"\b(?:who else|anyone else|anybody else|someone else|somebody else|other (?:vendors?|providers?|suppliers?|offers?|quotes?|"
    r"options?|candidates?|systems?)|alternativ\w*|competit\w*|who are (?:we|you) (?:up )?against|which other|looked at|"
    r"look(?:ing)? around|welcher andere|wen noch|wer noch|andere (?:anbieter|angebote|firmen|systeme|lösungen)|konkurrenz|"
    r"mitbewerb\w*|wettbewerb\w*|im rennen|umgeschaut|umgesehen|angeschaut)\b",
    re.I,
)
ALONE = re.compile(
    r"^(?:(?:so|okay|ok|and|also|then|now|right|next|yes|yeah|um|uh|well|first|the|ja|gut|dann|und|also|nächste\w*|noch|"
    r"thirdly|secondly|aye|no|oh|hm|hmm|la|moment|from|to|with|at|bei|von|mit)[,.]?\s+)*$",
    re.I,
)
PLACES = frozenset(
    fold(
        """london berlin paris münchen munich hamburg wien vienna zürich frankfurt köln cologne stuttgart dresden leipzig
    hannover nürnberg bremen salzburg graz linz basel bern genf amsterdam rotterdam brussels antwerp dublin cork galway
    belfast edinburgh glasgow aberdeen manchester leeds sheffield birmingham bristol cardiff swansea liverpool newcastle
    york hull norwich cambridge oxford brighton exeter plymouth nottingham leicester coventry southampton portsmouth
    oslo bergen stockholm gothenburg malmö copenhagen aarhus helsinki madrid barcelona lisbon porto milan rome turin
    prague warsaw kraków budapest bucharest athens istanbul moscow kiev new boston chicago austin denver seattle dallas
    toronto montreal tokyo osaka delhi mumbai bangalore singapore sydney melbourne dubai asia africa europe america
    devon essex tuscany bavaria scotland wales ireland england britain france spain italy germany austria switzerland poland norway sweden denmark
    finland netherlands belgium portugal greece turkey china japan india canada australia midlands yorkshire cornwall
    kent essex bayern tirol österreich schweiz kanada frankreich italien spanien polen bosnien kroatien holland
    niedersachsen hessen sachsen schwaben allgäu nordsee ostsee"""
    ).split()
)
DEMONYM = re.compile(r"(?:[a-z]{2}(?:ian|ish|ese|ean)s?|isch(?:e[nrsm]?)?)$")
NOUN = re.compile(r"(?:ung|ungen|heit|keit|schaft|tion|tionen|tat|ment|nis|lich|ling|chen|ismus|enz|anz|ie|ik|ur)$")
