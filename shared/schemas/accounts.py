"""What people type about themselves, their colleagues and their workspace: checked here, applied by the verbs."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Annotated, Any, Literal, get_args
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

#: As in `shared.models.Role`, which this layer may not know.
RoleName = Literal["admin", "manager", "member", "viewer"]

#: Languages the interface is written in, with their own names.
LOCALES = {"en": "English", "de": "Deutsch", "he": "עברית"}


#: Colours of what can be acted on; tests hold each against WCAG's contrasts (frontend/src/css/accents.css).
Accent = Literal["teal", "green", "plum", "rust", "slate"]
ACCENTS: tuple[Accent, ...] = get_args(Accent)


@lru_cache(maxsize=1)
def timezones() -> tuple[str, ...]:
    """IANA zones a person may choose, sorted."""
    return tuple(sorted(z for z in available_timezones() if z == "UTC" or ("/" in z and not z.startswith("Etc/"))))


@lru_cache(maxsize=1)
def _every_zone() -> frozenset[str]:
    return frozenset(available_timezones())


#: Of ISO 4217, but no money: no currency, tests, metals, units of account.
NO_MONEY = frozenset(("XXX", "XTS", "XAG", "XAU", "XPD", "XPT", "XBA", "XBB", "XBC", "XBD", "XFU", "XRE"))


@lru_cache(maxsize=1)
def currencies() -> tuple[str, ...]:
    """ISO 4217 codes known to Babel, sorted, historic ones too: deals from long ago may be in them."""
    from babel.numbers import list_currencies  # reads a locale file

    return tuple(sorted(list_currencies() - NO_MONEY))


@lru_cache(maxsize=1)
def current_currencies() -> tuple[str, ...]:
    """Those that are legal tender somewhere today, sorted: what is offered."""
    from babel.core import get_global  # as above

    tenders = (tender for of_land in get_global("territory_currencies").values() for tender in of_land)
    return tuple(sorted({code for code, _since, until, is_tender in tenders if until is None and is_tender}))


def _timezone(value: str) -> str:
    if value not in _every_zone():
        raise ValueError("must be a time zone such as Europe/Berlin")
    return value


def _currency(value: str) -> str:
    code = value.upper()
    if code not in currencies():
        raise ValueError("must be an ISO currency code such as EUR")
    return code


def _locale(value: str) -> str:
    if value not in LOCALES:
        raise ValueError(f"must be one of {', '.join(LOCALES)}")
    return value


#: What most addresses look like, and about which the whole check would say the same, eight times as slowly.
_PLAIN_ADDRESS = re.compile(
    r"([a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*)(?<!.{65})"
    r"@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63})",
    re.IGNORECASE | re.ASCII,
)


def email_address(value: str) -> str:
    """A valid address, its domain in lower case; what stands before the @ is kept as written. Raises ValueError."""
    if len(value) <= 254 and (plain := _PLAIN_ADDRESS.fullmatch(value)) and "--" not in plain[2]:
        return f"{plain[1]}@{plain[2].lower()}"
    import email_validator  # compiles large patterns

    # `.test` and `.local` are what networks without the internet call themselves.
    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
    try:
        return email_validator.validate_email(value, check_deliverability=False).normalized
    except email_validator.EmailNotValidError as error:
        raise ValueError("must be an e-mail address such as ann@example.com") from error


def _email(value: str) -> str:
    return email_address(value).casefold()


def _domain(value: str) -> str:
    domain = value.strip().casefold().removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/.")
    if not domain or len(domain) > 253 or any(c.isspace() or c in "@/\\:" for c in domain) or "." not in domain:
        raise ValueError("must be a domain such as example.com")
    return domain


def is_visible(text: str) -> bool:
    """Whether anything of a text can be seen: a name of nothing else could be neither read nor clicked."""
    return any(c.isascii() or unicodedata.category(c)[0] not in "CZ" for c in text)


def _one_line(value: str) -> str:
    value = " ".join(value.replace("\x00", " ").split())
    if not is_visible(value):
        raise ValueError("must not be empty")
    return value


def _blank_is_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _once_each(values: list[str] | None) -> list[str] | None:
    return None if values is None else list(dict.fromkeys(values))


Line = Annotated[str, AfterValidator(_one_line)]
Email = Annotated[str, Field(max_length=254), AfterValidator(_email)]
#: Spaces belong to a password; how long it must be is `shared.accounts.users`' to say.
Password = Annotated[str, StringConstraints(strip_whitespace=False)]
Timezone = Annotated[str, AfterValidator(_timezone)]
Currency = Annotated[str, AfterValidator(_currency)]
Locale = Annotated[str, AfterValidator(_locale)]
Domain = Annotated[str, AfterValidator(_domain)]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class OwnCompany(_Input):
    """The side that keeps this CRM, so that an analysis knows whose promises are ours."""

    name: Annotated[Annotated[Line, Field(max_length=200)] | None, BeforeValidator(_blank_is_none)] = None
    domains: list[Domain] = Field(default_factory=list, max_length=20)


class WorkspacePatch(_Input):
    """Fields left out stay as they are. `week_start` 0 is Monday; `fiscal_year_start` is a month, 1-12."""

    name: Annotated[Line, Field(max_length=200)] | None = None
    timezone: Timezone | None = None
    currency: Currency | None = None
    locale: Locale | None = None
    week_start: int | None = Field(default=None, ge=0, le=6)
    fiscal_year_start: int | None = Field(default=None, ge=1, le=12)
    own_company: OwnCompany | None = None
    chat_retention_days: Annotated[int | None, BeforeValidator(_blank_is_none)] = Field(
        default=None,
        ge=0,
        le=3650,
        description="Conversations are deleted so many days after their last word; 0 or null: never.",
    )
    accent: Annotated[Accent | None, BeforeValidator(_blank_is_none)] = Field(
        default=None, description="Colour of buttons and links; null is Afterword's own."
    )
    second_factor_required: bool | None = Field(
        default=None, description="Whether everybody must sign in with a second factor, too."
    )
    bin_days: Annotated[int | None, BeforeValidator(_blank_is_none)] = Field(
        default=None,
        ge=0,
        le=3650,
        description="Deleted records are gone after so many days; 0 or null: never.",
    )
    stale_days: int | None = Field(
        default=None, ge=0, le=3650, description="Days in one stage after which a deal is stale; 0: never."
    )
    lost_reasons: Annotated[list[Annotated[Line, Field(max_length=100)]] | None, AfterValidator(_once_each)] = Field(
        default=None, max_length=30, description="Offered when a deal is lost."
    )
    version: int | None = None


class WorkspaceOut(BaseModel):
    """A workspace as the API and the settings page show it."""

    id: int
    name: str
    timezone: str
    currency: str
    locale: str
    week_start: int
    fiscal_year_start: int
    own_company: OwnCompany
    chat_retention_days: int | None
    bin_days: int | None
    accent: str | None
    second_factor_required: bool
    stale_days: int
    lost_reasons: list[str]
    version: int


class UserInput(_Input):
    """A new colleague. Without a password they set their own by a one-time link."""

    email: Email
    name: Annotated[str, Field(max_length=200)] = ""
    role: RoleName = "member"
    password: Annotated[Password | None, BeforeValidator(_blank_is_none)] = Field(default=None)


class ProfilePatch(_Input):
    """What people change about themselves. Empty zone or language: the workspace's; a box not ticked is absent.

    `mail_aliases` are addresses they write from beside the one they sign in with.
    """

    name: Annotated[Line, Field(max_length=200)]
    timezone: Annotated[Timezone | None, BeforeValidator(_blank_is_none)] = None
    locale: Annotated[Locale | None, BeforeValidator(_blank_is_none)] = None
    single_keys: bool = False
    mail_aliases: list[Email] = Field(default_factory=list, max_length=20)


class SetUp(_Input):
    """The first page of a new installation; the workspace goes on in the language it was read in."""

    workspace_name: Annotated[Line, Field(max_length=200)]
    own_company: Annotated[Annotated[Line, Field(max_length=200)] | None, BeforeValidator(_blank_is_none)] = None
    timezone: Timezone = "UTC"
    currency: Currency = "EUR"
    locale: Locale = "en"
    name: Annotated[Line, Field(max_length=200)]
    email: Email
    password: Password
