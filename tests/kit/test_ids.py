"""One bound for the ids of rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindel.kit import ids

LARGEST = 2**63 - 1


@given(st.integers(1, LARGEST))
def test_an_id_is_read_as_it_was_written(id: int) -> None:
    in_address = ids.InAddress()
    assert ids.read(str(id)) == ids.read(f" {id}\n") == ids.bounded(id) == id
    assert in_address.to_python(in_address.to_url(id)) == id


@given(st.integers(LARGEST + 1) | st.integers(max_value=0))
def test_what_no_row_can_have_is_nobodys(id: int) -> None:
    assert ids.read(str(id)) == ids.bounded(id) == 0


@pytest.mark.parametrize("text", ["", "x", "1.0", "²", "٣", "1_0", "\0", "9" * 5_000, "-0"])
def test_what_is_no_id_is_nobodys(text: str) -> None:
    assert ids.read(text) == 0
