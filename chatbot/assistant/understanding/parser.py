"""Items to a description of what is asked: clauses with their conditions, and what is wanted of them.

Read left to right. Words before a noun describe it (“Anna's open deals”); words behind describe the nearest record type
that can take them (“deals of companies in Berlin”: deals have no city). Nothing is matched by the shape of a sentence,
so a question in other words, or in another order, comes to the same description.

What could not be placed stays out of `used`: the plan's maker counts it, and distrusts the plan.
"""

from __future__ import annotations

from chatbot.assistant.types import RecordRef
from chatbot.assistant.understanding import concepts
from chatbot.assistant.understanding.choosing import Choosing
from chatbot.assistant.understanding.clauses import Clause, Cue
from chatbot.assistant.understanding.concepts import cmp
from chatbot.assistant.understanding.items import Item, Reading
from chatbot.assistant.understanding.sentence import EVERY, TOUCH, TURNOVER, Parse

_IMPLIED = (
    ("deal", frozenset(("won", "lost", "closing", "closed", "stale", "moved"))),
    ("task", frozenset(("due", "overdue", "done"))),
)

_DECIDED = frozenset(
    ("decided", "agreed", "decide", "agree", "agreed on", "agree on", "decide on", "decided on", "beschlossen",
     "entschieden", "vereinbart", "verabredet", "ausgemacht")
)  # fmt: skip
_PAST = frozenset(("did", "had", "was", "were", "hatten", "hatte", "war", "waren", "gab", "wurde", "wurden"))
_MUST = frozenset(("must", "should", "need", "needs", "ought", "supposed"))
_TO_FINISH = frozenset(("finish", "complete", "get done", "get finished", "get completed"))
_SUBJECTS = frozenset(("we", "i", "they", "wir", "ich", "to"))
#: Which meaning a word of several has, where nothing around it decides.
_PRIORITY = (
    "today", "news", "follow", "summary", "draft", "metric", "agg", "role", "move", "job", "noun", "ordinal", "sup",
    "unit", "group", "order", "dir", "several", "cmp", "state", "neg", "earn", "verb", "ask", "field", "me", "our",
    "deictic", "text", "smalltalk",
)  # fmt: skip


#: Fields that deals and people have of their company only.
_OF_COMPANIES = frozenset(("country", "city", "industry", "region", "employees"))


def parse(reading: Reading, page: RecordRef | None = None, *, of: str | None = None, is_open: bool = False) -> Parse:
    """What the items ask for; `of`: they go on about records of a type that need not be named again. `is_open`: the
    record is that of the page in front of the asker, rather than one talked about."""
    parser = _Parser(reading, page)
    parser.is_open = is_open
    if of is not None:
        parser.go_on(of)
    parser.run()
    if of is None and parser.implied is not None and parser.parse.unexplained():
        again = _Parser(reading, page)  # “tier not gold, more than 100 employees”: now it is known what is spoken of
        again.is_open = is_open
        again.parse.head = again.current = Clause(parser.implied)
        again.parse.clauses.append(again.parse.head)
        again.run()
        return parser.parse if again.parse.unexplained() else again.parse
    return parser.parse


