"""Which language models do which work: the environment says it, an admin may choose otherwise on a page.

A choice holds at once and in every process, because whoever is about to ask a model asks `effective` first and so gets
`Settings` in which the choice stands as if the environment had said it. Nothing else has to know that one was made.
"""

from __future__ import annotations

from typing import Literal, get_args

from sqlalchemy import select

from shared import events
from shared.config import Settings
from shared.database import Database
from shared.events import Actor
from shared.models import InstallationSetting
from shared.schemas.model_names import check_model_name
from shared.tenancy import EVERY_WORKSPACE, TenantSession

#: What can be chosen: names of `Settings`.
Choosable = Literal["extraction_model", "chat_model"]
CHOOSABLE: tuple[Choosable, ...] = get_args(Choosable)


def effective(settings: Settings, database: Database) -> Settings:
    """The settings with what was chosen. One short query; never call it while another session of yours writes."""
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        made = choices(session)
    return settings.model_copy(update=made) if made else settings


def choices(session: TenantSession) -> dict[str, str]:
    """What was chosen: setting → model name. What the environment decides is missing."""
    found = {row.name: row.value for row in session.scalars(select(InstallationSetting))}
    return {name: found[name] for name in CHOOSABLE if name in found}


def choose(session: TenantSession, setting: Choosable, model: str | None, *, by: Actor) -> None:
    """Use `model` from the next call on; None goes back to the environment's. Raises Invalid for a name that is none.

    That the model is installed is for the caller to know: it may be removed a moment later in any case.
    """
    name = check_model_name(model) if model is not None else None
    row = session.scalars(select(InstallationSetting).where(InstallationSetting.name == setting)).one_or_none()
    before = row.value if row else None
    if name == before:
        return
    if name is None:
        session.delete(row)
    elif row is None:
        session.add(InstallationSetting(name=setting, value=name))
    else:
        row.value = name
    events.record(session, "installation.model_chosen", by=by, data={setting: [before, name]})
