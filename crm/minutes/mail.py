"""A letter on its way into somebody's mail program: as an address that opens it, and as a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import getaddresses
from urllib.parse import quote

from flask_babel import gettext as _

from shared.errors import FieldError, Invalid

#: Longer addresses are cut by some mail programs; then the text goes through the clipboard.
LONGEST_MAILTO = 1900
LONGEST = {"to": 5000, "subject": 300, "body": 100_000}
_ADDRESS = re.compile(r"[!#-'*+/-9=?A-Z^-~-]+(\.[!#-'*+/-9=?A-Z^-~-]+)*@[^\W_](?:[\w-]*\.)*[\w-]*[^\W_]")


@dataclass(frozen=True, slots=True)
class Mail:
    """`to` is a line of addresses with names, as people write it."""

    to: str
    subject: str
    body: str


def read(form: dict[str, str]) -> Mail:
    """What a form says, with line feeds as ends of lines. Raises Invalid naming the field."""
    values = {name: form.get(name, "").replace("\r\n", "\n").replace("\0", "") for name in LONGEST}
    errors = [
        FieldError(name, _("This is too long: at most %(n)s characters.", n=most))
        for name, most in LONGEST.items()
        if len(values[name]) > most
    ]
    if not values["body"].strip():
        errors.append(FieldError("body", _("There is no text in it.")))
    if errors:
        raise Invalid(errors[0].message, errors=errors)
    return Mail(" ".join(values["to"].split()), " ".join(values["subject"].split()), values["body"])


def mailto(mail: Mail) -> str:
    """The address that opens the letter in the mail program (RFC 6068)."""
    to = ",".join(quote(address, safe="@") for _name, address in getaddresses([mail.to]) if "@" in address)
    body = mail.body.replace("\n", "\r\n")
    return f"mailto:{to}?subject={quote(mail.subject, safe='')}&body={quote(body, safe='')}"


def as_eml(mail: Mail, *, sender: tuple[str, str]) -> bytes:
    """The letter as a message not sent yet, which mail programs open as a draft.

    Raises Invalid for an address that is none. `sender` is (name, address).
    """
    message = EmailMessage(policy=SMTP)
    if (me := _address(*sender)) is not None:
        message["From"] = me
    found = [pair for pair in getaddresses([mail.to]) if any(pair)]
    addresses = [_address(name, address) for name, address in found]
    known = [address for address in addresses if address is not None]
    if len(known) < len(addresses) or (mail.to and not found):
        wrong = next((" ".join(pair).strip() for pair, ok in zip(found, addresses, strict=True) if ok is None), mail.to)
        text = _("“%(text)s” is no e-mail address.", text=wrong[:60])
        raise Invalid(text, errors=[FieldError("to", text)])
    if known:
        message["To"] = tuple(known)
    message["Subject"] = mail.subject
    message["X-Unsent"] = "1"
    message.set_content(mail.body)
    return message.as_bytes()


def _address(name: str, address: str) -> Address | None:
    """None for what is no address, or none that every mail program knows how to send to."""
    if not _ADDRESS.fullmatch(address):
        return None
    user, _at, domain = address.rpartition("@")
    try:
        return Address(name, username=user, domain=domain.encode("idna").decode())
    except (UnicodeError, ValueError):
        return None
