"""What Nordsko's people trade with: its goods, stores and customers, as Spindel knows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import count
from random import Random

from spindel.catalogue.models import Place, Variant
from spindel.demo.nordsko import catalogue
from spindel.demo.nordsko.catalogue import PRODUCT
from spindel.demo.nordsko.people import Person, everyone
from spindel.demo.nordsko.seasons import HOME_ZONE, Calendar
from spindel.demo.nordsko.shelves import TOLD, shelves
from spindel.demo.nordsko.town import SHELVES
from spindel.identity import identifiers as whose
from spindel.identity.models import Identifier
from spindel.identity.rules import NOWHERE, normalise
from spindel.kit.money import to_minor

_SEED = 20  # those whom `history` tells of
_MOST = 1_500  # of them
_TRIES = 50


@dataclass(frozen=True, slots=True)
class Buyer:
    """Somebody of the history, and the identifier that what she does is told of."""

    person: Person
    email: str
    whose: int

    @property
    def contact(self) -> dict[str, str]:
        """How to reach her."""
        return {"name": self.person.name, "email": self.email, "phone": self.person.phone}

    @property
    def address(self) -> dict[str, str]:
        """Where she lives."""
        her = self.person
        return {
            "street": her.street,
            "postcode": her.postal_code,
            "city": her.city,
            "country": her.country,
        }

    def by_card(self) -> int:
        """The identifier that a till knows her by."""
        card = normalise("card", self.person.card, NOWHERE)
        found = whose.identifier("card", card) if card else None
        return self.whose if found is None else found


def buyers(day: datetime) -> Iterator[Buyer]:
    """Anna, then others whom the history has made known, in an order that stays."""
    people = everyone(Random(_SEED), _MOST, day.date())
    emails = {normalise("email", one.emails[0], NOWHERE): one for one in people if one.is_plain}
    known = Identifier.objects.filter(kind="email", value__in=[one for one in emails if one])
    ids = dict(known.values_list("value", "pk"))
    for email, person in emails.items():
        if email in ids:
            yield Buyer(person, email, ids[email])


class Trade:
    """The goods and the stores by their names, and what of the opening's pairs is still free."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        self.dice = Random("what Nordsko sells")
        self.variants = dict(Variant.objects.values_list("sku", "pk"))
        self.places = {one.code: one for one in Place.objects.all()}
        self._free = Counter(shelves())
        self._calendar = Calendar(until - timedelta(days=40), until)

    @cached_property
    def buyers(self) -> Iterator[Buyer]:
        """Whom nothing was sold to yet. Anna is the first."""
        return buyers(self.until)

    def ago(self, days: float) -> datetime:
        """A moment so many days ago when people are awake; it is over."""
        at = self.until - timedelta(days=days)
        hour = self._calendar.some_hour(self.dice, self._calendar.on(at.timestamp()))
        if hour < self.until.timestamp():
            return datetime.fromtimestamp(hour, HOME_ZONE)
        return self.until - timedelta(minutes=self.dice.randint(5, 300))

    def open_ago(self, days: int, store: str) -> datetime:
        """A moment in the store's opening hours, so many days ago or the next day it is open."""
        at = (self.until - timedelta(days=days)).timestamp()
        midnight = self._calendar.on(at).midnight
        place = catalogue.STORE[store]
        found = self._calendar.in_store(self.dice, place, midnight)
        return datetime.fromtimestamp(found, HOME_ZONE)

    def choose(self, person: Person, place: str) -> str:
        """A SKU that fits the person and the season, of which the place has another pair, too.

        What the stories tell of is left alone.
        """
        wanted = self._calendar.on(self.until.timestamp()).wanted
        for attempt in count():
            shelf = SHELVES.get((self.dice.choice(wanted), person.woman))
            if not shelf:
                continue
            product = self.dice.choice(shelf)
            # Small stores have few pairs of small sizes: then it is for somebody else.
            size = person.foot if attempt < _TRIES else self.dice.choice(product.sizes)
            variant = product.variant(size, self.dice.choice(product.colours))
            if variant.sku not in TOLD and self._free[variant.sku, place] > 1:
                self.take(variant.sku, place)
                return variant.sku
        raise AssertionError("Counting has no end.")

    def free(self, sku: str, place: str) -> int:
        """How many of the pairs are free."""
        return self._free[sku, place]

    def take(self, sku: str, place: str, pairs: int = 1) -> None:
        """So many are not free any more."""
        self._free[sku, place] -= pairs

    def only_one(self, place: str) -> str:
        """A SKU of which the place has a single pair."""
        return min(
            sku
            for (sku, where), pairs in self._free.items()
            if where == place and pairs == 1 and sku not in TOLD
        )

    def price(self, sku: str, currency: str) -> int:
        """What it costs, in minor units."""
        product = Variant.objects.values_list("product__number", flat=True).get(sku=sku)
        return to_minor(PRODUCT[product].price(currency), currency)
