"""Reports, the forecast and the dashboard: figures with the list behind each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from chatbot.assistant.tables import report_of
from shared import clock
from shared.events import Actor
from shared.models import CustomType, Report, User
from shared.query import Plan, catalog, check_plan
from shared.records import removed_fields, update
from shared.schemas.checking import check
from shared.tenancy import TenantSession
from tests.factories import make_contact, make_deal, make_field, make_move, make_pipeline
from tests.shared.query.test_ask import cmp

from .conftest import Browser

Browse = Callable[[int], Browser]
FORM = {
    "name": "By stage", "from": "deal", "measure": ["open_pipeline", ""], "group": ["stage", ""], "period": ["", ""],
    "where": json.dumps({"type": "cmp", "field": "stage_type", "values": ["open"]}), "chart": "bars",
}  # fmt: skip


def test_a_report_is_built_seen_by_currency_and_taken_along(browser: Browser, session: TenantSession) -> None:
    first, second = make_pipeline(session).stages[:2]
    make_deal(session, stage=first, amount_minor=100_00)
    make_deal(session, stage=first, amount_minor=5_000, currency="JPY")
    make_deal(session, stage=second, amount_minor=30_00)
    made = browser.post("/reports", FORM)
    assert made.status_code == 303
    page = browser.get(made.headers["Location"]).text
    assert '<p class="page-lead">Open pipeline of open deals by stage · <a' in page
    assert 'data-save-png="by-stage-open-pipeline-eur" data-title="By stage: Open pipeline (EUR)"' in page
    assert "€100</span>" in page and "¥5,000</span>" in page and "(JPY)" in page and page.count("data-chart=") == 2
    link = re.search(r'<th scope="row"><a class="link-plain" href="([^"]+)">Qualification</a>', page)
    assert link
    assert "2 open deals" in browser.get(unescape(link[1])).text
    csv = browser.get(made.headers["Location"] + ".csv").text
    assert csv.splitlines()[0] == "\ufeffStage,Open pipeline (EUR),Open pipeline (JPY)", "numbers that can be added up"
    assert "Qualification,100.00,5000" in csv.splitlines()


def _drawn(page: str) -> dict[str, dict[str, object]]:
    """What each chart of a page is given, by its title: name → value."""
    data = [json.loads(unescape(text)) for text in re.findall(r'data-chart="([^"]+)"', page)]
    return {one["title"]: {point["name"]: point["values"][0] for point in one["points"]} for one in data}


def _by_month(browser: Browser, measure: str, **over: object) -> str:
    form = {"name": "Months", "from": "deal", "measure": [measure, "count"], "group": ["expected_close", ""],
            "period": ["month", ""], "where": "", "chart": "columns"}  # fmt: skip
    return browser.get(browser.post("/reports", form | over).headers["Location"]).text


def test_a_chart_of_time_has_each_month_and_the_same_ones_in_every_currency(
    browser: Browser, session: TenantSession
) -> None:
    for month, amount, currency in ((1, 100_00, "EUR"), (4, 300_00, "EUR"), (2, 50_00, "GBP")):
        make_deal(session, expected_close=date(2027, month, 9), amount_minor=amount, currency=currency)
    make_deal(session, expected_close=None)
    page = _by_month(browser, "total_amount")
    charts = _drawn(page)
    months = ["January 2027", "February 2027", "March 2027", "April 2027", "none"]
    assert [list(points) for points in charts.values()] == [months] * 3
    assert [list(points.values()) for points in charts.values()] == [
        [100.0, 0.0, 0.0, 300.0, 0.0], [0.0, 50.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 1.0, 1.0],
    ]  # fmt: skip
    assert page.count('<th scope="row">') == 4, "the table has what there is"


def test_an_average_of_a_month_without_deals_is_no_zero(browser: Browser, session: TenantSession) -> None:
    for month in (1, 3):
        make_deal(session, expected_close=date(2027, month, 9), probability=40)
    (points, _count) = _drawn(_by_month(browser, "avg:probability", chart="line")).values()
    assert list(points.values()) == [40.0, None, 40.0]


def test_what_was_chosen_by_its_figures_or_spans_too_long_is_drawn_as_it_was_answered(
    browser: Browser, session: TenantSession
) -> None:
    for day in (date(2020, 1, 1), date(2027, 1, 1)):
        make_deal(session, expected_close=day, amount_minor=100_00)
    assert len(_drawn(_by_month(browser, "total_amount", period=["day", ""]))["Number"]) == 2
    assert len(_drawn(_by_month(browser, "total_amount", period=["quarter", ""]))["Number"]) == 29


def test_a_report_called_as_it_is_asked_says_so_once(browser: Browser, session: TenantSession) -> None:
    make_deal(session, stage=make_pipeline(session).stages[0])
    page = browser.get(
        browser.post("/reports", FORM | {"name": "Open pipeline of open deals by stage"}).headers["Location"]
    )
    assert '<p class="page-lead"><a href' in page.text


def test_what_a_spreadsheet_would_compute_stays_text(browser: Browser, session: TenantSession) -> None:
    make_contact(session, source="=HYPERLINK(1)")
    form = FORM | {"from": "contact", "measure": ["count", ""], "group": ["source", ""], "where": ""}
    csv = browser.get(browser.post("/reports", form).headers["Location"] + ".csv").text
    assert csv.splitlines()[1] == "'=HYPERLINK(1),1"


def test_a_bar_opens_a_list_of_what_it_is_of(browser: Browser, session: TenantSession) -> None:
    make_field(session, record_type="deal", key="cost", label="Cost", type=CustomType.MONEY)
    stages = make_pipeline(session).stages
    for stage, currency in ((stages[0], "EUR"), (stages[0], "JPY"), (stages[2], "EUR")):
        deal = make_deal(session, stage=stage, amount_minor=100_00, currency=currency)
        for_it = {"custom": {"cost": {"minor": deal.id, "currency": "CHF" if currency == "EUR" else "GBP"}}}
        update(session, deal, for_it, by=Actor("user"))
    session.commit()
    form = {"measure": ["open_pipeline", "sum:custom.cost"], "group": ["currency", ""], "where": "", "chart": "bars"}
    page = browser.post("/reports/preview", FORM | form).text
    drawn = [json.loads(unescape(data)) for data in re.findall(r'data-chart="([^"]+)"', page)]
    opened = {
        (figure["title"], point["name"]): parse_qs(urlsplit(point["href"]).query)
        for figure in drawn
        for point in figure["points"]
    }
    assert opened == {
        ("Open pipeline (EUR)", "EUR"): {"currency": ["EUR"], "stage_type": ["open"]},
        ("Open pipeline (JPY)", "JPY"): {"currency": ["JPY"], "stage_type": ["open"]},
        ("Sum of Cost (CHF)", "EUR"): {"currency": ["EUR"]},
        ("Sum of Cost (GBP)", "JPY"): {"currency": ["JPY"]},
    }


def test_more_groups_than_are_shown_are_counted_and_all_taken_along(browser: Browser, session: TenantSession) -> None:
    for n in range(230):
        make_contact(session, last_name=f"N{n}", source=f"Fair {n:03}")
    form = FORM | {
        "name": "Je Quelle",
        "from": "contact",
        "measure": ["count", ""],
        "group": ["source", ""],
        "where": "",
    }
    address = browser.post("/reports", form).headers["Location"]
    page = browser.get(address).text
    assert "Drawn are the first 40 of 230 groups." in page and "Listed are the first 200 of 230 groups." in page
    csv = browser.get(address + ".csv")
    assert csv.headers["Content-Disposition"] == 'attachment; filename="je-quelle.csv"'
    assert sorted(line.split(",")[0] for line in csv.text.splitlines()[1:]) == [f"Fair {n:03}" for n in range(230)]
    browser.post(address, form | {"name": "דוח", "version": "1"})
    assert 'filename="report-' in browser.get(address + ".csv").headers["Content-Disposition"]


def test_groups_are_never_shown_as_the_one_figure_of_the_first(browser: Browser, session: TenantSession) -> None:
    make_deal(session, stage=make_pipeline(session).stages[0], amount_minor=100_00)
    shown = browser.post("/reports/preview", FORM | {"chart": "number"}).text
    assert "figure-plot-bars" in shown and "report-figure" not in shown
    shown = browser.post("/reports/preview", FORM | {"group": ["", ""]}).text
    assert "report-figure" in shown and "data-chart=" not in shown


def test_the_builder_shows_what_it_would_keep_or_what_is_missing(browser: Browser, session: TenantSession) -> None:
    make_deal(session, amount_minor=100_00)
    shown = browser.post("/reports/preview", FORM).text
    assert "€100</span>" in shown and "data-chart=" in shown
    address = browser.post("/reports/preview", FORM | {"name": "Half a na", "chart": "line"}).headers["HX-Replace-Url"]
    again = browser.get(address).text
    assert 'value="Half a na"' in again and re.findall(r'<option value="([^"]+)" selected', again)[:3] == [
        FORM["measure"][0], "line", FORM["group"][0],
    ]  # fmt: skip
    assert "measures something" in browser.post("/reports/preview", FORM | {"measure": ["", ""]}).text
    assert "no plan" in browser.post("/reports/preview", FORM | {"where": "[1"}).text
    assert not session.scalars(select(Report)).all()


@pytest.mark.parametrize(
    ("type_", "by"),
    [
        ("deal", "stage"),
        ("deal", "stage_id"),
        ("contact", "owner_id"),
        ("task", "assignee"),
        ("meeting", "status"),
        ("note", "kind"),
    ],
)
def test_what_there_is_to_group_by_is_called_each_in_its_own_words(browser: Browser, type_: str, by: str) -> None:
    plan = {"from": type_, "measures": [{"metric": "count"}], "group": [{"field": by}]}
    page = browser.get("/reports/new", query_string={"plan": json.dumps(plan)}).text
    offered = re.search(r'<select[^>]* name="group".*?</select>', page, re.S)
    names = re.findall(r"<option[^>]*>([^<]*)<", offered[0] if offered else "")
    assert len(names) > 3 and len(names) == len(set(names))
    assert offered and re.search(rf'value="{by}"[^>]* selected', offered[0])


def test_each_beginning_offered_opens_in_the_builder_and_can_be_kept(browser: Browser, session: TenantSession) -> None:
    starters = re.findall(r'class="card starter" href="([^"]+)"', browser.get("/reports").text)
    assert len(starters) == 6
    for href in map(unescape, starters):
        name, plan = (parse_qs(urlsplit(href).query)[key][0] for key in ("name", "plan"))
        assert f'value="{name}"' in browser.get(href).text
        check_plan(check(Plan, json.loads(plan)), catalog(session))


def test_a_report_on_a_field_that_was_deleted_says_so_and_can_be_mended(
    browser: Browser, session: TenantSession
) -> None:
    make_deal(session, amount_minor=100_00)
    field = make_field(session, record_type="deal", key="tier", type=CustomType.TEXT)
    made = browser.post("/reports", FORM | {"group": ["custom.tier", ""]}).headers["Location"]
    removed_fields.remove(session, field, by=_system())
    session.commit()
    page = browser.get(made)
    assert page.status_code == 200 and "no longer there" in page.text
    assert "The field “tier” was deleted. Edit the report" in page.text and "group.0" not in page.text
    assert browser.get(f"{made}/edit").status_code == 200
    assert browser.post(made, FORM | {"version": "1"}).status_code == 303
    assert "no longer there" not in browser.get(made).text
    assert browser.post("/reports", FORM | {"group": ["custom.gone", ""]}).status_code == 422


def _system() -> object:
    from shared.events import SYSTEM

    return SYSTEM


def test_a_private_report_is_its_owners_and_a_shared_one_is_read_by_colleagues_alone(
    browse: Browse, session: TenantSession, alice: User, bob: User, mallory: User
) -> None:
    owner, colleague, other = browse(alice.id), browse(bob.id), browse(mallory.id)
    path = owner.post("/reports", FORM).headers["Location"]
    for stranger in (colleague, other):
        for answer in (stranger.get(path), stranger.get(f"{path}.csv"), stranger.get(f"{path}/edit")):
            assert answer.status_code == 404
        for suffix in ("", "/delete"):
            assert stranger.post(path + suffix, FORM).status_code == 404
    owner.post(path, FORM | {"is_shared": "1"})
    assert colleague.get(path).status_code == 200 and other.get(path).status_code == 404
    make_deal(session, stage=make_pipeline(session).stages[0], amount_minor=100_00)
    assert "By stage" in colleague.get("/reports").text and "By stage" not in other.get("/reports").text
    assert colleague.post(f"{path}/delete").status_code == 403
    assert owner.post(f"{path}/delete").status_code == 303
    assert session.query(Report).count() == 0
    session.rollback()
    undo = _undo_of(owner.get("/reports").text)
    assert colleague.post(undo).status_code == other.post(undo).status_code == 404
    assert owner.post(undo).headers["Location"] == path and "Qualification" in owner.get(path).text
    assert owner.post(undo).status_code == 404 and colleague.get(path).status_code == 200


def test_a_report_comes_back_where_its_number_was_given_to_anothers_meanwhile(
    browse: Browse, alice: User, mallory: User
) -> None:
    """SQLite gives the greatest number anew, in whatever workspace."""
    owner, other = browse(alice.id), browse(mallory.id)
    path = owner.post("/reports", FORM).headers["Location"]
    owner.post(f"{path}/delete")
    undo = _undo_of(owner.get("/reports").text)
    taken = other.post("/reports", FORM | {"name": "Theirs"}).headers["Location"]
    assert "By stage" in owner.get(owner.post(undo).headers["Location"]).text
    assert "Theirs" in other.get(taken).text and "By stage" not in other.get("/reports").text


def test_a_report_that_was_saved_over_says_again_what_it_said(
    browse: Browse, session: TenantSession, alice: User, bob: User, mallory: User
) -> None:
    owner, colleague, other = browse(bob.id), browse(alice.id), browse(mallory.id)
    path = owner.post("/reports", FORM | {"is_shared": "1"}).headers["Location"]
    was = session.scalars(select(Report)).one()
    before = (was.name, was.chart, was.is_shared, was.plan)
    session.rollback()
    owner.post(path, FORM | {"name": "By owner", "group": ["owner_id", ""], "chart": "table", "version": "1"})
    undo = _undo_of(owner.get(path).text)
    assert colleague.post(undo).status_code == other.post(undo).status_code == 404
    assert owner.post(undo).headers["Location"] == path
    report = session.scalars(select(Report)).one()
    assert (report.name, report.chart, report.is_shared, report.plan) == before
    session.rollback()
    assert owner.post(undo).status_code == 409, "it says something else than what was saved"
    owner.get(path)
    owner.post(path, FORM | {"is_shared": "1"})
    assert "/undo" not in owner.get(path).text, "nothing was changed"


def test_a_manager_who_stopped_sharing_a_colleagues_report_can_take_that_back(
    browse: Browse, session: TenantSession, alice: User, bob: User
) -> None:
    manager, owner = browse(alice.id), browse(bob.id)
    path = owner.post("/reports", FORM | {"is_shared": "1"}).headers["Location"]
    stopped = manager.post(path, FORM | {"version": "1"})
    undo = _undo_of(manager.get(stopped.headers["Location"]).text)
    assert manager.get(path).status_code == 404
    assert owner.post(undo).status_code == 404, "it is the manager's to take back"
    assert manager.post(undo).headers["Location"] == path and manager.get(path).status_code == 200
    manager.post(path, FORM | {"version": "3"})
    undo = _undo_of(manager.get("/reports").text)
    owner.post(path, FORM | {"name": "Mine alone"})
    assert manager.post(undo).status_code == 409, "its owner went on with it"
    assert manager.get(path).status_code == 404


def _undo_of(page: str) -> str:
    """Where the message of a page takes back what it tells of."""
    found = re.search(r'"(/\w+/(?:deleted|changed)/\d+/undo)"', unescape(page))
    assert found
    return found[1]


def test_the_forecast_and_the_dashboard_add_up_by_currency_and_open_their_lists(
    browser: Browser, session: TenantSession
) -> None:
    first, _second, won, lost = make_pipeline(session).stages
    today = clock.now().date()
    make_deal(session, stage=first, amount_minor=100_00, expected_close=today)
    make_deal(session, stage=first, amount_minor=50_00, currency="USD", expected_close=today)
    make_deal(session, stage=won, amount_minor=70_00, closed_at=clock.now())
    make_deal(session, stage=lost, amount_minor=10_00, closed_at=clock.now(), lost_reason="Price")
    make_deal(session, stage=first, name="Stands still", created_at=clock.now() - timedelta(days=50))
    page = browser.get("/deals/forecast").text
    assert "Forecast by month (EUR)" in page and "Forecast by month (USD)" in page
    assert re.search(r"€100</span></td><td[^>]*><span[^>]*>€10<", page) and "Price" in page and "50 %" in page
    link = re.search(r'href="([^"]+)">\w+ \d{4}</a></th><td[^>]*><span[^>]*>€100<', page)
    assert link and "1 open deal ·" in browser.get(unescape(link[1])).text.replace("<strong>", ""), "euros alone"
    rest = re.search(r'href="([^"]+)">1 has no date \(€0\)</a>', page)
    assert rest and "Stands still" in browser.get(unescape(rest[1])).text
    home = browser.get("/").text
    assert "Won by month" in home and "€70" in home and "Stands still" in home and "Activity by month" in home


def test_time_in_stages_is_half_and_nine_of_ten(browser: Browser, session: TenantSession) -> None:
    first, second = make_pipeline(session).stages[:2]
    for days in range(1, 12):
        deal = make_deal(session, stage=second)
        start = clock.now() - timedelta(days=20)
        make_move(session, deal, from_stage_id=None, to_stage_id=first.id, at=start)
        make_move(session, deal, from_stage_id=first.id, to_stage_id=second.id, at=start + timedelta(days=days))
    page = browser.get("/deals/stages").text
    assert "6 days" in page and "10 days" in page
    assert "Time in each stage" in browser.get(f"/deals/{deal.id}").text


def test_an_answer_of_the_assistant_opens_the_builder_and_is_kept_as_it_was(
    browser: Browser, session: TenantSession
) -> None:
    make_deal(session, amount_minor=100_00)
    either = {"type": "or", "of": [cmp("currency", "EUR"), cmp("name", "pilot", op="contains")]}
    plan = Plan.model_validate(
        {
            "from": "deal", "where": {"type": "and", "of": [cmp("stage_type", "open"), either]},
            "group": [{"field": "stage"}], "measures": [{"metric": "count"}],
            "order": [{"by": "count", "descending": True}], "limit": 3,
            "having": [{"by": "count", "op": "gte", "value": 1}],
        }
    )  # fmt: skip
    page = browser.get(report_of(plan))
    assert page.status_code == 200 and 'value="Number of open deals (in EUR or with “pilot” in the name)' in page.text
    form = dict(FORM) | {"measure": ["count", ""], "name": "Kept"}
    for name in ("where", "kept"):
        found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
        assert found
        form[name] = unescape(found[1])
    browser.post("/reports", form)
    kept = session.query(Report).one().plan
    assert kept["order"] == [{"by": "count", "descending": True}] and kept["limit"] == 3 and len(kept["having"]) == 1
    assert [part["type"] for part in kept["where"]["of"]] == ["cmp", "or"]
    session.commit()
    browser.post("/reports/1", form | {"measure": ["open_pipeline", ""], "version": "1"})
    assert session.query(Report).one().plan["order"] == []
    assert report_of(plan.of_rows) == "" and browser.get("/reports/new?plan={}").status_code == 200
