"""What each role may do, in words: the one table that every route asks."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from crm import web
from crm.localization import lazy_gettext as _l
from crm.routes.settings.base import ROLE_NAMES, bp
from crm.web import requires
from shared.accounts.permissions import GRANTS, READING, Scope
from shared.models import Role

#: In the order of the page. A scope without words here fails a test.
WORDS = {
    Scope.RECORDS_READ: _l("See companies, contacts, deals, tasks, notes and meetings, and ask the assistant"),
    Scope.ACCOUNT_OWN: _l("Look after one's own account: profile, password, second factor, logins"),
    Scope.TOKENS_OWN: _l("Make API tokens, which may what their owner may"),
    Scope.RECORDS_WRITE: _l("Add and change records"),
    Scope.RECORDS_DELETE: _l("Delete and restore what is one's own"),
    Scope.MEETINGS_UPLOAD: _l("Upload meetings"),
    Scope.REVIEW: _l("Accept, correct and reject what was found in meetings"),
    Scope.RECORDS_MANAGE: _l("Delete and restore everybody's records, merge, import, change many at once"),
    Scope.AUDIT_READ: _l("Read the audit log"),
    Scope.USERS_MANAGE: _l("Invite people, give roles, reset second factors, end access"),
    Scope.WORKSPACE_MANAGE: _l("Change settings, custom fields, pipelines, models, webhooks; make backups"),
    Scope.HISTORY_WRITE: _l("Set when something was made and by whom, when moving in from another system"),
}


@bp.get("/roles")
@requires(Scope.ACCOUNT_OWN)
def roles() -> ResponseReturnValue:
    """For everybody: also those who may not should see who may."""
    shown = (Role.VIEWER, Role.MEMBER, Role.MANAGER, Role.ADMIN)
    rows = [(words, [scope in GRANTS[role] for role in shown], scope in READING) for scope, words in WORDS.items()]
    return web.page("settings/roles.html", roles=shown, role_names=ROLE_NAMES, rows=rows)
