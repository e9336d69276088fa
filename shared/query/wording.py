"""A plan read back as one sentence, so that whoever asked sees what was understood.

Open deals over €20,000 closing this month (Nov 1 – 30, 2026), by amount, highest first
"""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal

from shared.query.catalog import PREFIX, catalog
from shared.query.conditions import Viewpoint
from shared.query.dates import is_token
from shared.query.fields import ENTITIES
from shared.query.naming import Naming
from shared.query.plan import RANKED_BELOW, And, Cmp, Having, Measure, Node, Not, Or, Order, Plan, Related, Search
from shared.query.relations import RELATIONS
from shared.query.types import Entity, Field, FieldType
from shared.query.values import ME
from shared.tenancy import TenantSession

_DATED = (FieldType.DATE, FieldType.DATETIME)
_NUMERIC = (FieldType.NUMBER, FieldType.MONEY)
_SHOWN_VALUES = 5


def sentence(
    session: TenantSession,
    plan: Plan,
    *,
    user_id: int | None,
    language: str = "en",
    locale: str | None = None,
    zone: ZoneInfo | None = None,
) -> str:
    """A checked plan in words."""
    viewpoint = Viewpoint.of(session, user_id=user_id, zone=zone)
    return Words(session, viewpoint, language, locale or language).sentence(plan)


