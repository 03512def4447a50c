"""Everything that a page says is said in Swedish and Danish, too."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")

_spec = importlib.util.spec_from_file_location("messages_tool", ROOT / "tools" / "messages.py")
assert _spec is not None
assert _spec.loader is not None
tool = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(tool)


@pytest.mark.parametrize("language", tool.LANGUAGES)
def test_nothing_is_untranslated_or_out_of_date(language: str) -> None:
    content, catalogue = tool.update(language, tool.collect())
    assert tool.missing(catalogue) == []
    assert (tool.LOCALE / language / "LC_MESSAGES" / "django.po").read_bytes() == content


@pytest.mark.parametrize("language", tool.LANGUAGES)
def test_placeholders_survive_translation(language: str) -> None:
    path = tool.LOCALE / language / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    for message in catalogue:
        if not message.id:
            continue
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        translated = message.string if isinstance(message.string, tuple) else (message.string,)
        for text in translated:
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(originals[-1])), text
