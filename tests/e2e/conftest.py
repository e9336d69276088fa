"""The product as a person meets it: real processes, a real browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from shared.accounts import users
from shared.database import Database
from shared.models import Role, Workspace
from shared.security import hash_password
from shared.tenancy import EVERY_WORKSPACE
from tests.conftest import redis_binary
from tests.ports import free_port

HERE = Path(__file__).parent
PASSWORD = "correct horse battery staple"
#: What a person would call broken rather than slow, on a machine with other things to do.
PATIENCE_MS = 30_000
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)


expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser; a machine that cannot have one says so loudly."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason="NO BROWSER: install Chromium to run the end-to-end tests"))


@dataclass(frozen=True, slots=True)
class Site:
    """A workspace of a running CRM with its worker and broker; `environment` is what they run in."""

    url: str
    database: Database
    workspace_id: int
    email: str
    environment: dict[str, str]


class Shared:
    """What the files of this folder share, each with a workspace of its own: services, and a browser.

    They start when first asked for and end with the last test here before one of another folder: while the browser is
    open an event loop runs, and other tests want to start theirs.
    """

    def __init__(self) -> None:
        self._open = ExitStack()
        self._services: tuple[str, Database, dict[str, str]] | None = None
        self._browser: Browser | None = None

    def services(self, template: Path) -> tuple[str, Database, dict[str, str]]:
        """The address of the CRM, its database, and the environment it runs in."""
        if self._services is None:
            self._services = self._open.enter_context(_serving(template))
        return self._services

    def browser(self) -> Browser:
        if self._browser is None:
            self._browser = self._open.enter_context(_browsing())
        return self._browser

    def close(self) -> None:
        self._services = self._browser = None
        self._open.close()


_shared = Shared()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Iterator[None]:
    """Of a test in this folder, with all that its file set up."""
    try:
        return (yield)
    finally:
        if nextitem is None or HERE not in nextitem.path.parents:
            _shared.close()


@pytest.fixture(scope="module")
def site(sqlite_template: Path) -> Site:
    """One company, one admin, nothing else."""
    url, database, environment = _shared.services(sqlite_template)
    with database.scope(EVERY_WORKSPACE) as session:
        workspace = Workspace(name="Pindolar", own_name="Pindolar", own_domains=["pindolar.example"])
        session.add(workspace)
        session.flush()
        workspace_id = workspace.id
    email = f"priya{workspace_id}@pindolar.example"
    with database.scope(workspace_id) as session:
        password = hash_password(PASSWORD)
        session.add(users.User(name="Priya Nandakumar", email=email, role=Role.ADMIN, password_hash=password))
    return Site(url, database, workspace_id, email, environment)


@contextmanager
def _serving(template: Path) -> Iterator[tuple[str, Database, dict[str, str]]]:
    with tempfile.TemporaryDirectory(prefix="aw-e2e-") as name:
        folder = Path(name)
        shutil.copyfile(template, folder / "afterword.db")
        database = Database(f"sqlite:///{folder / 'afterword.db'}")
        port = free_port()
        environment = {
            **{k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "CLOCK")},
            "DATA_DIR": str(folder),
            "REDIS_URL": f"unix://{folder / 'redis.sock'}",
            "CRM_PORT": str(port),
            "CHATBOT_PORT": str(free_port()),
            "WEB_PROCESSES": "2",
            "OLLAMA_HOST": "127.0.0.1:9",
        }
        commands = [
            [redis_binary(), "--port", "0", "--unixsocket", str(folder / "redis.sock"), "--dir", str(folder)],
            [sys.executable, "-m", "gunicorn", "--config", "python:launcher.gunicorn_conf", "main:app"],
            [sys.executable, "-m", "shared.worker", "models"],
        ]
        url = f"http://127.0.0.1:{port}"
        with running(commands, environment):
            wait_for(url)
            yield url, database, environment
        database.dispose()


@contextmanager
def running(commands: list[list[str]], environment: dict[str, str]) -> Iterator[None]:
    """Services, ended whatever happens, the last one first."""
    processes = []
    try:
        for command in commands:
            processes.append(
                subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            )
            time.sleep(0.2)  # the broker first
        yield
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(timeout=20)


def wait_for(url: str) -> None:
    """Until a service answers."""
    give_up = time.monotonic() + 120
    while time.monotonic() < give_up:
        try:
            if httpx.get(f"{url}/healthz", trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"{url} did not start.")


@contextmanager
def _browsing() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def chromium() -> Browser:
    """A real one."""
    return _shared.browser()


@pytest.fixture(scope="module")
def signed_in(site: Site, chromium: Browser) -> StorageState:
    """Cookies of one login for all tests of a file."""
    context = chromium.new_context(base_url=site.url)
    sign_in(context.new_page(), site)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console complained about: scripts that fail, rules of the content policy that were broken."""
    return []


@pytest.fixture
def page(site: Site, chromium: Browser, signed_in: StorageState, complaints: list[str]) -> Iterator[Page]:
    """Priya's browser, signed in. She asks for little motion: with no graphics card, drawing it takes longest."""
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, base_url=site.url, storage_state=signed_in, reduced_motion="reduce"
    )
    page = context.new_page()
    listen(page, complaints)
    yield page
    context.close()


def listen(page: Page, complaints: list[str]) -> None:
    """Note what the browser complains about."""
    page.set_default_timeout(PATIENCE_MS)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))


def sign_in(page: Page, site: Site) -> None:
    """As Priya."""
    page.goto("/login")
    page.get_by_label("E-mail").fill(site.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url("**/")
