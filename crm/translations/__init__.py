"""The words of the pages in other languages: one `.po` file each, read when the first page in it is asked for.

    source ─ sources.extract ─▶ python -m crm.translations ─▶ de/LC_MESSAGES/messages.po ─ load ─▶ gettext

There is no compiled file to forget: reading one takes 0.1 s, once in a process. What one lacks stands in English.
Sentences that `shared/` raises as errors have no gettext there, since the assistant uses them too; they are in the
catalogues as they are written, f-strings with `{name}` for what they fill in, and `errors.in_words` finds them again.
"""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

FOLDER = Path(__file__).parent


def path_of(language: str) -> Path:
    """Where the catalogue of a language lies, whether or not there is one."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    """The catalogue as it is written. Raises FileNotFoundError."""
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


@lru_cache
def load(language: str) -> Translations | None:
    """What gettext looks words up in; None for a language without a catalogue."""
    if not path_of(language).exists():
        return None
    compiled = io.BytesIO()
    write_mo(compiled, read(language))
    compiled.seek(0)
    return Translations(compiled)
