"""`docs/query.md` names the computed fields, relations, metrics and operators that there are, and no other."""

from __future__ import annotations

import json
import re
from pathlib import Path

from shared.query import ENTITIES, Plan, check_plan
from shared.query.conditions import OPERATORS
from shared.query.metrics import ANY, METRICS
from shared.query.relations import RELATIONS

PAGE = (Path(__file__).parents[3] / "docs" / "query.md").read_text()


def table(head: str) -> dict[str, set[str]]:
    """The rows below a head: what each of the first cell's names goes with."""
    _, _, rest = PAGE.partition(f"\n| {head} |")
    found: dict[str, set[str]] = {}
    for line in rest.splitlines()[2:]:
        if not line.startswith("|"):
            break
        first, *others = line.strip("|").split(" | ")
        for name in first.replace("`", "").split(","):
            found[name.strip()] = set(re.findall(r"`([a-z_]+)`", " ".join(others)))
    return found


def test_relations_are_documented() -> None:
    assert table("from | relations") == {name: set(relations) for name, relations in RELATIONS.items()}


def test_metrics_are_documented() -> None:
    assert set(table("metric | of | is")) == set(METRICS)
    for metric in METRICS.values():
        if metric.entity != ANY:
            assert re.search(rf"\| [^|]*`{metric.name}`[^|]* \| {metric.entity} \|", PAGE), metric.name


def test_operators_are_documented() -> None:
    documented = table("type of field | operators")
    assert documented == {kind.value: set(operators) for kind, operators in OPERATORS.items()}


def test_computed_fields_are_documented() -> None:
    documented = table("type | computed fields")
    for name, fields in documented.items():
        assert fields <= set(ENTITIES[name].fields), name
    computed = {
        entity.name: {f.name for f in entity.fields.values() if f.latest is not None or f.elapsed is not None}
        for entity in ENTITIES.values()
    }
    assert all(fields <= documented.get(name, set()) for name, fields in computed.items())


def test_the_plans_and_conditions_on_the_page_can_be_asked() -> None:
    plans = 0
    for block in PAGE.split("```json\n")[1:]:
        text = block.partition("```")[0]
        for line in text.splitlines() if text.startswith('{"type"') else [text]:
            given = json.loads(line)
            plans += "from" in given
            check_plan(Plan.model_validate(given if "from" in given else {"from": "company", "where": given}))
    assert plans >= 2
