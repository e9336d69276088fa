"""From tokens to items: each stretch of the question with what it may mean, left to right, nothing left out.

At each token the longest reading wins: names said in full, then expressions of time, amounts, phrases of the lexicon,
values that records have, names in part. What is left is corrected if it is one known word misspelt, else it stays
`unknown`, and a plan that cannot account for it is not trusted.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from chatbot.assistant.understanding import names, values
from chatbot.assistant.understanding.lexicon import Match, Sense, language_of, lexicon
from chatbot.assistant.understanding.names import Mention
from chatbot.assistant.understanding.periods import Period
from chatbot.assistant.understanding.quantities import Quantity, currency_at, is_weak, quantity_at
from chatbot.assistant.understanding.times import Span, span_at
from chatbot.assistant.understanding.tokens import Text, Token, read
from chatbot.assistant.understanding.values import Value
from shared.query.dates import Calendar
from shared.tenancy import TenantSession

_BOUNDS = {
    "since": "since", "seit": "since", "ab": "since", "from": "since", "starting": "since", "after": "after",
    "nach": "after", "before": "before", "vor": "before", "until": "until", "till": "until", "by": "until",
    "bis": "until", "through": "until", "till the": "until", "later": "after", "earlier": "before",
    "spatestens": "until", "spaetestens": "until", "prior": "before", "beginning": "since",
}  # fmt: skip
_GLUE = frozenset("the of on in to than am im dem den der die das zum zur mit und spatestens a an last".split())
_BETWEEN = frozenset(("between", "zwischen", "from", "von", "vom", "ab"))
_ONWARDS = frozenset(("on", "onward", "onwards", "forward", "forwards", "to", "until", "till", "through"))
_UNTIL = frozenset(("and", "und", "to", "until", "till", "bis", "through", "-", "bis zum"))
#: Parts of a sentence that mean nothing alone: a name may hold them, coverage ignores them.
SILENT = frozenset(("stop", "link", "break"))


@dataclass(frozen=True, slots=True)
class Item:
    """Tokens from first to before last and what they may mean. `data` by kind: Mention, Period, Quantity, Values."""

    kind: str
    first: int
    last: int
    senses: tuple[Sense, ...] = ()
    data: Any = None
    is_misspelt: bool = False

    def sense(self, kind: str) -> str | None:
        """The concept it has in a part of the grammar."""
        return next((s.value for s in self.senses if s.kind == kind), None)

    def has(self, kind: str, *concepts: str) -> bool:
        return any(s.kind == kind and (not concepts or s.value in concepts) for s in self.senses)


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as items. `text` is what was read after correction."""

    text: Text
    items: tuple[Item, ...]
    language: str
    corrections: int = 0

    def words_of(self, item: Item) -> str:
        return self.text.slice(item.first, item.last)


def read_question(session: TenantSession, written: str, calendar: Calendar, language: str | None = None) -> Reading:
    """The items of a question."""
    text = read(written)
    language = language or language_of(text)
    reader = _Reader(session, text, calendar, language)
    return reader.reading()


#: Each unknown word is looked up among all names. A text with more of them is no question with slips in it.
_MOST_SLIPS = 8


