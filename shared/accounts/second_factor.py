"""The second factor: time-based codes (TOTP, RFC 6238) of an authenticator app, and recovery codes for lost phones.

    begin ── a sealed secret, shown as a QR code ─▶ confirm ── a first right code ─▶ it counts; recovery codes, once
    check ── a code of the present 30 seconds, or of those beside them, never used before; or a recovery code

Everything here runs on the wall clock. A code counts once: of two requests that bring the same one the second finds
its time step used. How often one may guess is for `logins` to say.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta

from sqlalchemy import delete, func, select

from shared import clock, events, security
from shared.errors import Conflict, Invalid
from shared.events import Actor
from shared.models import RecoveryCode, SecondFactor, User
from shared.tenancy import TenantSession

STEP_S = 30
#: Clocks of phones go wrong by seconds, and people type slowly: one step to either side counts.
DRIFT_STEPS = 1
#: A secret that was shown and not confirmed is not offered again after this.
SET_UP_LIFETIME = timedelta(hours=1)
RECOVERY_CODES = 10
_PURPOSE = "second-factor"
#: 32 characters that are hard to mistake for each other; 16 of them are 80 bits.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz023456789"


def begin(session: TenantSession, secret_key: str, user: User) -> str:
    """A new secret (base32) for an app, in the place of one that was not confirmed. Raises Conflict if one counts."""
    import pyotp

    factor = _row(session, user)
    if factor is not None and factor.confirmed_at is not None:
        raise Conflict("There is a second factor already. Turn it off first.")
    if factor is None:
        factor = SecondFactor(workspace_id=user.workspace_id, user_id=user.id)
        session.add(factor)
    secret: str = pyotp.random_base32()
    factor.secret, factor.created_at = security.seal(secret_key, _PURPOSE, secret), clock.wall()
    session.flush()
    return secret


def begun(session: TenantSession, secret_key: str, user: User) -> str | None:
    """The secret that waits to be confirmed; None if there is none, or it is too old."""
    factor = session.scalar(select(SecondFactor).where(SecondFactor.user_id == user.id))
    if factor is None or factor.confirmed_at or factor.created_at < clock.wall() - SET_UP_LIFETIME:
        return None
    return security.unseal(secret_key, _PURPOSE, factor.secret)


def uri(secret: str, user: User, issuer: str) -> str:
    """What the QR code says: `otpauth://totp/…`."""
    import pyotp

    return str(pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=user.email, issuer_name=issuer))


def confirm(session: TenantSession, secret_key: str, user: User, code: str, *, by: Actor) -> list[str]:
    """Let the second factor count from now on; returns the recovery codes, which are not kept.

    Raises Invalid for a wrong code, Conflict if nothing waits to be confirmed.
    """
    factor = _row(session, user)
    secret = begun(session, secret_key, user)
    if factor is None or secret is None:
        raise Conflict("This was begun too long ago. Begin again.")
    step = _step(secret, code, after=0)
    if step is None:
        message = "This code does not fit. Is the clock of your phone right? Try the next one."
        raise Invalid.field("code", message)
    factor.last_step = step
    factor.confirmed_at = user.second_factor_at = clock.wall()
    codes = _renew(session, user)
    events.record(session, "user.second_factor_added", by=by, subject=("user", user.id), title=user.name)
    return codes


def check(session: TenantSession, secret_key: str, user: User, code: str) -> bool:
    """Whether a code lets this user in; it is used up then. False also where the secret cannot be opened any more."""
    factor = _row(session, user)
    if factor is None or factor.confirmed_at is None:
        return False
    secret = security.unseal(secret_key, _PURPOSE, factor.secret)
    step = _step(secret, code, after=factor.last_step) if secret else None
    if step is not None:
        factor.last_step = step
        session.flush()
        return True
    return _use_recovery_code(session, user, code)


def renew_codes(session: TenantSession, user: User, *, by: Actor) -> list[str]:
    """New recovery codes in the place of all old ones. Raises Conflict without a second factor."""
    if user.second_factor_at is None:
        raise Conflict("There is no second factor to recover.")
    codes = _renew(session, user)
    events.record(session, "user.recovery_codes_renewed", by=by, subject=("user", user.id), title=user.name)
    return codes


def codes_left(session: TenantSession, user: User) -> int:
    """Recovery codes not used yet."""
    unused = select(func.count()).select_from(RecoveryCode)
    return session.scalar(unused.where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))) or 0


def remove(session: TenantSession, user: User, *, by: Actor) -> None:
    """Let the password alone be enough again: one's own wish, or an admin's help for a lost phone. Twice is once."""
    session.execute(delete(SecondFactor).where(SecondFactor.user_id == user.id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    if user.second_factor_at is None:
        return
    user.second_factor_at = None
    session.flush()
    is_own = by.user_id == user.id
    kind = "user.second_factor_removed" if is_own else "user.second_factor_reset"
    events.record(session, kind, by=by, subject=("user", user.id), title=user.name)


def _row(session: TenantSession, user: User) -> SecondFactor | None:
    """Locked until the transaction ends, so that a code cannot be used twice at the same moment."""
    return session.scalar(select(SecondFactor).where(SecondFactor.user_id == user.id).with_for_update())


def _step(secret: str, code: str, *, after: int) -> int | None:
    """The time step whose code this is, if it is near now and newer than `after`."""
    import pyotp

    code = "".join(code.split())
    if not (code.isascii() and code.isdecimal() and len(code) == 6):
        return None
    totp = pyotp.TOTP(secret, interval=STEP_S)
    now = int(clock.wall().timestamp()) // STEP_S
    near = range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1)
    fits = [step for step in near if hmac.compare_digest(totp.generate_otp(step), code)]
    return next((step for step in fits if step > after), None)


def _renew(session: TenantSession, user: User) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(16)) for _ in range(RECOVERY_CODES)]
    for code in codes:
        hashed = security.hash_token(code)
        session.add(RecoveryCode(workspace_id=user.workspace_id, user_id=user.id, code_hash=hashed))
    session.flush()
    return ["-".join(code[i : i + 4] for i in range(0, 16, 4)) for code in codes]


def _use_recovery_code(session: TenantSession, user: User, code: str) -> bool:
    wanted = security.hash_token("".join(c for c in code.casefold() if c.isalnum()))
    unused = select(RecoveryCode).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    for row in session.scalars(unused):
        if hmac.compare_digest(row.code_hash, wanted):
            row.used_at = clock.wall()
            session.flush()
            by = Actor("user", user.id)
            events.record(session, "user.recovery_code_used", by=by, subject=("user", user.id), title=user.name)
            return True
    return False
