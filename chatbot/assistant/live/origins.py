"""Which pages may talk to the chatbot: the CRM's own, under the names a browser knows them by."""

from __future__ import annotations

from urllib.parse import urlsplit

from shared.config import Settings

_ANY = ("0.0.0.0", "::", "")  # noqa: S104 (where a server listens is no origin)


def allowed(settings: Settings) -> frozenset[str]:
    """Origins as browsers write them: `CRM_PUBLIC_URL`, and the CRM's port on this machine under both its names."""
    hosts = {"localhost", "127.0.0.1", "[::1]"}
    if settings.crm_host not in _ANY:
        hosts.add(f"[{settings.crm_host}]" if ":" in settings.crm_host else settings.crm_host.casefold())
    found = {_origin("http", host, settings.crm_port) for host in hosts}
    if settings.crm_public_url:
        parts = urlsplit(settings.crm_public_url)
        host = parts.hostname or ""
        found.add(_origin(parts.scheme, f"[{host}]" if ":" in host else host, parts.port))
    return frozenset(found)


def _origin(scheme: str, host: str, port: int | None) -> str:
    is_usual = port is None or port == {"http": 80, "https": 443}.get(scheme)
    return f"{scheme}://{host}" + ("" if is_usual else f":{port}")
