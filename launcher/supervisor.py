"""Keeps Afterword's processes running, and stops all of them.

    settings, checks, lock ─▶ broker ─▶ prepare (migrations, demo data) ─▶ crm, chatbot, workers ─▶ ready line
                                                                           └─ one that dies is started again

Written for this rather than honcho, which stops everything when one process exits. One thread, one event loop; a
signal asks everything to stop, the broker last, a second one kills; guard.py does it should we be killed ourselves.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

from launcher import modes, preflight, procfile, readiness
from launcher.broker import find_server, is_small_talk
from launcher.child import Child, Guard, in_words
from launcher.console import Console
from launcher.procfile import Program
from launcher.refusal import Refusal
from shared.config import Settings

ROOT = Path(__file__).resolve().parent.parent
GRACE_S = 10.0
#: A second signal within this many seconds is the same wish, arriving by way of `make` and of the terminal.
ECHO_S = 1.0
STILL_WAITING_S = 20.0
PREPARE = ("-m", "flask", "--app", "main", "prepare")


T = TypeVar("T")


class Backoff:
    """How long to wait before a process is started again: doubling, and forgotten after a minute of health."""

    FIRST_S, LONGEST_S, HEALTHY_S = 0.5, 30.0, 60.0

    def __init__(self) -> None:
        self._next_s = self.FIRST_S

    def after(self, lived_s: float) -> float:
        """The pause in seconds after a run of `lived_s` seconds."""
        if lived_s >= self.HEALTHY_S:
            self._next_s = self.FIRST_S
        pause_s, self._next_s = self._next_s, min(self._next_s * 2, self.LONGEST_S)
        return pause_s


class Service:
    """One program, kept running until `stop`."""

    def __init__(self, program: Program, start: Callable[[Program], Child], say: Callable[[str], None]) -> None:
        self.program = program
        self.child: Child | None = None
        self._start = start
        self._say = say
        self._stopping = asyncio.Event()
        self._task = asyncio.create_task(self._keep_running())

    async def _keep_running(self) -> None:
        backoff = Backoff()
        while not self._stopping.is_set():
            lived_s, how = await self._run_once()
            if self._stopping.is_set():
                return
            pause_s = backoff.after(lived_s)
            self._say(f"{self.program.name} ended ({how}); starting it again in {pause_s:g} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause_s)

    async def _run_once(self) -> tuple[float, str]:
        """One life of the program: how long, in seconds, and how it ended."""
        try:
            self.child = self._start(self.program)
        except OSError as error:
            return 0.0, f"cannot start: {error.strerror}"
        status = await self.child.wait()
        return self.child.lived_s, in_words(status)

    async def stop(self) -> None:
        """TERM, KILL after GRACE_S; returns when nothing of it is left."""
        self._stopping.set()
        if self.child is not None:
            await _end(self.child)
        await self._task

    def kill(self) -> None:
        self._stopping.set()
        if self.child is not None and not self.child.has_ended:
            self.child.kill()


async def _end(child: Child) -> None:
    child.terminate()
    try:
        await asyncio.wait_for(child.wait(), GRACE_S)
    except TimeoutError:
        child.kill()
        await child.wait()


class Supervisor:
    """A whole run, from the first process to the last."""

    def __init__(self, settings: Settings, programs: list[Program], console: Console, guard: Guard) -> None:
        self._settings = settings
        self._programs = programs
        self._console = console
        self._guard = guard
        self._children: list[Child] = []
        self._services: list[Service] = []
        self._stop = asyncio.Event()
        self._stop_asked_at = 0.0
        self._env = _child_environment()

    async def run(self) -> int:
        """Start everything, stay until a signal, stop everything. Returns the exit status."""
        self._listen_to_signals()
        try:
            return await self._start_and_stay()
        finally:
            await self._stop_all()

    async def _start_and_stay(self) -> int:
        brokers, others = _split(self._programs)
        started = time.monotonic()
        self._keep(brokers)
        mode = asyncio.create_task(modes.language_model(self._settings))
        login = await self._unless_stopped(self._prepare())
        if login is None:
            return 0
        self._keep(others)
        self._console.say(f"database: {modes.database(self._settings)}")
        self._console.say(f"broker: {modes.broker(self._settings)}")
        self._console.say(f"language model: {await mode}")
        if await self._unless_stopped(self._until_ready()):
            url = _shown_url(self._settings)
            self._console.say(f"Afterword is ready: {url}" + (f"  (demo login: {login})" if login else ""))
            self._console.say(f"started in {time.monotonic() - started:.1f} s; Ctrl-C stops it")
            await self._stop.wait()
        return 0

    # --- processes

    def _keep(self, programs: list[Program]) -> None:
        self._services += [Service(program, self._start, self._console.say) for program in programs]

    def _start(self, program: Program) -> Child:
        def on_line(text: str) -> None:
            if not (program.name == "broker" and is_small_talk(text)):
                self._console.line(program.name, text)

        return self._spawn(program.argv, on_line)

    def _spawn(self, argv: Sequence[str], on_line: Callable[[str], None]) -> Child:
        child = Child(argv, env=self._env, cwd=ROOT, guard=self._guard, on_line=on_line)
        self._children = [*(known for known in self._children if not known.has_ended), child]
        return child

    async def _prepare(self) -> str:
        """Migrate, and load the demo data at the first run. Returns the demo login, empty if there is none.

        The command's last line is a JSON object: `demo_login`, or `error` with a sentence for the person.
        """
        said: list[str] = []
        child = self._spawn((sys.executable, *PREPARE), lambda text: self._hear(said, text))
        status = await child.wait()
        answer = _last_json(said)
        if error := answer.get("error"):
            raise Refusal(str(error))
        if status != 0:
            raise Refusal(f"Preparing the database failed ({in_words(status)}); what it said stands above.")
        return str(answer.get("demo_login") or "")

    def _hear(self, said: list[str], text: str) -> None:
        said.append(text)
        if not text.startswith("{"):
            self._console.line("setup", text)

    # --- readiness

    async def _until_ready(self) -> bool:
        """Wait for `/readyz` of both; now and then say who is not ready and why."""
        settings = self._settings
        services = {
            "crm": (settings.crm_host, settings.crm_port),
            "chatbot": (settings.chatbot_host, settings.chatbot_port),
        }
        patience = time.monotonic() + STILL_WAITING_S
        while True:
            asked = (readiness.get(readiness.reachable(host), port, "/readyz") for host, port in services.values())
            answers = dict(zip(services, await asyncio.gather(*asked), strict=True))
            waiting = [f"{name} {answer.in_words}" for name, answer in answers.items() if not answer.is_ready]
            if not waiting:
                return True
            if time.monotonic() > patience:
                patience = time.monotonic() + STILL_WAITING_S
                self._console.say(f"still waiting: {'; '.join(waiting)}")
            await asyncio.sleep(0.1)

    # --- stopping

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup asks to be left running
                loop.add_signal_handler(number, self._asked_to_stop)
        loop.add_signal_handler(signal.SIGCHLD, self._reap)

    def _asked_to_stop(self) -> None:
        now = time.monotonic()
        if not self._stop.is_set():
            self._stop.set()
            self._stop_asked_at = now
            self._console.say("stopping; press Ctrl-C again to stop at once")
        elif now - self._stop_asked_at > ECHO_S:
            for service in self._services:
                service.kill()
            for child in self._children:
                child.kill()

    def _reap(self) -> None:
        for child in self._children:
            child.reap()

    async def _unless_stopped(self, work: Coroutine[Any, Any, T]) -> T | None:
        """The result of `work`, or None as soon as a stop is asked for."""
        task = asyncio.create_task(work)
        stop = asyncio.create_task(self._stop.wait())
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if task.done():
            return task.result()
        task.cancel()
        return None

    async def _stop_all(self) -> None:
        owned = {service.child for service in self._services}
        loose = [child for child in self._children if child not in owned]
        brokers = [service for service in self._services if service.program.name == "broker"]
        others = [service for service in self._services if service not in brokers]
        await asyncio.gather(*map(_end, loose), *(service.stop() for service in others))
        await asyncio.gather(*(service.stop() for service in brokers))


def main(args: list[str]) -> int:
    """`run` or `dev`: check, start, stay. Returns the exit status; a Refusal is the caller's to print."""
    _end_with_make()
    settings = preflight.read_settings()
    preflight.check_data_dir(settings.data_dir)
    locks = preflight.lock_data_dir(settings)
    preflight.check_ports(settings)
    preflight.check_outside_services(settings)
    programs = procfile.read(ROOT / ("Procfile.dev" if args[:1] == ["dev"] else "Procfile"), settings)
    if settings.redis_url:
        programs = _split(programs)[1]
    else:
        find_server()
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    console = Console(plain=settings.log_format == "json", colour=colour)
    guard = Guard(locks.processes)
    try:
        return asyncio.run(_supervise(settings, programs, console, guard))
    finally:
        guard.close()
        console.close()


