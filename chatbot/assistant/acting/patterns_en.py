"""Commands in English: what people write when they want something done in a CRM."""

from __future__ import annotations

from chatbot.assistant.acting.delays import LENGTH

_NEW = r"(?:create|add|make|set\s+up|insert|enter)"
_A = r"(?:\s+(?:me|us))?(?:\s+(?:a|an|the|another|one|some))?(?:\s+(?:new|quick|short|small))*"
_PRIO = r"(?:\s+(?P<priority>(?:high|low|normal)[\s-]+prio(?:rity)?|urgent|important))?"
_TASK = r"(?:task|to-?do|reminder|action\s+item)"
_THE_TASK = r"(?:(?:the|my|this|that|our)\s+)?(?:task|to-?do|reminder)"
_NOTE = r"(?:notes?|memo|comment|remark)"
_SEP = r"\s*(?::|—|–|\s-\s|,?\s+(?:that|saying|stating|reading)\b:?)\s*"
_WHY = (
    r"(?:(?:\s*[,;:–—-]?\s*(?:because(?:\s+of)?|since|due\s+to|as\s+(?=they|he|she|we|it|the)|(?:the\s+)?reason(?:"
    r"\s+is|\s+was)?:?|"
    r"after|:)\s*|\s*[,;–—]\s+)(?P<why>.+))?$"
)
_CONTACT = r"(?:contact|person|lead)"
_COMPANY = r"(?:company|account|organi[sz]ation|firm|customer|client)"
_CALL = r"(?P<kind>phone\s+call|video\s+call|call|phone|e-?mail|mail|meeting|visit|chat|conversation|talk|lunch|demo)"
_FIELD = (
    r"(?P<field>(?:(?:e-?mail|mail)(?:\s+address)?|(?:mobile\s+|tele)?phone(?:\s+number)?|mobile|number|job"
    r"\s+title|title|"
    r"position|role|(?:lead\s+)?source|first\s+name|last\s+name|surname|name|company|employer|lifecycle(?:\s+stage)?|owner|account"
    r"\s+owner|"
    r"deal\s+owner|assignee|amount|value|deal\s+value|deal\s+size|size|price|volume|(?:expected\s+)?clos"
    r"(?:e|ing)\s+date|"
    r"expected\s+close|due\s+date|deadline|due|priority|probability|stage|status|website|web"
    r"\s*site|url|domain|industry|"
    r"sector|city|town|location|country|employees|headcount|number\s+of\s+employees))"
)

_LATER = r"(?:postpone|push|delay|shift|defer|move|put\s+off|extend|reschedule|bring|pull)"
_AWAY = r"(?:(?:back|out|off|forward|ahead|up|later|earlier)\s+)?"
_BY = rf"(?:by\s+)?(?P<length>{LENGTH})(?:\s+(?:later|earlier|sooner|back|out|forward|ahead))?$"
_CHANGE = r"(?:change|set|update|correct|edit|adjust|fix|put|raise|lower|increase|reduce|bump|move|push|make)"
_SHIFTED_FIELD = r"(?P<field>(?:expected\s+)?clos(?:e|ing)(?:\s+date)?|due\s+date|deadline|date)"

