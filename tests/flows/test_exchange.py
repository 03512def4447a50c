"""Sold out online, held in a store, bought there, exchanged in another: one customer, one timeline.

Through HTTP: her phone at the shop, an agent's system, and the tills of two stores.
"""

from __future__ import annotations

from spindel.commerce.stock.reading import levels as reading_levels
from spindel.identity import customers
from spindel.staff.models import Scope, User
from tests.commerce.conftest import Shop, shop  # noqa: F401  # the fixture
from tests.commerce.stock.cast import deliver, there
from tests.flows.cast import Machine, diary
from tests.flows.cast import at_shop as at_shop  # a fixture
from tests.shopping import Come, log_in
from tests.telling import follow


def test_sold_out_online_held_in_a_store_bought_there_exchanged_in_another(
    at_shop: Come,
    shop: Shop,  # noqa: F811  # the fixture
    agent: User,
) -> None:
    deliver(shop.small, shop.goteborg, 1)
    deliver(shop.large, shop.stockholm, 1)

    # Online it is sold out; the agent sees where there is one, and holds it for her.
    phone = at_shop("phone-of-anna")
    log_in(phone, "anna@example.se")
    phone.add("vinga-38")
    (line,) = phone.ask("GET", "cart").json()["lines"]
    assert [one["code"] for one in line["notes"]] == ["sold_out"]
    office = Machine(Scope.READ_STOCK)
    levels = office.ask("GET", "stock/levels/vinga-38?near=goteborg").json()["items"]
    assert [(one["place"], one["available"]) for one in levels] == [("goteborg", 1)]
    held = {
        "lines": [{"sku": "vinga-38", "place": "goteborg"}],
        "until": "tomorrow",
        "whose": "email:anna@example.se",
        "channel": "phone",
    }
    answer = Machine(Scope.WRITE_STOCK).ask("POST", "stock/holds", held, key="hold")
    assert answer.status_code == 201
    assert there(shop.small, shop.goteborg) == (1, 1, 0)
    assert [one["sku"] for one in phone.ask("GET", "holds").json()["items"]] == ["vinga-38"]

    # She fetches and pays it in Göteborg.
    tills = Machine(Scope.READ_ORDERS, Scope.WRITE_ORDERS)
    sale = {
        "items": [{"sku": "vinga-38", "fulfilment": "hand_over", "place": "goteborg"}],
        "whose": "email:anna@example.se",
        "pay_by": "till",
        "channel": "store",
        "place": "goteborg",
    }
    bought = tills.ask("POST", "orders", sale, key="sale").json()
    assert (bought["state"], bought["total"]) == ("completed", 129_900)
    assert there(shop.small, shop.goteborg) == (0, 0, 0)
    mine = phone.ask("GET", f"orders/{bought['number']}").json()
    assert mine["returnable_until"]

    # It pinches. Stockholm finds the purchase by her address, and exchanges it.
    (found,) = tills.ask("GET", "returns/purchases?q=anna@example.se").json()["items"]
    assert (found["number"], found["lines"][0]["can"]) == (bought["number"], 1)
    swap = {
        "order": bought["number"],
        "place": "stockholm",
        "lines": [{"line": 0, "quantity": 1, "reason": "too small"}],
        "wanted": [{"sku": "vinga-39"}],
    }
    assert tills.ask("POST", "returns/reckon", swap).json()["to_pay"] == 0
    first, again = (
        tills.ask("POST", "returns/exchanges", swap | {"difference": 0}, key="swap")
        for _ in range(2)
    )
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert there(shop.small, shop.stockholm) == (1, 0, 1)
    assert there(shop.large, shop.stockholm) == (0, 0, 0)
    other = tills.ask("POST", "returns/exchanges", swap, key="another try")
    assert (other.status_code, other.json()["code"]) == (409, "refused")

    # One customer, one timeline; and what she has now can come back, the other no more.
    follow()
    anna = customers.by_identifier("email", "anna@example.se")
    assert anna
    assert customers.by_identifier("anonymous_id", "phone-of-anna") == anna
    names = [fact.name for fact in customers.timeline(anna).items]
    assert names[:3] == ["Item Exchanged", "Order Completed", "Reservation Collected"]
    assert names.count("Stock Reserved") == names.count("Order Completed") == 1
    told = diary(agent, anna)
    assert "Exchanged Vinga, 38 for 39 in Stockholm" in told
    assert "too small" in told
    assert "Reserved Vinga, 38 in Göteborg" in told
    orders = {one["number"]: one for one in phone.ask("GET", "orders").json()["items"]}
    assert orders.keys() == {bought["number"], first.json()["exchange"]}
    assert orders[bought["number"]]["returnable_until"] is None
    assert orders[first.json()["exchange"]]["returnable_until"]
    assert reading_levels.verify() == []
