"""One blueprint a screen. A new one is one line here."""

from flask import Blueprint

from crm.routes import auth, home, settings

#: Pages for people.
ROUTES: tuple[Blueprint, ...] = (
    home.bp,
    auth.bp,
    settings.bp,
)

#: For scripts: bearer tokens only, no cookies, hence no CSRF tokens.
SCRIPT_ROUTES: tuple[Blueprint, ...] = ()
