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
from chatbot.assistant.understanding.english_conditions import CONDITIONS, turn
from chatbot.assistant.understanding.tokens import Text, read

_RECORDS = (
    r"(?:deals?|opportunit(?:y|ies)|opps?|tasks?|to-?dos?|notes?|meetings?|calls?|contacts?|people|accounts?|"
    r"compan(?:y|ies)|clients?|customers?|firms?|objections?|insights?)"
)
_FIELD = (
    r"(?:source|industry|sector|job title|title|position|currency|stage|lifecycle|status|priority|lost reason|reason|"
    r"city|country|language)"
)
_FILLED = (
    r"(?:close date|closing date|due date|deadline|date|amount|value|owner|assignee|source|industry|title|job title|"
    r"e-?mail(?: address)?|phone(?: number)?|number|website|address|city|country|reason|probability|currency|company)"
)
_FILLING = r"(?:entered|set|put|put down|put in|gave|given|added|noted|recorded|filled in|assigned|typed in|specified)"


#: A value and whose field it is: “with webinar as their source”, “with me as the owner”.
_AS_FIELD = [
    turn(r"\bwith ([\w&'’-]+(?: [\w&'’-]+){0,2}) as (?:the |its |their |his |her |an? )?owner\b", r"owned by \1"),
    turn(
        rf"\bwith (?!no\b)([\w&'’-]+(?: [\w&'’-]+){{0,3}}) as (?:the |its |their |his |her |an? )?({_FIELD})\b",
        r"with \2 \1",
    ),
]
#: Fields that only one type of record has, asked of without it.
_TYPES = [
    turn(
        r"^what (?:has|have) (?:its|their|an?|the) (?=(?:planned |expected )?clos(?:e|ing) date\b)",
        "which deals have a ",
    ),
    turn(r"^what (?:has|have) (?:its|their|an?|the) (?=(?:due date|deadline)\b)", "which tasks have a "),
    turn(
        r"\b((?:due|close|closing) date|deadline)s? (?:falls|lies|lands|comes|sits|fall|lie|land|come) "
        r"(?=(?:in|on|within|between|after|before|next|this|by)\b)",
        r"\1 is ",
    ),
    turn(r"\b(via|through|over|off) (?:our|the)(?: own)? (?:web ?page|homepage|home page|web ?site)\b", r"\1 website"),
]
#: What there is most of, where the most of it is the highest.
_MOST = [
    turn(
        r"\b(?:brings?|generates?|makes?|produces?|yields?|delivers?|earns?)(?: us| in| us in)? "
        r"(?=(?:the )?(?:most|highest|least|lowest|largest|biggest) \w)",
        "has ",
    ),
    turn(r"\bmost (?=(?:won )?(?:revenue|turnover|income)\b)", "highest "),
    turn(r"\bleast (?=(?:won )?(?:revenue|turnover|income)\b)", "lowest "),
]
#: What was written down of a call or a letter is a note; the addresses people have are none.
_LETTERS = r"(?:e-?mails|mails|letters)"
_LOGGED = [
    turn(
        rf"\b(calls|{_LETTERS}|meetings) ((?:did|have|has) [\w ]{{1,30}}?) (?:log(?:ged)?|note[d]?|record(?:ed)? by hand)\b",
        r"logged \1 \2 write",
    ),
    turn(rf"\b(calls?|{_LETTERS}) (?:that (?:were |was |got )?|which (?:were |was )?)?logged\b", r"logged \1"),
    turn(rf"\b(calls?|{_LETTERS}|meetings) ((?:i|we|[\w]+) logged)\b", r"logged \1 \2"),
    turn(rf"\b(incoming|inbound|outgoing|outbound) (?!logged)({_LETTERS}|calls?)\b", r"\1 logged \2"),
    turn(rf"\b({_LETTERS}) ((?:did|have|has) [\w ]{{1,25}}?) (?:send|sent)\b", r"outgoing logged \1 \2 write"),
    turn(rf"\b({_LETTERS}) (?:did|have|has) (?:we|i) (?:receive|received|get|got)\b", r"incoming logged \1"),
    turn(
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
    turn(r"\b(with(?:out| no)) (?:an? |any |the )?next steps?\b", r"\1 open tasks"),
    turn(
        rf"^(?:please )?compare (?:the |our )?({_TIME}) (?:and|with|to|against|vs\.?) ({_TIME})(?:'s)? ([^,;?.!]+)",
        r"\3 \1 vs \2",
    ),
    turn(
        rf"^(?:please )?compare (?:the |our )?([^,;?.!]+?) (?:in |of |for |between |from )?({_TIME}) "
        rf"(?:and|with|to|against|vs\.?) (?:in |of |for |that of )?({_TIME})(?=\W*$)",
        r"\1 \2 vs \3",
    ),
]
#: What has passed is overdue; figures of deals by what they are of; where people came from.
_PLAIN = [
    turn(r"\bwhose (stage|phase) (?:has |have |was |were |got )?(?:changed|moved)\b", r"that changed \1"),
    turn(
        r"\b(?:with an?|with the|with their|closing on a|due on a) (?:(?:expected |planned )?clos(?:e|ing) |due )?"
        r"(?:date|deadline)(?: that| which)?(?: has| is| was| had)?(?: already| long)? (?:passed|past|gone|gone by|over|in the past)"
        r"(?: already| by now)?\b",
        "that are overdue",
    ),
    turn(r"\baverage deal (age|probability|cycle)\b", r"average \1 of deals"),
    turn(
        r"\b((?:leads?|contacts?|prospects?|people)) (?:from|off) (?:the|our) web ?(?:site|page)\b",
        r"\1 with source website",
    ),
]
#: What is empty, whoever left it so.
_EMPTY = [
    turn(r"\b(?:date|day) (?:by which )?(?:it|they) (?:has|have|needs?|ought|is|are) to be done(?: by)?\b", "due date"),
    turn(
        rf"\b(?:where|for which|to which|on which) (?:nobody|no one|no-one|none of us|we never|we have not|they have not)"
        rf"(?: has| have| ever| yet)* {_FILLING} (?:an?|any|the) ({_FILLED})(?: yet| so far)?\b",
        r"without a \1",
    ),
    turn(
        rf"\b(?:where|whose|with|that have|which have) (?:the |their |its |an? )?({_FILLED}) (?:field )?"
        r"(?:is |are |was |were |has been |have been )?(?:still |just |simply )?(?:left )?"
        r"(?:empty|blank|unset|vacant|not set|not filled in|not filled|not entered)\b",
        r"without a \1",
    ),
    turn(
        rf"\b(?:where|whose) (?:the |their |its |an? )?({_FILLED}) (?:field )?(?:is|are|was|has been) "
        r"(?:already |also )?(?:filled in|filled|entered|set|given|recorded|known)\b(?! (?:to|by|as|on)\b)",
        r"with a \1",
    ),
    turn(rf"\bwhere no ({_FILLED}) (?:is|was|has been) {_FILLING}\b", r"without a \1"),
]
#: Whom a question asks about, told in a sentence or heading of its own.
_TOPICS = [
    turn(
        r"^(?:we|i|there) (?:have|had|are|agreed(?: on)?|got|made|noted|noted down|own|set up)"
        r" (?:some |several |a few |a number of |many )?(?!to\b|been\b)([^,;.?!]+)[,;.?!-]+ (?:and |so )?"
        r"(which|how many) of (?:them|those|these|that lot) ",
        r"\2 \1 ",
    ),
    turn(
        r"^((?:[A-Z][\w-]+ )?(?:firms|companies|accounts|clients|businesses|organisations|organizations)"
        r"(?: in [\w ]{3,30})?): (?=[a-z])([^?.!]+)",
        r"\2 at \1",
    ),
    turn(rf"^what ([^?.!]+)[?.!,;-]+ (?:list|show me|name|give me) (?:those|these) ({_RECORDS})\W*$", r"which \2 \1"),
    turn(
        r"^what (are|have|do|did|were) (we|i) (?=(?:currently |now |still |actually |already )?"
        r"(?:been )?(?:negotiating|pitching|quoting|quoted|priced|bidding|chasing|pursuing|offering|offered)\b)",
        r"which deals \1 \2 ",
    ),
    turn(
        r"\b(of|at|for|with|from|behind) the (?:account|company|firm|client|customer) "
        r"(?-i:((?:[A-Z][\w&.’'-]*)(?: [A-Z&][\w&.’'-]*)*))(?=\W*$)",
        r"\1 \2",
    ),
]
#: People whom we know somewhere are contacts; how many work there is another question.
_PEOPLE = [
    turn(
        r"^who (?:has not|hasn['’]t|have not|haven['’]t|was not|wasn['’]t|has never|was never)(?: been)? "
        r"(contacted|called|reached|spoken to|talked to)\b",
        r"which contacts have we not \1",
    ),
    turn(
        r"\bwho (?:all )?do we (?:already )?know (?:here )?(?:at|in|inside|within|from|over at) this "
        r"(?=(?:firm|company|account|client|customer|business)\b)",
        "which contacts are at this ",
    ),
    turn(
        r"\b(?:employees|staff|personnel|workers|people) (?:of|at|from) ([^,?.!]+?) (?:that |who |which |whom )?"
        r"(?:we (?:have|know|keep|hold)|(?:are|is))(?: stored| saved| recorded| listed)?"
        r"(?: on file| on record| in the crm| in our system| in the system| here)?(?=\W*$)",
        r"contacts of \1",
    ),
    turn(
        r"\bhow (?:do|can|could|would|should) (?:i|we) (?:best )?(?:reach|contact|get hold of|get in touch with|get) "
        r"([^,?.!]+?) (?:by|via|over|on|through) (?:the )?(phone|telephone|e-?mail|mail)\b",
        r"what is the \2 of \1",
    ),
    turn(
        r"\b(?:through|via|from|by|over|on) (?:which|what) (?:channel|source|route|way|path) (?:did|have|had) (?:we|you) "
        r"(?:first |originally |ever )?(?:get to know|got to know|come across|meet|met|find|found|acquire|pick up|picked up"
        r"|hear of|heard of|come by) ",
        "what is the source of ",
    ),
]
#: Why something was lost, told in other clauses than “because”.
_REASONS = [
    turn(
        r"\b(?:where|whose|with) (?:they|the customer|the client|we|the|a|as)? ?(?:gave|cited|named|put down|noted|recorded|wrote down|"
        r"stated) ['\"“‘]?(.+?)['\"”’]? as (?:the|their|a|our) (?:lost |loss )?reason\b",
        r"because of \1",
    ),
    turn(
        r"\b(?:where|for which|whose) (?:the |their |our )?(?:lost |loss )?(?:reason|cause|explanation|grounds?)(?: given| noted| we noted| recorded)? "
        r"(?:was|is|were|being)(?: that)?\b",
        "because",
    ),
]
#: Anaphors of what the question named itself.
_THERE = [
    turn(r"^(.*\b(?:at|with|for|of|in) (?-i:[A-Z])[^,:;?.!]* .*?) there(?=\W*$)", r"\1"),
    turn(
        r"^((?-i:[A-Z])[\w&.’'-]*(?: (?-i:[A-Z])[\w&.’'-]*)* (?:deal|opportunity|opp|account|negotiation)): (.+?) there(?=\W*$)",
        r"\2 on the \1",
    ),
    turn(r"\bgets? to (make the decision|decide|say yes|sign off)", r"\1"),
]
#: Said for whom, and of what anyway.
_SMALL = [
    turn(
        r"\b((?:list|show|show me|give me|name|find|get me|pull up|display) )(?:every|each)(?: single)? "
        r"(?=objection|pain|requirement|decision|concern|competitor|commitment|reservation)",
        r"\1all ",
    ),
    turn(r"\b(have|has) got (?=in\b|on\b|with\b|at\b|for\b)", r"\1 "),
    turn(
        r"^(add up|sum|sum up|total|total up|tot up|calculate|work out|compute|tally up) "
        r"((?:(?!task|to-?do|remind|follow).)+?) for me\b",
        r"\1 \2",
    ),
    turn(
        r"\bwhat (?:percentage |percent )?(?:chance|probability|likelihood|odds)(?: of winning)? (?:have|did|do|had) we "
        r"(?:put|give|given|place|placed|set|assign|assigned|attach|attached) (?:on|to)\b ?",
        "what is the probability of ",
    ),
    turn(r"\bbecome (?:an account|a contact|a company|a record)(?: of ours| here| with us)?", "get added"),
    turn(
        r"\b(all|any) (?:of )?(?:the |our )?business (?=(?:that|we|with|for|from|recorded|logged|here)\b)", r"\1 deals "
    ),
    turn(r"\s*\((?:priority|prio):? (high|low|normal|medium)\)", r" with \1 priority"),
    turn(
        r"(?<=\w)[,;:-]* (?:just|only)(?: need| want)? (?:the |their |its )?(?:place|city|town|names?|name of each)(?=\W*$)",
        "",
    ),
    turn(r"(?<=\w)[,;:?.-]+ (?:just|only) (?:what|how) they are called(?=\W*$)", ""),
    turn(r"(?<=\w)[?.!] (?:i )?(?:only|just) (?:need|want) the (?:place|city|town|names?)(?=\W*$)", "?"),
    turn(
        r"(?<=\w)[,;?.!-]+ (?:i |we )?(?:would |do )?(?:need|want|like) (?:the (?:full|complete|whole|entire) list|all of them|"
        r"them all|the (?:whole )?lot|every one of them)(?: please)?(?=\W*$)",
        "?",
    ),
    turn(
        r"(?<=\w)[,?.!;-]+ (?:and )?(?:what is it|if (?:we|you) have (?:one|it|any)|list them(?: please)?)(?=\W*$)", "?"
    ),
]
_TURNS = [
    *_SMALL[:1],
    *_TOPICS,
    *_AS_FIELD,
    *CONDITIONS,
    *_TYPES,
    *_MOST,
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
