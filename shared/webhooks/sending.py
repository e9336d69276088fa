"""One request to an address somebody typed: pinned, short, not redirected, and read no further than needed."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import httpx

from shared.webhooks import guard

#: From the first byte of the look-up to the last of the answer.
TIMEOUT_S = 10.0
CONNECT_S = 4.0
#: So much of an answer is read, and so much of it kept.
READ_BYTES, KEPT_CHARS = 16 * 1024, 4000
_KEPT_HEADERS, _KEPT_HEADER_CHARS = 30, 200


@dataclass(frozen=True, slots=True)
class Request:
    """What goes out. `headers` are signed already."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `error` says why it does not count as delivered, None where it does."""

    ms: int
    error: str | None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None

    @property
    def retry_after_s(self) -> int | None:
        """How long the receiver asked to be left alone, seconds, at most a day."""
        text = self.headers.get("retry-after", "")
        return min(int(text), 86400) if self.status in (429, 503) and text.isascii() and text.isdecimal() else None


def client() -> httpx.AsyncClient:
    """For a round of requests. No proxy of the environment: the guard has looked at the address itself."""
    timeout = httpx.Timeout(TIMEOUT_S, connect=CONNECT_S)
    return httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False, http2=False)


async def send(via: httpx.AsyncClient, request: Request, *, allow_private: bool) -> Answer:
    """Make the request. Never raises for what the other side does."""
    began = time.monotonic()

    def since() -> int:
        return round((time.monotonic() - began) * 1000)

    try:
        # One limit around everything: a server that drips a byte a second would never hit those of single reads.
        response, body = await asyncio.wait_for(_post(via, request, allow_private=allow_private), TIMEOUT_S)
    except guard.Refused as refused:
        return Answer(since(), refused.detail)
    except (TimeoutError, httpx.TimeoutException):
        return Answer(since(), f"No answer within {TIMEOUT_S:.0f} seconds.")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        return Answer(since(), _broken(error)[:300])
    headers = {k[:100]: v[:_KEPT_HEADER_CHARS] for k, v in list(response.headers.items())[:_KEPT_HEADERS]}
    text = body.decode("utf-8", "replace").replace("\x00", "\ufffd")[:KEPT_CHARS]
    return Answer(since(), _fault(response.status_code), response.status_code, headers, text)


def _broken(error: Exception) -> str:
    is_about_trust = "certificate" in str(error).lower() or "ssl" in str(error).lower()
    if isinstance(error, httpx.ConnectError) and not is_about_trust:  # whose own words say nothing else
        return "No connection: nothing listens at this address, or something on the way refuses it."
    reason = str(error) or type(error).__name__
    return f"The connection failed ({reason})."


def _fault(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return f"It answered with a redirect ({status}), which is not followed. Enter the address it leads to."
    return f"It answered {status}; only 2xx counts as delivered."


async def _post(via: httpx.AsyncClient, request: Request, *, allow_private: bool) -> tuple[httpx.Response, bytes]:
    url = httpx.URL(request.url)
    port = url.port or (443 if url.scheme == "https" else 80)
    address = await guard.resolve(url.host, port, allow_private=allow_private)
    headers = {
        "Host": url.netloc.decode(),
        "Content-Type": "application/json",
        "User-Agent": "Afterword-Webhooks/1",
        "Accept-Encoding": "identity",  # the answer is read unopened: no bomb in it
        **request.headers,
    }
    pinned = url.copy_with(host=address)
    built = via.build_request("POST", pinned, headers=headers, content=request.body)
    built.extensions["sni_hostname"] = url.raw_host.decode()  # the certificate is still the name's
    response = await via.send(built, stream=True)
    try:
        body = b""
        async for piece in response.aiter_raw():
            body += piece
            if len(body) >= READ_BYTES:
                break
    finally:
        await response.aclose()
    return response, body[:READ_BYTES]
