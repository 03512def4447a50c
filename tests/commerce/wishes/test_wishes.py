"""Wish lists; and whoever waits for something hears once that it is back."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.utils import timezone

from spindel.catalogue.models import Place, Variant
from spindel.commerce.stock.models import StockEvent
from spindel.commerce.wishes import actions
from spindel.commerce.wishes.models import StockCursor, Wish
from spindel.messages.models import Mail
from spindel.timeline.models import Fact
from tests.commerce.carts.cast import at_shop as at_shop  # a fixture
from tests.commerce.conftest import Shop
from tests.commerce.quotes.cast import at_once
from tests.commerce.stock.cast import deliver, reserve
from tests.shopping import AtShop, log_in
from tests.telling import wait_until
from tests.working import work

Come = Callable[..., AtShop]


@pytest.fixture
def sending(shop: Shop) -> Shop:
    """The warehouse sends."""
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    return shop


def wished(device: AtShop) -> dict[str, bool]:
    """What is on the list, and whether she waits for it."""
    items = device.ask("GET", "wishes").json()["items"]
    return {one["sku"]: one["waits"] for one in items}


def put(device: AtShop, sku: str, waits: bool = False) -> int:
    return device.ask("PUT", f"wishes/{sku}", {"waits": waits}).status_code


def tick() -> None:
    """Let the background do what is due. Another test's open transaction may hold events back."""

    def done() -> bool:
        work("commerce")
        last = StockEvent.objects.order_by("-transaction", "-pk").first()
        return last is None or StockCursor.objects.get().event >= last.pk

    wait_until(done, 30)


def backs() -> int:
    return Fact.objects.filter(name="Product Back In Stock").count()


def mails() -> list[Mail]:
    return list(Mail.objects.filter(purpose="back"))


def test_a_wish_is_put_shown_and_taken_away(at_shop: Come, sending: Shop) -> None:
    deliver(sending.small, sending.warehouse, 3)
    phone = at_shop("phone")
    assert put(phone, "vinga-38") == put(phone, "vinga-38") == 204
    (item,) = phone.ask("GET", "wishes").json()["items"]
    assert (item["product"], item["options"], item["waits"]) == ("vinga", {"size": "38"}, False)
    assert (item["amount"], item["currency"], item["available"]) == (129_900, "SEK", 3)
    for _ in range(2):
        assert phone.ask("DELETE", "wishes/vinga-38").status_code == 204
    assert wished(phone) == {}
    assert put(phone, "unknown") == 404
    names = Fact.objects.order_by("sequence").values_list("name", flat=True)
    assert list(names) == ["Product Added to Wishlist", "Product Removed from Wishlist"]


def test_before_logging_in_the_list_is_this_sessions_alone(at_shop: Come) -> None:
    phone = at_shop("phone")
    put(phone, "vinga-38")
    again = at_shop("phone")  # anybody can say that this is the device
    assert wished(again) == {}
    put(again, "vinga-38")
    assert wished(phone) == wished(again) == {"vinga-38": False}


def test_logged_in_it_is_hers_on_all_devices_and_nobody_elses(at_shop: Come) -> None:
    phone, laptop = at_shop("phone"), at_shop("laptop")
    put(phone, "vinga-38")
    put(laptop, "vinga-38")
    put(laptop, "vinga-39")
    log_in(phone, "anna@example.se")
    log_in(laptop, "anna@example.se")
    assert wished(phone) == wished(laptop) == {"vinga-39": False, "vinga-38": False}
    log_in(laptop, "bo@example.se")
    assert wished(laptop) == {}


def test_devices_that_log_in_at_once_with_the_same_wish_are_all_let_in__vendure_3773(
    at_shop: Come,
) -> None:
    log_in(at_shop("first"), "anna@example.se")  # her cart is there
    devices = [at_shop(f"phone {number}") for number in range(4)]
    codes = []
    for device in devices:
        put(device, "vinga-38")
        device.ask("POST", "login", {"email": "anna@example.se"})
        found = re.search(r"code=([\w-]+)", Mail.objects.filter(purpose="login").latest("pk").text)
        assert found
        codes.append(found[1])
    said = at_once(
        *[
            lambda device=device, code=code: device.ask("POST", "login/confirm", {"code": code})
            for device, code in zip(devices, codes, strict=True)
        ]
    )
    assert [getattr(one, "status_code", one) for one in said] == [200] * 4
    devices[0].key = said[0].json()["key"]  # type: ignore[attr-defined]  # an answer
    assert wished(devices[0]) == {"vinga-38": False}
    assert Wish.objects.count() == 1


