"""The gate: nothing a machine found reaches a record but through here, and everything can be taken back."""

from shared.review.gate import (
    accept,
    accept_above,
    insights_about,
    reject,
    renew,
    show,
    undo,
    undo_batch,
)
from shared.review.proposing import propose
from shared.review.publishing import publish

__all__ = [
    "accept", "accept_above", "insights_about", "propose", "publish", "reject", "renew", "show", "undo", "undo_batch",
]  # fmt: skip
