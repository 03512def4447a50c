"""No job stops another, no row stops the others of its job; and whatever fails says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from spindel.commerce.carts import actions as cart_actions
from spindel.commerce.carts.models import Cart
from spindel.commerce.payments import commands
from spindel.commerce.payments.models import PaymentCommand
from spindel.console import health
from spindel.kit import background
from spindel.kit.background import Job, Turns
from spindel.kit.models import Failure
from spindel.run.doctor import _lagging
from tests.commerce.carts.cast import at_shop as at_shop  # a fixture
from tests.commerce.conftest import Shop
from tests.commerce.conftest import shop as shop
from tests.commerce.payments.conftest import Buying, hurry
from tests.commerce.payments.conftest import anna as anna
from tests.commerce.payments.conftest import bank as bank
from tests.commerce.payments.conftest import work as ask_providers
from tests.commerce.payments.standing import StandingBank
from tests.shopping import AtShop
from tests.working import work

Come = Callable[..., AtShop]


def _raise() -> bool:
    raise ZeroDivisionError("with something personal")


def _turn(*turns: Turns) -> None:
    for one in turns:
        one.take()


def test_a_job_that_always_raises_stops_no_other_and_is_shown(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    bad = Turns(Job(name="test.bad", step=_raise))
    good = Turns(Job(name="test.good", step=lambda: bool(done.append(1))))
    _turn(bad, good)
    _turn(bad, good)
    assert done == [1, 1]
    failure = Failure.objects.get()
    assert (failure.job, failure.row, failure.error) == ("test.bad", 0, "ZeroDivisionError")
    assert failure.attempts == 1, "it waits before it is tried again"
    assert "personal" not in failure.place
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()["background"]) == (200, "failing: test.bad")
    said = [text for well, text in _lagging() if not well]
    assert any(text.startswith("job test.bad: failing with ZeroDivisionError") for text in said)
    monkeypatch.setattr(health, "_kept", (-10.0, []))
    page = Client().get("/metrics").content.decode()
    assert 'spindel_job_failing{job="test.bad"} 1.0' in page


def test_a_job_that_was_mended_is_not_shown_any_more(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "_FIRST_PAUSE", 0.0)
    faults = [True, True, False]
    turns = Turns(Job(name="test.bad", step=lambda: faults.pop(0) and _raise()))
    _turn(turns, turns)
    assert Failure.objects.get().attempts == 2
    _turn(turns)
    assert not Failure.objects.exists()
    assert Client().get("/healthz").json()["background"] == "ok"


def test_what_is_done_on_the_clock_waits_for_its_time(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(background.time, "monotonic", lambda: now[0])
    done: list[float] = []
    more = [True, False, False]

    def step() -> bool:
        done.append(now[0])
        return more.pop(0)

    turns = Turns(Job(name="test.hourly", step=step, every=timedelta(hours=1)))
    for seconds in (0, 21, 22, 23, 4_000):
        now[0] = 100.0 + seconds
        _turn(turns)
    assert done == [121.0, 122.0, 4_100.0], "what is left of a piece is done at once"


def test_a_row_that_always_fails_stops_no_other_and_is_shown(
    at_shop: Come, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("phone", "laptop", "tablet"):
        at_shop(name).add("vinga-38")
    first, *others = Cart.objects.order_by("pk")
    Cart.objects.update(changed_at=timezone.now() - timedelta(hours=2))
    Cart.objects.filter(pk=first.pk).update(changed_at=timezone.now() - timedelta(hours=3))
    abandon = cart_actions.abandon

    def but_the_first(cart: int) -> None:
        if cart == first.pk:
            raise ZeroDivisionError
        abandon(cart)

    with monkeypatch.context() as broken:
        broken.setattr(cart_actions, "abandon", but_the_first)
        job = next(one for one in background.jobs() if one.name == "commerce.carts_abandoned")
        monkeypatch.setattr(background, "PART", 1)
        while job.step():
            pass
    left = Cart.objects.filter(abandoned_at=None)
    assert [one.pk for one in left.all()] == [first.pk]
    failure = Failure.objects.get()
    assert (failure.job, failure.row) == ("commerce.carts_abandoned", first.pk)
    assert failure.due > timezone.now()
    assert any(f", row {first.pk}: failing" in text for _, text in _lagging())
    Failure.objects.update(due=timezone.now())
    work("commerce")
    assert not left.exists()
    assert len(others) == 2


def test_a_row_that_failed_and_has_nothing_to_be_done_any_more_is_not_shown(
    db: None,
) -> None:
    Failure.objects.create(job="test.rows", row=7, error="ZeroDivisionError")
    Failure.objects.create(
        job="test.rows", row=8, error="ZeroDivisionError", due=timezone.now() + timedelta(hours=1)
    )
    assert not background.each("test.rows", lambda most, without: [], lambda row: None)
    assert [one.row for one in Failure.objects.all()] == [8], "that one is not tried yet"


def test_a_row_that_is_due_and_fails_by_a_fault_of_ours_is_put_off_and_stops_no_other(
    anna: Buying, bank: StandingBank, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = anna.order("invoice")
    PaymentCommand.objects.all().delete()
    asked = [
        PaymentCommand.objects.create(
            payment=payment, kind="capture", amount=amount, key=f"{amount:032}"
        )
        for amount in (1, 2)
    ]
    PaymentCommand.objects.filter(pk=asked[1].pk).update(payment=anna.order("invoice"))
    carry_out = commands.carry_out

    def broken(*words: object) -> object:
        if words[2] == asked[0]:
            raise ZeroDivisionError
        return carry_out(*words)  # type: ignore[arg-type]  # as it was called

    with monkeypatch.context() as fault:
        fault.setattr(commands, "carry_out", broken)
        ask_providers()
    first, second = PaymentCommand.objects.filter(pk__in=[one.pk for one in asked]).order_by("pk")
    assert (first.done_at, first.failed_at, first.error) == (None, None, "ZeroDivisionError")
    assert second.done_at is not None
    assert Failure.objects.get().row == first.pk
    hurry()
    ask_providers()
    first.refresh_from_db()
    assert first.done_at is not None
    assert not Failure.objects.exists()
