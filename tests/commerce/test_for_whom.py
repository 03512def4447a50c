"""What is done here for a customer is shown to her, where she has proved who she is, and to nobody
who is only said to be her: whatever it is, and however she is linked to whoever says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from spindel.catalogue.models import Variant
from spindel.commerce.common import links
from spindel.commerce.quotes.models import Quote
from spindel.identity import customers, identifiers
from spindel.identity.actions import merge_customers, split_customer
from spindel.identity.models import Identifier
from spindel.timeline.models import Source
from tests.commerce.carts.cast import at_shop as at_shop  # a fixture
from tests.commerce.for_whom import PART, Staff, Victim, told
from tests.commerce.for_whom import staff as staff  # a fixture
from tests.commerce.quotes.cast import in_days
from tests.console.conftest import maja, text
from tests.shopping import AtShop, Come
from tests.telling import follow, tell

__all__ = ["maja"]

HOME = {"street": "Storgatan 1", "postcode": "411 01", "city": "Göteborg", "country": "SE"}


VICTIMS = [
    Victim("trusted", 0),
    Victim("untrusted", 1, by_phone=True),
    Victim("by hand", 2, by_phone=True),
    Victim("none", 3),
]
CERTAIN = ("trusted", "by hand")


@pytest.fixture
def victims(staff: Staff, web: Source, pos: Source) -> list[Victim]:
    """Each linked in her own way; then strangers say, with the public key, that they are them."""
    for key, way in (("pos-key", "trusted"), ("web-key", "untrusted")):
        both = [{"email": one.email, "phone": one.phone} for one in VICTIMS if one.way == way]
        tell(told(way, *both), key=key)
    apart = [one for one in VICTIMS if one.way in ("by hand", "none")]
    tell(told("apart", *[{x: getattr(one, x)} for one in apart for x in ("email", "phone")]))
    for one in VICTIMS:
        if one.way == "by hand":
            both = customers.by_identifier("email", one.email), one.customer
            merge_customers(both[0] or 0, both[1], "Maja")
    for one in VICTIMS:
        parts = ({"email": one.email}, {"phone": one.phone})
        tell(told(one.stranger, *parts, user=f"mallory-{one.n}"))
        assert customers.by_identifier("user_id", f"mallory-{one.n}") == one.customer
    return VICTIMS


def sees(device: AtShop) -> set[str]:
    """All that somebody sees in her session."""
    items = [device.ask("GET", what).json()["items"] for what in ("orders", "holds")]
    numbers = {str(one.get("number") or one["id"]) for some in items for one in some}
    return set(device.cart()) | numbers


# --- whoever writes -------------------------------------------------------------------------------


def console_cart(staff: Staff, her: Victim) -> None:
    staff.found(her)
    said = {"sku": "vinga-38", "quantity": 1}
    assert "Vinga" in text(staff.maja.post(f"/carts/of/{her.customer}/change/", said, headers=PART))


def console_order(staff: Staff, her: Victim) -> None:
    console_cart(staff, her)
    page = text(staff.maja.get(f"/carts/of/{her.customer}/order/"))
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    said = her.contact | HOME | {"pay_by": "invoice"} | hidden
    assert staff.maja.post(f"/carts/of/{her.customer}/order/", said).status_code == 302


def console_hold(staff: Staff, her: Victim) -> None:
    staff.found(her)
    said = {"variant": staff.shop.small, "place": staff.shop.goteborg, "key": her.email}
    page = text(staff.maja.post(f"/holds/of/{her.customer}/reserve/", said, headers=PART))
    assert "is kept in" in page


def quote(staff: Staff, her: Victim) -> None:
    """Made for her page, with nothing of hers in it: whoever takes it has the link."""
    staff.found(her)
    said = {
        **{
            "do": "save",
            "key": f"q{Quote.objects.count()}",
            "variant": [staff.shop.small],
            "quantity": ["1"],
        },
        **{"price": [""], "how": ["ship"], "market": "SE", "language": "sv", "pay_by": "invoice"},
        **{"until": (timezone.localdate() + timezone.timedelta(days=5)).isoformat()},
        **{"name": "Anna", "email": "another@example.se", **HOME},
    }
    answer = staff.maja.post(f"/quotes/new/?customer={her.customer}", said)
    assert answer.status_code == 302, text(answer)
    _accept(staff, Quote.objects.latest("pk"))


def _accept(staff: Staff, made: Quote) -> None:
    staff.maja.post(f"/quotes/{made.pk}/send/", {"revision": 1, "mail": "no", "key": "s"})
    page = f"/q/{links.code('quote', made.pk)}/"
    form = re.search(r'action="([^"]+/accept[^"]*)"', text(Client().get(page)))
    assert form
    assert Client().post(form[1], {"revision": "1"}).status_code == 302


def tablet_cart(staff: Staff, her: Victim) -> None:
    staff.looked_up(her)
    tablet = staff.tablet
    tablet.get(f"/store/customers/{her.customer}/")
    product = Variant.objects.get(pk=staff.shop.small).product_id
    page = tablet.get(f"/store/products/{product}/?variant={staff.shop.small}")
    assert "It is in the cart" in tablet.tap(page, "/store/into-cart/")


def tablet_order(staff: Staff, her: Victim) -> None:
    tablet_cart(staff, her)
    action = f"/store/customers/{her.customer}/cart/order/"
    page = staff.tablet.get(action)
    said = her.contact | {"street": "S 1", "postcode": "411 01", "city": "G", "how": "ship"}
    assert "Ordered" in staff.tablet.tap(page, action, **said, pay_by="invoice")


def tablet_cart_sold(staff: Staff, her: Victim) -> None:
    tablet_cart(staff, her)
    action = f"/store/customers/{her.customer}/cart/sell/"
    page = staff.tablet.get(f"/store/customers/{her.customer}/")
    assert "Sold" in staff.tablet.tap(page, action)


def tablet_sale(staff: Staff, her: Victim) -> None:
    staff.looked_up(her)
    tablet = staff.tablet
    tablet.get(f"/store/customers/{her.customer}/")
    page = tablet.tap(tablet.get("/store/sale/"), "/store/scan/", code="vinga-38")
    assert "Sold" in tablet.tap(page, "/store/sale/pay/")


def tablet_hold(staff: Staff, her: Victim) -> None:
    staff.looked_up(her)
    tablet = staff.tablet
    tablet.get(f"/store/customers/{her.customer}/")
    product = Variant.objects.get(pk=staff.shop.small).product_id
    page = tablet.get(f"/store/products/{product}/?variant={staff.shop.small}")
    assert "Kept in" in tablet.tap(page, "/store/reserve/", place="goteborg")


def tablet_new(staff: Staff, her: Victim) -> None:
    """Typed at the counter, though she is known."""
    reach = her.named.partition(":")[2]
    fields = {"store": "goteborg", "customer": "", "reach": reach, "name": f"Anna {her.n}"}
    staff.tablet.send("/store/customers/new/", fields)
    page = staff.tablet.tap(staff.tablet.get("/store/sale/"), "/store/scan/", code="vinga-38")
    assert "Sold" in staff.tablet.tap(page, "/store/sale/pay/")


def _whose(her: Victim) -> str:
    return f"?whose={her.named.replace('+', '%2B')}"


def api_cart(staff: Staff, her: Victim) -> None:
    put = staff.machine.ask("PUT", f"carts/lines/vinga-38{_whose(her)}", {"quantity": 1})
    assert put.status_code == 200, put.content


def api_cart_order(staff: Staff, her: Victim) -> None:
    api_cart(staff, her)
    said = {"contact": her.contact, "address": HOME}
    done = staff.machine.ask("POST", f"carts/order{_whose(her)}", said, key=her.email)
    assert done.status_code == 201, done.content


def api_order(staff: Staff, her: Victim) -> None:
    said = {"items": [{"sku": "vinga-38"}], "whose": her.named, "contact": her.contact}
    done = staff.machine.ask("POST", "orders", said | {"address": HOME}, key=her.email)
    assert done.status_code == 201, done.content


def api_till(staff: Staff, her: Victim) -> None:
    said = {
        **{"number": f"T-10{her.n}", "place": "goteborg", "whose": her.named},
        **{"lines": [{"sku": "vinga-38", "quantity": 1, "amount": 100}]},
        **{"at": timezone.now().isoformat()},
    }
    done = staff.machine.ask("POST", "orders/purchases", said)
    assert done.status_code in (200, 201), done.content


def api_hold(staff: Staff, her: Victim) -> None:
    said = {"lines": [{"sku": "vinga-38", "place": "goteborg"}], "until": "tomorrow"}
    done = staff.machine.ask("POST", "stock/holds", said | {"whose": her.named}, key=her.email)
    assert done.status_code == 201, done.content


def api_quote(staff: Staff, her: Victim) -> None:
    said = {
        **{"items": [{"sku": "vinga-38"}], "until": in_days(5).isoformat(), "pay_by": "invoice"},
        **{"whose": her.named, "contact": her.contact, "address": HOME},
    }
    made = staff.machine.ask("POST", "quotes", said, key=her.email)
    assert made.status_code == 201, made.content
    _accept(staff, Quote.objects.latest("pk"))


WRITERS = [
    *(console_cart, console_order, console_hold, quote),
    *(tablet_cart, tablet_order, tablet_cart_sold, tablet_sale, tablet_hold, tablet_new),
    *(api_cart, api_cart_order, api_order, api_till, api_hold, api_quote),
]


@pytest.mark.parametrize("write", WRITERS, ids=lambda one: one.__name__)
def test_it_is_shown_to_her_and_to_nobody_who_only_says_that_she_is_her(
    write: Callable[[Staff, Victim], None],
    staff: Staff,
    victims: list[Victim],
    at_shop: Come,
) -> None:
    wrong = []
    for her in victims:
        write(staff, her)
    follow()
    for her in victims:
        mine, also, strange = (at_shop("d", who) for who in (her.named, her.other, her.stranger))
        if not sees(mine):
            wrong.append((her, "she does not see it"))
        if bool(sees(also)) != (her.way in CERTAIN):
            wrong.append((her, "by her other identifier"))
        session = strange.ask("GET", "session").json()
        assert session["known"] is True
        if sees(strange) or "Anna" in session["name"]:
            wrong.append((her, "the stranger sees it"))
    assert not wrong


def by_nothing(staff: Staff, her: Victim) -> None:
    """She was not found by anything: her page was opened from a list."""
    session = staff.maja.session
    session.pop("served", None)
    session.save()


@pytest.mark.parametrize("write", [console_cart, console_order, console_hold, quote])
def test_where_it_is_not_certain_for_whom_it_is_it_is_shown_here_and_to_nobody(
    write: Callable[[Staff, Victim], None],
    staff: Staff,
    victims: list[Victim],
    at_shop: Come,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Staff, "found", by_nothing)
    her = victims[1]
    for _ in range(2):
        write(staff, her)
    follow()
    for who in (her.named, her.other, her.stranger):
        assert sees(at_shop("d", who)) == set()
    page = text(staff.maja.get(f"/customers/{her.customer}/"))
    for panel in ("carts", "holds", "orders"):
        page += text(staff.maja.get(f"/{panel}/of/{her.customer}/", headers=PART))
    assert "Vinga" in page
    kept = Identifier.objects.filter(kind="external", tenure__customer=her.customer)
    assert kept.count() == 1


def test_where_it_is_not_certain_one_says_whom_one_serves(
    staff: Staff, victims: list[Victim], at_shop: Come
) -> None:
    her = victims[1]
    page = text(staff.maja.get(f"/customers/{her.customer}/"))
    chosen = Identifier.objects.get(kind="email", value=her.email).pk
    assert f'<option value="{chosen}"' in page
    staff.maja.post(f"/customers/{her.customer}/serve/", {"identifier": chosen})
    said = {"sku": "vinga-38", "quantity": 1}
    staff.maja.post(f"/carts/of/{her.customer}/change/", said, headers=PART)
    assert at_shop("d", f"email:{her.email}").cart() == {"vinga-38": 1}
    assert at_shop("d", her.stranger).cart() == at_shop("d", her.named).cart() == {}


def test_who_it_is_certainly_is_not_asked_for(staff: Staff, pos: Source) -> None:
    tell(told("certain", {"email": "bo@example.se", "phone": "+46701234599"}), key="pos-key")
    bo = customers.by_identifier("email", "bo@example.se")
    assert "/serve/" not in text(staff.maja.get(f"/customers/{bo}/"))


def test_what_is_put_right_is_not_told_to_who_only_says_that_she_is_her(
    staff: Staff, victims: list[Victim], at_shop: Come
) -> None:
    """Nor when the two are told apart, and something would seem to be hers alone."""
    her = victims[3]
    staff.found(her)
    page = f"/customers/{her.customer}/correct/"
    staff.maja.post(page, {"name": "name", "value": "Anna Åkesson"})
    mallory = Identifier.objects.get(kind="user_id", value=f"mallory-{her.n}").pk
    split_customer(her.customer, [mallory], "Maja")
    assert at_shop("d", her.stranger).ask("GET", "session").json()["name"] == ""


def test_taking_a_stranger_away_does_not_make_the_rest_one_person(
    staff: Staff, victims: list[Victim]
) -> None:
    her = victims[3]
    mallory = Identifier.objects.get(kind="user_id", value=f"mallory-{her.n}").pk
    split_customer(her.customer, [mallory], "Maja")
    email, phone = (
        Identifier.objects.get(kind=kind, value=getattr(her, kind)).pk
        for kind in ("email", "phone")
    )
    assert customers.living(email) == customers.living(phone)
    assert identifiers.proven(email) == {email}
