"""A full disk: a clear answer, nothing half-written, and the next upload works once there is room."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from shared.accounts import tokens
from shared.database import Database
from shared.events import Actor
from shared.models import Meeting, User
from tests.conftest import Cast
from tests.factories import make_company
from tests.ports import free_port

pytestmark = pytest.mark.faults

#: Uploads, and what is on its way, lie on file systems of one megabyte, seen by the CRM's process alone.
_MOUNTED = (
    'for each in uploads tmp; do mkdir -p "$DATA_DIR/$each" && mount -t tmpfs -o size=1m tmpfs "$DATA_DIR/$each"; done'
    ' && exec "$@"'
)


@pytest.fixture
def crm(database: Database, cast: Cast, tmp_path: Path) -> Iterator[httpx.Client]:
    """A real CRM process, and a client with Alice's token."""
    with database.scope(cast.acme) as session:
        alice = session.get_one(User, cast.alice)
        _, token = tokens.create(session, alice, "test", by=Actor("user", alice.id))
    port = free_port()
    serve = ["-m", "gunicorn", "--no-control-socket", "-b", f"127.0.0.1:{port}", "crm:create_app()"]
    own_mounts = (
        "-m" if os.geteuid() == 0 else "-rm"
    )  # as root without a user namespace: it could not reach the database
    command = ["unshare", own_mounts, "sh", "-c", _MOUNTED, "sh", sys.executable, *serve]
    data = tmp_path / "data"
    environment = {**os.environ, "DATA_DIR": str(data), "TMPDIR": str(data / "tmp"), "DATABASE_URL": database.url}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
            timeout=30,
        ) as client:
            _wait(client)
            yield client
    finally:  # also where it did not come up: nobody else knows of it
        process.terminate()
        process.wait(timeout=20)


def _wait(client: httpx.Client) -> None:
    give_up = time.monotonic() + 20
    while True:
        try:
            client.get("/healthz")
        except httpx.TransportError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)
        else:
            return


def test_a_full_disk_is_said_and_nothing_is_half_written(crm: httpx.Client, database: Database, cast: Cast) -> None:
    large = "Alice: " + "We talked about trucks that wait at the gate. " * 40_000
    refused = crm.post("/api/v1/meetings", json={"title": "Large", "text": large})
    assert refused.status_code == 503
    assert "disk is full" in refused.json()["detail"]
    with database.scope(cast.acme, read_only=True) as session:
        assert session.scalars(select(Meeting)).all() == []
    small = crm.post("/api/v1/meetings", json={"title": "Small", "text": "Alice: There is room for this one."})
    assert small.status_code == 202, small.text


def test_so_it_is_for_what_only_lies_there_on_its_way(crm: httpx.Client, database: Database, cast: Cast) -> None:
    with database.scope(cast.acme) as session:
        for _ in range(60):
            make_company(session, description="We talked. " * 2000)
        company = make_company(session, description="").id
    refused = crm.get("/api/v1/exports/companies.xlsx")
    assert refused.status_code == 503 and "disk is full" in refused.json()["detail"]
    assert crm.get("/api/v1/exports/companies.csv").text.count("We talked. ") == 60 * 2000
    assert crm.get("/api/v1/exports/companies.xlsx?columns=name").status_code == 200, "nothing of the first is left"
    refused = crm.post(f"/api/v1/companies/{company}/attachments", files={"file": ("big.bin", b"x" * 2**21)})
    assert refused.status_code == 503 and "disk is full" in refused.json()["detail"]
    small = crm.post(f"/api/v1/companies/{company}/attachments", files={"file": ("small.bin", b"x" * 2**10)})
    assert small.status_code == 201, small.text
