"""Style, types and import contracts, so that one command and one last line tell whether the tree is sound."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
IMPORT_LINTER = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def complaints(*command: str, cwd: Path = ROOT) -> str:
    """What a tool of this environment says, empty if it is content."""
    result = subprocess.run([sys.executable, *command], cwd=cwd, capture_output=True, text=True, timeout=300)
    return "" if result.returncode == 0 else result.stdout + result.stderr


def assert_content(*command: str) -> None:
    """Fail with all of what the tool says."""
    said = complaints(*command)
    assert not said, said


def test_ruff_is_clean() -> None:
    assert_content("-m", "ruff", "check", ".")


def test_code_is_formatted() -> None:
    assert_content("-m", "ruff", "format", "--check", ".")


@pytest.mark.slow
def test_types_hold() -> None:
    assert_content("-m", "mypy")


def test_import_contracts_hold() -> None:
    assert_content("-c", IMPORT_LINTER)


def test_an_import_hidden_in_a_function_is_seen(tmp_path: Path) -> None:
    for package in ("low", "high"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("def f():\n    import high\n" if package == "low" else "")
    (tmp_path / ".importlinter").write_text(
        "[importlinter]\nroot_packages =\n    low\n    high\n"
        "[importlinter:contract:1]\nname = order\ntype = layers\nlayers =\n    high\n    low\n"
    )
    assert "low is not allowed to import high" in complaints("-c", IMPORT_LINTER, cwd=tmp_path)


def test_a_wrong_type_is_seen(tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text("answer: int = 'forty-two'\n")
    assert "Incompatible types" in complaints("-m", "mypy", "wrong.py", cwd=tmp_path)
