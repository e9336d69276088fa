"""English turns of phrase that narrow what is asked: what holds of all, whose, where and when; see `english`."""

from __future__ import annotations

# ruff: noqa: E501 - a pattern reads better on one line
import re
from collections.abc import Callable

Turn = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

_DEALS = r"(?:deals?|opportunit(?:y|ies)|opps?|negotiations?|business|pipeline|projects?)"
_OVER = r"(?:won|lost|successful|unsuccessful|closed|open|running|live)"
_SEAT = r"(?:based|located|situated|sitting|seated|headquartered|domiciled|resident|at home)"


def turn(pattern: str, instead: str | Callable[[re.Match[str]], str]) -> Turn:
    return re.compile(pattern, re.IGNORECASE), instead


#: What is said of all that a record has: “only with lost deals”, “whose deals are all in Proposal”, “nothing but …”.
_KINDS = r"(?:deals|opportunities|tasks|to-?dos|contacts|meetings|notes)"
_UNIVERSAL = [
    turn(r"(?<=\w )(only|exclusively|solely|just) (with|have|has|having) (?=[\w-]+(?: [\w-]+)?\b)", r"\2 only "),
    turn(r"\b(with|have|has|having) nothing (?:but|except|other than) ", r"\1 only "),
    turn(rf"\b(with|have|has|having) ((?:[\w-]+ )?[\w-]+ {_KINDS}) (?:only|exclusively)\b", r"\1 only \2"),
    turn(
        rf"\b(?:that|which|who) (?:have|has) (done|finished|completed|won|lost|closed) all (?:of )?(?:their |its |the )?({_KINDS})\b",
        r"where all \2 are \1",
    ),
    turn(
        rf"\bwhose ({_KINDS}) are (?:all|without exception|exclusively|only) (?=in\b|at\b|with\b|over\b|under\b)",
        r"where all \1 are ",
    ),
]
#: What is neither won nor lost is open; what may be open, won or lost is any.
_STATES = [
    turn(
        r"\b(that|which|who) (?:is|are|has|have|was|were) (?:not|never)(?: yet| been| yet been)*"
        r" (?:won|lost)(?: yet)? (?:or|nor) (?:been )?(?:won|lost)(?: yet| so far)?\b",
        r"\1 is still open",
    ),
    turn(
        r"(?:\b(?:is|are|has|have|was|were|been) )?\b(?:not|never)(?: yet| been| yet been)*"
        r" (?:won|lost)(?: yet)? (?:or|nor) (?:been )?(?:won|lost)(?: yet| so far)?\b",
        " still open",
    ),
    turn(rf"\brunning (?={_DEALS}\b)(?<!is running )(?<!are running )(?<!am running )(?<!was running )", "open "),
    turn(
        rf"[,;.?! (-]+(?:please )?(?:include|including|both|whether|be (?:it|they)|no matter (?:if|whether)(?: they are)?|"
        rf"regardless of whether(?: they are)?|irrespective of whether(?: they are)?) (?:the )?{_OVER}"
        rf"(?: ones)?, {_OVER}(?: ones)?,? (?:and|or|as well as) {_OVER}(?: ones| deals)?(?: too| alike)?\)?",
        "",
    ),
    turn(
        rf"^(.*\b{_DEALS}\b.*?)[,( -]+(?:whatever (?:its|the|their) (?:status|state|outcome|stage)(?: is| may be)?|"
        r"(?:regardless|irrespective|independent) of (?:its |the |their )?(?:status|state|outcome|stage)|"
        r"no matter (?:its |the |their |what )(?:status|state|outcome|stage)|in (?:whatever|any) (?:status|state))\)?"
        r"(?=[?.!,;]|$)",
        r"\1",
    ),
]
#: Who asks is none of the others.
_WORK = r"(?:tasks?|to-?dos?|deals?|opportunit(?:y|ies)|compan(?:y|ies)|accounts?|leads?|contacts?)"
_ELSE = (
    r"(?:other (?:people|users|colleagues|reps|sellers|team members)|(?:the )?others|(?:some|any)(?:body|one) else|"
    r"(?:my|our) (?:colleagues|team ?mates|co-?workers))(?! than\b| at\b| from\b)"
)
_OTHERS = [
    turn(rf"\b(?:{_ELSE}['’]s?|other people['’]s) (?=(?:[\w-]+ ){{0,3}}{_WORK}\b)", "not my "),
    turn(
        r"(?:\b(?:that|which|who) )?(?:\b(?:is|are|was|were|has been|have been) )?"
        rf"\b(?:owned by|assigned to|held by|handled by|kept by|run by|managed by|belongs? to|belonging to) {_ELSE}\b",
        "that are not mine",
    ),
    turn(rf"\b({_WORK}) of {_ELSE}", r"\1 that are not mine"),
    turn(rf"\b(notes?|calls?|mails?|e-?mails?) (?:(?:written|logged|made|sent) )?by {_ELSE}", r"\1 not by me"),
]
#: Where somebody is not.
_PLACES = [
    turn(rf"\bnot (?:being )?{_SEAT} in\b", "not in"),
    turn(
        r",? ?\b(?:but )?(?:leave out|leaving out|skip|skipping|without|minus|excluding|exclude|except(?: for)?|ignore|"
        r"ignoring|drop|not) (?:whoever|anyone|anybody|everyone|everybody|those|the ones|all|all those|any|people) "
        rf"(?:(?:who|that|which) )?(?:(?:is|are) )?(?:(?:sits?|lives?|works|{_SEAT}) )?in\b",
        " but not in",
    ),
]
#: Days on which something begins or ends, and stretches told by those beside them.
_TIMES = [
    turn(r"\bon or (?:after|later than)\b", "since"),
    turn(r"\bon or (?:before|earlier than)\b", "until"),
    turn(
        r"\b(?:starting|beginning|counting|going back|back) (?:with|from|on|at|to) (?=(?:the )?(?:\d|first\b))",
        "since ",
    ),
    turn(
        r"\b(?:between|from) the (?:1st|first)(?: day)? (?:and|to|until|till|through) the (?:last|end)(?: day)? of "
        r"(?=(?:the|this|last|next|[a-z]))",
        "in ",
    ),
    turn(r"\b(?:on )?the day (?:before|prior to) today\b", "yesterday"),
    turn(r"\b(?:on )?the day (?:after|following) today\b", "tomorrow"),
    turn(
        r"\bthe (week|month|quarter|year) (?:after|following) (?:this|the current|the present)(?: one)?\b", r"next \1"
    ),
    turn(r"\bthe (week|month|quarter|year) (?:before|prior to|preceding) (?:this|the current)(?: one)?\b", r"last \1"),
    turn(r"\bfrom the (?:very )?(?:beginning|start|outset) (?:until|till|to|up to) (?:now|today)\b", "so far"),
]
#: When something last happened to each, which is a field: “the last meeting” alone is one of all.
_LASTLY = [
    turn(
        r"\b(?:whose|(?:where|(?:for|with) (?:which|whom)) (?:the|our|their)|(?<!meetings )with(?: a| the| their)?) "
        r"(?:last|latest|most recent) meeting(?: with (?:us|them))?(?: is| was| took place| happened| lies)? "
        r"(?=(?:before|after|more than|over|older|longer|less than|earlier|since)\b)",
        "whose last meeting date is ",
    ),
    turn(
        r"\b((?:last|latest|most recent) (?:meeting date|contact|activity|conversation|touchpoint)(?: (?:is|was|are))?) "
        r"(?:older|longer) than ((?:\w+ ){1,2}?(?:days?|weeks?|months?|years?))(?: ago)?\b",
        r"\1 more than \2 ago",
    ),
    turn(
        r"^who (?:all )?(?:attended|joined|was (?:there )?(?:at|in|present at)|were (?:at|in)|took part in|participated in) "
        r"(?=(?:the|our|my) (?:last|latest|most recent|previous|next)\b)",
        "which people were in ",
    ),
]
CONDITIONS = [*_UNIVERSAL, *_STATES, *_OTHERS, *_PLACES, *_TIMES, *_LASTLY]
