"""Webhooks: who is told what, how it is signed, and what becomes of addresses that do not behave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from shared import clock, events, publishing, records, security
from shared.config import Settings
from shared.database import Database
from shared.errors import Conflict, Invalid
from shared.events import Actor
from shared.models import DeliveryState, Event, Webhook, WebhookAttempt, WebhookDelivery
from shared.records import bin as records_bin
from shared.schemas.webhooks import WebhookIn, WebhookPatch
from shared.tenancy import TenantSession
from shared.webhooks import delivering, guard, managing, sending
from tests.conftest import Cast
from tests.factories import make_company
from tests.shared.webhooks.receiver import Receiver, receiving, verify

ALL = list(publishing.KINDS)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def inside(settings: Settings) -> Settings:
    """Of an installation that may call its own network: receivers of tests stand there."""
    return settings.model_copy(update={"webhooks_to_private_addresses": True})


@pytest.fixture
def by(cast: Cast) -> Actor:
    return Actor("user", cast.alice)


def subscribe(
    session: TenantSession, settings: Settings, url: str, by: Actor, kinds: list[str] | None = None
) -> tuple[Webhook, str]:
    made = managing.create(session, WebhookIn(name="Sync", url=url, kinds=kinds or ALL), settings, by=by)
    session.commit()
    return made


def add_company(session: TenantSession, by: Actor, name: str = "Quillhaven") -> int:
    row = records.create(session, "company", {"name": name}, by=by)
    session.commit()
    return int(row.id)


def deliveries(session: TenantSession) -> list[WebhookDelivery]:
    session.expire_all()
    found = list(session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))
    session.commit()
    return found


def make_due(session: TenantSession) -> None:
    """Let all waits be over."""
    session.execute(update(WebhookDelivery).values(due_at=clock.wall(), lease_until=None))
    session.execute(update(Webhook).values(paused_until=None))
    session.commit()


def test_a_change_is_told_with_the_record_and_a_signature_that_a_receiver_can_check(
    database: Database, session: TenantSession, inside: Settings, receiver: Receiver, by: Actor
) -> None:
    _, secret = subscribe(session, inside, receiver.url, by)
    id = add_company(session, by)
    row = records.get(session, "company", id)
    records.update(session, row, {"industry": "Freight"}, by=by)
    session.commit()
    assert delivering.run(database, inside) == 2
    created, updated = sorted(receiver.bodies(), key=lambda body: body["type"])  # sent at once, they race
    assert (created["type"], created["data"]["id"], created["data"]["record"]["name"]) == (
        "company.created",
        id,
        "Quillhaven",
    )
    assert updated["data"]["changes"] == {"industry": [None, "Freight"]}
    assert updated["data"]["url"] == f"{inside.crm_url}/companies/{id}"
    for headers, body in receiver.got:
        assert verify(secret, headers, body)
        assert not verify(secret, headers, body + b" ")
        assert abs(int(headers["webhook-timestamp"]) - clock.wall().timestamp()) < 60
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 2
    assert delivering.run(database, inside) == 0


def test_only_what_was_asked_for_is_told_and_only_in_its_workspace(
    database: Database,
    session: TenantSession,
    mallory_session: TenantSession,
    inside: Settings,
    receiver: Receiver,
    cast: Cast,
    by: Actor,
) -> None:
    subscribe(session, inside, receiver.url, by, ["company.deleted"])
    id = add_company(session, by)
    records.create(mallory_session, "company", {"name": "Theirs"}, by=Actor("user", cast.mallory))
    mallory_session.commit()
    records.delete(session, records.get(session, "company", id), by=by)
    session.commit()
    delivering.run(database, inside)
    assert [(body["type"], body["data"]["id"]) for body in receiver.bodies()] == [("company.deleted", id)]


def test_what_is_rolled_back_is_not_told(
    database: Database, session: TenantSession, inside: Settings, receiver: Receiver, by: Actor
) -> None:
    subscribe(session, inside, receiver.url, by)
    records.create(session, "company", {"name": "Never"}, by=by)
    session.rollback()
    assert delivering.run(database, inside) == 0
    assert receiver.got == []


def test_a_500_is_tried_again_later_under_the_same_id_and_then_succeeds(
    database: Database, session: TenantSession, inside: Settings, receiver: Receiver, by: Actor
) -> None:
    receiver.answers = [500, 200]
    hook, _ = subscribe(session, inside, receiver.url, by)
    add_company(session, by)
    delivering.run(database, inside)
    (row,) = deliveries(session)
    assert (row.state, row.tries) == (DeliveryState.PENDING, 1)
    assert timedelta(seconds=4) < row.due_at - clock.wall() < timedelta(seconds=6)
    assert delivering.run(database, inside) == 0
    make_due(session)
    delivering.run(database, inside)
    (row,) = deliveries(session)
    assert (row.state, row.tries) == (DeliveryState.DELIVERED, 2)
    assert receiver.got[0][0]["webhook-id"] == receiver.got[1][0]["webhook-id"]
    assert receiver.got[0][1] == receiver.got[1][1]
    session.refresh(hook)
    assert hook.failing_since is None
    latest, first = managing.attempts(session, row)
    assert (latest.status, latest.response_body, first.status) == (200, "thank you", 500)
    assert len(first.response_body or "") == sending.KEPT_CHARS


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("answer", ["hang", "drip"])
def test_an_address_that_hangs_is_left_after_the_time_limit_and_holds_up_nobody(
    database: Database,
    session: TenantSession,
    inside: Settings,
    receiver: Receiver,
    by: Actor,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
) -> None:
    monkeypatch.setattr(sending, "TIMEOUT_S", 0.4)
    with receiving(answers=[answer]) as slow:
        subscribe(session, inside, slow.url, by)
        subscribe(session, inside, receiver.url, by)
        add_company(session, by)
        delivering.run(database, inside)
    states = [(row.state, row.tries) for row in deliveries(session)]
    assert states == [(DeliveryState.PENDING, 1), (DeliveryState.DELIVERED, 1)]
    attempt = session.scalars(select(WebhookAttempt).where(WebhookAttempt.status.is_(None))).one()
    assert "No answer within" in (attempt.error or "")


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_redirect_is_not_followed(
    database: Database, session: TenantSession, inside: Settings, receiver: Receiver, by: Actor
) -> None:
    with receiving(answers=[(302, {"Location": receiver.url})]) as door:
        subscribe(session, inside, door.url, by)
        add_company(session, by)
        delivering.run(database, inside)
    assert receiver.got == []
    attempt = session.scalars(select(WebhookAttempt)).one()
    assert (attempt.status, "not followed" in (attempt.error or "")) == (302, True)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "10.1.2.3", "192.168.0.9", "172.20.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "[::1]", "[fd00::1]", "[fe80::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1",
        "0", "127.1", "0x7f.1", "0177.0.0.1", "2130706433", "0xA000001", "127.0.0.1.", "[::]", "LocalHost.",
    ],
)  # fmt: skip
def test_a_private_address_is_refused_when_it_is_typed(
    session: TenantSession, settings: Settings, by: Actor, host: str
) -> None:
    with pytest.raises(Invalid, match="inside this network"):
        subscribe(session, settings, f"http://{host}:8080/hook", by)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("inner", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::ffff:192.168.1.1"]])
def test_a_name_that_leads_inside_is_refused_when_a_message_goes_out(
    database: Database,
    session: TenantSession,
    settings: Settings,
    by: Actor,
    monkeypatch: pytest.MonkeyPatch,
    receiver: Receiver,
    inner: list[str],
) -> None:
    async def lookup(host: str, port: int) -> list[object]:
        return [guard.ipaddress.ip_address(address) for address in inner]

    monkeypatch.setattr(guard, "_lookup", lookup)
    port = receiver.url.split(":")[2].split("/")[0]
    subscribe(session, settings, f"http://harmless.example:{port}/hook", by)
    add_company(session, by)
    delivering.run(database, settings)
    assert receiver.got == []
    attempt = session.scalars(select(WebhookAttempt)).one()
    assert "inside this network" in (attempt.error or "")


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("odd", ["http://0x7f.1/", "http://2130706433/", "http://127.1/", "http://0/"])
def test_odd_spellings_of_this_machine_are_refused_when_a_message_goes_out_too(
    database: Database, session: TenantSession, inside: Settings, settings: Settings, by: Actor, odd: str
) -> None:
    subscribe(session, inside, odd, by)  # while the installation allowed it
    add_company(session, by)
    delivering.run(database, settings)
    attempt = session.scalars(select(WebhookAttempt)).one()
    assert "inside this network" in (attempt.error or "")


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("host", ["8.8.8.8", "134744072", "8.8", "hooks.example.com", "0x.example.com", "10.example"])
def test_a_public_address_and_a_name_of_figures_are_taken(
    session: TenantSession, settings: Settings, by: Actor, host: str
) -> None:
    subscribe(session, settings, f"http://{host}/hook", by)
    assert session.scalars(select(Webhook.url)).one() == f"http://{host}/hook"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_connection_goes_to_the_address_that_was_looked_at(
    database: Database,
    session: TenantSession,
    inside: Settings,
    by: Actor,
    monkeypatch: pytest.MonkeyPatch,
    receiver: Receiver,
) -> None:
    async def lookup(host: str, port: int) -> list[object]:
        return [guard.ipaddress.ip_address("127.0.0.1")]

    monkeypatch.setattr(guard, "_lookup", lookup)
    port = receiver.url.split(":")[2].split("/")[0]
    subscribe(session, inside, f"http://name-nobody-serves.example:{port}/hook", by)
    add_company(session, by)
    delivering.run(database, inside)
    assert [headers["host"] for headers, _ in receiver.got] == [f"name-nobody-serves.example:{port}"]


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "https://", "nonsense", "https://user:word@a.example/", "http://a.example:0/", "http://[::1"],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must"):
        WebhookIn(name="x", url=url, kinds=ALL)


def test_while_a_secret_is_exchanged_both_sign_and_then_only_the_new_one(
    database: Database,
    session: TenantSession,
    inside: Settings,
    receiver: Receiver,
    by: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hook, old = subscribe(session, inside, receiver.url, by)
    new = managing.rotate(session, hook, inside, by=by)
    session.commit()
    assert old not in hook.secret + (hook.old_secret or "")
    add_company(session, by)
    delivering.run(database, inside)
    assert verify(old, *receiver.got[0]) and verify(new, *receiver.got[0])
    later = clock.wall() + managing.OVERLAP
    monkeypatch.setattr(clock, "wall", lambda: later)
    add_company(session, by, "Later")
    delivering.run(database, inside)
    assert verify(new, *receiver.got[1]) and not verify(old, *receiver.got[1])


def test_after_a_day_of_failures_a_message_is_given_up_and_can_be_sent_again(
    database: Database, session: TenantSession, inside: Settings, receiver: Receiver, by: Actor
) -> None:
    receiver.answers = [503]
    subscribe(session, inside, receiver.url, by)
    add_company(session, by)
    for _ in range(len(delivering.BACKOFF_S) + 1):
        make_due(session)
        delivering.run(database, inside)
    (row,) = deliveries(session)
    assert (row.state, row.tries) == (DeliveryState.FAILED, 8)
    assert sum(delivering.BACKOFF_S) == pytest.approx(86400, rel=0.05)
    make_due(session)
    assert delivering.run(database, inside) == 0
    receiver.answers = [204]
    managing.send_again(session, row, by=by)
    session.commit()
    delivering.run(database, inside)
    (row,) = deliveries(session)
    assert row.state is DeliveryState.DELIVERED
    assert len(managing.attempts(session, row)) == 9


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("status", "days"), [(410, 0), (500, 3)])
def test_an_address_that_is_gone_or_fails_for_days_is_turned_off_and_what_waits_goes_out_when_it_is_back(
    database: Database, session: TenantSession, inside: Settings, receiver: Receiver, by: Actor, status: int, days: int
) -> None:
    receiver.answers = [status]
    hook, _ = subscribe(session, inside, receiver.url, by)
    session.execute(update(Webhook).values(failing_since=clock.wall() - timedelta(days=days)))
    session.commit()
    add_company(session, by)
    delivering.run(database, inside)
    session.refresh(hook)
    assert (hook.is_active, hook.disabled_reason is not None) == (False, True)
    assert session.scalars(select(Event).where(Event.kind == "webhook.disabled")).one().record_id == hook.id
    assert managing.is_one_turned_off(session)
    make_due(session)
    assert delivering.run(database, inside) == 0
    with pytest.raises(Conflict):
        managing.try_out(session, hook, by=by)
    receiver.answers = [200]
    session.execute(update(WebhookDelivery).values(due_at=clock.wall() + timedelta(hours=16)))
    managing.change(session, hook, WebhookPatch(is_active=True), inside, by=by, expecting=None)
    session.commit()
    delivering.run(database, inside)
    assert [row.state for row in deliveries(session)] == [DeliveryState.DELIVERED]
    assert not managing.is_one_turned_off(session)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_receiver_that_asks_for_time_gets_it(
    database: Database, session: TenantSession, inside: Settings, receiver: Receiver, by: Actor
) -> None:
    receiver.answers = [(429, {"Retry-After": "3600"})]
    subscribe(session, inside, receiver.url, by)
    add_company(session, by)
    add_company(session, by, "Another")
    delivering.run(database, inside)
    tried = [row for row in deliveries(session) if row.tries]
    assert all(row.due_at - clock.wall() > timedelta(minutes=59) for row in tried)
    add_company(session, by, "A third")
    assert delivering.run(database, inside) == 0


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_secret_sealed_under_another_key_is_said_in_the_log_and_nothing_goes_out_unsigned(
    database: Database, session: TenantSession, inside: Settings, receiver: Receiver, by: Actor
) -> None:
    hook, _ = subscribe(session, inside, receiver.url, by)
    hook.secret = security.seal("the key of another installation", delivering.PURPOSE, "whsec_AAAA")
    session.commit()
    add_company(session, by)
    delivering.run(database, inside)
    assert receiver.got == []
    assert "SECRET_KEY" in (session.scalars(select(WebhookAttempt)).one().error or "")


def test_two_runs_at_once_send_each_message_once(
    database: Database, session: TenantSession, inside: Settings, receiver: Receiver, by: Actor
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    subscribe(session, inside, receiver.url, by)
    for n in range(12):
        records.create(session, "company", {"name": f"Company {n}"}, by=by)
    session.commit()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: delivering.run(database, inside), range(2)))
    assert len(receiver.got) == 12
    assert {row.state for row in deliveries(session)} == {DeliveryState.DELIVERED}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_many_facts_written_at_once_are_told_each(
    database: Database, session: TenantSession, inside: Settings, receiver: Receiver, by: Actor
) -> None:
    subscribe(session, inside, receiver.url, by, ["company.created"])
    rows = [make_company(session) for _ in range(3)]
    facts = [events.Fact(("company", row.id), row.name, {}) for row in rows]
    events.record_many(session, "company.created", facts, by=by)
    session.commit()
    delivering.run(database, inside)
    assert sorted(body["data"]["title"] for body in receiver.bodies()) == sorted(row.name for row in rows)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_is_deleted_for_good_is_deleted_from_the_log_too(
    database: Database, session: TenantSession, inside: Settings, receiver: Receiver, by: Actor
) -> None:
    subscribe(session, inside, receiver.url, by)
    id = add_company(session, by)
    delivering.run(database, inside)
    records.delete(session, records.get(session, "company", id), by=by)
    records_bin.purge(session, records_bin.load(session, [("company", id)]), by=by)
    session.commit()
    assert [row.kind for row in deliveries(session)] == ["company.deleted"]
    delivering.run(database, inside)
    assert "Quillhaven" not in str(receiver.bodies()[-1])