class _Reader:
    def __init__(self, session: TenantSession, text: Text, calendar: Calendar, language: str) -> None:
        self.session, self.text, self.calendar, self.language = session, text, calendar, language
        self.own, self.other = lexicon(language), lexicon("en" if language == "de" else "de")
        self.corrections = 0

    def reading(self) -> Reading:
        free = self._free()
        found = names.mentions(self.session, self.text, free)
        if self._correct(free, found):
            free = self._free()
            found = names.mentions(self.session, self.text, free)
        listed = self._values(free, found)
        items = self._items(found, listed)
        items = _with_whose_currency(self._corrected_names(items))
        return Reading(self.text, tuple(_timed(items, self.text)), self.language, self.corrections)

    # ---------------------------------------------------------------------------------------------- the plain meanings

    def _free(self) -> list[bool]:
        """Which tokens neither the lexicon nor times and amounts explain."""
        free = [False] * len(self.text.tokens)
        at = 0
        while at < len(free):
            item = self._plain(at)
            free[at] = item.kind == "unknown"
            at = item.last
        return free

    def _plain(self, at: int) -> Item:
        tokens = self.text.tokens
        token = tokens[at]
        words = [t.word for t in tokens]
        options: list[tuple[int, int, Item]] = []
        if time := span_at(tokens, at, self.calendar):
            options.append((time[1], 3, Item("time", at, at + time[1], data=Period(time[0]))))
        if amount := self._amount(at):
            options.append((amount[1], 2, Item("number", at, at + amount[1], data=amount[0])))
        if phrase := self._phrase(words, at):
            options.append((phrase.length, 1, Item("word", at, at + phrase.length, phrase.senses)))
        if options:
            return max(options, key=lambda option: option[:2])[2]
        if currency := currency_at(tokens, at):
            return Item("currency", at, at + 1, data=currency)
        return Item("break" if token.kind in ("break", "sign", "genitive") else "unknown", at, at + 1)

    def _phrase(self, words: list[str], at: int) -> Match | None:
        """The longest phrase that does not swallow the beginning of a time (“closing next | month”)."""
        phrase = self.own.at(words, at) or self.other.at(words, at)
        if phrase is None or phrase.length == 1:
            return phrase
        for start in range(at + 1, at + phrase.length):
            time = span_at(self.text.tokens, start, self.calendar)
            if time is not None and start + time[1] > at + phrase.length:
                return self.own.at(words, at, most=start - at) or self.other.at(words, at, most=start - at)
        return phrase

    def _amount(self, at: int) -> tuple[Quantity, int] | None:
        found = quantity_at(self.text.tokens, at)
        if found is None:
            return None
        if is_weak(self.text.tokens[at]) and not found[0].unit and not found[0].is_scaled and not self._is_compared(at):
            return None
        return found

    def _is_compared(self, at: int) -> bool:
        return any(
            (match := self.own.at([t.word for t in self.text.tokens], start)) is not None
            and start + match.length == at
            and any(sense.kind == "cmp" for sense in match.senses)
            for start in range(max(0, at - 4), at)
        )

    # ------------------------------------------------------------------------------------------------------ corrections

    def _correct(self, free: Sequence[bool], found: Sequence[Mention]) -> bool:
        """Replace free words that are lexicon words misspelt; names and values are left as they are."""
        vocabulary = values.vocabulary(self.session) if any(free) else None
        tokens = list(self.text.tokens)
        for i, token in enumerate(tokens):
            if not free[i] or token.kind != "word" or any(m.first <= i < m.last for m in found):
                continue
            if vocabulary and vocabulary.find(self.text, [j == i for j in range(len(tokens))]):
                continue
            word = self._known_word(token, i)
            if word:
                tokens[i] = replace(token, word=word)
                self.corrections += 1
        self.text = replace(self.text, tokens=tuple(tokens))
        return self.corrections > 0

    def _known_word(self, token: Token, at: int) -> str | None:
        """A capital inside a sentence says that it is a name (in German only that it is a noun)."""
        is_name = token.is_capital and at > 0 and not self.text.is_shouted and self.language == "en"
        if is_name and len(token.word) < 7:
            return None
        return self.own.corrected(token.word) or self.other.corrected(token.word)

    # ------------------------------------------------------------------------------------------------- names and values

    def _values(self, free: Sequence[bool], found: Sequence[Mention]) -> list[Value]:
        whole = {i for m in found if m.is_whole for i in range(m.first, m.last)}
        open_ = [is_free and i not in whole for i, is_free in enumerate(free)]
        by_stage = [is_open or self._names_a_stage(i) for i, is_open in enumerate(open_)]
        listed = values.stages(self.session).find(self.text, by_stage) if any(by_stage) else []
        taken = {i for value in listed for i in range(value.first, value.last)}
        open_ = [is_open and i not in taken for i, is_open in enumerate(open_)]
        return listed + (values.vocabulary(self.session).find(self.text, open_) if any(open_) else [])

    def _names_a_stage(self, at: int) -> bool:
        """A word that means something else too, beside “stage” or with a capital of its own."""
        words = [token.word for token in self.text.tokens]
        if any(word in ("stage", "phase", "pipeline") for word in words[max(0, at - 1) : at + 2] if word != words[at]):
            return words[at] not in ("the", "in", "of", "deal", "is", "open", "won", "lost")
        capital = self.text.tokens[at].is_capital and at > 0 and not self.text.is_shouted and self.language == "en"
        return capital and words[max(0, at - 1)] == "in"

    def _items(self, found: Sequence[Mention], listed: Sequence[Value]) -> list[Item]:
        by_first: dict[int, Item] = {}
        for value in listed:
            item = by_first.get(value.first)
            same = [*(item.data if item else ()), value]
            by_first[value.first] = Item("value", value.first, value.last, data=tuple(same))
        for mention in found:
            rivals = [i for i in by_first.values() if i.first < mention.last and mention.first < i.last]
            if any(self._value_wins(rival, mention) for rival in rivals):
                continue
            for rival in rivals:
                del by_first[rival.first]
            data = (mention, tuple(v for rival in rivals for v in rival.data))
            by_first[mention.first] = Item("name", mention.first, mention.last, data=data)
        items: list[Item] = []
        at = 0
        while at < len(self.text.tokens):
            item = by_first.get(at) or self._plain_until(at, by_first)
            items.append(item)
            at = item.last
        return items

    def _value_wins(self, rival: Item, mention: Mention) -> bool:
        if mention.is_whole and mention.matched >= rival.last - rival.first:
            return False
        is_whole = any(value.is_whole for value in rival.data)
        longer = rival.last - rival.first >= mention.last - mention.first
        return (is_whole and longer) or (not mention.is_strong and longer)

    def _plain_until(self, at: int, by_first: dict[int, Item]) -> Item:
        """The plain meaning, cut where a name or value begins inside it."""
        item = self._plain(at)
        if not any(at < first < item.last for first in by_first):
            return item
        match = self.own.at([self.text.tokens[at].word], 0)
        return Item("word", at, at + 1, match.senses) if match else Item("unknown", at, at + 1)

    def _corrected_names(self, items: list[Item]) -> list[Item]:
        """Unknown words that are names or values misspelt."""
        fixed: list[Item] = []
        vocabulary = None
        unknown = [item for item in items if item.kind == "unknown" and self.text.tokens[item.first].kind == "word"]
        looked_up = {item.first for item in unknown[:_MOST_SLIPS]}
        for item in items:
            if item.first in looked_up:
                vocabulary = vocabulary or values.vocabulary(self.session)
                mention = names.misspelt(self.session, self.text, item.first)
                listed = vocabulary.misspelt(self.text, item.first)
                if not listed:
                    listed = values.stages(self.session).misspelt(self.text, item.first)
                if listed and (mention is None or not mention.is_strong):
                    item = Item("value", item.first, item.last, data=tuple(listed), is_misspelt=True)
                elif mention is not None and mention.is_strong:
                    item = Item("name", item.first, item.last, data=(mention, ()), is_misspelt=True)
                self.corrections += item.kind != "unknown"
            if item.kind == "unknown" and fixed and (longer := self._name_goes_on(fixed[-1], item)) is not None:
                fixed[-1] = longer
                self.corrections += 1
                continue
            if fixed and (joined := _one_name(self.session, self.text, fixed[-1], item)) is not None:
                fixed[-1] = joined
            else:
                fixed.append(item)
        return fixed

    def _name_goes_on(self, name: Item, item: Item) -> Item | None:
        """“siobhan kean”: behind a name, nearly the next word of it."""
        token = self.text.tokens[item.first]
        if name.kind != "name" or name.last != item.first or token.kind != "word" or len(token.word) < 4:
            return None
        mention: Mention = name.data[0]
        kept = {
            type_: close
            for type_, found in mention.by_type.items()
            if (close := tuple(c for c in found if names.is_nearly_in(token.word, c.record.name)))
        }
        if not kept:
            return None
        longer = replace(mention, last=item.last, by_type=kept)
        return replace(name, last=item.last, data=(longer, ()), is_misspelt=True)


