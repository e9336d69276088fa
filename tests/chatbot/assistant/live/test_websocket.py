"""The socket's protocol, spoken by a real client to a real server."""

from __future__ import annotations

import asyncio

from tests.conftest import Cast

from .conftest import Desk, text_of


def test_a_question_is_acknowledged_and_answered_in_numbered_frames(desk: Desk, cast: Cast) -> None:
    async def play() -> None:
        async with desk.tab(cast.alice) as tab:
            frames = await tab.answer("say hello there")
            assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
            assert frames[0]["type"] == "turn.start"
            assert frames[-1]["type"] == "turn.end"
            assert text_of(frames) == "hello there"

    asyncio.run(play())
