"""What customers are told by mail: each thing once, in their language, where they may be."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from spindel.catalogue.models import Place
from spindel.commerce.carts.actions import Edit, change_of_shopper
from spindel.commerce.common import mailing
from spindel.commerce.common.models import Notice
from spindel.commerce.common.rules import Line
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import letters, order_holds, order_mail
from spindel.commerce.orders.actions import Some
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.orders.placement.placing import Bought
from spindel.commerce.stock import hold_codes
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold
from spindel.identity import customers, identifiers
from spindel.messages.models import Mail
from spindel.shop import actions as shop_actions
from spindel.shoppers.models import Shopper
from spindel.timeline.models import Source
from tests.commerce import acting
from tests.commerce.common.cast import ordered, ship, written
from tests.commerce.conftest import Shop
from tests.commerce.forgetting import forget
from tests.commerce.orders.cast import ANNA, HOME, checkout, come
from tests.commerce.orders.cast import priced as priced  # a fixture
from tests.commerce.payments.conftest import bank as bank  # a fixture
from tests.commerce.payments.standing import StandingBank
from tests.commerce.returns.cast import back, bought, here, swap
from tests.commerce.stock.cast import deliver, let_time_pass, reserve, soon
from tests.console.conftest import text
from tests.statements import counted
from tests.telling import tell
from tests.working import work

TO = "anna@example.se"
NUMBER = re.compile(r"R[0-9A-Z]{3} [0-9A-Z]{4} [0-9A-Z]{4}")
LATER = timezone.now() + timedelta(days=1)
FEW, MANY = 2, 9


def told(purpose: str) -> Mail:
    """The one mail of the kind."""
    (found,) = (one for one in written() if one.purpose == purpose)
    return found


def purposes() -> list[str]:
    return [one.purpose for one in written()]


def fetched(shop: Shop, *variants: int, **more: object) -> Order:
    """An order that is fetched, and paid, in Göteborg."""
    items = [Item(one, 1, "pick_up", shop.goteborg) for one in variants]
    return ordered(shop, *items, **{"pay_by": "store"} | more)


def kept_for(order: Order) -> list[Hold]:
    return list(order_holds.of_order(order.pk).filter(state="active").order_by("pk"))


# --- each once, whatever it is --------------------------------------------------------------------

Happens = Callable[[Shop, int], Callable[[], object]]


def order_is_placed(shop: Shop, anna: int) -> Callable[[], object]:
    deliver(shop.small, shop.warehouse, 1)
    her = come()
    change_of_shopper(her, Edit("vinga-38", quantity=1))
    return lambda: placing.place_cart_of_shopper(her, checkout(), key="k")


def order_is_settled(shop: Shop, anna: int) -> Callable[[], object]:
    order = ordered(shop, Item(shop.small, 1), pay_by="card")
    assert order.state == "awaiting"
    return lambda: orders.confirm(order.pk)


def goods_lie_ready(shop: Shop, anna: int) -> Callable[[], object]:
    (hold,) = kept_for(fetched(shop, shop.small))
    return lambda: holds.set_aside(hold.pk)


def parcel_leaves(shop: Shop, anna: int) -> Callable[[], object]:
    order = ordered(shop, Item(shop.small, 1))
    return lambda: ship(order, shop)


def order_is_cancelled(shop: Shop, anna: int) -> Callable[[], object]:
    order = ordered(shop, Item(shop.small, 1))
    return lambda: orders.cancel(order.pk, None, by="Elin", why="for reasons of our own")


def goods_come_back(shop: Shop, anna: int) -> Callable[[], object]:
    order = bought(shop, contact=ANNA)
    return lambda: back(order, shop.goteborg)


def goods_are_exchanged(shop: Shop, anna: int) -> Callable[[], object]:
    order = bought(shop, contact=ANNA)
    deliver(shop.large, shop.goteborg, 1)
    return lambda: swap(order, shop.goteborg, here(shop.large, shop.goteborg))


def something_is_held(shop: Shop, anna: int) -> Callable[[], object]:
    deliver(shop.small, shop.goteborg, 2)
    return lambda: reserve(Line(shop.small, shop.goteborg, 1), key="h", whose=anna, until=LATER)


def several_things_are_held(shop: Shop, anna: int) -> Callable[[], object]:
    lines = [(variant, shop.goteborg, 1) for variant in (shop.small, shop.large)]
    for variant, place, many in lines:
        deliver(variant, place, many)
    return lambda: reserve(*lines, key="h", whose=anna, until=LATER)


def what_is_held_lies_ready(shop: Shop, anna: int) -> Callable[[], object]:
    (hold,) = something_is_held(shop, anna)()
    return lambda: holds.set_aside(hold.pk)


def what_is_held_ends(shop: Shop, anna: int) -> Callable[[], object]:
    (hold,) = something_is_held(shop, anna)()
    let_time_pass(hold)
    return lambda: work("commerce")


HAPPENS: dict[Happens, str] = {
    order_is_placed: "confirmed",
    order_is_settled: "confirmed",
    goods_lie_ready: "ready",
    parcel_leaves: "sent",
    order_is_cancelled: "cancelled",
    goods_come_back: "refunded",
    goods_are_exchanged: "exchanged",
    something_is_held: "held",
    several_things_are_held: "held",
    what_is_held_lies_ready: "ready",
    what_is_held_ends: "lapsed",
}


@pytest.mark.parametrize("happens", HAPPENS, ids=lambda one: one.__name__)
def test_what_happens_is_told_once_however_often_it_is_asked_for(
    happens: Happens, priced: Shop, anna: int
) -> None:
    act = happens(priced, anna)
    written()
    Mail.objects.all().delete()
    act()
    assert not Mail.objects.exists() or happens is what_is_held_ends  # nobody has waited for it
    act()
    mail = told(HAPPENS[happens])
    act()
    assert [one.pk for one in written()] == [mail.pk]
    assert (mail.to, mail.html[:15]) == (TO, "<!doctype html>")
    assert "Vinga" in mail.text
    assert "38" in mail.text
    number = NUMBER.search(mail.subject)
    if HAPPENS[happens] in ("held", "lapsed") or happens is what_is_held_lies_ready:
        assert number is None
        assert "Göteborg" in mail.subject
    else:
        assert number
        assert "/o/" in mail.text
    assert "for reasons of our own" not in mail.text


@pytest.mark.parametrize("happens", HAPPENS, ids=lambda one: one.__name__)
def test_what_is_taken_back_with_its_transaction_is_told_to_nobody(
    happens: Happens, priced: Shop, anna: int
) -> None:
    act = happens(priced, anna)
    written()
    Mail.objects.all().delete()
    with transaction.atomic():
        act()
        transaction.set_rollback(True)
    assert written() == []


def test_two_writers_at_once_write_each_mail_once(priced: Shop, anna: int) -> None:
    for n in range(20):
        ordered(priced, Item(priced.small, 1), key=f"o{n}")
    both = threading.Barrier(2)

    def write() -> None:
        try:
            both.wait(10)
            while mailing.write_mails(3):
                pass
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert purposes() == ["confirmed"] * 20


def test_what_was_noted_again_is_no_second_mail(priced: Shop, anna: int) -> None:
    order = ordered(priced, Item(priced.small, 1))
    written()
    Notice.objects.create(kind="confirmed", about=order.pk)
    assert purposes() == ["confirmed"]


def test_what_was_noted_yesterday_is_told_no_more(priced: Shop) -> None:
    ordered(priced, Item(priced.small, 1))
    Notice.objects.update(made_at=timezone.now() - timedelta(days=1, seconds=1))
    assert written() == []


def test_one_that_can_not_be_written_keeps_no_other_from_being_sent(
    priced: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ordered(priced, Item(priced.small, 1), key="a")
    second = ordered(priced, Item(priced.small, 1), key="b", contact=ANNA | {"email": "no address"})
    third = ordered(priced, Item(priced.small, 1), key="c")
    good = order_mail.confirmed

    def broken(order, places):
        assert order.id != first.pk
        return good(order, places)

    monkeypatch.setattr(order_mail, "confirmed", broken)
    (mail,) = written()
    assert NUMBER.search(mail.subject)
    assert third.number[-4:] in mail.subject
    assert second.number[-4:] not in mail.subject


KINDS: list[Callable[[Shop, Order], object]] = [
    lambda shop, order: None,
    lambda shop, order: orders.cancel(order.pk, None, by="Elin"),
    lambda shop, order: ship(order, shop, key=str(order.pk)),
]


@pytest.mark.parametrize("becomes", KINDS, ids=["confirmed", "cancelled", "sent"])
def test_many_are_told_in_as_many_statements_as_few(
    priced: Shop,
    monkeypatch: pytest.MonkeyPatch,
    becomes: Callable[[Shop, Order], object],
) -> None:
    costs = {}
    for turn, many in enumerate((FEW, FEW, MANY)):  # the first time some things are made for good
        made = [ordered(priced, Item(priced.small, 1), key=f"{turn} {n}") for n in range(many)]
        for one in made:
            becomes(priced, one)
        monkeypatch.setattr("spindel.kit.waking._woken_at", {})
        with counted(monkeypatch) as statements:
            mailing.write_mails(1_000)
        costs[many] = statements[0]
    assert costs[FEW] == costs[MANY]


def test_many_holds_are_told_in_as_many_statements_as_few(
    priced: Shop, anna: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(priced.small, priced.goteborg, FEW + MANY)
    costs = []
    for many in (FEW, MANY):
        for n in range(many):
            reserve((priced.small, priced.goteborg, 1), key=f"{many} {n}", whose=anna)
        monkeypatch.setattr("spindel.kit.waking._woken_at", {})
        with counted(monkeypatch) as statements:
            mailing.write_mails(1_000)
        costs.append(statements[0])
    assert len(set(costs)) == 1
    assert purposes() == ["held"] * (FEW + MANY)


# --- in her language, and what it says ------------------------------------------------------------

SUBJECTS = {
    "en": {
        "confirmed": "Your order is confirmed: order N",
        "ready": "Ready to fetch in Göteborg: order N",
        "sent": "Part of your order is on its way: order N",
        "cancelled": "Your order is cancelled: order N",
        "refunded": "You get SEK 1,299 back: order N",
        "exchanged": "Your exchange: order N",
        "held": "Kept for you in Göteborg until ",
        "lapsed": "No longer kept for you in Göteborg",
    },
    "sv": {
        "confirmed": "Din order är bekräftad: order N",
        "ready": "Klart att hämta i Göteborg: order N",
        "sent": "En del av din order är på väg: order N",
        "cancelled": "Din order är avbeställd: order N",
        "refunded": "Du får tillbaka 1 299 kr: order N",
        "exchanged": "Ditt byte: order N",
        "held": "Reserverat åt dig i Göteborg till ",
        "lapsed": "Inte längre reserverat åt dig i Göteborg",
    },
    "da": {
        "confirmed": "Din ordre er bekræftet: ordre N",
        "ready": "Klar til afhentning i Göteborg: ordre N",
        "sent": "En del af din ordre er på vej: ordre N",
        "cancelled": "Din ordre er annulleret: ordre N",
        "refunded": "Du får 1.299 SEK tilbage: ordre N",
        "exchanged": "Din ombytning: ordre N",
        "held": "Reserveret til dig i Göteborg til ",
        "lapsed": "Ikke længere reserveret til dig i Göteborg",
    },
}


@pytest.mark.parametrize("language", SUBJECTS)
def test_each_is_told_in_her_language(language: str, priced: Shop, anna: int) -> None:
    order = ordered(priced, Item(priced.small, 2), language=language, whose=anna)
    ship(order, priced, Some(0, 1))
    orders.cancel(
        ordered(priced, Item(priced.small, 1), key="c", language=language).pk, None, by=""
    )
    holds.set_aside(kept_for(fetched(priced, priced.small, key="f", language=language))[0].pk)
    back(bought(priced, "b", contact=ANNA, language=language), priced.goteborg, key="r")
    goods_are_exchanged(priced, anna)
    first = Order.objects.latest("pk")
    Order.objects.filter(pk=first.pk).update(language=language)
    swap(first, priced.goteborg, here(priced.large, priced.goteborg))
    something_is_held(priced, anna)()
    written()
    what_is_held_ends(priced, anna)
    work("commerce")
    said: dict[str, str] = {}
    for one in written():
        assert one.language == language
        assert f'<html lang="{language}"' in one.html
        said.setdefault(one.purpose, NUMBER.sub("N", one.subject))
    expected = SUBJECTS[language]
    assert said.keys() == expected.keys()
    for purpose, subject in expected.items():
        assert said[purpose].startswith(subject), purpose


def test_what_is_fetched_is_told_with_the_store_until_when_and_what_it_costs(priced: Shop) -> None:
    Place.objects.filter(pk=priced.goteborg).update(
        street="Vallgatan 7", postcode="411 16", city="Göteborg"
    )
    order = fetched(priced, priced.small, language="en")
    holds.set_aside(kept_for(order)[0].pk)
    confirmed, ready = written()
    for one in (confirmed, ready):
        assert "Vallgatan 7, 411 16 Göteborg" in one.text
        assert "Monday–Sunday 10:00–18:00" in one.text
        assert "It is kept for you until " in one.text
    assert "You get a mail when it lies ready." in confirmed.text
    assert "You pay SEK\xa01,299 in the store." in ready.text


def test_a_parcel_is_told_with_where_it_goes_and_where_it_is(priced: Shop) -> None:
    ship(ordered(priced, Item(priced.small, 1), language="en"), priced)
    mail = told("sent")
    assert mail.subject.startswith("Your order is on its way")
    for word in ("PostNord", "PN1", "https://tracking.example/PN1", "Storgatan 1, 411 01 Göteborg"):
        assert word in mail.text
    assert "The rest follows" not in mail.text


def test_no_letter_fetches_anything_and_what_people_have_typed_is_text(
    priced: Shop, anna: int
) -> None:
    hostile = "<img src=https://evil.example/x> {{ 7*7 }}"
    contact = ANNA | {"name": hostile}
    ordered(priced, Item(priced.small, 1), contact=contact, address=HOME | {"street": hostile})
    mail = told("confirmed")
    assert not re.search(r"<img|<link|<script|url\(", mail.html)
    assert "&lt;img" in mail.html
    assert mail.name == ""  # what leads elsewhere is no name


# --- what is told, and what is not ----------------------------------------------------------------


def test_what_is_handed_over_at_once_or_told_by_a_till_is_no_news(priced: Shop, anna: int) -> None:
    bought(priced, contact=ANNA)
    place = Place.objects.get(pk=priced.goteborg)
    acting.tell_purchase(
        "G-1",
        [Bought(priced.small, 1, 129_900)],
        place=place,
        at=None,
        whose=anna,
        currency="SEK",
        by="till",
        source="till",
    )
    ordered(priced, Item(priced.small, 1), at=timezone.now() - timedelta(days=2))
    assert written() == []


def test_what_is_paid_by_card_is_confirmed_once_it_is_paid(
    priced: Shop, anna: int, bank: StandingBank
) -> None:
    order = ordered(priced, Item(priced.small, 1), pay_by="card")
    assert written() == []
    orders.give_up(order.pk, why="not paid")
    mail = told("cancelled")
    assert "You have nothing to pay for it." in mail.text or "inget att betala" in mail.text


def test_an_exchange_is_told_when_what_it_costs_on_top_is_paid(
    priced: Shop, anna: int, bank: StandingBank
) -> None:
    order = bought(priced, contact=ANNA)
    deliver(priced.large, priced.warehouse, 2)
    wanted = Item(priced.large, 2)
    first = swap(order, priced.goteborg, wanted, pay_by="card", address=HOME)
    assert first.exchange is not None
    assert purposes() == ["order"]  # the link to pay
    orders.confirm(first.exchange.pk)
    assert purposes() == ["order", "exchanged"]


def test_all_that_is_fetched_in_a_store_is_told_together_once_all_of_it_lies_ready(
    priced: Shop,
) -> None:
    one, other = kept_for(fetched(priced, priced.small, priced.large))
    holds.set_aside(one.pk)
    assert purposes() == ["confirmed"]
    holds.set_aside(other.pk)
    mail = told("ready")
    assert "Vinga, 38" in mail.text
    assert "Vinga, 39" in mail.text


def test_of_two_who_set_aside_at_once_the_last_to_be_done_has_her_told(priced: Shop) -> None:
    one, other = kept_for(fetched(priced, priced.small, priced.large))
    done, may_commit = threading.Event(), threading.Event()

    def set_aside() -> None:
        try:
            with transaction.atomic():
                holds.set_aside(one.pk)
                done.set()
                assert may_commit.wait(10)
        finally:
            connection.close()

    slow = threading.Thread(target=set_aside)
    slow.start()
    assert done.wait(10)
    holds.set_aside(other.pk)
    assert purposes() == ["confirmed"]
    may_commit.set()
    slow.join(10)
    assert purposes() == ["confirmed", "ready"]


def test_what_the_rest_waited_for_does_not_come_and_the_rest_is_ready(priced: Shop) -> None:
    order = fetched(priced, priced.small, priced.large)
    holds.set_aside(kept_for(order)[0].pk)
    orders.cancel(order.pk, [Some(1, 1)], by="Elin")
    assert sorted(purposes()) == ["cancelled", "confirmed", "ready"]
    text = told("ready").text
    assert "Vinga, 38" in text
    assert "Vinga, 39" not in text


def sent_by_now() -> None:
    Mail.objects.filter(done_at=None).update(done_at=timezone.now(), attempts=1)


def test_what_is_cancelled_in_two_steps_is_told_once(priced: Shop) -> None:
    order = ordered(priced, Item(priced.small, 2), Item(priced.large, 1))
    written()
    orders.cancel(order.pk, [Some(0, 1)], by="Elin")
    orders.cancel(order.pk, [Some(0, 1), Some(1, 1)], by="Elin")
    first = Notice.objects.filter(kind="cancelled").order_by("pk")[0]
    Notice.objects.filter(pk=first.pk).update(made_at=timezone.now() - timedelta(seconds=6))
    assert mailing.write_mails(1, mailing.SETTLES) == 2
    mail = told("cancelled")
    assert re.search(r"2\s*×\s*Vinga, 38", mail.text)
    assert re.search(r"1\s*×\s*Vinga, 39", mail.text)


def test_what_was_noted_just_now_waits_a_moment(priced: Shop) -> None:
    ordered(priced, Item(priced.small, 1))
    assert mailing.write_mails(100, mailing.SETTLES) == 0
    Notice.objects.update(made_at=timezone.now() - mailing.SETTLES)
    assert mailing.write_mails(100, mailing.SETTLES) == 1


@pytest.mark.parametrize("kind", ["an order", "a hold"])
def test_a_mail_that_it_is_ready_is_taken_back_while_it_has_not_left(
    priced: Shop, anna: int, kind: str
) -> None:
    hold = a_hold(priced, anna, kind)
    holds.set_aside(hold)
    assert purposes().count("ready") == 1
    holds.put_back(hold)
    assert not {"ready", "not_ready"} & set(purposes())
    holds.set_aside(hold)
    assert purposes().count("ready") == 1


@pytest.mark.parametrize("kind", ["an order", "a hold"])
def test_what_was_told_to_be_ready_and_is_not_is_told_too_each_time(
    priced: Shop, anna: int, kind: str
) -> None:
    hold = a_hold(priced, anna, kind)
    for times in (1, 2):
        holds.set_aside(hold)
        assert purposes().count("ready") == times
        sent_by_now()
        holds.put_back(hold)
        holds.put_back(hold)
        assert purposes().count("not_ready") == times
        sent_by_now()
    holds.set_aside(hold)
    assert purposes().count("ready") == 3


def a_hold(shop: Shop, anna: int, kind: str) -> int:
    """What is kept in Göteborg: for an order, or for Anna alone."""
    if kind == "an order":
        fetched(shop, shop.small)
        return Hold.objects.get().pk
    deliver(shop.small, shop.goteborg, 1)
    at_anna = identifiers.identifier("email", TO)
    (hold,) = reserve((shop.small, shop.goteborg, 1), whose=at_anna, until=LATER)
    return hold.pk


def test_a_mail_of_what_is_kept_leads_to_its_code_without_a_login(priced: Shop) -> None:
    hold = a_hold(priced, 0, "a hold")
    mail = told("held")
    (path,) = set(re.findall(r"https?://[^/\s]+(/h/[^\s]+)", mail.text))
    her = Client(HTTP_ACCEPT_LANGUAGE="en")
    page = text(her.get(f"{path}?in=en"))
    assert hold_codes.spaced(hold_codes.code(hold)) in page
    assert "Göteborg" in page
    assert her.get(f"{path.rstrip('/')}x/").status_code == 404
    holds.release(hold, "Elin")
    page = text(her.get(f"{path}?in=en"))
    assert "Not kept for you any more" in page
    assert hold_codes.spaced(hold_codes.code(hold)) not in page


def test_what_was_put_back_before_the_mail_is_not_ready(priced: Shop) -> None:
    (hold,) = kept_for(fetched(priced, priced.small))
    holds.set_aside(hold.pk)
    Hold.objects.filter(pk=hold.pk).update(set_aside_at=None)
    assert purposes() == ["confirmed"]
    holds.set_aside(hold.pk)
    assert purposes() == ["confirmed", "ready"]


def test_what_is_not_fetched_in_time_is_told_as_cancelled_and_why(priced: Shop) -> None:
    order = fetched(priced, priced.small, language="en")
    let_time_pass(kept_for(order)[0])
    work("commerce")
    assert "It was not collected in time." in told("cancelled").text


# --- who may be written to ------------------------------------------------------------------------


def test_an_order_is_told_to_the_contact_on_it_and_to_nobody_without_one(
    priced: Shop, anna: int
) -> None:
    other = {"name": "Bo", "email": "bo@example.se", "phone": ""}
    ordered(priced, Item(priced.small, 1), whose=anna, contact=other)
    assert told("confirmed").to == "bo@example.se"
    phone = {"name": "Anna", "email": "", "phone": "070-123 45 67"}
    ordered(priced, Item(priced.small, 1), key="p", whose=anna, contact=phone)
    assert purposes() == ["confirmed"]


def test_what_is_held_under_an_address_that_only_a_public_key_has_claimed_is_not_told_there(
    priced: Shop, web: Source, anna: int
) -> None:
    """A stranger says with the shop's public key that her address is his."""
    traits = {"email": TO}
    tell([{"type": "identify", "messageId": "x", "userId": "stranger", "traits": traits}])
    stranger = identifiers.identifier("user_id", "stranger")
    browser = identifiers.identifier("anonymous_id", "b-1")
    deliver(priced.small, priced.goteborg, 3)
    for n, who in enumerate((stranger, browser, None)):
        reserve((priced.small, priced.goteborg, 1), key=f"h{n}", whose=who)
    assert written() == []


