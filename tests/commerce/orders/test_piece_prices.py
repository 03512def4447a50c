"""What a product page says that something costs her is what her cart says, and her order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Price, Variant
from spindel.offers import actions as offers
from spindel.offers import pieces
from spindel.offers.models import Offer
from spindel.offers.terms import AmountOffEach, FixedPrice, Goods, PercentOff, Stacking
from spindel.staff.models import Scope
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import give_offer
from tests.commerce.stock.cast import deliver
from tests.flows.cast import ANNA, HOME, Machine
from tests.flows.cast import at_shop as at_shop  # a fixture
from tests.shopping import AtShop, Come, log_in
from tests.statements import counted

SKUS = ("vinga-38", "vinga-39")


def told(device: AtShop, *skus: str) -> dict[str, dict[str, object]]:
    """What a product page is told, by SKU."""
    asked = "&".join(f"sku={sku}" for sku in skus or SKUS)
    answer = device.ask("GET", f"prices?{asked}")
    assert answer.status_code == 200, answer.content
    return {one["sku"]: one for one in answer.json()["items"]}


def in_cart(device: AtShop, sku: str) -> tuple[int, object]:
    """What the cart says of one piece of it alone."""
    device.add(sku)
    cart = device.ask("GET", "cart").json()
    device.ask("DELETE", f"cart/lines/{sku}")
    return cart["total"], cart["discounts"]


@pytest.fixture
def phone(at_shop: Come, shop: Shop) -> AtShop:
    for variant in (shop.small, shop.large):
        deliver(variant, shop.warehouse, 50)
    return at_shop("phone-of-anna")


def test_it_costs_what_the_list_says_where_there_is_no_offer(phone: AtShop) -> None:
    alone = {"amount": 129_900, "was": None, "discounts": [], "total": 129_900}
    assert told(phone) == {sku: {"sku": sku, "product": "vinga", **alone} for sku in SKUS}


def test_an_offer_counts_on_the_product_page_from_the_second_that_it_is_given(
    phone: AtShop,
) -> None:
    told(phone)
    give_offer("spring", PercentOff(2_000))
    one = told(phone)["vinga-38"]
    assert (one["amount"], one["total"]) == (129_900, 103_920)
    assert one["discounts"] == [{"name": "spring på svenska", "amount": 25_980}]
    offers.set_state("spring", Offer.State.PAUSED, "astrid")
    assert told(phone)["vinga-38"]["total"] == 129_900


def test_what_she_has_used_up_is_no_longer_promised_on_any_device(
    phone: AtShop, at_shop: Come
) -> None:
    give_offer("once", PercentOff(2_000), most_each=1)
    log_in(phone, "anna@example.se")
    assert told(phone)["vinga-38"]["total"] == 103_920
    phone.add("vinga-38")
    order = {"contact": ANNA, "address": HOME, "pay_by": "invoice", "total": 103_920}
    placed = phone.ask("POST", "orders", order, **{"Idempotency-Key": "k"})
    assert placed.status_code == 201, placed.content
    laptop = at_shop("laptop-of-anna")
    assert told(laptop)["vinga-38"]["total"] == 103_920  # nobody knows yet who it is
    log_in(laptop, "anna@example.se")
    assert told(laptop)["vinga-38"]["total"] == told(phone)["vinga-38"]["total"] == 129_900


def test_what_needs_a_code_a_second_piece_or_more_money_is_not_told(phone: AtShop) -> None:
    give_offer("code", PercentOff(2_000), needs_code=True)
    give_offer("pair", PercentOff(3_000), least_pieces=2)
    give_offer("much", PercentOff(4_000), minimum={"SEK": 200_000})
    assert told(phone)["vinga-38"]["discounts"] == []


def test_what_is_not_sold_there_is_left_out_and_too_much_is_refused(phone: AtShop) -> None:
    Variant.objects.filter(sku="vinga-39").update(removed_at=timezone.now())
    assert set(told(phone, *SKUS, "nothing")) == {"vinga-38"}
    assert phone.ask("GET", "prices").json()["items"] == []
    many = "&".join(f"sku=s{number}" for number in range(101))
    assert phone.ask("GET", f"prices?{many}").status_code == 422


def test_who_has_just_come_is_told_the_same_as_whoever_has_a_session_and_is_not_known(
    phone: AtShop,
) -> None:
    give_offer("spring", PercentOff(2_000))
    hers = phone.ask("GET", "prices?product=vinga").json()
    assert {one["sku"] for one in hers["items"]} == set(SKUS)
    machine = Machine(Scope.SHOP)
    assert machine.ask("GET", "shop/prices/anybody?product=vinga").json() == hers
    assert machine.ask("GET", "shop/prices/anybody?market=XX").status_code == 422
    assert Machine(Scope.READ_OFFERS).ask("GET", "shop/prices/anybody").status_code == 403


def test_many_cost_no_more_statements_than_one(
    phone: AtShop, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_offer("once", PercentOff(2_000), most_each=1)
    assert len(told(phone)) == 2  # the offers are read once an edition
    sent = []
    for skus in (("vinga-38",), SKUS):
        with counted(monkeypatch) as total:
            assert len(pieces.view(Market("SE", "SEK", "sv"), None, skus=skus)) == len(skus)
        sent.append(total[0])
    assert sent == [2, 2]  # the goods, and whoever buys


BENEFITS = st.one_of(
    st.builds(PercentOff, rate=st.integers(1, 10_000)),
    st.builds(AmountOffEach, amounts=st.integers(0, 200_000).map(lambda one: {"SEK": one})),
    st.builds(FixedPrice, amounts=st.integers(0, 150_000).map(lambda one: {"SEK": one})),
)
OFFERS = st.lists(
    st.tuples(
        BENEFITS,
        st.fixed_dictionaries(
            {
                "stacking": st.sampled_from(Stacking),
                "goods": st.builds(Goods, without_sale=st.booleans()),
                "markets": st.sampled_from([frozenset(), frozenset({"SE"}), frozenset({"DK"})]),
                "least_pieces": st.integers(0, 2),
            }
        ),
    ),
    max_size=3,
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(given=OFFERS, sale=st.none() | st.integers(1, 129_899))
def test_whatever_offers_there_are_the_product_page_says_what_the_cart_says(
    phone: AtShop, shop: Shop, given: list[tuple[object, dict[str, object]]], sale: int | None
) -> None:
    for old in Offer.objects.filter(state=Offer.State.LIVE):
        offers.set_state(old.key, Offer.State.PAUSED, "astrid")
    Price.objects.filter(variant=shop.small, sale=True).delete()
    if sale is not None:
        Price.objects.create(
            variant_id=shop.small,
            market="SE",
            currency="SEK",
            amount=sale,
            sale=True,
            since=timezone.now() - timedelta(hours=1),
        )
    for number, (benefit, terms) in enumerate(given):
        give_offer(f"o{number}", benefit, **terms)
    for sku, one in told(phone).items():
        assert (one["total"], one["discounts"]) == in_cart(phone, sku)
