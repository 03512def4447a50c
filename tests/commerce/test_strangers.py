"""What a stranger tries to see, take or change of somebody else's, and what a colleague tries."""

from __future__ import annotations

from functools import partial

import pytest
from django.utils import timezone

from spindel.catalogue.models import Place, Price
from spindel.commerce.carts import actions as carts
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.orders.placement.placing import Bought
from spindel.commerce.payments.models import Payment
from spindel.commerce.quotes import actions as quotes
from spindel.commerce.quotes.actions import Maker
from spindel.commerce.stock.models import Hold
from spindel.identity import customers, identifiers, ownership
from spindel.kit.idempotency import KeyReused
from spindel.kit.refusal import Refusal
from spindel.messages.models import Mail
from spindel.shoppers import actions as shoppers
from spindel.shoppers.models import Shopper
from spindel.staff.actors import Actor
from spindel.timeline.models import Source
from tests.commerce import acting
from tests.commerce.carts.cast import at_shop as at_shop  # a fixture
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import ANNA, HOME, checkout, counter
from tests.commerce.orders.cast import priced as priced  # a fixture
from tests.commerce.quotes.cast import OSKAR, at_once, make, offer
from tests.commerce.stock.cast import deliver, there
from tests.shopping import Come, log_in
from tests.telling import follow, tell

ANNAS = "anna@example.se"
MALLORY = "mallory@example.se"
BOSS = Maker(Actor("Elsa", channel="store"), 100)


def _order(device, **more: object):
    body = {"pay_by": "store", "contact": {"name": "M", "email": MALLORY}} | more
    return device.ask("POST", "orders", body, **{"Idempotency-Key": "o"})


def _claims_to_be_one() -> None:
    """A page says with the public key that two addresses have one login."""
    for email in (ANNAS, MALLORY):
        message = {"type": "identify", "messageId": email, "userId": "mallory"}
        tell([{**message, "traits": {"email": email}}])
    one, two = (customers.by_identifier("email", email) for email in (ANNAS, MALLORY))
    assert one == two is not None


# --- a stranger -----------------------------------------------------------------------------------


def test_whoever_types_her_address_takes_nothing_that_is_held_for_her(
    at_shop: Come, shop: Shop
) -> None:
    deliver(shop.small, shop.goteborg, 2)
    anna, stranger = at_shop("anna"), at_shop("stranger")
    log_in(anna, ANNAS)
    body = {"sku": "vinga-38", "place": "goteborg"}
    hold = anna.ask("POST", "holds", body, **{"Idempotency-Key": "k"}).json()["id"]
    stranger.add("vinga-38", fulfilment="pick_up", place="goteborg")
    assert _order(stranger, contact={"name": "M", "email": ANNAS}).status_code == 201
    assert Hold.objects.get(pk=hold).state == "active"
    assert there(shop.small, shop.goteborg) == (2, 2, 0)


def test_nor_does_whoever_is_only_thought_to_be_her(at_shop: Come, shop: Shop, web: Source) -> None:
    deliver(shop.small, shop.goteborg, 2)
    anna, stranger = at_shop("anna"), at_shop("stranger")
    log_in(anna, ANNAS)
    log_in(stranger, MALLORY)
    body = {"sku": "vinga-38", "place": "goteborg"}
    hold = anna.ask("POST", "holds", body, **{"Idempotency-Key": "k"}).json()["id"]
    _claims_to_be_one()
    stranger.add("vinga-38", fulfilment="pick_up", place="goteborg")
    assert _order(stranger).status_code == 201
    assert Hold.objects.get(pk=hold).state == "active"


