"""Prices as texts: read as a careful person reads them, or refused with what to write instead."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import pytest
from babel.numbers import NumberFormatError, parse_decimal
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from spindel.kit.money import (
    parse_amount,
    parse_price,
    pieces,
    places,
    share,
    to_major,
    to_minor,
    totals,
    vat_in,
)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1290", "SEK", 129000),
        ("1290,00", "SEK", 129000),
        ("1 290,00", "SEK", 129000),
        ("1\u00a0290", "SEK", 129000),
        ("1\u202f290.5", "SEK", 129050),
        ("1’290.00", "CHF", 129000),
        ("1.290,00", "DKK", 129000),
        ("1,290.00", "DKK", 129000),
        ("1.290.000", "DKK", 129000000),
        ("1,290,000.5", "DKK", 129000050),
        ("1290.5", "DKK", 129050),
        ("0.5", "DKK", 50),
        ("0", "SEK", 0),
        ("007", "SEK", 700),
        ("1990", "ISK", 1990),
        ("1 990", "ISK", 1990),
        ("1.25", "KWD", 1250),
        ("1.290", "KWD", 1290),
        ("1,290.500", "KWD", 1290500),
        ("0,290", "KWD", 290),
        ("1290,500", "KWD", 1290500),
    ],
)
def test_a_price_is_read_into_the_minor_units_of_its_currency(
    text: str, currency: str, minor: int
) -> None:
    assert parse_amount(text, currency) == minor
    assert parse_price(f"{text} {currency.lower()}") == (minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "says"),
    [
        ("1,290", "SEK", "write 1290.00 or 1.29."),
        ("1.290", "DKK", "write 1290.00 or 1.29."),
        ("1.000", "DKK", "write 1000.00 or 1.00."),
        ("1,990", "DKK", "write 1990.00 or 1.99."),
        ("1.234", "SEK", "write 1234.00."),
        ("1.990", "ISK", "write 1990."),
        ("1,290", "KWD", "write 1290.000 or 1.290."),
        ("0.290", "SEK", "at most 2 decimals"),
        ("1290.0000", "SEK", "at most 2 decimals"),
        ("1 290,000", "SEK", "at most 2 decimals"),
        ("12.5", "ISK", "no decimals"),
        ("1990.00", "JPY", "no decimals"),
        ("1,290,00", "SEK", "written like"),
        ("1.290.00", "SEK", "written like"),
        ("12.90,00", "SEK", "written like"),
        ("1290.000,00", "SEK", "written like"),
        ("1 29", "SEK", "written like"),
        ("1  290", "SEK", "written like"),
        ("1 290 00", "SEK", "written like"),
        ("1 290.000,00", "SEK", "written like"),
        ("1290.", "SEK", "written like"),
        (".5", "SEK", "written like"),
        ("-5", "SEK", "written like"),
        ("1e3", "SEK", "written like"),
        ("1e999999", "SEK", "written like"),
        ("NaN", "SEK", "written like"),
        ("Infinity", "SEK", "written like"),
        ("1_290", "SEK", "written like"),
        ("١٢٩٠", "SEK", "written like"),
        ("", "SEK", "written like"),
        ("9" * 16, "SEK", "no price"),
        ("9" * 100_000, "SEK", "written like"),
        ("12", "XQX", "no currency"),
    ],
)
def test_what_is_unclear_or_no_price_is_refused_with_what_to_write(
    text: str, currency: str, says: str
) -> None:
    for read in (lambda: parse_amount(text, currency), lambda: parse_price(f"{text} {currency}")):
        with pytest.raises(ValueError, match=r".+") as refusal:
            read()
        assert "\n" not in str(refusal.value)
        assert len(str(refusal.value)) < 120
    with pytest.raises(ValueError, match=says):
        parse_amount(text, currency)


@pytest.mark.parametrize("text", ["1299", "SEK 1299", "1299 kr", "1299.00SEKS", "€ 12", " ", "SEK"])
def test_a_price_without_its_currency_behind_it_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="written like"):
        parse_price(text)


def _readers(text: str) -> set[Decimal]:
    """The number as Britons, Danes and Swedes read it; whoever can't read it has no say."""
    found = set()
    for locale in ("en_GB", "da", "sv"):
        try:
            found.add(parse_decimal(text, locale, strict=True))
        except NumberFormatError:
            continue
    return found


