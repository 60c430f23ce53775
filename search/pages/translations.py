"""The messages of each language, compiled from `web/locales/<language>.po` at start-up."""

from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from search.pages.static_files import WEB


def load_translations(language: str) -> Translations:
    """The messages of a language, compiled from `web/locales/<language>.po`; English needs no file."""
    path = WEB / "locales" / f"{language}.po"
    if not path.exists():
        return Translations()
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)
