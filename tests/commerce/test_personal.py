"""All that commerce holds of a customer is told to her, and nothing of it outlives her as hers."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.utils import timezone

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Place, Price
from spindel.commerce.carts import session_cart
from spindel.commerce.carts.actions import Edit, change_of_shopper
from spindel.commerce.carts.models import Cart, CartLine
from spindel.commerce.common import links
from spindel.commerce.common.rules import NotEnough
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders.models import (
    Order,
    OrderEvent,
    OrderLineAdjustment,
    Return,
    ReturnLine,
    ReturnRequest,
    Shipment,
)
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.placing import Checkout
from spindel.commerce.payments.models import Payment
from spindel.commerce.quotes.models import Quote, QuoteLine
from spindel.commerce.stock.models import Hold
from spindel.commerce.wishes.models import Wish
from spindel.identity import customers, forgetting, identifiers
from spindel.kit.refusal import Refusal
from spindel.kit.register import Subject, holdings
from spindel.shoppers import actions as sessions
from spindel.shoppers import reading as shoppers
from spindel.shoppers.models import LoginLink, Shopper
from spindel.shoppers.reading import NoShopper
from spindel.timeline.recording import Gone
from tests.commerce import acting
from tests.commerce.conftest import Shop
from tests.commerce.forgetting import forget
from tests.commerce.stock.cast import deliver, reserve, there
from tests.telling import follow
from tests.working import work

CONTACT = {"name": "Anna Åkesson", "email": "Anna@Example.se", "phone": "070-123 45 67"}
HOME = {"street": "Vasagatan 12", "postcode": "411 01", "city": "Göteborg", "country": "SE"}
ROOMS = ("spindel.shoppers", "spindel.commerce")
TABLES = {model._meta.db_table for model in apps.get_models() if model.__module__.startswith(ROOMS)}
HOLDINGS = [one for one in holdings() if TABLES.issuperset(one.tables)]
# What nobody may find of her afterwards. In lower case.
HERS = ("anna", "åkesson", "vasagatan", "070-123", "her sister", "track-1", "phone-of-her")


@pytest.fixture
def priced(shop: Shop) -> Shop:
    """Vinga costs 1,299 kronor, the warehouse sends, and there is plenty."""
    for variant in (shop.small, shop.large):
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=129_900)
        deliver(variant, shop.warehouse, 50)
        deliver(variant, shop.goteborg, 50)
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    return shop


def come(browser: str, proved: int | None = None) -> bytes:
    secret = sessions.let_in(
        browser=identifiers.identifier("anonymous_id", browser),
        market=Market("SE", "SEK", "sv"),
        proved=proved,
    )
    return shoppers.digest(secret)


def order(session: bytes, key: str) -> Order:
    return placing.place_cart_of_shopper(session, Checkout("invoice", CONTACT, HOME), key=key)


def live(shop: Shop, anna: int) -> Order:
    """Anna does at the shop all that can be done there; her first order."""
    her = come("phone-of-her", anna)
    change_of_shopper(her, Edit("vinga-38", quantity=2))
    first = order(her, "k1")
    how = {"carrier": "PostNord", "tracking": "TRACK-1", "by": "Elin", "source": "console"}
    acting.ship(first.pk, shop.warehouse, [orders.Some(0, 1)], key="s1", **how)
    orders.cancel(first.pk, [orders.Some(0, 1)], by="Elin", why="her sister has it")
    change_of_shopper(her, Edit("vinga-39", quantity=1))
    reserve((shop.small, shop.goteborg, 1), whose=anna)
    Hold.objects.filter(identifier_id=anna).update(shopper=Shopper.objects.latest("pk"))
    Wish.objects.create(identifier_id=anna, variant_id=shop.large, waits=True)
    LoginLink.objects.create(digest=b"1", identifier_id=anna, ends_at=timezone.now())
    for state in ("sent", "accepted"):
        quote = Quote.objects.create(
            number=f"Q{state}",
            key=uuid.uuid4(),
            content=uuid.uuid4(),
            state=state,
            identifier_id=anna,
            contact=CONTACT,
            address=HOME,
            channel="store",
            by="Elin",
            market="SE",
            currency="SEK",
            language="sv",
            note="For her sister",
            until=timezone.now(),
            pay_by="invoice",
        )
        QuoteLine.objects.create(
            quote=quote, line=0, variant_id=shop.small, quantity=1, amount=1, list_amount=1,
            fulfilment="ship",
        )  # fmt: skip
    back = Return.objects.create(
        number="B1",
        key=uuid.uuid4(),
        content=uuid.uuid4(),
        order=first,
        identifier_id=anna,
        place_id=shop.goteborg,
        channel="store",
        by="Elin",
        overruled="it was for her sister",
    )
    line = first.lines.get()
    ReturnRequest.objects.create(
        number="A1",
        key=uuid.uuid4(),
        content=uuid.uuid4(),
        order=first,
        reason="faulty",
        by_parcel=True,
        until=timezone.now(),
    )
    ReturnLine.objects.create(back=back, order_line=line, quantity=1, condition="good", amount=1)
    OrderLineAdjustment.objects.create(
        order_line=line, amount=-1, reason="offer", label="For students", source="offer:1"
    )
    follow()
    return first


def her() -> Subject:
    customer = customers.by_identifier("user_id", "anna")
    assert customer is not None
    return forgetting.subject(customer)


def in_commerce() -> dict[str, str]:
    """The tables of commerce as text: what a thief of a copy would read."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(TABLES):
            with cursor.cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                found[table] = b"".join(copy).decode().casefold()
    return found


