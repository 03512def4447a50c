"""One cart, whatever device or person touches it; never somebody else's."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from spindel.catalogue.models import Price
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.actions import MOST_LINES
from spindel.commerce.carts.models import Cart
from spindel.commerce.common import links
from spindel.commerce.stock.reading import levels
from spindel.identity import customers
from spindel.messages.models import Mail
from spindel.shoppers.models import LoginLink
from spindel.staff.actions import create_token
from spindel.staff.models import Scope
from spindel.timeline.models import Fact
from tests.commerce.carts.cast import at_shop as at_shop  # a fixture
from tests.commerce.conftest import Shop
from tests.commerce.stock.cast import deliver
from tests.shopping import Come, lines, log_in
from tests.telling import follow, tell


def test_what_is_put_in_is_there_with_its_price(at_shop: Come) -> None:
    phone = at_shop("phone")
    assert phone.cart() == {}
    phone.add("vinga-38")
    assert phone.add("vinga-39", 2) == {"vinga-38": 1, "vinga-39": 2}
    cart = phone.ask("GET", "cart").json()
    assert (cart["count"], cart["total"], cart["currency"]) == (3, 3 * 129_900, "SEK")
    assert cart["vat"] == 77_940
    assert [line["notes"][0]["code"] for line in cart["lines"]] == ["sold_out", "sold_out"]
    assert list(Fact.objects.filter(name="Product Added").values_list("channel", flat=True)) == [
        "web",
        "web",
    ]


def test_the_same_add_again_counts_once(at_shop: Come) -> None:
    phone = at_shop("phone")
    for _ in range(3):
        answer = phone.ask("POST", "cart/lines", {"sku": "vinga-38"}, **{"Idempotency-Key": "k1"})
    assert lines(answer.json()) == {"vinga-38": 1}
    answer = phone.ask("POST", "cart/lines", {"sku": "vinga-38"}, **{"Idempotency-Key": "k2"})
    assert lines(answer.json()) == {"vinga-38": 2}
    assert Fact.objects.filter(name="Product Added").count() == 2


def test_a_line_is_changed_saved_and_taken_out(at_shop: Come, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    phone = at_shop("phone")
    phone.add("vinga-38")
    answer = phone.put("vinga-38", quantity=2, fulfilment="pick_up", place="goteborg").json()
    (line,) = answer["lines"]
    assert (line["place_name"], line["available"], line["notes"][0]["code"]) == (
        "Göteborg",
        1,
        "short",
    )
    assert phone.put("vinga-38", saved=True).json()["total"] == 0
    assert phone.put("vinga-38", fulfilment="pick_up").status_code == 409
    assert phone.ask("DELETE", "cart/lines/vinga-38").json()["lines"] == []
    assert phone.ask("DELETE", "cart/lines/vinga-38").status_code == 200
    assert phone.put("vinga-38", saved=True).status_code == 404
    assert phone.ask("POST", "cart/lines", {"sku": "unknown"}).status_code == 404


def test_a_conflict_of_versions_is_answered_with_the_present_cart(at_shop: Come) -> None:
    phone = at_shop("phone")
    phone.add("vinga-38")
    seen = phone.ask("GET", "cart").json()["version"]
    phone.add("vinga-39")
    answer = phone.put("vinga-38", quantity=5, version=seen)
    assert answer.status_code == 409
    assert answer.json()["code"] == "changed"
    assert lines(answer.json()["cart"]) == {"vinga-38": 1, "vinga-39": 1}


def test_filled_on_the_phone_it_is_on_the_laptop_once_she_logs_in(at_shop: Come) -> None:
    phone, laptop = at_shop("phone"), at_shop("laptop")
    phone.add("vinga-38", 2)
    laptop.add("vinga-38")
    laptop.add("vinga-39")
    log_in(phone, "anna@example.se")
    assert phone.cart() == {"vinga-38": 2}
    log_in(laptop, "anna@example.se")
    assert laptop.cart() == phone.cart() == {"vinga-38": 2, "vinga-39": 1}
    phone.put("vinga-39", quantity=4)
    assert laptop.cart()["vinga-39"] == 4
    follow()
    assert laptop.cart() == phone.cart()
    assert Cart.objects.filter(state="open").count() == 1


def test_a_login_link_is_good_once(at_shop: Come) -> None:
    phone, other = at_shop("phone"), at_shop("other")
    phone.ask("POST", "login", {"email": "anna@example.se"})
    code = re.search(r"code=([\w-]+)", Mail.objects.filter(purpose="login").latest("pk").text)
    assert code
    assert phone.ask("POST", "login/confirm", {"code": code[1]}).status_code == 200
    again = other.ask("POST", "login/confirm", {"code": code[1]})
    assert (again.status_code, again.json()["code"]) == (410, "used")
    LoginLink.objects.update(ends_at="2020-01-01T00:00Z", used_at=None)
    late = other.ask("POST", "login/confirm", {"code": code[1]})
    assert (late.status_code, late.json()["code"]) == (410, "expired")


def test_a_login_link_logs_in_elsewhere_only_whoever_was_shown_as_whom(at_shop: Come) -> None:
    """Somebody mails her a link of his own: pressed without a thought, he had her cart."""
    his, hers = at_shop("his"), at_shop("hers")
    hers.add("vinga-38")
    his.ask("POST", "login", {"email": "mallory@example.se"})
    code = re.search(r"code=([\w-]+)", Mail.objects.filter(purpose="login").latest("pk").text)
    assert code
    said = {"code": code[1]}
    shown = his.ask("POST", "login/look", said).json()
    assert shown == {"email": "mallory@example.se", "asked_here": True}
    shown = hers.ask("POST", "login/look", said).json()
    assert shown == {"email": "m•••@example.se", "asked_here": False}
    answer = hers.ask("POST", "login/confirm", said)
    assert (answer.status_code, answer.json()["code"]) == (409, "asked_elsewhere")
    assert hers.ask("GET", "session").json()["known"] is False
    answer = hers.ask("POST", "login/confirm", said | {"confirmed": True})
    assert answer.json()["email"] == "mallory@example.se"
    again = his.ask("POST", "login/look", said)
    assert (again.status_code, again.json()["code"]) == (410, "used")
    assert his.ask("POST", "login/look", {"code": "x"}).json()["code"] == "expired"


def test_after_logging_out_the_device_shows_nothing_of_hers(at_shop: Come) -> None:
    phone = at_shop("phone")
    phone.add("vinga-38")
    log_in(phone, "anna@example.se")
    follow()
    assert phone.ask("POST", "logout").status_code == 204
    assert phone.ask("GET", "cart").status_code == 401
    assert at_shop("phone").cart() == {}
    assert at_shop("phone").ask("GET", "session").json()["known"] is False


def test_the_next_to_log_in_on_a_shared_device_takes_nothing_of_the_first(at_shop: Come) -> None:
    """mautic#4211, vendure#263."""
    tablet = at_shop("tablet")
    tablet.add("vinga-38")
    log_in(tablet, "anna@example.se")
    log_in(tablet, "bo@example.se")
    assert tablet.cart() == {}


