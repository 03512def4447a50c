"""What a basket costs, by the rules alone; and that SQL and they agree on what holds now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from spindel.catalogue.models import Price, Variant
from spindel.catalogue.pricing import Kept, PriceNow, list_price, price_at
from spindel.catalogue.reading import LIST_PRICES
from spindel.kit import sql
from spindel.offers import pricing
from spindel.offers.basket import Basket, BasketLine
from tests.catalogue.goods import put, shoe

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
AMOUNTS = st.integers(0, 10**9)
PRICES = st.one_of(st.none(), AMOUNTS)
LINES = st.lists(
    st.builds(
        BasketLine,
        variant=st.integers(1, 9),
        quantity=st.integers(1, 999),
        vat_rate=st.sampled_from([0, 600, 1200, 2500]),
        list_price=st.builds(list_price, PRICES, PRICES),
        agreed=PRICES,
    ),
    max_size=8,
)


def basket(*lines: BasketLine) -> Basket:
    return Basket(market="SE", currency="SEK", at=AT, lines=lines)


@given(LINES)
def test_a_basket_costs_what_its_lines_do_and_no_other_line_matters(
    lines: list[BasketLine],
) -> None:
    priced = pricing.price(basket(*lines))
    assert [one.line for one in priced.lines] == lines
    assert priced.totals.total == sum(one.total for one in priced.lines)
    assert [pricing.price(basket(one)).lines for one in lines] == [[one] for one in priced.lines]
    for one in priced.lines:
        assert one.adjustments == ()
        assert one.total == one.line.quantity * (one.amount or 0)
        assert one.usual >= (one.amount or 0)


def test_what_was_agreed_comes_before_the_list_and_a_sale_before_the_regular_price() -> None:
    sale = BasketLine(1, 2, 2500, list_price(129_900, 99_900))
    agreed = BasketLine(1, 1, 2500, list_price(129_900, 99_900), agreed=50_000)
    free = BasketLine(1, 1, 2500, list_price(129_900, None), agreed=0)
    gone = BasketLine(1, 1, 2500, None)
    priced = pricing.price(basket(sale, agreed, free, gone))
    assert [one.amount for one in priced.lines] == [99_900, 50_000, 0, None]
    assert [one.usual for one in priced.lines] == [129_900, 129_900, 129_900, 0]
    assert [one.total for one in priced.lines] == [199_800, 50_000, 0, 0]
    assert priced.totals.total == 249_800


def test_a_sale_that_is_no_cheaper_is_none() -> None:
    assert list_price(100, 100) == PriceNow(100)
    assert list_price(100, 101) == PriceNow(100)
    assert list_price(100, 99) == PriceNow(99, was=100)
    assert list_price(None, 99) == PriceNow(99)
    assert list_price(None, None) is None


MOMENTS = st.integers(-3, 3)
SERIES = st.lists(
    st.tuples(AMOUNTS, st.booleans(), MOMENTS, st.one_of(st.none(), MOMENTS)),
    max_size=6,
    unique_by=lambda one: one[1:3],
)
_NOW = "SELECT price.regular, price.sale, least(price.regular, price.sale) FROM (" + (
    LIST_PRICES.format(variant="%s::bigint", market="'SE'", currency="'SEK'") + ") price"
)


@given(SERIES)
@settings(max_examples=40)
def test_sql_and_python_agree_on_what_holds_now(
    database: str, series: list[tuple[int, bool, int, int | None]]
) -> None:
    put(shoe(sizes=(38,), prices=[]))
    variant, now = Variant.objects.get().pk, timezone.now()

    def moment(hours: int) -> datetime:
        return now + timedelta(hours=hours, minutes=-30)

    Price.objects.filter(variant=variant).delete()
    Price.objects.bulk_create(
        Price(
            variant_id=variant,
            market="SE",
            currency="SEK",
            amount=amount,
            sale=sale,
            since=moment(since),
            until=None if until is None else moment(until),
        )
        for amount, sale, since, until in series
    )
    kept = [
        Kept(one.pk, one.amount, one.sale, one.since, one.until)
        for one in Price.objects.filter(variant=variant)
    ]
    row = sql.row(_NOW, [variant] * 2)
    assert row is not None
    regular, sale, lower = row
    holds = price_at(kept, now)
    assert list_price(regular, sale) == holds
    # What the edit of a cart takes in its one statement.
    assert lower == (holds.amount if holds else None)
