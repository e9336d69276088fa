"""What the reading of meetings is worth: how often people here said yes to it."""

from __future__ import annotations

from datetime import timedelta

from flask.typing import ResponseReturnValue

from crm import web
from crm.routes.settings.base import bp
from crm.web import requires
from shared import clock
from shared.accounts.permissions import Scope
from shared.review import precision

#: What "lately" means here.
_RECENT_DAYS = 90


@bp.get("/review")
@requires(Scope.RECORDS_READ)
def review_quality() -> ResponseReturnValue:
    """How often people here said yes to what was found, by kind and confidence."""
    since = clock.now() - timedelta(days=_RECENT_DAYS)
    return web.page(
        "settings/review.html",
        recent=precision.measure(web.session(), since=since),
        ever=precision.measure(web.session()),
        days=_RECENT_DAYS,
        enough=precision.ENOUGH,
    )
