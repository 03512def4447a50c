"""What has the prices of a market is collected and sent there, whoever asks and wherever."""

from __future__ import annotations

import pytest
from django.test import Client

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Place, Price
from spindel.commerce.carts import actions as shared_cart
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.actions import Edit
from spindel.commerce.carts.models import Cart, CartLine
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Draft, Item
from spindel.commerce.orders.placement.placing import Checkout
from spindel.commerce.quotes import actions as quotes
from spindel.commerce.returns.actions import Back
from spindel.commerce.stock.models import Hold
from spindel.identity import customers, ownership
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal
from spindel.staff.actors import Actor
from spindel.staff.models import User
from tests.commerce import acting
from tests.commerce.carts.abroad import THERE
from tests.commerce.carts.abroad import abroad as abroad  # a fixture
from tests.commerce.carts.abroad import at_shop as at_shop  # a fixture
from tests.commerce.conftest import Shop
from tests.commerce.quotes import cast as quoting
from tests.console.conftest import as_role, maja, text
from tests.shopping import AtShop, Come, log_in
from tests.store.cast import Tablet, look_up_anna, product_page

__all__ = ["as_role", "maja"]

CONTACT = {"name": "Anna", "email": "anna@example.se"}
HOME = {"street": "Storgatan 1", "postcode": "411 01", "city": "Göteborg", "country": "SE"}


def order(device: AtShop, **address: str):
    said = {"pay_by": "invoice", "contact": CONTACT, "address": address or HOME}
    return device.ask("POST", "orders", said, **{"Idempotency-Key": str(address)})


# --- a shopper ------------------------------------------------------------------------------------


def test_a_store_of_another_country_is_not_chosen(at_shop: Come) -> None:
    phone = at_shop("phone")
    phone.add("vinga-38")
    refused = phone.put("vinga-38", fulfilment="pick_up", place="kobenhavn")
    assert (refused.status_code, refused.json()["code"]) == (409, "refused")
    assert "change the country" in refused.json()["message"]
    assert phone.put("vinga-38", fulfilment="pick_up", place="goteborg").status_code == 200


def test_it_is_not_sent_to_another_country(at_shop: Come) -> None:
    phone = at_shop("phone")
    phone.add("vinga-38")
    refused = order(phone, **THERE)
    assert (refused.status_code, refused.json()["code"]) == (409, "refused")
    assert "change the country" in refused.json()["message"]
    assert not Order.objects.exists()
    assert order(phone).status_code == 201


def test_with_the_market_prices_and_stores_change(at_shop: Come) -> None:
    phone = at_shop("phone")
    phone.add("vinga-38")
    phone.add("vinga-39")
    phone.put("vinga-38", fulfilment="pick_up", place="goteborg")
    phone.ask("PUT", "session", {"market": "DK"})
    cart = phone.ask("GET", "cart").json()
    assert (cart["currency"], cart["total"]) == ("DKK", 2 * 84_900)
    assert [[note["code"] for note in line["notes"]] for line in cart["lines"]] == [
        ["not_here"],
        [],
    ]
    assert order(phone, **THERE).status_code == 409  # one of them is still fetched in Göteborg
    assert phone.put("vinga-38", fulfilment="pick_up", place="kobenhavn").status_code == 200
    made = order(phone, **THERE)
    assert made.status_code == 201
    assert made.json()["currency"] == "DKK"


def test_a_market_is_that_of_the_cart_on_every_device(at_shop: Come) -> None:
    phone, laptop = at_shop("phone"), at_shop("laptop")
    for device in (phone, laptop):
        log_in(device, "anna@example.se")
    phone.add("vinga-38")
    phone.ask("PUT", "session", {"market": "DK"})
    for device in (phone, laptop):
        told = device.ask("GET", "session").json(), device.ask("GET", "cart").json()
        assert [(one["market"], one["currency"]) for one in told] == [("DK", "DKK")] * 2
    said = {"sku": "vinga-38", "place": "kobenhavn", "until": "tomorrow"}
    assert laptop.ask("POST", "holds", said, **{"Idempotency-Key": "k"}).status_code == 201
    assert laptop.ask("PUT", "session", {"language": "en"}).json()["market"] == "DK"
    assert order(laptop, **THERE).status_code == 201
    for device in (phone, laptop):  # the next cart, too, on whichever device it begins
        assert device.ask("GET", "cart").json()["market"] == "DK"
    assert laptop.add("vinga-39") == {"vinga-39": 1}
    assert phone.ask("GET", "cart").json()["currency"] == "DKK"


