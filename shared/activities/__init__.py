"""E-mails and calendar entries from files: activities of the people they name. Nobody's mail server is asked.

    .eml .mbox .ics ─ stage ─▶ rows: what would become of each, with whom ─ Batch ─▶ notes, tasks ─ revert ─▶ gone
                                      ▲ a person looks, leaves some out, makes contacts of the unknown

A message is a note of kind e-mail, a past event one of kind meeting, a future one a task on its day: a meeting with a
transcript is something else. Rows, progress, leases and undo are those of `shared.imports`, which drives this.
"""

from shared.activities import reverting
from shared.activities.applying import Batch, waiting
from shared.activities.mailboxes import format_of
from shared.activities.staging import TYPES, replanned, stage

__all__ = ["TYPES", "Batch", "format_of", "replanned", "reverting", "stage", "waiting"]
