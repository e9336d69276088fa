"""From tokens to items: each stretch of the question with what it may mean, left to right, nothing left out.

At each token the longest reading wins: names said in full, then expressions of time, amounts, phrases of the lexicon,
values that records have, names in part. What is left is corrected if it is one known word misspelt, else it stays
`unknown`, and a plan that cannot account for it is not trusted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chatbot.assistant.understanding import (
    compounds,
    english,
    german,
    german_turns,
    misspelt_names,
    names,
    origins,
    value_words,
    values,
)
from chatbot.assistant.understanding.bound_labels import with_bound_labels
from chatbot.assistant.understanding.bounding import with_bounds
from chatbot.assistant.understanding.countries import with_whose_currency
from chatbot.assistant.understanding.custom_reading import CustomReading, with_alternatives
from chatbot.assistant.understanding.custom_words import custom_words
from chatbot.assistant.understanding.descriptions import is_of_a_rank
from chatbot.assistant.understanding.examples import with_examples_as_groups
from chatbot.assistant.understanding.homographs import told_apart
from chatbot.assistant.understanding.items import Item, Reading
from chatbot.assistant.understanding.labelled import labelled
from chatbot.assistant.understanding.lexicon import Match, language_of, lexicon
from chatbot.assistant.understanding.list_phrases import list_phrases
from chatbot.assistant.understanding.mentions import Mention
from chatbot.assistant.understanding.periods import Period
from chatbot.assistant.understanding.quantities import Quantity, currency_at, figures_at, is_weak, quantity_at
from chatbot.assistant.understanding.single_words import with_priorities, without_manner
from chatbot.assistant.understanding.stage_order import with_stages_beyond
from chatbot.assistant.understanding.text_parts import text_parts
from chatbot.assistant.understanding.times import span_at
from chatbot.assistant.understanding.tokens import Text, Token, read
from chatbot.assistant.understanding.values import Value
from shared.query.dates import Calendar
from shared.tenancy import TenantSession


def read_question(session: TenantSession, written: str, calendar: Calendar, language: str | None = None) -> Reading:
    """The items of a question."""
    text = compounds.apart(session, read(written))
    language = language or language_of(text)
    if language == "de":
        text = german_turns.plain(text)
        found = values.stages(session).find(text, [True] * len(text.tokens))
        text = german.plain(text, [value.first for value in found if value.field == "stage"])
    else:
        text = told_apart(english.plain(text))
    reader = _Reader(session, text, calendar, language)
    return reader.reading()


#: Words of their own, and no “email”, “contact” or “personnel” misspelt.
_NO_SLIPS = frozenset(
    ("gmail", "hotmail", "outlook", "yahoo", "gmx", "icloud", "protonmail", "contract", "contracts", "contractor",
     "contractors", "personal", "private")
)  # fmt: skip
#: Each unknown word is looked up among all names. A text with more of them is no question with slips in it.
_MOST_SLIPS = 8


class _Reader:
    def __init__(self, session: TenantSession, text: Text, calendar: Calendar, language: str) -> None:
        self.session, self.text, self.calendar, self.language = session, text, calendar, language
        self.own, self.other = lexicon(language), lexicon("en" if language == "de" else "de")
        self.corrections = 0
        self._tell()

    def _tell(self) -> None:
        """What is said of the workspace's own fields, and by the names of others; its tokens have no other meaning."""
        text, words = self.text, custom_words(self.session)
        about = (self.session, text, words, self.calendar, self.language) if words is not None else None
        self.custom = CustomReading(*about) if about is not None else None
        self.told = self.custom.items() if self.custom is not None else []
        said = (
            labelled(text, self.language), text_parts(text, self.language),
            list_phrases(text, self.language, self.calendar),
        )  # fmt: skip
        for found in said:
            told = {i for item in self.told for i in range(item.first, item.last)}
            self.told += [item for item in found if not told & set(range(item.first, item.last))]
        self.taken = {i for item in self.told for i in range(item.first, item.last)}

    def reading(self) -> Reading:
        free = self._free()
        found = self._mentions(free)
        if self.custom is not None:
            free = self._with_custom_alone(free, found)
        if self._correct(free, found):
            self._tell()  # “with renewal date betwen …”
            free = self._free()
            found = self._mentions(free)
            free = self._with_custom_alone(free, found) if self.custom is not None else free
        listed = self._values(free, found)
        items = self._items(found, listed)
        items = with_priorities(with_whose_currency(self._corrected_names(items)), self.text)
        items = with_examples_as_groups(with_stages_beyond(self.session, items, self.text), self.text)
        items = with_bounds(items, self.text, self.calendar)
        items = with_bound_labels(items, self.text, lambda: values.stages_at_the_end(self.session))
        items = with_alternatives(items) if self.told else items
        return Reading(self.text, tuple(items), self.language, self.corrections)

    # ------------------------------------------------------------------------------------------ the workspace's words

    def _mentions(self, free: Sequence[bool]) -> list[Mention]:
        found = names.mentions(self.session, self.text, free)
        return [m for m in found if not self.taken & set(range(m.first, m.last))] if self.taken else found

    def _with_custom_alone(self, free: list[bool], found: Sequence[Mention]) -> list[bool]:
        """“Gold companies”, “VIP contacts”: where the words are nobody's name and no value of a built-in field."""
        named = {i for m in found for i in range(m.first, m.last)}

        def is_free(first: int, last: int) -> bool:
            span = range(first, last)
            if (first, last) in self.text.quoted:
                return not self.taken & set(span)
            if any(i in named for i in span) or not (all(free[i] for i in span) or self._is_longer(first, last)):
                return False
            built_in = values.vocabulary(self.session).find(self.text, [i in span for i in range(len(free))])
            return not any(value.is_whole or len(span) == 1 for value in built_in)  # “trade” of “Trade fair” is less

        assert self.custom is not None
        alone = self.custom.alone(is_free)
        self.told += alone
        self.taken |= {i for item in alone for i in range(item.first, item.last)}
        return [is_free_ and i not in self.taken for i, is_free_ in enumerate(free)]

    def _is_longer(self, first: int, last: int) -> bool:
        """“Trade show”: an option of several words, of which the lexicon knows one by one."""
        words = [token.word for token in self.text.tokens]
        known = [self.own.at(words, at) or self.other.at(words, at) for at in range(max(0, first - 2), last)]
        return last - first > 1 and all(match is None or match.length < last - first for match in known)

    # ---------------------------------------------------------------------------------------------- the plain meanings

    def _free(self) -> list[bool]:
        """Which tokens neither the lexicon nor times and amounts explain."""
        free = [False] * len(self.text.tokens)
        at = 0
        while at < len(free):
            if at in self.taken:
                at += 1
                continue
            item = self._plain(at)
            free[at] = item.kind == "unknown"
            at = item.last
        return [is_free and i not in self.taken for i, is_free in enumerate(free)] if self.taken else free

    def _plain(self, at: int) -> Item:
        tokens = self.text.tokens
        token = tokens[at]
        words = [t.word for t in tokens]
        options: list[tuple[int, int, Item]] = []
        if time := span_at(tokens, at, self.calendar):
            options.append((time[1], 3, Item("time", at, at + time[1], data=Period(time[0]))))
        if figures := figures_at(tokens, at):
            options.append((figures[1], 4, Item("figures", at, at + figures[1], data=figures[0])))
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
        behind = at + phrase.length
        is_bound = words[behind - 1] in ("over", "under") and any(sense.kind == "verb" for sense in phrase.senses)
        if is_bound and quantity_at(self.text.tokens, behind) is not None:
            return self.own.at(words, at, most=phrase.length - 1)  # “won | over 50k”
        if words[at + phrase.length : at + phrase.length + 1] in (["als"], ["than"]) and any(
            sense.value in ("ormore", "orless") for sense in phrase.senses
        ):
            return self.own.at(words, at, most=1)  # “oder | mehr als 500”
        if any(sense.kind == "agg" for sense in phrase.senses):  # “by | number of employees”
            for start in range(at + 1, at + phrase.length):
                longer = self.own.at(words, start)
                is_field = longer is not None and any(sense.value == "employees" for sense in longer.senses)
                if longer is not None and is_field and start + longer.length > at + phrase.length:
                    return self.own.at(words, at, most=start - at) or self.other.at(words, at, most=start - at)
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
            goes_on = any(m.last == i for m in found) or (i > 0 and free[i - 1] and tokens[i - 1].is_capital)
            word = self._known_word(token, i, goes_on=goes_on)
            if word:
                tokens[i] = replace(token, word=word)
                self.corrections += 1
        self.text = replace(self.text, tokens=tuple(tokens))
        return self.corrections > 0

    def _known_word(self, token: Token, at: int, *, goes_on: bool = False) -> str | None:
        """A capital inside a sentence says that it is a name (in German only that it is a noun)."""
        is_name = token.is_capital and at > 0 and not self.text.is_shouted and self.language == "en"
        if (is_name and len(token.word) < 7) or is_of_a_rank(token.word):
            return None
        if token.word in _NO_SLIPS or misspelt_names.is_nearly_a_colleague(self.session, token.word):
            return None
        known = self.own.corrected(token.word) or self.other.corrected(token.word)
        is_part_of_a_name = token.is_capital or goes_on
        return known if known or is_part_of_a_name else values.vocabulary(self.session).corrected(token.word)

    # ------------------------------------------------------------------------------------------------- names and values

    def _values(self, free: Sequence[bool], found: Sequence[Mention]) -> list[Value]:
        whole = {i for m in found if m.is_whole for i in range(m.first, m.last)}
        said = {i for first, last in self.text.quoted for i in range(first, last)} - self.taken
        open_ = [(is_free or i in said) and i not in whole for i, is_free in enumerate(free)]
        by_stage = [is_open or self._names_a_stage(i) for i, is_open in enumerate(open_)]
        listed = values.stages(self.session).find(self.text, by_stage) if any(by_stage) else []
        taken = {i for value in listed for i in range(value.first, value.last)}
        open_ = [is_open and i not in taken for i, is_open in enumerate(open_)]
        listed += values.vocabulary(self.session).find(self.text, open_) if any(open_) else []
        listed += value_words.besides(
            values.vocabulary(self.session), self.text, listed, [i not in whole | self.taken for i in range(len(free))]
        )
        told = origins.origins(self.text, values.vocabulary(self.session)) + origins.reasons(
            self.session, self.text, self._time_length
        )
        return [v for v in listed if not any(v.first < t.last and t.first < v.last for t in told)] + told

    def _time_length(self, at: int) -> int:
        time = span_at(self.text.tokens, at, self.calendar)
        return time[1] if time is not None else 0

    def _names_a_stage(self, at: int) -> bool:
        """A word that means something else too, beside “stage” or with a capital of its own."""
        words = [token.word for token in self.text.tokens]
        if any(word in ("stage", "phase", "pipeline") for word in words[max(0, at - 1) : at + 2] if word != words[at]):
            return words[at] not in ("the", "in", "of", "deal", "is", "open", "won", "lost")
        is_capital = self.text.tokens[at].is_capital and at > 0 and not self.text.is_shouted
        before = words[max(0, at - 1)]
        is_moved = before in ("von", "nach", "in") and any(word.startswith(_CHANGING) for word in words)
        return is_capital and (before == "in" or is_moved)

    def _items(self, found: Sequence[Mention], listed: Sequence[Value]) -> list[Item]:
        by_first: dict[int, Item] = {item.first: item for item in self.told}
        for value in listed:
            if self.taken & set(range(value.first, value.last)):
                continue
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
                mention = misspelt_names.misspelt(self.session, self.text, item.first)
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
                fixed.append(without_manner(item, self.text))
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
            if (close := tuple(c for c in found if misspelt_names.is_nearly_in(token.word, c.record.name)))
        }
        if not kept:
            return None
        longer = replace(mention, last=item.last, by_type=kept)
        return replace(name, last=item.last, data=(longer, ()), is_misspelt=True)


#: Words for deals that go from one stage to another.
_CHANGING = ("gewechselt", "wechsel", "stufenwechsel", "phasenwechsel", "verschoben", "gewandert")


def _one_name(session: TenantSession, text: Text, first: Item, second: Item) -> Item | None:
    """“Ruth Okafr”: two names side by side that may be one record's."""
    if first.kind != "name" or second.kind != "name" or first.last != second.first:
        return None
    mention = misspelt_names.joined(session, text, first.data[0], second.data[0])
    return replace(first, last=second.last, data=(mention, ()), is_misspelt=True) if mention is not None else None
