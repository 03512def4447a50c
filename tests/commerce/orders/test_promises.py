"""What a customer was promised counts wherever she buys, once, until its time is up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from spindel.catalogue.markets import Market
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.identity import identifiers
from spindel.identity.ownership import Under
from spindel.kit.idempotency import KeyReused, Request
from spindel.kit.refusal import Refusal
from spindel.offers import actions as offers
from spindel.offers import pieces, promise_actions, promises, shown
from spindel.offers.mandates import MANDATES
from spindel.offers.models import CustomerList, Offer, OfferShowing, OfferUse, PricePromise
from spindel.offers.promise_actions import Wanted
from spindel.offers.terms import AmountOff, FixedPrice, PercentOff, Stacking
from spindel.staff.actors import Actor
from spindel.staff.models import Role
from spindel.timeline.models import Fact
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import counter, give_offer
from tests.commerce.orders.racing import race
from tests.commerce.stock.cast import deliver
from tests.flows.cast import ANNA, HOME
from tests.flows.cast import at_shop as at_shop  # a fixture
from tests.shopping import AtShop, Come, log_in
from tests.statements import counted
from tests.telling import follow, tell

SE = Market("SE", "SEK", "sv")
MONA = Actor("Mona", 1, "phone")
State = PricePromise.State
TODAY = timezone.now()  # the same for the same request


def promised(
    who: int,
    benefit: object,
    *products: str,
    key: str = "1",
    role: Role = Role.AGENT,
    days: float = 7,
) -> PricePromise:
    """Mona promises it on the phone."""
    until = TODAY + timedelta(days=days)
    wanted = Wanted(benefit=benefit, products=products, until=until)  # type: ignore[arg-type]  # one
    return promise_actions.promise_price(
        Under(who), wanted, SE, MANDATES[role], actor=MONA, request=Request("mona", key)
    )


def told(device: AtShop, sku: str = "vinga-38") -> int:
    """What one costs her, as a product page is told."""
    (one,) = device.ask("GET", f"prices?sku={sku}").json()["items"]
    return one["total"]


def in_cart(device: AtShop) -> int:
    return device.ask("GET", "cart").json()["total"]


def order(device: AtShop, key: str = "k", **more: object):
    asked = {"contact": ANNA, "address": HOME, "pay_by": "invoice"} | more
    return device.ask("POST", "orders", asked, **{"Idempotency-Key": key})


def names() -> list[str]:
    return list(Fact.objects.order_by("sequence").values_list("name", flat=True))


@pytest.fixture
def phone(at_shop: Come, shop: Shop, anna: int) -> AtShop:
    """Anna, logged in on her phone; a pair costs 1,299 kronor."""
    for variant in (shop.small, shop.large):
        deliver(variant, shop.warehouse, 50)
        deliver(variant, shop.goteborg, 50)
    phone = at_shop("phone-of-anna")
    log_in(phone, "anna@example.se")
    return phone


def test_from_the_second_that_it_is_promised_each_channel_gives_it(
    phone: AtShop, shop: Shop, anna: int, at_shop: Come
) -> None:
    phone.add("vinga-38")
    assert (told(phone), in_cart(phone)) == (129_900, 129_900)
    promised(anna, FixedPrice({"SEK": 119_900}), "vinga")
    laptop = at_shop("laptop-of-anna")
    log_in(laptop, "anna@example.se")
    assert {told(phone), told(laptop), in_cart(phone), in_cart(laptop)} == {119_900}
    till = placing.sell(counter(shop, "till", whose=anna))
    assert till.total == 119_900
    assert told(at_shop("somebody")) == 129_900


def test_it_is_kept_once_and_open_again_when_the_order_comes_to_nothing(
    phone: AtShop, anna: int
) -> None:
    made = promised(anna, PercentOff(1_000))
    phone.add("vinga-38")
    assert order(phone, total=116_910).status_code == 201
    made.refresh_from_db()
    assert made.state == State.KEPT
    phone.add("vinga-38")
    assert (told(phone), in_cart(phone)) == (129_900, 129_900)
    orders.cancel(Order.objects.get().pk, None, by="Mona")
    made.refresh_from_db()
    assert made.state == State.OPEN
    assert (told(phone), in_cart(phone)) == (116_910, 116_910)
    assert names().count("Promise Kept") == 1


def test_what_is_kept_says_in_which_order_and_what_it_gave(phone: AtShop, anna: int) -> None:
    promised(anna, AmountOff({"SEK": 10_000}))
    (one,) = promises.of_identifiers([anna], "sv")
    assert (one.state, one.name, one.order) == ("open", "Utlovat till dig", "")
    phone.add("vinga-38")
    number = order(phone).json()["number"]
    (one,) = promises.of_identifiers([anna], "en")
    assert (one.state, one.order, one.given, one.currency) == ("kept", number, 10_000, "SEK")


def test_when_its_time_is_up_it_lapses_and_says_so_once(phone: AtShop, anna: int) -> None:
    made = promised(anna, PercentOff(1_000))
    PricePromise.objects.update(until=timezone.now())
    assert told(phone) == 129_900  # before anybody has noted it
    assert promises.of_identifiers([anna], "en")[0].state == State.LAPSED
    promise_actions.lapse()
    promise_actions.lapse()
    made.refresh_from_db()
    assert made.state == State.LAPSED
    assert names().count("Promise Lapsed") == 1


def test_it_can_be_taken_back_until_it_is_kept(phone: AtShop, anna: int) -> None:
    made = promised(anna, PercentOff(1_000))
    promise_actions.withdraw(made.pk, MONA)
    promise_actions.withdraw(made.pk, MONA)
    assert told(phone) == 129_900
    assert names().count("Promise Withdrawn") == 1
    kept = promised(anna, PercentOff(1_000), key="2")
    phone.add("vinga-38")
    order(phone)
    with pytest.raises(Refusal, match="was kept"):
        promise_actions.withdraw(kept.pk, MONA)


def test_the_same_request_promises_once(phone: AtShop, anna: int) -> None:
    assert promised(anna, PercentOff(1_000)).pk == promised(anna, PercentOff(1_000)).pk
    with pytest.raises(KeyReused):
        promised(anna, PercentOff(1_100))
    assert names().count("Offer Promised") == 1


@pytest.mark.parametrize(
    ("benefit", "products", "role", "days", "refused"),
    [
        (FixedPrice({"SEK": 100_000}), ["vinga"], Role.AGENT, 7, "promise_too_much"),
        (PercentOff(1_600), [], Role.AGENT, 7, "promise_too_much"),
        (PercentOff(1_100), [], Role.CLERK, 7, "promise_too_much"),
        (AmountOff({"SEK": 50_100}), [], Role.AGENT, 7, "promise_too_large"),
        (PercentOff(500), [], Role.AGENT, 31, "promise_too_long"),
        (PercentOff(500), [], Role.AGENT, -1, "promise_over"),
        (PercentOff(500), [], Role.MARKETER, 7, "promises_enough"),
        (FixedPrice({"SEK": 120_000}), [], Role.AGENT, 7, "promise_of_what"),
        (FixedPrice({"DKK": 120_000}), ["vinga"], Role.AGENT, 7, "not_promised_so"),
        (PercentOff(500), ["nothing"], Role.AGENT, 7, "no_goods"),
    ],
)
def test_more_than_the_mandate_allows_is_refused(
    phone: AtShop,
    anna: int,
    benefit: object,
    products: list[str],
    role: Role,
    days: int,
    refused: str,
) -> None:
    with pytest.raises(Refusal) as no:
        promised(anna, benefit, *products, role=role, days=days)
    assert no.value.code == refused
    assert not PricePromise.objects.exists()


def test_it_counts_beside_an_offer_that_nothing_else_does(phone: AtShop, anna: int) -> None:
    give_offer("alone", PercentOff(1_000), stacking=Stacking.ALONE)
    promised(anna, AmountOff({"SEK": 10_000}))
    assert told(phone) == 110_415  # no further than 15 % in all


def test_who_becomes_one_with_her_has_it_too(
    at_shop: Come, phone: AtShop, anna: int, shop: Shop
) -> None:
    promised(anna, FixedPrice({"SEK": 119_900}), "vinga")
    other = at_shop("laptop-of-anna")
    assert told(other) == 129_900
    log_in(other, "anna@example.se")
    follow()
    assert told(other) == 119_900
    order(phone) if phone.add("vinga-38") else None
    assert told(other) == 129_900


@pytest.mark.slow
def test_two_carts_at_once_keep_it_once(phone: AtShop, shop: Shop, anna: int) -> None:
    promised(anna, FixedPrice({"SEK": 119_900}), "vinga")
    tasks: list[dict[str, object]] = [
        {"do": "sell", "place": shop.goteborg, "variant": shop.small, "key": n, "whose": anna}
        for n in range(16)
    ]
    counted = race(*(tasks[first::4] for first in range(4)))
    assert set(counted) <= {"sold", "refused"}
    at_price = [one.total for one in Order.objects.all()].count(119_900)
    assert at_price == 1
    assert OfferUse.objects.filter(returned_at=None).count() == 1


# --- what was shown -------------------------------------------------------------------------------


def test_who_has_an_offer_in_her_cart_keeps_it_when_it_is_stopped_and_others_do_not(
    phone: AtShop, at_shop: Come
) -> None:
    give_offer("spring", PercentOff(2_000), until=timezone.now() + timedelta(days=3))
    phone.add("vinga-38")
    assert shown.to_whom(Offer.objects.get()).customers == 1
    offers.set_state("spring", Offer.State.PAUSED, "astrid")
    assert (told(phone), in_cart(phone)) == (103_920, 103_920)
    assert told(at_shop("somebody")) == 129_900
    PricePromise.objects.update(until=timezone.now())
    assert in_cart(phone) == 129_900


def test_a_stingier_version_is_for_those_who_have_not_seen_the_better_one(
    phone: AtShop, at_shop: Come
) -> None:
    until = timezone.now() + timedelta(days=3)
    give_offer("spring", PercentOff(2_000), until=until, stacking=Stacking.TOGETHER)
    phone.add("vinga-38")
    give_offer("spring", PercentOff(1_000), until=until, stacking=Stacking.TOGETHER)
    assert (told(phone), told(at_shop("somebody"))) == (103_920, 116_910)
    give_offer("spring", PercentOff(3_000), until=until, stacking=Stacking.TOGETHER)
    assert (told(phone), told(at_shop("somebody"))) == (90_930, 90_930)


def test_an_offer_sent_to_a_list_is_kept_by_all_on_it_whatever_is_left_of_it(
    phone: AtShop, anna: int, at_shop: Come
) -> None:
    offer = give_offer("mail", PercentOff(2_000), most_uses=1)
    listed = CustomerList.objects.create(key="spring-mail", name="Spring")
    mail = identifiers.identifier("email", "anna@example.se")
    listed.customers.create(identifier_id=mail)
    OfferShowing.objects.create(offer=offer, version=1, list=listed, by="astrid")
    other = at_shop("somebody")
    other.add("vinga-38")
    assert order(other, "o", contact={**ANNA, "email": "otto@example.se"}).status_code == 201
    assert told(phone) == 129_900  # used up, and nobody has stopped it
    offers.set_state("mail", Offer.State.ENDED, "astrid")
    assert told(phone) == 103_920


def test_what_a_shop_says_that_she_has_seen_is_kept(phone: AtShop, web: object) -> None:
    give_offer("banner", PercentOff(2_000))
    seen = {"promotion_id": "banner", "name": "Banner"}
    tell(
        [
            {
                "type": "track",
                "messageId": "p",
                "anonymousId": "phone-of-anna",
                "event": "Promotion Viewed",
                "properties": seen,
            }
        ],
        key="web-key",
    )
    assert shown.to_whom(Offer.objects.get()).customers == 1
    offers.set_state("banner", Offer.State.ENDED, "astrid")
    assert told(phone) == 103_920


def test_many_promises_cost_no_more_statements_than_one(
    phone: AtShop, anna: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []
    told(phone)  # the offers are read once an edition
    for some in (1, 5):
        for number in range(some):
            promised(anna, PercentOff(100 + number), key=f"{some} {number}")
        with counted(monkeypatch) as total:
            pieces.view(SE, anna, products=["vinga"])
        sent.append(total[0])
    assert sent == [2, 2]


def test_an_offer_for_some_is_kept_by_none_but_them(
    phone: AtShop, anna: int, at_shop: Come
) -> None:
    listed = CustomerList.objects.create(key="staff", name="Staff")
    listed.customers.create(identifier_id=anna)
    give_offer("staff", PercentOff(5_000), audience=frozenset({"list:staff"}))
    other = at_shop("somebody")
    for device in (phone, other):
        device.add("vinga-38")
    assert shown.to_whom(Offer.objects.get()).customers == 1
    offers.set_state("staff", Offer.State.PAUSED, "astrid")
    assert (in_cart(phone), in_cart(other)) == (64_950, 129_900)


def test_what_has_not_begun_or_is_used_up_is_kept_by_nobody_who_just_has_its_goods(
    phone: AtShop, at_shop: Come
) -> None:
    give_offer("later", PercentOff(5_000), since=timezone.now() + timedelta(days=7))
    give_offer("few", PercentOff(2_000), most_uses=1)
    other = at_shop("somebody")
    other.add("vinga-38")
    assert order(other, "o", contact={**ANNA, "email": "otto@example.se"}).status_code == 201
    phone.add("vinga-38")
    for key in ("later", "few"):
        offers.set_state(key, Offer.State.PAUSED, "astrid")
    assert not PricePromise.objects.exists()


def test_of_two_versions_that_she_was_shown_the_better_holds(phone: AtShop) -> None:
    give_offer("spring", PercentOff(2_000))
    phone.add("vinga-38")
    give_offer("spring", PercentOff(1_000))
    phone.add("vinga-39")
    offers.set_state("spring", Offer.State.PAUSED, "astrid")
    assert PricePromise.objects.count() == 2
    assert told(phone) == 103_920


def test_what_is_given_again_and_stopped_again_is_kept_again(phone: AtShop) -> None:
    give_offer("spring", PercentOff(2_000))
    phone.add("vinga-38")
    offers.set_state("spring", Offer.State.PAUSED, "astrid")
    PricePromise.objects.update(until=timezone.now())
    promise_actions.lapse()
    assert told(phone) == 129_900
    offers.set_state("spring", Offer.State.LIVE, "astrid")
    offers.set_state("spring", Offer.State.PAUSED, "astrid")
    assert told(phone) == 103_920


def test_amounts_together_go_no_further_than_the_mandate(phone: AtShop, anna: int) -> None:
    for number in range(4):
        promised(anna, AmountOff({"SEK": 50_000}), key=str(number))
    assert told(phone) == 129_900 * 85 // 100


def test_a_sale_that_was_none_gives_the_promise_back(phone: AtShop, shop: Shop, anna: int) -> None:
    made = promised(anna, FixedPrice({"SEK": 119_900}), "vinga")
    till = placing.sell(counter(shop, "till", whose=anna))
    assert (till.total, told(phone)) == (119_900, 129_900)
    orders.void(till.pk, shop.goteborg, by="Oskar")
    made.refresh_from_db()
    assert (made.state, told(phone)) == (State.OPEN, 119_900)
