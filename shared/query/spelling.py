"""SQL that the databases spell differently."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Integer, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from shared.models.base import UtcDateTime


class latest(FunctionElement[Any]):
    """The greatest of some moments, those that are NULL left out."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(latest)
def _greatest(element: latest, compiler: SQLCompiler, **more: Any) -> str:
    return f"greatest({compiler.process(element.clauses, **more)})"


@compiles(latest, "sqlite")
def _greatest_text(element: latest, compiler: SQLCompiler, **more: Any) -> str:
    """Times are texts there, and `max` of NULL and anything is NULL."""
    parts = ", ".join(f"coalesce({compiler.process(clause, **more)}, '')" for clause in element.clauses)
    return f"nullif(max({parts}), '')"


class unindexed(FunctionElement[int]):
    """A number that SQLite, which knows no sizes, is not to look rows up by; PostgreSQL chooses itself."""

    type = Integer()
    inherit_cache = True


@compiles(unindexed)
def _as_it_is(element: unindexed, compiler: SQLCompiler, **more: Any) -> str:
    return compiler.process(element.clauses, **more)


@compiles(unindexed, "sqlite")
def _as_a_sum(element: unindexed, compiler: SQLCompiler, **more: Any) -> str:
    return f"+{compiler.process(element.clauses, **more)}"


class ascii_lower(FunctionElement[str]):
    """A text in small letters, those beyond ASCII as they are: SQLite knows no others, and PostgreSQL takes a tenth of
    the time for these alone."""

    type = String()
    inherit_cache = True


@compiles(ascii_lower, "sqlite")
def _lower(element: ascii_lower, compiler: SQLCompiler, **more: Any) -> str:
    return f"lower({compiler.process(element.clauses, **more)})"


@compiles(ascii_lower)
def _lower_bytes(element: ascii_lower, compiler: SQLCompiler, **more: Any) -> str:
    return f'lower({compiler.process(element.clauses, **more)} COLLATE "C")'


#: Behind every text that begins with the one it is put after.
LAST = "\U0010ffff"


class prefixed(FunctionElement[bool]):
    """Whether a folded text begins with another, of letters, figures and blanks: of text, beginning, what lies behind
    all that begin so, pattern. SQLite enters its index between the two bounds, as it cannot for LIKE. In PostgreSQL
    the bounds would depend on the order of letters of its locale; it reads 100,000 names in 12 ms."""

    type = Boolean()
    inherit_cache = True


@compiles(prefixed)
def _like(element: prefixed, compiler: SQLCompiler, **more: Any) -> str:
    text, _start, _behind, pattern = element.clauses
    return f"({compiler.process(text, **more)} LIKE {compiler.process(pattern, **more)})"


@compiles(prefixed, "sqlite")
def _between(element: prefixed, compiler: SQLCompiler, **more: Any) -> str:
    text, start, behind, _pattern = element.clauses
    bounds = (
        f"{compiler.process(text, **more)} {op} {compiler.process(to, **more)}"
        for op, to in ((">=", start), ("<", behind))
    )
    return f"({' AND '.join(bounds)})"


class whole_days(FunctionElement[int]):
    """Days of 24 hours from the second moment to the first, whole ones, never negative; fractions of seconds are cut
    off on both sides, so that both databases agree."""

    type = Integer()
    inherit_cache = True


@compiles(whole_days)
def _days(element: whole_days, compiler: SQLCompiler, **more: Any) -> str:
    later, earlier = (f"floor(extract(epoch from {compiler.process(c, **more)}))" for c in element.clauses)
    return f"greatest(0, floor(({later} - {earlier}) / 86400))::integer"


@compiles(whole_days, "sqlite")
def _days_of_texts(element: whole_days, compiler: SQLCompiler, **more: Any) -> str:
    later, earlier = (f"strftime('%s', {compiler.process(c, **more)})" for c in element.clauses)
    return f"max(0, ({later} - {earlier}) / 86400)"
