"""Passwords, tokens and signatures. Nothing here knows a database.

Passwords: argon2id with the library's defaults (RFC 9106, low-memory profile). Tokens are 256 random bits; only their
SHA-256 is stored, which is enough because they cannot be guessed. A secret that must be read again (an authenticator's,
a webhook's) is sealed: encrypted under a key that comes from SECRET_KEY, so that a stolen database does not
give it away.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from functools import cache
from itertools import pairwise
from typing import Any, cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadSignature, URLSafeTimedSerializer

MIN_PASSWORD_CHARS = 8
MAX_PASSWORD_CHARS = 1024  # argon2 would hash a gigabyte if asked to

#: Begin many lists of what is tried first; shorter ones are refused for their length. Spaces and capitals add nothing.
_TRIED_FIRST = """
    123123123 123321123 1234abcd 1q2w3e4r 1q2w3e4r5t 1qaz2wsx abc12345 abcd1234 admin123 administrator afterword
    asdfasdf asdfghjk asdfghjkl baseball changeme computer football geheim123 hallo123
    hallohallo ichliebedich iloveyou iloveyou1 internet letmein1 letmein123 p@ssw0rd p@ssword pa$$word passw0rd password
    password1 password12 password123 passwort passwort1 passwort123 princess qwer1234 qwerty12 qwerty123 qwertyui
    qwertyuiop qwertz123 qwertzui qwertzuiop schatz123 starwars sunshine superman test1234 trustno1 welcome1 welcome123
    whatever willkommen willkommen1 yxcvbnm1
"""
_DIGITS = "12345678901234567890"

_hasher = PasswordHasher()


@cache
def _nobodys_hash() -> str:
    """Verified when the account is unknown, so that an unknown account takes as long as a wrong password.

    Made when first needed: argon2 takes 64 MB and 0.1 s, which no process should spend on starting.
    """
    return _hasher.hash(secrets.token_hex(16))


def is_tried_first(password: str, *about: str) -> bool:
    """Whether whoever guesses begins with this: a usual one, a row of digits, a repetition, or what is known `about`
    its owner (name, address)."""
    plain = "".join(password.casefold().split())
    known = {"".join(words.casefold().split()) for each in about for words in (each, each.partition("@")[0])}
    steps = {ord(b) - ord(a) for a, b in pairwise(plain)}
    return plain in _TRIED_FIRST.split() or plain in known or plain in _DIGITS or len(set(plain)) < 3 or len(steps) == 1


def hash_password(password: str) -> str:
    """argon2id hash in PHC format."""
    return _hasher.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Constant work whether the account exists (`password_hash` given) or not."""
    if len(password) > MAX_PASSWORD_CHARS:
        return False
    try:
        return _hasher.verify(password_hash or _nobodys_hash(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def new_token(prefix: str) -> tuple[str, str]:
    """A new secret token and its hash. `prefix` tells leaked tokens apart (`aw_…`); show the token once."""
    token = f"{prefix}_{secrets.token_urlsafe(32)}"
    return token, hash_token(token)


def hash_token(token: str) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign(secret_key: str, purpose: str, payload: dict[str, Any]) -> str:
    """A signed, timed, URL-safe statement between our own services."""
    return URLSafeTimedSerializer(secret_key, salt=purpose).dumps(payload)


def unsign(secret_key: str, purpose: str, token: str, *, max_age_s: int) -> dict[str, Any] | None:
    """The payload of a statement signed at most `max_age_s` ago, or None."""
    try:
        return cast("dict[str, Any]", URLSafeTimedSerializer(secret_key, salt=purpose).loads(token, max_age=max_age_s))
    except BadSignature:
        return None


def seal(secret_key: str, purpose: str, text: str) -> str:
    """Encrypt and authenticate a secret for one purpose (Fernet: AES-128-CBC with HMAC-SHA256)."""
    sealed: bytes = _box(secret_key, purpose).encrypt(text.encode())
    return sealed.decode()


def unseal(secret_key: str, purpose: str, sealed: str) -> str | None:
    """What was sealed; None under another key or for another purpose."""
    from cryptography.fernet import InvalidToken

    try:
        opened: bytes = _box(secret_key, purpose).decrypt(sealed)
    except InvalidToken:
        return None
    return opened.decode()


def _box(secret_key: str, purpose: str) -> Any:
    from cryptography.fernet import Fernet  # loads OpenSSL, which most processes never need

    key = hmac.digest(secret_key.encode(), f"seal:{purpose}".encode(), "sha256")
    return Fernet(base64.urlsafe_b64encode(key))