@given(
    st.text("0123456789.,", min_size=1, max_size=12),
    st.sampled_from(["SEK", "EUR", "ISK", "JPY"]),
)
@example("1.290", "SEK")
@example("1.290", "ISK")
def test_a_price_that_is_taken_is_read_alike_in_every_country(text: str, currency: str) -> None:
    try:
        minor = parse_amount(text, currency)
    except ValueError:
        return
    assert _readers(text) == {to_major(minor, currency)}


@settings(max_examples=300)
@given(
    st.integers(0, 10**10) | st.integers(0, 10**7).map(lambda whole: whole * 1000),
    st.sampled_from(["SEK", "DKK", "ISK", "KWD"]),
    st.sampled_from(["", " ", "\u00a0", "\u202f", "'", ".", ","]),
    st.sampled_from([".", ","]),
    st.booleans(),
)
def test_a_price_that_is_written_out_is_taken_as_what_it_is(
    minor: int, currency: str, apart: str, mark: str, decimals: bool
) -> None:
    assume(apart != mark)  # nobody writes one for the other
    whole, rest = divmod(minor, 10 ** places(currency))
    text = f"{whole:,}".replace(",", apart)
    if places(currency) and (decimals or rest):
        text += f"{mark}{rest:0{places(currency)}}"
    # Three digits behind a lone point are the decimals of a currency that has three.
    is_whole = text == f"{whole:,}".replace(",", apart)
    assume(not (currency == "KWD" and is_whole and text.count(".") == 1))
    try:
        assert parse_amount(text, currency) == minor
    except ValueError:
        # Only where the mark may be either: one of them alone, before three digits.
        assert re.fullmatch(r"[1-9][0-9]{0,2}[.,][0-9]{3}", text)


@given(st.integers(0, 10**12), st.sampled_from(["SEK", "DKK", "JPY", "KWD"]))
def test_minor_units_survive_the_way_there_and_back(minor: int, currency: str) -> None:
    assert to_minor(to_major(minor, currency), currency) == minor


def test_an_amount_beyond_all_prices_is_refused() -> None:
    with pytest.raises(ValueError, match="no price"):
        to_minor(Decimal("1e30"), "SEK")


# --- what amounts come to -------------------------------------------------------------------------

RATES = st.sampled_from([0, 600, 1200, 2500])


@given(st.lists(st.tuples(st.integers(0, 10**12), RATES), max_size=9))
def test_the_vat_of_a_rate_is_taken_once_of_all_its_lines(lines: list[tuple[int, int]]) -> None:
    found = totals(lines)
    assert found.total == sum(amount for amount, _ in lines)
    for rate, vat in found.vat_by_rate.items():
        gross = sum(amount for amount, its in lines if its == rate)
        exact = Decimal(gross) * rate / (10_000 + rate)
        assert vat == exact.quantize(Decimal(1), ROUND_HALF_UP)
    assert found.vat == sum(found.vat_by_rate.values()) <= found.total


def test_vat_is_rounded_half_up() -> None:
    assert [vat_in(amount, 2500) for amount in (2, 3, 7, 8)] == [0, 1, 1, 2]
    assert vat_in(15, 5000) == 5
    assert vat_in(3, 10_000) == 2  # 1.5


@given(st.integers(0, 10**9), st.integers(1, 60), st.data())
def test_pieces_come_to_the_amount_in_whatever_parts_they_are_taken(
    amount: int, of: int, data: st.DataObject
) -> None:
    cuts = data.draw(st.lists(st.integers(0, of), max_size=6).map(sorted))
    ends = [0, *cuts, of]
    parts = [(start, end - start) for start, end in pairwise(ends)]
    assert sum(share(amount, of, *part) for part in parts) == amount
    each = [share(amount, of, number, 1) for number in range(of)]
    assert max(each) - min(each) <= 1
    for start, many in parts:
        assert share(amount, of, start, many) == sum(each[start : start + many])
        found = pieces(amount, of, start, many)
        assert len(found) <= 2
        assert sum(number for number, _ in found) == many
