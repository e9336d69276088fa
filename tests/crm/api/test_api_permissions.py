"""Who gets in: tokens alone, each role what the table grants, and nobody into another workspace."""

from __future__ import annotations

from typing import Any

import pytest

from crm.api import api
from crm.api.operations import Operation
from shared import publishing
from shared.accounts import users
from shared.accounts.permissions import Scope, allows
from shared.events import SYSTEM
from shared.models import ChatConversation, Role, User
from shared.records import attachments, links, merging
from shared.review import actions
from tests.factories import (
    make_company,
    make_contact,
    make_deal,
    make_field,
    make_import,
    make_insight,
    make_meeting,
    make_note,
    make_pipeline,
    make_report,
    make_tag,
    make_task,
    make_user,
    make_view,
    make_webhook,
)

BY_ID = [op for op in api.operations if "{id}" in op.path]
names = pytest.mark.parametrize


def _path(operation: Operation, id: object = 1) -> str:
    return operation.path.replace("{id}", str(id))


def _body(operation: Operation) -> dict[str, Any]:
    if operation.method in ("GET", "DELETE"):
        return {}
    bodies = {
        "review_meeting": {"accept_above": 0.5}, "decide_action": {"decision": "reject"},
        "merge_insights": {"other": 1}, "create_field": {"record_type": "deal", "label": "X", "type": "text"},
        "move_insight": {"type": "deal", "id": 1}, "reject_insights": {"ids": [1]},
    }  # fmt: skip
    return {"json": bodies.get(operation.id, {}), "headers": {"If-Match": '"1"'}}


@names("operation", api.operations, ids=lambda op: op.id)
def test_nobody_gets_in_without_a_token(script: Any, operation: Operation) -> None:
    refused = script(None).ask(operation.method, _path(operation), **_body(operation))
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == "Bearer"


