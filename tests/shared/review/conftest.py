"""A meeting of Alice's, and what an analysis may find in it."""

from __future__ import annotations

from typing import Any

import pytest

from shared.events import Actor
from shared.models import Meeting, User
from shared.schemas.insight import Evidence, Item, Kind
from shared.tenancy import TenantSession
from tests import factories

QUOTE = "I will send the offer on Friday."


def item(kind: Kind, confidence: float = 0.9, speaker: str = "Jane Roe", **data: Any) -> Item:
    evidence = Evidence(quote=QUOTE, speaker=speaker, start_s=12.0, utterance=0, start=0, end=len(QUOTE))
    return Item(kind=kind, data=data, evidence=[evidence], confidence=confidence)


@pytest.fixture
def by(alice: User) -> Actor:
    return Actor("user", alice.id)


@pytest.fixture
def meeting(session: TenantSession, alice: User) -> Meeting:
    return factories.make_meeting(session, lines=[("Jane Roe", QUOTE)], owner_id=alice.id)
