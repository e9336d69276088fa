"""Questions that the rules could not parse, read by the small model: into a plan, a search, or that it cannot be said.

The model is held to a shape (`Told`) without ids: it names records by the words of the question, and those are looked
up by the same code as for rules, so that it can neither reach a record that was not named nor invent one. Every field
and value is checked by `check_plan`, and a plan that fails is no plan. The question is fenced as data.

    question ─ model ─▶ Told ─ names ─▶ Plan ─ check_plan ─▶ Routed(by="model")      anything wrong ─▶ None
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from chatbot.assistant.prompting import templates
from chatbot.assistant.types import Question, RecordRef, Routed
from chatbot.assistant.understanding import names
from chatbot.assistant.understanding.clauses import conjunction
from chatbot.assistant.understanding.concepts import PEOPLE, REFERENCES
from chatbot.assistant.understanding.messages import say
from chatbot.assistant.understanding.tokens import read
from chatbot.llm import structured
from chatbot.llm.errors import LlmError
from chatbot.llm.ollama_client import Chat, OllamaClient
from shared import clock
from shared.errors import Invalid
from shared.query import ENTITIES, catalog, check_plan
from shared.query.catalog import PREFIX
from shared.query.metrics import METRICS
from shared.query.plan import Cmp, Granularity, Group, Having, Measure, Node, Operator, Order, Plan, Related
from shared.query.relations import RELATIONS
from shared.query.types import FieldType
from shared.telemetry import get_logger
from shared.tenancy import TenantSession

log = get_logger(__name__)

VERSION = "plan.v2"
_FILE = Path(__file__).parent / "prompts" / f"{VERSION}.md"
_MOST_QUESTION = 1_000
#: What the model's reading is worth beside the rules' own.
CONFIDENCE = 0.7

Entity = Literal[
    "company", "contact", "deal", "task", "note", "meeting", "insight", "user", "pipeline", "role", "move", "employment"
]
_Short = Field(max_length=12)


class Condition(BaseModel):
    """One condition, names as texts."""

    field: str = Field(max_length=50)
    op: Operator = "eq"
    values: list[str] = Field(max_length=20)


class RelatedTold(BaseModel):
    """That there is, or is not, such a related record, or how many there are."""

    entity: Entity
    absent: bool = False
    at_least: int | None = Field(default=None, ge=1, le=1000)
    at_most: int | None = Field(default=None, ge=0, le=1000)
    conditions: list[Condition] = _Short


class Bound(BaseModel):
    """What a group's measure must be."""

    measure: str = Field(max_length=50)
    op: Literal["eq", "gte", "gt", "lte", "lt"]
    value: float = Field(ge=-1e12, le=1e12)


class Told(BaseModel):
    """What the model is constrained to."""

    route: Literal["plan", "search", "none"]
    entity: Entity = "deal"
    conditions: list[Condition] = Field(default=[], max_length=12)
    related: list[RelatedTold] = Field(default=[], max_length=4)
    fields: list[str] = Field(default=[], max_length=12)
    measures: list[str] = Field(default=[], max_length=3)
    group_by: list[str] = Field(default=[], max_length=2)
    order_by: str = ""
    descending: bool = False
    limit: int = 50
    skip: int = Field(default=0, ge=0, le=1000)
    having: list[Bound] = Field(default=[], max_length=2)


@dataclass(frozen=True, slots=True)
class Unresolved(Exception):
    """A name in the model's plan that is nobody's, or several people's."""

    name: str


def messages(question: Question, defined: str = "") -> list[dict[str, str]]:
    """System and user message; the question between marks that it cannot know. `defined`: see `defined_fields`."""
    system, user = templates(_FILE)
    nonce = secrets.token_hex(6)
    page = f"The person looks at a {question.page.type}." if question.page else ""
    told = " ".join(question.text[:_MOST_QUESTION].split())
    values = {
        "fields": f"{_fields()}\n{defined}".rstrip(), "metrics": ", ".join(name for name in METRICS if name != "count"),
        "today": f"{clock.today(question.asker.zone.key):%A, %d %B %Y}", "page": page, "nonce": nonce, "question": told,
    }  # fmt: skip
    return [
        {"role": "system", "content": system.substitute(values)},
        {"role": "user", "content": user.substitute(values)},
    ]


