"""From what was asked to a plan: rows or measures, of which records, in which order, showing what.

A draft says how much of the question its plan accounts for. It also says what stands in the way: names that mean
several, times that fit several dates, things no plan can say. The router decides what to make of that.
"""

from __future__ import annotations

from datetime import date

from chatbot.assistant.understanding import comparing
from chatbot.assistant.understanding.drafts import Draft
from chatbot.assistant.understanding.plan_parts import COUNT
from chatbot.assistant.understanding.ranking import Ranking
from chatbot.assistant.understanding.sentence import Parse
from shared.query.plan import Measure, Plan


def draft(parse: Parse, today: date) -> Draft:
    """The plan for a parse with a head, as far as it can be made."""
    assert parse.head is not None
    if (difference := comparing.difference(parse, lambda part: _plan_of(part, today))) is not None:
        return Draft(difference)
    maker = _Maker(parse, parse.head, today)
    plan = comparing.compared(parse, maker.whole(), lambda part: _plan_of(part, today))
    return Draft(
        plan,
        about=[n.records[0] for n in parse.names if len(n.records) == 1 and n.type != "user"],
        ambiguous=list(parse.ambiguous),
        doubts=maker.doubts,
        unexplained=parse.unexplained(),
        impossible=parse.impossible + maker.impossible,
    )


def _plan_of(parse: Parse, today: date) -> Plan | None:
    """The plan of a part of the question; None where it has doubts of its own."""
    assert parse.head is not None
    maker = _Maker(parse, parse.head, today)
    plan = maker.whole()
    return None if maker.impossible or maker.doubts else plan


class _Maker(Ranking):
    """The kinds of plans, tried in turn."""

    def whole(self) -> Plan | None:
        """The plan, with what is said of its groups and their order."""
        if self._is_of_both_ends():
            self.impossible.append("both ends")
        return self._skipped(self._bounded(self._plan()))

    def _plan(self) -> Plan | None:
        self._contact_that_is_none()
        self._buyers_are_companies()
        self._turn_to_deals()
        is_staff = "employees" in self.parse.asked or any(s.of_field == "employees" for s in self.parse.superlatives)
        if self.parse.metric is not None or is_staff:
            self._customers_are_companies()
        self._times_of_what_is_asked()
        if self.entity == "user" and self._sup("most") is not None and self.parse.metric is None:
            return self._metric_plan("won_amount")
        if self.parse.metric == "open_pipeline" and "weighted" in self.parse.aggregates:
            self.parse.metric = "weighted_pipeline"
        if "unweighted" in self.parse.aggregates:
            del self.parse.aggregates["unweighted"]
            if self.parse.metric == "weighted_pipeline":
                self.parse.metric = "open_pipeline"
        if self._is_a_deals_cycle():
            return self._rows()
        if self.parse.metric is not None:
            self._group_by_what_it_means()
            return self._metric_plan(self.parse.metric)
        self._customers_of_a_place()
        self._deals_with_customers_of_a_place()
        self._people_employed()
        if self._is_length_of_deals():
            return self._measured(
                [Measure(metric="average_cycle_days")], self.parse.groups, metric="average_cycle_days"
            )
        self._say_what_is_meant()
        self._group_by_what_it_means()
        if self.parse.distinct is not None:
            return self._different_values()
        for way in (self._people_of_it, self._last_touch_of_one):
            if (plan := way()) is not None:
                return plan
        self._from_meetings()
        counted = self._most_related()
        if counted is not None:
            return counted
        self._group_by_what_is_asked()
        if self._is_by_person() and "promise" in self.parse.specials:
            return self._measured([COUNT], ["promised_by"])
        if self._is_by_person():
            return self._measured([self._measure_of_people()], ["owner"])
        measures = self._measures()
        if self.parse.groups or self.parse.units:
            return self._measured(measures or [COUNT], self.parse.groups)
        if measures:
            return self._measured(measures, [])
        return self._rows()
