"""Pages of a list, by keyset."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindel.kit import pagination
from spindel.kit.pagination import BadCursor, Position

MOMENTS = st.datetimes(timezones=st.just(UTC))
RUBBISH = ["x", "å", "1", "-", "1-", "-1", "1-2-3", "1.2", "9" * 30 + "-1", f"1-{2**63}", "١-١"]


@given(MOMENTS, st.integers(0, 2**63 - 1))
def test_a_cursor_leads_back_to_where_it_was_given_out(at: datetime, id: int) -> None:
    assert pagination.position(pagination.cursor(at, id)) == Position(at, id)


@pytest.mark.parametrize("cursor", [*RUBBISH, "9" * 18 + "-1", "-" + "9" * 18 + "-1"])
def test_a_cursor_of_ones_own_making_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        pagination.position(cursor)


@pytest.mark.parametrize("cursor", ["x", "0", "-1", "1.0", str(2**63)])
def test_of_a_list_by_its_ids_a_cursor_is_an_id(cursor: str) -> None:
    assert pagination.id_at("7") == 7
    with pytest.raises(BadCursor):
        pagination.id_at(cursor)


@pytest.mark.parametrize("cursor", ["", None])
def test_without_a_cursor_a_list_begins_at_its_beginning(cursor: str | None) -> None:
    assert pagination.position(cursor) is None
    assert pagination.id_at(cursor) is None


@given(st.integers(0, 30), st.integers(1, 10))
def test_the_pages_together_are_the_list_and_the_last_leads_nowhere(many: int, limit: int) -> None:
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        rest = range(after + 1, many + 1)
        page = pagination.page(rest[: limit + 1], limit, str)
        assert len(page.items) <= limit
        seen += page.items
        after = pagination.id_at(page.next)
    assert seen == list(range(1, many + 1))
