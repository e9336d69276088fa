"""A list that travels with a question: read as any address is, whoever sends it and whatever it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import httpx

from shared.chat import internal
from shared.database import Database
from shared.query import ask
from tests import factories
from tests.conftest import Cast
from tests.fakes.assistant import ScriptedAssistant

from .conftest import Desk, play

NESTED = '{"type":"not","node":' * 7 + '{"type":"cmp","field":"name","op":"eq","values":["x"]}' + "}" * 7
#: What is no list. Each is refused with what is wrong of it, and the next question is answered.
WRONG: dict[str, Any] = {
    "not an object": "company",
    "a list of lists": [["company", ""]],
    "no type": {"query": "city=Leeds"},
    "an unknown type": {"type": "user", "query": ""},
    "a query of another kind": {"type": "company", "query": {"city": "Leeds"}},
    "a query of 60 kB": {"type": "company", "query": "city=" + "x" * 60_000},
    "a thousand parameters": {"type": "company", "query": "&".join(f"a{n}=1" for n in range(1000))},
    "an unknown field": {"type": "company", "query": "password_hash=x"},
    "a field of another type": {"type": "company", "query": "stage_type=open"},
    "an unknown operator": {"type": "company", "query": "name[regexp]=.*"},
    "another tenant's column": {"type": "company", "query": "workspace_id=2"},
    "SQL for a name": {"type": "company", "query": quote("name) OR 1=1; --") + "=x"},
    "no number": {"type": "company", "query": "employees[gt]=many"},
    "a condition that is no JSON": {"type": "company", "query": "where={"},
    "a condition of no kind": {"type": "company", "query": "where=" + quote('{"type":"sql","text":"1"}')},
    "conditions too deep": {"type": "company", "query": "where=" + quote(NESTED)},
    "conditions far too deep": {"type": "company", "query": "where=" + "%5B" * 2000},
    "an unknown order": {"type": "company", "query": "sort=-password_hash"},
    "the bin": {"type": "company", "query": "deleted=1"},
    "no text": {"type": "company", "query": "q=%00"},
    "words without an end": {"type": "company", "query": "q=" + "x" * 600},
}  # fmt: skip
_LOOKS = "saved=99&view=7&columns=name&by=city&cursor=x&limit=9&"
#: What is a list, with the names in it.
RIGHT: dict[str, tuple[dict[str, Any], set[str]]] = {
    "all": ({"type": "company", "query": ""}, {"Acme Foods", "Brook & Sons"}),
    "without a query": ({"type": "company"}, {"Acme Foods", "Brook & Sons"}),
    "filtered": ({"type": "company", "query": "city=Leeds", "is_meant": True}, {"Acme Foods"}),
    "how the page looks": ({"type": "company", "query": _LOOKS + "city=Leeds"}, {"Acme Foods"}),
    "SQL for a value": ({"type": "company", "query": "city=" + quote("Leeds' OR '1'='1")}, set()),
    "SQL for words": ({"type": "company", "query": "q=" + quote("\"' OR 1=1; DROP TABLE company --")}, set()),
    "half a letter": ({"type": "company", "query": "q=\ud800"}, {"Acme Foods", "Brook & Sons"}),
    "a key of no use": ({"type": "company", "query": "city=Leeds", "where": "1=1"}, {"Acme Foods"}),
    "a field that is gone": ({"type": "company", "query": "custom.gone=1&city=Leeds"}, {"Acme Foods"}),
}  # fmt: skip


LINES = 10  # of wrong frames on one socket: the 21st closes it


def test_a_list_is_read_like_an_address_and_never_shows_what_is_not_the_askers(
    desk: Desk, cast: Cast, database: Database, assistant: ScriptedAssistant
) -> None:
    with database.session(cast.acme) as session:
        factories.make_company(session, name="Acme Foods", city="Leeds")
        factories.make_company(session, name="Brook & Sons", city="Bergen")
    with database.session(cast.globex) as session:
        foreign = factories.make_company(session, name="Secret", city="Leeds")
    lists = RIGHT | {"another tenant's id": ({"type": "company", "query": f"id={foreign.id}"}, set())}

    def names() -> set[str]:
        listing = assistant.questions[-1].listing
        assert listing is not None
        with database.scope(cast.acme, read_only=True) as session:
            return {row.name for row in ask(session, listing.plan, user_id=cast.alice, zone=ZoneInfo("UTC")).rows}

    async def scene() -> None:
        for refused in batched(WRONG.items()):
            async with desk.tab(cast.alice) as tab:
                for said, wrong in refused:
                    error = await tab.ask("say hello", list=wrong)
                    assert (error["type"], error["data"].get("code")) == ("error", "bad_frame"), said
                    assert len(error["data"]["message"]) > 20, said
                assert (await tab.answer("say still here"))[-1]["data"]["reason"] == "done"
        async with desk.tab(cast.alice) as tab:
            for said, (right, found) in lists.items():
                ended = await tab.answer("say hello", list=right)
                assert (ended[-1]["data"]["reason"], names()) == ("done", found), said
        await over_http()

    async def over_http() -> None:
        key = desk.server.settings.effective_secret_key
        said = {"Authorization": f"Bearer {internal.token(key, workspace_id=cast.acme, user_id=cast.alice)}"}
        async with httpx.AsyncClient(base_url=desk.server.http, trust_env=False, timeout=10, headers=said) as client:
            for wrong in WRONG.values():
                answer = await client.post("/internal/ask", json={"text": "say hello", "list": wrong})
                assert answer.status_code == 422, answer.text
            for query in ("city=Leeds", "city=Leeds&saved=\0"):
                body = {"text": "say hello", "list": {"type": "company", "query": query}}
                assert (await client.post("/internal/ask", json=body)).status_code == 200
                assert names() == {"Acme Foods"}

    play(scene)


def batched(items: Iterable[tuple[str, Any]]) -> Iterator[list[tuple[str, Any]]]:
    left = list(items)
    while left:
        yield left[:LINES]
        left = left[LINES:]
