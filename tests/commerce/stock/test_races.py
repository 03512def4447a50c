"""Many at once, in processes of their own, on the real database: nothing is held or sold twice."""

from __future__ import annotations

import json
import signal
from collections import Counter

import pytest

from spindel.commerce.stock.models import Hold, Movement
from spindel.commerce.stock.reading import levels
from tests.commerce.conftest import Shop
from tests.commerce.stock.cast import deliver, let_time_pass, reserve, there
from tests.forks import Told

pytestmark = pytest.mark.slow

Result = tuple[Counter[str], list[int]]


def start(**given: object) -> Told:
    return Told("tests.commerce.orders.buyer", json.dumps(given))


def race(*buyers: dict[str, object]) -> Result:
    """Have them buy, all at once; how often it went how, and all holds that were made."""
    processes = [start(**given) for given in buyers]
    counted: Counter[str] = Counter()
    holds: list[int] = []
    try:
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in processes:
            printed = process.communicate(timeout=100)
            told = json.loads(printed)
            counted.update(told["counted"])
            holds += told["holds"]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    return counted, holds


def test_a_thousand_buyers_for_a_hundred_pairs__saleor_543_vendure_1738(shop: Shop) -> None:
    here = (shop.small, shop.goteborg)
    deliver(*here, 100)
    plans = [[[*here, 1]]] * 250
    counted, holds = race(*({"name": f"p{n}", "plans": plans, "collect": True} for n in range(4)))
    assert counted == {"held": 100, "not enough": 900}
    assert len(set(holds)) == 100
    assert there(*here) == (0, 0, 0)
    assert Hold.objects.filter(state="handed_over").count() == 100
    assert sum(Movement.objects.filter(kind="sale").values_list("on_hand", flat=True)) == -100


def test_two_variants_wanted_in_opposite_order_by_many(shop: Shop) -> None:
    one, two = (shop.small, shop.goteborg), (shop.large, shop.goteborg)
    for level in (one, two):
        deliver(*level, 1_000)
    forth, back = [[*one, 1], [*two, 1]], [[*two, 1], [*one, 1]]
    counted, _ = race(
        *({"name": f"p{n}", "plans": [forth, back] * 50, "release": bool(n % 2)} for n in range(4))
    )
    assert counted == {"held": 400}
    assert there(*one) == there(*two) == (1_000, 200, 800)


def test_the_last_pair_wanted_by_web_store_and_agent_at_once(shop: Shop) -> None:
    here = (shop.small, shop.goteborg)
    for n in range(2):
        deliver(*here, 1)
        counted, _ = race(
            *({"name": f"{who} {n}", "plans": [[[*here, 1]]]} for who in ("web", "store", "agent"))
        )
        assert counted == {"held": 1, "not enough": 2}


def test_holds_that_expire_while_many_want_them(shop: Shop) -> None:
    """All of them are taken back once, and all who then find enough get it."""
    here = (shop.small, shop.goteborg)
    deliver(*here, 30)
    for _ in range(10):
        (held,) = reserve((*here, 3))
        let_time_pass(held)
    counted, _ = race(*({"name": f"p{n}", "plans": [[[*here, 1]]] * 20} for n in range(3)))
    assert counted == {"held": 30, "not enough": 30}
    assert there(*here) == (30, 30, 0)
    assert Hold.objects.filter(state="expired").count() == 10


def test_the_same_key_by_many_at_once_is_one_hold(shop: Shop) -> None:
    one, two = (shop.small, shop.goteborg), (shop.large, shop.goteborg)
    for level in (one, two):
        deliver(*level, 50)
    single = {"key": "single", "source": "s", "plans": [[[*one, 2]]] * 10}
    several = {"key": "several", "source": "s", "plans": [[[*two, 2], [*one, 1]]] * 10}
    counted, holds = race(
        *({"name": f"p{n}", **given} for n, given in enumerate((single, single, several, several)))
    )
    assert counted == {"held": 40}
    assert len(set(holds)) == 3
    assert there(*one) == (50, 3, 47)
    assert there(*two) == (50, 2, 48)


@pytest.mark.parametrize("statements", [1, 2, 3, 99])
def test_a_kill_between_two_statements_leaves_nothing_half_done(
    shop: Shop, statements: int
) -> None:
    one, two = (shop.small, shop.goteborg), (shop.large, shop.goteborg)
    for level in (one, two):
        deliver(*level, 1)
    process = start(name="doomed", plans=[[[*one, 1], [*two, 1]]], die_after=statements)
    assert process.wait(60) == -signal.SIGKILL
    assert levels.verify() == []
    assert Hold.objects.count() == 0
    assert len(reserve((*one, 1), (*two, 1), key="k")) == 2
