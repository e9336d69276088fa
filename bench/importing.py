"""A hundred thousand contacts from a CSV file, in a real worker, somebody at work in the CRM meanwhile; and again."""

from __future__ import annotations

import csv
import sqlite3
import threading
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from random import Random

import psutil

from bench.figures import Figure, median, p95
from bench.ground import MB, Ground, NeverCame, Site, wait_until
from bench.reading import await_worker
from bench.sizes import Size
from shared import events, imports
from shared.imports import jobs
from shared.models import ImportJob

IMPORT_S, MEMORY_MB, PAGE_MS = 60.0, 300.0, 200.0
_FIRST = ("Jane", "Ola", "Ines", "Kurt", "Ada", "Tom", "José", "Zoë")
_SYLLABLES = ("ber", "gen", "lo", "ka", "mi", "ron", "sel", "tor", "vin", "wal", "ze", "dra")


def importing(size: Size) -> Iterator[Figure]:
    """Check with duplicates, then import; the same file once more; a list asked for all the while."""
    with Ground.laid() as ground:
        worker = psutil.Process(ground.start("-m", "shared.worker", "crm").pid)
        site = ground.serve("main:app")
        await_worker(ground, "crm")
        path = _file(ground.folder, size.imported)
        bare = _bare(path)
        watched = _Watched(worker, Site(site.port, {"Authorization": f"Bearer {ground.person.token}"}))
        with watched:
            first = _import(ground, path)
        again_from = time.monotonic()
        again = _import(ground, path)
        again_s = time.monotonic() - again_from
        processor = sum(worker.cpu_times()[:2])
    if (first.created, again.created, again.updated) != (size.imported, 0, 0):
        raise NeverCame(f"{first.created} created, then {again.created} created and {again.updated} updated.")
    rows = f"{size.imported:,}"
    yield Figure(
        name=f"import {rows} contacts, duplicates looked for", measured=watched.seconds, unit="s", target=IMPORT_S,
        beside="csv + INSERT into one table", baseline=bare,
        note=f"With {size.imported // 5:,} companies made, events, search index; processor time of the worker for this"
        f" and the next line {processor:.0f} s.",
    )  # fmt: skip
    yield Figure(name="the same file again: no change", measured=again_s, unit="s", target=IMPORT_S)
    yield Figure(
        name="the worker's memory at its peak, importing", measured=watched.peak / MB, unit="MB", target=MEMORY_MB
    )
    yield Figure(
        name="REST list of 50 contacts meanwhile (median)", measured=median(watched.ms), unit="ms", target=PAGE_MS,
        note=f"95th percentile {p95(watched.ms):.0f} ms, slowest {max(watched.ms):.0f} ms of {len(watched.ms)}.",
    )  # fmt: skip


def _file(folder: Path, rows: int) -> Path:
    random, path = Random(2026), folder / "people.csv"  # the same names each time
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["First name", "Last name", "E-mail", "Phone", "Company", "Job title", "Lifecycle"])
        for n in range(rows):
            company = n % max(1, rows // 5)
            last = "".join(random.choices(_SYLLABLES, k=3)).title()
            address = f"person{n}@c{company}.example"
            out.writerow(
                [random.choice(_FIRST), last, address, f"+4755{n:06}", f"Firma {company} GmbH", "Buyer", "lead"]
            )
    return path


def _bare(path: Path) -> float:
    started = time.monotonic()
    with sqlite3.connect(path.with_suffix(".db")) as connection, path.open(encoding="utf-8") as file:
        connection.execute("CREATE TABLE c (a, b, c, d, e, f, g)")
        connection.executemany("INSERT INTO c VALUES (?,?,?,?,?,?,?)", csv.reader(file))
    connection.close()
    return time.monotonic() - started


def _import(ground: Ground, path: Path) -> ImportJob:
    with ground.database.session(ground.person.workspace_id) as session:
        file = BytesIO(path.read_bytes())
        folder = ground.settings.upload_dir
        job = imports.receive(session, file, path.name, upload_dir=folder, by=ground.actor)
        jobs.set_options(job, auto_start=True)
        imports.check(session, job, by=ground.actor)
        session.commit()
        events.dispatch(session, ground.database, ground.settings.effective_redis_url)
        id = job.id

    def now() -> ImportJob:
        with ground.database.scope(ground.person.workspace_id, read_only=True) as session:
            return session.get_one(ImportJob, id)

    wait_until(lambda: not now().status.is_working, "the import", seconds=900, every_s=0.1)
    done = now()
    if done.status.value != "done":
        raise NeverCame(f"The import ended {done.status.value}: {done.error} {ground.logs()}")
    return done


class _Watched:
    """Looks at the worker's memory and asks for a list, until the block ends."""

    def __init__(self, worker: psutil.Process, site: Site) -> None:
        self._worker, self._site = worker, site
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.peak, self.seconds = 0, 0.0
        self.ms: list[float] = []

    def __enter__(self) -> None:
        self._began = time.monotonic()
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self.seconds = time.monotonic() - self._began
        self._stop.set()
        self._thread.join(timeout=90)

    def _look(self) -> None:
        while not self._stop.is_set():
            self.peak = max(self.peak, self._worker.memory_info().rss)
            self.ms.append(self._site.ask("GET", "/api/v1/contacts?limit=50").ms)
            self._stop.wait(0.3)
