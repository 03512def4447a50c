"""What a customer was promised, with the goods in words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from spindel.catalogue.models import Product
from spindel.catalogue.wording import in_language
from spindel.identity import customers
from spindel.offers import promises
from spindel.offers.promises import PromiseView

_MOST = 50


@dataclass(frozen=True, slots=True)
class HerPromise:
    """A promise, and the names of the products that it is on; none: it is on all."""

    promise: PromiseView
    products: list[str]

    @property
    def id(self) -> int:
        """The promise's."""
        return self.promise.id


def of_customer(customer: int, language: str, most: int = _MOST) -> list[HerPromise]:
    """Those of a customer: what is open first, then the newest."""
    return of_identifiers([id for id, _, _ in customers.spans(customer)], language, most)


def of_identifiers(ids: Collection[int], language: str, most: int = _MOST) -> list[HerPromise]:
    """Those of whoever has these identifiers, in the same order."""
    found = promises.of_identifiers(ids, language, most)
    numbers = {number for one in found for number in one.products}
    names = {
        one.number: in_language(one.names, language, one.number)
        for one in Product.objects.filter(number__in=numbers)
    }
    return [HerPromise(one, [names.get(each, each) for each in one.products]) for one in found]