def traces() -> set[tuple[str, str]]:
    return {(name, word) for name, text in in_commerce().items() for word in HERS if word in text}


def told() -> dict[str, list[dict[str, object]]]:
    subject = her()
    return {str(one.tables[0]): [dict(item) for item in one.tell(subject)] for one in HOLDINGS}


def test_all_of_it_is_told(priced: Shop, anna: int) -> None:
    first = live(priced, anna)
    all_ = told()
    assert {table: len(items) for table, items in all_.items()} == {
        "carts_cart": 2,
        "shoppers_shopper": 1,
        "shoppers_loginlink": 1,
        "wishes_wish": 1,
        "orders_order": 1,
        "quotes_quote": 2,
        "orders_return": 1,
        "orders_returnrequest": 1,
        "stock_hold": 1,
    }
    (bought,) = all_["orders_order"]
    assert (bought["name"], bought["total"]) == (first.number, 259_800)
    assert (bought["contact"], bought["address"]) == (CONTACT, HOME)
    assert bought["lines"][0]["sku"] == "vinga-38"  # type: ignore[index]  # JSON
    taken_off = bought["lines"][0]["adjustments"]  # type: ignore[index]  # JSON
    assert taken_off == [{"amount": -1, "label": "For students"}]
    assert "cancelled" in {one["kind"] for one in bought["events"]}  # type: ignore[attr-defined]  # JSON
    assert bought["shipments"][0]["tracking"] == "TRACK-1"  # type: ignore[index]  # JSON
    assert bought["payments"][0]["provider"] == "invoice"  # type: ignore[index]  # JSON
    assert all_["quotes_quote"][0]["note"] == "For her sister"
    assert all_["wishes_wish"][0]["name"] == "vinga-39"
    assert all_["orders_return"][0]["order"] == first.number
    assert all_["stock_hold"][0]["store_name"] == "Göteborg"
    for one in HOLDINGS:
        for item in one.tell(her()):
            assert one.say is None or one.say(item)


def test_nothing_of_her_is_left_and_the_books_are_whole(priced: Shop, anna: int) -> None:
    first = live(priced, anna)
    levels = there(priced.small, priced.warehouse), there(priced.small, priced.goteborg)
    assert {table for table, _ in traces()} >= {"orders_order", "quotes_quote"}

    forget(her().customer)

    assert traces() == set()
    for model in (Cart, CartLine, Shopper, LoginLink, Wish):
        assert model.objects.count() == 0, model
    first.refresh_from_db()
    assert (first.identifier_id, first.shopper_id, first.cart_id) == (None, None, None)
    assert (first.contact, first.address) == ({}, {})
    assert (first.total, first.lines.get().sku) == (259_800, "vinga-38")
    assert (Payment.objects.get().amount, Payment.objects.get().provider) == (259_800, "invoice")
    taken_off = OrderLineAdjustment.objects.get()
    assert (taken_off.amount, taken_off.reason, taken_off.label) == (-1, "offer", "")
    assert OrderEvent.objects.filter(kind="shipped", detail={"carrier": "PostNord"}).exists()
    assert Shipment.objects.get().tracking == ""
    quote = Quote.objects.get()
    assert (quote.state, quote.identifier_id, quote.note) == ("accepted", None, "")
    assert (Return.objects.get().identifier_id, Return.objects.get().overruled) == (None, "-")
    held = Hold.objects.get(state="active")
    assert (held.identifier_id, held.shopper_id) == (None, None)
    after = there(priced.small, priced.warehouse), there(priced.small, priced.goteborg)
    assert after == levels


def test_a_session_of_hers_is_over(priced: Shop, anna: int) -> None:
    session, device = come("phone-of-her", anna), come("phone-of-her")
    change_of_shopper(session, Edit("vinga-38", quantity=1))
    sql_link(anna, "phone-of-her")
    forget(her().customer)
    for one in (session, device):
        with pytest.raises(NoShopper):
            change_of_shopper(one, Edit("vinga-38", quantity=1))
    assert Shopper.objects.count() == 0


def sql_link(anna: int, browser: str) -> None:
    """It is known that the browser is Anna's."""
    from spindel.identity import actions

    device = customers.by_identifier("anonymous_id", browser)
    follow()
    device = customers.by_identifier("anonymous_id", browser)
    if device is not None and device != her().customer:
        actions.merge_customers(her().customer, device, "the test")


