"""What a question says of the fields a workspace defined and of its tags: conditions and bare names of fields.

Each stretch becomes one item, with what belongs to it: “with Renewal date this quarter”, “where Channel is not
Partner”, “more than 50 seats”, “tagged VIP or Press”, “VIP contacts”. A label with nothing to compare is the field
itself, which the grammar takes as any other field's name: by it, without it, the highest of it.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from chatbot.assistant.understanding.concepts import RELATIONS, cmp, either
from chatbot.assistant.understanding.custom_values import NOTS, Comparing
from chatbot.assistant.understanding.custom_words import CustomWords, Defined
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.lexicon import lexicon
from chatbot.assistant.understanding.tokens import Text
from shared.query.dates import Calendar
from shared.query.plan import Node, Related
from shared.tenancy import TenantSession

_ARTICLES = frozenset("the a an any their its his her der die das den dem des ein eine einen einem einer eines".split())
_OPENERS = tuple(
    tuple(said.split())
    for said in (
        "that have", "that has", "which have", "which has", "who have", "who has", "in which", "for which",
        "bei denen", "bei welchen", "bei dem", "bei der", "in denen", "mit", "with", "where", "whose", "having", "have",
        "has", "deren", "dessen", "wo", "in",
    )
)  # fmt: skip
_OR = frozenset(("or", "oder"))
_AND = frozenset(("and", "und", "or", "oder"))
#: What whoever has a ticked box does.
_GETTING = frozenset(
    "get gets getting receive receives receiving take takes want wants on bekommen bekommt erhalten erhält erhalt "
    "beziehen abonniert subscribed".split()
)
_TAGGED = frozenset("tagged getaggt getaggte getaggten verschlagwortet verschlagwortete labelled labeled".split())
_TAG = {
    "en": frozenset(("tag", "tags")),
    "de": frozenset(("tag", "tags", "schlagwort", "schlagworter", "schlagwoerter", "schlagwortern")),
}
_BEFORE_TAGS = frozenset("as with mit als the den dem der das einem is named called".split())
_HAVING = frozenset("with have has having carry carries carrying bear bearing mit haben hat tragen".split())
#: What is done with what is listed in a field of several values, and with languages.
_USING = frozenset(
    "use uses using used run runs running deploy deploys nutzen nutzt benutzen benutzt verwenden verwendet "
    "einsetzen".split()
)
_SPEAKING = frozenset("speak speaks speaking spricht sprechen".split())
_BE = frozenset("is are was were ist sind war waren".split())
_FOLLOWING = frozenset("and und only just nur what about die the ones now jetzt auch also".split())
_ABOUT = frozenset("about on regarding over concerning mention mentions mentioned uber zu said say says".split())


@dataclass(frozen=True, slots=True)
class Told:
    """What is said: a condition on each record type that has the field, or (`concept`) the field alone."""

    nodes: Mapping[str, Node]
    concept: str = ""


class CustomReading:
    """The stretches of one question."""

    def __init__(
        self, session: TenantSession, text: Text, words: CustomWords, calendar: Calendar, language: str
    ) -> None:
        self.text, self.words, self.language = text, words, language
        self.said = [token.word for token in text.tokens]
        self.own, self.other = lexicon(language), lexicon("en" if language == "de" else "de")
        self.compare = Comparing(session, text, words, calendar, language)

    # --- Labels and tags, wherever they stand

    def items(self) -> list[Item]:
        """Labels with what they are compared with, and tags that are called tags; none overlap."""
        found: list[Item] = []
        at = 0
        while at < len(self.said):
            item = self._tagged(at) or self._done_with_it(at) or self._labelled(at)
            if item is None:
                at += 1
                continue
            if found and item.first < found[-1].last:
                item = replace(item, first=found[-1].last)
            found.append(item)
            at = item.last
        return self._joined(found)

    def _labelled(self, at: int) -> Item | None:
        match = self.words.label_at(self.said, at)
        if match is None:
            return None
        length, listed = match
        usable = [d for d in listed if self._is_meant(d, at, at + length)]
        usable.sort(key=lambda d: self._spoken_of(at, at + length) not in d.fields)
        for defined in usable:
            if (found := self.compare.compared(defined, at, at + length)) is not None:
                first, last, nodes = found
                first, is_opened = self._opened(first)
                return Item("custom", first, self._closed(last, is_opened=is_opened), data=Told(nodes))
        return self._bare(usable[0], at, at + length) if usable else None

    def _is_meant(self, defined: Defined, first: int, last: int) -> bool:
        """Not where the CRM means something else by the word; in quotation marks it is the field."""
        if not defined.is_word or (first, last) in self.text.quoted:
            return True
        end = self.compare.end_of_options(defined, last)
        if end == last:
            first = self.compare.begin_of_options(defined, first)  # “through the partner channel”
        spoken_of = self._spoken_of(first, end)
        if not spoken_of:
            # “only with channel partner”: said of the last answer, with an option of this field
            return end > last or defined.is_synonym
        return spoken_of in defined.fields and spoken_of not in defined.built_in

    def _is_part(self, first: int, last: int) -> bool:
        """“price tag” is a phrase of the CRM's, and no tag."""
        for begin in range(max(0, first - 3), first + 1):
            match = self.own.at(self.said, begin) or self.other.at(self.said, begin)
            if match is not None and match.length > last - first and begin + match.length >= last:
                return any(sense.kind not in ("stop", "link") for sense in match.senses)
        return False

    def _bare(self, defined: Defined, first: int, last: int) -> Item | None:
        """A label alone: something that is there or not, where the sentence says with or without, else the field."""
        if self._is_part(first, last) and (first, last) not in self.text.quoted:
            return None
        start, is_opened = self._opened(first)
        if defined.kind == "flag" and not is_opened and (ticked := self._ticked(defined, first, last)) is not None:
            return ticked
        if defined.kind == "flag" and not is_opened and self._noun_at(last) in defined.fields:
            ticks: dict[str, Node] = {t: cmp(n, "eq", "true") for t, n in defined.fields.items()}
            return Item("custom", first, last, data=Told(ticks))  # “newsletter companies”
        is_denied = start > 0 and self.said[start - 1] in NOTS and start == first
        if is_denied or is_opened or (start < first and self.said[start - 1] in NOTS):
            before = start - 1 if start > 0 and self.said[start - 1] in NOTS else start
            negated = before < start or any(word in NOTS for word in self.said[before:first])
            begin, _ = self._opened(before) if before < start else (before, True)
            if defined.kind == "flag":
                nodes: dict[str, Node] = {
                    t: cmp(n, "eq", "false" if negated else "true") for t, n in defined.fields.items()
                }
            else:
                nodes = {t: cmp(n, "is", "null" if negated else "set") for t, n in defined.fields.items()}
            return Item("custom", begin, self._closed(last, is_opened=True), data=Told(nodes))
        return Item("custom", first, last, data=Told({}, defined.concept))

    def _ticked(self, defined: Defined, first: int, last: int) -> Item | None:
        """“that get the newsletter”, “with Areas Export and Newsletter”: a box that is said to be ticked, or not."""
        begin = first
        while begin and self.said[begin - 1] in (*_ARTICLES, "to"):
            begin -= 1
        before = self.said[begin - 1] if begin else ""
        behind = self.said[last] if last < len(self.said) else ""
        is_joined = before in _AND and any(word in ("with", "mit", "without", "ohne") for word in self.said[:begin])
        if not (is_joined or before in _GETTING or behind in _GETTING):
            return None
        denied = any(word in NOTS for word in self.said[max(0, begin - 3) : first])
        end = last + (behind in _GETTING)
        value = "false" if denied else "true"
        nodes: dict[str, Node] = {t: cmp(n, "eq", value) for t, n in defined.fields.items()}
        while begin and self.said[begin - 1] in (*_GETTING, *NOTS, "do", "does"):
            begin -= 1
        return Item("custom", begin, end, data=Told(nodes))

    def _opened(self, first: int) -> tuple[int, bool]:
        """Where “with the”, “whose”, “bei denen” before a condition begins, and whether there is such."""
        at = first
        while at and self.said[at - 1] in _ARTICLES and not self._ends(self.said[max(0, at - 2) : at], "bei"):
            at -= 1
        for opener in _OPENERS:
            if at >= len(opener) and tuple(self.said[at - len(opener) : at]) == opener:
                return at - len(opener), True
        return first, False

    @staticmethod
    def _ends(words: Sequence[str], before: str) -> bool:
        return len(words) == 2 and words[0] == before

    def _closed(self, last: int, *, is_opened: bool) -> int:
        """“bei denen der Kanal Partner ist”: the verb at the end of a German clause."""
        is_verb = is_opened and self.language == "de" and last < len(self.said)
        return last + 1 if is_verb and self.said[last] in (*_BE, "haben", "hat", "liegt", "steht", "lautet") else last

    def _tagged(self, at: int) -> Item | None:
        """“tagged VIP”, “with the tag VIP or Press”, “untagged”, “without tags”, and the tags as a field."""
        word, tagged = self.said[at], self.words.tagged
        if word in ("untagged", "ungetaggt"):
            return Item("custom", at, at + 1, data=Told({t: cmp("tags", "is", "null") for t in tagged.fields}))
        is_tag = word in _TAG[self.language]
        if word not in _TAGGED and not is_tag:
            return None
        start = at + 1
        while start < len(self.said) and self.said[start] in _BEFORE_TAGS:
            start += 1
        if (listed := self.compare.chosen(tagged, start)) is not None:
            values, last, is_both = listed
            nodes = self.compare.nodes_of(tagged, values, negated=False, is_both=is_both)
            first, is_opened = self._opened(at)
            while is_tag and not is_opened and first and self.said[first - 1] in _HAVING:
                first, is_opened = first - 1, True
            return Item("custom", first, self._closed(last, is_opened=is_opened), data=Told(nodes))
        if word in _TAGGED or self.compare.tag_ending(at) is not None:
            return self._tagged_before(at)
        if not is_tag or (word == "tag" and self.language == "de" and self.said[max(0, at - 1)] not in NOTS):
            return None  # a day
        return self._bare(tagged, at, at + 1)

    def _done_with_it(self, at: int) -> Item | None:
        """“which companies use the Driver app”, „die Französisch sprechen“: an option told by what is done with it."""
        is_used = self.said[at] in _USING
        if is_used or self.said[at] in _SPEAKING:
            start = at + 1
            while start < len(self.said) and self.said[start] in _ARTICLES:
                start += 1
            found = self._one_option(start, ("choices",) if is_used else ("choice", "choices"))
            return Item("custom", at, found[0], data=Told(found[1])) if found is not None else None
        found = self._one_option(at, ("choice", "choices"))
        if found is None or self.said[found[0] : found[0] + 1] == [] or self.said[found[0]] not in _SPEAKING:
            return None
        return Item("custom", at, found[0] + 1, data=Told(found[1]))

    def _one_option(self, at: int, kinds: tuple[str, ...]) -> tuple[int, dict[str, Node]] | None:
        """The option of one field that begins at a token: the token behind it, and its condition."""
        for length in range(min(self.words.longest, len(self.said) - at), 0, -1):
            listed = self.words.options.get(tuple(self.said[at : at + length]), ())
            if len(listed) == 1 and listed[0][0].kind in kinds:
                nodes = self.compare.nodes_of(listed[0][0], [listed[0][1]], negated=False, is_both=False)
                return at + length, nodes
        return None

    def _tagged_before(self, at: int) -> Item | None:
        """“die mit VIP getaggt sind”, “with a VIP tag”."""
        tagged, begin = self.words.tagged, self.compare.tag_ending(at)
        if begin is None:
            return None
        value = tagged.options[tuple(self.said[begin:at])]
        nodes = self.compare.nodes_of(tagged, [value], negated=False, is_both=False)
        first, is_opened = self._opened(begin)
        return Item("custom", first, self._closed(at + 1, is_opened=is_opened), data=Told(nodes))

    # --- Options and tags by themselves

    def alone(self, is_free: Callable[[int, int], bool]) -> list[Item]:
        """“Gold companies”, “contacts that are VIP”: an option or tag that describes what is asked for, by itself.

        `is_free` tells whether tokens from one to before another have no other meaning.
        """
        found: list[Item] = []
        at = 0
        while at < len(self.said):
            item = self._alone(at, is_free)
            if item is not None:
                found.append(item)
            at = item.last if item is not None else at + 1
        return self._joined(found)

    def _alone(self, at: int, is_free: Callable[[int, int], bool]) -> Item | None:
        for length in range(min(self.words.longest, len(self.said) - at), 0, -1):
            listed = self.words.options.get(tuple(self.said[at : at + length]), ())
            if not listed or not is_free(at, at + length) or not self._describes(at, at + length):
                continue
            nodes: dict[str, Node] = {}
            for defined, values in listed:
                is_tag = defined is self.words.tagged
                mine = self.compare.nodes_of(defined, [values], negated=False, is_both=False)
                if not is_tag and nodes.keys() & mine.keys():
                    return None  # an option of two fields
                nodes = {**mine, **nodes} if is_tag else {**nodes, **mine}
            return Item("custom", at, at + length, data=Told(nodes))
        return None

    def _describes(self, first: int, last: int) -> bool:
        """Before a noun, or said to be so; never what is spoken about."""
        if first and self.said[first - 1] in _ABOUT:
            return False
        if self._goes_on_listing(last):
            return True
        rest = self.said[:first] + self.said[last:]
        if first and all(word in _FOLLOWING or not word[:1].isalnum() for word in rest):
            return True  # “and silver?”
        if last < len(self.said):
            match = self.own.at(self.said, last) or self.other.at(self.said, last)
            if match is not None and any(sense.kind in ("noun", "state") for sense in match.senses):
                return True
        if self.language == "de" and self.said[last : last + 1] and self.said[last] in _BE:
            return True  # „die nicht VIP sind“
        is_end = last == len(self.said) or self.text.tokens[last].kind == "break" or self.said[last] in _OR | {"and"}
        return bool(first) and self.said[first - 1] in _BE | {"not", "nicht"} and is_end

    def _goes_on_listing(self, last: int) -> bool:
        """“silver or bronze companies”, „Gold- oder Silver-Firmen“: another option that describes the same."""
        at = self._past_joints(last)
        return at > last and any(
            tuple(self.said[at : at + length]) in self.words.options and self._describes(at, at + length)
            for length in range(min(self.words.longest, len(self.said) - at), 0, -1)
        )

    def _past_joints(self, at: int) -> int:
        while at < len(self.said) and (self.said[at] in _OR or self.said[at] in (",", "-")):
            at += 1
        return at

    # --- Together

    def _spoken_of(self, first: int, last: int) -> str:
        """The record type of the nearest noun before a stretch of tokens, or else behind it."""
        places = (*range(first - 1, -1, -1), *range(last, len(self.said)))
        return next((noun for place in places if (noun := self._noun_at(place))), "")

    def _noun_at(self, place: int) -> str:
        """The record type that a word names."""
        match = None if place >= len(self.said) else self.own.at(self.said, place) or self.other.at(self.said, place)
        noun = next((s.value for s in match.senses if s.kind == "noun"), "") if match is not None else ""
        return noun.partition("/")[0]

    def _joined(self, items: list[Item]) -> list[Item]:
        """“with Tier Gold or tagged VIP”: either condition will do, where they are of the same records."""
        made: list[Item] = []
        for item in items:
            before = made[-1] if made else None
            between = self.said[before.last : item.first] if before is not None else []
            if before is not None and self._past_joints(before.last) == item.first and _OR & set(between):
                nodes = dict(_either(before.data, item.data))
                if nodes:
                    made[-1] = replace(before, last=item.last, data=Told(nodes))
                    continue
            made.append(item)
        return made


