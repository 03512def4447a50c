"""Products, variants and prices: told again and again, and kept once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from spindel.catalogue import actions
from spindel.catalogue.models import Place, Price, Product, Variant
from spindel.catalogue.pricing import PriceNow
from spindel.catalogue.product_input import PriceData, VariantData
from spindel.catalogue.reading import places, prices_now
from tests.catalogue.goods import put, sek, shoe, store

pytestmark = pytest.mark.django_db

GTIN, OTHER = "04006381333931", "00036000291452"


def cost(sku: str, market: str = "SE", currency: str = "SEK") -> PriceNow | None:
    """What the variant costs now."""
    id = Variant.objects.get(sku=sku).pk
    return prices_now([id]).get(id, {}).get((market, currency))


def rows() -> tuple[list[tuple[str, ...]], ...]:
    """Which row of which version is kept, of every table."""
    found = []
    for table in ("product", "variant", "price"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id, xmin::text FROM catalogue_{table} ORDER BY id")
            found.append(cursor.fetchall())
    return tuple(found)


def test_a_product_is_kept_with_its_variants_and_prices() -> None:
    outcome = put(shoe(sizes=(38, 39)))
    assert (outcome.created, outcome.changed, outcome.unchanged) == (1, 0, 0)
    product = Product.objects.get()
    assert product.names == {"sv": "Vinga"}
    assert [one.sku for one in product.variants.order_by("position")] == ["VINGA-38", "VINGA-39"]
    assert cost("VINGA-38") == PriceNow(129900)


def test_told_again_no_row_is_written() -> None:
    put(shoe(), shoe("haga"))
    before = rows()
    outcome = put(shoe(), shoe("haga"))
    assert (outcome.created, outcome.changed, outcome.unchanged) == (0, 0, 2)
    assert rows() == before


def test_what_is_not_said_stays_as_it_is() -> None:
    put(shoe(vat=600, texts={"sv": "Mjuk."}))
    put(replace(shoe(), brand=None, categories=None, names={"da": "Vinga (dansk)"}))
    product = Product.objects.get()
    assert (product.brand, product.categories, product.vat) == ("Nordsko", ["Sneakers"], 600)
    assert product.names == {"sv": "Vinga", "da": "Vinga (dansk)"}
    assert product.texts == {"sv": "Mjuk."}


def test_a_language_can_be_taken_away() -> None:
    put(replace(shoe(), names={"sv": "Vinga", "da": "Vinga"}))
    put(replace(shoe(), names={"da": None}))
    assert Product.objects.get().names == {"sv": "Vinga"}


def test_one_bad_product_leaves_the_others() -> None:
    bad = replace(shoe("bad"), names={"fr": "Chaussure"})
    outcome = actions.put_products([shoe(), bad, shoe("haga")])
    assert outcome.created == 2
    assert [one.key for one in outcome.refused] == ["bad"]
    assert "fr" in outcome.refused[0].reason


@pytest.mark.parametrize(
    "bad",
    [
        replace(shoe(), number=""),
        replace(shoe(), number="x" * 65),
        replace(shoe(), number="a\0b"),
        replace(shoe(), variants=[]),
        replace(shoe(), vat=10_001),
        replace(shoe(), names={"sv": "x" * 301}),
        replace(shoe(), texts={"sv": "\0"}),
        replace(shoe(), pictures=["javascript:alert(1)"]),
        replace(shoe(), pictures=["https://[broken"]),
        replace(shoe(), variants=[VariantData("A", options={"brand": "x"})]),
        replace(shoe(), variants=[VariantData("A", options={"Size=": "x"})]),
        replace(shoe(), variants=[VariantData("A"), VariantData("A")]),
        shoe(prices=[PriceData("SE", "SEK", -1)]),
        shoe(prices=[PriceData("SE", "XQX", 1)]),
        shoe(prices=[PriceData("Sweden", "SEK", 1)]),
        shoe(prices=[PriceData("SE", "SEK", None)]),
        shoe(prices=[PriceData("SE", "SEK", 10**16)]),
        shoe(prices=[PriceData("SE", "SEK", 0)]),
        shoe(prices=[PriceData("SE", "SEK", 0, sale=True)]),
        shoe(prices=[PriceData("SE", "SEK", 100, free=True)]),
        shoe(prices=[PriceData("SE", "SEK", None, sale=True, free=True)]),
    ],
)
def test_what_can_not_stand_in_the_catalogue_is_refused(bad: object) -> None:
    outcome = actions.put_products([bad])  # type: ignore[list-item]  # a product from above
    assert len(outcome.refused) == 1
    assert not Product.objects.exists()


def test_a_batch_is_bounded() -> None:
    with pytest.raises(ValueError, match="1000"):
        actions.put_products([shoe()] * 1001)


def test_a_product_told_twice_in_one_go_is_kept_once() -> None:
    outcome = actions.put_products([shoe(), shoe()])
    assert (outcome.created, len(outcome.refused)) == (1, 1)


def test_a_variant_can_move_to_another_product() -> None:
    put(shoe("vinga", sizes=(38, 39)), shoe("haga", sizes=(38,)))
    put(replace(shoe("haga"), variants=[VariantData("VINGA-39")]))
    assert Variant.objects.get(sku="VINGA-39").product.number == "haga"
    assert Product.objects.get(number="vinga").filters.count("size=39") == 0


# --- GTIN -----------------------------------------------------------------------------------------


def tagged(number: str, gtin: str) -> object:
    return replace(shoe(number), variants=[VariantData(f"{number}-1", gtin=gtin)])


def test_a_gtin_that_is_anothers_is_refused_with_its_owner() -> None:
    put(tagged("a", GTIN))  # type: ignore[arg-type]  # a product
    outcome = actions.put_products([tagged("b", GTIN)])  # type: ignore[list-item]  # a product
    assert outcome.refused == [("b-1", f"The GTIN {GTIN} is that of a-1.", True)]


def test_a_gtin_goes_on_from_a_variant_that_was_removed() -> None:
    put(tagged("a", GTIN), shoe())  # type: ignore[arg-type]  # a product
    actions.remove_product("a")
    put(tagged("b", GTIN))  # type: ignore[arg-type]  # a product
    assert Variant.objects.get(gtin=GTIN).sku == "b-1"


def test_two_variants_can_change_their_gtins_for_each_others() -> None:
    put(tagged("a", GTIN), tagged("b", OTHER))  # type: ignore[arg-type]  # products
    put(tagged("a", OTHER), tagged("b", GTIN))  # type: ignore[arg-type]  # products
    assert dict(Variant.objects.values_list("sku", "gtin")) == {"a-1": OTHER, "b-1": GTIN}


# --- removals -------------------------------------------------------------------------------------


def test_what_is_missing_from_all_that_is_sold_is_removed_and_comes_back() -> None:
    put(shoe("vinga", sizes=(38, 39)), shoe("haga", sizes=(38,)))
    assert actions.remove_all_but(["VINGA-38"]) == 2
    assert Product.objects.get(number="haga").removed_at is not None
    vinga = Product.objects.get(number="vinga")
    assert vinga.removed_at is None
    assert "size=39" not in vinga.filters
    id = Variant.objects.get(sku="HAGA-38").pk

    outcome = put(shoe("haga", sizes=(38,)))
    assert (outcome.created, outcome.changed) == (0, 1)
    assert Product.objects.get(number="haga").removed_at is None
    assert Variant.objects.get(sku="HAGA-38", removed_at=None).pk == id


def test_no_larger_share_is_removed_than_was_allowed() -> None:
    put(shoe("vinga", sizes=(38, 39)), shoe("haga", sizes=(38, 39)))
    with pytest.raises(actions.TooMany, match=r"2 of 4 variants would go, more than 49 %\."):
        actions.remove_all_but(["VINGA-38", "HAGA-38"], at_most=49)
    assert not Variant.objects.exclude(removed_at=None).exists()
    assert actions.remove_all_but(["VINGA-38", "HAGA-38"], at_most=50) == 2
    assert actions.remove_all_but(["VINGA-38", "HAGA-38"], at_most=0) == 0


def test_a_feed_without_goods_empties_no_catalogue() -> None:
    put(shoe())
    with pytest.raises(ValueError, match="without goods"):
        actions.remove_all_but([])
    assert Product.objects.get().removed_at is None


# --- prices ---------------------------------------------------------------------------------------


def test_a_new_price_ends_the_former_one_which_stays_in_the_history() -> None:
    put(shoe(sizes=(38,)))
    put(shoe(sizes=(38,), prices=[sek(999)]))
    assert cost("VINGA-38") == PriceNow(99900)
    old, new = Price.objects.order_by("since")
    assert (old.amount, old.until) == (129900, new.since)


def test_markets_have_prices_of_their_own() -> None:
    put(shoe(sizes=(38,), prices=[sek(1299), PriceData("DK", "DKK", 89900)]))
    assert cost("VINGA-38") == PriceNow(129900)
    assert cost("VINGA-38", "DK", "DKK") == PriceNow(89900)
    assert cost("VINGA-38", "DK", "SEK") is None


def test_a_sale_stands_beside_the_regular_price_until_it_ends() -> None:
    now = timezone.now()
    sale = PriceData("SE", "SEK", 99900, True, now - timedelta(hours=1), now + timedelta(hours=1))
    put(shoe(sizes=(38,), prices=[sek(1299), sale]))
    assert cost("VINGA-38") == PriceNow(99900, was=129900)
    id = Variant.objects.get().pk
    later = prices_now([id], at=now + timedelta(hours=2))
    assert later[id]["SE", "SEK"] == PriceNow(129900)


def test_a_sale_that_is_no_longer_told_of_ends() -> None:
    put(shoe(sizes=(38,), prices=[sek(1299), replace(sek(999), sale=True)]))
    assert cost("VINGA-38") == PriceNow(99900, was=129900)
    put(shoe(sizes=(38,), prices=[sek(1299)]))
    assert cost("VINGA-38") == PriceNow(99900, was=129900), "who says nothing of sales ends none"
    put(shoe(sizes=(38,), prices=[sek(1299), PriceData("SE", "SEK", None, sale=True)]))
    assert cost("VINGA-38") == PriceNow(129900)


def test_a_sale_whose_dates_are_put_right_holds_on_the_new_ones_alone() -> None:
    now = timezone.now()
    wrong = PriceData("SE", "SEK", 99900, True, now + timedelta(days=1), now + timedelta(days=9))
    right = replace(wrong, since=now + timedelta(days=2), until=now + timedelta(days=3))
    put(shoe(sizes=(38,), prices=[sek(1299), wrong]))
    put(shoe(sizes=(38,), prices=[sek(1299), right]))
    id = Variant.objects.get().pk
    costs = [prices_now([id], at=now + timedelta(days=day, hours=1)) for day in (1, 2, 4)]
    assert [one[id]["SE", "SEK"].amount for one in costs] == [129900, 99900, 129900]


def test_a_price_that_begins_later_is_not_forgotten_by_todays_feed() -> None:
    now = timezone.now()
    coming = PriceData("SE", "SEK", 149900, since=now + timedelta(days=1))
    put(shoe(sizes=(38,), prices=[sek(1299), coming]))
    put(shoe(sizes=(38,), prices=[sek(1299)]))
    id = Variant.objects.get().pk
    later = prices_now([id], at=now + timedelta(days=2))
    assert later[id]["SE", "SEK"] == PriceNow(149900)


def test_prices_can_be_set_alone_and_unknown_variants_are_refused() -> None:
    put(shoe(sizes=(38, 39)))
    outcome = actions.put_prices([("VINGA-38", sek(1)), ("VINGA-39", sek(1299)), ("\0", sek(1))])
    assert (outcome.changed, outcome.unchanged) == (1, 1)
    assert outcome.refused == [("\0", "There is no such variant.", False)]


def test_the_prices_of_many_variants_are_one_question() -> None:
    put(*(shoe(f"n{one}", sizes=range(30, 40)) for one in range(20)))
    ids = list(Variant.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as asked:
        assert len(prices_now(ids, "SE")) == 200
    assert len(asked) == 1


# --- places ---------------------------------------------------------------------------------------


def test_places_are_kept_once_and_changed_when_they_change() -> None:
    assert actions.put_places([store("gbg"), store("sto")]).created == 2
    assert actions.put_places([store("gbg"), store("sto")]).unchanged == 2
    outcome = actions.put_places([store("gbg", street="Vallgatan 24"), store("sto")])
    assert (outcome.changed, outcome.unchanged) == (1, 1)
    assert Place.objects.get(code="gbg").street == "Vallgatan 24"


def test_a_place_that_closes_for_good_can_open_again() -> None:
    actions.put_places([store("gbg", closed=True)])
    assert places() == []
    actions.put_places([store("gbg")])
    assert len(places()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "no spaces"},
        {"code": "\0"},
        {"name": " "},
        {"kind": "kiosk"},
        {"country": "Sweden"},
        {"latitude": 91.0},
        {"latitude": float("nan")},
        {"longitude": None},
        {"time_zone": "Europe/Atlantis"},
        {"hours": {"1": [["18:00"]]}},
    ],
)
def test_what_is_no_place_is_refused(wrong: dict[str, object]) -> None:
    outcome = actions.put_places([replace(store(), **wrong)])  # type: ignore[arg-type]  # from above
    assert len(outcome.refused) == 1
    assert not Place.objects.exists()


def test_the_nearest_comes_first_and_who_has_no_position_last() -> None:
    actions.put_places(
        [
            store("nowhere", latitude=None, longitude=None),
            store("sto", latitude=59.3339, longitude=18.0613),
            store("gbg"),
        ]
    )
    found = places(near=(57.70, 11.97))
    assert [place.code for place, _ in found] == ["gbg", "sto", "nowhere"]
    assert found[0][1] == pytest.approx(0.6, abs=0.3)
