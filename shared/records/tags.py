"""Tags: words that any record may carry. A tag comes into being with its first record, or in the settings.

In data a record's tags are their names; a spelling that differs only in case or accents is the same tag.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, get_args

from sqlalchemy import bindparam, delete, func, insert, select

from shared.database import write_many
from shared.errors import Conflict, Invalid
from shared.events import Actor, Target
from shared.models import Report, SavedView, Tag, Tagging
from shared.models.base import table_of
from shared.prepared import Prepared
from shared.schemas.records import TagColor
from shared.search import fold
from shared.tenancy import TenantSession

#: The record types that carry tags.
TAGGED = frozenset({"company", "contact", "deal", "task", "meeting"})
COLORS: tuple[TagColor, ...] = get_args(TagColor)
_MOST = 50
_CARRIED = Prepared(
    select(Tagging.target_id, Tag.name, Tag.color)
    .join(Tag, Tag.id == Tagging.tag_id)
    .where(Tagging.target_type == bindparam("type"), Tagging.target_id.in_(bindparam("ids", expanding=True)))
    .where(Tag.deleted_at.is_(None))
    .order_by(Tag.name_key)
)


def key_of(name: str) -> str:
    """A name as tags are told apart by."""
    return " ".join(fold(name).split())


def of(session: TenantSession, type_name: str, ids: Iterable[int]) -> dict[int, list[str]]:
    """The names of the tags of records of one type, in alphabetical order; records without any are left out."""
    names: dict[int, list[str]] = {}
    known: dict[str, str] = session.once("tag colours", dict)
    for id, name, color in _CARRIED.rows(session, type=type_name, ids=list(ids)):
        names.setdefault(id, []).append(name)
        known[name] = color
    return names


def colors(session: TenantSession, names: Iterable[str]) -> dict[str, str]:
    """The colours of tags by name; a name that is no tag is left out."""
    names, known = list(names), session.once("tag colours", dict[str, str])
    keys = {key_of(name) for name in names if name not in known}
    asked = session.execute(select(Tag.name, Tag.color).where(Tag.name_key.in_(keys))).all() if keys else ()
    return {name: known[name] for name in names if name in known} | dict(asked)


def like(session: TenantSession, text: str, *, limit: int) -> Sequence[Tag]:
    """Tags whose name holds the text, those that begin with it first; with no text, in alphabetical order."""
    key = key_of(text)
    found = select(Tag).where(Tag.deleted_at.is_(None))
    if key:
        begins = Tag.name_key.startswith(key, autoescape=True)
        found = found.where(Tag.name_key.contains(key, autoescape=True)).order_by(begins.desc())
    return session.scalars(found.order_by(Tag.name_key).limit(limit)).all()


def set_(session: TenantSession, target: Target, names: Sequence[str], *, by: Actor) -> None:
    """Let a record carry exactly these tags; unknown ones are made."""
    if len(names) > _MOST:
        raise Invalid.field("tags", f"A record carries at most {_MOST} tags.")
    wanted = {tag.id for tag in named(session, names, by=by)}
    type_name, id = target
    carried = select(Tagging).where(Tagging.target_type == type_name, Tagging.target_id == id)
    present = {tagging.tag_id: tagging for tagging in session.scalars(carried)}
    for tag_id, tagging in present.items():
        if tag_id not in wanted:
            session.delete(tagging)
    session.add_all(
        Tagging(tag_id=tag_id, target_type=type_name, target_id=id) for tag_id in sorted(wanted - present.keys())
    )
    session.flush()


def carry_many(
    session: TenantSession, type_name: str, carried: Sequence[tuple[int, Sequence[str]]], *, by: Actor
) -> None:
    """Let new records of one type carry tags; unknown ones are made."""
    known = {tag.name_key: tag.id for tag in named(session, {n: None for _, names in carried for n in names}, by=by)}
    tenant = {"workspace_id": session.workspace_id, "target_type": type_name}
    rows = [
        {**tenant, "tag_id": tag_id, "target_id": id}
        for id, names in carried
        for tag_id in dict.fromkeys(known[key_of(name)] for name in names)
    ]
    write_many(session, insert(table_of(Tagging)), rows)


def unknown(session: TenantSession, names: dict[str, str], *, by: Actor) -> list[Tag]:
    """Of these names, by key, those that are no tag are made now, and returned."""
    live = select(Tag.name_key).where(Tag.name_key.in_(names), Tag.deleted_at.is_(None))
    known = set(session.scalars(live)) if names else set()
    return named(session, [name for key, name in names.items() if key not in known], by=by)


def named(session: TenantSession, names: Iterable[str], *, by: Actor) -> list[Tag]:
    """The tags of these names, made where they are not there yet. A deleted one comes back."""
    spelled = {key_of(name): " ".join(name.split()) for name in names}
    spelled.pop("", None)
    if not spelled:
        return []
    known = {tag.name_key: tag for tag in session.scalars(select(Tag).where(Tag.name_key.in_(spelled)))}
    found: list[Tag] = []
    for i, (key, name) in enumerate(spelled.items()):
        tag = known.get(key)
        if tag is None:
            tag = Tag(name=name, name_key=key, color=_color(key), actor=by.kind, created_by_id=by.user_id, custom={})
            if len(name) > 50:
                raise Invalid.field(f"tags.{i}", "A tag has at most 50 characters.")
            session.add(tag)
        tag.deleted_at = None
        found.append(tag)
    session.flush()
    return found


def _color(key: str) -> str:
    """A colour that the same word always gets."""
    return COLORS[1:][sum(key.encode()) % (len(COLORS) - 1)]


# --- Tags as records


def write(session: TenantSession, tag: Tag, values: dict[str, Any], by: Actor) -> None:
    """Set validated values. Raises Conflict where another tag has the name."""
    if "name" in values:
        before = tag.name_key
        tag.name, tag.name_key = values["name"], key_of(values["name"])
        refuse_namesake(session, tag)
        if before and before != tag.name_key:
            follow(session, before, tag.name)
    if values.get("color") or not tag.color:
        tag.color = values.get("color") or _color(tag.name_key)


def refuse_namesake(session: TenantSession, tag: Tag) -> None:
    """Raises Conflict where another tag has the name."""
    same = select(Tag.id).where(Tag.name_key == tag.name_key, Tag.id != (tag.id or 0), Tag.deleted_at.is_(None))
    if session.scalar(same) is not None:
        raise Conflict(f"There is a tag “{tag.name}” already.")


def follow(session: TenantSession, key: str, name: str) -> None:
    """Let saved views and reports that ask for a tag by its old name ask for the new one."""
    for view in session.scalars(select(SavedView)):
        view.state = _renamed(view.state, key, name)
    for report in session.scalars(select(Report)):
        report.plan = _renamed(report.plan, key, name)


def _renamed(node: Any, key: str, name: str) -> Any:
    """A condition as JSON, however deep it lies in what is kept."""
    if isinstance(node, list):
        return [_renamed(part, key, name) for part in node]
    if not isinstance(node, dict):
        return node
    if str(node.get("field", "")).rpartition(".")[2] == "tags":
        return {**node, "values": [name if key_of(str(value)) == key else value for value in node.get("values", ())]}
    return {part: _renamed(inner, key, name) for part, inner in node.items()}


def show(session: TenantSession, tag: Tag) -> dict[str, Any]:
    return {"name": tag.name, "color": tag.color}


def counts(session: TenantSession) -> dict[int, int]:
    """How many records carry each tag."""
    found = select(Tagging.tag_id, func.count()).group_by(Tagging.tag_id)
    return dict(session.execute(found).all())


def forget(session: TenantSession, target: Target) -> None:
    """Take all tags off a record that is gone for good."""
    session.execute(delete(Tagging).where(Tagging.target_type == target[0], Tagging.target_id == target[1]))
