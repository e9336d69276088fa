"""Languages, zones and money in pages: the user's choice, else the workspace's, else the browser's."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

import flask_babel
from babel import Locale
from babel.dates import format_date, format_time, format_timedelta, get_datetime_format
from babel.numbers import format_currency, format_decimal, get_currency_precision
from babel.support import NullTranslations
from flask import Flask, current_app, g, has_request_context, request
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape

from crm import assets, translations, web
from crm.translations.errors import in_words as sentence
from shared import clock, errors
from shared.models import User, Workspace
from shared.schemas.accounts import LOCALES, current_currencies


class Manner(NamedTuple):
    """What an answer is written in."""

    language: str
    locale: Locale
    timezone: str
    zone: ZoneInfo
    catalogue: NullTranslations


def init_app(app: Flask) -> None:
    """Install Babel and the template filters `day`, `moment`, `clock_time`, `ago`, `left`, `money`, `number` …"""
    babel = flask_babel.Babel(
        app, locale_selector=lambda: _manner().language, timezone_selector=lambda: _manner().timezone
    )
    babel.domain_instance = _Catalogues()
    errors.in_words = in_words
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # its i18n extension brings it
        gettext=str,  # of templates it is `say`, set below
        ngettext=lambda one, many, n: _manner().catalogue.ungettext(one, many, n),
        pgettext=lambda context, text: _manner().catalogue.upgettext(context, text),
        newstyle=True,
    )
    app.jinja_env.globals |= {"_": say, "gettext": say, "by_language": by_language, "currencies": currencies}
    app.jinja_env.filters |= {
        "day": day,
        "moment": moment,
        "clock_time": clock_time,
        "ago": ago,
        "money": money,
        "number": number,
        "local_input": local_input,
        "left": left,
        "in_words": in_words,
    }


class _Catalogues(flask_babel.Domain):  # type: ignore[misc]  # it has no types
    """Where gettext looks: our catalogues as they are written, not compiled files."""

    def get_translations(self) -> NullTranslations:
        return _manner().catalogue if has_request_context() else NullTranslations()

    def gettext(self, string: str, **variables: Any) -> str:
        """As Babel's, which costs ten times as much: what Python says on a page is said a hundred times."""
        return gettext(string, **variables)


def gettext(text: str, /, **variables: Any) -> str:
    """Flask-Babel's, to be taken instead where something is drawn by the hundred: that looks for its settings first."""
    text = _word(text, _manner().language) if has_request_context() else text
    return text % variables if variables else text


def lazy_gettext(text: str, /) -> LazyString:
    """Flask-Babel's, with the `gettext` above: of what a module names once, a page says a hundred."""
    return LazyString(gettext, text)


def _manner() -> Manner:
    """The manner of this answer, chosen once a request: it is asked for by each word and date of a page."""
    try:
        return cast("Manner", g.manner)
    except AttributeError:
        g.manner = _manner_of(_choose_locale(), _choose_timezone())
        return cast("Manner", g.manner)


def answer_as(user: User, workspace: Workspace) -> None:
    """Say the rest of this answer as for these: it has just changed somebody's language or zone."""
    g.manner = _manner_of(user.locale or workspace.locale, user.timezone or workspace.timezone)


def _choose_locale() -> str:
    user = web.find_user()
    chosen = (user.locale or web.workspace().locale) if user else None
    return chosen if chosen in LOCALES else str(request.accept_languages.best_match(LOCALES, "en"))


def _choose_timezone() -> str:
    user = web.find_user()
    return (user.timezone or web.workspace().timezone) if user else "UTC"


@lru_cache(maxsize=256)
def _manner_of(language: str, timezone: str) -> Manner:
    catalogue = translations.load(language) or NullTranslations()
    return Manner(language, Locale.parse(language), timezone, ZoneInfo(timezone), catalogue)


