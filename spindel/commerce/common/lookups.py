"""What machines call things by, as what they are here; 404 and 422 for what is not."""

from __future__ import annotations

from collections.abc import Collection

from ninja import Schema

from spindel.catalogue.models import Place, Variant
from spindel.identity import customers
from spindel.identity import identifiers as identity_identifiers
from spindel.identity.rules import NOWHERE, Key
from spindel.identity.searching import parse_identifier
from spindel.kit.refusal import Refusal


def variants(skus: Collection[str]) -> dict[str, int]:
    """The variants with these SKUs. Raises Refusal."""
    found = dict(Variant.objects.filter(sku__in=skus).values_list("sku", "pk"))
    if missing := sorted(set(skus) - found.keys()):
        raise Refusal("no_such_variant", names=", ".join(missing[:10]))
    return found


def places(codes: Collection[str]) -> dict[str, Place]:
    """The places with these codes. Raises Refusal."""
    found = {one.code: one for one in Place.objects.filter(code__in=codes)}
    if missing := sorted(set(codes) - found.keys()):
        raise Refusal("no_such_place", names=", ".join(missing[:10]))
    return found


def country(body: Schema) -> str:
    """The country of telephone numbers that are written without one: the market, if that is said.

    Not the market that is meant where none is said: a number may be that of somebody else there.
    """
    return str(body.dict(exclude_unset=True).get("market", NOWHERE))


def identifier(text: str, country: str) -> int | None:
    """The identifier that `kind:value` names; None for somebody forgotten. Raises Refusal.

    A telephone number has its country's code, or is of the country: of a market or a place.
    """
    return identity_identifiers.identifier(*_key(text, country))


def identifiers(text: str) -> list[int]:
    """All identifiers of whoever has the one that `kind:value` names. Raises Refusal."""
    customer = customers.by_identifier(*_key(text, NOWHERE))
    return [] if customer is None else [id for id, _, _ in customers.spans(customer)]


def _key(text: str, country: str) -> Key:
    parsed = parse_identifier(text, country)
    if parsed is not None and "\0" not in text:
        return parsed
    raise Refusal("bad_identifier")
