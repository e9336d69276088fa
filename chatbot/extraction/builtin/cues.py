"""The words that carry the kinds, English and German, as patterns over one cleaned sentence.

Each list is what people in sales, consulting and support say in general; none comes from a single meeting. Weights are
coarse on purpose (2 says it, 1 hints at it): with ten meetings to look at, finer ones would be fitted to noise.
"""

from __future__ import annotations

import re


def any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


#: Nothing said under these is meant: hedges, wishes, hypotheses, jokes.
HEDGE = any_of(
    r"\b(?:might|could maybe|could probably|may be able|maybe|perhaps|possibly|probably|i guess|not promising|no "
    r"promise)\b",
    r"\b(?:i'd have to (?:look|ask|check|see|talk)|let me see|i'll see|we'll see|see if i|have a go|not sure (?:if|"
    r"whether))\b",
    r"\bi'?(?:d| would) (?:need|want|like) to (?:ask|check|look)\b|\bi can(?:'t|not) promise\b|\bnot promised\b",
    r"\b(?:i could|we could|could be|would be nice|it'd be nice|would possibly|depends on)\b",
    r"\b(?:vielleicht|eventuell|möglicherweise|könnte|könnten|ich schau mal|mal schauen|muss ich schauen|mal sehen|"
    r"vermutlich|wahrscheinlich|unter umständen|kann ich nicht versprechen)\b",
)
CONDITION = any_of(
    r"^(?:[\w']+,? )?(?:if|unless|suppose|imagine|what if|say we)\b", r"\bif (?:we|you|they|he|she|it|i|that|my)\b",
    r"\bhypothetical", r"^(?:[\w']+,? )?(?:wenn|falls|sollten? )\b", r"\bwenn (?:wir|sie|ich|es|er|man|'s)\b",
    r"\bunless\b|\bwere to\b",
)  # fmt: skip
JOKE = any_of(
    r"\[(?:laughs?|lacht|laughter)", r"\b(?:just kidding|i'm joking|as a joke|nur spaß|war ein scherz|haha)\b"
)
NEGATED = any_of(r"\b(?:not|never|no|n't|nicht|kein\w*|nie|niemals)\b|n't\b")
REPORTED = any_of(
    r"\b(?:he|she|they|somebody|someone|people|everybody) (?:said|says|told|reckons?|thinks?|asked)\b",
    r"\brumou?r", r"\b(?:hat gesagt|hat gemeint|meint|sagt|gerücht|angeblich)\b",
)  # fmt: skip
PAST_STATE = any_of(r"\b(?:used to|in the past|last time|back then|früher|damals|beim letzten mal)\b")

YES = any_of(
    r"^(?:yes|yeah|yep|yup|sure|okay|ok|fine|agreed|done|right|correct|exactly|perfect|great|brilliant|lovely|deal|"
    r"absolutely|of course|will do|no problem|sounds good|works|that works|good|please|super|understood|got it|"
    r"alright)\b",
    r"^(?:ja|genau|gut|klar|okay|einverstanden|passt|gerne?|mach ich|in ordnung|abgemacht|perfekt|machen wir|sehr "
    r"gern)\b",
    r"\b(?:works for me|fine (?:with|by) me|i can do that|happy to|okay for me)\b",
)
NO = any_of(
    r"^(?:no|nope|nah|sorry|not|never|nein|nicht|ne)\b",
    r"\b(?:can't (?:do|make)|cannot (?:do|make)|i can't|won't work|doesn't work|i'm (?:in|at|on|away|travelling|off)|"
    r"geht nicht|kann ich nicht|bin ich (?:in|im|auf|bei)|passt nicht|i've got the)\b",
)

