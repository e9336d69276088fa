"""A letter somebody may send is a note until they do: nothing here sends anything."""

from __future__ import annotations

_DRAFT = {"en": "E-mail draft", "de": "E-Mail-Entwurf"}
_TO = {"en": "To", "de": "An"}


def draft_note(*, language: str, subject: str, to: str, body: str) -> str:
    """The Markdown of a note that keeps a letter. `language` is en or de."""
    head = f"{_DRAFT[language]}: {subject}"
    return "\n\n".join((head, f"{_TO[language]}: {to}", body) if to else (head, body))