def test_to_be_told_one_has_to_say_who_one_is(at_shop: Come) -> None:
    phone = at_shop("phone")
    assert put(phone, "vinga-38", waits=True) == 403
    log_in(phone, "anna@example.se")
    assert put(phone, "vinga-38", waits=True) == 204
    assert wished(phone) == {"vinga-38": True}
    put(phone, "vinga-38")
    assert wished(phone) == {"vinga-38": False}


def _waiting(at_shop: Come) -> AtShop:
    phone = at_shop("phone")
    log_in(phone, "anna@example.se")
    put(phone, "vinga-38", waits=True)
    return phone


def test_whoever_waits_is_told_once_on_her_timeline_and_by_mail(
    at_shop: Come, sending: Shop
) -> None:
    phone = _waiting(at_shop)
    tick()
    assert (backs(), mails()) == (0, [])
    deliver(sending.small, sending.warehouse, 1)
    tick()
    (mail,) = mails()
    assert (mail.to, mail.language) == ("anna@example.se", "sv")
    assert "Vinga, 38" in mail.subject
    assert "https://shop.example/products/vinga?sku=vinga-38" in mail.text
    assert backs() == 1
    assert wished(phone) == {"vinga-38": False}
    held = reserve((sending.small, sending.warehouse, 1))
    from spindel.commerce.stock.actions import holds

    holds.release(held[0].pk, "test")  # back once more
    tick()
    assert (backs(), len(mails())) == (1, 1)
    put(phone, "vinga-38", waits=True)
    held = reserve((sending.small, sending.warehouse, 1))
    holds.release(held[0].pk, "test")
    tick()
    assert (backs(), len(mails())) == (2, 2)


def test_what_can_not_be_sent_or_is_gone_again_is_not_told(at_shop: Come, sending: Shop) -> None:
    _waiting(at_shop)
    deliver(sending.small, sending.goteborg, 1)  # a store that does not send
    tick()
    assert backs() == 0
    deliver(sending.small, sending.warehouse, 1)
    while actions.follow_stock(100):
        pass
    wait_until(lambda: actions.follow_stock(100) or Wish.objects.get().back_at, 30)
    reserve((sending.small, sending.warehouse, 1))  # sold between two steps
    tick()
    wish = Wish.objects.get()
    assert (backs(), wish.waits, wish.back_at) == (0, True, None)
    Variant.objects.filter(pk=sending.small).update(removed_at=timezone.now())
    deliver(sending.small, sending.warehouse, 5)
    tick()
    assert backs() == 0


def test_what_commits_late_is_not_passed_over(at_shop: Come, sending: Shop) -> None:
    """Numbers are drawn before the commit: an event with a lower one may come later."""
    _waiting(at_shop)
    drawn, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                deliver(sending.small, sending.warehouse, 1)
                drawn.set()
                go_on.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    try:
        assert drawn.wait(30)
        deliver(sending.large, sending.warehouse, 1)
        work("commerce")
        assert backs() == 0
    finally:
        go_on.set()
        thread.join()
    tick()
    assert backs() == 1


def test_many_events_are_gone_through_in_parts(sending: Shop) -> None:
    what = {"variant_id": sending.small, "place_id": sending.warehouse, "kind": "back"}
    StockEvent.objects.bulk_create(
        StockEvent(available=1, on_hand=1, **what)
        for _ in range(250)  # type: ignore[misc]  # words
    )
    wait_until(lambda: actions.follow_stock(100), 30)
    last = StockEvent.objects.latest("pk").pk
    wait_until(
        lambda: actions.follow_stock(100) is False and StockCursor.objects.get().event == last
    )


def test_forgotten_she_is_not_told(at_shop: Come, sending: Shop) -> None:
    from spindel.identity.models import Identifier

    _waiting(at_shop)
    deliver(sending.small, sending.warehouse, 1)
    Identifier.objects.filter(kind="email").delete()
    tick()
    assert (backs(), mails(), Wish.objects.count()) == (0, [], 0)
