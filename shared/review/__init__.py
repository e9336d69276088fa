"""The gate: nothing a machine found reaches a record but through here, and everything can be taken back.

propose ─▶ (merge, move, assign: `correcting`) ─▶ accept | reject ─▶ undo       many at once: `batches`
"""

from shared.review.batches import accept_above, undo_batch
from shared.review.correcting import renew
from shared.review.deciding import accept, reject, undo
from shared.review.proposing import propose
from shared.review.publishing import publish
from shared.review.showing import insights_about, show

__all__ = [
    "accept", "accept_above", "insights_about", "propose", "publish", "reject", "renew", "show", "undo", "undo_batch",
]  # fmt: skip
