"""The verdict on a draft: a plan to stand behind, a question back, a search, or nothing.

What asks for a number and is not understood is not searched for: nothing can be counted in snippets.
Layers of one class: asking_back ─ free_text ─ verdict.
"""

from __future__ import annotations

from chatbot.assistant.types import Routed

#: Confidence of a plan that explains every word, and how much of it each corrected word costs.
from chatbot.assistant.understanding.asking_back import UNSURE
from chatbot.assistant.understanding.concepts import cmp
from chatbot.assistant.understanding.drafts import Draft
from chatbot.assistant.understanding.free_text import FreeText
from chatbot.assistant.understanding.word_files import entries
from shared.errors import Invalid
from shared.query.catalog import catalog
from shared.query.checking import check_plan
from shared.query.plan import Plan
from shared.schemas.chat import RouteKind
from shared.search import fold

#: Confidence of a plan that explains every word, and how much of it each corrected word costs.
SURE, PER_CORRECTION = 0.95, 0.05


class Verdict(FreeText):
    """One question's verdict."""

    def routed(self) -> Routed:
        if not self.reading.text.tokens:
            return self._abstain("empty")
        if self.reading.text.is_too_long:
            return Routed("semantic", search=self.question.text[:500], confidence=UNSURE)
        if self.parse.specials & {"only", "more"} and self.parse.head is None and not self._has_plan_before():
            return self._abstain("no_earlier")
        if self._is_smalltalk():
            return self._abstain("smalltalk")
        if self._is_of_nothing_kept():
            return self._abstain("cannot", confidence=UNSURE - 0.1)
        if self._is_free_text():
            return self._free_text()
        draft = self.draft
        if draft is None:
            return self._no_plan()
        if draft.ambiguous and not draft.unexplained:
            return self._which_one(draft.ambiguous[0])
        if draft.unexplained:
            return self._not_explained(draft)
        if "no page" in draft.impossible:
            return self._abstain("no_subject")
        if draft.impossible or draft.plan is None:
            return self._abstain("cannot", confidence=UNSURE - 0.1)
        if draft.doubts:
            return self._which_date(draft)
        return self.planned(draft)

    def planned(self, draft: Draft) -> Routed:
        """A plan that accounts for every word; of namesakes one must be chosen first."""
        if draft.ambiguous:
            return self._which_one(draft.ambiguous[0])
        assert draft.plan is not None
        try:
            check_plan(draft.plan, catalog(self.session))
        except Invalid:
            return self._abstain("cannot", confidence=UNSURE - 0.1)
        confidence = max(UNSURE, SURE - PER_CORRECTION * self.reading.corrections)
        # What meetings are about is in what was said; their titles alone would miss most of it.
        is_about = bool(draft.plan.q) and draft.plan.from_ in ("meeting", "deal") and not draft.plan.is_measured
        kind: RouteKind = "hybrid" if "summary" in self.parse.specials or is_about else "structured"
        search = self.question.text if kind == "hybrid" else ""
        return Routed(
            kind, confidence=confidence, plan=draft.plan, search=search, about=tuple(draft.about),
            focus=draft.about[0] if len(draft.about) == 1 else None,
        )  # fmt: skip

    def _no_plan(self) -> Routed:
        """Nothing in the question has a subject or a record type."""
        unknown = self._unknown_name(self._unexplained())
        if self.parse.topic and not self._is_counting():
            return self._search()
        if unknown:
            return self._abstain("unknown_name", name=unknown)
        if self._is_about_a_price(self._unexplained()):
            return self._search()
        if self._is_counting() or self.parse.groups or self.parse.superlatives:
            return self._abstain_words(self._unexplained())
        if self.parse.deictic and self.question.page is None:
            return self._abstain("no_subject")
        return self._search()

    def _not_explained(self, draft: Draft) -> Routed:
        if self._is_about_a_price(draft.unexplained) and not self._unknown_name(draft.unexplained):
            return self._search(draft.about)
        unknown = self._unknown_name(draft.unexplained)
        if unknown and (asked := self._asked_for_by_name(draft, unknown)) is not None:
            return asked
        if unknown:
            return self._abstain("unknown_name", name=unknown)
        is_measured = draft.plan is not None and draft.plan.is_measured
        if self._is_counting() or is_measured or self.parse.superlatives or self.parse.groups:
            return self._abstain_words(draft.unexplained)
        return self._search(draft.about)

    def _asked_for_by_name(self, draft: Draft, name: str) -> Routed | None:
        """“is Zara Quill in our contacts?”: whether there is one of that name is an answer, and here it is no."""
        head = self.parse.head
        is_asked = self.parse.has("is", "exists") and not set(self.parse.asks) - {"is", "exists", "list"}
        if head is None or head.entity not in ("contact", "company") or not is_asked or draft.impossible:
            return None
        if head.nodes or head.children or head.cues or head.whens or self.parse.asked or draft.plan is None:
            return None
        if [self.reading.words_of(item) for item in draft.unexplained] != name.split():
            return None
        plan = Plan(from_=head.entity, where=cmp("name", "contains", name))
        return Routed("structured", confidence=SURE, plan=plan)

    def _has_plan_before(self) -> bool:
        history = self.question.history
        return bool(history) and history[-1].plan is not None

    def _is_of_nothing_kept(self) -> bool:
        """The weather, passwords, birthdays: no CRM keeps them, though somebody may have spoken of them."""
        if self.parse.texts:
            return False
        said = f" {' '.join(token.word for token in self.reading.text.tokens)} "
        listed = entries(f"outside_{self.reading.language}")["outside:outside"]
        return any(f" {fold(phrase)} " in said for phrase in listed)

    def _is_smalltalk(self) -> bool:
        if "smalltalk" not in self.parse.specials:
            return False
        return (
            self.parse.head is None
            and not self.parse.asked
            and not any(item.kind in ("name", "value", "number", "unknown", "time") for item in self.reading.items)
        )
