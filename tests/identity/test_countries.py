"""One number is two people's in two countries, and one address one person's however it is written.

A Danish shopper and a Swedish stranger have the same national digits. Through no door is anything
of the one filed under the other, or shown to her, or forgotten with her.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client

from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.quotes.models import Quote
from spindel.commerce.stock.models import Hold
from spindel.identity import countries, customers, identifiers, searching
from spindel.identity.models import Identifier
from spindel.messages.models import Mail
from spindel.privacy.actions import forget_customer
from spindel.staff.actions import create_token
from spindel.staff.models import Role, Scope, User
from spindel.timeline.models import Source
from tests.commerce.carts.abroad import THERE
from tests.commerce.carts.abroad import abroad as abroad  # a fixture
from tests.commerce.carts.abroad import at_shop as at_shop  # a fixture
from tests.commerce.conftest import Shop
from tests.commerce.conftest import shop as shop  # a fixture
from tests.commerce.forgetting import forget
from tests.commerce.quotes import cast as quoting
from tests.console.conftest import as_role, maja, text
from tests.shopping import Come
from tests.store.cast import Tablet
from tests.telling import follow, tell

__all__ = ["abroad", "as_role", "at_shop", "maja"]

DIGITS = "22 33 44 55"
DANISH, SWEDISH = "+4522334455", "+4622334455"
FREJA = {"name": "Freja Holm", "email": "", "phone": DIGITS}
HOME = {"street": "Storgatan 1", "postcode": "411 01", "city": "Göteborg", "country": "SE"}


@pytest.fixture
def sven(web: Source, abroad: int) -> int:
    """The stranger in Sweden, whom the web shop knows by his number and his login."""
    traits = {"phone": SWEDISH, "name": "Sven Ek"}
    tell([{"type": "identify", "messageId": "s", "userId": "sven", "traits": traits}])
    found = customers.by_identifier("phone", SWEDISH)
    assert found
    return found


class Machine:
    """A call centre's system, or a till."""

    def __init__(self) -> None:
        scopes = [
            *(Scope.READ_ORDERS, Scope.WRITE_ORDERS, Scope.READ_STOCK, Scope.WRITE_STOCK),
            *(Scope.READ_CUSTOMERS, Scope.SHOP, Scope.SHOP_VOUCH),
        ]
        self._secret = create_token("ERP", scopes, None)[1]

    def ask(self, method: str, path: str, body: object = None, key: str = "k"):
        return Client().generic(
            method,
            f"/api/{path}",
            b"" if body is None else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self._secret}", "Idempotency-Key": key},
        )


def owner(made: Order | Quote | Hold) -> str:
    """The identifier that it is filed under, as kind:value."""
    found = Identifier.objects.get(pk=made.identifier_id)
    return f"{found.kind}:{found.value}"


# --- the same digits through every door -----------------------------------------------------------


def test_an_order_from_the_shop_is_filed_under_the_number_of_its_market(
    at_shop: Come, sven: int
) -> None:
    device = at_shop("phone-of-freja")
    device.ask("PUT", "session", {"market": "DK"})
    device.add("vinga-38")
    said = {"pay_by": "invoice", "contact": FREJA, "address": THERE}
    made = device.ask("POST", "orders", said, **{"Idempotency-Key": "k"})
    assert made.status_code == 201, made.content
    assert owner(Order.objects.get()) == f"phone:{DANISH}"
    follow()
    assert customers.by_identifier("phone", SWEDISH) == sven
    assert customers.by_identifier("phone", DANISH) not in (None, sven)


def test_a_number_is_of_the_country_of_the_address_before_that_of_the_market(
    at_shop: Come, sven: int
) -> None:
    device = at_shop("phone-of-freja")
    device.add("vinga-38")
    device.put("vinga-38", fulfilment="pick_up", place="goteborg")
    said = {"pay_by": "store", "contact": FREJA, "address": THERE}
    made = device.ask("POST", "orders", said, **{"Idempotency-Key": "k"})
    assert made.status_code == 201, made.content
    assert owner(Order.objects.get()) == f"phone:{DANISH}"


