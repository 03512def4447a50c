"""What forms are filled with: what is certain of her. What a stranger has said stands beside it."""

from __future__ import annotations

import pytest

from spindel.commerce.orders.models import Order
from spindel.identity import customers
from spindel.timeline.models import Source
from tests.commerce.carts.cast import at_shop as at_shop  # a fixture
from tests.commerce.for_whom import Staff, told
from tests.commerce.for_whom import staff as staff  # a fixture
from tests.commerce.orders.filled_in import ANNA, MALLORY, fields, forms, order
from tests.console.conftest import maja, text
from tests.shopping import Come
from tests.telling import tell

__all__ = ["maja"]

HERS = {"name": "Anna Åkesson", "street": "Storgatan 1", "postcode": "411 01", "city": "Göteborg"}
FALSE = {
    "name": "Anna Falsk",
    "email": MALLORY,
    "phone": "+46709999999",
    "address": {"street": "Tjuvgatan 9", "postal_code": "999 99", "city": "Fjärran"},
}
LIES = ("Falsk", "mallory", "+46709999999", "Tjuvgatan", "999 99", "Fjärran")


def stranger_says() -> None:
    tell(told("claim", {"email": ANNA}, FALSE, user="mallory"))
    assert customers.by_identifier("email", ANNA) == customers.by_identifier("email", MALLORY)


def test_what_a_stranger_has_said_fills_no_form_and_is_offered_as_not_confirmed(
    staff: Staff, web: Source, at_shop: Come
) -> None:
    stranger_says()
    for face, page in forms(staff).items():
        filled = fields(page)
        assert filled["email"] == ANNA, face
        assert not [lie for lie in LIES if lie in str(filled.values())], face
        assert "Not confirmed" in page, face
        assert "Tjuvgatan 9" in page, face
    assert at_shop("d", f"email:{ANNA}").ask("GET", "session").json()["name"] == ""


def test_nor_has_an_order_of_somebody_who_typed_her_address(staff: Staff, at_shop: Come) -> None:
    order(at_shop, {"email": ANNA, **HERS, "street": "Tjuvgatan 9", "name": "Anna Falsk"})
    assert Order.objects.get().proved is False
    for face, page in forms(staff).items():
        filled = fields(page)
        assert (filled["street"], filled["name"] in ("", ANNA)) == ("", True), face
        assert "Tjuvgatan 9" in page, face


def test_her_own_orders_do(staff: Staff, web: Source, at_shop: Come) -> None:
    order(at_shop, {"email": "anna@work.example", "phone": "070-123", **HERS}, f"email:{ANNA}")
    stranger_says()
    for face, page in forms(staff).items():
        filled = fields(page)
        assert HERS.items() <= filled.items(), face
        assert (filled["email"], filled["phone"]) == (ANNA, "070-123"), face


def test_what_a_trusted_source_has_said_does(staff: Staff, web: Source, pos: Source) -> None:
    address = {"street": "Storgatan 1", "postal_code": "411 01", "city": "Göteborg"}
    said = {"email": ANNA, "name": "Anna Åkesson", "phone": "+46701234567", "address": address}
    tell(told("till", said), key="pos-key")
    stranger_says()
    for face, page in forms(staff).items():
        filled = fields(page)
        assert HERS.items() <= filled.items(), face
        assert filled["phone"] == "+46701234567", face


@pytest.mark.parametrize(
    ("country", "filled"),
    [
        *(("SE", True), ("se", True), ("Sweden", True), ("Sverige", True), ("", True)),
        *(("DK", False), ("Denmark", False), ("Danmark", False), ("Deutschland", False)),
    ],
)
def test_an_address_is_filled_in_only_where_its_country_is_the_markets(
    staff: Staff, web: Source, pos: Source, country: str, filled: bool
) -> None:
    address = {"street": "Storgatan 1", "postal_code": "411 01", "city": "Göteborg"}
    said = {"email": ANNA, "name": "Anna Åkesson", "address": address | {"country": country}}
    tell(told("till", said), key="pos-key")
    for face, page in forms(staff).items():
        there = {name: fields(page)[name] for name in ("street", "postcode", "city")}
        assert there == (
            {name: HERS[name] for name in there} if filled else dict.fromkeys(there, "")
        ), face
    her = customers.by_identifier("email", ANNA)
    page = fields(text(staff.maja.get(f"/carts/of/{her}/order/")))
    placed = staff.maja.post(f"/carts/of/{her}/order/", HERS | page | HERS | {"pay_by": "invoice"})
    assert placed.status_code == 302, placed.content.decode()
    assert Order.objects.get().address["country"] == "SE"


def test_nor_does_what_a_trusted_source_has_said_of_the_stranger(
    staff: Staff, web: Source, pos: Source
) -> None:
    """That Mallory lives where she does is true; that she is Anna is not."""
    tell(told("mallory", FALSE, user="mallory"), key="pos-key")
    stranger_says()
    for face, page in forms(staff).items():
        assert not [lie for lie in LIES if lie in str(fields(page).values())], face


def test_what_somebody_here_has_put_right_does(staff: Staff, web: Source) -> None:
    stranger_says()
    staff.maja.get("/customers/found/", {"q": ANNA})
    her = customers.by_identifier("email", ANNA)
    said = {"name": "name", "value": "Anna Åkesson"}
    staff.maja.post(f"/customers/{her}/correct/", said)
    for face, page in forms(staff).items():
        assert fields(page)["name"] == "Anna Åkesson", face


def test_a_receipt_over_the_counter_is_not_for_the_strangers_address(
    staff: Staff, web: Source
) -> None:
    stranger_says()
    staff.tablet.get(f"/store/customers/?q={ANNA}")
    staff.tablet.get(f"/store/customers/{customers.by_identifier('email', ANNA)}/")
    page = staff.tablet.tap(staff.tablet.get("/store/sale/"), "/store/scan/", code="vinga-38")
    assert "Sold" in staff.tablet.tap(page, "/store/sale/pay/")
    assert Order.objects.get().contact == {"email": ANNA}


def test_what_comes_to_be_known_of_her_after_a_lost_answer_leaves_it_the_same_sale(
    staff: Staff, web: Source, pos: Source
) -> None:
    tell(told("till", {"email": ANNA}), key="pos-key")
    forms(staff)  # something is in her cart now
    her = customers.by_identifier("email", ANNA)
    sell = f"/store/customers/{her}/cart/sell/"
    fields = staff.tablet.form(staff.tablet.get(f"/store/customers/{her}/"), sell)
    assert "Sold" in staff.tablet.send(sell, dict(fields))
    assert Order.objects.get().contact == {"email": ANNA}
    tell(told("more", {"email": ANNA, "phone": "+46701234567"}), key="pos-key")
    assert "Sold" in staff.tablet.send(sell, dict(fields))
    assert Order.objects.count() == 1


def test_where_it_is_not_certain_whom_one_serves_nothing_is_filled_in(
    staff: Staff, web: Source
) -> None:
    stranger_says()
    her = customers.by_identifier("email", ANNA)
    page = text(staff.maja.get(f"/quotes/new/?customer={her}"))
    filled = fields(page)
    assert filled["email"] == filled["name"] == filled["phone"] == filled["street"] == ""
    assert "Not confirmed" in page
