"""Decides who and what the names of a meeting are: absent people, customers and partners, rivals.

    find_candidates ─▶ entity_features ─▶ EntityModel ─▶ gather by name ─▶ thresholds ─▶ Entities

One thing has several names: `Trensch` and `Glashütte Trensch`, `Thermowell` and `Thermawell`. They are gathered before
deciding, so that the full name decides for the short one. Nobody who speaks is decided here: labels tell.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from chatbot.extraction.builtin import entity_model
from chatbot.extraction.builtin.candidates import Candidate, Mention, background, find_candidates, first_names, is_head
from chatbot.extraction.builtin.discourse import Discourse, Sentence
from chatbot.extraction.builtin.entity_features import Scene, features, is_demonym, is_open
from chatbot.extraction.builtin.entity_model import EntityModel
from chatbot.extraction.builtin.names import place
from chatbot.extraction.text import fold, key

#: The least share of each kind that counts; chosen on meetings left out of the fit, see docs/evaluation.md.
LEAST = {"person": 0.5, "first name": 0.65, "company": 0.4, "competitor": 0.33}
#: In a meeting with guests and no company over the threshold, the best one counts from here.
LEAST_BEST = 0.08
_ASKS_NAME = re.compile(
    r"\b(?:(?:sur|last |first |christian |full |vor|nach)name|vorn|hinten|wie weiter|und weiter|who)\b.*\?$|"
    r"\b(?:wie heißt|what's)\b.*\b(?:name|vorn|weiter|called)\b.*\?$",
    re.I,
)
#: Short forms that do not begin like the name; the others follow a rule.
_NICKNAMES = frozenset(
    frozenset(pair.split("/"))
    for pair in """
    tom/thomas toni/anton bob/robert bill/william dick/richard ted/edward peggy/margaret jack/john harry/henry
    tina/christina tina/martina sepp/josef beth/elisabeth liz/elizabeth lisa/elisabeth sandra/alexandra
    sascha/alexander sandy/alexander kate/katherine kathy/catherine betty/elizabeth nina/antonina
    hans/johannes hannes/johannes klaus/nikolaus uli/ulrich uli/ulrike conny/cornelia bert/albert bert/herbert
    xandi/alexander resi/theresa traudl/waltraud schorsch/georg vroni/veronika lena/helena lena/magdalena
    leni/magdalena nele/cornelia mike/michael chuck/charles nell/eleanor polly/mary molly/mary sally/sarah
    rob/robert jim/james jimmy/james
    """.split()
)


@dataclass(frozen=True, slots=True)
class Sense:
    """What the decision rests on: weights and everyday words, from the same meetings."""

    model: EntityModel
    common: frozenset[str]

    @classmethod
    def committed(cls) -> Sense:
        return cls(entity_model.load(), background())


@dataclass(slots=True)
class Entity:
    """One thing with all its names. `shares` are the highest any of its names has; `mentions` are sentence indices."""

    names: list[Candidate]
    shares: dict[str, float]

    @property
    def mentions(self) -> list[int]:
        return sorted({m.sentence for name in self.names for m in name.mentions})

    @property
    def name(self) -> str:
        """The longest name that is said as often as a name must be, in its usual spelling."""
        return max(self.names, key=lambda c: (len(c.words), len(c.mentions))).name


@dataclass(slots=True)
class Entities:
    """What a meeting names. Each list is best first."""

    people: list[Entity] = field(default_factory=list)
    companies: list[Entity] = field(default_factory=list)
    rivals: list[Entity] = field(default_factory=list)
    #: Where the own company is named, heard well or badly.
    own: list[Mention] = field(default_factory=list)


def find_entities(
    discourse: Discourse, present: Sequence[str], *, guests: bool, sense: Sense | None = None
) -> Entities:
    """Everything named in the meeting. `present`: full names of those who speak; `guests`: does another side speak?"""
    sense = sense or Sense.committed()
    scene = Scene.of(discourse, sense.common)
    found = find_candidates(discourse, sense.common)
    judged = {
        c.key: (c, sense.model.probabilities(features(c, scene)))
        for c in found.values()
        if is_open(c, scene, present) and not _only_a_list(c, found)
    }
    entities = Entities(own=[m for c in found.values() if scene.is_own(c.name) for m in c.mentions])
    organisations = _gather([pair for pair in judged.values() if _may_be_organisation(*pair)])
    for entity in organisations:
        shares = entity.shares
        if shares["competitor"] >= LEAST["competitor"] and shares["competitor"] > shares["company"]:
            entities.rivals.append(entity)
        elif shares["company"] >= LEAST["company"]:
            entities.companies.append(entity)
    if guests and not entities.companies and organisations:
        rest = [entity for entity in organisations if entity not in entities.rivals]
        best = max(rest, key=lambda e: e.shares["company"], default=None)
        if best and best.shares["company"] >= LEAST_BEST:
            entities.companies.append(best)
    taken = {c.key for entity in (*entities.companies, *entities.rivals) for c in entity.names}
    halves = {key(word) for entity in entities.companies for word in entity.name.split()}
    left = [(c, shares) for c, shares in judged.values() if c.key not in taken and c.key not in halves]
    entities.people = _people(left, _answers(discourse, found))
    entities.companies.sort(key=lambda e: (-len(e.mentions) * e.shares["company"], e.mentions[0]))
    entities.rivals.sort(key=lambda e: -e.shares["competitor"])
    return entities


def _may_be_organisation(candidate: Candidate, shares: dict[str, float]) -> bool:
    """Not an address, and nothing that looks like a person's name unless much speaks for it."""
    words = candidate.words
    like_person = len(words) == 2 and words[0] in first_names() and not is_head(words[1])
    if len(words) == 2 and is_head(words[0]) and words[1] in first_names():  # "legal Tom"
        return False
    if len(words) == 1 and is_demonym(words[0]):
        return False
    return not place(candidate.name) and shares["person"] < 0.6 and not (like_person and shares["company"] < 0.7)


