"""Reading a script's request without trusting it, and answering it.

JSON here has no duplicate keys, no NaN, no half characters: what Python's parser lets through would reach the database.
Everything wrong is a 4xx that names the field.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

from flask import Response, request
from pydantic import BaseModel
from werkzeug.exceptions import RequestEntityTooLarge

from crm import web
from crm.errors import BadRequest
from shared.config import MAX_UPLOAD_BYTES
from shared.errors import AppError, Invalid, NotFound, TooLarge
from shared.schemas.ids import LARGEST_ID, id_of

JSON_BYTES = 5 * 1024 * 1024
#: A transcript of 20 MB inside JSON or multipart: escapes and boundaries add to it.
UPLOAD_BYTES = 2 * MAX_UPLOAD_BYTES + 1024 * 1024
#: What stands around a file in a form.
FORM_EXTRA_BYTES = 1024 * 1024
_LARGEST_INT = 2**63 - 1
#: What may be a number beyond that: many digits, or a great exponent.
_HUGE = re.compile(r"\d{19}|\d[eE]\+?\d{3}")

ModelT = TypeVar("ModelT", bound=BaseModel)


class UnsupportedMediaType(AppError):
    status = 415
    title = "Unsupported media type"


class PreconditionRequired(AppError):
    status = 428
    title = "Version required"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a view answers; `body` None is an empty answer, `file` one that is not JSON."""

    body: dict[str, Any] | None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    file: Response | None = None

    def response(self) -> Response:
        if self.file is not None:
            return self.file
        if self.body is None:
            return Response(status=self.status, headers=self.headers)
        text = json.dumps(self.body, ensure_ascii=False, separators=(",", ":"))
        return Response(text, self.status, self.headers, mimetype="application/json")


def versioned(shown: dict[str, Any], *, status: int = 200, location: str | None = None) -> Reply:
    """A record with its version as ETag."""
    headers = {"ETag": f'"{shown["version"]}"'}
    if location:
        headers["Location"] = location
    return Reply(shown, status, headers)


# --- Bodies


def limit_body(limit: int) -> None:
    """Refuse to read more than this of the present request."""
    request.max_content_length = limit
    request.max_form_memory_size = limit


def raw_body() -> bytes:
    """The body's bytes. Raises TooLarge."""
    limit = request.max_content_length or 0
    message = f"The body is too large: at most {limit // 1024 // 1024} MB here."
    try:
        body = request.get_data(cache=True)
    except RequestEntityTooLarge:
        raise TooLarge(message) from None
    if request.content_length is None and len(body) >= limit:  # a chunked body is cut there without a word
        raise TooLarge(message)
    return body


def json_object(*, optional: bool = False) -> dict[str, Any]:
    """The body, which must be one JSON object; `optional` lets an empty body be an empty one."""
    raw = raw_body()
    if optional and not raw.strip():
        return {}
    _require_json()
    found = parse_json(raw)
    if not isinstance(found, dict):
        raise Invalid.field("", "The body must be a JSON object.")
    return found


def parsed(model: type[ModelT], *, optional: bool = False) -> ModelT:
    """The body against a schema."""
    return web.parse(model, json_object(optional=optional))


def _require_json() -> None:
    kind = request.mimetype
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if (kind != "application/json" and not kind.endswith("+json")) or charset not in ("utf-8", "utf8", "us-ascii"):
        given = request.content_type or "nothing"
        raise UnsupportedMediaType(f"Send JSON in UTF-8 with Content-Type: application/json (this was {given[:100]}).")


