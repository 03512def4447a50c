"""Returns through HTTP, as tills use it; and the page where the policy is."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from spindel.catalogue.models import Product
from spindel.commerce.orders import returnable
from spindel.commerce.orders.models import Order, ReturnPolicy
from spindel.commerce.orders.returnable_rules import Policy
from spindel.staff import actions as staff
from spindel.staff.models import Role, Scope, User
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import priced as priced  # a fixture
from tests.commerce.returns.cast import age, bought
from tests.commerce.stock.cast import deliver, there
from tests.conftest import PASSWORD
from tests.telling import follow

Ask = Callable[..., HttpResponse]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def ask(priced: Shop) -> Ask:
    """Asks the API with a token for orders."""
    secret = staff.create_token("till", [Scope.READ_ORDERS, Scope.WRITE_ORDERS], None)[1]

    def call(path: str, body: object = None, key: str = "", method: str = "") -> HttpResponse:
        headers = {"Authorization": f"Bearer {secret}"}
        if key:
            headers["Idempotency-Key"] = key
        method = method or ("GET" if body is None else "POST")
        said = json.dumps(body) if body is not None else ""
        return Client(headers=headers).generic(
            method, f"/api/returns{path}", said, content_type="application/json"
        )

    return call


def test_a_purchase_is_found_and_comes_back_once(ask: Ask, priced: Shop, anna: int) -> None:
    order = bought(priced, whose=anna)
    follow()
    for q in (order.number, "anna@example.se"):
        (found,) = ask(f"/purchases?q={q}").json()["items"]
        assert (found["number"], found["can"], found["lines"][0]["can"]) == (order.number, True, 1)
    assert ask(f"/purchases/{order.number}").json() == found
    body = {
        "order": order.number,
        "place": "stockholm",
        "lines": [{"line": 0, "quantity": 1, "reason": "too small"}],
    }
    assert ask("", body).status_code == 422, "without a key"
    first = ask("", body, key="k")
    assert first.status_code == 201
    done = first.json()
    assert (done["value"], done["refunded"], done["exchange"]) == (129_900, 129_900, "")
    assert done["ways"] == [{"provider": "till", "amount": 129_900}]
    assert ask("", body, key="k").json() == done
    again = ask("", body, key="other")
    assert (again.status_code, again.json()["code"]) == (409, "refused")
    assert ask(f"/{done['number']}").json() == done
    assert ask("?place=stockholm").json() == {"items": [done], "next": None}
    assert ask("?place=goteborg").json()["items"] == []
    assert there(priced.small, priced.stockholm) == (1, 0, 1)


def test_an_exchange_is_reckoned_and_done(ask: Ask, priced: Shop) -> None:
    order = bought(priced, quantity=2)
    deliver(priced.large, priced.goteborg, 3)
    body = {
        "order": order.number,
        "place": "goteborg",
        "lines": [{"line": 0}],
        "wanted": [{"sku": "vinga-39", "quantity": 2}],
    }
    assert ask("/reckon", body).json() == {
        "value": 129_900,
        "total": 259_800,
        "to_pay": 129_900,
        "to_refund": 0,
        "currency": "SEK",
    }
    wrong = ask("/exchanges", body | {"difference": 0}, key="k").json()
    assert (wrong["code"], wrong["total"]) == ("changed", 129_900)
    done = ask("/exchanges", body | {"difference": 129_900}, key="k").json()
    assert (done["credited"], done["to_pay"]) == (129_900, 129_900)
    assert Order.objects.get(number=done["exchange"]).total == 259_800
    many = body | {"wanted": [{"sku": "vinga-39", "quantity": 2}]}
    lacking = ask("/exchanges", many, key="more").json()
    assert (lacking["code"], lacking["available"][0]["available"]) == ("not_enough", 1)


def test_what_can_not_be_is_answered_in_words(ask: Ask, priced: Shop) -> None:
    order = bought(priced)
    body = {"order": order.number, "place": "goteborg", "lines": [{"line": 0}]}
    for code, status, change in (
        ("no_such_order", 404, {"order": "R00000000000"}),
        ("no_such_place", 404, {"place": "nowhere"}),
        ("refused", 409, {"lines": [{"line": 5}]}),
        ("refused", 409, {"lines": [{"line": 0, "quantity": 2}]}),
        ("invalid", 422, {"lines": []}),
        ("invalid", 422, {"lines": [{"line": 0, "condition": "eaten"}]}),
        ("bad_identifier", 422, {"whose": "anna"}),
    ):
        answer = ask("", body | change, key="k")
        assert (answer.json()["code"], answer.status_code) == (code, status)
    age(order, 40)
    late = ask("", body, key="late")
    assert (late.status_code, late.json()["code"]) == (409, "policy")
    assert late.json()["why"] == [{"line": 0, "why": "too_late"}]
    for path in ("/purchases/R00000000000", "/B00000000000", "?before=B00000000000"):
        assert ask(path).status_code == 404


def test_returns_are_listed_in_pages(ask: Ask, priced: Shop) -> None:
    order = bought(priced, quantity=3)
    body = {"order": order.number, "place": "goteborg", "lines": [{"line": 0}]}
    numbers = [ask("", body, key=f"k{n}").json()["number"] for n in range(3)]
    first = ask("?limit=2").json()
    assert [one["number"] for one in first["items"]] == numbers[:0:-1]
    rest = ask(f"?limit=2&before={first['next']}").json()
    assert ([one["number"] for one in rest["items"]], rest["next"]) == (numbers[:1], None)


def test_the_policy_is_read_and_replaced(ask: Ask, priced: Shop) -> None:
    default = {"category": "", "days": 30, "damaged": False}
    assert ask("/policy").json() == {"items": [default]}
    shoes = {"category": "Shoes", "days": 60, "damaged": True}
    assert ask("/policy", {"items": [shoes]}, method="PUT").json() == {"items": [default, shoes]}
    assert ask("/policy", {"items": []}, method="PUT").json() == {"items": [default]}


# --- the page -------------------------------------------------------------------------------------


def test_an_administrator_changes_the_policy_and_nobody_else(priced: Shop, agent: User) -> None:
    Product.objects.update(categories=["<Shoes>"])
    client = Client()
    client.force_login(agent, backend=BACKEND)
    assert client.get("/returns/policy/").status_code == 403
    admin = User.objects.create_user("ada@nordsko.example", PASSWORD, role=Role.ADMIN)
    client.force_login(admin, backend=BACKEND)
    page = client.get("/returns/policy/").content.decode()
    assert "&lt;Shoes&gt;" in page
    assert 'value="30"' in page

    def keep(**said: str) -> str:
        answer = client.post("/returns/policy/keep/", said, follow=True)
        assert answer.status_code == 200
        return answer.content.decode()

    assert "Holds from now on" in keep(category="", days="14", damaged="on")
    assert "Holds from now on" in keep(category="Shoes", days="60", new="1")
    assert returnable.policies() == {"": Policy(14, True), "Shoes": Policy(60)}
    assert "Write a number of days" in keep(category="Shoes", days="many")
    assert "ten years at most" in keep(category="Shoes", days="9999")
    assert "Say which category" in keep(category=" ", days="3", new="1")
    client.post("/returns/policy/drop/", {"category": "Shoes"})
    client.post("/returns/policy/drop/", {"category": ""})
    assert ReturnPolicy.objects.get().category == ""
    log = client.get("/audit/").content.decode()
    assert "changed the policy for returns" in log
