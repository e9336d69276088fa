"""One blueprint a screen. A new one is one line here."""

from flask import Blueprint

from crm import api
from crm.routes import auth, home, meetings, review, settings

#: Pages for people.
ROUTES: tuple[Blueprint, ...] = (
    home.bp,
    auth.bp,
    settings.bp,
    meetings.bp,
    review.bp,
    api.docs_bp,
)

#: For scripts: bearer tokens only, no cookies, hence no CSRF tokens.
SCRIPT_ROUTES: tuple[Blueprint, ...] = (api.bp,)
