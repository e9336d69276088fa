"""Saved views: a list under a name, for oneself or for all.

A view keeps what its list asks for (`view_states.State`); an address says the same in its parameters, so that a copied
link shows the list to whoever may not see the view.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Integer, and_, bindparam, or_, select, update
from sqlalchemy.exc import IntegrityError

from shared import events
from shared.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from shared.events import Actor
from shared.models import Event, Report, SavedView, User, ViewChoice
from shared.records.view_states import checked, load
from shared.schemas import views as schemas
from shared.schemas.checking import check
from shared.tenancy import TenantSession, standing

_MOST = 200


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, and what their role and token allow: to share with all, to change what others share."""

    id: int
    may_share: bool = False
    may_manage: bool = False


# --- Views


def _seen_by(user_id: int | BindParameter[int]) -> ColumnElement[bool]:
    """One's own, and what others share."""
    return or_(SavedView.user_id == user_id, SavedView.is_shared)


def visible(session: TenantSession, user: Person, type_name: str | None = None) -> Sequence[SavedView]:
    """The views a person sees, in alphabetical order."""
    return [view for view, _choice in _seen(session, user) if type_name in (None, view.record_type)]


_USER = bindparam("user", type_=Integer)
_SEEN = standing(
    select(SavedView, ViewChoice)
    .outerjoin(ViewChoice, and_(ViewChoice.view_id == SavedView.id, ViewChoice.user_id == _USER))
    .where(_seen_by(_USER))
    .order_by(SavedView.name, SavedView.id)
)


def _seen(session: TenantSession, user: Person) -> Sequence[tuple[SavedView, ViewChoice | None]]:
    """All views a person sees, with what they chose of each: a page asks for the one or the other in four places."""

    def find() -> list[tuple[SavedView, ViewChoice | None]]:
        return [(view, choice) for view, choice in session.execute(_SEEN, {"user": user.id})]

    return session.cached(("views", user.id), find)


def get(session: TenantSession, id: int, *, user: Person) -> SavedView:
    """One view. Raises NotFound, also for what a colleague keeps to themselves."""
    view = session.scalar(select(SavedView).where(SavedView.id == id, _seen_by(user.id)))
    if view is None:
        raise NotFound(f"There is no view with id {id}.")
    return view


def may_change(user: Person, view: SavedView) -> bool:
    """One's own; what is shared, whoever may manage records."""
    return view.user_id == user.id or (view.is_shared and user.may_manage)


def create(session: TenantSession, data: dict[str, Any], *, user: Person, by: Actor) -> SavedView:
    """A new view from unvalidated data. Raises Invalid, or Conflict where one already has the name."""
    given = check(schemas.ViewIn, data)
    if len(visible(session, user)) >= _MOST:
        raise Invalid(f"{_MOST} views are the most. Delete some first.")
    if given.shared:
        _must_share(user)
    state = checked(session, given.type, given.model_dump())
    view = SavedView(
        record_type=given.type, name=given.name, user_id=user.id, is_shared=given.shared, state=state.stored()
    )
    _refuse_namesake(session, view, user)
    session.add(view)
    session.flush()
    _record(session, "view.created", view, by=by)
    return view


def change(
    session: TenantSession,
    view: SavedView,
    data: dict[str, Any],
    *,
    user: Person,
    by: Actor,
    expecting: int | None = None,
) -> Event:
    """Rename, share, or let it stand for another list. Raises Conflict for a stale version, Forbidden. Returns what
    `take_back` takes back."""
    _must_change(user, view)
    if expecting is not None and view.version != expecting:
        raise Conflict("This view was changed meanwhile.", current=show(view))
    given = check(schemas.ViewFields, data).model_dump(exclude_unset=True)
    if "name" in given:
        view.name = given.pop("name")
    if "shared" in given:
        is_shared = given.pop("shared")
        if is_shared and not view.is_shared:
            _must_share(user)
        view.is_shared = is_shared
        view.is_team_default = view.is_team_default and view.is_shared
    was = view.state
    if given:
        view.state = checked(session, view.record_type, {**load(session, view)[0].stored(), **given}).stored()
    _refuse_namesake(session, view, user)
    session.flush()
    return _record(session, "view.updated", view, by=by, **({"was": was} if was != view.state else {}))


def take_back(session: TenantSession, event_id: int, *, user: Person, by: Actor) -> SavedView:
    """Let a view stand again for the list it stood for before a person saved over it. Raises NotFound, Forbidden, or
    Conflict where somebody saved over it since."""
    event = events.of_person(session, event_id, "view.updated", user.id)
    view = session.get(SavedView, event.data["id"])
    if view is None or "was" not in event.data:
        raise NotFound("There is nothing to take back.")
    _must_change(user, view)
    if any(event.data.get(name) != value for name, value in view.state.items()):
        raise Conflict("This view was changed meanwhile.", current=show(view))
    view.state = event.data["was"]
    session.flush()
    _record(session, "view.updated", view, by=by)
    return view


def duplicate(session: TenantSession, view: SavedView, name: str, *, user: Person, by: Actor) -> SavedView:
    """The same list under another name, one's own."""
    state = load(session, view)[0].stored()
    return create(session, {"type": view.record_type, "name": name, **state}, user=user, by=by)


def remove(session: TenantSession, view: SavedView, *, user: Person, by: Actor) -> Event:
    """Delete a view; the records in it stay. What it was stays in the event, for `bring_back`. Raises Forbidden."""
    _must_change(user, view)
    kept = session.scalars(select(ViewChoice).where(ViewChoice.view_id == view.id)).all()
    made = [[choice.user_id, choice.is_pinned, choice.is_default] for choice in kept]
    event = _record(session, "view.deleted", view, by=by, choices=made)
    session.delete(view)
    session.flush()
    return event


