"""The assistant's page, tickets for its socket, and conversations as their owner keeps them.

`/chat` is the page; everything below it is JSON for the widget. The socket itself is the chatbot's: this side only says
who may open it.
"""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel

from crm import auth, headers, web
from crm.api import http
from crm.web import requires
from shared.accounts.permissions import Scope
from shared.chat import conversations, presenting, tickets, turns
from shared.config import Settings
from shared.errors import Invalid
from shared.models import ChatAction, ChatConversation, User
from shared.review import actions, cards
from shared.schemas.chat import Rating, Title

bp = Blueprint("chat", __name__)

ModelT = TypeVar("ModelT", bound=BaseModel)
MAX_BODY_BYTES = 64 * 1024


@bp.get("/chat")
@requires(Scope.RECORDS_READ)
def index() -> ResponseReturnValue:
    """The assistant alone."""
    return web.page("chat/index.html")


@bp.post("/chat/ticket")
@requires(Scope.RECORDS_READ)
def ticket() -> ResponseReturnValue:
    """One socket for this login, within a minute; and where to open it."""
    user = web.get_or_404(User, web.current_user.id)
    issued = tickets.issue(web.session(), user, login_token=auth.login_token())
    base = chatbot_url(web.settings(), request.host)
    socket = "ws" + base.removeprefix("http") + "/ws/chat"
    return jsonify({"ticket": issued, "url": socket, "http_url": base, "expires_in": tickets.LIFETIME_S})


@bp.get("/chat/conversations")
@requires(Scope.RECORDS_READ)
def list_conversations() -> ResponseReturnValue:
    """One's own, the one last spoken in first."""
    found = conversations.listing(
        web.session(),
        web.current_user.id,
        q=request.args.get("q", "").replace("\0", " ")[:200],
        cursor=request.args.get("cursor") or None,
        limit=request.args.get("limit", 30, type=web.whole),
    )
    return jsonify({"items": [presenting.summary(row) for row in found.items], "next_cursor": found.next_cursor})


@bp.get("/chat/conversations/<id>")
@requires(Scope.RECORDS_READ)
def show(id: str) -> ResponseReturnValue:
    """What was said, and how each answer was found. `before`: the messages before one of that id."""
    conversation = _conversation(id)
    before = request.args.get("before", type=http.path_id)
    found = conversations.messages(web.session(), conversation, before=before)
    return jsonify(presenting.whole(conversation, found, card=_card))


@bp.patch("/chat/conversations/<id>")
@requires(Scope.RECORDS_READ)
def rename(id: str) -> ResponseReturnValue:
    """Another title."""
    conversation = _conversation(id)
    conversations.rename(web.session(), conversation, _body(Title).title)
    return jsonify(presenting.summary(conversation))


@bp.delete("/chat/conversations/<id>")
@requires(Scope.RECORDS_READ)
def delete(id: str) -> ResponseReturnValue:
    """Away with it; for an hour it can be restored."""
    conversations.remove(web.session(), _conversation(id))
    return Response(status=204)


@bp.post("/chat/conversations/<id>/restore")
@requires(Scope.RECORDS_READ)
def restore(id: str) -> ResponseReturnValue:
    """Undo of the deletion."""
    conversation = _conversation(id, deleted=True)
    conversations.restore(web.session(), conversation)
    return jsonify(presenting.summary(conversation))


@bp.get("/chat/conversations/<id>/export")
@requires(Scope.RECORDS_READ)
def export(id: str) -> ResponseReturnValue:
    """The whole conversation as a file: Markdown to read, JSON for programs."""
    conversation = _conversation(id)
    wanted = request.args.get("format", "md")
    if wanted not in ("md", "json"):
        raise Invalid.field("format", "A conversation is exported as md or json.")
    found = conversations.messages(web.session(), conversation, limit=None)
    if wanted == "json":
        answer = jsonify(presenting.whole(conversation, found, card=_card))
    else:
        text = presenting.as_markdown(conversation, found, name=web.current_user.name)
        answer = Response(text, mimetype="text/markdown")
    answer.headers["Content-Disposition"] = f'attachment; filename="conversation-{conversation.id}.{wanted}"'
    return answer


@bp.post("/chat/messages/<turn>/rating")
@requires(Scope.RECORDS_READ)
def rate(turn: str) -> ResponseReturnValue:
    """What one thought of an answer: 1, -1, or 0 to take it back; and why."""
    given = _body(Rating)
    answer = turns.rate(web.session(), web.current_user.id, http.public_id(turn), given.score, given.why)
    return jsonify({"turn": turn, "rating": answer.rating, "rating_reason": answer.rating_reason})


@bp.get("/chat/actions/<id>")
@requires(Scope.RECORDS_READ)
def show_action(id: str) -> ResponseReturnValue:
    """What became of it: how far a change of many is, while it goes on."""
    user = web.get_or_404(User, web.current_user.id)
    return jsonify({"action": _card(actions.find(web.session(), http.public_id(id), user=user))})


@bp.post("/chat/actions/<id>/undo")
@requires(Scope.RECORDS_READ)
def undo(id: str) -> ResponseReturnValue:
    """Take back what the assistant did on one's word."""
    user = web.get_or_404(User, web.current_user.id)
    action = actions.find(web.session(), http.public_id(id), user=user)
    actions.undo(web.session(), action, user=user)
    return jsonify({"action": _card(action)})


def chatbot_url(settings: Settings, host: str) -> str:
    """Where the browser that sees the CRM under `host` finds the chatbot: under the same name, if it has one there."""
    if settings.chatbot_public_url:
        return settings.chatbot_public_url.rstrip("/")
    name = urlsplit(f"//{host}").hostname
    known = [origin for origin in headers.chatbot_origins(settings) if origin.startswith("http")]
    return next((origin for origin in known if urlsplit(origin).hostname == name), known[-1])


def _conversation(id: str, *, deleted: bool = False) -> ChatConversation:
    """One's own. Raises NotFound for everybody else's."""
    return conversations.get(web.session(), web.current_user.id, http.public_id(id), deleted=deleted)


def _card(action: ChatAction) -> dict[str, object]:
    """As the wire shows it: the card, and what became of it."""
    shown = cards.card(action)
    return {**shown, **(cards.result(action) or {}), "status": shown["state"]}


def _body(model: type[ModelT]) -> ModelT:
    http.limit_body(MAX_BODY_BYTES)
    return http.parsed(model)
