"""Words that somebody has typed with a slip: the catalogue's own word that is meant.

A trigram index does not find them: of *vigna* and *vinga* two trigrams of ten are the same. Two
words that differ by one letter more, less, other or changed with its neighbour have a text in
common when each may lose one letter, and those texts can be looked up (the symmetric delete method
of SymSpell, Wolf Garbe, 2012).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import combinations

from spindel.kit import sql

_SHORTEST = 4  # letters of a word in which a slip is looked for
_LONG = 8  # letters from which on there may be two slips
_MOST = 24  # letters that are looked at
_CANDIDATES = 200


def _slips(word: str) -> int:
    return 2 if len(word) >= _LONG else 1


def _less(word: str, slips: int) -> list[str]:
    """The word, and what is left of it without so many letters."""
    word = word[:_MOST]
    left = {word}
    for count in range(1, slips + 1):
        keep = len(word) - count
        left.update("".join(letters) for letters in combinations(word, keep))
    return sorted(left)


def distance(one: str, other: str) -> int:
    """How many slips lie between the words: letters more, less, other, or changed with the next.

    The optimal string alignment distance.
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, there in enumerate(other, 1):
            cost = min(last[j] + 1, row[-1] + 1, last[j - 1] + (letter != there))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == there:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


_KNOWN = "SELECT word FROM catalogue_word WHERE word = ANY(%s)"
_LEARN = """
INSERT INTO catalogue_word (word, near)
SELECT word, string_to_array(near, ' ') FROM unnest(%s::text[], %s::text[]) AS t (word, near)
ON CONFLICT DO NOTHING
"""


def learn(words: Iterable[str]) -> None:
    """Keep the words that goods are called by, folded. A word is kept once, and for good."""
    new = {one[:_MOST] for one in words if len(one) >= _SHORTEST and one.isalpha()}
    new -= {word for (word,) in sql.rows(_KNOWN, [list(new)])}
    if new:
        rows = [(word, " ".join(_less(word, _slips(word)))) for word in sorted(new)]
        sql.run(_LEARN, sql.columns(rows))


# Kept is also what is not sold any more.
_NEAR = """
SELECT word FROM catalogue_word w WHERE near && %s::text[] AND EXISTS (
    SELECT FROM catalogue_product
    WHERE words @@ to_tsquery('simple', w.word || ':ABD') AND removed_at IS NULL
) LIMIT %s
"""


def nearest(typed: str) -> str:
    """The word of the catalogue that the folded word may be meant for; empty where none is near."""
    if len(typed) < _SHORTEST or not typed.isalpha():
        return ""
    # One letter less may make a long word of two slips a short one.
    near = _less(typed, 2 if len(typed) >= _LONG - 1 else 1)
    found = [word for (word,) in sql.rows(_NEAR, [near, _CANDIDATES])]
    return _best(typed[:_MOST], found)


def _best(typed: str, words: Collection[str]) -> str:
    away = [
        (slips, word[0] != typed[0], len(word) != len(typed), word)
        for word in words
        if (slips := distance(typed, word)) <= _slips(max(typed, word, key=len))
    ]
    return min(away)[-1] if away else ""
