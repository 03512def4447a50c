"""How orders can be paid: a folder for each provider, all behind the same small interface.

A new one is a folder beside these with a `PROVIDER`, and a line in `_PROVIDERS`. What is asked of
a provider is asked by `checkout_page` (the page where she pays) and `jobs` (all else), never within
a transaction; what is learned from it is kept by `commands`.
"""

from __future__ import annotations

from collections.abc import Collection

from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.payments import elsewhere, giftcard, instore, invoice, stripe, till
from spindel.commerce.payments.interface import Away, NotDone, NotTrue, Provider

__all__ = ["Away", "NotDone", "NotTrue", "Provider", "choices", "is_awaited", "label", "named"]

_PROVIDERS: dict[str, Provider] = {
    one.name: one
    for one in (
        *(till.PROVIDER, instore.PROVIDER, invoice.PROVIDER),
        *(stripe.PROVIDER, elsewhere.PROVIDER, giftcard.PROVIDER),
    )
}


def named(name: str) -> Provider:
    """The provider of that name. Raises KeyError."""
    return _PROVIDERS[name]


def label(name: str) -> str:
    """What people call this way to pay, in their language."""
    found = _PROVIDERS.get(name)
    return str(found.label) if found else name


def is_awaited(name: str) -> bool:
    """Whether an order that is paid this way waits for the money before it is settled."""
    return name in _PROVIDERS and _PROVIDERS[name].awaited


def choices(fulfilments: Collection[str]) -> list[str]:
    """How somebody in the web shop may pay for lines that come in these ways."""
    found = []
    if _PROVIDERS["card"].is_open():
        found.append("card")
    found.append("invoice")
    if fulfilments and set(fulfilments) == {Fulfilment.PICK_UP}:
        found.append("store")
    return found
