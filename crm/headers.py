"""What every answer says to the browser, and which hosts the app answers to.

The Content-Security-Policy allows scripts and styles from our own files alone: no inline code, no other site. The host
check is what keeps a page on another site from reaching a CRM on this machine by pointing its own name at 127.0.0.1.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from flask import Flask, Response, request

from shared.config import Settings
from shared.errors import AppError

#: Answered whatever the host is called: they are asked by load balancers and say nothing about the business.
HEALTH_PATHS = frozenset({"/healthz", "/readyz"})
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class WrongHost(AppError):
    status = 400
    title = "Wrong address"


def init_app(app: Flask, settings: Settings) -> None:
    """Check the host of every request, add the headers to every answer."""
    trusted = trusted_hosts(settings)
    any_address = not is_loopback(settings.crm_host)
    policy = content_security_policy(settings)
    is_https = settings.crm_url.startswith("https://")

    @app.before_request
    def _check_host() -> None:
        host = _host_name(request.host)
        known = host in trusted or (any_address and _is_address(host))
        if not known and request.path not in HEALTH_PATHS:
            raise WrongHost("Afterword does not answer to this host name. If it should, set CRM_PUBLIC_URL to it.")

    @app.after_request
    def _add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
        headers.setdefault("Cache-Control", "no-store")
        if is_https:  # the login works nowhere else there: its cookie is a secure one
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


def content_security_policy(settings: Settings) -> str:
    """The policy of every page; the chatbot's origins are the only other ones a script may talk to."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            f"connect-src 'self' {' '.join(chatbot_origins(settings))}",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


def chatbot_origins(settings: Settings) -> list[str]:
    """HTTP and websocket origins of the chatbot as a browser sees it; both names of this machine by default."""
    if settings.chatbot_public_url:
        parts = urlsplit(settings.chatbot_public_url)
        hosts, secure = [parts.netloc], parts.scheme == "https"
    else:
        names = dict.fromkeys(["localhost", "127.0.0.1"])
        if not is_loopback(settings.chatbot_host) and settings.chatbot_host not in ("0.0.0.0", "::"):  # noqa: S104
            names[settings.chatbot_host] = None
        hosts, secure = [f"{name}:{settings.chatbot_port}" for name in names], False
    schemes = ("https", "wss") if secure else ("http", "ws")
    return [f"{scheme}://{host}" for host in hosts for scheme in schemes]


def trusted_hosts(settings: Settings) -> frozenset[str]:
    """Host names, without port, that requests may be made to."""
    public = urlsplit(settings.crm_public_url).hostname
    return frozenset({*_LOOPBACK, settings.crm_host.casefold(), *([public] if public else [])})


def _host_name(host: str) -> str:
    """`[::1]:5000` → `[::1]`, `LOCALHOST:5000` → `localhost`."""
    host = host.casefold()
    return host.partition("]")[0] + "]" if host.startswith("[") else host.rpartition(":")[0] or host


def _is_address(host: str) -> bool:
    """Whether the host is an IP address: those cannot be pointed elsewhere by a name server."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server bound to this host."""
    if host.casefold() == "localhost":
        return True
    return _is_address(host) and ipaddress.ip_address(host.strip("[]")).is_loopback