class Words(Naming):
    """Sentences of one language, for one who asks."""

    # --- Sentences

    def sentence(self, plan: Plan) -> str:
        """What a plan asks for."""
        entity = catalog(self._session)[plan.from_]
        found = self._meant(entity, plan, plan.where)
        if plan.versus is not None:
            found = self._word(plan.versus.kind, x=found, y=self._low(self._meant(entity, plan, plan.versus.where)))
        found = ", ".join([found, *(self._having(entity, plan, having) for having in plan.having)])
        orders = ", ".join(self._order(entity, plan, order) for order in plan.order)
        found = f"{found}, {orders}" if orders else found
        if places := self._places(plan):
            found += ", " + places
        return found[:1].upper() + found[1:]

    def _meant(self, entity: Entity, plan: Plan, where: Node | None) -> str:
        """The records a condition means, and what is measured of them."""
        found = self.noun_phrase(entity, where)
        if plan.q.strip():
            found += " " + self._word("words", x=plan.q.strip())
        return self._measured(entity, plan, found) if plan.is_measured else found

    def _places(self, plan: Plan) -> str:
        """Which of the rows in order."""
        first, last = plan.skip + 1, plan.skip + plan.limit
        if plan.skip == 0:
            return self._word("first", n=last) if plan.order and last < RANKED_BELOW else ""
        return self._word(
            "place" if plan.limit == 1 else "places" if plan.limit < RANKED_BELOW else "from_place", n=first, m=last
        )

    def _having(self, entity: Entity, plan: Plan, having: Having) -> str:
        measure = next(measure for measure in plan.measures if measure.name == having.by)
        number = str(format_decimal(having.value, locale=self.locale))
        label = self._low(self.measure(entity, measure))
        number = f"{number} {having.currency}" if having.currency else number
        return self.phrases.compared[having.op].format(label=label, x=number)

    def chip(self, entity: Entity, node: Node) -> str:
        """A condition alone, as a list shows it above its rows."""
        found = (self._state(entity, node) or self._phrase(entity, node)).removeprefix(", ")
        return found[:1].upper() + found[1:]

    def noun_phrase(self, entity: Entity, node: Node | None, *, is_dative: bool = False, is_one: bool = False) -> str:
        """`your open deals of Borealis`: adjectives, the noun, and what follows it. `is_dative` is of German."""
        parts = list(node.of) if isinstance(node, And) else [] if node is None else [node]
        mine = [part for part in parts if self._is_mine(entity, part)][:1]
        states = [part for part in parts if part not in mine and self._is_adjective(self._state(entity, part))]
        currency = next((p.values[0] for p in parts if isinstance(p, Cmp) and _is_currency(p)), None)
        after = [part for part in parts if part not in mine and part not in states]
        if currency and any(_is_amount(part) for part in after):
            after = [part for part in after if not _is_currency(part)]
        kind = next((p for p in after if isinstance(p, Cmp) and _is_kind(entity, p)), None)
        after = [part for part in after if part is not kind]
        ending = self._ending(entity, has_your=bool(mine), is_dative=is_dative, is_one=is_one)
        adjectives = [self._state(entity, part) + ending for part in states]
        noun = self._noun(entity, kind.values[0] if kind else "", is_dative=is_dative, is_one=is_one)
        your = [self._word("your")] if mine else []
        following = self._following(entity, after, currency)
        return " ".join([*your, *adjectives, noun, *_listed(following)]).replace(" ,", ",")

    def _following(self, entity: Entity, parts: Sequence[Node], currency: str | None) -> list[str]:
        """The phrases behind a noun; the least and the greatest of a field are said as one, where the first stands."""
        bounds = {(part.field, part.op): part for part in parts if isinstance(part, Cmp) and _is_bound(entity, part)}
        spans = {name for name, op in bounds if op == "gte" and (name, "lte") in bounds}
        phrases = []
        for part in parts:
            if not isinstance(part, Cmp) or part.field not in spans or part is not bounds.get((part.field, part.op)):
                phrases.append(self._phrase(entity, part, currency=currency))
            elif part.op == "gte":
                phrases.append(self._between(entity, part, bounds[part.field, "lte"], currency))
        return phrases

    def _between(self, entity: Entity, first: Cmp, last: Cmp, currency: str | None) -> str:
        field = entity.fields[first.field]
        if field.type not in _DATED:
            key = "money.span" if field.name == "amount" else "span"
            said = self.phrases.said.get(f"{field.name}.span") or self.phrases.compared[key]
            least, most = (self._value(field, node.values[0], None) for node in (first, last))
            unit = f" {currency}" if currency and field.type is FieldType.MONEY else ""
            return said.format(label=self._within(entity, field), x=least, y=f"{most}{unit}")
        when = self.phrases.when.get(field.name, self._word("with", x=self._within(entity, field)))
        days = {"x": self.span(first.values[0]), "y": self.span(last.values[0])}
        return self.phrases.dated["span"].format(when=when, **days).strip()

    def _noun(self, entity: Entity, kind: str, *, is_dative: bool, is_one: bool) -> str:
        if is_one:
            return self.phrases.names[kind] if kind else self.phrases.nouns[entity.name][0]
        noun = self.phrases.kinds[kind] if kind else self.phrases.nouns[entity.name][1]
        return noun if not self.is_german or not is_dative or noun.endswith(("n", "s")) else noun + "n"

    def _ending(self, entity: Entity, *, has_your: bool, is_dative: bool, is_one: bool) -> str:
        """Of a German adjective: "offene Deals", "Ihre offenen Deals", "mit 2 offenen Deals"."""
        if not self.is_german:
            return ""
        if is_one and not has_your:
            return "em" if entity.name in _MASCULINE else "er"
        return "en" if has_your or is_dative else "e"

    def _measured(self, entity: Entity, plan: Plan, rows: str) -> str:
        measures = f" {self.phrases.words['and']} ".join(self.measure(entity, m) for m in plan.measures)
        is_plain = rows == self.phrases.nouns[entity.name][1] and all(
            m.metric not in (None, "count") for m in plan.measures
        )
        found = measures if is_plain else self._word("of", metric=measures, x=rows)
        periods = {"day", "week", "month", "quarter", "year"}
        for group in plan.group:
            name = self._within(entity, entity.fields[group.field])
            unit = self.phrases.words[group.granularity] if group.granularity in periods else ""
            if unit:
                name = unit if group.field in ("occurred_at", "moved_at") else f"{unit} ({name})"
            found += " " + self._word("per", x=name)
        return found

    def _order(self, entity: Entity, plan: Plan, order: Order) -> str:
        measure = next((m for m in plan.measures if m.name == order.by), None)
        field = entity.fields.get(order.by)
        kind = ""
        if measure is None and field is not None:
            kind = "date" if field.type in _DATED else "text" if field.type is FieldType.TEXT else ""
        if measure is not None:
            name = self._low(self.measure(entity, measure))
        else:
            name = self._within(entity, field) if field is not None else order.by
        way = "down" if order.descending else "up"
        return f"{self._word('by', x=name)}, {self.phrases.words[f'{way}.{kind}' if kind else way]}"

    # --- Conditions

    def _is_mine(self, entity: Entity, node: Node) -> bool:
        """Whether a condition says whose the records are: "your deals". Your meetings are those you were in."""
        owner = {"task": "assignee_id", "note": "author_id", "meeting": ""}.get(entity.name, "owner_id")
        return isinstance(node, Cmp) and node.field == owner and node.op == "eq" and self._is_me(node.values[0])

    def _is_me(self, value: str) -> bool:
        return value == ME or (self._viewpoint.user_id is not None and value == str(self._viewpoint.user_id))

    def _state(self, entity: Entity, node: Node) -> str:
        """The adjective a condition is, if it is one."""
        if not isinstance(node, Cmp) or len(node.values) != 1:
            return ""
        if node.op == "eq":
            value = _yes(node.values[0]) if entity.fields[node.field].type is FieldType.BOOL else node.values[0]
            return self.phrases.states.get((entity.name, node.field, value), "")
        return ""

    def _is_adjective(self, state: str) -> bool:
        """Whether a state stands before its noun: in German no words that end in a noun of their own do."""
        return bool(state) and not (self.is_german and state.split()[-1][0].isupper())

    def _phrase(self, entity: Entity, node: Node, *, currency: str | None = None) -> str:
        if isinstance(node, Cmp):
            return self._compared(entity, node, currency)
        if isinstance(node, And | Or):
            word = self.phrases.words["and" if isinstance(node, And) else "or"]
            inner = f" {word} ".join(self._phrase(entity, part) for part in node.of)
            return inner if isinstance(node, And) else f"({inner})"
        if isinstance(node, Not):
            return self._not(entity, node.node)
        if isinstance(node, Search):
            return self._word("words", x=node.q.strip())
        return self._related(entity, node)

    def _related(self, entity: Entity, node: Related) -> str:
        target = (entity.beside or ENTITIES)[RELATIONS[entity.name][node.relation].target]
        if node.is_counted:
            return self._counted(target, node)
        if node.absent:
            return self._word("without", x=self.noun_phrase(target, node.where))
        template = self.phrases.ties.get((entity.name, node.relation), self.phrases.words["with"])
        if target.name == "user" and isinstance(node.where, Cmp) and (node.where.field, node.where.op) == ("id", "eq"):
            return template.format(x=self._value(target.fields["id"], node.where.values[0], None).strip("“”"))
        return template.format(x=self.noun_phrase(target, node.where, is_dative=True))

    def _counted(self, target: Entity, node: Related) -> str:
        """`with at least 3 contacts`, `with exactly 1 open deal`, `with at least 2 different owners among deals`."""
        least, most = node.at_least or 0, node.at_most
        is_one = (most if least in (0, most) else least if most is None else 0) == 1
        rows = self.noun_phrase(target, node.where, is_dative=True, is_one=is_one and node.distinct is None)
        if node.distinct is not None:
            rows = self._word("different", label=self._different(target, node.distinct), x=rows)
        key = "at_least" if most is None else "exactly" if least == most else "between" if least else "at_most"
        return self._word(key, n=least if most is None or least else most, m=most, x=rows)

    def _different(self, entity: Entity, name: str) -> str:
        """What different values of a field are called: "companies"."""
        label = self._within(entity, entity.fields[name])
        return label if self.is_german else _plural(label)

    def _not(self, entity: Entity, node: Node) -> str:
        field = entity.fields[node.field] if isinstance(node, Cmp) else None
        if (
            isinstance(node, Cmp)
            and field is not None
            and field.name in self.phrases.when_not
            and node.op in ("eq", "gte")
        ):
            return self._when(field, node, "", is_not=True)
        return self._word("not", x=self._phrase(entity, node))

    def _compared(self, entity: Entity, node: Cmp, currency: str | None) -> str:
        field = entity.fields[node.field]
        label = self._within(entity, field)
        if node.op == "is":
            state = "null" if node.values[0] == "null" else "set"
            if state == "set" and not self.is_german and not field.name.startswith(PREFIX):
                label = _one(label)
            return self.phrases.said.get(f"{field.name}.{state}") or self.phrases.compared[state].format(label=label)
        is_own = field.name.startswith(PREFIX)
        if field.type in _DATED and node.op in self.phrases.dated:
            return self._when(field, node, self._word("with", x=label) if is_own else label)
        if is_own and field.type is FieldType.BOOL and node.op in ("eq", "ne"):
            is_ticked = (_yes(node.values[0]) == "true") is (node.op == "eq")
            return self._word("with" if is_ticked else "without", x=label)
        said = {"eq": field.name, "in": field.name, "ne": field.name, "not_in": field.name}.get(node.op)
        said = said or f"{field.name}.{node.op}"
        template = self.phrases.said.get(f"{entity.name}/{said}") or self.phrases.said.get(said)
        value = self._values(field, node, currency)
        if node.op == "eq" and (so := self._state(entity, node)) and not self._is_adjective(so):
            return self._word("is_so", x=so)
        if node.op == "ne" and (is_so := self.phrases.states.get((entity.name, node.field, node.values[0]))):
            return self._word("is_not", x=is_so)
        if node.op in ("ne", "not_in"):
            if is_own or (template is None and field.type is FieldType.TEXT):
                return self.phrases.compared["unlike"].format(label=label, x=value)
            inner = template.format(x=value) if template else f"{label} {value}"
            return self._word("not", x=inner) if self.is_german else f"not {inner}"
        if template is None:
            op = "eq" if node.op == "in" else node.op
            key = f"money.{op}" if field.type is FieldType.MONEY and field.name == "amount" else op
            template = self.phrases.compared.get(key, self.phrases.compared["eq"])
        return template.format(x=value, label=label)

    def _values(self, field: Field, node: Cmp, currency: str | None) -> str:
        shown = [self._value(field, value, currency) for value in node.values[:_SHOWN_VALUES]]
        if node.op in ("contains", "begins", "ends"):
            shown = [f"“{value.strip('“”')}”" for value in shown]
        if len(node.values) > _SHOWN_VALUES:
            shown.append(f"… ({len(node.values)})")
        return f" {self.phrases.words['or']} ".join(shown)

    def _value(self, field: Field, value: str, currency: str | None) -> str:
        if field.type is FieldType.REF:
            name = self.phrases.words["you"] if self._is_me_for(field, value) else self.name_of(field, value)
            return f"“{name}”" if field.name == "id" else name
        if field.type is FieldType.ENUM:
            return self.choice(field, value)
        if field.type is FieldType.BOOL:
            return self.phrases.words[{"true": "yes", "false": "no"}[_yes(value)]]
        if field.type in _NUMERIC:
            number = str(format_decimal(value, locale=self.locale))
            return f"{number} {currency}" if field.type is FieldType.MONEY and currency else number
        if field.type in _DATED:
            return self.span(value)
        return (
            value
            if field.is_lookup or field.name in ("city", "country", "region", "name", "currency", "tags")
            else f"“{value}”"
        )

    def _is_me_for(self, field: Field, value: str) -> bool:
        return field.target == "user" and self._is_me(value)

    def measure(self, entity: Entity, measure: Measure) -> str:
        """What a measure is called."""
        if measure.metric or measure.field is None:
            return self.phrases.metrics[measure.metric or "count"]
        if measure.aggregate == "distinct":
            return self._word("distinct", x=self._different(entity, measure.field))
        field = entity.fields[measure.field]
        key = "counted" if measure.aggregate == "count" else str(measure.aggregate)
        if field.type in _DATED and f"{key}.date" in self.phrases.words:
            key += ".date"
        return self._word(key, x=self._within(entity, field))

    def _within(self, entity: Entity, field: Field) -> str:
        """A field's label within a sentence; what a team called its own field stays as they write it."""
        label = self.label(entity, field)
        return label if field.name.startswith(PREFIX) else self._low(label)


