"""Long exports leave processes for the pages, are not taken for stuck, and end with whoever waits for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm import downloads, exporting, seats
from shared.config import Settings
from shared.models import Event
from shared.tenancy import TenantSession
from tests.conftest import Cast
from tests.factories import make_contact

from .conftest import Browser

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def alice_browser(browse: Callable[[int], Browser], cast: Cast, app: Flask, session: TenantSession) -> Browser:
    app.extensions["settings"] = app.extensions["settings"].model_copy(update={"web_processes": 4})
    for n in range(3):
        make_contact(session, last_name=f"P{n}")
    session.commit()
    return browse(cast.alice)


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_half_of_the_processes_make_files_and_the_rest_stay_free(
    alice_browser: Browser, settings: Settings, session: TenantSession, format_: str
) -> None:
    path, folder = f"/exports/contacts.{format_}", settings.data_dir / "exporting"
    first, second = seats.take(folder, 2), seats.take(folder, 2)
    assert first is not None and second is not None and seats.take(folder, 2) is None
    refused = alice_browser.get(path)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "20")
    assert "Other lists are being made into files just now. Try again in a minute." in refused.text
    downloads = select(func.count()).where(Event.kind == "export.downloaded")
    assert session.scalar(downloads) == 0, "nothing was taken away"
    session.commit()
    first.close()
    for _ in range(3):  # each gives its seat back
        answer = alice_browser.get(path)
        assert answer.status_code == 200 and answer.data
        answer.close()
    answer = alice_browser.client.head(path)
    answer.close()
    assert alice_browser.get(path).data
    second.close()


def test_one_that_fails_gives_its_seat_back(
    alice_browser: Browser, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_rows: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("crm.xlsx.write", full)
    for _ in range(3):
        assert "The disk is full." in alice_browser.get("/exports/contacts.xlsx").text
    free = seats.take(settings.data_dir / "exporting", 1)
    assert free is not None
    free.close()


class Line:
    """What the server hands over with a request."""

    def __init__(self, *, gone_after: int) -> None:
        self.told, self._gone_after = 0, gone_after

    def still_working(self) -> None:
        self.told += 1
        if self.told > self._gone_after:
            raise ConnectionResetError


def test_a_spreadsheet_says_that_it_is_being_made_and_ends_with_its_reader(
    alice_browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "_BATCH", 1)
    made: list[int] = []
    rows = exporting.Export.rows

    def counted(export: exporting.Export) -> Iterator[list[downloads.Cell]]:
        for row in rows(export):
            made.append(1)
            yield row

    monkeypatch.setattr(exporting.Export, "rows", counted)
    stays, leaves = Line(gone_after=100), Line(gone_after=1)
    answer = alice_browser.client.get("/exports/contacts.xlsx", environ_overrides={"gunicorn.socket": stays})
    assert (answer.status_code, answer.data[:2], stays.told, len(made)) == (200, b"PK", 4, 4)
    made.clear()
    answer = alice_browser.client.get("/exports/contacts.xlsx", environ_overrides={"gunicorn.socket": leaves})
    assert (answer.status_code, len(made)) == (400, 2)