def test_a_session_on_a_device_of_hers_stays_anothers_who_logged_in(
    priced: Shop, anna: int
) -> None:
    bo = identifiers.identifier("email", "bo@example.se")
    his = come("phone-of-her", bo)
    change_of_shopper(his, Edit("vinga-38", quantity=1))
    come("phone-of-her", anna)
    follow()
    sql_link(anna, "phone-of-her")
    forget(her().customer)
    kept = Shopper.objects.get()
    assert kept.identifier_id == bo
    change_of_shopper(his, Edit("vinga-39", quantity=1))
    assert [one.sku for one in session_cart.cart(kept).lines] == ["vinga-38", "vinga-39"]


def test_an_order_of_somebody_else_that_names_her_address_stays_his_without_it(
    priced: Shop, anna: int
) -> None:
    bo = identifiers.identifier("email", "bo@example.se")
    his = come("phone-of-bo", bo)
    change_of_shopper(his, Edit("vinga-38", quantity=1))
    theirs = order(his, "k")
    follow()
    (item,) = told()["orders_order"]
    assert item == {"name": theirs.number, "at": theirs.placed_at, "contact": CONTACT}
    forget(her().customer)
    theirs.refresh_from_db()
    assert (theirs.identifier_id, theirs.contact, theirs.address) == (bo, {}, {})
    assert traces() == set()


def test_of_two_with_like_numbers_only_hers_is_emptied(priced: Shop, anna: int) -> None:
    his = come("phone-of-bo", identifiers.identifier("email", "bo@example.se"))
    change_of_shopper(his, Edit("vinga-38", quantity=1))
    contact = {"name": "Bo", "email": "anna@example.se.example", "phone": "+45 70 12 34 56"}
    theirs = placing.place_cart_of_shopper(his, Checkout("invoice", contact, HOME), key="k")
    follow()
    forget(her().customer)
    theirs.refresh_from_db()
    assert theirs.contact == contact


# --- at the same time -----------------------------------------------------------------------------


def _at_once(*doing: Callable[[], object]) -> list[BaseException]:
    """Have all done over and over while she is forgotten; what went wrong."""
    stop, wrong = threading.Event(), list[BaseException]()

    def run(do: Callable[[], object]) -> None:
        try:
            while not stop.is_set():
                with suppress(NoShopper, Gone, NotEnough, Refusal):
                    do()
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[one]) for one in doing]
    for thread in threads:
        thread.start()
    try:
        forget(her().customer)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    return wrong


def test_forgotten_while_she_edits_orders_and_comes_nothing_stays(priced: Shop, anna: int) -> None:
    first = live(priced, anna)
    session, guest = come("phone-of-her", anna), come("tablet-at-home")
    device = identifiers.identifier("anonymous_id", "phone-of-her")
    number = iter(range(1_000_000))

    def edit() -> None:
        change_of_shopper(session, Edit("vinga-38", quantity=1 + next(number) % 9))

    def buy() -> None:
        change_of_shopper(guest, Edit("vinga-39", quantity=1))
        order(guest, f"g{next(number)}")

    def enter() -> None:
        sessions.let_in(
            browser=device, market=Market("SE", "SEK", "sv"), proved=anna
        )  # by ids that were read before

    def hold() -> None:
        held = reserve((priced.small, priced.goteborg, 1), whose=anna)
        orders.cancel(first.pk, None, by="Elin", why="her sister has it")
        from spindel.commerce.stock.actions import holds

        holds.release(held[0].pk, "Elin")

    def clock() -> None:
        Cart.objects.update(changed_at=timezone.now() - timedelta(hours=2))
        work("commerce", but="Gone")

    assert _at_once(edit, buy, enter, hold, clock) == []
    named = {anna, device}
    assert not Shopper.objects.filter(identifier_id__in=named).exists()
    assert not Shopper.objects.filter(browser_id__in=named).exists()
    assert not Cart.objects.filter(identifier_id__in=named).exists()
    assert not Hold.objects.filter(identifier_id__in=named).exists()
    assert not Order.objects.filter(identifier_id__in=named).exists()


def test_the_links_that_she_was_sent_lead_nowhere_afterwards(priced: Shop, anna: int) -> None:
    first = live(priced, anna)
    Quote.objects.filter(state="accepted").update(order=first)
    quotes = list(Quote.objects.values_list("pk", flat=True))
    pages = [
        f"/o/{links.code('order', first.pk)}/{part}" for part in ("", "receipt/", "receipt.pdf")
    ]
    pages += [f"/q/{links.code('quote', id)}/" for id in quotes]
    buttons = [f"{pages[0]}cancel", f"{pages[0]}pay", f"{pages[-1]}accept"]
    assert {Client().get(page).status_code for page in pages} == {200}

    forget(her().customer)
    cancelled = first.lines.get().cancelled

    for answer in (
        *(Client().get(page) for page in pages),
        *(Client().post(button, {"line": "0", "revision": "1"}) for button in buttons),
    ):
        assert answer.status_code == 404
        page = answer.content.decode()
        assert "paper.css" in page
        assert first.number not in page.replace("\xa0", "").replace(" ", "")
    assert first.lines.get().cancelled == cancelled
