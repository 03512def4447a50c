"""Nordsko's order book and errands: what there is to see, and what a second start leaves alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from django.utils import timezone

from spindel.catalogue import posts
from spindel.catalogue.models import Place
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.models import Cart
from spindel.commerce.orders.models import Order, Return
from spindel.commerce.quotes.models import Quote
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold, Level, Movement, Promise
from spindel.commerce.stock.reading import levels
from spindel.demo import loading
from spindel.demo.nordsko.ordered import fill_order_book
from spindel.demo.nordsko.people import Person, everyone
from spindel.demo.nordsko.stocked import put_into_catalogue
from spindel.identity import customers
from spindel.identity.models import Identifier
from spindel.staff.models import Role, User
from spindel.store import tasks
from spindel.timeline.models import Fact, Source
from tests.telling import follow, tell

NOW = timezone.now()


@pytest.fixture
def nordsko(web: Source, clerk: User) -> Iterator[None]:
    """Nordsko on its first day, with the first of its customers."""
    User.objects.create_user("elin@nordsko.example", None, role=Role.AGENT, name="Elin")
    people = everyone(Random(20), 200, NOW.date())
    tell([_introduced(number, person) for number, person in enumerate(people)])
    put_into_catalogue(NOW.date(), "http://127.0.0.1:8000")
    loading.open_day(NOW)
    follow()
    yield
    assert levels.verify() == []


def _introduced(number: int, person: Person) -> dict[str, object]:
    return {
        "type": "identify",
        "messageId": f"hello-{number}",
        "userId": f"u-{person.number}",
        "traits": person.traits(person.emails[0]),
    }


def anna() -> int:
    found = customers.by_identifier("email", "anna@example.com")
    assert found is not None
    return found


def everything() -> dict[str, list[object]]:
    """All that is kept of the trade."""
    kept = (Order, Hold, Level, Movement, Quote, Return, Promise, Cart, Fact)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in kept}


def test_the_order_book_has_a_month_of_orders_in_every_state(nordsko: None) -> None:
    orders = Order.objects.all()
    assert 60 <= orders.count() <= 75
    assert all(NOW - timedelta(days=31) < one.placed_at <= timezone.now() for one in orders)
    assert len({one.placed_at.date() for one in orders}) > 15
    assert {one.channel for one in orders} == {"web", "app", "phone", "store"}
    states = Counter(one.state for one in orders)
    assert (states["awaiting"], states["cancelled"]) == (1, 1)
    assert states["confirmed"] > 15
    assert orders.filter(identifier__kind="receipt").count() >= 5
    sent = orders.filter(shipments__carrier__gt="").exclude(shipments__tracking="")
    assert sent.filter(shipments__arrived_at=None).count() >= 5
    assert sent.exclude(shipments__arrived_at=None).count() >= 5
    partly = [
        one for one in sent if one.state == "confirmed" and one.lines.filter(delivered=0).exists()
    ]
    assert partly
    assert Identifier.objects.filter(kind="email").count() == 200  # only known people trade
    assert Return.objects.filter(exchange=None).count() == 2
    assert Return.objects.exclude(exchange=None).count() == 1


def test_every_store_has_something_to_set_aside_and_to_hand_over(nordsko: None) -> None:
    for store in Place.objects.filter(hands_over=True):
        waiting = Counter((one.order != "", one.set_aside) for one in tasks.of_place(store, "sv"))
        assert waiting[False, False] >= 2
        assert waiting[False, True] >= 2
        assert waiting[True, False] >= 1
        assert waiting[True, True] >= 1


def test_anna_has_something_of_everything(nordsko: None) -> None:
    ids = customers.spans(anna())
    hers = Order.objects.filter(identifier__in=[id for id, _, _ in ids])
    assert sorted(hers.values_list("channel", flat=True)) == ["store", "web"]
    assert hers.get(channel="web").shipments.get().arrived_at is None
    hold = Hold.objects.get(identifier__in=[id for id, _, _ in ids], state="active")
    assert (hold.place.code, hold.set_aside_at is not None) == ("goteborg-vallgatan", True)
    cart = carts.open_of(anna())
    assert cart
    lines = carts.view(cart.pk, "sv").open_lines
    assert [[note.code for note in line.notes] for line in lines] == [[], ["sold_out"]]
    quote = Quote.objects.get()
    assert (quote.by, quote.state, quote.mailed) == ("Oskar", "sent", True)


def test_what_went_wrong_is_there_too(nordsko: None) -> None:
    promise = Promise.objects.get()
    assert (promise.user.name, promise.seen_at) == ("Elin", None)
    assert promise.next is not None
    assert Cart.objects.exclude(abandoned_at=None).count() == 2
    below = Level.objects.get(on_hand__lt=0)
    assert (below.place.code, below.on_hand) == ("stockholm-gotgatan", -1)


def test_the_clerk_works_in_vallgatan(nordsko: None) -> None:
    store = posts.today(User.objects.get(name="Oskar"))
    assert store is not None
    assert store.code == "goteborg-vallgatan"


def test_a_second_start_changes_nothing_nor_does_going_on_after_an_interrupted_one(
    nordsko: None,
) -> None:
    before = everything()
    loading.open_day()
    fill_order_book(NOW, User.objects.get(name="Elin"), User.objects.get(name="Oskar"))
    assert everything() == before


def test_a_store_that_has_nothing_left_to_do_gets_something_and_others_do_not(
    nordsko: None,
) -> None:
    linne = Place.objects.get(code="goteborg-linne")
    before = Hold.objects.count()
    for hold in Hold.objects.filter(place=linne, order_line_id=None):
        holds.hand_over(hold.pk, "Oskar")
    loading.open_day()
    new = Hold.objects.order_by("pk")[before:]
    assert {one.place_id for one in new} == {linne.pk}
    assert len(new) == 5
