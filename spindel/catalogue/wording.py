"""Texts as words, as they are kept and as they are looked for; sizes in the order of sizes."""

from __future__ import annotations

import functools
import re

from spindel.kit.folding import fold

_HALF = re.compile(r"(?<=[0-9])\s?(?:½|1/2)(?![0-9])")
_WORD = re.compile(r"(?<![^\W_])[0-9]+[.,][0-9]+(?![^\W_])|[^\W_]+")


def words(text: str) -> list[str]:
    """The words of a text, whatever stands between them. A size is one: 36½, 36 1/2 and 36,5 are
    36.5.
    """
    found = _WORD.findall(_HALF.sub(".5", text.lower()))
    return [one.replace(",", ".") for one in found]


@functools.lru_cache(20_000)  # a feed says the same few thousand words again and again
def plain(word: str) -> str:
    """The word without accents; empty where it has no letters or digits of its own."""
    return re.sub(r"[^\w.]|_", "", fold(word))


def in_order(value: str) -> tuple[int, float, str]:
    """A key that puts sizes in the order of sizes: 9 before 10, 36 before 36½, S before XL."""
    sizes = ("xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl")
    if value.lower() in sizes:
        return 1, sizes.index(value.lower()), ""
    number = re.match(r"[0-9]{1,9}(?:\.[0-9]{1,4})?", _HALF.sub(".5", value).replace(",", "."))
    if number:
        return 0, float(number[0]), value
    return 2, 0, fold(value)


def in_language(texts: dict[str, str], language: str, without: str) -> str:
    """The text in the language, else in another that there is, else `without`."""
    for each in (language, "sv", "da", "en"):
        if texts.get(each):
            return texts[each]
    return without