#: Currencies told apart by whose they are.
_CURRENCY_OF = {
    ("SEK", "Sweden"): "SEK", ("SEK", "Norway"): "NOK", ("SEK", "Denmark"): "DKK", ("NOK", "Norway"): "NOK",
    ("NOK", "Denmark"): "DKK", ("NOK", "Sweden"): "SEK", ("USD", "Canada"): "CAD", ("USD", "Australia"): "AUD",
}  # fmt: skip


def _with_whose_currency(items: list[Item]) -> list[Item]:
    """“Swedish kronor”, “US dollars”: the country belongs to the currency."""
    made: list[Item] = []
    for item in items:
        last = made[-1] if made else None
        if item.kind == "currency" and last is not None and last.kind == "value" and last.data[0].field == "country":
            code = _CURRENCY_OF.get((item.data, last.data[0].stored[0]), item.data)
            made[-1] = replace(item, first=last.first, data=code)
        else:
            made.append(item)
    return made


def _one_name(session: TenantSession, text: Text, first: Item, second: Item) -> Item | None:
    """“Ruth Okafr”: two names side by side that may be one record's."""
    if first.kind != "name" or second.kind != "name" or first.last != second.first:
        return None
    mention = names.joined(session, text, first.data[0], second.data[0])
    return replace(first, last=second.last, data=(mention, ()), is_misspelt=True) if mention is not None else None


