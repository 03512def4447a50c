"""Where one part meets another: what is asked at a moment when something else has just changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from spindel.catalogue.models import Place, Price
from spindel.commerce.carts.actions import Edit, change_of_shopper
from spindel.commerce.common import rules
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import order_holds
from spindel.commerce.orders.actions import Some
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.orders.placement.placing import Bought
from spindel.commerce.payments import jobs as payment_jobs
from spindel.commerce.payments.models import Payment, PaymentCommand
from spindel.commerce.returns import reading as returns
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.reading import levels as reading_levels
from spindel.identity import customers, identifiers
from spindel.identity.tombstones import APPENDING
from spindel.kit import database
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal
from spindel.staff.actors import Actor
from spindel.staff.models import User
from spindel.timeline.models import Fact
from tests.commerce import acting
from tests.commerce.carts.cast import at_shop as at_shop  # a fixture
from tests.commerce.conftest import Shop
from tests.commerce.forgetting import forget
from tests.commerce.orders.cast import ANNA, checkout, come, counter
from tests.commerce.orders.cast import priced as priced  # a fixture
from tests.commerce.quotes.cast import at_once, sent
from tests.commerce.stock.cast import deliver, let_time_pass, reserve, there
from tests.shopping import Come, log_in
from tests.telling import follow
from tests.working import work

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def ordered(pay_by: str = "invoice", key: str = "k", quantity: int = 1, **more: str) -> Order:
    """Vinga, 38, from the web."""
    her = come()
    change_of_shopper(her, Edit("vinga-38", quantity=quantity, **more))
    return placing.place_cart_of_shopper(her, checkout(pay_by), key=key)


def collected(key: str = "k") -> Order:
    return ordered("store", key, fulfilment="pick_up", place="goteborg")


# --- not where it should be -----------------------------------------------------------------------


@pytest.mark.parametrize("others", [1, 0])
def test_the_last_elsewhere_that_somebody_else_takes_meanwhile_leaves_no_order_waiting_for_ever(
    priced: Shop, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    Place.objects.update(ships=True)
    deliver(priced.small, priced.stockholm, 2)
    order = ordered()
    (lost,) = Hold.objects.all()
    holds_pair = orders.ledger.lock
    deliver(priced.small, priced.warehouse, 2)
    if others:
        deliver(priced.small, priced.goteborg, 1)

    def too_late(levels: list[tuple[int, int]]) -> dict[tuple[int, int], int]:
        monkeypatch.undo()
        reserve((priced.small, priced.warehouse, 2))  # after it was seen, before it was locked
        reserve((priced.small, priced.stockholm, 1))
        return holds_pair(levels)

    monkeypatch.setattr(orders.ledger, "lock", too_late)
    orders.not_found(lost.pk, "Oskar")
    order.refresh_from_db()
    kept = order_holds.of_order(order.pk).filter(state="active")
    assert [one.place_id for one in kept] == [priced.goteborg] * others
    assert order.state == ("confirmed" if others else "cancelled")


def test_what_could_not_be_found_is_not_kept_where_nothing_is_collected(priced: Shop) -> None:
    deliver(priced.small, priced.goteborg, 1)
    deliver(priced.small, priced.warehouse, 1)
    collected()
    lost = orders.not_found(Hold.objects.get().pk, "Oskar").hold
    with pytest.raises(Refusal):
        orders.keep_elsewhere(lost.pk, priced.warehouse, "Oskar")
    Place.objects.filter(pk=priced.stockholm).update(closed_at=timezone.now())
    deliver(priced.small, priced.stockholm, 1)
    with pytest.raises(Refusal):
        orders.keep_elsewhere(lost.pk, priced.stockholm, "Oskar")


# --- on its way -----------------------------------------------------------------------------------


def test_what_is_to_be_collected_and_paid_there_is_not_sent_as_if_it_were_paid(
    priced: Shop,
) -> None:
    deliver(priced.small, priced.goteborg, 1)
    order = collected()
    with pytest.raises(Refusal):
        acting.ship(
            order.pk,
            priced.goteborg,
            [Some(0, 1)],
            carrier="x",
            actor=Actor(),
            request=Request("", "s"),
        )
    assert Payment.objects.get().captured == 0
    assert there(priced.small, priced.goteborg) == (1, 1, 0)


# --- not paid yet ---------------------------------------------------------------------------------


def test_cancelling_a_part_before_it_is_paid_leaves_the_rest_to_be_paid(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 3)
    order = ordered("card", quantity=3)
    orders.cancel(order.pk, [Some(0, 1)], by="")
    while payment_jobs.step():
        pass
    order.refresh_from_db()
    assert order.state == "awaiting"
    assert Payment.objects.get().amount == 2 * 129_900, "the page asks for what is left"
    Payment.objects.update(ends_at=timezone.now(), reference="page")  # it was made
    orders.cancel(order.pk, [Some(0, 1)], by="")
    assert Payment.objects.get().amount == 2 * 129_900, "a page that is there asks for what it did"
    orders.confirm(order.pk)
    told = Fact.objects.get(name="Order Completed").properties
    assert (told["total"], told["tax"], told["products"][0]["quantity"]) == (1299, 259.8, 1)
    acting.ship(
        order.pk, priced.warehouse, None, carrier="x", actor=Actor(), request=Request("", "s")
    )
    assert PaymentCommand.objects.get().amount == 129_900, "no more is taken than is left"


def test_cancelling_all_of_it_before_it_is_paid_in_two_parts_lets_the_money_go(
    priced: Shop,
) -> None:
    deliver(priced.small, priced.warehouse, 2)
    order = ordered("card", quantity=2)
    for _ in range(2):
        orders.cancel(order.pk, [Some(0, 1)], by="")
    order.refresh_from_db()
    assert order.state == "cancelled"
    assert [one.kind for one in PaymentCommand.objects.all()] == ["cancel"]


# --- the numbers of tills -------------------------------------------------------------------------


NOW = timezone.now()


def told(shop: Shop, number: str, source: str = "pos") -> Order:
    """A till tells of a purchase."""
    place = Place.objects.get(pk=shop.goteborg)
    who = {"place": place, "whose": None, "currency": "SEK", "by": "API: tills", "source": source}
    return acting.tell_purchase(number, [Bought(shop.small, 1, 99_900)], at=NOW, **who)  # type: ignore[arg-type]  # the words are right


@pytest.mark.parametrize("number", ["T-1", "ROSLAGEN0001", "r12345678901"])
def test_a_tills_receipt_is_found_by_its_number_whatever_that_looks_like(
    priced: Shop, number: str
) -> None:
    order = told(priced, number)
    assert told(priced, number).pk == order.pk
    assert [one.id for one in returns.find(number, lambda text: [])] == [order.pk]


def test_a_tills_number_proves_nothing_on_the_web_also_where_it_looks_like_ours(
    at_shop: Come, shop: Shop
) -> None:
    told(shop, "R00000000017")
    phone = at_shop("phone")
    log_in(phone, "anna@example.se")
    answer = phone.ask("POST", "claims", {"number": "R00000000017"})
    assert answer.status_code == 404, answer.content


def test_tills_that_tell_of_one_number_at_once_have_one_purchase(priced: Shop) -> None:
    found = at_once(*[lambda source=source: told(priced, "T-7", source) for source in "abc"])
    assert sum(isinstance(one, Order) for one in found) == 1, found
    assert sum(isinstance(one, Refusal) for one in found) == 2, found
    assert there(priced.small, priced.goteborg) == (-1, 0, -1)


# --- other money ----------------------------------------------------------------------------------


def test_a_price_in_other_money_is_neither_dearer_nor_cheaper(at_shop: Come, shop: Shop) -> None:
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    deliver(shop.small, shop.warehouse, 5)
    Price.objects.create(variant_id=shop.small, market="DK", currency="DKK", amount=99_900)
    phone = at_shop("phone")
    phone.add("vinga-38")
    assert phone.ask("PUT", "session", {"market": "DK"}).status_code == 200
    (line,) = phone.ask("GET", "cart").json()["lines"]
    assert (line["amount"], line["notes"]) == (99_900, [])
    laptop = at_shop("laptop")
    log_in(laptop, "anna@example.se")
    laptop.ask("DELETE", "cart/lines/vinga-38")
    log_in(phone, "anna@example.se")
    cart = laptop.ask("GET", "cart").json()
    assert cart["currency"] == "SEK"
    assert [line["notes"] for line in cart["lines"]] == [[]]


# --- what has ended -------------------------------------------------------------------------------


def test_a_hold_that_has_ended_does_not_count_on_a_wish_list(at_shop: Come, shop: Shop) -> None:
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    deliver(shop.small, shop.warehouse, 1)
    (hold,) = reserve((shop.small, shop.warehouse, 1))
    phone = at_shop("phone")
    phone.ask("PUT", "wishes/vinga-38", {"waits": False})
    assert phone.ask("GET", "wishes").json()["items"][0]["available"] == 0
    let_time_pass(hold)
    assert phone.ask("GET", "wishes").json()["items"][0]["available"] == 1


def test_the_last_pair_is_sold_once_its_hold_has_ended_wherever_it_is_among_many_places(
    priced: Shop,
) -> None:
    for number in range(25):
        other = Place.objects.create(code=f"w{number}", name="W", kind="warehouse", ships=True)
        deliver(priced.small, other.pk, 1)
        reserve((priced.small, other.pk, 1))
    last = Place.objects.create(code="last", name="W", kind="warehouse", ships=True)
    deliver(priced.small, last.pk, 1)
    (hold,) = reserve((priced.small, last.pk, 1))
    with pytest.raises(rules.NotEnough):
        ordered()
    let_time_pass(hold)
    ordered()
    assert there(priced.small, last.pk) == (1, 1, 0)


def test_nothing_is_kept_for_a_quote_of_somebody_forgotten(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 1)
    quote = sent(Item(priced.small, 1), holds=True)
    assert reading_levels.available(priced.small, priced.warehouse) == 0
    follow()
    customer = customers.by_identifier("email", "anna@example.se")
    assert customer is not None
    assert identifiers.living(quote.identifier_id or 0) == customer
    forget(customer)
    assert reading_levels.available(priced.small, priced.warehouse) == 1
    work("commerce")
    assert there(priced.small, priced.warehouse) == (1, 0, 1)


# --- a store that is closed for good --------------------------------------------------------------


def test_nothing_is_collected_in_a_store_that_was_closed_meanwhile(
    at_shop: Come, shop: Shop
) -> None:
    deliver(shop.small, shop.goteborg, 1)
    phone = at_shop("phone")
    phone.add("vinga-38", fulfilment="pick_up", place="goteborg")
    Place.objects.filter(pk=shop.goteborg).update(closed_at=timezone.now())
    (line,) = phone.ask("GET", "cart").json()["lines"]
    assert [note["code"] for note in line["notes"]] == ["sold_out"]
    asked = {"pay_by": "store", "contact": ANNA}
    answer = phone.ask("POST", "orders", asked, **{"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["message"]) == (409, "Nothing is collected there.")
    assert there(shop.small, shop.goteborg) == (1, 0, 1)


def test_what_is_sent_is_not_paid_in_a_store_whoever_orders_it(priced: Shop) -> None:
    deliver(priced.small, priced.warehouse, 1)
    with pytest.raises(Refusal):
        placing.sell(counter(priced, "k", Item(priced.small, 1), pay_by="store"))


# --- what nobody types ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/store/orders/a%00b/", None),
        ("/store/returns/a%00b/", None),
        ("/store/find/?q=a%00b", None),
        ("/store/reserve/", {"place": "a\0b"}),
        ("/store/customers/1/cart/order/", {"name": "a\0b"}),
    ],
)
def test_what_no_scanner_and_nobody_types_is_turned_away_on_the_tablet(
    clerk: User, shop: Shop, path: str, fields: dict[str, str] | None
) -> None:
    tablet = Client()
    tablet.force_login(clerk, backend=BACKEND)
    tablet.post("/store/choose/", {"place": "goteborg"})
    said = {"store": "goteborg", "variant": shop.small, "until": "hour", **(fields or {})}
    answer = tablet.get(path) if fields is None else tablet.post(path, said)
    assert answer.status_code == 400


# --- while somebody is forgotten ------------------------------------------------------------------


def test_whoever_is_new_waits_until_somebody_else_is_forgotten(shop: Shop) -> None:
    with psycopg.connect(database.url()) as forgetting, ThreadPoolExecutor(4) as threads:
        forgetting.execute("SELECT pg_advisory_xact_lock(%s)", [APPENDING])
        made = [threads.submit(_identified, f"new{number}@example.se") for number in range(4)]
        _, waiting = wait(made, timeout=6)  # longer than a connection may be waited for elsewhere
        assert len(waiting) == 4
        forgetting.commit()
        assert len({one.result(30) for one in made}) == 4


def _identified(email: str) -> int | None:
    """Its identifier; the thread's connection goes back."""
    try:
        return identifiers.identifier("email", email)
    finally:
        connection.close()
