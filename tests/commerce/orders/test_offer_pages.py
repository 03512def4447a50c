"""What the marketer's pages say of prices and sales is what carts and orders say."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from spindel.commerce.orders.placement import placing
from spindel.identity import customers
from spindel.offers import actions as offers
from spindel.offers import estimates
from spindel.offers.models import Offer
from spindel.offers.terms import AmountOff, FixedPrice, Goods, PercentOff, Terms
from spindel.staff.models import Role
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import counter, give_offer, priced
from tests.commerce.stock.cast import deliver
from tests.console.conftest import as_role, text
from tests.flows.cast import ANNA, HOME
from tests.flows.cast import at_shop as at_shop  # a fixture
from tests.offers.cast import blank
from tests.shopping import AtShop, Come, log_in
from tests.statements import counted
from tests.telling import follow

__all__ = ["as_role", "priced"]

As = Callable[[Role], Client]


@pytest.fixture
def filled(at_shop: Come, shop: Shop) -> AtShop:
    """A phone with a pair of Vinga in its cart, of which there are many."""
    for variant in (shop.small, shop.large):
        deliver(variant, shop.warehouse, 50)
    phone = at_shop("phone-of-anna")
    phone.add("vinga-38")
    return phone


def order(device: AtShop, total: int) -> None:
    told = {"contact": ANNA, "address": HOME, "pay_by": "invoice", "total": total}
    placed = device.ask("POST", "orders", told, **{"Idempotency-Key": "k"})
    assert placed.status_code == 201, placed.content


def words(page: str) -> str:
    return " ".join(unescape(page).replace("\N{NO-BREAK SPACE}", " ").split())


def test_the_preview_of_a_draft_says_what_the_cart_says_once_it_is_given(
    filled: AtShop, as_role: As
) -> None:
    log_in(filled, "anna@example.se")
    follow()
    anna = customers.by_identifier("email", "anna@example.se")
    offers.keep("each", terms(most_each=1), by="astrid")
    give_offer("big", AmountOff({"SEK": 20_000}), minimum={"SEK": 200_000})
    marketer = as_role(Role.MARKETER)
    asked = f"?customer={anna}&market=SE&product=vinga&many=1"
    page = words(text(marketer.get(f"/offers/each/preview/{asked}")))
    assert page.count('<td class="amount">SEK 1,169.10</td>') == 2 * 7
    assert "The offer counts" in page
    assert "big på svenska: Handla för 701 kr till för att få det." in page
    assert filled.ask("GET", "cart").json()["total"] == 129_900
    offers.set_state("each", Offer.State.LIVE, "astrid")
    assert filled.ask("GET", "cart").json()["total"] == 116_910
    order(filled, 116_910)
    filled.add("vinga-39")
    page = words(text(marketer.get(f"/offers/each/preview/{asked}")))
    cart = filled.ask("GET", "cart").json()
    assert cart["total"] == 129_900
    assert page.count('<td class="amount">SEK 1,299</td>') == 1 + 2 * 7
    assert "The offer does not count" in page
    assert "You have used it already." in page
    assert "Du har redan använt det." in page


def test_a_preview_needs_nobody_and_says_what_a_code_would_do(filled: AtShop, as_role: As) -> None:
    offers.keep("coded", terms(needs_code=True), by="astrid")
    marketer = as_role(Role.MARKETER)
    page = words(text(marketer.get("/offers/coded/preview/?market=SE&product=vinga&many=2")))
    assert page.count('<td class="amount">SEK 2,338.20</td>') == 2 * 7
    page = words(text(marketer.get("/offers/coded/preview/?market=SE&product=vinga&code=no")))
    assert "The offer does not count" in page
    assert as_role(Role.CLERK).get("/offers/coded/preview/").status_code == 403
    assert marketer.get("/offers/coded/preview/?customer=999999").status_code == 404


def terms(**more: object) -> Terms:
    return Terms(names={"en": "Coded"}, benefit=PercentOff(1_000), **more)


@pytest.fixture
def sold(priced: Shop) -> None:
    """Two pairs of Vinga over a counter; nothing is known of them yet."""

    estimates.forget()
    deliver(priced.small, priced.goteborg, 2)
    for key in ("one", "two"):
        placing.sell(counter(priced, key))


def test_the_editor_reckons_with_what_was_sold(sold: None, as_role: As) -> None:
    marketer = as_role(Role.MARKETER)
    page = words(text(marketer.post("/offers-new/", blank(do="count"))))
    assert "sold for <strong>SEK 649</strong> a week last month" in page
    assert "at most <strong>SEK 129</strong> off a week" in page
    page = words(text(marketer.post("/offers-new/", blank(do="count", products="nothing"))))
    assert "<strong>0</strong> products" in page
    assert "none of them sold last month" in page
    fixed = blank(do="count", benefit="fixed_price", amount_in=["SEK"], amount=["1000"])
    assert "at most <strong>SEK 149</strong> off a week" in words(
        text(marketer.post("/offers-new/", fixed))
    )


def test_what_an_offer_would_touch_takes_the_same_statements_for_any_offer(
    sold: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with counted(monkeypatch) as first:
        estimates.estimate(Goods(), PercentOff(1))
    many = Goods(products=frozenset(f"p{n}" for n in range(500)), without_brands=frozenset({"x"}))
    with counted(monkeypatch) as again:
        estimates.estimate(many, FixedPrice({"SEK": 1}))
    assert (first[0], again[0]) == (3, 1)


def test_the_list_says_what_an_offer_has_brought_in(filled: AtShop, as_role: As) -> None:
    give_offer("spring")
    order(filled, 116_910)
    marketer = as_role(Role.MARKETER)
    assert "1 order for SEK 1,169.10, SEK 129.90 off" in words(text(marketer.get("/offers/")))
    page = words(text(marketer.get("/offers/spring/")))
    assert "SEK 1,169.10" in page


def test_a_code_that_is_revoked_counts_no_more_and_says_so(filled: AtShop) -> None:
    give_offer("tack", needs_code=True)
    offers.add_code("tack", "TACK10")
    (single,) = offers.make_codes("tack", 1, "astrid")
    assert filled.ask("POST", "cart/codes", {"code": "tack-10"}).json()["total"] == 116_910
    offers.revoke_code("tack", "tack 10", "astrid")
    offers.revoke_single_codes("tack", "astrid")
    cart = filled.ask("GET", "cart").json()
    assert (cart["total"], cart["codes"][0]["reason"]) == (129_900, "stopped")
    denied = filled.ask("POST", "cart/codes", {"code": single})
    assert (denied.status_code, denied.json()["reason"]) == (409, "stopped")
    offers.add_code("tack", "TACK10")
    assert filled.ask("GET", "cart").json()["total"] == 116_910