def _only_a_list(candidate: Candidate, found: dict[str, Candidate]) -> bool:
    """`Brightmop and Pelham`, said once, of two names that are also said apart; or two first names."""
    halves = re.split(r"\s(?:and|und|&)\s", candidate.name)
    if len(halves) != 2:
        return False
    if all(fold(half.split()[0]) in first_names() for half in halves):
        return True
    together = {mention.sentence for mention in candidate.mentions}
    apart = [
        one for half in halves
        if (one := found.get(key(half))) and any(mention.sentence not in together for mention in one.mentions)
    ]  # fmt: skip
    return len(apart) == 2 or (len(apart) == 1 and len(together) == 1)


def _gather(judged: list[tuple[Candidate, dict[str, float]]]) -> list[Entity]:
    """Names of one organisation together: the longest first, shorter ones join the one whose words they share."""
    entities: list[Entity] = []
    for candidate, shares in sorted(judged, key=lambda pair: (-len(pair[0].words), -len(pair[0].mentions))):
        twin = next((e for e in entities if any(_one_thing(candidate, other) for other in e.names)), None)
        if twin is None:
            entities.append(Entity([candidate], dict(shares)))
            continue
        twin.names.append(candidate)
        for kind, share in shares.items():
            twin.shares[kind] = max(twin.shares[kind], share)
    return entities


def _one_thing(short: Candidate, long: Candidate) -> bool:
    few, many = short.words, long.words
    if few == many or short.key == long.key:
        return True
    if len(few) < len(many) and (many[: len(few)] == few or many[-len(few) :] == few) and len(few[0]) >= 4:
        return True
    return (
        min(len(short.key), len(long.key)) >= 6
        and short.key[0] == long.key[0]
        and SequenceMatcher(None, short.key, long.key).ratio() >= 0.86
    )


def _people(judged: list[tuple[Candidate, dict[str, float]]], answers: dict[str, set[str]]) -> list[Entity]:
    """Absent people: full names first, then single names that no full one has."""
    people: list[Entity] = []
    for candidate, shares in sorted(judged, key=lambda pair: (-len(pair[0].words), -pair[1]["person"])):
        owner = next((e for e in people if any(_one_person(candidate, other, answers) for other in e.names)), None)
        least = LEAST["person"] if len(candidate.words) > 1 else LEAST["first name"]
        if owner is not None:
            owner.names.append(candidate)
        elif shares["person"] >= least:
            people.append(Entity([candidate], shares))
    return sorted(people, key=lambda e: e.mentions[0])


def _one_person(one: Candidate, other: Candidate, answers: dict[str, set[str]]) -> bool:
    words, more = one.words, other.words
    if set(words) <= set(more) or _misheard(one, other) or one.key in answers.get(other.key, ()):
        return True
    if other.key in answers.get(one.key, ()):
        return True
    return (
        words[0] in first_names() and same_first_name(words[0], more[0]) and (len(words) == 1 or words[1:] == more[1:])
    )


def same_first_name(one: str, other: str) -> bool:
    """Is one, folded, the short form of the other? `rosi`, `roswitha`; `jo`, `joanne`; `toni`, `anton`."""
    short, long = sorted((one, other), key=len)
    if short == long or frozenset((short, long)) in _NICKNAMES:
        return True
    stem = short.rstrip("iey") if len(short) > 3 else short
    return (
        long.startswith(stem)
        and len(long) - len(stem) >= 2
        and len(stem) >= 2
        and (short[-1:] in "iey" or len(short) <= 4)
    )


def _answers(discourse: Discourse, found: dict[str, Candidate]) -> dict[str, set[str]]:
    """ "What's Lobinger's first name?" "Ewald." Names asked about → names the next sentences begin with, by key."""
    begins: dict[int, list[Candidate]] = {}
    for candidate in found.values():
        for mention in candidate.mentions:
            if mention.start <= 4:
                begins.setdefault(mention.sentence, []).append(candidate)
    answers: dict[str, set[str]] = {}
    for candidate in found.values():
        for mention in candidate.mentions:
            if _ASKS_NAME.search(discourse.sentences[mention.sentence].text):
                for after in (1, 2):
                    told = {c.key for c in begins.get(mention.sentence + after, ())}
                    answers.setdefault(candidate.key, set()).update(told - {candidate.key})
    return answers


def _misheard(one: Candidate, other: Candidate) -> bool:
    return len(one.words) == len(other.words) and SequenceMatcher(None, one.key, other.key).ratio() >= 0.86


def sentences(discourse: Discourse, entity: Entity) -> list[Sentence]:
    """Where the entity is named."""
    return [discourse.sentences[index] for index in entity.mentions]