#: intent → how it is told, tried from top to bottom. The named groups are the pieces of `grammar.Reading`.
PATTERNS: tuple[tuple[str, str], ...] = (
    # what no tool does
    (
        "bulk",
        r"(?:complete|finish|close|mark|move|assign|change|update|set|reopen|push|postpone|mark)\s+"
        r"(?:all|every|each|any)\b.*",
    ),
    ("delete", r"(?:empty|truncate|clear)\s+(?:the|all|every|table|our|my)\b.*"),
    (
        "delete",
        r"drop\s+(?:(?:the|all|every|our|my)\s+)*(?:\w+\s+)?(?:tables?|databases?|data|records?|everything)\b.*",
    ),
    ("delete", r"(?:delete|remove|erase|wipe|purge|destroy|get\s+rid\s+of|archive|merge)\s+.+"),
    (
        "send",
        r"(?:send|shoot|fire\s+off)\s+(?:(?P<who>[^,:]+?)\s+)?(?:a|an|the)\s+(?:quick\s+|short\s+)?"
        r"(?:e-?mail|mail|message|reply)\b(?:\s+to\s+(?P<whom>.+?))?"
        r"(?:\s+(?P<about>(?:about|regarding|saying|on|re|asking)\b.*))?$",
    ),
    (
        "send",
        r"(?:e-?mail|mail|message|text|write\s+to)\s+(?P<who>(?-i:[A-ZÀ-Þ])[^,:]*?)"
        r"(?:\s+(?P<about>(?:about|regarding|saying|asking|that)\b.*))?$",
    ),
    ("undo", r"(?:undo|revert|take\s+(?:that|it|this)\s+back)(?:\s+(?:that|it|this|(?:the\s+)?last\s+\w+))?$"),
    ("call", r"(?:call|phone|ring)\s+(?P<who>(?-i:[A-ZÀ-Þ]).+)"),
    # tasks
    (
        "create_task",
        r"remind\s+(?P<whom>me|us|(?-i:[A-Z])[\w'’-]+)\b(?:\s+(?P<when>(?!to\b|about\b|that\b|of\b).{1,60}?))?,?"
        r"\s+(?:to|about|that|of)\s+(?P<rest>.+)",
    ),
    ("create_task", rf"{_NEW}{_A}{_PRIO}\s+{_TASK}\b(?!\s+(?:called\s+)?(?:as\s+)?(?:done|complete))\s*(?P<rest>.*)"),
    ("create_task", r"(?:new\s+)?(?:task|to-?do|reminder)\s*:\s*(?P<rest>.+)"),
    ("create_task", r"(?:new\s+)?(?:task|to-?do|reminder)\s+(?P<rest>for\s+[^:]{2,60}:.+)"),
    ("create_task", r"to-?do\s+(?!lists?\b|items?\b|for\b|today\b|this\b|on\b|in\b|with\b)(?P<rest>.+)"),
    ("create_task", r"new\s+(?:task|to-?do|reminder)\s+(?P<rest>(?:to|for|called|named)\s.+)"),
    (
        "create_task",
        r"(?:don['’]t\s+let\s+me\s+forget|(?:i\s+)?(?:must|need\s+to|have\s+to)\s+remember)\s+to\s+(?P<rest>.+)",
    ),
    ("create_task", r"don['’]t\s+let\s+me\s+forget\s+(?:about\s+)?(?P<rest>.+)"),
    ("create_task", r"(?:add|put)\s+(?P<rest>.+?)\s+(?:to|on|onto)\s+(?:my|the)\s+(?:task|to-?do)\s*(?:s|list)$"),
    (
        "complete_task",
        rf"(?:complete|finish|close|tick\s+off|check\s+off|resolve)\s+(?:off\s+)?(?P<task>{_THE_TASK}\b.*)",
    ),
    ("complete_task", r"(?:mark|set|flag)\s+(?P<task>.+?)\s+(?:as\s+|to\s+)?(?:done|complete|completed|finished)$"),
    ("perhaps_complete", r"(?:complete|finish|tick\s+off|check\s+off)\s+(?P<task>.+)"),
    ("reopen_task", rf"(?:reopen|re-open|uncomplete)\s+(?P<task>{_THE_TASK}\b.*)"),
    ("reopen_task", r"(?:mark|set)\s+(?P<task>.+?)\s+(?:as\s+|to\s+)?(?:not\s+done|undone|open(?:\s+again)?)$"),
    (
        "shift",
        rf"{_LATER}\s+{_AWAY}(?:the\s+|its\s+)?{_SHIFTED_FIELD}\s+(?:of|for|on)\s+(?P<record>.+?)\s+{_AWAY}{_BY}",
    ),
    ("shift", rf"{_LATER}\s+{_AWAY}(?P<record>.+?)['’]s?\s+{_SHIFTED_FIELD}\s+{_AWAY}{_BY}"),
    ("shift", rf"{_LATER}\s+{_AWAY}(?:the\s+|its\s+)?{_SHIFTED_FIELD}\s+{_AWAY}{_BY}"),
    ("shift", rf"{_LATER}\s+{_AWAY}(?P<record>.+?)\s+{_AWAY}{_BY}"),
    (
        "move_task",
        rf"(?:move|postpone|push|reschedule|delay|shift|defer)\s+(?:back\s+)?(?P<task>{_THE_TASK}\b.*?)"
        r"\s+(?:back\s+)?(?:to|until|till|by|for)\s+(?P<when>.+)",
    ),
    ("move_task", r"(?:postpone|reschedule|delay|defer)\s+(?P<task>.+?)\s+(?:to|until|till|by)\s+(?P<when>.+)"),
    ("assign", r"make\s+(?P<who>.+?)\s+(?:the\s+|its\s+)?(?:new\s+)?(?:owner|assignee)\s+(?:of|for)\s+(?P<record>.+)"),
    (
        "set_field",
        r"(?:set|mark|flag|make)\s+(?P<record>.+?)\s+(?:to\s+|as\s+)?(?P<value>high|low|normal|urgent|medium)[\s-]+"
        r"(?P<field>priority)$",
    ),
    ("assign", r"(?:re)?assign\s+(?P<record>.+?)\s+to\s+(?P<who>.+)"),
    (
        "assign",
        rf"(?:give|hand(?:\s+over)?|pass)\s+(?P<record>{_THE_TASK}\b.*?|(?:the|my|this|that)\s+.*?\bdeal\b.*?)"
        rf"\s+to\s+(?P<who>.+)",
    ),
    ("rename", r"rename\s+(?P<record>.+?)\s+(?:to|as|into)\s+(?P<value>.+)"),
    # notes
    (
        "create_note",
        rf"(?:{_NEW}|write|leave|take|save|put|jot\s+down|attach|post){_A}\s+{_NOTE}\b"
        rf"(?:\s+(?:to|on|for|about|at|under|in|against|with|regarding)\s+(?P<record>[^:]+?))?"
        rf"(?:{_SEP}(?P<body>.+))?$",
    ),
    ("create_note", r"(?:make\s+a\s+)?note\s+(?:to|on|for|about|at)\s+(?P<record>[^:]+?)\s*:\s*(?P<body>.+)"),
    ("create_note", r"(?:please\s+)?note(?:\s+down)?(?:\s+that|\s*:)\s*(?P<body>.+)"),
    ("create_note", r"(?:write|jot|put)\s+down(?:\s+that|\s*:)\s*(?P<body>.+)"),
    (
        "append_note",
        rf"(?:append|add)(?:\s+(?P<before>.+?))?\s+to\s+(?P<note>(?:the|my|this|that)\s+(?:\S+\s+){{0,6}}?note\b[^:]*?)"
        rf"(?:{_SEP}(?P<body>.+))?$",
    ),
    (
        "change_note",
        r"(?:change|replace|update|edit|rewrite)\s+(?P<note>(?:the|my|this|that)\s+(?:\S+\s+){0,6}?note\b[^:]*?)"
        r"\s*(?::|\bto\b|\bwith\b)\s*(?P<body>.+)",
    ),
    # activities
    (
        "log",
        rf"(?:log|record|register|enter|capture|track|document)(?:\s+"
        rf"(?:a|an|the|my|our|this|that|today['’]s|yesterday['’]s))?"
        rf"(?:\s+(?:quick|short|long))?\s+{_CALL}\s*(?:(?:with|to|from|at|by)\s+(?P<who>[^:]+?))?(?:{_SEP}"
        rf"(?P<body>.+))?$",
    ),
    (
        "log",
        r"(?:log|record|note)\s+(?:down\s+)?that\s+(?:i|we)\s+(?:(?:just|have|had|talked|spoke)\s+)*"
        r"(?P<kind>called|phoned|e-?mailed|met|visited|to|with)\s+(?:with\s+|up\s+with\s+)?(?P<who>(?-i:[A-ZÀ-Þ])[^:;]*?)"
        rf"(?:(?:{_SEP}|\s*;\s*)(?P<body>.+))?$",
    ),
    # follow-ups
    (
        "follow_up",
        r"(?:schedule|plan|set(?:\s+up)?|create|add|arrange|make|book)(?:\s+(?:me|a|an|the|another))*\s+"
        r"follow[\s-]?up(?:\s+(?:call|meeting|task|e-?mail|reminder))?\b\s*(?P<rest>.*)",
    ),
    ("follow_up", r"follow[\s-]?up\s+(?P<rest>(?:with|on)\s.+)"),
    (
        "appointment",
        r"(?:schedule|plan|arrange|book|set\s+up)(?:\s+(?:a|an|the|another))?(?:\s+(?:short|quick|next))?\s+"
        r"(?P<kind>(?:phone\s+|video\s+)?call|meeting|demo|visit|lunch|chat|workshop|review)\b\s*(?P<rest>.+)",
    ),
    # e-mails
    (
        "draft",
        r"(?:write|draft|compose)\s+(?P<whom>(?-i:[A-ZÀ-Þ])[^,:]*?|him|her|them)\s+an?(?:\s+(?:short|quick|polite|friendly|nice|"
        r"brief|formal))*\s+(?:e-?mail|mail|message|reply|letter)\b\s*(?P<rest>.*)",
    ),
    (
        "draft",
        r"(?:draft|compose|prepare|write|formulate)(?:\s+(?:me|us))?(?:\s+(?:a|an|the))?"
        r"(?:\s+(?:short|quick|polite|friendly|nice|brief|formal))*\s+(?:e-?mail|mail|message|reply|letter)\b"
        r"(?:\s+draft)?\s*(?P<rest>.*)",
    ),
    # deals
    (
        "close_deal",
        rf"(?:mark|set|flag|close|declare)\s+(?:as\s+)?(?:closed?[\s-]+)?(?P<outcome>won|lost){_WHY}",
    ),
    (
        "close_deal",
        rf"(?:mark|set|flag|close|declare|move|change|put|update)\s+(?P<deal>.+?)\s+(?:as\s+|to\s+)?"
        rf"(?:closed?[\s-]+)?(?P<outcome>won|lost|win|loss){_WHY}",
    ),
    ("close_which", r"close\s+(?P<deal>(?:(?:the|my|this|that|our)\s+)?(?:.+\s+)?deal\b.*)"),
    ("reopen_deal", r"(?:reopen|re-open)\s+(?P<deal>.+)"),
    (
        "move_deal",
        rf"(?:change|set|update)\s+(?:the\s+)?(?:(?:deal|pipeline)\s+)?stage\s+(?:of|for|on)\s+(?P<deal>.+?)\s+to\s+"
        rf"(?P<stage>.+?)(?:\s+stage)?{_WHY}",
    ),
    (
        "set_field",
        rf"(?:change|set|update|correct|edit|adjust|fix|put)\s+(?P<record>.+?)(?:['’]s?)\s+{_FIELD}\s+"
        rf"(?:to|as|=|:)\s*(?P<value>.+)",
    ),
    (
        "set_field",
        rf"(?:change|set|update|correct|edit|adjust|fix|put|raise|lower|increase|reduce|move|push)\s+(?:the"
        rf"\s+)?{_FIELD}\s+"
        rf"(?:of|for|on|at|from)\s+(?P<record>.+?)\s+(?:to|as|=|:)\s*(?P<value>.+)",
    ),
    (
        "set_field",
        rf"(?:change|set|update|correct|edit)\s+(?P<record>(?:it|this|that)\b(?:\s+\w+)?|the\s+\S+)\s+{_FIELD}"
        rf"\s+(?:to|as|=|:)\s*(?P<value>.+)",
    ),
    (
        "set_field",
        rf"(?:change|set|update|correct|edit)\s+(?P<record>her|his|their|its)\s+{_FIELD}\s+(?:to|as|=|:)\s*(?P<value>.+)",
    ),
    (
        "state_field",
        rf"(?P<record>(?-i:[A-Z]).{{0,60}}?)['’]s?\s+(?:new\s+)?{_FIELD}\s+is\s+(?:now\s+)?(?P<value>[^?]*[\d@][^?]*)$",
    ),
    (
        "add_field",
        rf"add\s+(?:the\s+|a\s+|an\s+)?(?:(?:second|another|new|additional)\s+)?{_FIELD}\s+(?P<value>\S.*?)\s+"
        rf"(?:to|for)\s+(?P<record>.+)",
    ),
    (
        "add_field",
        r"add\s+(?P<value>\S*[\d@]\S*(?:\s+[\d()/-]+)*)\s+(?:as\s+(?:a\s+|an\s+)?(?:\w+\s+)?"
        r"(?P<field>e-?mail|phone|number|mobile)"
        r"(?:\s+(?:address|number))?\s+)?(?:to|for)\s+(?P<record>.+)",
    ),
    # what stands on the open page
    (
        "step_field",
        rf"(?P<up>raise|increase|bump|lower|reduce|decrease|cut)\s+(?:up\s+|down\s+)?(?:the\s+|its\s+)?{_FIELD}"
        r"(?:\s+(?:of|for|on)\s+(?P<record>.+?))?\s+(?:up\s+|down\s+)?by\s+(?P<value>.*\d.*)$",
    ),
    (
        "set_field",
        rf"{_CHANGE}\s+(?:up\s+|down\s+|out\s+)?(?:the\s+|its\s+|this\s+|a\s+)?(?:new\s+)?{_FIELD}\s+"
        r"(?:(?:up|down|out|back)\s+)?(?:to|as|at|=|:)\s*(?P<value>.+)",
    ),
    ("set_field", rf"(?:the\s+)?(?:new\s+)?{_FIELD}\s*(?::|=|\bis\s+now\b)\s*(?P<value>[^?]+)$"),
    (
        "assign",
        r"(?:give|hand(?:\s+over)?|pass)\s+(?P<record>(?:this|it|that)(?:\s+(?:one|deal|task|account|company|contact))?)"
        r"\s+(?:over\s+)?to\s+(?P<who>.+)",
    ),
    ("assign", r"make\s+(?P<who>(?-i:[A-ZÀ-Þ]).+?|me)\s+(?:the\s+|its\s+)?(?:new\s+)?(?:owner|assignee)$"),
    (
        "move_deal",
        rf"(?:move|push|advance)\s+(?:on\s+|back\s+|forward\s+)?(?:to|into)\s+(?:the\s+)?(?P<stage>.+?)"
        rf"(?:\s+(?:stage|column|phase))?{_WHY}",
    ),
    (
        "move_deal",
        rf"(?:move|push|put|advance|drag|shift|bring|progress|promote)\s+(?P<deal>.+?)\s+(?:back\s+|forward\s+|on\s+)?"
        rf"(?:to|into|in)\s+(?:the\s+)?(?P<stage>.+?)(?:\s+(?:stage|column|phase))?{_WHY}",
    ),
    # people and companies
    (
        "create_contact",
        rf"(?:{_NEW}|save|new)(?:\s+(?:a|an|the))?(?:\s+new)?\s+{_CONTACT}\b(?:\s+(?:named|called|for))?"
        rf"\s*[:,]?\s*(?P<rest>.*)",
    ),
    (
        "create_company",
        rf"(?:{_NEW}|save|new)(?:\s+(?:a|an|the))?(?:\s+new)?\s+{_COMPANY}\b(?:\s+(?:named|called))?\s*[:,]?\s*"
        rf"(?P<rest>.*)",
    ),
    (
        "create_contact",
        r"add\s+(?P<rest>.+?)\s+(?:as\s+(?:a\s+)?(?:new\s+)?contact|to\s+(?:the\s+|my\s+|our\s+)?"
        r"(?:contacts|crm))\b[:,]?\s*(?P<more>.*)",
    ),
    ("create_company", rf"add\s+(?P<rest>.+?)\s+as\s+(?:a\s+)?(?:new\s+)?{_COMPANY}$"),
    ("create_deal", rf"{_NEW}(?:\s+(?:a|an|the))?(?:\s+new)?\s+(?:deal|opportunity)\b.*"),
)
