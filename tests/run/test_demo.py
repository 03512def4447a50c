"""`spindel demo`: made once, quick ever after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest

from tests.run.running import Running, spindel, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo() -> Iterator[Running]:
    running = Running("demo", SPINDEL_DEMO_TRAFFIC="off")
    try:
        wait_until(lambda: running.says("Ctrl-C stops it."), 180)
        yield running
    finally:
        running.clean_up()


def test_demo_json_has_the_agreed_shape_and_is_the_owners_alone(demo: Running) -> None:
    said = demo.demo()
    assert list(said) == ["url", "api_token", "write_keys", "logins", "shop"]
    assert said["url"] == demo.url
    assert set(said["write_keys"]) == {"web", "app", "pos"}
    assert set(said["logins"]) == {"admin", "marketer", "agent", "clerk", "analyst"}
    assert all(set(login) == {"email", "password"} for login in said["logins"].values())
    assert said["shop"]["write_key"] == said["write_keys"]["web"]
    assert (demo.home / "demo.json").stat().st_mode & 0o777 == 0o600


def test_the_web_shop_is_open_and_mailed_links_lead_to_it(demo: Running) -> None:
    page = httpx.get(f"{demo.url}/shop/products/vinga", headers={"Accept-Language": "sv"})
    assert page.status_code == 200
    assert "Lägg i varukorgen" in page.text
    assert httpx.get(f"{demo.url}/shop", follow_redirects=True).status_code == 200
    front = demo.children("spindel.run.serving")[0]
    assert psutil.Process(front).environ()["SPINDEL_SHOP_URL"] == f"{demo.url}/shop"


def test_the_history_is_there_and_identity_has_taken_it_in(demo: Running) -> None:
    lag = 'spindel_follower_lag_facts{follower="identity"} 0.0'
    wait_until(lambda: lag in httpx.get(f"{demo.url}/metrics").text)
    text = httpx.get(f"{demo.url}/metrics").text
    kept = [
        float(line.rsplit(" ", 1)[1])
        for line in text.splitlines()
        if line.startswith('spindel_messages_total{outcome="kept"')
    ]
    assert len(kept) == 8
    assert sum(kept) > 200_000


def orders(demo: Running) -> list[dict[str, Any]]:
    said = demo.demo()
    found: list[dict[str, Any]] = []
    more = ""
    while True:
        page = httpx.get(
            f"{said['url']}/api/orders?limit=100{more}",
            headers={"Authorization": f"Bearer {said['api_token']}"},
        ).json()
        found += page["items"]
        if page["next"] is None:
            return found
        more = f"&before={page['next']}"


def test_the_order_book_is_there_and_belongs_to_people_of_the_history(demo: Running) -> None:
    book = orders(demo)
    assert 60 <= len(book) <= 75
    assert {one["state"] for one in book} == {"awaiting", "confirmed", "completed", "cancelled"}
    said = demo.demo()
    answer = httpx.get(
        f"{said['url']}/api/orders?identifier=card:NK1001",
        headers={"Authorization": f"Bearer {said['api_token']}"},
    )
    assert [one["channel"] for one in answer.json()["items"]] == ["web", "store"]


def test_the_story_can_be_played(demo: Running) -> None:
    told = spindel("play", "--pace", "50", SPINDEL_HOME=str(demo.home)).stdout.splitlines()
    assert "Ad Clicked" in told[0]
    assert "Item Exchanged" in told[-1]
    assert len({line.rsplit(" ", 1)[1] for line in told}) == 1  # one customer's page


def test_the_second_start_loads_nothing_again_and_tells_the_new_address(
    demo: Running,
) -> None:
    before, book = demo.demo(), orders(demo)
    assert demo.stop() == 0
    assert demo.leftovers() == []
    second = Running("demo", home=demo.home, SPINDEL_DEMO_TRAFFIC="off")
    try:
        wait_until(lambda: second.says("Ctrl-C stops it."))
        assert second.demo() == {**before, "url": second.url}
        assert [one["number"] for one in orders(second)] == [one["number"] for one in book]
        assert second.children("spindel.run.traffic") == []
    finally:
        second.stop()


def test_people_come_by_themselves_unless_they_are_kept_away(demo: Running) -> None:
    """After the one before, which has stopped the first."""
    third = Running("demo", home=demo.home)
    try:
        wait_until(lambda: third.says("Ctrl-C stops it."))
        wait_until(lambda: third.children("spindel.run.traffic"))
        before = kept(third)
        wait_until(lambda: kept(third) > before)  # those of the hour before come at once
        (first,) = third.children("spindel.run.traffic")
        psutil.Process(first).kill()
        wait_until(lambda: third.children("spindel.run.traffic") not in ([], [first]))
        assert third.stop() == 0
        assert third.leftovers() == []
    finally:
        third.clean_up()


def kept(demo: Running) -> float:
    """How many messages were taken."""
    lines = httpx.get(f"{demo.url}/metrics").text.splitlines()
    begins = 'spindel_messages_total{outcome="kept"'
    return sum(float(one.rsplit(" ", 1)[1]) for one in lines if one.startswith(begins))
