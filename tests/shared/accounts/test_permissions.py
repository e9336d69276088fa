"""The one table of who may do what."""

from __future__ import annotations

from itertools import pairwise

import pytest

from shared.accounts.permissions import GRANTS, Scope, allows, may_delete
from shared.models import Note, Role, User


def test_every_role_may_what_the_one_below_may_and_more() -> None:
    ladder = [GRANTS[role] for role in (Role.VIEWER, Role.MEMBER, Role.MANAGER, Role.ADMIN)]
    assert all(lower < higher for lower, higher in pairwise(ladder))


def test_an_admin_may_everything() -> None:
    assert all(allows(Role.ADMIN, scope) for scope in Scope)


@pytest.mark.parametrize("scope", [Scope.RECORDS_WRITE, Scope.RECORDS_DELETE, Scope.REVIEW, Scope.MEETINGS_UPLOAD])
def test_a_viewer_changes_nothing(scope: Scope) -> None:
    assert not allows(Role.VIEWER, scope)


def test_a_role_read_from_the_database_as_text_counts() -> None:
    assert allows("manager", Scope.AUDIT_READ)  # type: ignore[arg-type]


def test_a_member_deletes_only_what_is_theirs() -> None:
    bob = User(id=2, role=Role.MEMBER)
    assert may_delete(bob, Note(created_by_id=2))
    assert may_delete(bob, Note(created_by_id=1, author_id=2))
    assert not may_delete(bob, Note(created_by_id=1, author_id=None))


def test_a_viewer_does_not_even_delete_what_is_theirs() -> None:
    assert not may_delete(User(id=2, role=Role.VIEWER), Note(created_by_id=2))


def test_a_manager_deletes_anybodys() -> None:
    assert may_delete(User(id=3, role=Role.MANAGER), Note(created_by_id=1))
