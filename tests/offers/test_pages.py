"""Offers on pages: what they say in words, what has come of them, given and stopped there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape

import pytest
from django.test import Client
from django.utils import translation

from spindel.offers import actions, wording
from spindel.offers.models import Offer
from spindel.offers.terms import (
    AmountOff,
    AmountOffEach,
    Benefit,
    FixedPrice,
    Goods,
    Hours,
    PercentOff,
    PiecesForLess,
    Terms,
)
from spindel.staff.models import Role
from tests.console.conftest import as_role, text
from tests.offers.cast import STOCKHOLM

__all__ = ["as_role"]

As = Callable[[Role], Client]


def keep(key: str) -> Offer:
    return actions.keep(key, Terms(names={"en": key}, benefit=PercentOff(1_000)), by="astrid")


def read(client: Client, path: str) -> str:
    return " ".join(unescape(text(client.get(path))).split())


@pytest.mark.parametrize(
    ("benefit", "said"),
    [
        (PercentOff(1_250), "12,5 % rabatt"),
        (AmountOffEach({"SEK": 5_000}), "50 kr av på varje"),
        (FixedPrice({"SEK": 39_900, "DKK": 29_900}), "399 kr / 299 Dkr styck"),
        (PiecesForLess(3), "3 för 2"),
        (PiecesForLess(2, rate=5_000), "av varje 2 den billigaste med 50 % rabatt"),
        (AmountOff({"SEK": 10_000}), "100 kr av på alltihop"),
    ],
)
def test_what_it_gives_is_said_in_words(benefit: Benefit, said: str) -> None:
    with translation.override("sv"):
        words = wording.gives(Terms(names={"sv": "Rea"}, benefit=benefit))
    assert words.replace("\N{NO-BREAK SPACE}", " ") == said


def test_what_it_takes_is_said_in_words() -> None:
    terms = Terms(
        names={"en": "Sale"},
        benefit=PercentOff(1_000),
        goods=Goods(
            categories=frozenset({"a", "b", "c", "d", "e"}),
            without_brands=frozenset({"Vinga"}),
            without_sale=True,
        ),
        markets=frozenset({"SE", "DK"}),
        since=datetime(2024, 3, 2, 23, tzinfo=UTC),
        until=datetime(2024, 3, 10, 9, 30, tzinfo=UTC),
        hours=Hours(frozenset({5})),
        minimum={"SEK": 50_000},
        least_pieces=2,
        needs_code=True,
        most_each=1,
        most_uses=100,
        budget={"SEK": 1_000_000},
    )
    with translation.override("en"):
        found = [one.replace("\N{NO-BREAK SPACE}", " ") for one in wording.conditions(terms)]
    assert found == [
        "a, b, c and 2 more",
        "not Vinga",
        "not in the sale",
        "in DK, SE",
        "from 3 March 2024",
        "until 10 March 2024 10:30",
        "Fri",
        "from SEK 500",
        "from 2 pieces",
        "with a code",
        "1 time each",
        "100 times in all",
        "SEK 10,000 in all",
    ]
    assert wording.conditions(Terms(names={"en": "Sale"}, benefit=PercentOff(1))) == []


def test_a_marketer_gives_pauses_and_ends_an_offer(as_role: As) -> None:
    marketer = as_role(Role.MARKETER)
    assert "No offers yet" in read(marketer, "/offers/")
    keep("spring")
    actions.add_code("spring", "SPRING20")
    actions.make_codes("spring", 3, "astrid")
    page = read(marketer, "/offers/spring/")
    assert "SPRING20" in page
    assert "3 of 3 not used yet" in page
    for state, said in (("live", "in every channel"), ("paused", "nobody gets it now")):
        asked = {"state": state, "sure": "yes"}
        answer = marketer.post("/offers/spring/state/", asked, follow=True)
        assert said in answer.content.decode()
        assert Offer.objects.get().state == state
    assert "spring" in read(marketer, "/offers/?state=paused")
    assert "No offer is like this" in read(marketer, "/offers/?state=live")
    marketer.post("/offers/spring/state/", {"state": "ended"})
    answer = marketer.post("/offers/spring/state/", {"state": "live"}, follow=True)
    assert "The offer has ended. Make a new one." in answer.content.decode()
    assert Offer.objects.get().state == "ended"


def test_what_is_no_state_and_no_offer_is_not_found(as_role: As) -> None:
    marketer = as_role(Role.MARKETER)
    keep("spring")
    assert marketer.post("/offers/spring/state/", {"state": "draft"}).status_code == 404
    assert marketer.post("/offers/autumn/state/", {"state": "live"}).status_code == 404
    assert marketer.get("/offers/autumn/").status_code == 404
    assert marketer.get("/offers/?state=what&after=!").status_code == 200


def test_a_hundred_offers_are_two_pages(as_role: As) -> None:
    for number in range(60):
        keep(f"offer-{number:02}")
    analyst = as_role(Role.ANALYST)
    first = text(analyst.get("/offers/"))
    assert first.count('class="offer-row"') == 50
    assert "after=offer-49" in first
    assert text(analyst.get("/offers/?after=offer-49")).count('class="offer-row"') == 10
    assert as_role(Role.CLERK).post("/offers/offer-00/state/", {"state": "live"}).status_code == 403


def test_a_name_from_outside_is_text(as_role: As) -> None:
    hostile = "<script>alert(1)</script>"
    terms = Terms(names={"en": hostile}, benefit=PercentOff(1))
    actions.keep("bad", terms, by=hostile, why=hostile)
    marketer = as_role(Role.MARKETER)
    for path in ("/offers/", "/offers/bad/"):
        assert hostile not in text(marketer.get(path))


def test_the_calendar_shows_which_offers_are_given_in_which_weeks(as_role: As) -> None:
    for key, since, until in (
        ("whole", (2026, 2, 25), (2026, 8, 1)),
        ("short", (2026, 3, 10), (2026, 3, 16)),
        ("later", (2026, 6, 8), None),
    ):
        terms = Terms(
            names={"en": key},
            benefit=PercentOff(1_000),
            since=datetime(*since, 12, tzinfo=UTC),
            until=datetime(*until, tzinfo=STOCKHOLM) if until else None,
        )
        actions.keep(key, terms, by="astrid")
    analyst = as_role(Role.ANALYST)
    page = text(analyst.get("/offers-calendar/?from=2026-03-04"))
    assert "from-1 weeks-13" in page
    assert "from-2 weeks-1" in page
    assert "later" not in page
    assert "from-13 weeks-1" in text(analyst.get("/offers-calendar/?from=2026-03-16"))
    assert "No offers in these weeks" in text(analyst.get("/offers-calendar/?from=2020-01-01"))
    assert analyst.get("/offers-calendar/?from=never").status_code == 200