@names("header", ["Bearer", "Bearer nonsense", "Basic YWxpY2U6eA==", "bearer aw_" + "x" * 5000, "Bearer \x00\xff"])
def test_what_is_no_token_is_refused(app: Any, header: str) -> None:
    answer = app.test_client().get("/api/v1/companies", headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_browsers_cookie_does_not_count(browse: Any, cast: Any) -> None:
    assert browse(cast.alice).get("/api/v1/companies").status_code == 401


def test_the_token_of_a_deactivated_user_is_refused(script: Any, cast: Any, session: Any) -> None:
    bob = script(cast.bob)
    assert bob.get("/companies").status_code == 200
    users.deactivate(session, session.get_one(User, cast.bob), by=SYSTEM)
    session.commit()
    assert bob.get("/companies").status_code == 401


def test_an_admin_can_end_a_colleagues_access_but_not_the_last_admins(alice_api: Any, script: Any, cast: Any) -> None:
    bob = script(cast.bob)
    assert alice_api.delete(f"/users/{cast.bob}").status_code == 204
    assert bob.get("/companies").status_code == 401
    assert alice_api.delete(f"/users/{cast.alice}").status_code == 409
    alice = alice_api.get(f"/users/{cast.alice}").json
    assert alice_api.patch(f"/users/{cast.alice}", {"role": "member"}, version=alice["version"]).status_code == 409


@pytest.fixture
def role_api(script: Any, session: Any) -> Any:
    """A token of a user with a role."""
    return lambda role: script(make_user(session, role=role).id)


@names("role", list(Role))
def test_each_role_may_do_what_the_table_grants(role_api: Any, role: Role) -> None:
    somebody = role_api(role)
    for operation in api.operations:
        status = somebody.ask(operation.method, _path(operation, 999_999), **_body(operation)).status_code
        assert (status != 403) == allows(role, operation.scope), f"{operation.id}: {status}"


def test_a_viewers_token_writes_nothing(script: Any, cast: Any) -> None:
    vera = script(cast.vera)
    for operation in api.operations:
        if operation.scope not in (
            Scope.RECORDS_READ,
            Scope.ACCOUNT_OWN,
        ):  # asking, and one's own views, are no records
            assert vera.ask(operation.method, _path(operation), **_body(operation)).status_code == 403, operation.id


def test_members_delete_their_own_and_managers_anybodys(script: Any, cast: Any, role_api: Any) -> None:
    bob, alice, manager = script(cast.bob), script(cast.alice), role_api(Role.MANAGER)
    own, hers = bob.made("/companies", {"name": "His"}), alice.made("/companies", {"name": "Hers"})
    assert bob.delete(f"/companies/{own['id']}").status_code == 204
    assert bob.post(f"/companies/{own['id']}/restore").status_code == 200
    assert bob.delete(f"/companies/{hers['id']}").status_code == 403
    assert manager.delete(f"/companies/{hers['id']}").status_code == 204
    assert bob.post(f"/companies/{hers['id']}/restore").status_code == 403


# --- Mallory


@pytest.fixture
def acme_ids(session: Any, cast: Any, settings: Any) -> dict[str, int]:
    """A record of each type in Alice's workspace."""
    meeting = make_meeting(session, lines=[("Jane", "We need it by Friday.")])
    insight = make_insight(session, meeting, kind="decision", data={"description": "By Friday"})
    ids = {
        "companies": make_company(session).id,
        "contacts": make_contact(session).id,
        "deals": make_deal(session).id,
        "tasks": make_task(session).id,
        "notes": make_note(session).id,
        "meetings": meeting.id,
        "pipelines": make_pipeline(session).id,
        "users": cast.bob,
        "tags": make_tag(session).id,
        "fields": make_field(session).id,
        "imports": make_import(session).id,
        "views": make_view(session, user_id=cast.alice).id,
        "reports": make_report(session, owner_id=cast.alice).id,
        "insights": insight.id,
        "webhooks": make_webhook(session).id,
        "merges": merging.merge(session, "company", make_company(session).id, [make_company(session).id], by=SYSTEM).id,
    }
    sent = publishing.delivery(ids["webhooks"], "webhook.test", body="{}")
    session.add(sent)
    session.flush()
    ids["webhook-deliveries"] = sent.id
    room = {"upload_dir": settings.upload_dir, "most_bytes": 100, "quota_bytes": 100}
    about = ("company", ids["companies"])
    ids["attachments"] = attachments.receive(session, about, "a.txt", b"a", by=SYSTEM, **room).id
    ids["links"] = links.link(session, about, ("deal", ids["deals"]), "related", by=SYSTEM).id
    session.commit()
    return ids


@pytest.fixture
def batch_id(alice_api: Any, acme_ids: dict[str, int]) -> int:
    """A batch of decisions in Alice's workspace."""
    found: int = alice_api.post(f"/meetings/{acme_ids['meetings']}/review", {"accept_above": 1.0}).json["batch_id"]
    return found


@pytest.fixture
def action_id(session: Any, alice: User) -> str:
    """Something the assistant proposed to Alice."""
    conversation = ChatConversation(public_id="c_alices", user_id=alice.id)
    session.add(conversation)
    session.flush()
    args = {"title": "Call Jane"}
    action = actions.propose(session, "create_task", args, user=alice, conversation_id=conversation.id, turn="t_alices")
    session.commit()
    return str(action.public_id)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@names("operation", BY_ID, ids=lambda op: op.id)
def test_ids_of_another_workspace_are_not_found(
    script: Any, cast: Any, acme_ids: dict[str, int], batch_id: int, action_id: str, operation: Operation
) -> None:
    id = {**acme_ids, "batches": batch_id, "chat": action_id}[operation.path.split("/")[1]]
    answer = script(cast.mallory).ask(operation.method, _path(operation, id), **_body(operation))
    assert answer.status_code == 404
    own = script(cast.alice).ask(operation.method, _path(operation, id), **_body(operation))
    assert own.status_code != 404, "the same request must reach its record for those it belongs to"


@names(
    ("plural", "field", "refers_to"),
    [
        ("companies", "owner_id", "users"), ("contacts", "company_id", "companies"), ("contacts", "owner_id", "users"),
        ("deals", "company_id", "companies"), ("deals", "contact_id", "contacts"), ("deals", "owner_id", "users"),
        ("deals", "pipeline_id", "pipelines"), ("tasks", "assignee_id", "users"), ("tasks", "meeting_id", "meetings"),
        ("notes", "author_id", "users"), ("meetings", "company_id", "companies"), ("meetings", "deal_id", "deals"),
    ],
)  # fmt: skip
def test_references_to_another_workspace_are_refused_by_name(
    script: Any, cast: Any, acme_ids: dict[str, int], plural: str, field: str, refers_to: str
) -> None:
    needed = {
        "companies": {"name": "M"}, "contacts": {"last_name": "M"}, "deals": {"name": "M"}, "tasks": {"title": "M"},
        "notes": {"body": "M"}, "meetings": {"title": "M", "utterances": [{"text": "Hi"}]},
    }  # fmt: skip
    mallory = script(cast.mallory)
    refused = mallory.post(f"/{plural}", {**needed[plural], field: acme_ids[refers_to]})
    assert refused.status_code == 422
    assert [error["path"] for error in refused.json["errors"]] == [field]
    if field != "author_id":
        own = mallory.made(f"/{plural}", needed[plural])
        path, version = f"/{plural}/{own['id']}", own["version"]
        assert mallory.patch(path, {field: acme_ids[refers_to]}, version=version).status_code == 422


def test_nested_references_to_another_workspace_are_refused(script: Any, cast: Any, acme_ids: dict[str, int]) -> None:
    mallory = script(cast.mallory)
    for body, plural in (
        ({"name": "M", "contacts": [{"contact_id": acme_ids["contacts"]}]}, "deals"),
        ({"title": "M", "links": [{"type": "deal", "id": acme_ids["deals"]}]}, "tasks"),
        ({"body": "M", "links": [{"type": "meeting", "id": acme_ids["meetings"]}]}, "notes"),
        ({"title": "M", "contact_ids": [acme_ids["contacts"]]}, "meetings"),
        ({"title": "M", "user_ids": [acme_ids["users"]]}, "meetings"),
        ({"items": [{"type": "deal", "data": {"name": "M", "company_id": acme_ids["companies"]}}]}, "batch"),
    ):
        assert mallory.post(f"/{plural}", body).status_code == 422, body


def test_lists_search_timeline_and_audit_show_nothing_of_another_workspace(
    script: Any, cast: Any, alice_api: Any
) -> None:
    company = alice_api.made("/companies", {"name": "Fernhallow", "external_id": "f"})
    mallory = script(cast.mallory)
    for plural in ("companies", "contacts", "deals", "tasks", "notes", "meetings", "pipelines"):
        assert mallory.get(f"/{plural}", total=1).json == {"items": [], "next_cursor": None, "total": 0}
    assert [u["name"] for u in mallory.get("/users").json["items"]] == ["Mallory Marsh"]
    assert mallory.get("/search", q="Fernhallow").json["items"] == []
    assert mallory.get("/timeline", type="company", id=company["id"]).status_code == 404
    assert "Fernhallow" not in mallory.get("/audit").text
    assert mallory.made("/companies", {"name": "Mine", "external_id": "f"})["id"] != company["id"]
    assert mallory.get("/workspace").json["name"] == "Globex"
