"""Letters as people type them: without accents, in any case."""

from __future__ import annotations

import re
import unicodedata

_SPACE = re.compile(r"[\s,;]+")
# Letters that Unicode does not take apart into a base and an accent.
_PLAIN = str.maketrans({"ø": "o", "æ": "ae", "ß": "ss", "đ": "d", "ł": "l", "ð": "d", "þ": "th"})


def fold(text: str) -> str:
    """The text in lower case without accents: Åkesson, AKESSON and akesson meet."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _SPACE.sub(" ", plain).strip()
