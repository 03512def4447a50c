"""The town in which Nordsko's customers live: its calendar, its dice and its agenda."""

from collections.abc import Callable, Iterator
from datetime import datetime
from heapq import heapify, heappop, heappush
from itertools import count
from random import Random

from spindel.demo.nordsko.catalogue import PRODUCT, PRODUCTS, Product, Variant
from spindel.demo.nordsko.messages import Sent
from spindel.demo.nordsko.people import Person
from spindel.demo.nordsko.seasons import Calendar, Campaign

DAY = 24 * 3600.0

Deed = Callable[[float], None]


class Town:
    """Everything that is going to happen, in the order in which it will.

    People make plans; a plan whose time has come is carried out: it sends messages and makes more
    plans. So orders are numbered in time, and who is logged in on a browser is known when needed.
    """

    def __init__(
        self,
        start: datetime,
        until: datetime,
        people: list[Person],
        dice: Random,
        numbers_from: int = 0,
    ) -> None:
        self.dice = dice
        self._numbers_from = numbers_from
        self.people = people
        self.calendar = Calendar(start, until)
        self.start = start.timestamp()
        self.until = until.timestamp()
        self.subscribers: dict[str, Person] = {}
        self.logged_in: dict[str, Person] = {}
        self.known_cards: set[str] = set()
        self.members: set[tuple[str, ...]] = set()
        self._numbers: dict[str, Iterator[int]] = {}
        self._order = count()  # of two things at the same time
        self._plans: list[tuple[float, int, Deed]] = []
        self._sent: list[tuple[float, int, Sent]] = []

    def plan(self, at: float, deed: Deed) -> None:
        heappush(self._plans, (at, next(self._order), deed))

    def plan_all(self, deeds: list[tuple[float, Deed]]) -> None:
        self._plans += [(at, next(self._order), deed) for at, deed in deeds]
        heapify(self._plans)

    def send(self, sent: Sent) -> None:
        heappush(self._sent, (sent.at, next(self._order), sent))

    def play(self) -> Iterator[Sent]:
        while self._plans and self._plans[0][0] <= self.until:
            at, _, deed = heappop(self._plans)
            while self._sent and self._sent[0][0] < at:
                yield heappop(self._sent)[2]
            deed(at)
        while self._sent and self._sent[0][0] <= self.until:
            yield heappop(self._sent)[2]

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def subscribe(self, person: Person, email: str) -> None:
        self.subscribers.setdefault(email, person)

    def number(self, series: str, first: int = 1) -> str:
        return (
            f"{series}{next(self._numbers.setdefault(series, count(self._numbers_from + first)))}"
        )

    def years(self, at: float) -> float:
        return (at - self.start) / (365 * DAY)

    def campaign(self, at: float) -> Campaign | None:
        return self.calendar.on(at).campaign


def _shelves() -> dict[tuple[str, bool], list[Product]]:
    shelves: dict[tuple[str, bool], list[Product]] = {}
    for product in PRODUCTS:
        for woman in (True, False):
            if product.audience != ("men" if woman else "women"):
                shelves.setdefault((product.category, woman), []).append(product)
    return shelves


SHELVES = _shelves()


def wanted(town: Town, person: Person, at: float) -> Product:
    """What the season suggests; nearly half the time what she looked at before."""
    if person.wish and town.chance(0.45):
        return PRODUCT[person.wish.product_id]
    if person.child and town.chance(0.2):
        return town.dice.choice(SHELVES["Kids", True])
    category = town.dice.choice(town.calendar.on(at).wanted)
    return town.dice.choice(SHELVES.get((category, person.woman)) or SHELVES["Boots", person.woman])


def choose(town: Town, person: Person, product: Product, at: float) -> Variant:
    size = person.fitting(product, town.years(at))
    if town.chance(0.08):
        size += town.dice.choice((-1, 1))
    if person.wish and person.wish.product_id == product.id:
        return product.variant(size, person.wish.colour)
    return product.variant(size, town.dice.choice(product.colours))