def test_what_was_ordered_does_not_come_back_with_the_login(at_shop: Come, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    phone = at_shop("phone")
    phone.add("vinga-38", 1, fulfilment="pick_up", place="goteborg")
    said = {"pay_by": "store", "contact": {"name": "Anna", "email": "anna@example.se"}}
    made = phone.ask("POST", "orders", said, **{"Idempotency-Key": "k"})
    assert made.status_code == 201, made.content
    log_in(phone, "anna@example.se")
    assert phone.cart() == {}
    number = made.json()["number"]
    assert phone.ask("GET", f"orders/{number}").status_code == 200
    log_in(phone, "bo@example.se")
    assert phone.ask("GET", f"orders/{number}").status_code == 404


def test_whoever_is_only_thought_to_be_her_does_not_see_her_cart(at_shop: Come, web) -> None:
    """A public write key can link any browser with any address."""
    phone, stranger = at_shop("phone"), at_shop("stranger")
    log_in(phone, "anna@example.se")
    phone.add("vinga-38")
    stranger.add("vinga-39")
    tell(
        [
            {
                "type": "identify",
                "messageId": "i",
                "anonymousId": "stranger",
                "traits": {"email": "anna@example.se"},
            }
        ]
    )
    assert stranger.cart() == {"vinga-39": 1}
    assert phone.cart() == {"vinga-38": 1, "vinga-39": 1}  # lines come along, and none goes out
    stranger.add("vinga-39")
    assert stranger.cart() == {"vinga-39": 2}
    assert at_shop("stranger").cart() == {}


def test_a_browsers_cart_is_the_customers_when_it_is_known_whose_it_is(at_shop: Come, web) -> None:
    phone = at_shop("phone")
    phone.add("vinga-38")
    tell(
        [
            {
                "type": "identify",
                "messageId": "i",
                "anonymousId": "phone",
                "userId": "anna",
            }
        ]
    )
    anna = customers.by_identifier("user_id", "anna")
    assert anna
    there = carts.open_of(anna)
    assert there
    phone.add("vinga-39")
    assert [one.sku for one in carts.view(there.pk, "en").lines] == ["vinga-38", "vinga-39"]


def test_what_is_shared_can_be_put_into_another_cart(at_shop: Come) -> None:
    anna, bo = at_shop("anna"), at_shop("bo")
    anna.add("vinga-38", 2)
    code = anna.ask("POST", "cart/share").json()["code"]
    assert [one["sku"] for one in bo.ask("GET", f"shared/{code}").json()["lines"]] == ["vinga-38"]
    assert lines(bo.ask("POST", f"cart/from/{code}").json()) == {"vinga-38": 2}
    assert bo.ask("GET", f"shared/{code}x").status_code == 404


def test_what_is_shared_is_what_it_was_then(
    at_shop: Come, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(shop.small, shop.goteborg, 1)
    anna, bo = at_shop("anna"), at_shop("bo")
    anna.add("vinga-38", fulfilment="pick_up", place="goteborg")
    anna.add("vinga-39")
    anna.put("vinga-39", saved=True)
    shared = anna.ask("POST", "cart/share").json()
    anna.put("vinga-39", saved=False)
    anna.put("vinga-38", quantity=5)
    seen = bo.ask("GET", f"shared/{shared['code']}").json()
    assert lines(seen) == {"vinga-38": 1}
    assert seen["until"] == shared["until"]
    assert (seen["currency"], seen["lines"][0]["amount"]) == ("SEK", 129_900)
    assert seen["lines"][0]["place"] == ""  # where she is is nobody's
    Cart.objects.all().delete()
    assert lines(bo.ask("POST", f"cart/from/{shared['code']}").json()) == {"vinga-38": 1}
    monkeypatch.setattr(links, "SHARED_FOR", timedelta(seconds=-1))
    over = bo.ask("POST", "cart/share").json()["code"]
    assert bo.ask("GET", f"shared/{over}").status_code == 404
    assert anna.ask("POST", f"cart/from/{over}").status_code == 404


def test_a_cart_of_as_much_as_there_can_be_is_shared(at_shop: Come) -> None:
    many = [(10**9 + number, 999) for number in range(MOST_LINES)]
    code, _until = links.share(many)
    assert links.shared(code).goods == many
    assert len(code) < 2_000
    assert at_shop("bo").ask("GET", f"shared/{code}").status_code == 200


def test_another_market_has_its_own_prices(at_shop: Come, shop: Shop) -> None:
    Price.objects.create(variant_id=shop.small, market="DK", currency="DKK", amount=84_900)
    phone = at_shop("phone")
    phone.add("vinga-38")
    assert phone.ask("PUT", "session", {"market": "DK"}).json()["currency"] == "DKK"
    cart = phone.ask("GET", "cart").json()
    assert (cart["currency"], cart["total"]) == ("DKK", 84_900)


def test_the_shops_token_opens_no_cart(at_shop: Come) -> None:
    secret = create_token("other shop", [Scope.SHOP], None)[1]
    stranger = at_shop("stranger")
    stranger.key = secret
    assert stranger.ask("GET", "cart").status_code == 401
    assert levels.verify() == []
