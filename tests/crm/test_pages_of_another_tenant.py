"""Every page that names a row by its id: nobody of another workspace finds it, whatever the page and the row."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule

from shared.models import Event, User
from shared.tenancy import TenantSession
from tests import factories

from .conftest import Browser

#: Asked with these, as what a form lacks may be said before the row is looked for.
FORMS = {"review.move": {"record": "deal:1"}, "review.assign": {"owner": "user:1"}}
#: A choice of words: the one that each stands for.
WORDS = {"field/<name>": "field/name", "<name>": "x", "<type>": "contact"}


def filled(rule: Rule) -> str:
    """Its address for the first row of each table, which is acme's."""
    path = re.sub(r"<int:\w+>", "1", re.sub(r"<any\(([\w.]+)[^)]*\):\w+>", r"\1", rule.rule))
    for word, value in WORDS.items():
        path = path.replace(word, value)
    return re.sub(r"<(?:\w+:)?\w+>", "x", path)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_no_page_with_an_id_opens_to_another_tenant(
    app: Flask, browse: Callable[[int], Browser], session: TenantSession, alice: User, mallory: User
) -> None:
    meeting = factories.make_meeting(session, title="Secret")
    assert [
        meeting.id, factories.make_insight(session, meeting).id, factories.make_company(session).id,
        factories.make_contact(session).id, factories.make_deal(session).id, factories.make_task(session).id,
        factories.make_note(session).id, factories.make_tag(session).id, factories.make_field(session).id,
        factories.make_import(session).id, factories.make_view(session, user_id=alice.id).id,
        factories.make_report(session, owner_id=alice.id).id, factories.make_webhook(session).id,
    ] == [1] * 13  # fmt: skip
    session.commit()
    browse(alice.id)  # the first sign-in is hers, too
    browser = browse(mallory.id)
    before = session.scalar(select(func.max(Event.id)))
    session.commit()
    tried = 0
    for rule in app.url_map.iter_rules():
        if "<int:" not in rule.rule or rule.rule.startswith("/api/"):
            continue
        for method in (rule.methods or set()) & {"GET", "POST"}:
            tried += 1
            path = filled(rule)
            answer = browser.get(path) if method == "GET" else browser.post(path, FORMS.get(rule.endpoint))
            assert answer.status_code == 404, (method, path, answer.status_code)
    assert tried > 150
    assert session.scalar(select(func.max(Event.id))) == before
