"""What can be observed about a candidate name: its shape, and the words around all its mentions.

A feature is a name with a value from 0 to 1; shares of mentions go beside plain presence, so that one odd
sentence does not decide. The classifier in `entity_model` weighs them; nothing here decides anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from math import log1p

from chatbot.extraction.builtin import entity_cues as cues
from chatbot.extraction.builtin.candidates import Candidate, Mention, first_names, is_compound, is_head
from chatbot.extraction.builtin.discourse import Discourse, clean
from chatbot.extraction.builtin.names import place
from chatbot.extraction.numbers import find_numbers
from chatbot.extraction.spelling import find_emails
from chatbot.extraction.text import fold, key

Features = dict[str, float]


@dataclass(slots=True)
class Scene:
    """What features of all candidates of a meeting share."""

    discourse: Discourse
    common: frozenset[str]
    texts: list[str]
    own: str
    labels: frozenset[str]
    domains: tuple[str, ...]
    asked: list[int]
    lower: frozenset[str]
    title: str
    flags: dict[int, tuple[str, ...]]

    @classmethod
    def of(cls, discourse: Discourse, common: frozenset[str]) -> Scene:
        texts = [clean(s.text) for s in discourse.sentences]
        speakers = {s.speaker for s in discourse.sentences if s.speaker}
        labels = {fold(word) for label in (*speakers, *discourse.meeting.participants) for word in label.split()}
        domains = tuple(dict.fromkeys(m.value.partition("@")[2] for t in texts for m in find_emails(t)))
        asked = [i for i, text in enumerate(texts) if cues.ELSE.search(text)]
        lower = frozenset(re.findall(r"(?<![^\s(\"'])[a-zà-ÿ]{3,}", " ".join(texts)))
        own = discourse.meeting.own_company or ""
        return cls(discourse, common, texts, own, frozenset(labels), domains, asked, lower,
                   key(discourse.meeting.title or ""), {})  # fmt: skip

    def around(self, index: int) -> tuple[str, ...]:
        """The cues of one sentence, worked out once."""
        if index not in self.flags:
            text = self.texts[index]
            found = [name for name, pattern in cues.AROUND.items() if pattern.search(text)]
            if cues.ROLE.search(text):
                found.append("role")
            self.flags[index] = tuple(found)
        return self.flags[index]

    def is_answering(self, asked: int, index: int) -> bool:
        """Is nothing longer asked between the question and this sentence? A new question is about something else."""
        return not any(text.endswith("?") and len(text.split()) > 3 for text in self.texts[asked + 1 : index])

    def is_own(self, name: str) -> bool:
        """The own company, heard well or badly."""
        mine, said = key(self.own), key(name)
        if not mine or len(said) < 4:
            return False
        return mine.startswith(said) or said.startswith(mine) or SequenceMatcher(None, mine, said).ratio() > 0.84 or (
            SequenceMatcher(None, key(self.own.split()[0]), said).ratio() > 0.84
        )  # fmt: skip


def is_open(candidate: Candidate, scene: Scene, present: Iterable[str]) -> bool:
    """Is there anything to decide? Not for the own company and for names of those who speak."""
    words = set(candidate.words)
    if scene.is_own(candidate.name) or words <= scene.labels:
        return False
    return not any(words <= {fold(part) for part in re.split(r"[\s-]+", name)} for name in present)


def is_demonym(word: str) -> bool:
    """`romanian`, `danish`, `bayerisch`: a people or a language, folded."""
    return cues.DEMONYM.search(word) is not None


def features(candidate: Candidate, scene: Scene) -> Features:
    """All features of a candidate, absent ones left out."""
    shape = set(_shape(candidate, scene))
    found: Features = {"bias": 1.0}
    found.update({f"shape:{name}": 1.0 for name in shape})
    found.update(_counts(candidate, scene))
    said = _contexts(candidate.mentions, scene, "said")
    found.update(said)
    if candidate.parts:
        found.update(_contexts(candidate.parts, scene, "part"))
    kind = _build(shape)
    found.update({f"{kind}&{name}": value for name, value in said.items() if ":any:" in name})
    found.update({f"{kind}&{name}": 1.0 for name in shape})
    return found


def _build(shape: set[str]) -> str:
    """The coarsest sort of name, which every cue reads differently: `quoted` beside a first name or an unknown word."""
    if shape & {"first_name_only", "first_name_and"}:
        return "first"
    if shape & {"head_last", "head_first", "of"}:
        return "head"
    if "all_common" in shape or "lower_here" in shape:
        return "common"
    return "word" if "words1" in shape else "words"


def _shape(candidate: Candidate, scene: Scene) -> Iterable[str]:
    words, german = candidate.words, scene.discourse.meeting.language == "de"
    name = candidate.name
    yield "de" if german else "en"
    yield f"words{min(len(words), 4)}"
    if len(words) == 1:
        yield "one_de" if german else "one_en"
    if words[0] in first_names():
        yield "first_name"
        yield "first_name_only" if len(words) == 1 else "first_name_and"
    elif len(words) == 2 and not any(is_head(word, german=german) for word in words):
        yield "two_no_head"
    if len(words) > 1:
        if is_head(words[-1], german=german):
            yield "head_last"
        if is_head(words[0], german=german):
            yield "head_first"
    elif is_head(words[0], german=german):
        yield "only_head"
    if re.search(r"\s(?:&|and|und)\s", name):
        yield "pair"
    if re.search(r"\sof\s", name):
        yield "of"
    bare = [word for word in words if not is_head(word, german=german)] or words
    known = [word in scene.common or (german and is_compound(word)) for word in bare]
    if len(words) > 1 and len(bare) < len(words) and not any(known):
        yield "head_and_unknown"
    if all(known):
        yield "all_common"
    elif any(known):
        yield "some_common"
    else:
        yield "unknown"
    if any(word in scene.lower for word in words):
        yield "lower_here"
    if any(word in cues.PLACES for word in words):
        yield "place"
    if place(name) or cues.DEMONYM.search(words[-1]):
        yield "street_or_people"
    if not german and len(words) > 1 and any(not mention.first for mention in candidate.mentions):
        yield "several_inside"
    if re.search(r"\b[A-ZÄÖÜ]{2,}\b", name):
        yield "capitals"
    if re.search(r"[a-zäöü][A-Z]", name):
        yield "camel"
    if "-" in name:
        yield "hyphen"
    if german and len(words) == 1 and cues.NOUN.search(words[0]):
        yield "noun_ending"
    if any(word in scene.labels for word in words):
        yield "label"
    if len(candidate.forms) > 1:
        yield "spelled_two_ways"
    if len(candidate.key) > 13:
        yield "long"
    if scene.title and candidate.key in scene.title:
        yield "title"
    if len(words[0]) >= 4 and any(key(words[0])[:8] in key(domain) for domain in scene.domains):
        yield "domain"


def _counts(candidate: Candidate, scene: Scene) -> Features:
    mentions, total = candidate.mentions, len(scene.texts)
    said = {scene.discourse.sentences[m.sentence].speaker for m in mentions}
    found = {
        "n:log": log1p(len(mentions)) / 3,
        "n:once": float(len(mentions) + len(candidate.parts) == 1),
        "n:parts": log1p(len(candidate.parts)) / 3,
        "n:speakers": min(len(said), 4) / 4,
        "n:first": sum(m.first for m in mentions) / len(mentions),
        "n:only_first": float(all(m.first for m in mentions)),
        "n:early": float(mentions[0].sentence < max(12, 0.08 * total)),
        "n:spread": (mentions[-1].sentence - mentions[0].sentence) / max(total, 1),
    }
    return {name: value for name, value in found.items() if value}


def _contexts(mentions: list[Mention], scene: Scene, group: str) -> Features:
    seen: dict[str, int] = {}
    mentions = mentions[:40]
    for mention in mentions:
        for name in dict.fromkeys(_context(mention, scene)):
            seen[name] = seen.get(name, 0) + 1
    found: Features = {}
    for name, count in seen.items():
        found[f"{group}:any:{name}"] = 1.0
        found[f"{group}:share:{name}"] = count / len(mentions)
    return found


def _context(mention: Mention, scene: Scene) -> Iterable[str]:
    text = scene.texts[mention.sentence]
    before, after = text[max(0, mention.start - 40) : mention.start], text[mention.end : mention.end + 60]
    for name, pattern in cues.BEFORE.items():
        if pattern.search(before):
            yield f"<{name}"
    for name, pattern in cues.AFTER.items():
        if pattern.search(after):
            yield f">{name}"
    if mention.address:
        yield "address"
    if mention.role_before:
        yield "role_before"
    if cues.ROLE.search(after[:45]):
        yield ">role"
    if cues.ROLE.search(before[-30:]):
        yield "<role_near"
    around = scene.around(mention.sentence)
    for name in around:
        yield f"~{name}"
    if "intro" in around and re.search(r"\b(?:at|from|of|for|with|bei|von|der|und) (?:the )?$", before):
        yield "employer"
    if re.search(r"\b(?:we|wir)(?:'re| are| sind| at| von| bei| from)?(?: der| the)? $", before, re.I) or re.match(
        r", (?:we|wir)\b", after
    ):
        yield "we_are"
    if cues.ALONE.match(text[: mention.start]) and re.match(r"^\W*$", text[mention.end :]):
        yield "alone"
    elif cues.ALONE.match(text[: mention.start]):
        yield "heads"
    rival = (cues.RIVAL_BEFORE.search(before) is not None) + (cues.RIVAL_AFTER.search(after) is not None)
    if cues.GONE_AFTER.match(after) and re.search(r"\b(?:bei|mit|an|zu|auf|von)(?: der| den)? $", before, re.I):
        rival += 1
    if rival:
        yield "rival"
    if rival == 2:
        yield "rival_twice"
    following = scene.texts[mention.sentence + 1] if mention.sentence + 1 < len(scene.texts) else ""
    if re.match(r"(?:she|he|er|sie)\b", following, re.I):
        yield "then_he"
    if re.match(r"(?:they|die)\b", following, re.I):
        yield "then_they"
        if cues.RIVAL_AFTER.search(following[4 if following[:4].lower() == "they" else 3 :]):
            yield "then_rival"
    if cues.PRODUCT.search(before[-25:]) or cues.AFTER["noun"].search(after):
        yield "product"
    for name in scene.around(mention.sentence + 1) if following else ():
        if name in ("price", "compare", "trial", "switch", "approach", "tool", "contract", "role"):
            yield f"+{name}"
    if mention.sentence and re.search(
        r"\b(?:who|wer|wen|welche\w*|what's (?:it|he|she) called|name)\b.*\?$", scene.texts[mention.sentence - 1], re.I
    ):
        yield "asked_who"
    if any(0 <= mention.sentence - asked <= 4 and scene.is_answering(asked, mention.sentence) for asked in scene.asked):
        yield "asked_else"
    if any(n.value >= 1000 or n.shorthand for n in find_numbers(text + " " + following)):
        yield "amount"