def say(text: str, **variables: Any) -> Markup:
    """The gettext of templates: a text in the language of this answer, with the variables, escaped, filled in.

    Jinja's own goes through the template's context three times a word.
    """
    if variables:
        return _marked(_word(text, _manner().language)) % variables
    return _said(text, _manner().language)


@lru_cache(maxsize=8192)
def _word(text: str, language: str) -> str:
    return str((translations.load(language) or NullTranslations()).ugettext(text))


@lru_cache(maxsize=8192)
def _said(text: str, language: str) -> Markup:
    return _marked(_word(text, language)) % {}


def _marked(text: str) -> Markup:
    return Markup(text)  # noqa: S704 (it was written by us or a translator)


def in_words(text: str | None) -> str:
    """What `shared/` says or a job has stored, in the language of this answer; outside of a request as it is."""
    return sentence(text, _manner().language) if text and has_request_context() else text or ""


#: What a macro says, cut where its differing arguments stand: text, name, text, name, …, text.
_macros_said: dict[tuple[object, ...], list[str]] = {}
_MOST_MACROS_SAID = 2000
#: Stands for an argument until it is known: characters that no text of ours has.
_HOLE = "\ue000{}\ue001"
_HOLES = re.compile("\ue000(\\w+)\ue001")


def by_language(macro: Any, *arguments: Any, **differing: Any) -> Markup:
    """What a macro says for arguments of which there are few, kept for each language and build of the front end.

    The hundreds of words that the scripts of every page bring along, and the parts of a page that are the same on each,
    do not change while the process runs. Such a macro says nothing that depends on who asks, but by an argument. Those
    given by name differ from page to page: the macro may write them, as text or in an attribute, and do nothing else
    with them. A template global.
    """
    key = (macro.name, _manner().language, assets.build(), *arguments)
    said = _macros_said.get(key)
    if said is None or current_app.debug:
        said = _HOLES.split(macro(*arguments, **{name: _HOLE.format(name) for name in differing}))
        if len(_macros_said) >= _MOST_MACROS_SAID:
            _macros_said.clear()
        _macros_said[key] = said
    if len(said) > 1:
        said = said.copy()
        said[1::2] = [escape(differing[name]) for name in said[1::2]]
    return Markup("".join(said))  # noqa: S704 (a macro has escaped what it says, and the rest is escaped here)


def locale() -> Locale:
    """The language of this answer."""
    return _manner().locale


def zone() -> ZoneInfo:
    """The zone times are shown in."""
    return _manner().zone


def direction() -> str:
    """`rtl` or `ltr`."""
    return str(locale().text_direction)


def today() -> date:
    """The business's present date where the user is."""
    return clock.today(_manner().timezone)


def day(value: date | datetime | None, style: str = "medium") -> str:
    """A date in the user's zone and language; an empty string for None. Styles: short, medium, long, full."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(zone()).date()
    return _written(value, style, locale())


@lru_cache(maxsize=4096)
def _written(day: date, style: str, language: Locale) -> str:
    """A day as text: the rows of a list have few different ones."""
    return str(format_date(day, format=style, locale=language))


def moment(value: datetime | None) -> str:
    """Date and time, to the minute, in the user's zone and language."""
    return "" if value is None else _moment_in(_manner(), value)


def _moment_in(manner: Manner, value: datetime) -> str:
    here = value.astimezone(manner.zone)
    return _moment(here.date(), here.hour * 60 + here.minute, manner.locale)


@lru_cache(maxsize=4096)
def _moment(day: date, minute: int, language: Locale) -> str:
    pattern = str(get_datetime_format("medium", locale=language)).replace("'", "")
    return pattern.replace("{1}", _written(day, "medium", language)).replace("{0}", _minute(minute, language))


def clock_time(value: datetime | None) -> str:
    """Hours and minutes in the user's zone."""
    if value is None:
        return ""
    here = value.astimezone(zone())
    return _minute(here.hour * 60 + here.minute, locale())


