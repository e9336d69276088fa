"""The first page after signing in, and the questions a supervisor asks."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from crm import web
from crm.web import public, requires
from shared import health
from shared.accounts.permissions import Scope

bp = Blueprint("home", __name__)


@bp.get("/")
@requires(Scope.RECORDS_READ)
def index() -> ResponseReturnValue:
    """The dashboard."""
    return web.page("home/index.html")


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """What works and what does not; 503 only when the CRM cannot serve."""
    found = health.check(web.settings(), web.database())
    return jsonify(found.to_json()), 503 if found.status == "down" else 200
