"""Pipelines in the settings."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlalchemy import select

from shared.events import Actor
from shared.models import Deal, Pipeline, Stage, StageType, User, Workspace
from shared.records import stages
from shared.tenancy import TenantSession
from tests.factories import make_deal, make_pipeline

from .conftest import Browser


def names(session: TenantSession, pipeline: int) -> list[str]:
    session.expire_all()
    found = [stage.name for stage in session.get_one(Pipeline, pipeline).stages]
    session.rollback()
    return found


def test_a_pipeline_is_made_like_another_and_its_stages_reworded_and_ordered(
    browser: Browser, session: TenantSession
) -> None:
    first = make_pipeline(session, name="Sales")
    assert browser.post("/settings/pipelines", {"name": "Partners", "like": str(first.id)}).status_code == 303
    made = session.scalars(select(Pipeline.id).where(Pipeline.name == "Partners")).one()
    ids = [stage.id for stage in session.get_one(Pipeline, made).stages]
    session.rollback()
    form = {
        "name": "Resellers", "version": "1", "stage_id": [*map(str, ids), ""],
        "stage_name": ["First call", "Proposal", "Won", "Lost", "Trial"],
        "stage_type": ["open", "open", "won", "lost", "open"], "probability": ["10", "50", "100", "0", "30"],
        "stale_days": ["", "7", "", "", ""],
    }  # fmt: skip
    assert browser.post(f"/settings/pipelines/{made}", form).status_code == 303
    assert names(session, made) == ["First call", "Proposal", "Won", "Lost", "Trial"]
    assert browser.post(f"/settings/pipelines/{made}", form).status_code == 409  # the page is old
    order = [stage.id for stage in session.get_one(Pipeline, made).stages]
    session.rollback()
    wanted = [str(key) for key in (order[0], order[4], *order[1:4])]
    answer = browser.post(
        f"/settings/pipelines/{made}/order", {"stage_id": wanted}, headers={"Accept": "application/json"}
    )
    assert answer.json == {"version": 3}
    assert names(session, made) == ["First call", "Trial", "Proposal", "Won", "Lost"]
    assert browser.post(f"/settings/pipelines/{made}/order", {"stage_id": wanted[1:]}).status_code == 422


def test_the_deals_of_a_deleted_stage_are_offered_the_nearest_of_its_kind(
    browser: Browser, session: TenantSession
) -> None:
    kinds = [("New", "open"), ("Talks", "open"), ("Won", "won"), ("Lost", "lost"), ("Pilot", "open")]
    rows = [Stage(name=name, type=StageType(kind), position=place) for place, (name, kind) in enumerate(kinds)]
    made = make_pipeline(session, stages=rows)
    of = {row.id: row.name for row in made.stages}
    for row in made.stages:
        make_deal(session, stage=row)
    page = browser.get(f"/settings/pipelines/{made.id}").text
    offered = {
        of[int(asked[0])]: of[int(asked[1])]
        for asked in re.findall(r'id="stage-(\d+)-to".*?<option value="(\d+)" selected', page, re.DOTALL)
    }
    assert offered == {"New": "Talks", "Talks": "New", "Won": "Talks", "Lost": "Won", "Pilot": "Talks"}


def test_a_stage_and_a_pipeline_are_deleted_and_their_deals_moved(browser: Browser, session: TenantSession) -> None:
    first, other = make_pipeline(session, name="Sales"), make_pipeline(session, name="Old", is_default=False)
    card = make_deal(session, stage=other.stages[0])
    other_id, first_id, card_id = other.id, first.id, card.id
    one, two = (stage.id for stage in other.stages[:2])
    path = f"/settings/pipelines/{other_id}"
    assert browser.post(f"{path}/stages/{one}/delete").status_code == 409
    browser.post(f"{path}/stages/{one}/delete", {"move_to": str(two)})
    assert names(session, other_id) == ["Proposal", "Won", "Lost"]
    assert browser.post(f"{path}/delete").status_code == 409
    target = session.scalars(select(Stage.id).where(Stage.pipeline_id == first_id)).first()
    session.rollback()
    browser.post(f"{path}/delete", {"move_to": str(target)})
    session.expire_all()
    assert session.get_one(Deal, card_id).stage_id == target
    session.rollback()
    page = browser.get("/settings/pipelines").text
    assert ">Old<" not in page
    undo = re.search(r'action="(/settings/pipelines/emptied/\d+/undo)"', page)
    assert undo and "1 deal moved." in page
    assert browser.post(undo[1]).location == path
    session.expire_all()
    assert session.get_one(Deal, card_id).stage_id == two
    session.rollback()
    assert "“Old” is as it was." in browser.get("/settings/pipelines").text
    assert browser.post(undo[1]).status_code == 409


def test_a_pipeline_whose_only_deals_lie_in_the_bin_says_where_they_go(
    browser: Browser, session: TenantSession
) -> None:
    first, other = make_pipeline(session, name="Sales"), make_pipeline(session, name="Old", is_default=False)
    make_deal(session, stage=other.stages[0], deleted_at=other.created_at)
    session.commit()
    page = browser.get(f"/settings/pipelines/{other.id}").text
    assert "1 deal in the bin goes along." in page
    assert 'id="leave-pipeline-to"' in page and f'id="stage-{other.stages[0].id}-to"' in page
    sent = browser.post(f"/settings/pipelines/{other.id}/delete", {"move_to": str(first.stages[0].id)})
    assert sent.status_code == 303


def test_default_archive_and_habits(browser: Browser, session: TenantSession, acme: Workspace) -> None:
    first, other = make_pipeline(session, name="Sales"), make_pipeline(session, name="Second", is_default=False)
    browser.post(f"/settings/pipelines/{other.id}/state", {"do": "default"})
    browser.post(f"/settings/pipelines/{first.id}/state", {"do": "archive"})
    page = browser.get("/settings/pipelines").text
    assert page.index(">Second<") < page.index(">Sales<") and "Archived" in page
    browser.post("/settings/pipelines/habits", {"stale_days": "12", "lost_reasons": "Price\n\nNo need\nPrice"})
    session.expire_all()
    assert (acme.stale_days, acme.lost_reasons) == (12, ["Price", "No need"])
    session.rollback()
    assert browser.post("/settings/pipelines/habits", {"stale_days": "soon"}).status_code == 422


def test_only_admins_of_the_workspace_reach_them(
    browse: Callable[[int], Browser], session: TenantSession, bob: User, mallory: User
) -> None:
    pipeline = make_pipeline(session)
    posts = ("", "/order", "/delete", "/state", f"/stages/{pipeline.stages[0].id}/delete")
    assert browse(bob.id).get("/settings/pipelines").status_code == 403
    other = browse(mallory.id)
    _stage, moved = stages.remove_stage(session, pipeline, pipeline.stages[1].id, move_to=None, by=Actor("user"))
    session.commit()
    undo = f"/settings/pipelines/emptied/{moved.id}/undo"
    assert (browse(bob.id).post(undo).status_code, other.post(undo).status_code) == (403, 404)
    assert other.get(f"/settings/pipelines/{pipeline.id}").status_code == 404
    for path in posts:
        assert other.post(f"/settings/pipelines/{pipeline.id}{path}", {"do": "archive"}).status_code == 404


def test_what_is_wrong_with_a_stage_is_said_by_its_name_and_what_its_type_changes_too(
    browser: Browser, session: TenantSession
) -> None:
    pipeline = make_pipeline(session)
    rows = [(str(s.id), s.name, s.type.value, str(s.probability)) for s in pipeline.stages]
    for _ in range(2):
        make_deal(session, stage=pipeline.stages[0])
    path, first = f"/settings/pipelines/{pipeline.id}", rows[0]
    session.commit()

    def save(*row: str) -> str:
        columns = zip(row, *rows[1:], strict=True)
        names = ("stage_id", "stage_name", "stage_type", "probability")
        form = {name: list(column) for name, column in zip(names, columns, strict=True)}
        answer = browser.post(path, {**form, "name": "Sales", "stale_days": [""] * len(rows)})
        return answer.text if answer.status_code == 422 else browser.get(path).text

    assert f"{first[1]}: Probability: should be a valid integer" in save(*first[:3], "x")
    assert "This is our fault" not in save("9" * 5000, *first[1:])
    assert "Saved. 2 deals count as won now." in save(first[0], first[1], "won", "100")
    assert "Saved. 2 deals are open now." in save(*first)
    assert "deals are open" not in save(*first)
