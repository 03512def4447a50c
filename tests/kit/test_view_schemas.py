"""What the API answers of a view is written once: as the view's dataclass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import pytest

from spindel.commerce.common.fast_json import only
from spindel.kit.schema import ViewSchema


class Rate(NamedTuple):
    """The VAT of a rate."""

    rate: int
    amount: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line."""

    variant: int
    sku: str
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Basket:
    """Some lines."""

    id: int
    currency: str
    rates: list[Rate]
    lines: tuple[Line, ...]
    first: Line | None
    note: str = ""

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self.lines)


class RateOut(ViewSchema, view=Rate):
    pass


class LineOut(ViewSchema, view=Line, without=("variant",)):
    """What is told of a line."""


class BasketOut(ViewSchema, view=Basket, without=("id",)):
    rates: list[RateOut]
    until: str | None
    lines: list[LineOut]
    count: int
    first: LineOut | None


LINE = Line(7, "boot", 100)
BASKET = Basket(1, "SEK", [Rate(2500, 20)], (LINE, Line(8, "sock")), LINE)
TOLD = {
    "currency": "SEK",
    "rates": [{"rate": 2500, "amount": 20}],
    "until": "noon",
    "lines": [{"sku": "boot", "amount": 100}, {"sku": "sock", "amount": None}],
    "count": 2,
    "first": {"sku": "boot", "amount": 100},
    "note": "",
}


def test_a_schema_has_its_views_fields_and_what_it_declares_in_their_order() -> None:
    assert list(BasketOut.model_fields) == list(TOLD)
    assert list(LineOut.model_fields) == ["sku", "amount"]


def test_an_answer_always_has_every_field_also_where_the_view_may_leave_one_out() -> None:
    assert BasketOut.json_schema()["required"] == list(TOLD)
    assert LineOut.json_schema()["required"] == ["sku", "amount"]


def test_a_schema_is_described_as_its_view_is_unless_it_says_something_itself() -> None:
    assert BasketOut.json_schema()["description"] == "Some lines."
    assert RateOut.json_schema()["description"] == "The VAT of a rate."
    assert LineOut.json_schema()["description"] == "What is told of a line."


def test_what_a_view_does_not_have_cannot_be_left_out_of_it() -> None:
    with pytest.raises(TypeError, match=r"Line has no colour\."):

        class Wrong(ViewSchema, view=Line, without=("colour",)):
            pass


def test_an_answer_that_is_written_at_once_is_what_its_schema_answers() -> None:
    assert only(BASKET, BasketOut, until="noon") == TOLD
    assert LineOut.from_orm(LINE).dict() == only(LINE, LineOut)
    assert only(Basket(1, "SEK", [], (), None), BasketOut, until=None)["first"] is None
