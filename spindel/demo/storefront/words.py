"""The shop's own words, in its three languages."""

from __future__ import annotations

import functools
from pathlib import Path

import yaml

LANGUAGES = {"sv": "Svenska", "da": "Dansk", "en": "English"}
MARKETS = {"SE": "Sweden", "DK": "Denmark"}
CURRENCIES = {"SE": "SEK", "DK": "DKK"}


def translate(text: str, language: str, **values: object) -> str:
    """The English text in the language, with the values in their places."""
    translated = _words().get(text, {}).get(language, text)
    return translated.format(**values) if values else translated


@functools.cache
def _words() -> dict[str, dict[str, str]]:
    told: dict[str, dict[str, str]] = yaml.safe_load(
        (Path(__file__).parent / "words.yml").read_text()
    )
    return told
