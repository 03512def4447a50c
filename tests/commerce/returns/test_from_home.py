"""A return that is started from home: its label, what is kept for it, and what becomes of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from spindel.catalogue.models import Place
from spindel.commerce.common import links, numbers
from spindel.commerce.common.rules import NotEnough
from spindel.commerce.orders.history import TooMany
from spindel.commerce.orders.models import Order, OrderEvent, Return, ReturnPolicy, ReturnRequest
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.returns import reading
from spindel.commerce.returns import request_actions as actions
from spindel.commerce.returns.actions import AgainstPolicy, Back
from spindel.commerce.returns.request_actions import Asked
from spindel.commerce.stock.models import Hold
from spindel.kit.idempotency import KeyReused, Request
from spindel.kit.refusal import Refusal
from spindel.messages.models import Mail
from spindel.staff.models import User
from tests.commerce import acting
from tests.commerce.common.cast import ordered, ship, written
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import facts
from tests.commerce.orders.cast import priced as priced  # a fixture
from tests.commerce.returns.cast import at, money
from tests.commerce.stock.cast import deliver, reserve, there
from tests.console.conftest import text
from tests.store.cast import Tablet

SMALL = "too small"


@pytest.fixture
def home(priced: Shop) -> Shop:
    """The warehouse has an address, and one pair of the larger size; so has Göteborg."""
    Place.objects.filter(pk=priced.warehouse).update(
        street="Lagervägen 2", postcode="504 30", city="Borås", ships=True
    )
    deliver(priced.large, priced.warehouse, 1)
    deliver(priced.large, priced.goteborg, 1)
    return priced


def sent(shop: Shop, many: int = 1, key: str = "o", **more: object) -> Order:
    """Vinga, 38, which has come by mail; paid on an invoice."""
    order = ordered(shop, Item(shop.small, many), key=key, **more)
    ship(order, shop, key=f"ship {key}")
    return order


def start(order: Order, key: str = "k", **more: object) -> ReturnRequest:
    words: dict[str, object] = {"lines": {0: 1}, "reason": SMALL, "by_parcel": True}
    return actions.start(order.pk, Asked(**(words | more)), request=Request("page", key))  # type: ignore[arg-type]  # the words are right


def address(order: Order, part: str = "", language: str = "en") -> str:
    return f"/o/{links.code('order', order.pk)}/back/{part}?in={language}"


# --- starting -------------------------------------------------------------------------------------


def test_nothing_comes_back_and_no_money_moves_before_the_goods_are_there(
    home: Shop, anna: int
) -> None:
    order = sent(home, whose=anna)
    was = money()
    request = start(order)
    assert (request.number[0], request.state, request.place_id) == ("A", "open", home.warehouse)
    assert not Return.objects.exists()
    assert money() == was
    assert facts()[-1] == "Return Started"
    assert OrderEvent.objects.get(kind="return_started").detail["number"] == request.number


def test_what_is_wanted_instead_is_kept_for_nobody_else(home: Shop) -> None:
    order = sent(home)
    request = start(order, wanted=home.large)
    assert there(home.large, home.warehouse) == (1, 1, 0)
    assert request.hold is not None
    assert request.hold.until == request.until
    with pytest.raises(NotEnough):
        start(sent(home, key="other"), key="other", wanted=home.large)
    with pytest.raises(NotEnough):
        reserve((home.large, home.warehouse, 1))


def test_two_tabs_start_one_return_and_one_form_starts_it_once(home: Shop) -> None:
    order = sent(home)
    first = start(order)
    assert start(order).pk == first.pk
    with pytest.raises(TooMany):
        start(order, key="another tab")
    with pytest.raises(KeyReused):
        start(order, reason="faulty")
    assert ReturnRequest.objects.count() == 1


def test_only_what_the_policy_takes_can_be_started(home: Shop) -> None:
    order = sent(home)
    with pytest.raises(Refusal):
        start(order, reason="because")
    with pytest.raises(TooMany):
        start(order, lines={0: 2})
    with pytest.raises(TooMany):
        start(order, lines={7: 1})
    ReturnPolicy.objects.create(category="", days=0)
    with pytest.raises(TooMany):
        start(order)


def test_a_parcel_of_goods_goes_nowhere_but_to_the_order_s_address(home: Shop) -> None:
    order = sent(home)
    Order.objects.filter(pk=order.pk).update(address={})
    with pytest.raises(Refusal):
        start(order, wanted=home.large)
    kept = start(order, wanted=home.large, by_parcel=False, store=home.goteborg)
    assert there(home.large, home.goteborg) == (1, 1, 0)
    assert kept.place_id == home.goteborg


def test_it_is_told_by_one_mail_and_what_is_kept_not_by_another(home: Shop, anna: int) -> None:
    order = sent(home, whose=anna, language="sv")
    written()
    Mail.objects.all().delete()
    start(order, wanted=home.large)
    start(order, wanted=home.large)
    (mail,) = written()
    assert mail.purpose == "return_started"
    assert "Ditt byte har börjat" in mail.subject
    assert address(order).split("?")[0] in mail.text


def test_what_was_called_off_at_once_is_told_to_nobody(home: Shop, anna: int) -> None:
    order = sent(home, whose=anna)
    written()
    Mail.objects.all().delete()
    actions.call_off(start(order).number)
    assert written() == []


def test_what_was_called_off_is_free_for_others_and_can_be_started_again(home: Shop) -> None:
    order = sent(home)
    request = start(order, wanted=home.large)
    actions.call_off(request.number)
    assert actions.call_off(request.number).state == "off"
    assert there(home.large, home.warehouse) == (1, 0, 1)
    assert start(order, key="again", wanted=home.large).state == "open"


# --- coming ---------------------------------------------------------------------------------------


def take_in(
    order: Order, request: ReturnRequest, place: int, *wanted: Item, **more: object
) -> Return:
    words = at(place, **({"started": request.number} | more))
    lines = [Back(0, 1, reason=SMALL)]
    if wanted:
        return acting.exchange(order.pk, lines, wanted, **words)  # type: ignore[arg-type]  # the words are right
    return acting.take_back(order.pk, lines, **words)  # type: ignore[arg-type]  # the words are right


def test_the_pair_that_was_kept_is_the_one_that_is_sent(home: Shop, anna: int) -> None:
    order = sent(home, whose=anna)
    request = start(order, wanted=home.large)
    done = take_in(order, request, home.warehouse, Item(home.large, 1), pay_by="invoice")
    request.refresh_from_db()
    assert (request.state, request.taken_id) == ("received", done.pk)
    assert done.exchange is not None
    assert Hold.objects.get(pk=request.hold_id).state == "handed_over"
    assert there(home.large, home.warehouse)[2] == 0  # kept for the new order now
    assert take_in(order, request, home.warehouse, Item(home.large, 1), pay_by="invoice") == done


def test_one_label_is_taken_in_once(home: Shop) -> None:
    order = sent(home, many=2)
    request = start(order)
    take_in(order, request, home.warehouse)
    with pytest.raises(Refusal):
        take_in(order, request, home.goteborg, key="other")
    assert Return.objects.count() == 1


def test_whoever_wants_money_after_all_lets_go_of_what_was_kept(home: Shop) -> None:
    order = sent(home)
    request = start(order, wanted=home.large)
    take_in(order, request, home.warehouse)
    assert there(home.large, home.warehouse) == (1, 0, 1)


def test_what_was_started_in_time_is_in_time_for_two_weeks(home: Shop) -> None:
    order = sent(home, many=2)
    late = start(order, key="late")
    request = start(order, key="request")
    past = timezone.now() - timedelta(days=40)
    order.shipments.update(at=past, arrived_at=past)
    ReturnRequest.objects.update(made_at=past + timedelta(days=29))
    take_in(order, request, home.warehouse, key="request")
    ReturnRequest.objects.filter(pk=late.pk).update(until=timezone.now() - timedelta(days=1))
    with pytest.raises(AgainstPolicy):
        take_in(order, late, home.warehouse, key="late")


def test_what_came_back_over_a_counter_is_not_waited_for(home: Shop) -> None:
    order = sent(home, many=2)
    first = start(order, key="1")
    second = start(order, key="2", wanted=home.large)
    acting.take_back(order.pk, [Back(0, 1)], **at(home.goteborg))  # type: ignore[arg-type]  # the words are right
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("open", "overtaken")
    assert there(home.large, home.warehouse) == (1, 0, 1)


def test_a_purchase_is_found_by_the_number_on_the_label(home: Shop) -> None:
    order = sent(home)
    request = start(order)
    for typed in (request.number, numbers.spaced(request.number).lower()):
        assert [one.id for one in reading.find(typed, lambda _: [])] == [order.pk]


# --- the pages ------------------------------------------------------------------------------------


@pytest.fixture
def her() -> Client:
    return Client(HTTP_ACCEPT_LANGUAGE="en", enforce_csrf_checks=True)


def hidden(page: str, action: str) -> dict[str, list[str]]:
    """The form that goes to an address that ends so, as a browser sends it."""
    (form,) = re.findall(rf'<form[^>]*action="[^"]*/{action}\?[^"]*"[^>]*>(.*?)</form>', page, re.S)
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(value)
    return fields


def chosen(home: Shop, order: Order, her: Client, more: str) -> str:
    return text(her.get(f"{address(order)}&chosen=1&line=0&reason=too+small&{more}"))


def test_from_the_order_s_page_to_the_label_in_three_languages(home: Shop, her: Client) -> None:
    order = sent(home)
    front = text(her.get(address(order).replace("back/", "")))
    assert f"{links.code('order', order.pk)}/back/" in front
    page = chosen(home, order, her, f"for={home.large}&how=parcel")
    assert "There is nothing to pay." in page
    assert "Storgatan 1" in page
    response = her.post(address(order, "start"), hidden(page, "start"))
    assert response.status_code == 302
    request = ReturnRequest.objects.get()
    assert (request.wanted_id, request.by_parcel) == (home.large, True)
    for language, words in {
        "en": "Your exchange has begun",
        "sv": "Ditt byte har börjat",
        "da": "Dit bytte er begyndt",
    }.items():
        page = text(her.get(address(order, language=language)))
        assert words in page
        assert numbers.spaced(request.number) in page
        assert "Lagervägen 2" in page
        printed = her.get(address(order, f"{request.number}.pdf", language))
        assert printed.headers["Content-Type"] == "application/pdf"
        assert printed.content.startswith(b"%PDF")


def test_the_last_pair_that_is_gone_meanwhile_is_said(home: Shop, her: Client) -> None:
    order = sent(home)
    page = chosen(home, order, her, f"for={home.large}&how=parcel")
    reserve((home.large, home.warehouse, 1))
    answer = her.post(address(order, "start"), hidden(page, "start"))
    assert answer.status_code == 409
    assert "There is not enough" in answer.content.decode()
    assert not ReturnRequest.objects.exists()


def test_another_order_s_link_sees_and_ends_nothing(home: Shop, her: Client) -> None:
    order, other = sent(home), sent(home, key="other")
    request = start(order)
    mine = start(other, key="mine")
    page = text(her.get(address(other)))
    assert numbers.spaced(request.number) not in page
    token = hidden(page, "off")["csrfmiddlewaretoken"]
    told = {"csrfmiddlewaretoken": token, "number": request.number}
    assert her.post(address(other, "off"), told).status_code == 404
    assert her.get(address(other, f"{request.number}.pdf")).status_code == 404
    told["number"] = mine.number
    assert her.post(address(other, "off"), told).status_code == 302
    assert ReturnRequest.objects.get(state="open") == request


def test_the_tablet_takes_in_what_is_scanned_as_it_was_chosen(home: Shop, clerk: User) -> None:
    tablet = Tablet(clerk).at("goteborg")
    order = sent(home)
    request = start(order, wanted=home.large, by_parcel=False, store=home.goteborg)
    page = tablet.tap(tablet.get("/store/"), "/store/scan/", code=request.number)
    assert f"Started from home as {numbers.spaced(request.number)}" in page
    assert "From here, now" in page  # the last pair is kept for this
    done = tablet.tap(page, f"/store/orders/{order.number}/return/")
    assert "Exchanged" in done
    request.refresh_from_db()
    assert request.state == "received"
    assert request.taken is not None
    assert request.taken.exchange is not None
    assert there(home.large, home.goteborg) == (0, 0, 0)
