"""The summary: the facts found, told shortly.

It is extractive: the facts found, said in short sentences in the meeting's language, with the figures as they
were spoken. It invents nothing, which is why it reads a little stiffly.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
from collections import Counter
from math import log

from chatbot.extraction.builtin.cues import CONDITION, HEDGE
from chatbot.extraction.builtin.discourse import Discourse, clean, plain
from chatbot.extraction.dates import find_days
from chatbot.extraction.numbers import find_numbers
from chatbot.extraction.text import contained, content
from chatbot.extraction.types import Draft
from shared.schemas.insight import Kind

_WORDS = {
    "en": {
        "deal": "{company}: {amount} {currency}, {stage}", "close": ", decision expected {date}", "next":
            "Next meeting {when}{purpose}", "decided": "Decided",
        "pain": "Problems", "objection": "Concerns", "requirement": "Requirements", "rival": "Competitors", "action":
            "To do", "company": "About {name}", "more": "Also said",
    },
    "de": {
        "deal": "{company}: {amount} {currency}, {stage}", "close": ", Entscheidung erwartet {date}", "next":
            "Nächster Termin {when}{purpose}", "decided": "Beschlossen",
        "pain": "Probleme", "objection": "Bedenken", "requirement": "Anforderungen", "rival": "Wettbewerber", "action":
            "Aufgaben", "company": "Über {name}", "more": "Außerdem",
    },
}  # fmt: skip
_STAGES_DE = {
    "lead": "Kontakt", "qualification": "Qualifizierung", "discovery": "Bedarfsklärung", "evaluation": "Evaluierung",
        "proposal": "Angebot", "negotiation": "Verhandlung",
    "verbal": "mündliche Zusage", "won": "gewonnen", "lost": "verloren", "on_hold": "pausiert", "renewal":
        "Verlängerung",
}  # fmt: skip
_MONTHS_DE = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
_MONTHS_EN = "January February March April May June July August September October November December".split()
_PER_KIND = 8
#: Further statements, at most.
_MORE = 16
_CAPITAL = re.compile(r"(?<=\s)[A-ZÄÖÜ]\w{3,}")


def summary(discourse: Discourse, drafts: list[Draft]) -> list[Draft]:
    """A few sentences made of what was found."""
    language = "de" if discourse.meeting.language == "de" else "en"
    say = _WORDS[language]
    lines = [
        _company(d, say) for d in drafts if d.kind is Kind.COMPANY and (d.data.get("industry") or d.data.get("size"))
    ][:2]
    lines += [_deal(d, say, language) for d in drafts if d.kind is Kind.DEAL]
    for kind, word in (
        (Kind.DECISION, "decided"), (Kind.PAIN_POINT, "pain"), (Kind.OBJECTION, "objection"), (Kind.REQUIREMENT,
            "requirement"), (Kind.ACTION_ITEM, "action"),
    ):  # fmt: skip
        mine = sorted((d for d in drafts if d.kind is kind), key=lambda d: -d.score)[:_PER_KIND]
        if mine:
            lines.append(f"{say[word]}: " + "; ".join(_statement(d, language) for d in mine))
    rivals = [str(d.data["name"]) for d in drafts if d.kind is Kind.COMPETITOR]
    if rivals:
        lines.append(f"{say['rival']}: " + ", ".join(rivals))
    for draft in [d for d in drafts if d.kind is Kind.NEXT_MEETING][:1]:
        purpose = f" ({draft.data['purpose']})" if draft.data.get("purpose") else ""
        lines.append(say["next"].format(when=_when(str(draft.data["when"]), language), purpose=purpose))
    more = _further(discourse, " ".join(lines))
    if more and lines:
        lines.append(f"{say['more']}: " + "; ".join(more))
    if not lines:
        longest = sorted(discourse.sentences, key=lambda s: -len(s.text))[:3]
        lines = [clean(s.text).rstrip(".") for s in sorted(longest, key=lambda s: s.index)]
    if not lines:
        return []
    quotes = tuple(q for d in drafts if d.kind in (Kind.DEAL, Kind.DECISION, Kind.NEXT_MEETING) for q in d.quotes[:1])[
        :4
    ]
    text = "\n".join(line + "." for line in lines)[:8000]
    return [Draft(Kind.SUMMARY, {"text": text}, quotes, 0.6)]


def _further(discourse: Discourse, told: str) -> list[str]:
    """Statements not told yet: rich in figures, days and names, and in what the meeting keeps naming."""
    today = discourse.meeting.occurred_at.date()
    common = Counter(stem for s in discourse.sentences for stem in set(content(plain(s.text))))
    ranked = []
    for sentence in discourse.sentences:
        text = plain(sentence.text)
        size = len(text.split())
        if sentence.question or not 4 <= size <= 30 or CONDITION.search(text) or contained(text, told) > 0.6:
            continue
        facts = len(find_numbers(text)) + len(find_days(text, today)) + len(_CAPITAL.findall(text)) / 2
        theme = sum(log(common[stem]) for stem in set(content(text)) if common[stem] > 2) / 2
        worth = (facts + theme) * (0.6 if HEDGE.search(text) else 1.0)
        if facts >= 1 or theme >= 2:
            ranked.append((worth / size**0.5, sentence.index, text))
    best = sorted(ranked, reverse=True)[: max(6, min(_MORE, len(discourse.sentences) // 15))]
    return [text for _, _, text in sorted(best, key=lambda entry: entry[1])]


def _company(draft: Draft, say: dict[str, str]) -> str:
    facts = [str(draft.data[f]) for f in ("industry", "size") if draft.data.get(f)]
    return say["company"].format(name=draft.data["name"]) + ": " + ", ".join(facts)


def _deal(draft: Draft, say: dict[str, str], language: str) -> str:
    stage = str(draft.data.get("stage") or "")
    stage = _STAGES_DE.get(stage, stage) if language == "de" else stage.replace("_", " ")
    amount = draft.data.get("amount")
    shown = f"{amount:,.0f}" if isinstance(amount, int | float) else ""
    shown = shown.replace(",", ".") if language == "de" else shown
    line = say["deal"].format(
        company=draft.data["company"], amount=shown, currency=draft.data.get("currency") or "", stage=stage
    )
    line = re.sub(r"\s+,", ",", re.sub(r"\s{2,}", " ", line)).replace(":,", ":")
    if draft.data.get("close_date"):
        line += say["close"].format(date=_when(str(draft.data["close_date"]), language))
    return line


def _statement(draft: Draft, language: str) -> str:
    text = str(draft.data["description"])
    if draft.kind is not Kind.ACTION_ITEM:
        return text
    extra = [str(draft.data["owner"])] if draft.data.get("owner") else []
    if draft.data.get("due_date"):
        extra.append(_when(str(draft.data["due_date"]), language))
    return f"{text} ({', '.join(extra)})" if extra else text


def _when(iso: str, language: str) -> str:
    """`2026-09-25T14:00` -> `25 September 14:00`, `25. September 14:00`."""
    day, _, clock = iso.partition("T")
    _, month, number = day.split("-")
    months = _MONTHS_DE if language == "de" else _MONTHS_EN
    mark = "." if language == "de" else ""
    return f"{int(number)}{mark} {months[int(month) - 1]}" + (f" {clock}" if clock else "")
