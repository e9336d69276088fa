"""One blueprint a screen. A new one is one line here."""

from flask import Blueprint

from crm import api
from crm.routes import (
    activities,
    attachments,
    auth,
    bulk,
    calendar,
    chat,
    choices,
    companies,
    contacts,
    day,
    deals,
    duplicates,
    exports,
    forecast,
    home,
    imports,
    meetings,
    mine,
    minutes,
    models,
    notes,
    reports,
    review,
    search,
    second_factor,
    settings,
    speakers,
    task_dates,  # noqa: F401 - adds to `day`
    tasks,
    views,
)
from crm.routes import (
    bin as bin_,
)

#: Pages for people.
ROUTES: tuple[Blueprint, ...] = (
    home.bp,
    auth.bp,
    second_factor.bp,
    settings.bp,
    models.bp,
    activities.bp,
    meetings.bp,
    minutes.bp,
    speakers.bp,
    companies.bp,
    contacts.bp,
    forecast.bp,
    deals.bp,
    tasks.bp,
    day.bp,
    calendar.bp,
    notes.bp,
    views.bp,
    reports.bp,
    bulk.bp,
    search.bp,
    choices.bp,
    attachments.bp,
    mine.bp,
    review.bp,
    duplicates.bp,
    imports.bp,
    exports.bp,
    bin_.bp,
    chat.bp,
    api.docs_bp,
)

#: For scripts: bearer tokens only, no cookies, hence no CSRF tokens.
SCRIPT_ROUTES: tuple[Blueprint, ...] = (api.bp,)