def parse_json(raw: bytes) -> Any:
    """JSON, strictly. Raises BadRequest where it is not JSON, Invalid where it is but cannot be meant."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"The body is not UTF-8: byte {error.start} does not belong there.") from None
    try:
        found = json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_int=_bounded_int,
        )
    except json.JSONDecodeError as error:
        raise BadRequest(f"The body is not valid JSON: line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise BadRequest("The body is nested too deeply.") from None
    if "\\u" in text or _HUGE.search(text):
        _refuse_unkeepable(found, ())
    return found


def parse_part(name: str, text: str) -> Any:
    """JSON in one field of a form. Raises Invalid naming the field."""
    try:
        return parse_json(text.encode("utf-8", "replace"))
    except BadRequest as error:
        raise Invalid.field(name, str(error).replace("The body", "This", 1)) from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        name = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Invalid.field(printable(name), "This key stands twice in one object.")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise BadRequest(f"{name} is not a JSON number.")


def _bounded_int(digits: str) -> int | float:
    """A whole number; infinite if no column holds it, so that it is refused where it stands."""
    return math.inf if len(digits) > 20 or abs(int(digits)) > _LARGEST_INT else int(digits)


def _refuse_unkeepable(value: Any, path: tuple[str, ...]) -> None:
    """Half a surrogate pair (`\\ud800`) is a string in Python and none in any database; infinity no number there."""
    if isinstance(value, str):
        if any("\ud800" <= c <= "\udfff" for c in value):
            raise Invalid.field(".".join(path), "Half a surrogate pair is not a character.")
    elif isinstance(value, float):
        if math.isinf(value):
            raise Invalid.field(".".join(path), "This number is too large.")
    elif isinstance(value, dict):
        for key, entry in value.items():
            _refuse_unkeepable(key, (*path, printable(key)))
            _refuse_unkeepable(entry, (*path, printable(key)))
    elif isinstance(value, list):
        for i, entry in enumerate(value):
            _refuse_unkeepable(entry, (*path, str(i)))


def printable(text: str) -> str:
    """A key as it may be repeated in an answer."""
    return text.encode("utf-8", "replace").decode("utf-8")[:100]


# --- Query strings, ids, versions, cursors


def query(model: type[ModelT]) -> ModelT:
    """The query string against a schema; a parameter given twice is refused."""
    for name, values in request.args.lists():
        if len(values) > 1:
            raise Invalid.field(printable(name), "This parameter is given twice.")
        if "\0" in values[0]:
            raise Invalid.field(printable(name), "This holds a NUL character.")
    return web.parse(model, request.args.to_dict())


def path_id(text: str) -> int:
    """An id from the address. Whatever cannot be one names nothing: NotFound."""
    id = id_of(text)
    if id is None:
        raise NotFound(f"There is no record with id “{text[:50]}”.")
    return id


def public_id(text: str) -> str:
    """A public id from the address, as `a_…`. Whatever cannot be one names nothing: NotFound."""
    if re.fullmatch(r"[a-z]_[A-Za-z0-9_-]{1,37}", text):
        return text
    raise NotFound(f"There is nothing with id “{text[:50]}”.")


def take_version(body: dict[str, Any]) -> int | None:
    """The version a change was made against: `If-Match`, else the body's `version`, which is taken out of it.

    None for `If-Match: *`. Raises PreconditionRequired if there is neither.
    """
    given = body.pop("version", None)
    header = request.headers.get("If-Match", "").strip()
    if header == "*":
        return None
    if header:
        return _version(header.removeprefix("W/").strip('"'), "If-Match")
    if given is None:
        raise PreconditionRequired(
            'Say which version you read: If-Match: "3", or version in the body. A changed record is never overwritten.'
        )
    if isinstance(given, bool) or not isinstance(given, int):
        raise Invalid.field("version", "The version is a whole number.")
    return given


def header_version() -> int | None:
    """The version in `If-Match`, if any."""
    return take_version({}) if request.headers.get("If-Match") else None


def _version(text: str, path: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 16):
        raise Invalid.field(path, f"“{printable(text)}” is no version. Send the number in quotes, as in the ETag.")
    return int(text)


def encode_cursor(kind: str, after: int) -> str:
    """An opaque place in a list."""
    return base64.urlsafe_b64encode(f"{kind}:{after}".encode()).decode().rstrip("=")


def decode_cursor(kind: str, cursor: str | None) -> int | None:
    """The place a cursor of this kind names. Raises Invalid for any other text."""
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    name, _, number = text.partition(":")
    if name != kind or not (number.isdecimal() and len(number) <= 16 and int(number) <= LARGEST_ID):
        raise Invalid.field("cursor", "This is not a cursor of this list. Start again without one.")
    return int(number)
