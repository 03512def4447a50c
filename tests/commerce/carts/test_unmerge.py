"""Carts that became one are taken apart again; what was changed since stays as it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from spindel.catalogue.models import Price
from spindel.commerce.carts import merge_actions as merges
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.actions import Changed
from spindel.commerce.carts.models import Cart, CartLine, CartMerge
from spindel.identity import customers, ownership
from spindel.identity.actions import merge_customers, split_customer
from spindel.identity.models import Identifier
from spindel.kit.refusal import Refusal
from spindel.staff.actions import create_token
from spindel.staff.actors import Actor
from spindel.staff.models import Role, Scope
from spindel.timeline.models import Fact
from tests.commerce.conftest import Shop
from tests.console.conftest import as_role, maja, text
from tests.shopping import AtShop, Come, log_in

__all__ = ["as_role", "maja"]

PART = {"HX-Request": "true"}
ANNA, BO = "anna@example.se", "bo@example.se"


@pytest.fixture
def at_shop(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AtShop]:
    """Comes to the shop with a device, which sells Vinga for 1,299 kronor."""
    monkeypatch.setenv("SPINDEL_SHOP_URL", "https://shop.example")
    for variant in (shop.small, shop.large):
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=129_900)
    secret = create_token("shop", [Scope.SHOP, Scope.SHOP_VOUCH], None)[1]
    return lambda browser, whose=None: AtShop(secret, browser, whose)


def of(email: str) -> int:
    found = customers.by_identifier("email", email)
    assert found
    return found


def inside(customer: int) -> dict[str, tuple[int, bool]]:
    """What is in her cart: how many, and whether they wait."""
    cart = carts.open_of(customer)
    found = CartLine.objects.filter(cart=cart).select_related("variant")
    return {one.variant.sku: (one.quantity, one.saved) for one in found}


def version(customer: int) -> int:
    cart = carts.open_of(customer)
    assert cart
    return cart.version


@pytest.fixture
def joined(at_shop: Come) -> int:
    """Anna, whose cart became one with what she had on the laptop."""
    phone, laptop = at_shop("phone"), at_shop("laptop")
    phone.add("vinga-38")
    log_in(phone, ANNA)
    laptop.add("vinga-38", 3)
    laptop.add("vinga-39")
    log_in(laptop, ANNA)
    assert inside(of(ANNA)) == {"vinga-38": (3, False), "vinga-39": (1, False)}
    return of(ANNA)


def last_merge() -> int:
    return CartMerge.objects.latest("pk").pk


def take_apart(customer: int, **more: int) -> None:
    said = {"merge": last_merge(), "version": version(customer)} | more
    merges.take_apart(ownership.under(customer), **said, language="en", actor=Actor("Maja"))


def put_together(customer: int, **more: int) -> None:
    said = {"merge": last_merge(), "version": version(customer)} | more
    merges.put_together(ownership.under(customer), **said, language="en", actor=Actor("Maja"))


def test_her_cart_is_as_it_was_and_what_the_other_brought_waits(joined: int) -> None:
    take_apart(joined)
    assert inside(joined) == {"vinga-38": (1, False), "vinga-39": (1, True)}
    fact = Fact.objects.get(name="Cart Taken Apart")
    assert fact.properties["by"] == "Maja"
    assert Cart.objects.filter(state="merged").count() == 2  # and can still be looked up


def test_it_is_undone(joined: int) -> None:
    before = inside(joined)
    take_apart(joined)
    put_together(joined)
    assert inside(joined) == before
    take_apart(joined)
    assert inside(joined) == {"vinga-38": (1, False), "vinga-39": (1, True)}


def test_what_was_changed_since_stays(joined: int, at_shop: Come) -> None:
    laptop = at_shop("laptop 2")
    log_in(laptop, ANNA)
    laptop.put("vinga-38", quantity=2)
    laptop.ask("DELETE", "cart/lines/vinga-39")
    take_apart(joined)
    assert inside(joined) == {"vinga-38": (2, False)}
    laptop.add("vinga-39", 5)
    put_together(joined)
    assert inside(joined) == {"vinga-38": (2, False), "vinga-39": (5, False)}


def test_only_the_cart_that_was_seen_is_taken_apart_and_once(joined: int, at_shop: Come) -> None:
    seen = version(joined)
    laptop = at_shop("laptop 2")
    log_in(laptop, ANNA)
    laptop.put("vinga-39", quantity=2)
    with pytest.raises(Changed):
        take_apart(joined, version=seen)
    seen = version(joined)
    take_apart(joined)
    with pytest.raises(Changed):
        take_apart(joined, version=seen)  # a double click
    with pytest.raises(Refusal):
        take_apart(joined)
    put_together(joined)
    with pytest.raises(Refusal):
        put_together(joined)
    assert Fact.objects.filter(name="Cart Taken Apart").count() == 1


def test_nobody_takes_apart_what_is_somebody_elses(joined: int, at_shop: Come) -> None:
    phone = at_shop("bo's")
    phone.add("vinga-38")
    log_in(phone, BO)
    hers = CartMerge.objects.filter(into=carts.open_of(joined)).latest("pk").pk
    with pytest.raises(Refusal):
        take_apart(of(BO), merge=hers)
    assert inside(joined) == {"vinga-38": (3, False), "vinga-39": (1, False)}


# --- two customers, one, and two again ------------------------------------------------------------


@pytest.fixture
def couple(at_shop: Come) -> tuple[AtShop, AtShop]:
    """Anna and Bo, with a cart each."""
    hers, his = at_shop("hers"), at_shop("his")
    log_in(hers, ANNA)
    log_in(his, BO)
    hers.add("vinga-38")
    his.add("vinga-38", 2)
    his.add("vinga-39")
    return hers, his


def part(email: str) -> None:
    taken = Identifier.objects.get(kind="email", value=email)
    split_customer(of(email), [taken.pk], "Maja")


@pytest.mark.parametrize("moved", [ANNA, BO])
def test_when_two_are_two_again_each_has_her_own_cart_back(
    couple: tuple[AtShop, AtShop], moved: str
) -> None:
    hers, his = couple
    merge_customers(of(ANNA), of(BO), "Maja")
    assert hers.cart() == his.cart() == {"vinga-38": 2, "vinga-39": 1}
    part(moved)
    assert of(ANNA) != of(BO)
    assert hers.cart() == {"vinga-38": 1}
    assert his.cart() == {"vinga-38": 2, "vinga-39": 1}
    assert inside(of(ANNA)).keys() == {"vinga-38"}
    assert inside(of(BO)).keys() == {"vinga-38", "vinga-39"}
    assert Fact.objects.filter(name="Cart Taken Apart").count() == 2  # on each one's timeline
    assert Cart.objects.filter(state="open").count() == 2

    merge_customers(of(ANNA), of(BO), "Maja")
    assert hers.cart() == his.cart() == {"vinga-38": 2, "vinga-39": 1}


def test_what_was_done_while_they_were_one_stays_in_the_one_that_was_kept(
    couple: tuple[AtShop, AtShop],
) -> None:
    hers, his = couple
    merge_customers(of(ANNA), of(BO), "Maja")
    hers.put("vinga-39", quantity=7)
    part(BO)
    assert hers.cart() == {"vinga-38": 1, "vinga-39": 7}
    assert his.cart() == {"vinga-38": 2, "vinga-39": 1}


def test_a_cart_that_only_one_of_two_had_goes_with_her(at_shop: Come, shop: Shop) -> None:
    hers, his = at_shop("hers"), at_shop("his")
    log_in(hers, ANNA)
    log_in(his, BO)
    his.add("vinga-39")
    merge_customers(of(ANNA), of(BO), "Maja")
    assert hers.cart() == {"vinga-39": 1}
    part(BO)
    assert his.cart() == {"vinga-39": 1}
    assert hers.cart() == {}
    assert inside(of(ANNA)) == {}


def test_what_was_ordered_while_they_were_one_comes_back_to_nobody(
    couple: tuple[AtShop, AtShop],
) -> None:
    hers, his = couple
    merge_customers(of(ANNA), of(BO), "Maja")
    Cart.objects.filter(state="open").update(state="ordered")
    part(BO)
    assert his.cart() == {}
    assert hers.cart() == {}


# --- on her page ----------------------------------------------------------------------------------


def test_her_page_tells_what_each_cart_had_and_takes_them_apart(maja: Client, joined: int) -> None:
    page = text(maja.get(f"/carts/of/{joined}/", headers=PART))
    assert "Two carts became one" in page
    said = {"merge": last_merge(), "version": version(joined)}
    page = text(maja.post(f"/carts/of/{joined}/apart/", said, headers=PART))
    assert "The cart is as it was" in page
    assert f"/carts/of/{joined}/together/" in page  # to undo it
    assert inside(joined) == {"vinga-38": (1, False), "vinga-39": (1, True)}
    page = text(maja.post(f"/carts/of/{joined}/apart/", said, headers=PART))
    assert "changed meanwhile" in page
    said["version"] = version(joined)
    page = text(maja.post(f"/carts/of/{joined}/together/", said, headers=PART))
    assert inside(joined) == {"vinga-38": (3, False), "vinga-39": (1, False)}
    assert maja.post(f"/carts/of/{joined}/apart/", {"merge": "x"}, headers=PART).status_code == 200


def test_what_came_into_an_empty_cart_is_not_told_as_two(at_shop: Come, maja: Client) -> None:
    phone = at_shop("phone")
    phone.add("vinga-38")
    log_in(phone, ANNA)
    assert "became one" not in text(maja.get(f"/carts/of/{of(ANNA)}/", headers=PART))


def test_an_analyst_takes_nothing_apart(as_role: Callable[[Role], Client], joined: int) -> None:
    said = {"merge": last_merge(), "version": version(joined)}
    assert as_role(Role.ANALYST).post(f"/carts/of/{joined}/apart/", said).status_code == 403
    assert inside(joined)["vinga-39"] == (1, False)
