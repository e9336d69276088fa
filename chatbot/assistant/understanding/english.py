"""English turns of phrase made plain before a question is read, so that the parser meets one of each kind.

“leads with webinar as their source”       →  “leads with source webinar”
“anything that has not been won or lost”   →  “anything that is still open”
“tasks of other people”                    →  “tasks that are not mine”
“partners not based in Paris”              →  “partners not in Paris”
“records created on or after 1 October”    →  “records created since 1 October”
“We have partners in Oslo, which of them …”→  “which partners in Oslo …”

Each turn is one of the language and keeps all that was said; what is left out asks for nothing.
"""

from __future__ import annotations

# ruff: noqa: E501 - a pattern reads better on one line
import re
from collections.abc import Callable

from chatbot.assistant.understanding.tokens import Text, read

_Turn = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

_RECORDS = (
    r"(?:deals?|opportunit(?:y|ies)|opps?|tasks?|to-?dos?|notes?|meetings?|calls?|contacts?|people|accounts?|"
    r"compan(?:y|ies)|clients?|customers?|firms?|objections?|insights?)"
)
_DEALS = r"(?:deals?|opportunit(?:y|ies)|opps?|negotiations?|business|pipeline|projects?)"
_FIELD = (
    r"(?:source|industry|sector|job title|title|position|currency|stage|lifecycle|status|priority|lost reason|reason|"
    r"city|country|language)"
)
_FILLED = (
    r"(?:close date|closing date|due date|deadline|date|amount|value|owner|assignee|source|industry|title|job title|"
    r"e-?mail(?: address)?|phone(?: number)?|number|website|address|city|country|reason|probability|currency|company)"
)
_OVER = r"(?:won|lost|successful|unsuccessful|closed|open|running|live)"
_SEAT = r"(?:based|located|situated|sitting|seated|headquartered|domiciled|resident|at home)"
_FILLING = r"(?:entered|set|put|put down|put in|gave|given|added|noted|recorded|filled in|assigned|typed in|specified)"


def _turn(pattern: str, instead: str | Callable[[re.Match[str]], str]) -> _Turn:
    return re.compile(pattern, re.IGNORECASE), instead