REQUIREMENT = (
    (2, any_of(
        r"\b(?:must|mandatory|non-negotiable|must[- ]have|a must|hard requirement|deal[- ]?breaker|no-go|"
        r"prerequisite)\b",
        r"\b(?:it|that|this|they|he|she|there|everything|everyone|anyone|data|system|tool|app|platform|solution|server|"
        r"users?|people|staff|\w+s|\w+ing|\w+ion|\w+ity|offline)(?:'s| has| have|'ve) (?:got )?to\b",
        r"\bthere (?:can't|cannot|must not|can) be (?:any|no)\b|\b(?:every|each|all|any) \w+(?: \w+){0,3} "
        r"(?:needs?|must|has to|have to)\b|"
        r"\b(?:that's|it's) the law\b|\bby law\b|\bnothing (?:may|can|must)\b|\bnot negotiable\b|\bwhat (?:i|"
        r"we)(?:'d)? need is\b|\blegal obligation\b|"
        r"\b(?:has|needs) (?:got )?to\b|\b(?:need|have|got) to (?:be|work|run|talk|handle|support|integrate|fit|"
        r"connect|read|"
        r"sync|stay|show|export|import|comply|allow|respect|cover|include|match)\b",
        r"\b(?:it|that|this|they|the \w+) (?:can't|cannot|can not|must not|may not|shouldn't|should not) (?:be|"
        r"have|take|cost|go|leave|exceed)\b",
        r"\b(?:hard|absolute|key|strict) (?:condition|constraint|criterion|criteria|must)\b|\b(?:would be|is|"
        r"that's) (?:key|essential|crucial|critical|vital)\b",
        r"\bno (?:down ?time|access|changes?|data|exceptions?|third part\w+|cloud|subcontractors?) (?:to|during|in|"
        r"on|outside|without|before|after|for)\b",
        r"\b(?:without|unless) .{3,60}(?:doesn't|don't|won't|can't|no way|not interested|no deal)\b",
        r"\brequires?\b|\binsists? (?:on|that)\b|\binsist\b|\bis required\b|\b(?:demands?|expects?) (?:a|an|that)\b",
        r"\bcan only be\b|\bmay only\b|\bas long as (?:every|the|it|there)\b|\bin the contract\b",
        r"\b(?:muss|müssen|müsste|zwingend|unbedingt|voraussetzung|pflicht|vorgeschrieben|unverzichtbar|darf nicht|"
        r"dürfen nur|dürfen nicht|darf nur|wichtig ist (?:mir|uns)|(?:mir|uns) (?:ist|wäre) (?:\w+ )?wichtig|"
        r"vorgegeben|darf (?:nichts|kein\w*)|verlangt|verlangen|vorgabe|bedingung|entscheidend|ohne .{3,40} geht "
        r"(?:es|das|gar)? ?nicht)\b",
    )),
    (1, any_of(
        r"\b(?:we|i|they|you)(?:'d| would)? (?:really |also |still |just )?need\b(?! to (?:go|talk|run|drop|leave|"
        r"ask|know))",
        r"\bwhat (?:i|we)(?:'d)? (?:need|want|would need)\b|\b(?:i|we|they) want (?:a|an|the|it)\b|\bshould be able\b",
        r"\b(?:wir|ich) (?:bräuchten?|brauchen?)\b|\bwichtig (?:ist|wäre)\b|\bsoll(?:te|en)? .{3,50} können\b",
        r"\b(?:compliant|certified|certification|gdpr|dsgvo|single sign-on|sso|audit trail|encryption|on-premise)\b",
    )),
)  # fmt: skip

PAIN = (
    (2, any_of(
        r"\b(?:nobody|no one|no-one|none of (?:us|them)|you can't|we can't|can't|couldn't|can not) "
        r"(?:\w+ ){0,2}(?:know|knows|tell|see|find|say|prove|access|trust|trace|track|owns?|noticed)\b",
        r"\b(?:has|have|had|with) no (?:idea|clue|way|overview|visibility|control)\b|\bno visibility\b",
        r"\b(?:problem|pain|nightmare|mess|chaos|bottleneck|struggl\w+|frustrat\w+|broken|disaster|headache|"
        r"overpaid|overcharged|double[- ]paid|no "
        r"warning|no overview|"
        r"outages?|downtime|crash\w*|"
        r"bugs?|mistakes?|errors?|duplicat\w+|double[- ]book\w+|wrong|missed|overdue|penalt(?:y|ies)|fines|write[- "
        r"]?offs?|"
        r"wrote off|written off|out of support|went down|were down|was down|goes down|gone missing|turnover of|churn|"
        r"scattered|threaten\w*|unreliable|outdated|locked out|complain\w*|dropped|drops|fell|declin\w+|doubled|"
        r"hurts|fails?|failed|"
        r"understaffed|short-staffed|burnt? out|drowning|suffer\w*|escalat\w+|backlog|rejected|expired|breach\w*|"
        r"leak\w*|stands? still|standing still)\b",
        r"\b(?:takes?|took|taking|waits?|waiting|lose|lost|losing|spends?|spent|costs?|cost) "
        r"(?:(?:us|me|them|about|around|on average|almost|nearly|up to|like|over|it)\b ?){0,3}"
        r"(?:\w+[- ]){0,4}(?:minutes?|hours?|days?|weeks?|months?|pounds|dollars|euros?|thousand|percent|money|k)\b",
        r"\b(?:by hand|manually|re-?typ\w+|typed (?:in|again)|copy[- ]?past\w+|paper[- ]based|pen and paper)\b|"
        r"\b(?:everything|still|all|orders?|reports?) (?:is |are |done )?on paper\b",
        r"\b(?:(?:two|three|four|five|\w+ty) times|twice) (?:a|per|every|the)?\b",
        r"\b(?:stock|data|forecast|order|report) accuracy\b|\b(?:error|failure|reject) rate\b",
        r"\b(?:problem|leid\w*|chaos|fehler|doppelt|von hand|händisch|manuell|abtippen|kostet uns|verlieren|dauert|"
        r"ausfall|ausfälle|vertragsstrafen?|pönalen?|gerissen|verspät\w+|zu spät|niemand weiß|keiner weiß|kein "
        r"überblick|"
        r"veraltet|kaputt|abgestürzt|bricht zusammen|zusammengebrochen|legt auf|legen auf|nicht erreichbar|"
        r"reklamation\w*|verdoppelt|undicht|engpass|stau|rückstand|fehlt|fehlen|fällt "
        r"aus|unzuverlässig|"
        r"stimm\w+ nicht|funktionier\w+ nicht|fallen .{0,20}\baus|stand .{0,25}still|ständig|ärger|beschwer\w+|"
        r"überlastet|gewartet|warten|umständlich|verloren|mühsam|langsam)\b",
    )),
    (1, any_of(
        r"\b(?:spreadsheets?|excel|shared drives?|inbox(?:es)?|whiteboards?|paper forms?|legacy system|old system)\b",
        r"\b(?:nobody|no one|keiner|niemand) (?!wants?|else|needs?|likes?|ever|gets?|will|would|is|goes|braucht|"
        r"will)\w+",
        r"\btwice\b|\bstand\w* .{0,20}stunden\b|\bworse\b|\bhalf a day\b|\bleaks?\b",
        r"\b(?:slow|late|delay\w*|queue\w*|stuck|complain\w*|too many|overloaded|understaffed|lack(?:s|ing)?|every "
        r"(?:single )?"
        r"(?:month|week|day|morning|time|order|visit))\b",
        r"\b(?:charges|rework|workarounds?|tickets?|leave after|nobody|no one|can't find|hard to|impossible to|"
        r"painful\w*)\b",
        r"\b(?:on average|im schnitt|durchschnittlich|jeden (?:morgen|tag|monat)|stunden|excel|jede[rn]? dritte)\b",
    )),
)  # fmt: skip

