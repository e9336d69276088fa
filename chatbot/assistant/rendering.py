"""What a plan answered, in words: by template, so that every number is the database's and none a model's.

Result ─┬─ value   "Open pipeline of your deals: €120,000 and £30,000 (35 deals)."
        ├─ groups  a line for each, and bars in the panel
        ├─ rows    "You have 3 overdue tasks: …", a ranking, or the card of one record
        └─ always  the table the panel shows, with the address of the list that shows the same rows
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from chatbot.assistant.formatting import Format, major
from chatbot.assistant.rendering_words import (
    DATED,
    IMPLIED,
    LABELS,
    NOUNS,
    SENTENCES,
    WORDS,
    lower,
    possessive,
    singular,
)
from chatbot.assistant.tables import href_of, table_of, unit_of
from chatbot.assistant.types import RecordRef
from chatbot.retrieval.passages import Citation
from shared.query.plan import Cmp, Plan, parts_of
from shared.query.results import Column, GroupRow, Money, Result, Row

#: Names in a sentence, lines in a list; the table has the rest.
_MOST_NAMES, _MOST_LINES = 5, 10
_MOST_NAME_CHARS = 120
_MOST_IN_A_LINE = 240

#: What is told of a record somebody asks about.
CARDS = {
    "contact": ("title", "company", "email", "phone", "lifecycle", "owner", "last_contact_at"),
    "company": (
        "industry", "city", "country", "employees", "domain", "phone", "owner", "open_deals", "last_contact_at",
    ),
    "deal": ("company", "stage", "amount", "probability", "expected_close", "owner", "last_activity_at"),
    "task": ("status", "due_date", "priority", "assignee"),
    "meeting": ("occurred_at", "company", "deal", "owner", "duration_s"),
    "note": ("author", "created_at"),
    "user": ("email", "role"),
}  # fmt: skip
#: Numbers that are more than that.
_KINDS = {
    "probability": "percent", "duration_s": "seconds", "age_days": "days", "stale_days": "days",
    "days_in_stage": "days", "cycle_days": "days",
}  # fmt: skip
#: Moments told with their time of day.
_AT_AN_HOUR = frozenset(("occurred_at", "due_at"))


@dataclass(frozen=True, slots=True)
class Rendered:
    """An answer in words and, for programs, in values."""

    text: str
    table: dict[str, Any]
    value: Any = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    groups: list[dict[str, Any]] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    focus: RecordRef | None = None


def with_card(plan: Plan) -> Plan:
    """A plan about one record that names no fields asks for those of its card."""
    if plan.fields or plan.is_measured or not is_about_one(plan):
        return plan
    return plan.model_copy(update={"fields": CARDS.get(plan.from_, ())})


def is_about_one(plan: Plan) -> bool:
    """Whether the plan names its record by number."""
    return any(isinstance(node, Cmp) and node.field == "id" and node.op == "eq" for node in parts_of(plan.where))


def render(result: Result, fmt: Format, *, phrase: str, heading: str = "", is_yes_no: bool = False) -> Rendered:
    """The answer. In the words of `shared.query.sentence`, `phrase` names the rows ("Your open deals closing this
    month"), `heading` what was asked of them, without its order."""
    return _Rendering(result, fmt, phrase, heading or result.sentence, is_yes_no).rendered()


class _Rendering:
    def __init__(self, result: Result, fmt: Format, phrase: str, heading: str, is_yes_no: bool) -> None:
        self.result, self.plan, self.fmt = result, result.plan, fmt
        self.words = WORDS[fmt.language]
        self.phrase, self.heading = " ".join(phrase.split()), heading
        self.is_yes_no = is_yes_no

    def rendered(self) -> Rendered:
        table = table_of(self.result)
        if not self.plan.is_measured:
            return self._listed(table)
        if self.plan.group:
            return Rendered(self._groups_text(), table, groups=self._groups(), citations=self._list_source())
        return Rendered(
            self._value_text(), table, value=_for_programs(self.result.value), citations=self._list_source()
        )

    # ---------------------------------------------------------------------------------------------------- measured

    def _value_text(self) -> str:
        value = self.result.value
        if self.plan.versus is not None:
            return self._compared_text(value)
        if [measure.name for measure in self.plan.measures] == ["count"]:
            return self._counted(int(value or 0)) + "."
        if isinstance(value, dict):
            lines = [f"- {self._heading(c)}: {self._measure(value[c.name], c)}" for c in self.result.columns]
            return f"{self._sentence()}:\n" + "\n".join(lines)
        column = self.result.columns[0]
        basis = self._basis() if value not in (None, []) else ""
        return f"{self._measured_what(column.label)}: {self._measure(value, column)}{basis}."

    def _compared_text(self, value: Any) -> str:
        """`Amount won … compared with …: €5,000 (€20,000 and €15,000)`."""
        column = self.result.columns[0]
        figures = [self._measure(figure, replace(column, type=unit_of(self.result))) for figure in self.result.figures]
        shown = self.words["not_comparable"] if value is None else self._measure(value, column)
        return f"{self._sentence()}: {shown} ({self.words['and'].format(a=figures[0], b=figures[1])})."

    def _measured_what(self, label: str) -> str:
        """`Open pipeline of your deals`; of all there are it is just `Open pipeline`."""
        label = label[:1].upper() + label[1:]
        rows = lower(self.phrase, self.fmt.language)
        noun = NOUNS[self.fmt.language].get(self.result.entity, ("", ""))[1]
        said = {f"{state} {noun}".strip().casefold() for state in ("", *IMPLIED.get(self.plan.measures[0].name, ()))}
        return label if rows.casefold() in said else self.words["measured"].format(label=label, rows=rows)

    def _measure(self, value: Any, column: Column) -> str:
        if value is None or value == []:
            return self.words["nothing_to_measure"]
        return self.fmt.value(value, column.type)

    def _basis(self) -> str:
        one, many = NOUNS[self.fmt.language].get(self.result.entity, ("", ""))
        noun = one if self.result.total == 1 else many
        return self.words["basis"].format(n=self.fmt.number(self.result.total), noun=noun) if noun else ""

    def _counted(self, count: int) -> str:
        """`There are 35 open deals`, without the full stop."""
        return self._yes_no(count > 0) + self._amount_of_rows(count)

    def _amount_of_rows(self, count: int) -> str:
        if self.fmt.language == "de":
            return f"{self.phrase}: {self.fmt.number(count) if count else self.words['none']}"
        rows = lower(self.phrase, "en")
        is_mine = rows.startswith("your ")
        rows = rows.removeprefix("your ") if is_mine else rows
        rows = singular(rows) if count == 1 else rows
        number = self.fmt.number(count) if count else "no"
        be = "is" if count == 1 else "are"
        return f"You have {number} {rows}" if is_mine else f"There {be} {number} {rows}"

    def _yes_no(self, is_so: bool) -> str:
        return self.words["yes." if is_so else "no."] if self.is_yes_no else ""

    def _groups_text(self) -> str:
        groups = self.result.groups
        if not groups:
            return f"{self._sentence()}: {self.words['none']}."
        lines = [f"- {_inline(group.name)}: {self._group_value(group)}" for group in groups[:_MOST_LINES]]
        if left := self.result.total - self.plan.skip - len(lines):
            lines.append(f"- {self.words['more'].format(n=self.fmt.number(left))}")
        return f"{self._sentence()}:\n" + "\n".join(lines)

    def _sentence(self) -> str:
        """What was asked; German sentences have a colon of their own."""
        return self.heading.replace(": ", " – ", 1)

    def _group_value(self, group: GroupRow) -> str:
        measures = [column for column in self.result.columns if column.name in group.values]
        shown = [self.fmt.value(group.values[column.name], column.type) or "–" for column in measures]
        if len(measures) == 1:
            return shown[0]
        return ", ".join(
            f"{lower(column.label, self.fmt.language)} {text}" for column, text in zip(measures, shown, strict=True)
        )

    def _groups(self) -> list[dict[str, Any]]:
        """For programs: by the first measure; of several currencies one entry each."""
        name = self.plan.measures[0].name
        found: list[dict[str, Any]] = []
        for group in self.result.groups:
            value = group.values.get(name)
            for entry in value if isinstance(value, list) else [value]:
                money = isinstance(entry, Money)
                shown = major(entry)
                found.append(
                    {"name": group.name, "value": shown["amount"], "currency": shown["currency"]}
                    if money
                    else {"name": group.name, "value": shown}
                )
        return found

    # ------------------------------------------------------------------------------------------------------- rows

    def _listed(self, table: dict[str, Any]) -> Rendered:
        rows = self.result.rows
        records = [self._for_program(row) for row in rows]
        value = self._single_value()
        if self._is_single():
            source = _source(rows[0], 1, self._facts(rows[0], limit=4))
            text = self._yes_to_one() + self._one(rows[0], " [1]" if source else "")
            focus = RecordRef(*(rows[0].page or (rows[0].type, rows[0].id)), rows[0].name, rows[0].external_id)
            return Rendered(text, table, value, records, [], source, focus)
        text = self._ranking() if self._is_ranking() else self._names()
        return Rendered(text, table, value, records, citations=self._list_source())

    def _yes_to_one(self) -> str:
        """“Is Jane still with Quill?”: a record that was found under a further condition is a yes."""
        is_card = self.plan.fields in ((), CARDS.get(self.plan.from_, ()))
        is_so = is_card and is_about_one(self.plan) and len(parts_of(self.plan.where)) > 1
        return self._yes_no(True) if is_so else ""

    def _is_single(self) -> bool:
        return len(self.result.rows) == 1 and (
            is_about_one(self.plan) or (self.plan.limit == 1 and bool(self.plan.order))
        )

    def _is_ranking(self) -> bool:
        is_short = self.plan.limit < 20 and self.result.total > 1
        return bool(self.plan.order) and bool(self.result.rows) and is_short and self._key() is not None

    def _key(self) -> Column | None:
        """The column that a value was asked of: the only field, or what the order goes by."""
        names = self.plan.fields if len(self.plan.fields) == 1 else [order.by for order in self.plan.order]
        columns = {column.name: column for column in self._facts_columns() if not column.name.endswith("_id")}
        return next((columns[name] for name in names if name in columns), None)

    def _facts_columns(self) -> list[Column]:
        return [column for column in self.result.columns if column.name != "name"]

    def _for_program(self, row: Row) -> dict[str, Any]:
        record = {"type": row.type, "id": row.id, "external_id": row.external_id, "name": row.name}
        key = self._key()
        return record if key is None else {**record, "value": major(row.values.get(key.name))}

    def _single_value(self) -> Any:
        key = self._key() if self._is_single() else None
        value = self.result.rows[0].values.get(key.name) if key else None
        is_measure = isinstance(value, Money | int | float) and not isinstance(value, bool)
        return major(value) if is_measure else None

    def _names(self) -> str:
        rows, total = self.result.rows, self.result.total
        head = self._counted(total)
        if not rows:
            return f"{head}."
        names = [self._named(row) for row in rows[:_MOST_NAMES]]
        if left := total - self.plan.skip - len(names):
            names.append(self.words["more"].format(n=self.fmt.number(left)))
        # Titles of notes and tasks are sentences: joined by commas nobody could tell them apart.
        if any("," in row.name for row in rows[:_MOST_NAMES]) or sum(map(len, names)) > _MOST_IN_A_LINE:
            return f"{head}:\n" + "\n".join(f"- {name}" for name in names)
        mark = " –" if self.fmt.language == "de" else ":"
        return f"{head}{mark} {self.fmt.listed(names)}."

    def _named(self, row: Row) -> str:
        key = self._key()
        value = self._shown(row.values[key.name], key) if key and row.values.get(key.name) is not None else ""
        if not value and row.type == "insight":  # the same competitor is named in many meetings
            value = _inline(row.values.get("company") or "")
        return f"{_inline(row.name)} ({value})" if value else _inline(row.name)

    def _ranking(self) -> str:
        key = self._key()
        assert key is not None
        lines = []
        for number, row in enumerate(self.result.rows[:_MOST_LINES], self.plan.skip + 1):
            lines.append(f"{number}. {_inline(row.name)} – {self.fmt.value(row.values.get(key.name), key.type) or '–'}")
        if left := len(self.result.rows) - len(lines):
            lines.append(self.words["more"].format(n=self.fmt.number(left)))
        if (
            len({value.currency for row in self.result.rows if isinstance(value := row.values.get(key.name), Money)})
            > 1
        ):
            lines.append(f"\n{self.words['not_converted']}")
        return f"{self.result.sentence}:\n" + "\n".join(lines)

    # ------------------------------------------------------------------------------------------------- one record

    def _one(self, row: Row, mark: str) -> str:
        key = self._key()
        if key is None:
            return self._card(row, mark)
        value = row.values.get(key.name)
        text = self._said(row, key, value) + mark
        if isinstance(value, bool):
            text = self._yes_no(value) + text
        facts = "" if len(self.plan.fields) == 1 else self._facts(row, limit=3, but=key.name)
        return f"{text}\n\n{facts}" if facts else text

    def _said(self, row: Row, key: Column, value: Any) -> str:
        """The value that was asked for, in a sentence."""
        name = _inline(row.name)
        quoted = name if row.type in ("contact", "company", "user") else self.words["quoted"].format(name=name)
        label = LABELS[self.fmt.language].get(key.name) or lower(key.label, self.fmt.language)
        if value is None or value == "":
            return self.words["not_recorded"].format(name=quoted, label=label)
        if isinstance(value, date):
            return self._dated(row, key, value, label, quoted)
        shown = self._shown(value, key)
        if template := SENTENCES[self.fmt.language].get((row.type, key.name)) or SENTENCES[self.fmt.language].get(
            ("", key.name)
        ):
            return template.format(name=quoted, value=shown)
        if row.type in ("contact", "user") and self.fmt.language == "en":
            return f"{possessive(name)} {label} is {shown}."
        return self.words["field"].format(name=quoted, label=label, value=shown)

    def _dated(self, row: Row, key: Column, value: date, label: str, name: str) -> str:
        wordings = DATED[self.fmt.language]
        template = wordings.get((row.type, key.name)) or wordings.get(("", key.name)) or self.words["field_dated"]
        if isinstance(template, tuple):
            template = template[0 if self.fmt.is_past(value) else 1]
        day = self.fmt.moment(value) if key.name in _AT_AN_HOUR and isinstance(value, datetime) else self._day(value)
        return template.format(name=name, label=label, day=day, ago=self.fmt.ago(value))

    def _day(self, value: date) -> str:
        return self.fmt.day(self.fmt.local_day(value))

    def _card(self, row: Row, mark: str) -> str:
        """`Jane Roe, Head of Sales at Borealis` and a line for each further thing that is known."""
        values = row.values
        head, used = _inline(row.name), {"name"}
        if row.type == "contact" and (values.get("title") or values.get("company")):
            used |= {"title", "company"}
            at = self.words["at"].format(company=_inline(values["company"])) if values.get("company") else ""
            head += ", " + " ".join(filter(None, [_inline(values.get("title") or ""), at]))
        shown = [column for column in self._known(row) if column.name not in used]
        lines = [f"- {self._heading(column)}: {self._shown(values[column.name], column)}" for column in shown]
        return "\n".join([head + mark, *lines])

    def _known(self, row: Row) -> list[Column]:
        """The columns in which something stands that a person can read."""
        return [
            column
            for column in self._facts_columns()
            if row.values.get(column.name) not in (None, "") and not column.name.endswith("_id")
        ]

    def _heading(self, column: Column) -> str:
        label = LABELS[self.fmt.language].get(f":{column.name}", column.label)
        return label[:1].upper() + label[1:]

    def _shown(self, value: Any, column: Column) -> str:
        if isinstance(value, date):
            return f"{self._day(value)} ({self.fmt.ago(value)})"
        kind = _KINDS.get(column.name, column.type)
        return self._enum(value, column) or self.fmt.value(value, kind)

    def _enum(self, value: Any, column: Column) -> str:
        return LABELS[self.fmt.language].get(f"={value}", "") if column.type == "enum" else ""

    def _facts(self, row: Row, *, limit: int, but: str = "") -> str:
        """`Company: Borealis, Stage: Proposal`."""
        columns = [column for column in self._known(row) if column.name != but][:limit]
        return ", ".join(
            f"{self._heading(column)}: {self._shown(row.values[column.name], column)}" for column in columns
        )

    # ------------------------------------------------------------------------------------------------------ sources

    def _list_source(self) -> list[Citation]:
        """The list that shows the same rows."""
        noun = NOUNS[self.fmt.language].get(self.result.entity, ("", ""))[1]
        quote = f"{self.fmt.number(self.result.total)} {noun}".strip()
        return [Citation(1, "list", 0, self.result.sentence, self.result.href, quote)] if self.result.href else []


def _source(row: Row, n: int, quote: str) -> list[Citation]:
    type_, id_ = row.page or (row.type, row.id)
    href = href_of(type_, id_)
    return [Citation(n, type_, id_, row.name, href, quote, row.external_id)] if href else []


def _for_programs(value: Any) -> Any:
    """A number, money, or a list of those; of several measures a list in their order."""
    return [major(entry) for entry in value.values()] if isinstance(value, dict) else major(value)


def _inline(text: Any) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= _MOST_NAME_CHARS else line[: _MOST_NAME_CHARS - 1].rstrip() + "…"
