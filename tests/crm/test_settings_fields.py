"""Custom fields and tags in the settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from shared import records
from shared.events import Actor
from shared.models import Company, CustomType, FieldDefinition, SavedView, Tag
from shared.records import custom, removed_fields, tag_merging, tags
from shared.tenancy import TenantSession
from tests.conftest import Cast
from tests.factories import make_company, make_field, make_tag

BY = Actor("user")


def test_a_field_is_added_reworded_moved_and_deleted(alice_browser: Any, session: TenantSession) -> None:
    form = {"record_type": "deal", "label": "Tier", "type": "select", "options": "Silver\n\nGold "}
    assert alice_browser.post("/settings/fields", form).status_code == 303
    alice_browser.post("/settings/fields", {"record_type": "deal", "label": "Seats", "type": "number"})
    page = alice_browser.get("/settings/fields?record_type=deal").text
    assert re.findall(r'class="link-plain" href="[^"]*">(\w+)<', page) == ["Tier", "Seats"]
    assert "Silver, Gold" in page
    tier = session.scalars(select(FieldDefinition).where(FieldDefinition.key == "tier")).one()
    path = f"/settings/fields/{tier.id}"
    deal = records.create(session, "deal", {"name": "Renewal", "custom": {"tier": "silver"}}, by=BY)
    session.commit()
    form = {"label": "Class", "options": "Argent\nGold", "version": "1"}
    assert alice_browser.post(path, form).status_code == 303
    session.expire_all()
    assert [(o["value"], o["label"]) for o in tier.options] == [("silver", "Argent"), ("gold", "Gold")]
    session.rollback()
    assert alice_browser.post(path, form).status_code == 409  # read before that change
    alice_browser.post(f"{path}/move", {"up": "0"})
    assert [d.label for d in custom.definitions(session, "deal")] == ["Seats", "Class"]
    session.rollback()
    alice_browser.post(f"{path}/delete")
    session.expire_all()
    assert deal.custom == {}


def test_a_deleted_field_is_listed_and_comes_back_with_its_values(alice_browser: Any, session: TenantSession) -> None:
    field = make_field(session, label="Tier", key="tier", type=CustomType.TEXT)
    row = records.create(session, "company", {"name": "Acme", "custom": {"tier": "gold"}}, by=BY)
    session.commit()
    assert "Deleted fields" not in alice_browser.get("/settings/fields").text
    path = f"/settings/fields/{field.id}"
    alice_browser.post(f"{path}/delete")
    page = alice_browser.get("/settings/fields").text
    assert page.count(f'action="{path}/restore"') == 2, "the message offers it at once"
    assert "Deleted fields" in page and "value in 1 record" in page
    assert f'href="{path}"' not in page
    assert "Deleted fields" not in alice_browser.get("/settings/fields?record_type=deal").text
    assert alice_browser.get(path).status_code == alice_browser.post(f"{path}/delete").status_code == 404
    assert "gold" not in alice_browser.get(f"/companies/{row.id}").text
    assert alice_browser.post(f"{path}/restore").status_code == 303
    assert "is back, with its values" in alice_browser.get("/settings/fields").text
    assert "gold" in alice_browser.get(f"/companies/{row.id}").text


def test_a_field_whose_name_is_taken_meanwhile_says_why_it_cannot_come_back(
    alice_browser: Any, session: TenantSession
) -> None:
    field = make_field(session, label="Tier", key="tier")
    removed_fields.remove(session, field, by=BY)
    make_field(session, label="Tier", key="tier_2")
    session.commit()
    alice_browser.post(f"/settings/fields/{field.id}/restore")
    page = alice_browser.get("/settings/fields").text
    assert "“Tier” cannot come back yet. There is a field with this name already." in page
    alice_browser.post(f"/settings/fields/{field.id}/purge")
    page = alice_browser.get("/settings/fields").text
    assert "gone for good" in page and "Deleted fields" not in page
    assert alice_browser.post(f"/settings/fields/{field.id}/restore").status_code == 404


def test_deleted_records_are_not_counted_as_filled_in_but_are_before_values_go_for_good(
    alice_browser: Any, session: TenantSession
) -> None:
    field = make_field(session, type=CustomType.NUMBER)
    rows = [records.create(session, "company", {"name": name, "custom": {field.key: 1}}, by=BY) for name in "ABC"]
    records.delete(session, rows[0], by=BY)
    session.commit()
    page = alice_browser.get("/settings/fields?record_type=company").text
    assert re.findall(r'data-label="Filled in">([^<]*)<', page) == ["2"]
    assert "its values in 2 records?" in page
    alice_browser.post(f"/settings/fields/{field.id}/delete")
    assert "values in 3 records? This cannot be undone." in alice_browser.get("/settings/fields").text


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"label": "", "type": "text"}, "label"),
        ({"label": "Tier", "type": "select", "options": " "}, "Name what can be chosen"),
        ({"label": "Tier", "type": "select", "options": "A\na"}, "is there twice"),
    ],
)
def test_a_field_that_cannot_be_is_said_at_its_place(alice_browser: Any, form: dict[str, str], told: str) -> None:
    refused = alice_browser.post("/settings/fields", form)
    assert refused.status_code == 422
    assert told in refused.text
    assert 'aria-invalid="true"' in refused.text


def test_two_fields_of_a_type_have_two_names(alice_browser: Any, session: TenantSession) -> None:
    make_field(session, label="Tier")
    other = make_field(session, label="Level")
    session.commit()
    form = {"record_type": "company", "label": "tier", "type": "text"}
    assert "There is a field with this name already." in alice_browser.post("/settings/fields", form).text
    assert alice_browser.post(f"/settings/fields/{other.id}", {"label": "TIER"}).status_code == 422
    assert alice_browser.post("/settings/fields", form | {"record_type": "deal"}).status_code == 303


def test_a_used_option_is_kept_and_the_page_says_by_how_many(alice_browser: Any, session: TenantSession) -> None:
    tier = custom.define(
        session, {"record_type": "company", "label": "Tier", "type": "select", "options": ["A", "B"]}, by=BY
    )
    records.create(session, "company", {"name": "Acme", "custom": {"tier": "b"}}, by=BY)
    session.commit()
    form = {"label": "Tier", "options": "A", "version": str(tier.version)}
    refused = alice_browser.post(f"/settings/fields/{tier.id}", form)
    assert refused.status_code == 409
    assert "“B” is still chosen in one record." in refused.text
    assert "/companies?custom.tier=b" in refused.text
    assert "Acme" in alice_browser.get("/companies?custom.tier=b").text
    records.create(session, "company", {"name": "Globe", "custom": {"tier": "b"}}, by=BY)
    session.commit()
    assert "“B” is still chosen in 2 records." in alice_browser.post(f"/settings/fields/{tier.id}", form).text


def test_tags_are_renamed_folded_deleted_and_brought_back(alice_browser: Any, session: TenantSession) -> None:
    acme: Company = records.create(session, "company", {"name": "Acme", "tags": ["vip", "important"]}, by=BY)
    session.commit()
    vip, important = session.scalars(select(Tag).order_by(Tag.name_key.desc())).all()
    ids = vip.id, important.id
    asked = {"field": "tags", "op": "in", "values": ["VIP", "important", "cold"]}
    view = SavedView(record_type="company", name="Ours", state={"where": {"or": [asked, {"not": asked}]}})
    session.add(view)
    session.commit()
    assert alice_browser.post(f"/settings/tags/{ids[0]}", {"name": "Important"}).status_code == 409
    alice_browser.post(f"/settings/tags/{ids[0]}", {"name": "Key account", "color": "teal"})
    alice_browser.post(f"/settings/tags/{ids[1]}/merge", {"into": ids[0]})
    session.expire_all()
    assert records.show(session, acme)["tags"] == ["Key account"]
    assert view.state["where"]["or"][1]["not"]["values"] == ["Key account", "Key account", "cold"]  # it follows
    session.rollback()
    undo = re.search(r'action="(/settings/tags/merged/\d+/undo)"', alice_browser.get("/settings/tags").text)
    assert undo and alice_browser.post(undo[1]).status_code == 303
    session.expire_all()
    assert sorted(records.show(session, acme)["tags"]) == ["Key account", "important"]
    assert view.state["where"]["or"][1]["not"]["values"] == ["Key account", "important", "cold"]
    session.rollback()
    assert alice_browser.post(undo[1]).status_code == 409
    alice_browser.post(f"/settings/tags/{ids[1]}/merge", {"into": ids[0]})
    alice_browser.post(f"/settings/tags/{ids[0]}/delete")
    assert "Key account" not in re.sub(r"“Key account” was deleted", "", alice_browser.get("/settings/tags").text)
    alice_browser.post(f"/settings/tags/{ids[0]}/restore")
    session.expire_all()
    assert tags.of(session, "company", [acme.id]) == {acme.id: ["Key account"]}


def test_who_may_do_what(browse: Callable[[int], Any], cast: Cast, session: TenantSession) -> None:
    field, tag = make_field(session), make_tag(session)
    member, mallory = browse(cast.bob), browse(cast.mallory)
    assert member.get("/settings/fields").status_code == 403
    gone = make_field(session, key="gone")
    removed_fields.remove(session, gone, by=BY)
    session.commit()
    for verb in ("restore", "purge"):
        assert member.post(f"/settings/fields/{gone.id}/{verb}").status_code == 403
        assert mallory.post(f"/settings/fields/{gone.id}/{verb}").status_code == 404
    assert member.get("/settings/tags").status_code == 200
    assert member.post(f"/settings/tags/{tag.id}", {"name": "x"}).status_code == 403
    other_tag = make_tag(session, name="other")
    kept = tag_merging.merge(session, other_tag, tag, by=BY)
    session.commit()
    assert member.post(f"/settings/tags/merged/{kept.id}/undo").status_code == 403
    for path in (f"tags/merged/{kept.id}/undo", f"fields/{field.id}", f"fields/{field.id}/move",
                 f"fields/{field.id}/delete",
                 f"fields/{field.id}/restore", f"fields/{field.id}/purge", f"tags/{tag.id}",
                 f"tags/{tag.id}/merge", f"tags/{tag.id}/delete", f"tags/{tag.id}/restore"):  # fmt: skip
        assert mallory.post(f"/settings/{path}", {"label": "x", "name": "x"}).status_code == 404, path
    assert mallory.get(f"/settings/fields/{field.id}").status_code == 404
    assert make_company(session).id


def test_tags_are_no_business_of_the_front_page(alice_browser: Any, session: TenantSession) -> None:
    records.create(session, "company", {"name": "Acme", "tags": ["vip"]}, by=BY)
    records.create(session, "tag", {"name": "Key account"}, by=BY)
    session.commit()
    page = alice_browser.get("/").text
    assert "Acme" in page
    assert "Key account" not in page