def test_what_another_market_does_is_shown_before_it_is_done(abroad: int, at_shop: Come) -> None:
    Price.objects.filter(variant__sku="vinga-39", market="DK").delete()
    phone = at_shop("phone")
    phone.add("vinga-38")
    phone.add("vinga-39")
    phone.put("vinga-38", fulfilment="pick_up", place="goteborg")
    there = phone.ask("GET", "cart?market=DK").json()
    assert (there["currency"], there["total"]) == ("DKK", 84_900)
    assert [[note["code"] for note in line["notes"]] for line in there["lines"]] == [
        ["not_here"],
        ["gone"],
    ]
    assert phone.ask("GET", "cart").json()["currency"] == "SEK", "nothing is changed"
    assert phone.ask("GET", "cart?market=XX").status_code == 422
    assert at_shop("new").ask("GET", "cart?market=DK").json()["currency"] == "DKK"


def test_nothing_is_held_for_a_shopper_in_another_country(at_shop: Come) -> None:
    phone = at_shop("phone")
    said = {"sku": "vinga-38", "place": "kobenhavn", "until": "tomorrow"}
    answer = phone.ask("POST", "holds", said, **{"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (409, "refused")
    assert not Hold.objects.exists()


# --- people here ----------------------------------------------------------------------------------


def filled(customer: int, market: str = "SE", currency: str = "SEK") -> Cart:
    shared_cart.change_for(
        ownership.under(customer),
        Edit("vinga-38", quantity=1),
        market=Market(market, currency, "en"),
    )
    found = carts.open_of(customer)
    assert found
    return found


def her(anna: int) -> int:
    found = customers.by_identifier("user_id", "anna")
    assert found
    return found


def test_an_agent_is_offered_the_stores_of_her_market(maja: Client, abroad: int, anna: int) -> None:
    customer = her(anna)
    filled(customer)
    page = text(maja.get(f"/carts/of/{customer}/"))
    assert "Göteborg" in page
    assert "Købmagergade" not in page
    said = {"sku": "vinga-38", "fulfilment": "pick_up", "place": "kobenhavn"}
    answer = maja.post(f"/carts/of/{customer}/change/", said, headers={"HX-Request": "true"})
    assert "whose prices they have" in text(answer)
    assert CartLine.objects.get().place_id is None


def test_a_machine_that_orders_for_anybody_is_told_the_same(abroad: int, shop: Shop) -> None:
    with pytest.raises(Refusal, match="sent within the country"):
        placing.sell(draft(Item(shop.small, 1), address=THERE))
    with pytest.raises(Refusal, match="collected in the country"):
        placing.sell(draft(Item(shop.small, 1, "pick_up", abroad)))
    assert not Order.objects.exists()


def draft(item: Item, **more: object) -> Draft:
    words: dict[str, object] = {
        "source": "test",
        "key": "k",
        "items": [item],
        "market": "SE",
        "currency": "SEK",
        "language": "sv",
        "channel": "web",
        "pay_by": "invoice",
        "contact": CONTACT,
    }
    return acting.drafted(**(words | more))  # type: ignore[arg-type]  # the words are right


def test_a_quote_is_of_one_market(abroad: int, shop: Shop) -> None:
    with pytest.raises(Refusal, match="collected in the country"):
        quoting.make(Item(shop.small, 1, "pick_up", abroad), pay_by="store")
    with pytest.raises(Refusal, match="sent within the country"):
        quoting.make(Item(shop.small, 1), address=THERE)
    assert quoting.make(Item(shop.small, 1), market="DK", address=THERE).currency == "DKK"
    quote = quoting.sent(Item(shop.small, 1, "pick_up", shop.goteborg), pay_by="store")
    Place.objects.filter(pk=shop.goteborg).update(country="DK")
    with pytest.raises(Refusal):
        quotes.accept(quote.pk, quote.revision, channel="email")


def test_goods_are_exchanged_in_any_country(abroad: int, shop: Shop) -> None:
    bought = placing.sell(
        draft(Item(shop.small, 1, "hand_over", shop.goteborg), pay_by="till", place=shop.goteborg)
    )
    done = acting.exchange(
        bought.pk,
        [Back(bought.lines.get().line, 1)],
        [Item(shop.large, 1, "hand_over", abroad)],
        place=abroad,
        by="Oskar",
        user=None,
        source="test",
        key="e",
    )
    assert done.exchange is not None
    assert done.exchange.currency == "SEK"


# --- in a store -----------------------------------------------------------------------------------


def test_in_a_store_her_cart_has_the_prices_of_the_store(
    abroad: int, shop: Shop, anna: int, clerk: User
) -> None:
    customer = her(anna)
    cart = filled(customer)
    tablet = Tablet(clerk).at("kobenhavn")
    look_up_anna(tablet)
    page = tablet.get(f"/store/customers/{customer}/")
    assert "849" in page
    assert "1,299" not in page
    assert "Sold" in tablet.tap(page, f"/store/customers/{customer}/cart/sell/")
    sold = Order.objects.get()
    assert (sold.market, sold.currency, sold.total) == ("DK", "DKK", 84_900)
    assert Cart.objects.get(pk=cart.pk).market == "DK"


def test_what_a_clerk_changes_in_her_cart_brings_it_into_the_stores_market(
    abroad: int, anna: int, clerk: User
) -> None:
    customer = her(anna)
    cart = filled(customer)
    tablet = Tablet(clerk).at("kobenhavn")
    look_up_anna(tablet)
    page = tablet.get(f"/store/customers/{customer}/")
    tablet.tap(page, f"/store/customers/{customer}/cart/", quantity="2")
    cart.refresh_from_db()
    changed = carts.view(cart.pk, "en")
    assert (changed.market, changed.total) == ("DK", 2 * 84_900)
    with pytest.raises(shared_cart.Changed):
        shared_cart.change_for(
            ownership.under(customer),
            Edit("vinga-38", quantity=3, version=cart.version - 1),
            market=Market("SE", "SEK", "sv"),
            here=True,
        )


def test_what_a_clerk_of_another_country_puts_in_brings_all_of_it_there_and_says_so(
    abroad: int, shop: Shop, anna: int, clerk: User
) -> None:
    customer = her(anna)
    cart = filled(customer)
    tablet = Tablet(clerk).at("kobenhavn")
    look_up_anna(tablet)
    page = tablet.get(f"/store/customers/{customer}/")
    assert "The cart is in SEK" in page
    assert "gone down" not in page, "it is other money"
    page = tablet.get(product_page(shop, shop.large))
    page = tablet.tap(page, "/store/into-cart/")
    assert "which has the prices of this store now (DKK)" in page
    changed = carts.view(cart.pk, "en")
    assert (changed.market, changed.total) == ("DK", 2 * 84_900)
    assert "The cart is in" not in tablet.get(f"/store/customers/{customer}/")


def test_an_order_for_her_is_of_the_store_that_she_stands_in(
    abroad: int, shop: Shop, anna: int
) -> None:
    customer = her(anna)
    filled(customer)
    made = placing.place_cart_for(
        customer,
        Checkout("invoice", CONTACT, THERE),
        request=Request("bot", "k"),
        market=Market("DK", "DKK", "da"),
        actor=Actor("Oskar", channel="store", place=abroad),
    )
    assert (made.currency, made.total) == ("DKK", 84_900)
