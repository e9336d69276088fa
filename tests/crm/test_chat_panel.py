"""What a page gives the chat panel: its words, what it is about, and nothing to those who may not ask."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any, get_args

from shared.models import ActionState
from shared.schemas import chat
from shared.tenancy import TenantSession
from tests.conftest import Cast
from tests.crm.conftest import Browser
from tests.factories import make_company, make_deal

WIDGET = Path(__file__).parents[2] / "frontend/src/widget"
#: s("key") and s(… ? "one" : "other") in the scripts.
USED = re.compile(r"""\b(?:s|has)\((?:[^()"`]*\?)?\s*"([a-z_]+)"(?:\s*:\s*"([a-z_]+)")?""")


def panel(page: str) -> dict[str, str]:
    """The attributes of the panel's element."""
    found = re.search(r"<afterword-chat ([^>]*)>", page)
    assert found, page[:300]
    pairs = re.findall(r"""([a-z-]+)=(?:"([^"]*)"|'([^']*)')""", found[1])
    return {name: unescape(double or single) for name, double, single in pairs}


def test_a_record_page_names_its_record_and_suggests_what_its_reader_may_do(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession
) -> None:
    company = make_company(session, name="O'Hara & <b>Sons</b>")
    deal = make_deal(session, company_id=company.id)
    mine = panel(browse(cast.alice).get(f"/deals/{deal.id}").text)
    assert (mine["data-page-type"], mine["data-page-id"]) == ("deal", str(deal.id))
    assert mine["data-user"] == str(cast.alice)
    suggested = [text for _icon, text in json.loads(mine["data-suggestions"])]
    assert "Plan a follow-up for next Tuesday" in suggested
    theirs = panel(browse(cast.vera).get(f"/deals/{deal.id}").text)
    assert json.loads(theirs["data-suggestions"]) == json.loads(mine["data-suggestions"])[:-1]
    for path in ("/", "/deals", f"/deals/{deal.id}/edit"):
        about = panel(browse(cast.alice).get(path).text)
        assert "data-page-id" not in about
        assert len(json.loads(about["data-suggestions"])) > 2


def test_there_is_one_panel_on_a_page_and_none_before_signing_in(
    browse: Callable[[int], Browser], cast: Cast, stranger: Browser
) -> None:
    pages = {path: browse(cast.alice).get(path).text for path in ("/", "/chat")}
    assert [page.count("<afterword-chat ") for page in pages.values()] == [1, 1]
    assert "mode" not in panel(pages["/"])
    assert panel(pages["/chat"])["mode"] == "page"
    assert "data-open-chat" in pages["/"]
    assert "afterword-chat" not in stranger.get("/login").text
    assert "data-chat" not in stranger.get("/login").text


def test_every_text_the_scripts_name_is_there(browse: Callable[[int], Browser], cast: Cast) -> None:
    strings: dict[str, Any] = json.loads(panel(browse(cast.alice).get("/").text)["data-strings"])
    scripts = {path.name: path.read_text() for path in WIDGET.glob("*.js")}
    used = {(key, name) for name, code in scripts.items() for pair in USED.findall(code) for key in pair if key}
    assert len(used) > 80
    assert {pair for pair in used if pair[0] not in strings} == set()
    for prefix, words in {
        "stage": get_args(chat.Stage),
        "route": get_args(chat.RouteKind),
        "action": {*get_args(chat.ActionResult), *(state.value for state in ActionState)},
        "type": get_args(chat.PageType),
    }.items():
        assert {word for word in words if f"{prefix}_{word}" not in strings} == set()
    counted = [text for text in strings.values() if isinstance(text, dict)]
    assert all({"one", "other"} == text.keys() for text in counted)
