"""How far a deal is: lead, discovery, … won, lost.

What has happened between the two sides shows in moves (an offer sent, a price haggled over, a trial asked for, papers
at the lawyers, a signature, a refusal), rarely in the stage's name. Each move is a list of words people use for it,
English and German; which share of the moves is which, and which come last, `choosing` weighs for each stage.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import get_args

from chatbot.extraction.builtin.amounts import Sum
from chatbot.extraction.builtin.choosing import chances
from chatbot.extraction.builtin.cues import any_of
from chatbot.extraction.builtin.discourse import Sentence, clean
from chatbot.extraction.builtin.people import Roster
from shared.schemas.insight import DealStage

STAGES: tuple[str, ...] = get_args(DealStage)

_MOVES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("met", any_of(
        r"\b(?:website|webinar|booth|trade (?:show|fair)|conference|downloaded|white ?paper|filled in|form on|linkedin|"
        r"cold call|out of the blue|came across|heard (?:of|about) you|recommend\w*|referr\w+|introduced|intro|"
        r"got your (?:name|number|card|email)|business card|newsletter|messe\w*|messestand|formular|heruntergeladen|"
        r"empfohlen|empfehlung|visitenkarte|kaltakquise|angeschrieben|auf sie gestoßen|aufmerksam|"
        r"who are you|what (?:do|is it) you (?:do|sell)|was machen sie|wer sind sie)\b")),
    ("fit", any_of(
        r"\b(?:questionnaire|right (?:person|fit|people)|good fit|a fit|qualif\w+|who (?:else )?(?:decides|signs|owns|"
        r"holds|would)|who's the|decision[- ]maker|in charge|is there (?:a )?(?:budget|money)|any (?:budget|money)|"
        r"funding|fragebogen|zuständig\w*|entscheider\w*|wer (?:entscheidet|unterschreibt)|gibt es (?:ein )?"
        r"(?:budget|geld)|passen wir|überhaupt)\b")),
    ("today's way", any_of(
        r"\b(?:how do you (?:do|handle|work|manage|run|track|know)|how does (?:it|that) work|walk me through|tell me|"
        r"what happens|how many|how often|how long|what's the (?:pain|problem|worst)|today it's|at the moment|"
        r"currently|by hand|spreadsheets?|excel|paper|whiteboard|wie (?:läuft|machen|arbeiten|viele|oft|lange)|"
        r"was passiert|erzählen sie|derzeit|im moment|von hand|zettel\w*|papier\w*|liste\w*)\b")),
    ("wants to know", any_of(
        r"\b(?:want(?:ed)? to (?:understand|learn|see|know)|first (?:call|talk|chat|look|meeting)|just looking|"
        r"what's out there|looking around|early days|exploring|ball-?park|rough(?:ly)?|scop\w+|requirements?|"
        r"erstgespräch|erst ?mal|kennenlernen|grob\w*|größenordnung|hausnummer|umschauen|anforderung\w*|verstehen)\b")),
    ("trial", any_of(
        r"\b(?:trial\w*|pilot\w*|sandbox|proof of concept|poc|demo\w*|test(?:s|ed|ing|en|et|phase|zugang|lauf|"
        r"stellung)?|try(?:ing)? (?:it|out|this)|tried|have a go|playing with|log-?ins?|probe\w*|ausprobier\w*|"
        r"vorführung\w*|testinstallation)\b")),
    ("compared", any_of(
        r"\b(?:short-?list\w*|score ?(?:card|sheet|s|d)?|scoring|compar\w+|criteria|side by side|against (?:two|the)|"
        r"finalists?|evaluat\w+|reference (?:call|customer|visit)|references?|vendors|three of you|vergleich\w*|"
        r"kriterien|bewert\w*|referenz\w*|anbieter\w*|engere\w* (?:wahl|auswahl))\b")),
    ("offer", any_of(
        r"\b(?:proposals?|offers?|offered|quot(?:e|es|ed|ation)|tender\w*|bids?|submission|pric(?:e|ed|ing)|"
        r"version (?:two|three|2|3)|page (?:one|two|three|four|nine)|options?|our paper|the paper|the number|"
        r"angebot\w*|angeboten|kostenvoranschlag|ausschreibung\w*|vorschlag\w*|variante\w*|preis\w*|position\w*)\b")),
    ("sent", any_of(
        r"\b(?:sent (?:you|it|them|over|the)|you(?:'ve| have) (?:got|had) (?:our|my|the)|i'll send|send (?:you|it|me|"
        r"them)|in writing|put (?:it|that) (?:in|on|down)|got your|geschickt|schick\w*|liegt (?:bei|vor)|zugeschickt|"
        r"schriftlich|bekommen sie)\b")),
    ("haggle", any_of(
        r"\b(?:discount\w*|percent off|knock\w*|come down|(?:drop|shave|take) (?:it|that|\w+) (?:down|off|to)|meet "
        r"(?:you|me|in the middle)|half ?way|can't do|could do|can do|sharpen|too (?:much|high|expensive|dear)|"
        r"cheaper|budge|squeeze\w*|best price|final price|throw (?:in|the)|threw|free of charge|"
        r"leave (?:it )?(?:in|out)|"
        r"take (?:it )?out|drop the|negotiat\w+|haggl\w+|counter\w*|"
        r"rabatt\w*|nachlass\w*|skonto|prozent|runter\w*|entgegen\w*|zu (?:teuer|hoch|viel)|billiger|günstiger|"
        r"verhandel\w*|verhandl\w*|schmerzgrenze|preislich|drauflegen|streichen|weglassen)\b")),
    ("terms", any_of(
        r"\b(?:legal|lawyers?|counsel|redlines?|mark-?up|clauses?|liabilit\w+|indemnit\w+|terms|payment (?:terms|days)|"
        r"net (?:thirty|sixty|forty)|days' payment|procurement|msa|dpa|data protection|security (?:review|"
        r"questionnaire)|"
        r"insurance certificate|cap at|warrant\w+|sla|break clause|"
        r"recht\w*abteilung|jurist\w*|anwält\w*|anwalt|klausel\w*|haftung\w*|zahlungsziel\w*|agb|avv|datenschutz\w*|"
        r"einkauf\w*|vertragsentwurf|laufzeit|konditionen|betriebsrat)\b")),
    ("yes", any_of(
        r"\b(?:we'll (?:do|take|go|have) (?:it|that|with|ahead)|i'll take|let's do it|we're (?:in|on|going with you)|"
        r"you've got (?:it|the (?:job|deal|work))|it's (?:yours|a yes|a go)|said yes|a yes|verbal\w*|handshake|shook|"
        r"shake (?:hands|on)|my word|in principle|agreed|approv\w+|nodded|all that's (?:left|missing)|only (?:needs?|"
        r"the signature)|just needs|(?:to|will|gets?|be|before|when|i'll|he'll|she'll|they'll|we'll|"
        r"who'll) sign(?:ed)?|"
        r"signs (?:it|on|the|when)|for signature|awarded|preferred bidder|good as done|"
        r"mündlich|zusage\w*|zugesagt|handschlag|wir machen'?s|machen wir'?s|nehmen wir|so nehm\w*|freigegeben|"
        r"unterschreib\w*|fehlt nur|nur noch|genehmigt|grünes licht|zuschlag|einverstanden|abgemacht|im prinzip)\b")),
    ("signed", any_of(
        r"\b(?:countersigned|we signed|(?:was|is|been|got|has|have|it's|all|had (?:it|that)|they|he|she) (?:\w+ )?"
        r"signed|signed (?:copy|and|on|last|yesterday|this|off|it|by|the|one)|po (?:number|came|is|came)|"
        r"purchase order|"
        r"order's in|in the bag|closed won|we won|won it|is won|congratulations|congrats|welcome (?:aboard|on board)|"
        r"kick-?off|onboarding|first invoice|deposit (?:is |was )?paid|it's done|ring the bell|start date|go-?live|"
        r"unterschrieben|unterzeichnet|gegengezeichnet|gewonnen|glückwunsch|bestellung|bestellnummer|beauftragt|"
        r"auftrag (?:ist|haben|erteilt)|im sack|in trockenen tüchern|projektstart|willkommen)\b")),
    ("gone", any_of(
        r"\b(?:lost|gone (?:with|to)|going with|went (?:with|to|another|for|elsewhere)|going to (?:stick|stay)|"
        r"stick(?:ing)? "
        r"with|someone else|somebody else|the other (?:lot|one|side|crowd|people|bidder)|decided against|not (?:going|"
        r"to be) (?:ahead|forward|with you)|turned (?:us|it|you) down|rejected|declin\w+|no from|a no\b|isn't you|"
        r"wasn't you|not you|sorry to|bad news|afraid|unfortunately|you were (?:close|second|a good)|runner-?up|second "
        r"place|close it out|scratch|cancel\w*|won't be|what did (?:we|they)|"
        r"verloren|abgesagt|absage\w*|entschieden für|gegen (?:sie|euch|uns) entschieden|jemand ander\w+|andere\w* "
        r"anbieter|leider|tut mir leid|nicht geworden|zweite\w* platz|raus|bedauer\w*|ausgeschieden|gekündigt)\b")),
    ("stopped", any_of(
        r"\b(?:on (?:hold|ice)|freeze|frozen|froze|parked|park (?:it|this|that)|paus\w+|postpon\w+|put off|shelved|"
        r"kicked (?:it )?(?:down|into)|not (?:this|until|before|till) (?:year|next|the|spring|summer|autumn|january)|"
        r"next (?:year|spring|summer|autumn|budget|financial) (?:at|earliest)?|(?:come|check|talk|ring|ask|look) "
        r"(?:\w+ )?(?:back|again) in|nothing (?:moves|happens|new|gets)|wait(?:ing)? (?:for|until|till)|asleep|"
        r"sleeping|"
        r"merger|takeover|reorg\w*|restructur\w*|spending|stop(?:ped|s)?|"
        r"auf eis|pausier\w*|zurückgestellt|verschoben|verschieb\w*|gestoppt|stopp|sperre|haushaltssperre|eingefroren|"
        r"liegt auf|ruht|kein geld|nächstes jahr|erst (?:im|wieder|nach)|frühestens|insolvenz\w*|umbau|fusion\w*|"
        r"übernahme|melden uns (?:dann|wieder)|stillstand|nichts mehr|kartellamt)\b")),
    ("again", any_of(
        r"\b(?:renew\w*|extend\w*|extension|another (?:year|term|two|three|twelve)|same (?:again|as (?:before|last))|"
        r"(?:contract|term|licen[cs]e|agreement|current one)\w*(?: \w+){0,3} (?:ends?|up|runs? out|expires?|"
        r"over|is due)|"
        r"runs? out|expir\w+|notice|(?:first|third|second|fourth) year|anniversary|increase|uplift|indexation|you're "
        r"paying|we(?:'ve been)? pay(?:ing)?|existing|since 20\w+|stay (?:with|on)|leave us|"
        r"verlänger\w*|läuft (?:aus|ab|bis)|ausläuft|kündig\w*|vertragsende|weiteres jahr|noch (?:ein|zwei|"
        r"drei) jahr\w*|"
        r"preiserhöhung\w*|erhöh\w*|indexier\w*|bestandskund\w*|bisher\w*|wie (?:bisher|gehabt)|seit \w+ jahren)\b")),
    ("decides", any_of(
        r"\b(?:board|committee|council|trustees|partners|boss|cfo|decide[ds]?|decision|vote|take (?:it|that|this) "
        r"(?:up|to|back|upstairs)|run it past|bring it|get back to you|let you know|steering|"
        r"vorstand\w*|geschäftsführ\w*|gremium|ausschuss|gemeinderat|chef\w*|entscheid\w*|beirat|lenkungs\w*|"
        r"nehm (?:ich|"
        r"das) mit|bescheid)\b")),
)  # fmt: skip
_NAMES = tuple(name for name, _ in _MOVES)
#: Moves that settle how a talk is to be read when they come last.
_TELLING = ("trial", "offer", "haggle", "terms", "yes", "signed", "gone", "stopped", "again")


@lru_cache(maxsize=8192)
def moves(text: str) -> frozenset[str]:
    """The moves a cleaned sentence speaks of."""
    return frozenset(name for name, pattern in _MOVES if pattern.search(text))


def signals(sentences: Sequence[Sentence], found: Sequence[Sum], roster: Roster, *, several: bool) -> dict[str, float]:
    """What a talk about one deal says of its stage. `found`: its sums; `several`: one deal of those discussed."""
    told = [moves(clean(s.text)) for s in sentences]
    counts = {name: sum(name in heard for heard in told) for name in _NAMES}
    whole = sum(counts.values()) + 2
    last = next((name for heard in reversed(told) for name in _TELLING if name in heard), None)
    shares = {f"share of {name}": 4 * counts[name] / whole for name in _NAMES}
    own = [s for s in sentences if roster.side(s.speaker) == "own"]
    others = [s for s in sentences if roster.side(s.speaker) == "other"]
    values = {one.value for one in found}
    priced_by_us = any(roster.side(one.sentence.speaker) == "own" for one in found)
    return shares | {
        f"last {last}": 1.0,
        "several": several,
        "among us": not others,
        "priced by us": priced_by_us,
        "sums": min(4, len(values)) / 4,
        "our questions": 2 * sum(s.question for s in own) / max(4, len(own)),
        "their questions": 2 * sum(s.question for s in others) / max(4, len(others)),
        "one": 1.0,
    }  # fmt: skip


def candidates(told: dict[str, float]) -> list[dict[str, float]]:
    """The same signals under the name of each stage, for `choosing`."""
    return [{f"{stage}: {name}": value for name, value in told.items() if value} for stage in STAGES]


def stage(told: dict[str, float]) -> tuple[str, float]:
    """The likeliest stage and its chance."""
    likely = chances("stage", candidates(told))
    best = max(range(len(STAGES)), key=lambda i: likely[i])
    return STAGES[best], likely[best]
