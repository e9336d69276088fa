"""What stands beside the label of a field that a workspace defined: options, amounts, days, people, texts.

Tier | is not | Gold or Silver        more than | 50 | seats        Renewal date | before | March
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from collections.abc import Mapping, Sequence
from dataclasses import replace

from chatbot.assistant.understanding import names
from chatbot.assistant.understanding.bounding import BOUNDS, PHRASES
from chatbot.assistant.understanding.concepts import both, cmp
from chatbot.assistant.understanding.custom_texts import Found, Texts
from chatbot.assistant.understanding.custom_words import CustomWords, Defined
from chatbot.assistant.understanding.periods import Period
from chatbot.assistant.understanding.quantities import Quantity, counted_alike, plain, quantity_at
from chatbot.assistant.understanding.spans import Span
from chatbot.assistant.understanding.times import span_at
from chatbot.assistant.understanding.tokens import Text
from shared.models import workspace_of
from shared.query.dates import Calendar
from shared.query.plan import Node
from shared.tenancy import TenantSession

NOTS = ("not", "no", "without", "nicht", "ohne", "kein", "keine", "keinen", "keinem", "keiner", "never", "lacking")
_SMALL = frozenset(
    "is are was were be being equals = : of as ist sind war waren lautet als auf the a an der die das den dem one set "
    "marked in im von has value either entweder steht include includes enthalten enthalt umfassen umfasst".split()
)
_DATED = frozenset("on falls fall lies lie ends end due within im am liegt liegen fallt fallen endet innerhalb".split())
_OR, _AND = frozenset(("or", "oder", "/")), frozenset(("and", "und", "&"))
_EMPTY = (
    "empty", "blank", "missing", "unset", "unknown", "not set", "not filled", "not known", "leer", "nicht gesetzt",
    "fehlt", "unbekannt", "nicht bekannt",
)  # fmt: skip
_FILLED = ("set", "filled", "filled in", "known", "given", "gesetzt", "bekannt", "vorhanden", "ausgefullt")
#: Said right behind a label, these can be of nothing else: “renewal date empty”.
_MISSING = frozenset("empty blank missing unset leer fehlt".split())
_YES = frozenset("yes true on checked ticked ja wahr an angehakt aktiv".split())
_NO = frozenset("no false off unchecked unticked nein falsch aus".split())
_PAST = frozenset("overdue past over expired uberfallig abgelaufen vorbei".split())
_ME = frozenset("me i myself ich mir mich".split())
_BUT_NOT = (["but", "not"], ["and", "not"], ["aber", "nicht"], ["aber", "ohne"], ["und", "nicht"])
_OPS = {"gt", "gte", "lt", "lte", "eq"}

#: values by record type, the token behind them, whether they are joined by “and”
Chosen = tuple[list[Mapping[str, str]], int, bool]


class Comparing(Texts):
    """What a question compares its workspace's fields with. Tokens are counted as in its text."""

    def __init__(
        self, session: TenantSession, text: Text, words: CustomWords, calendar: Calendar, language: str
    ) -> None:
        super().__init__(text, language)
        self.session, self.words, self.calendar = session, words, calendar

    def compared(self, defined: Defined, first: int, last: int) -> Found | None:
        """The condition on a field whose label stands at these tokens: from where to where it goes, and the condition
        for each record type. None where the label stands alone."""
        start, negated = self._past_small(last, is_dated=defined.kind == "date")
        is_said = start > last or (start < len(self.said) and self.said[start] in _MISSING)
        if is_said and (state := self._state(start, negated=negated)) is not None:
            is_set, end = state
            return first, end, {t: cmp(n, "is", "set" if is_set else "null") for t, n in defined.fields.items()}
        way = {
            "choice": self._option, "choices": self._option, "tags": self._option, "number": self._number,
            "money": self._number, "date": self._day, "flag": self._flag, "person": self._person, "text": self._words,
        }[defined.kind]  # fmt: skip
        return way(defined, first, last, start, negated)

    def _past_small(self, at: int, *, is_dated: bool) -> tuple[int, bool]:
        """Behind “is”, “is not”, “of the”: where a value would begin, and whether it is denied."""
        negated = False
        while at < len(self.said):
            word = self.said[at]
            if word in NOTS and at + 1 < len(self.said) and self.said[at - 1] in _SMALL:
                negated = True
            elif self.said[at : at + 2] == ["other", "than"]:
                negated, at = True, at + 1
            elif not (word in _SMALL or (is_dated and word in _DATED)):
                break
            at += 1
        return at, negated

    def _state(self, at: int, *, negated: bool) -> tuple[bool, int] | None:
        for listed, is_set in ((_EMPTY, False), (_FILLED, True)):
            for phrase in sorted(listed, key=len, reverse=True):
                words = phrase.split()
                if self.said[at : at + len(words)] == words:
                    return is_set is not negated, at + len(words)
        return None

    # --- Options and tags

    def _option(self, defined: Defined, first: int, last: int, start: int, negated: bool) -> Found | None:
        if (chosen := self.chosen(defined, start)) is not None:
            values, end, is_both = chosen
            nodes = self.nodes_of(defined, values, negated=negated, is_both=is_both)
            return first, *self._but_not(defined, nodes, end)
        return self._option_before(defined, first, last)

    def _but_not(self, defined: Defined, nodes: dict[str, Node], end: int) -> tuple[int, dict[str, Node]]:
        """“Areas North but not South”: other options of the field that are denied."""
        at = end + (self.said[end : end + 1] == [","])
        denied = self.chosen(defined, at + 2) if self.said[at : at + 2] in _BUT_NOT else None
        if denied is None:
            return end, nodes
        without = self.nodes_of(defined, denied[0], negated=True, is_both=False)
        return denied[1], {t: both(node, without[t]) for t, node in nodes.items() if t in without}

    def _option_before(self, defined: Defined, first: int, last: int) -> Found | None:
        """“Gold tier”, “Gold or Silver tier”."""
        at, found = first, list[Mapping[str, str]]()
        while at > 0:
            begin = self._option_ending(defined, at)
            if begin is None:
                break
            found.insert(0, defined.options[tuple(self.said[begin:at])])
            at = begin
            if at < 2 or self.said[at - 1] not in _OR | {","} or self._option_ending(defined, at - 1) is None:
                break
            at -= 1
        if not found:
            return None
        return at, last, self.nodes_of(defined, found, negated=False, is_both=False)

    def _option_ending(self, defined: Defined, at: int) -> int | None:
        for length in range(min(self.words.longest, at), 0, -1):
            if tuple(self.said[at - length : at]) in defined.options:
                return at - length
        return None

    def end_of_options(self, defined: Defined, at: int) -> int:
        """The token behind the options that a label is compared with; where there are none, the one behind it."""
        found = self.chosen(defined, self._past_small(at, is_dated=False)[0]) if defined.options else None
        return found[1] if found is not None else at

    def begin_of_options(self, defined: Defined, at: int) -> int:
        """The first token of the options that stand before a label; where there are none, the label's."""
        found = self._option_before(defined, at, at) if defined.options else None
        return found[0] if found is not None else at

    def tag_ending(self, at: int) -> int | None:
        """Where a tag begins that ends before a token."""
        return self._option_ending(self.words.tagged, at)

    def chosen(self, defined: Defined, at: int) -> Chosen | None:
        """The options of a field that are listed from a token on."""
        found: list[Mapping[str, str]] = []
        is_both, last = False, at
        while (match := self.words.option_at(self.said, at, defined)) is not None:
            length, values = match
            found.append(values)
            last = at = at + length
            joins = 0
            while at + joins < len(self.said) and (self.said[at + joins] in _OR | _AND or self.said[at + joins] == ","):
                is_join = self.words.option_at(self.said, at + joins + 1, defined) is not None
                is_both = is_both or (self.said[at + joins] in _AND and is_join)
                joins += 1
            at += joins
            if not joins:
                break
        return (found, last, is_both) if found else None

    @staticmethod
    def nodes_of(
        defined: Defined, values: Sequence[Mapping[str, str]], *, negated: bool, is_both: bool
    ) -> dict[str, Node]:
        """Having one of the values, or all of them where a field holds several and “and” joins them."""
        nodes: dict[str, Node] = {}
        for type_, name in defined.fields.items():
            mine = [value[type_] for value in values if type_ in value]
            if len(mine) < len(values):
                continue
            if is_both and defined.kind in ("tags", "choices") and not negated:
                nodes[type_] = both(*(cmp(name, "in", value) for value in mine))
            elif len(mine) > 1:
                nodes[type_] = cmp(name, "not_in" if negated else "in", *dict.fromkeys(mine))
            else:
                nodes[type_] = cmp(name, "ne" if negated else "eq", *mine)
        return nodes

    # --- Numbers

    def _number(self, defined: Defined, first: int, last: int, start: int, negated: bool) -> Found | None:
        if negated:
            return None
        if (listed := self._one_of(start)) is not None:
            values, end = listed
            return first, end, {t: cmp(n, "in", *values) for t, n in defined.fields.items()}
        if (found := self._bounded(start)) is not None:
            bounds, end = found
            return self._with_numbers(defined, bounds, first, end)
        return self._number_before(defined, first, last)

    def _one_of(self, at: int) -> tuple[list[str], int] | None:
        """“12 or 24”, and no new phrase behind the “or”: the values, and the token behind them."""
        found: list[str] = []
        end = at
        while (number := self._quantity(at)) is not None and not number[0].unit:
            found.append(plain(number[0].value))
            at = end = number[1]
            if at >= len(self.said) or self.said[at] not in _OR | {","}:
                break
            at += 1
        return (found, end) if len(found) > 1 and self._operator(end)[0] == "" else None

    def _number_before(self, defined: Defined, first: int, last: int) -> Found | None:
        """“more than 50 seats”, “between 10 and 20 seats”."""
        for begin in range(max(0, first - 10), first):
            found = self._bounded(begin)
            if found is not None and found[1] == first:
                return self._with_numbers(defined, found[0], begin, last)
        return None

    def _bounded(self, at: int) -> tuple[list[tuple[str, Quantity]], int] | None:
        """A number with what it is compared by, from a token on: `[(op, number)]` and the token behind it."""
        op, at = self._operator(at)
        number = self._quantity(at)
        if number is None:
            return None
        quantity, end = number
        joint = self.said[end] if end < len(self.said) else ""
        second = self._quantity(end + 1) if joint in ("and", "und", "to", "bis") else self._dashed(end)
        if second is not None and (op == "between" or joint not in ("and", "und")):
            return [("gte", counted_alike(quantity, second[0])), ("lte", second[0])], second[1]
        if op == "between":
            return None
        behind, after = self._operator(end)
        if behind in ("ormore", "orless"):
            return [("gte" if behind == "ormore" else "lte", quantity)], after
        return [(op or "eq", quantity)], end

    def _dashed(self, end: int) -> tuple[Quantity, int] | None:
        """“50-100”: the second number, right behind a dash."""
        tokens = self.text.tokens
        gap = self.text.written[tokens[end - 1].end : tokens[end].start] if end < len(tokens) else ""
        return self._quantity(end) if gap.strip() in ("-", "–", "—") and gap else None

    def _operator(self, at: int) -> tuple[str, int]:
        """The comparison that begins at a token, and the token behind it."""
        if at >= len(self.said):
            return "", at
        match = self.own.at(self.said, at) or self.other.at(self.said, at)
        op = next((s.value for s in match.senses if s.kind == "cmp"), "") if match is not None else ""
        known = op in _OPS or op in ("between", "ormore", "orless")
        return (op, at + match.length) if match is not None and known else ("", at)

    def _quantity(self, at: int) -> tuple[Quantity, int] | None:
        found = quantity_at(self.text.tokens, at) if at < len(self.said) else None
        return (found[0], at + found[1]) if found is not None else None

    def _with_numbers(
        self, defined: Defined, bounds: list[tuple[str, Quantity]], first: int, last: int
    ) -> Found | None:
        units = {q.unit for _, q in bounds if q.unit}
        if units and not (defined.kind == "money" and units == {self._currency()}):
            return None  # amounts are compared as they stand: another currency is another question
        nodes = {t: both(*(cmp(n, op, plain(q.value)) for op, q in bounds)) for t, n in defined.fields.items()}
        return first, last, nodes

    def _currency(self) -> str:
        return workspace_of(self.session).currency

    # --- Days

    def _day(self, defined: Defined, first: int, last: int, start: int, negated: bool) -> Found | None:
        if start < len(self.said) and self.said[start] in _PAST and not negated:
            return first, start + 1, {t: cmp(n, "lt", "today") for t, n in defined.fields.items()}
        if start == last and first and self.said[first - 1] in _PAST:
            return first - 1, last, {t: cmp(n, "lt", "today") for t, n in defined.fields.items()}
        found = None if negated else self._period(start)
        if found is None:
            return None
        period, end = found
        today = self.calendar.today
        nodes = {t: both(*period.conditions(n, ahead=True, today=today)) for t, n in defined.fields.items()}
        return first, end, nodes

    def _period(self, at: int) -> tuple[Period, int] | None:
        """“before March”, “between 1 and 15 May”, “this quarter”, from a token on."""
        if at >= len(self.said):
            return None
        if self.said[at] in ("between", "zwischen", "from", "von", "vom") and (one := self._time(at + 1)) is not None:
            end = one[1]
            is_span = end < len(self.said) and self.said[end] in ("and", "und", "to", "until", "bis")
            if is_span and (other := self._time(end + 1)) is not None:
                return Period(one[0], "", other[0]), other[1]
        for length in (4, 3, 2, 1):
            phrase = self.said[at : at + length]
            side = PHRASES.get(" ".join(phrase)) or (BOUNDS.get(phrase[0]) if len(phrase) == length == 1 else None)
            if side is not None and (found := self._time(at + len(phrase))) is not None:
                return Period(found[0], side), found[1]
        if (past := self._so_long_ago(at)) is not None:
            return past
        found = self._time(at)
        return (Period(found[0]), found[1]) if found is not None else None

    def _so_long_ago(self, at: int) -> tuple[Period, int] | None:
        """“older than 30 days”, “more than 2 months ago”; a length that may as well lie ahead is none."""
        match = self.own.at(self.said, at) or self.other.at(self.said, at)
        how = next((s.value for s in match.senses if s.kind == "cmp"), "") if match is not None else ""
        found = span_at(self.text.tokens, at + match.length, self.calendar) if match is not None and how else None
        if match is None or found is None or not (found[0].is_ago or how in ("older", "younger")):
            return None
        is_before = how in ("older", "gt", "gte")
        side = "before" if is_before else "since" if found[0].is_ago else ""
        return Period(replace(found[0], is_ago=False, is_bare=False), side), at + match.length + found[1]

    def _time(self, at: int) -> tuple[Span, int] | None:
        """An expression of time, behind an article or preposition if there is one."""
        for begin in range(at, min(at + 3, len(self.said))):
            found = span_at(self.text.tokens, begin, self.calendar)
            if found is not None:
                return found[0], begin + found[1]
            if self.said[begin] not in ("the", "in", "on", "im", "am", "den", "dem", "der", "des", "within", "of"):
                return None
        return None

    # --- The rest

    def _flag(self, defined: Defined, first: int, last: int, start: int, negated: bool) -> Found | None:
        word = self.said[start] if start < len(self.said) else ""
        if start == last or word not in _YES | _NO:
            return None
        value = "true" if (word in _YES) is not negated else "false"
        return first, start + 1, {t: cmp(n, "eq", value) for t, n in defined.fields.items()}

    def _person(self, defined: Defined, first: int, last: int, start: int, negated: bool) -> Found | None:
        if start >= len(self.said):
            return None
        op = "ne" if negated else "eq"
        if self.said[start] in _ME:
            return first, start + 1, {t: cmp(n, op, "me") for t, n in defined.fields.items()}
        free = [start <= i < start + 3 and token.kind == "word" for i, token in enumerate(self.text.tokens)]
        for mention in names.mentions(self.session, self.text, free):
            people = mention.records("user") if mention.first == start else []
            if len(people) == 1:
                return first, mention.last, {t: cmp(n, op, str(people[0].id)) for t, n in defined.fields.items()}
        return None
