"""`python -m crm.translations` brings every catalogue up to the source: new texts empty, gone ones left out."""

from __future__ import annotations

import io

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po

from crm import translations
from crm.translations import sources
from shared.schemas.accounts import LOCALES

_HEADER = """# The words of the pages in {name}. `python -m crm.translations` brings them up to the source.
msgid ""
msgstr ""
"Project-Id-Version: Afterword\\n"
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""


def main() -> None:
    """Rewrite the catalogues; nothing is guessed from texts that look alike."""
    template = sources.extract()
    for language in LOCALES:
        path = translations.path_of(language)
        if path.exists():
            old = translations.read(language)
            print(f"{language}: {_update(old, template)} of {len(template)} texts have no translation")  # noqa: T201
            write(old, language)


def _update(catalog: Catalog, template: Catalog) -> int:
    catalog.update(template, no_fuzzy_matching=True, update_header_comment=False, update_creation_date=False)
    catalog.obsolete.clear()
    return sum(1 for message in catalog if message.id and not is_translated(message))


def is_translated(message: Message) -> bool:
    """Whether every form of a text has words."""
    return bool(message.string) if isinstance(message.string, str) else all(message.string or [None])


def write(catalog: Catalog, language: str) -> None:
    """Sorted by text, without line numbers or dates: two branches that add texts seldom meet on one line."""
    entries = io.BytesIO()
    write_po(entries, catalog, width=120, omit_header=True, sort_output=True, include_lineno=False)
    header = _HEADER.format(name=Locale.parse(language).english_name, language=language, plurals=catalog.plural_forms)
    translations.path_of(language).write_text(header + entries.getvalue().decode(), encoding="utf-8")


if __name__ == "__main__":
    main()
