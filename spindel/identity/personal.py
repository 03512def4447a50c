"""What identity holds about a customer: what she is recognised by, and what is known of her."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from spindel.identity import customers
from spindel.kit.register import Holding, Subject


def _tell_identifiers(who: Subject) -> Iterator[Mapping[str, object]]:
    for row in customers.profile(who.customer).identifiers:
        told: dict[str, object] = {"kind": row.kind, "value": row.value}
        told |= {"since": row.since, "until": row.until}
        if row.evidence:
            told["seen_with"] = f"{row.evidence.with_kind}:{row.evidence.with_value}"
            told["seen_at"] = row.evidence.at
        yield told


def _tell_traits(who: Subject) -> Iterator[Mapping[str, object]]:
    for row in customers.profile(who.customer).traits:
        for told in row.history:
            yield {
                "name": row.name,
                "value": told.value,
                "source": told.source,
                "first_at": told.first_at,
                "last_at": told.last_at,
                "corrected": told.corrected,
            }


def _nothing(who: Subject, limit: int | None) -> int:
    """`forgetting.erase` takes all of identity at once, as the last of the domains."""
    return 0


HOLDINGS = (
    Holding(
        name=_("Identifiers"),
        tables=(
            "identity_customer",
            "identity_identifier",
            "identity_tenure",
            "identity_link",
            "identity_cut",
            "identity_lookup",
        ),
        tell=_tell_identifiers,
        forget=_nothing,
    ),
    Holding(
        name=_("Details"),
        tables=("identity_trait",),
        tell=_tell_traits,
        forget=_nothing,
    ),
)
FREE = {
    "identity_forgetting": "a count and a sealed key",
    "identity_forgotten": "hashes that only the sealed key leads back to somebody",
}
