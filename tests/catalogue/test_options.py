"""Sizes and colours for people to read: well-known ones in the language of the page."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from spindel.demo.storefront.goods import CATEGORIES, COLOURS, option
from spindel.kit.options import options_text, stored_text


@pytest.mark.parametrize(
    ("language", "text"), [("en", "38, black"), ("sv", "38, svart"), ("da", "38, sort")]
)
def test_a_colour_is_said_in_the_language_of_the_page(language: str, text: str) -> None:
    told = {"colour": "Black", "size": "38"}
    page = Template("{{ told|options }} / {{ kept|options }} / {{ told.colour|option }}")
    with translation.override(language):
        assert options_text(told).lower() == text
        assert stored_text("38, black") == text
        shown = page.render(Context({"told": told, "kept": "38, black"}))
    assert shown.lower() == f"{text} / {text} / {text.split(', ')[1]}"


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "size 38 / leather"), ("sv", "storlek 38 / skinn"), ("da", "størrelse 38 / læder")],
)
def test_so_is_what_a_system_has_told_of(language: str, text: str) -> None:
    with translation.override(language):
        assert stored_text("size 38 / leather") == text


@pytest.mark.parametrize("language", ["en", "sv", "da"])
def test_the_demos_shop_calls_colours_and_categories_as_all_other_faces_do(language: str) -> None:
    with translation.override(language):
        for value in (*COLOURS, *CATEGORIES):
            assert options_text({"": value}) == option(value, language)


@given(st.dictionaries(st.text(min_size=1), st.text(min_size=1), max_size=4))
def test_what_is_not_known_stands_as_the_catalogue_has_it(options: dict[str, str]) -> None:
    values = [value for _, value in sorted(options.items(), reverse=True)]
    with translation.override("en"):
        assert options_text(options).lower() == ", ".join(values).lower()
        assert stored_text(options_text(options)) == options_text(options)
