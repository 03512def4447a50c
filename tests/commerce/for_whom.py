"""People of the shop who act for somebody."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client

from spindel.catalogue.models import Place
from spindel.identity import customers
from spindel.staff.models import Scope, User
from tests.commerce.carts.cast import at_shop as at_shop  # a fixture
from tests.commerce.conftest import Shop
from tests.commerce.stock.cast import deliver
from tests.console.conftest import text
from tests.flows.cast import Machine
from tests.shopping import Come
from tests.store.cast import Tablet

PART = {"HX-Request": "true"}


@dataclass(frozen=True)
class Victim:
    """Somebody with an address and a number, and a stranger who says that both are hers."""

    way: str
    n: int
    by_phone: bool = False

    @property
    def email(self) -> str:
        return f"anna.{self.n}@example.se"

    @property
    def phone(self) -> str:
        return f"+4670123450{self.n}"

    @property
    def named(self) -> str:
        return f"phone:{self.phone}" if self.by_phone else f"email:{self.email}"

    @property
    def other(self) -> str:
        return f"email:{self.email}" if self.by_phone else f"phone:{self.phone}"

    @property
    def stranger(self) -> str:
        return f"user_id:mallory-{self.n}"

    @property
    def customer(self) -> int:
        kind, _, value = self.named.partition(":")
        found = customers.by_identifier(kind, value)
        assert found is not None
        return found

    @property
    def contact(self) -> dict[str, str]:
        return {"name": f"Anna {self.n}", "email": self.email, "phone": self.phone}


@dataclass(frozen=True)
class Staff:
    """An agent at her console, a clerk at his tablet, and a machine that acts for anybody."""

    shop: Shop
    maja: Client
    tablet: Tablet
    machine: Machine

    def found(self, her: Victim) -> None:
        """She has said on the telephone who she is."""
        text(self.maja.get("/customers/found/", {"q": her.named.partition(":")[2]}))

    def looked_up(self, her: Victim) -> None:
        self.tablet.get(f"/store/customers/?q={her.named.partition(':')[2].replace('+', '%2B')}")


@pytest.fixture
def staff(at_shop: Come, shop: Shop, maja: Client, clerk: User) -> Staff:
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    for place in (shop.goteborg, shop.warehouse):
        deliver(shop.small, place, 50)
    return Staff(shop, maja, Tablet(clerk).at("goteborg"), Machine(*Scope))


def told(number: str, *parts: dict[str, str], user: str = "") -> list[dict[str, object]]:
    who = {"userId": user} if user else {}
    return [
        {"type": "identify", "messageId": f"{number} {at}", "traits": one, **who}
        for at, one in enumerate(parts)
    ]
