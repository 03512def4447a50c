"""Maja's story, played through the collector and the API: what is left of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from django.test import Client

from spindel.catalogue.models import Place, Variant
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.reading import levels as reading_levels
from spindel.demo.nordsko.stocked import put_into_catalogue
from spindel.demo.playing import perform
from spindel.identity import customers
from spindel.staff.actions import create_token
from spindel.staff.models import Scope, User
from spindel.timeline.models import Source, WriteKey
from tests.flows.cast import diary
from tests.telling import tell


class Nordsko:
    """The demo without its servers."""

    def __init__(self) -> None:
        self._secret = create_token("Nordsko demo", list(Scope), None)[1]

    def send(self, source: str, message: Mapping[str, object]) -> None:
        tell([message], key=f"{source}-key")

    def ask(
        self, path: str, body: Mapping[str, object] | None = None, key: str = ""
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._secret}"}
        if key:
            headers["Idempotency-Key"] = key
        method = "GET" if body is None else "POST"
        answer = Client().generic(
            method, path, json.dumps(body), content_type="application/json", headers=headers
        )
        assert answer.status_code in (200, 201), answer.content
        return dict(answer.json())


@pytest.fixture
def nordsko(web: Source, pos: Source) -> Iterator[Nordsko]:
    """Nordsko's shelves as they are at the opening, and its channels."""
    for slug, kind, channel in (("chat", "other", "chat"), ("ads", "ads", "social")):
        made = Source.objects.create(slug=slug, name=slug, kind=kind, channel=channel)
        WriteKey.objects.create(source=made, key=f"{slug}-key")
    put_into_catalogue(date(2025, 11, 20), "http://127.0.0.1:8000")
    yield Nordsko()
    assert reading_levels.verify() == []


def play(nordsko: Nordsko) -> int:
    """Play it as fast as can be; the customer."""
    anonymous = [browser for _, _, browser in perform(nordsko, 1e6)][-1]
    found = customers.by_identifier("anonymous_id", anonymous)
    assert found is not None
    return found


def pairs(sku: str) -> dict[str, int]:
    """What can be sold of it, by place."""
    codes = dict(Place.objects.values_list("pk", "code"))
    levels = reading_levels.levels([Variant.objects.get(sku=sku).pk])
    return {codes[one.place]: one.available for one in levels if one.available}


def test_maja_is_one_customer_whose_page_reads_like_a_diary(nordsko: Nordsko, agent: User) -> None:
    maja = play(nordsko)
    names = [fact.name for fact in customers.timeline(maja).items]
    for once in ("Stock Reserved", "Order Completed", "Item Exchanged", "Reservation Collected"):
        assert names.count(once) == 1
    assert names[0] == "Item Exchanged"
    assert names[-1] == "Ad Clicked"
    told = diary(agent, maja)
    for sentence in (
        "Store Fetched Vinga, 38, white, which was reserved",
        "Reserved Vinga, 38, white in Nordsko Vallgatan until tomorrow",
        "Exchanged Vinga, 38 for 39 in Nordsko Købmagergade, too small",
    ):
        assert sentence in told


def test_afterwards_the_pairs_are_where_she_left_them(nordsko: Nordsko, agent: User) -> None:
    before_38, before_39 = pairs("VINGA-WHT-38"), pairs("VINGA-WHT-39")
    play(nordsko)
    vallgatan, kobenhavn = "goteborg-vallgatan", "kobenhavn-kobmagergade"
    assert pairs("VINGA-WHT-38") == before_38 | {vallgatan: before_38[vallgatan] - 1, kobenhavn: 1}
    assert pairs("VINGA-WHT-39") == before_39 | {kobenhavn: before_39[kobenhavn] - 1}
    assert [hold.state for hold in Hold.objects.all()] == [Hold.State.HANDED_OVER]


def test_it_can_be_played_on_and_on_and_each_time_38_is_sold_out_online(
    nordsko: Nordsko, agent: User
) -> None:
    ships = set(Place.objects.filter(ships=True).values_list("code", flat=True))
    majas = set()
    for _ in range(3):
        story = perform(nordsko, 1e6)
        anonymous = next(browser for _, _, browser in story)
        assert not ships & pairs("VINGA-WHT-38").keys()
        list(story)
        majas.add(customers.by_identifier("anonymous_id", anonymous))
    assert len(majas) == 3


def test_when_her_sizes_are_gone_some_are_delivered_first(nordsko: Nordsko, agent: User) -> None:
    gone = [
        {"key": f"{sku} {place}", "kind": "damage", "sku": sku, "place": place, "quantity": many}
        for sku in ("VINGA-WHT-38", "VINGA-WHT-39")
        for place, many in pairs(sku).items()
    ]
    nordsko.ask("/api/stock/movements", {"movements": gone})
    play(nordsko)
    assert pairs("VINGA-WHT-38") == {"kobenhavn-kobmagergade": 1}
    assert pairs("VINGA-WHT-39") == {}
