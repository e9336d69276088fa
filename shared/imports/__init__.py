"""Records from files: CSV, spreadsheets, vCards. No row is lost, none is taken twice, and all of it can be taken back.

    file ─ receive ─▶ mapping guessed ─ check ─▶ rows staged: values, problems, duplicates ─ start ─▶ records
                         ▲   the person says otherwise        ▲  cells corrected, choices made        │
                         └────────────────────────────────────┴──────────────── revert ◀──────────────┘

`check`, `start` and `revert` only say what is wanted; a worker does it (`running.run`), a few hundred rows in a
transaction, so that a killed one is continued where it was and nobody waits for the database meanwhile.
"""

from shared.imports.fields import TYPES, ImportField, fields_of
from shared.imports.jobs import cancel, check, receive, restart, revert, start, sweep

__all__ = [
    "TYPES", "ImportField", "cancel", "check", "fields_of", "receive", "restart", "revert", "start", "sweep",
]  # fmt: skip