def test_a_quote_is_for_whoever_has_the_number_in_its_market(shop: Shop, sven: int) -> None:
    there = quoting.make(Item(shop.small, 1), market="DK", address=THERE, contact=FREJA)
    here = quoting.make(Item(shop.small, 1), market="SE", address=HOME, contact=FREJA)
    assert (owner(there), owner(here)) == (f"phone:{DANISH}", f"phone:{SWEDISH}")


def test_an_agents_quote_is_for_whoever_has_the_number_in_its_market(
    maja: Client, shop: Shop, sven: int
) -> None:
    fields = {
        **{"name": "Freja Holm", "email": "", "phone": DIGITS, "do": "save", "key": "k"},
        **{"street": THERE["street"], "postcode": THERE["postcode"], "city": THERE["city"]},
        **{"country": "DK", "market": "DK", "language": "da", "pay_by": "invoice"},
        **{"until": quoting.in_days(7).date().isoformat(), "note": ""},
        **{"variant": [shop.small], "quantity": ["1"], "price": [""], "how": ["ship"]},
    }
    answer = maja.post("/quotes/new/", fields)
    assert answer.status_code == 302, text(answer)
    assert owner(Quote.objects.get()) == f"phone:{DANISH}"


def test_a_clerk_finds_and_makes_customers_of_her_stores_country(
    abroad: int, sven: int, clerk: User
) -> None:
    tablet = Tablet(clerk).at("kobenhavn")
    page = tablet.get(f"/store/customers/?q={DIGITS.replace(' ', '+')}")
    assert "Sven Ek" in page  # for her eyes: he may stand there
    tablet.tap(page, "/store/customers/new/", reach=DIGITS, name="Freja Holm")
    freja = customers.by_identifier("phone", DANISH)
    assert freja is not None
    assert freja != sven
    assert customers.profile(sven).name == "Sven Ek"
    hits = searching.search(DIGITS, 20, "DK")
    assert [hit.text for hit in hits] == [DANISH, SWEDISH]
    assert [hit.text for hit in searching.search(DIGITS, 20, "SE")] == [SWEDISH, DANISH]


def test_a_search_without_a_country_shows_whoever_has_the_digits_anywhere(
    maja: Client, sven: int
) -> None:
    identifiers.identifier("phone", DANISH)
    identifiers.identifier("phone", "+4722334455")
    assert countries.known() == ["DK", "SE"]
    for typed in (DIGITS, "22334455", "2233", "022-33 44 55", "+46 (0)22-33 44 55"):
        found = {hit.text for hit in searching.search(typed)}
        assert SWEDISH in found
        assert (DANISH in found) == (not typed.startswith(("0", "+")))
        assert "+4722334455" not in found  # the shop sells nothing in Norway
    assert "Sven Ek" in text(maja.get("/customers/", {"q": DIGITS}))


def test_machines_say_the_country_or_write_it_into_the_number(shop: Shop, sven: int) -> None:
    machine = Machine()
    freja = identifiers.identifier("phone", DANISH)
    assert freja
    hers = f"phone:{DIGITS}"
    items = [{"sku": "vinga-38"}]
    said = {"items": items, "whose": hers, "contact": FREJA, "address": THERE}
    made = machine.ask("POST", "orders", said | {"market": "DK"})
    assert made.status_code == 201, made.content
    assert owner(Order.objects.get()) == f"phone:{DANISH}"
    bought = {"number": "K-1", "place": "kobenhavn", "whose": hers, "lines": [_line()]}
    assert machine.ask("POST", "orders/purchases", bought).status_code == 201
    assert owner(Order.objects.get(number="K-1")) == f"phone:{DANISH}"
    here = bought | {"number": "K-2", "place": "goteborg"}
    assert machine.ask("POST", "orders/purchases", here).status_code == 201
    assert owner(Order.objects.get(number="K-2")) == f"phone:{SWEDISH}"
    assert machine.ask("POST", "orders/K-1/claim", {"whose": hers}).status_code == 200
    held = {"lines": [{"sku": "vinga-38", "place": "kobenhavn"}], "until": "tomorrow"}
    assert machine.ask("POST", "stock/holds", held | {"whose": hers}).status_code == 201
    assert owner(Hold.objects.latest("pk")) == f"phone:{DANISH}"
    offered = quoting_body(whose=hers, market="DK", address=THERE, contact=FREJA)
    assert machine.ask("POST", "quotes", offered).status_code == 201
    assert owner(Quote.objects.get()) == f"phone:{DANISH}"
    cart = machine.ask("PUT", f"carts/lines/vinga-39?whose={hers}&market=DK", {"quantity": 1})
    assert cart.status_code == 200, cart.content
    assert machine.ask("GET", f"carts?whose={hers}&market=SE").json()["lines"] == []
    session = machine.ask("POST", "shop/sessions", {"whose": hers, "market": "DK"})
    assert session.status_code == 201
    follow()
    found = machine.ask("GET", f"customers?identifier={hers}&country=DK").json()["items"]
    assert [one["id"] for one in found] == [customers.by_identifier("phone", DANISH)]


