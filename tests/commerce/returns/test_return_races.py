"""Two counters at once, in processes of their own, and some are killed: all comes back once."""

from __future__ import annotations

import json

import pytest

from spindel.catalogue.models import Place
from spindel.commerce.common.models import Notice
from spindel.commerce.orders.models import Order, OrderLine, Return
from spindel.commerce.payments.models import Payment
from spindel.commerce.stock.reading import levels
from spindel.timeline.models import Fact
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import HOME
from tests.commerce.orders.cast import priced as priced  # a fixture
from tests.commerce.orders.racing import race, start
from tests.commerce.returns.cast import bought, here, money, swap
from tests.commerce.stock.cast import deliver, there

pytestmark = pytest.mark.slow


def came_back() -> int:
    """How many pieces came back; the books agree on it."""
    by_returns = sum(
        sum(one.lines.values_list("quantity", flat=True)) for one in Return.objects.all()
    )
    by_lines = sum(OrderLine.objects.values_list("returned", flat=True))
    assert by_returns == by_lines
    return by_lines


def test_two_stores_take_the_same_pair_back_at_once(priced: Shop) -> None:
    for n in range(3):
        order = bought(priced, f"bought {n}")
        counted = race(
            *(
                [{"do": "take_back", "order": order.pk, "place": place, "key": f"{n} {place}"}]
                for place in (priced.goteborg, priced.stockholm)
            )
        )
        assert counted == {"taken back": 1, "refused": 1}
    assert came_back() == 3
    places = (priced.goteborg, priced.stockholm)
    assert sum(there(priced.small, place)[2] for place in places) == 3
    assert money() == {"till": 0}


def test_one_store_takes_it_back_while_another_exchanges_it(priced: Shop) -> None:
    order = bought(priced)
    deliver(priced.large, priced.stockholm, 1)
    task = {"order": order.pk, "variant": priced.large}
    counted = race(
        [task | {"do": "take_back", "place": priced.goteborg, "key": "a"}],
        [task | {"do": "exchange", "place": priced.stockholm, "key": "b"}],
    )
    assert counted["refused"] == 1
    assert counted["taken back"] + counted["exchanged"] == 1
    assert came_back() == 1
    left = there(priced.large, priced.stockholm)[2]
    assert left == (0 if counted["exchanged"] else 1)
    assert money() == {"till": 129_900 if counted["exchanged"] else 0}


def test_the_same_key_by_many_at_once_is_one_return(priced: Shop) -> None:
    order = bought(priced, quantity=9)
    task = {"do": "take_back", "order": order.pk, "place": priced.goteborg, "key": "k"}
    assert race(*[[task] * 5] * 3) == {"taken back": 15}
    assert came_back() == Return.objects.count() == 1


def test_many_bring_back_more_pieces_than_there_are(priced: Shop) -> None:
    order = bought(priced, quantity=7)
    crowds = [
        [
            {"do": "take_back", "order": order.pk, "place": place, "key": f"{place} {n}"}
            for n in range(6)
        ]
        for place in (priced.goteborg, priced.stockholm)
    ]
    assert race(*crowds) == {"taken back": 7, "refused": 5}
    assert came_back() == 7
    assert money() == {"till": 0}


def test_exchanges_the_other_way_round_do_not_wait_in_a_circle(priced: Shop) -> None:
    """38 for 39 in one crowd, 39 for 38 in the other, over the same counter."""
    deliver(priced.large, priced.goteborg, 40)
    deliver(priced.small, priced.goteborg, 40)
    counter = {"do": "exchange", "place": priced.goteborg}
    crowds: list[list[dict[str, object]]] = [[], []]
    for n in range(12):
        order = bought(priced, f"bought {n}")
        crowds[0].append(counter | {"order": order.pk, "variant": priced.large, "key": f"a{n}"})
        first = swap(order, priced.goteborg, here(priced.large, priced.goteborg), key=f"x{n}")
        assert first.exchange_id
        crowds[0][-1]["order"] = bought(priced, f"again {n}").pk
        crowds[1].append(
            counter | {"order": first.exchange_id, "variant": priced.small, "key": f"b{n}"}
        )
    assert race(*crowds) == {"exchanged": 24}
    assert levels.verify() == []


@pytest.mark.parametrize("do", ["take_back", "exchange"])
def test_a_kill_between_any_two_statements_leaves_all_or_nothing(priced: Shop, do: str) -> None:
    order = bought(priced)
    deliver(priced.large, priced.stockholm, 1)
    task = {"do": do, "order": order.pk, "place": priced.stockholm, "variant": priced.large}
    before = Fact.objects.count()
    process = start(tasks=[task | {"key": "k"}], die_after_each=True)
    kills = 0
    while (line := process.stdout.readline()) == "killed\n":
        kills += 1
        assert levels.verify() == []
        assert Notice.objects.count() == Return.objects.count()  # she is told of it, or of nothing
        if not Return.objects.exists():  # else it was killed after the commit
            assert came_back() == 0
            assert Fact.objects.count() == before
            assert Order.objects.count() == 1
            assert there(priced.small, priced.stockholm) == (0, 0, 0)
            assert there(priced.large, priced.stockholm) == (1, 0, 1)
            assert Payment.objects.get().refunded == 0
        process.stdin.write("go\n")
        process.stdin.flush()
    # Whoever was not answered has asked again by the same key: it is done once.
    done = {"take_back": "taken back", "exchange": "exchanged"}[do]
    assert json.loads(line) == {"counted": {done: 1}}
    assert process.wait(60) == 0
    assert kills > 15
    assert came_back() == Return.objects.count() == 1
    assert money() == {"till": 0 if do == "take_back" else 129_900}


def test_two_tabs_start_a_return_of_the_same_pair_at_once(priced: Shop) -> None:
    Place.objects.filter(pk=priced.warehouse).update(street="Lagervägen 2", ships=True)
    deliver(priced.large, priced.warehouse, 5)
    for n in range(3):
        order = bought(priced, f"bought {n}")
        Order.objects.filter(pk=order.pk).update(address=HOME)
        task = {"do": "start_return", "order": order.pk, "variant": priced.large}
        counted = race([task | {"key": f"{n} a"}], [task | {"key": f"{n} b"}])
        assert counted == {"started": 1, "refused": 1}
    assert there(priced.large, priced.warehouse) == (5, 3, 2)
