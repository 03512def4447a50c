"""Promising a customer something: in the console, by the API, and what she sees of it herself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from spindel.catalogue.markets import Market
from spindel.identity import customers
from spindel.kit.templatetags.look import minor_words
from spindel.offers import actions as offers
from spindel.offers import pieces
from spindel.offers.models import Offer, PricePromise
from spindel.offers.terms import PercentOff
from spindel.staff.models import Role, Scope
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import give_offer
from tests.commerce.orders.cast import priced as priced  # a fixture
from tests.console.conftest import as_role, maja, text
from tests.flows.cast import Machine
from tests.flows.cast import at_shop as at_shop  # a fixture
from tests.shopping import Come, log_in

__all__ = ["as_role", "at_shop", "maja"]

WHOSE = "?whose=email:anna@example.se"


def day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


@pytest.fixture
def customer(priced: Shop, anna: int) -> int:
    found = customers.by_identifier("user_id", "anna")
    assert found
    return found


def cost(who: int | None) -> int:
    return pieces.view(Market("SE", "SEK", "sv"), who, skus=["vinga-38"])[0].total


def test_an_agent_promises_a_price_and_takes_it_back(
    customer: int, anna: int, as_role: object
) -> None:
    agent: Client = as_role(Role.AGENT)  # type: ignore[operator]  # a fixture that logs in
    page = f"/promises/of/{customer}/new/"
    assert "vinga" in text(agent.get(f"{page}?q=vinga"))
    asked = f"{page}?product=vinga"
    assert minor_words(129_900, "SEK") in text(agent.get(asked))
    told = {"kind": "price", "value": "1 199", "day": day(3), "why": "Late", "key": "k"}
    for _ in range(2):  # a double click
        assert agent.post(asked, told).status_code == 302
    assert (cost(anna), cost(None)) == (119_900, 129_900)
    panel = text(agent.get(f"/promises/of/{customer}/"))
    assert "Late" in panel
    one = PricePromise.objects.get()
    assert agent.post(f"/promises/of/{customer}/{one.pk}/withdraw/").status_code == 302
    assert cost(anna) == 129_900
    assert agent.post(f"/promises/of/{customer}/{one.pk + 1}/withdraw/").status_code == 404


@pytest.mark.parametrize(
    ("product", "told"),
    [
        ("vinga", {"kind": "price", "value": "500"}),
        ("vinga", {"kind": "price", "value": "a lot"}),
        ("vinga", {"kind": "percent", "value": "20"}),
        ("*", {"kind": "price", "value": "1199"}),
        ("*", {"kind": "amount", "value": "-5"}),
        ("*", {"kind": "percent", "value": "5", "day": "2099-01-01"}),
        ("*", {}),
    ],
)
def test_what_may_not_be_promised_is_said_beside_the_field(
    customer: int, as_role: object, product: str, told: dict[str, str]
) -> None:
    agent: Client = as_role(Role.AGENT)  # type: ignore[operator]  # the same
    page = f"/promises/of/{customer}/new/?product={product}"
    answer = agent.post(page, {"day": day(3), "key": "k", **told})
    assert answer.status_code == 200
    assert "field-error" in text(answer)
    assert not PricePromise.objects.exists()


def test_who_may_not_promise_is_not_shown_how(customer: int, as_role: object) -> None:
    analyst: Client = as_role(Role.ANALYST)  # type: ignore[operator]  # the same
    assert "Promise a price" not in text(analyst.get(f"/promises/of/{customer}/"))
    assert analyst.get(f"/promises/of/{customer}/new/").status_code == 403


def test_a_machine_promises_and_she_sees_it_when_she_has_logged_in(
    customer: int, anna: int, at_shop: Come
) -> None:
    machine = Machine(Scope.WRITE_ORDERS, Scope.READ_ORDERS)
    body = {
        "benefit": {"type": "percent", "rate": 2_500},
        "products": ["vinga"],
        "until": (timezone.now() + timedelta(days=3)).isoformat(),
        "channel": "chat",
    }
    made = [machine.ask("POST", f"promises{WHOSE}", body, key="k") for _ in "12"]
    assert [one.status_code for one in made] == [201, 201]
    assert made[0].json() == made[1].json()
    assert cost(anna) == 97_425
    phone = at_shop("phone-of-anna")
    assert phone.ask("GET", "promises").json()["items"] == []
    log_in(phone, "anna@example.se")
    (hers,) = phone.ask("GET", "promises").json()["items"]
    assert (hers["state"], hers["products"], hers["channel"]) == ("open", ["vinga"], "chat")
    (listed,) = machine.ask("GET", f"promises{WHOSE}").json()["items"]
    assert listed["id"] == hers["id"]
    assert machine.ask("POST", f"promises/{hers['id']}/withdraw").json()["state"] == "withdrawn"
    assert machine.ask("POST", "promises/999999/withdraw").status_code == 404
    bad = machine.ask("POST", f"promises{WHOSE}", {**body, "benefit": {"type": "x"}}, key="b")
    assert bad.status_code == 422


def test_a_quote_for_her_offers_what_she_was_promised(customer: int, anna: int) -> None:
    machine = Machine(Scope.WRITE_ORDERS, Scope.READ_ORDERS)
    until = (timezone.now() + timedelta(days=3)).isoformat()
    body = {"benefit": {"type": "percent", "rate": 1_000}, "until": until}
    machine.ask("POST", f"promises{WHOSE}", body, key="k")
    quote = {
        "whose": "email:anna@example.se",
        "items": [{"sku": "vinga-38", "quantity": 1}],
        "until": until,
        "contact": {"name": "Anna", "email": "anna@example.se"},
        "address": {"street": "S 1", "postcode": "411 01", "city": "Göteborg", "country": "SE"},
    }
    made = machine.ask("POST", "quotes", quote, key="q")
    assert made.status_code == 201, made.content
    assert made.json()["total"] == 116_910


def test_an_offer_for_a_list_is_theirs_alone(customer: int, anna: int, at_shop: Come) -> None:
    machine = Machine(Scope.WRITE_OFFERS, Scope.READ_OFFERS)
    give_offer("regulars", PercentOff(1_000), audience=frozenset({"list:regulars"}))
    who = {"kind": "email", "value": "Anna@example.se"}
    nobody = {"kind": "email", "value": "otto@example.se"}
    assert machine.ask("PUT", "lists/regulars", {"name": "Regulars"}).status_code == 200
    assert cost(anna) == 129_900
    added = machine.ask("POST", "lists/regulars/customers", {"add": [who, who, nobody]})
    assert added.json() == {"key": "regulars", "name": "Regulars", "customers": 1}
    assert (cost(anna), cost(None)) == (116_910, 129_900)
    hers = {"kind": "user_id", "value": "anna"}  # of the same customer
    left = machine.ask("POST", "lists/regulars/customers", {"remove": [hers]})
    assert left.json()["customers"] == 0
    assert cost(anna) == 129_900
    assert machine.ask("POST", "lists/nothing/customers", {"add": []}).status_code == 404
    wrong = {"add": [{"kind": "nothing", "value": "x"}]}
    assert machine.ask("POST", "lists/regulars/customers", wrong).status_code == 422


def test_what_was_sent_to_a_list_is_counted_before_it_is_stopped(customer: int, anna: int) -> None:
    machine = Machine(Scope.WRITE_OFFERS, Scope.READ_OFFERS)
    give_offer("mail", PercentOff(1_000))
    machine.ask("PUT", "lists/spring", {"name": "Spring"})
    who = {"kind": "email", "value": "anna@example.se"}
    machine.ask("POST", "lists/spring/customers", {"add": [who]})
    assert machine.ask("GET", "offers/mail/shown").json()["customers"] == 0
    assert machine.ask("POST", "offers/mail/shown", {"list": "spring"}).json()["customers"] == 1
    offers.set_state("mail", Offer.State.PAUSED, "astrid")
    assert cost(anna) == 116_910
    refused = machine.ask("POST", "offers/mail/shown", {"list": "spring"})
    assert refused.status_code == 409
