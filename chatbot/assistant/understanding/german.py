"""German word order made plain before a question is read, so that the parser meets the words in one order only.

“Wie viele Deals hängen in Discovery fest”      →  “Wie viele Deals hängen fest in Discovery”
“Was haben die denn gefordert?”                 →  “Was haben sie denn gefordert?”
“Zu welchem Deal gibt es die meisten Notizen?”  →  “welchem Deal hat die meisten Notizen?”
“Aufgaben, obwohl der Deal dazu verloren ist”   →  “Aufgaben, deren Deal verloren ist”
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from collections.abc import Iterator, Sequence

from chatbot.assistant.understanding.lexicon import lexicon
from chatbot.assistant.understanding.tokens import Text, Token, read

#: (first token, after last token, what stands there instead)
Edit = tuple[int, int, str]

#: What verbs are separated from; it stands where the clause ends.
_PARTICLES = frozenset(
    "ab an auf aus bei dabei drauf dran drin ein fest mit nach raus rein statt teil um vor weg weiter zu zurück "
    "zuruck zusammen".split()
)
_JOINS = frozenset("und oder aber sowie".split())
#: Articles that stand for somebody when no noun follows.
_PRONOUNS = {"die": "sie", "denen": "ihnen", "den": "ihn", "dem": "ihm"}
#: What may stand behind such a pronoun, and never before a noun.
_ADVERBS = frozenset(
    "denn dort da eigentlich uns so schon bisher zuletzt nun jetzt gerade mir noch überhaupt uberhaupt insgesamt "
    "inzwischen mittlerweile laut wohl alles sonst".split()
)
_PREPOSITIONS = frozenset("zu bei mit für fur an in von auf gegen aus über uber".split())
_WHICH = frozenset("welche welcher welches welchen welchem".split())
_OF_MOST = frozenset("meisten wenigsten".split())
_CONCEDING = frozenset("obwohl obgleich wobei wo".split())
_OF_IT = frozenset("dazu dahinter davon dabei daran dran".split())
_ARTICLES = frozenset("der die das".split())


def plain(text: Text, stages: Sequence[int] = ()) -> Text:
    """The text in plain order; the same one where there is nothing to put in order. `stages`: the tokens that name
    one."""
    tokens = text.tokens
    edits = [*_separated(text), *_pronouns(tokens), *_of_most(tokens), *_conceded(tokens), *_moved(tokens, stages)]
    edits += [*_some_of_us(tokens), *_entered(tokens)]
    return read(_edited(text, edits)) if edits else text


def _edited(text: Text, edits: Sequence[Edit]) -> str:
    written = text.written
    for first, last, instead in sorted(edits, key=lambda edit: (edit[0], edit[1]), reverse=True):
        begin = text.tokens[first].start
        end = text.tokens[last - 1].end if last > first else begin
        written = written[:begin] + instead + (" " if last == first else "") + written[end:]
    return " ".join(written.split())


def _ends(tokens: Sequence[Token], i: int) -> bool:
    """Whether a clause ends before a token."""
    return i >= len(tokens) or tokens[i].kind == "break" or tokens[i].word in _JOINS


def _separated(text: Text) -> Iterator[Edit]:
    """A particle at the end of a clause, put behind the verb that has no meaning without it."""
    tokens, words = text.tokens, lexicon("de")
    for at in range(2, len(tokens)):
        if tokens[at].word not in _PARTICLES or not _ends(tokens, at + 1):
            continue
        for verb in range(at - 2, -1, -1):
            if tokens[verb].kind == "break":
                break
            found = words.at([tokens[verb].word, tokens[at].word], 0)
            if found is not None and found.length == 2:
                yield (at, at + 1, "")
                yield (verb + 1, verb + 1, tokens[at].text)
                break


def _pronouns(tokens: Sequence[Token]) -> Iterator[Edit]:
    """“was haben die dort gesagt”, “Kontakt mit denen”: they, rather than an article or a relative."""
    for i in range(1, len(tokens)):
        word = tokens[i].word
        if word not in _PRONOUNS or tokens[i - 1].kind == "break":
            continue
        is_relative = tokens[i - 1].word in _PREPOSITIONS and (i < 2 or tokens[i - 2].kind == "break")
        following = tokens[i + 1].word if i + 1 < len(tokens) else ""
        is_alone = _ends(tokens, i + 1) or (following in _ADVERBS and word in ("die", "denen"))
        if is_alone and not is_relative:
            yield (i, i + 1, _PRONOUNS[word])


def _of_most(tokens: Sequence[Token]) -> Iterator[Edit]:
    """“bei welcher Firma haben wir die meisten Deals”: the company that has the most."""
    if len(tokens) < 6 or tokens[0].word not in _PREPOSITIONS or tokens[1].word not in _WHICH:
        return
    for i in range(3, len(tokens) - 3):
        pair = (tokens[i].word, tokens[i + 1].word)
        if pair in _HAVING and tokens[i + 2].word == "die" and tokens[i + 3].word in _OF_MOST:
            yield (0, 1, "")
            yield (i, i + 2, "hat")
            return


_HAVING = frozenset(
    (verb, who) for verb in ("gibt", "gab", "haben", "hatten", "hangen", "liegen", "stehen") for who in ("es", "wir")
)


def _conceded(tokens: Sequence[Token]) -> Iterator[Edit]:
    """“offen, obwohl der Deal dazu verloren ist”: said of the deal they belong to."""
    for i in range(1, len(tokens) - 3):
        is_clause = tokens[i - 1].kind == "break" and tokens[i].word in _CONCEDING
        if is_clause and tokens[i + 1].word in _ARTICLES and tokens[i + 3].word in _OF_IT:
            yield (i, i + 2, "deren")
            yield (i + 3, i + 4, "")


def _moved(tokens: Sequence[Token], stages: Sequence[int]) -> Iterator[Edit]:
    """“von Proposal nach Negotiation geschoben”: the verb before the stages, and “aus” for “von”."""
    for at in range(2, len(tokens)):
        if tokens[at].word not in _MOVED:
            continue
        begin = next((i for i in range(at - 1, -1, -1) if tokens[i].kind == "break"), -1) + 1
        first = next((i for i in stages if begin < i < at), None)
        if first is None:
            continue
        start = first
        while start > begin + 1 and tokens[start - 1].word in _TO_A_STAGE:
            start -= 1
        if start == first:
            continue
        yield (at, at + 1, "")
        yield (start, start, tokens[at].text)
        yield from ((i, i + 1, "aus") for i in range(start, at) if tokens[i].word in ("von", "vom"))
        return


_TO_A_STAGE = frozenset(
    "von vom aus nach in im zu zur zum bis die der den dem das direkt gleich sofort wieder zurück zuruck auf phase "
    "stufe stage".split()
)
_MOVED = frozenset(
    "geschoben verschoben bewegt gezogen gewandert gewechselt gerutscht gerückt geruckt gesprungen gekommen gelangt "
    "gelandet gegangen gebracht vorgerückt vorgeruckt weitergeschoben eingestiegen rutschten wanderten kamen "
    "übergegangen ubergegangen erreicht gestellt gesetzt befördert befordert hochgestuft zurückgestuft "
    "zuruckgestuft zurückgefallen zuruckgefallen gefallen".split()
)


def _some_of_us(tokens: Sequence[Token]) -> Iterator[Edit]:
    """“hat jemand von uns mit ihr gesprochen”: whether we did."""
    for i in range(len(tokens) - 2):
        if tokens[i].word in _SOMEBODY and tokens[i + 1].word == "von" and tokens[i + 2].word == "uns":
            yield (i, i + 3, "wir")


def _entered(tokens: Sequence[Token]) -> Iterator[Edit]:
    """“von Bob Baker eingetragen”: the verb before whoever did it."""
    for at in range(2, len(tokens)):
        if tokens[at].word not in _ENTERED:
            continue
        first = next((i for i in range(at - 1, max(-1, at - 8), -1) if tokens[i].word in ("von", "vom")), None)
        who = tokens[first + 1 : at] if first is not None else ()
        if first and who and all(token.is_capital or token.word in _JOINING_PEOPLE for token in who):
            yield (at, at + 1, "")
            yield (first, first, tokens[at].text)


_ENTERED = frozenset("eingetragen angelegt erfasst erstellt".split())
_JOINING_PEOPLE = frozenset("mir oder und".split()) | {","}
_SOMEBODY = frozenset("jemand einer eine irgendwer irgendjemand".split())
