"""Two who change a cart at the same time: nothing of either is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg

from spindel.identity import graph
from spindel.timeline.models import Fact
from tests.commerce.carts.cast import at_shop as at_shop  # a fixture
from tests.commerce.carts.cast import closing, somebody_waits
from tests.shopping import AtShop, Come, log_in
from tests.telling import wait_until


def test_a_change_that_had_to_wait_counts_on_top_of_what_it_waited_for(
    database: str,
    at_shop: Come,  # the fixture
) -> None:
    phone = at_shop("phone")
    phone.add("vinga-38")
    with ThreadPoolExecutor(1) as pool, psycopg.connect(database) as other:
        other.execute("UPDATE carts_cart SET version = version + 1")
        other.execute("UPDATE carts_cartline SET quantity = quantity + 1")
        waiting = pool.submit(closing, lambda: phone.add("vinga-38"))
        wait_until(somebody_waits)
        other.commit()
        assert waiting.result() == {"vinga-38": 3}


def test_a_change_to_what_she_has_not_seen_is_refused_also_when_it_had_to_wait(
    database: str,
    at_shop: Come,  # the fixture
) -> None:
    phone = at_shop("phone")
    phone.add("vinga-38")
    with ThreadPoolExecutor(1) as pool, psycopg.connect(database) as other:
        other.execute("UPDATE carts_cart SET version = version + 1")
        waiting = pool.submit(
            closing, lambda: phone.put("vinga-38", quantity=5, version=1).status_code
        )
        wait_until(somebody_waits)
        other.commit()
        assert waiting.result() == 409
    assert phone.cart() == {"vinga-38": 1}


def test_many_who_add_to_one_line_all_count(at_shop: Come) -> None:  # the fixture
    phone = at_shop("phone")
    phone.add("vinga-39")

    def adds(_: int) -> None:
        for _ in range(5):
            closing(lambda: _again(phone).add("vinga-38"))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(adds, range(6)))
    assert phone.cart() == {"vinga-39": 1, "vinga-38": 30}
    assert Fact.objects.filter(name="Product Added").count() == 31


def _again(phone: AtShop) -> AtShop:
    """The device in another tab: a test client is nobody's but one thread's."""
    other = AtShop.__new__(AtShop)
    other.__dict__.update(phone.__dict__, _client=type(phone._client)())
    return other


def test_a_shopper_does_not_wait_for_who_is_who_to_be_worked_out(
    at_shop: Come, database: str
) -> None:
    with psycopg.connect(database) as follower:
        follower.execute("SELECT pg_advisory_xact_lock(%s)", [graph._TURNS])
        device = at_shop("browser")
        log_in(device, "anna@example.se")
        assert device.add("vinga-38") == {"vinga-38": 1}