#: A value and whose field it is: “with webinar as their source”, “with me as the owner”.
_AS_FIELD = [
    _turn(r"\bwith ([\w&'’-]+(?: [\w&'’-]+){0,2}) as (?:the |its |their |his |her |an? )?owner\b", r"owned by \1"),
    _turn(
        rf"\bwith (?!no\b)([\w&'’-]+(?: [\w&'’-]+){{0,3}}) as (?:the |its |their |his |her |an? )?({_FIELD})\b",
        r"with \2 \1",
    ),
]
#: What is said of all that a record has: “only with lost deals”, “whose deals are all in Proposal”, “nothing but …”.
_KINDS = r"(?:deals|opportunities|tasks|to-?dos|contacts|meetings|notes)"
_UNIVERSAL = [
    _turn(r"(?<=\w )(only|exclusively|solely|just) (with|have|has|having) (?=[\w-]+(?: [\w-]+)?\b)", r"\2 only "),
    _turn(r"\b(with|have|has|having) nothing (?:but|except|other than) ", r"\1 only "),
    _turn(rf"\b(with|have|has|having) ((?:[\w-]+ )?[\w-]+ {_KINDS}) (?:only|exclusively)\b", r"\1 only \2"),
    _turn(
        rf"\b(?:that|which|who) (?:have|has) (done|finished|completed|won|lost|closed) all (?:of )?(?:their |its |the )?({_KINDS})\b",
        r"where all \2 are \1",
    ),
    _turn(
        rf"\bwhose ({_KINDS}) are (?:all|without exception|exclusively|only) (?=in\b|at\b|with\b|over\b|under\b)",
        r"where all \1 are ",
    ),
]
#: What is neither won nor lost is open; what may be open, won or lost is any.
_STATES = [
    _turn(
        r"\b(that|which|who) (?:is|are|has|have|was|were) (?:not|never)(?: yet| been| yet been)*"
        r" (?:won|lost)(?: yet)? (?:or|nor) (?:been )?(?:won|lost)(?: yet| so far)?\b",
        r"\1 is still open",
    ),
    _turn(
        r"(?:\b(?:is|are|has|have|was|were|been) )?\b(?:not|never)(?: yet| been| yet been)*"
        r" (?:won|lost)(?: yet)? (?:or|nor) (?:been )?(?:won|lost)(?: yet| so far)?\b",
        " still open",
    ),
    _turn(rf"\brunning (?={_DEALS}\b)(?<!is running )(?<!are running )(?<!am running )(?<!was running )", "open "),
    _turn(
        rf"[,;.?! (-]+(?:please )?(?:include|including|both|whether|be (?:it|they)|no matter (?:if|whether)(?: they are)?|"
        rf"regardless of whether(?: they are)?|irrespective of whether(?: they are)?) (?:the )?{_OVER}"
        rf"(?: ones)?, {_OVER}(?: ones)?,? (?:and|or|as well as) {_OVER}(?: ones| deals)?(?: too| alike)?\)?",
        "",
    ),
    _turn(
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
    _turn(rf"\b(?:{_ELSE}['’]s?|other people['’]s) (?=(?:[\w-]+ ){{0,3}}{_WORK}\b)", "not my "),
    _turn(
        r"(?:\b(?:that|which|who) )?(?:\b(?:is|are|was|were|has been|have been) )?"
        rf"\b(?:owned by|assigned to|held by|handled by|kept by|run by|managed by|belongs? to|belonging to) {_ELSE}\b",
        "that are not mine",
    ),
    _turn(rf"\b({_WORK}) of {_ELSE}", r"\1 that are not mine"),
    _turn(rf"\b(notes?|calls?|mails?|e-?mails?) (?:(?:written|logged|made|sent) )?by {_ELSE}", r"\1 not by me"),
]
#: Where somebody is not.
_PLACES = [
    _turn(rf"\bnot (?:being )?{_SEAT} in\b", "not in"),
    _turn(
        r",? ?\b(?:but )?(?:leave out|leaving out|skip|skipping|without|minus|excluding|exclude|except(?: for)?|ignore|"
        r"ignoring|drop|not) (?:whoever|anyone|anybody|everyone|everybody|those|the ones|all|all those|any|people) "
        rf"(?:(?:who|that|which) )?(?:(?:is|are) )?(?:(?:sits?|lives?|works|{_SEAT}) )?in\b",
        " but not in",
    ),
]
#: Days on which something begins or ends, and stretches told by those beside them.
_TIMES = [
    _turn(r"\bon or (?:after|later than)\b", "since"),
    _turn(r"\bon or (?:before|earlier than)\b", "until"),
    _turn(
        r"\b(?:starting|beginning|counting|going back|back) (?:with|from|on|at|to) (?=(?:the )?(?:\d|first\b))",
        "since ",
    ),
    _turn(
        r"\b(?:between|from) the (?:1st|first)(?: day)? (?:and|to|until|till|through) the (?:last|end)(?: day)? of "
        r"(?=(?:the|this|last|next|[a-z]))",
        "in ",
    ),
    _turn(r"\b(?:on )?the day (?:before|prior to) today\b", "yesterday"),
    _turn(r"\b(?:on )?the day (?:after|following) today\b", "tomorrow"),
    _turn(
        r"\bthe (week|month|quarter|year) (?:after|following) (?:this|the current|the present)(?: one)?\b", r"next \1"
    ),
    _turn(r"\bthe (week|month|quarter|year) (?:before|prior to|preceding) (?:this|the current)(?: one)?\b", r"last \1"),
    _turn(r"\bfrom the (?:very )?(?:beginning|start|outset) (?:until|till|to|up to) (?:now|today)\b", "so far"),
]
#: Fields that only one type of record has, asked of without it.
_TYPES = [
    _turn(
        r"^what (?:has|have) (?:its|their|an?|the) (?=(?:planned |expected )?clos(?:e|ing) date\b)",
        "which deals have a ",
    ),
    _turn(r"^what (?:has|have) (?:its|their|an?|the) (?=(?:due date|deadline)\b)", "which tasks have a "),
    _turn(
        r"\b((?:due|close|closing) date|deadline)s? (?:falls|lies|lands|comes|sits|fall|lie|land|come) "
        r"(?=(?:in|on|within|between|after|before|next|this|by)\b)",
        r"\1 is ",
    ),
    _turn(r"\b(via|through|over|off) (?:our|the)(?: own)? (?:web ?page|homepage|home page|web ?site)\b", r"\1 website"),
]
#: When something last happened to each, which is a field: “the last meeting” alone is one of all.
_LASTLY = [
    _turn(
        r"\b(?:whose|(?:where|(?:for|with) (?:which|whom)) (?:the|our|their)|(?<!meetings )with(?: a| the| their)?) "
        r"(?:last|latest|most recent) meeting(?: with (?:us|them))?(?: is| was| took place| happened| lies)? "
        r"(?=(?:before|after|more than|over|older|longer|less than|earlier|since)\b)",
        "whose last meeting date is ",
    ),
    _turn(
        r"\b((?:last|latest|most recent) (?:meeting date|contact|activity|conversation|touchpoint)(?: (?:is|was|are))?) "
        r"(?:older|longer) than ((?:\w+ ){1,2}?(?:days?|weeks?|months?|years?))(?: ago)?\b",
        r"\1 more than \2 ago",
    ),
    _turn(
        r"^who (?:all )?(?:attended|joined|was (?:there )?(?:at|in|present at)|were (?:at|in)|took part in|participated in) "
        r"(?=(?:the|our|my) (?:last|latest|most recent|previous|next)\b)",
        "which people were in ",
    ),
]
#: What was written down of a call or a letter is a note; the addresses people have are none.
_LETTERS = r"(?:e-?mails|mails|letters)"
_LOGGED = [
    _turn(
        rf"\b(calls|{_LETTERS}|meetings) ((?:did|have|has) [\w ]{{1,30}}?) (?:log(?:ged)?|note[d]?|record(?:ed)? by hand)\b",
        r"logged \1 \2 write",
    ),
    _turn(rf"\b(calls?|{_LETTERS}) (?:that (?:were |was |got )?|which (?:were |was )?)?logged\b", r"logged \1"),
    _turn(rf"\b(calls?|{_LETTERS}|meetings) ((?:i|we|[\w]+) logged)\b", r"logged \1 \2"),
    _turn(rf"\b(incoming|inbound|outgoing|outbound) (?!logged)({_LETTERS}|calls?)\b", r"\1 logged \2"),
    _turn(rf"\b({_LETTERS}) ((?:did|have|has) [\w ]{{1,25}}?) (?:send|sent)\b", r"outgoing logged \1 \2 write"),
    _turn(rf"\b({_LETTERS}) (?:did|have|has) (?:we|i) (?:receive|received|get|got)\b", r"incoming logged \1"),
    _turn(
        rf"\b({_LETTERS}) (?:we |i )?(sent|received)(?: by us)?\b",
        lambda m: f"{'outgoing' if m[2].lower() == 'sent' else 'incoming'} logged {m[1]}",
    ),
]
#: A next step is something to be done; periods that are compared are set against each other.
_TIME = (
    r"(?:q[1-4]|(?:this|last|next) (?:year|quarter|month|week)|january|february|march|april|may|june|july|august|"
    r"september|october|november|december)(?: \d{4})?"
)
_SET_AGAINST = [
    _turn(r"\b(with(?:out| no)) (?:an? |any |the )?next steps?\b", r"\1 open tasks"),
    _turn(
        rf"^(?:please )?compare (?:the |our )?({_TIME}) (?:and|with|to|against|vs\.?) ({_TIME})(?:'s)? ([^,;?.!]+)",
        r"\3 \1 vs \2",
    ),
    _turn(
        rf"^(?:please )?compare (?:the |our )?([^,;?.!]+?) (?:in |of |for |between |from )?({_TIME}) "
        rf"(?:and|with|to|against|vs\.?) (?:in |of |for |that of )?({_TIME})(?=\W*$)",
        r"\1 \2 vs \3",
    ),
]
#: What has passed is overdue; figures of deals by what they are of; where people came from.
_PLAIN = [
    _turn(r"\bwhose (stage|phase) (?:has |have |was |were |got )?(?:changed|moved)\b", r"that changed \1"),
    _turn(
        r"\b(?:with an?|with the|with their|closing on a|due on a) (?:(?:expected |planned )?clos(?:e|ing) |due )?"
        r"(?:date|deadline)(?: that| which)?(?: has| is| was| had)?(?: already| long)? (?:passed|past|gone|gone by|over|in the past)"
        r"(?: already| by now)?\b",
        "that are overdue",
    ),
    _turn(r"\baverage deal (age|probability|cycle)\b", r"average \1 of deals"),
    _turn(
        r"\b((?:leads?|contacts?|prospects?|people)) (?:from|off) (?:the|our) web ?(?:site|page)\b",
        r"\1 with source website",
    ),
]
#: What is empty, whoever left it so.
_EMPTY = [
    _turn(
        r"\b(?:date|day) (?:by which )?(?:it|they) (?:has|have|needs?|ought|is|are) to be done(?: by)?\b", "due date"
    ),
    _turn(
        rf"\b(?:where|for which|to which|on which) (?:nobody|no one|no-one|none of us|we never|we have not|they have not)"
        rf"(?: has| have| ever| yet)* {_FILLING} (?:an?|any|the) ({_FILLED})(?: yet| so far)?\b",
        r"without a \1",
    ),
    _turn(
        rf"\b(?:where|whose|with|that have|which have) (?:the |their |its |an? )?({_FILLED}) (?:field )?"
        r"(?:is |are |was |were |has been |have been )?(?:still |just |simply )?(?:left )?"
        r"(?:empty|blank|unset|vacant|not set|not filled in|not filled|not entered)\b",
        r"without a \1",
    ),
    _turn(
        rf"\b(?:where|whose) (?:the |their |its |an? )?({_FILLED}) (?:field )?(?:is|are|was|has been) "
        r"(?:already |also )?(?:filled in|filled|entered|set|given|recorded|known)\b(?! (?:to|by|as|on)\b)",
        r"with a \1",
    ),
    _turn(rf"\bwhere no ({_FILLED}) (?:is|was|has been) {_FILLING}\b", r"without a \1"),
]
#: Whom a question asks about, told in a sentence or heading of its own.
_TOPICS = [
    _turn(
        r"^(?:we|i|there) (?:have|had|are|agreed(?: on)?|got|made|noted|noted down|own|set up)"
        r" (?:some |several |a few |a number of |many )?(?!to\b|been\b)([^,;.?!]+)[,;.?!-]+ (?:and |so )?"
        r"(which|how many) of (?:them|those|these|that lot) ",
        r"\2 \1 ",
    ),
    _turn(
        r"^((?:[A-Z][\w-]+ )?(?:firms|companies|accounts|clients|businesses|organisations|organizations)"
        r"(?: in [\w ]{3,30})?): (?=[a-z])([^?.!]+)",
        r"\2 at \1",
    ),
    _turn(rf"^what ([^?.!]+)[?.!,;-]+ (?:list|show me|name|give me) (?:those|these) ({_RECORDS})\W*$", r"which \2 \1"),
    _turn(
        r"^what (are|have|do|did|were) (we|i) (?=(?:currently |now |still |actually |already )?"
        r"(?:been )?(?:negotiating|pitching|quoting|quoted|priced|bidding|chasing|pursuing|offering|offered)\b)",
        r"which deals \1 \2 ",
    ),
    _turn(
        r"\b(of|at|for|with|from|behind) the (?:account|company|firm|client|customer) "
        r"(?-i:((?:[A-Z][\w&.’'-]*)(?: [A-Z&][\w&.’'-]*)*))(?=\W*$)",
        r"\1 \2",
    ),
]
#: People whom we know somewhere are contacts; how many work there is another question.
_PEOPLE = [
    _turn(
        r"^who (?:has not|hasn['’]t|have not|haven['’]t|was not|wasn['’]t|has never|was never)(?: been)? "
        r"(contacted|called|reached|spoken to|talked to)\b",
        r"which contacts have we not \1",
    ),
    _turn(
        r"\bwho (?:all )?do we (?:already )?know (?:here )?(?:at|in|inside|within|from|over at) this "
        r"(?=(?:firm|company|account|client|customer|business)\b)",
        "which contacts are at this ",
    ),
    _turn(
        r"\b(?:employees|staff|personnel|workers|people) (?:of|at|from) ([^,?.!]+?) (?:that |who |which |whom )?"
        r"(?:we (?:have|know|keep|hold)|(?:are|is))(?: stored| saved| recorded| listed)?"
        r"(?: on file| on record| in the crm| in our system| in the system| here)?(?=\W*$)",
        r"contacts of \1",
    ),
    _turn(
        r"\bhow (?:do|can|could|would|should) (?:i|we) (?:best )?(?:reach|contact|get hold of|get in touch with|get) "
        r"([^,?.!]+?) (?:by|via|over|on|through) (?:the )?(phone|telephone|e-?mail|mail)\b",
        r"what is the \2 of \1",
    ),
    _turn(
        r"\b(?:through|via|from|by|over|on) (?:which|what) (?:channel|source|route|way|path) (?:did|have|had) (?:we|you) "
        r"(?:first |originally |ever )?(?:get to know|got to know|come across|meet|met|find|found|acquire|pick up|picked up"
        r"|hear of|heard of|come by) ",
        "what is the source of ",
    ),
]
#: Why something was lost, told in other clauses than “because”.
_REASONS = [
    _turn(
        r"\b(?:where|whose|with) (?:they|the customer|the client|we|the|a|as)? ?(?:gave|cited|named|put down|noted|recorded|wrote down|"
        r"stated) ['\"“‘]?(.+?)['\"”’]? as (?:the|their|a|our) (?:lost |loss )?reason\b",
        r"because of \1",
    ),
    _turn(
        r"\b(?:where|for which|whose) (?:the |their |our )?(?:lost |loss )?(?:reason|cause|explanation|grounds?)(?: given| noted| we noted| recorded)? "
        r"(?:was|is|were|being)(?: that)?\b",
        "because",
    ),
]
#: Anaphors of what the question named itself.
_THERE = [
    _turn(r"^(.*\b(?:at|with|for|of|in) (?-i:[A-Z])[^,:;?.!]* .*?) there(?=\W*$)", r"\1"),
    _turn(
        r"^((?-i:[A-Z])[\w&.’'-]*(?: (?-i:[A-Z])[\w&.’'-]*)* (?:deal|opportunity|opp|account|negotiation)): (.+?) there(?=\W*$)",
        r"\2 on the \1",
    ),
    _turn(r"\bgets? to (make the decision|decide|say yes|sign off)", r"\1"),
]
#: Said for whom, and of what anyway.
_SMALL = [
    _turn(
        r"\b((?:list|show|show me|give me|name|find|get me|pull up|display) )(?:every|each)(?: single)? "
        r"(?=objection|pain|requirement|decision|concern|competitor|commitment|reservation)",
        r"\1all ",
    ),
    _turn(r"\b(have|has) got (?=in\b|on\b|with\b|at\b|for\b)", r"\1 "),
    _turn(
        r"^(add up|sum|sum up|total|total up|tot up|calculate|work out|compute|tally up) "
        r"((?:(?!task|to-?do|remind|follow).)+?) for me\b",
        r"\1 \2",
    ),
    _turn(
        r"\bwhat (?:percentage |percent )?(?:chance|probability|likelihood|odds)(?: of winning)? (?:have|did|do|had) we "
        r"(?:put|give|given|place|placed|set|assign|assigned|attach|attached) (?:on|to)\b ?",
        "what is the probability of ",
    ),
    _turn(r"\bbecome (?:an account|a contact|a company|a record)(?: of ours| here| with us)?", "get added"),
    _turn(
        r"\b(all|any) (?:of )?(?:the |our )?business (?=(?:that|we|with|for|from|recorded|logged|here)\b)", r"\1 deals "
    ),
    _turn(r"\s*\((?:priority|prio):? (high|low|normal|medium)\)", r" with \1 priority"),
    _turn(
        r"(?<=\w)[,;:-]* (?:just|only)(?: need| want)? (?:the |their |its )?(?:place|city|town|names?|name of each)(?=\W*$)",
        "",
    ),
    _turn(r"(?<=\w)[,;:?.-]+ (?:just|only) (?:what|how) they are called(?=\W*$)", ""),
    _turn(r"(?<=\w)[?.!] (?:i )?(?:only|just) (?:need|want) the (?:place|city|town|names?)(?=\W*$)", "?"),
    _turn(
        r"(?<=\w)[,;?.!-]+ (?:i |we )?(?:would |do )?(?:need|want|like) (?:the (?:full|complete|whole|entire) list|all of them|"
        r"them all|the (?:whole )?lot|every one of them)(?: please)?(?=\W*$)",
        "?",
    ),
    _turn(
        r"(?<=\w)[,?.!;-]+ (?:and )?(?:what is it|if (?:we|you) have (?:one|it|any)|list them(?: please)?)(?=\W*$)", "?"
    ),
]
_TURNS = [
    *_SMALL[:1],
    *_TOPICS,
    *_AS_FIELD,
    *_UNIVERSAL,
    *_STATES,
    *_OTHERS,
    *_PLACES,
    *_TIMES,
    *_TYPES,
    *_LASTLY,
    *_LOGGED,
    *_SET_AGAINST,
    *_PLAIN,
    *_EMPTY,
    *_REASONS,
    *_PEOPLE,
    *_THERE,
    *_SMALL[1:],
]


def plain(text: Text) -> Text:
    """The text in plain words; the same one where nothing is turned."""
    if text.is_too_long:
        return text
    written = text.written
    for pattern, instead in _TURNS:
        written = pattern.sub(instead, written)
    return read(" ".join(written.split())) if written != text.written else text
