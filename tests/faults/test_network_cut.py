"""With the network cable out: `make run`'s processes, a transcript in, reviewed records out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = [pytest.mark.faults, pytest.mark.slow]

ROOT = Path(__file__).parents[2]

PATIENCE_S = 150

#: Runs in a network namespace of its own, in which there is nothing but loopback.
_INSIDE = textwrap.dedent(
    """
    import atexit, fcntl, json, os, signal, socket, struct, subprocess, sys, time
    import httpx

    def loopback_up():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            flags = struct.pack("16sh", b"lo", 0x1 | 0x40)  # IFF_UP | IFF_RUNNING
            fcntl.ioctl(s.fileno(), 0x8914, flags)  # SIOCSIFFLAGS

    loopback_up()
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    except OSError as error:
        offline = error.strerror or "unreachable"
    launcher = subprocess.Popen([sys.executable, "-m", "launcher"], stdout=sys.stderr, stderr=sys.stderr)
    atexit.register(launcher.terminate)  # also where something fails: nobody else knows of it
    signal.signal(signal.SIGALRM, lambda *_: sys.exit("took too long"))
    signal.alarm(int(sys.argv[2]))
    base = f"http://127.0.0.1:{os.environ['CRM_PORT']}"

    def flask(*args):
        return subprocess.check_output([sys.executable, "-m", "flask", "--app", "main", *args], text=True).strip()

    def wait(holds, seconds=60):
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            try:
                found = holds()
            except httpx.TransportError:
                found = None
            if found:
                return found
            time.sleep(0.1)
        raise SystemExit("waited in vain")

    with httpx.Client(base_url=base, trust_env=False, timeout=20) as client:
        wait(lambda: client.get("/readyz").json()["checks"]["worker"]["status"] == "ok")
        workspace = flask("create-workspace", "--name", "Pindolar")
        flask("create-user", "--email", "p@pindolar.example", "--password", "correct horse battery",
              "--role", "admin", "--workspace", workspace)
        client.headers["Authorization"] = "Bearer " + flask("create-token", "--email", "p@pindolar.example")
        with open(sys.argv[1], "rb") as file:
            meeting = client.post("/api/v1/meetings", files={"file": ("talk.txt", file)}).json()["id"]
        wait(lambda: client.get(f"/api/v1/meetings/{meeting}").json()["status"] == "ready")
        client.post(f"/api/v1/meetings/{meeting}/review", json={"accept_above": 0}).raise_for_status()
        names = [f"{c['first_name']} {c['last_name']}" for c in client.get("/api/v1/contacts").json()["items"]]
    launcher.send_signal(signal.SIGTERM)
    print(json.dumps({"offline": offline, "names": names, "exit": launcher.wait(timeout=30)}))
    """
)


def test_the_whole_path_works_with_the_network_cut_off(tmp_path: Path) -> None:
    environment = {
        **{key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL", "CLOCK")},
        "DATA_DIR": str(tmp_path / "data"),
        "DEMO": "0",
        "CRM_PORT": "15080",  # nobody else is in this network namespace
        "CHATBOT_PORT": "15081",
    }
    talk = ROOT / "tests" / "data" / "meetings" / "01_discovery_quillhaven.txt"
    done = subprocess.run(
        ["unshare", "-rn", sys.executable, "-c", _INSIDE, str(talk), str(PATIENCE_S)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE_S + 30,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert "unreachable" in told["offline"].lower()
    assert "Marit Solbakken" in told["names"]