_MASCULINE = frozenset(("contact", "deal", "user", "move"))


def _plural(word: str) -> str:
    """English: of the labels of fields."""
    if word.endswith("y") and word[-2:-1] not in tuple("aeiou"):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch")) else "s")


def _one(label: str) -> str:
    """English: “an amount”; what is many, as it is."""
    if label.endswith("s") and not label.endswith("ss"):
        return label
    return f"{'an' if label[:1].lower() in tuple('aeiou') else 'a'} {label}"


def _is_bound(entity: Entity, node: Cmp) -> bool:
    """Whether a number is bounded, or a date by a day and not by a word for one."""
    type_ = entity.fields[node.field].type
    is_fixed = type_ in _NUMERIC or (type_ in _DATED and not is_token(node.values[0]))
    return is_fixed and node.op in ("gte", "lte")


def _listed(parts: Sequence[str]) -> list[str]:
    """Phrases after a noun, a comma between them from the third on."""
    return list(parts) if len(parts) < 3 else [", ".join(parts)]


def _is_kind(entity: Entity, node: Cmp) -> bool:
    return entity.name == "insight" and node.field == "kind" and node.op == "eq"


def _is_currency(node: Node) -> bool:
    return isinstance(node, Cmp) and node.field == "currency" and node.op == "eq"


def _is_amount(node: Node) -> bool:
    return isinstance(node, Cmp) and node.field in ("amount", "weighted_amount")


def _yes(value: str) -> str:
    return "true" if value.lower() in ("1", "true", "yes") else "false"