def test_what_she_has_held_herself_is_used_up(at_shop: Come, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    phone = at_shop("phone")
    body = {"sku": "vinga-38", "place": "goteborg"}
    hold = phone.ask("POST", "holds", body, **{"Idempotency-Key": "k"}).json()["id"]
    phone.add("vinga-38", fulfilment="pick_up", place="goteborg")
    assert _order(phone).status_code == 201
    assert Hold.objects.get(pk=hold).state == "handed_over"


def test_whoever_is_said_to_be_her_does_not_read_her_cart(at_shop: Come, web: Source) -> None:
    anna, stranger = at_shop("anna"), at_shop("stranger")
    log_in(anna, ANNAS)
    anna.add("vinga-38")
    log_in(stranger, MALLORY)
    stranger.add("vinga-39")
    _claims_to_be_one()
    for _ in range(2):
        assert stranger.cart().keys() == {"vinga-39"}
        assert anna.cart().keys() == {"vinga-38"}
        assert stranger.add("vinga-39").keys() == {"vinga-39"}
        assert anna.add("vinga-38").keys() == {"vinga-38"}
    second = at_shop("second")
    log_in(second, MALLORY)
    assert second.cart().keys() == {"vinga-39"}


def test_whoever_is_said_to_be_her_claims_nothing_of_hers(
    at_shop: Come, priced: Shop, web: Source
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    stranger = at_shop("stranger")
    bought = placing.sell(counter(priced, "1", whose=identifiers.identifier("email", ANNAS)))
    log_in(stranger, MALLORY)
    _claims_to_be_one()
    answer = stranger.ask("POST", "claims", {"number": bought.number})
    assert answer.status_code == 409
    assert b"contact" not in answer.content


def test_what_was_sold_before_she_logged_in_is_hers_by_its_receipt(
    at_shop: Come, priced: Shop
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    anna, stranger = at_shop("browser-of-anna"), at_shop("stranger")
    browser = identifiers.identifier("anonymous_id", "browser-of-anna")
    sold = placing.sell(counter(priced, "1", whose=browser))
    log_in(anna, ANNAS)
    log_in(stranger, MALLORY)
    follow()
    assert anna.ask("GET", "orders").json()["items"] == []
    assert stranger.ask("POST", "claims", {"number": sold.number}).status_code == 409
    for _ in range(2):
        assert anna.ask("POST", "claims", {"number": sold.number}).status_code == 200
        (hers,) = anna.ask("GET", "orders").json()["items"]
        assert hers["number"] == sold.number
    assert stranger.ask("POST", "claims", {"number": sold.number}).status_code == 409


def test_the_number_of_a_tills_receipt_is_no_proof_on_the_web(at_shop: Come, shop: Shop) -> None:
    """Tills count: whoever has G-1007 knows what the next one's is."""
    sold = acting.tell_purchase(
        "G-1008",
        [Bought(shop.small, 1, 100)],
        place=Place.objects.get(pk=shop.goteborg),
        at=timezone.now(),
        whose=None,
        currency="SEK",
        by="till",
        source="pos",
    )
    follow()
    stranger = at_shop("stranger")
    log_in(stranger, MALLORY)
    for number in ("G-1008", "G-1009"):
        answer = stranger.ask("POST", "claims", {"number": number})
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_order")
    # At a counter she shows it.
    orders.claim(sold.number, identifiers.identifier("email", MALLORY) or 0, Actor("Oskar"))


def test_nobody_takes_goods_over_a_counter_from_home(at_shop: Come, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    phone = at_shop("phone")
    phone.add("vinga-38", fulfilment="hand_over", place="goteborg")
    for pay_by in ("store", "invoice"):
        assert _order(phone, pay_by=pay_by).status_code == 409
    assert not Order.objects.exists()
    assert there(shop.small, shop.goteborg) == (1, 0, 1)


def test_a_hold_asked_for_again_is_the_same_though_no_more_may_be_held(
    at_shop: Come, shop: Shop
) -> None:
    deliver(shop.small, shop.goteborg, 10)
    phone = at_shop("phone")
    body = {"sku": "vinga-38", "place": "goteborg", "quantity": 10}
    first, again = (phone.ask("POST", "holds", body, **{"Idempotency-Key": "k"}) for _ in "12")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]


# --- a colleague, a machine -----------------------------------------------------------------------


def test_a_price_that_stands_is_not_multiplied(priced: Shop) -> None:
    cheap = Item(priced.small, 1, amount=100)
    quote = make(cheap, maker=BOSS)
    with pytest.raises(Refusal):
        quotes.revise(quote.pk, 1, offer(cheap, cheap), OSKAR)
    more = offer(cheap, Item(priced.large, 1))
    assert quotes.revise(quote.pk, 1, more, OSKAR).revision == 2


def test_a_price_that_stands_does_so_in_its_own_money(priced: Shop) -> None:
    Price.objects.create(variant_id=priced.small, market="DK", currency="DKK", amount=99_900)
    cheap = Item(priced.small, 1, amount=10_000)
    quote = make(cheap, maker=BOSS, market="SE")
    with pytest.raises(Refusal):
        quotes.revise(quote.pk, 1, offer(cheap, market="DK"), OSKAR)


def test_what_goes_over_the_counter_on_an_invoice_is_on_it(priced: Shop) -> None:
    deliver(priced.small, priced.goteborg, 1)
    sold = placing.sell(counter(priced, "1", pay_by="invoice"))
    assert Payment.objects.get(order_id=sold.pk).captured == 129_900


@pytest.mark.parametrize("pay_by", ["card", "store"])
def test_nothing_goes_over_the_counter_before_it_is_paid(priced: Shop, pay_by: str) -> None:
    deliver(priced.small, priced.goteborg, 1)
    with pytest.raises(Refusal):
        placing.sell(counter(priced, "1", pay_by=pay_by))
    assert there(priced.small, priced.goteborg) == (1, 0, 1)


def test_a_key_of_one_parcel_sends_no_other(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 2)
    item = Item(priced.small, 1)
    first, second = (
        placing.sell(
            counter(priced, key, item, pay_by="invoice", contact=ANNA, address=HOME, place=None)
        )
        for key in ("1", "2")
    )
    words = {"carrier": "PostNord", "by": "Elin", "source": "erp", "key": "k"}
    sent = acting.ship(first.pk, priced.warehouse, None, **words)
    assert acting.ship(first.pk, priced.warehouse, None, **words) == sent
    with pytest.raises(KeyReused):
        acting.ship(second.pk, priced.warehouse, None, **words)


def test_a_key_of_one_customers_order_answers_no_others(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 2)
    words = {"market": acting.SWEDEN, "channel": "phone"}
    made = []
    for email in (ANNAS, MALLORY):
        customer = identifiers.living(identifiers.identifier("email", email) or 0)
        assert customer is not None
        carts.change_for(ownership.under(customer), carts.Edit("vinga-38", quantity=1), **words)
        made.append(customer)
    sent = acting.acts(key="k", source="bot", by="bot", **words)
    done = placing.place_cart_for(ownership.under(made[0]), checkout(), **sent)
    again = placing.place_cart_for(ownership.under(made[0]), checkout(), **sent)
    assert done == again
    with pytest.raises(KeyReused):
        placing.place_cart_for(ownership.under(made[1]), checkout(), **sent)


def test_the_last_on_a_shared_device_is_not_answered_the_firsts_order(
    at_shop: Come, priced: Shop
) -> None:
    deliver(priced.small, priced.goteborg, 2)
    tablet = at_shop("tablet")
    log_in(tablet, ANNAS)
    tablet.add("vinga-38", fulfilment="pick_up", place="goteborg")
    assert _order(tablet).status_code == 201
    log_in(tablet, MALLORY)
    tablet.add("vinga-38", fulfilment="pick_up", place="goteborg")
    answer = _order(tablet)
    assert (answer.status_code, answer.json()["code"]) == (409, "key_reused")


def test_what_a_clerk_puts_into_her_cart_is_not_shown_to_a_browser_that_says_it_is_hers(
    at_shop: Come, web: Source
) -> None:
    stranger = at_shop("strangers-browser")
    stranger.add("vinga-38")
    message = {"type": "identify", "messageId": "1", "anonymousId": "strangers-browser"}
    tell([{**message, "traits": {"email": ANNAS}}])
    anna = customers.by_identifier("email", ANNAS)
    assert anna is not None
    words = {"market": acting.SWEDEN}
    shown = carts.change_for(ownership.under(anna), carts.Edit("vinga-39", quantity=1), **words)
    assert {one.sku for one in shown.lines} == {"vinga-38", "vinga-39"}  # it may be hers
    assert stranger.cart() == {"vinga-38": 1}
    again = carts.change_for(ownership.under(anna), carts.Edit("vinga-39", quantity=2), **words)
    assert [one.quantity for one in again.lines if one.sku == "vinga-39"] == [2]
    stranger.add("vinga-38")
    assert stranger.cart() == {"vinga-38": 2}


def test_links_asked_for_at_once_fill_nobodys_mailbox_either(at_shop: Come) -> None:
    phone = at_shop("phone")
    for _ in range(4):
        phone.ask("POST", "login", {"email": ANNAS})
    at_shop("other")
    words = {"back": "/", "language": "sv", "shopper": Shopper.objects.latest("pk"), "caller": ""}
    ask = partial(shoppers.mail_link, ANNAS, **words)
    assert at_once(ask, ask, ask) == [None, None, None]
    assert Mail.objects.count() == 5


def test_holds_asked_for_at_once_are_not_more_than_one_may_have(at_shop: Come, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 50)
    phone = at_shop("phone")
    body = {"sku": "vinga-38", "place": "goteborg", "quantity": 4}

    def hold(key: str) -> int:
        return phone.ask("POST", "holds", body, **{"Idempotency-Key": key}).status_code

    assert sorted(map(str, at_once(*(partial(hold, key) for key in "123")))) == [
        "201",
        "201",
        "409",
    ]


def test_whoever_was_at_the_device_before_her_is_not_let_in_as_her(at_shop: Come) -> None:
    device = at_shop("shared")
    device.add("vinga-38")
    known_before = device.key
    log_in(device, "anna@example.se")
    assert device.cart() == {"vinga-38": 1}
    hers, device.key = device.key, known_before
    assert device.ask("GET", "cart").status_code == 401
    assert device.ask("GET", "session").status_code == 401
    device.key = hers
    assert device.ask("GET", "session").json()["known"] is True


def test_an_order_asked_for_again_after_logging_in_is_the_same(at_shop: Come, priced: Shop) -> None:
    deliver(priced.small, priced.goteborg, 1)
    deliver(priced.large, priced.goteborg, 1)
    laptop, phone = at_shop("laptop"), at_shop("phone")
    log_in(laptop, ANNAS)
    laptop.add("vinga-39", fulfilment="pick_up", place="goteborg")
    phone.add("vinga-38", fulfilment="pick_up", place="goteborg")
    first = _order(phone).json()  # the answer is lost
    log_in(phone, ANNAS)
    assert phone.cart() == {"vinga-39": 1}
    assert _order(phone).json()["number"] == first["number"]
    assert phone.cart() == {"vinga-39": 1}