OBJECTION = (
    (2, any_of(
        r"\btoo (?:high|expensive|long|much|risky|complicated|complex|short|big|slow|steep|rigid)\b",
        r"\b(?:percent|thousand|much|way|well|far|\d+|k|ten|twenty|eleven|fifteen) over (?:budget|what|my|our)\b|"
        r"\bover budget\b|\babove (?:our|my|the) budget\b",
        r"\bmakes? no sense\b|\bdoesn't make sense\b|\bnot going to fly\b|\bwon't fly\b|\bnon-starter\b",
        r"\b(?:don't|do not|doesn't|wouldn't|won't) trust\b|\bs[ck]eptical\b|\bs[ck]epticism\b|\bnot convinced\b|"
        r"\bhesitant\b",
        r"\b(?:worried|worries|concern(?:s|ed)?|afraid|nervous|reservations?|uneasy|uncomfortable|change fatigue|"
        r"fear)\b",
        r"\b(?:never|can't|cannot|won't|not|wouldn't) (?:going to |ever )?(?:sign|accept|agree|pay|approve|buy)\b",
        r"\b(?:problem|issue|difficult|hard) for (?:our|us|me|my)\b|\bi'll struggle\b|\bwe'd struggle\b",
        r"\bcan't (?:have|take|afford|justify|spare|free up)\b|\b(?:price|cost|fee) increase\b|\bthe only one who "
        r"(?:knows|understands|can (?:do|fix|run))\b",
        r"\bcan't (?:go|take (?:it|that)|bring (?:it|that)) to (?:the|my|our) \w+\b|\bdon't see why\b|\bwhy (?:we|"
        r"i) should pay\b|\bscares?\b|\bsharpen your pencil\b|\bput me off\b",
        r"\b(?:don't|do not|doesn't) (?:love|like) (?:the|that|your)\b|\b(?:don't|do not) want to (?:pay|sign|buy|"
        r"change|switch|be locked|commit)\b|\bdeal[- ]?breaker\b",
        r"\b(?:mehr gibt|nicht einverstanden|zu unsicher|macht .{0,20}sorgen|kommt nicht in ?frage)\b",
        r"\bthere isn't going to be\b|\bmy (?:budget|number)(?:'s| is)\b|\bnot in the budget\b|\b(?:lock-in|locked "
        r"in)\b",
        r"\b(?:zu teuer|zu lang\w*|zu hoch|zu viel|zu komplex|zu riskant|bedenken|sorge[n]?|skeptisch|angst|"
        r"vorbehalte?|"
        r"rechnet sich nicht|passt nicht ins budget|nicht überzeugt|überwach\w+|das brauch ich nicht|abhängig)\b",
    )),
    (1, any_of(
        r"\b(?:expensive|pricey|a lot of money|pushback|push back|burned|burnt|works council|"
        r"discount|cheaper|lowest)\b",
        r"\b(?:i'd rather not|not keen|didn't like|don't like|not happy)\b|\bbetriebsrat\b|\bteuer\b",
    )),
)  # fmt: skip

