"""How a refusal is said: to people in their language, to programs in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch

from django.http import Http404
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from spindel.kit import declared
from spindel.kit.refusal import KNOWN, Refusal


class NotThere(Refusal, Http404):
    """There is no such thing. A page that lets it through is answered with 404 by Django."""


def collect() -> None:
    """Take in what all domains declare in `refusals.py`. Raises ValueError for a code twice."""
    for module in declared.modules("refusals"):
        for code, said in module.REFUSALS.items():
            if KNOWN.setdefault(code, said) is not said:
                raise ValueError(f"Two refusals have the code {code}.")


@singledispatch
def in_words(no: Refusal) -> str:
    """What a person is told, in the language that is active.

    A domain registers what a class of its own needs more for than a sentence and its values.
    """
    return spoken(no.said.page or no.said.sentence, no.values)


def spoken(sentence: str, values: Mapping[str, object]) -> str:
    """The sentence in the language that is active, with the values in it."""
    written = {name: _written(value) for name, value in values.items()}
    return _(sentence) % written if written else _(sentence)


def _written(value: object) -> object:
    if isinstance(value, Refusal):  # the reason of another one
        return in_words(value)
    return number_format(value, force_grouping=True) if isinstance(value, int) else value


@singledispatch
def beside(no: Refusal) -> dict[str, object]:
    """What a program is told besides the code and the sentence; a face registers what it knows."""
    return {}


def answer(no: Refusal) -> dict[str, object]:
    """The body that the API answers: the code, the sentence, and what is beside.

    A program that says nothing of a language is answered in English; one that asks for another
    hands it on to a person.
    """
    english = (get_language() or "en").startswith("en")
    said = str(no) if english else spoken(no.said.sentence, no.values)
    return {"code": no.to_programs, "message": said, **beside(no)}
