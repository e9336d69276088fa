"""Actions in a turn: what a request comes to as a card, and what an answer to a card comes to as a frame.

What is done, by whom and how it is taken back is `shared.review.actions`; nothing here writes a record.
"""

from __future__ import annotations

from chatbot.assistant.types import ActionRequest, Asker, Question
from shared.models import ChatAction, User
from shared.review import actions as gate
from shared.review.cards import card, result, state
from shared.review.tools import tools_for
from shared.tenancy import TenantSession

__all__ = ["allowed_tools", "card", "propose", "refusal", "result", "state"]

_NOT_ALLOWED = {
    "en": "Your role does not allow this: you may read, but not change records.",
    "de": "Ihre Rolle erlaubt das nicht: Sie dürfen lesen, aber nichts ändern.",
}


def allowed_tools(asker: Asker) -> tuple[str, ...]:
    """Names of the tools this person may use; none for those who may only read."""
    return tools_for(asker.role)


def refusal(language: str) -> str:
    """What somebody hears who asks for something their role does not allow."""
    return _NOT_ALLOWED["de" if language == "de" else "en"]


def propose(
    session: TenantSession, request: ActionRequest, *, question: Question, conversation_id: int, turn: str
) -> ChatAction:
    """Put a request before the person who made it. Nothing is done yet.

    Raises AppError whose `detail` is to be said instead: the role does not allow it, an argument does not fit, the
    record is gone, or it is so already.
    """
    return gate.propose(
        session,
        request.tool,
        request.args,
        user=session.get_one(User, question.asker.user_id),
        conversation_id=conversation_id,
        turn=turn,
        language=request.language,
    )