class _Parser(Choosing):
    """Takes the items in turn, then settles what was left."""

    #: the type of records that nobody named, told by what is said of them
    implied: str | None = None

    def go_on(self, entity: str) -> None:
        self.parse.head = self.current = Clause(entity)
        self.parse.clauses.append(self.parse.head)
        self.parse.specials.add("fragment")

    def run(self) -> None:
        times = [item.data for item in self.items if item.kind == "time"]
        self.parse.units += dict.fromkeys(period.split for period in times if period.split)
        for i, item in enumerate(self.items):
            if i in self.taken:
                continue
            handler = getattr(self, f"_on_{item.kind}", None)
            if handler is not None:
                handler(i, item)
        self._imply_head()
        self._settle_afterthought()
        self._settle_loose()
        self._settle_jobs()
        self._settle_authors()
        self._settle_buyers()
        self._settle_weighted()
        self._settle_pointing()
        self._settle_what_must_be()
        self._rate_of_wins()
        told = _PAST - {"was"} if self.reading.language == "de" else _PAST  # “was” asks there
        if self.parse.head is not None and told & {token.word for token in self.reading.text.tokens}:
            for clause in (self.parse.head, *self.parse.clauses):
                clause.is_past = True

    def _settle_what_must_be(self) -> None:
        """“what must Bob finish by Friday”: what is to be done is due, and not done yet."""
        if not _MUST & {token.word for token in self.reading.text.tokens}:
            return
        for clause in (c for c in self.parse.clauses if c.entity == "task"):
            for cue in clause.cues:
                if cue.concept == "done" and 0 <= cue.at < len(self.words) and self.words[cue.at] in _TO_FINISH:
                    cue.concept = "due"

    def _on_word(self, i: int, item: Item) -> None:
        if self._is_of_page(i, item):
            self.parse.used.add(i)
            self.parse.deictic.add("them")
            if self._noun_ahead(i):
                self.points_at = i
            return
        if item.has("move") and self._leads_to_a_source(i):
            self.parse.used.add(i)
            return
        if self._is_decided(i):
            self._noun(i, "insight/decision")
            return
        kind, value = self._meaning(i, item)
        if kind is not None:
            getattr(self, f"_{kind}")(i, value)

    def _is_decided(self, i: int) -> bool:
        """“what was decided last week”: the decisions, unless it is asked about something that must be looked for."""
        if self.parse.head is not None or not self.parse.has("what", "list") or self.words[i] not in _DECIDED:
            return False
        rest = self.items[i + 1 :]
        return not any(item.kind == "unknown" or item.has("verb", "refer") for item in rest)

    def _meaning(self, i: int, item: Item) -> tuple[str | None, str]:
        """The part a word plays here."""
        kinds = {sense.kind for sense in item.senses}
        if "metric" in kinds and "verb" in kinds and self.parse.has("when", "which"):
            kinds.discard("metric")
        previous = self._previous(i)
        is_asked = i > 1 and self.items[i - 2].has("ask", "is")  # “how much did each rep win”
        is_every = self.parse.head is None and i > 0 and self.words[i - 1] in EVERY and not is_asked
        is_by = previous is not None and (self.items[previous].has("order") or self.items[previous].has("group"))
        if "field" in kinds and is_by and not is_every:
            return "field", item.sense("field") or ""
        if "noun" in kinds and "verb" in kinds and i and self.words[i - 1] in _SUBJECTS:
            return "verb", item.sense("verb") or ""
        if item.has("field", "due") and item.has("noun") and self.negation is not None and self._is_of_tasks():
            return "field", "due"  # “Aufgaben ohne Termin”
        is_touch = item.has("verb", "contact") and self.negation is not None and self.words[i] in ("kontakt", "contact")
        if is_touch and self.parse.head is not None and self.parse.head.entity == "contact":
            return "verb", "contact"  # „Kunden ohne Kontakt seit September“
        if "noun" in kinds and "field" in kinds:
            kind = self._noun_or_field(i)
            return kind, item.sense(kind) or ""
        for kind in _PRIORITY:
            if kind in kinds and self._fits(kind, i, item):
                return kind, item.sense(kind) or ""
        return None, ""

    def _fits(self, kind: str, i: int, item: Item) -> bool:
        """Whether a meaning is possible at this place."""
        if kind == "move":
            return self._is_move(i, item)
        if kind == "job":
            return self._is_job(i, item)
        if kind == "cmp" and item.has("verb", "refer"):
            following = self._next(i)
            return following is not None and self.items[following].kind in ("number", "time", "currency")
        if kind == "summary" and item.has("agg") and any(other.has("field", "amount") for other in self.items):
            return False
        if kind == "earn":
            return self._earns(i, item)
        if kind == "today" or kind == "news" or kind == "summary":
            return True
        if kind in ("ask", "verb") and item.has("ask", "list") and item.has("verb"):
            return (i == 0) is (kind == "ask")
        if kind == "text" and item.has("verb", "refer") and self._is_text(self.parse.head):
            return False
        if kind == "text":
            return not (item.has("verb", "raise") and self._has_insight()) or len(item.senses) == 1
        if kind == "follow" and item.has("cmp"):
            return not (i + 1 < len(self.items) and self.items[i + 1].kind == "number")  # “only one contact”
        if kind == "state" and item.has("verb", "own"):
            return self._is_running(i)
        return not (kind == "state" and item.has("verb", "closed") and self._is_active(i))

    def _is_of_tasks(self) -> bool:
        return self.current is not None and self.current.entity == "task"

    def _is_running(self, i: int) -> bool:
        """“running deals”, “deals that are running”; “deals Bob is running”, “who runs IT” tell whose something is."""
        previous, following = self._previous(i), self._next(i)
        if previous is not None:
            before = self.items[previous]
            is_somebody = before.has("me") or before.has("noun", "user") or before.has("ask", "who")
            is_somebody = is_somebody or (before.kind == "name" and "user" in before.data[0].by_type)
            is_possessed = before.has("me") and self._noun_ahead(i) and self.words[previous] not in ("i", "ich")
            if is_somebody and not is_possessed and not self.words[i - 1].startswith(("'", "’")):
                return False
        if any(self.items[j].has("ask", "who") for j in range(max(0, i - 2), i)):
            return False
        behind = self.items[i + 1] if i + 1 < len(self.items) else None
        if behind is not None and behind.has("link", "by"):
            return False
        return following is None or not (self.items[following].kind == "value" and self._is_a_job(i))

    @staticmethod
    def _is_text(head: Clause | None) -> bool:
        return head is not None and head.entity in ("note", "task", "meeting", "insight")

    def _imply_head(self) -> None:
        """What is won, lost or closing is deals, and what is due is tasks, though nobody says so."""
        parse = self.parse
        self._notes_of_people()
        if parse.head is not None or self._has_subject() or "agenda" in parse.specials or "news" in parse.specials:
            return
        if any(self.items[j].kind == "currency" for j in parse.loose) and self._wants_money():
            parse.asks.setdefault("how_much", 0)
        said = {cue.concept for cue in parse.cues} | {state for state, _ in parse.states}
        entity = next((entity for entity, words in _IMPLIED if said & words), None)
        if entity is None and "write" in said and parse.has("what", "list") and not parse.has("who"):
            entity = "note"  # “what has been noted down this week”
        if entity is None and any(s.concept == "soonest" for s in parse.superlatives) and parse.has("what", "exists"):
            entity = "task"
            parse.superlatives = []
            parse.cues.append(Cue(0, "due"))
        if entity is None and self._is_about_money():
            entity = "deal"
            parse.asks.setdefault("how_much", 0)
        if entity is None and parse.loose and self._is_turnover():
            entity, parse.metric = "deal", parse.metric or "won_amount"
        if entity is None and parse.distinct is not None:
            entity = next(
                (t for t in ("company", "contact", "deal", "task", "meeting") if _has(t, parse.distinct)), None
            )
        if entity is None and parse.bound is not None:
            entity = "deal" if parse.bound[1].is_money or parse.bound[1].is_scaled else None
        is_counted = bool(parse.asked) and parse.has("how_many")
        is_counted = is_counted or (parse.has("how_much") and any(map(concepts.custom_kind, parse.asked)))
        if entity is None and (parse.aggregates or parse.superlatives or parse.groups or is_counted):
            entity = self._type_of_fields()
        if entity is None and set(parse.asked) & {"close_date", "stage"} and parse.groups:
            entity = "deal"
        if entity is None and parse.loose and all(self._is_of_people(j) for j in parse.loose):
            entity = "contact"
        if entity is None and (entity := self._type_of_custom() or self._type_of_descriptions()) is None:
            return
        parse.head = self.current = Clause(entity)
        self.implied = entity
        parse.clauses.append(parse.head)
        for cue in parse.cues:
            if cue.concept in ("won", "lost") and entity == "deal":
                self._won_or_lost(cue.concept, cue.at, cue.negated)

    def _notes_of_people(self) -> None:
        """“everything colleagues noted down this month”: what was written, not who wrote it."""
        head = self.parse.head
        is_of_people = head is not None and head.entity == "user" and "write" in self.parse.specials
        if head is not None and is_of_people and not (head.nodes or head.children or self.parse.has("who", "which")):
            head.entity, head.item = "note", None

    def _wants_money(self) -> bool:
        """“what do we have in pounds”, “euros won, by country”."""
        parse = self.parse
        is_split = bool(parse.groups or parse.units) and not parse.has("how_many", "which", "who", "list")
        return parse.has("what") or is_split

    def _type_of_fields(self) -> str | None:
        """“total amount per currency”, “average number of employees”: what has all these fields."""
        parse = self.parse
        asked = [*parse.asked, *parse.groups, *(s.of_field for s in parse.superlatives if s.of_field)]
        if not asked and not parse.aggregates:
            return None
        types = ("deal", "company", "contact", "task", "meeting")
        if set(asked) <= _OF_COMPANIES:
            types = ("company", "deal", "contact", "task", "meeting")
        return next((t for t in types if all(_has(t, c) for c in asked)), None)

    def _is_about_money(self) -> bool:
        """“how much is in negotiation”, “what do we have open in pounds”: of deals, though nobody says so."""
        parse = self.parse
        loose = [self.items[i] for i in parse.loose]
        is_deal = any(i.kind == "currency" or (i.kind == "value" and i.data[0].entity == "deal") for i in loose)
        is_open = any(state in ("open", "won", "lost") for state, _ in parse.states)
        wants_money = parse.has("how_much", "worth") or "sum" in parse.aggregates
        return (is_deal and (wants_money or parse.has("what"))) or (is_open and wants_money)

    def _is_turnover(self) -> bool:
        """“how much revenue in October”: of what was won."""
        at = self.parse.asks.get("how_much")
        return at is not None and bool(TURNOVER & set(self.words[at].split()))

    def _is_of_people(self, i: int) -> bool:
        """A job title, or where contacts come from: “finance directors”, “finance directors in Germany”."""
        item = self.items[i]
        return (
            item.kind == "value"
            and any(v.entity in ("contact", "company") for v in item.data)
            and any(
                v.entity == "contact"
                for j in self.parse.loose
                for v in (self.items[j].data if self.items[j].kind == "value" else ())
            )
        )

    def _has_subject(self) -> bool:
        """A name that is not one of ours: then the question is about that record."""
        if self.parse.page is not None and self.parse.deictic:
            return True
        named = [self.items[i].data[0] for i in self.parse.loose if self.items[i].kind == "name"]
        return any(set(mention.by_type) - {"user"} for mention in named)

    def _rate_of_wins(self) -> None:
        """“what share of deals do we win”, “what percentage of Anna's deals were won”: the win rate."""
        parse = self.parse
        clause = parse.head
        if "share" not in parse.aggregates:
            return
        del parse.aggregates["share"]
        if clause is None or clause.entity != "deal" or "won" not in clause.states:
            if clause is not None and clause.entity == "deal" and "lost" in clause.states:
                parse.impossible.append("share")  # of all deals, or of those that ended?
            parse.specials.add("share")
            if parse.metric is None:
                parse.asks.setdefault("how_many", 0)
            return
        clause.states.remove("won")
        clause.nodes.remove(concepts.STATES["won"]["deal"])
        parse.metric = "win_rate"

    def _settle_strangers(self) -> None:
        """“how often did Trackwise come up as a competitor”: the insights whose text has the name."""
        clauses = [self.parse.head, *self.parse.clauses] if self.parse.head is not None else []
        insights = next((c for c in clauses if c is not None and c.entity == "insight"), None)
        if insights is None:
            return
        for i in self.strangers:
            insights.add(cmp("text", "contains", self.words_as_written(i)))
            self.parse.used.add(i)

    def words_as_written(self, i: int) -> str:
        return self.reading.words_of(self.items[i])

    def _settle_loose(self) -> None:
        """Descriptions that stood before any noun: now there is one, or they are the subject."""
        head = self.parse.head
        if head is not None and head.entity == "user" and "own" in self.parse.specials and self.parse.loose:
            self.parse.asks.setdefault("who", 0)
            self.parse.head = head = None
        if head is not None:
            times = concepts.TIMES.get(head.entity, {})
            early = [cue for cue in self.parse.cues if cue.concept in times or cue.concept in TOUCH]
            self.parse.cues = [cue for cue in self.parse.cues if cue not in early]
            known = {id(cue) for cue in head.cues}
            for cue in early:  # “did we win any deals”: said before there was a deal to say it of
                if cue.concept in ("won", "lost") and id(cue) not in known and cue.concept not in head.states:
                    self._won_or_lost(cue.concept, cue.at, cue.negated)
            head.cues = sorted([*head.cues, *[c for c in early if id(c) not in known]], key=lambda cue: cue.at)
        for i, negated in self.pending:
            self._attach(i, negated)
        self.pending = []
        self._settle_strangers()
        if self.origins and head is not None and head.entity == "contact":
            head.add(cmp("source", "contains", self.words_as_written(self.origins[0])))
        loose, self.parse.loose = self.parse.loose, []
        for i in loose:
            if self.parse.head is None:
                self.parse.loose.append(i)
            else:
                self.current = self.parse.head
                self._attach(i, i in self.loose_negations)


def _has(entity: str, concept: str) -> bool:
    return entity in concepts.FIELDS.get(concept, {}) or (entity, concept) in concepts.GROUPS
