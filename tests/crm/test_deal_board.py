"""The board of deals: what it shows, and what moving a card answers."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

from shared.models import Deal, User
from shared.records import stages
from shared.tenancy import TenantSession
from tests.factories import make_deal, make_pipeline
from tests.shared.records.test_board import BY, column

from .conftest import Browser

JSON = {"Accept": "application/json"}


def columns(page: str) -> list[str]:
    return page.split('<section class="board-column')[1:]


def test_counts_and_sums_are_of_all_deals_by_currency_and_more_are_loaded(
    browser: Browser, session: TenantSession
) -> None:
    stage = make_pipeline(session).stages[0]
    for i in range(35):
        make_deal(session, stage=stage, name=f"Deal {i:02}", rank=float(i), amount_minor=100_00)
    make_deal(session, stage=stage, rank=99.0, amount_minor=5_000, currency="JPY")
    page = browser.get("/deals/board").text
    head = columns(page)[0]
    assert head.count("data-deal=") == 30
    assert '<span class="count">36</span>' in head and "€3,500 · ¥5,000" in head
    more = re.search(r'hx-get="([^"]+)"', head)
    assert more
    rest = browser.get(more[1].replace("&amp;", "&")).text
    assert rest.count("data-deal=") == 6 and "Deal 30" in rest and "Deal 29" not in rest
    assert "hx-get" not in rest
    assert browser.get(f"/deals/board/more?stage={stage.id}&after=nan_x").status_code == 422


def test_a_new_deal_begins_in_the_pipeline_and_stage_one_looks_at(browser: Browser, session: TenantSession) -> None:
    make_pipeline(session)
    other = make_pipeline(session, name="Renewals", is_default=False)
    first, second, won = other.stages[:3]
    page = browser.get(f"/deals/board?pipeline={other.id}").text
    assert page.count(f'/deals/new?stage_id={first.id}"') == 2, "the button of the page, the plus of the column"
    assert f"/deals/new?stage_id={won.id}" not in page
    form = browser.get(f"/deals/new?stage_id={second.id}").text
    assert f'<option value="{second.id}" selected' in form


def test_the_filter_of_the_list_holds_for_cards_counts_and_answers(
    browser: Browser, session: TenantSession, alice: User
) -> None:
    first, second = make_pipeline(session).stages[:2]
    mine = make_deal(session, stage=first, name="Mine", owner_id=alice.id, amount_minor=1_00)
    make_deal(session, stage=second, name="Theirs", amount_minor=99_00)
    page = browser.get(f"/deals/board?owner_id={alice.id}").text
    assert "Mine" in page and "Theirs" not in page
    url = f"/deals/{mine.id}/move?owner_id={alice.id}"
    answer = browser.post(url, {"stage_id": str(second.id), "version": "1"}, headers=JSON).json
    assert answer is not None
    assert '<span class="count">1</span>' in answer["heads"][str(second.id)]
    assert "1 open deal ·" in answer["lead"] and "€1<" in answer["heads"][str(second.id)]
    assert 'data-version="2"' in answer["card"]
    undone = browser.post(answer["undo_url"], headers=JSON).json
    assert undone is not None and undone["stage_id"] == first.id and undone["undo_url"] is None


def test_a_board_kept_with_a_field_that_is_gone_leaves_it_out_and_says_so(
    browser: Browser, session: TenantSession
) -> None:
    stage = make_pipeline(session).stages[0]
    for i in range(31):
        make_deal(session, stage=stage, name=f"Deal {i:02}", rank=float(i))
    address = "?custom.region=north"
    page = browser.get(f"/deals/board{address}").text
    assert "are gone" in page and "region" in page and columns(page)[0].count("data-deal=") == 30
    assert "Deal 30" in browser.get(f"/deals/board/more{address}&stage={stage.id}&after=29_{10**6}").text
    assert browser.get("/deals/board?regoin=north").status_code == 422, "a field that never was is a mistake"


def test_a_pipeline_is_chosen_by_its_tab(browser: Browser, session: TenantSession) -> None:
    make_pipeline(session, name="Sales")
    other = make_pipeline(session, name="Partners", is_default=False)
    make_deal(session, stage=other.stages[0], name="A partner")
    assert "A partner" not in browser.get("/deals/board").text
    assert "A partner" in browser.get(f"/deals/board?pipeline={other.id}").text


def test_list_board_and_forecast_stay_with_the_pipeline_and_the_owner(
    browser: Browser, session: TenantSession, alice: User
) -> None:
    make_pipeline(session, name="Sales")
    partners = make_pipeline(session, name="Partners", is_default=False)
    session.commit()
    mine = f"owner_id={alice.id}"

    def ways(path: str) -> list[str]:
        found = re.findall(
            r'<a href="([^"]*)"', browser.get(path).text.split('aria-label="View"')[1].split("</div>")[0]
        )
        return [html.unescape(url) for url in found]

    to_list, _board, to_forecast = ways(f"/deals/board?pipeline={partners.id}&{mine}")
    assert to_list == f"/deals?{mine}&pipeline_id={partners.id}"
    assert to_forecast == f"/deals/forecast?{mine}&pipeline_id={partners.id}"
    back, to_board, _forecast = ways(to_forecast)
    assert back == to_list
    assert to_board == f"/deals/board?{mine}&pipeline={partners.id}"
    _list, switch, onwards = ways(to_list)
    assert onwards == to_forecast
    assert browser.get(switch).headers["Location"] == to_board


def test_a_card_dragged_to_a_stage_deleted_meanwhile_or_from_an_old_page_is_refused(
    browser: Browser, session: TenantSession
) -> None:
    pipeline = make_pipeline(session)
    first, second, *_rest = pipeline.stages
    card, gone = make_deal(session, stage=first), second.id
    stages.remove_stage(session, pipeline, gone, move_to=None, by=BY)
    session.commit()
    answer = browser.post(f"/deals/{card.id}/move", {"stage_id": str(gone), "version": "1"}, headers=JSON)
    assert answer.status_code == 422 and "no longer" in answer.json["detail"]  # type: ignore[index]
    form = {"stage_id": str(pipeline.stages[1].id), "version": "7"}
    answer = browser.post(f"/deals/{card.id}/move", form, headers=JSON)
    assert answer.status_code == 409 and answer.json["current"]["stage_id"] == first.id  # type: ignore[index]
    session.expire_all()
    assert session.get_one(Deal, card.id).stage_id == first.id
    session.commit()


def test_a_card_is_put_between_two_others(browser: Browser, session: TenantSession) -> None:
    stage = make_pipeline(session).stages[0]
    one, two, three = (make_deal(session, stage=stage, name=n, rank=float(i)) for i, n in enumerate("abc"))
    form = {"stage_id": str(stage.id), "after": str(one.id), "before": str(two.id), "version": "1"}
    answer = browser.post(f"/deals/{three.id}/move", form, headers=JSON).json
    assert answer is not None and column(session, stage.id) == ["a", "c", "b"]
    session.commit()
    browser.post(answer["undo_url"], headers=JSON)
    assert column(session, stage.id) == ["a", "b", "c"]
    session.commit()


def test_a_viewer_sees_the_board_and_moves_nothing(
    browse: Callable[[int], Browser], session: TenantSession, vera: User
) -> None:
    card = make_deal(session)
    viewer = browse(vera.id)
    page = viewer.get("/deals/board").text
    assert card.name in page and "board-menu" not in page and 'data-writes="0"' in page
    assert viewer.post(f"/deals/{card.id}/move", {"stage_id": str(card.stage_id)}).status_code == 403


def test_another_tenant_sees_no_column(browse: Callable[[int], Browser], session: TenantSession, mallory: User) -> None:
    card = make_deal(session, name="Secret")
    other = browse(mallory.id)
    pipeline: Any = card.pipeline_id
    assert "Secret" not in other.get(f"/deals/board?pipeline={pipeline}").text
    assert other.get(f"/deals/board/more?stage={card.stage_id}&after=-5.0_0").status_code == 404
