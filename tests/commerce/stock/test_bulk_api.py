"""What an ERP tells at once: each row once, in order, and refused for itself."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from spindel.commerce.common.rules import NotEnough
from spindel.commerce.stock import bulk_api
from spindel.commerce.stock.actions import movements as actions_movements
from spindel.commerce.stock.ledger import Count
from spindel.commerce.stock.models import Level, Movement
from spindel.kit.refusal import Refusal
from spindel.staff import actions as staff
from spindel.staff.models import Scope
from tests.commerce.conftest import Shop
from tests.commerce.stock.cast import reserve, there

Tell = Callable[[str, object], HttpResponse]
CAME = {"key": "m", "kind": "delivery", "sku": "vinga-38", "place": "goteborg", "quantity": 1}
NOW = "2026-06-01T12:00:00Z"
COUNTED = {"sku": "vinga-38", "place": "goteborg", "quantity": 3, "at": NOW}


@pytest.fixture
def tell(shop: Shop) -> Tell:
    """Tells of movements or counts by a token of an ERP."""
    secret = staff.create_token("ERP", [Scope.WRITE_STOCK], None)[1]
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def call(what: str, rows: object) -> HttpResponse:
        body = rows if isinstance(rows, bytes) else json.dumps({what: rows})
        return client.post(f"/api/stock/{what}", body, content_type="application/json")

    return call


def movements(*keys: str, **changed: object) -> list[dict[str, object]]:
    return [CAME | changed | {"key": key} for key in keys]


def test_rows_that_can_not_be_are_refused_for_themselves(tell: Tell, shop: Shop) -> None:
    rows = [
        *movements("good"),
        *movements("a", sku="nothing"),
        *movements("b", place="nowhere"),
        *movements("c", kind="transfer", to="nowhere"),
        *movements("d", kind="transfer"),
        *movements("e", quantity=0),
        *movements("f", kind="theft"),
        *movements("g", at="2026-06-01T12:00:00"),
        *movements("h", at="0001-01-01T00:00:00Z"),
        3,
        *movements("good", quantity=2),
        *movements("also good", kind="transfer", to="stockholm", at=NOW),
    ]
    answer = tell("movements", rows)
    assert answer.status_code == 200
    said = answer.json()
    assert (said["changes"], said["refused"]) == (3, 10)
    assert [(one["row"], one["code"]) for one in said["refused_rows"]] == [
        (5, "invalid"),
        (6, "invalid"),
        (7, "invalid"),
        (8, "invalid"),
        (9, "invalid"),
        (1, "no_such_variant"),
        (2, "no_such_place"),
        (3, "no_such_place"),
        (4, "refused"),
        (10, "key_reused"),
    ]
    assert all(one["message"] for one in said["refused_rows"])
    assert there(shop.small, shop.goteborg) == (0, 0, 0)
    assert there(shop.small, shop.stockholm) == (1, 0, 1)

    counts = [COUNTED, COUNTED | {"quantity": -1}, COUNTED | {"sku": "nothing"}]
    said = tell("counts", counts).json()
    assert (said["applied"], said["refused"]) == (1, 2)


@pytest.mark.parametrize(
    ("row", "status", "code"),
    [
        (CAME | {"sku": "nothing"}, 404, "no_such_variant"),
        (CAME | {"place": "nowhere"}, 404, "no_such_place"),
        (CAME | {"quantity": 0}, 422, "invalid"),
        (CAME | {"to": "stockholm"}, 409, "refused"),
    ],
)
def test_where_nothing_is_left_it_is_an_error(
    tell: Tell, row: object, status: int, code: str
) -> None:
    for rows in ([row], [row, row]):
        answer = tell("movements", rows)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"].startswith("No row was taken in. 0: ")


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b'{"movements": 3}', b"[" * 100_000, b"\xff"])
def test_what_can_not_be_read_is_refused_as_a_whole(tell: Tell, body: bytes) -> None:
    answer = tell("movements", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    many = b'{"movements": [' + b",".join([b"1"] * (bulk_api.MOST_ROWS + 1)) + b"]}"
    assert tell("movements", many).status_code == 422


def test_a_key_that_was_used_for_something_else_spoils_no_other_row(tell: Tell, shop: Shop) -> None:
    assert tell("movements", movements("a", "b")).json()["changes"] == 2
    sent = movements("c") + movements("a", quantity=5) + movements("b")
    said = tell("movements", sent).json()
    assert (said["changes"], said["refused"]) == (1, 1)
    assert said["refused_rows"][0]["row"] == 1
    assert there(shop.small, shop.goteborg) == (3, 0, 3)


def test_what_was_cut_off_in_the_middle_goes_on_where_it_stopped(
    tell: Tell, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_api, "PART", 10)
    rows = movements(*map(str, range(35)))
    left = [2]
    move = actions_movements.move

    def broken(*given: object) -> int:
        if not left[0]:
            raise ConnectionError
        left[0] -= 1
        return move(*given)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(actions_movements, "move", broken)
    with pytest.raises(ConnectionError):
        tell("movements", rows)
    assert there(shop.small, shop.goteborg)[0] == 20
    monkeypatch.setattr(actions_movements, "move", move)
    assert tell("movements", rows).json() == {"changes": 15, "refused": 0, "refused_rows": []}
    assert tell("movements", rows).json()["changes"] == 0
    assert there(shop.small, shop.goteborg)[0] == 35


def test_movements_of_a_level_stand_in_the_ledger_as_they_happened(tell: Tell, shop: Shop) -> None:
    told = [("late", "2026-06-02T10:00:00Z"), ("early", "2026-06-01T10:00:00Z"), ("now", None)]
    tell("movements", [CAME | {"key": key, "at": at} for key, at in told])
    tell("movements", movements(*(f"n{number}" for number in range(1, 10)), quantity=2))
    level = Movement.objects.filter(variant=shop.small, place=shop.goteborg)
    assert list(level.order_by("pk")) == list(level.order_by("at", "pk"))


def test_counts_take_effect_in_the_order_of_their_moments(
    tell: Tell, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_api, "PART", 2)
    hours = [10, 12, 11, 9, 8]
    rows = [COUNTED | {"quantity": hour, "at": f"2026-06-01T{hour:02}:00:00Z"} for hour in hours]
    assert tell("counts", rows).json()["applied"] == 1
    assert there(shop.small, shop.goteborg)[0] == 12
    assert tell("counts", rows).json() == {"applied": 0, "refused": 0, "refused_rows": []}


def test_more_than_a_level_can_say_is_refused_alone(tell: Tell, shop: Shop) -> None:
    Level.objects.create(variant_id=shop.small, place_id=shop.goteborg, on_hand=2**31 - 3)
    said = tell("movements", movements("a", "b", "c", "d")).json()
    assert (said["changes"], said["refused"]) == (2, 2)
    Movement.objects.create(
        variant_id=shop.small, place_id=shop.goteborg, kind="count", on_hand=2**31 - 3, by=""
    )


def test_one_transaction_has_an_end(shop: Shop) -> None:
    now = timezone.now()
    counts = [Count(shop.small, shop.goteborg, 1, now)] * (actions_movements.MOST_LINES + 1)
    with pytest.raises(Refusal):
        actions_movements.count(counts, "ERP")


@pytest.mark.slow
def test_a_hundred_thousand_at_a_time_while_others_hold_and_another_tells_the_same(
    tell: Tell, shop: Shop
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalogue_variant (product_id, sku, options, pictures, position)"
            " SELECT product_id, 'n-' || g, '{}', '{}', 0"
            " FROM catalogue_variant, generate_series(1, 50000) g WHERE sku = 'vinga-38'"
        )
    where = [(f"n-{n}", place) for n in range(1, 50_001) for place in ("goteborg", "boras")]
    where[::100] = [("vinga-38", "goteborg")] * 1_000  # a hot one in every part
    moved = [
        CAME | {"key": f"m{n}", "sku": sku, "place": place} for n, (sku, place) in enumerate(where)
    ]
    counted = [COUNTED | {"sku": sku, "place": place} for sku, place in sorted(set(where))]
    done = Event()

    def buy() -> list[float]:
        took = []
        while not done.wait(0.02):
            begun = time.perf_counter()
            try:
                reserve((shop.small, shop.goteborg, 1))
            except NotEnough:
                continue
            took.append(time.perf_counter() - begun)
        connection.close()
        return took

    def same(rows: list[dict[str, object]]) -> int:
        try:
            return int(tell("movements", rows).json()["changes"])
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        buyer = threads.submit(buy)
        told = [threads.submit(same, rows) for rows in (moved, moved[:10_000])]
        changes = [one.result() for one in told]
        applied = tell("counts", counted).json()["applied"]
        done.set()
        took = sorted(buyer.result())
    assert sum(changes) == 100_000
    assert applied == len(counted)
    assert tell("movements", moved[:10] + moved[-10:]).json()["changes"] == 0
    assert took[len(took) // 2] < 0.5  # seconds that others wait for the hottest level
