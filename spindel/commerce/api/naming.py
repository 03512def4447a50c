"""What machines call things by, as what they are here; 404 and 422 for what is not."""

from __future__ import annotations

from collections.abc import Collection

from spindel.catalogue.models import Place, Variant
from spindel.commerce import whose
from spindel.identity.searching import parse_identifier
from spindel.staff.api import Problem


def variants(skus: Collection[str]) -> dict[str, int]:
    """The variants with these SKUs. Raises Problem."""
    found = dict(Variant.objects.filter(sku__in=skus).values_list("sku", "pk"))
    if missing := sorted(set(skus) - found.keys()):
        raise Problem(404, "no_such_variant", f"There is no variant {', '.join(missing[:10])}.")
    return found


def places(codes: Collection[str]) -> dict[str, Place]:
    """The places with these codes. Raises Problem."""
    found = {one.code: one for one in Place.objects.filter(code__in=codes)}
    if missing := sorted(set(codes) - found.keys()):
        raise Problem(404, "no_such_place", f"There is no place {', '.join(missing[:10])}.")
    return found


def identifier(text: str) -> int | None:
    """The identifier that `kind:value` names; None for somebody forgotten. Raises Problem."""
    parsed = parse_identifier(text)
    if parsed is None or "\0" in text:
        raise Problem(422, "bad_identifier", "Write kind:value, such as email:anna@example.com.")
    return whose.identifier(*parsed)
