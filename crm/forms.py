"""A little around WTForms, which draws our forms; checking what was typed is the schemas' work.

form = PersonForm(request.form)
try:
    user = users.create_user(web.session(), web.parse(UserInput, form.data), by=web.actor())
except Invalid as error:
    show_errors(form, error)
    return web.page("settings/people.html", status=422, form=form)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import Form
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than WTForms 3.3

from shared.errors import AppError


def options(pairs: Iterable[tuple[str, Any] | str]) -> Any:
    """The choices of a SelectField: (value, label) pairs, or values that are their own labels."""
    return [SelectChoice(pair, pair) if isinstance(pair, str) else SelectChoice(pair[0], pair[1]) for pair in pairs]


def show_errors(form: Form, error: AppError) -> None:
    """Put an error beside the fields it names, and above the form what names none."""
    rest = []
    for problem in error.errors:
        field = form._fields.get(problem.path.partition(".")[0])
        if field is None:
            rest.append(problem.message)
        else:
            field.errors = [*field.errors, problem.message]
    form.form_errors = [*form.form_errors, *(rest if error.errors else [error.detail])]
