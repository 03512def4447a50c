"""Collect the texts to translate into spindel/locale, with Babel and Django alone.

`python tools/messages.py` brings the catalogues up to date; `--check` only says whether they are,
and whether anything is untranslated. `pybabel compile -d spindel/locale -D django` compiles them.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "spindel" / "locale"
LANGUAGES = ("sv", "da")
# A shop of its own, with templates and words of its own: words.yml.
SHOP = ROOT / "spindel" / "demo" / "storefront"

KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "N_": None,
    "gettext_noop": None,
    "_later": None,
}


def collect() -> Catalog:
    """Every text in the package's Python and templates."""
    found = Catalog(project="Spindel", version="0", charset="utf-8")
    for path in sorted((ROOT / "spindel").rglob("*")):
        if SHOP in path.parents:
            continue
        if path.suffix == ".py" and "migrations" not in path.parts:
            source = path.read_text()
        elif path.suffix in (".html", ".txt"):
            # What is left of it is read as Python, to which indentation means something.
            lines = templatize(path.read_text(), origin=str(path)).splitlines()
            source = "\n".join(line.lstrip() for line in lines)
        else:
            continue
        texts = extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS)
        for _line, message, _comments, context in texts:
            flags = ("python-format",) if "%(" in str(message) else ()
            name = str(path.relative_to(ROOT))
            found.add(message, locations=[(name, 0)], flags=flags, context=context)
    return found


def update(language: str, texts: Catalog) -> tuple[bytes, Catalog]:
    """The language's catalogue as it should be on disk, and parsed."""
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    catalogue = Catalog(locale=language)
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
    catalogue.update(texts, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.header_comment = f"# Spindel, {catalogue.locale.english_name}."
    catalogue.fuzzy = False
    catalogue.project, catalogue.version = "Spindel", "0"
    catalogue.msgid_bugs_address = ""
    catalogue.last_translator = catalogue.language_team = "Spindel"
    # The header's times would change with every run.
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    file = io.BytesIO()
    write_po(file, catalogue, width=100, sort_output=True, include_lineno=False, omit_header=False)
    return file.getvalue(), catalogue


def missing(catalogue: Catalog) -> list[str]:
    """The texts that are not translated, or no longer surely so."""
    return [
        str(message.id)
        for message in catalogue
        if message.id and (message.fuzzy or not message.string or not all(_forms(message.string)))
    ]


def _forms(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else string


def main(check: bool) -> int:
    """Update or check every language; the exit status."""
    texts, status = collect(), 0
    for language in LANGUAGES:
        path = LOCALE / language / "LC_MESSAGES" / "django.po"
        content, catalogue = update(language, texts)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        elif not path.exists() or path.read_bytes() != content:
            print(f"{path.relative_to(ROOT)} is not up to date: run python tools/messages.py")
            status = 1
        for text in missing(catalogue):
            print(f"{language}: not translated: {text}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
