"""A client generated from the document, by somebody else's generator, does the main things over real HTTP."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from crm.api import api
from crm.api.openapi import document

PACKAGE = "generated_afterword_client"
#: The generator knows no spreadsheets; its users say so, too.
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder the client was generated into, importable."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(json.dumps(document(api.operations)))
    (folder / "config.yml").write_text(f"post_hooks: []\ncontent_type_overrides:\n  {XLSX}: application/octet-stream\n")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json", "--meta", "none"]
    command += ["--output-path", PACKAGE, "--config", "config.yml", "--fail-on-warning"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield folder / PACKAGE
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture
def server(app: Flask) -> Iterator[str]:
    """The application behind a real socket."""
    running = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def client(generated: Path, server: str, alice_api: Any) -> Iterator[Any]:
    """The generated client, signed in as Alice's program."""
    with _part("client").AuthenticatedClient(base_url=server, token=alice_api.token) as made:
        yield made


def _part(name: str) -> Any:
    return importlib.import_module(f"{PACKAGE}.{name}")


def _call(operation: str, **arguments: Any) -> Any:
    return _part(f"api.{operation}").sync_detailed(**arguments)


def test_records_are_created_listed_changed_and_protected(client: Any) -> None:
    models = _part("models")
    body = models.CompanyCreate(name="Fernhallow", city="Bath", external_id="f")
    created = _call("companies.create_company", client=client, body=body).parsed
    assert (created.name, created.city, created.version) == ("Fernhallow", "Bath", 1)

    wanted = models.ListCompaniesFilter.from_dict({"city": "Bath"})
    page = _call("companies.list_companies", client=client, filter_=wanted, total=1, sort="-created_at").parsed
    assert ([c.id for c in page.items], page.total) == ([created.id], 1)
    nothing = models.ListCompaniesFilter.from_dict({"city": "York"})
    assert _call("companies.list_companies", client=client, filter_=nothing).parsed.items == []

    patch = models.CompanyPatch(employees=40)
    changed = _call("companies.update_company", id=created.id, client=client, body=patch, if_match='"1"').parsed
    assert (changed.employees, changed.city) == (40, "Bath")

    late = _call("companies.update_company", id=created.id, client=client, body=patch, if_match='"1"')
    assert (late.status_code, late.parsed.status, late.parsed.current["employees"]) == (409, 409, 40)

    wrong = _call("companies.create_company", client=client, body=models.CompanyCreate(name=""))
    assert (wrong.status_code, wrong.parsed.errors[0].path) == (422, "name")

    assert _call("companies.delete_company", id=created.id, client=client).status_code == 204
    assert _call("companies.get_company", id=created.id, client=client).status_code == 404


def test_nested_values_survive_the_round_trip(client: Any) -> None:
    models = _part("models")
    email, phone = models.EmailIn(email="jane@roe.example"), models.PhoneIn(phone="+44 20 7946 0000")
    body = models.ContactCreate(last_name="Roe", emails=[email], phones=[phone])
    contact = _call("contacts.create_contact", client=client, body=body).parsed
    assert (contact.emails[0].email, contact.emails[0].primary) == ("jane@roe.example", True)
    amount = models.MoneyIn(minor=125000, currency="EUR")
    deal = _call("deals.create_deal", client=client, body=models.DealCreate(name="Renewal", amount=amount)).parsed
    assert (deal.amount.minor, deal.amount.currency, deal.closed_at) == (125000, "EUR", None)


def test_a_transcript_is_uploaded_as_a_file_and_as_text(client: Any) -> None:
    models, types = _part("models"), _part("types")
    data = b"Alice: Hello, Jane.\nJane: Hello, Alice.\n"
    file = models.MeetingFile(
        file=types.File(payload=BytesIO(data), file_name="call.txt", mime_type="text/plain"),
        title="First call",
        participants=["Jane Roe", "Tom Poe"],
    )
    first = _call("meetings.create_meeting", client=client, body=file)
    assert (first.status_code, first.parsed.title, first.parsed.duplicate) == (202, "First call", False)
    assert first.parsed.participants == ["Jane Roe", "Tom Poe"]
    again = _call("meetings.create_meeting", client=client, body=models.MeetingCreate(text=data.decode()))
    assert (again.status_code, again.parsed.id, again.parsed.duplicate) == (200, first.parsed.id, True)


def test_a_batch_and_its_key(client: Any) -> None:
    models = _part("models")
    items = [
        models.BatchItem(
            type_=models.BatchItemType.COMPANY, data=models.BatchItemData.from_dict({"name": "A", "external_id": "a"})
        )
    ]
    body = models.Batch(items=items)
    first = _call("batch.run_batch", client=client, body=body, idempotency_key="k")
    again = _call("batch.run_batch", client=client, body=body, idempotency_key="k")
    assert first.parsed.items[0].result == "created"
    assert again.parsed.to_dict() == first.parsed.to_dict()
    assert again.headers["Idempotency-Replayed"] == "true"