DECISION = (
    (3, any_of(
        r"\b(?:that's|that is|it's|it is|then it's|we've|we have|been|was) (?:all )?(?:decided|agreed|settled|"
        r"approved)\b",
        r"\bdecision[,:]|\bdecided[,:]|\bso decision\b|\bagreed[.,:!]?$|^agreed,|\b(?:we|i) (?:agreed|"
        r"decided)\b(?! to (?:disagree))",
        r"\bbeschlossen\b|\bvereinbart\b|\bentschieden[:,.]|\babgemacht\b|\bso machen wir'?s\b|\bdabei bleibt'?s\b|"
        r"\bbeschluss\b",
        r"(?:^|[.,] )(?:done|agreed|deal)[.!]?$",
    )),
    (2, any_of(
        r"\b(?:is|are|'s|comes?|stays?|goes?) (?:in|into|out of|not in|in the) scope\b|\bout of scope\b",
        r"\b(?:goes?|put (?:it|that|\w+)|is|are) on (?:hold|ice)\b|\bon hold\b.{0,30}\buntil\b|\bon ice\b",
        r"\bis a go\b|\bit's a go\b|\bgo-live (?:is|on|\d)|\bgoes live on\b|\bgo ahead with\b|\bwe go with\b|"
        r"\bthen we (?:\w+)\b",
        r"\bwe(?:'re| are) not (?:doing|going (?:with|to (?:do|be|use|buy|sign)))\b|^(?:so |okay,? |right,? )?no "
        r"(?:\w+ ?){1,3}$|\b(?:let's|and|we) (?:skip|drop)\b|(?:^|, |and )(?:skip|drop|leave out|forget) the\b|"
        r"\b\w+(?:'s| is) out[.!]?$|\w+ it is[.!]?$",
        r"\bfinal(?:ly)?,|\bleave (?:\w+ ){1,4}out\b|\bout of (?:q[1-4]|the forecast)\b|\bwaived?\b|\bcap(?:ped)? "
        r"(?:at|of)\b",
        r"\bis the maximum\b|\bphase (?:1|one) (?:=|is|covers)\b|\bonly (?:in|for) phase\b|\bphase (?:one|"
        r"1)\b.{0,20}\bonly\b",
        r"\bnot \w+ any ?more\b|\bno longer\b|\bso we (?:migrate|start|take|keep|use|do|build|leave|skip|drop)\b",
        r"\bin the first step\b|\bim ersten schritt\b|\blassen wir weg\b|^(?:okay,? |gut,? |also )?dann (?:\w+en) "
        r"wir\b|\bdann also\b|\balso (?:nur|ohne)\b|\bwe move the \w+ to\b|\bbleibt (?:außen vor|draußen|dabei)\b|"
        r"\bwir (?:machen|nehmen|starten|beginnen|planen) (?:nur|erst|zuerst|mit|also)\b|\bfangen (?:wir )?(?:nur |"
        r"erst )?mit\b|\bmachen wir nicht\b",
        r"\bi won't (?:send|sign|give|cancel)\b|\bmoved:|\b(?:nothing|not) .{0,30}without (?:your|my|our|a|the) "
        r"(?:written )?(?:sign|ok|appro)",
        r"\b(?:two|three|2|3) (?:waves|phases|steps)\b|\bis on the \w+ of \w+, not\b|'s on the \w+ of \w+, not\b|"
        r"\brather than\b",
    )),
    (1, any_of(
        r"\b(?:let's|we'll|we will|we'd like to|wir) (?:go with|start|leave|keep|use|do|take|skip|roll|make it|"
        r"stick|run|move|put|nehmen|bleiben|starten|machen)\b",
        r"\bstays? (?:at|with|as)\b|\binstead of\b|\band not\b|, not \w+|\bspäter machen\b|\bnot the\b|\bonly\b|"
        r"\bnur\b|\bkeine?\b|\bfrom (?:the )?first of\b",
        r"\bfixed price\b|\bper (?:year|annum)\b|\bnet (?:thirty|forty-five|sixty|\d+)\b|\b(?:first|zuerst|"
        r"erst)[.,]?$|^just (?:the|those|these)\b",
    )),
)  # fmt: skip


def weight(table: tuple[tuple[int, re.Pattern[str]], ...], text: str) -> int:
    """The sum of the weights of the rows that match; each row counts once, twice if it matches in two places."""
    total = 0
    for value, pattern in table:
        hits = sum(1 for _ in pattern.finditer(text))
        total += value * min(hits, 2)
    return total