def bring_back(session: TenantSession, event_id: int, *, user: Person, by: Actor) -> SavedView:
    """The view that a person deleted, under its old address, where it was pinned and opened lists.

    What somebody chose to open their list with meanwhile stays. Raises NotFound, or Conflict where the name is taken.
    """
    was = dict(events.of_person(session, event_id, "view.deleted", user.id).data)
    there = session.get(SavedView, was["id"])
    if "choices" not in was or (there is not None and there.name == was["name"]):
        raise NotFound("There is no such view.")
    id, made = was.pop("id"), was.pop("choices")
    others = select(SavedView.id).where(SavedView.record_type == was["type"])
    has_team_default = session.scalar(others.where(SavedView.is_team_default).limit(1)) is not None
    view = SavedView(
        id=id, record_type=was.pop("type"), name=was.pop("name"), user_id=was.pop("user_id"),
        is_shared=was.pop("shared"), is_team_default=was.pop("team_default") and not has_team_default,
    )  # fmt: skip
    view.state = {name: value for name, value in was.items() if name != "version"}
    _refuse_namesake(session, view, user)
    add_again(session, view)
    people = set(session.scalars(select(User.id).where(User.id.in_([person for person, *_how in made]))))
    chose = select(ViewChoice.user_id).where(ViewChoice.is_default, ViewChoice.view_id.in_(others))
    settled = set(session.scalars(chose))
    session.add_all(
        ViewChoice(
            user_id=person, view_id=view.id, is_pinned=is_pinned, is_default=is_default and person not in settled
        )
        for person, is_pinned, is_default in made
        if person in people
    )
    _record(session, "view.restored", view, by=by)
    return view


def _must_share(user: Person) -> None:
    if not user.may_share:
        raise Forbidden("Your role does not allow sharing views.")


def _must_change(user: Person, view: SavedView) -> None:
    if not may_change(user, view):
        raise Forbidden("Only whose view it is, or a manager, can change it. Save it under another name instead.")


def _refuse_namesake(session: TenantSession, view: SavedView, user: Person) -> None:
    if not view.name:
        raise Invalid("A view needs a name.", errors=[FieldError("name", "A view needs a name.")])
    with session.no_autoflush:
        namesakes = [v for v in visible(session, user, view.record_type) if v is not view and v.id != view.id]
    if any(v.name.casefold() == view.name.casefold() for v in namesakes):
        raise Conflict(f"There is a view “{view.name}” already.")


def show(view: SavedView) -> dict[str, Any]:
    """A view as REST gives it."""
    return {
        "id": view.id, "type": view.record_type, "name": view.name, "shared": view.is_shared,
        "team_default": view.is_team_default, "user_id": view.user_id, "version": view.version, **view.state,
    }  # fmt: skip


def add_again(session: TenantSession, row: SavedView | Report) -> None:
    """Add what was deleted under its old id, or under another where that was given to a newer one: SQLite gives the
    greatest id anew, in whatever workspace."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        row.id = None  # type: ignore[assignment]  # the database chooses
        session.add(row)
        session.flush()


def _record(session: TenantSession, kind: str, view: SavedView, *, by: Actor, **more: Any) -> Event:
    return events.record(session, kind, by=by, title=f"{view.record_type}: {view.name}", data=show(view) | more)


# --- What people make of them


def choices(session: TenantSession, user: Person) -> dict[int, ViewChoice]:
    """What a person pinned or opens lists with, by view."""
    return {view.id: choice for view, choice in _seen(session, user) if choice is not None}


def pinned(session: TenantSession, user: Person) -> Sequence[SavedView]:
    """The views in a person's sidebar."""
    return [view for view, choice in _seen(session, user) if choice is not None and choice.is_pinned]


def pin(session: TenantSession, view: SavedView, *, user: Person, wanted: bool) -> None:
    """Put a view into one's sidebar, or take it out."""
    _choice(session, view, user).is_pinned = wanted
    session.flush()


def default(session: TenantSession, user: Person, type_name: str) -> SavedView | None:
    """What a list opens with: one's own choice, else the team's."""
    seen = [(view, choice) for view, choice in _seen(session, user) if view.record_type == type_name]
    mine = next((view for view, choice in seen if choice is not None and choice.is_default), None)
    return mine or next((view for view, _choice in seen if view.is_team_default), None)


def set_default(session: TenantSession, view: SavedView, *, user: Person, wanted: bool, team: bool, by: Actor) -> None:
    """Let one's list, or everybody's, open with a view, or no longer. The latter takes a manager."""
    same_type = select(SavedView.id).where(SavedView.record_type == view.record_type)
    if not team:
        mine = update(ViewChoice).where(ViewChoice.user_id == user.id, ViewChoice.view_id.in_(same_type))
        session.execute(mine.values(is_default=False))
        _choice(session, view, user).is_default = wanted
        session.flush()
        return
    if not user.may_manage:
        raise Forbidden("Only a manager can say what everybody's list opens with.")
    if wanted and not view.is_shared:
        raise Invalid("Share the view first: others cannot see it.")
    others = select(SavedView).where(SavedView.record_type == view.record_type, SavedView.is_team_default)
    for other in session.scalars(others).all():
        other.is_team_default = False
    view.is_team_default = wanted
    session.flush()
    _record(session, "view.updated", view, by=by)


def _choice(session: TenantSession, view: SavedView, user: Person) -> ViewChoice:
    found = select(ViewChoice).where(ViewChoice.user_id == user.id, ViewChoice.view_id == view.id)
    choice = session.scalar(found.execution_options(populate_existing=True))
    if choice is None:
        choice = ViewChoice(user_id=user.id, view_id=view.id)
        session.add(choice)
    return choice
