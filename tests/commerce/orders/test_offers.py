"""Offers in carts and orders: the same price in every channel, counted once, given back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from spindel.commerce.carts.actions import Edit, change_of_shopper
from spindel.commerce.carts.code_actions import enter
from spindel.commerce.carts.facts import CouponDenied
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import reading, receipt_pdf, receipts
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.identity import customers
from spindel.offers import actions as offers
from spindel.offers import codes
from spindel.offers.explaining import Discount
from spindel.offers.models import Offer, OfferCode, OfferLimit, OfferUse
from spindel.offers.terms import AmountOff, PercentOff, Stacking
from spindel.shoppers.reading import digest
from spindel.staff.models import Scope
from spindel.timeline.models import Fact
from tests.commerce.conftest import Shop
from tests.commerce.orders.at_checkout import HERS, order, plain
from tests.commerce.orders.at_checkout import filled as filled  # a fixture
from tests.commerce.orders.cast import checkout, come, counter, give_offer
from tests.commerce.orders.racing import race, start
from tests.console.conftest import as_role, maja, text
from tests.flows.cast import ANNA, HOME, Machine
from tests.flows.cast import at_shop as at_shop  # a fixture
from tests.shopping import AtShop, Come, log_in
from tests.telling import follow

__all__ = ["as_role", "at_shop", "maja"]

OTTO = {"name": "Otto Ek", "email": "otto@example.se", "phone": ""}


def test_an_offer_counts_in_every_channel_from_the_second_that_it_is_given(
    filled: AtShop, shop: Shop
) -> None:
    machine = Machine(Scope.WRITE_OFFERS, Scope.READ_OFFERS, Scope.READ_ORDERS, Scope.WRITE_ORDERS)
    terms = {"names": {"en": "Spring"}, "benefit": {"type": "percent", "rate": 2000}}
    assert machine.ask("PUT", "offers/spring", {"terms": terms}).status_code == 200
    assert filled.ask("GET", "cart").json()["total"] == 129_900
    machine.ask("POST", "offers/spring/state", {"state": "live"})
    cart = filled.ask("GET", "cart").json()
    assert (cart["total"], cart["vat"]) == (103_920, 20_784)
    assert cart["discounts"] == [{"name": "Spring", "amount": 25_980}]
    assert cart["lines"][0]["discounts"] == cart["discounts"]
    log_in(filled, "anna@example.se")
    assert machine.ask("GET", f"carts{HERS}").json()["total"] == 103_920
    sold = placing.sell(counter(shop, "till"))
    assert sold.total == 103_920
    placed = order(filled, ANNA, total=103_920)
    assert placed.status_code == 201, placed.content
    found = machine.ask("GET", "offers/spring").json()
    assert (found["uses"], found["given"]) == (2, {"SEK": 2 * 25_980})
    machine.ask("POST", "offers/spring/state", {"state": "paused"})
    filled.add("vinga-39")
    assert filled.ask("GET", "cart").json()["total"] == 129_900


def test_an_order_keeps_what_was_taken_off_and_why(filled: AtShop) -> None:
    offer = give_offer("spring")
    offers.add_code("spring", "tack 10")
    assert filled.ask("POST", "cart/codes", {"code": " Tack-10"}).status_code == 200
    number = order(filled, ANNA).json()["number"]
    (line,) = Order.objects.get(number=number).lines.all()
    (why,) = line.adjustments.all()
    assert (why.amount, why.reason, why.source) == (-12_990, "code", f"offer:{offer.pk}")
    assert why.label == "spring på svenska"
    assert (line.amount, line.total) == (129_900, 116_910)


def test_a_code_says_what_it_takes_and_counts_once_there_is_enough(filled: AtShop) -> None:
    give_offer("big", AmountOff({"SEK": 20_000}), minimum={"SEK": 200_000}, needs_code=True)
    offers.add_code("big", "BIG200")
    cart = filled.ask("POST", "cart/codes", {"code": "big200"}).json()
    assert cart["total"] == 129_900
    assert cart["codes"] == [
        {
            "code": "BIG200",
            "counts": False,
            "reason": "too_little",
            "text": "Handla för 701\xa0kr till för att få det.",
        }
    ]
    filled.add("vinga-39")
    cart = filled.ask("GET", "cart").json()
    assert (cart["total"], cart["codes"][0]["counts"]) == (239_800, True)
    gone = filled.ask("DELETE", "cart/codes/BIG200").json()
    assert (gone["total"], gone["codes"], gone["discounts"]) == (259_800, [], [])
    told = Fact.objects.filter(name__startswith="Coupon").order_by("sequence")
    assert list(told.values_list("name", flat=True)) == ["Coupon Applied", "Coupon Removed"]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"until": timezone.now() - timedelta(days=1)}, "expired"),
        ({"since": timezone.now() + timedelta(days=1)}, "not_yet"),
        ({"markets": frozenset({"DK"})}, "wrong_market"),
        ({"audience": frozenset({"members"})}, "not_for_her"),
    ],
)
def test_a_code_that_is_denied_says_why_and_is_on_her_timeline(
    filled: AtShop, said: dict[str, object], reason: str
) -> None:
    give_offer("no", needs_code=True, **said)
    offers.add_code("no", "NONO")
    answer = filled.ask("POST", "cart/codes", {"code": "nono"})
    assert (answer.status_code, answer.json()["code"]) == (409, "code_denied")
    assert answer.json()["reason"] == reason
    assert answer.json()["cart"]["codes"] == []
    told = Fact.objects.get(name="Coupon Denied").properties
    assert (told["coupon_id"], told["reason"]) == ("NONO", reason)


def test_unknown_stopped_and_used_codes_are_told_apart(filled: AtShop, at_shop: Come) -> None:
    give_offer("once", needs_code=True)
    (code,) = offers.make_codes("once", 1, "astrid")
    assert filled.ask("POST", "cart/codes", {"code": code}).json()["codes"][0]["counts"]
    assert order(filled, ANNA).status_code == 201
    other = at_shop("phone-of-otto")
    other.add("vinga-38")

    def reason(typed: str) -> str:
        return other.ask("POST", "cart/codes", {"code": typed}).json()["reason"]

    assert reason(code) == "code_spent"
    assert reason("NOSUCHCODE") == "unknown_code"
    offers.add_code("once", "STOPPED")
    offers.set_state("once", Offer.State.ENDED, "astrid")
    assert reason("STOPPED") == "stopped"


def test_guessing_codes_is_slowed_down(filled: AtShop) -> None:
    for number in range(20):
        assert filled.ask("POST", "cart/codes", {"code": f"GUESS{number}"}).status_code == 409
    give_offer("spring", needs_code=True)
    offers.add_code("spring", "SPRING")
    assert filled.ask("POST", "cart/codes", {"code": "spring"}).status_code == 429
    assert Fact.objects.filter(name=CouponDenied.fact_name()).count() == 20


def test_a_code_made_for_one_is_read_by_nobody_and_shows_slips(database: str) -> None:
    give_offer("once", needs_code=True)
    made = offers.make_codes("once", 300, "astrid")
    assert len(set(made)) == 300
    assert not OfferCode.objects.exclude(text="").exists()
    assert not any(map(codes.is_slip, made))
    for code in made[:50]:
        for place, letter in enumerate(code):
            for wrong in "0Z":
                mistyped = code[:place] + wrong + code[place + 1 :]
                assert codes.is_slip(mistyped) == (wrong != letter)


def test_a_quote_offers_what_it_costs_today_and_keeps_it(filled: AtShop, shop: Shop) -> None:
    give_offer("spring", PercentOff(2_000))
    machine = Machine(Scope.READ_ORDERS, Scope.WRITE_ORDERS)
    told = {
        "items": [{"sku": "vinga-38", "quantity": 2}, {"sku": "vinga-39", "amount": 100_000}],
        "until": (timezone.now() + timedelta(days=2)).isoformat(),
        "pay_by": "invoice",
        "contact": ANNA,
        "address": HOME,
    }
    made = machine.ask("POST", "quotes", told, key="q").json()
    assert [(one["amount"], one["list_amount"]) for one in made["lines"]] == [
        (103_920, 129_900),
        (100_000, 129_900),
    ]
    offers.set_state("spring", Offer.State.ENDED, "astrid")
    kept = machine.ask("GET", f"quotes/{made['number']}").json()
    assert kept["total"] == 2 * 103_920 + 100_000
    above = told | {"items": [{"sku": "vinga-38", "amount": 129_901}]}
    assert machine.ask("POST", "quotes", above, key="above").json()["code"] == "refused"


# --- how often ------------------------------------------------------------------------------------


def test_once_each_is_once_whatever_address_she_gives__saleor_18563(
    filled: AtShop, at_shop: Come
) -> None:
    """She is known by her login; that she types another address makes her nobody else."""
    give_offer("welcome", most_each=1)
    log_in(filled, "anna@example.se")
    assert order(filled, ANNA).json()["total"] == 116_910
    filled.add("vinga-39")
    cart = filled.ask("GET", "cart").json()
    assert cart["total"] == 129_900
    assert order(filled, OTTO, "again").json()["total"] == 129_900
    stranger = at_shop("phone-of-otto")
    stranger.add("vinga-38")
    assert stranger.ask("GET", "cart").json()["total"] == 116_910  # medusa#15960


def test_whoever_has_used_it_is_told_so_when_the_address_says_who_she_is(
    filled: AtShop, at_shop: Come
) -> None:
    give_offer("welcome", most_each=1)
    assert order(filled, ANNA).json()["total"] == 116_910
    laptop = at_shop("laptop-of-anna")
    laptop.add("vinga-38")
    shown = laptop.ask("GET", "cart").json()["total"]
    assert shown == 116_910  # nobody knows yet who it is
    answer = order(laptop, ANNA, total=shown)
    assert (answer.status_code, answer.json()["code"]) == (409, "changed")
    assert answer.json()["cart"]["total"] == 129_900
    assert order(laptop, ANNA, "again", total=129_900).status_code == 201


def test_an_order_that_comes_to_nothing_gives_all_back__saleor_7588(filled: AtShop) -> None:
    give_offer("few", needs_code=True, most_uses=1, budget={"SEK": 20_000}, most_each=1)
    offers.add_code("few", "FEW1", uses_left=1)
    filled.ask("POST", "cart/codes", {"code": "few1"})
    waits = placing.place_cart_of_shopper(digest(filled.key), checkout("card"), key="k")
    assert (waits.state, waits.total) == ("awaiting", 116_910)
    left = OfferLimit.objects.order_by("currency").values_list("currency", "left")
    assert list(left) == [("", 0), ("SEK", 7_010)]
    assert OfferCode.objects.get().uses_left == 0
    for _ in range(2):
        orders.give_up(waits.pk)
    assert list(left.all()) == [("", 1), ("SEK", 20_000)]
    assert OfferCode.objects.get().uses_left == 1
    filled.add("vinga-39")
    filled.ask("POST", "cart/codes", {"code": "few1"})
    assert order(filled, ANNA, "again").json()["total"] == 116_910
    assert OfferUse.objects.filter(returned_at=None).count() == 1


def test_the_last_of_the_money_is_what_is_left_of_it(filled: AtShop, at_shop: Come) -> None:
    give_offer("budget", budget={"SEK": 20_000})
    assert order(filled, ANNA).json()["total"] == 116_910
    other = at_shop("phone-of-otto")
    other.add("vinga-39")
    assert order(other, OTTO).json()["total"] == 129_900 - 7_010
    last = at_shop("phone-of-ida")
    last.add("vinga-39")
    assert last.ask("GET", "cart").json()["total"] == 129_900
    assert OfferLimit.objects.get().left == 0


def test_more_or_less_of_an_offer_counts_what_is_used_already(filled: AtShop) -> None:
    give_offer("few", most_uses=5, budget={"SEK": 100_000})
    order(filled, ANNA)
    give_offer("few", most_uses=3, budget={"SEK": 10_000})
    left = OfferLimit.objects.order_by("currency").values_list("left", flat=True)
    assert list(left) == [2, 0]
    give_offer("few")
    assert not OfferLimit.objects.exists()


def test_codes_come_along_when_carts_become_one(filled: AtShop, at_shop: Come) -> None:
    give_offer("a", AmountOff({"SEK": 1_000}), needs_code=True, stacking=Stacking.TOGETHER)
    give_offer("b", AmountOff({"SEK": 2_000}), needs_code=True, stacking=Stacking.TOGETHER)
    offers.add_code("a", "CODEA")
    offers.add_code("b", "CODEB")
    log_in(filled, "anna@example.se")
    filled.ask("POST", "cart/codes", {"code": "codea"})
    laptop = at_shop("laptop-of-anna")
    laptop.add("vinga-38")
    laptop.ask("POST", "cart/codes", {"code": "codeb"})
    log_in(laptop, "anna@example.se")
    cart = laptop.ask("GET", "cart").json()
    assert [one["code"] for one in cart["codes"]] == ["CODEA", "CODEB"]
    assert cart["discounts"] == [
        {"name": "a på svenska", "amount": 1_000},
        {"name": "b på svenska", "amount": 2_000},
    ]


def test_each_change_is_a_version_that_says_who_and_why(database: str) -> None:
    machine = Machine(Scope.WRITE_OFFERS, Scope.READ_OFFERS)
    terms = {"names": {"en": "Spring"}, "benefit": {"type": "percent", "rate": 2000}}
    for rate, why in ((2000, "begun"), (2000, "the same"), (3000, "more")):
        told = terms | {"benefit": {"type": "percent", "rate": rate}}
        found = machine.ask("PUT", "offers/spring", {"terms": told, "why": why}).json()
    assert [(one["number"], one["why"]) for one in found["versions"]] == [(2, "more"), (1, "begun")]
    assert found["versions"][0]["by"] == "API: machine"
    bad = machine.ask("PUT", "offers/spring", {"terms": terms | {"benefit": {"type": "gift"}}})
    assert (bad.status_code, bad.json()["code"]) == (422, "bad_terms")
    assert machine.ask("GET", "offers/autumn").status_code == 404
    assert [one["key"] for one in machine.ask("GET", "offers").json()["items"]] == ["spring"]


def test_without_the_scope_nobody_makes_offers(database: str) -> None:
    machine = Machine(Scope.READ_OFFERS)
    assert machine.ask("PUT", "offers/spring", {"terms": {}}).status_code == 403
    assert Machine(Scope.READ_ORDERS).ask("GET", "offers").status_code == 403


def test_the_agent_sees_why_a_code_was_denied_and_mends_it(
    filled: AtShop,
    maja: Client,
) -> None:
    give_offer("danish", needs_code=True, markets=frozenset({"DK"}))
    give_offer("swedish", needs_code=True, minimum={"SEK": 200_000})
    offers.add_code("danish", "DANSK")
    offers.add_code("swedish", "SVENSK")
    log_in(filled, "anna@example.se")
    filled.ask("POST", "cart/codes", {"code": "dansk"})
    follow()
    customer = customers.by_identifier("email", "anna@example.se")
    timeline = plain(maja.get(f"/customers/{customer}/"))
    assert "The code DANSK was not accepted, it is not for this country" in timeline
    codes = f"/carts/of/{customer}/codes/"
    shown = text(maja.post(codes, {"code": "dansk"}, headers={"HX-Request": "true"}))
    assert "It is not for this country." in shown
    shown = text(maja.post(codes, {"code": "svensk"}, headers={"HX-Request": "true"}))
    assert "Buy for SEK\xa0701 more to get it." in shown
    filled.add("vinga-39")
    shown = text(maja.get(f"/carts/of/{customer}/"))
    assert "swedish −" in shown
    assert filled.ask("GET", "cart").json()["total"] == 233_820
    maja.post(codes, {"code": "svensk", "out": "yes"})
    assert filled.ask("GET", "cart").json()["codes"] == []


def test_receipts_and_order_pages_name_what_was_taken_off(filled: AtShop, maja: Client) -> None:
    give_offer("spring")
    number = order(filled, ANNA).json()["number"]
    pk = Order.objects.get(number=number).pk
    view = reading.view(Order.objects.get(pk=pk), "sv")
    assert view.lines[0].discounts == [Discount("spring på svenska", 12_990)]
    assert "spring på svenska −" in text(maja.get(f"/orders/{pk}/"))
    assert receipts.of(view).rows[0].discounts == view.lines[0].discounts
    assert receipt_pdf.write(receipts.of(view)).startswith(b"%PDF")


# --- at once --------------------------------------------------------------------------------------


def carts_with(code: str, many: int) -> list[list[dict[str, object]]]:
    """So many carts with a pair and the code, for four processes to order."""
    tasks: list[dict[str, object]] = []
    for number in range(many):
        her = come(f"browser-{number}")
        change_of_shopper(her, Edit("vinga-38", quantity=1))
        enter(her, code)
        tasks.append({"do": "order_as", "digest": her.hex(), "email": f"a{number}@example.se"})
    return [tasks[start::4] for start in range(4)]


@pytest.mark.slow
def test_a_code_that_is_used_by_many_carts_at_once_is_used_once__saleor_544(
    filled: AtShop,
) -> None:
    give_offer("once", needs_code=True)
    (code,) = offers.make_codes("once", 1, "astrid")
    counted = race(*carts_with(code, 24))
    assert counted["ordered for 116910"] == 1
    assert set(counted) <= {"ordered for 116910", "ordered for 129900", "offer_used_up"}
    assert OfferUse.objects.count() == 1
    assert OfferCode.objects.get().uses_left == 0


@pytest.mark.slow
def test_no_more_is_given_than_there_is_whoever_orders_at_once__medusa_16595(
    filled: AtShop,
) -> None:
    give_offer("few", most_uses=10, budget={"SEK": 5 * 12_990 + 1_000}, needs_code=True)
    offers.add_code("few", "FEWER")
    race(*carts_with("FEWER", 24))
    given = sum(OfferUse.objects.values_list("amount", flat=True))
    assert given <= 5 * 12_990 + 1_000
    left = OfferLimit.objects.get(currency="SEK").left
    assert given + left == 5 * 12_990 + 1_000
    assert OfferUse.objects.count() == 10 - OfferLimit.objects.get(currency="").left


@pytest.mark.slow
def test_whoever_is_killed_while_ordering_has_used_no_code(filled: AtShop) -> None:
    """After each statement in turn: the order with its use, or neither."""
    give_offer("few", needs_code=True, most_uses=5, budget={"SEK": 50_000}, most_each=1)
    offers.add_code("few", "FEWER", uses_left=1)
    ((task,), *_) = carts_with("FEWER", 1)
    process = start(tasks=[task], die_after_each=True)
    killed = 0
    while process.stdout.readline() == "killed\n":
        killed += 1
        used, ordered = OfferUse.objects.count(), Order.objects.filter(total=116_910).count()
        assert used == ordered
        assert OfferCode.objects.get().uses_left == 1 - used
        left = OfferLimit.objects.order_by("currency").values_list("left", flat=True)
        assert list(left) == [5 - used, 50_000 - 12_990 * used]
        process.stdin.write("go on\n")
        process.stdin.flush()
    process.wait(60)
    assert killed > 8
    assert OfferUse.objects.count() == 1
