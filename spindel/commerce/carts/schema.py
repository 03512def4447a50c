"""Whose cart is asked for, as machines that act for anybody say it."""

from __future__ import annotations

from typing import Annotated

from ninja import Query

from spindel.catalogue.reading import currency_of
from spindel.commerce.common import naming
from spindel.identity import identifiers, ownership
from spindel.identity.rules import NOWHERE
from spindel.kit.refusal import Refusal

Whose = Annotated[str, Query(max_length=1000, description="`kind:value`, such as email:a@b.se")]
USUAL = "SE"  # where no market is said


def named(text: str, market: str | None) -> tuple[int, int]:
    """The customer whose the identifier is, and it."""
    identifier = naming.identifier(text, market or NOWHERE)
    customer = None if identifier is None else identifiers.living(identifier)
    if identifier is None or customer is None:
        raise Refusal("nobody_there")
    return customer, identifier


def under(text: str, market: str | None) -> ownership.Under:
    """The identifier that what is done is written under: it, where it says who she is."""
    return ownership.under(*named(text, market))


def currency(market: str) -> str:
    """What one pays with in the market. Raises Refusal."""
    found = currency_of(market)
    if found is None:
        raise Refusal("bad_market")
    return found