def _timed(items: Sequence[Item], text: Text) -> list[Item]:
    """Join times with what bounds them: since, before, more than … ago, between … and …"""
    made: list[Item] = []
    for item in items:
        if item.kind != "time":
            made.append(item)
            continue
        if item.data.span.last and item.data.span.last.startswith("before:"):
            token = item.data.span.last.removeprefix("before:")
            item = replace(item, data=Period(Span(token, token), "before"))
        if not _joined_to_earlier(made, item, text):
            made.append(_bounded(made, item, text))
    return made


def _joined_to_earlier(made: list[Item], item: Item, text: Text) -> bool:
    """`between March and May`, `from 1 October to today`, `January to March`."""
    if len(made) < 2 or made[-2].kind != "time" or made[-2].data.until is not None:
        return False
    link = text.slice(made[-1].first, made[-1].last).lower()
    earlier = made[-2]
    opened = made[-3] if len(made) > 2 else None
    is_opened = opened is not None and text.tokens[opened.first].word in _BETWEEN
    if link not in _UNTIL or (link in ("and", "und") and not is_opened and earlier.data.bound == ""):
        return False
    if link in ("and", "und") and not is_opened:
        return False
    start = made[-3].first if is_opened and opened is not None else earlier.first
    del made[len(made) - (3 if is_opened else 2) :]
    made.append(Item("time", start, item.last, data=Period(earlier.data.span, "", item.data.span)))
    return True


def _bounded(made: list[Item], item: Item, text: Text) -> Item:
    period: Period = item.data
    at = len(made)
    while at and made[at - 1].kind in ("word", "break") and _is_glue(made[at - 1], text):
        at -= 1
    if not at:
        return item
    before = made[at - 1]
    word = text.tokens[before.first].word
    if period.span.is_ago or period.span.is_bare:
        bound = _compared_ago(before, period)
        if bound is not None:
            del made[at - 1 :]
            return replace(item, first=before.first, data=bound)
    if word == "from" and not _begins(item, text):
        del made[at - 1 :]
        return replace(item, first=before.first)
    is_bound = before.last - before.first == 1 or word in ("prior", "later", "earlier", "starting", "beginning")
    if word in _BOUNDS and before.kind == "word" and not period.bound and is_bound:
        del made[at - 1 :]
        side = _BOUNDS[word]
        if side == "before" and {"end", "ende"} & {token.word for token in text.tokens[item.first : item.last]}:
            side = "until"  # “before the end of the year”: its last day is still before
        bounded = replace(period, bound=side, span=replace(period.span, is_ago=False, is_bare=False))
        return replace(item, first=before.first, data=_since_so_long(bounded, period))
    return item


def _begins(item: Item, text: Text) -> bool:
    """“from 3 March”, “from Monday on” begin there; “meetings from yesterday” are yesterday's."""
    if item.last < len(text.tokens) and text.tokens[item.last].word in _ONWARDS:
        return True
    said = text.tokens[item.first : item.last]
    return any(token.kind in ("date", "number") for token in said) or said[-1].word in ("today", "tomorrow", "now")


def _is_glue(item: Item, text: Text) -> bool:
    return item.last - item.first == 1 and text.tokens[item.first].word in _GLUE


def _since_so_long(bounded: Period, period: Period) -> Period:
    """`seit 60 Tagen`, `since 60 days`: within them."""
    if bounded.bound == "since" and period.span.is_bare:
        return replace(bounded, bound="", span=replace(bounded.span, is_bare=True))
    return bounded


def _compared_ago(before: Item, period: Period) -> Period | None:
    """`more than 30 days ago` lies before them, `less than` within; a bare length keeps its comparison for later."""
    comparison = before.sense("cmp")
    if comparison is None:
        return None
    if comparison in ("older", "younger"):
        return Period(period.span, "before" if comparison == "older" else "", concept="created")
    is_more = comparison in ("gt", "gte")
    if period.span.is_ago:
        return Period(period.span, "before" if is_more else "since")
    return Period(period.span, "before" if is_more else "")
