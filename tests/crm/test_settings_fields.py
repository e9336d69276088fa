"""Custom fields and tags in the settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale, gettext
from sqlalchemy import select

from crm.record_views import SCREENS
from shared import records
from shared.events import Actor
from shared.models import Company, CustomType, FieldDefinition, SavedView, Tag
from shared.query.conditions import Viewpoint
from shared.query.fields import ENTITIES
from shared.query.naming import Naming
from shared.records import custom, custom_names, removed_fields, tag_merging, tags
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


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("type_name", custom.CUSTOMIZED)
@pytest.mark.parametrize("language", ["en", "de"])
def test_no_label_of_a_built_in_field_can_be_given_to_a_custom_one(
    app: Flask, session: TenantSession, type_name: str, language: str
) -> None:
    naming = Naming(session, Viewpoint.of(session), language, language)
    with app.test_request_context(), force_locale(language):
        labels = {str(asked.label) for asked in SCREENS[type_name].fields}
        labels |= {gettext(field.label) for field in ENTITIES[type_name].fields.values()}
        labels |= {naming.label(ENTITIES[type_name], field) for field in ENTITIES[type_name].fields.values()}
    assert {label for label in labels if not custom_names.is_built_in(type_name, label)} == set()


def test_a_field_called_like_a_built_in_one_is_refused_beside_its_name(
    alice_browser: Any, session: TenantSession
) -> None:
    form = {"record_type": "company", "type": "text"}
    for label in ("Industry", " iNDUSTRY", "Branche", "E mail", "owner_id", "PLZ"):
        page = alice_browser.post("/settings/fields", form | {"label": label})
        is_built_in = label not in ("E mail", "PLZ")  # of a contact, and a short form
        assert page.status_code == (422 if is_built_in else 303), label
    assert "what a built-in field is called" in alice_browser.post("/settings/fields", form | {"label": "Branche"}).text
    mine = session.scalars(select(FieldDefinition).where(FieldDefinition.key == "plz")).one()
    session.commit()
    renamed = alice_browser.post(f"/settings/fields/{mine.id}", {"label": "POST code", "version": "1"})
    assert renamed.status_code == 422 and 'id="label-error"' in renamed.text
    session.refresh(mine)
    assert mine.label == "PLZ"


def test_a_field_of_before_that_is_called_like_a_built_in_one_stays_and_is_said(
    alice_browser: Any, session: TenantSession
) -> None:
    field = make_field(session, label="Industry", key="industry", type=CustomType.TEXT)
    make_field(session, label="Tier", key="tier", type=CustomType.TEXT)
    page = alice_browser.get("/settings/fields").text
    assert page.count("Called like a built-in field") == 1
    form = {"label": "Industry", "hint": "As they say it", "version": str(field.version)}
    assert alice_browser.post(f"/settings/fields/{field.id}", form).status_code == 303
    session.refresh(field)
    assert field.hint == "As they say it"


def test_who_wants_the_name_of_a_deleted_field_is_offered_that_one_with_its_values(
    alice_browser: Any, session: TenantSession
) -> None:
    field = make_field(session, label="Tier", key="tier", type=CustomType.TEXT)
    row = records.create(session, "company", {"name": "Acme", "custom": {"tier": "gold"}}, by=BY)
    session.commit()
    alice_browser.post(f"/settings/fields/{field.id}/delete")
    alice_browser.get("/settings/fields")
    form = {"record_type": "company", "label": " TIER", "type": "number"}
    asked = alice_browser.post("/settings/fields", form)
    assert asked.status_code == 422
    assert "comes back with its value in 1 record" in asked.text and "Add a new field all the same" in asked.text
    (anyway,) = re.findall(r'name="anyway" value="(\d+)"', asked.text)
    assert alice_browser.post("/settings/fields", form | {"anyway": anyway}).status_code == 303
    added = session.scalars(select(FieldDefinition).where(FieldDefinition.key == "tier_2")).one()
    session.commit()
    alice_browser.post(f"/settings/fields/{added.id}/delete")
    alice_browser.post(f"/settings/fields/{field.id}/restore")
    session.refresh(row)
    assert row.custom == {"tier": "gold"}


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
