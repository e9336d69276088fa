"""A form as a browser without scripts sends it."""

from __future__ import annotations

from html.parser import HTMLParser

from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from .conftest import Browser

Sent = MultiDict[str, str]


class _Forms(HTMLParser):
    """The inputs of each form of a page, by its action; what stands in a <template> is no input."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, Sent] = {}
        self._form: Sent | None = None
        self._templates = 0
        self._area: tuple[str, list[str]] | None = None
        self._list: tuple[str, list[tuple[str, bool]]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "template":
            self._templates += 1
        elif tag == "form":
            self._form = self.forms.setdefault(given.get("action", ""), MultiDict())
        elif self._form is None or self._templates:
            return
        elif tag == "textarea":
            self._area = (given["name"], [])
        elif tag == "select":
            self._list = (given["name"], [])
        elif tag == "option" and self._list is not None:
            self._list[1].append((given.get("value", "\0"), "selected" in given))
        elif (
            tag == "input"
            and given.get("name")
            and not (given.get("type") in ("checkbox", "radio") and "checked" not in given)
        ):
            self._form.add(given["name"], given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area[1].append(data)
        elif self._list is not None and self._list[1] and self._list[1][-1][0] == "\0":
            self._list[1][-1] = (data, self._list[1][-1][1])

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._templates -= 1
        elif tag == "form":
            self._form = None
        elif tag == "textarea" and self._area is not None and self._form is not None:
            name, parts = self._area
            self._form.add(name, "".join(parts).removeprefix("\n").replace("\n", "\r\n"))
            self._area = None
        elif tag == "select" and self._list is not None and self._form is not None:
            name, options = self._list
            if options:
                self._form.add(name, next((value for value, chosen in options if chosen), options[0][0]))
            self._list = None


def form_on(page: str, action: str) -> Sent:
    """What the form of this action sends where nobody touches it."""
    parser = _Forms()
    parser.feed(page)
    assert action in parser.forms, f"no form for {action}: {list(parser.forms)}"
    return parser.forms[action]


def send(browser: Browser, action: str, form: Sent, **changed: str | list[str]) -> TestResponse:
    """Send a form with some inputs filled in anew."""
    sent = form.copy()
    for name, value in changed.items():
        sent.setlist(name, value if isinstance(value, list) else [value])
    return browser.client.post(action, data=sent)
