"""The code of a hold: who has it finds what is held, also where nobody knows who they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindel.catalogue.models import Variant
from spindel.commerce.orders.models import Order
from spindel.commerce.stock import hold_codes
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold
from spindel.store.views.hold_by_code import MOST_WRONG
from tests.commerce.conftest import Shop
from tests.commerce.stock.by_code import at_shop as at_shop  # a fixture
from tests.commerce.stock.by_code import hold, scan
from tests.commerce.stock.by_code import tablet as tablet  # a fixture
from tests.commerce.stock.cast import deliver, let_time_pass, reserve, there
from tests.shopping import AtShop, Come, log_in
from tests.store.cast import Tablet

IDS = st.integers(1, 2**63 - 1)
SMALL = st.integers(1, 10**6)


# --- the code -------------------------------------------------------------------------------------


@given(IDS)
def test_a_code_is_read_however_it_is_typed(id: int) -> None:
    code = hold_codes.code(id)
    assert hold_codes.read(code) == id
    assert (
        hold_codes.read(hold_codes.spaced(code).lower().replace("0", "o").replace("1", "l")) == id
    )


def test_a_code_is_short() -> None:
    assert [len(hold_codes.code(id)) for id in (1, 32_767, 32_768, 1_000_000)] == [9, 9, 10, 10]


@given(SMALL, st.data())
def test_a_code_with_a_letter_wrong_or_two_swapped_is_none(id: int, data: st.DataObject) -> None:
    code = hold_codes.code(id)
    place = data.draw(st.integers(1, len(code) - 2))
    letter = data.draw(st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
    wrong = code[:place] + letter + code[place + 1 :]
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    for typed in {wrong, swapped} - {code}:
        with pytest.raises(hold_codes.NoSuchCode):
            hold_codes.read(typed)


@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_code_or_none(text: str) -> None:
    with pytest.raises(hold_codes.NoSuchCode):
        hold_codes.read(text)


def test_a_code_is_of_its_installation(settings) -> None:
    code = hold_codes.code(7)
    settings.SECRET_KEY = "another"
    with pytest.raises(hold_codes.NoSuchCode):
        hold_codes.read(code)


# --- at the shop ----------------------------------------------------------------------------------


def held(device: AtShop) -> list[str]:
    """The codes of what is held for whoever has the device."""
    items = device.ask("GET", "holds").json()["items"]
    return [one["code"] for one in items if one["state"] == "active"]


def fetch(device: AtShop, sku: str = "vinga-38"):
    """Buy it, to be fetched where it is held."""
    said = {"quantity": 1, "fulfilment": "pick_up", "place": "goteborg"}
    cart = device.ask("PUT", f"cart/lines/{sku}", said).json()
    contact = {"name": "Anna", "email": "anna@example.se"}
    said = {"pay_by": "store", "contact": contact}
    return cart, device.ask("POST", "orders", said, **{"Idempotency-Key": "o"})


def test_the_last_pair_is_held_for_her_and_hers_to_buy(shop: Shop, at_shop: Come) -> None:
    deliver(shop.small, shop.goteborg, 1)
    phone, stranger = at_shop("phone"), at_shop("stranger")
    hold(phone)
    cart, refused = fetch(stranger)
    assert [note["code"] for note in cart["lines"][0]["notes"]] == ["sold_out"]
    assert refused.json()["code"] == "not_enough"
    cart, made = fetch(phone)
    assert cart["lines"][0]["notes"] == []
    assert cart["lines"][0]["available"] == 1
    assert made.status_code == 201, made.content
    assert held(phone) == []
    assert there(shop.small, shop.goteborg) == (1, 1, 0), "it is that pair, and no other"
    assert Hold.objects.exclude(order_line_id=None).get().state == Hold.State.ACTIVE


def test_more_than_is_held_and_there_is_short(shop: Shop, at_shop: Come) -> None:
    deliver(shop.small, shop.goteborg, 2)
    phone = at_shop("phone")
    hold(phone)
    said = {"quantity": 3, "fulfilment": "pick_up", "place": "goteborg"}
    (line,) = phone.ask("PUT", "cart/lines/vinga-38", said).json()["lines"]
    assert (line["available"], line["notes"][0]["code"]) == (2, "short")
    said["fulfilment"], said["quantity"] = "ship", 1
    (line,) = phone.ask("PUT", "cart/lines/vinga-38", said).json()["lines"]
    assert line["available"] == 0, "what a store holds is not sent"


def test_what_is_held_before_she_logs_in_is_hers_on_all_devices(shop: Shop, at_shop: Come) -> None:
    deliver(shop.small, shop.goteborg, 1)
    phone, laptop = at_shop("phone"), at_shop("laptop")
    code = hold(phone)["code"]
    assert held(laptop) == []
    for device in (phone, laptop):
        log_in(device, "anna@example.se")
        assert held(device) == [code]
    cart, made = fetch(laptop)
    assert (cart["lines"][0]["notes"], made.status_code) == ([], 201)
    assert held(phone) == held(laptop) == []


def test_whoever_logs_in_after_her_has_nothing_of_what_is_held(shop: Shop, at_shop: Come) -> None:
    deliver(shop.small, shop.goteborg, 1)
    shared = at_shop("tablet-at-home")
    log_in(shared, "anna@example.se")
    hold(shared)
    log_in(shared, "bo@example.se")
    assert held(shared) == []


# --- in the store ---------------------------------------------------------------------------------


def test_of_two_that_nobody_knows_each_gets_what_is_held_by_the_code(
    tablet: Tablet, shop: Shop, at_shop: Come
) -> None:
    deliver(shop.small, shop.goteborg, 2)
    one, two = at_shop("one"), at_shop("two")
    first, second = hold(one)["code"], hold(two)["code"]
    page = tablet.get("/store/")
    assert hold_codes.spaced(first) in page
    assert hold_codes.spaced(second) in page
    page = tablet.get(f"/store/find/?q={hold_codes.spaced(second).lower()}")
    assert hold_codes.spaced(second) in page
    page = scan(tablet, second)
    mine = Hold.objects.get(pk=hold_codes.read(second))
    page = tablet.tap(page, f"/store/holds/{mine.pk}/hand-over/")
    assert "Sold" in tablet.tap(page, "/store/sale/pay/")
    assert Order.objects.get().total == 129_900
    assert held(two) == []
    assert held(one) == [first]
    assert "It was fetched" in scan(tablet, second)


def test_in_another_store_it_says_where_it_waits(tablet: Tablet, shop: Shop, at_shop: Come) -> None:
    deliver(shop.small, shop.stockholm, 1)
    code = hold(at_shop("one"), place="stockholm")["code"]
    page = scan(tablet, code)
    assert "It is not here: it waits in Stockholm." in page
    assert "hand-over" not in page


def test_what_has_ended_says_how(tablet: Tablet, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 3)
    late, gone, lost = (reserve((shop.small, shop.goteborg, 1))[0] for _ in range(3))
    let_time_pass(late)
    holds.release(gone.pk, "")
    holds.not_found(lost.pk, "Oskar")
    said = ("Its time was up.", "It was let go.", "It was not found in the store.")
    for one, words in zip((late, gone, lost), said, strict=True):
        page = scan(tablet, hold_codes.code(one.pk))
        assert words in page
        assert "hand-over" not in page


def test_what_was_bought_leads_to_its_order(tablet: Tablet, shop: Shop, at_shop: Come) -> None:
    deliver(shop.small, shop.goteborg, 1)
    _, made = fetch(at_shop("one"))
    kept = Hold.objects.get()
    assert made.json()["number"][-4:] in scan(tablet, hold_codes.code(kept.pk))


def test_goods_whose_number_looks_like_a_code_are_goods(tablet: Tablet, shop: Shop) -> None:
    Variant.objects.filter(pk=shop.small).update(sku="HEMSE-38-BRN")
    assert hold_codes.looks_like("HEMSE-38-BRN")
    for _ in range(MOST_WRONG + 1):
        page = scan(tablet, "HEMSE-38-BRN", "/store/")
    assert "Vinga" in page


def test_codes_are_not_tried_one_after_another(tablet: Tablet, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    (mine,) = reserve((shop.small, shop.goteborg, 1))
    code = hold_codes.code(mine.pk)
    fields = tablet.form(tablet.get("/store/sale/"), "/store/scan/")
    for number in range(MOST_WRONG):
        assert "Nothing here has the code" in tablet.send(
            "/store/scan/", {**fields, "code": f"H001{number:05}"}
        )
    assert "Many codes were tried" in scan(tablet, code)
    page = tablet.get(f"/store/holds/{code}/")
    assert "Many codes were tried" in page
    assert "Kept under the code" not in page
