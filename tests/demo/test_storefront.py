"""The demo's web shop, by plain forms and links, against the real API."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest
from django.utils import timezone

from spindel.catalogue.actions import put_prices
from spindel.catalogue.models import Place, Price, Product, Variant
from spindel.catalogue.product_input import PriceData
from spindel.club.models import ClubMember
from spindel.commerce.carts.models import Cart
from spindel.commerce.orders.models import Order
from spindel.commerce.stock import hold_codes
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.reading import levels
from spindel.demo.nordsko.contents import make_contents
from spindel.demo.nordsko.offers import make_offers
from spindel.demo.storefront import showing, words
from spindel.demo.storefront.visiting import Visit, back_to
from spindel.offers import actions as offers
from spindel.offers.models import Offer, PricePromise
from spindel.offers.terms import PercentOff, Terms
from spindel.shoppers.models import Shopper
from tests.club.cast import give
from tests.commerce.payments.conftest import bank
from tests.commerce.payments.standing import StandingBank
from tests.commerce.stock.cast import reserve
from tests.demo.storefront import HOST, Street, bring, login_link, mailed_link, put_product
from tests.demo.storefront import street as street  # a fixture
from tests.demo.storefront import words as said

__all__ = ["bank"]

ROOT = Path(words.__file__).parent
ANNA = {
    "name": "Anna Berg",
    "email": "anna@example.com",
    "phone": "",
    "street": "Storgatan 1",
    "postcode": "411 01",
    "city": "Göteborg",
    "country": "SE",
    "pay_by": "invoice",
}


def take(sku: str, place: str, quantity: int) -> None:
    """Somebody else is quicker."""
    reserve((Variant.objects.get(sku=sku).pk, Place.objects.get(code=place).pk, quantity))


def lines() -> dict[str, int]:
    """What is in the only cart."""
    return {one.variant.sku: one.quantity for one in Cart.objects.get().lines.all()}


# --- looking --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "market", "boots", "price"),
    [
        ("en", "SE", "Boots", "SEK 1,299"),
        ("sv", "SE", "Stövlar", "1 299 kr"),
        ("da", "DK", "Støvler", "849 kr."),
    ],
)
def test_the_shop_speaks_her_language_and_has_the_prices_of_her_country(
    street: Street, language: str, market: str, boots: str, price: str
) -> None:
    page = street.shopper(language).get("/shop/")
    assert page.status_code == 200
    assert page.headers["content-language"] == language
    assert boots in page.text
    assert price in page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert f'value="{market}" selected' in page.text


def test_another_country_and_language_can_be_chosen_and_stay(street: Street) -> None:
    anna = street.shopper("en")
    page = anna.send(anna.get("/shop/products"), "/shop/prefer", market="DK", language="da")
    assert page.url.path == "/shop/products"
    assert "Alle sko" in page.text
    assert "849 kr." in anna.get("/shop/products/vinga").text.replace("\N{NO-BREAK SPACE}", " ")


def test_looking_begins_no_session(street: Street) -> None:
    anna = street.shopper()
    for path in ("/shop/", "/shop/products", "/shop/products/vinga", "/shop/cart", "/shop/my"):
        assert anna.get(path).status_code == 200
    assert not anna.client.cookies
    assert not Shopper.objects.exists()


def test_a_search_and_facets_narrow_the_list(street: Street) -> None:
    anna = street.shopper()
    assert "2 models" in said(anna.get("/shop/products"))
    found = said(anna.get("/shop/products?category=Boots"))
    assert "Kiruna" in found
    assert "Vinga" not in found
    assert "Vinga" in said(anna.get("/shop/products?q=vin"))
    white = anna.get("/shop/products?colour=white&size=38")
    assert "/shop/img/vinga-white.svg" in white.text
    assert "Kiruna" not in said(white)


def test_a_tile_shows_the_variant_that_was_named(street: Street) -> None:
    found = street.shopper().get("/shop/products?q=vita+vinga+38")
    assert "/shop/img/vinga-white.svg" in found.text
    assert "/shop/products/vinga?sku=vinga-white-38" in found.text
    assert "/shop/products/vinga?sku=vinga-white-38" in (
        street.shopper("sv").get("/shop/suggest?q=vita+vinga+38", **{"X-Part": "1"}).text
    )


def test_a_slip_is_said_and_a_miss_names_what_there_is(street: Street) -> None:
    anna = street.shopper()
    assert "This is what there is of “vinga”." in said(anna.get("/shop/products?q=vigna"))
    miss = anna.get("/shop/products?q=vinga+99")
    assert 'href="/shop/products?q=vinga"' in miss.text


def test_the_order_and_the_filters_stand_in_the_address(street: Street) -> None:
    bring("vinga-black-39", "vallgatan", 1)
    dear = PriceData("SE", "SEK", 249_900)
    put_prices([("kiruna-brown-38", dear), ("kiruna-brown-39", dear)])
    anna = street.shopper()
    page = anna.get("/shop/products?sort=-price")
    assert page.text.index("Kiruna</h2>") < page.text.index("Vinga</h2>")
    page = anna.get("/shop/products?sort=price")
    assert page.text.index("Vinga</h2>") < page.text.index("Kiruna</h2>")
    assert '<option value="price" selected>' in page.text
    there = anna.get("/shop/products?in_stock=vallgatan&sort=price")
    assert "1 model" in said(there)
    assert 'value="vallgatan" checked' in there.text
    assert 'href="/shop/products?sort=price" aria-label="Without Vallgatan"' in there.text
    assert "Vinga" not in said(anna.get("/shop/products?price=200000-"))
    for rubbish in ("price=x", "price=9-1", "sort=evil", "in_stock=%00", "size=%27"):
        assert anna.get(f"/shop/products?{rubbish}").status_code == 200


def test_a_search_without_a_hit_says_what_to_do(street: Street) -> None:
    assert "Try another word" in said(street.shopper().get("/shop/products?q=xyzzy"))


def test_suggestions_are_a_part_of_a_page(street: Street) -> None:
    part = street.shopper().get("/shop/suggest?q=kir", **{"X-Part": "1"})
    assert 'role="listbox"' in part.text
    assert "/shop/products/kiruna" in part.text
    assert "<html" not in part.text


def test_a_size_says_whether_it_is_there_few_in_stores_or_gone(street: Street) -> None:
    bring("vinga-black-38", "lager", 9)
    bring("vinga-black-39", "vallgatan", 1)
    page = street.shopper().get("/shop/products/vinga")
    states = re.findall(r'value="(vinga-[^"]+)"[^>]*data-state="(\w+)"', page.text)
    assert states == [("vinga-black-38", "there"), ("vinga-black-39", "stores")]
    white = street.shopper().get("/shop/products/vinga?colour=white")
    assert 'data-state="gone"' in white.text


def test_what_it_was_stands_beside_what_it_costs_now(street: Street) -> None:
    for variant in Variant.objects.filter(product__number="vinga"):
        Price.objects.create(variant=variant, market="SE", currency="SEK", amount=99_900, sale=True)
    page = said(street.shopper().get("/shop/products/vinga"))
    assert "999 was SEK 1,299" in page.replace("\N{NO-BREAK SPACE}", " ")


def test_find_in_store_works_without_a_script_and_knows_the_nearest(street: Street) -> None:
    bring("vinga-black-38", "vallgatan", 5)
    Place.objects.filter(code="kobmagergade").update(country="SE")
    anna = street.shopper()
    page = anna.get("/shop/products/vinga?sku=vinga-black-38")
    assert said(page).index("Vallgatan") < said(page).index("Købmagergade")
    page = anna.send(page, "/shop/near", near="55.68,12.57")
    assert said(page).index("Købmagergade") < said(page).index("Vallgatan")
    assert "In the store" in said(page)


def test_what_there_is_not_is_a_page_that_helps(street: Street) -> None:
    anna = street.shopper()
    for path in ("/shop/products/nothing", "/shop/shared/x", "/shop/x/y"):
        answer = anna.get(path)
        assert answer.status_code == 404, path
        assert "/shop/products" in answer.text


def test_a_name_from_outside_is_text_and_a_long_one_breaks_nothing(street: Street) -> None:
    put_product("evil", "Boots", ("brown",), '<script>alert("1")</script>' + "ä" * 200)
    for path in ("/shop/products", "/shop/products/evil", "/shop/products?q=<script>x"):
        page = street.shopper().get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<script>x" not in page.text


def test_a_picture_is_kept_for_long_and_an_unknown_one_is_404(street: Street) -> None:
    anna = street.shopper()
    found = anna.get("/shop/img/vinga-white.svg")
    assert found.headers["content-type"] == "image/svg+xml"
    assert "max-age=604800" in found.headers["cache-control"]
    assert anna.get("/shop/img/vinga-pink.svg").status_code == 404


# --- holding and the cart -------------------------------------------------------------------------


def test_a_size_is_held_in_a_store_until_tomorrow(street: Street) -> None:
    bring("vinga-black-38", "vallgatan", 1)
    anna = street.shopper()
    page = anna.send(anna.get("/shop/products/vinga?sku=vinga-black-38"), "/shop/holds")
    assert page.url.path == "/shop/my"
    assert "It is held for you" in said(page)
    assert "in Vallgatan until tomorrow 18:00" in said(page)
    page = anna.send(page, "/release")
    assert "The hold is let go" in said(page)
    assert "Vinga" not in said(page)
    assert Hold.objects.get().state == Hold.State.RELEASED


def test_the_last_pair_that_is_held_for_her_is_shown_where_she_looks_and_is_bought(
    street: Street,
) -> None:
    bring("vinga-black-38", "vallgatan", 1)
    anna, bo = street.shopper(), street.shopper()
    path = "/shop/products/vinga?sku=vinga-black-38"
    anna.send(anna.get(path), "/shop/holds")
    assert "Sold out on the web and in all our stores in Sweden" in bo.get(path).text
    assert 'data-state="gone"' in bo.get(path).text
    page = anna.get(path)
    assert 'data-state="held"' in page.text
    assert "in Vallgatan until tomorrow 18:00" in said(page)
    code = showing.spaced(hold_codes.code(Hold.objects.get().pk))
    assert code in said(page)
    assert "<svg" in page.text.partition('class="code"')[2].partition("</details>")[0]
    assert "Held for you in Vallgatan until" in said(page).partition("Find in store")[2]
    page = anna.send(page, "/buy")
    assert page.url.path == "/shop/cart"
    assert "held for you until you have bought it" in said(page)
    assert "Sold out" not in said(page)
    anna.send(anna.get(path), "/buy")  # again: nothing more
    assert lines() == {"vinga-black-38": 1}
    page = anna.send(anna.get("/shop/checkout"), "/shop/checkout", **ANNA | {"pay_by": "store"})
    assert "Thank you" in said(page)
    assert levels.verify() == []
    assert code not in anna.get("/shop/my").text
    assert code not in anna.get(path).text


def test_what_is_over_can_not_be_bought_nor_let_go_and_that_is_said(street: Street) -> None:
    bring("vinga-black-38", "vallgatan", 1)
    anna = street.shopper()
    page = anna.send(anna.get("/shop/products/vinga?sku=vinga-black-38"), "/shop/holds")
    anna.send(page, "/release")
    for form in ("/buy", "/release"):
        answer = anna.send(page, form)
        assert answer.url.path == "/shop/my"
    assert "It is not held for you any more" in said(anna.send(page, "/buy"))
    assert not Cart.objects.filter(lines__isnull=False).exists()


def test_what_she_waits_for_in_vain_is_said_and_what_was_fetched_is_not(street: Street) -> None:
    bring("vinga-black-38", "vallgatan", 1)
    anna = street.shopper()
    page = anna.send(anna.get("/shop/products/vinga?sku=vinga-black-38"), "/shop/holds")
    part = {"X-Part": "1"}
    assert "Cancel the reservation" in anna.get("/shop/held", **part).text
    held = Hold.objects.get()
    Hold.objects.update(until=timezone.now() - timedelta(seconds=1))
    page = anna.get("/shop/my")
    assert "Vinga is not held any more: its time was up in Vallgatan" in said(page)
    assert "Cancel the reservation" not in page.text
    Hold.objects.update(until=held.until)
    holds.hand_over(held.pk, "Oskar")
    assert "Vinga" not in anna.get("/shop/held", **part).text
    told = anna.get("/shop/held?product=vinga", **part).text
    assert '"vinga-black-38": "gone"' in unescape(told)


def test_the_same_hold_pressed_twice_is_one(street: Street) -> None:
    bring("vinga-black-38", "vallgatan", 5)
    anna = street.shopper()
    page = anna.get("/shop/products/vinga?sku=vinga-black-38")
    for _ in range(2):
        anna.send(page, "/shop/holds")
    assert Hold.objects.count() == 1


def test_gone_between_the_page_and_the_click_is_said(street: Street) -> None:
    bring("vinga-black-38", "vallgatan", 1)
    anna = street.shopper()
    page = anna.get("/shop/products/vinga?sku=vinga-black-38")
    take("vinga-black-38", "vallgatan", 1)
    page = anna.send(page, "/shop/holds")
    assert page.url.path == "/shop/products/vinga"
    assert "Somebody was quicker" in said(page)
    assert "Not here just now" in said(page)


def test_a_size_goes_into_the_cart_and_the_same_form_again_counts_once(street: Street) -> None:
    bring("vinga-black-38", "lager", 9)
    anna = street.shopper()
    page = anna.get("/shop/products/vinga")
    for _ in range(2):
        answer = anna.send(page, "data-add", sku="vinga-black-38")
    assert answer.url.path == "/shop/products/vinga"
    assert "It is in your cart" in said(answer)
    assert lines() == {"vinga-black-38": 1}
    anna.send(anna.get("/shop/products/vinga"), "data-add", sku="vinga-black-38")
    assert lines() == {"vinga-black-38": 2}


def test_without_a_size_nothing_is_put_in(street: Street) -> None:
    anna = street.shopper()
    answer = anna.send(anna.get("/shop/products/vinga"), "data-add")
    assert "Choose a size first" in said(answer)


def _filled(street: Street, quantity: int = 1):
    bring("vinga-black-38", "lager", 9)
    anna = street.shopper()
    anna.send(
        anna.get("/shop/products/vinga"), "data-add", sku="vinga-black-38", quantity=str(quantity)
    )
    return anna


def test_a_line_is_changed_saved_taken_back_and_out(street: Street) -> None:
    anna = _filled(street)
    page = anna.send(anna.get("/shop/cart"), "/shop/cart/lines", do="more")
    assert lines() == {"vinga-black-38": 2}
    assert "SEK 2,598" in plain(page)
    page = anna.send(page, "/shop/cart/lines", do="set", way="pick_up:vallgatan")
    assert re.search(r'value="pick_up:vallgatan"\s+selected', page.text)
    assert "Sold out in Vallgatan" in said(page)
    assert "To the checkout" not in said(page)
    page = anna.send(page, "/shop/cart/lines", do="save")
    assert "Nothing in it yet" in said(page)
    page = anna.send(page, "/shop/cart/lines", do="unsave")
    page = anna.send(page, "/shop/cart/lines", do="remove")
    assert lines() == {}


def test_a_code_is_entered_counts_and_is_taken_out(street: Street) -> None:
    make_offers()
    anna = _filled(street, 2)
    page = anna.send(anna.get("/shop/cart"), "/shop/cart/codes", code="nonsense")
    assert "There is no such code" in said(page)
    page = anna.send(page, "/shop/cart/codes", code="par2")
    assert page.url.path == "/shop/cart"
    shown = plain(page)
    assert "The second pair at half price −SEK 649.50" in shown
    assert "SEK 1,948.50" in shown
    page = anna.send(anna.get("/shop/cart"), "/shop/cart/codes/PAR2/remove")
    assert "SEK 2,598" in plain(page)
    assert Cart.objects.get().codes == []


def test_what_she_is_shown_she_can_close_for_good(street: Street) -> None:
    make_offers()
    make_contents()
    anna = street.shopper()
    for _ in ("who has just come", "who has a session"):
        page = anna.get("/shop/")
        assert "Rainy days" in plain(page)
        assert anna.get("/shop/img/rain-wide.svg").status_code == 200
        assert "Rainy days" not in plain(anna.get("/shop/products/vinga"))
        anna.send(anna.get("/shop/products/vinga?sku=vinga-black-38"), "data-add")
    page = anna.send(anna.get("/shop/"), "/shop/dismissed")
    assert page.url.path == "/shop/"
    assert "Rainy days" not in plain(page)
    assert "The second pair at half price" in plain(page)


def test_an_offer_that_needs_no_code_stands_on_lists_and_on_the_product_page(
    street: Street,
) -> None:
    bring("vinga-black-38", "lager", 9)
    names = {"en": "Boot weeks", "sv": "Kängveckor"}
    offers.keep("weeks", Terms(names=names, benefit=PercentOff(1_000)), by="mikkel")
    offers.set_state("weeks", Offer.State.LIVE, "mikkel")
    anna = street.shopper()
    for _ in ("who has just come", "who has a cart"):
        page = anna.get("/shop/products/vinga?sku=vinga-black-38")
        assert "SEK 1,169.10 was SEK 1,299" in plain(page)
        assert "Boot weeks" in plain(page)
        for path in ("/shop/products", "/shop/suggest?q=vinga", "/shop/"):
            assert "SEK 1,169.10" in plain(anna.get(path)), path
        anna.send(page, "data-add", sku="vinga-black-38")
    assert "Boot weeks −SEK 259.80" in plain(anna.get("/shop/cart"))


def plain(page: httpx.Response) -> str:
    """Its words, with spaces that break."""
    return said(page).replace("\N{NO-BREAK SPACE}", " ")


def test_the_stores_of_her_country_are_offered_and_none_of_another(street: Street) -> None:
    anna = _filled(street)
    bring("vinga-black-38", "vallgatan", 5)
    for path in ("/shop/cart", "/shop/products/vinga?sku=vinga-black-38"):
        page = anna.get(path).text
        assert "Vallgatan" in page
        assert "Købmagergade" not in page
    page = anna.send(anna.get("/shop/cart"), "/shop/cart/lines", do="set", way="pick_up:vallgatan")
    asked = anna.send(page, "/shop/prefer", market="DK")
    assert "Vallgatan is not in Denmark" in said(asked)
    assert "SEK 1,299 → DKK 849" in plain(asked)
    assert Cart.objects.get().market == "SE", "it is shown before it is done"
    page = anna.send(asked, "/shop/prefer")
    assert "have the prices of Denmark now (DKK)" in said(page)
    assert page.url.path == "/shop/cart"
    assert "Vallgatan is in another country" in said(page)
    assert "To the checkout" not in said(page)
    assert "Købmagergade" in page.text
    page = anna.send(page, "/shop/cart/lines", do="more")  # which leaves the store as it is
    assert "Vallgatan is in another country" in said(page)
    page = anna.send(page, "/shop/cart/lines", do="set", way="ship:")
    assert "To the checkout" in said(page)
    form = anna.get("/shop/checkout").text.partition('id="f-country"')[2].partition("</select>")[0]
    assert '<option value="DK"' in form
    assert '<option value="SE"' not in form


def test_one_market_a_cart_on_all_her_devices(street: Street) -> None:
    phone, laptop = _filled(street), street.shopper()
    for device in (phone, laptop):
        device.send(device.get(login_link(device, "anna@example.com")), "/shop/login/confirm")
    assert "SEK" in laptop.get("/shop/products/vinga").text
    stale = laptop.get("/shop/")
    asked = phone.send(phone.get("/shop/cart"), "/shop/prefer", market="DK")
    phone.send(asked, "/shop/prefer")
    for path in ("/shop/products/vinga", "/shop/cart", "/shop/checkout"):
        page = laptop.get(path)
        assert page.url.path == path
        assert "DKK" in page.text
        assert "SEK" not in page.text
        if path == "/shop/products/vinga":
            assert "it has the prices of Denmark now (DKK)" in said(page)
    assert laptop.get("/shop/cart/count").json()["market"] == "DK"
    laptop.send(stale, "/shop/prefer", language="sv")  # a page of before the change
    assert Cart.objects.exclude(state="merged").get(lines__isnull=False).market == "DK"
    there = {"street": "Gothersgade 1", "postcode": "1123", "city": "København", "country": "DK"}
    page = laptop.send(laptop.get("/shop/checkout"), "/shop/checkout", **ANNA | there)
    assert page.url.path.startswith("/shop/orders/")
    assert Order.objects.get().currency == "DKK"


def test_a_change_on_what_is_no_longer_so_shows_how_it_is_now(street: Street) -> None:
    anna = _filled(street)
    old = anna.get("/shop/cart")
    anna.send(old, "/shop/cart/lines", do="set", quantity="5")
    page = anna.send(old, "/shop/cart/lines", do="remove")
    assert page.status_code == 409
    assert "changed elsewhere" in said(page)
    assert re.search(r'name="quantity"\s+value="5"', page.text)
    assert lines() == {"vinga-black-38": 5}


def test_a_price_that_has_changed_is_said_on_the_line(street: Street) -> None:
    anna = _filled(street)
    Price.objects.filter(market="SE").update(amount=149_900)
    assert "The price has gone up" in said(anna.get("/shop/cart"))


def test_a_shared_cart_shows_what_is_in_it_and_nothing_of_whose_it_is(street: Street) -> None:
    anna, bo = _filled(street), street.shopper()
    page = anna.send(anna.get("/shop/cart"), "/shop/cart/share")
    assert page.url.params["mine"] == "1"
    page = bo.get(page.url.path)
    assert "Vinga" in said(page)
    page = bo.send(page, "/shop/shared/")
    assert page.url.path == "/shop/cart"
    assert Cart.objects.count() == 2


def test_a_session_that_is_over_begins_anew_without_a_word(street: Street) -> None:
    anna = _filled(street)
    Shopper.objects.update(ended_at=timezone.now() - timedelta(minutes=1))
    assert "Nothing in it yet" in said(anna.get("/shop/cart"))
    answer = anna.send(anna.get("/shop/products/vinga"), "data-add", sku="vinga-black-38")
    assert "It is in your cart" in said(answer)


# --- buying ---------------------------------------------------------------------------------------


def test_an_order_is_placed_once_however_often_the_form_is_sent(street: Street) -> None:
    anna = _filled(street, 2)
    form = anna.get("/shop/checkout")
    first = anna.send(form, "/shop/checkout", **ANNA)
    second = anna.send(form, "/shop/checkout", **ANNA)
    order = Order.objects.get()
    assert first.url.path == second.url.path == f"/shop/orders/{order.number}"
    assert "Thank you" in said(first)
    assert "SEK 2,598" in plain(first)
    assert order.number in said(anna.get("/shop/my"))
    assert "Nothing in it yet" in said(anna.get("/shop/cart"))


def test_what_is_missing_is_named_and_what_was_written_stays(street: Street) -> None:
    anna = _filled(street)
    wrong = ANNA | {"email": "anna", "street": "", "name": "<b>Anna"}
    page = anna.send(anna.get("/shop/checkout"), "/shop/checkout", **wrong)
    assert page.status_code == 422
    assert "Write an e-mail address" in said(page)
    assert 'value="&lt;b&gt;Anna"' in page.text
    assert not Order.objects.exists()


def test_a_cart_that_has_changed_meanwhile_is_shown_before_it_is_bought(street: Street) -> None:
    anna = _filled(street)
    form = anna.get("/shop/checkout")
    anna.send(anna.get("/shop/cart"), "/shop/cart/lines", do="more")
    page = anna.send(form, "/shop/checkout", **ANNA)
    assert page.status_code == 409
    assert "still right?" in said(page)
    assert not Order.objects.exists()
    assert anna.send(page, "/shop/checkout", **ANNA).url.path.startswith("/shop/orders/")


def test_sold_out_meanwhile_is_said_and_nothing_is_bought(street: Street) -> None:
    anna = _filled(street, 5)
    form = anna.get("/shop/checkout")
    take("vinga-black-38", "lager", 7)
    page = anna.send(form, "/shop/checkout", **ANNA)
    assert page.status_code == 409
    assert "Somebody was quicker" in said(page) or "only 2 left" in said(page)
    assert not Order.objects.exists()


def test_what_has_not_left_can_be_cancelled(street: Street) -> None:
    anna = _filled(street)
    page = anna.send(anna.get("/shop/checkout"), "/shop/checkout", **ANNA)
    page = anna.send(page, "/cancel")
    assert "It is cancelled" in said(page)
    assert Order.objects.get().state == Order.State.CANCELLED


def test_nobody_sees_another_ones_order(street: Street) -> None:
    anna, bo = _filled(street), street.shopper()
    anna.send(anna.get("/shop/checkout"), "/shop/checkout", **ANNA)
    bo.send(bo.get("/shop/products/vinga"), "data-add", sku="vinga-black-39")
    number = Order.objects.get().number
    for page in (bo.get(f"/shop/orders/{number}"), bo.post(f"/shop/orders/{number}/cancel")):
        assert page.url.path == "/shop/login"
        assert "Storgatan" not in page.text
    bo.send(bo.get(login_link(bo, "bo@example.com")), "/shop/login/confirm")
    assert bo.get(f"/shop/orders/{number}").status_code == 404
    assert Order.objects.get().state != Order.State.CANCELLED


def test_an_orders_address_leads_to_the_login_and_back(street: Street) -> None:
    phone = _filled(street)
    phone.send(phone.get(login_link(phone, "anna@example.com")), "/shop/login/confirm")
    phone.send(phone.get("/shop/checkout"), "/shop/checkout", **ANNA)
    number, laptop = Order.objects.get().number, street.shopper()
    for path in (f"/shop/orders/{number}", "/shop/orders/R00000000000"):
        page = laptop.get(path)
        assert page.url.path == "/shop/login"
        assert "when you are logged in" in said(page)
    page = laptop.get(f"/shop/orders/{number}")
    laptop.send(page, 'action="/shop/login"', email="anna@example.com")
    page = laptop.send(laptop.get(mailed_link()), "/shop/login/confirm")
    assert page.url.path == f"/shop/orders/{number}"
    assert number in said(page)


def test_back_from_the_bank_is_the_order_and_the_way_to_pay_it_and_no_dead_form(
    bank: StandingBank, street: Street
) -> None:
    anna = _filled(street)
    form = anna.get("/shop/checkout")
    page = anna.send(form, "/shop/checkout", **ANNA | {"pay_by": "card"})
    order = f"/shop/orders/{Order.objects.get().number}"
    assert page.url.path == f"{order}/pay"
    assert bank.url in page.headers["refresh"]
    for path in (f"{order}/pay", "/shop/checkout", order):
        page = anna.get(path)
        assert page.url.path == order, path
        assert "refresh" not in page.headers
        assert "It is not paid yet" in said(page)
    assert "waits for your payment" in said(anna.get("/shop/cart"))
    assert anna.send(form, "/shop/checkout", **ANNA | {"pay_by": "card"}).url.path.endswith("/pay")
    assert Order.objects.count() == 1
    assert bank.url in anna.send(anna.get(order), "/pay").headers["refresh"]


def test_a_page_that_answers_a_form_says_which_address_shows_the_same(street: Street) -> None:
    anna = _filled(street)
    wrong = anna.send(anna.get("/shop/checkout"), "/shop/checkout", **ANNA | {"email": "anna"})
    assert 'data-at="/shop/checkout"' in wrong.text
    old = anna.get("/shop/cart")
    anna.send(old, "/shop/cart/lines", do="more")
    assert 'data-at="/shop/cart"' in anna.send(old, "/shop/cart/lines", do="more").text
    assert "data-at" not in anna.get("/shop/cart").text


# --- proving who she is ---------------------------------------------------------------------------


def test_a_mailed_link_logs_in_once_and_brings_the_carts_together(street: Street) -> None:
    phone, laptop = _filled(street), street.shopper()
    link = login_link(phone, "anna@example.com")
    page = phone.get(link)
    assert not Shopper.objects.exclude(identifier=None).exists(), "opening it does nothing yet"
    page = phone.send(page, "/shop/login/confirm")
    assert "You are logged in" in said(page)
    assert "anna@example.com" in said(page)
    laptop.send(laptop.get(login_link(laptop, "anna@example.com")), "/shop/login/confirm")
    assert "Vinga" in said(laptop.get("/shop/cart"))
    again = laptop.get(link)
    assert again.url.path == "/shop/my"
    assert "You are logged in already" in said(again)
    again = street.shopper().get(link)
    assert again.status_code == 410
    assert "was used already" in said(again)
    assert "Mail me a link" in said(again), "and here is how to have another"


def test_a_link_that_was_asked_for_elsewhere_says_as_whom(street: Street) -> None:
    his, hers = _filled(street), _filled(street)
    link = login_link(his, "mallory@example.com")
    assert "You log in as mallory@example.com." in said(his.get(link))
    page = hers.get(link)
    assert "You log in as m•••@example.com." in said(page)
    assert "not asked for here" in said(page)
    assert "mallory@example.com" in said(hers.send(page, "/shop/login/confirm"))


def test_pressed_twice_she_is_logged_in(street: Street) -> None:
    anna = _filled(street)
    page = anna.get(login_link(anna, "anna@example.com"))
    (kept,) = [one for one in anna.client.cookies.jar if one.name == "shop_session"]
    before = kept.value
    anna.send(page, "/shop/login/confirm")
    (kept,) = [one for one in anna.client.cookies.jar if one.name == "shop_session"]
    after, kept.value = kept.value, before  # as it was sent at the same moment
    assert after != before
    again = anna.send(page, "/shop/login/confirm")
    assert "shop_session" not in again.history[0].headers.get("set-cookie", "")
    kept.value = after
    anna.client.cookies.jar.set_cookie(kept)
    assert "anna@example.com" in said(anna.get("/shop/my"))


def test_after_logging_out_nothing_of_hers_is_shown(street: Street) -> None:
    anna = _filled(street)
    anna.send(anna.get(login_link(anna, "anna@example.com")), "/shop/login/confirm")
    page = anna.send(anna.get("/shop/my"), "/shop/logout")
    assert "You are logged out" in said(page)
    assert "Nothing in it yet" in said(anna.get("/shop/cart"))
    assert "anna@example.com" not in anna.get("/shop/my").text


def test_a_receipt_is_claimed_by_whoever_has_logged_in(street: Street) -> None:
    bo = _filled(street)
    bo.send(bo.get("/shop/checkout"), "/shop/checkout", **ANNA)
    anna = street.shopper()
    assert "Log in first" in said(
        anna.send(anna.get("/shop/my"), "/shop/claims", number=Order.objects.get().number)
    )
    anna.send(anna.get(login_link(anna, "eva@example.com")), "/shop/login/confirm")
    assert "No purchase has this number" in said(
        anna.send(anna.get("/shop/my"), "/shop/claims", number="R000000")
    )


@pytest.mark.parametrize(
    "back",
    [
        *("https://evil.example", "//evil.example", "/shop/../admin/", "/shop//evil.example"),
        *("/shop/%2e%2e/admin", "/shop/\\evil", "/shop/%252e%252e/", "javascript:alert(1)"),
        *("/login/", "/shopx", "/shop/a\nb"),
    ],
)
def test_the_way_back_is_only_ever_into_the_shop(back: str) -> None:
    assert back_to(back) == "/shop/"


@pytest.mark.parametrize("back", ["/shop/my", "/shop/products/vinga?sku=A-B&x=%20", "/shop/"])
def test_the_way_back_into_the_shop_is_kept(back: str) -> None:
    assert back_to(back) == back


# --- wishes ---------------------------------------------------------------------------------------


def test_a_size_is_remembered_and_forgotten(street: Street) -> None:
    anna = street.shopper()
    form = anna.get("/shop/products/vinga")
    wish = {"sku": "vinga-black-38", "do": "wish", "back": "/shop/my"}
    assert 'formaction="/shop/wishes"' in form.text
    page = anna.post("/shop/wishes", wish)
    assert "It is on your list" in said(page)
    assert "Sold out on the web" in said(page)
    assert "Nothing yet" in said(anna.send(page, "/shop/wishes", do="remove"))


def test_to_be_told_when_it_is_back_she_says_who_she_is(street: Street) -> None:
    anna = street.shopper()
    tell = {"sku": "vinga-black-38", "do": "tell", "back": "/shop/products/vinga"}
    page = anna.post("/shop/wishes", tell)
    assert page.url.path == "/shop/login"
    assert "must know where to write" in said(page)
    anna.send(anna.get(login_link(anna, "anna@example.com")), "/shop/login/confirm")
    assert "We write to you" in said(anna.post("/shop/wishes", tell))
    assert "We write to you when it is back" in said(anna.get("/shop/my"))


# --- what holds for all ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_from_elsewhere_is_refused(street: Street, headers: dict[str, str]) -> None:
    answer = street.shopper().post("/shop/cart", {"sku": "vinga-black-38"}, **headers)
    assert answer.status_code == 403
    assert not Shopper.objects.exists()


def test_while_spindel_is_away_the_page_says_what_to_do_and_the_cart_is_kept(
    street: Street,
) -> None:
    anna = _filled(street)
    street.wire.cut = True
    for path in ("/shop/", "/shop/products", "/shop/products/vinga", "/shop/cart", "/shop/my"):
        page = anna.get(path)
        assert page.status_code == 503
        assert page.headers["retry-after"] == "10"
        assert "Try again" in said(page)
    street.wire.cut = False
    assert "Vinga" in said(anna.get("/shop/cart"))


@pytest.mark.parametrize("part", [False, True])
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        *(
            ("GET", "/shop/nothing", 404),
            ("GET", "/shop/logout", 405),
            ("GET", "/shop/privacy", 500),
        ),
        *(
            ("POST", "/shop/cart", 413),
            ("POST", "/shop/elsewhere", 403),
            ("GET", "/shop/products", 503),
        ),
    ],
)
def test_an_error_keeps_the_header_the_style_and_a_way_on(
    street: Street, monkeypatch: pytest.MonkeyPatch, method: str, path: str, status: int, part: bool
) -> None:
    async def break_(visit: Visit) -> None:
        raise RuntimeError("a fault of the shop itself")

    if status == 500:
        monkeypatch.setattr(Visit, "see_cart", break_)
    street.wire.cut = status == 503
    anna, headers = street.shopper(), {"X-Part": "1"} if part else {}
    if method == "GET":
        page = anna.get(path, **headers)
    else:
        origin = "http://evil.example" if status == 403 else HOST
        page = anna.post(path, {"note": "x" * 70_000}, origin=origin, **headers)
    assert page.status_code == status
    assert "style-src 'self'" in page.headers["content-security-policy"]
    if part:
        assert "<html" not in page.text
        assert 'role="alert"' in page.text
    else:
        for words in ('<header class="top">', 'rel="stylesheet"', 'href="/shop/products"', "<h1>"):
            assert words in page.text


def test_the_pages_run_nothing_but_the_shops_own_files(street: Street) -> None:
    anna = _filled(street)
    for path in ("/shop/", "/shop/products", "/shop/products/vinga", "/shop/cart", "/shop/my"):
        page = anna.get(path)
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]*(src=|application/(ld\+)?json))", page.text)
        assert not re.search(r"\son\w+=|\sstyle=|javascript:", page.text)
        assert page.headers.get_list("content-security-policy") == [policy]


def test_her_key_is_out_of_reach_of_scripts_and_of_other_sites(street: Street) -> None:
    anna = street.shopper()
    answer = anna.post("/shop/cart", {"sku": "vinga-black-38"}, **{"X-Part": "1"})
    cookie = next(
        one for one in answer.headers.get_list("set-cookie") if one.startswith("shop_session=")
    )
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/shop/" in cookie


def test_what_she_agrees_to_is_remembered_and_a_no_loads_no_script(street: Street) -> None:
    anna = street.shopper()
    assert "/spindel.js" in anna.get("/shop/").text
    anna.send(anna.get("/shop/privacy"), "/shop/consent", choice="none")
    assert "/spindel.js" not in anna.get("/shop/").text
    anna.send(anna.get("/shop/privacy"), "/shop/consent", choice="all")
    assert 'data-consent="all"' in anna.get("/shop/").text


def test_every_text_of_the_shop_has_its_three_languages() -> None:
    known = words._words()
    for path in (*ROOT.glob("templates/*.html"), *ROOT.glob("*.py")):
        # A long text stands on several lines, as pieces beside each other.
        for pieces in re.findall(r'(?:\b_|\.say)\(\s*("[^"]+"(?:\s*"[^"]+")*)', path.read_text()):
            text = "".join(re.findall(r'"([^"]+)"', pieces))
            assert text in known, f"{path.name}: {text}"
    for text, others in known.items():
        assert set(others) == {"sv", "da"}, text
        for each in others.values():
            assert set(re.findall(r"{\w+}", each)) == set(re.findall(r"{\w+}", text)), text


@pytest.mark.parametrize(
    ("language", "text"), [("sv", "1 299,50 kr"), ("da", "1.299,50 kr."), ("en", "SEK 1,299.50")]
)
def test_money_is_written_as_in_the_country(language: str, text: str) -> None:
    currency = "DKK" if language == "da" else "SEK"
    assert showing.money(129_950, currency, language).replace("\N{NO-BREAK SPACE}", " ") == text


def test_products_that_are_no_longer_sold_say_so(street: Street) -> None:
    Product.objects.filter(number="vinga").update(removed_at=timezone.now())
    page = street.shopper().get("/shop/products/vinga")
    assert page.status_code == 410
    assert "not sold any more" in said(page)


# --- the club -------------------------------------------------------------------------------------


def test_she_joins_the_club_on_her_page_and_has_her_card_on_one_of_its_own(street: Street) -> None:
    anna = street.shopper("en")
    assert anna.get("/shop/card/").url.path == "/shop/my"  # nobody knows yet whose it would be
    anna.send(anna.get(login_link(anna, "anna@example.com")), "/shop/login/confirm")
    page = anna.send(anna.get("/shop/my"), "/shop/club")
    assert "You are a member now." in said(page)
    number = ClubMember.objects.get().number
    assert number in said(page).replace(" ", "")
    card = anna.get("/shop/card/")
    assert number in said(card).replace(" ", "")
    assert 'class="qr"' in card.text
    assert 'download="nordsko.png"' in card.text
    assert anna.get("/shop/card/worker.js").headers["content-type"].startswith("text/javascript")


def test_her_points_become_a_reward_once_though_the_form_is_sent_twice(street: Street) -> None:
    anna = street.shopper("en")
    anna.send(anna.get(login_link(anna, "anna@example.com")), "/shop/login/confirm")
    anna.send(anna.get("/shop/my"), "/shop/club")
    card = ClubMember.objects.get()
    assert card.identifier_id is not None
    give(card.identifier_id, 450, "a")
    page = anna.get("/shop/my")
    assert "450 points" in said(page)
    for _ in range(2):
        again = anna.send(page, "/shop/club/rewards")
    assert "250 points" in said(again)
    assert PricePromise.objects.count() == 1