async def _supervise(settings: Settings, programs: list[Program], console: Console, guard: Guard) -> int:
    return await Supervisor(settings, programs, console, guard).run()


def _split(programs: list[Program]) -> tuple[list[Program], list[Program]]:
    """The broker, which starts first and stops last, and the others."""
    return [p for p in programs if p.name == "broker"], [p for p in programs if p.name != "broker"]


def _child_environment() -> dict[str, str]:
    env = dict(os.environ)
    for name in ("PYTHONDONTWRITEBYTECODE", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
        env.pop(name, None)
    env["PYTHONUNBUFFERED"] = "1"
    env["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), env.get("PATH", os.defpath)))
    return env


def _last_json(lines: list[str]) -> dict[str, Any]:
    for line in reversed(lines):
        with contextlib.suppress(ValueError):
            found = json.loads(line)
            if isinstance(found, dict):
                return found
    return {}


def _shown_url(settings: Settings) -> str:
    if settings.crm_public_url:
        return settings.crm_public_url
    host = readiness.reachable(settings.crm_host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.crm_port}"


def _end_with_make() -> None:
    """On Linux, if `make` started us and is killed outright, stop as at SIGTERM: nobody else would tell us."""
    if "MAKELEVEL" in os.environ and sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM, 0, 0, 0)
