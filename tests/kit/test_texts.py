"""What people type, as it is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindel.kit import texts

KINDS = (texts.plain, texts.line, texts.lines)
CONTROLS = ["\0", "\x07", "\x1b", "\x1d", "\x7f", "\x80", "\x9f", "\ud800", "\udfff"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("odd", CONTROLS)
def test_what_nobody_sees_goes(kind: Callable[[str, int], str], odd: str) -> None:
    assert kind(f"{odd}An{odd}na{odd}", 9) == "Anna"


@given(st.sampled_from(KINDS), st.text(), st.integers(0, 20))
def test_what_is_kept_is_readable_and_no_longer_than_it_may_be(
    kind: Callable[[str, int], str], text: str, most: int
) -> None:
    kept = kind(text, most)
    assert len(kept) <= most
    assert not set(kept) & set(CONTROLS)
    kept.encode()


@given(st.sampled_from((texts.line, texts.lines)), st.text(), st.integers(0, 20))
def test_what_is_kept_is_kept_as_it_is(
    kind: Callable[[str, int], str], text: str, most: int
) -> None:
    assert kind(kind(text, most), most) == kind(text, most)


def test_a_line_is_one_and_lines_are_several() -> None:
    typed = "  Anna \t Öst\r\n\nLund \x00 "
    assert texts.line(typed, 99) == "Anna Öst Lund"
    assert texts.lines(typed, 99) == "Anna \t Öst\n\nLund"
    assert texts.plain(" K  100 ", 99) == "K  100"
