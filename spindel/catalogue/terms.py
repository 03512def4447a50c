"""What somebody has typed, word by word: how each is looked for, and which was a slip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from spindel.catalogue.typos import nearest
from spindel.catalogue.wording import plain, words
from spindel.kit import sql

_MOST = 8
# Said before a value, they say nothing more.
_BEFORE = {
    *("size", "sizes", "storlek", "storlekar", "strl", "størrelse", "str", "nr", "no"),
    *("colour", "color", "färg", "färgen", "farve"),
}


@dataclass(frozen=True, slots=True)
class Term:
    """A word as queries: as it begins or by its stem (`loose`), and whole or by its stem in what
    goods are called, or their kind (`called`). Whether anything sold has it, and whether it is an
    option of something; the options that it means, or where it is none, that it begins.
    """

    word: str
    loose: str
    called: str
    is_known: bool
    is_option: bool
    options: tuple[str, ...]


def _any_form(weights: str) -> str:
    forms = [f"to_tsquery('simple', t.plain || '{weights}')"]
    forms += [
        f"to_tsquery('{one}', t.word || '{weights}')" for one in ("swedish", "danish", "english")
    ]
    return f"({' || '.join(forms)})"


# Without accents, or by a stem in one of the languages. Words like "and" have none in theirs. The
# letters of weights are those of `_FOUND_BY` in the actions.
_TERMS = f"""
SELECT t.word, q.loose::text, q.called::text,
    EXISTS (SELECT FROM catalogue_product WHERE words @@ q.loose AND removed_at IS NULL),
    EXISTS (SELECT FROM catalogue_product WHERE words @@ q.option AND removed_at IS NULL),
    ARRAY(SELECT filter FROM catalogue_option WHERE words @@ q.whole ORDER BY filter LIMIT 200),
    ARRAY(SELECT filter FROM catalogue_option WHERE words @@ q.loose ORDER BY filter LIMIT 200),
    numnode(to_tsquery('swedish', t.word)) * numnode(to_tsquery('danish', t.word))
    * numnode(to_tsquery('english', t.word)) = 0
FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS t (word, plain, place),
LATERAL (
    SELECT to_tsquery('simple', t.plain || ':*') || {_any_form("")} AS loose,
        {_any_form("")} AS whole, {_any_form(":AB")} AS called, {_any_form(":D")} AS option
) q
ORDER BY t.place
"""  # noqa: S608  # put together from constants


def terms(text: str) -> list[Term]:
    """The words that tell something; the others, too, where there are none but those."""
    typed = words(text)[:_MOST]
    return _terms([one for one in typed if one not in _BEFORE] or typed)


def _terms(typed: Sequence[str]) -> list[Term]:
    both = [(word, bare) for word in typed if (bare := plain(word))]
    if not both:
        return []
    rows = sql.rows(_TERMS, sql.columns(both))
    found = []
    for word, loose, called, known, option, whole, begun, _ in [
        row for row in rows if not row[-1]
    ] or rows:
        if not loose:  # signs that no word is made of
            continue
        # A letter at the end is a word that somebody begins, more often than the size S.
        begins = len(word) == 1 and word == typed[-1] and word.isalpha()
        is_option = option and not begins
        options = tuple(whole if is_option else begun)
        found.append(Term(word, loose, called, known, is_option, options))
    return found


def without_slips(typed: list[Term]) -> tuple[list[Term], str]:
    """The same with the catalogue's own words for what it has not; and them as a text, if any."""
    near = {one.word: nearest(plain(one.word)) for one in typed if not one.is_known}
    if not any(near.values()):
        return typed, ""
    mended = [near.get(one.word) or one.word for one in typed]
    return _terms(mended), " ".join(mended)


_FINDS = """
SELECT min(place) FROM unnest(%s::text[]) WITH ORDINALITY AS t (query, place)
WHERE EXISTS (
    SELECT FROM catalogue_product WHERE words @@ t.query::tsquery AND removed_at IS NULL
)
"""


def instead(typed: Sequence[Term]) -> str:
    """The most of the words that finds something; empty where nothing less does."""
    # Rather what it is than what it is like.
    order = sorted((one for one in typed if one.is_known), key=lambda one: one.is_option)
    fewer = [
        some
        for count in range(min(len(order), len(typed) - 1), 0, -1)
        for some in combinations(order, count)
    ]
    if not fewer:
        return ""
    queries = [" & ".join(f"({one.loose})" for one in some) for some in fewer]
    ((place,),) = sql.rows(_FINDS, [queries])
    return "" if place is None else " ".join(one.word for one in typed if one in fewer[place - 1])
