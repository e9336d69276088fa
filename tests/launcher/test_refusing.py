"""What stops a start is one line that names the cause and the setting to change, never a traceback."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from launcher import preflight
from launcher.refusal import Refusal

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"CRM_PORT": "many"}, ["CRM_PORT"]),
        ({"CRM_PORT": "70000"}, ["CRM_PORT", "65535"]),
        ({"CLOCK": "2026-11-20T09:00:00"}, ["CLOCK", "time zone"]),
        ({"CRM_PORT": "5999", "CHATBOT_PORT": "5999"}, ["CRM_PORT", "CHATBOT_PORT", "5999"]),
        ({"CRM_HOST": "no-such-host.invalid"}, ["CRM_HOST", "no-such-host.invalid"]),
        ({"CRM_HOST": "192.0.2.1"}, ["CRM_HOST", "192.0.2.1"]),
        ({"DATABASE_URL": "mysql://localhost/x"}, ["DATABASE_URL", "postgresql://"]),
        ({"DATABASE_URL": "postgresql://me:hush@127.0.0.1:1/x"}, ["DATABASE_URL", "127.0.0.1:1", "refused"]),
        ({"REDIS_URL": "redis://me:hush@127.0.0.1:1/0"}, ["REDIS_URL", "127.0.0.1:1", "refused"]),
        ({"REDIS_URL": "127.0.0.1:6379"}, ["REDIS_URL"]),
        ({"DATA_DIR": str(ROOT / "Makefile" / "var")}, ["DATA_DIR", "a part of the path is a file"]),
        ({"DATA_DIR": str(ROOT / "Makefile")}, ["DATA_DIR", "a file of that name"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_a_wrong_setting_is_one_clear_line(launch, settings, words):
    run = launch(**settings)
    assert run.ended() == 1
    (line,) = run.lines
    assert all(word in line for word in words), line
    assert "hush" not in line


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (errno.EROFS, "read-only file system"),
        (errno.ENOSPC, "disk that is full"),
        (errno.EACCES, "not writable"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_data_folder_that_cannot_be_written_is_refused_with_its_reason(tmp_path, monkeypatch, error, words):
    def fail(*args, **kwargs):
        raise OSError(error, "Input/output error")

    monkeypatch.setattr(tempfile, "TemporaryFile", fail)
    with pytest.raises(Refusal, match=words):
        preflight.check_data_dir(tmp_path)


MOUNTS = {"read-only": ("ro", "read-only file system"), "full": ("size=4k", "disk that is full")}


def _may_mount() -> bool:
    unshare = shutil.which("unshare")
    return bool(unshare) and subprocess.run([unshare, "-rm", "true"], capture_output=True).returncode == 0


@pytest.mark.parametrize("kind", MOUNTS if _may_mount() else [])
def test_on_a_real_mount_too(tmp_path, kind):
    option, words = MOUNTS[kind]
    script = f'mount -t tmpfs -o {option} none "$DATA_DIR" && exec "$0" -m launcher run'
    env = {"DATA_DIR": str(tmp_path), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    result = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, sys.executable], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert words in result.stderr


def test_passwords_are_not_shown():
    assert preflight.without_password("redis://me:hush@host:1/0") == "redis://me:***@host:1/0"
    assert preflight.without_password("redis://host:1/0") == "redis://host:1/0"


def test_every_wrong_setting_gets_its_line(monkeypatch):
    monkeypatch.setenv("CRM_PORT", "many")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(Refusal) as refusal:
        preflight.read_settings()
    assert [line.split()[0] for line in str(refusal.value).splitlines()] == ["CRM_PORT", "LOG_LEVEL"]
