"""Whoever watches over it hears of a level that does not add up."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from typer.testing import CliRunner

from spindel.commerce.stock import jobs
from spindel.commerce.stock.models import Hold, Level, StockCheck
from spindel.commerce.stock.reading import levels
from spindel.console import health
from spindel.run import cli
from spindel.run.doctor import _lagging
from tests.commerce.conftest import Shop
from tests.commerce.stock.cast import deliver, soon


def test_the_command_the_gauge_and_the_doctor_tell_of_a_wrong_level(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(shop.small, shop.goteborg, 2)
    good = CliRunner().invoke(cli.app, ["stock", "verify"])
    assert (good.exit_code, good.stdout.strip()) == (0, "1 levels, 0 that do not add up.")
    Level.objects.update(on_hand=3)
    StockCheck.objects.all().delete()
    jobs.prove()
    monkeypatch.setattr(health, "_kept", (-10.0, []))
    page = Client().get("/metrics").content.decode()
    assert "spindel_stock_wrong_levels 1.0" in page
    assert (
        next(well for well, text in _lagging() if text.startswith("stock: 1 of 1 levels")),
        any(well for well, _ in _lagging()),
    ) == (False, True)
    wrong = CliRunner().invoke(cli.app, ["stock", "verify"])
    assert wrong.exit_code == 1
    assert "on hand 3, moved 2" in wrong.output
    Level.objects.update(on_hand=2)


def test_a_hold_that_counts_in_no_level_is_told_of(shop: Shop) -> None:
    where = {"variant_id": shop.small, "place_id": shop.goteborg}
    hold = Hold.objects.create(
        **where, quantity=1, until=soon(), key=uuid.uuid4(), line=0, content=uuid.uuid4()
    )
    (wrong,) = levels.verify()
    assert (wrong.variant, wrong.place) == (shop.small, shop.goteborg)
    assert (wrong.held, wrong.held_by_holds) == (0, 1)
    hold.delete()
