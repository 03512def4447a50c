"""Which language a text is in, word by word, as far as the catalogues know it.

A word is foreign on a page when the texts of another language have it and those of the page's have
not. What is nobody's word, such as a name, is not noticed at all.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import yaml
from babel import Locale
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("en", "sv", "da")

_WORD = re.compile(r"[^\W\d_]{2,}")
# Placeholders, tags, addresses, file names, and what has digits in it or is all capitals: codes.
_NO_WORDS = re.compile(
    r"%\(\w+\)[sd]|\{\w*\}|<[^>]*>|&\w+;|https?://\S+|\S+@\S+|\b\w+[._/]\w[\w./]*"
    r"|\b\w*\d\w*\b|\b\w+-\d+\b|\b(?-i:[A-Z]{2,4})\b"
)
_SHOP = ROOT / "spindel" / "demo"


def words(text: str) -> set[str]:
    """The words of a text, without what a person does not read as one: addresses, placeholders."""
    return {one.lower() for one in _WORD.findall(_NO_WORDS.sub(" ", text))}


@functools.cache
def vocabulary() -> dict[str, set[str]]:
    """The words that our texts have in each language, with its names of months and days."""
    found: dict[str, set[str]] = {language: set() for language in LANGUAGES}
    for language in ("sv", "da"):
        with (ROOT / f"spindel/locale/{language}/LC_MESSAGES/django.po").open("rb") as file:
            for message in read_po(file, locale=language):
                for text in forms(message.id):
                    found["en"] |= words(text)
                for text in forms(message.string):
                    found[language] |= words(text)
    for path in (_SHOP / "storefront" / "words.yml", _SHOP / "payments" / "words.yml"):
        for english, others in yaml.safe_load(path.read_text()).items():
            found["en"] |= words(english)
            for language, text in others.items():
                found[language] |= words(text)
    for language in LANGUAGES:
        for names in (Locale(language).months, Locale(language).days):
            for width in (*names["format"].values(), *names["stand-alone"].values()):
                found[language] |= words(" ".join(width.values()))
    return found


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """A message, and its plural where it has one."""
    return (text,) if isinstance(text, str) else tuple(text)


def foreign(text: str, language: str) -> set[str]:
    """The words of the text that are another language's and not this one's."""
    known = vocabulary()
    others = set().union(*(known[other] for other in LANGUAGES if other != language))
    return (words(text) & others) - known[language]


class _Reader(HTMLParser):
    """What a person reads or has read to them of a page that is in a language."""

    # In the last two stands what somebody has said or typed.
    _SILENT = ("script", "style", "code", "pre", "q", "textarea")
    _VOID = ("area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr")
    _READ = ("title", "aria-label", "placeholder", "alt", "aria-description")

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language
        self._open: list[tuple[str, bool]] = []
        self.said: list[str] = []

    @property
    def _quiet(self) -> bool:
        return bool(self._open) and self._open[-1][1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        # Of the whole page a wrong one is a fault, and not a quotation.
        other = tag != "html" and given.get("lang") not in (None, self._language)
        quiet = self._quiet or tag in self._SILENT or other or given.get("translate") == "no"
        if not quiet:
            self.said += [value for name in self._READ if (value := given.get(name))]
            if tag == "input" and given.get("type") in ("submit", "button"):
                self.said.append(given.get("value") or "")
        if tag not in self._VOID:
            self._open.append((tag, quiet))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass  # a shape in a drawing

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _ in self._open]
        if tag in names:
            del self._open[len(names) - 1 - names[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if not self._quiet and data.strip():
            self.said.append(data.strip())


def said(html: str, language: str) -> list[str]:
    """What a page in the language says, piece by piece, without what is marked as another's."""
    reader = _Reader(language)
    reader.feed(html)
    return reader.said


def not_in(
    html: str, language: str, allowed: frozenset[str] = frozenset()
) -> Iterator[tuple[str, str]]:
    """The foreign words of a page, each with what was said around it."""
    for piece in said(html, language):
        for word in foreign(piece, language) - allowed:
            yield word, " ".join(piece.split())[:120]