def _either(one: Told, other: Told) -> Iterator[tuple[str, Node]]:
    for type_ in one.nodes.keys() & other.nodes.keys():
        yield type_, either(one.nodes[type_], other.nodes[type_])


def with_alternatives(items: Sequence[Item]) -> list[Item]:
    """“companies in Berlin or tagged VIP”: a value of a built-in field is an alternative as well, where the two are all
    that is said of a noun; between more descriptions nobody knows what belongs together."""
    said = [i for i, item in enumerate(items) if not _is_small(item)]
    for at in range(1, len(said) - 1):
        one, other = items[said[at]], items[said[at + 1]]
        between = items[said[at] + 1 : said[at + 1]]
        is_either = any(item.has("link", "or") for item in between)
        if not is_either or not items[said[at - 1]].has("noun") or at + 2 < len(said):
            continue
        nodes = dict(_of_both(one, other) if one.kind == "value" else _of_both(other, one))
        if nodes:
            joined = Item("custom", one.first, other.last, data=Told(nodes))
            return [*items[: said[at]], joined, *items[said[at + 1] + 1 :]]
    return list(items)


def _is_small(item: Item) -> bool:
    return item.kind == "break" or (item.kind == "word" and item.has("link") and not item.has("neg"))


def _of_both(value: Item, own: Item) -> Iterator[tuple[str, Node]]:
    if value.kind != "value" or own.kind != "custom":
        return
    for type_, node in own.data.nodes.items():
        for found in value.data:
            held = cmp(found.field, "in" if len(found.stored) > 1 else "eq", *found.stored[:200])
            if found.entity == type_:
                yield type_, either(held, node)
            elif found.entity == "company" and "company" in RELATIONS.get(type_, {}):
                yield type_, either(Related(relation=RELATIONS[type_]["company"], where=held), node)