_LEFT_OUT = frozenset(
    ("id", "external_id", "created_by_id", "actor", "amount_minor", "file_name", "engine", "street", "postcode")
)  # fmt: skip


@lru_cache
def _fields() -> str:
    """Each record type with its fields, references by name and not by number."""
    lines = []
    for entity in ENTITIES.values():
        shown = []
        for field in entity.fields.values():
            if field.name in _LEFT_OUT or field.type is FieldType.REF:
                continue
            choices = f" ({'|'.join(field.choices)})" if field.choices else ""
            shown.append(f"{field.name}{choices}")
        named = [t for t in REFERENCES.get(entity.name, {}) if t != entity.name and t not in shown]
        lines.append(f"- {entity.name}: {', '.join([*shown, *named])}")
    return "\n".join(lines)


_MOST_DEFINED, _MOST_OPTIONS, _LONGEST_LABEL = 40, 15, 60


def defined_fields(session: TenantSession) -> str:
    """The fields that the session's workspace defined, a line for each record type that has some."""
    lines = []
    for entity in catalog(session).values():
        own = [field for field in entity.fields.values() if field.name.startswith(PREFIX)]
        shown = []
        for field in own[:_MOST_DEFINED]:
            options = "|".join(field.choices[:_MOST_OPTIONS])
            shown.append(f"{field.name} ({field.label[:_LONGEST_LABEL]}{': ' if options else ''}{options})")
        if shown:
            lines.append(f"- {entity.name} also: {', '.join(shown)}")
    return "\n".join(lines)


async def ask_model(client: OllamaClient, question: Question, defined: str = "") -> Told | None:
    """What the model makes of the question; None when it cannot be asked or does not keep to the shape after a repair.

    `defined` are the workspace's own fields. Waits for the model: no session may be open.
    """
    chat = Chat(purpose="plan", messages=messages(question, defined), num_predict=400, prompt_version=VERSION)
    try:
        return await asyncio.to_thread(structured.ask, client, chat, Told)
    except LlmError as error:
        log.info("plan.model_failed", reason=error.code)
        return None


def routed(session: TenantSession, question: Question, told: Told, language: str) -> Routed | None:
    """The model's reading as a route, names looked up in the session's workspace; None where it does not hold."""
    if told.route == "search":
        return Routed("semantic", by="model", confidence=CONFIDENCE, search=question.text[:500], language=language)
    if told.route == "none":
        return Routed("abstain", by="model", message=say(language, "cannot"), language=language)
    resolver = _Resolver(session)
    try:
        plan = _plan(resolver, told)
        check_plan(plan, resolver.entities)
    except Unresolved as unresolved:
        message = say(language, "unknown_name", name=unresolved.name)
        return Routed("abstain", by="model", message=message, language=language)
    except (Invalid, ValueError) as error:
        log.info("plan.not_held", reason=str(error)[:200])
        return None
    return Routed(
        "structured", by="model", confidence=CONFIDENCE, plan=plan, about=tuple(resolver.found),
        focus=resolver.found[0] if len(resolver.found) == 1 else None, language=language,
    )  # fmt: skip


class _Resolver:
    """Names in the model's conditions to ids."""

    def __init__(self, session: TenantSession) -> None:
        self.session, self.entities = session, catalog(session)
        self.found: list[RecordRef] = []

    def id_of(self, type_: str, name: str) -> str:
        """The one record of a type a name means. Raises Unresolved."""
        if type_ == "user" and name.casefold() in ("me", "i", "ich", "mir"):
            return "me"
        text = read(name)
        free = [token.kind == "word" for token in text.tokens]
        records = {
            record.id: record
            for mention in names.mentions(self.session, text, free)
            if mention.is_strong
            for record in mention.records(type_)
        }
        if len(records) != 1:
            raise Unresolved(name[:80])
        record = next(iter(records.values()))
        if type_ != "user":
            self.found.append(record)
        return str(record.id)