def test_what_is_held_in_a_session_is_told_to_whoever_has_proved_who_she_is_in_it(
    priced: Shop, anna: int
) -> None:
    deliver(priced.small, priced.goteborg, 2)
    line = Line(priced.small, priced.goteborg, 1)
    her = come()
    shop_actions.hold(her, line, soon(), key="before", asked="hour")
    assert written() == []
    Shopper.objects.update(identifier=anna, language="da")
    shop_actions.hold(her, line, soon(), key="after", asked="hour")
    mail = told("held")
    assert (mail.to, mail.language) == (TO, "da")


@pytest.mark.parametrize("happens", HAPPENS, ids=lambda one: one.__name__)
def test_whoever_is_forgotten_meanwhile_is_told_of_nothing(
    happens: Happens, priced: Shop, anna: int
) -> None:
    """Also where the order is under her address, which nobody has proved."""
    happens(priced, anna)()
    for customer in {
        customers.by_identifier("user_id", "anna"),
        *(
            identifiers.living(one)
            for one in Order.objects.exclude(identifier=None).values_list("identifier", flat=True)
        ),
    } - {None}:
        forget(customer)
    assert written() == []


def test_whoever_types_her_address_at_a_checkout_fills_nobodys_mailbox(
    priced: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "MOST_UNPROVED", 3)
    deliver(priced.small, priced.warehouse, 5)
    for n in range(5):
        her = come(f"browser-{n}")
        change_of_shopper(her, Edit("vinga-38", quantity=1))
        placing.place_cart_of_shopper(her, checkout(), key="k")
        if n == 1:
            assert len(written()) == 2
    assert len(written()) == 3
    ordered(priced, Item(priced.small, 1))  # written down by somebody here
    assert len(written()) == 4
