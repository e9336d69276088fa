"""`docs/configuration.md` names every setting with the default it really has, and no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from shared.config import Settings

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| `([A-Z_]+)` \| ([^|]*) \|", re.MULTILINE)


def documented() -> dict[str, str]:
    """Setting to default, as the tables say."""
    rows = ROW.findall((ROOT / "docs" / "configuration.md").read_text(encoding="utf-8"))
    names = [name for name, _ in rows]
    assert len(names) == len(set(names)), "a setting is described twice"
    return {name: default.strip() for name, default in rows}


def shown(field: FieldInfo) -> str:
    """A default as the tables show it: code, or a dash for none."""
    value: Any = field.default
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return f"`{int(value)}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def test_every_setting_is_documented_with_its_default() -> None:
    assert documented() == {name.upper(): shown(field) for name, field in Settings.model_fields.items()}


def test_the_example_environment_file_is_accepted() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    example = page.split("```ini\n")[1].split("```")[0]
    names = re.findall(r"^#? ?([A-Z_]+)=", example, re.MULTILINE)
    assert names
    assert set(names) <= {name.upper() for name in Settings.model_fields}