#: Fields by which a plan of the model's names a person of ours.
_PERSON = frozenset(("owner", "assignee", "author", "user", "colleague"))


def _plan(resolver: _Resolver, told: Told) -> Plan:
    nodes = [_condition(resolver, told.entity, condition) for condition in told.conditions]
    nodes += [_related(resolver, told.entity, related) for related in told.related]
    measures = tuple(_measure(name) for name in told.measures)
    order = (Order(by=told.order_by.replace(":", "_"), descending=told.descending),) if told.order_by else ()
    return Plan(
        from_=told.entity, where=conjunction(nodes), fields=() if measures else tuple(told.fields),
        group=tuple(_group(told.entity, name) for name in told.group_by), measures=measures, order=order,
        limit=max(1, min(told.limit, 200)), skip=told.skip,
        having=tuple(Having(by=b.measure.replace(":", "_"), op=b.op, value=b.value) for b in told.having),
    )  # fmt: skip


def _condition(resolver: _Resolver, entity: str, told: Condition) -> Node:
    if told.op == "is" or not told.values:
        return Cmp(field=told.field, op=told.op, values=tuple(told.values) or ("null",))
    if told.field in _PERSON and entity in PEOPLE:
        ids = [resolver.id_of("user", value) for value in told.values]
        return Cmp(field=PEOPLE[entity], op=_of_ids(told.op, ids), values=tuple(ids))
    if told.field.startswith(PREFIX):
        return _on_defined(resolver, entity, told)
    type_ = entity if told.field == "name" else told.field
    reference = REFERENCES.get(entity, {}).get(type_)
    if reference is not None and told.op in ("eq", "ne", "in", "not_in"):
        ids = [resolver.id_of(type_, value) for value in told.values]
        return Cmp(field=reference, op=_of_ids(told.op, ids), values=tuple(ids))
    return Cmp(field=told.field, op=told.op, values=tuple(told.values))


def _on_defined(resolver: _Resolver, entity: str, told: Condition) -> Node:
    """A field of the workspace's own: people by name, options by their labels as well."""
    field = resolver.entities[entity].fields.get(told.field)
    values = told.values
    if field is not None and field.type is FieldType.REF:
        values = [resolver.id_of("user", value) for value in values]
    elif field is not None and field.labels:
        by_label = {label.casefold(): value for value, label in field.labels.items()}
        values = [by_label.get(value.casefold(), value) for value in values]
    return Cmp(field=told.field, op=told.op, values=tuple(values))


def _of_ids(op: Operator, ids: list[str]) -> Operator:
    negated = op in ("ne", "not_in")
    if len(ids) > 1:
        return "not_in" if negated else "in"
    return "ne" if negated else "eq"


def _related(resolver: _Resolver, entity: str, told: RelatedTold) -> Node:
    relation = next((r.name for r in RELATIONS[entity].values() if r.target == told.entity), None)
    if relation is None:
        raise ValueError(f"{entity} has no {told.entity}")
    where = conjunction([_condition(resolver, told.entity, condition) for condition in told.conditions])
    return Related(
        relation=relation, absent=told.absent, where=where, at_least=told.at_least, at_most=told.at_most
    )  # fmt: skip


def _measure(name: str) -> Measure:
    if name in METRICS:
        return Measure(metric=name)
    aggregate, _, field = name.partition(":")
    return Measure(aggregate=aggregate, field=field or None)


_UNITS: dict[str, Granularity] = {"day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"}


def _group(entity: str, name: str) -> Group:
    field, _, unit = name.partition(":")
    granularity = _UNITS.get(unit)
    named = {"owner": PEOPLE.get(entity), "assignee": PEOPLE.get(entity), "company": "company_id"}.get(field)
    return Group(field=named or field, granularity=granularity)