@lru_cache(maxsize=4096)
def _minute(minute: int, language: Locale) -> str:
    """A minute of the day, `15:04`, in the language's way: a day has few, a list many times."""
    said = str(format_time(time(*divmod(minute, 60)), format="short", locale=language))
    return said.replace("\u202f", "\u00a0")  # narrow, as the locale has it, 9:00 AM reads as one word on a screen


def local_input(value: datetime | None) -> str:
    """What an input of type `datetime-local` takes, in the user's zone."""
    return "" if value is None else value.astimezone(zone()).strftime("%Y-%m-%dT%H:%M")


def ago(value: datetime | date | None) -> str:
    """`3 hours ago`, `in 2 days`; days count by the calendar, so yesterday evening is never `in 0 days`."""
    if value is None:
        return ""
    if not isinstance(value, datetime):
        return _distance((value - today()).days * 86_400, locale())
    return _ago_in(_manner(), clock.now(), value)


def _ago_in(manner: Manner, now: datetime, value: datetime) -> str:
    # What was done this very second is past: nobody is told that it was added "in 0 seconds".
    return _distance(_coarse(int((value - now).total_seconds())) or -1, manner.locale)


def times(*, as_distance: bool) -> tuple[Callable[[datetime], str], Callable[[datetime], str]]:
    """How many times are written in this answer: in short, as `ago` or `day` does, and as `moment` does."""
    manner = _manner()
    return partial(_ago_in, manner, clock.now()) if as_distance else day, partial(_moment_in, manner)


def left(value: timedelta) -> str:
    """How much longer something takes, about, in the user's language."""
    seconds = value.total_seconds()
    if seconds < 90:
        return gettext("about %(seconds)s s left", seconds=number(max(1, round(seconds))))
    return gettext("about %(minutes)s min left", minutes=number(round(seconds / 60)))


def _coarse(seconds: int) -> int:
    """Seconds without those that nobody is told of: whole minutes beyond an hour, whole hours beyond two days."""
    step = 1 if abs(seconds) < 3600 else 60 if abs(seconds) < 2 * 86_400 else 3600
    return round(seconds / step) * step


@lru_cache(maxsize=8192)
def _distance(seconds: int, language: Locale) -> str:
    return str(format_timedelta(timedelta(seconds=seconds), add_direction=True, locale=language))


#: Asked for first: most trade is in these.
_COMMON = ("EUR", "USD", "GBP", "CHF")


@cache
def currencies() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """ISO 4217 codes that are legal tender somewhere today: the common ones, then all others sorted."""
    return _COMMON, tuple(code for code in current_currencies() if code not in _COMMON)


def money(minor: int | None, currency: str | None = None) -> str:
    """Integer minor units in the currency's own way: 1234500, "EUR" → `€12,345.00`; no cents when they are zero."""
    if minor is None:
        return ""
    return _priced(minor, currency or (web.workspace().currency if web.find_user() else "EUR"), locale())


@lru_cache(maxsize=4096)
def _priced(minor: int, currency: str, language: Locale) -> str:
    digits = get_currency_precision(currency)
    amount = Decimal(minor).scaleb(-digits)
    whole = amount == amount.to_integral_value()
    text = str(
        format_currency(amount, currency, locale=language, currency_digits=False, format=_whole_pattern(language))
        if whole
        else format_currency(amount, currency, locale=language)
    )
    return _LETTER_BY_DIGIT.sub("\u00a0", text)


#: Where a currency is shown by letters, a space belongs between them and the figures: `SEK 5,000`, but `€5,000`.
_LETTER_BY_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


def _whole_pattern(language: Locale) -> str:
    return str(language.currency_formats["standard"].pattern).replace(".00", "")


def number(value: int | float | Decimal | None) -> str:
    """A number with the language's separators."""
    return "" if value is None else _counted(value, locale())


@lru_cache(maxsize=4096)
def _counted(value: int | float | Decimal, language: Locale) -> str:
    return str(format_decimal(value, locale=language))