def _line() -> dict[str, object]:
    return {"sku": "vinga-38", "quantity": 1, "amount": 84_900}


def quoting_body(**more: object) -> dict[str, object]:
    until = quoting.in_days(7).isoformat()
    return {"items": [{"sku": "vinga-38", "quantity": 1}], "until": until} | more


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "orders", {"items": [{"sku": "vinga-38"}], "whose": f"phone:{DIGITS}"}),
        ("POST", "shop/sessions", {"whose": f"phone:{DIGITS}"}),
        ("GET", f"carts?whose=phone:{DIGITS}", None),
        ("PUT", f"carts/lines/vinga-38?whose=phone:{DIGITS}", {"quantity": 1}),
        ("GET", f"orders?identifier=phone:{DIGITS}", None),
        ("GET", f"quotes?identifier=phone:{DIGITS}", None),
    ],
)
def test_a_machine_that_says_no_country_is_not_answered_with_a_stranger(
    sven: int, method: str, path: str, body: object
) -> None:
    answer = Machine().ask(method, path, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_identifier")
    assert "+46" in answer.json()["message"]
    assert not Order.objects.exists()


def test_a_quote_by_machine_needs_the_country_of_whose_it_is(sven: int) -> None:
    answer = Machine().ask("POST", "quotes", quoting_body(whose=f"phone:{DIGITS}"))
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_identifier")
    found = Machine().ask("GET", f"customers?identifier=phone:{DIGITS}").json()
    assert found["items"] == []


# --- found again, and forgotten -------------------------------------------------------------------


def orders_of_both(at_shop: Come) -> tuple[Order, Order]:
    """One that names the Danish number, and one that names the Swedish; neither is proved."""
    made = []
    for market, address in (("DK", THERE), ("SE", HOME)):
        device = at_shop(f"device-{market}")
        device.ask("PUT", "session", {"market": market})
        device.add("vinga-38")
        contact = FREJA | {"email": f"somebody-{market}@example.com"}
        said = {"pay_by": "invoice", "contact": contact, "address": address}
        answer = device.ask("POST", "orders", said, **{"Idempotency-Key": "k"})
        assert answer.status_code == 201, answer.content
        made.append(Order.objects.get(number=answer.json()["number"]))
    return made[0], made[1]


def test_whoever_is_forgotten_takes_along_what_names_her_number_and_not_his(
    at_shop: Come, sven: int
) -> None:
    hers, his = orders_of_both(at_shop)
    identifiers.identifier("phone", DANISH)
    freja = customers.by_identifier("phone", DANISH)
    assert freja
    forget(freja)
    hers.refresh_from_db()
    his.refresh_from_db()
    assert (hers.contact, hers.contact_phone, hers.contact_email) == ({}, "", "")
    assert his.contact["phone"] == DIGITS
    assert his.contact_phone == SWEDISH


def test_the_order_book_finds_the_digits_in_any_of_the_shops_countries(
    maja: Client, at_shop: Come, sven: int
) -> None:
    hers, his = orders_of_both(at_shop)
    page = text(maja.get("/orders/", {"q": DIGITS}))
    assert f"/orders/{hers.pk}/" in page
    assert f"/orders/{his.pk}/" in page
    page = text(maja.get("/orders/", {"q": DANISH}))
    assert f"/orders/{hers.pk}/" in page
    assert f"/orders/{his.pk}/" not in page


def test_who_was_forgotten_is_found_by_her_number_as_it_is_typed(
    as_role: Callable[[Role], Client], sven: int
) -> None:
    identifiers.identifier("phone", DANISH)
    freja = customers.by_identifier("phone", DANISH)
    assert freja
    erasure = forget_customer(freja, "the test")
    from spindel.privacy import jobs

    jobs.work()
    admin = as_role(Role.ADMIN)
    nobody = "Nobody with this was forgotten here."
    for typed, there in ((DIGITS, True), (DANISH, True), (SWEDISH, False), ("70 12 34 56", False)):
        assert (nobody not in text(admin.get("/privacy/", {"q": typed}))) == there
    assert erasure.reference


# --- one address, however it is written -----------------------------------------------------------

WRITTEN = [
    "Maria.Lund@Firma.example",
    "MARIA.LUND@FIRMA.EXAMPLE",
    "maria.lund@firma.example",
    "Maria Lund <maria.lund@firma.example>",
]


def test_orders_in_any_capitals_are_of_one_person_and_are_forgotten_with_her(
    at_shop: Come,
) -> None:
    for number, address in enumerate(WRITTEN[:3]):
        device = at_shop(f"device-{number}")
        device.add("vinga-38")
        contact = {"name": "Maria Lund", "email": address}
        said = {"pay_by": "invoice", "contact": contact, "address": HOME}
        answer = device.ask("POST", "orders", said, **{"Idempotency-Key": "k"})
        assert answer.status_code == 201, answer.content
    follow()
    assert {owner(one) for one in Order.objects.all()} == {"email:maria.lund@firma.example"}
    assert sorted(one.contact["email"] for one in Order.objects.all()) == sorted(WRITTEN[:3])
    maria = customers.by_identifier("email", "maria.lund@firma.example")
    assert maria
    forget(maria)
    assert [one.contact for one in Order.objects.all()] == [{}] * 3


def test_an_order_of_somebody_else_that_names_her_mailbox_in_other_words_is_forgotten(
    at_shop: Come, shop: Shop
) -> None:
    """Where the provider reads two addresses as one mailbox, an order that names it is hers to be
    forgotten, though no two letters stand alike.
    """
    his = quoting.make(
        Item(shop.small, 1),
        contact={"name": "Bo", "email": "Anna.Ek+skor@GoogleMail.com"},
    )
    Quote.objects.filter(pk=his.pk).update(
        identifier_id=identifiers.identifier("email", "bo@firma.se")
    )
    identifiers.identifier("email", "annaek@gmail.com")
    anna = customers.by_identifier("email", "annaek@gmail.com")
    assert anna
    forget(anna)
    assert not Quote.objects.filter(pk=his.pk).exists()


def test_she_logs_in_as_one_person_and_her_mail_goes_to_the_address_that_it_proves(
    at_shop: Come, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_SHOP_URL", "https://shop.example")
    device = at_shop("phone-of-maria")
    for address in WRITTEN[:3]:
        assert device.ask("POST", "login", {"email": address}).status_code == 202
    assert [one.to for one in Mail.objects.order_by("pk")] == ["maria.lund@firma.example"] * 3
    assert len(set(Mail.objects.values_list("identifier_id", "normal_form"))) == 1


def test_somebody_is_found_by_her_address_in_any_capitals(shop: Shop) -> None:
    identifiers.identifier("email", "maria.lund@firma.example")
    for address in (*WRITTEN, "Maria.L"):
        hits = searching.search(address)
        assert [hit.text for hit in hits] == ["maria.lund@firma.example"]
