"""What is one transaction leaves nothing behind where its process is killed before the end: a merge, a restore."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crm import backup
from shared.config import Settings
from shared.database import Database
from shared.events import Actor
from shared.models import Company, Contact, Employment, Merge
from shared.records import merging, uploads
from tests.conftest import Cast
from tests.factories import make_company, make_contact
from tests.faults.conftest import kill

pytestmark = pytest.mark.faults

_MERGE = """
import sys
from shared.database import Database
from shared.events import Actor
from shared.records import merging
url, workspace, user, one, other = sys.argv[1], *map(int, sys.argv[2:])
with Database(url).session(workspace) as session:
    merging.merge(session, "company", one, [other], by=Actor("user", user))
    print("merged", flush=True)
    sys.stdin.read()
"""
_RESTORE = """
import sys
from pathlib import Path
from crm import backup
from shared.database import Database
def stop(*_):
    print("restored", flush=True)
    sys.stdin.read()
backup._adopt = stop  # all rows are written, and nothing is committed
backup.restore(Database(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), force=True)
"""


def killed_before_the_commit(code: str, *arguments: object) -> None:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdin is not None
    assert process.stdout.readline()
    kill(process)
    process.stdout.close()
    process.stdin.close()


def test_a_merge(database: Database, cast: Cast) -> None:
    with database.scope(cast.acme) as session:
        one, other = make_company(session).id, make_company(session).id
        people = [make_contact(session, company_id=other).id for _ in range(50)]
    killed_before_the_commit(_MERGE, database.url, cast.acme, cast.alice, one, other)
    with database.scope(cast.acme) as session:
        assert session.scalar(select(func.count()).select_from(Merge)) == 0
        assert set(session.scalars(select(Employment.company_id))) == {other}
        assert session.get_one(Company, other).deleted_at is None
        merging.merge(session, "company", one, [other], by=Actor("user", cast.alice))
        here = session.scalars(select(Contact.id).where(Contact.company_id == one).order_by(Contact.id))
        assert here.all() == people


def test_a_restore_over_what_is_there(database: Database, cast: Cast, settings: Settings, tmp_path: Path) -> None:
    archive = tmp_path / "all.tar.gz"
    with database.scope(cast.acme) as session:
        make_company(session, name="In the archive")
    digest = uploads.save(settings.upload_dir, cast.acme, b"our words")
    backup.save(database, settings.upload_dir, archive)
    with database.scope(cast.acme) as session:
        make_company(session, name="Made since")
    killed_before_the_commit(_RESTORE, database.url, settings.upload_dir, archive)
    with database.scope(cast.acme) as session:
        assert session.scalars(select(Company.name).order_by(Company.id)).all() == ["In the archive", "Made since"]
        make_company(session, name="And works on")
    assert uploads.load(settings.upload_dir, cast.acme, digest) == b"our words"
    backup.restore(database, settings.upload_dir, archive, force=True)
    with database.scope(cast.acme, read_only=True) as session:
        assert session.scalars(select(Company.name)).all() == ["In the archive"]
